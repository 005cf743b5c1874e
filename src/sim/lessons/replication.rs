//! Lesson: a write, and a follower that misses some (section 5.3).

use super::super::{Action, Button, Prediction, Scenario, Step};
use super::{
    a_follower, copies, decision, every_map_says, is_answered, is_committed, leader_has_committed,
    newest_leader, put_via, restart_all, somebody_crashed, somebody_leads, somebody_restarted,
    task,
};
use crate::raft::{Raft, Trace};

pub(in crate::sim) fn scenario() -> Scenario {
    Scenario {
        id: "replication",
        title: "One write, five copies",
        summary: "A client writes and the leader replicates. A follower crashes, comes back and catches up.",
        settings: super::as_in_figure_2(),
        seed: 11,
        steps: STEPS,
    }
}

static STEPS: &[Step] = &[
    Step {
        title: "First, a leader",
        text: "All writes go through one server, so the cluster elects it first. \
               A new leader begins with an empty entry, ∅: once that is committed, it knows where the log stands.",
        done: "Entry #1 is on a majority and solid. The cluster is ready to take writes.",
        tasks: &[
            task("One server leads", "somebody-leads", somebody_leads),
            task(
                "Its empty entry is committed",
                "the-noop-is-committed",
                leader_has_committed,
            ),
        ],
        prediction: None,
        button: None,
    },
    Step {
        title: "A client writes x = 1",
        text: "The leader appends the write to its own log and sends it to the four others. \
               The tile stays dashed until a majority has it on disk.",
        done: "Three copies on disk and the entry is committed: no later leader can lack it. Only then was the client told.",
        tasks: &[
            task(
                "The leader appends it",
                "x1-is-appended",
                |simulation, _| copies(simulation, "x", "1") >= 1,
            ),
            task(
                "A majority holds it: committed",
                "x1-is-committed",
                |simulation, _| is_committed(simulation, "x", "1"),
            ),
            task(
                "The client has its answer",
                "x1-is-answered",
                |simulation, _| is_answered(simulation, "x", "1"),
            ),
        ],
        prediction: None,
        button: Some(Button {
            label: "Write x = 1",
            actions: |simulation| put_via(newest_leader(simulation), "x", "1", 0),
        }),
    },
    Step {
        title: "Every map follows",
        text: "Followers learn from the leader's next message how far the log is committed. \
               Each applies those entries to its own map, in the order of the log.",
        done: "Five maps say x = 1. They agree because they applied the same entries in the same order.",
        tasks: &[task(
            "All five maps show x = 1",
            "x1-is-everywhere",
            |simulation, _| every_map_says(simulation, "x", "1"),
        )],
        prediction: None,
        button: None,
    },
    Step {
        title: "A follower crashes",
        text: "Its memory is gone: the map, and what it knew of the others. \
               Its disk keeps the term, the vote and the log.",
        done: "The leader doesn't know. It goes on sending to a server that isn't there.",
        tasks: &[task(
            "Crash a follower",
            "a-follower-crashes",
            somebody_crashed,
        )],
        prediction: None,
        button: Some(Button {
            label: "Crash a follower",
            actions: |simulation| {
                let node = a_follower(simulation);
                node.map(|node| Action::Crash { node })
                    .into_iter()
                    .collect()
            },
        }),
    },
    Step {
        title: "The others go on",
        text: "Four of five are left. The leader takes two more writes, x = 2 and y = 3.",
        done: "Three copies were enough; nobody waited for the fifth. Five servers can lose two and still write.",
        tasks: &[
            task("x = 2 is committed", "x2-is-committed", |simulation, _| {
                is_committed(simulation, "x", "2")
            }),
            task("y = 3 is committed", "y3-is-committed", |simulation, _| {
                is_committed(simulation, "y", "3")
            }),
            task(
                "Both clients have their answers",
                "both-are-answered",
                |simulation, _| {
                    is_answered(simulation, "x", "2") && is_answered(simulation, "y", "3")
                },
            ),
        ],
        prediction: Some(Prediction {
            question: "One of five servers is down. Can a write be committed now?",
            choices: &[
                "No: all five have to hold it",
                "Yes: three of the five are enough",
                "Yes, but only until the server is back",
            ],
            answer: 1,
            because: "Any two majorities of five share a server. Whoever leads next needs votes from a majority, so it meets somebody who holds the entry.",
        }),
        button: Some(Button {
            label: "Write x = 2 and y = 3",
            actions: |simulation| {
                let mut actions = put_via(newest_leader(simulation), "x", "2", 0);
                actions.extend(put_via(newest_leader(simulation), "y", "3", 0));
                actions
            },
        }),
    },
    Step {
        title: "It comes back",
        text: "It starts with the log on its disk and an empty map. \
               The leader finds the place where the two logs agree, and sends what follows.",
        done: "It holds every entry again. What it had on disk was right, only short.",
        tasks: &[
            task("Restart it", "it-restarts", somebody_restarted),
            task(
                "It takes the entries that it missed",
                "it-takes-entries",
                |_, event| matches!(decision(event), Some((_, Trace::Stored { .. }))),
            ),
            task(
                "All five logs are the same",
                "logs-are-the-same",
                |simulation, _| {
                    let last = newest_leader(simulation).map(Raft::last);
                    let mut hosts = simulation.hosts().iter();
                    last.is_some() && hosts.all(|host| host.raft().map(Raft::last) == last)
                },
            ),
        ],
        prediction: None,
        button: Some(Button {
            label: "Restart it",
            actions: restart_all,
        }),
    },
    Step {
        title: "The map is made of the log",
        text: "The crash took the map, but a map is nothing more than the log, applied. \
               The server runs through its entries again, from #1 to the commit index.",
        done: "Five maps say x = 2 and y = 3. Nothing that a client was told has been lost.",
        tasks: &[task(
            "All five maps agree",
            "maps-agree",
            |simulation, _| {
                every_map_says(simulation, "x", "2") && every_map_says(simulation, "y", "3")
            },
        )],
        prediction: None,
        button: None,
    },
];
