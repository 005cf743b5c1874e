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

use crate::minify::minify;
use crate::setup::{self, WASM};
use crate::shell::{cargo, root, run as run_command};
use crate::sizes;

/// In index.html, what stands between these two is for a page that is not built.
const UNBUILT: [&str; 2] = ["<!-- unbuilt -->", "<!-- /unbuilt -->"];

/// What takes its place.
const LOADING: &str = "<p>Loading…</p>\n      <noscript><p>Kvorum runs in the browser: \
                       it needs JavaScript and WebAssembly.</p></noscript>";

/// A WebAssembly module of the site.
struct Module {
    /// The binary, the feature and the profile that it is built with.
    name: &'static str,
    feature: &'static str,
    profile: &'static str,
    /// The script with a stable name that loads it.
    loader: &'static str,
    /// For whom.
    what: &'static str,
}

/// The page's module is small, the one for scripts fast; the page doesn't load that.
const MODULES: [Module; 2] = [
    Module {
        name: "kvorum-web",
        feature: "web",
        profile: "web",
        loader: "kvorum.js",
        what: "Loads the page: `import { ready } from \"./kvorum.js\"; await ready;`",
    },
    Module {
        name: "kvorum-api",
        feature: "api",
        profile: "api",
        loader: "kvorum-api.js",
        what: "Loads the engine: `import { Kvorum, ready } from \"./kvorum-api.js\"; await ready;`",
    },
];

impl Module {
    /// Compiles it, and returns where it is then.
    fn build(&self) -> Result<PathBuf> {
        let Module {
            name,
            feature,
            profile,
            ..
        } = self;
        let config = format!("target.{WASM}.rustflags={:?}", remaps()?);
        let what = [
            "--no-default-features",
            "--features",
            feature,
            "--bin",
            name,
        ];
        let how = ["build", "--locked", "--profile", profile, "--target", WASM];
        run_command(&mut cargo(
            &[&how[..], &what, &["--config", &config]].concat(),
        ))?;
        let folder = target_folder().join(WASM).join(profile);
        Ok(folder.join(name).with_extension("wasm"))
    }
}

/// Options of rustc that keep the paths of this machine out of the messages of a panic.
fn remaps() -> Result<Vec<String>> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cargo")));
    let sources = home
        .context("neither CARGO_HOME nor HOME is set")?
        .join("registry/src");
    let folders = fs::read_dir(&sources).with_context(|| sources.display().to_string())?;
    let mut remaps = folders
        .map(|folder| {
            Ok(format!(
                "--remap-path-prefix={}=crates",
                folder?.path().display()
            ))
        })
        .collect::<Result<Vec<_>>>()?;
    remaps.sort();
    Ok(remaps)
}

/// Builds dist/, unless it is up to date, and prints its sizes.
pub fn run() -> Result<()> {
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
    if dist.exists()
        && let Ok(kept) = fs::read_to_string(&stamp)
        && let Some(table) = kept.strip_prefix(&inputs)
    {
        println!("dist/ is up to date\n{table}");
        return Ok(());
    }

    let scripts = modules
        .iter()
        .map(|wasm| bindgen(wasm))
        .collect::<Result<Vec<_>>>()?;
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

/// Puts the site together: what stands in www/, the page, the loaders and what they load.
/// `scripts` are the files of each module.
fn site(sources: &Files, index: &str, scripts: Vec<Files>) -> Result<Files> {
    let mut files = sources.clone();
    let mut page = index.to_owned();
    for sheet in stylesheets(index) {
        let bytes = sources
            .get(sheet)
            .with_context(|| format!("index.html names {sheet}, which is not in www/"))?;
        let small = minify(std::str::from_utf8(bytes)?, false);
        let path = hashed(sheet, small.as_bytes());
        files.insert(path.clone(), small.into());
        page = page.replace(&format!("href=\"{sheet}\""), &format!("href=\"{path}\""));
    }
    let start = page
        .find(UNBUILT[0])
        .context("index.html: no unbuilt part")?;
    let end = page
        .find(UNBUILT[1])
        .context("index.html: no unbuilt end")?;
    page.replace_range(start..end + UNBUILT[1].len(), LOADING);
    for (module, scripts) in MODULES.iter().zip(scripts) {
        let [glue, wasm] = ["js", "wasm"].map(|extension| match extension {
            "js" => format!("{}.js", module.name),
            _ => format!("{}_bg.wasm", module.name),
        });
        let mut assets = BTreeMap::new();
        for (name, bytes) in scripts {
            let bytes = match name == glue {
                true => minify(std::str::from_utf8(&bytes)?, true).into(),
                false => bytes,
            };
            // Scripts that the glue imports stand in folders that carry a hash already.
            let own = name == glue || name == wasm;
            let path = format!("assets/{name}");
            let path = if own { hashed(&path, &bytes) } else { path };
            files.insert(path.clone(), bytes);
            assets.insert(name, path);
        }
        let (glue, wasm) = (&assets[&glue], &assets[&wasm]);
        if module.loader == MODULES[0].loader {
            let preloads = format!(
                "<link rel=\"modulepreload\" href=\"{glue}\">\n    \
                 <link rel=\"preload\" href=\"{wasm}\" as=\"fetch\" type=\"application/wasm\" crossorigin>\n  </head>"
            );
            ensure!(page.contains("</head>"), "index.html: no </head>");
            page = page.replacen("  </head>", &format!("    {preloads}"), 1);
        }
        files.insert(module.loader.into(), loader(module, glue, wasm).into());
    }
    files.insert("index.html".into(), page.into());
    Ok(files)
}

/// The script with a stable name.
fn loader(module: &Module, glue: &str, wasm: &str) -> String {
    let what = module.what;
    format!(
        "// {what}\n\
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
