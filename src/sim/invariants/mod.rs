//! What must always hold, checked after every event while the run goes on.
//!
//! The checks see every server at once, as no server can, and trust none of them: they look at
//! what was written, committed and applied, not at what the protocol says about it. They cost a
//! hash per entry and a comparison per event; only an election looks through a log, for the members.
//!
//! [`raft`] has the five properties of figure 3, [`kv`] what a client relies on,
//! [`membership`] what a change of the members may not do, [`durability`] what must be on disks.
//! `progress` and `stability` have what is owed where nothing is in the way, `owing` by whom.

pub mod durability;
mod found;
pub mod kv;
pub mod membership;
pub(super) mod owing;
pub(super) mod progress;
pub mod raft;
pub(super) mod stability;

pub use found::{Found, Owed, Property, Violation};

use super::client::{ClientOperation, Failed};
use super::host::Host;
use super::settings::Settings;
use crate::base::{ClientId, Shared, Time};
use crate::check::{Judge, Judgement, Verdict};
use crate::kv::Command;
use crate::raft::{Configuration, Index, Raft, ReadLevel, Rule, Rules};

/// All checks, and the first violation.
#[derive(Clone, Debug)]
pub(super) struct Checks {
    pub raft: raft::RaftChecks,
    pub kv: kv::KvChecks,
    pub membership: membership::MembershipChecks,
    pub durability: durability::DurabilityChecks,
    pub progress: progress::ProgressChecks,
    /// Whether all clocks have always been right, and no timer ran out before its time.
    leases_hold: bool,
    /// One bit for each property that nobody watches.
    ignored: u16,
    /// What the answer to a client is, if no order explains it.
    doubt: Option<Found>,
    violation: Option<Violation>,
}

impl Checks {
    pub fn new(hosts: &Shared<Host>, founders: Configuration, settings: &Settings) -> Checks {
        let mut raft = raft::RaftChecks::new(hosts.len());
        for (at, host) in hosts.iter().enumerate() {
            raft.begins(at, host.volume().log());
        }
        let mut checks = Checks {
            raft,
            kv: kv::KvChecks::default(),
            membership: membership::MembershipChecks::new(founders),
            durability: durability::DurabilityChecks::new(hosts.len()),
            progress: progress::ProgressChecks::default(),
            leases_hold: true,
            ignored: 0,
            doubt: None,
            violation: None,
        };
        checks.rules_are(settings.rules, settings.watch_liveness);
        checks
    }

    /// One more server.
    pub fn add_server(&mut self) {
        self.raft.add_server();
        self.durability.add_server();
    }

    /// The rules that hold from now on. One of safety that is off breaks the properties of the
    /// protocol's means long before it shows what it is for, and what it left behind stays. One that
    /// keeps a cluster going is off to be missed, unless somebody wants to know (`liveness`).
    pub fn rules_are(&mut self, rules: Rules, liveness: bool) {
        for rule in rules.off() {
            if !(liveness && rule.is_for_liveness()) {
                self.ignore(Property::Progress);
                self.ignore(Property::Stability);
            }
            match rule {
                // Without these a cluster may stand still, no more.
                Rule::PreVote
                | Rule::CheckQuorum
                | Rule::NoopOnElection
                | Rule::LearnerCatchesUp => {}
                Rule::LeaderStickiness | Rule::LeaseRestartWait | Rule::LeaseMargin => {
                    self.leases_hold = false;
                }
                _ => {
                    self.ignore(Property::DurableMajority);
                    self.ignore(Property::FreshReads);
                }
            }
        }
    }

    /// A clock is set, or a timer made to run out: no lease can be relied on any more.
    pub fn time_is_wrong(&mut self) {
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
        self.leases_hold |= property == Property::FreshReads;
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
                    Some(_) => {
                        let never = moved.failed == Some(Failed::Definite);
                        self.kv.live.gave_up(client, &moved.operation, never);
                    }
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

    /// A server won a term: Durable Majority and, of another's lease, Fresh Reads.
    pub fn elected(&self, raft: &Raft<Command>, hosts: &Shared<Host>, now: Time) -> Option<Found> {
        let watched = self.watches(Property::DurableMajority);
        let found = watched.then(|| self.durability.became_leader(raft));
        let leases = self.leases_hold && self.watches(Property::FreshReads);
        let has_lease = |host: &&Host| {
            // Who wins an older term comes too late to commit anything.
            let other = host
                .raft()
                .filter(|it| it.current_term() < raft.current_term());
            let until = other.and_then(Raft::lease_until);
            until.is_some_and(|until| host.clock.read(now) < until)
        };
        found.flatten().or_else(|| {
            let holder = hosts.iter().filter(|_| leases).find(has_lease)?;
            Some(Found::LeaseRuns {
                leader: raft.id(),
                term: raft.current_term(),
                holder: holder.id(),
            })
        })
    }

    /// A server goes by other members: Configuration Safety.
    pub fn reconfigured(&self, raft: &Raft<Command>) -> Option<Found> {
        let watched = raft.is_leader() && self.watches(Property::DurableMajority);
        watched.then(|| membership::changed(raft))?
    }

    /// A leader moved its commit index: Durable Majority.
    pub fn stored(&self, at: usize, hosts: &Shared<Host>) -> Option<Found> {
        let raft = hosts[at].raft()?;
        let before = self.raft.commit_before(at);
        let watched = self.watches(Property::DurableMajority);
        watched.then(|| self.durability.committed(raft, before, hosts))?
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
