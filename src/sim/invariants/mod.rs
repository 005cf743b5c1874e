//! What must always hold, checked after every event while the run goes on.
//!
//! The checks see every server at once, as no server can, and trust none of them: they look at
//! what was written, committed and applied, not at what the protocol says about it. They cost a
//! hash per entry and a comparison per event, never a scan of a log.
//!
//! [`raft`] has the five properties of figure 3, [`kv`] what a client relies on,
//! [`membership`] what a change of the members may not do.

pub mod kv;
pub mod membership;
pub mod raft;

use super::client::ClientOperation;
use super::host::Host;
use super::linearizability::{Judge, Judgement, Verdict};
use crate::base::{ClientId, NodeId, Time};
use crate::kv::Sequence;
use crate::raft::{Configuration, Index, Position, Term};
use serde::Serialize;

/// A property of every run (figure 3 of the paper, and the clients' view).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
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
}

impl Property {
    /// Every property.
    pub const ALL: [Property; 10] = [
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
        }
    }
}

/// A property that was broken, when, and how. The run ends there.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Violation {
    /// When. An event says so itself.
    #[serde(skip)]
    pub at: Time,
    /// What was found.
    #[serde(flatten)]
    pub found: Found,
}

/// What was found.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(tag = "found", rename_all = "snake_case")]
pub enum Found {
    /// Two servers won the same term.
    TwoLeaders {
        /// The term.
        term: Term,
        /// Who won it first.
        first: NodeId,
        /// Who won it again.
        second: NodeId,
    },
    /// A leader removed or replaced entries of its own log.
    LeaderRewrote {
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
    LogsDiffer {
        /// The server.
        node: NodeId,
        /// The entry.
        at: Position,
    },
    /// A leader lacks an entry that was committed in an earlier term.
    LeaderLacks {
        /// The leader.
        leader: NodeId,
        /// The term that it leads.
        term: Term,
        /// The committed entry.
        committed: Position,
        /// The term in which it was committed.
        committed_in: Term,
    },
    /// Two servers applied different entries at the same index.
    AppliedDiffer {
        /// The server that applied it now.
        node: NodeId,
        /// The first server that applied that index.
        other: NodeId,
        /// The index.
        index: Index,
    },
    /// A server ran a command again that had run already.
    RanTwice {
        /// The server.
        node: NodeId,
        /// The client.
        client: ClientId,
        /// The command's number in the client's session.
        sequence: Sequence,
        /// The entry that ran it again.
        index: Index,
    },
    /// Two servers have snapshots of different states after the same entry.
    StatesDiffer {
        /// The server whose snapshot came second.
        node: NodeId,
        /// The server whose snapshot came first.
        other: NodeId,
        /// The last entry in both.
        index: Index,
    },
    /// A leader decides by members whose majorities need not share a server with those of the
    /// members that were committed before.
    QuorumsApart {
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
    LeaderOutside {
        /// The leader.
        leader: NodeId,
        /// The term that it leads.
        term: Term,
        /// The entry that leaves it out.
        index: Index,
    },
    /// A server's term or commit index is less than it was.
    WentBack {
        /// The server.
        node: NodeId,
        /// Its term and its commit index before.
        from: (Term, Index),
        /// Its term and its commit index now.
        to: (Term, Index),
    },
    /// A leader lacks a write that was acknowledged.
    WriteLost {
        /// The leader.
        leader: NodeId,
        /// The term that it leads.
        term: Term,
        /// The index of the write.
        index: Index,
    },
    /// A client was answered what no order of the operations on its key explains. The
    /// simulation has the counter-example.
    NoOrder {
        /// The server that answered.
        node: NodeId,
        /// The client.
        client: ClientId,
        /// The operation's number in the client's session.
        sequence: Sequence,
    },
}

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
            Found::QuorumsApart { .. } | Found::LeaderOutside { .. } => {
                Property::ConfigurationSafety
            }
            Found::WentBack { .. } => Property::NeverBack,
            Found::WriteLost { .. } => Property::NoWriteLost,
            Found::NoOrder { .. } => Property::Linearizability,
        }
    }

    /// The servers that are concerned: who broke it first.
    pub fn nodes(&self) -> impl Iterator<Item = NodeId> {
        let (node, other) = match self.found {
            Found::TwoLeaders { first, second, .. } => (second, Some(first)),
            Found::LeaderRewrote { leader, .. }
            | Found::LeaderLacks { leader, .. }
            | Found::QuorumsApart { leader, .. }
            | Found::LeaderOutside { leader, .. }
            | Found::WriteLost { leader, .. } => (leader, None),
            Found::LogsDiffer { node, .. }
            | Found::RanTwice { node, .. }
            | Found::WentBack { node, .. }
            | Found::NoOrder { node, .. } => (node, None),
            Found::AppliedDiffer { node, other, .. } | Found::StatesDiffer { node, other, .. } => {
                (node, Some(other))
            }
        };
        std::iter::once(node).chain(other)
    }
}

