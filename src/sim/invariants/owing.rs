//! Who owes progress: a majority that nothing is in the way of.

use super::super::action::Action;
use super::super::event::Loss;
use super::super::host::{Host, Power};
use super::super::simulation::Simulation;
use crate::base::{MemberId, NodeId, Span, Time};
use crate::kv::Command;
use crate::raft::{Raft, Rules, Timing};

/// Servers, a bit each.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(in super::super) struct Set(u128);

impl Set {
    fn of(node: NodeId) -> Set {
        Set(1 << (node.0 - 1))
    }

    fn and(self, node: NodeId) -> Set {
        Set(self.0 | Set::of(node).0)
    }

    /// Whether a server is in it.
    pub fn has(self, node: NodeId) -> bool {
        self.0 & Set::of(node).0 != 0
    }

    /// Whether nobody is in it.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The same, without a server.
    pub fn without(self, node: NodeId) -> Set {
        Set(self.0 & !Set::of(node).0)
    }

    /// Everybody.
    pub fn all() -> Set {
        Set(u128::MAX)
    }

    /// How many are in it.
    pub fn len(self) -> u32 {
        self.0.count_ones()
    }

    fn within(self, other: Set) -> bool {
        self.0 & !other.0 == 0
    }
}

/// How fast servers have to hear each other: a heartbeat interval, the way there and back, and the
/// two fsyncs that an answer may wait for, have to fit into three quarters of the shortest election
/// timeout, by the slowest clock against the fastest.
pub struct Pace {
    heartbeat: Span,
    limit: Span,
}

impl Pace {
    fn of(timing: &Timing) -> Pace {
        Pace {
            heartbeat: timing.heartbeat,
            limit: Span(timing.lease(Rules::ALL).0 / 4 * 3),
        }
    }
}

/// Whether a server runs, takes part, can write to its disk, and has a clock within the bound.
fn is_able(host: &Host, timing: &Timing) -> bool {
    let drift = host.clock().drift().unsigned_abs();
    host.power() == Power::Up
        && !host.disk().is_full()
        && drift <= timing.clock_drift.0
        && host.raft().is_some_and(|raft| !raft.disk_is_full())
}

/// Whether two servers hear each other without loss, and fast enough.
fn hear_each_other(run: &Simulation, a: &Host, b: &Host, pace: &Pace) -> bool {
    let network = run.network();
    let (there, back) = (run.link(a.id(), b.id()), run.link(b.id(), a.id()));
    let blocked = |from, to| -> Option<Loss> { network.blocked(from, to) };
    let whole = there.loss.0 == 0
        && back.loss.0 == 0
        && blocked(a.id(), b.id()).is_none()
        && blocked(b.id(), a.id()).is_none();
    let fsync = |host: &Host| host.disk().settings().fsync_max;
    let trip = there.latency_max + back.latency_max + fsync(a).max(fsync(b)) * 2;
    whole && pace.heartbeat + trip <= pace.limit
}

/// Whether a server can write fast enough, whoever else there is.
fn writes_in_time(host: &Host, pace: &Pace) -> bool {
    host.disk().settings().fsync_max * 2 <= pace.limit
}

/// Whether these are a majority by every configuration that one of them goes by. Who has none yet, because it has
/// nothing, goes by those of the others: it may vote only once it has caught up (dissertation 4.2.1).
pub(super) fn decide(run: &Simulation, set: Set) -> bool {
    let hosts = run.hosts().iter().filter(|host| set.has(host.id()));
    let members = hosts.filter_map(Host::raft).map(Raft::configuration);
    let mut members = members.filter(|it| !it.is_empty()).peekable();
    let known = set.is_empty() || members.peek().is_some();
    known && members.all(|it| it.is_quorum(Rules::ALL, |id| set.has(id.node())))
}

