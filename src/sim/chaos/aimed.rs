//! Faults that look at the servers first.

use super::moment::holds_lease;
use super::{Begun, Dice};
use crate::base::{Draws, MemberId, NodeId, Ratio, Span};
use crate::kv::Operation;
use crate::raft::{Raft, ReadLevel, Way};
use crate::sim::action::Action;
use crate::sim::host::Host;
use crate::sim::network::InFlight;
use crate::sim::settings::{Fault, MAX_NODES};
use crate::sim::simulation::Simulation;

/// The most packets that one fault holds.
const HELD: u64 = 8;

/// Servers that chaos adds to those of the start, at most.
const ADDED: u32 = 4;

/// The round trips that something large takes to be sent, at most.
const TRIPS: u64 = 600;

/// The largest value that it writes.
const LARGEST: u64 = 48 * 1_024;

/// One in so many looks at a deposed leader without a lease comes to a question.
const RARELY: u64 = 6;

/// The key that chaos reads and writes.
const KEY: &str = "w";

/// A span from the whole range that matters, from a thousandth of a second to some seconds: as likely
/// between one and two as between a thousand and two thousand.
pub(super) fn any_span(draws: &mut Draws, doublings: u64) -> Span {
    let least = Span::millis(1 << draws.below(doublings));
    draws.span(least, least * 2)
}

/// Does it once; nothing has to be taken back.
pub(super) fn once(actions: Vec<Action>) -> Begun {
    Begun {
        actions: actions.into_iter().map(|action| (action, None)).collect(),
        lasts: Span::ZERO,
    }
}

impl Dice<'_> {
    /// A fault that looks at the servers first; `None` if there is no occasion for it.
    pub(super) fn aim(&mut self, fault: Fault) -> Option<Begun> {
        let run = self.run;
        match fault {
            Fault::Shape => {
                let actions = self.shape()?;
                let lasts = any_span(self.draws, 7) * 100;
                Some(Begun { actions, lasts })
            }
            Fault::Former => Some(once(self.hold_some())),
            Fault::Reshape => Some(once(vec![reshape(run, self.draws)?])),
            Fault::Drift => Some(once(vec![self.drift()?])),
            Fault::Probe => Some(once(probe(run, self.draws))),
            Fault::Surge => self.surge(),
            _ => None,
        }
    }

    // ---- the network ----

    /// Cuts that leave a shape of the servers; `None` while something is done to a link.
    fn shape(&mut self) -> Option<Vec<(Action, Option<Action>)>> {
        if self.run.network().changed().next().is_some() {
            return None;
        }
        let mut nodes: Vec<NodeId> = serving(self.run).map(Host::id).collect();
        for at in (1..nodes.len()).rev() {
            nodes.swap(at, self.draws.below(at as u64 + 1) as usize);
        }
        // Who comes first stands out, in most shapes.
        if self.draws.below(2) == 1
            && let Some(leader) = self.run.leader()
            && let Some(place) = nodes.iter().position(|&node| node == leader)
        {
            nodes.swap(0, place);
        }
        let (many, half) = (nodes.len(), nodes.len() / 2);
        let shape = self.draws.below(6);
        let few = 1 + self.draws.below(half.max(1) as u64) as usize;
        let hears = |from: usize, to: usize| match shape {
            // Two halves, and one server that hears both.
            0 => from == half || to == half || (from < half) == (to < half),
            // One in the middle.
            1 => from == 0 || to == 0,
            // Each hears the next one.
            2 => from.abs_diff(to) == 1,
            // The same, and the last one the first.
            3 => [1, many - 1].contains(&from.abs_diff(to)),
            // Some only speak.
            4 => to >= few,
            // Some only listen.
            _ => from >= few,
        };
        let mut cuts = Vec::new();
        for (at, &from) in nodes.iter().enumerate() {
            for (to_at, &to) in nodes.iter().enumerate() {
                if at != to_at && !hears(at, to_at) {
                    cuts.push((Action::cut(from, to), Some(Action::restore(from, to))));
                }
            }
        }
        (!cuts.is_empty()).then_some(cuts)
    }

    /// Packets that are held, or whose copies are. Rare kinds are as likely as common ones.
    fn hold_some(&mut self) -> Vec<Action> {
        let mut under_way: Vec<&InFlight> = self.run.packets().collect();
        under_way.sort_by_key(|flight| flight.id);
        let mut kinds: Vec<&str> = Vec::new();
        for flight in &under_way {
            let kind = flight.kind().inner_name();
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        if kinds.is_empty() {
            return Vec::new();
        }
        let kind = kinds[self.draws.below(kinds.len() as u64) as usize];
        let by = any_span(self.draws, 7) * 100;
        let copies = self.draws.below(2) == 1;
        let of_kind = under_way
            .iter()
            .filter(|flight| flight.kind().inner_name() == kind);
        let many = 1 + self.draws.below(HELD) as usize;
        let held = of_kind.take(many);
        held.flat_map(|flight| hold(flight, by, copies)).collect()
    }

    // ---- clocks and clients ----

    /// A clock that is wrong in its speed by as much as the servers reckon with, or less. It doesn't
    /// leap.
    fn drift(&mut self) -> Option<Action> {
        let node = NodeId(self.draws.below(self.nodes.into()) as u32 + 1);
        let bound = i64::from(self.run.settings.timing.clock_drift.0);
        let part = self.draws.below(5) as i64 - 2;
        let skew = self.run.host(node)?.clock().skew(self.run.now());
        let drift = (bound * part / 2) as i32;
        Some(Action::SetClock { node, skew, drift })
    }

    /// Clients fall silent but for a reader, send many times as much, or write something large.
    fn surge(&mut self) -> Option<Begun> {
        let usual = self.run.settings.load;
        if self.run.load_per_second() < usual {
            // Reads are all that there is now.
            return Some(once(vec![read_at_last()]));
        }
        let back = Some(Action::SetLoad { per_second: usual });
        let at = |per_second| (Action::SetLoad { per_second }, back.clone());
        Some(match self.draws.below(4) {
            0 | 1 => Begun {
                actions: vec![at(0)],
                lasts: any_span(self.draws, 2) * 5_000,
            },
            2 => Begun {
                actions: vec![at((usual * 8).clamp(8, 400))],
                lasts: any_span(self.draws, 4) * 200,
            },
            _ => once(vec![write_large(self.run, self.draws)]),
        })
    }
}

