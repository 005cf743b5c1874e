//! The checks see what they are there for: with a rule of the protocol switched off, exactly the
//! property that it protects breaks; with the rule on, the same run is clean.

use kvorum::base::{NodeId, Ratio, Time};
use kvorum::kv::{Command, Operation};
use kvorum::raft::{Body, Entries, Entry, EntryId, Message, Payload, Rule, Rules};
use kvorum::sim::{
    Action, Chaos, EventKind, Found, LinkSettings, Property, Settings, Simulation, Step,
};

/// A storm with every fault, under `rules`.
fn stormy(seed: u64, rules: Rules) -> Simulation {
    let rate = Ratio::percent(50);
    let link = LinkSettings {
        loss: Ratio::percent(2),
        duplicate: Ratio::percent(5),
        reorder: true,
        ..LinkSettings::default()
    };
    let settings = Settings {
        nodes: [5, 4, 3][(seed % 3) as usize],
        rules,
        link,
        client_link: link,
        load: 40,
        chaos: Chaos::all(rate),
        snapshot_every: [0, 20][(seed % 2) as usize],
        ..Settings::default()
    };
    Simulation::new(settings, seed).unwrap()
}

/// What clients see of a storm, with nobody looking into the servers.
pub fn seen_by_clients(seed: u64, rules: Rules) -> Option<Property> {
    let mut simulation = stormy(seed, rules);
    let others = Property::ALL.into_iter();
    for property in others.filter(|it| *it != Property::Linearizability) {
        simulation.ignore(property);
    }
    simulation.run_until(Time::from_millis(10_000));
    simulation.violation().map(|violation| violation.property())
}

/// A storm with every fault, under `rules`; what broke in it.
pub fn storm(seed: u64, rules: Rules) -> Option<Property> {
    let mut simulation = stormy(seed, rules);
    simulation.run_until(Time::from_millis(5_000));
    let violation = *simulation.violation()?;
    // The run ends there: nothing moves any more, and nothing can be done.
    assert_eq!(simulation.now(), violation.at);
    assert_eq!(simulation.step(), Step::Violated);
    simulation.run_until(Time::from_millis(9_000));
    assert_eq!(simulation.now(), violation.at);
    assert_eq!(simulation.apply(Action::Heal).unwrap_err().field, "action");
    Some(violation.property())
}

/// Some of the storms without `rule` break `property`, and none breaks another; with the rule,
/// they are clean.
fn only_breaks(rule: Rule, property: Property) {
    only_breaks_these(rule, &[property]);
}

/// Each of the properties is the first to break in some of the storms without `rule`. Some rules are
/// missed in few storms: they are sought until all properties are broken.
fn only_breaks_these(rule: Rule, properties: &[Property]) {
    let mut broken = Vec::new();
    for seed in 0..300 {
        if seed >= 60 && properties.iter().all(|it| broken.contains(it)) {
            break;
        }
        assert_eq!(storm(seed, Rules::ALL), None, "seed {seed}");
        if let Some(found) = storm(seed, Rules::ALL.without(rule)) {
            let name = rule.name();
            assert!(
                properties.contains(&found),
                "seed {seed} without {name}: {found:?}"
            );
            broken.push(found);
        }
    }
    for property in properties {
        assert!(
            broken.contains(property),
            "{property:?} never broke without {}",
            rule.name()
        );
    }
}

#[test]
fn a_second_vote_breaks_election_safety() {
    only_breaks(Rule::OneVotePerTerm, Property::ElectionSafety);
}

#[test]
fn an_unchecked_predecessor_breaks_log_matching() {
    only_breaks(Rule::PreviousEntryMatches, Property::LogMatching);
}

#[test]
fn a_vote_for_a_stale_log_breaks_leader_completeness() {
    only_breaks(Rule::LogUpToDate, Property::LeaderCompleteness);
}

#[test]
fn truncating_without_conflict_takes_back_what_was_committed() {
    only_breaks(Rule::TruncateOnlyOnConflict, Property::LeaderCompleteness);
}

#[test]
fn a_retry_that_runs_twice_is_seen() {
    only_breaks(Rule::SessionDedup, Property::ExactlyOnce);
}

