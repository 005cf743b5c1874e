//! The scenarios of a store of many shards: what each asserts holds, and would not hold of another run.

use kvorum::base::{NodeId, Span, Time};
use kvorum::lesson::{Scenario, assertion::Assertion, library, scenario};
use kvorum::run::measure::{MOST, Measurements, Metric, Reading};
use kvorum::sim::{Event, Simulation};

/// Plays a scenario to its end, measured; with its script, or without.
fn measured(scenario: &Scenario, with_script: bool) -> (Measurements, Simulation) {
    let mut run = Simulation::new(scenario.settings.clone(), scenario.seed).expect("good settings");
    run.keep_events(true);
    let (mut measured, mut events) = (Measurements::default(), Vec::new());
    let mut go = |run: &mut Simulation, until: Time| {
        while run.next_at().is_some_and(|at| at <= until) && run.step().went() {
            look(run, &mut measured, &mut events);
        }
        run.wait_until(until);
        look(run, &mut measured, &mut events);
    };
    for it in scenario.script.iter().filter(|_| with_script) {
        go(&mut run, it.at);
        run.apply(it.action.clone()).expect("it can be done");
    }
    go(&mut run, scenario.ends.expect("it ends"));
    assert_eq!((run.violation(), run.stopped()), (None, None));
    (measured, run)
}

fn look(run: &mut Simulation, measured: &mut Measurements, events: &mut Vec<Event>) {
    run.take_events(events);
    measured.see(run, events);
    events.clear();
}

#[test]
fn what_scenarios_assert_holds() {
    for id in library::STORE {
        let scenario = scenario::find(id).expect(id);
        assert!(scenario.assertions.len() > 3, "{id}");
        let (measured, run) = measured(&scenario, true);
        for assertion in &scenario.assertions {
            let judged = assertion.judge(&measured, run.now());
            assert_eq!(judged.holds, Some(true), "{id}: {judged:?}");
        }
    }
}

/// A scenario whose assertions hold when nothing happens asserts nothing.
#[test]
fn without_its_script_no_scenario_holds() {
    for id in library::STORE {
        let scenario = scenario::find(id).expect(id);
        let (measured, run) = measured(&scenario, false);
        let holds = |it: &Assertion| it.judge(&measured, run.now()).holds == Some(true);
        assert!(!scenario.assertions.iter().all(holds), "{id}");
    }
}

/// What is measured is what the clients saw, and what nodes have.
#[test]
fn figures_agree_with_the_run() {
    let scenario = scenario::find("scaling").expect("there is one");
    let (measured, run) = measured(&scenario, true);
    let all = measured.between(Time::ZERO, run.now());
    let operations = all.operations();
    // What falls on the very end belongs to the next interval.
    let end = run.now();
    let last = run
        .clients()
        .filter_map(|client| client.operations().next_back());
    let open = last.filter(|it| it.invoked < end && it.ended.is_none_or(|at| at >= end));
    let busy = open.count() as u64;
    assert_eq!(
        operations.begun,
        operations.answered + operations.given_up + busy
    );
    // Now and then all clients are busy.
    assert!((79_000..80_000).contains(&operations.begun));
    assert!(operations.tries > operations.begun);
    let by_node: u64 = all.nodes.values().map(|it| it.answered).sum();
    let by_shard: u64 = all.shards.values().sum();
    assert_eq!(
        (by_node, by_shard),
        (operations.answered, operations.answered)
    );
    assert!(all.nodes[&NodeId(7)].asked > 0);
    let last = measured.intervals().last().expect("some are over");
    let replicas: u64 = last.nodes.values().map(|it| it.replicas).sum();
    let leaders: u64 = last.nodes.values().map(|it| it.leaders).sum();
    assert_eq!((replicas, leaders), (24, 8));
    let (low, high) = (operations.latencies.at(500), operations.latencies.at(999));
    assert!(Span::millis(20) < low && low < high && high <= operations.latencies.longest());
    let began: u64 = measured.intervals().iter().map(|it| it.cluster.begun).sum();
    assert_eq!(began, all.cluster.begun);
    assert_eq!(Some(began), run.registry().map(|it| it.last_operation()));
}

