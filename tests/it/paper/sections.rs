//! What sections 5.1 to 5.5 add to figure 2.

use super::*;

paper! {
    "5.1" "Terms never fall, and an answer of an old term changes nothing."
    old_answers_change_nothing {
        let mut cluster = led(3);
        cluster.partition(&[S1]);
        cluster.elect(S2);
        cluster.cut.clear();
        let old = Message { from: S1.into(), to: S2.into(), term: 1, body: Body::AppendEntriesAccepted { match_index: 1, round: 1, disk: 0 } };
        cluster.step(S2, Input::Receive(old));
        assert_eq!(cluster.raft(S2).current_term(), 2);
        assert_eq!(cluster.raft(S2).peers()[0].match_index, 0);
    }

    "5.1" "A follower says nothing of its own accord before its timer runs out."
    followers_are_passive {
        let mut cluster = led(3);
        for id in [S2, S3] {
            cluster.now = cluster.raft(id).election_timer().expect("it follows").due;
            cluster.now -= Span(1);
            cluster.step(id, Input::Wake);
        }
        assert!(cluster.network.is_empty());
        assert_eq!(cluster.raft(S2).role(), Role::Follower);
    }

    "5.2" "A candidate refuses the leader of an older term, and stays a candidate."
    a_candidate_refuses_an_old_leader {
        let mut cluster = with_disk(3, &[]);
        cluster.campaign(S1);
        while cluster.sync(S1) {}
        let refused = answer(&mut cluster, append(3, EntryId::START, &[3], 0));
        assert!(matches!(refused, Body::AppendEntriesRejected { .. }), "{refused:?}");
        assert_eq!((cluster.raft(S1).role(), cluster.terms(S1)), (Role::Candidate, vec![]));
    }

    "5.2" "A refusal that was meant for a request of an older term doesn't hide the vote that follows."
    a_vote_counts_after_a_late_refusal {
        let mut cluster = Cluster::new(3);
        cluster.campaign(S1);
        while cluster.sync(S1) {}
        for granted in [false, true] {
            let (from, to, term, body) = (S2, S1, 1, Body::RequestVoteReply { granted });
            cluster.step(S1, Input::Receive(Message { from: from.into(), to: to.into(), term, body }));
            assert_eq!(cluster.raft(S1).is_leader(), granted);
        }
    }

    "5.2" "Each election begins with a fresh random timeout."
    each_election_draws_a_new_timeout {
        let mut cluster = Cluster::new(3);
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..20 {
            cluster.campaign(S1);
            let timer = cluster.raft(S1).election_timer().expect("it doesn't lead");
            assert_eq!(timer.set_at, cluster.now);
            seen.insert(timer.due.since(timer.set_at));
            cluster.now = timer.due;
        }
        assert!(seen.len() > 15, "they differ");
    }

    "5.2" "Election timeouts are drawn from the range, differ, and cover it."
    timeouts_are_spread {
        let timing = Timing::default();
        let mut cluster = Cluster::new(3);
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..500 {
            cluster.step(S1, Input::Receive(append(1, EntryId::START, &[], 0)));
            let timer = cluster.raft(S1).election_timer().expect("a follower has one");
            seen.insert(timer.due.since(timer.set_at));
        }
        let (low, high) = (*seen.first().expect("some"), *seen.last().expect("some"));
        assert!(low >= timing.election_timeout_min && high <= timing.election_timeout_max);
        assert!(seen.len() > 450, "they differ");
        assert!(low < Span::millis(155) && high > Span::millis(295), "{low} to {high}");
    }

    "5.2" "A split vote elects nobody; a later term does."
    split_vote_elects_nobody {
        let mut cluster = Cluster::new(4);
        cluster.cut = [(S1, S2), (S1, S4), (S2, S1), (S2, S3)].into();
        cluster.campaign(S1);
        cluster.campaign(S2);
        cluster.settle();
        assert!(cluster.ids().all(|id| !cluster.raft(id).is_leader()));
        cluster.cut.clear();
        cluster.elect(S3);
    }

    "5.3" "A leader only appends to its log, whatever it is sent."
    leader_only_appends {
        let mut cluster = led(3);
        cluster.propose(S1, "x");
        cluster.step(S1, Input::Receive(append(1, EntryId::START, &[1], 0)));
        assert_eq!(cluster.terms(S1), [1, 1]);
        assert!(cluster.saw(S1, |t| matches!(t, Trace::Dropped { why: DropReason::SecondLeader, .. })));
    }

    "5.3" "An entry is committed once the leader has stored it on a majority, itself included when durable."
    commit_needs_a_durable_majority {
        let mut cluster = led(5);
        cluster.propose(S1, "x");
        cluster.network.clear();
        let yes = |from| Message { from, to: S1.into(), term: 1, body: Body::AppendEntriesAccepted { match_index: 2, round: 1, disk: 0 } };
        cluster.step(S1, Input::Receive(yes(S2.into())));
        cluster.step(S1, Input::Receive(yes(S3.into())));
        assert_eq!(cluster.raft(S1).commit_index(), 1, "two of five, the leader's isn't durable");
        cluster.sync(S1);
        assert_eq!(cluster.raft(S1).commit_index(), 2);
    }

    "5.3" "One round of messages to a majority commits an entry: slow servers delay nobody."
    one_round_to_a_majority_commits {
        let mut cluster = led(5);
        cluster.propose(S1, "x");
        while cluster.sync(S1) {}
        cluster.network.retain(|message| [S2, S3].contains(&message.to.node()));
        (0..2).for_each(|_| cluster.deliver(0));
        for id in [S2, S3] {
            while cluster.sync(id) {}
        }
        (0..2).for_each(|_| cluster.deliver(0));
        assert_eq!(cluster.raft(S1).commit_index(), 2);
    }

    "5.3" "The next message tells a follower what is committed, and a heartbeat does as well."
    heartbeats_tell_what_is_committed {
        let mut cluster = led(3);
        cluster.propose(S1, "x");
        while cluster.raft(S1).commit_index() < 2 {
            if !cluster.ids().any(|id| cluster.sync(id)) {
                cluster.deliver(0);
            }
        }
        cluster.network.clear();
        assert_eq!(cluster.commits(), [2, 1, 1]);
        cluster.pass(Span::millis(50));
        cluster.settle();
        assert_eq!(cluster.commits(), [2, 2, 2]);
    }

    "5.3" "Lost entries are sent until they are stored."
    lost_entries_are_sent_again {
        let mut cluster = led(3);
        cluster.propose(S1, "x");
        cluster.network.clear();
        for _ in 0..3 {
            cluster.pass(Span::millis(60));
            cluster.settle();
        }
        assert_eq!(cluster.commits(), [2, 2, 2]);
    }

    "5.3" "The hint skips a whole term of conflicting entries at a time."
    hints_skip_whole_terms {
        let mut cluster = Cluster::new(3);
        let long: Vec<Term> = [1].into_iter().chain([2; 100]).collect();
        for (id, term, log) in [(S1, 3, &[1, 3][..]), (S2, 3, &[1, 3]), (S3, 2, &long)] {
            cluster.crash(id);
            cluster.set_disk(id, term, log);
            cluster.restart(id);
        }
        cluster.elect(S1);
        let refusals = cluster.traces.iter().filter(|(id, t)| {
            *id == S3 && matches!(t, Trace::AppendRefused { .. })
        });
        assert_eq!(refusals.count(), 1, "one refusal for a hundred entries");
        assert_eq!(cluster.terms(S3), [1, 3, 4]);
    }

    "5.4.1" "Of two logs the one that ends in the later term is more up-to-date; then the longer one."
    up_to_date_by_term_then_length {
        for (ours, theirs, granted) in [
            (&[1, 1, 1][..], at(1, 2), true),
            (&[1, 2], at(5, 1), false),
            (&[1, 1], at(2, 1), true),
            (&[1, 1], at(3, 1), true),
            (&[1, 1], at(1, 1), false),
        ] {
            let mut cluster = with_disk(2, ours);
            let vote = answer(&mut cluster, request(3, theirs));
            assert_eq!(vote, Body::RequestVoteReply { granted }, "{ours:?} against {theirs:?}");
        }
    }

    "5.4.2" "An entry of an earlier term isn't committed by counting copies, but by one of the own term behind it."
    old_terms_are_not_counted {
        let mut cluster = Cluster::with(3, Rules::FIGURE_2.without(Rule::NoopOnElection), Timing::default());
        for id in [S1, S2, S3] {
            cluster.crash(id);
            cluster.set_disk(id, 2, &[1, 2]);
            cluster.restart(id);
        }
        cluster.elect(S1);
        cluster.pass(Span::millis(60));
        cluster.settle();
        assert_eq!(cluster.commits(), [0, 0, 0], "everybody holds both entries of old terms");
        assert!(cluster.saw(S1, |t| *t == Trace::NotOwnTerm { id: at(2, 2), term: 3 }));
        cluster.propose(S1, "x");
        cluster.settle();
        assert_eq!(cluster.commits(), [3, 3, 3]);
    }

    "5.5" "The same request twice changes nothing, and is answered the same."
    a_repeated_request_changes_nothing {
        let mut cluster = with_disk(1, &[1]);
        for message in [append(1, at(1, 1), &[1, 1], 3), request(2, at(9, 1))] {
            let look = |cluster: &Cluster| {
                let raft = cluster.raft(S1);
                (raft.hard_state(), cluster.terms(S1), raft.commit_index())
            };
            let first = answer(&mut cluster, message.clone());
            let before = look(&cluster);
            assert_eq!(answer(&mut cluster, message), first);
            assert_eq!(look(&cluster), before);
        }
    }

    "5.5" "A server that crashes before it answers is asked again until it has answered."
    a_crashed_follower_is_asked_again {
        let mut cluster = led(3);
        cluster.propose(S1, "x");
        cluster.step(S3, Input::Receive(append_to_s3(&cluster)));
        while cluster.sync(S3) {}
        cluster.network.retain(|message| message.from != S3.into());
        cluster.crash(S3);
        cluster.restart(S3);
        for _ in 0..3 {
            cluster.pass(Span::millis(60));
            cluster.settle();
        }
        assert_eq!((cluster.terms(S3), cluster.raft(S1).peers()[1].match_index), (vec![1, 1], 2));
    }

    "diss. 3.8" "The commit index isn't kept: a server that restarts learns it again."
    a_restarted_server_learns_what_is_committed {
        let mut cluster = led(3);
        cluster.crash(S2);
        cluster.restart(S2);
        assert_eq!((cluster.terms(S2), cluster.raft(S2).commit_index()), (vec![1], 0));
        cluster.pass(Span::millis(50));
        cluster.settle();
        assert_eq!(cluster.raft(S2).commit_index(), 1);
    }

    "diss. 6.2" "A follower forgets its leader with the leader's term: it sends nobody to a leader that is gone."
    a_follower_forgets_a_leader_that_is_gone {
        let mut cluster = led(3);
        assert_eq!(cluster.propose(S2, "x"), Some(Proposed::NotLeader { hint: Some(S1) }));
        let (from, to, term) = (S3, S2, 2);
        let body = Body::RequestVote(candidate(at(1, 1)));
        cluster.step(S2, Input::Receive(Message { from: from.into(), to: to.into(), term, body }));
        assert_eq!(cluster.propose(S2, "x"), Some(Proposed::NotLeader { hint: None }));
        let mut cluster = led(3);
        cluster.campaign(S2);
        assert_eq!(cluster.propose(S2, "x"), Some(Proposed::NotLeader { hint: None }));
    }
}

/// The message with entries that is on its way to S3.
fn append_to_s3(cluster: &Cluster) -> Message<String> {
    let to_s3 = cluster
        .network
        .iter()
        .find(|message| message.to == S3.into());
    to_s3.expect("it was sent").clone()
}
