//! The paper's rules, one test each: figure 2, sections 5.1 to 5.4, and what the dissertation adds.
//!
//! The table is the list of tests itself: where the rule stands, what it says in our words, and
//! the proof. `cargo test --test it paper` runs it.

use crate::cluster::{Cluster, S1, S2, S3, S4, S5, entries};
use kvorum::base::{Span, Time};
use kvorum::raft::{
    Body, Candidacy, Effects, Entries, Entry, Index, Input, Message, Odd, Pace, Payload, Position,
    Proposed, ReadLevel, Refusal, Role, Rule, Rules, Term, Timing, Trace,
};

macro_rules! paper {
    ($($place:literal $says:literal $name:ident $proof:block)+) => {
        $(
            #[doc = concat!($place, ": ", $says)]
            #[test]
            fn $name() $proof
        )+

        /// Where, what, and the name of the proof.
        pub const TABLE: &[(&str, &str, &str)] = &[$(($place, $says, stringify!($name))),+];
    };
}

mod elections;
mod figure_2;
mod reads;
mod sections;
mod snapshots;

/// The whole table.
fn rows() -> impl Iterator<Item = &'static (&'static str, &'static str, &'static str)> {
    let tables = [
        figure_2::TABLE,
        sections::TABLE,
        elections::TABLE,
        reads::TABLE,
        snapshots::TABLE,
    ];
    tables.into_iter().flatten()
}

#[test]
fn the_table_covers_the_paper_and_the_dissertation() {
    for place in [
        "figure 2, state",
        "figure 2, AppendEntries 1",
        "figure 2, AppendEntries 2",
        "figure 2, AppendEntries 3",
        "figure 2, AppendEntries 4",
        "figure 2, AppendEntries 5",
        "figure 2, RequestVote 1",
        "figure 2, RequestVote 2",
        "figure 2, all servers",
        "figure 2, followers",
        "figure 2, candidates",
        "figure 2, leaders",
        "5.1",
        "5.2",
        "5.3",
        "5.4.1",
        "5.4.2",
        "diss. 3.10",
        "diss. 4.2.3",
        "diss. 6.2",
        "diss. 6.4",
        "diss. 6.4.1",
        "diss. 9.6",
        "7",
        "figure 13, 1",
        "figure 13, 8",
        "diss. 5",
        "diss. 10.2",
    ] {
        assert!(rows().any(|row| row.0 == place), "{place} has no test");
    }
    let mut says: Vec<_> = rows().map(|row| row.1).collect();
    says.sort_unstable();
    says.dedup();
    assert_eq!(says.len(), rows().count(), "two rows say the same");
}

/// S1 leads term 1 of a cluster of this size, everything settled.
fn led(size: u32) -> Cluster {
    let mut cluster = Cluster::new(size);
    cluster.elect(S1);
    cluster.traces.clear();
    cluster
}

fn at(index: Index, term: Term) -> Position {
    Position { index, term }
}

/// An AppendEntries from S2 to S1.
fn append(term: Term, prev: Position, new: &[Term], commit: Index) -> Message<String> {
    let body = Body::AppendEntries {
        prev,
        entries: entries(new),
        commit,
        round: 1,
    };
    Message {
        from: S2,
        to: S1,
        term,
        body,
    }
}

/// A candidate whose log ends here.
fn candidate(last: Position) -> Candidacy {
    Candidacy {
        last,
        ..Candidacy::default()
    }
}

fn request(term: Term, last: Position) -> Message<String> {
    Message {
        from: S2,
        to: S1,
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
            from: S4,
            to: S1,
            term: 1,
            body: Body::Accepted {
                matched: 1,
                round: 1,
                disk: 0,
            },
        },
        Message {
            from: S2,
            to: S3,
            term: 9,
            body: Body::RequestVote(candidate(at(9, 9))),
        },
        Message {
            from: S1,
            to: S1,
            term: 9,
            body: Body::Vote { granted: true },
        },
        Message {
            from: S2,
            to: S1,
            term: 1,
            body: Body::Accepted {
                matched: 99,
                round: 1,
                disk: 0,
            },
        },
        Message {
            from: S2,
            to: S1,
            term: 1,
            body: Body::Accepted {
                matched: 1,
                round: 99,
                disk: 0,
            },
        },
        Message {
            from: S2,
            to: S1,
            term: 1,
            body: Body::Vote { granted: true },
        },
        Message {
            from: S2,
            to: S1,
            term: 1,
            body: Body::Rejected {
                prev: u64::MAX,
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
