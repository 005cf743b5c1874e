//! Probabilities and other shares, as integers.

use super::fold_fields;
use serde::{Deserialize, Serialize};

/// A share in parts per million: `Ratio(1_000_000)` is one, `Ratio(20_000)` two per cent.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Ratio(pub u32);

fold_fields!(Ratio(..));

impl Ratio {
    /// Never.
    pub const ZERO: Ratio = Ratio(0);
    /// Always.
    pub const ONE: Ratio = Ratio(1_000_000);

    /// `n` per cent.
    pub const fn percent(n: u32) -> Ratio {
        Ratio(n * 10_000)
    }
}
