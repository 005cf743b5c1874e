//! Section 7, figure 13 and the dissertation's chapters 5 and 10.2.2: compaction, snapshots, and how
//! much may be under way.

use super::*;
use kvorum::base::{MemberId, NodeId};
use kvorum::raft::{Chunk, Configuration, Snapshot};
use std::rc::Rc;

fn snapshot(last: EntryId, state: &str) -> Snapshot {
    let configuration = Configuration::new([S1, S2, S3]);
    Snapshot::new(last, configuration, state.as_bytes().into())
}

/// An InstallSnapshot from S2 to S1: `max` bytes of `snapshot` from `offset` on.
fn install(term: Term, snapshot: &Snapshot, offset: u32, max: u32) -> Message<String> {
    let chunk = Rc::new(Chunk::of(snapshot, offset, max));
    Message {
        from: S2.into(),
        to: S1.into(),
        term,
        body: Body::InstallSnapshot { chunk, round: 1 },
    }
}

/// S1 leads; S3 lacks entries that S1 has compacted, and the first chunk is on its way.
fn behind(timing: Timing) -> Cluster {
    let mut cluster = Cluster::with(3, Rules::ALL, timing);
    cluster.elect(S1);
    cluster.partition(&[S3]);
    cluster.propose(S1, "x");
    cluster.settle();
    cluster.compact(S1, "0123456789");
    cluster.settle();
    cluster.cut.clear();
    cluster.pass(Span::millis(50));
    while !cluster
        .network
        .iter()
        .any(|m| matches!(m.body, Body::InstallSnapshot { .. }))
    {
        assert!(cluster.ids().any(|id| cluster.sync(id)) || !cluster.network.is_empty());
        if !cluster.network.is_empty() {
            cluster.deliver(0);
        }
    }
    cluster
}

fn chunks(size: u32) -> Timing {
    Timing {
        max_chunk: size,
        ..Timing::default()
    }
}