/// Whether a server leads that no majority of its voters reaches, now or by anything under way. It has to
/// find that out by itself (CheckQuorum, dissertation 6.2).
fn leads_in_vain(run: &Simulation, node: NodeId) -> bool {
    let Some(raft) = run.host(node).and_then(Host::raft) else {
        return false;
    };
    let reaches = |id: MemberId| {
        let from = id.node();
        from == node || run.network().blocked(from, node).is_none()
    };
    let up = run.host(node).is_some_and(|host| host.power() == Power::Up);
    let mut coming = run.messages().filter(|(flight, _)| !flight.is_blocked());
    let nothing_comes = coming.all(|(_, message)| message.to.node() != node);
    let members = raft.configuration();
    up && raft.is_leader() && !members.is_quorum(Rules::ALL, reaches) && nothing_comes
}

/// Whether those who owed progress still do, as far as no action and no change of the members can
/// have changed it: they take part, and follow nobody outside, but for one that leads in vain.
pub(super) fn still_owes(run: &Simulation, set: Set) -> bool {
    let timing = &run.settings().timing;
    let alone = |raft: &Raft<Command>| {
        let leader = raft.leader().map(MemberId::node);
        leader.is_none_or(|leader| set.has(leader) || leads_in_vain(run, leader))
    };
    let mut hosts = run.hosts().iter().filter(|host| set.has(host.id()));
    hosts.all(|host| is_able(host, timing) && host.raft().is_some_and(alone))
}

/// Whether these still owe progress, whatever may have changed for them.
fn decides(run: &Simulation, set: Set) -> bool {
    decide(run, set) && still_owes(run, set)
}

/// Some of these who owe progress now; nobody, if none do. The leader and those who come first are
/// taken first, whoever hears all of those.
pub(super) fn choose(run: &Simulation, among: Set) -> Set {
    let timing = &run.settings().timing;
    let pace = Pace::of(timing);
    let able =
        |host: &&Host| among.has(host.id()) && is_able(host, timing) && writes_in_time(host, &pace);
    let hosts: Vec<&Host> = run.hosts().iter().filter(able).collect();
    let rafts = || hosts.iter().filter_map(|host| host.raft());
    let leaders = rafts().filter(|raft| raft.is_leader());
    let leader = leaders.max_by_key(|raft| raft.current_term());
    let longest = || rafts().max_by_key(|raft| raft.last());
    let Some(members) = leader.or_else(longest).map(Raft::configuration) else {
        return Set::default();
    };
    let votes = |host: &&&Host| members.has_voter_on(host.id());
    let voters: Vec<&Host> = hosts.iter().filter(votes).copied().collect();
    let all = voters
        .iter()
        .fold(Set::default(), |set, host| set.and(host.id()));
    if !members.is_quorum(Rules::ALL, |id| all.has(id.node())) {
        return Set::default();
    }
    let heard: Vec<Set> = voters
        .iter()
        .map(|a| {
            let hears = |b: &&&Host| a.id() == b.id() || hear_each_other(run, a, b, &pace);
            let heard = voters.iter().filter(hears);
            heard.fold(Set::default(), |set, host| set.and(host.id()))
        })
        .collect();
    let first = leader.map(Raft::node);
    let lead = voters.iter().position(|host| Some(host.id()) == first);
    let starts = lead.into_iter().chain(0..voters.len());
    let sets = starts.map(|start| {
        let begin = Set::of(voters[start].id());
        voters
            .iter()
            .zip(&heard)
            .fold(begin, |set, (host, heard)| match set.within(*heard) {
                true => set.and(host.id()),
                false => set,
            })
    });
    let mut good = sets.filter(|&set| decide(run, set) && still_owes(run, set));
    good.next().unwrap_or_default()
}

/// When what is under way between them from before is over: links that keep the order deliver
/// nothing before what was sent first, and a slow fsync may still run.
pub(super) fn settles(run: &Simulation, set: Set) -> Time {
    let hosts = || run.hosts().iter().filter(|host| set.has(host.id()));
    let mut at = run.now();
    for host in hosts() {
        at = at.max(host.disk().due().unwrap_or(at));
        for other in hosts() {
            at = at.max(
                run.network()
                    .busy_until(host.id().into(), other.id().into()),
            );
        }
    }
    let messages = run.messages();
    let within = messages.filter(|(_, it)| set.has(it.from.node()) && set.has(it.to.node()));
    let due = within.map(|(flight, _)| flight.due).max();
    at.max(due.unwrap_or(at))
}

