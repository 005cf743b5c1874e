//! What a history keeps of an event: the fact, and what its sentence needs to know besides.
//!
//! An event names servers and indexes; what they were at that moment (a term, a command, who held
//! the entry) is read from the simulation then and there, because a moment later it may be gone.

use crate::base::order::sort;
use crate::base::{ClientId, NodeId};
use crate::kv::{Command, Operation};
use crate::raft::{Configuration, EntryId, Index, Payload, Progress, Raft, Term, Trace};
use crate::sim::{Action, Event, EventKind, MessageKind, PacketKind, Simulation};
use std::collections::VecDeque;
use std::rc::Rc;

/// How many retained events a new leader's votes are looked for in.
pub(super) const RECENT: usize = 512;

/// About how many bytes of memory a retained event takes by itself.
const RETAINED_BYTES: usize = 272;

/// A retained event, with its surroundings.
#[derive(Clone, PartialEq, Debug)]
pub struct RetainedEvent {
    /// The fact.
    pub event: Event,
    /// Every server as it was then, by id. Shared between events while nothing changes.
    pub servers: Rc<[ServerThen]>,
    /// The entry that the event is about.
    pub entry: Option<EntryId>,
    /// The command in that entry, or the operation that a client waits for.
    pub command: Option<(ClientId, Operation)>,
    /// Who is a member by that entry, if it says so.
    pub members: Option<Rc<Configuration>>,
    /// Whether that entry is a no-op. One that is compacted away is known by its place alone.
    pub noop: bool,
    /// Who voted for the new leader, or which voters hold the entry as far as its leader knows.
    pub holders: Box<[NodeId]>,
    /// The majorities that a decision needs, by the server that decided something: one, or a
    /// second one of the outgoing voters while two are needed.
    pub majorities: [Option<Majority>; 2],
}

/// Voters of which a decision needs a majority.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Majority {
    /// How many vote.
    pub of: u32,
    /// How many of them are among the holders.
    pub with: u32,
}

/// A server at one moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ServerThen {
    /// The server.
    pub id: NodeId,
    /// Its current term.
    pub term: Term,
    /// Whether it leads.
    pub leader: bool,
}

/// Every server as it was last, shared by the events while nothing changes.
#[derive(Clone, Debug, Default)]
pub(in crate::run) struct LatestServers {
    last: Option<Rc<[ServerThen]>>,
}

impl LatestServers {
    fn at(&mut self, simulation: &Simulation) -> Rc<[ServerThen]> {
        let server_then = |host: &crate::sim::Host| ServerThen {
            id: host.id(),
            term: host
                .raft()
                .map_or(host.volume().hard_state().current_term, Raft::current_term),
            leader: host.is_leader(),
        };
        let hosts = simulation.hosts();
        match &self.last {
            Some(last) if last.iter().copied().eq(hosts.iter().map(server_then)) => last.clone(),
            _ => self
                .last
                .insert(hosts.iter().map(server_then).collect())
                .clone(),
        }
    }
}

impl RetainedEvent {
    /// An event, how the servers were then, and nothing else that its sentence may need.
    pub(crate) fn bare(event: Event, servers: Rc<[ServerThen]>) -> RetainedEvent {
        RetainedEvent {
            event,
            servers,
            entry: None,
            command: None,
            members: None,
            noop: false,
            holders: Box::default(),
            majorities: [None; 2],
        }
    }

    /// The event with what the simulation, just after it, and the events before it say.
    pub(in crate::run) fn new(
        event: Event,
        simulation: &Simulation,
        servers: &mut LatestServers,
        before: &VecDeque<Rc<RetainedEvent>>,
    ) -> RetainedEvent {
        let mut retained = RetainedEvent::bare(event, servers.at(simulation));
        match retained.event.kind {
            EventKind::Traced { node, group, trace } => {
                if let Some(raft) = simulation.raft_of(node, group) {
                    retained.look_at(raft, trace, before);
                    retained.count(raft);
                }
            }
            EventKind::Applied { node, group, id } => {
                if let Some(raft) = simulation.raft_of(node, group) {
                    retained.read_entry(raft, id.index);
                }
            }
            EventKind::Asked { client, .. }
            | EventKind::Redirected { client, .. }
            | EventKind::SentElsewhere { client, .. }
            | EventKind::MapCame { client, .. }
            | EventKind::TimedOut { client, .. }
            | EventKind::Returned { client, .. }
            | EventKind::SessionExpired { client, .. }
            | EventKind::GaveUp { client, .. } => {
                let asks = simulation.clients().find(|it| it.id() == client);
                let last = asks.and_then(|it| it.operations().next_back());
                retained.command = last.map(|last| (client, last.operation.clone()));
            }
            _ => {}
        }
        retained
    }

