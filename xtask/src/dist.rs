//! Builds the site: static files with relative paths, for any folder of any plain host.
//!
//! `www/` is copied as it stands. Beside it come the list of its lessons, index.html, the stable
//! loader `kvorum.js`, and what the loader and the page name by content: a folder for each module,
//! with its scripts and its wasm, and the page's style sheets. A cache may keep those for ever.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::{env, fs};

use anyhow::{Context, Result, ensure};

use crate::minify::minify;
use crate::module::{Files, MODULES, Module};
use crate::shell::{read_tree, root, target_folder};
use crate::{lessons, setup, sizes, words};

/// In index.html, what stands between these two is for a page that is not built.
const UNBUILT: [&str; 2] = ["<!-- unbuilt -->", "<!-- /unbuilt -->"];

/// What takes its place.
const LOADING: &str = "<div class=\"kv-boot\"><p>Loading…</p>\n      \
    <noscript><p>Kvorum runs in the browser: it needs JavaScript and WebAssembly.</p></noscript>\n      \
    <p class=\"late\">Nothing has come for a while. Kvorum needs a browser that runs scripts and \
    WebAssembly, and a server that has all its files. Reload the page to try again.</p></div>";

/// The scripts that the page needs where the others fail; they aren't modules.
const PLAIN: [&str; 3] = ["start.js", "stopped.js", "figures.js"];

/// How much work goes into the modules.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Care {
    /// They run.
    Quick,
    /// They are as small, or as fast, as they get.
    Full,
}

/// Builds dist/, unless it is up to date, and prints its sizes; with full care, a first load above
/// its budget is an error. What was built with full care is
/// good for quick use as well.
pub fn run(care: Care) -> Result<()> {
    setup::wasm_target()?;
    let modules = MODULES
        .iter()
        .map(Module::build)
        .collect::<Result<Vec<_>>>()?;

    let sources = read_tree(&root().join("www"))?;
    let index = fs::read_to_string(root().join("index.html")).context("index.html")?;
    let (dist, stamp) = (root().join("dist"), target_folder().join("dist-stamp"));
    let wasm = modules
        .iter()
        .map(fs::read)
        .collect::<Result<Vec<_>, _>>()?;
    let inputs = digest(&(&sources, &index, wasm, fs::read(env::current_exe()?)?));
    let [full, quick] = ["full", "quick"].map(|care| format!("{inputs} {care}\n"));
    if dist.exists()
        && let Ok(kept) = fs::read_to_string(&stamp)
        && let Some(table) = kept
            .strip_prefix(&full)
            .or_else(|| kept.strip_prefix(&quick).filter(|_| care == Care::Quick))
    {
        println!("dist/ is up to date\n{table}");
        return Ok(());
    }

    let built = MODULES.iter().zip(&modules);
    let built = built
        .map(|(module, wasm)| module.files(wasm, care == Care::Full))
        .collect::<Result<Vec<_>>>()?;
    let files = site(&sources, &index, built)?;
    if dist.exists() {
        fs::remove_dir_all(&dist)?;
    }
    for (path, bytes) in &files {
        let file = dist.join(path);
        fs::create_dir_all(file.parent().expect("inside of dist"))?;
        fs::write(&file, bytes)?;
    }
    let sizes = sizes::measure(&files)?;
    println!("dist/ is built\n{}", sizes.table);
    // Without its stamp it isn't up to date: what is too heavy is so the next time as well.
    let inputs = match care {
        Care::Full => sizes.check().map(|()| full)?,
        Care::Quick => quick,
    };
    fs::write(&stamp, inputs + &sizes.table)?;
    Ok(())
}

/// The Content-Security-Policy in the markup of a page.
pub fn policy(page: &str) -> Result<&str> {
    page.split_once("http-equiv=\"Content-Security-Policy\"")
        .and_then(|(_, rest)| rest.split_once("content=\""))
        .and_then(|(_, rest)| rest.split_once('"'))
        .map(|(policy, _)| policy)
        .context("index.html has no Content-Security-Policy")
}

