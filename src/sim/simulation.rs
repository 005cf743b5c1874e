//! The simulation: everything that exists in a run, and the only thing that drives it.
//!
//! It is a discrete-event simulation: [`Simulation::step`] takes the next key out of the queue,
//! moves the clock there and lets it happen. Everything is decided by the settings, the seed and
//! the actions; a clone goes on exactly as the original does.

use super::action::Action;
use super::chaos::ChaosState;
use super::client::{Client, Clients};
use super::context::Context;
use super::disk::Queued;
use super::event::{Event, EventKind};
use super::event_log::Cause;
use super::group::Group;
use super::host::Host;
use super::invariants::Checks;
use super::network::{InFlight, Network};
use super::operator::Operator;
use super::packet::Content;
use super::queue::Due;
use super::replica::{Replica, ReplicaIndex};
use super::reserve::Reserve;
use super::settings::{Settings, SettingsError, Stop};
use super::why_not::ActionError;
use super::workload::Workload;
use crate::base::{GroupId, NodeId, Shared, Time};
use crate::kv::{Command, MANY_SHARDS};
use crate::raft::{Configuration, Effects, Index, Input, Message, Raft, Rules};
use std::collections::VecDeque;
use std::rc::Rc;

/// What came of [`Simulation::step`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// The next thing has happened.
    Went,
    /// Nothing is left to happen, until somebody does something.
    Idle,
    /// Nothing more happens: a property is broken ([`Simulation::violation`]).
    Violated,
    /// Nothing more happens: a limit was reached ([`Simulation::stopped`]).
    Stopped,
    /// Nothing happens until what a doubt, chaos or the operator needs is here ([`Simulation::set_reserve`]).
    AwaitsReserve,
}

impl Step {
    /// Whether something has happened.
    pub fn went(self) -> bool {
        self == Step::Went
    }
}

/// A run at one instant. Cheap to clone: logs, stores and what the checks remember are shared.
#[derive(Clone, Debug)]
pub struct Simulation {
    pub(super) settings: Settings,
    /// The rules that hold now: a person may have switched some.
    pub(super) rules: Rules,
    /// By id.
    pub(super) groups: Vec<Group>,
    pub(super) seed: u64,
    pub(super) cx: Context,
    processed: u64,
    pub(super) hosts: Shared<Host>,
    pub(super) network: Network,
    pub(super) clients: Clients,
    pub(super) workload: Workload,
    pub(super) chaos_state: ChaosState,
    pub(super) operator: Operator,
    pub(super) checks: Checks,
    /// The limit that ended the run.
    pub(super) stop: Option<Stop>,
    /// What is needed in a doubt, under chaos and to change the members.
    pub(super) reserve: Option<Reserve>,
    // Buffers, empty between two steps.
    pub(super) effects: Effects<Command>,
    pub(super) commands: Vec<Command>,
    pub(super) snapshot: Option<(Index, Rc<[u8]>)>,
    pub(super) durable: VecDeque<Queued>,
    pub(super) born: Option<ReplicaIndex>,
}

impl Simulation {
    /// A run at its beginning. The load and the chaos of the settings begin at once.
    ///
    /// # Errors
    /// Names the setting that can't be.
    pub fn new(settings: Settings, seed: u64) -> Result<Simulation, SettingsError> {
        Simulation::with_reserve(settings, seed, Some(Reserve::ALL))
    }

    /// The same where its reserve may come later ([`Simulation::set_reserve`]).
    ///
    /// # Errors
    /// Names the setting that can't be.
    pub fn with_reserve(
        settings: Settings,
        seed: u64,
        reserve: Option<Reserve>,
    ) -> Result<Simulation, SettingsError> {
        settings.check()?;
        Ok(Simulation::of_checked(settings, seed, reserve))
    }

    /// The same with settings that were [checked](Settings::check) before: the page's first load has no room to say
    /// what is wrong with them. Of others anything may come, panics too.
    pub fn of_checked(settings: Settings, seed: u64, reserve: Option<Reserve>) -> Simulation {
        debug_assert_eq!(settings.check(), Ok(()));
        let nodes = settings.nodes;
        let founders = Configuration::new((1..=nodes).map(NodeId));
        let hosts: Shared<_> = (1..=nodes)
            .map(|id| {
                let (id, now, rules) = (NodeId(id), Time::ZERO, settings.rules);
                Host::new(id, founders.clone(), &settings, rules, seed, now)
            })
            .collect();
        let mut simulation = Simulation {
            seed,
            cx: Context::default(),
            processed: 0,
            network: Network::new(settings.link, settings.client_link, seed),
            clients: Clients::new(&settings, seed),
            workload: Workload::new(&settings, seed),
            chaos_state: ChaosState::new(nodes, seed),
            operator: Operator::new(nodes),
            stop: None,
            checks: Checks::new(&settings),
            reserve,
            hosts,
            effects: Effects::default(),
            commands: Vec::new(),
            snapshot: None,
            durable: VecDeque::new(),
            born: None,
            rules: settings.rules,
            groups: Vec::new(),
            settings,
        };
        simulation.add_group(Configuration::default());
        if simulation.settings.shards.are_many() {
            simulation.found_groups();
        } else {
            simulation.add_group(founders);
            for at in 0..simulation.hosts.len() {
                let host = &mut simulation.hosts[at];
                host.arm(at, &mut simulation.cx);
                simulation.checks.add_replica(at, host, 0);
            }
        }
        let Settings { load, chaos, .. } = simulation.settings;
        simulation.workload.set(load, &mut simulation.cx);
        simulation.chaos_state.set(chaos, &mut simulation.cx);
        simulation
    }

