//! The paper's rules, each with the test that proves it: figures 2, 3 and 13, sections 5 to 8, and
//! the chapters 3, 4, 5, 6, 9 and 10 of the dissertation.
//!
//! A row says where a sentence stands, what it says in our words, and which test of this crate, or
//! which golden script, would fail without it. `docs/paper.md` is the same to read, with what was
//! left out and why; `UPDATE_GOLDENFILES=1` rewrites it.

use crate::cluster::{Cluster, S1, S2, S3, S4, S5, entries};
use kvorum::base::{Span, Time};
use kvorum::raft::{
    Body, Candidacy, ChangeError, DropReason, Effects, Entries, Entry, EntryId, HardState, Index,
    Input, Message, Payload, ProgressState, Proposed, ReadLevel, Refusal, Role, Rule, Rules, Term,
    Timing, Trace, Way,
};

/// Where, what, and the tests that prove it, with commas between them: `paper::sections::name`, or
/// `scripts/name` for a golden script.
type Row = (&'static str, &'static str, &'static str);

/// Rows with their proof.
macro_rules! paper {
    ($($place:literal $says:literal $name:ident $proof:block)+) => {
        $(
            #[doc = concat!($place, ": ", $says)]
            #[test]
            fn $name() $proof
        )+

        pub const TABLE: &[Row] = &[$(
            ($place, $says, concat!(module_path!(), "::", stringify!($name)))
        ),+];
    };
}

mod elections;
mod elsewhere;
mod figure_2;
mod limits;
mod membership;
mod performance;
mod reads;
mod runs;
mod sections;
mod snapshots;

/// Every part of the paper and of the dissertation that the engine follows, in their order. Each
/// has a row.
const PLACES: &[&str] = &[
    "figure 2, state",
    "figure 2, AppendEntries",
    "figure 2, AppendEntries 1",
    "figure 2, AppendEntries 2",
    "figure 2, AppendEntries 3",
    "figure 2, AppendEntries 4",
    "figure 2, AppendEntries 5",
    "figure 2, RequestVote",
    "figure 2, RequestVote 1",
    "figure 2, RequestVote 2",
    "figure 2, all servers",
    "figure 2, followers",
    "figure 2, candidates",
    "figure 2, leaders",
    "figure 3, Election Safety",
    "figure 3, Leader Append-Only",
    "figure 3, Log Matching",
    "figure 3, Leader Completeness",
    "figure 3, State Machine Safety",
    "5.1",
    "5.2",
    "5.3",
    "5.4.1",
    "5.4.2",
    "5.4.3",
    "5.5",
    "5.6",
    "6",
    "figure 10",
    "figure 11",
    "7",
    "figure 12",
    "figure 13",
    "figure 13, 1",
    "figure 13, 2 and 3",
    "figure 13, 4",
    "figure 13, 5",
    "figure 13, 6",
    "figure 13, 7",
    "figure 13, 8",
    "8",
    "diss. 3.8",
    "diss. 3.9",
    "diss. 3.10",
    "diss. 4.1",
    "diss. 4.2.1",
    "diss. 4.2.2",
    "diss. 4.2.3",
    "diss. 4.2.4",
    "diss. 4.3",
    "diss. 4.4",
    "diss. 5",
    "diss. 6.1",
    "diss. 6.2",
    "diss. 6.3",
    "diss. 6.4",
    "diss. 6.4.1",
    "diss. 9.1",
    "diss. 9.2",
    "diss. 9.6",
    "diss. 10.2.1",
    "diss. 10.2.2",
];

/// The whole table, in the order of the places.
fn rows() -> Vec<Row> {
    let tables = [
        figure_2::TABLE,
        sections::TABLE,
        elections::TABLE,
        membership::TABLE,
        reads::TABLE,
        snapshots::TABLE,
        performance::TABLE,
        limits::TABLE,
        runs::TABLE,
        elsewhere::TABLE,
    ];
    let mut rows = tables.concat();
    rows.sort_by_key(|row| PLACES.iter().position(|place| *place == row.0));
    rows
}

/// The tests of a row, as `cargo test --test it` names them.
fn proofs(row: &Row) -> impl Iterator<Item = &'static str> {
    let names = row.2.split(',').map(str::trim);
    names.map(|name| name.strip_prefix("it::").unwrap_or(name))
}