/// How an action may be in the way of those who owe progress.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in super::super) enum Disturbs {
    /// Not at all.
    Nobody,
    /// They begin anew.
    Them,
    /// The others go on, if they are enough.
    One(NodeId),
    /// That has to be looked at once it is done. Clients may be cut off as well.
    Perhaps,
    /// Only the clients.
    Clients,
}

impl Simulation {
    /// How an action that is about to be done may be in the way.
    pub(in super::super) fn disturbs(&self, action: &Action) -> Disturbs {
        match action {
            Action::Crash { node }
            | Action::Restart { node }
            | Action::Pause { node }
            | Action::Resume { node }
            | Action::SetClock { node, .. }
            | Action::JumpClock { node, .. }
            | Action::Disk { node, .. } => Disturbs::One(*node),
            Action::TimeOut { .. }
            | Action::TransferLeadership { .. }
            | Action::SetPriority { .. }
            | Action::SetRules { .. }
            | Action::Drop { .. }
            | Action::Delay { .. } => Disturbs::Them,
            Action::Cut { from, to }
            | Action::Restore { from, to }
            | Action::SetLink { from, to, .. }
                if from.node().is_none() || to.node().is_none() =>
            {
                Disturbs::Clients
            }
            Action::Partition { .. }
            | Action::Heal
            | Action::Cut { .. }
            | Action::Restore { .. }
            | Action::SetLink { .. }
            | Action::SetNetwork { .. }
            | Action::SetDisk { .. } => Disturbs::Perhaps,
            Action::SetClientNetwork { .. } => Disturbs::Clients,
            Action::Request { .. }
            | Action::SetLoad { .. }
            | Action::SetChaos { .. }
            | Action::Duplicate { .. }
            | Action::DeliverNow { .. }
            | Action::Compact { .. }
            | Action::AddServer
            | Action::PromoteServer { .. }
            | Action::RemoveServer { .. }
            | Action::ChangeMembers { .. }
            | Action::LeaveJoint
            | Action::RejoinServer { .. } => Disturbs::Nobody,
        }
    }

    /// That action is being done: what follows at once, as of a clock that is set, is its doing.
    pub(in super::super) fn disturbing(&mut self, how: Disturbs) {
        let progress = &mut self.checks.progress;
        match how {
            Disturbs::Them => progress.disturb(),
            Disturbs::One(node) => progress.narrow(progress.owing().without(node)),
            Disturbs::Nobody | Disturbs::Perhaps | Disturbs::Clients => {}
        }
    }

    /// That action is done.
    pub(in super::super) fn disturbed(&mut self, how: Disturbs) {
        let owing = self.checks.progress.owing();
        let rest = match how {
            Disturbs::Nobody => owing,
            Disturbs::Them => Set::default(),
            Disturbs::One(_) if owing.is_empty() || decides(self, owing) => owing,
            Disturbs::One(_) => choose(self, owing),
            Disturbs::Clients => owing,
            Disturbs::Perhaps if self.all_hear_each_other(owing) => owing,
            Disturbs::Perhaps => choose(self, owing),
        };
        if matches!(how, Disturbs::Clients | Disturbs::Perhaps) {
            let settled = self.network.clients_busy_until().max(self.cx.now());
            self.checks.progress.clients_disturbed(settled);
        }
        self.checks.progress.narrow(rest);
    }

    fn all_hear_each_other(&self, set: Set) -> bool {
        let pace = Pace::of(&self.settings().timing);
        let hosts = || self.hosts().iter().filter(|host| set.has(host.id()));
        hosts().all(|a| {
            let mut others = hosts().filter(|b| b.id() > a.id());
            writes_in_time(a, &pace) && others.all(|b| hear_each_other(self, a, b, &pace))
        })
    }
}

/// The raft of a host in the set that isn't `node`.
pub(super) fn others(
    run: &Simulation,
    set: Set,
    node: NodeId,
) -> impl Iterator<Item = &Raft<Command>> {
    let hosts = run.hosts().iter();
    let others = hosts.filter(move |host| set.has(host.id()) && host.id() != node);
    others.filter_map(Host::raft)
}