    /// One more group, which has the next number.
    pub(super) fn add_group(&mut self, founders: Configuration) {
        self.groups.push(Group::new(self.rules));
        self.checks.add_group(founders);
    }

    // ---- time ----

    /// The instant that is being simulated.
    pub fn now(&self) -> Time {
        self.cx.now()
    }

    /// When the next key of the queue falls due; `None` if nothing will ever happen any more.
    pub fn next_at(&self) -> Option<Time> {
        self.cx.queue.next_at()
    }

    /// Keys of the queue processed so far. With [`Simulation::now`] it names an instant exactly,
    /// also between two simultaneous events.
    pub fn processed(&self) -> u64 {
        self.processed
    }

    /// Lets the next thing happen, if anything can.
    pub fn step(&mut self) -> Step {
        if let Some(why) = self.stands_still() {
            return why;
        }
        let Some(key) = self.cx.queue.pop() else {
            return Step::Idle;
        };
        self.cx.log.now = key.at;
        self.cx.follow(Cause::NONE);
        self.processed += 1;
        match key.due {
            Due::Packet(place) => {
                if let Some(flight) = self.network.take(place, key.sequence) {
                    self.arrive(flight);
                }
            }
            Due::Wake(at) => self.wake(ReplicaIndex::unpacked(at), key.at),
            Due::Synced(at) => self.synced(at as usize),
            Due::Client(at) => {
                let Simulation {
                    clients,
                    network,
                    cx,
                    ..
                } = self;
                clients.wake(at as usize, network, cx);
            }
            Due::Load => self.load(),
            Due::Chaos | Due::EndFault(_) | Due::Moment | Due::Operator => {
                self.reserve_is_due(key.due);
            }
            Due::Report(at) if MANY_SHARDS => self.report_in(at as usize),
            Due::Control(at) if MANY_SHARDS => self.control(at as usize),
            Due::Report(_) | Due::Control(_) => {}
        }
        self.watch_clients();
        if self.chaos_state.ambushes() && key.due != Due::Moment {
            self.instant_is_over(key.at);
        }
        self.look_at_limits_in_turn();
        if key.at >= self.checks.progress.due {
            self.look_for_progress();
        }
        Step::Went
    }

    /// Why nothing happens any more, or for now.
    #[inline]
    fn stands_still(&self) -> Option<Step> {
        if self.violation().is_some() {
            Some(Step::Violated)
        } else if self.stop.is_some() {
            Some(Step::Stopped)
        } else {
            self.awaits_reserve().then_some(Step::AwaitsReserve)
        }
    }

    /// Lets everything happen that is due by `until`, and moves the clock there. Stops where the
    /// run is over.
    pub fn run_until(&mut self, until: Time) {
        while self.next_at().is_some_and(|at| at <= until) {
            if !self.step().went() {
                return;
            }
        }
        self.wait_until(until);
    }

    /// Moves the clock forward to `at`, or to the next thing due if that is earlier; nothing
    /// happens.
    pub fn wait_until(&mut self, at: Time) {
        if self.stands_still().is_none() {
            let at = self.next_at().map_or(at, |next| next.min(at));
            self.cx.log.now = self.cx.now().max(at);
        }
    }

    // ---- what there is ----

    /// What the run is made of.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The rules that hold now.
    pub fn rules(&self) -> Rules {
        self.rules
    }

    /// What it was started from.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The servers' machines, by id.
    pub fn hosts(&self) -> &Shared<Host> {
        &self.hosts
    }

    /// A server's machine.
    pub fn host(&self, node: NodeId) -> Option<&Host> {
        self.hosts.get((node.0 as usize).checked_sub(1)?)
    }

    /// The server of a group on a machine, if it runs.
    pub fn raft_of(&self, node: NodeId, group: GroupId) -> Option<&Raft<Command>> {
        self.host(node)?.replica_of(group)?.raft()
    }

