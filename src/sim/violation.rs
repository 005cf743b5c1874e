//! The properties by name, and what can be found when one is broken.

use crate::base::{ClientId, GroupId, NodeId, Span, Time, fold_fields, vocabulary};
use crate::kv::Sequence;
use crate::raft::{EntryId, Index, Term};
use serde::Serialize;

/// A property of every run (figure 3 of the paper, and the clients' view).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum Property {
    /// At most one leader in a term (section 5.2).
    ElectionSafety,
    /// A leader only appends to its log (section 5.3).
    LeaderAppendOnly,
    /// Logs that hold the same entry agree up to it (section 5.3).
    LogMatching,
    /// What was committed in a term is in the log of every leader of a later one (section 5.4).
    LeaderCompleteness,
    /// No two servers apply different entries at the same index (section 5.4.3).
    StateMachineSafety,
    /// A command that a client repeats runs once (section 8).
    ExactlyOnce,
    /// Majorities of successive configurations share a server (section 6).
    ConfigurationSafety,
    /// While a server runs, its term and its commit index never go back (section 5.1).
    NeverBack,
    /// A write that was acknowledged is in the log of every later leader (section 8).
    NoWriteLost,
    /// Each operation seems to take effect at one instant between its invocation and its return,
    /// as seen by the clients (section 8).
    Linearizability,
    /// Elections and commits rest on the disks of a majority, and what a disk holds stays until
    /// it conflicts (figure 2, persistent state). Not watched once a rule of safety was off.
    DurableMajority,
    /// A read that must not be stale is answered from nothing older than what was committed when
    /// it was asked (section 8), and nobody is elected while a leader's lease runs (dissertation
    /// 6.4.1). Not watched once a rule of safety was off, nor of a lease
    /// once a clock was wrong.
    FreshReads,
    /// A majority that runs and hears each other commits what it is asked for, and answers (section
    /// 5.6). Not watched once a rule was off, unless
    /// [`Settings::watch_liveness`](crate::sim::Settings::watch_liveness) says so.
    Progress,
    /// A leader whom a majority hears in time isn't deposed (dissertation 4.2.3, 9.6). Watched as
    /// Progress is.
    Stability,
    /// A command takes effect only in the group that owns its key (a store of many shards).
    OneOwner,
    /// The failure detector calls no node dead that it has heard in time (a store of many shards).
    Accuracy,
}

impl Property {
    /// Every property.
    pub const ALL: [Property; 16] = [
        Property::ElectionSafety,
        Property::LeaderAppendOnly,
        Property::LogMatching,
        Property::LeaderCompleteness,
        Property::StateMachineSafety,
        Property::ExactlyOnce,
        Property::ConfigurationSafety,
        Property::NeverBack,
        Property::NoWriteLost,
        Property::Linearizability,
        Property::DurableMajority,
        Property::FreshReads,
        Property::Progress,
        Property::Stability,
        Property::OneOwner,
        Property::Accuracy,
    ];

    /// Its name in the paper.
    pub const fn name(self) -> &'static str {
        match self {
            Property::ElectionSafety => "Election Safety",
            Property::LeaderAppendOnly => "Leader Append-Only",
            Property::LogMatching => "Log Matching",
            Property::LeaderCompleteness => "Leader Completeness",
            Property::StateMachineSafety => "State Machine Safety",
            Property::ExactlyOnce => "Exactly Once",
            Property::ConfigurationSafety => "Configuration Safety",
            Property::NeverBack => "Never Back",
            Property::NoWriteLost => "No Write Lost",
            Property::Linearizability => "Linearizability",
            Property::DurableMajority => "Durable Majority",
            Property::FreshReads => "Fresh Reads",
            Property::Progress => "Progress",
            Property::Stability => "Stability",
            Property::OneOwner => "One Owner",
            Property::Accuracy => "Accuracy",
        }
    }
}

/// A property that was broken, when, and how. The run ends there.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
pub struct Violation {
    /// When. An event says so itself.
    #[serde(skip)]
    pub at: Time,
    /// In which group.
    #[serde(skip_serializing_if = "GroupId::is_first")]
    pub group: GroupId,
    /// What was found.
    #[serde(flatten)]
    pub found: Found,
}

