//! Chaos: random faults from the seed.
//!
//! Chaos does nothing that a person couldn't do: it makes up [`Action`]s, each of which is
//! recorded, and takes each back after a while. It reads the run and returns what shall happen; nothing
//! else changes the run.
//!
//! Most faults strike blindly. Those of `aimed` look at the servers first, and those of `ambush` wait
//! for their moment, as do the steps of those of `siege`.

mod aimed;
mod ambush;
mod deed;
mod moment;
mod siege;

use super::action::Action;
use super::context::Context;
use super::disk_record::DiskFault;
use super::event::EventKind;
use super::event_log::Cause;
use super::host::Host;
use super::network::Network;
use super::queue::{Due, Slab};
use super::settings::{Chaos, DiskSettings, Fault, LinkSettings, MAX_NODES};
use super::simulation::Simulation;
use crate::base::{Draws, MemberId, NodeId, Purpose, Ratio, Span, Time};
use crate::raft::{Configuration, Raft, Way};
use ambush::Ambushes;

/// How often the dice are thrown.
const INTERVAL: Span = Span::millis(100);
const THROWS_PER_SECOND: u32 = 10;

/// How long a fault lasts.
const SHORTEST: Span = Span::millis(100);
const LONGEST: Span = Span::millis(2_000);

/// The state of chaos.
#[derive(Clone, Debug)]
pub(super) struct ChaosState {
    rates: Chaos,
    /// A stream for each kind of fault: a new kind doesn't shift the others.
    draws: Vec<Draws>,
    nodes: u32,
    /// Servers at the start.
    founders: u32,
    due: Time,
    /// Faults that wait for their moment.
    ambushes: Ambushes,
    /// What takes each fault back.
    ending: Slab<Ending>,
}

impl ChaosState {
    pub fn new(nodes: u32, seed: u64) -> ChaosState {
        ChaosState {
            rates: Chaos::default(),
            draws: (0..Fault::ALL.len() as u64)
                .map(|kind| Draws::new(seed, Purpose::Chaos, kind))
                .collect(),
            nodes,
            founders: nodes,
            due: Time::NEVER,
            ambushes: Ambushes::default(),
            ending: Slab::default(),
        }
    }

    /// One more server that things can happen to.
    pub fn add_server(&mut self) {
        self.nodes += 1;
    }

    /// Whether a fault waits for its moment.
    #[inline(always)]
    pub fn ambushes(&self) -> bool {
        self.ambushes.wait()
    }

    /// Whether faults may begin, or some that began are still to end.
    pub fn is_under_way(&self) -> bool {
        self.due != Time::NEVER || self.ending.len() > 0
    }

    /// How rough it is.
    pub fn rates(&self) -> &Chaos {
        &self.rates
    }

    pub fn set(&mut self, rates: Chaos, cx: &mut Context) {
        self.rates = rates;
        self.due = Time::NEVER;
        self.ambushes = Ambushes::default();
        self.schedule(cx);
    }

    fn schedule(&mut self, cx: &mut Context) {
        if self.rates != Chaos::default() {
            self.due = cx.now() + INTERVAL;
            cx.push(self.due, Due::Chaos);
        }
    }

    /// Plans the end of a fault that began; returns its place.
    fn end_at(&mut self, at: Time, action: Action, cx: &mut Context) -> u32 {
        let (place, begun) = (self.ending.next_place(), cx.cause());
        cx.push(at, Due::EndFault(place));
        self.ending.insert(Ending { at, action, begun });
        place
    }

    /// What ends the fault at that place at that time, if it hasn't ended before.
    fn ending(&mut self, place: u32, at: Time) -> Option<Ending> {
        self.ending.take_if(place, |ending| ending.at == at)
    }
}

/// What takes a fault back.
#[derive(Clone, Debug)]
struct Ending {
    at: Time,
    action: Action,
    /// The event with which it began.
    begun: Cause,
}

/// A fault that begins now: what is done, each with what takes it back, if anything has to, and after
/// how long.
struct Begun {
    actions: Vec<(Action, Option<Action>)>,
    lasts: Span,
}

/// What chaos sees of the cluster.
struct Cluster {
    leader: Option<NodeId>,
    members: Configuration,
    /// The members that take no part any more.
    lost: Vec<NodeId>,
}

