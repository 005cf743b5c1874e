//! Builds the view of a run at one instant.
//!
//! This runs every frame, and mostly nothing has changed: each part is compared with the last
//! view where it stands, and taken over from there if it is the same.

use super::cluster_view::{
    ClientOperationView, ClientView, ClockView, ClusterView, EntryView, LOG_WINDOW, LinkView,
    LogView, MAP_WINDOW, MessageView, NodeView, OperationView, PairView, PartitionView, PeerView,
    RequestView, Segment, SideView, TimerView,
};
use super::members::{self, configuration};
use super::storage_view;
use crate::base::order::sort_by_key;
use crate::base::{Address, MemberId, NodeId, Time};
use crate::kv::{Command, Store};
use crate::raft::{
    Body, Configuration, Entry, Log, Message, Payload, Progress, ProgressState, Raft, Role,
};
use crate::sim::{
    Answer, Client, ClientOperation, Content, Host, InFlight, MessageKind, Power, Simulation,
};
use std::rc::Rc;

/// The view of the run as it stands. `previous` is the last view, of whatever instant and branch:
/// what is the same keeps its `Rc`.
pub fn build(simulation: &Simulation, previous: Option<&ClusterView>) -> ClusterView {
    let now = simulation.now();
    let events = simulation.events_emitted();
    let last =
        |of: fn(&ClusterView) -> &[Rc<NodeView>], at| previous.and_then(|view| of(view).get(at));
    let members = simulation.configuration();
    let hosts = serving(simulation).enumerate();
    ClusterView {
        now,
        seed: match previous {
            Some(view) => view.seed.clone(),
            None => simulation.seed().to_string(),
        },
        hash: format!("{:016x}", simulation.hash()),
        events,
        nodes: hosts
            .map(|(at, host)| node(host, members, now, last(|view| &view.nodes, at)))
            .collect(),
        messages: messages(simulation, previous),
        requests: requests(simulation, previous),
        links: links(simulation),
        partition: partition(
            simulation,
            previous.and_then(|view| view.partition.as_ref()),
        ),
        clients: simulation
            .clients()
            .enumerate()
            .map(|(at, it)| client(it, previous.and_then(|view| view.clients.get(at))))
            .collect(),
        quorum: members::needed(simulation, members.voters()),
        members: keep(
            previous.map(|view| &view.members),
            members::members(simulation),
        ),
        leader: simulation.leader(),
        watched: simulation.watched().collect(),
        violation: simulation.violation().copied(),
        stopped: simulation.stopped().copied(),
        stalled: simulation.stalled_since(),
    }
}

// ---- servers ----

/// The machines that are not switched off for good.
fn serving(simulation: &Simulation) -> impl Iterator<Item = &Host> {
    simulation.hosts().iter().filter(|host| !host.is_retired())
}

fn node(
    host: &Host,
    members: &Configuration,
    now: Time,
    last: Option<&Rc<NodeView>>,
) -> Rc<NodeView> {
    let raft = host.raft();
    let volume = host.volume();
    let hard_state = raft.map_or(volume.hard_state(), Raft::hard_state);
    let entries = raft.map_or(volume.log(), Raft::log);
    let log = log(entries, last.map(|last| &last.log));
    let map = map(host, &log, last);
    let snapshot = raft.map_or(volume.snapshot(), Raft::snapshot);
    let view = NodeView {
        id: host.id(),
        power: host.power(),
        member: members::member(host, members),
        role: raft.map_or(Role::Follower, Raft::role),
        term: hard_state.current_term,
        voted_for: hard_state.voted_for.map(|id| id.node()),
        leader: raft.and_then(Raft::leader).map(|id| id.node()),
        timer: raft.and_then(Raft::election_timer).map(|timer| TimerView {
            set_at: host.clock().when(timer.set_at),
            due: host.clock().when(timer.due),
        }),
        lease_until: raft
            .and_then(Raft::lease_until)
            .map(|until| host.clock().when(until)),
        clock: ClockView {
            skew: host.clock().skew(now),
            drift: host.clock().drift(),
        },
        priority: host.priority(),
        transfers_to: raft.and_then(Raft::transfers_to).map(|id| id.node()),
        ring: raft.map_or_else(Vec::new, |raft| {
            ring(raft, raft.configuration().voters(), host.clock().read(now))
        }),
        outgoing: raft.map_or_else(Vec::new, |raft| {
            ring(
                raft,
                raft.configuration().outgoing(),
                host.clock().read(now),
            )
        }),
        log,
        commit_index: raft.map_or(0, Raft::commit_index),
        last_applied: host.last_applied(),
        durable_index: volume.log().last_index(),
        map,
        keys: host.store().len() as u32,
        peers: raft.map_or_else(Vec::new, |raft| {
            raft.peers().iter().map(|it| peer(raft, it, host)).collect()
        }),
        waiting: host.waiting() as u32,
        writes: host.disk().queued() as u32,
        snapshot: snapshot.map(|it| storage_view::snapshot(it)),
        installing: raft.and_then(storage_view::installing),
        disk: storage_view::disk(host),
    };
    keep(last, view)
}

