//! The operator switches machines off for good, so it must not do that on the word of a
//! leader that isn't one any more.

use crate::run::{Run, ids};
use crate::support::{self, request};
use kvorum::base::{Address, Draws, MemberId, NodeId, Purpose, Ratio, Span};
use kvorum::raft::{Configuration, Index, Rule, Rules, Trace, Way};
use kvorum::sim::{Action, EventKind, Host, LinkSettings, PacketKind, Settings};

fn put(value: &str) -> Action {
    request(support::put("last", value), None, 1_000)
}

fn retired(run: &Run) -> Vec<NodeId> {
    let hosts = run.simulation.hosts().iter();
    hosts
        .filter(|host| host.is_retired())
        .map(Host::id)
        .collect()
}

fn answers(run: &Run) -> usize {
    run.happened(|kind| matches!(kind, EventKind::Returned { .. }))
}

/// S1 leads on by itself, in an old term and an old configuration. S3, the leader that replaced
/// S2 by S4, S5 and S6, crashes, and somebody asks for S1 to vote, which S1 says it does.
#[test]
fn a_leader_that_was_deposed_is_not_believed() {
    for name in ["administrator", "administrator-check-quorum-off"] {
        let mut run = Run::recorded(name);
        run.pass(10_000);
        assert_eq!(retired(&run), ids(&[2]), "{name}");
        assert_eq!(run.voters(), ids(&[1, 3, 4, 5, 6]), "{name}");
        assert_eq!(answers(&run), 1, "{name}");
    }
}

#[test]
fn who_is_left_out_is_switched_off_though_a_minority_is_down() {
    for seed in 0..10 {
        let mut run = Run::new(5, seed);
        let leader = run.leader();
        let others: Vec<NodeId> = (1..=5).map(NodeId).filter(|&id| id != leader).collect();
        run.act(Action::Crash { node: others[0] });
        run.act(Action::RemoveServer { node: others[1] });
        run.pass(1_000);
        assert_eq!(retired(&run), [others[1]], "seed {seed}");
    }
}

/// Nobody tells it that it was removed, so it campaigns, in ever newer terms. That is no reason
/// to believe it.
#[test]
fn who_is_left_out_is_switched_off_though_it_campaigns() {
    for seed in 0..10 {
        let rules = Rules::ALL.without(Rule::PreVote);
        let settings = Settings {
            rules,
            ..Settings::default()
        };
        let mut run = Run::of(settings, seed);
        let leader = run.leader();
        let others: Vec<NodeId> = (1..=5).map(NodeId).filter(|&id| id != leader).collect();
        let (node, rest) = (others[0], [&[leader], &others[1..]].concat());
        run.act(Action::partition(vec![vec![node], rest]));
        run.pass(2_000);
        let term = |run: &Run, node| {
            let host = run.simulation.host(node).and_then(Host::raft);
            host.expect("it is up").current_term()
        };
        assert!(term(&run, node) > term(&run, leader), "seed {seed}");
        run.act(Action::RemoveServer { node });
        run.pass(1_000);
        assert_eq!(retired(&run), [node], "seed {seed}");
    }
}

/// As long as nobody can be sure of the new configuration, what it leaves out stays on.
#[test]
fn nobody_is_switched_off_while_a_majority_is_down() {
    let mut run = Run::new(5, 3);
    let leader = run.leader();
    let others: Vec<NodeId> = (1..=5).map(NodeId).filter(|&id| id != leader).collect();
    run.act(Action::RemoveServer { node: others[0] });
    let committed = |run: &Run| {
        let raft = run.simulation.host(leader).and_then(Host::raft);
        raft.is_some_and(|raft| raft.configuration_index() <= raft.commit_index())
    };
    while !committed(&run) {
        run.pass(1);
    }
    assert_eq!(retired(&run), []);
    for &node in &others[1..3] {
        run.act(Action::Crash { node });
    }
    run.pass(3_000);
    assert_eq!(retired(&run), []);
    for &node in &others[1..3] {
        run.act(Action::Restart { node });
    }
    run.pass(2_000);
    assert_eq!(retired(&run), [others[0]]);
}

/// The last configuration that was ever seen to be committed.
#[derive(Default)]
struct Committed {
    index: Index,
    members: Option<Configuration>,
}

impl Committed {
    fn look(&mut self, run: &Run) {
        for raft in run.simulation.hosts().iter().filter_map(Host::raft) {
            let (index, members) = raft.configuration_at(raft.commit_index());
            if index >= self.index && !members.is_empty() {
                (self.index, self.members) = (index, Some(members.clone()));
            }
        }
    }

    /// Its members that were switched off.
    fn switched_off(&self, run: &Run) -> Vec<NodeId> {
        let mut gone = retired(run);
        gone.retain(|&id| {
            self.members
                .as_ref()
                .is_some_and(|it| it.member_on(id).is_some())
        });
        gone
    }
}

