//! Builds the site: static files with relative paths, for any folder of any plain host.
//!
//! `www/` is copied as it stands. Beside it come index.html, the stable loader `kvorum.js`, and
//! what the loader and the page name by content: the script that wasm-bindgen writes, the wasm, and
//! the page's style sheets. A cache may keep those for ever.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, Result, ensure};

use crate::setup::{self, WASM};
use crate::shell::{cargo, root, run as run_command};
use crate::sizes;

/// In index.html, what stands between these two is for a page that is not built.
const UNBUILT: [&str; 2] = ["<!-- unbuilt -->", "<!-- /unbuilt -->"];

/// What takes its place.
const LOADING: &str = "<p>Loading…</p>\n      <noscript><p>Kvorum runs in the browser: \
                       it needs JavaScript and WebAssembly.</p></noscript>";

/// Builds dist/, unless it is up to date, and prints its sizes.
pub fn run() -> Result<()> {
    setup::wasm_target()?;
    let build = ["build", "--locked", "--profile", "web", "--target", WASM];
    run_command(&mut cargo(&[&build[..], &["--bin", "kvorum-web"]].concat()))?;
    let wasm = target_folder().join(WASM).join("web/kvorum-web.wasm");

    let sources = read_tree(&root().join("www"))?;
    let index = fs::read_to_string(root().join("index.html")).context("index.html")?;
    let (dist, stamp) = (root().join("dist"), target_folder().join("dist-stamp"));
    let inputs = digest(&(
        &sources,
        &index,
        fs::read(&wasm)?,
        fs::read(env::current_exe()?)?,
    ));
    if dist.exists()
        && let Ok(kept) = fs::read_to_string(&stamp)
        && let Some(table) = kept.strip_prefix(&inputs)
    {
        println!("dist/ is up to date\n{table}");
        return Ok(());
    }

    let scripts = bindgen(&wasm)?;
    let files = site(&sources, &index, scripts)?;
    if dist.exists() {
        fs::remove_dir_all(&dist)?;
    }
    for (path, bytes) in &files {
        let file = dist.join(path);
        fs::create_dir_all(file.parent().expect("inside of dist"))?;
        fs::write(&file, bytes)?;
    }
    let table = sizes::table(&files)?;
    fs::write(&stamp, inputs + &table)?;
    println!("dist/ is built\n{table}");
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

/// The files of the site, by path.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Puts the site together: what stands in www/, the page, the loader and what it loads.
fn site(sources: &Files, index: &str, scripts: Files) -> Result<Files> {
    let mut files = sources.clone();
    let mut assets = BTreeMap::new();
    for (name, bytes) in scripts {
        let path = match name.as_str() {
            "kvorum-web.js" | "kvorum-web_bg.wasm" => hashed(&format!("assets/{name}"), &bytes),
            // Scripts that the glue imports, in folders that carry a hash already.
            _ => format!("assets/{name}"),
        };
        assets.insert(name, path.clone());
        files.insert(path, bytes);
    }
    let (glue, wasm) = (&assets["kvorum-web.js"], &assets["kvorum-web_bg.wasm"]);
    let mut page = index.to_owned();
    for sheet in stylesheets(index) {
        let bytes = sources
            .get(sheet)
            .with_context(|| format!("index.html names {sheet}, which is not in www/"))?;
        let path = hashed(sheet, bytes);
        files.insert(path.clone(), bytes.clone());
        page = page.replace(&format!("href=\"{sheet}\""), &format!("href=\"{path}\""));
    }
    let start = page
        .find(UNBUILT[0])
        .context("index.html: no unbuilt part")?;
    let end = page
        .find(UNBUILT[1])
        .context("index.html: no unbuilt end")?;
    page.replace_range(start..end + UNBUILT[1].len(), LOADING);
    let preloads = format!(
        "<link rel=\"modulepreload\" href=\"{glue}\">\n    \
         <link rel=\"preload\" href=\"{wasm}\" as=\"fetch\" type=\"application/wasm\" crossorigin>\n  </head>"
    );
    ensure!(page.contains("</head>"), "index.html: no </head>");
    page = page.replacen("  </head>", &format!("    {preloads}"), 1);
    files.insert("index.html".into(), page.into());
    files.insert("kvorum.js".into(), loader(glue, wasm).into());
    Ok(files)
}

/// The one script with a stable name.
fn loader(glue: &str, wasm: &str) -> String {
    format!(
        "// Loads Kvorum: `import {{ ready }} from \"./kvorum.js\"; await ready;`\n\
         import init from \"./{glue}\";\n\
         export * from \"./{glue}\";\n\
         export const ready = init({{ module_or_path: new URL(\"./{wasm}\", import.meta.url) }});\n\
         ready.catch((error) => {{\n  \
           const app = globalThis.document?.getElementById(\"app\");\n  \
           if (app) app.textContent = `Kvorum could not start: ${{error}}`;\n\
         }});\n"
    )
}

/// The glue and the wasm, as wasm-bindgen makes them for a module.
fn bindgen(wasm: &Path) -> Result<Files> {
    let out = target_folder().join("bindgen");
    if out.exists() {
        fs::remove_dir_all(&out)?;
    }
    let options = [
        "wasm-bindgen",
        "--target=web",
        "--no-typescript",
        "--remove-name-section",
        "--remove-producers-section",
        "--out-dir",
    ];
    let paths = [out.as_os_str(), wasm.as_os_str()];
    let arguments = options.iter().map(AsRef::as_ref).chain(paths);
    wasm_bindgen_cli::wasm_bindgen::run_cli_with_args(arguments)?;
    read_tree(&out)
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

/// Every file under `folder`, by its path there.
fn read_tree(folder: &Path) -> Result<Files> {
    let mut files = Files::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).with_context(|| next.display().to_string())? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder)?.to_str().context("file name")?;
                files.insert(name.replace('\\', "/"), fs::read(&path)?);
            }
        }
    }
    Ok(files)
}

/// Where cargo builds.
fn target_folder() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |to| root().join(to))
}
