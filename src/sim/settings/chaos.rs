//! Random faults: their kinds and how often they strike.

use crate::base::{Ratio, fold_fields};
use serde::{Deserialize, Serialize};

macro_rules! faults {
    ($($(#[doc = $doc:literal])+ $fault:ident = $rate:ident,)+) => {
        /// A kind of random fault.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum Fault {
            $($(#[doc = $doc])+ $fault,)+
        }

        /// Random faults. Each rate is the chance that the fault begins within one simulated
        /// second.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
        #[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
        #[serde(default, deny_unknown_fields)]
        pub struct Chaos {
            $($(#[doc = $doc])+ pub $rate: Ratio,)+
        }

        fold_fields!(Chaos { $($rate),+ });

        impl Fault {
            /// Every kind. A new one goes to the end: each draws from a stream of its own, by its
            /// place.
            pub const ALL: &[Fault] = &[$(Fault::$fault),+];

            /// Its rate's name in settings, with the group: `chaos.crash`.
            pub const fn field(self) -> &'static str {
                match self {
                    $(Fault::$fault => concat!("chaos.", stringify!($rate)),)+
                }
            }

            /// What it does: its documentation.
            pub const fn says(self) -> &'static str {
                match self {
                    $(Fault::$fault => concat!($($doc),+),)+
                }
            }

            /// Its name: `crash`.
            pub fn name(self) -> &'static str {
                &self.field()["chaos.".len()..]
            }
        }

        impl Chaos {
            /// Every fault at the same rate.
            pub const fn all(rate: Ratio) -> Chaos {
                Chaos { $($rate: rate,)+ }
            }

            /// The rate of one fault.
            pub const fn rate(&self, fault: Fault) -> Ratio {
                match fault {
                    $(Fault::$fault => self.$rate,)+
                }
            }

            /// The rate of one fault, to be changed.
            pub const fn rate_mut(&mut self, fault: Fault) -> &mut Ratio {
                match fault {
                    $(Fault::$fault => &mut self.$rate,)+
                }
            }
        }
    };
}

faults! {
    /// A server crashes, and restarts after a while.
    Crash = crash,
    /// A server pauses, and resumes after a while.
    Pause = pause,
    /// The cluster falls into two random groups, and heals after a while.
    Partition = partition,
    /// One link is cut in one direction, and restored after a while.
    Cut = cut,
    /// One link loses, duplicates, delays and reorders messages for a while.
    Link = link,
    /// A server's fsync is slow for a while.
    Disk = disk,
    /// The leader hands over to another server.
    Transfer = transfer,
    /// A server's clock runs too fast or too slow for a while, or is set wrong, and then set right.
    Clock = clock,
    /// The power of a server fails in the middle of a sync; it restarts after a while.
    Tear = tear,
    /// A bit flips in a record that was durable: the server is lost once it restarts. More than
    /// half of the voters are left alone.
    Corrupt = corrupt,
    /// A server's disk is full for a while.
    Full = full,
    /// A server loses its disk, and takes no part any more. More than half of the voters are left
    /// alone.
    Wipe = wipe,
    /// A server is added, removed or exchanged; one that lost its disk rejoins.
    Membership = membership,
}
