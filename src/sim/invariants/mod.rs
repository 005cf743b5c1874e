//! What must always hold, checked after every event while the run goes on.
//!
//! The checks see every server at once, as no server can, and trust none of them: they look at
//! what was written, committed and applied, not at what the protocol says about it. They cost a
//! hash per entry and a comparison per event, never a scan of a log.
//!
//! [`raft`] has the five properties of figure 3, [`kv`] what a client relies on,
//! [`membership`] what a change of the members may not do, [`durability`] what must be on disks.

pub mod durability;
pub mod kv;
pub mod membership;
pub mod raft;

use super::client::ClientOperation;
use super::host::Host;
use super::linearizability::{Judge, Judgement, Verdict};
use crate::base::{ClientId, NodeId, Time};
use crate::kv::{Command, Sequence};
use crate::raft::{Configuration, Index, Position, Raft, ReadLevel, Rules, Term};
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
    /// Elections and commits rest on the disks of a majority, and what a disk holds stays until
    /// it conflicts (figure 2, persistent state). Not watched once a rule was off.
    DurableMajority,
    /// A read that must not be stale is answered from nothing older than what was committed when
    /// it was asked (section 8). Not watched once a rule was off, nor of a lease once a clock was
    /// wrong.
    FreshReads,
}

impl Property {
    /// Every property.
    pub const ALL: [Property; 12] = [
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
    /// A server was elected, or committed an entry, and too few disks hold the vote, or the entry.
    NoMajority {
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
    TakenBack {
        /// The server.
        node: NodeId,
        /// The entry; `None` if it was the vote.
        index: Option<Index>,
    },
    /// A leader counts copies of an entry that isn't of its own term (section 5.4.2).
    NotOwnTerm {
        /// The leader.
        leader: NodeId,
        /// The term that it leads.
        term: Term,
        /// The entry that it committed.
        at: Position,
    },
    /// A server is elected by other members than those that its log names last (section 6).
    OtherMembers {
        /// The leader.
        leader: NodeId,
        /// The term that it leads.
        term: Term,
        /// The entry with the members that it goes by; 0 for those of the start.
        index: Index,
    },
    /// A read is answered from before what was committed when it was asked.
    ReadBehind {
        /// The server.
        node: NodeId,
        /// The read index.
        index: Index,
        /// What was committed.
        committed: Index,
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
            Found::QuorumsApart { .. }
            | Found::LeaderOutside { .. }
            | Found::OtherMembers { .. } => Property::ConfigurationSafety,
            Found::WentBack { .. } => Property::NeverBack,
            Found::WriteLost { .. } => Property::NoWriteLost,
            Found::NoOrder { .. } => Property::Linearizability,
            Found::NoMajority { .. } | Found::TakenBack { .. } | Found::NotOwnTerm { .. } => {
                Property::DurableMajority
            }
            Found::ReadBehind { .. } => Property::FreshReads,
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
            | Found::WriteLost { leader, .. }
            | Found::NotOwnTerm { leader, .. }
            | Found::OtherMembers { leader, .. }
            | Found::NoMajority { leader, .. } => (leader, None),
            Found::LogsDiffer { node, .. }
            | Found::RanTwice { node, .. }
            | Found::WentBack { node, .. }
            | Found::TakenBack { node, .. }
            | Found::ReadBehind { node, .. }
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
    pub durability: durability::DurabilityChecks,
    /// Whether all clocks have always been right.
    leases_hold: bool,
    /// One bit for each property that nobody watches.
    ignored: u16,
    /// What the answer to a client is, if no order explains it.
    doubt: Option<Found>,
    violation: Option<Violation>,
}

impl Checks {
    pub fn new(hosts: &[Host], founders: Configuration, rules: Rules) -> Checks {
        let mut raft = raft::RaftChecks::new(hosts.len());
        for (at, host) in hosts.iter().enumerate() {
            raft.begins(at, host.disk().log());
        }
        let mut checks = Checks {
            raft,
            kv: kv::KvChecks::default(),
            membership: membership::MembershipChecks::new(founders),
            durability: durability::DurabilityChecks::new(hosts.len()),
            leases_hold: true,
            ignored: 0,
            doubt: None,
            violation: None,
        };
        checks.rules_are(rules);
        checks
    }

    /// One more server.
    pub fn add_server(&mut self) {
        self.raft.add_server();
        self.durability.add_server();
    }

    /// The rules that hold from now on. One that is off breaks the properties of the protocol's
    /// means long before it shows what it is for, and what it left behind stays.
    pub fn rules_are(&mut self, rules: Rules) {
        if rules != Rules::ALL {
            self.ignore(Property::DurableMajority);
            self.ignore(Property::FreshReads);
        }
    }

    /// A clock is set: no lease can be relied on any more.
    pub fn clock_is_set(&mut self) {
        self.leases_hold = false;
    }

    /// What an answer to a read must not be older than: Fresh Reads.
    pub fn asked(&self, level: ReadLevel) -> Index {
        let binds = match level {
            ReadLevel::Linearizable => true,
            ReadLevel::Lease => self.leases_hold,
            ReadLevel::Stale => false,
        };
        match binds && self.watches(Property::FreshReads) {
            true => self.raft.furthest_commit(),
            false => 0,
        }
    }

    /// Whether any property is watched.
    pub fn are_on(&self) -> bool {
        self.ignored + 1 < 1 << Property::ALL.len()
    }

    pub fn ignore(&mut self, property: Property) {
        self.ignored |= 1 << property as u8;
    }

    pub fn watch(&mut self, property: Property) {
        self.ignored &= !(1 << property as u8);
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

    /// A server won a term: Durable Majority.
    pub fn elected(&self, raft: &Raft<Command>) -> Option<Found> {
        let watched = self.watches(Property::DurableMajority);
        watched.then(|| self.durability.became_leader(raft))?
    }

    /// A leader moved its commit index: Durable Majority.
    pub fn stored(&mut self, at: usize, hosts: &[Host]) -> Option<Found> {
        let watched = self.watches(Property::DurableMajority);
        watched.then(|| self.durability.committed(at, hosts))?
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
