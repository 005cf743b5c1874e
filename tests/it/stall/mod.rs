//! Why nothing moves: what the state alone says, typed and in words.

mod elections;

use crate::rules::elections::{act, led_by_s1, node, wait};
use crate::support::{self, request};
use kvorum::base::{ClientId, NodeId, Ratio, Span, Time};
use kvorum::kv::Operation;
use kvorum::raft::{ReadLevel, Rule, Rules, Timing, Way};
use kvorum::sim::{
    Action, DiskFault, LackReason, LinkSettings, Loss, Settings, Simulation, StallReason, Unable,
};
use kvorum::view;

pub fn put(to: Option<NodeId>, attempts: u32) -> Action {
    request(support::put("x", "1"), to, attempts)
}

/// No message gets from one of these to the other any more.
pub fn part(simulation: &mut Simulation, a: u32, b: u32) {
    for (from, to) in [(node(a), node(b)), (node(b), node(a))] {
        act(simulation, Action::cut(from, to));
    }
}

/// The reasons in words.
pub fn words(simulation: &Simulation) -> Vec<String> {
    let reasons = simulation.why_nothing_moves();
    let said = |reason| view::english().text(&view::stall(reason));
    let words: Vec<String> = reasons.iter().map(said).collect();
    assert!(words.iter().all(|says| says.ends_with('.')), "{words:?}");
    words
}

/// Some sentence says all of this.
pub fn says(simulation: &Simulation, parts: &[&str]) {
    let words = words(simulation);
    let all = |sentence: &String| parts.iter().all(|part| sentence.contains(part));
    assert!(words.iter().any(all), "{parts:?} in {words:#?}");
}

/// What a server lacks for being elected.
pub fn lacks(simulation: &Simulation, who: u32) -> Vec<(u32, LackReason)> {
    let reasons = simulation.why_nothing_moves().into_iter();
    let found = reasons.filter_map(|reason| match reason {
        StallReason::CannotWin {
            candidate, lacks, ..
        } if candidate == node(who) => Some(lacks),
        _ => None,
    });
    let lacks = found.flatten();
    lacks.map(|lack| (lack.node.0, lack.why)).collect()
}

#[test]
fn an_idle_cluster_waits_for_nothing() {
    let simulation = led_by_s1(Settings::default());
    assert_eq!(simulation.why_nothing_moves(), []);
    assert_eq!(simulation.stalled_since(), None);
    let young = Simulation::new(Settings::default(), 1).expect("it can be");
    says(&young, &["Nobody leads."]);
    says(
        &young,
        &["S3 can win an election; its timer runs out at 0."],
    );
}

#[test]
fn a_lost_quorum_is_named_with_who_is_missing_and_why() {
    let mut simulation = led_by_s1(Settings::default());
    for (id, fault) in [(4, DiskFault::Fill), (5, DiskFault::Wipe)] {
        act(
            &mut simulation,
            Action::Disk {
                node: node(id),
                fault,
            },
        );
    }
    act(&mut simulation, Action::Restart { node: node(5) });
    act(&mut simulation, Action::Pause { node: node(2) });
    act(&mut simulation, put(None, 1_000));
    wait(&mut simulation, 5_000);
    let reasons = simulation.why_nothing_moves();
    let lost = StallReason::QuorumLost {
        outgoing: false,
        needed: 3,
        able: vec![node(1), node(3)],
        unable: vec![
            (node(2), Unable::Paused),
            (node(4), Unable::DiskFull),
            (node(5), Unable::TakesNoPart),
        ],
    };
    assert!(reasons.contains(&lost), "{reasons:#?}");
    says(
        &simulation,
        &[
            "needs 3 of the 5 voters",
            "only S1 and S3 can take part",
            "S2 is paused",
            "S4 has a full disk",
            "S5 can't trust its disk",
        ],
    );
    says(&simulation, &["c1 has waited since 1 s"]);
    assert_eq!(simulation.stalled_since(), Some(Time::from_millis(1_000)));
}