/// What a person who changes the members in a bad network may do next.
fn next(run: &Run, draws: &mut Draws) -> Action {
    let nodes = run.simulation.hosts().len() as u64;
    let node = NodeId(draws.below(nodes) as u32 + 1);
    let leader = run.simulation.leader().unwrap_or(node);
    let all = (1..=nodes as u32).map(NodeId);
    let coins = draws.word();
    match draws.below(14) {
        0 => {
            let side = |node: &NodeId| coins >> node.0 & 1 == 1;
            let (ours, theirs): (Vec<_>, Vec<_>) = all.partition(side);
            let groups = vec![ours, theirs];
            Action::partition(groups)
        }
        1..4 => {
            let groups = vec![vec![leader], all.filter(|&id| id != leader).collect()];
            Action::partition(groups)
        }
        4 => Action::Heal,
        5 if nodes < 8 => Action::AddServer,
        6..8 => Action::Crash { node: leader },
        8 => Action::Restart { node },
        9 => Action::PromoteServer { node },
        10 => Action::RemoveServer { node },
        _ => Action::ChangeMembers {
            voters: all.filter(|node| coins >> node.0 & 1 == 1).collect(),
            learners: vec![],
            way: Way::Shortest,
        },
    }
}

/// The leader is cut off, and leads on in its own eyes; the others choose other members, and lose
/// their leader for a moment, in which somebody wants something else.
fn replaced(run: &mut Run, draws: &mut Draws, pass: &mut impl FnMut(&mut Run, u64)) {
    let old = run.leader();
    let all = |run: &Run| {
        run.simulation
            .hosts()
            .iter()
            .map(Host::id)
            .collect::<Vec<_>>()
    };
    let mut others = all(run);
    others.retain(|&id| id != old);
    let groups = vec![vec![old], others];
    run.act(Action::partition(groups));
    pass(run, 500 + draws.below(2_000));
    (0..3).for_each(|_| run.act(Action::AddServer));
    pass(run, 400 + draws.below(600));
    let coins = draws.word();
    let mut voters = all(run);
    voters.retain(|node| coins >> node.0 & 3 != 0);
    let (learners, way) = (vec![], Way::Shortest);
    let change = Action::ChangeMembers {
        voters,
        learners,
        way,
    };
    let _refused = run.simulation.apply(change);
    pass(run, 50 + draws.below(300));
    let node = run.simulation.leader().unwrap_or(old);
    let _refused = run.simulation.apply(Action::Crash { node });
}

#[test]
fn no_member_is_ever_switched_off() {
    let mut switched_off = 0;
    for seed in 0..150 {
        let mut settings = Settings {
            nodes: 3 + seed as u32 / 2 % 3,
            ..Settings::default()
        };
        // Otherwise a leader that was cut off resigns before anybody is elected.
        match seed % 2 {
            0 => settings.rules = Rules::ALL.without(Rule::CheckQuorum),
            _ => settings.timing.election_timeout_max = Span::secs(5),
        }
        let mut run = Run::of(settings, seed);
        while run.simulation.leader().is_none() {
            run.pass(100);
        }
        let mut draws = Draws::new(seed, Purpose::Chaos, 0);
        let mut committed = Committed::default();
        let mut pass = |run: &mut Run, ms: u64| {
            committed.look(run);
            for _ in 0..=ms / 10 {
                run.pass(10);
                committed.look(run);
                assert_eq!(committed.switched_off(run), [], "seed {seed}");
            }
        };
        replaced(&mut run, &mut draws, &mut pass);
        for _ in 0..8 {
            let action = next(&run, &mut draws);
            // Who is crashed can't crash, and the like.
            let _refused = run.simulation.apply(action);
            let wait = draws.below(3) * draws.below(200);
            pass(&mut run, wait);
        }
        run.act(Action::Heal);
        for node in (1..=run.simulation.hosts().len() as u32).map(NodeId) {
            let _refused = run.simulation.apply(Action::Restart { node });
        }
        pass(&mut run, 40_000);
        run.act(put("calm"));
        pass(&mut run, 15_000);
        assert_eq!(answers(&run), 1, "seed {seed}");
        switched_off += retired(&run).len();
    }
    assert!(switched_off > 50, "{switched_off}");
}

/// The requests to change the members that are under way.
fn requests(run: &Run) -> Vec<u64> {
    let packets = run.simulation.packets();
    let is_request =
        |kind: PacketKind| matches!(kind, PacketKind::MemberRequest { change: true, .. });
    let requests = packets.filter(|it| is_request(it.kind()));
    requests.map(|it| it.id).collect()
}