/// Without these rules the protocol is betrayed by its first wrong decision.
#[test]
fn wrong_decisions_are_seen_at_once() {
    let cases = [
        (Rule::CommitOwnTermOnly, "counts an old entry"),
        (Rule::ReadIndexQuorum, "reads behind"),
        (Rule::PersistVote, "too few votes"),
        (Rule::OneVotePerTerm, "takes a vote back"),
        (Rule::PersistLog, "too few copies"),
        (Rule::MajorityQuorum, "too few copies"),
        (Rule::MajorityQuorum, "too few votes"),
        (Rule::TruncateOnlyOnConflict, "takes an entry back"),
        (Rule::NoopBeforeChange, "changes hastily"),
    ];
    let name = |found: Found| match found {
        Found::NotOwnTerm { .. } => "counts an old entry",
        Found::ReadBehind { .. } => "reads behind",
        Found::NoMajority { index: None, .. } => "too few votes",
        Found::NoMajority { index: Some(_), .. } => "too few copies",
        Found::TakenBack { index: None, .. } => "takes a vote back",
        Found::TakenBack { index: Some(_), .. } => "takes an entry back",
        Found::HastyChange { .. } => "changes hastily",
        _ => "something else",
    };
    for (rule, wrong) in cases {
        let mut found = (0..400).filter_map(|seed| {
            let mut simulation = stormy(seed, Rules::ALL.without(rule));
            let means = [Property::DurableMajority, Property::FreshReads];
            assert!(simulation.watched().all(|it| !means.contains(&it)));
            means.into_iter().for_each(|it| simulation.watch(it));
            simulation.run_until(Time::from_millis(5_000));
            simulation
                .violation()
                .map(|violation| name(violation.found))
        });
        assert!(found.any(|it| it == wrong), "{}: {wrong}", rule.name());
    }
}

/// A follower that its leader doesn't reach stands for election, while the others still hear the
/// leader, and it has a lease.
#[test]
fn an_election_within_a_lease_is_seen() {
    let found = |rules: Rules| {
        let settings = Settings {
            rules,
            ..Settings::default()
        };
        let mut simulation = Simulation::new(settings, 1).unwrap();
        simulation.watch(Property::FreshReads);
        simulation.run_until(Time::from_millis(1_000));
        let leader = simulation.hosts().iter().find(|host| host.is_leader());
        let from = leader.expect("somebody leads").id();
        let to = NodeId(from.0 % 5 + 1);
        for (from, to) in [(from, to), (to, from)] {
            simulation.apply(Action::cut(from, to)).unwrap();
        }
        simulation.run_until(Time::from_millis(3_000));
        simulation.violation().map(|violation| violation.found)
    };
    let neither = Rules::ALL
        .without(Rule::PreVote)
        .without(Rule::LeaderStickiness);
    assert!(matches!(found(neither), Some(Found::LeaseRuns { .. })));
    for rule in [Rule::PreVote, Rule::LeaderStickiness] {
        assert_eq!(found(neither.with(rule)), None, "{}", rule.name());
    }
}

#[test]
fn without_majorities_more_than_one_property_breaks() {
    let rules = Rules::ALL.without(Rule::MajorityQuorum);
    let found: Vec<_> = (0..60).filter_map(|seed| storm(seed, rules)).collect();
    assert!(found.contains(&Property::ElectionSafety));
    assert!(found.contains(&Property::LeaderCompleteness));
}

// ---- forged messages: what only a second leader, or a liar, would send ----

/// Five servers of which S1 leads with a few entries committed; then S1 and S2 are cut off, both
/// sides get a write, and the others elect S3. Returns the run and the index where they differ.
fn two_sides(rules: Rules) -> (Simulation, u64) {
    let settings = Settings {
        rules,
        ..Settings::default()
    };
    let mut simulation = Simulation::new(settings, 1).unwrap();
    let put = |value: &str, to: u32| Action::Request {
        operation: Operation::Put {
            key: "x".into(),
            value: value.into(),
        },
        to: Some(NodeId(to)),
        attempts: 1,
    };
    let mut at = 100;
    let mut act = |simulation: &mut Simulation, action, wait| {
        simulation.apply(action).unwrap();
        at += wait;
        simulation.run_until(Time::from_millis(at));
    };
    act(&mut simulation, Action::time_out(NodeId(1)), 200);
    act(&mut simulation, put("before", 1), 200);
    let groups = vec![vec![NodeId(1), NodeId(2)]];
    let others = vec![NodeId(3), NodeId(4), NodeId(5)];
    let groups = [groups, vec![others]].concat();
    act(&mut simulation, Action::partition(groups), 50);
    act(&mut simulation, put("minority", 1), 50);
    act(&mut simulation, Action::time_out(NodeId(3)), 200);
    act(&mut simulation, put("majority", 3), 200);
    assert_eq!(simulation.leader(), Some(NodeId(3)));
    assert_eq!(simulation.violation(), None);
    let applied = |node| simulation.host(NodeId(node)).unwrap().last_applied();
    assert_eq!(applied(3), applied(2) + 2);
    let index = applied(2) + 1;
    (simulation, index)
}

