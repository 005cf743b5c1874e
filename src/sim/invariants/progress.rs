//! Progress: something is committed and whoever asks is answered, where nothing is in the way
//! (sections 5.3 to 5.6: a majority that runs and communicates makes progress).
//!
//! *Who owes it.* A set of voters (`owing`) that is a majority by every
//! configuration that one of them goes by, of either half if it is joint. All of them run, take
//! part, have space on their disks and clocks within
//! [`Timing::clock_drift`](crate::raft::Timing::clock_drift); each hears each other one without
//! loss, and fast enough ([`owing::Pace`]). A server that hears both sides would do for an
//! election; that everybody hears everybody is more than is needed, so that nothing is called a
//! stall that a broken link explains. The time counts from when all that began. A fault that meets
//! one of the set leaves the others, if they still are such a majority; else the time begins anew, as
//! it does with a person's `time_out`, a transfer of the leadership, another priority, other rules, a
//! message that a person drops or delays, and whenever one of the set follows a leader outside of it, unless
//! nothing reaches that leader from a majority, which it has to notice.
//!
//! *What is owed.* Somebody of the set leads, and commits what is in its log: within
//! [`TIMEOUTS`] of the longest election timeouts there is a leader, and either nothing to commit or
//! a commit. If that takes longer, what is missing may be on its way: then as long again as
//! [`transfer`] says, in the windows that are set; but not to a new voter that has nothing. And once that is so and stays so, each client
//! that hears the set without loss is answered: it may need two tries for each server outside of
//! the set, which may send it astray, and four more; each takes its timeout and the longest wait,
//! and all [`TIMEOUTS`] on top. A client that gave up after as many tries wasn't answered either.
//!
//! *What it costs.* It is looked at every quarter of a second, between two events, and a fault is
//! noticed when it happens; so nothing is added to the queue, and no run changes by it.

use super::super::client::ClientOperation;
use super::super::event_log::Cause;
use super::super::host::Host;
use super::super::simulation::Simulation;
use super::owing::{self, Set};
use super::stability::LeaderTerm;
use super::{Found, Owed, Property};
use crate::base::{ClientId, GroupId, NodeId, Span, Time};
use crate::kv::Command;
use crate::raft::{Entry, Index, Raft};

/// So many of the longest election timeouts may pass before there is a leader that commits.
pub const TIMEOUTS: u64 = 20;

/// Tries that a client is granted besides those that servers outside of the set cost it.
const TRIES: u64 = 4;

/// How often everything is looked at: once in the longest election timeout, within these limits.
const SHORTEST_LOOK: Span = Span::millis(1);
const LONGEST_LOOK: Span = Span::millis(250);

/// What has been seen so far, of the first group.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct ProgressChecks {
    /// Who owes progress now.
    owing: Set,
    /// Since when they owe it.
    since: Time,
    /// Since when there has been no leader, or one that commits nothing; `None` while all is well.
    stuck: Option<Time>,
    /// The commit index when that was looked at last.
    furthest: Index,
    /// How long what was missing may take, once that has been asked.
    transfer: Option<Span>,
    /// Since when the same leader of the set has been committing.
    settled: Option<(LeaderTerm, Time)>,
    /// Since when links of clients are as they are.
    clients: Time,
    /// The leader that may not be deposed.
    pub(super) leader_term: Option<LeaderTerm>,
    /// Whether a server went by other members since that was looked at.
    reconfigured: bool,
    /// When to look again.
    pub due: Time,
}

impl Default for ProgressChecks {
    fn default() -> ProgressChecks {
        ProgressChecks {
            owing: Set::default(),
            since: Time::ZERO,
            stuck: Some(Time::ZERO),
            furthest: 0,
            transfer: None,
            settled: None,
            clients: Time::ZERO,
            leader_term: None,
            reconfigured: false,
            due: Time::ZERO,
        }
    }
}

impl ProgressChecks {
    /// Something happened to one of those who owe progress: the time counts anew.
    pub fn disturb(&mut self) {
        self.owing = Set::default();
        self.settled = None;
        self.leader_term = None;
    }

    /// These are left of those who owe progress: they go on as if nothing had happened.
    pub fn narrow(&mut self, rest: Set) {
        let stays = |leader_term: &LeaderTerm| rest.has(leader_term.leader());
        self.owing = rest;
        self.settled = self.settled.filter(|(leader_term, _)| stays(leader_term));
        self.leader_term = self.leader_term.filter(stays);
    }

    /// A server goes by other members: who owes progress has to be asked again, and a leader may be
    /// deposed until then.
    pub fn reconfigured(&mut self) {
        self.leader_term = None;
        self.reconfigured = true;
    }

    /// The links of clients have changed; what is under way on them arrives by `settled`.
    pub fn clients_disturbed(&mut self, settled: Time) {
        self.clients = settled;
    }

    /// Who owes progress.
    pub fn owing(&self) -> Set {
        self.owing
    }

    /// Who owes progress, and since when.
    pub fn owing_since(&self) -> (Set, Time) {
        (self.owing, self.since)
    }

