//! Stories of changing members: each is a change that some majority doesn't hear of in time.

use super::Seen;
use super::elections::{act, answer, broken, node, put, request, wait};
use kvorum::base::NodeId;
use kvorum::raft::{Rules, Way};
use kvorum::sim::{Action, Settings, Simulation};

fn nodes(ids: &[u32]) -> Vec<NodeId> {
    ids.iter().copied().map(node).collect()
}

/// Servers led by `leader`, and learners that have caught up.
fn led(founders: u32, leader: u32, learners: u32, rules: Rules) -> Simulation {
    let settings = Settings {
        nodes: founders,
        rules,
        ..Settings::default()
    };
    let mut simulation = Simulation::new(settings, 1).expect("the settings can be");
    wait(&mut simulation, 20);
    let node = node(leader);
    act(&mut simulation, Action::time_out(node));
    wait(&mut simulation, 980);
    (0..learners).for_each(|_| act(&mut simulation, Action::AddServer));
    wait(&mut simulation, 1_000);
    assert_eq!(simulation.leader(), Some(node));
    let learn = simulation.configuration().learners().len();
    assert_eq!(learn, learners as usize);
    simulation
}

fn change(voters: &[u32], learners: &[u32], way: Way) -> Action {
    Action::ChangeMembers {
        voters: nodes(voters),
        learners: nodes(learners),
        way,
    }
}

fn split(simulation: &mut Simulation, ours: &[u32], theirs: &[u32]) {
    let groups = vec![nodes(ours), nodes(theirs)];
    act(simulation, Action::partition(groups));
}

/// Three become five, and two of the three don't hear of it (figure 10).
pub fn naive_change(rules: Rules) -> Option<Seen> {
    let mut simulation = led(3, 3, 2, rules);
    split(&mut simulation, &[1, 2], &[3, 4, 5]);
    act(&mut simulation, change(&[1, 2, 3, 4, 5], &[], Way::Joint));
    wait(&mut simulation, 1_000);
    broken(&simulation)
}

/// S1's unfinished change, S2's finished one, and S1 again: the bug of 2015.
pub fn bug_of_2015(rules: Rules) -> Option<Seen> {
    let mut simulation = led(4, 1, 1, rules);
    split(&mut simulation, &[1, 5], &[2, 3, 4]);
    act(
        &mut simulation,
        change(&[1, 2, 3, 4, 5], &[], Way::Shortest),
    );
    wait(&mut simulation, 100);
    act(&mut simulation, Action::time_out(node(2)));
    while simulation.leader() != Some(node(2)) {
        assert!(simulation.step().went(), "S2 wins");
    }
    // S4 has voted for S2, and hears no more of it.
    let (from, to) = (node(2), node(4));
    act(&mut simulation, Action::cut(from, to));
    act(&mut simulation, change(&[2, 3, 4], &[], Way::Shortest));
    // Long enough to commit it, if it was begun; too short for anybody to switch S1 off.
    wait(&mut simulation, 60);
    for id in [2, 3].map(node) {
        act(&mut simulation, Action::Pause { node: id });
    }
    act(&mut simulation, Action::Crash { node: node(1) });
    act(&mut simulation, Action::Restart { node: node(1) });
    act(&mut simulation, Action::Heal);
    for _ in 0..3 {
        // Refused if it has won meanwhile.
        let _refused = simulation.apply(Action::time_out(node(1)));
        wait(&mut simulation, 100);
    }
    broken(&simulation)
}

/// Three became five long ago, and two of the three forget in a crash that it was committed.
pub fn forgotten_commit(rules: Rules) -> Option<Seen> {
    let mut simulation = led(3, 3, 2, rules);
    act(&mut simulation, change(&[1, 2, 3, 4, 5], &[], Way::Joint));
    wait(&mut simulation, 1_000);
    assert_eq!(simulation.configuration().voters().len(), 5);
    split(&mut simulation, &[1, 2], &[3, 4, 5]);
    for node in [1, 2].map(node) {
        act(&mut simulation, Action::Crash { node });
        act(&mut simulation, Action::Restart { node });
    }
    act(&mut simulation, Action::time_out(node(1)));
    wait(&mut simulation, 1_000);
    broken(&simulation)
}

/// One voter more, and before that is committed yet another one.
pub fn two_changes_at_once(rules: Rules) -> Option<Seen> {
    let mut simulation = led(3, 1, 2, rules);
    split(&mut simulation, &[2, 3], &[1, 4, 5]);
    act(&mut simulation, change(&[1, 2, 3, 4], &[5], Way::Shortest));
    // The leader has appended it.
    wait(&mut simulation, 50);
    act(
        &mut simulation,
        change(&[1, 2, 3, 4, 5], &[], Way::Shortest),
    );
    wait(&mut simulation, 1_000);
    broken(&simulation)
}

/// A leader removes itself.
pub fn removed_leader(rules: Rules) -> Option<Seen> {
    let mut simulation = led(3, 1, 0, rules);
    act(&mut simulation, Action::RemoveServer { node: node(1) });
    wait(&mut simulation, 2_000);
    broken(&simulation)
}

/// A server joins that is too slow, while one of three is down.
pub fn empty_voter(rules: Rules) -> Option<Seen> {
    let mut simulation = led(3, 1, 1, rules);
    act(&mut simulation, Action::Pause { node: node(4) });
    act(&mut simulation, Action::Crash { node: node(3) });
    wait(&mut simulation, 1_000);
    act(&mut simulation, Action::PromoteServer { node: node(4) });
    wait(&mut simulation, 100);
    act(&mut simulation, request(put("1"), None, 0));
    wait(&mut simulation, 5_000);
    answer(&simulation).is_none().then_some(Seen::Stuck)
}
