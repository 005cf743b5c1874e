//! The lessons: each a scenario with a story in steps.
//!
//! Nothing is scripted but what a reader's button does, and that is computed from the state: the
//! current leader, a follower of it, the side without it. So another seed, with other servers in
//! the roles and other times, tells the same story.

pub mod first_election;
pub mod network_partition;
pub mod replication;

use super::{Action, Event, EventKind, Host, Milestone, Scenario, Settings, Simulation, Task};
use crate::base::NodeId;
use crate::kv::{Command, Operation};
use crate::raft::{Entry, Index, Payload, Raft, Rules, Term, Trace};

/// The free laboratory: the same cluster, and no story.
pub(super) fn lab() -> Scenario {
    Scenario {
        id: "lab",
        title: "Free laboratory",
        summary: "Five servers, no story. Write, crash, cut, go back, try again.",
        settings: Settings::default(),
        seed: 7,
        steps: &[],
    }
}

/// The usual cluster, whose elections are those of the paper: what the dissertation adds has
/// lessons of its own.
fn as_in_figure_2() -> Settings {
    Settings {
        rules: Rules::FIGURE_2,
        ..Settings::default()
    }
}

const fn task(
    text: &'static str,
    name: &'static str,
    reached: fn(&Simulation, &Event) -> bool,
) -> Task {
    Task {
        text,
        milestone: Milestone { name, reached },
    }
}

// ---- roles ----

/// The servers that run, as the protocol sees them.
fn running(simulation: &Simulation) -> impl Iterator<Item = &Raft<Command>> {
    simulation.hosts().iter().filter_map(Host::raft)
}

/// The leader of the highest term.
fn newest_leader(simulation: &Simulation) -> Option<&Raft<Command>> {
    leaders(simulation).max_by_key(|raft| raft.current_term())
}

/// The leader of the lowest term: of two, the one that was replaced.
fn oldest_leader(simulation: &Simulation) -> Option<&Raft<Command>> {
    leaders(simulation).min_by_key(|raft| raft.current_term())
}

fn leaders(simulation: &Simulation) -> impl Iterator<Item = &Raft<Command>> {
    running(simulation).filter(|raft| raft.is_leader())
}

/// A server that runs and doesn't lead.
fn a_follower(simulation: &Simulation) -> Option<NodeId> {
    let mut others = running(simulation).filter(|raft| !raft.is_leader());
    others.next().map(Raft::id)
}

/// Everybody who is down starts again.
fn restart_all(simulation: &Simulation) -> Vec<Action> {
    let down = simulation
        .hosts()
        .iter()
        .filter(|host| host.raft().is_none());
    down.map(|host| Action::Restart { node: host.id() })
        .collect()
}

/// A put that the given leader is asked for, so many times at most (0: as the clients do). Asked
/// once, its client doesn't try another server.
fn put_via(leader: Option<&Raft<Command>>, key: &str, value: &str, attempts: u32) -> Vec<Action> {
    let request = |raft: &Raft<Command>| Action::Request {
        operation: Operation::Put {
            key: key.into(),
            value: value.into(),
        },
        to: Some(raft.id()),
        attempts,
    };
    leader.map(request).into_iter().collect()
}

// ---- predicates ----

/// The decision that the event tells, and whose it is.
fn decision(event: &Event) -> Option<(NodeId, Trace)> {
    match event.kind {
        EventKind::Traced { node, trace } => Some((node, trace)),
        _ => None,
    }
}

fn a_timer_ran_out(_: &Simulation, event: &Event) -> bool {
    matches!(decision(event), Some((_, Trace::ElectionStarted { .. })))
}

fn somebody_leads(simulation: &Simulation, _: &Event) -> bool {
    newest_leader(simulation).is_some()
}

/// The leader of the highest term has committed an entry of that term.
fn leader_has_committed(simulation: &Simulation, _: &Event) -> bool {
    newest_leader(simulation)
        .is_some_and(|raft| raft.log().term_at(raft.commit_index()) == Some(raft.current_term()))
}

fn somebody_crashed(_: &Simulation, event: &Event) -> bool {
    matches!(event.kind, EventKind::Crashed { .. })
}

fn somebody_restarted(_: &Simulation, event: &Event) -> bool {
    matches!(event.kind, EventKind::Restarted { .. })
}

/// Every server runs and follows the same leader, which leads.
fn all_follow_one(simulation: &Simulation, _: &Event) -> bool {
    let leader = newest_leader(simulation).map(Raft::id);
    let follows = |host: &Host| host.raft().is_some_and(|raft| raft.leader() == leader);
    leader.is_some() && simulation.hosts().iter().all(follows)
}

/// Entries of a log's end that the predicates below look at: lessons have short logs, but
/// somebody may let the clients run wild.
const WINDOW: Index = 256;

/// Where this log holds a put of that value, if it does.
fn find_put(raft: &Raft<Command>, key: &str, value: &str) -> Option<Index> {
    let last = raft.log().last_index();
    let first = last.saturating_sub(WINDOW) + 1;
    (first..=last).rev().find(|&index| {
        let entry = raft.log().entry(index);
        entry.is_some_and(|entry| is_put(entry, key, value))
    })
}

fn is_put(entry: &Entry<Command>, key: &str, value: &str) -> bool {
    match &entry.payload {
        Payload::Command(command) => is_put_of(&command.operation, key, value),
        Payload::Noop | Payload::Configuration(_) => false,
    }
}

fn is_put_of(operation: &Operation, key: &str, value: &str) -> bool {
    match operation {
        Operation::Put { key: k, value: v } => (&**k, &**v) == (key, value),
        _ => false,
    }
}

/// Servers whose log holds that put.
fn copies(simulation: &Simulation, key: &str, value: &str) -> usize {
    running(simulation)
        .filter(|raft| find_put(raft, key, value).is_some())
        .count()
}

/// Whether a server knows that the put is committed.
fn is_committed(simulation: &Simulation, key: &str, value: &str) -> bool {
    running(simulation)
        .any(|raft| find_put(raft, key, value).is_some_and(|index| index <= raft.commit_index()))
}

/// Whether the map of every server says so.
fn every_map_says(simulation: &Simulation, key: &str, value: &str) -> bool {
    let mut hosts = simulation.hosts().iter();
    hosts.all(|host| host.store().get(key).is_some_and(|found| &**found == value))
}

/// Whether some client was told that its put is done.
fn is_answered(simulation: &Simulation, key: &str, value: &str) -> bool {
    let mut operations = simulation.clients().flat_map(|client| client.operations());
    operations
        .any(|operation| operation.outcome.is_some() && is_put_of(&operation.operation, key, value))
}

/// The highest term of two leaders and the lowest, if two lead at once.
fn two_leaders(simulation: &Simulation) -> Option<(Term, Term)> {
    let old = oldest_leader(simulation)?.current_term();
    let new = newest_leader(simulation)?.current_term();
    (old < new).then_some((new, old))
}