/// Puts the site together: what stands in www/, the page, the loaders and what they load.
/// `built` are the files of each module.
fn site(sources: &Files, index: &str, built: Vec<Files>) -> Result<Files> {
    let mut files = sources.clone();
    let languages = words::cut(&mut files)?;
    files.insert("lessons/index.json".into(), lessons::index(&files)?.into());
    let mut page = index.to_owned();
    let mut addresses = Vec::new();
    for words::Cut { lang, parts } in languages {
        let paths = ["first", "rest"].map(|part| format!("lang/{lang}.{part}.txt"));
        let paths: Vec<String> = paths
            .iter()
            .zip(parts)
            .map(|(path, part)| {
                let path = hashed(path, part.as_bytes());
                files.insert(path.clone(), part.into());
                path
            })
            .collect();
        addresses.push(format!("{lang} {}", paths.join(" ")));
    }
    page = page.replacen(
        "  </head>",
        &format!(
            "    <meta name=\"kvorum-words\" content=\"{}\">\n  </head>",
            addresses.join(",")
        ),
        1,
    );
    for sheet in stylesheets(index) {
        let bytes = sources
            .get(sheet)
            .with_context(|| format!("index.html names {sheet}, which is not in www/"))?;
        let small = minify(bytes, "css")?;
        let path = hashed(sheet, &small);
        files.insert(path.clone(), small);
        page = page.replace(&format!("href=\"{sheet}\""), &format!("href=\"{path}\""));
    }
    let start = page
        .find(UNBUILT[0])
        .context("index.html: no unbuilt part")?;
    let end = page
        .find(UNBUILT[1])
        .context("index.html: no unbuilt end")?;
    page.replace_range(start..end + UNBUILT[1].len(), LOADING);
    for name in PLAIN {
        let script = sources
            .get(name)
            .with_context(|| format!("no www/{name}"))?;
        files.insert(name.into(), minify(script, "js")?);
    }
    let build = digest(&(&files, &page, &built));
    page = page.replacen(
        "  </head>",
        &format!("    <meta name=\"kvorum-build\" content=\"{build}\">\n  </head>"),
        1,
    );
    for (module, built) in MODULES.iter().zip(built) {
        let folder = module.folder(&digest(&built));
        for (name, bytes) in built {
            files.insert(format!("{folder}/{name}"), bytes);
        }
        if module.first {
            page = preloading(&page, module, &folder)?;
        }
        files.insert(
            module.loader.into(),
            module.loader_script(&folder, &build).into(),
        );
    }
    files.insert("index.html".into(), page.into());
    Ok(files)
}

/// The page, which asks at once for what it needs first of `module`.
fn preloading(page: &str, module: &Module, folder: &str) -> Result<String> {
    let [script, pieces, wasm] = module.preloaded();
    let links = format!(
        "    <link rel=\"modulepreload\" href=\"{folder}/{script}\">\n    \
             <link rel=\"modulepreload\" href=\"{folder}/{pieces}\">\n    \
             <link rel=\"preload\" href=\"{folder}/{wasm}\" as=\"fetch\" type=\"application/wasm\" crossorigin>\n  </head>"
    );
    ensure!(page.contains("  </head>"), "index.html: no </head>");
    Ok(page.replacen("  </head>", &links, 1))
}

/// The style sheets that a page links, all of them its own.
fn stylesheets(page: &str) -> impl Iterator<Item = &str> {
    page.split("<link rel=\"stylesheet\" href=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
}

/// `styles/page.css` with its content in its name: `styles/page-0123456789abcdef.css`.
fn hashed(path: &str, bytes: &[u8]) -> String {
    let (stem, extension) = path.rsplit_once('.').expect("a file with an extension");
    format!("{stem}-{}.{extension}", digest(bytes))
}

/// Sixteen hexadecimal digits that change with `value`.
fn digest(value: &(impl Hash + ?Sized)) -> String {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
