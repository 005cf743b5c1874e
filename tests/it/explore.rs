//! Small worlds, all of them: how many there are, and what is found in them without a rule. The reductions
//! of the search are held against a plain one in `src/explore/plain.rs`.

use crate::cli::{code, err, json, kvorum, out};
use kvorum::base::NodeId;
use kvorum::explore::{Bounds, Broken, Choice, End, Search, Spending};
use kvorum::raft::{Change, Rule, Way};
use kvorum::sim::Property;
use std::collections::BTreeSet;

/// The most worlds of a row of docs/explore.md that is searched here.
const MANY: u64 = 1_000_000;

/// The cells of the rows of docs/explore.md whose first cell begins with `start`.
fn rows(start: &str) -> Vec<Vec<String>> {
    let page = std::fs::read_to_string("docs/explore.md").expect("it exists");
    let lines = page.lines().filter(|line| line.starts_with(start));
    lines.map(cells).collect()
}

fn cells(line: &str) -> Vec<String> {
    let cells = line.split('|').skip(1);
    let cells = cells.map(|cell| cell.trim().trim_matches('`').to_owned());
    cells.collect()
}

fn explored(options: &str) -> (i32, serde_json::Value) {
    let args: Vec<_> = ["explore", "--json"]
        .into_iter()
        .chain(options.split(' '))
        .collect();
    json(&args)
}

#[test]
fn worlds_are_searched_whole() {
    let (mut searched, mut in_all) = (0, 0);
    for row in rows("| `--") {
        let (options, worlds, depth) = (&row[0], &row[1], &row[2]);
        in_all += 1;
        if worlds.parse().is_ok_and(|worlds: u64| worlds <= MANY) {
            let (code, told) = explored(options);
            assert_eq!(code, 0, "{options}: {told}");
            assert_eq!(told["worlds"].to_string(), *worlds, "{options}");
            assert_eq!(told["depth"].to_string(), *depth, "{options}");
            searched += 1;
        }
    }
    assert!(
        searched >= 8 && in_all > searched,
        "{searched} of {in_all} rows"
    );
}

#[test]
fn rules_are_missed_in_small_worlds() {
    let mut rules = BTreeSet::new();
    for row in rows("| `") {
        let Ok(rule) = Rule::from_name(&row[0]) else {
            continue;
        };
        rules.insert(rule.name());
        let [options, property, depth, worlds] = [&row[1], &row[2], &row[3], &row[4]];
        assert!(
            Property::ALL.iter().any(|it| it.name() == property),
            "{property}"
        );
        if worlds.parse().is_ok_and(|worlds: u64| worlds <= MANY) {
            let (code, told) = explored(&format!("{options} --without {}", rule.name()));
            assert_eq!(code, 1, "{}: {told}", row[0]);
            assert_eq!(told["violation"]["property"], **property, "{}", row[0]);
            assert_eq!(told["worlds"].to_string(), *worlds, "{}", row[0]);
            assert_eq!(told["depth"].to_string(), *depth, "{}", row[0]);
            let story = told["violation"]["story"].as_array().map(Vec::len);
            assert_eq!(
                story.map(|steps| steps.to_string()).as_deref(),
                Some(&**depth)
            );
        }
    }
    assert!(rules.len() >= 15, "{rules:?}");
}

/// With the rule on, the worlds in which it is missed are clean as far as they were searched: nothing else
/// was found.
#[test]
fn with_the_rule_on_nothing_is_found_there() {
    for row in rows("| `") {
        if Rule::from_name(&row[0]).is_err() {
            continue;
        }
        let depth = format!("{} --depth {}", row[1], row[3]);
        if row[4].parse().is_ok_and(|worlds: u64| worlds <= MANY) {
            let (code, told) = explored(&depth);
            assert!(code == 0 || code == 3, "{depth}: {told}");
        }
    }
}

