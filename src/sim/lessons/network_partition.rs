//! Lesson: two against three, two leaders, one quorum (section 5.3).
//!
//! PreVote and CheckQuorum are off: with them, the old leader would resign before anybody looks.

use super::super::{Action, Button, Event, EventKind, Prediction, Scenario, Simulation, Step};
use super::{
    copies, decision, every_map_says, is_answered, is_committed, leader_has_committed,
    newest_leader, oldest_leader, put_via, running, somebody_leads, task, two_leaders,
};
use crate::base::NodeId;
use crate::raft::{Raft, Trace};

pub(in crate::sim) fn scenario() -> Scenario {
    Scenario {
        id: "network-partition",
        title: "Old leader in the minority",
        summary: "The network splits 2 | 3 and both sides get writes. Two leaders, one quorum, and nothing that was promised is lost.",
        settings: super::as_in_figure_2(),
        seed: 7,
        steps: STEPS,
    }
}

/// The leader and one follower on one side, everybody else on the other.
fn split(simulation: &Simulation) -> Vec<Action> {
    let Some(leader) = newest_leader(simulation).map(Raft::id) else {
        return Vec::new();
    };
    let ids = || simulation.hosts().iter().map(|host| host.id());
    let companion = ids().find(|&id| id != leader);
    let (few, most): (Vec<NodeId>, Vec<NodeId>) =
        ids().partition(|&id| id == leader || Some(id) == companion);
    vec![Action::Partition {
        groups: vec![few, most],
    }]
}

/// The network is split, and a leader stands on the smaller side.
fn leader_is_in_the_minority(simulation: &Simulation, _: &Event) -> bool {
    let leader = oldest_leader(simulation).map(Raft::id);
    simulation
        .network()
        .partition()
        .zip(leader)
        .is_some_and(|(partition, leader)| {
            let side = partition
                .groups
                .iter()
                .find(|group| group.contains(&leader));
            side.is_some_and(|side| side.len() * 2 < simulation.hosts().len())
        })
}

