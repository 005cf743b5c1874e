//! What must always hold, checked after every event while the run goes on.
//!
//! The checks see every server at once, as no server can, and trust none of them: they look at
//! what was written, committed and applied, not at what the protocol says about it. They cost a
//! hash per entry and a comparison per event; only an election looks through a log, for the members.
//!
//! [`raft`] has the five properties of figure 3, [`kv`] what a client relies on,
//! [`membership`] what a change of the members may not do, [`durability`] what must be on disks.
//! `progress` and `stability` have what is owed where nothing is in the way, `owing` by whom.

mod by_host;
pub mod durability;
pub mod kv;
pub mod membership;
pub(super) mod owing;
pub(super) mod progress;
pub mod raft;
pub(super) mod stability;

use super::violation::{Found, Owed, Property, Violation};

use super::client::ClientOperation;
use super::failed::Failed;
use super::group;
use super::host::Host;
use super::replica::{Replica, ReplicaIndex};
use super::settings::Settings;
use crate::base::{ClientId, GroupId, Shared, Time};
use crate::check::{Judge, Judgement, Live, Verdict};
use crate::kv::{Command, KeyRange, MANY_SHARDS, Shard};
use crate::raft::{
    Append, Configuration, EntryId, Index, Payload, Raft, ReadLevel, Rule, Rules, Snapshot, Trace,
};