/// The machines that aren't switched off for good.
pub(super) fn serving(run: &Simulation) -> impl Iterator<Item = &Host> {
    run.hosts.iter().filter(|host| !host.is_retired())
}

/// Holds a packet, or a copy of it.
pub(super) fn hold(flight: &InFlight, by: Span, copies: bool) -> impl Iterator<Item = Action> {
    let message = flight.id;
    let copy = copies.then_some(Action::Duplicate { message });
    copy.into_iter().chain([Action::Delay { message, by }])
}

/// A change of the members in any way; `None` if the dice fall on one that can't be.
pub(super) fn reshape(run: &Simulation, draws: &mut Draws) -> Option<Action> {
    let members = run.configuration();
    let takes_part = |host: &&Host| host.refuses().is_none();
    let machines: Vec<NodeId> = serving(run).filter(takes_part).map(Host::id).collect();
    let any = *machines.get(draws.below(machines.len() as u64) as usize)?;
    let room = has_room(run);
    let way = [Way::Shortest, Way::Joint, Way::Stay][draws.below(3) as usize];
    let mut voters = members.left().voters().to_vec();
    voters.retain(|id| machines.contains(&id.node()));
    let mut voters: Vec<NodeId> = voters.into_iter().map(|id| id.node()).collect();
    match draws.below(8) {
        0 if room => return Some(Action::AddServer),
        1 if members.is_joint() => return Some(Action::LeaveJoint),
        2 => {
            let lost = serving(run).find(|host| host.refuses().is_some())?;
            return Some(Action::RejoinServer { node: lost.id() });
        }
        // The leader goes.
        3 => voters.retain(|&node| Some(node) != run.leader()),
        // One more, or one less.
        4 | 5 if voters.contains(&any) => voters.retain(|&node| node != any),
        4 | 5 => voters.push(any),
        _ => voters = subset(&machines, draws),
    }
    let stays = draws.below(4) > 0;
    let learns = |node: &NodeId| stays && !voters.contains(node) && Some(*node) != run.leader();
    let learners = machines.iter().copied().filter(learns).collect();
    (!voters.is_empty()).then_some(Action::ChangeMembers {
        voters,
        learners,
        way,
    })
}

/// Whether there may be one server more.
fn has_room(run: &Simulation) -> bool {
    (run.hosts.len() as u32) < (run.settings.nodes + ADDED).min(MAX_NODES)
}

/// One more server, and that it shall vote; `None` if there are enough.
pub(super) fn add_voter(run: &Simulation) -> Option<(Action, Option<Action>)> {
    let node = NodeId(run.hosts.len() as u32 + 1);
    let promote = Action::PromoteServer { node };
    has_room(run).then_some((Action::AddServer, Some(promote)))
}