impl Cluster {
    fn of(run: &Simulation) -> Cluster {
        let members = run.configuration().clone();
        let lost =
            |host: &&Host| host.refuses().is_some() && members.member_on(host.id()).is_some();
        Cluster {
            leader: run.leader(),
            lost: run.hosts.iter().filter(lost).map(Host::id).collect(),
            members,
        }
    }
}

impl Simulation {
    /// Shows the run to faults that wait for their moment, once everything due at this instant is done: as a
    /// step of its own, so that whoever reads what happened has seen what they do something to.
    #[cold]
    pub(super) fn instant_is_over(&mut self, at: Time) {
        if self.next_at() != Some(at) {
            self.cx.push(at, Due::Moment);
        }
    }

    /// Throws the dice of chaos, if they are due.
    pub(super) fn throw_dice(&mut self) {
        if self.chaos_state.due != self.now() {
            return;
        }
        self.chaos_state.schedule(&mut self.cx);
        let mut draws = std::mem::take(&mut self.chaos_state.draws);
        let begun = begin(self, &mut draws);
        self.chaos_state.draws = draws;
        self.arm_ambush();
        for fault in begun {
            self.begin_fault(fault);
        }
    }

    /// Does what a fault wants, as far as it can be done. Faults that are no change (a crash of the
    /// crashed) fall flat. Returns the places and times of what takes them back.
    fn begin_fault(&mut self, Begun { actions, lasts }: Begun) -> Vec<(u32, Time)> {
        let until = self.now() + lasts;
        let mut ends = Vec::new();
        for (action, ending) in actions {
            if self.strike(action, Cause::NONE)
                && let Some(ending) = ending
            {
                let place = self.chaos_state.end_at(until, ending, &mut self.cx);
                ends.push((place, until));
            }
        }
        ends
    }

    /// What began a while ago ends.
    pub(super) fn end_fault(&mut self, place: u32) {
        if let Some(ending) = self.chaos_state.ending(place, self.now()) {
            self.end(ending);
        }
    }

    /// A fault that would end at that time ends now.
    fn relieve(&mut self, (place, at): (u32, Time)) {
        if let Some(ending) = self.chaos_state.ending(place, at) {
            self.end(ending);
        }
    }

    fn end(&mut self, ending: Ending) {
        let (ending, begun) = (ending.action, ending.begun);
        if let Action::SetLoad { .. } = ending
            && self.chaos_state.rates == Chaos::default()
        {
            // Whoever stopped chaos has decided what clients send.
            return;
        }
        if let Action::Restart { node } = ending
            && self.host(node).is_some_and(|host| host.disk.is_tearing())
        {
            // It has written nothing that could be torn.
            self.strike(Action::Crash { node }, begun);
        }
        self.strike(ending, begun);
    }

    /// Does what chaos wants for that reason, if it can be done.
    fn strike(&mut self, action: Action, cause: Cause) -> bool {
        let possible = self.why_not(&action).is_none() && self.can_be_spared(&action);
        if possible {
            self.cx.follow(cause);
            self.cx.lead(EventKind::ChaosActed(action.clone()));
            let acted = self.cx.cause();
            self.perform(action);
            self.cx.follow(acted);
        }
        possible
    }

    /// Whether enough disks are good, and stay so if that action is done.
    fn can_be_spared(&self, action: &Action) -> bool {
        match action {
            Action::Disk { fault, .. } if !fault.spoils() => true,
            Action::Disk { .. }
            | Action::PromoteServer { .. }
            | Action::RemoveServer { .. }
            | Action::ChangeMembers { .. } => self.bears_losses(Some(action)),
            _ => true,
        }
    }

