//! Every package of Cargo.lock has to carry a licence that we accept.

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::shell::{cargo, read};

/// What we accept, by the names of SPDX.
const ACCEPTED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Fails with the packages whose licence is not accepted.
pub fn check() -> Result<()> {
    let metadata = ["metadata", "--locked", "--format-version", "1"];
    let metadata: Value = serde_json::from_str(&read(&mut cargo(&metadata))?)?;
    let packages = metadata["packages"].as_array().context("packages")?;
    let refused: Vec<String> = packages
        .iter()
        .filter(|package| !package["license"].as_str().is_some_and(accepted))
        .map(|package| format!("{} ({})", package["name"], package["license"]))
        .collect();
    ensure!(
        refused.is_empty(),
        "licence not accepted: {}",
        refused.join(", ")
    );
    println!("{} packages, every licence accepted", packages.len());
    Ok(())
}

/// Whether an SPDX expression can be met with what we accept.
fn accepted(expression: &str) -> bool {
    // The old form of "or".
    let expression = expression.replace('/', " OR ");
    any(&expression)
}

/// At least one alternative is accepted.
fn any(expression: &str) -> bool {
    split(expression, " OR ").into_iter().any(|alternative| {
        split(alternative, " AND ").into_iter().all(|part| {
            let part = part.trim();
            match part.strip_prefix('(').and_then(|p| p.strip_suffix(')')) {
                Some(inner) => any(inner),
                None => ACCEPTED.contains(&part),
            }
        })
    })
}

/// Splits at `word` outside of parentheses.
fn split<'a>(expression: &'a str, word: &str) -> Vec<&'a str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, letter) in expression.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ if depth == 0 && at >= start && expression[at..].starts_with(word) => {
                parts.push(&expression[start..at]);
                start = at + word.len();
            }
            _ => {}
        }
    }
    parts.push(&expression[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::accepted;

    #[test]
    fn expressions_are_read() {
        for good in [
            "MIT",
            "MIT/Apache-2.0",
            "GPL-3.0 OR MIT",
            "(MIT OR GPL-3.0) AND Unicode-3.0",
            "(MIT AND (ISC OR GPL-3.0)) OR GPL-3.0",
        ] {
            assert!(accepted(good), "{good}");
        }
        for bad in ["", "GPL-3.0", "MIT AND GPL-3.0", "(MIT OR ISC) AND GPL-3.0"] {
            assert!(!accepted(bad), "{bad}");
        }
    }
}