    /// The leader that may not be deposed.
    pub fn secure_leader(&self) -> Option<NodeId> {
        self.leader_term.map(|leader_term| leader_term.leader())
    }

    /// Since when there has been no leader, or one that commits nothing.
    pub fn stuck(&self) -> Option<Time> {
        self.stuck
    }

    /// Looks at everything that is owed.
    fn look(&mut self, run: &Simulation) -> Option<Found> {
        let now = run.now();
        let watched = [Property::Progress, Property::Stability];
        let watched = watched.into_iter().any(|it| run.checks.watches(it));
        let reconfigured = std::mem::take(&mut self.reconfigured);
        let owes = |set| owing::still_owes(run, set) && (!reconfigured || owing::decide(run, set));
        if self.owing.is_empty() || !owes(self.owing) {
            self.disturb();
            if watched {
                self.owing = owing::choose(run, Set::all());
                self.since = owing::settles(run, self.owing);
            }
        }
        let leader = self.leader(run);
        let found = self.commits(leader, run, now);
        self.settle(leader, now);
        let still_leads =
            |leader_term: &LeaderTerm| leader.map(LeaderTerm::of) == Some(*leader_term);
        let leader_term = self.leader_term.filter(still_leads);
        self.leader_term = leader_term.or_else(|| self.secure(leader, run));
        found.or_else(|| self.unanswered(run, now))
    }

    /// The leader of the highest term: of those who owe progress, if anybody does.
    fn leader<'a>(&self, run: &'a Simulation) -> Option<&'a Raft<Command>> {
        let counts = |host: &&Host| self.owing.is_empty() || self.owing.has(host.id());
        let rafts = run.hosts().iter().filter(counts).filter_map(Host::raft);
        let leaders = rafts.filter(|raft| raft.is_leader());
        leaders.max_by_key(|raft| raft.current_term())
    }

    /// Whether there is a leader that commits; if not, and that takes too long, what was found.
    fn commits(
        &mut self,
        leader: Option<&Raft<Command>>,
        run: &Simulation,
        now: Time,
    ) -> Option<Found> {
        let furthest = run.checks.furthest_commit(GroupId::FIRST);
        let idle = |raft: &Raft<Command>| raft.log().last_index() == raft.commit_index();
        let moves = furthest > self.furthest;
        self.furthest = furthest;
        if leader.is_some_and(|raft| moves || idle(raft)) {
            (self.stuck, self.transfer) = (None, None);
            return None;
        }
        self.settled = None;
        let since = (*self.stuck.get_or_insert(now)).max(self.since);
        let mut limit = run.settings().timing.election_timeout_max * TIMEOUTS;
        if self.owing.is_empty() || now.since(since) <= limit {
            return None;
        }
        limit = limit
            + *self
                .transfer
                .get_or_insert_with(|| transfer(run, self.owing));
        (now.since(since) > limit).then(|| self.stalled(run, since, leader))
    }

    fn stalled(&self, run: &Simulation, since: Time, leader: Option<&Raft<Command>>) -> Found {
        let owed = match leader {
            Some(_) => Owed::Commit,
            None => Owed::Leader,
        };
        self.found(run, since, owed)
    }

    fn found(&self, run: &Simulation, since: Time, owed: Owed) -> Found {
        Found::Stalled {
            since,
            owed,
            leader: self.leader(run).map(Raft::node),
            members: self.owing.len(),
        }
    }

    /// Takes down since when the same leader has been committing.
    fn settle(&mut self, leader: Option<&Raft<Command>>, now: Time) {
        let leader_term = leader.filter(|_| self.stuck.is_none()).map(LeaderTerm::of);
        self.settled = match (self.settled, leader_term) {
            (Some((before, at)), Some(leader_term)) if before == leader_term => {
                Some((leader_term, at))
            }
            (_, Some(leader_term)) if !self.owing.is_empty() => {
                Some((leader_term, now.max(self.since)))
            }
            _ => None,
        };
    }

    fn secure(&self, leader: Option<&Raft<Command>>, run: &Simulation) -> Option<LeaderTerm> {
        let steady = run.settings().timing.election_timeout_max;
        let owed = !self.owing.is_empty() && run.now().since(self.since) >= steady;
        let leader = leader.filter(|_| owed && self.stuck.is_none())?;
        super::stability::is_secure(leader, self.owing, run).then(|| LeaderTerm::of(leader))
    }

    // ---- clients ----

    /// How long a client may wait, and how many tries it may need, while a leader commits.
    fn patience(&self, run: &Simulation) -> (Span, u64) {
        let known = run.clients.servers();
        let astray = known.filter(|&node| !self.owing.has(node)).count() as u64;
        let tries = 2 * astray + TRIES;
        let clients = &run.settings().clients;
        let each = clients.timeout + clients.backoff_max;
        let grace = run.settings().timing.election_timeout_max * TIMEOUTS;
        (each * tries + grace, tries)
    }

    /// Since when a client is owed an answer; `None` while it isn't.
    fn answer_owed(&self, run: &Simulation, client: ClientId) -> Option<Time> {
        let (_, settled) = self.settled?;
        let ids = run.hosts().iter().map(Host::id);
        let mut set = ids.filter(|&node| self.owing.has(node));
        set.all(|node| hears(run, client, node))
            .then(|| settled.max(self.clients))
    }

    /// Whether a client waits too long.
    fn unanswered(&self, run: &Simulation, now: Time) -> Option<Found> {
        self.settled?;
        let waiting = run.clients().filter(|client| !client.is_idle());
        let begun = waiting.filter_map(|it| Some((it.id(), it.operations().next_back()?)));
        let limit = self.patience(run).0;
        let mut late = begun.filter(|(_, operation)| now.since(operation.invoked) > limit);
        late.find_map(|(client, operation)| {
            let since = operation.invoked.max(self.answer_owed(run, client)?);
            let sequence = operation.sequence;
            let late = now.since(since) > limit;
            late.then(|| self.found(run, since, Owed::Answer { client, sequence }))
        })
    }

    /// Whether a client gave up that should have been answered.
    pub fn gave_up(
        &self,
        run: &Simulation,
        client: ClientId,
        operation: &ClientOperation,
    ) -> Option<Found> {
        let owed = self.answer_owed(run, client)?;
        let (since, sequence) = (operation.invoked, operation.sequence);
        let (_, tries) = self.patience(run);
        // What comes of a session that expires under way is no answer, by design.
        let life = run.settings().clients.session_timeout;
        let expires = life > Span::ZERO && run.now().since(since) * 2 >= life;
        let tried = u64::from(operation.attempts) >= tries && !expires;
        (since >= owed && tried).then(|| self.found(run, since, Owed::Answer { client, sequence }))
    }
}