    /// Whether of the voters more have good disks than have lost theirs, whatever becomes of the
    /// changes of membership that are under way, also if that action is done. Who comes in counts
    /// if it is lost, and who shall go doesn't count.
    pub(crate) fn bears_losses(&self, action: Option<&Action>) -> bool {
        let (mut spoils, mut comes, mut goes) = (None, vec![], vec![]);
        match action {
            Some(Action::Disk { node, .. }) => spoils = Some(*node),
            Some(Action::PromoteServer { node }) => comes = vec![*node],
            Some(Action::RemoveServer { node }) => goes = vec![*node],
            Some(Action::ChangeMembers { voters, .. }) => {
                comes = voters.clone();
                let ids = self.hosts.iter().map(Host::id);
                goes = ids.filter(|id| !comes.contains(id)).collect();
            }
            _ => {}
        }
        let lost = |host: &Host| Some(host.id) == spoils || host.disk.is_spoilt();
        let wanted = |id| self.operator.wants(id) || comes.contains(&id);
        let unwanted = |id| self.operator.removes(id) || goes.contains(&id);
        let serving = || self.hosts.iter().filter(|host| !host.retired);
        let bears = |voters: &[MemberId]| {
            let is_voter = |host: &Host| voters.iter().any(|id| id.node() == host.id);
            let bad = serving().filter(|it| lost(it) && (is_voter(it) || wanted(it.id)));
            let good = serving().filter(|it| !lost(it) && is_voter(it) && !unwanted(it.id));
            voters.is_empty() || bad.count() < good.count()
        };
        let in_memory = serving().filter_map(Host::raft).map(Raft::configuration);
        let on_disk = serving().filter(|host| !host.disk.is_spoilt());
        let on_disk = on_disk.map(Host::configuration_on_disk);
        let mut known = in_memory.chain(on_disk);
        known.all(|configuration| configuration.majorities().all(bears))
    }
}

/// The chance at each throw of what has that chance within a second.
fn per_throw(rate: Ratio) -> Ratio {
    Ratio(rate.0 / THROWS_PER_SECOND)
}

/// Throws the dice: the faults that begin now.
fn begin(run: &Simulation, draws: &mut [Draws]) -> Vec<Begun> {
    let ChaosState {
        rates,
        nodes,
        founders,
        ..
    } = run.chaos_state;
    let cluster = &Cluster::of(run);
    let kinds = Fault::ALL.iter().zip(draws);
    let begun = kinds.filter_map(|(&fault, draws)| {
        let rate = rates.rate(fault);
        let is_time = fault == Fault::Reshape && rate > Ratio::ZERO && aimed::is_changing(run);
        let rate = if is_time {
            Ratio::percent(50)
        } else {
            per_throw(rate)
        };
        if !draws.chance(rate) {
            return None;
        }
        let mut dice = Dice {
            run,
            draws,
            nodes,
            founders,
            cluster,
        };
        dice.begin(fault)
    });
    begun.collect()
}

/// What one kind of fault decides with.
struct Dice<'a> {
    run: &'a Simulation,
    draws: &'a mut Draws,
    nodes: u32,
    founders: u32,
    cluster: &'a Cluster,
}

