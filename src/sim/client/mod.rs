//! The clients of the key-value store.
//!
//! A client has one operation under way at a time, and a session: its operations are numbered,
//! and a retry keeps its number, so that the store runs it once. It asks the server that it takes
//! for the leader, follows a hint, and after a try without an answer waits a while (longer each
//! time, and never in step with others) before it asks the next server: see `round`. What it knows
//! of an operation that it gives up is found out in `tries`.

mod answers;
mod operation;
mod round;
mod route;
mod tries;

use super::context::Context;
use super::event::EventKind;
use super::event_log::Cause;
use super::failed::Failed;
use super::network::Network;
use super::packet::{Content, Hint, Packet, Waiter};
use super::queue::Due;
use super::servers::Servers;
use super::settings::{ClientSettings, Settings};
use crate::base::{Address, ClientId, Draws, GroupId, NodeId, Purpose, Ratio, Span, Time};
use crate::kv::{Operation, Outcome, Sequence, SessionNumber, ShardMap};
pub use operation::ClientOperation;
use round::{Next, Round};
use route::Route;
use std::collections::{BTreeSet, VecDeque};
use std::rc::Rc;
use tries::Tries;

/// Ended operations that a client remembers, for the screen.
const REMEMBERED: usize = 16;

/// What a client waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum ClientState {
    Idle,
    /// For an answer.
    Asking,
    /// For the next try, at this server.
    BackingOff(NodeId),
}

/// A client.
#[derive(Clone, Debug)]
pub struct Client {
    id: ClientId,
    /// The last few, oldest first; the last one may be under way.
    operations: VecDeque<ClientOperation>,
    sequence: Sequence,
    session: SessionNumber,
    /// When it began to write last: its session lives at least so long.
    wrote: Time,
    state: ClientState,
    /// When its patience, or its wait, is over.
    due: Time,
    /// What it waits for the sake of.
    waits_for: Cause,
    max_attempts: u32,
    /// Who was asked, and couldn't help.
    round: Round,
    /// What became of the tries.
    tries: Tries,
    /// The server that it takes for the leader.
    leader: Option<NodeId>,
    backoff: Draws,
    /// Where keys are, in a store of many shards.
    route: Option<Box<Route>>,
}

/// All clients.
#[derive(Clone, Debug)]
pub struct Clients {
    settings: ClientSettings,
    servers: Servers,
    seed: u64,
    clients: Vec<Client>,
    /// Those with nothing under way.
    idle: BTreeSet<u32>,
    /// The map that new clients begin with, and the members of group 0.
    map: Option<Rc<ShardMap>>,
    seeds: Vec<NodeId>,
    /// The bytes of the outcomes that clients remember.
    remembered: u64,
    /// Clients that have begun or ended an operation since anybody looked.
    pub(super) moved: Vec<u32>,
}

impl Client {
    fn new(id: ClientId, seed: u64) -> Client {
        Client {
            id,
            operations: VecDeque::new(),
            sequence: 0,
            session: 1,
            wrote: Time::ZERO,
            state: ClientState::Idle,
            due: Time::NEVER,
            waits_for: Cause::NONE,
            max_attempts: 0,
            round: Round::default(),
            tries: Tries::default(),
            leader: None,
            backoff: Draws::new(seed, Purpose::Backoff, id.0.into()),
            route: None,
        }
    }

    /// Who it is.
    pub fn id(&self) -> ClientId {
        self.id
    }

    /// Its operations, oldest first: the last few that ended, and the one under way.
    pub fn operations(&self) -> impl DoubleEndedIterator<Item = &ClientOperation> {
        self.operations.iter()
    }

    /// Whether no operation is under way.
    pub fn is_idle(&self) -> bool {
        self.state == ClientState::Idle
    }

    /// Begins to write. A session that may be over soon is left for a new one.
    fn write(&mut self, now: Time, timeout: Span) {
        let idle = now.since(self.wrote);
        if timeout > Span::ZERO && idle * 2 >= timeout && self.sequence > 1 {
            self.session += 1;
        }
        self.wrote = now;
    }

    /// The server that it takes for the leader.
    pub fn leader(&self) -> Option<NodeId> {
        self.leader
    }