/// One voter more or less, at one stroke; who goes learns on.
pub(super) fn reshape_by_one(run: &Simulation, draws: &mut Draws) -> Option<Action> {
    let members = run.configuration().left();
    let takes_part = |host: &&Host| host.refuses().is_none();
    let machines: Vec<NodeId> = serving(run).filter(takes_part).map(Host::id).collect();
    let any = *machines.get(draws.below(machines.len() as u64) as usize)?;
    let nodes = |ids: &[MemberId]| ids.iter().map(|id| id.node()).collect::<Vec<_>>();
    let (mut voters, mut learners) = (nodes(members.voters()), nodes(members.learners()));
    match voters.iter().position(|&node| node == any) {
        Some(place) => {
            voters.remove(place);
            if run.leader() != Some(any) {
                learners.push(any);
            }
        }
        None => {
            learners.retain(|&node| node != any);
            voters.push(any);
        }
    }
    let way = Way::Shortest;
    (!voters.is_empty()).then_some(Action::ChangeMembers {
        voters,
        learners,
        way,
    })
}

/// Whether the leader goes by members that aren't committed: another change on top of that would be one too
/// many.
pub(super) fn is_changing(run: &Simulation) -> bool {
    let leader = run.leader().and_then(|node| run.host(node)?.raft());
    leader.is_some_and(|raft| raft.configuration_index() > raft.commit_index())
}

/// Two of three, on average.
fn subset(nodes: &[NodeId], draws: &mut Draws) -> Vec<NodeId> {
    let chosen = nodes.iter().copied();
    chosen.filter(|_| draws.below(3) > 0).collect()
}

/// What clients ask of whoever leads in vain: a write at the newest leader, and a read at one that was
/// deposed. Where there is none, a read at any server.
pub(super) fn probe(run: &Simulation, draws: &mut Draws) -> Vec<Action> {
    let hosts = || run.hosts.iter().filter(|host| host.raft().is_some());
    let leaders = || hosts().filter(|host| host.is_leader());
    let term = |host: &&Host| host.raft().map(Raft::current_term);
    let Some(newest) = leaders().max_by_key(term) else {
        return Vec::new();
    };
    // A lease ends soon; without one there is time.
    let outdated = |host: &&Host| term(host) < term(&newest);
    let lasts = leaders()
        .filter(outdated)
        .any(|host| holds_lease(run, host));
    if leaders().any(|host| outdated(&host)) && !lasts && draws.below(RARELY) > 0 {
        return Vec::new();
    }
    let any = hosts().nth(draws.below(hosts().count() as u64) as usize);
    let read = |host: &Host| {
        // Who has a lease asks nobody.
        let lease = holds_lease(run, host) || draws.chance(run.settings.reads.lease);
        let level = match lease && run.settings.reads.lease > Ratio::ZERO {
            true => ReadLevel::Lease,
            false => ReadLevel::Linearizable,
        };
        let key = KEY.into();
        request(Operation::Get { key, level }, host.id())
    };
    let mut deposed = leaders().filter(outdated).peekable();
    if deposed.peek().is_none() {
        return any.map(read).into_iter().collect();
    }
    let mut actions: Vec<Action> = deposed.map(read).collect();
    let write = Operation::Put {
        key: KEY.into(),
        value: format!("w{}", run.events_emitted()).into(),
    };
    actions.push(request(write, newest.id()));
    actions
}

fn request(operation: Operation, to: NodeId) -> Action {
    Action::Request {
        operation,
        to: Some(to),
        attempts: 1,
    }
}

/// A read whose client doesn't give up.
fn read_at_last() -> Action {
    let (key, level) = (KEY.into(), ReadLevel::Linearizable);
    Action::Request {
        operation: Operation::Get { key, level },
        to: None,
        attempts: 1_000,
    }
}

/// A value that takes many round trips to be sent in a snapshot.
pub(super) fn write_large(run: &Simulation, draws: &mut Draws) -> Action {
    let timing = &run.settings.timing;
    let window = u64::from(timing.max_chunk) * u64::from(timing.max_in_flight);
    let window = window.min(timing.max_in_flight_bytes.max(timing.max_chunk).into());
    let trips = 1 + draws.below(TRIPS);
    let size = (window * trips).min(LARGEST) as usize;
    let number = run.events_emitted();
    let operation = Operation::Put {
        key: format!("large{}", draws.below(2)).into(),
        value: format!("{number:0>size$}").into(),
    };
    Action::Request {
        operation,
        to: None,
        attempts: 0,
    }
}