fn raft(simulation: &Simulation, node: u32) -> &kvorum::raft::Raft<Command> {
    simulation.host(NodeId(node)).unwrap().raft().unwrap()
}

fn append(
    simulation: &Simulation,
    [from, to]: [u32; 2],
    prev: EntryId,
    entries: Entries<Command>,
    commit: u64,
) -> Message<Command> {
    Message {
        from: NodeId(from).into(),
        to: NodeId(to).into(),
        term: raft(simulation, to)
            .current_term()
            .max(raft(simulation, from).current_term()),
        body: Body::AppendEntries {
            prev_log: prev,
            entries,
            leader_commit: commit,
            round: 0,
        },
    }
}

/// A commit index for an entry that the follower doesn't hold.
fn forge_a_commit(rules: Rules) -> Option<Property> {
    let (mut simulation, index) = two_sides(rules);
    let prev = raft(&simulation, 3).log().entry_id(index).unwrap();
    let message = append(&simulation, [3, 2], prev, Entries::default(), index);
    simulation.forge(message);
    simulation.violation().map(|violation| violation.property())
}

#[test]
fn applying_what_the_leader_did_not_mean_breaks_state_machine_safety() {
    let rules = Rules::FIGURE_2.without(Rule::PreviousEntryMatches);
    assert_eq!(forge_a_commit(rules), Some(Property::StateMachineSafety));
    assert_eq!(forge_a_commit(Rules::FIGURE_2), None);
}

/// Entries for a leader, from somebody who claims to lead the same term.
pub fn forge_a_second_leader(rules: Rules) -> Option<Property> {
    let (mut simulation, index) = two_sides(rules);
    let prev = raft(&simulation, 3).log().entry_id(index - 1).unwrap();
    let entry = Entry {
        term: prev.term,
        payload: Payload::Noop,
    };
    let message = append(&simulation, [4, 3], prev, [entry].into_iter().collect(), 0);
    simulation.forge(message);
    simulation.violation().map(|violation| violation.property())
}

#[test]
fn a_leader_that_listens_to_a_second_one_breaks_leader_append_only() {
    let rules = Rules::FIGURE_2.without(Rule::LeaderAppendOnly);
    assert_eq!(
        forge_a_second_leader(rules),
        Some(Property::LeaderAppendOnly)
    );
    assert_eq!(forge_a_second_leader(Rules::FIGURE_2), None);
}

#[test]
fn a_violation_is_an_event_and_can_be_ignored() {
    let rules = Rules::FIGURE_2.without(Rule::LeaderAppendOnly);
    let (mut simulation, index) = two_sides(rules);
    let prev = raft(&simulation, 3).log().entry_id(index - 1).unwrap();
    let entry = Entry {
        term: prev.term,
        payload: Payload::Noop,
    };
    let message = append(&simulation, [4, 3], prev, [entry].into_iter().collect(), 0);
    let mut watched = simulation.clone();
    watched.keep_events(true);
    watched.forge(message.clone());
    let mut events = Vec::new();
    watched.take_events(&mut events);
    let violation = *watched.violation().unwrap();
    assert!(violation.nodes().eq([NodeId(3)]));
    let told = events
        .iter()
        .filter(|event| event.kind == EventKind::Violated(violation));
    assert_eq!(told.count(), 1);

    simulation.ignore(Property::LeaderAppendOnly);
    simulation.forge(message);
    assert_ne!(
        simulation.violation().map(|violation| violation.property()),
        Some(Property::LeaderAppendOnly)
    );
}
