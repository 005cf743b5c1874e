//! Why nothing moves: what is waited for, and what stands in its way, from the state alone.
//!
//! It looks at everything at once, as no server can, and at nothing that happened before: who is
//! able to take part, who hears whom, where logs end, who would vote for whom. So it has an answer
//! in any run at any instant, also where the cluster owes nobody anything: a partial partition that
//! leaves no server with the newest log that a quorum hears, a majority of lost disks, a full disk.
//!
//! Nothing here is asked while a run goes on; a screen, the command line or a script asks.

mod election;
mod reason;

pub use reason::{Lack, LackReason, StallReason, Unable};

use super::client::Client;
use super::event::Loss;
use super::host::{Host, Power};
use super::settings::LinkSettings;
use super::simulation::Simulation;
use super::violation::Found;
use crate::base::{Address, MemberId, NodeId, Ratio, Span, Time};
use crate::kv::Command;
use crate::raft::{Configuration, Raft, Rule};

/// Clients that are named one by one.
const NAMED: usize = 4;

/// Waiting for less than this is no waiting in vain, however short election timeouts are.
const SHORT: Span = Span::secs(1);

impl Simulation {
    /// What is waited for and what stands in its way, the most telling first; nothing, if nothing
    /// is waited for. Any run at any instant has an answer, also one that is about to go on: then
    /// it says who is waited for. A store of many shards has none yet: this knows one group.
    pub fn why_nothing_moves(&self) -> Vec<StallReason> {
        if self.settings().shards.are_many() {
            return Vec::new();
        }
        let mut reasons = Vec::new();
        let leader = self.heard_leader();
        self.unanswered(leader, &mut reasons);
        match leader.and_then(|leader| self.host(leader)?.raft()) {
            Some(raft) => self.led(raft, &mut reasons),
            None => self.leaderless(&mut reasons),
        }
        if !reasons.is_empty() {
            self.timeouts(leader.is_none(), &mut reasons);
        }
        reasons
    }

    /// Since when something has been waited for in vain: that a leader is elected, or commits, or that
    /// a client is answered. `None` while everything takes no longer than it may.
    pub fn stalled_since(&self) -> Option<Time> {
        if self.settings().shards.are_many() {
            return None;
        }
        if let Some(Found::Stalled { since, .. }) = self.violation().map(|it| it.found) {
            return Some(since);
        }
        let waiting = self.clients().filter(|client| !client.is_idle());
        let begun = waiting.filter_map(|client| Some(client.operations().next_back()?.invoked));
        let patience = (self.settings().timing.election_timeout_max * 4).max(SHORT);
        let stuck = self
            .checks
            .progress
            .stuck()
            .filter(|_| self.checks.are_on());
        let since = begun.chain(stuck).min();
        since.filter(|&at| self.now().since(at) > patience)
    }

    /// The leader of the highest term that exchanges messages with a quorum.
    fn heard_leader(&self) -> Option<NodeId> {
        let leads = |host: &&Host| host.is_leader() && self.unable(host.id()).is_none();
        let rafts = self.hosts().iter().filter(leads).filter_map(Host::raft);
        let heard = rafts.filter(|raft| self.counts(raft, |node| self.reach(raft.node(), node)).2);
        heard
            .max_by_key(|raft| raft.current_term())
            .map(|raft| raft.node())
    }

    // ---- clients ----

    fn unanswered(&self, leader: Option<NodeId>, reasons: &mut Vec<StallReason>) {
        let waiting = || self.clients().filter(|client| !client.is_idle());
        let named = waiting().take(NAMED);
        for client in named {
            reasons.extend(self.waits(client, leader));
            reasons.extend(self.unheard(client));
        }
        let clients = waiting().skip(NAMED).count() as u32;
        if clients > 0 {
            reasons.push(StallReason::UnansweredToo { clients });
        }
        let Some(_) = waiting().next() else { return };
        let link = self.network().client_settings();
        let (timeout, needed) = (self.settings().clients.timeout, link.latency_max * 2);
        if link.loss >= Ratio::ONE {
            reasons.push(StallReason::ClientsUnheard);
        } else if needed >= timeout {
            reasons.push(StallReason::ClientTimeoutTooShort { timeout, needed });
        }
    }

