//! Elections and transfer as the dissertation completes them: 3.10, 4.2.3, 6.2 and 9.6.

use super::*;

/// S1 leads term 1 under all rules, everything settled.
fn led_by_all_rules(without: &[Rule]) -> Cluster {
    let rules = without
        .iter()
        .fold(Rules::ALL, |rules, &rule| rules.without(rule));
    let mut cluster = Cluster::with(3, rules, Timing::default());
    cluster.elect(S1);
    cluster.traces.clear();
    cluster
}

/// What S1 decides about a candidate of this term.
fn asks(cluster: &mut Cluster, body: Body<String>, term: Term) -> Option<Refusal> {
    cluster.traces.clear();
    let (from, to) = (S2, S1);
    cluster.step(
        S1,
        Input::Receive(Message {
            from: from.into(),
            to: to.into(),
            term,
            body,
        }),
    );
    cluster.traces.iter().find_map(|(_, trace)| match *trace {
        Trace::VoteRefused { why, .. } | Trace::PreVoteRefused { why, .. } => Some(why),
        _ => None,
    })
}

const HEARS_ITSELF: Option<Refusal> = Some(Refusal::HearsLeader { leader: Some(S1) });

paper! {
    "diss. 9.6" "Whoever's timer runs out asks first; its term stays, and so does everybody's."
    a_pre_vote_changes_no_term {
        let mut cluster = Cluster::with(3, Rules::ALL, Timing::default());
        cluster.campaign(S1);
        assert_eq!(cluster.raft(S1).role(), Role::PreCandidate);
        for _ in 0..2 {
            cluster.deliver(0);
        }
        assert!(cluster.ids().all(|id| cluster.raft(id).hard_state() == Default::default()));
        assert!(cluster.ids().all(|id| cluster.raft(id).writes_under_way() == 0));
        cluster.settle();
        assert_eq!((cluster.raft(S1).role(), cluster.raft(S1).current_term()), (Role::Leader, 1));
    }

    "diss. 9.6" "A PreVote needs a log that is up-to-date, and voters that hear no leader."
    a_pre_vote_is_refused_for_the_same_reasons_as_a_vote {
        let mut cluster = led_by_all_rules(&[]);
        let request = |last| Body::RequestPreVote { candidate: candidate(last), campaign: 1 };
        assert_eq!(asks(&mut cluster, request(at(9, 9)), 1), HEARS_ITSELF);
        assert_eq!(asks(&mut cluster, request(at(9, 9)), 0), Some(Refusal::OldTerm { ours: 1 }));
        let mut alone = Cluster::with(3, Rules::ALL, Timing::default());
        alone.crash(S1);
        alone.set_disk(S1, 2, &[1, 2]);
        alone.restart(S1);
        alone.now += Timing::default().election_timeout_min;
        let (theirs, ours) = (at(5, 1), at(2, 2));
        let behind = Some(Refusal::LogBehind { theirs, ours });
        assert_eq!(asks(&mut alone, request(theirs), 2), behind);
        assert_eq!(asks(&mut alone, request(ours), 2), None);
        assert_eq!(alone.raft(S1).hard_state().voted_for, None);
    }

    "diss. 4.2.3" "Who heard a leader within the minimum election timeout ignores a candidate, term and all."
    a_candidate_is_ignored_while_a_leader_is_heard {
        let mut cluster = led_by_all_rules(&[]);
        let request = || Body::RequestVote(candidate(at(9, 9)));
        assert_eq!(asks(&mut cluster, request(), 7), HEARS_ITSELF);
        assert_eq!((cluster.raft(S1).role(), cluster.raft(S1).current_term()), (Role::Leader, 1));
        // A follower does so for exactly that long.
        for (since, ignores) in [(Span::millis(150) - Span(1), true), (Span::millis(150), false)] {
            let mut cluster = led_by_all_rules(&[]);
            cluster.now += since;
            let (from, to, term) = (S3, S2, 7);
            cluster.step(S2, Input::Receive(Message { from: from.into(), to: to.into(), term, body: request() }));
            assert_eq!(cluster.raft(S2).current_term() == 1, ignores, "{since}");
        }
        let mut cluster = led_by_all_rules(&[Rule::LeaderStickiness]);
        assert_eq!(asks(&mut cluster, request(), 7), None);
        assert_eq!(cluster.raft(S1).current_term(), 7);
    }

    "diss. 4.2.3" "So it does if it has learnt of the candidate's term in another way."
    a_newer_term_is_no_end_of_loyalty {
        for (since, votes) in [(Span::millis(150) - Span(1), false), (Span::millis(150), true)] {
            let mut cluster = led_by_all_rules(&[]);
            let late = |body| Input::Receive(Message { from: S3.into(), to: S2.into(), term: 7, body });
            cluster.step(S2, late(Body::RequestVoteReply { granted: false }));
            cluster.now += since;
            cluster.step(S2, late(Body::RequestVote(candidate(at(9, 9)))));
            let HardState { current_term, voted_for, .. } = cluster.raft(S2).hard_state();
            assert_eq!((current_term, voted_for.is_some()), (7, votes), "{since}");
        }
    }

    "diss. 6.2" "A leader that hears no majority for an election timeout steps down, in its own term."
    a_leader_without_a_majority_resigns {
        let mut cluster = led_by_all_rules(&[]);
        cluster.partition(&[S1]);
        for _ in 0..5 {
            cluster.pass(Span::millis(50));
            cluster.network.clear();
            assert_eq!(cluster.raft(S1).role(), Role::Leader);
        }
        cluster.step(S1, Input::Read { id: 1, level: ReadLevel::Linearizable });
        cluster.pass(Span::millis(50));
        assert_eq!((cluster.raft(S1).role(), cluster.raft(S1).current_term()), (Role::Follower, 1));
        assert!(matches!(cluster.reads[..], [(S1, kvorum::raft::Read::NotLeader { id: 1, hint: None })]));
        // One follower of two is enough to stay.
        let mut cluster = led_by_all_rules(&[]);
        cluster.crash(S3);
        for _ in 0..20 {
            cluster.pass(Span::millis(50));
            cluster.settle();
        }
        assert_eq!(cluster.raft(S1).role(), Role::Leader);
    }

    "diss. 3.10" "A leader that hands over takes no commands, and tells only a server that holds its whole log."
    a_transfer_waits_for_the_log {
        let mut cluster = led_by_all_rules(&[]);
        cluster.propose(S1, "x");
        cluster.step(S1, Input::Transfer(S2));
        let told = |cluster: &Cluster| cluster.network.iter().any(|m| m.body == Body::TimeoutNow);
        assert!(!told(&cluster));
        let hint = Some(S2);
        assert_eq!(cluster.propose(S1, "y"), Some(Proposed::NotLeader { hint }));
        while !told(&cluster) {
            if !cluster.ids().any(|id| cluster.sync(id)) {
                cluster.deliver(0);
            }
        }
        assert_eq!(cluster.raft(S1).peers()[0].match_index, cluster.raft(S1).last().index);
    }

    "diss. 3.10" "TimeoutNow makes the successor stand at once, and nobody refuses it out of loyalty."
    a_successor_is_elected_at_once {
        let mut cluster = led_by_all_rules(&[]);
        cluster.step(S1, Input::Transfer(S3));
        cluster.settle();
        assert_eq!((cluster.raft(S3).role(), cluster.raft(S3).current_term()), (Role::Leader, 2));
        assert_eq!(cluster.raft(S1).leader(), Some(S3.into()));
    }

    "diss. 3.10" "If no new leader shows up within an election timeout, the old one takes commands again."
    a_transfer_that_takes_too_long_is_given_up {
        let mut cluster = led_by_all_rules(&[]);
        cluster.crash(S3);
        cluster.step(S1, Input::Transfer(S3));
        for _ in 0..5 {
            cluster.pass(Span::millis(50));
            cluster.settle();
            assert_eq!(cluster.raft(S1).transfers_to(), Some(S3.into()));
        }
        cluster.pass(Span::millis(50));
        assert_eq!(cluster.raft(S1).transfers_to(), None);
        assert!(matches!(cluster.propose(S1, "x"), Some(Proposed::Appended { .. })));
    }

    "diss. 3.10" "Only a leader hands over, and only to another voter; only a follower of the sender obeys."
    a_transfer_to_nobody_changes_nothing {
        let mut cluster = led_by_all_rules(&[]);
        for (leader, to) in [(S1, S1), (S1, S4), (S2, S3)] {
            cluster.step(leader, Input::Transfer(to));
            let (aborted, term) = (|t: &Trace| *t == Trace::TransferAborted { to, term: 1 }, 1);
            assert!(cluster.saw(leader, aborted));
            assert_eq!((cluster.raft(S1).role(), cluster.raft(S1).current_term()), (Role::Leader, term));
        }
        let (from, to, term) = (S3, S2, 1);
        cluster.step(S2, Input::Receive(Message { from: from.into(), to: to.into(), term, body: Body::TimeoutNow }));
        assert_eq!(cluster.raft(S2).role(), Role::Follower);
        assert!(cluster.network.is_empty());
    }

    "diss. 3.10" "Reads don't put off the end of a transfer that comes to nothing, however close together they come."
    a_transfer_ends_while_clients_read {
        let mut cluster = led_by_all_rules(&[]);
        cluster.crash(S3);
        cluster.step(S1, Input::Transfer(S3));
        for id in 0..30 {
            assert_eq!(cluster.raft(S1).transfers_to(), Some(S3.into()), "after {id} reads");
            cluster.pass(Span::millis(10));
            cluster.step(S1, Input::Read { id, level: ReadLevel::Linearizable });
            cluster.settle();
        }
        assert_eq!(cluster.raft(S1).transfers_to(), None);
    }

    "diss. 6.2" "A leader looks for its majority in time, whatever it does meanwhile."
    a_leader_resigns_while_clients_read {
        // Each read begins a round and is answered at once.
        let mut cluster = led_by_all_rules(&[Rule::ReadIndexQuorum]);
        cluster.pass(Span::millis(20));
        cluster.partition(&[S1]);
        for id in 0..27 {
            cluster.pass(Span::millis(10));
            assert!(cluster.raft(S1).is_leader(), "after {id} reads");
            cluster.step(S1, Input::Read { id, level: ReadLevel::Linearizable });
        }
        // Others were heard last at the beginning: 300 ms are over, though no heartbeat is due.
        assert_eq!(cluster.raft(S1).wake().0, Time::from_millis(300));
        cluster.pass(Span::millis(10));
        assert_eq!(cluster.raft(S1).role(), Role::Follower);
    }

    "diss. 6.2" "A follower that refuses entries, or is sent a snapshot, is heard as well."
    every_answer_is_a_sign_of_life {
        let hint = kvorum::raft::Conflict { term: 0, index: 1 };
        let refused = Body::AppendEntriesRejected { prev_log_index: 9, hint, round: 1, disk: 0 };
        let taken = Body::InstallSnapshotReply { last: 9, bytes: 1, round: 1, disk: 0 };
        for (answer, leads) in [(Some(refused), true), (Some(taken), true), (None, false)] {
            let mut cluster = led_by_all_rules(&[]);
            for _ in 0..20 {
                cluster.pass(Span::millis(50));
                cluster.network.clear();
                if let Some(body) = answer.clone() {
                    cluster.step(S1, Input::Receive(Message { from: S2.into(), to: S1.into(), term: 1, body }));
                }
            }
            assert_eq!(cluster.raft(S1).is_leader(), leads, "{answer:?}");
        }
    }

    "diss. 9.6" "An answer to an earlier PreVote says nothing about a later one, though the term is the same."
    a_late_answer_to_a_pre_vote_is_none {
        let mut cluster = Cluster::with(3, Rules::ALL, Timing::default());
        cluster.campaign(S1);
        cluster.deliver(0);
        let late = cluster.network.pop().expect("S2's answer");
        assert!(matches!(late.body, Body::RequestPreVoteReply { granted: true, .. }));
        cluster.network.clear();
        cluster.campaign(S1);
        cluster.network.clear();
        cluster.step(S1, Input::Receive(late.clone()));
        assert_eq!((cluster.raft(S1).role(), cluster.raft(S1).votes().len()), (Role::PreCandidate, 1));
        assert!(cluster.saw(S1, |t| matches!(t, Trace::Dropped { why: DropReason::Stale, .. })));
        // Nor after a restart.
        cluster.crash(S1);
        cluster.restart(S1);
        cluster.campaign(S1);
        cluster.step(S1, Input::Receive(late));
        assert_eq!(cluster.raft(S1).role(), Role::PreCandidate);
    }
}