    /// The registry of a store of many shards, as the member of its group that is furthest knows it.
    pub fn registry(&self) -> Option<&crate::kv::Registry> {
        let known = self.hosts.iter().filter_map(|host| {
            let member = host.replica_of(GroupId::REGISTRY)?;
            Some((member.last_applied(), member.store().registry()?))
        });
        let newest = known.max_by_key(|(last_applied, _)| *last_applied);
        newest.map(|(_, registry)| registry)
    }

    /// All replicas, machine by machine.
    pub(super) fn replicas(&self) -> impl Iterator<Item = &Replica> {
        self.hosts.iter().flat_map(|host| host.replicas.iter())
    }

    /// The network between the servers.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The packets under way, in no order that means anything.
    pub fn packets(&self) -> impl Iterator<Item = &InFlight> {
        self.network.packets()
    }

    /// The messages under way between servers, in no order that means anything.
    pub fn messages(&self) -> impl Iterator<Item = (&InFlight, &Message<Command>)> {
        self.packets()
            .filter_map(|flight| match &flight.packet.content {
                Content::Raft(_, message) => Some((flight, message)),
                _ => None,
            })
    }

    /// The clients that have done anything, by id.
    pub fn clients(&self) -> impl ExactSizeIterator<Item = &Client> {
        self.clients.iter()
    }

    /// Operations per simulated second that clients send of their own.
    pub fn load_per_second(&self) -> u32 {
        self.workload.per_second()
    }

    /// The random faults that may begin.
    pub fn chaos(&self) -> &super::settings::Chaos {
        self.chaos_state.rates()
    }

    /// The leader of the highest term that has one, among the servers that are not crashed.
    pub fn leader(&self) -> Option<NodeId> {
        let rafts = self.hosts.iter().filter_map(Host::raft);
        let leaders = rafts.filter(|raft| raft.is_leader());
        leaders
            .max_by_key(|raft| raft.current_term())
            .map(|raft| raft.node())
    }

    // ---- what has happened ----

    /// The hash of all events so far.
    pub fn hash(&self) -> u64 {
        self.cx.log.hash()
    }

    /// Events so far.
    pub fn events_emitted(&self) -> u64 {
        self.cx.log.emitted
    }

    /// Whether events are kept for [`Simulation::take_events`]. Off at first: a run that nobody
    /// watches costs less. It changes nothing else, not even the hash.
    pub fn keep_events(&mut self, keep: bool) {
        self.cx.log.keep = keep;
    }

    /// Moves the events kept since the last call to the end of `events`.
    pub fn take_events(&mut self, events: &mut Vec<Event>) {
        events.append(&mut self.cx.log.kept);
    }

    /// Whether what stands beside the events is kept for [`Simulation::take_asides`]. It changes
    /// nothing else.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn keep_asides(&mut self, keep: bool) {
        self.cx.log.keep_asides = keep;
    }

    /// Moves what was kept beside the events since the last call to the end of `asides`.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn take_asides(&mut self, asides: &mut Vec<super::Aside>) {
        asides.append(&mut self.cx.log.asides);
    }

    // ---- what a person does ----

    /// Does what a person asks for, now.
    ///
    /// # Errors
    /// Names the field that can't be; then nothing has happened.
    pub fn apply(&mut self, action: Action) -> Result<(), ActionError> {
        if let Some(refused) = self.why_not(&action) {
            return Err(refused);
        }
        self.cx.follow(Cause::NONE);
        self.cx.lead(EventKind::Acted(action.clone()));
        self.perform(action);
        self.watch_clients();
        self.look_at_limits();
        Ok(())
    }

    /// Hands a server a message that no server ever sent, as if one had a defect: nobody owes less
    /// by it. It is no action and stands in no journal: only a test of the checks, or of the
    /// server's manners, has a use for it.
    pub fn forge(&mut self, message: Message<Command>) {
        if let Some(at) = self.find_replica(message.to.node(), GroupId::FIRST) {
            self.cx.follow(Cause::NONE);
            self.drive(at, Input::Receive(message));
        }
    }

    /// A replica.
    #[inline(always)]
    pub(super) fn replica(&self, at: ReplicaIndex) -> &Replica {
        &self.hosts[at.host].replicas[at.slot]
    }

    /// A replica, to be changed.
    #[inline(always)]
    pub(super) fn replica_mut(&mut self, at: ReplicaIndex) -> &mut Replica {
        &mut self.hosts[at.host].replicas[at.slot]
    }

    /// The replica of a group on a machine.
    pub(super) fn find_replica(&self, node: NodeId, group: GroupId) -> Option<ReplicaIndex> {
        let host = self.place(node)?;
        let slot = self.hosts[host].slot(group)?;
        Some(ReplicaIndex { host, slot })
    }

    /// The index of a machine.
    pub(super) fn place(&self, node: NodeId) -> Option<usize> {
        let at = (node.0 as usize).checked_sub(1)?;
        (at < self.hosts.len()).then_some(at)
    }
}