    /// The group that it asks.
    pub fn group(&self) -> GroupId {
        self.route.as_ref().map_or(GroupId::FIRST, |it| it.group)
    }
}

impl Clients {
    pub(super) fn new(settings: &Settings, seed: u64) -> Clients {
        Clients {
            settings: settings.clients,
            servers: Servers::new(settings.nodes),
            seed,
            clients: Vec::new(),
            idle: BTreeSet::new(),
            map: None,
            seeds: settings.seeds().collect(),
            remembered: 0,
            moved: Vec::new(),
        }
    }

    /// From now on each client finds the group of a key, with this map to begin with.
    pub(super) fn route_by(&mut self, map: &Rc<ShardMap>) {
        self.map = Some(map.clone());
    }

    /// One more server can be asked.
    pub(super) fn add_server(&mut self) {
        self.servers.add();
    }

    /// A server is gone for good.
    pub(super) fn remove_server(&mut self, node: NodeId) {
        self.servers.remove(node);
        for client in &mut self.clients {
            client.leader = client.leader.filter(|&leader| leader != node);
        }
    }

    /// The clients that have done anything, by id.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Client> {
        self.clients.iter()
    }

    /// A copy of a client's request was made: what its server answers says nothing of the copy.
    pub(super) fn copied(&mut self, waiter: Waiter) {
        let client = &mut self.clients[waiter.client.0 as usize - 1];
        if client.sequence == waiter.sequence {
            client.tries.copied();
        }
    }

    /// The servers that clients ask.
    pub(super) fn servers(&self) -> impl Iterator<Item = NodeId> {
        self.servers.iter()
    }

    /// The bytes of the outcomes that clients remember.
    pub(super) fn bytes(&self) -> u64 {
        self.remembered
    }

    /// The operation that a client began last.
    pub(super) fn last(&mut self, at: u32) -> Option<(ClientId, &mut ClientOperation)> {
        let client = &mut self.clients[at as usize];
        Some((client.id, client.operations.back_mut()?))
    }

    /// An idle client among the first `max`: the first one, or a new one.
    pub(super) fn idle(&mut self, max: usize) -> Option<usize> {
        let idle = self.idle.first().map(|at| *at as usize);
        let idle = idle.filter(|&at| at < max);
        if idle.is_none() && self.clients.len() < max {
            let id = ClientId(self.clients.len() as u32 + 1);
            let mut client = Client::new(id, self.seed);
            client.route = self.map.clone().map(|map| Box::new(Route::new(map)));
            self.clients.push(client);
            self.idle.insert(id.0 - 1);
            return Some(self.clients.len() - 1);
        }
        idle
    }

    // ---- an operation's life ----

    /// Begins an operation. `attempts` is 0 for as many as the settings say.
    pub(super) fn begin(
        &mut self,
        at: usize,
        operation: Operation,
        to: Option<NodeId>,
        attempts: u32,
        network: &mut Network,
        cx: &mut Context,
    ) {
        let client = &mut self.clients[at];
        self.idle.remove(&(at as u32));
        client.sequence += 1;
        client.max_attempts = if attempts == 0 {
            self.settings.max_attempts
        } else {
            attempts
        };
        client.round.begin();
        client.tries = Tries::default();
        if !operation.is_read() {
            client.write(cx.now(), self.settings.session_timeout);
        }
        if let Some(route) = &mut client.route {
            client.leader = route.turn_to(operation.key());
        }
        let spread = route::servers(client.route.as_deref(), &self.servers).first_for(client.id);
        let node = to.or(client.leader).unwrap_or(spread);
        cx.lead(EventKind::Invoked {
            client: client.id,
            sequence: client.sequence,
            operation: operation.clone(),
        });
        if client.operations.len() > REMEMBERED {
            let gone = client.operations.pop_front().and_then(|it| it.outcome);
            self.remembered -= gone.map_or(0, |outcome| outcome.bytes());
        }
        client.operations.push_back(ClientOperation {
            sequence: client.sequence,
            operation,
            node,
            invoked: cx.now(),
            ended: None,
            outcome: None,
            failed: None,
            attempts: 0,
            stale: false,
        });
        self.moved.push(at as u32);
        self.ask(at, node, network, cx);
    }

    fn ask(&mut self, at: usize, node: NodeId, network: &mut Network, cx: &mut Context) {
        let client = &mut self.clients[at];
        let group = client.group();
        let Some(operation) = client.operations.back_mut() else {
            return;
        };
        let map = client.route.as_mut().filter(|route| route.lost);
        let map = map.map(|route| route.next_seed(&self.seeds));
        let node = map.unwrap_or(node);
        operation.attempts += 1;
        operation.node = node;
        client.state = ClientState::Asking;
        client.due = cx.now() + self.settings.timeout;
        cx.push(client.due, Due::Client(at as u32));
        let waiter = Waiter {
            client: client.id,
            sequence: client.sequence,
            attempt: operation.attempts,
        };
        let (from, to) = (Address::Client(client.id), Address::Node(node));
        let copies = network.link(from, to).duplicate > Ratio::ZERO;
        client.tries.sent(waiter.attempt, copies);
        let asked = operation.operation.clone();
        let content = match map {
            Some(_) => Content::MapRequest(waiter),
            None => Content::Request(group, waiter, client.session, asked),
        };
        cx.lead(EventKind::Asked {
            client: waiter.client,
            sequence: waiter.sequence,
            node,
            attempt: operation.attempts,
        });
        client.waits_for = cx.cause();
        network.send(Packet { from, to, content }, cx);
    }

    /// A client's patience, or its wait, may be over.
    pub(super) fn wake(&mut self, at: usize, network: &mut Network, cx: &mut Context) {
        let client = &mut self.clients[at];
        if client.due != cx.now() {
            return;
        }
        cx.follow(client.waits_for);
        match (client.state, client.operations.back()) {
            (ClientState::BackingOff(node), _) => self.ask(at, node, network, cx),
            (ClientState::Asking, Some(operation)) => {
                let node = operation.node;
                client.leader = None;
                cx.lead(EventKind::TimedOut {
                    client: client.id,
                    sequence: client.sequence,
                    node,
                });
                self.try_again(at, None, network, cx);
            }
            _ => {}
        }
    }

    /// Asks the next server, at once or after a wait; or gives up. `hint` is what the last one said,
    /// if it said anything.
    fn try_again(
        &mut self,
        at: usize,
        hint: Option<Hint>,
        network: &mut Network,
        cx: &mut Context,
    ) {
        let client = &mut self.clients[at];
        let Some(operation) = client.operations.back() else {
            return;
        };
        if operation.attempts >= client.max_attempts {
            return self.give_up(at, false, cx);
        }
        let servers = route::servers(client.route.as_deref(), &self.servers);
        let next = client.round.next(operation.node, hint, servers);
        if let Some(route) = &mut client.route {
            route.is_led_by(client.leader);
            route.lost |= client.round.is_over();
        }
        let next = match next {
            Next::AtOnce(node) => return self.ask(at, node, network, cx),
            Next::AfterWait(node) => node,
        };
        let ClientSettings {
            backoff_min,
            backoff_max,
            ..
        } = self.settings;
        let doublings = (operation.attempts - 1).min(32);
        let longest = (backoff_min * (1 << doublings)).min(backoff_max);
        let wait = client.backoff.span(Span(longest.0 / 2), longest);
        client.state = ClientState::BackingOff(next);
        client.due = cx.now() + wait;
        client.waits_for = cx.cause();
        cx.push(client.due, Due::Client(at as u32));
    }

    fn give_up(&mut self, at: usize, expired: bool, cx: &mut Context) {
        let client = &mut self.clients[at];
        let failed = client.tries.failed(expired);
        if let Some(operation) = client.operations.back_mut() {
            operation.failed = Some(failed);
        }
        cx.lead(EventKind::GaveUp {
            client: client.id,
            sequence: client.sequence,
            failed,
        });
        self.end(at, None, cx.now());
    }

    fn end(&mut self, at: usize, outcome: Option<Outcome>, now: Time) {
        let client = &mut self.clients[at];
        self.idle.insert(at as u32);
        client.state = ClientState::Idle;
        client.due = Time::NEVER;
        if let Some(operation) = client.operations.back_mut() {
            self.remembered += outcome.as_ref().map_or(0, Outcome::bytes);
            operation.ended = Some(now);
            operation.outcome = outcome;
        }
        self.moved.push(at as u32);
    }
}