/// What S1 stands with when it stands for the `time`th time in vain.
fn stands_with(cluster: &mut Cluster, time: u32) -> u8 {
    for _ in 0..time {
        cluster.network.clear();
        cluster.campaign(S1);
    }
    match &cluster.network[0].body {
        Body::RequestPreVote { candidate, .. } => candidate.priority,
        other => panic!("{other:?}"),
    }
}

/// Practice: a priority prefers, it never prevents.
#[test]
fn who_has_stood_in_vain_stands_with_the_highest_priority() {
    let mut cluster = Cluster::with(3, Rules::ALL, Timing::default());
    cluster.priorities = vec![1, 9, 9];
    for id in [S1, S2, S3] {
        cluster.crash(id);
        cluster.restart(id);
    }
    assert_eq!(stands_with(&mut cluster, 1), 1);
    assert_eq!(stands_with(&mut cluster, 1), 1);
    assert_eq!(stands_with(&mut cluster, 1), u8::MAX);
    // Whoever follows a leader has its own again.
    cluster.network.clear();
    cluster.elect(S2);
    cluster.now += Span::millis(300);
    assert_eq!(stands_with(&mut cluster, 1), 1);
}

/// Practice: where all timeouts are alike, those after an election in vain aren't any more.
#[test]
fn elections_in_vain_widen_a_narrow_range_of_timeouts() {
    let timeout = Span::millis(150);
    let timing = Timing {
        election_timeout_min: timeout,
        election_timeout_max: timeout,
        ..Timing::default()
    };
    let mut cluster = Cluster::with(5, Rules::ALL, timing);
    let spans = |cluster: &Cluster| -> Vec<_> {
        let timer = |id| cluster.raft(id).election_timer().expect("it may stand");
        let timers = cluster.ids().map(timer);
        timers.map(|it| it.due.since(it.set_at)).collect()
    };
    assert_eq!(spans(&cluster), [timeout; 5]);
    for time in 1..9 {
        cluster.ids().for_each(|id| cluster.campaign(id));
        let mut drawn = spans(&cluster);
        drawn.sort_unstable();
        let widest = timeout + Span(timeout.0 / 4) * time.min(4);
        assert!(drawn[0] >= timeout && drawn[4] <= widest, "{drawn:?}");
        drawn.dedup();
        assert_eq!(drawn.len(), 5, "they differ");
    }
    // Who follows a leader goes by the range again.
    cluster.network.clear();
    cluster.elect(S1);
    assert_eq!(spans_of_followers(&cluster), [timeout; 4]);
    // The usual range is wide enough: nothing is drawn from beyond it.
    let mut cluster = Cluster::new(3);
    for _ in 0..50 {
        cluster.campaign(S1);
        let timer = cluster.raft(S1).election_timer().expect("it may stand");
        assert!(timer.due.since(timer.set_at) <= Span::millis(300));
    }
}

fn spans_of_followers(cluster: &Cluster) -> Vec<Span> {
    let timers = cluster
        .ids()
        .filter_map(|id| cluster.raft(id).election_timer());
    timers.map(|it| it.due.since(it.set_at)).collect()
}
