//! Stories of elections: what keeps a cluster from making progress, or from keeping its leader.

use super::Seen;
use crate::support;
pub use crate::support::{act, request, wait};
use kvorum::base::NodeId;
use kvorum::kv::{Operation, Outcome};
use kvorum::raft::{ReadLevel, Rules};
use kvorum::sim::{Action, Settings, Simulation};

pub fn node(id: u32) -> NodeId {
    NodeId(id)
}

/// A run in which S1 leads, and has done so for a while.
pub fn led_by_s1(settings: Settings) -> Simulation {
    let mut simulation = Simulation::new(settings, 1).expect("the settings can be");
    wait(&mut simulation, 20);
    act(&mut simulation, Action::time_out(node(1)));
    wait(&mut simulation, 980);
    assert_eq!(simulation.leader(), Some(node(1)));
    simulation
}

fn servers(nodes: u32, rules: Rules) -> Settings {
    Settings {
        nodes,
        rules,
        watch_liveness: true,
        ..Settings::default()
    }
}

pub fn get(level: ReadLevel) -> Operation {
    support::get("x", level)
}

pub fn put(value: &str) -> Operation {
    support::put("x", value)
}

/// The answer to the request that was begun last by any client.
pub fn answer(simulation: &Simulation) -> Option<Outcome> {
    let operations = simulation.clients().filter_map(|it| it.operations().last());
    let last = operations.max_by_key(|operation| operation.invoked);
    last.and_then(|operation| operation.outcome.clone())
}

/// What a client sees that tries everywhere: a property that breaks within half a minute, or no
/// answer at all.
fn stuck(simulation: &mut Simulation, operation: Operation) -> Option<Seen> {
    act(simulation, request(operation, None, 1_000));
    wait(simulation, 30_000);
    broken(simulation).or_else(|| answer(simulation).is_none().then_some(Seen::Stuck))
}

pub fn broken(simulation: &Simulation) -> Option<Seen> {
    let violation = simulation.violation();
    violation.map(|violation| Seen::from(violation.property()))
}

/// A leader of five writes and crashes; then nobody writes, and somebody reads.
pub fn read_after_election(rules: Rules) -> Option<Seen> {
    let mut simulation = led_by_s1(servers(5, rules));
    act(&mut simulation, request(put("1"), None, 0));
    wait(&mut simulation, 500);
    act(&mut simulation, Action::Crash { node: node(1) });
    wait(&mut simulation, 2_000);
    assert!(simulation.leader().is_some());
    stuck(&mut simulation, get(ReadLevel::Linearizable))
}

/// A follower is cut off, for long enough to begin many terms, and comes back.
pub fn back_from_a_partition(rules: Rules) -> Option<Seen> {
    let mut simulation = led_by_s1(servers(5, rules));
    let groups = vec![vec![node(5)], (1..=4).map(node).collect()];
    act(&mut simulation, Action::partition(groups));
    wait(&mut simulation, 3_000);
    act(&mut simulation, Action::Heal);
    wait(&mut simulation, 3_000);
    let raft = |id| simulation.host(node(id)).and_then(|host| host.raft());
    let leads = raft(1).is_some_and(|raft| raft.is_leader() && raft.current_term() == 1);
    let follows = raft(5).and_then(|raft| raft.leader()) == Some(node(1).into());
    assert!(leads && follows || broken(&simulation).is_some());
    broken(&simulation)
}

/// Everybody is connected with S2, and nobody with anybody else: S2 could lead, but it hears the
/// old leader. ("Quorum loss" in the literature on partial partitions.)
pub fn one_in_the_middle(rules: Rules) -> Option<Seen> {
    let mut simulation = led_by_s1(servers(5, rules));
    for from in [1, 3, 4, 5].map(node) {
        for to in [1, 3, 4, 5].map(node).into_iter().filter(|&to| to != from) {
            act(&mut simulation, Action::cut(from, to));
        }
    }
    stuck(&mut simulation, put("2"))
}