vocabulary! {
    /// What was found.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
    #[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
    #[serde(tag = "found")]
    pub enum Found {
        /// Two servers won the same term.
        "two_leaders" TwoLeaders {
            /// The term.
            term: Term,
            /// Who won it first.
            first: NodeId,
            /// Who won it again.
            second: NodeId,
        },
        /// A leader removed or replaced entries of its own log.
        "leader_rewrote" LeaderRewrote {
            /// The leader.
            leader: NodeId,
            /// The term that it leads.
            term: Term,
            /// The first entry that it changed.
            from: Index,
            /// Where its log had ended.
            last: Index,
        },
        /// A server's log holds an entry that another log held too, but not the same ones before it.
        "logs_differ" LogsDiffer {
            /// The server.
            node: NodeId,
            /// The entry.
            id: EntryId,
        },
        /// A leader lacks an entry that was committed in an earlier term.
        "leader_lacks" LeaderLacks {
            /// The leader.
            leader: NodeId,
            /// The term that it leads.
            term: Term,
            /// The committed entry.
            committed: EntryId,
            /// The term in which it was committed.
            committed_in: Term,
        },
        /// Two servers applied different entries at the same index.
        "applied_differ" AppliedDiffer {
            /// The server that applied it now.
            node: NodeId,
            /// The first server that applied that index.
            other: NodeId,
            /// The index.
            index: Index,
        },
        /// A server ran a command again that had run already.
        "ran_twice" RanTwice {
            /// The server.
            node: NodeId,
            /// The client.
            client: ClientId,
            /// The command's number in the client's session.
            sequence: Sequence,
            /// The entry that ran it again.
            index: Index,
        },
        /// A server ran a command whose key its group doesn't own.
        "not_owner" NotOwner {
            /// The server.
            node: NodeId,
            /// The client.
            client: ClientId,
            /// The command's number in the client's session.
            sequence: Sequence,
            /// The entry.
            index: Index,
        },
        /// A node was called dead although it had been heard.
        "called_dead" CalledDead {
            /// Who said so: the controller's node.
            node: NodeId,
            /// The node.
            other: NodeId,
            /// How long ago it had been heard.
            silent: Span,
        },
        /// Two servers have snapshots of different states after the same entry.
        "states_differ" StatesDiffer {
            /// The server whose snapshot came second.
            node: NodeId,
            /// The server whose snapshot came first.
            other: NodeId,
            /// The last entry in both.
            index: Index,
        },
        /// A leader decides by members whose majorities need not share a server with those of the
        /// members that were committed before.
        "quorums_apart" QuorumsApart {
            /// The leader.
            leader: NodeId,
            /// The term that it leads.
            term: Term,
            /// The entry with the members that it goes by; 0 for those of the start.
            index: Index,
            /// The entry with the members that were committed before; 0 for those of the start.
            committed: Index,
        },
        /// A leader goes on although it is committed that it has no vote any more.
        "leader_outside" LeaderOutside {
            /// The leader.
            leader: NodeId,
            /// The term that it leads.
            term: Term,
            /// The entry that leaves it out.
            index: Index,
        },
        /// A server's term or commit index is less than it was.
        "went_back" WentBack {
            /// The server.
            node: NodeId,
            /// Its term and its commit index before.
            from: (Term, Index),
            /// Its term and its commit index now.
            to: (Term, Index),
        },
        /// A leader lacks a write that was acknowledged.
        "write_lost" WriteLost {
            /// The leader.
            leader: NodeId,
            /// The term that it leads.
            term: Term,
            /// The index of the write.
            index: Index,
        },
        /// A client was answered what no order of the operations on its key explains. The
        /// simulation has the counter-example.
        "no_order" NoOrder {
            /// The server that answered.
            node: NodeId,
            /// The client.
            client: ClientId,
            /// The operation's number in the client's session.
            sequence: Sequence,
        },
        /// A server was elected, or committed an entry, and too few disks hold the vote, or the entry.
        "no_majority" NoMajority {
            /// The leader.
            leader: NodeId,
            /// The term that it leads.
            term: Term,
            /// The entry that it committed; `None` if it was elected.
            index: Option<Index>,
            /// Disks that hold it.
            durable: u32,
            /// Those of whom it needs a majority.
            voters: u32,
        },
        /// A disk holds no more what it held, and nothing conflicted with it.
        "taken_back" TakenBack {
            /// The server.
            node: NodeId,
            /// The entry; `None` if it was the vote.
            index: Option<Index>,
        },
        /// A leader counts copies of an entry that isn't of its own term (section 5.4.2).
        "not_own_term" NotOwnTerm {
            /// The leader.
            leader: NodeId,
            /// The term that it leads.
            term: Term,
            /// The entry that it committed.
            id: EntryId,
        },
        /// A server is elected by other members than those that its log names last (section 6).
        "other_members" OtherMembers {
            /// The leader.
            leader: NodeId,
            /// The term that it leads.
            term: Term,
            /// The entry with the members that it goes by; 0 for those of the start.
            index: Index,
        },
        /// A leader changes the members before the last change is committed, or before an entry of its
        /// own term is (section 6; dissertation 4.1).
        "hasty_change" HastyChange {
            /// The leader.
            leader: NodeId,
            /// The term that it leads.
            term: Term,
            /// The entry with the new members.
            index: Index,
        },
        /// A read is answered from before what was committed when it was asked.
        "read_behind" ReadBehind {
            /// The server.
            node: NodeId,
            /// The read index.
            index: Index,
            /// What was committed.
            committed: Index,
        },
        /// A leader is elected while another one has a lease, which says that nobody can be.
        "lease_runs" LeaseRuns {
            /// The server that was elected.
            leader: NodeId,
            /// The term that it won.
            term: Term,
            /// The leader with the lease.
            holder: NodeId,
        },
        /// Nothing is in the way of a majority, and what it owes doesn't come.
        "stalled" Stalled {
            /// Since when it is owed and hasn't come.
            since: Time,
            /// What is owed.
            owed: Owed,
            /// Who leads them, if anybody does.
            leader: Option<NodeId>,
            /// How many they are.
            members: u32,
        },
        /// A leader leads no more, although a majority heard it in time.
        "deposed" Deposed {
            /// The leader.
            leader: NodeId,
            /// The term that it led.
            term: Term,
            /// Whose message deposed it; itself, if it resigned.
            by: NodeId,
        },
    }
}