/// Stops when the operator has sent a request to change the members.
fn until_asked(run: &mut Run) -> u64 {
    loop {
        if let Some(&message) = requests(run).first() {
            return message;
        }
        run.pass(1);
    }
}

#[test]
fn an_operator_that_reaches_nobody_changes_nothing() {
    let mut run = Run::new(3, 1);
    run.act(Action::AddServer);
    run.pass(1_000);
    let servers: Vec<Address> = (1..=4).map(NodeId).map(Address::Node).collect();
    run.act(Action::partition([servers, vec![Address::Operator]]));
    let node = NodeId(4);
    run.act(Action::PromoteServer { node });
    run.pass(5_000);
    assert_eq!(run.voters(), ids(&[1, 2, 3]));
    run.act(Action::Heal);
    run.pass(1_000);
    assert_eq!(run.voters(), ids(&[1, 2, 3, 4]));
}

/// It asks again, and once more where packets are lost; what it wants comes true once.
#[test]
fn packets_of_the_operator_may_be_lost_and_doubled() {
    for seed in 0..10 {
        let mut run = Run::new(3, seed);
        let link = LinkSettings {
            loss: Ratio::percent(30),
            duplicate: Ratio::percent(30),
            reorder: true,
            ..LinkSettings::default()
        };
        for node in (1..=4).map(NodeId) {
            if node == NodeId(4) {
                run.act(Action::AddServer);
            }
            run.act(Action::set_link(Address::Operator, node, link));
            run.act(Action::set_link(node, Address::Operator, link));
        }
        run.act(Action::PromoteServer { node: NodeId(4) });
        run.act(Action::RemoveServer { node: NodeId(1) });
        run.pass(18_000);
        assert_eq!(run.voters(), ids(&[2, 3, 4]), "seed {seed}");
        assert_eq!(retired(&run), ids(&[1]), "seed {seed}");
        let adopted = |kind: &EventKind| {
            let leads = |node: NodeId| run.simulation.host(node).is_some_and(Host::is_leader);
            matches!(kind, EventKind::Traced { node, trace: Trace::ConfigurationAdopted { .. }, .. } if leads(*node))
        };
        assert_eq!(run.happened(adopted), 3, "seed {seed}");
    }
}

/// A request names the configuration that it is meant to replace.
#[test]
fn a_request_that_comes_late_changes_nothing() {
    let mut run = Run::new(4, 2);
    let leader = run.leader();
    let node = ids(&[1, 2, 3, 4]).into_iter().find(|&id| id != leader);
    let node = node.expect("there are others");
    let mut voters = ids(&[1, 2, 3, 4]);
    voters.retain(|&id| id != node);
    run.act(Action::ChangeMembers {
        voters,
        learners: vec![node],
        way: Way::Shortest,
    });
    let message = until_asked(&mut run);
    run.act(Action::Duplicate { message });
    let copy = *requests(&run).iter().max().expect("a copy");
    let by = Span::secs(10);
    run.act(Action::Delay { message: copy, by });
    run.pass(1_000);
    assert_eq!(
        MemberId::nodes(run.simulation.configuration().learners()),
        [node]
    );
    run.act(Action::PromoteServer { node });
    run.pass(1_000);
    assert_eq!(run.voters(), ids(&[1, 2, 3, 4]));
    // It would lose its vote again.
    run.pass(12_000);
    assert!(requests(&run).is_empty());
    assert_eq!(run.voters(), ids(&[1, 2, 3, 4]));
}

/// What became of a request isn't known, and the goal is given up. Who it names stays on.
#[test]
fn who_may_become_a_member_yet_is_not_switched_off() {
    let mut run = Run::new(3, 3);
    let leader = run.leader();
    run.act(Action::AddServer);
    let message = until_asked(&mut run);
    // It is past the wall; every later one is lost.
    run.pass(7);
    run.act(Action::cut(Address::Operator, leader));
    let by = Span::secs(30);
    run.act(Action::Delay { message, by });
    run.pass(21_000);
    let given_up = |kind: &EventKind| *kind == EventKind::ChangeAbandoned;
    assert_eq!(run.happened(given_up), 1);
    run.act(Action::restore(Address::Operator, leader));
    // What holds already comes true at once.
    run.act(Action::ChangeMembers {
        voters: ids(&[1, 2, 3]),
        learners: vec![],
        way: Way::Shortest,
    });
    run.pass(5_000);
    assert_eq!(retired(&run), []);
    run.pass(7_000);
    assert_eq!(
        MemberId::nodes(run.simulation.configuration().learners()),
        ids(&[4])
    );
    // Now it is known what became of it.
    run.act(Action::RemoveServer { node: NodeId(4) });
    run.pass(2_000);
    assert_eq!(retired(&run), ids(&[4]));
}