/// All checks, and the first violation.
#[derive(Clone, Debug)]
pub(super) struct Checks {
    pub raft: raft::RaftChecks,
    pub kv: kv::KvChecks,
    pub membership: membership::MembershipChecks,
    /// One bit for each property that nobody watches.
    ignored: u16,
    /// What the answer to a client is, if no order explains it.
    doubt: Option<Found>,
    violation: Option<Violation>,
}

impl Checks {
    pub fn new(hosts: &[Host], founders: Configuration) -> Checks {
        let mut raft = raft::RaftChecks::new(hosts.len());
        for (at, host) in hosts.iter().enumerate() {
            raft.begins(at, host.disk().log());
        }
        Checks {
            raft,
            kv: kv::KvChecks::default(),
            membership: membership::MembershipChecks::new(founders),
            ignored: 0,
            doubt: None,
            violation: None,
        }
    }

    /// Whether any property is watched.
    pub fn are_on(&self) -> bool {
        self.ignored + 1 < 1 << Property::ALL.len()
    }

    pub fn ignore(&mut self, property: Property) {
        self.ignored |= 1 << property as u8;
    }

    /// Whether a property is watched.
    pub fn watches(&self, property: Property) -> bool {
        self.ignored & 1 << property as u8 == 0
    }

    /// A client has begun an operation, or it has ended: Linearizability. Marks a stale read, and
    /// leaves a doubt to be settled.
    pub fn client_moved(&mut self, client: ClientId, moved: &mut ClientOperation, now: Time) {
        let Some(outcome) = &moved.outcome else {
            if self.watches(Property::Linearizability) {
                match moved.ended {
                    None => {
                        let (sequence, operation) = (moved.sequence, &moved.operation);
                        self.kv.live.invoked(client, sequence, operation, now);
                    }
                    Some(_) => self.kv.live.gave_up(client, &moved.operation),
                }
            }
            return;
        };
        if let Some(index) = self.kv.index_of(client, moved.sequence) {
            self.raft.acknowledged(index);
        }
        if !self.watches(Property::Linearizability) {
            return;
        }
        let live = &mut self.kv.live;
        let judgement = live.returned(client, &moved.operation, outcome, now);
        moved.stale = judgement == Judgement::Stale;
        self.doubt = (judgement == Judgement::Doubtful).then_some(Found::NoOrder {
            node: moved.node,
            client,
            sequence: moved.sequence,
        });
    }

    /// Settles the doubt about a client's answer, if there is one: Linearizability.
    pub fn settle(&mut self, judge: Judge) -> Option<Found> {
        let doubt = self.doubt.take()?;
        (self.kv.live.settle(judge) == Verdict::NotLinearizable).then_some(doubt)
    }

    /// Whether an answer to a client is in doubt.
    pub fn is_in_doubt(&self) -> bool {
        self.doubt.is_some()
    }

    /// Takes down what was found. Returns it if it is the run's first violation.
    #[cold]
    pub fn report(&mut self, at: Time, found: Found) -> Option<Violation> {
        let violation = Violation { at, found };
        if self.violation.is_some() || !self.watches(violation.property()) {
            return None;
        }
        self.violation = Some(violation);
        self.violation
    }

    pub fn violation(&self) -> Option<&Violation> {
        self.violation.as_ref()
    }
}