/// Whether a client and a server hear each other without loss, and fast enough for one try.
fn hears(run: &Simulation, client: ClientId, node: NodeId) -> bool {
    let (network, settings) = (run.network(), run.settings());
    let blocked = network
        .blocked(client, node)
        .or(network.blocked(node, client));
    let links = [network.link(client, node), network.link(node, client)];
    let trip = links[0].latency_max + links[1].latency_max + settings.timing.election_timeout_min;
    let whole = links.iter().all(|link| link.loss.0 == 0);
    blocked.is_none() && whole && trip <= settings.clients.timeout
}

/// How long what somebody of the set lacks may be on its way: the round trips that the windows ask
/// for, each as long as one may take, four times over. A snapshot counts if somebody needs one.
///
/// A voter that joined later isn't waited for while it has nothing: it should have caught up first
/// (dissertation 4.2.1).
fn transfer(run: &Simulation, set: Set) -> Span {
    let timing = run.settings().timing;
    let founders = run.settings().nodes;
    let rafts = || {
        let hosts = run.hosts().iter().filter(|it| set.has(it.id()));
        let rafts = hosts.filter_map(Host::raft);
        rafts.filter(move |it| it.node().0 <= founders || it.log().last_index() > 0)
    };
    let Some(longest) = rafts().max_by_key(|raft| raft.last()) else {
        return Span::ZERO;
    };
    let held = rafts().map(|raft| raft.log().last_index()).min();
    let log = longest.log();
    let first = log.first_index().max(held.unwrap_or(0) + 1);
    let missing = log.slice(first, u64::MAX >> 1);
    let bytes: u64 = missing
        .iter()
        .map(|entry| u64::from(Entry::bytes(entry)))
        .sum();
    let newest = rafts()
        .map(|raft| raft.log().base())
        .max_by_key(|base| base.index);
    let lacks = |raft: &Raft<Command>| {
        let (log, base) = (raft.log(), newest.unwrap_or_default());
        log.base().index < base.index && log.term_at(base.index) != Some(base.term)
    };
    let snapshots = rafts().filter_map(Raft::snapshot).map(|it| it.bytes());
    let snapshot = snapshots.max().filter(|_| rafts().any(lacks));
    let snapshot = u64::from(snapshot.unwrap_or(0));
    let (window, chunk) = (timing.max_in_flight_bytes, timing.max_chunk);
    let messages = u64::from(timing.max_in_flight);
    let chunks = (u64::from(chunk) * messages).min(window.max(chunk).into());
    let trips = missing.len() / (u64::from(timing.max_batch) * messages)
        + bytes / u64::from(window)
        + snapshot / chunks;
    timing.election_timeout_min * (4 * (trips + 1))
}

impl Simulation {
    /// Looks whether what is owed comes: Progress. And who leads: Stability.
    #[cold]
    pub(in super::super) fn look_for_progress(&mut self) {
        let period = self.settings.timing.election_timeout_max;
        let mut progress = self.checks.progress;
        progress.due = self.cx.now() + period.clamp(SHORTEST_LOOK, LONGEST_LOOK);
        let found = match self.checks.are_on() {
            true => progress.look(self),
            false => None,
        };
        self.checks.progress = progress;
        // What doesn't come, nothing leads to.
        let cause = self.cx.cause();
        self.cx.follow(Cause::NONE);
        self.report(GroupId::FIRST, found);
        self.cx.follow(cause);
    }
}
