//! Lesson: one timer runs out first (section 5.2).

use super::super::{Action, Button, Prediction, Scenario, Step};
use super::{
    a_follower, a_timer_ran_out, all_follow_one, decision, newest_leader, restart_all, running,
    somebody_crashed, somebody_leads, somebody_restarted, task,
};
use crate::raft::{Cause, Raft, Trace};

pub(in crate::sim) fn scenario() -> Scenario {
    Scenario {
        id: "first-election",
        title: "The first election",
        summary: "Five servers wake up without a leader. Chance decides who asks first, a majority decides who leads.",
        settings: super::as_in_figure_2(),
        seed: 3,
        steps: STEPS,
    }
}

static STEPS: &[Step] = &[
    Step {
        title: "Five servers, and nobody leads",
        text: "Each ring is a timer, set to a random time between 150 and 300 ms. \
               A server that hears no leader before its ring is empty asks to lead.",
        done: "One ring emptied first. Its server moved on to the next term and asks the others for their votes.",
        tasks: &[task(
            "A timer runs out",
            "a-timer-runs-out",
            a_timer_ran_out,
        )],
        prediction: None,
        button: None,
    },
    Step {
        title: "A majority makes a leader",
        text: "A server votes once in a term, for the first candidate that asks and whose log isn't behind its own. \
               Three of five votes are enough, and two candidates can't both have three.",
        done: "Three votes are a majority of five. A second leader in this term would need three as well, and only two are left.",
        tasks: &[
            task(
                "Another server gives its vote",
                "a-vote-is-given",
                |_, event| matches!(decision(event), Some((node, Trace::VoteGranted { to, .. })) if to != node),
            ),
            task("One server leads", "somebody-leads", somebody_leads),
        ],
        prediction: None,
        button: None,
    },
    Step {
        title: "Heartbeats keep the others calm",
        text: "The leader sends a message to everybody every 50 ms, even when there is nothing to say. \
               Each one fills the follower's ring again.",
        done: "Everybody follows. As long as heartbeats arrive in time, no ring empties and nobody else asks for votes.",
        tasks: &[task(
            "All five follow the leader",
            "all-follow",
            all_follow_one,
        )],
        prediction: None,
        button: None,
    },
    Step {
        title: "The leader dies",
        text: "A crashed server sends nothing, and nobody announces its death. \
               The other four only notice that it is quiet.",
        done: "Silence was enough. A ring emptied, and the next term has a leader of its own.",
        tasks: &[
            task("Crash the leader", "the-leader-crashes", somebody_crashed),
            task(
                "A follower's timer runs out",
                "a-timer-runs-out-again",
                a_timer_ran_out,
            ),
            task(
                "A new leader, in a higher term",
                "a-new-leader",
                somebody_leads,
            ),
        ],
        prediction: Some(Prediction {
            question: "Four servers are left. How many votes does the next leader need?",
            choices: &[
                "2: half of the four",
                "3: a majority of all five",
                "4: everybody who is left",
            ],
            answer: 1,
            because: "A majority is counted over the whole cluster, dead or alive. Otherwise two halves that can't hear each other could both elect a leader.",
        }),
        button: Some(Button {
            label: "Crash the leader",
            actions: |simulation| {
                let leader = newest_leader(simulation).map(Raft::id);
                leader
                    .map(|node| Action::Crash { node })
                    .into_iter()
                    .collect()
            },
        }),
    },
    Step {
        title: "The old leader comes back",
        text: "It finds its term, its vote and its log on its disk. \
               It doesn't know that it was replaced: it starts as a follower and listens.",
        done: "It heard of the newer term and follows. Nobody had to tell it to resign.",
        tasks: &[
            task("Restart it", "it-restarts", somebody_restarted),
            task(
                "All five follow one leader again",
                "all-follow-again",
                all_follow_one,
            ),
        ],
        prediction: None,
        button: Some(Button {
            label: "Restart it",
            actions: restart_all,
        }),
    },
    Step {
        title: "A higher term always wins",
        text: "Terms are the cluster's clock. A follower whose timer runs out now stands for election in the next term, \
               though the leader is well.",
        done: "The leader heard of a newer term and stepped down at once. That is why a single server with a bad link can be a nuisance.",
        tasks: &[
            task(
                "A follower stands against the leader",
                "a-follower-stands",
                |_, event| {
                    matches!(
                        decision(event),
                        Some((
                            _,
                            Trace::ElectionStarted {
                                why: Cause::Told,
                                ..
                            }
                        ))
                    )
                },
            ),
            task(
                "The leader steps down",
                "the-leader-steps-down",
                |_, event| {
                    matches!(
                        decision(event),
                        Some((
                            _,
                            Trace::SteppedDown {
                                was_leader: true,
                                ..
                            }
                        ))
                    )
                },
            ),
            task(
                "The next term has a leader",
                "the-next-leader",
                |simulation, _| {
                    let newest = running(simulation).map(|raft| raft.current_term()).max();
                    newest_leader(simulation).map(|raft| raft.current_term()) == newest
                },
            ),
        ],
        prediction: None,
        button: Some(Button {
            label: "Let a follower's timer run out",
            actions: |simulation| {
                let node = a_follower(simulation);
                node.map(|node| Action::TimeOut { node })
                    .into_iter()
                    .collect()
            },
        }),
    },
];
