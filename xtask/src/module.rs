//! The site's WebAssembly modules: compiled, cut, bound to JavaScript, made small.
//!
//! The page's module is cut in pieces: what its first screen doesn't need is a file of its own that
//! the page asks for when it does (`src/web/page/on_demand/mod.rs`). The cut is made along the relocations
//! that the linker leaves, before wasm-bindgen changes them: a function that only a split-off one
//! can reach goes with it. All pieces run in one memory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, Result, anyhow, ensure};
use wasm_split_cli_support as wasm_split;

use crate::minify::minify;
use crate::names;
use crate::setup::{self, WASM};
use crate::shell::{cargo, command, read_tree, run, target_folder};

/// Files by path.
pub type Files = BTreeMap<String, Vec<u8>>;

/// A WebAssembly module of the site.
pub struct Module {
    /// The binary, and the feature and the profile that it is built with.
    name: &'static str,
    feature: &'static str,
    profile: &'static str,
    /// Whether everybody waits for it: it is cut in pieces, and made as small as it gets.
    pub first: bool,
    /// The script with a stable name that loads it.
    pub loader: &'static str,
    /// For whom.
    what: &'static str,
}

/// The page's module is small, the one for scripts fast; the page doesn't load that.
pub const MODULES: [Module; 2] = [
    Module {
        name: "kvorum-web",
        feature: "split",
        profile: "web",
        first: true,
        loader: "kvorum.js",
        what: "Loads the page: `import { ready } from \"./kvorum.js\"; await ready;`",
    },
    Module {
        name: "kvorum-api",
        feature: "api",
        profile: "api",
        first: false,
        loader: "kvorum-api.js",
        what: "Loads the engine: `import { Kvorum, ready } from \"./kvorum-api.js\"; await ready;`",
    },
];

impl Module {
    /// Compiles it, and returns where it is then.
    pub fn build(&self) -> Result<PathBuf> {
        let config = format!("target.{WASM}.rustflags={:?}", remaps()?);
        let how = [
            "rustc",
            "--locked",
            "--no-default-features",
            "--target",
            WASM,
        ];
        let what = ["--profile", self.profile, "--features", self.feature];
        let bin = ["--bin", self.name, "--config", &config];
        let linked: &[&str] = match self.first {
            true => &["--", "-Clink-arg=--emit-relocs"],
            false => &[],
        };
        run(&mut cargo(&[&how[..], &what, &bin, linked].concat()))?;
        let folder = target_folder().join(WASM).join(self.profile);
        Ok(folder.join(self.name).with_extension("wasm"))
    }

    /// The files that the browser gets, from the compiled module; made small, unless that is to be
    /// left out because it takes its time.
    pub fn files(&self, wasm: &Path, optimize: bool) -> Result<Files> {
        let out = target_folder().join("bindgen").join(self.name);
        if out.exists() {
            fs::remove_dir_all(&out)?;
        }
        fs::create_dir_all(&out)?;
        let main = match self.first {
            true => self.cut(wasm, &out)?,
            false => wasm.to_owned(),
        };
        let options = [
            "wasm-bindgen",
            "--target=web",
            "--no-typescript",
            if std::env::var_os("KV_NAMES").is_some() {
                "--keep-debug"
            } else {
                "--remove-name-section"
            },
            "--remove-producers-section",
        ];
        // The pieces are linked to these.
        let keep: &[&str] = if self.first {
            &[
                "--keep-lld-exports",
                // After a trap a fresh instance is made of the same module.
                "--experimental-reset-state-function",
            ]
        } else {
            &[]
        };
        let paths = ["--out-dir".as_ref(), out.as_os_str(), main.as_os_str()];
        let options = options.iter().chain(keep).map(AsRef::as_ref);
        wasm_bindgen_cli::wasm_bindgen::run_cli_with_args(options.chain(paths))?;
        let mut files = Files::new();
        for (name, bytes) in read_tree(&out)? {
            let bytes = match name.rsplit_once('.') {
                Some((_, "wasm")) if optimize && self.first => small(&out.join(&name))?,
                Some((_, "js")) => self.script(&name, std::str::from_utf8(&bytes)?)?.into(),
                _ => bytes,
            };
            files.insert(name, bytes);
        }
        if self.first {
            self.shorten(&mut files)?;
        }
        for (name, script) in &mut files {
            if name.ends_with(".js") {
                *script = minify(script, "js")?;
            }
        }
        Ok(files)
    }

    /// Gives short names to what the module imports from its script.
    fn shorten(&self, files: &mut Files) -> Result<()> {
        let [script, _, wasm] = self.preloaded();
        let from = format!("./{}_bg.js", self.name);
        let text = std::str::from_utf8(files.get(&script).context("no script")?)?;
        let short = names::shorten(files.get(&wasm).context("no module")?, text, &from)?;
        files.insert(wasm, short.0);
        files.insert(script, short.1.into());
        Ok(())
    }