vocabulary! {
    /// What a majority owes that nothing is in the way of.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
    #[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
    #[serde(tag = "what")]
    pub enum Owed {
        /// A leader.
        "leader" Leader,
        /// A commit of what is in the leader's log.
        "commit" Commit,
        /// An answer.
        "answer" Answer {
            /// The client that waits for it, or did before it gave up.
            client: ClientId,
            /// The operation's number in the client's session.
            sequence: Sequence,
        },
    }
}

fold_fields!(Violation { at, group, found });

impl Violation {
    /// The property that was broken.
    pub const fn property(&self) -> Property {
        match self.found {
            Found::TwoLeaders { .. } => Property::ElectionSafety,
            Found::LeaderRewrote { .. } => Property::LeaderAppendOnly,
            Found::LogsDiffer { .. } => Property::LogMatching,
            Found::LeaderLacks { .. } => Property::LeaderCompleteness,
            Found::AppliedDiffer { .. } | Found::StatesDiffer { .. } => {
                Property::StateMachineSafety
            }
            Found::RanTwice { .. } => Property::ExactlyOnce,
            Found::NotOwner { .. } => Property::OneOwner,
            Found::CalledDead { .. } => Property::Accuracy,
            Found::QuorumsApart { .. }
            | Found::LeaderOutside { .. }
            | Found::OtherMembers { .. }
            | Found::HastyChange { .. } => Property::ConfigurationSafety,
            Found::WentBack { .. } => Property::NeverBack,
            Found::WriteLost { .. } => Property::NoWriteLost,
            Found::NoOrder { .. } => Property::Linearizability,
            Found::NoMajority { .. } | Found::TakenBack { .. } | Found::NotOwnTerm { .. } => {
                Property::DurableMajority
            }
            Found::ReadBehind { .. } | Found::LeaseRuns { .. } => Property::FreshReads,
            Found::Stalled { .. } => Property::Progress,
            Found::Deposed { .. } => Property::Stability,
        }
    }

    /// The servers that are concerned: who broke it first.
    pub fn nodes(&self) -> impl Iterator<Item = NodeId> {
        let (node, other) = match self.found {
            Found::TwoLeaders { first, second, .. } => (Some(second), Some(first)),
            Found::LeaderRewrote { leader, .. }
            | Found::LeaderLacks { leader, .. }
            | Found::QuorumsApart { leader, .. }
            | Found::LeaderOutside { leader, .. }
            | Found::WriteLost { leader, .. }
            | Found::NotOwnTerm { leader, .. }
            | Found::OtherMembers { leader, .. }
            | Found::HastyChange { leader, .. }
            | Found::NoMajority { leader, .. } => (Some(leader), None),
            Found::LogsDiffer { node, .. }
            | Found::RanTwice { node, .. }
            | Found::NotOwner { node, .. }
            | Found::WentBack { node, .. }
            | Found::TakenBack { node, .. }
            | Found::ReadBehind { node, .. }
            | Found::NoOrder { node, .. } => (Some(node), None),
            Found::LeaseRuns { leader, holder, .. } => (Some(leader), Some(holder)),
            Found::CalledDead { node, other, .. }
            | Found::AppliedDiffer { node, other, .. }
            | Found::StatesDiffer { node, other, .. } => (Some(node), Some(other)),
            Found::Stalled { leader, .. } => (leader, None),
            Found::Deposed { leader, by, .. } => {
                (Some(leader), Some(by).filter(|by| *by != leader))
            }
        };
        node.into_iter().chain(other)
    }
}