impl Dice<'_> {
    /// A fault of that kind; `None` if there is no room for it now.
    fn begin(&mut self, fault: Fault) -> Option<Begun> {
        if Fault::AIMED.contains(&fault) {
            return self.aim(fault);
        }
        let actions = vec![self.strike_blindly(fault)?];
        let lasts = self.draws.span(SHORTEST, LONGEST);
        Some(Begun { actions, lasts })
    }

    /// A fault that looks at nothing, with what ends it, if anything has to.
    fn strike_blindly(&mut self, fault: Fault) -> Option<(Action, Option<Action>)> {
        let (network, disk) = (self.run.network(), &self.run.settings.disk);
        let node = NodeId(self.draws.below(self.nodes.into()) as u32 + 1);
        let disk_fault = |fault| Action::Disk { node, fault };
        let (fault, ending) = match fault {
            Fault::Clock => (self.clock(node), set_right(node)),
            Fault::Tear => (disk_fault(DiskFault::Tear), Action::Restart { node }),
            Fault::Full => (disk_fault(DiskFault::Fill), disk_fault(DiskFault::Free)),
            Fault::Corrupt => return Some((disk_fault(DiskFault::Corrupt), None)),
            Fault::Wipe => (disk_fault(DiskFault::Wipe), Action::Restart { node }),
            Fault::Crash => (Action::Crash { node }, Action::Restart { node }),
            Fault::Pause => (Action::Pause { node }, Action::Resume { node }),
            Fault::Partition if network.partition().is_some() => return None,
            Fault::Partition => (self.partition(), Action::Heal),
            Fault::Cut => {
                let (from, to) = self.untouched_link(node, network)?;
                (Action::cut(from, to), Action::restore(from, to))
            }
            Fault::Link => {
                let (from, to) = self.untouched_link(node, network)?;
                // As slow as an election now and then: then answers outlive who they are meant for.
                let slower = [5, 5, 40][self.draws.below(3) as usize];
                let link = rough(network.settings(), slower);
                (Action::set_link(from, to, link), Action::restore(from, to))
            }
            Fault::Disk => {
                let set = |DiskSettings {
                               fsync_min,
                               fsync_max,
                           }| Action::SetDisk {
                    node,
                    fsync_min,
                    fsync_max,
                };
                let slow = DiskSettings {
                    fsync_min: disk.fsync_max,
                    fsync_max: disk.fsync_max * 10 + Span::millis(50),
                };
                (set(slow), set(*disk))
            }
            Fault::Transfer => {
                let from = self.cluster.leader?;
                return Some((Action::transfer(from, node), None));
            }
            Fault::Membership => return self.membership(node),
            _ => return None,
        };
        Some((fault, Some(ending)))
    }

    /// One more server, which votes after a while; one less; others in one step; or one that lost
    /// its disk rejoins. There are never many more voters than at the start, nor fewer than three
    /// of three or more.
    fn membership(&mut self, node: NodeId) -> Option<(Action, Option<Action>)> {
        let Cluster {
            leader,
            members,
            lost,
        } = self.cluster;
        let voters = members.voters().len() as u32;
        let learners = members.learners().len() as u32;
        let least = self.founders.min(3);
        let room = members.members().len() as u32 <= self.founders && self.nodes < MAX_NODES;
        Some(match self.draws.below(4) {
            0 if room => {
                let node = NodeId(self.nodes + 1);
                (Action::AddServer, Some(Action::PromoteServer { node }))
            }
            1 if members.member_on(node).is_some() && voters > least => {
                (Action::RemoveServer { node }, None)
            }
            2 if members.has_voter_on(node) && voters - 1 + learners >= least => {
                let stay = members.voters().iter().chain(members.learners());
                let action = Action::ChangeMembers {
                    voters: stay.map(|id| id.node()).filter(|&id| id != node).collect(),
                    learners: Some(node)
                        .filter(|_| *leader != Some(node))
                        .into_iter()
                        .collect(),
                    way: Way::Joint,
                };
                (action, None)
            }
            3 if !lost.is_empty() => {
                let node = lost[self.draws.below(lost.len() as u64) as usize];
                (Action::RejoinServer { node }, None)
            }
            _ => return None,
        })
    }

    /// A link from `from` that nothing was done to; `None` if the dice fall on no such link.
    fn untouched_link(&mut self, from: NodeId, network: &Network) -> Option<(NodeId, NodeId)> {
        let to = NodeId(self.draws.below(self.nodes.into()) as u32 + 1);
        let touched = network.is_cut(from, to) || network.own_settings(from, to).is_some();
        (from != to && !touched).then_some((from, to))
    }

    /// A clock that is wrong by up to half a second, or wrong by up to a fifth in its speed.
    fn clock(&mut self, node: NodeId) -> Action {
        let kind = self.draws.below(4);
        let most = if kind < 2 { 500_000 } else { 200_000 };
        let amount = self.draws.below(most) as i64;
        let wrong = if kind.is_multiple_of(2) {
            amount
        } else {
            -amount
        };
        let (skew, drift) = if kind < 2 {
            (wrong, 0)
        } else {
            (0, wrong as i32)
        };
        Action::SetClock { node, skew, drift }
    }

    /// Two random groups.
    fn partition(&mut self) -> Action {
        let coins = self.draws.word();
        let side = |node: &NodeId| coins >> (node.0 % 64) & 1 == 1;
        let (ours, theirs): (Vec<_>, Vec<_>) = (1..=self.nodes).map(NodeId).partition(side);
        Action::partition([ours, theirs])
    }
}

fn set_right(node: NodeId) -> Action {
    Action::SetClock {
        node,
        skew: 0,
        drift: 0,
    }
}

/// A link in bad weather, so many times slower at worst.
fn rough(settings: &LinkSettings, slower: u64) -> LinkSettings {
    LinkSettings {
        latency_max: settings.latency_max * slower,
        loss: Ratio::percent(30),
        duplicate: Ratio::percent(20),
        reorder: true,
        ..*settings
    }
}
