//! What each rule of a store of many shards is for: with one of them off, a sweep of storms finds damage
//! that the same storm with all rules on doesn't do.
//!
//! `docs/store-rules.md` is the table to read. `UPDATE_GOLDENFILES=1` rewrites it.

use kvorum::kv::{ShardRule, ShardRules};
use kvorum::run::sweep::{Coverage, Profile, SweepPlan, run};

/// What is known of a rule that is off.
enum Damage {
    /// What the failing run is called, and the first seed from which one is looked for: near it there is one.
    Found(&'static str, u64),
    /// What is seen where it is played step by step, and why a sweep doesn't come across it.
    Played(&'static str, &'static str),
    /// Nothing can happen while the other rules hold, and why.
    Unreachable(&'static str),
}

use Damage::{Found, Played, Unreachable};

struct Row {
    rule: ShardRule,
    /// What goes wrong without it.
    damage: &'static str,
    seen: Damage,
}

const fn row(rule: ShardRule, damage: &'static str, seen: Damage) -> Row {
    Row { rule, damage, seen }
}

/// Seeds that are tried from the row's own on.
const SEEDS: u64 = 40;

static TABLE: &[Row] = &[
    row(
        ShardRule::OwnerAtApply,
        "a write that was on its way when its shard was split is done by the group that no longer owns the key",
        Found("One Owner", 0),
    ),
    row(
        ShardRule::OwnerAtRead,
        "a group answers a read of a key that it gave away from what it had before",
        Found("Linearizability", 0),
    ),
    row(
        ShardRule::SessionBeforeOwner,
        "a retry of a write that has run is refused, because the key has moved since",
        Unreachable(
            "A refused client asks the group that owns the key now. That group descends from the one in which \
             the write ran, and by sessions-at-split its sessions know of it: the retry is answered there, \
             once.",
        ),
    ),
    row(
        ShardRule::SessionsAtSplit,
        "the new half of a shard has forgotten which commands ran, and a retry runs again",
        Found("Exactly Once", 0),
    ),
    row(
        ShardRule::SessionsAtMerge,
        "the group that absorbs a shard doesn't know which commands ran there, and a retry runs again",
        Found("Exactly Once", 0),
    ),
    row(
        ShardRule::FreezeRefusesReads,
        "a group that another one has absorbed answers reads from what it had when it was frozen",
        Played(
            "Linearizability",
            "A key has to be written by way of the target and then read by way of the source's leader in the little time \
             between the absorb and the source's burial at the next report: `what_is_absorbed_answers_no_reads`.",
        ),
    ),
    row(
        ShardRule::FreezeRefusesWrites,
        "a write is done by a group that another one absorbs without it",
        Found("One Owner", 0),
    ),
    row(
        ShardRule::AbsorbWaits,
        "replicas of a group absorb what each of them happens to have of the other one",
        Found("State Machine Safety", 600),
    ),
    row(
        ShardRule::ThawNeedsRefusal,
        "a shard goes on while the entry that absorbs it is on its way, and two groups own its keys",
        Played(
            "One Owner",
            "An absorb that was asked for has to come seconds later, by a leader that the controller no longer reaches, \
             while the source's leader, on the same nodes, has a majority: `a_frozen_shard_is_thawed_only_after_a_refusal`.",
        ),
    ),
    row(
        ShardRule::BornWithState,
        "a replica that has nothing of what its group was founded with votes and counts",
        Found("Agreement", 0),
    ),
    row(
        ShardRule::Tombstone,
        "an old message brings a removed replica to life again, without what its former self had acknowledged",
        Found("Leader Completeness", 140),
    ),
    row(
        ShardRule::OneChangePerShard,
        "two changes of one shard undo each other, and it never rests",
        Found("Convergence", 0),
    ),
    row(
        ShardRule::ControllerFence,
        "a step of an old controller is done after that of a new one",
        Unreachable(
            "A step is an exact change of members; a split and each part of a merge name the range's epoch, and a \
             freeze, an absorb and a split are held against the fence once more when they are applied: each is done only \
             by a group that still is as the controller saw it. The fence will be needed where a step is not guarded so.",
        ),
    ),
    row(
        ShardRule::ControllerPatience,
        "a new controller calls nodes dead that it has not listened to yet",
        Found("Accuracy", 0),
    ),
];

fn plan(rules: ShardRules) -> SweepPlan {
    SweepPlan {
        profile: Profile::Cluster,
        shard_rules: rules,
        ..SweepPlan::default()
    }
}

#[test]
fn every_rule_stands_in_the_table_once() {
    let rules: Vec<_> = TABLE.iter().map(|row| row.rule).collect();
    assert_eq!(rules, ShardRule::ALL);
}

#[test]
fn without_a_rule_a_sweep_finds_the_damage() {
    for Row { rule, seen, .. } in TABLE {
        let Found(failure, from) = *seen else {
            continue;
        };
        let without = plan(ShardRules::ALL.without(*rule));
        let fails = |seed: &u64| {
            let report = run(&without, *seed);
            report.failure.is_some_and(|it| it.name() == failure)
        };
        let seed = (from..from + SEEDS).find(fails);
        println!("{}: {seed:?}", rule.name());
        let seed = seed.unwrap_or_else(|| panic!("{}: no {failure}", rule.name()));
        assert_eq!(
            run(&plan(ShardRules::ALL), seed).failure,
            None,
            "{}",
            rule.name()
        );
    }
}

/// A storm in which something never happens proves nothing about it.
#[test]
fn storms_of_clusters_break_nothing_and_have_everything() {
    let mut coverage = Coverage::default();
    for seed in 0..200 {
        let report = run(&plan(ShardRules::ALL), seed);
        assert_eq!(report.failure, None, "seed {seed}");
        coverage.merge(&report.coverage);
    }
    for what in [
        "splits begun",
        "merges begun",
        "replicas frozen",
        "replicas that absorbed another",
        "replicas moved",
        "leaders moved",
        "replicas born by a split",
        "replicas born by a snapshot",
        "replicas buried",
        "nodes called dead",
        "shard operations over",
        "sessions expired",
        "servers added",
        "servers switched off for good",
        "crash",
        "pause",
        "partition",
    ] {
        assert!(coverage.of(what) > 0, "{what}");
    }
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "whoever runs it decides whether to rewrite"
)]
fn the_table_is_written_down() {
    let mut text = String::from(
        "# What each rule of the store is for\n\n\
         Switched off (`--rules=-NAME`), something breaks in a sweep of clusters, or in a story of `tests/store` that is\n\
         named here, and something sees it; switched on, the same run is clean. The table is written by\n\
         `tests/store/rules.rs`, which plays every row of a sweep both ways; try one with\n\
         `kvorum sweep --profile cluster --seeds 0..1500 --rules=-tombstone`.\n\n\
         | rule | without it | what is seen |\n| --- | --- | --- |\n",
    );
    for Row { rule, damage, seen } in TABLE {
        let seen = match seen {
            Found(failure, _) => (*failure).into(),
            Played(failure, why) => format!("{failure}. {why}"),
            Unreachable(why) => (*why).into(),
        };
        text += &format!("| `{}` | {damage} | {seen} |\n", rule.name());
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/store-rules.md");
    if std::env::var_os("UPDATE_GOLDENFILES").is_some() {
        std::fs::write(path, &text).expect("docs can be written");
    }
    let written = std::fs::read_to_string(path).expect("docs/store-rules.md exists");
    assert_eq!(written, text, "docs/store-rules.md");
}