/// The pairs of a server's store, or those of the last view. The store is made of the log: the same entries
/// applied give the same pairs.
fn map(host: &Host, log: &LogView, last: Option<&Rc<NodeView>>) -> Vec<PairView> {
    let last_applied = host.last_applied();
    let shown = log.last.saturating_sub(LOG_WINDOW)..=log.last;
    let same = |last: &&Rc<NodeView>| {
        Rc::ptr_eq(&last.log.entries, &log.entries)
            && last.last_applied == last_applied
            && shown.contains(&last_applied)
            && last.power == host.power()
    };
    last.filter(same)
        .map_or_else(|| pairs(host.store()), |last| last.map.clone())
}

/// The last view, if it says the same.
fn keep<T: PartialEq>(last: Option<&Rc<T>>, view: T) -> Rc<T> {
    match last {
        Some(last) if **last == view => last.clone(),
        _ => Rc::new(view),
    }
}

fn ring(raft: &Raft<Command>, voters: &[MemberId], now: Time) -> Vec<Segment> {
    match raft.role() {
        Role::Follower => Vec::new(),
        _ => members::segments(raft, voters, now).collect(),
    }
}

fn peer(raft: &Raft<Command>, progress: &Progress, host: &Host) -> PeerView {
    PeerView {
        id: progress.id.node(),
        learner: progress.is_learner(),
        match_index: progress.match_index,
        next_index: progress.next_index,
        replicating: progress.state == ProgressState::Replicate,
        in_flight: progress.in_flight(),
        heard: progress.heard.map(|at| host.clock().when(at)),
        snapshot: storage_view::sending(progress.sending.as_deref(), &raft.config().timing),
    }
}

fn log(log: &Log<Command>, last: Option<&LogView>) -> LogView {
    let to = log.last_index();
    let first = log.first_index();
    let from = first.max(to.saturating_sub(LOG_WINDOW) + 1);
    let old = last.map_or(&[][..], |last| &last.entries);
    let old_from = old.first().map_or(0, |entry| entry.index);
    let same = |index: u64, entry: &Entry<Command>| {
        let old = old.get(index.checked_sub(old_from)? as usize)?;
        is_same(old, entry).then_some(old)
    };
    let entries = (from..=to).filter_map(|index| Some((index, log.entry(index)?)));
    if let Some(last) = last
        && (last.first, last.last, old.len() as u64) == (first, to, to + 1 - from)
        && entries
            .clone()
            .all(|(index, entry)| same(index, entry).is_some())
    {
        return last.clone();
    }
    let view = |(index, entry): (u64, &Entry<Command>)| {
        same(index, entry).cloned().unwrap_or_else(|| EntryView {
            index,
            term: entry.term,
            operation: match &entry.payload {
                Payload::Command(Command::Client(command)) => Some(Rc::new(OperationView {
                    client: command.client,
                    sequence: command.sequence,
                    operation: command.operation.clone(),
                })),
                _ => None,
            },
            configuration: match &entry.payload {
                Payload::Configuration(members) => Some(Rc::new(configuration(members))),
                _ => None,
            },
        })
    };
    LogView {
        first,
        last: to,
        entries: entries.map(view).collect(),
    }
}

fn is_same(view: &EntryView, entry: &Entry<Command>) -> bool {
    view.term == entry.term
        && match (&view.operation, &view.configuration, &entry.payload) {
            (None, None, Payload::Noop | Payload::Command(Command::Admin(_))) => true,
            (Some(view), None, Payload::Command(Command::Client(command))) => {
                (view.client, view.sequence) == (command.client, command.sequence)
                    && view.operation == command.operation
            }
            (None, Some(view), Payload::Configuration(members)) => **view == configuration(members),
            _ => false,
        }
}

/// The pairs that were written last, in the order of their keys.
fn pairs(store: &Store) -> Vec<PairView> {
    let mut newest: Vec<_> = store.iter().collect();
    if newest.len() > MAP_WINDOW {
        sort_by_key(&mut newest, |(_, stored)| {
            std::cmp::Reverse(stored.written_at)
        });
        newest.truncate(MAP_WINDOW);
        sort_by_key(&mut newest, |&(key, _)| key);
    }
    let pair = |(key, stored): (&Rc<str>, &crate::kv::Stored)| PairView {
        key: key.clone(),
        value: stored.value.clone(),
        written_at: stored.written_at,
    };
    newest.into_iter().map(pair).collect()
}

// ---- messages ----