static STEPS: &[Step] = &[
    Step {
        title: "Five servers, one leader",
        text: "Press play and let the cluster elect a leader. \
               Every write goes through it, and counts once three of the five hold it.",
        done: "The leader's first entry is committed. Remember its term: the number on its disc.",
        tasks: &[
            task("One server leads", "somebody-leads", somebody_leads),
            task(
                "Its first entry is committed",
                "the-noop-is-committed",
                leader_has_committed,
            ),
        ],
        prediction: None,
        button: None,
    },
    Step {
        title: "While all is well",
        text: "A client writes y = 5. The leader copies it to everybody, commits it, and everybody applies it.",
        done: "Five maps say y = 5. This is the last thing that all five agree on for a while.",
        tasks: &[
            task("y = 5 is committed", "y5-is-committed", |simulation, _| {
                is_committed(simulation, "y", "5")
            }),
            task(
                "All five maps show y = 5",
                "y5-is-everywhere",
                |simulation, _| every_map_says(simulation, "y", "5"),
            ),
        ],
        prediction: None,
        button: Some(Button {
            label: "Write y = 5",
            actions: |simulation| put_via(newest_leader(simulation), "y", "5", 0),
        }),
    },
    Step {
        title: "Cut the network 2 | 3",
        text: "A wall goes up: the leader and one follower on one side, three servers on the other. \
               Nobody has crashed, and nobody is told.",
        done: "The leader's messages to the other side die at the wall. It keeps leading: nothing it hears says otherwise.",
        tasks: &[task(
            "The leader is on the smaller side",
            "the-leader-is-in-the-minority",
            leader_is_in_the_minority,
        )],
        prediction: None,
        button: Some(Button {
            label: "Cut the network 2 | 3",
            actions: split,
        }),
    },
    Step {
        title: "The old leader still takes writes",
        text: "A client on its side writes y = 7. The leader can't know that it is cut off, so it appends the write and sends it out.",
        done: "Two of five hold y = 7: one short of a majority. The tile stays dashed, no map shows it, and the client waits.",
        tasks: &[
            task(
                "The old leader appends y = 7",
                "minority-leader-has-uncommitted-entry",
                |simulation, _| {
                    copies(simulation, "y", "7") >= 1 && !is_committed(simulation, "y", "7")
                },
            ),
            task(
                "Its follower takes it too",
                "y7-is-on-two",
                |simulation, _| copies(simulation, "y", "7") == 2,
            ),
        ],
        prediction: None,
        button: Some(Button {
            label: "Write y = 7 through the old leader",
            actions: |simulation| put_via(oldest_leader(simulation), "y", "7", 1),
        }),
    },
    Step {
        title: "The other side elects its own",
        text: "Three servers hear no heartbeat any more. A ring runs empty, and three votes are a majority.",
        done: "Two leaders at once, and no rule is broken: they lead different terms. There is at most one leader in a term.",
        tasks: &[
            task(
                "A server there moves to a higher term",
                "majority-campaigns",
                |simulation, _| {
                    let old = oldest_leader(simulation).map(|raft| raft.current_term());
                    running(simulation).map(|raft| raft.current_term()).max() > old
                },
            ),
            task(
                "Two leaders, in different terms",
                "two-leaders",
                |simulation, _| two_leaders(simulation).is_some(),
            ),
        ],
        prediction: None,
        button: None,
    },
    Step {
        title: "Two leaders, but only one can commit",
        text: "Another client writes y = 2 through the new leader. \
               It reaches three of five; the old one reaches two, itself included.",
        done: "y = 2 is committed and its client has the answer. y = 7 still waits on the other side of the wall.",
        tasks: &[
            task(
                "The new leader appends y = 2",
                "majority-leader-appends",
                |simulation, _| copies(simulation, "y", "2") >= 1,
            ),
            task("y = 2 is committed", "y2-is-committed", |simulation, _| {
                is_committed(simulation, "y", "2")
            }),
            task(
                "Its client has the answer",
                "y2-is-answered",
                |simulation, _| is_answered(simulation, "y", "2"),
            ),
        ],
        prediction: None,
        button: Some(Button {
            label: "Write y = 2 through the new leader",
            actions: |simulation| put_via(newest_leader(simulation), "y", "2", 0),
        }),
    },
    Step {
        title: "Which y survives?",
        text: "Both sides hold an entry that the other has never seen, at the same place of the log. \
               Say what you expect, then take the wall away.",
        done: "The old leader never heard that it was replaced. Now it does: one message with a higher term, and it steps down.",
        tasks: &[
            task("Heal the network", "the-network-heals", |_, event| {
                matches!(event.kind, EventKind::Acted(Action::Heal))
            }),
            task(
                "The old leader steps down",
                "the-old-leader-steps-down",
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
        ],
        prediction: Some(Prediction {
            question: "The wall goes. Which y will all five maps show?",
            choices: &[
                "7: it was written first",
                "2: it is on a majority",
                "Some 7, some 2",
            ],
            answer: 1,
            because: "y = 2 is committed, so every later leader holds it and followers take their leader's log. y = 7 was never committed, so it may go.",
        }),
        button: Some(Button {
            label: "Heal the network",
            actions: |_| vec![Action::Heal],
        }),
    },
    Step {
        title: "The tail is overwritten",
        text: "The new leader finds where the two logs part, and sends its own entries from there. \
               The conflicting tail is cut off, first on one server, then on the other.",
        done: "Five maps say y = 2. No map ever showed y = 7, and nobody was told that it had worked: nothing that was promised is lost.",
        tasks: &[
            task(
                "y = 7 is cut from both logs",
                "y7-is-gone",
                |simulation, _| copies(simulation, "y", "7") == 0,
            ),
            task(
                "All five maps show y = 2",
                "y2-is-everywhere",
                |simulation, _| every_map_says(simulation, "y", "2"),
            ),
        ],
        prediction: None,
        button: None,
    },
];
