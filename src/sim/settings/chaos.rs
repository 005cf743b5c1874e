//! Random faults: their kinds and how often they strike.

use crate::base::{Digest, Fold, Ratio};
use serde::{Deserialize, Serialize};

macro_rules! faults {
    (
        $($(#[doc = $doc:literal])+ $fault:ident = $rate:ident,)+
        aimed: $($(#[doc = $aimed_doc:literal])+ $aimed:ident = $aimed_rate:ident,)+
    ) => {
        /// A kind of random fault.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum Fault {
            $($(#[doc = $doc])+ $fault,)+
            $($(#[doc = $aimed_doc])+ $aimed,)+
        }

        /// Random faults. Each rate is the chance that the fault begins within one simulated
        /// second.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
        #[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
        #[serde(default, deny_unknown_fields)]
        pub struct Chaos {
            $($(#[doc = $doc])+ pub $rate: Ratio,)+
            $(
                $(#[doc = $aimed_doc])+
                #[serde(skip_serializing_if = "is_never")]
                pub $aimed_rate: Ratio,
            )+
        }

        impl Fold for Chaos {
            fn fold(&self, digest: &mut Digest) {
                $(self.$rate.fold(digest);)+
                // Where there are none of these, the hash is that of a time before them.
                if self.aims() {
                    $(self.$aimed_rate.fold(digest);)+
                }
            }
        }

        impl Fault {
            /// Every kind. A new one goes to the end: each draws from a stream of its own, by its
            /// place.
            pub const ALL: &[Fault] = &[$(Fault::$fault,)+ $(Fault::$aimed,)+];

            /// Those that strike blindly, whatever the servers are doing.
            pub const BLIND: &[Fault] = &[$(Fault::$fault),+];

            /// Those that look at the servers first, for the moment and the place that hurt most.
            pub const AIMED: &[Fault] = &[$(Fault::$aimed),+];

            /// Its rate's name in settings, with the group: `chaos.crash`.
            pub const fn field(self) -> &'static str {
                match self {
                    $(Fault::$fault => concat!("chaos.", stringify!($rate)),)+
                    $(Fault::$aimed => concat!("chaos.", stringify!($aimed_rate)),)+
                }
            }

            /// What it does: its documentation.
            pub const fn says(self) -> &'static str {
                match self {
                    $(Fault::$fault => concat!($($doc),+),)+
                    $(Fault::$aimed => concat!($($aimed_doc),+),)+
                }
            }

            /// Its name: `crash`.
            pub fn name(self) -> &'static str {
                &self.field()["chaos.".len()..]
            }
        }

        impl Chaos {
            /// Every fault that strikes blindly, at the same rate.
            pub const fn all(rate: Ratio) -> Chaos {
                Chaos { $($rate: rate,)+ $($aimed_rate: Ratio::ZERO,)+ }
            }

            /// The rate of one fault.
            pub const fn rate(&self, fault: Fault) -> Ratio {
                match fault {
                    $(Fault::$fault => self.$rate,)+
                    $(Fault::$aimed => self.$aimed_rate,)+
                }
            }

            /// The rate of one fault, to be changed.
            pub const fn rate_mut(&mut self, fault: Fault) -> &mut Ratio {
                match fault {
                    $(Fault::$fault => &mut self.$rate,)+
                    $(Fault::$aimed => &mut self.$aimed_rate,)+
                }
            }

            /// Whether any fault looks at the servers first.
            const fn aims(&self) -> bool {
                $(self.$aimed_rate.0 > 0)||+
            }
        }
    };
}

fn is_never(rate: &Ratio) -> bool {
    *rate == Ratio::ZERO
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
    aimed:
    /// Links are cut so that a shape is left: a bridge, a star, a line, or one side that only speaks
    /// or only listens; restored after a while, which may be long.
    Shape = shape,
    /// Messages under way, or copies of them, arrive much later: after elections and restarts.
    Former = former,
    /// A fault waits for a moment, such as a write that isn't durable or a joint configuration, and
    /// strikes then. Each run draws from its seed which faults wait for what.
    Ambush = ambush,
    /// The members change in any way: by one, by many, through a joint configuration that stays or
    /// not, on top of a change under way.
    Reshape = reshape,
    /// A server's clock runs too fast or too slow, by no more than the servers reckon with.
    Drift = drift,
    /// Clients read at a leader that was deposed and hasn't heard of it, and write at the new one.
    Probe = probe,
    /// Clients fall silent for a while, send many times as much, or write something large.
    Surge = surge,
    /// Whoever leads is cut off, pauses or crashes at a chosen moment, and whoever met that before comes
    /// back: several times, each at another moment.
    Depose = depose,
    /// Another server is helped to win an election while the leader may still have a lease: clocks drift
    /// within the bound, voters start again, requests for votes are late. Then clients ask both.
    Usurp = usurp,
    /// A server joins a cluster that holds much, and as soon as it votes another voter is down for long.
    Newcomer = newcomer,
}
