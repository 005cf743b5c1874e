//! Changing the members: section 6 and chapter 4 of the dissertation.

use super::*;
use kvorum::base::{MemberId, NodeId};
use kvorum::raft::{Chunk, Configuration, Read, Snapshot};

/// S1 leads this many voters, and these newcomers are learners that have caught up.
fn grown(voters: u32, newcomers: &[NodeId]) -> Cluster {
    let mut cluster = led(voters);
    for &id in newcomers {
        assert_eq!(cluster.add_server(), id);
    }
    let voters: Vec<_> = (1..=voters).map(NodeId).collect();
    change(&mut cluster, &voters, newcomers, Way::Shortest);
    cluster.settle();
    cluster
}

/// The same under all rules, on the way from S1, S2 and S3 to S1, S4 and S5.
fn joint_by_all_rules() -> Cluster {
    let mut cluster = Cluster::with(3, Rules::ALL, Timing::default());
    cluster.elect(S1);
    for id in [S4, S5] {
        assert_eq!(cluster.add_server(), id);
    }
    change(&mut cluster, &[S1, S2, S3], &[S4, S5], Way::Shortest);
    cluster.settle();
    change(&mut cluster, &[S1, S4, S5], &[], Way::Stay);
    wait(&mut cluster);
    cluster.reads.clear();
    cluster
}

/// Asks S1 for a change, which it begins.
fn change(cluster: &mut Cluster, voters: &[NodeId], learners: &[NodeId], way: Way) -> Index {
    let begun = cluster.change(S1, voters, learners, way);
    begun.expect("it can be begun").index
}

/// S1, S2 and S3 are on their way to S1, S4 and S5, and stay there.
fn joint() -> Cluster {
    let mut cluster = grown(3, &[S4, S5]);
    change(&mut cluster, &[S1, S4, S5], &[], Way::Stay);
    cluster.settle();
    cluster
}

