//! Short names for what a module imports from its script.
//!
//! wasm-bindgen calls them `__wbg_addEventListener_847fd86b8c33ec43`. Only the two files read these
//! names, and hashes are what no compression makes smaller: they would be 2 % of the page's first load.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{ImportSection, RawSection};
use wasmparser::{ImportSectionReader, Parser, Payload};

/// The same module and script, in which the module's imports from `from` are called `a0`, `a1`, …
/// In the script each has a line that begins with its name and a colon.
pub fn shorten(wasm: &[u8], script: &str, from: &str) -> Result<(Vec<u8>, String)> {
    let mut names = BTreeMap::new();
    let mut module = wasm_encoder::Module::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload?;
        if let Payload::ImportSection(imports) = payload {
            module.section(&renamed(imports, from, &mut names)?);
        } else if let Some((id, range)) = payload.as_section() {
            let data = &wasm[range.start as usize..range.end as usize];
            module.section(&RawSection { id, data });
        }
    }
    let mut found = 0;
    let lines = script.lines().map(|line| {
        let short = line.trim_start().split_once(':').and_then(|(name, rest)| {
            let short = names.get(name)?;
            Some(format!("{short}:{rest}\n"))
        });
        found += usize::from(short.is_some());
        short.unwrap_or_else(|| format!("{line}\n"))
    });
    let script = lines.collect();
    ensure!(
        found == names.len(),
        "{from}: {found} of {} imports are there",
        names.len()
    );
    Ok((module.finish(), script))
}

/// The imports with short names, which are noted in `names` by the long ones.
fn renamed<'a>(
    imports: ImportSectionReader<'a>,
    from: &str,
    names: &mut BTreeMap<&'a str, String>,
) -> Result<ImportSection> {
    let mut section = ImportSection::new();
    for import in imports.into_imports() {
        let import = import?;
        let ty = RoundtripReencoder.entity_type(import.ty)?;
        if import.module == from {
            let short = format!("a{}", names.len());
            let short = names.entry(import.name).or_insert(short);
            section.import(import.module, short, ty);
        } else {
            section.import(import.module, import.name, ty);
        }
    }
    Ok(section)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::{EntityType, Module, TypeSection};

    fn module(imports: &[(&str, &str)]) -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([], []);
        let mut section = ImportSection::new();
        for (module, name) in imports {
            section.import(module, name, EntityType::Function(0));
        }
        Module::new()
            .section(&types)
            .section(&section)
            .clone()
            .finish()
    }

    #[test]
    fn both_files_get_the_same_names() {
        let long = module(&[
            ("./g.js", "__wbg_b"),
            ("./p.js", "load"),
            ("./g.js", "__wbg_a"),
        ]);
        let script = "const i = {\n__wbg_a: function() {\nreturn {\nc: 1 };\n},\n__wbg_b: f,\n};\n";
        let (wasm, script) = shorten(&long, script, "./g.js").unwrap();
        assert_eq!(
            wasm,
            module(&[("./g.js", "a0"), ("./p.js", "load"), ("./g.js", "a1")])
        );
        assert_eq!(
            script,
            "const i = {\na1: function() {\nreturn {\nc: 1 };\n},\na0: f,\n};\n"
        );
    }

    #[test]
    fn an_import_that_the_script_lacks_is_an_error() {
        let error = shorten(&module(&[("./g.js", "__wbg_b")]), "", "./g.js").unwrap_err();
        assert_eq!(error.to_string(), "./g.js: 0 of 1 imports are there");
    }
}