paper! {
    "7" "Each server takes its own snapshot: no message, and only of what is committed."
    a_snapshot_covers_what_is_committed {
        let mut cluster = led(3);
        cluster.propose(S2, "ignored: it doesn't lead");
        cluster.propose(S1, "x");
        // Appended, but not committed: no snapshot can cover it.
        let state = Rc::from(*b"too early");
        cluster.step(S1, Input::Compact { index: 2, state });
        assert!(cluster.raft(S1).snapshot().is_none());
        cluster.settle();
        cluster.compact(S2, "x");
        assert!(cluster.network.is_empty());
        let last = cluster.raft(S2).snapshot().expect("it was taken").last;
        assert_eq!(last, at(2, 1));
        assert!(cluster.raft(S1).snapshot().is_none() && cluster.raft(S3).snapshot().is_none());
    }

    "7" "What the snapshot covers leaves the log, in memory and on the disk; the name of its last entry stays."
    the_log_is_compacted {
        let mut cluster = led(3);
        cluster.propose(S1, "x");
        cluster.settle();
        cluster.compact(S1, "x");
        assert_eq!(cluster.machine(S1).log.base(), EntryId::START, "not before it is durable");
        cluster.settle();
        for log in [cluster.raft(S1).log().clone(), cluster.machine(S1).log.clone()] {
            assert_eq!((log.base(), log.last()), (at(2, 1), at(2, 1)));
            assert_eq!((log.entry(2), log.term_at(1), log.term_at(2)), (None, None, Some(1)));
        }
        // The consistency check of the next entry needs that name.
        cluster.propose(S1, "y");
        cluster.settle();
        assert_eq!(cluster.commits(), [3, 3, 3]);
    }

    "7" "A snapshot that is no news changes nothing."
    an_old_snapshot_is_not_taken {
        let mut cluster = led(3);
        cluster.compact(S1, "first");
        cluster.settle();
        cluster.compact(S1, "again");
        let state = &cluster.raft(S1).snapshot().expect("it was taken").state;
        assert_eq!(&**state, b"first");
    }

    "7" "The leader sends its snapshot where it has discarded the next entry to send."
    a_follower_behind_the_log_gets_the_snapshot {
        let mut cluster = behind(Timing::default());
        let state = cluster.raft(S1).peers()[1].state;
        assert_eq!(state, ProgressState::Snapshot);
        cluster.settle();
        assert_eq!(cluster.raft(S3).last(), at(2, 1));
        let peer = &cluster.raft(S1).peers()[1];
        assert_eq!((peer.match_index, peer.next_index, peer.state), (2, 3, ProgressState::Replicate));
    }

    "7" "A server starts again from its snapshot and the log behind it: the snapshot is committed."
    a_restart_begins_at_the_snapshot {
        let mut cluster = led(3);
        cluster.compact(S1, "0");
        cluster.propose(S1, "x");
        cluster.settle();
        cluster.crash(S1);
        cluster.restart(S1);
        let raft = cluster.raft(S1);
        assert_eq!((raft.commit_index(), raft.last()), (1, at(2, 1)));
        assert_eq!(raft.snapshot().map(|it| it.last), Some(at(1, 1)));
    }

    "7" "Entries that a snapshot covers agree with every leader: a late message with them is accepted."
    covered_entries_agree {
        let mut cluster = with_disk(1, &[1, 1, 1]);
        answer(&mut cluster, append(1, at(3, 1), &[], 3));
        cluster.compact(S1, "all three");
        cluster.settle();
        cluster.network.clear();
        let accepted = answer(&mut cluster, append(1, at(1, 1), &[1, 1, 1], 3));
        assert!(matches!(accepted, Body::AppendEntriesAccepted { match_index: 4, .. }), "{accepted:?}");
        assert_eq!(cluster.terms(S1), [1], "only the fourth is in the log");
        let accepted = answer(&mut cluster, append(1, at(1, 1), &[1], 3));
        assert!(matches!(accepted, Body::AppendEntriesAccepted { match_index: 2, .. }), "{accepted:?}");
        assert_eq!(cluster.raft(S1).last(), at(4, 1));
    }

    "figure 13, 1" "A snapshot of an older term is refused, with the newer term."
    snapshot_of_an_old_term_is_refused {
        let mut cluster = with_disk(5, &[]);
        let refused = answer(&mut cluster, install(4, &snapshot(at(9, 4), "state"), 0, 99));
        assert_eq!(refused, Body::InstallSnapshotReply { last: 9, bytes: 0, round: 0, disk: 0 });
        assert!(cluster.raft(S1).snapshot().is_none() && cluster.raft(S1).incoming().is_none());
    }

    "figure 13, 2 and 3" "Chunks are put together in order, each once, whatever the network does to them."
    chunks_are_put_together {
        let mut cluster = with_disk(1, &[]);
        let snapshot = snapshot(at(9, 1), "0123456789");
        for (offset, bytes) in [(8, 0), (0, 4), (0, 4)] {
            let answer = answer(&mut cluster, install(1, &snapshot, offset, 4));
            assert_eq!(answer, Body::InstallSnapshotReply { last: 9, bytes, round: 1, disk: 0 }, "at {offset}");
        }
        let accepted = answer(&mut cluster, install(1, &snapshot, 4, 4));
        assert!(matches!(accepted, Body::AppendEntriesAccepted { match_index: 9, .. }), "{accepted:?}");
        let installed = cluster.machine(S1).installed.take().expect("it is whole");
        assert_eq!(*installed, snapshot);
    }

    "figure 13, 2 and 3" "No more chunks are kept for later than a leader may send at a time; one that belongs to another snapshot isn't used."
    few_chunks_are_kept_for_later {
        let mut cluster = with_disk(1, &[]);
        let (old, new) = (snapshot(at(8, 1), &"old ".repeat(10)), snapshot(at(9, 1), &"new ".repeat(10)));
        answer(&mut cluster, install(1, &old, 39, 1));
        for (nth, offset) in (2..40).rev().enumerate() {
            answer(&mut cluster, install(1, &new, offset, 1));
            let kept = cluster.raft(S1).incoming().map(|it| it.early());
            assert_eq!(kept, Some((nth + 1).min(16)));
        }
        // The sixteen that came first begin with byte 24.
        let answered = answer(&mut cluster, install(1, &new, 0, 23));
        assert_eq!(answered, Body::InstallSnapshotReply { last: 9, bytes: 23, round: 1, disk: 0 });
        answer(&mut cluster, install(1, &new, 23, 1));
        assert_eq!(cluster.machine(S1).installed.take().as_deref(), Some(&new));
    }

    "figure 13, 4" "Before the last chunk nothing is replaced."
    a_part_replaces_nothing {
        let mut cluster = with_disk(1, &[1]);
        answer(&mut cluster, install(1, &snapshot(at(9, 1), "0123456789"), 0, 9));
        let raft = cluster.raft(S1);
        assert_eq!((raft.commit_index(), raft.last()), (0, at(1, 1)));
        assert!(cluster.machine(S1).installed.is_none());
    }

    "figure 13, 5" "The snapshot is on the disk before it is acknowledged."
    a_snapshot_is_durable_before_it_is_acknowledged {
        let mut cluster = with_disk(1, &[]);
        cluster.step(S1, Input::Receive(install(1, &snapshot(at(9, 1), "state"), 0, 99)));
        assert!(cluster.network.is_empty(), "nothing may leave before the write");
        while cluster.sync(S1) {}
        assert_eq!(cluster.machine(S1).snapshot.as_ref().map(|it| it.last), Some(at(9, 1)));
        let body = &cluster.network[0].body;
        assert!(matches!(body, Body::AppendEntriesAccepted { match_index: 9, .. }), "{body:?}");
    }

    "figure 13, 5" "A newer snapshot takes the place of one that is being received; a late chunk of the old one doesn't."
    a_newer_snapshot_wins {
        let mut cluster = with_disk(1, &[]);
        let (old, new) = (snapshot(at(5, 1), "the old state"), snapshot(at(9, 1), "the new state"));
        answer(&mut cluster, install(1, &old, 0, 4));
        answer(&mut cluster, install(1, &new, 0, 6));
        cluster.step(S1, Input::Receive(install(1, &old, 4, 99)));
        assert!(cluster.network.is_empty() && cluster.saw(S1, |t| matches!(t, Trace::Dropped { why: DropReason::Stale, .. })));
        let last = answer(&mut cluster, install(1, &new, 6, 99));
        assert!(matches!(last, Body::AppendEntriesAccepted { match_index: 9, .. }), "{last:?}");
    }

    "figure 13, 6" "A log that holds the snapshot's last entry stays, with what follows it."
    the_log_stays_where_it_agrees {
        let mut cluster = with_disk(1, &[1, 1, 1]);
        let accepted = answer(&mut cluster, install(1, &snapshot(at(2, 1), "state"), 0, 99));
        assert!(matches!(accepted, Body::AppendEntriesAccepted { match_index: 2, .. }), "{accepted:?}");
        assert_eq!(cluster.terms(S1), [1, 1, 1]);
        assert_eq!(cluster.raft(S1).commit_index(), 2);
        assert!(cluster.machine(S1).installed.is_none(), "the state machine gets there by the log");
    }

    "figure 13, 7" "Any other log goes, all of it."
    another_log_goes {
        let mut cluster = with_disk(3, &[1, 2, 2]);
        answer(&mut cluster, install(3, &snapshot(at(2, 3), "state"), 0, 99));
        let log = cluster.raft(S1).log();
        assert_eq!((log.base(), log.last()), (at(2, 3), at(2, 3)));
        let machine = cluster.machine(S1);
        assert_eq!(machine.log.last(), at(2, 3), "on the disk as well");
    }

    "figure 13, 8" "The snapshot resets the state machine, the commit index and the configuration."
    a_snapshot_resets_the_state {
        let mut cluster = with_disk(1, &[]);
        let mut snapshot = snapshot(at(9, 1), "state");
        snapshot.configuration = Configuration::new([S1, S2]);
        answer(&mut cluster, install(1, &snapshot, 0, 99));
        assert_eq!(cluster.raft(S1).commit_index(), 9);
        assert_eq!(MemberId::nodes(cluster.raft(S1).configuration().voters()), [S1, S2]);
        cluster.crash(S1);
        cluster.restart(S1);
        assert_eq!(MemberId::nodes(cluster.raft(S1).configuration().voters()), [S1, S2]);
    }

    "diss. 5" "A state that isn't the one its checksum was made of is never installed."
    a_damaged_snapshot_is_not_installed {
        let mut cluster = with_disk(1, &[]);
        let mut damaged = snapshot(at(9, 1), "state");
        damaged.checksum ^= 1;
        let refused = answer(&mut cluster, install(1, &damaged, 0, 99));
        assert_eq!(refused, Body::InstallSnapshotReply { last: 9, bytes: 0, round: 1, disk: 0 });
        assert_eq!(cluster.raft(S1).commit_index(), 0);
    }

    "diss. 5" "A chunk that was lost is sent again, and only what follows it."
    a_transfer_is_resumed {
        let mut cluster = behind(chunks(4));
        cluster.network.retain(|m| !matches!(&m.body, Body::InstallSnapshot { chunk, .. } if chunk.offset == 4));
        cluster.settle();
        assert_eq!(cluster.raft(S3).incoming().map(|it| it.received()), Some(4));
        cluster.traces.clear();
        cluster.pass(Span::millis(50));
        cluster.settle();
        assert!(cluster.saw(S1, |t| matches!(t, Trace::SnapshotResumed { peer: S3, to: 4, .. })));
        assert_eq!(cluster.raft(S3).last(), at(2, 1));
    }

    "diss. 5" "A follower goes on with what it has of the same snapshot, whoever sent that: its report may be ahead of what this leader has sent."
    another_leader_goes_on_with_the_snapshot {
        // One message at a time, so that the report comes before the next chunk.
        let timing = Timing { max_in_flight: 1, ..chunks(2) };
        let mut cluster = behind(timing);
        cluster.compact(S2, "0123456789");
        while cluster.raft(S3).incoming().is_none_or(|it| it.received() < 8) {
            if !cluster.ids().any(|id| cluster.sync(id)) {
                cluster.deliver(0);
            }
        }
        cluster.crash(S1);
        cluster.network.clear();
        while cluster.sync(S2) {}
        cluster.now += Span::millis(300);
        cluster.elect(S2);
        cluster.traces.clear();
        wait(&mut cluster);
        assert_eq!(cluster.raft(S3).last(), cluster.raft(S2).last());
        assert_eq!(cluster.raft(S3).commit_index(), cluster.raft(S2).last().index);
    }

    "diss. 5" "A report that comes after the leader has begun anew still counts; more bytes than there are don't."
    a_late_report_counts {
        let mut cluster = behind(Timing { max_in_flight: 1, ..chunks(4) });
        cluster.network.clear();
        let report = |bytes| Message {
            from: S3.into(),
            to: S1.into(),
            term: 1,
            body: Body::InstallSnapshotReply { last: 2, bytes, round: 2, disk: 0 },
        };
        let offset = |cluster: &mut Cluster| match cluster.network.pop()?.body {
            Body::InstallSnapshot { chunk, .. } => Some(chunk.offset),
            other => panic!("{other:?}"),
        };
        for (bytes, next) in [(8, Some(8)), (11, None), (u32::MAX, None), (9, None)] {
            cluster.step(S1, Input::Receive(report(bytes)));
            assert_eq!(offset(&mut cluster), next, "{bytes} of 10 bytes");
        }
        let odd = |t: &&(NodeId, Trace)| matches!(t.1, Trace::Dropped { why: DropReason::Impossible, .. });
        assert_eq!(cluster.traces.iter().filter(odd).count(), 2);
    }

    "diss. 10.2.2" "Chunks too are pipelined, within the window of messages and the one of bytes."
    chunks_keep_to_the_window {
        for (window, bytes, expected) in [(2, 1 << 20, 2), (16, 8, 2), (16, 1, 1), (16, 1 << 20, 4)] {
            let timing = Timing { max_in_flight: window, max_in_flight_bytes: bytes, ..chunks(3) };
            let cluster = behind(timing);
            let sent = cluster.network.iter().filter(|m| matches!(m.body, Body::InstallSnapshot { .. }));
            assert_eq!(sent.count(), expected, "{window} messages, {bytes} bytes");
        }
    }

    "diss. 10.2.2" "No more bytes of entries are under way than the limit says, but always one entry."
    entries_keep_to_the_bytes {
        // Each of these entries counts 20 bytes.
        let timing = Timing { max_in_flight_bytes: 50, ..Timing::default() };
        let mut cluster = Cluster::with(3, Rules::ALL, timing);
        cluster.elect(S1);
        let mut commands = vec!["four".to_owned(); 5];
        cluster.step(S1, Input::Propose(&mut commands));
        let first = |cluster: &Cluster| match &cluster.network[0].body {
            Body::AppendEntries { entries, .. } => entries.len(),
            other => panic!("{other:?}"),
        };
        assert_eq!(first(&cluster), 2);
        cluster.settle();
        let mut large = vec!["v".repeat(100)];
        cluster.step(S1, Input::Propose(&mut large));
        assert_eq!(first(&cluster), 1);
        cluster.settle();
        assert_eq!(cluster.commits(), [7, 7, 7]);
    }
}

/// Durability never runs ahead of the log: a write whose entries were replaced says nothing.
#[test]
fn a_replaced_write_makes_nothing_durable() {
    let mut cluster = with_disk(1, &[1]);
    cluster.step(S1, Input::Receive(append(1, at(1, 1), &[1, 1, 1, 1, 1], 0)));
    cluster.step(S1, Input::Receive(append(1, at(6, 1), &[1], 0)));
    // A new leader replaces all of them before they are on the disk.
    cluster.step(S1, Input::Receive(append(2, at(1, 1), &[2], 0)));
    cluster.sync(S1);
    cluster.sync(S1);
    assert_eq!(cluster.raft(S1).durable_index(), 1);
    while cluster.sync(S1) {}
    assert_eq!(cluster.raft(S1).durable_index(), 2);
}