    fn waits(&self, client: &Client, leader: Option<NodeId>) -> Option<StallReason> {
        let operation = client.operations().next_back()?;
        let asked = self.host(operation.node).and_then(Host::raft);
        Some(StallReason::Unanswered {
            client: client.id(),
            sequence: operation.sequence,
            since: operation.invoked,
            asks: operation.node,
            unable: self.unable(operation.node),
            hint: asked.and_then(Raft::leader).map(|id| id.node()),
            leader,
        })
    }

    /// Whether something on the link to the server that it asks keeps a client from its answer.
    fn unheard(&self, client: &Client) -> Option<StallReason> {
        let network = self.network();
        let (client, node) = (client.id(), client.operations().next_back()?.node);
        let ends = [Address::Client(client), Address::Node(node)];
        let lost = |from, to| {
            let own = network.own_settings(from, to);
            let all = own.is_some_and(|link| link.loss >= Ratio::ONE);
            let loss = network.blocked(from, to).or(all.then_some(Loss::Random))?;
            Some(StallReason::ClientUnheard { from, to, loss })
        };
        lost(ends[0], ends[1]).or_else(|| lost(ends[1], ends[0]))
    }

    // ---- a leader that a quorum hears ----

    fn led(&self, raft: &Raft<Command>, reasons: &mut Vec<StallReason>) {
        let (leader, last, commit) = (raft.node(), raft.log().last_index(), raft.commit_index());
        if let Some(to) = raft.transfers_to() {
            reasons.push(StallReason::Transferring {
                leader,
                to: to.node(),
            });
        }
        let term = raft.current_term();
        let of_its_term = raft.log().term_at(commit) == Some(term);
        if last > commit {
            let first = commit + 1;
            reasons.push(StallReason::Uncommitted {
                leader,
                first,
                last,
            });
            let has_own = raft.last().term == term || !self.rules().has(Rule::CommitOwnTermOnly);
            if !has_own {
                reasons.push(StallReason::OnlyInherited { leader, term });
            }
            self.behind(raft, reasons);
        } else if !of_its_term && !reasons.is_empty() {
            reasons.push(StallReason::NothingOfItsTerm { leader, term });
        }
    }

    /// Who lacks the entry behind the commit index.
    fn behind(&self, raft: &Raft<Command>, reasons: &mut Vec<StallReason>) {
        let (leader, last, next) = (
            raft.node(),
            raft.log().last_index(),
            raft.commit_index() + 1,
        );
        if raft.durable_index() < next {
            let (node, match_index) = (leader, raft.durable_index());
            reasons.push(StallReason::Behind {
                leader,
                node,
                match_index,
                last,
            });
        }
        let voters = raft.peers().iter().filter(|peer| !peer.is_learner());
        for peer in voters.filter(|peer| peer.match_index < next) {
            let (node, match_index) = (peer.id, peer.match_index);
            reasons.push(match &peer.sending {
                Some(sending) => StallReason::SnapshotUnderWay {
                    leader,
                    to: node.node(),
                    received: sending.received,
                    total: sending.snapshot.bytes(),
                },
                None => StallReason::Behind {
                    leader,
                    node: node.node(),
                    match_index,
                    last,
                },
            });
        }
        let lacks = self.lacks(raft, |node| self.reach(leader, node));
        if !lacks.is_empty() {
            let (heard, needed, _) = self.counts(raft, |node| self.reach(leader, node));
            reasons.push(StallReason::LeaderCutOff {
                leader,
                heard,
                needed,
                lacks,
            });
        }
    }

    // ---- timers ----

