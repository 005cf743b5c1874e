//! The figures that are measured, by their names.

use super::{Cluster, NodeFigures, Operations};
use serde::{Deserialize, Serialize};

/// How a figure is read, and of what it is.
#[derive(Clone, Copy, Debug)]
pub enum Reading {
    /// Of operations of clients, over an interval.
    Operations(fn(&Operations) -> u64),
    /// Of a node, over an interval.
    Node(fn(&NodeFigures) -> u64),
    /// Of a node, at the end of an interval.
    NodeThen(fn(&NodeFigures) -> u64),
    /// Of the cluster, over an interval.
    Cluster(fn(&Cluster) -> u64),
    /// Of the cluster, at the end of an interval.
    ClusterThen(fn(&Cluster) -> u64),
}

macro_rules! metrics {
    ($($(#[doc = $doc:literal])+ $metric:ident = $name:literal, $of:ident(|$it:ident| $value:expr);)+) => {
        /// A figure that is measured.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
        #[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
        pub enum Metric {
            $($(#[doc = $doc])+ #[serde(rename = $name)] $metric,)+
        }

        impl Metric {
            /// All of them.
            pub const ALL: &[Metric] = &[$(Metric::$metric),+];

            /// Its name, in files.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Metric::$metric => $name,)+
                }
            }

            /// Whether it is a span, in microseconds.
            pub const fn is_latency(self) -> bool {
                use Metric::{Longest, P50, P95, P99, P999};
                matches!(self, P50 | P95 | P99 | P999 | Longest)
            }

            /// How it is read.
            pub const fn reading(self) -> Reading {
                match self {
                    $(Metric::$metric => Reading::$of(|$it| $value),)+
                }
            }
        }
    };
}

metrics! {
    /// Operations that clients began.
    Begun = "begun", Operations(|it| it.begun);
    /// Operations that were answered: the goodput.
    Answered = "answered", Operations(|it| it.answered);
    /// Operations that clients gave up.
    GivenUp = "given_up", Operations(|it| it.given_up);
    /// Requests that clients sent, retries among them: the throughput.
    Tries = "tries", Operations(|it| it.tries);
    /// The median of the latencies, in microseconds.
    P50 = "p50", Operations(|it| it.latencies.at(500).0);
    /// The latency that 95 per cent had at most, in microseconds.
    P95 = "p95", Operations(|it| it.latencies.at(950).0);
    /// The latency that 99 per cent had at most, in microseconds.
    P99 = "p99", Operations(|it| it.latencies.at(990).0);
    /// The latency that 999 of 1,000 had at most, in microseconds.
    P999 = "p99.9", Operations(|it| it.latencies.at(999).0);
    /// The longest latency, in microseconds.
    Longest = "longest", Operations(|it| it.latencies.longest().0);
    /// Requests of clients that were sent to a node.
    NodeAsked = "node.asked", Node(|it| it.asked);
    /// Operations that a node answered.
    NodeAnswered = "node.answered", Node(|it| it.answered);
    /// Packets that a node sent.
    NodeSent = "node.sent", Node(|it| it.sent);
    /// Writes of a node's replicas that became durable.
    NodeSynced = "node.synced", Node(|it| it.synced);
    /// Replicas of shards on a node.
    NodeReplicas = "node.replicas", NodeThen(|it| it.replicas);
    /// Replicas on a node that lead.
    NodeLeaders = "node.leaders", NodeThen(|it| it.leaders);
    /// Keys of a node's replicas.
    NodeKeys = "node.keys", NodeThen(|it| it.keys);
    /// Operations that the controller began.
    ClusterBegun = "cluster.begun", Cluster(|it| it.begun);
    /// Operations of the controller that are under way.
    UnderWay = "cluster.under_way", ClusterThen(|it| it.under_way);
    /// Shards with fewer replicas on running nodes than wanted.
    UnderReplicated = "cluster.under_replicated", ClusterThen(|it| it.under_replicated);
    /// Shards with more members than wanted.
    OverReplicated = "cluster.over_replicated", ClusterThen(|it| it.over_replicated);
    /// Shards of whose members no majority runs.
    Unavailable = "cluster.unavailable", ClusterThen(|it| it.unavailable);
    /// Shards with two members in one rack, though there are racks enough.
    BadlySpread = "cluster.badly_spread", ClusterThen(|it| it.badly_spread);
}
