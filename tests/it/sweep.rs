//! Sweeps: storms from seeds, swarms of faults, and what is made of a run that fails.

use kvorum::base::{Span, Time};
use kvorum::raft::{Rule, Rules};
use kvorum::run::Recording;
use kvorum::run::sweep::{Coverage, Failure, Profile, SweepPlan, run, shrink};
use kvorum::sim::{Fault, Property};

const SEEDS: u64 = 60;

fn plan(profile: Profile, rules: Rules) -> SweepPlan {
    SweepPlan {
        profile,
        nodes: None,
        rules,
        storm: Span::secs(6),
        ..SweepPlan::default()
    }
}

#[test]
fn storms_of_every_profile_break_nothing_and_pass() {
    for &profile in Profile::ALL {
        let mut coverage = Coverage::default();
        for seed in 0..SEEDS {
            let report = run(&plan(profile, Rules::ALL), seed);
            assert_eq!(report.failure, None, "{profile:?}, seed {seed}");
            coverage.merge(&report.coverage);
        }
        // A storm in which something never happens proves nothing about it.
        for what in [
            "elections",
            "leaders",
            "messages lost",
            "operations answered",
            "crash",
            "partition",
            "lease reads",
            "reads forwarded",
        ] {
            assert!(coverage.of(what) > 0, "{profile:?}: {what}");
        }
    }
}

#[test]
fn each_run_draws_its_own_faults() {
    let settings = |seed| plan(Profile::Rough, Rules::ALL).settings(seed);
    for &fault in Fault::BLIND {
        let on = (0..SEEDS)
            .filter(|&seed| settings(seed).chaos.rate(fault).0 > 0)
            .count();
        assert!(
            (15..45).contains(&on),
            "{fault:?} is on in {on} of {SEEDS} runs"
        );
    }
    assert_eq!(settings(3), settings(3));
    assert_ne!(settings(3), settings(4));
}

#[test]
fn a_run_is_a_function_of_plan_and_seed() {
    let plan = plan(Profile::Hostile, Rules::ALL);
    assert_eq!(run(&plan, 5), run(&plan, 5));
    assert_ne!(run(&plan, 5).hash, run(&plan, 6).hash);
}

/// A broken rule is found, and what is left of the run after shrinking breaks the same property
/// with a handful of actions.
#[test]
fn a_failure_is_found_and_shrunk() {
    let plan = plan(Profile::Hostile, Rules::ALL.without(Rule::LogUpToDate));
    let failing = (0..1_000).find(|&seed| run(&plan, seed).failure.is_some());
    let seed = failing.expect("a stale leader wins sooner or later");
    let failure = run(&plan, seed).failure.unwrap();
    let mut tries = 0;
    let recording = shrink(&plan, seed, &mut |count, _| {
        tries = count;
        true
    });
    let recording = recording.unwrap();
    let text = serde_json::to_string(&recording).unwrap();
    let recording: Recording = serde_json::from_str(&text).unwrap();
    let mut playhead = recording.start().unwrap();
    playhead.advance(Time::NEVER.min(recording.playhead), || true);
    recording.confirm(playhead.simulation()).unwrap();
    let violation = playhead.simulation().violation().expect("it still breaks");
    assert_eq!(Failure::Violated(*violation).name(), failure.name());
    assert_ne!(violation.property(), Property::ElectionSafety);
    assert!(
        tries > 0 && recording.journal.len() <= 40,
        "{} actions after {tries} tries",
        recording.journal.len()
    );
    assert_eq!(
        shrink(&self::plan(Profile::Calm, Rules::ALL), 1, &mut |_, _| true),
        None
    );
}

#[test]
fn a_bad_plan_is_refused_by_name() {
    let bad = |change: &dyn Fn(&mut SweepPlan)| {
        let mut plan = SweepPlan::default();
        change(&mut plan);
        plan.check().unwrap_err().field
    };
    assert_eq!(bad(&|plan| plan.nodes = Some(0)), "nodes");
    assert_eq!(bad(&|plan| plan.nodes = Some(102)), "nodes");
    assert_eq!(bad(&|plan| plan.storm = Span::secs(3_601)), "storm");
    assert_eq!(SweepPlan::default().check(), Ok(()));
    for &profile in Profile::ALL {
        assert_eq!(Profile::from_name(profile.name()), Some(profile));
    }
}