/// S2 alone hears a majority, and both of the others have an entry that it lacks.
#[test]
fn a_partial_partition_leaves_nobody_with_the_newest_log_that_a_quorum_hears() {
    let settings = Settings {
        nodes: 3,
        ..Settings::default()
    };
    let mut simulation = led_by_s1(settings);
    part(&mut simulation, 1, 2);
    part(&mut simulation, 2, 3);
    act(&mut simulation, put(None, 1));
    wait(&mut simulation, 500);
    part(&mut simulation, 1, 3);
    for (from, to) in [(2, 1), (1, 2)] {
        let (from, to) = (node(from), node(to));
        act(&mut simulation, Action::restore(from, to));
    }
    act(&mut simulation, Action::Crash { node: node(1) });
    act(&mut simulation, Action::Restart { node: node(1) });
    // S1 and S2 are a quorum, and S1 has the newer log: it can win.
    says(&simulation, &["S1 can win an election"]);
    act(&mut simulation, Action::Crash { node: node(1) });
    for (from, to) in [(2, 3), (3, 2)] {
        let (from, to) = (node(from), node(to));
        act(&mut simulation, Action::restore(from, to));
    }
    act(&mut simulation, Action::cut(node(3), node(2)));
    let found = lacks(&simulation, 2);
    let down = LackReason::Unable { how: Unable::Down };
    assert_eq!(found[0], (1, down));
    let unheard = LackReason::Unheard {
        from: node(3),
        to: node(2),
        loss: Loss::Cut,
    };
    assert_eq!(found[1], (3, unheard));
    says(&simulation, &["S2 doesn't hear S3 (the link is cut)"]);
}

#[test]
fn a_hub_with_an_older_log_is_told_whose_log_is_newer() {
    let mut simulation = led_by_s1(Settings::default());
    for id in [4, 5] {
        act(&mut simulation, Action::Crash { node: node(id) });
    }
    part(&mut simulation, 1, 2);
    part(&mut simulation, 2, 3);
    act(&mut simulation, put(None, 1_000));
    wait(&mut simulation, 100);
    part(&mut simulation, 1, 3);
    for id in [1, 3] {
        for (from, to) in [(2, id), (id, 2)] {
            let (from, to) = (node(from), node(to));
            act(&mut simulation, Action::restore(from, to));
        }
    }
    act(&mut simulation, Action::Crash { node: node(1) });
    act(&mut simulation, Action::Restart { node: node(1) });
    wait(&mut simulation, 20);
    let newer = lacks(&simulation, 2);
    let newer = newer
        .iter()
        .filter(|(_, why)| matches!(why, LackReason::LogNewer { .. }));
    assert!(newer.count() >= 1, "{:#?}", words(&simulation));
    says(&simulation, &["S2 can't win an election", "log is newer"]);
}

#[test]
fn who_hears_an_old_leader_votes_for_nobody() {
    let settings = Settings {
        rules: Rules::ALL.without(Rule::CheckQuorum),
        ..Settings::default()
    };
    let mut simulation = led_by_s1(settings);
    for (a, b) in [(1, 3), (1, 4), (1, 5), (3, 4), (3, 5), (4, 5)] {
        part(&mut simulation, a, b);
    }
    act(&mut simulation, put(None, 1_000));
    wait(&mut simulation, 3_000);
    let hears = LackReason::HearsLeader { leader: node(1) };
    assert!(lacks(&simulation, 3).contains(&(2, hears)));
    assert!(lacks(&simulation, 2).contains(&(2, hears)));
    says(
        &simulation,
        &["S2 would get the votes", "S2 hears S1 as its leader"],
    );
    says(
        &simulation,
        &["S1 takes itself for the leader", "2 voters", "needs 3"],
    );
}

#[test]
fn timeouts_that_cannot_work_are_named() {
    let millis = Span::millis;
    let settings = Settings {
        timing: Timing {
            election_timeout_min: millis(150),
            election_timeout_max: millis(152),
            ..Timing::default()
        },
        ..Settings::default()
    };
    let young = Simulation::new(settings, 1).expect("it can be");
    says(
        &young,
        &["between 150 ms and 152 ms are too close together", "17 ms"],
    );
    let slow = LinkSettings {
        latency_min: millis(90),
        latency_max: millis(100),
        ..LinkSettings::default()
    };
    let mut simulation = led_by_s1(Settings::default());
    act(&mut simulation, Action::SetNetwork { link: slow });
    act(
        &mut simulation,
        Action::SetDisk {
            node: node(2),
            fsync_min: millis(400),
            fsync_max: millis(400),
        },
    );
    act(&mut simulation, put(None, 5));
    wait(&mut simulation, 50);
    says(
        &simulation,
        &["shortest election timeout, 150 ms, is too short"],
    );
    says(&simulation, &["fsync of S2 takes up to 400 ms"]);
}