/// A learner that had been a voter stood for election still, without a crash or a restart, as long as who
/// may stand wasn't found out anew with each commit.
#[test]
fn nobody_stands_who_was_demoted() {
    let ids = |ids: &[u32]| ids.iter().copied().map(NodeId).collect::<Vec<_>>();
    let bounds = Bounds {
        led: true,
        changes: vec![Change {
            voters: ids(&[1]),
            learners: ids(&[2, 3]),
            way: Way::Joint,
        }],
        ..Bounds::new(3)
    };
    let bounds = bounds
        .with(Spending::Timeout, 1)
        .with(Spending::Heartbeat, 1);
    let mut search = Search::new(bounds).expect("there are such worlds");
    assert_eq!(search.run(u64::MAX, u32::MAX, |_| true), End::Exhausted);
    assert_eq!(
        (search.reached().worlds, search.reached().depth),
        (307_988, 28)
    );
}

/// Figure 8 is the last row of the table and takes seconds; this is its shape in a few steps.
#[test]
fn the_way_is_told_step_by_step() {
    let bounds = Bounds::new(3).without(Rule::OneVotePerTerm);
    let mut search = Search::new(bounds.with(Spending::Timeout, 2)).expect("there are such worlds");
    let End::Found(Broken::TwoLeaders { term: 1, .. }) = search.run(u64::MAX, u32::MAX, |_| true)
    else {
        panic!("a term has one leader");
    };
    let tale = search.tale();
    let times_out = |it: &&kvorum::explore::Step| it.choice == Choice::TimesOut;
    assert_eq!((tale.len(), tale.iter().filter(times_out).count()), (6, 2));
    let leaders = tale
        .last()
        .map(|it| it.servers.iter().filter(|it| it.leads).count());
    assert_eq!(leaders, Some(2));
    assert!(tale.iter().all(|step| !step.traces.is_empty()));
}

#[test]
fn a_search_says_what_it_saw() {
    let args = ["explore", "--without", "persist-vote", "--commands", "0"];
    let output = kvorum(&args);
    let told = out(&output);
    assert_eq!(code(&output), 1, "{told}");
    for part in [
        "  1. The election timer of S",
        "crashes, and starts again from its disk.",
        "Election Safety is broken: ",
        "no way of fewer than 7 steps",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let output = kvorum(&["explore", "--depth", "5"]);
    assert_eq!(code(&output), 3, "{}", err(&output));
    assert!(
        out(&output).contains("all to which 5 steps lead"),
        "{}",
        out(&output)
    );
    let (code, told) = explored("--memory 1M --timeouts 3");
    assert_eq!((code, &told["exhausted"]), (3, &false.into()), "{told}");
    let (code, told) = explored("--for 1ms --timeouts 4");
    assert_eq!((code, &told["exhausted"]), (3, &false.into()), "{told}");
}

#[test]
fn what_cannot_be_searched_is_refused_by_its_option() {
    for (args, says) in [
        (&["--servers", "8"][..], "--servers"),
        (&["--servers", "0"], "--servers"),
        (&["--members", "1,2,4"], "--members"),
        (&["--members", "1,x"], "--members"),
        (&["--members", "1/1"], "voter and as a learner"),
        (&["--members", "2,3", "--led"], "--led"),
        (&["--timeouts", "16"], "--timeouts"),
        (&["--crashes=-1"], "--crashes"),
        (&["--change", "1,2:quick"], "shortest, joint or stay"),
        (&["--change", "1,9"], "--change"),
        (&["--without", "no-rule"], "one-vote-per-term"),
        (
            &["--without", "session-dedup"],
            "session-dedup plays no part",
        ),
        (&["--with", "persist-log"], "--with"),
        (&["--memory", "2T"], "--memory"),
        (&["--for=-1s"], "--for"),
        (&["--batch", "0"], "--batch"),
        (&["--depth", "0"], "--depth"),
    ] {
        let args: Vec<_> = ["explore"].iter().chain(args).copied().collect();
        let output = kvorum(&args);
        assert_eq!(code(&output), 2, "{args:?}: {}", out(&output));
        assert!(err(&output).contains(says), "{args:?}: {}", err(&output));
    }
}