#[test]
fn the_table_covers_the_paper_and_the_dissertation() {
    let rows = rows();
    for place in PLACES {
        assert!(rows.iter().any(|row| row.0 == *place), "{place} has no row");
    }
    for row in &rows {
        assert!(PLACES.contains(&row.0), "{} is no place", row.0);
    }
    let mut says: Vec<_> = rows.iter().map(|row| row.1).collect();
    says.sort_unstable();
    says.dedup();
    assert_eq!(says.len(), rows.len(), "two rows say the same");
}

/// The tests of this crate, by the test harness itself, and the golden scripts.
fn tests_that_exist() -> Vec<String> {
    let harness = std::env::current_exe().expect("this is a program");
    let list = std::process::Command::new(harness).arg("--list").output();
    let list = String::from_utf8(list.expect("it lists its tests").stdout).expect("text");
    let tests = list.lines().filter_map(|line| line.strip_suffix(": test"));
    let scripts = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scripts");
    let scripts = std::fs::read_dir(scripts).expect("there are scripts");
    let scripts = scripts.map(|it| it.expect("a readable folder").file_name());
    let scripts = scripts.map(|name| format!("scripts/{}", name.display()));
    tests.map(str::to_owned).chain(scripts).collect()
}

#[test]
fn every_proof_exists() {
    let tests = tests_that_exist();
    for row in rows() {
        for proof in proofs(&row) {
            let exists = tests.iter().any(|test| test == proof);
            assert!(exists, "{}: {} There is no test {proof}", row.0, row.1);
        }
    }
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "whoever runs it decides whether to rewrite"
)]
fn the_table_is_there_to_read() {
    let mut text = String::from(
        "# The paper, sentence by sentence\n\n\
         What the engine keeps to, in our words, and the test that fails without it. Numbers are those of \
         \"In Search of\nan Understandable Consensus Algorithm (Extended Version)\"; \"diss.\" is \
         \"Consensus: Bridging Theory and Practice\".\n\
         `cargo test --no-default-features --test it NAME` runs a test; `scripts/NAME` is a golden script \
         in `tests/scripts`.\nThe table is written by `tests/it/paper`.\n\n\
         | where | what | proof |\n\
         | --- | --- | --- |\n",
    );
    for row in rows() {
        let proofs: Vec<_> = proofs(&row).map(|proof| format!("`{proof}`")).collect();
        text += &format!("| {} | {} | {} |\n", row.0, row.1, proofs.join(", "));
    }
    text += "\n## Left out, and why\n\n| where | what they say | why it isn't here |\n| --- | --- | --- |\n";
    for (place, says, why) in elsewhere::LEFT_OUT {
        text += &format!("| {place} | {says} | {why} |\n");
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/paper.md");
    if std::env::var_os("UPDATE_GOLDENFILES").is_some() {
        std::fs::write(path, &text).expect("docs can be written");
    }
    let written = std::fs::read_to_string(path).expect("docs/paper.md exists");
    assert_eq!(written, text, "docs/paper.md");
}

/// Lets heartbeats go round.
fn wait(cluster: &mut Cluster) {
    for _ in 0..4 {
        cluster.pass(Span::millis(50));
        cluster.settle();
    }
}

/// What is on its way to S2: for each AppendEntries, how many entries it carries.
fn to_s2(cluster: &Cluster) -> Vec<u64> {
    let to_s2 = cluster
        .network
        .iter()
        .filter(|message| message.to == S2.into());
    let entries = to_s2.filter_map(|message| match &message.body {
        Body::AppendEntries { entries, .. } => Some(entries.len()),
        _ => None,
    });
    entries.collect()
}

/// S1 leads term 1 of a cluster of this size, everything settled.
fn led(size: u32) -> Cluster {
    let mut cluster = Cluster::new(size);
    cluster.elect(S1);
    cluster.traces.clear();
    cluster
}

fn at(index: Index, term: Term) -> EntryId {
    EntryId { index, term }
}

/// An AppendEntries from S2 to S1.
fn append(term: Term, prev: EntryId, new: &[Term], commit: Index) -> Message<String> {
    let body = Body::AppendEntries {
        prev_log: prev,
        entries: entries(new),
        leader_commit: commit,
        round: 1,
    };
    Message {
        from: S2.into(),
        to: S1.into(),
        term,
        body,
    }
}

/// A candidate whose log ends here.
fn candidate(last: EntryId) -> Candidacy {
    Candidacy {
        last_log: last,
        ..Candidacy::default()
    }
}

fn request(term: Term, last: EntryId) -> Message<String> {
    Message {
        from: S2.into(),
        to: S1.into(),
        term,
        body: Body::RequestVote(candidate(last)),
    }
}

/// S1 of a fresh cluster with this disk.
fn with_disk(term: Term, log: &[Term]) -> Cluster {
    let mut cluster = Cluster::new(3);
    cluster.crash(S1);
    cluster.set_disk(S1, term, log);
    cluster.restart(S1);
    cluster
}

/// What S1 answers to a message once everything is durable.
fn answer(cluster: &mut Cluster, message: Message<String>) -> Body<String> {
    cluster.network.clear();
    cluster.step(S1, Input::Receive(message));
    while cluster.sync(S1) {}
    assert_eq!(cluster.network.len(), 1, "one answer");
    cluster.network.remove(0).body
}

/// Messages that no correct server sends: nothing panics, nothing changes.
#[test]
fn odd_messages_are_dropped() {
    let mut cluster = led(3);
    let odd = [
        Message {
            from: S4.into(),
            to: S1.into(),
            term: 1,
            body: Body::AppendEntriesAccepted {
                match_index: 1,
                round: 1,
                disk: 0,
            },
        },
        Message {
            from: S2.into(),
            to: S3.into(),
            term: 9,
            body: Body::RequestVote(candidate(at(9, 9))),
        },
        Message {
            from: S1.into(),
            to: S1.into(),
            term: 9,
            body: Body::RequestVoteReply { granted: true },
        },
        Message {
            from: S2.into(),
            to: S1.into(),
            term: 1,
            body: Body::AppendEntriesAccepted {
                match_index: 99,
                round: 1,
                disk: 0,
            },
        },
        Message {
            from: S2.into(),
            to: S1.into(),
            term: 1,
            body: Body::AppendEntriesAccepted {
                match_index: 1,
                round: 99,
                disk: 0,
            },
        },
        Message {
            from: S2.into(),
            to: S1.into(),
            term: 1,
            body: Body::RequestVoteReply { granted: true },
        },
        Message {
            from: S2.into(),
            to: S1.into(),
            term: 1,
            body: Body::AppendEntriesRejected {
                prev_log_index: u64::MAX,
                hint: kvorum::raft::Conflict {
                    term: u64::MAX,
                    index: u64::MAX,
                },
                round: u32::MAX,
                disk: 0,
            },
        },
    ];
    for message in odd {
        cluster.step(S1, Input::Receive(message));
        let raft = cluster.raft(S1);
        assert_eq!(
            (raft.role(), raft.current_term(), raft.commit_index()),
            (Role::Leader, 1, 1)
        );
    }
    let dropped = cluster
        .traces
        .iter()
        .filter(|(_, t)| matches!(t, Trace::Dropped { .. }));
    assert_eq!(dropped.count(), 7);
}

/// A leader whose heartbeats and proposals run into a full buffer of effects merges its writes.
#[test]
fn writes_that_were_not_taken_yet_are_merged() {
    let mut cluster = led(2);
    let raft = cluster.machine(S1).raft.as_mut().expect("it is up");
    let mut out = Effects::default();
    for command in ["a", "b", "c"] {
        raft.step(
            Time::ZERO,
            Input::Propose(&mut vec![command.to_owned()]),
            &mut out,
        );
    }
    assert_eq!(out.writes.len(), 1);
    let append = out.writes[0].append.as_ref().expect("entries");
    assert_eq!((append.first, append.entries.len()), (2, 3));
    let last = append.entries.last().expect("three");
    assert_eq!(
        *last,
        Entry {
            term: 1,
            payload: Payload::Command("c".to_owned())
        }
    );
}