    /// About how many bytes of memory it takes, without what earlier ones hold already.
    pub(super) fn bytes(&self) -> u32 {
        let value = match &self.event.kind {
            EventKind::Returned { outcome, .. } => outcome.bytes(),
            _ => 0,
        };
        // One of the two is held by `LatestServers`, for the next event.
        let is_new = Rc::strong_count(&self.servers) <= 2;
        let servers = if is_new { 24 * self.servers.len() } else { 0 };
        (RETAINED_BYTES + servers + 4 * self.holders.len()) as u32 + value as u32
    }

    fn look_at(
        &mut self,
        raft: &Raft<Command>,
        trace: Trace,
        before: &VecDeque<Rc<RetainedEvent>>,
    ) {
        match trace {
            Trace::Appended { first, last, .. } | Trace::Stored { first, last, .. }
                if first == last =>
            {
                self.read_entry(raft, last);
            }
            Trace::Matched { match_index, .. } => {
                self.read_entry(raft, match_index);
                self.holders = holders(raft, match_index);
            }
            Trace::Committed { to, as_leader, .. } => {
                self.read_entry(raft, to);
                if as_leader {
                    self.holders = holders(raft, to);
                }
            }
            Trace::NotOwnTerm { id, .. } => self.read_entry(raft, id.index),
            Trace::ConfigurationAdopted { index, .. } | Trace::JointCommitted { index } => {
                self.read_entry(raft, index);
            }
            Trace::BecameLeader { term, .. } => {
                let recent = before.iter().rev().take(RECENT);
                let mut voters: Vec<NodeId> = recent
                    .filter_map(|retained| vote(retained, raft.node(), term))
                    .collect();
                sort(&mut voters);
                self.holders = voters.into();
            }
            _ => {}
        }
    }

    fn read_entry(&mut self, raft: &Raft<Command>, index: Index) {
        self.entry = raft.log().entry_id(index);
        match raft.log().entry(index).map(|entry| &entry.payload) {
            Some(Payload::Command(Command::Client(command))) => {
                self.command = Some((command.client, command.operation.clone()));
            }
            Some(Payload::Configuration(members)) => self.members = Some(Rc::new(members.clone())),
            Some(Payload::Noop) => self.noop = true,
            Some(Payload::Command(Command::Admin(_))) => {}
            // Compacted away as soon as it was applied; but it is known who the members are.
            None if index == raft.configuration_index() && index > 0 => {
                self.members = Some(Rc::new(raft.configuration().clone()));
            }
            None => {}
        }
    }

    fn count(&mut self, raft: &Raft<Command>) {
        // An entry that changes the members is decided by them. Its leader may be further by now.
        let own = self.members.clone();
        let members = own.as_deref().unwrap_or(raft.configuration());
        for (place, majority) in self.majorities.iter_mut().zip(members.majorities()) {
            *place = Some(Majority {
                of: majority.len() as u32,
                with: majority
                    .iter()
                    .filter(|id| self.holders.contains(&id.node()))
                    .count() as u32,
            });
        }
    }
}

/// Which voters hold an entry durably, as far as its leader knows.
pub fn holders<C>(leader: &Raft<C>, index: Index) -> Box<[NodeId]> {
    let itself = (leader.durable_index() >= index).then(|| leader.node());
    let holds = |peer: &&Progress| peer.match_index >= index && !peer.is_learner();
    let peers = leader.peers().iter().filter(holds);
    let mut holders: Vec<NodeId> = itself
        .into_iter()
        .chain(peers.map(|peer| peer.id.node()))
        .collect();
    sort(&mut holders);
    holders.into()
}