paper! {
    "6" "While the configuration is joint, a majority of the old voters and one of the new must hold an entry."
    a_joint_commit_needs_both_majorities {
        for apart in [[S4, S5], [S2, S3]] {
            let mut cluster = grown(3, &[S4, S5]);
            cluster.partition(&apart);
            let index = change(&mut cluster, &[S1, S4, S5], &[], Way::Stay);
            wait(&mut cluster);
            assert!(cluster.raft(S1).commit_index() < index, "without {apart:?}");
            cluster.cut.clear();
            wait(&mut cluster);
            assert_eq!(cluster.raft(S1).commit_index(), index);
        }
    }

    "6" "While the configuration is joint, an election needs the votes of both majorities; servers of either may lead."
    a_joint_election_needs_both_majorities {
        for (candidate, friend) in [(S2, S3), (S4, S5)] {
            let mut cluster = joint();
            cluster.crash(S1);
            cluster.partition(&[candidate, friend]);
            cluster.campaign(candidate);
            cluster.settle();
            assert_eq!(cluster.raft(candidate).role(), Role::Candidate);
            cluster.cut.clear();
            cluster.elect(candidate);
        }
    }

    "6" "A server goes by the last configuration in its log, committed or not."
    a_configuration_counts_when_it_is_appended {
        let mut cluster = grown(3, &[S4]);
        let index = change(&mut cluster, &[S1, S2, S3, S4], &[], Way::Shortest);
        assert_eq!(MemberId::nodes(cluster.raft(S1).configuration().voters()), [S1, S2, S3, S4]);
        while cluster.raft(S2).last().index < index {
            cluster.deliver(0);
        }
        assert_eq!(MemberId::nodes(cluster.raft(S2).configuration().voters()), [S1, S2, S3, S4]);
        assert!(cluster.ids().all(|id| cluster.raft(id).commit_index() < index));
    }

    "6" "The joint configuration once committed, its leader goes on to the new one, which then decides alone."
    the_new_configuration_decides_alone {
        let mut cluster = grown(3, &[S4, S5]);
        change(&mut cluster, &[S1, S4, S5], &[], Way::Joint);
        cluster.settle();
        assert!(!cluster.raft(S1).configuration().is_joint());
        for id in [S2, S3] {
            cluster.crash(id);
        }
        cluster.propose(S1, "x");
        cluster.settle();
        let raft = cluster.raft(S1);
        assert_eq!(raft.commit_index(), raft.last().index);
    }

    "6" "New servers first get the log without a vote: they are never counted, and never stand for election."
    a_learner_counts_for_nothing {
        let mut cluster = grown(3, &[S4, S5]);
        for id in [S2, S3] {
            cluster.crash(id);
        }
        cluster.propose(S1, "x");
        cluster.settle();
        assert_eq!(cluster.raft(S4).last(), cluster.raft(S1).last());
        assert!(cluster.raft(S1).commit_index() < cluster.raft(S1).last().index);
        cluster.crash(S1);
        cluster.now += Span::secs(60);
        cluster.step(S4, Input::Wake);
        cluster.campaign(S5);
        assert!(cluster.network.is_empty() && cluster.raft(S5).role() == Role::Follower);
    }

    "diss. 4.1" "A second change waits until the first one is committed."
    a_change_waits_for_the_one_before {
        let mut cluster = grown(3, &[S4]);
        let index = change(&mut cluster, &[S1, S2, S3, S4], &[], Way::Shortest);
        let removal = |cluster: &mut Cluster| cluster.change(S1, &[S1, S2, S4], &[], Way::Shortest);
        assert_eq!(removal(&mut cluster), Err(ChangeError::UnderWay { index }));
        cluster.settle();
        assert!(removal(&mut cluster).is_ok());
    }

    "diss. 4.1" "A new leader changes nothing before it has committed an entry of its own term (the fix of 2015)."
    a_new_leader_commits_before_it_changes {
        let mut cluster = led(3);
        cluster.campaign(S2);
        while !cluster.raft(S2).is_leader() {
            if !cluster.ids().any(|id| cluster.sync(id)) {
                cluster.deliver(0);
            }
        }
        let removal = |cluster: &mut Cluster| cluster.change(S2, &[S1, S2], &[], Way::Shortest);
        assert_eq!(removal(&mut cluster), Err(ChangeError::NotCommittedInTerm));
        cluster.settle();
        assert!(removal(&mut cluster).is_ok());
    }

    "diss. 4.1" "Only a leader changes the members; others name it."
    a_follower_changes_nothing {
        let mut cluster = led(3);
        let refused = cluster.change(S2, &[S1, S2], &[], Way::Shortest);
        assert_eq!(refused, Err(ChangeError::NotLeader { hint: Some(S1) }));
        assert!(cluster.network.is_empty());
    }

    "diss. 4.1" "Servers listen to a leader and vote for a candidate that their own configuration doesn't name."
    strangers_are_heard {
        let mut cluster = Cluster::new(3);
        assert_eq!(cluster.add_server(), S4);
        cluster.campaign(S4);
        assert!(cluster.network.is_empty(), "it waits for a leader to speak to it");
        let to_s4 = |message| Message { to: S4.into(), ..message };
        for (message, welcome) in [
            (request(1, EntryId::START), Body::RequestVoteReply { granted: true }),
            (append(1, EntryId::START, &[1], 0), Body::AppendEntriesAccepted { match_index: 1, round: 1, disk: 0 }),
        ] {
            cluster.step(S4, Input::Receive(to_s4(message)));
            while cluster.sync(S4) {}
            let answer = cluster.network.pop().expect("it answers");
            assert_eq!((answer.to.node(), answer.body), (S2, welcome));
        }
    }

    "diss. 4.1" "A server that is taken out and in again is another member: what the former one said counts no more."
    another_member_each_time {
        let mut cluster = grown(3, &[S4]);
        let learner = |cluster: &Cluster| cluster.raft(S1).configuration().member_on(S4).expect("it is one");
        let first = learner(&cluster);
        assert_eq!((first.generation(), cluster.raft(S4).id()), (2, first));
        cluster.network.clear();
        for learners in [&[][..], &[S4]] {
            change(&mut cluster, &[S1, S2, S3], learners, Way::Shortest);
            cluster.settle();
        }
        let second = learner(&cluster);
        assert_eq!((second.generation(), cluster.raft(S4).id()), (3, second));
        assert_eq!(cluster.raft(S1).id().generation(), 1, "a founder");
        let late = Message {
            from: first,
            to: S1.into(),
            term: 1,
            body: Body::AppendEntriesAccepted { match_index: 9, round: 1, disk: 0 },
        };
        cluster.step(S1, Input::Receive(late));
        let dropped = |t: &Trace| matches!(t, Trace::Dropped { from: S4, why: DropReason::Stranger, .. });
        assert!(cluster.saw(S1, dropped));
        // It is on the disk: after a crash it is still the same.
        cluster.crash(S4);
        cluster.restart(S4);
        assert_eq!(cluster.raft(S4).id(), second);
        // What an older term calls it is over.
        let older = Message { term: 0, to: first, ..append(1, EntryId::START, &[1], 0) };
        cluster.step(S4, Input::Receive(older));
        assert_eq!(cluster.raft(S4).id(), second);
    }

    "diss. 4.2.1" "A learner has caught up once a round of replication took no longer than an election timeout."
    a_slow_round_is_not_enough {
        let mut cluster = led(3);
        assert_eq!(cluster.add_server(), S4);
        change(&mut cluster, &[S1, S2, S3], &[S4], Way::Shortest);
        cluster.now += Span::millis(200);
        cluster.settle();
        assert_eq!(cluster.raft(S4).last(), cluster.raft(S1).last());
        let promotion = |cluster: &mut Cluster| cluster.change(S1, &[S1, S2, S3, S4], &[], Way::Shortest);
        assert_eq!(promotion(&mut cluster), Err(ChangeError::NotCaughtUp { node: S4 }));
        cluster.pass(Span::millis(50));
        cluster.settle();
        assert!(promotion(&mut cluster).is_ok());
    }

    "diss. 4.2.1" "A newcomer's refusal tells how long its log is: the leader goes back once, not entry by entry."
    a_newcomer_is_found_at_once {
        let mut cluster = led(3);
        for _ in 0..50 {
            cluster.propose(S1, "x");
        }
        cluster.settle();
        assert_eq!(cluster.add_server(), S4);
        change(&mut cluster, &[S1, S2, S3], &[S4], Way::Shortest);
        cluster.settle();
        let back = |t: &&(NodeId, Trace)| matches!(t.1, Trace::WentBack { peer: S4, .. });
        assert_eq!(cluster.traces.iter().filter(back).count(), 1);
        assert_eq!(cluster.raft(S4).last(), cluster.raft(S1).last());
    }

    "diss. 4.2.2" "A leader that is being removed leads on without counting itself, and steps down once that is committed."
    a_removed_leader_leads_to_the_end {
        let mut cluster = Cluster::with(3, Rules::ALL, Timing::default());
        cluster.elect(S1);
        cluster.partition(&[S3]);
        let index = change(&mut cluster, &[S2, S3], &[], Way::Shortest);
        wait(&mut cluster);
        let raft = cluster.raft(S1);
        assert!(raft.is_leader() && raft.commit_index() < index, "S1 and S2 are one of two");
        cluster.cut.clear();
        wait(&mut cluster);
        let raft = cluster.raft(S1);
        assert_eq!((raft.role(), raft.commit_index(), raft.election_timer()), (Role::Follower, index, None));
    }

    "diss. 4.2.2" "Until its removal is committed, a server stands for election: perhaps nobody else can win."
    a_server_that_removes_itself_may_be_needed {
        for way in [Way::Shortest, Way::Joint] {
            let mut cluster = led(2);
            change(&mut cluster, &[S2], &[], way);
            let removes = |cluster: &Cluster| !cluster.raft(S1).configuration().has_voter_on(S1);
            while !removes(&cluster) {
                if !cluster.ids().any(|id| cluster.sync(id)) {
                    cluster.deliver(0);
                }
            }
            while cluster.sync(S1) {}
            cluster.crash(S1);
            cluster.network.clear();
            cluster.restart(S1);
            // S2 still needs the vote of S1, whose log is longer.
            cluster.campaign(S2);
            cluster.settle();
            assert!(removes(&cluster) && !cluster.raft(S2).is_leader());
            cluster.now = cluster.raft(S1).election_timer().expect("it may stand").due;
            cluster.step(S1, Input::Wake);
            cluster.settle();
            let counted = |t: &Trace| matches!(t, Trace::VoteCounted { from: S1, .. });
            assert!(!cluster.saw(S1, |t| counted(t) && cluster.raft(S1).current_term() > 2), "it has no vote");
            assert_eq!(cluster.raft(S1).election_timer(), None, "it stepped down");
            assert_eq!(MemberId::nodes(cluster.raft(S2).configuration().voters()), [S2]);
            cluster.elect(S2);
        }
    }

    "diss. 4.2.2" "Of the configurations in a log only the last may still be lost: who votes neither in it nor in the one before doesn't stand, not even after a restart."
    replaced_configurations_let_nobody_stand {
        let mut cluster = led(4);
        change(&mut cluster, &[S1, S2, S3], &[S4], Way::Shortest);
        cluster.settle();
        cluster.crash(S4);
        cluster.restart(S4);
        assert!(cluster.raft(S4).election_timer().is_some(), "it doesn't know that this is committed");
        wait(&mut cluster);
        change(&mut cluster, &[S1, S2], &[S4], Way::Stay);
        cluster.settle();
        cluster.crash(S4);
        cluster.restart(S4);
        assert_eq!((cluster.raft(S4).commit_index(), cluster.raft(S4).election_timer()), (0, None));
        cluster.campaign(S4);
        assert!(cluster.network.is_empty() && cluster.raft(S4).role() == Role::Follower);
        // An outgoing voter of the joint configuration does stand.
        cluster.elect(S3);
    }

    "diss. 4.2.2" "A server learns that it has no vote any more with the commit of its removal, however that comes."
    a_removal_is_committed_by_any_message {
        let removal = Configuration::new([S2, S3]);
        let entries: Entries<String> = [Entry { term: 1, payload: Payload::Configuration(removal.clone()) }].into_iter().collect();
        let appended = |commit| {
            let body = Body::AppendEntries { prev_log: EntryId::START, entries: entries.clone(), leader_commit: commit, round: 1 };
            Message { from: S2.into(), to: S1.into(), term: 1, body }
        };
        let snapshot = Snapshot::new(at(1, 1), removal, b"state"[..].into());
        let chunk = Chunk::of(&snapshot, 0, 99).into();
        let covered = Message { from: S2.into(), to: S1.into(), term: 1, body: Body::InstallSnapshot { chunk, round: 1 } };
        for message in [appended(1), covered] {
            let mut cluster = with_disk(1, &[]);
            cluster.step(S1, Input::Receive(appended(0)));
            assert!(cluster.raft(S1).election_timer().is_some(), "it may be needed");
            cluster.step(S1, Input::Receive(message));
            assert_eq!((cluster.raft(S1).commit_index(), cluster.raft(S1).election_timer()), (1, None));
        }
    }

    "diss. 4.2.2" "A leader that votes in no configuration that may be in force steps down, also where that is a joint one."
    a_leader_without_a_vote_leaves_the_joint_configuration_to_others {
        // Two changes at a time: by the rules a leader has a vote in the joint configuration.
        let rules = Rules::FIGURE_2.without(Rule::OneChangeAtATime);
        let mut cluster = Cluster::with(4, rules, Timing::default());
        cluster.elect(S1);
        change(&mut cluster, &[S2, S3, S4], &[], Way::Shortest);
        let index = change(&mut cluster, &[S2, S3], &[], Way::Joint);
        cluster.settle();
        let raft = cluster.raft(S1);
        assert_eq!((raft.role(), raft.last().index), (Role::Follower, index), "it doesn't end it");
        cluster.elect(S2);
        assert_eq!(MemberId::nodes(cluster.raft(S2).configuration().voters()), [S2, S3]);
        assert!(!cluster.raft(S2).configuration().is_joint());
    }

    "diss. 4.3" "While the configuration is joint, a read is confirmed by a majority of the old voters and one of the new."
    a_joint_read_needs_both_majorities {
        for apart in [[S2, S3], [S4, S5]] {
            let mut cluster = joint_by_all_rules();
            cluster.partition(&apart);
            cluster.step(S1, Input::Read { id: 1, level: ReadLevel::Linearizable });
            wait(&mut cluster);
            assert_eq!(cluster.reads, [], "without {apart:?}");
            cluster.cut.clear();
            wait(&mut cluster);
            let index = cluster.raft(S1).commit_index();
            assert_eq!(cluster.reads, [(S1, Read::Ready { id: 1, index })]);
        }
    }

    "diss. 4.3" "While the configuration is joint, a lease needs the answers of both majorities."
    a_joint_lease_needs_both_majorities {
        for apart in [[S2, S3], [S4, S5]] {
            let mut cluster = joint_by_all_rules();
            assert!(cluster.raft(S1).lease_until() > Some(cluster.now));
            cluster.partition(&apart);
            wait(&mut cluster);
            assert!(cluster.raft(S1).is_leader());
            assert!(cluster.raft(S1).lease_until() <= Some(cluster.now), "without {apart:?}");
        }
    }

    "diss. 4.3" "While the configuration is joint, a leader resigns if it hears no majority of either half."
    a_joint_leader_hears_both_majorities {
        for apart in [[S2, S3], [S4, S5]] {
            let mut cluster = joint_by_all_rules();
            wait(&mut cluster);
            assert!(cluster.raft(S1).is_leader());
            cluster.partition(&apart);
            wait(&mut cluster);
            wait(&mut cluster);
            assert_eq!(cluster.raft(S1).role(), Role::Follower, "without {apart:?}");
        }
    }

    "diss. 4.2.2" "A leader whose voters change looks at once whether it hears a quorum of the others."
    a_change_of_voters_is_a_change_of_the_quorum {
        let mut cluster = Cluster::with(3, Rules::ALL, Timing::default());
        cluster.elect(S1);
        cluster.partition(&[S3]);
        for _ in 0..10 {
            cluster.pass(Span::millis(50));
            cluster.settle();
        }
        assert!(cluster.raft(S1).is_leader(), "S2 is heard");
        change(&mut cluster, &[S1, S3], &[], Way::Shortest);
        cluster.pass(Span::ZERO);
        assert_eq!(cluster.raft(S1).role(), Role::Follower);
    }

    "diss. 3.10" "A leader that hands over begins no change of the members."
    nothing_is_changed_during_a_transfer {
        let mut cluster = led(3);
        cluster.crash(S2);
        cluster.step(S1, Input::Transfer(S2));
        let refused = cluster.change(S1, &[S1, S3], &[], Way::Shortest);
        assert_eq!(refused, Err(ChangeError::NotLeader { hint: Some(S2) }));
    }
}
