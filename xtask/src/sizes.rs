//! What the site weighs, file by file.

use std::fmt::Write as _;
use std::io::Write as _;

use anyhow::Result;
use brotli::enc::BrotliEncoderParams;
use flate2::{Compression, write::GzEncoder};

use crate::module::Files;

/// A table of all files: as they are, with `gzip -9` and with `brotli -q 11`; the first load,
/// which is the page and what it names, on top and with its total.
pub fn table(files: &Files) -> Result<String> {
    let mut table = format!("{:>9} {:>9} {:>9}  file\n", "bytes", "gzip -9", "brotli 11");
    let page = String::from_utf8_lossy(&files["index.html"]);
    // A disabled style sheet waits until the page wants it.
    let named = |path: &str, after: &str| page.contains(&format!("=\"{path}\"{after}"));
    let first_load =
        |path: &str| path == "index.html" || named(path, "") && !named(path, " disabled");
    let mut total = [0; 3];
    let mut others = Vec::new();
    for (path, bytes) in files {
        let sizes = [bytes.len(), gzip(bytes)?, brotli(bytes)?];
        if first_load(path) {
            row(&mut table, sizes, path)?;
            for (sum, size) in total.iter_mut().zip(sizes) {
                *sum += size;
            }
        } else {
            others.push((sizes, path));
        }
    }
    row(&mut table, total, "total of the first load")?;
    for (sizes, path) in others {
        row(&mut table, sizes, path)?;
    }
    Ok(table)
}

fn row(table: &mut String, [raw, gzip, brotli]: [usize; 3], name: &str) -> Result<()> {
    Ok(writeln!(table, "{raw:>9} {gzip:>9} {brotli:>9}  {name}")?)
}

fn gzip(bytes: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

fn brotli(bytes: &[u8]) -> Result<usize> {
    let parameters = BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        ..Default::default()
    };
    Ok(brotli::BrotliCompress(
        &mut &bytes[..],
        &mut Vec::new(),
        &parameters,
    )?)
}