/// The voter, if the event is the count of a yes-vote for this candidate in this term.
fn vote(retained: &RetainedEvent, candidate: NodeId, of: Term) -> Option<NodeId> {
    match retained.event.kind {
        EventKind::Traced {
            node,
            trace:
                Trace::VoteCounted {
                    from,
                    term,
                    granted: true,
                    ..
                },
            ..
        } if (node, term) == (candidate, of) => Some(from),
        _ => None,
    }
}

/// How much an event matters to somebody who follows the story.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Weight {
    /// Not retained: the picture shows it.
    Quiet,
    /// Bookkeeping.
    Detail,
    /// A step of the story.
    Key,
    /// Worth a mark on the timeline.
    Mark,
}

impl Weight {
    /// The weight of a fact.
    pub fn of(kind: &EventKind) -> Weight {
        match kind {
            EventKind::Acted(action) | EventKind::ChaosActed(action) => of_action(action),
            EventKind::Traced { trace, .. } => of_trace(trace),
            EventKind::Sent { .. }
            | EventKind::Delivered { .. }
            | EventKind::Synced { .. }
            | EventKind::Invoked { .. } => Weight::Quiet,
            EventKind::Lost { kind, .. } => match kind {
                PacketKind::Message {
                    kind:
                        MessageKind::Heartbeat { .. }
                        | MessageKind::AppendEntriesReply { .. }
                        | MessageKind::InstallSnapshotReply { .. },
                    ..
                } => Weight::Detail,
                _ => Weight::Key,
            },
            EventKind::Asked { attempt: 1, .. }
            | EventKind::Crashed { .. }
            | EventKind::Restarted { .. }
            | EventKind::CutOff { .. }
            | EventKind::Refused { .. }
            | EventKind::Paused { .. }
            | EventKind::Resumed { .. }
            | EventKind::Returned { .. }
            | EventKind::GaveUp { .. }
            | EventKind::Joined { .. }
            | EventKind::Rejoined { .. }
            | EventKind::Retired { .. }
            | EventKind::Split { .. }
            | EventKind::Frozen { .. }
            | EventKind::Absorbed { .. }
            | EventKind::Thawed { .. }
            | EventKind::Judged { .. }
            | EventKind::Began { .. }
            | EventKind::Violated(_)
            | EventKind::Stopped(_) => Weight::Mark,
            EventKind::Asked { .. }
            | EventKind::Applied { .. }
            | EventKind::Duplicated { .. }
            | EventKind::Redirected { .. }
            | EventKind::SentElsewhere { .. }
            | EventKind::MapCame { .. }
            | EventKind::Born { .. }
            | EventKind::Buried { .. }
            | EventKind::Ended { .. }
            | EventKind::TimedOut { .. }
            | EventKind::SessionExpired { .. }
            | EventKind::ChangeAbandoned => Weight::Key,
        }
    }
}

fn of_action(action: &Action) -> Weight {
    match action {
        // The events that follow tell it.
        Action::Request { .. }
        | Action::Crash { .. }
        | Action::Restart { .. }
        | Action::Pause { .. }
        | Action::Resume { .. }
        | Action::TimeOut { .. }
        | Action::Compact { .. }
        | Action::Drop { .. }
        | Action::AddServer
        | Action::RejoinServer { .. }
        | Action::Duplicate { .. } => Weight::Quiet,
        Action::Delay { .. } | Action::DeliverNow { .. } => Weight::Key,
        _ => Weight::Mark,
    }
}

fn of_trace(trace: &Trace) -> Weight {
    match trace {
        Trace::ElectionStarted { .. }
        | Trace::BecameLeader { .. }
        | Trace::Truncated { .. }
        | Trace::SnapshotInstalled { .. }
        | Trace::SteppedDown {
            was_leader: true, ..
        }
        | Trace::Resigned { .. }
        | Trace::JointCommitted { .. }
        | Trace::LeaderRemoved { .. }
        | Trace::Committed {
            as_leader: true, ..
        } => Weight::Mark,
        Trace::TermAdopted { .. }
        | Trace::FollowsLeader { .. }
        | Trace::WentBack { .. }
        | Trace::Committed { .. }
        | Trace::ReadStarted { .. }
        | Trace::ReadAsked { .. }
        | Trace::PreVoteCounted { .. }
        | Trace::ChunkStored { .. }
        | Trace::ChunkMissing { .. }
        | Trace::Dropped { .. } => Weight::Detail,
        _ => Weight::Key,
    }
}
