//! What the site weighs, file by file.

use std::fmt::Write as _;
use std::io::Write as _;

use anyhow::{Result, ensure};
use brotli::enc::BrotliEncoderParams;
use flate2::{Compression, write::GzEncoder};

use crate::module::Files;

/// What the first load may weigh, in bytes with `brotli -q 11`.
const BUDGET: usize = 300_000;

/// What a site weighs.
pub struct Sizes {
    /// A row for each file.
    pub table: String,
    /// The first load, with `brotli -q 11`.
    first_load: usize,
}

impl Sizes {
    /// Refuses a first load that is too heavy.
    pub fn check(&self) -> Result<()> {
        let first_load = self.first_load;
        ensure!(
            first_load <= BUDGET,
            "the first load weighs {first_load} bytes with brotli 11, {} more than the budget of {BUDGET}",
            first_load - BUDGET
        );
        Ok(())
    }
}

/// A table of all files: as they are, with `gzip -9` and with `brotli -q 11`; the first load,
/// which is the page and what it names, on top and with its total.
pub fn measure(files: &Files) -> Result<Sizes> {
    let mut table = format!("{:>9} {:>9} {:>9}  file\n", "bytes", "gzip -9", "brotli 11");
    let page = String::from_utf8_lossy(&files["index.html"]);
    // A disabled style sheet waits until the page wants it.
    let named = |path: &str, after: &str| page.contains(&format!("=\"{path}\"{after}"));
    // Everybody gets one language; English is as large as any.
    let first_load = |path: &str| {
        path == "index.html"
            || path.starts_with("lang/en.first-")
            || named(path, "") && !named(path, " disabled")
    };
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
    let [.., first_load] = total;
    Ok(Sizes { table, first_load })
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes that nothing compresses: those of a linear congruential generator.
    fn noise(count: usize) -> Vec<u8> {
        let mut state = 7_u64;
        let mut next = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 56) as u8
        };
        (0..count).map(|_| next()).collect()
    }

    fn site(first: usize, later: usize) -> Sizes {
        let page = br#"<script src="start.js"></script><link href="later.css" disabled>"#;
        let files = [
            ("index.html", page.to_vec()),
            ("start.js", noise(first)),
            ("later.css", noise(later)),
        ];
        let files = files.map(|(name, bytes)| (name.into(), bytes));
        measure(&Files::from(files)).unwrap()
    }

    #[test]
    fn the_first_load_has_a_budget_and_the_rest_has_none() {
        site(BUDGET - 1_000, BUDGET).check().unwrap();
        let error = site(BUDGET + 1_000, 0).check().unwrap_err().to_string();
        assert!(error.contains("more than the budget of 300000"), "{error}");
    }
}
