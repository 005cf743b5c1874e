//! Reads and leases: 6.4 and 6.4.1 of the dissertation.

use super::*;
use kvorum::base::Ratio;
use kvorum::raft::Read;

/// S1 leads term 1 under all rules, everything settled.
fn led(timing: Timing) -> Cluster {
    let mut cluster = Cluster::with(3, Rules::ALL, timing);
    cluster.elect(S1);
    cluster.traces.clear();
    cluster
}

fn read(cluster: &mut Cluster, server: kvorum::base::NodeId, level: ReadLevel) {
    cluster.step(server, Input::Read { id: 1, level });
}

/// The index of the read that was answered, if one was; the answers are forgotten.
fn answered(cluster: &mut Cluster) -> Option<Index> {
    cluster.reads.drain(..).find_map(|(_, read)| match read {
        Read::Ready { index, .. } => Some(index),
        Read::NotLeader { .. } => None,
    })
}

/// What the receiver says to a message.
fn answer_of(cluster: &mut Cluster, message: Message<String>) -> Message<String> {
    let server = message.to;
    cluster.step(server.node(), Input::Receive(message));
    while cluster.sync(server.node()) {}
    cluster.network.pop().expect("an answer")
}

paper! {
    "diss. 6.4" "A leader answers no read before it has committed an entry of its own term."
    a_new_leader_waits_for_its_noop {
        let mut cluster = Cluster::with(3, Rules::ALL, Timing::default());
        cluster.campaign(S1);
        while !cluster.raft(S1).is_leader() {
            if !cluster.ids().any(|id| cluster.sync(id)) {
                cluster.deliver(0);
            }
        }
        for level in [ReadLevel::Linearizable, ReadLevel::Lease] {
            read(&mut cluster, S1, level);
        }
        assert_eq!(answered(&mut cluster), None);
        cluster.settle();
        assert_eq!(answered(&mut cluster), Some(1));
    }

    "diss. 6.4" "A round that began before the read doesn't confirm it."
    a_read_needs_a_round_of_its_own {
        let mut cluster = led(Timing::default());
        cluster.pass(Span::millis(50));
        read(&mut cluster, S1, ReadLevel::Linearizable);
        let old = |m: &Message<String>| matches!(m.body, Body::AppendEntries { round: 2, .. });
        let early: Vec<_> = cluster.network.extract_if(.., |m| old(m)).collect();
        let later = std::mem::replace(&mut cluster.network, early);
        cluster.settle();
        assert_eq!(answered(&mut cluster), None);
        cluster.network = later;
        cluster.settle();
        assert_eq!(answered(&mut cluster), Some(1));
    }

    "diss. 6.4" "An answer to a request of an older term is none to a round of this one, whatever its number."
    an_answer_of_another_term_confirms_nothing {
        let off = [Rule::PreVote, Rule::LeaderStickiness, Rule::CheckQuorum];
        let rules = off.into_iter().fold(Rules::ALL, Rules::without);
        let mut cluster = Cluster::with(3, rules, Timing::default());
        cluster.elect(S1);
        for _ in 0..5 {
            cluster.pass(Span::millis(50));
            cluster.settle();
        }
        // A heartbeat of the first leadership comes in the second, and its answer late in that.
        cluster.pass(Span::millis(50));
        let at = cluster.network.iter().position(|m| m.to == S3.into()).expect("a heartbeat");
        let heartbeat = cluster.network.remove(at);
        cluster.settle();
        cluster.elect(S2);
        cluster.elect(S1);
        let refusal = answer_of(&mut cluster, heartbeat);
        assert_eq!((refusal.to.node(), refusal.term), (S1, 3));
        cluster.partition(&[S1]);
        cluster.elect(S3);
        cluster.propose(S3, "x");
        cluster.settle();
        read(&mut cluster, S1, ReadLevel::Linearizable);
        cluster.step(S1, Input::Receive(refusal));
        cluster.settle();
        assert_eq!(answered(&mut cluster), None);
    }

    "diss. 6.4" "Reads that wait share a round; a follower's reads share a message."
    reads_are_batched {
        let mut cluster = led(Timing::default());
        for id in 1..=100 {
            cluster.step(S1, Input::Read { id, level: ReadLevel::Linearizable });
            cluster.step(S2, Input::Read { id, level: ReadLevel::Linearizable });
        }
        let asks = |m: &&Message<String>| matches!(m.body, Body::ReadIndex { .. });
        assert_eq!(cluster.network.iter().filter(asks).count(), 1);
        cluster.settle();
        assert_eq!(cluster.reads.len(), 200);
        let batches = |t: &(_, Trace)| matches!(t.1, Trace::ReadsForwarded { .. });
        assert_eq!(cluster.traces.iter().filter(|t| batches(t)).count(), 2, "1 and 99");
    }

    "diss. 6.4" "A follower answers once it has applied as much as the leader had committed."
    a_follower_catches_up_before_it_answers {
        let mut cluster = led(Timing::default());
        cluster.cut.insert((S1, S3));
        cluster.propose(S1, "x");
        cluster.settle();
        cluster.cut.clear();
        read(&mut cluster, S3, ReadLevel::Linearizable);
        cluster.settle();
        assert_eq!((cluster.raft(S3).commit_index(), answered(&mut cluster)), (1, None));
        cluster.pass(Span::millis(60));
        cluster.settle();
        assert_eq!((cluster.raft(S3).commit_index(), answered(&mut cluster)), (2, Some(2)));
    }

    "diss. 6.4" "A request that got lost is repeated, and an old answer is no answer to a new one."
    a_lost_batch_is_sent_again {
        let mut cluster = led(Timing::default());
        read(&mut cluster, S3, ReadLevel::Linearizable);
        cluster.network.clear();
        for _ in 0..3 {
            cluster.pass(Span::millis(50));
            cluster.settle();
        }
        assert_eq!(answered(&mut cluster), Some(1));
        // An answer from before a restart: the server asks under another number now.
        cluster.crash(S3);
        cluster.restart(S3);
        cluster.pass(Span::millis(50));
        cluster.settle();
        read(&mut cluster, S3, ReadLevel::Linearizable);
        let (from, to, term, body) = (S1, S3, 1, Body::ReadIndexReply { batch: 1, index: 0 });
        cluster.step(S3, Input::Receive(Message { from: from.into(), to: to.into(), term, body }));
        assert_eq!(answered(&mut cluster), None);
        cluster.settle();
        assert_eq!(answered(&mut cluster), Some(1));
    }

    "diss. 6.4.1" "A lease runs from the sending of a round that a majority answered, for the election timeout less the drift."
    a_lease_has_an_end {
        for (percent, lease) in [(0, 150_000), (1, 147_029), (20, 100_000), (50, 50_000)] {
            let clock_drift = Ratio::percent(percent);
            let mut cluster = led(Timing { clock_drift, ..Timing::default() });
            let sent = cluster.now + Span::millis(50);
            cluster.pass(Span::millis(50));
            cluster.now += Span::millis(30);
            cluster.settle();
            let until = sent + Span(lease);
            assert_eq!(cluster.raft(S1).lease_until(), Some(until), "{percent} %");
            for (now, answers) in [(Time(until.0 - 1), true), (until, false)] {
                cluster.now = now;
                read(&mut cluster, S1, ReadLevel::Lease);
                assert_eq!(answered(&mut cluster).is_some(), answers, "{percent} % at {now}");
            }
        }
    }

    "diss. 6.4.1" "One answer of two followers renews it, none doesn't; only the leader has one."
    a_lease_needs_a_majority {
        let mut cluster = led(Timing::default());
        let before = cluster.raft(S1).lease_until();
        cluster.partition(&[S1]);
        cluster.pass(Span::millis(50));
        cluster.settle();
        assert_eq!(cluster.raft(S1).lease_until(), before);
        cluster.cut.clear();
        cluster.crash(S3);
        cluster.pass(Span::millis(50));
        cluster.settle();
        assert!(cluster.raft(S1).lease_until() > before);
        assert_eq!(cluster.raft(S2).lease_until(), None);
        read(&mut cluster, S2, ReadLevel::Lease);
        let hint = Some(S1);
        assert!(matches!(cluster.reads[..], [(S2, Read::NotLeader { id: 1, hint: h })] if h == hint));
    }

    "diss. 6.4.1" "A server that has just started votes for nobody for one election timeout, unless it has seen no term."
    a_restarted_voter_waits {
        let mut cluster = led(Timing::default());
        cluster.crash(S1);
        cluster.crash(S2);
        cluster.restart(S2);
        cluster.now += Span::millis(149);
        cluster.campaign(S3);
        cluster.settle();
        assert_eq!(cluster.raft(S3).role(), Role::PreCandidate);
        cluster.now += Span::millis(1);
        cluster.elect(S3);
    }

    "diss. 6.4.1" "A clock that goes back takes nothing along but the lease: timers keep their distance."
    a_clock_may_go_back {
        let mut cluster = led(Timing::default());
        cluster.pass(Span::millis(100));
        cluster.settle();
        let timer = |cluster: &Cluster| cluster.raft(S2).election_timer().expect("it follows");
        let (left, due) = (timer(&cluster).due.since(cluster.now), cluster.raft(S1).wake().0);
        cluster.now -= Span::millis(70);
        cluster.step(S1, Input::Read { id: 1, level: ReadLevel::Lease });
        cluster.step(S2, Input::Wake);
        assert_eq!(answered(&mut cluster), None);
        assert_eq!(timer(&cluster).due.since(cluster.now), left);
        // The next heartbeat keeps its distance too.
        assert_eq!((cluster.raft(S1).wake().0, due), (cluster.now + Span::millis(50), Time::from_millis(150)));
        cluster.settle();
        assert!(cluster.raft(S1).lease_until() > Some(cluster.now));
    }
}