/// However long a run is, what is measured of it stays small, and nothing is lost.
#[test]
fn a_long_run_is_measured_in_longer_intervals() {
    let mut scenario = Scenario::lab();
    scenario.settings.load = 2;
    scenario.ends = Some(Time::from_millis(1_000 * (2 * MOST as u64 + 3)));
    let (measured, run) = measured(&scenario, false);
    assert_eq!(measured.width(), Span::secs(4));
    assert!(measured.intervals().len() < MOST);
    let all = measured.between(Time::ZERO, run.now()).operations();
    let over = measured.width() * measured.intervals().len() as u64;
    assert_eq!(all.begun, over.0 / 500_000 - 1);
}

#[test]
fn metrics_are_read_and_refused_by_name() {
    for metric in Metric::ALL {
        let text = format!(r#"{{"metric":"{}","at_most":3}}"#, metric.name());
        let assertion: Assertion = read(&text).expect("a metric");
        assert_eq!((assertion.metric, assertion.check()), (*metric, Ok(())));
    }
    let wrong = |text: &str| match read(text) {
        Ok(assertion) => assertion.check().expect_err(text).to_string(),
        Err(error) => error,
    };
    for (text, said) in [
        (r#"{"metric":"p98","at_most":3}"#, "metric"),
        (r#"{"metric":"p99"}"#, "at_most"),
        (r#"{"metric":"p99","at_most":3,"nodes":[1]}"#, "nodes"),
        (r#"{"metric":"p99","apart_at_most":3}"#, "apart_at_most"),
        (
            r#"{"metric":"node.keys","at_most":3,"operations":"reads"}"#,
            "operations",
        ),
        (
            r#"{"metric":"p99","at_most":3,"from":5,"until":5}"#,
            "until",
        ),
        (r#"{"metric":"p99","at_most":-3}"#, "at_most"),
        (r#"{"metric":"p99","at_most":3,"whenever":5}"#, "whenever"),
    ] {
        let error = wrong(text);
        assert!(error.contains(said), "{text}: {error}");
    }
    let kinds = Metric::ALL.iter().map(|it| it.reading());
    assert!(
        kinds
            .filter(|it| matches!(it, Reading::ClusterThen(_)))
            .count()
            > 3
    );
}

fn read(text: &str) -> Result<Assertion, String> {
    let json = kvorum::base::json::parse(text).map_err(|it| it.to_string())?;
    json.read()
        .map_err(|it: kvorum::base::JsonError| it.to_string())
}

/// A bound that is too tight fails, and a window that isn't over is not judged.
#[test]
fn an_assertion_can_fail() {
    let scenario = scenario::find("node-dies-for-good").expect("there is one");
    let (measured, run) = measured(&scenario, true);
    let judge = |text: &str| read(text).expect(text).judge(&measured, run.now());
    for (text, holds) in [
        (r#"{"metric":"begun","at_least":1}"#, Some(true)),
        (r#"{"metric":"begun","at_most":1}"#, Some(false)),
        (r#"{"metric":"p99","at_most":10000}"#, Some(false)),
        (
            r#"{"metric":"node.replicas","apart_at_most":1}"#,
            Some(false),
        ),
        (
            r#"{"metric":"node.replicas","nodes":[4],"at_most":0}"#,
            Some(false),
        ),
        (r#"{"metric":"begun","at_least":1,"until":61000000}"#, None),
        (r#"{"metric":"begun","at_least":1,"from":59500000}"#, None),
        (
            r#"{"metric":"begun","operations":"reads","at_least":8000}"#,
            Some(false),
        ),
    ] {
        assert_eq!(judge(text).holds, holds, "{text}");
    }
}