fn messages(simulation: &Simulation, previous: Option<&ClusterView>) -> Vec<Rc<MessageView>> {
    let last = previous.map_or(&[][..], |view| &view.messages);
    let mut flights: Vec<_> = simulation.messages().collect();
    sort_by_key(&mut flights, |(flight, _)| flight.id);
    let view = |(flight, content): (&InFlight, &Message<Command>)| {
        let to = simulation.host(content.to.node());
        let down = to.is_some_and(|host| host.raft().is_none());
        let doomed = down || flight.is_blocked();
        let kind = MessageKind::of(content);
        let found = last.binary_search_by_key(&flight.id, |message| message.id);
        let same = |message: &&Rc<MessageView>| {
            (message.sent, message.due, message.doomed) == (flight.sent, flight.due, doomed)
                && (message.from, message.to) == (content.from.node(), content.to.node())
                && message.kind == kind
        };
        if let Some(last) = found.ok().map(|at| &last[at]).filter(same) {
            return last.clone();
        }
        Rc::new(MessageView {
            id: flight.id,
            from: content.from.node(),
            to: content.to.node(),
            kind,
            entries: match &content.body {
                Body::AppendEntries { entries, .. } => {
                    entries.iter().map(|entry| entry.term).take(8).collect()
                }
                _ => Vec::new(),
            },
            sent: flight.sent,
            due: flight.due,
            delayed: flight.delayed,
            copy: flight.copy,
            doomed,
        })
    };
    flights.into_iter().map(view).collect()
}

fn requests(simulation: &Simulation, previous: Option<&ClusterView>) -> Vec<Rc<RequestView>> {
    let last = previous.map_or(&[][..], |view| &view.requests);
    let mut flights: Vec<&InFlight> = simulation.packets().collect();
    sort_by_key(&mut flights, |flight| flight.id);
    let view = |flight: &InFlight| {
        let packet = &flight.packet;
        let (waiter, answer) = match &packet.content {
            Content::Request(_, waiter, ..) | Content::MapRequest(waiter) => (waiter, None),
            Content::Answer(waiter, answer) => (waiter, Some(matches!(answer, Answer::Outcome(_)))),
            _ => return None,
        };
        let node = packet.from.node().or(packet.to.node())?;
        let host = simulation.host(node);
        let down = host.is_some_and(|host| host.power() == Power::Crashed);
        let view = RequestView {
            id: flight.id,
            client: waiter.client,
            sequence: waiter.sequence,
            node,
            answer,
            sent: flight.sent,
            due: flight.due,
            doomed: flight.is_blocked() || answer.is_none() && down,
        };
        let found = last.binary_search_by_key(&flight.id, |request| request.id);
        Some(keep(found.ok().map(|at| &last[at]), view))
    };
    flights.into_iter().filter_map(view).collect()
}

// ---- network ----

fn links(simulation: &Simulation) -> Vec<LinkView> {
    let network = simulation.network();
    let serves = |id: NodeId| simulation.host(id).is_some_and(|host| !host.is_retired());
    let view = |(from, to): (Address, Address)| {
        let (from, to) = (from.node()?, to.node()?);
        let (cut, settings) = (network.is_cut(from, to), network.own_settings(from, to));
        (serves(from) && serves(to)).then_some(LinkView {
            from,
            to,
            cut,
            settings,
        })
    };
    network.changed().filter_map(view).collect()
}

fn partition(
    simulation: &Simulation,
    last: Option<&Rc<PartitionView>>,
) -> Option<Rc<PartitionView>> {
    let partition = simulation.network().partition()?;
    let side = |nodes: Vec<NodeId>| {
        let hosts = || nodes.iter().filter_map(|&node| simulation.host(node));
        let leaders = hosts()
            .filter_map(Host::raft)
            .filter(|raft| raft.is_leader());
        let shares = members::shares(simulation, &nodes);
        SideView {
            nodes: hosts()
                .filter(|host| !host.is_retired())
                .map(Host::id)
                .collect(),
            has_quorum: shares.iter().all(|share| share.alive >= share.needed),
            shares,
            leader: leaders
                .max_by_key(|raft| raft.current_term())
                .map(Raft::node),
        }
    };
    let view = PartitionView {
        sides: partition
            .sides()
            .map(Iterator::collect)
            .map(side)
            .filter(|side| !side.nodes.is_empty())
            .collect(),
        since: partition.since,
    };
    Some(keep(last, view))
}

// ---- clients ----

fn client(client: &Client, last: Option<&Rc<ClientView>>) -> Rc<ClientView> {
    let old = last.map_or(&[][..], |last| &last.operations);
    let old_first = old.first().map_or(0, |operation| operation.sequence);
    let view = |operation: &ClientOperation| {
        let place = operation.sequence.checked_sub(old_first);
        let old = place.and_then(|place| old.get(place as usize));
        let view = ClientOperationView {
            sequence: operation.sequence,
            operation: operation.operation.clone(),
            node: operation.node,
            invoked: operation.invoked,
            ended: operation.ended,
            outcome: operation.outcome.clone(),
            failed: operation.failed,
            attempts: operation.attempts,
        };
        keep(old, view)
    };
    let view = ClientView {
        id: client.id(),
        operations: client.operations().map(view).collect(),
    };
    keep(last, view)
}
