//! Section 10.2 of the dissertation: what makes it fast, and why it stays right.

use super::*;

paper! {
    "diss. 10.2.1" "A leader sends entries while its own disk still writes them, and may commit them before it has."
    a_leader_writes_and_sends_at_once {
        let mut cluster = led(3);
        cluster.propose(S1, "x");
        assert_eq!((to_s2(&cluster), cluster.machine(S1).pending.len()), (vec![1], 1));
        (0..2).for_each(|_| cluster.deliver(0));
        for id in [S2, S3] {
            while cluster.sync(id) {}
        }
        (0..2).for_each(|_| cluster.deliver(0));
        let raft = cluster.raft(S1);
        assert_eq!((raft.commit_index(), raft.durable_index()), (2, 1));
    }

    "diss. 10.2.2" "Commands that come together travel together, and are one write."
    commands_are_batched {
        let mut cluster = led(3);
        let mut commands = ["a", "b", "c"].map(str::to_owned).to_vec();
        cluster.step(S1, Input::Propose(&mut commands));
        assert_eq!((to_s2(&cluster), cluster.machine(S1).pending.len()), (vec![3], 1));
    }

    "diss. 10.2.2" "The next entries go out before the last ones are answered."
    messages_are_pipelined {
        let mut cluster = led(3);
        for command in ["a", "b", "c"] {
            cluster.propose(S1, command);
        }
        assert_eq!(to_s2(&cluster), [1, 1, 1]);
        assert_eq!(cluster.raft(S1).peers()[0].in_flight(), 3);
    }

    "diss. 10.2.2" "A follower whose logs may differ gets one message at a time, until it is known where they agree."
    a_probe_waits_for_its_answer {
        let mut cluster = with_disk(1, &[1]);
        cluster.campaign(S1);
        cluster.sync(S1);
        let yes = Message { from: S2.into(), to: S1.into(), term: 2, body: Body::RequestVoteReply { granted: true } };
        cluster.step(S1, Input::Receive(yes));
        for command in ["a", "b"] {
            cluster.propose(S1, command);
        }
        assert_eq!(to_s2(&cluster), [1]);
    }
}
