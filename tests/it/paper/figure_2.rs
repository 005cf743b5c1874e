//! Figure 2: the state, the two calls, and the rules for servers.

use super::*;

paper! {
    "figure 2, state" "A server starts in term 0, with no vote, an empty log and nothing committed."
    starts_from_nothing {
        let cluster = Cluster::new(3);
        let raft = cluster.raft(S1);
        assert_eq!(raft.hard_state(), Default::default());
        assert_eq!((raft.last(), raft.commit_index()), (EntryId::START, 0));
        assert_eq!(raft.role(), Role::Follower);
    }

    "figure 2, state" "Term and vote are on the disk before the answer that tells of them leaves."
    vote_is_durable_before_it_is_sent {
        let mut cluster = Cluster::new(3);
        cluster.step(S1, Input::Receive(request(1, EntryId::START)));
        assert!(cluster.network.is_empty(), "nothing may leave before the write");
        assert_eq!(cluster.raft(S1).hard_state().voted_for, Some(S2.into()));
        cluster.sync(S1);
        assert_eq!(cluster.machine(S1).hard_state.voted_for, Some(S2.into()));
        assert!(matches!(cluster.network[0].body, Body::RequestVoteReply { granted: true }));
    }

    "figure 2, state" "Entries are on the disk before they are acknowledged."
    entries_are_durable_before_they_are_acknowledged {
        let mut cluster = Cluster::new(3);
        cluster.step(S1, Input::Receive(append(1, EntryId::START, &[1], 0)));
        assert!(cluster.network.is_empty(), "nothing may leave before the write");
        // Not even the answer to a heartbeat may overtake that write.
        cluster.step(S1, Input::Receive(append(1, at(1, 1), &[], 0)));
        assert!(cluster.network.is_empty(), "an answer overtook the write it rests on");
        while cluster.sync(S1) {}
        assert_eq!(cluster.machine(S1).log.last(), at(1, 1));
        let match_index: Vec<_> = cluster.network.iter().map(|m| match m.body {
            Body::AppendEntriesAccepted { match_index, .. } => match_index,
            ref other => panic!("{other:?}"),
        }).collect();
        assert_eq!(match_index, [1, 1]);
    }

    "figure 2, state" "A new leader's next_index is its last index + 1, match_index is 0."
    next_index_starts_behind_the_log {
        let mut cluster = with_disk(1, &[1, 1]);
        cluster.campaign(S1);
        cluster.sync(S1);
        let yes = Message { from: S2.into(), to: S1.into(), term: 2, body: Body::RequestVoteReply { granted: true } };
        cluster.step(S1, Input::Receive(yes));
        for peer in cluster.raft(S1).peers() {
            assert_eq!((peer.next_index, peer.match_index), (3, 0));
        }
    }

    "figure 2, state" "What replaces a part of the log isn't durable before it is on the disk, though what it replaced was."
    what_replaces_durable_entries_is_not_durable {
        let mut cluster = with_disk(1, &[1, 1, 1]);
        assert_eq!(cluster.raft(S1).durable_index(), 3);
        cluster.step(S1, Input::Receive(append(2, at(1, 1), &[2, 2], 0)));
        assert_eq!((cluster.raft(S1).last(), cluster.raft(S1).durable_index()), (at(3, 2), 1));
        while cluster.sync(S1) {}
        assert_eq!(cluster.raft(S1).durable_index(), 3);
    }

    "figure 2, state" "What another disk of a server held counts no more, and neither does a late answer of that disk."
    answers_of_an_old_disk_count_for_nothing {
        let mut cluster = led(3);
        let accepted = |match_index, disk| {
            let body = Body::AppendEntriesAccepted { match_index, round: 1, disk };
            Input::Receive(Message { from: S2.into(), to: S1.into(), term: 1, body })
        };
        assert_eq!(cluster.raft(S1).peers()[0].match_index, 1);
        cluster.step(S1, accepted(0, 1));
        assert_eq!(cluster.raft(S1).peers()[0].match_index, 0);
        cluster.step(S1, accepted(1, 0));
        assert_eq!(cluster.raft(S1).peers()[0].match_index, 0, "of the disk that is gone");
        cluster.step(S1, accepted(1, 1));
        assert_eq!(cluster.raft(S1).peers()[0].match_index, 1);
    }

    "figure 2, state" "A vote belongs to its term: a newer term begins without one."
    a_new_term_begins_without_a_vote {
        let mut cluster = with_disk(0, &[]);
        answer(&mut cluster, request(1, EntryId::START));
        answer(&mut cluster, append(2, EntryId::START, &[], 0));
        let expected = HardState { current_term: 2, voted_for: None, generation: 0 };
        assert_eq!(cluster.raft(S1).hard_state(), expected);
        assert_eq!(cluster.machine(S1).hard_state, expected, "on the disk as well");
    }

    "figure 2, state" "match_index and commit_index only grow, whatever arrives late."
    what_is_known_only_grows {
        let mut cluster = led(3);
        cluster.propose(S1, "x");
        cluster.settle();
        let late = Body::AppendEntriesAccepted { match_index: 1, round: 1, disk: 0 };
        cluster.step(S1, Input::Receive(Message { from: S2.into(), to: S1.into(), term: 1, body: late }));
        let raft = cluster.raft(S1);
        assert_eq!((raft.peers()[0].match_index, raft.peers()[0].next_index, raft.commit_index()), (2, 3, 2));
    }

    "figure 2, AppendEntries 1" "Entries of an older term are refused."
    append_of_an_old_term_is_refused {
        let mut cluster = with_disk(5, &[1]);
        let refused = answer(&mut cluster, append(4, at(1, 1), &[4], 0));
        assert!(matches!(refused, Body::AppendEntriesRejected { .. }), "{refused:?}");
        assert_eq!(cluster.terms(S1), [1], "nothing was taken");
        assert_eq!(cluster.raft(S1).leader(), None, "it follows no leader of an old term");
    }

    "figure 2, AppendEntries 2" "Entries behind one that is missing are refused."
    append_behind_a_gap_is_refused {
        let mut cluster = with_disk(1, &[1]);
        let refused = answer(&mut cluster, append(1, at(2, 1), &[1], 0));
        assert!(matches!(refused, Body::AppendEntriesRejected { prev_log_index: 2, .. }), "{refused:?}");
        assert_eq!(cluster.terms(S1), [1]);
    }

    "figure 2, AppendEntries 2" "Entries behind one of another term are refused."
    append_behind_another_term_is_refused {
        let mut cluster = with_disk(2, &[1, 1]);
        let refused = answer(&mut cluster, append(2, at(2, 2), &[2], 0));
        assert!(matches!(refused, Body::AppendEntriesRejected { prev_log_index: 2, .. }), "{refused:?}");
        assert_eq!(cluster.terms(S1), [1, 1]);
    }

    "figure 2, AppendEntries 3" "A conflicting entry goes, and all that follow it."
    conflict_removes_the_rest {
        let mut cluster = with_disk(3, &[1, 2, 2, 2]);
        answer(&mut cluster, append(3, at(1, 1), &[3], 0));
        assert_eq!(cluster.terms(S1), [1, 3]);
        let machine = cluster.machine(S1);
        assert_eq!(machine.log.last(), at(2, 3), "on the disk as well");
    }

    "figure 2, AppendEntries 3" "Without a conflict nothing is removed: a late, shorter message does no harm."
    late_short_append_removes_nothing {
        let mut cluster = with_disk(1, &[1]);
        answer(&mut cluster, append(1, at(1, 1), &[1, 1, 1], 0));
        answer(&mut cluster, append(1, at(1, 1), &[1], 0));
        assert_eq!(cluster.terms(S1), [1, 1, 1, 1]);
    }

    "figure 2, AppendEntries 4" "Only entries that are new are appended."
    known_entries_are_not_appended_twice {
        let mut cluster = with_disk(1, &[1, 1]);
        let accepted = answer(&mut cluster, append(1, at(1, 1), &[1, 1], 0));
        assert!(matches!(accepted, Body::AppendEntriesAccepted { match_index: 3, .. }), "{accepted:?}");
        assert_eq!(cluster.terms(S1), [1, 1, 1]);
        assert!(cluster.saw(S1, |t| matches!(t, Trace::Stored { first: 3, last: 3, .. })));
    }

    "figure 2, AppendEntries 5" "The commit index follows the leader's, but not past the last new entry."
    commit_stops_at_the_last_new_entry {
        let mut cluster = with_disk(1, &[1, 1, 1]);
        answer(&mut cluster, append(1, at(1, 1), &[1], 9));
        assert_eq!(cluster.raft(S1).commit_index(), 2);
        answer(&mut cluster, append(1, at(2, 1), &[], 1));
        assert_eq!(cluster.raft(S1).commit_index(), 2, "it never falls");
    }

    "figure 2, RequestVote 1" "A candidate of an older term is refused."
    old_candidate_is_refused {
        let mut cluster = with_disk(5, &[]);
        let no = answer(&mut cluster, request(4, at(9, 4)));
        assert_eq!(no, Body::RequestVoteReply { granted: false });
        assert_eq!(cluster.raft(S1).hard_state().voted_for, None);
        let why = Refusal::OldTerm { ours: 5 };
        assert!(cluster.saw(S1, |t| *t == Trace::VoteRefused { to: S2, term: 4, why }));
    }

    "figure 2, RequestVote 2" "The vote goes to one candidate a term; asked again, it says yes again."
    one_vote_a_term {
        let mut cluster = with_disk(0, &[]);
        assert_eq!(answer(&mut cluster, request(1, EntryId::START)), Body::RequestVoteReply { granted: true });
        assert_eq!(answer(&mut cluster, request(1, EntryId::START)), Body::RequestVoteReply { granted: true });
        let other = Message { from: S3.into(), ..request(1, at(5, 0)) };
        assert_eq!(answer(&mut cluster, other), Body::RequestVoteReply { granted: false });
        assert_eq!(answer(&mut cluster, request(2, EntryId::START)), Body::RequestVoteReply { granted: true });
    }

    "figure 2, RequestVote 2" "The vote survives a crash: no second vote in the same term."
    vote_survives_a_crash {
        let mut cluster = with_disk(0, &[]);
        answer(&mut cluster, request(1, EntryId::START));
        cluster.crash(S1);
        cluster.restart(S1);
        let other = Message { from: S3.into(), ..request(1, EntryId::START) };
        assert_eq!(answer(&mut cluster, other), Body::RequestVoteReply { granted: false });
    }

    "figure 2, all servers" "A newer term in any message is adopted, and its reader follows."
    newer_terms_are_adopted {
        let bodies = [
            Body::RequestVote(Candidacy::default()),
            Body::RequestVoteReply { granted: false },
            Body::AppendEntriesAccepted { match_index: 0, round: 1, disk: 0 },
            Body::AppendEntriesRejected { prev_log_index: 0, hint: kvorum::raft::Conflict { term: 0, index: 0 }, round: 1, disk: 0 },
            Body::AppendEntries { prev_log: EntryId::START, entries: Entries::default(), leader_commit: 0, round: 1 },
        ];
        for body in bodies {
            let mut cluster = led(3);
            cluster.step(S1, Input::Receive(Message { from: S2.into(), to: S1.into(), term: 7, body }));
            let raft = cluster.raft(S1);
            assert_eq!((raft.role(), raft.current_term()), (Role::Follower, 7));
        }
    }

    "figure 2, followers" "A follower whose timer runs out becomes a candidate."
    silence_makes_a_candidate {
        let mut cluster = Cluster::new(3);
        cluster.now = cluster.raft(S1).election_timer().expect("a follower has one").due;
        cluster.step(S1, Input::Wake);
        assert_eq!(cluster.raft(S1).role(), Role::Candidate);
    }

    "figure 2, followers" "Hearing the leader, or giving a vote, starts the timer anew; refusing doesn't."
    what_resets_the_timer {
        let due = |cluster: &Cluster| cluster.raft(S1).election_timer().expect("no leader").due;
        let mut cluster = Cluster::new(3);
        cluster.now = Time::from_millis(100);
        let first = due(&cluster);
        cluster.step(S1, Input::Receive(request(1, EntryId::START)));
        let voted = due(&cluster);
        assert!(voted > first && voted >= Time::from_millis(250), "a vote resets it");
        cluster.now = Time::from_millis(120);
        let other = Message { from: S3.into(), ..request(1, EntryId::START) };
        cluster.step(S1, Input::Receive(other));
        assert_eq!(due(&cluster), voted, "a refusal doesn't");
        cluster.now = Time::from_millis(240);
        cluster.step(S1, Input::Receive(append(1, EntryId::START, &[], 0)));
        assert!(due(&cluster) >= Time::from_millis(390), "a heartbeat does");
        let heard = due(&cluster);
        cluster.now = Time::from_millis(260);
        cluster.step(S1, Input::Receive(append(0, EntryId::START, &[], 0)));
        assert_eq!(due(&cluster), heard, "one of an old term doesn't");
    }

    "figure 2, candidates" "A candidate takes the next term, votes for itself and asks all others."
    candidate_asks_everybody {
        let mut cluster = Cluster::new(5);
        cluster.campaign(S1);
        cluster.sync(S1);
        let raft = cluster.raft(S1);
        assert_eq!((raft.current_term(), raft.hard_state().voted_for), (1, Some(S1.into())));
        let asked: Vec<_> = cluster.network.iter().map(|m| m.to.node()).collect();
        assert_eq!(asked, [S2, S3, S4, S5]);
    }

    "figure 2, candidates" "A majority makes a leader, one vote less doesn't."
    majority_makes_a_leader {
        let mut cluster = Cluster::new(5);
        cluster.campaign(S1);
        cluster.sync(S1);
        let yes = |from| Message { from, to: S1.into(), term: 1, body: Body::RequestVoteReply { granted: true } };
        cluster.step(S1, Input::Receive(yes(S2.into())));
        cluster.step(S1, Input::Receive(yes(S2.into())));
        assert_eq!(cluster.raft(S1).role(), Role::Candidate, "a vote counts once");
        cluster.step(S1, Input::Receive(yes(S3.into())));
        assert_eq!(cluster.raft(S1).role(), Role::Leader);
    }

    "figure 2, candidates" "A candidate's own vote counts only when it is durable."
    own_vote_counts_when_durable {
        let mut cluster = Cluster::new(1);
        cluster.campaign(S1);
        assert_eq!(cluster.raft(S1).role(), Role::Candidate);
        cluster.sync(S1);
        assert_eq!(cluster.raft(S1).role(), Role::Leader);
    }

    "figure 2, candidates" "A candidate that hears the leader of its term follows it."
    candidate_yields_to_the_winner {
        let mut cluster = Cluster::new(3);
        cluster.campaign(S1);
        cluster.step(S1, Input::Receive(append(1, EntryId::START, &[1], 0)));
        assert_eq!((cluster.raft(S1).role(), cluster.raft(S1).leader()), (Role::Follower, Some(S2.into())));
        // Its vote requests, still waiting for the disk, must not leave any more.
        while cluster.sync(S1) {}
        assert!(cluster.network.iter().all(|m| !matches!(m.body, Body::RequestVote(_))));
        assert!(cluster.saw(S1, |t| matches!(t, Trace::Dropped { why: DropReason::Superseded, .. })));
    }

    "figure 2, candidates" "A candidate whose timer runs out starts another election."
    candidate_tries_again {
        let mut cluster = Cluster::new(3);
        cluster.campaign(S1);
        cluster.now = cluster.raft(S1).election_timer().expect("it doesn't lead").due;
        cluster.step(S1, Input::Wake);
        assert_eq!(cluster.raft(S1).current_term(), 2);
    }

    "figure 2, leaders" "A new leader speaks at once, and then in every heartbeat interval."
    leader_keeps_speaking {
        let mut cluster = Cluster::new(3);
        cluster.campaign(S1);
        cluster.sync(S1);
        cluster.network.clear();
        let yes = Message { from: S2.into(), to: S1.into(), term: 1, body: Body::RequestVoteReply { granted: true } };
        cluster.step(S1, Input::Receive(yes));
        let told = cluster.network.iter().map(|m| (m.to.node(), matches!(m.body, Body::AppendEntries { .. })));
        assert_eq!(told.collect::<Vec<_>>(), [(S2, true), (S3, true)]);
        let mut cluster = led(3);
        cluster.pass(Span::millis(49));
        assert!(cluster.network.is_empty());
        cluster.pass(Span::millis(1));
        assert_eq!(cluster.network.len(), 2, "a heartbeat to each");
    }

    "figure 2, leaders" "A command is appended, and nobody is told it is done before it is committed."
    command_is_appended {
        let mut cluster = led(3);
        let proposed = cluster.propose(S1, "x");
        assert_eq!(proposed, Some(Proposed::Appended { first: 2, term: 1 }));
        assert_eq!(cluster.raft(S1).commit_index(), 1);
        let refused = cluster.propose(S2, "y");
        assert_eq!(refused, Some(Proposed::NotLeader { hint: Some(S1) }));
    }

    "figure 2, leaders" "Accepted entries move match_index and next_index."
    acceptance_moves_the_indexes {
        let mut cluster = led(3);
        cluster.propose(S1, "x");
        cluster.settle();
        for peer in cluster.raft(S1).peers() {
            assert_eq!((peer.match_index, peer.next_index, peer.state), (2, 3, ProgressState::Replicate));
        }
    }

    "figure 2, leaders" "After a refusal the leader goes back and tries again."
    refusal_moves_next_index_back {
        let mut cluster = Cluster::new(3);
        for (id, log) in [(S1, &[1, 1, 2, 2][..]), (S2, &[1]), (S3, &[1, 1, 1, 1, 1])] {
            cluster.crash(id);
            cluster.set_disk(id, 2, log);
            cluster.restart(id);
        }
        cluster.elect(S1);
        for id in [S2, S3] {
            assert_eq!(cluster.terms(id), [1, 1, 2, 2, 3], "{id}");
        }
        assert!(cluster.saw(S1, |t| matches!(t, Trace::WentBack { peer: S2, lost: false, .. })));
    }
}
