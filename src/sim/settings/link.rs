//! How links behave.

use crate::base::{Ratio, Span, documented, fold_fields};
use serde::{Deserialize, Serialize};

documented! {
    /// How a link in one direction behaves.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    pub struct LinkSettings {
        /// The shortest time on the way.
        pub latency_min: Span,
        /// The longest time on the way.
        pub latency_max: Span,
        /// The share of messages that are lost.
        pub loss: Ratio,
        /// The share of messages that arrive twice.
        pub duplicate: Ratio,
        /// Whether a message may overtake an earlier one. If not, it waits for it, as over TCP.
        pub reorder: bool,
    }
}

fold_fields!(LinkSettings {
    latency_min,
    latency_max,
    loss,
    duplicate,
    reorder,
});

impl Default for LinkSettings {
    fn default() -> LinkSettings {
        LinkSettings {
            latency_min: Span::millis(8),
            latency_max: Span::millis(14),
            loss: Ratio::ZERO,
            duplicate: Ratio::ZERO,
            reorder: false,
        }
    }
}
