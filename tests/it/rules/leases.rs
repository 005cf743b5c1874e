//! Stories of reads that a leader answers after it was replaced. Each ends with the same race: a
//! new leader acknowledges a write, and the old one is asked right after.

use super::Seen;
use super::elections::{act, answer, get, led_by_s1, node, put, request, wait};
use kvorum::base::{Ratio, Span};
use kvorum::kv::Outcome;
use kvorum::raft::{ReadLevel, Role, Rules};
use kvorum::sim::{Action, DiskSettings, LinkSettings, Settings, Simulation};

/// Three servers close to each other and to their clients, led by S1, which has written "old".
fn close_by(rules: Rules) -> Settings {
    let ms = Span::millis;
    let link = LinkSettings {
        latency_min: ms(1),
        latency_max: ms(1),
        ..LinkSettings::default()
    };
    let disk = DiskSettings {
        fsync_min: Span::micros(100),
        fsync_max: Span::micros(100),
    };
    Settings {
        nodes: 3,
        rules,
        link,
        client_link: link,
        disk,
        ..Settings::default()
    }
}

fn begin(settings: Settings) -> Simulation {
    let mut simulation = led_by_s1(settings);
    act(&mut simulation, request(put("old"), Some(node(1)), 1));
    wait(&mut simulation, 200);
    assert_eq!(answer(&simulation), Some(Outcome::Done));
    simulation
}

/// S1 loses the others.
fn cut_s1_off(simulation: &mut Simulation) {
    let groups = vec![vec![node(1)], vec![node(2), node(3)]];
    act(simulation, Action::partition(groups));
}

/// Nothing goes between S1 and S3.
fn part_s1_from_s3(simulation: &mut Simulation) {
    for (from, to) in [(1, 3), (3, 1)] {
        let (from, to) = (node(from), node(to));
        act(simulation, Action::cut(from, to));
    }
}

/// Waits until the others have a leader and it has acknowledged "new"; then asks S1.
fn race(mut simulation: Simulation, level: ReadLevel) -> Option<Seen> {
    let other_leader = |simulation: &Simulation| {
        let hosts = simulation.hosts().iter().skip(1);
        hosts
            .clone()
            .find(|host| host.is_leader())
            .map(|host| host.id())
    };
    let mut patience = 2_000;
    while other_leader(&simulation).is_none() {
        wait(&mut simulation, 1);
        patience -= 1;
        assert!(patience > 0, "the others find no leader");
    }
    let leader = other_leader(&simulation);
    act(&mut simulation, request(put("new"), leader, 1));
    while answer(&simulation).is_none() {
        wait(&mut simulation, 1);
    }
    assert_eq!(answer(&simulation), Some(Outcome::Done));
    act(&mut simulation, request(get(level), Some(node(1)), 1));
    wait(&mut simulation, 200);
    // Who wrote "old", who wrote over it, and who read it still.
    let operations = simulation.counter_example().map(|it| it.operations.len());
    assert_eq!(operations, answer(&simulation).map(|_| 3));
    simulation
        .violation()
        .map(|violation| violation.property().into())
}

pub fn read_at_a_leader_cut_off(rules: Rules) -> Option<Seen> {
    let mut simulation = begin(close_by(rules));
    cut_s1_off(&mut simulation);
    race(simulation, ReadLevel::Linearizable)
}

/// S3 hasn't heard S1 for a while and stands for election; S2 has.
pub fn disloyal_voter(rules: Rules) -> Option<Seen> {
    let mut simulation = begin(close_by(rules));
    part_s1_from_s3(&mut simulation);
    let role = |simulation: &Simulation| simulation.hosts()[2].raft().map(|raft| raft.role());
    while role(&simulation) != Some(Role::Candidate) {
        wait(&mut simulation, 1);
    }
    cut_s1_off(&mut simulation);
    race(simulation, ReadLevel::Lease)
}

/// S3 hasn't heard S1 for a while; S2 has, but it crashes, and starts just in time for S3.
pub fn forgetful_voter(rules: Rules) -> Option<Seen> {
    let mut simulation = begin(close_by(rules));
    part_s1_from_s3(&mut simulation);
    wait(&mut simulation, 1_000);
    let raft = simulation.hosts()[2].raft().expect("S3 is up");
    let due = raft.election_timer().expect("S3 doesn't lead").due;
    simulation.run_until(due);
    let node = node(2);
    act(&mut simulation, Action::Crash { node });
    act(&mut simulation, Action::Restart { node });
    cut_s1_off(&mut simulation);
    race(simulation, ReadLevel::Lease)
}

/// Clocks drift as far as they may: the leader's is slow, the others' are fast.
pub fn slow_clock(rules: Rules) -> Option<Seen> {
    let mut settings = close_by(rules);
    settings.timing.clock_drift = Ratio::percent(40);
    let mut simulation = begin(settings);
    for (id, drift) in [(1, -400_000), (2, 400_000), (3, 400_000)] {
        let (node, skew) = (node(id), 0);
        act(&mut simulation, Action::SetClock { node, skew, drift });
    }
    wait(&mut simulation, 1_000);
    assert_eq!(simulation.leader(), Some(node(1)));
    cut_s1_off(&mut simulation);
    race(simulation, ReadLevel::Lease)
}