/// What a replica did, or what became of it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fact<'a> {
    /// It decided something.
    Traced(&'a Trace),
    /// It writes entries to its log.
    Wrote(&'a Append<Command>),
    /// It took a snapshot, or got one.
    Compacted(&'a Snapshot),
    /// It leads, and moved its commit index.
    Committed,
    /// It applied an entry; if that is a command, whether it took effect.
    Applied { id: EntryId, ran: bool },
    /// It has dealt with an input.
    Moved,
    /// An fsync of its machine is complete: its writes in it reach the disk now.
    Synced,
    /// It started from its disk.
    Restarted,
}

/// All checks, and the first violation.
#[derive(Clone, Debug)]
pub(super) struct Checks {
    /// By id. There is no group 0 in a laboratory.
    groups: Shared<GroupChecks>,
    /// What clients' commands have done.
    ran: kv::Ran,
    /// The clients' view.
    pub live: Live,
    pub progress: progress::ProgressChecks,
    /// Whether all clocks have always been right, and no timer ran out before its time.
    leases_hold: bool,
    /// One bit for each property that nobody watches.
    ignored: u32,
    /// What the answer to a client is, if no order explains it.
    doubt: Option<Found>,
    violation: Option<Violation>,
}

/// What is checked of one group.
#[derive(Clone, Debug)]
struct GroupChecks {
    id: GroupId,
    raft: raft::RaftChecks,
    kv: kv::KvChecks,
    membership: membership::MembershipChecks,
    durability: durability::DurabilityChecks,
}

impl GroupChecks {
    fn new(id: GroupId, founders: Configuration) -> GroupChecks {
        GroupChecks {
            id,
            raft: raft::RaftChecks::new(),
            kv: kv::KvChecks::default(),
            membership: membership::MembershipChecks::new(founders),
            durability: durability::DurabilityChecks::default(),
        }
    }

    /// The servers that run.
    fn rafts<'a>(
        &'a self,
        hosts: &'a Shared<Host>,
    ) -> impl Iterator<Item = &'a Raft<Command>> + use<'a> {
        let here = self.raft.hosts().filter_map(|at| hosts.get(at));
        let replicas = here.filter_map(|host| host.replica_of(self.id));
        replicas.filter_map(Replica::raft)
    }

    /// A server won a term. A leader of an earlier one may not have a lease then: Fresh Reads.
    fn lease_runs(&self, raft: &Raft<Command>, hosts: &Shared<Host>, now: Time) -> Option<Found> {
        let mut others = self.raft.hosts().filter_map(|at| hosts.get(at));
        let holder = others.find(|host| {
            // Who wins an older term comes too late to commit anything.
            let other = host.replica_of(self.id).and_then(Replica::raft);
            let other = other.filter(|it| it.current_term() < raft.current_term());
            let until = other.and_then(Raft::lease_until);
            until.is_some_and(|until| host.clock.read(now) < until)
        })?;
        Some(Found::LeaseRuns {
            leader: raft.node(),
            term: raft.current_term(),
            holder: holder.id(),
        })
    }

    /// A leader moved its commit index: Leader Completeness, Configuration Safety and, if that is
    /// watched, Durable Majority.
    fn committed(
        &mut self,
        at: usize,
        raft: &Raft<Command>,
        hosts: &Shared<Host>,
        durable: bool,
    ) -> Option<Found> {
        let found = self.membership.committed(raft);
        let before = self.raft.commit_before(at);
        let later = self.raft.committed(raft);
        let lacks = |committed| self.raft.any_lacks(&committed, self.rafts(hosts));
        let found = later.and_then(lacks).or(found);
        let stored = || self.durability.committed(raft, before, hosts, self.id);
        found.or_else(|| durable.then(stored)?)
    }

    /// A replica compacted its log: State Machine Safety.
    fn compacted(
        &mut self,
        at: usize,
        raft: &Raft<Command>,
        snapshot: &Snapshot,
        hosts: &Shared<Host>,
    ) -> Option<Found> {
        let found = self.raft.compacted(at, raft, snapshot);
        let logs = self.rafts(hosts).map(Raft::log);
        if let Some(first) = logs.map(|log| log.base().index).min() {
            self.raft.forget_before(first);
            self.kv.forget_before(first);
        }
        found
    }
}

impl Checks {
    pub fn new(settings: &Settings) -> Checks {
        let mut checks = Checks {
            groups: Shared::default(),
            ran: kv::Ran::default(),
            live: Live::default(),
            progress: progress::ProgressChecks::default(),
            leases_hold: true,
            ignored: 0,
            doubt: None,
            violation: None,
        };
        checks.rules_are(settings.rules, settings.watch_liveness);
        if settings.shards.are_many() {
            // They look at one group alone, of which every server has a replica.
            checks.ignore(Property::Progress);
            checks.ignore(Property::Stability);
            checks.progress.due = Time::NEVER;
        } else {
            checks.ignore(Property::OneOwner);
            checks.ignore(Property::Accuracy);
        }
        checks
    }

    /// One more group, which has the next number.
    pub fn add_group(&mut self, founders: Configuration) {
        let id = GroupId(self.groups.len() as u32);
        self.groups.push(GroupChecks::new(id, founders));
    }

    /// A group begins with these members and keys, if it hasn't begun yet.
    pub fn found(&mut self, id: GroupId, founders: &Configuration, shard: Option<&Shard>) {
        let group = &mut self.groups[group::place(id)];
        if group.raft.hosts().next().is_none() {
            *group = GroupChecks::new(id, founders.clone());
            group.kv.owned = shard.map(|shard| shard.keys.clone());
        }
    }

    /// A group owns these keys from here on.
    pub fn owns(&mut self, id: GroupId, keys: &KeyRange) {
        self.groups[group::place(id)].kv.owned = Some(keys.clone());
    }

    /// A shard stands still from here on, or no more: nothing takes effect in it.
    pub fn stands_still(&mut self, id: GroupId, still: bool) {
        self.groups[group::place(id)].kv.still = still;
    }

    /// Another group has absorbed a group: nothing takes effect in it any more.
    pub fn is_absorbed(&mut self, id: GroupId) {
        self.groups[group::place(id)].kv.absorbed = true;
    }

    /// A replica is set up, or born.
    pub fn add_replica(&mut self, at: usize, host: &Host, slot: usize) {
        let group = &mut self.groups[group::place(host.replicas[slot].group)];
        let volume = &host.disk().volumes[slot];
        let born = volume.snapshot().map(|snapshot| snapshot.checksum);
        group.raft.begins(at, volume.log(), born);
    }

    /// The one door of the checks: a replica did something. Returns what is wrong with it.
    #[cfg_attr(not(target_arch = "wasm32"), inline(always))]
    pub fn see(
        &mut self,
        at: ReplicaIndex,
        fact: Fact<'_>,
        hosts: &Shared<Host>,
        now: Time,
    ) -> Option<Found> {
        let durable = self.watches(Property::DurableMajority);
        let host = &hosts[at.host];
        let replica = &host.replicas[at.slot];
        let group = &mut self.groups[group::place(replica.group)];
        match fact {
            Fact::Synced => durable.then(|| group.durability.synced(host, at.slot))?,
            Fact::Restarted => group.raft.restarted(at, host),
            _ => {
                let raft = replica.raft.as_ref()?;
                match fact {
                    Fact::Traced(trace) => self.traced(at, raft, trace, hosts, now),
                    Fact::Wrote(append) => group.raft.wrote(at.host, raft, append),
                    Fact::Compacted(snapshot) => group.compacted(at.host, raft, snapshot, hosts),
                    Fact::Committed => group.committed(at.host, raft, hosts, durable),
                    Fact::Applied { id, ran } => {
                        let found = group.raft.applied(raft.node(), id);
                        let entry = raft.log().entry(id.index)?;
                        let Payload::Command(Command::Client(command)) = &entry.payload else {
                            return found;
                        };
                        let (before, place) = (&mut self.ran, (group.id, id.index));
                        let seen = (before, &mut self.live);
                        let kv = &mut group.kv;
                        let again = kv.applied(seen, raft.node(), place, command, ran);
                        found.or(again)
                    }
                    Fact::Moved => group.raft.moved(at.host, raft),
                    Fact::Synced | Fact::Restarted => None,
                }
            }
        }
    }

    fn traced(
        &mut self,
        at: ReplicaIndex,
        raft: &Raft<Command>,
        trace: &Trace,
        hosts: &Shared<Host>,
        now: Time,
    ) -> Option<Found> {
        let durable = self.watches(Property::DurableMajority);
        let leases = self.leases_hold && self.watches(Property::FreshReads);
        let id = hosts[at.host].replicas[at.slot].group;
        let group = &mut self.groups[group::place(id)];
        match trace {
            Trace::BecameLeader { .. } => {
                let found = group.membership.became_leader(raft);
                let found = group.raft.became_leader(raft).or(found);
                let votes = || group.durability.became_leader(raft);
                let found = found.or_else(|| durable.then(votes)?);
                found.or_else(|| leases.then(|| group.lease_runs(raft, hosts, now))?)
            }
            Trace::ConfigurationAdopted { .. } => {
                self.progress.reconfigured();
                (raft.is_leader() && durable).then(|| membership::changed(raft))?
            }
            Trace::SteppedDown { .. } | Trace::Resigned { .. } => {
                self.progress.deposed(raft.node(), trace)
            }
            // It commits its own removal, and leads no more when the commit is looked at.
            Trace::LeaderRemoved { .. } => group.committed(at.host, raft, hosts, durable),
            Trace::Truncated { from, .. } => group.raft.truncated(at.host, raft, *from),
            _ => None,
        }
    }

    /// The furthest entry that any leader of a group has committed.
    pub fn furthest_commit(&self, group: GroupId) -> Index {
        self.groups[group::place(group)].raft.furthest_commit()
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
    pub fn asked(&self, group: GroupId, level: ReadLevel) -> Index {
        let binds = match level {
            ReadLevel::Linearizable => true,
            ReadLevel::Lease => self.leases_hold,
            ReadLevel::Stale => false,
        };
        match binds && self.watches(Property::FreshReads) {
            true => self.furthest_commit(group),
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
        if MANY_SHARDS && matches!(moved.failed, Some(Failed::Indefinite { .. })) {
            self.ran.gave_up(client, moved.sequence);
        }
        let Some(outcome) = &moved.outcome else {
            if self.watches(Property::Linearizability) {
                match moved.ended {
                    None => {
                        let (sequence, operation) = (moved.sequence, &moved.operation);
                        self.live.invoked(client, sequence, operation, now);
                    }
                    Some(_) => {
                        let never = moved.failed == Some(Failed::Definite);
                        self.live.gave_up(client, &moved.operation, never);
                    }
                }
            }
            return;
        };
        if let Some((group, index)) = self.ran.place_of(client, moved.sequence) {
            self.groups[group::place(group)].raft.acknowledged(index);
        }
        if !self.watches(Property::Linearizability) {
            return;
        }
        let live = &mut self.live;
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
        (self.live.settle(judge) == Verdict::NotLinearizable).then_some(doubt)
    }

    /// Whether an answer to a client is in doubt.
    pub fn is_in_doubt(&self) -> bool {
        self.doubt.is_some()
    }

    /// Takes down what was found. Returns it if it is the run's first violation.
    #[cold]
    pub fn report(&mut self, at: Time, group: GroupId, found: Found) -> Option<Violation> {
        let violation = Violation { at, group, found };
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
