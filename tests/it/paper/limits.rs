//! What bounds and what repeats itself: windows, batches, what is sent again, what is turned away.

use super::*;
use kvorum::base::NodeId;
use kvorum::raft::{Configuration, Conflict, Read, Snapshot};

/// S1 leads under all rules with these limits.
fn led_with(timing: Timing) -> Cluster {
    let mut cluster = Cluster::with(3, Rules::ALL, timing);
    cluster.elect(S1);
    cluster.traces.clear();
    cluster
}

fn from_s2(body: Body<String>) -> Input<'static, String> {
    let (from, to, term) = (S2, S1, 1);
    Input::Receive(Message {
        from: from.into(),
        to: to.into(),
        term,
        body,
    })
}

/// S2 says that its log agrees through `match_index`.
fn accepted(match_index: Index) -> Input<'static, String> {
    from_s2(Body::AppendEntriesAccepted {
        match_index,
        round: 1,
        disk: 0,
    })
}

paper! {
    "diss. 10.2.2" "No more messages with entries are under way to a follower than the window says."
    messages_keep_to_the_window {
        for window in [1, 2, 5] {
            let mut cluster = led_with(Timing { max_in_flight: window, ..Timing::default() });
            for _ in 0..9 {
            cluster.propose(S1, "x");
        }
            assert_eq!(to_s2(&cluster).len() as u32, window);
            cluster.network.clear();
            cluster.step(S1, accepted(2));
            assert_eq!(to_s2(&cluster).len(), 1, "one was answered, one more may go");
        }
    }

    "diss. 10.2.2" "A message carries no more entries than the batch says."
    entries_keep_to_the_batch {
        let mut cluster = led_with(Timing { max_batch: 3, ..Timing::default() });
        cluster.step(S1, Input::Propose(&mut vec!["x".to_owned(); 8]));
        assert_eq!(to_s2(&cluster), [3, 3, 2]);
    }

    "diss. 10.2.2" "The bytes of all messages under way count together, and those that were answered count no more."
    bytes_of_all_messages_count {
        // Each of these entries counts 20 bytes.
        let mut cluster = led_with(Timing { max_in_flight_bytes: 50, ..Timing::default() });
        for _ in 0..9 {
            cluster.propose(S1, "four");
        }
        assert_eq!(to_s2(&cluster), [1, 1, 1], "the third goes while ten bytes are left");
        cluster.network.clear();
        cluster.step(S1, accepted(3));
        assert_eq!(to_s2(&cluster), [1, 1]);
    }

    "5.3" "The leader goes back to behind its own last entry of the term in the hint: only up to there may the logs agree."
    a_hint_is_looked_up_in_the_own_log {
        let term = 5;
        for (hint, to) in [
            // The follower has more entries of term 2 than the leader, from index 2 on.
            (Conflict { term: 2, index: 2 }, 5),
            // The leader has no entry of term 3: what the follower has of it goes.
            (Conflict { term: 3, index: 3 }, 3),
            // The log ends early.
            (Conflict { term: 0, index: 4 }, 4),
        ] {
            let mut cluster = Cluster::new(3);
            cluster.crash(S1);
            cluster.set_disk(S1, 4, &[1, 1, 2, 2, 4, 4]);
            cluster.restart(S1);
            cluster.campaign(S1);
            while cluster.sync(S1) {}
            cluster.step(S1, Input::Receive(Message { from: S3.into(), to: S1.into(), term, body: Body::RequestVoteReply { granted: true } }));
            let body = Body::AppendEntriesRejected { prev_log_index: 6, hint, round: 1, disk: 0 };
            cluster.step(S1, Input::Receive(Message { from: S2.into(), to: S1.into(), term, body }));
            assert_eq!(cluster.raft(S1).peers()[0].next_index, to, "{hint:?}");
        }
    }

    "diss. 6.4.1" "Once another was told to lead there is no lease in the rest of the term, whatever becomes of that."
    a_leader_that_told_another_to_lead_has_no_lease {
        let mut cluster = led_with(Timing::default());
        cluster.pass(Span::millis(50));
        cluster.settle();
        assert!(cluster.raft(S1).lease_until() > Some(cluster.now));
        cluster.step(S1, Input::Transfer(S2));
        cluster.network.retain(|message| message.body != Body::TimeoutNow);
        for _ in 0..8 {
            cluster.pass(Span::millis(50));
            cluster.network.retain(|message| message.body != Body::TimeoutNow);
            while !cluster.network.is_empty() {
                cluster.deliver(0);
                cluster.network.retain(|message| message.body != Body::TimeoutNow);
            }
        }
        assert_eq!((cluster.raft(S1).role(), cluster.raft(S1).transfers_to()), (Role::Leader, None));
        assert_eq!(cluster.raft(S1).lease_until(), None);
    }

    "diss. 3.10" "TimeoutNow is repeated while nothing comes of it, no more often than heartbeats are sent."
    timeout_now_is_repeated_in_heartbeats {
        let mut cluster = led_with(Timing::default());
        cluster.step(S1, Input::Transfer(S2));
        let told = |cluster: &Cluster| cluster.network.iter().filter(|m| m.body == Body::TimeoutNow).count();
        for _ in 0..3 {
            cluster.step(S1, accepted(1));
        }
        assert_eq!(told(&cluster), 1);
        cluster.now += Span::millis(50);
        cluster.step(S1, accepted(1));
        assert_eq!(told(&cluster), 2);
    }

    "diss. 3.10" "A learner can't be handed the leadership."
    nobody_hands_over_to_a_learner {
        let mut cluster = led_with(Timing::default());
        assert_eq!(cluster.add_server(), S4);
        cluster.change(S1, &[S1, S2, S3], &[S4], Way::Shortest).expect("it can be begun");
        cluster.settle();
        cluster.step(S1, Input::Transfer(S4));
        assert_eq!(cluster.raft(S1).transfers_to(), None);
        assert!(cluster.saw(S1, |t| matches!(t, Trace::TransferAborted { to: S4, .. })));
    }

    "diss. 5" "A follower that lost what it had of a snapshot gets it again from the beginning."
    a_snapshot_begins_again_where_the_follower_lost_it {
        let mut cluster = led_with(Timing { max_chunk: 4, ..Timing::default() });
        cluster.partition(&[S2]);
        cluster.propose(S1, "x");
        cluster.settle();
        cluster.compact(S1, "0123456789");
        cluster.settle();
        cluster.pass(Span::millis(50));
        cluster.cut.clear();
        let hint = Conflict { term: 0, index: 1 };
        cluster.step(S1, from_s2(Body::AppendEntriesRejected { prev_log_index: 2, hint, round: 2, disk: 0 }));
        assert_eq!(cluster.raft(S1).peers()[0].state, ProgressState::Snapshot);
        let taken = |bytes| from_s2(Body::InstallSnapshotReply { last: 2, bytes, round: 2, disk: 0 });
        cluster.step(S1, taken(8));
        cluster.step(S1, taken(0));
        cluster.pass(Span::millis(50));
        cluster.network.clear();
        cluster.step(S1, from_s2(Body::AppendEntriesAccepted { match_index: 0, round: 3, disk: 0 }));
        let chunks = cluster.network.iter().filter_map(|message| match &message.body {
            Body::InstallSnapshot { chunk, .. } => Some(chunk.offset),
            _ => None,
        });
        assert_eq!(chunks.collect::<Vec<_>>(), [0, 4, 8]);
    }

    "diss. 6.4" "Reads that were sent to a leader who leads no more are turned away."
    reads_of_an_old_leader_are_turned_away {
        let mut cluster = led_with(Timing::default());
        cluster.step(S3, Input::Read { id: 7, level: ReadLevel::Linearizable });
        cluster.network.clear();
        cluster.now += Span::millis(300);
        cluster.elect(S2);
        assert_eq!(cluster.reads.len(), 1, "{:?}", cluster.reads);
        assert!(matches!(cluster.reads[0], (S3, Read::NotLeader { id: 7, .. })), "{:?}", cluster.reads);
    }

    "diss. 6.4" "A follower's batch that comes twice waits once."
    a_batch_that_comes_twice_waits_once {
        let mut cluster = led_with(Timing::default());
        cluster.partition(&[S3]);
        for _ in 0..3 {
            cluster.step(S1, from_s2(Body::ReadIndex { batch: 5 }));
        }
        cluster.settle();
        let answers = cluster.traces.iter().filter(|(_, t)| matches!(t, Trace::ReadAnswered { follower: S2, .. }));
        assert_eq!(answers.count(), 1);
    }

    "7" "As many entries before the snapshot stay in the log as the leader is told to keep."
    entries_before_the_snapshot_are_kept {
        for (keep, first) in [(0, 6), (2, 4), (99, 1)] {
            let mut cluster = led_with(Timing { keep_entries: keep, ..Timing::default() });
            for _ in 0..4 {
                cluster.propose(S1, "x");
                cluster.settle();
            }
            cluster.compact(S1, "xxxx");
            cluster.settle();
            assert_eq!(cluster.raft(S1).log().first_index(), first, "{keep} are kept");
        }
    }

    "7" "Where a received snapshot replaces entries of another history, those are durable no more."
    a_snapshot_takes_back_what_was_durable {
        let mut cluster = with_disk(3, &[1, 2, 2, 2]);
        let snapshot = Snapshot::new(at(2, 3), Configuration::new([S1, S2, S3]), b"state"[..].into());
        let chunk = kvorum::raft::Chunk::of(&snapshot, 0, 99).into();
        let body = Body::InstallSnapshot { chunk, round: 1 };
        cluster.step(S1, Input::Receive(Message { from: S2.into(), to: S1.into(), term: 3, body }));
        assert_eq!(cluster.raft(S1).durable_index(), 0);
        while cluster.sync(S1) {}
        assert_eq!(cluster.raft(S1).durable_index(), 2);
    }

    "5.2" "A candidate asks the voters, nobody else."
    a_candidate_asks_voters_only {
        let mut cluster = led_with(Timing::default());
        assert_eq!(cluster.add_server(), S4);
        cluster.change(S1, &[S1, S2, S3], &[S4], Way::Shortest).expect("it can be begun");
        cluster.settle();
        cluster.now += Span::millis(300);
        cluster.campaign(S2);
        let asked: Vec<NodeId> = cluster.network.iter().map(|message| message.to.node()).collect();
        assert_eq!(asked, [S1, S3]);
    }

    "diss. 4.2.1" "A learner that has caught up and answers no more isn't made a voter."
    a_silent_learner_is_no_voter {
        let mut cluster = led_with(Timing::default());
        assert_eq!(cluster.add_server(), S4);
        cluster.change(S1, &[S1, S2, S3], &[S4], Way::Shortest).expect("it can be begun");
        for _ in 0..3 {
            cluster.settle();
            cluster.pass(Span::millis(50));
        }
        cluster.settle();
        cluster.crash(S4);
        for _ in 0..4 {
            cluster.pass(Span::millis(50));
            cluster.settle();
        }
        let promotion = cluster.change(S1, &[S1, S2, S3, S4], &[], Way::Shortest);
        assert_eq!(promotion, Err(ChangeError::NotCaughtUp { node: S4 }));
    }

    "diss. 6.2" "A leader whose clock goes back resigns no later: it was silent around it for as long."
    a_clock_that_goes_back_hides_no_silence {
        let mut cluster = led_with(Timing::default());
        cluster.now += Span::millis(900);
        cluster.step(S1, Input::Wake);
        assert!(!cluster.raft(S1).is_leader(), "nobody was heard for an election timeout");
        let mut cluster = led_with(Timing::default());
        cluster.now += Span::secs(1);
        cluster.network.clear();
        for round in 1..=20 {
            cluster.step(S1, from_s2(Body::AppendEntriesAccepted { match_index: 1, round, disk: 0 }));
            cluster.pass(Span::millis(10));
        }
        assert!(cluster.raft(S1).is_leader());
        cluster.now -= Span::millis(600);
        cluster.pass(Span::ZERO);
        for _ in 0..31 {
            cluster.pass(Span::millis(10));
        }
        assert!(!cluster.raft(S1).is_leader());
    }

    "5.1" "An answer that waited for the disk while the term moved on isn't sent."
    an_answer_of_a_term_that_is_over_is_not_sent {
        let mut cluster = with_disk(1, &[1]);
        cluster.step(S1, Input::Receive(request(2, at(1, 1))));
        cluster.step(S1, Input::Receive(append(3, at(1, 1), &[3], 0)));
        while cluster.sync(S1) {}
        let terms: Vec<Term> = cluster.network.iter().map(|message| message.term).collect();
        assert_eq!(terms, [3]);
        assert!(cluster.saw(S1, |t| matches!(t, Trace::Dropped { why: DropReason::Superseded, term: 2, .. })));
    }

    "diss. 3.8" "A server whose disk has space again waits an election timeout before it stands."
    a_disk_that_has_space_again_is_no_reason_to_stand {
        let mut cluster = with_disk(1, &[1]);
        cluster.step(S1, Input::DiskFull(true));
        cluster.pass(Span::secs(10));
        assert_eq!(cluster.raft(S1).role(), Role::Follower);
        cluster.step(S1, Input::DiskFull(false));
        let (timer, now) = (cluster.raft(S1).election_timer().expect("it may stand"), cluster.now);
        assert!(timer.due.since(now) >= Timing::default().election_timeout_min);
    }
}