#[test]
fn a_client_that_asks_where_nobody_leads_is_told_who_does() {
    let mut simulation = led_by_s1(Settings::default());
    act(
        &mut simulation,
        Action::ChangeMembers {
            voters: [1, 3, 4, 5].map(node).to_vec(),
            learners: vec![node(2)],
            way: Way::Shortest,
        },
    );
    wait(&mut simulation, 2_000);
    let groups = vec![[1, 2].map(node).to_vec(), [3, 4, 5].map(node).to_vec()];
    act(&mut simulation, Action::partition(groups));
    wait(&mut simulation, 3_000);
    act(&mut simulation, put(Some(node(2)), 1_000));
    wait(&mut simulation, 5);
    let leader = simulation.leader();
    let waits = simulation.why_nothing_moves().into_iter().next();
    let Some(StallReason::Unanswered {
        client,
        asks,
        leader: leads,
        hint,
        ..
    }) = waits
    else {
        panic!("{waits:?}");
    };
    assert_eq!((client, asks, leads), (ClientId(1), node(2), leader));
    assert_ne!(hint, leader);
    let name = leader.expect("somebody leads").to_string();
    says(&simulation, &["It asks S2", &format!("{name} leads.")]);
    let lost = LinkSettings {
        loss: Ratio::ONE,
        ..LinkSettings::default()
    };
    act(&mut simulation, Action::SetClientNetwork { link: lost });
    says(
        &simulation,
        &["Every message between clients and servers is lost."],
    );
    let slow = LinkSettings {
        latency_min: Span::millis(400),
        latency_max: Span::millis(400),
        ..LinkSettings::default()
    };
    act(&mut simulation, Action::SetClientNetwork { link: slow });
    says(&simulation, &["asks again after 500 ms", "800 ms"]);
}

#[test]
fn what_a_leader_waits_for_is_named() {
    let mut simulation = led_by_s1(Settings {
        nodes: 3,
        ..Settings::default()
    });
    act(&mut simulation, Action::Crash { node: node(3) });
    act(&mut simulation, put(Some(node(1)), 1));
    let uncommitted = |simulation: &Simulation| {
        let mut reasons = simulation.why_nothing_moves().into_iter();
        reasons.any(|it| matches!(it, StallReason::Uncommitted { .. }))
    };
    while !uncommitted(&simulation) {
        assert!(simulation.step().went() && simulation.now().0 < 3_000_000);
    }
    says(&simulation, &["S1 leads, and #", "isn't committed"]);
    says(&simulation, &["S2 is known to hold the log through #"]);
    says(
        &simulation,
        &[
            "S1 exchanges messages with 2 voters",
            "needs 2",
            "S3 is down",
        ],
    );
    act(&mut simulation, Action::transfer(node(1), node(3)));
    says(&simulation, &["S1 hands the leadership over to S3"]);
}

#[test]
fn a_snapshot_under_way_is_counted() {
    let mut simulation = led_by_s1(Settings {
        nodes: 3,
        ..Settings::default()
    });
    act(&mut simulation, Action::Crash { node: node(3) });
    act(&mut simulation, put(Some(node(1)), 1));
    wait(&mut simulation, 500);
    act(&mut simulation, Action::compact(node(1)));
    act(&mut simulation, Action::Restart { node: node(3) });
    act(&mut simulation, Action::Crash { node: node(2) });
    act(&mut simulation, put(Some(node(1)), 1));
    let under_way = |simulation: &Simulation| {
        let reasons = simulation.why_nothing_moves().into_iter();
        reasons
            .into_iter()
            .any(|it| matches!(it, StallReason::SnapshotUnderWay { to, .. } if to == node(3)))
    };
    while !under_way(&simulation) {
        assert!(simulation.step().went() && simulation.now().0 < 3_000_000);
    }
    says(&simulation, &["S1 sends S3 a snapshot; 0 of"]);
}

#[test]
fn a_leader_that_knows_of_no_commit_answers_no_reads() {
    let mut simulation = led_by_s1(Settings {
        rules: Rules::ALL.without(Rule::NoopOnElection),
        ..Settings::default()
    });
    let operation = Operation::Get {
        key: "x".into(),
        level: ReadLevel::Linearizable,
    };
    act(
        &mut simulation,
        Action::Request {
            operation,
            to: None,
            attempts: 100,
        },
    );
    wait(&mut simulation, 3_000);
    says(&simulation, &["S1 has committed nothing in its term 1"]);
    assert!(simulation.stalled_since().is_some());
}