    /// Timeouts that can't work with these links and disks.
    fn timeouts(&self, elections: bool, reasons: &mut Vec<StallReason>) {
        let timing = self.settings().timing;
        let (shortest, longest) = (timing.election_timeout_min, timing.election_timeout_max);
        let able = self.able_voters();
        let host = |node: &NodeId| self.host(*node);
        for host in able.iter().filter_map(host) {
            let (node, fsync) = (host.id(), host.disk().settings().fsync_max);
            if fsync >= shortest {
                reasons.push(StallReason::SlowDisk { node, fsync });
            }
        }
        let fsyncs = able.iter().filter_map(host);
        let fsync = fsyncs.map(|host| host.disk().settings().fsync_max).max();
        let (mut way, mut trip) = (Span::ZERO, Span::ZERO);
        for &from in &able {
            for &to in able.iter().filter(|&&to| to != from) {
                if self.reach(from, to).is_none() {
                    let there = self.link(from, to).latency_max;
                    way = way.max(there);
                    trip = trip.max(there + self.link(to, from).latency_max);
                }
            }
        }
        let fsync = fsync.unwrap_or_default().min(shortest);
        let needed = (timing.heartbeat + way).max(trip + fsync);
        if able.len() > 1 && needed >= shortest {
            reasons.push(StallReason::TimeoutTooShort { shortest, needed });
        }
        let needed = way + fsync;
        if elections && able.len() > 1 && longest - shortest < needed {
            reasons.push(StallReason::NoRangeOfTimeouts {
                shortest,
                longest,
                needed,
            });
        }
    }

    // ---- who is there, and who hears whom ----

    /// The voters that can take part, by the members that the cluster goes by.
    fn able_voters(&self) -> Vec<NodeId> {
        let members = self.configuration();
        let ids = self.hosts().iter().map(Host::id);
        ids.filter(|&id| members.has_voter_on(id) && self.unable(id).is_none())
            .collect()
    }

    /// Why a server can't take part, if so.
    pub(super) fn unable(&self, node: NodeId) -> Option<Unable> {
        let host = self.host(node)?;
        if host.is_retired() {
            return Some(Unable::Gone);
        }
        match host.power() {
            Power::Crashed => Some(Unable::Down),
            Power::Paused => Some(Unable::Paused),
            Power::Up if host.raft().is_none() => Some(Unable::TakesNoPart),
            Power::Up => host.disk().is_full().then_some(Unable::DiskFull),
        }
    }

    /// How a link behaves now.
    pub(super) fn link(&self, from: NodeId, to: NodeId) -> LinkSettings {
        self.network().link(from, to)
    }

    /// Why nothing gets from one server to another, if so.
    pub(super) fn silent(&self, from: NodeId, to: NodeId) -> Option<Loss> {
        let lost = || (self.link(from, to).loss >= Ratio::ONE).then_some(Loss::Random);
        self.network().blocked(from, to).or_else(lost)
    }

    /// Why `node` and `other` can't exchange messages, if so.
    fn reach(&self, node: NodeId, other: NodeId) -> Option<LackReason> {
        if node == other {
            return None;
        }
        if let Some(how) = self.unable(other) {
            return Some(LackReason::Unable { how });
        }
        let unheard = |from, to| {
            let loss = self.silent(from, to)?;
            Some(LackReason::Unheard { from, to, loss })
        };
        unheard(node, other).or_else(|| unheard(other, node))
    }

    /// Of the half of a server's configuration that has further to go: for how many voters nothing
    /// is in the way, and how many are needed; and whether both halves have enough.
    fn counts(
        &self,
        raft: &Raft<Command>,
        lack: impl Fn(NodeId) -> Option<LackReason> + Clone,
    ) -> (u32, u32, bool) {
        let vote = |id: MemberId| Some(lack(id.node()).is_none());
        let tally = raft.configuration().tally(self.rules(), vote);
        let quorum = raft
            .configuration()
            .is_quorum(self.rules(), |id| lack(id.node()).is_none());
        (tally.granted, tally.needed, quorum)
    }

    /// The voters of a server's configuration that something is in the way of.
    fn lacks(
        &self,
        raft: &Raft<Command>,
        lack: impl Fn(NodeId) -> Option<LackReason>,
    ) -> Vec<Lack> {
        let configuration: &Configuration = raft.configuration();
        let members = configuration.members().into_iter();
        let voters = members.filter(|&id| configuration.is_voter(id));
        voters
            .map(|id| id.node())
            .filter_map(|node| lack(node).map(|why| Lack { node, why }))
            .collect()
    }
}