    /// A script as the browser gets it. A piece that isn't there in time hasn't arrived, and what
    /// has stopped can be given up: nothing calls into it any more.
    fn script(&self, name: &str, text: &str) -> Result<String> {
        let lines = text.lines().map(str::trim);
        let mut script: String = lines.flat_map(|line| [line, "\n"]).collect();
        if self.first && name == self.link().trim_start_matches("./") {
            let fetched = "import.meta.url));";
            ensure!(script.contains(fetched), "{name} fetches nothing");
            let in_time = "import.meta.url), { signal: AbortSignal.timeout(30000) });";
            script =
                renewable(&script.replace(fetched, in_time)).with_context(|| name.to_owned())?;
        } else if self.first && name == format!("{}.js", self.name) {
            ensure!(script.contains("wasmInstance, wasm;"), "{name} has no wasm");
            let stale = "throw new Error('Cannot invoke closure from previous WASM instance');";
            ensure!(script.contains(stale), "{name} has no closures");
            script = script.replace(stale, "return;");
            // Only the page's script decides when there is a fresh instance.
            script = script.replace("__wbg_call_guard();\n", "");
            // Nobody would read what it says of a server's headers and of deprecated calls.
            script = script
                .lines()
                .filter(|line| !line.starts_with("console.warn("))
                .flat_map(|line| [line, "\n"])
                .collect();
            let [_, pieces, _] = self.preloaded();
            script += &format!(
                "import {{ renew as renewPieces }} from \"./{pieces}\";\n\
                 export const giveUp = () => {{ wasm = new Proxy({{}}, {{ get: () => () => {{}} }}); }};\n\
                 export const renew = () => {{ renewPieces(); __wbg_reset_state(); return wasm; }};\n"
            );
        }
        Ok(script)
    }

    /// Cuts the linked module, leaves the pieces in `out` and returns where what is left of it is.
    fn cut(&self, wasm: &Path, out: &Path) -> Result<PathBuf> {
        let input = fs::read(wasm)?;
        let main = target_folder().join(self.name).with_extension("wasm");
        let script = format!("./{}.js", self.name);
        let link = self.link();
        let mut options = wasm_split::Options::new(&input);
        options.output_dir = out;
        options.main_out_path = &main;
        options.main_module = &script;
        options.link_name = &link;
        wasm_split::transform(options).map_err(|error| anyhow!("{}: {error:#}", self.name))?;
        Ok(main)
    }

    /// The script that loads the pieces.
    fn link(&self) -> String {
        format!("./{}-pieces.js", self.name)
    }

    /// Of the page: what it has to load before it can show anything: scripts and module, by name.
    pub fn preloaded(&self) -> [String; 3] {
        [
            format!("{}.js", self.name),
            self.link().trim_start_matches("./").to_owned(),
            format!("{}_bg.wasm", self.name),
        ]
    }

    /// The folder of its files in the site, with its content in its name.
    pub fn folder(&self, digest: &str) -> String {
        format!("assets/{}-{digest}", self.name)
    }

    /// The script with a stable name, for files in `folder` of the site's version `build`. What
    /// fails is told by the page's plain script, www/start.js.
    pub fn loader_script(&self, folder: &str, build: &str) -> String {
        let Module { what, name, .. } = self;
        let mut script = format!(
            "// {what}\n\
             import init from \"./{folder}/{name}.js\";\n\
             export * from \"./{folder}/{name}.js\";\n\
             export const build = \"{build}\";\n\
             export const ready = init({{ module_or_path: new URL(\"./{folder}/{name}_bg.wasm\", import.meta.url) }});\n"
        );
        if self.first {
            script += &format!(
                "import {{ giveUp, renew, showFigure }} from \"./{folder}/{name}.js\";\n\
                 const page = globalThis.kvorumPage;\n\
                 if (page) ready.then(({{ memory }}) => page.loaded({{ memory, giveUp, renew, showFigure }}), page.failed);\n"
            );
        }
        script
    }
}

/// The script that loads the pieces, with a function `renew` that forgets all of them: they come again,
/// into a fresh instance of the module. What is still on its way to the instance before is left.
fn renewable(script: &str) -> Result<String> {
    let mut script = script.to_owned();
    for (from, to) in [
        (
            "let sharedImports = undefined;\n",
            "let sharedImports = undefined;\nlet instance = 0;\n\
             export const renew = () => { sharedImports = undefined; instance++; };\n",
        ),
        (
            "return async (callbackIndex, callbackData) => {\n",
            "return async (callbackIndex, callbackData) => {\nconst its = instance;\n",
        ),
        (
            "} finally {\n",
            "} finally {\nif (its !== instance) return;\n",
        ),
        (
            "const loader = async () => {\n",
            "let its;\nconst loader = async () => {\n",
        ),
        (
            "await Promise.all(parallelStuff);\n",
            "const mine = its;\nawait Promise.all(parallelStuff);\n\
             if (mine !== instance) throw new Error(\"given up\");\n",
        ),
        (
            "if (loadingModule === undefined) {\n",
            "if (loadingModule === undefined || its !== instance) {\nits = instance;\n",
        ),
    ] {
        ensure!(script.matches(from).count() == 1, "not once: {from:?}");
        script = script.replace(from, to);
    }
    Ok(script)
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

/// The module in `file`, made small by Binaryen's wasm-opt. (It makes none faster: seen with the
/// engine for scripts.)
fn small(file: &Path) -> Result<Vec<u8>> {
    setup::node_modules()?;
    let out = file.with_extension("small");
    let [from, to] = [file, &out].map(|path| path.to_str().context("file name"));
    let (from, to) = (from?, to?);
    // The linker puts the stack first, and it grows down: no data is in low memory.
    let tool = [
        "node_modules/binaryen/bin/wasm-opt",
        "-Oz",
        "--low-memory-unused",
    ];
    let paths = ["--strip-target-features", from, "-o", to];
    let mut wasm_opt = command("node", &[tool.as_slice(), &paths].concat());
    // What it says of a module that it can make better is of no interest.
    let said = wasm_opt.output().context("can't start node")?;
    let error = String::from_utf8_lossy(&said.stderr);
    ensure!(said.status.success(), "wasm-opt: {error}");
    let bytes = fs::read(&out)?;
    ensure!(!bytes.is_empty(), "wasm-opt left nothing of {from}");
    Ok(bytes)
}
