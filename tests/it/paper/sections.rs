//! What sections 5.1 to 5.4 add to figure 2.

use super::*;

paper! {
    "5.1" "Terms never fall, and an answer of an old term changes nothing."
    old_answers_change_nothing {
        let mut cluster = led(3);
        cluster.partition(&[S1]);
        cluster.elect(S2);
        cluster.cut.clear();
        let old = Message { from: S1, to: S2, term: 1, body: Body::Accepted { matched: 1, round: 1, disk: 0 } };
        cluster.step(S2, Input::Receive(old));
        assert_eq!(cluster.raft(S2).current_term(), 2);
        assert_eq!(cluster.raft(S2).peers()[0].matched, 0);
    }

    "5.2" "Election timeouts are drawn from the range, differ, and cover it."
    timeouts_are_spread {
        let timing = Timing::default();
        let mut cluster = Cluster::new(3);
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..500 {
            cluster.step(S1, Input::Receive(append(1, Position::START, &[], 0)));
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
        cluster.step(S1, Input::Receive(append(1, Position::START, &[1], 0)));
        assert_eq!(cluster.terms(S1), [1, 1]);
        assert!(cluster.saw(S1, |t| matches!(t, Trace::Dropped { why: Odd::SecondLeader, .. })));
    }

    "5.3" "An entry is committed once the leader has stored it on a majority, itself included when durable."
    commit_needs_a_durable_majority {
        let mut cluster = led(5);
        cluster.propose(S1, "x");
        cluster.network.clear();
        let yes = |from| Message { from, to: S1, term: 1, body: Body::Accepted { matched: 2, round: 1, disk: 0 } };
        cluster.step(S1, Input::Receive(yes(S2)));
        cluster.step(S1, Input::Receive(yes(S3)));
        assert_eq!(cluster.raft(S1).commit_index(), 1, "two of five, the leader's isn't durable");
        cluster.sync(S1);
        assert_eq!(cluster.raft(S1).commit_index(), 2);
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
            assert_eq!(vote, Body::Vote { granted }, "{ours:?} against {theirs:?}");
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
        assert!(cluster.saw(S1, |t| *t == Trace::NotOwnTerm { at: at(2, 2), term: 3 }));
        cluster.propose(S1, "x");
        cluster.settle();
        assert_eq!(cluster.commits(), [3, 3, 3]);
    }
}
