//! What is known of a message under way, in the words of figures 2 and 13.

use super::describe::{Card, row};
use crate::sim::{MessageId, MessageKind};
use crate::view::ClusterView;
use crate::web::components::words::seconds;

/// The message of that number, as rows.
pub(super) fn message(id: MessageId, view: &ClusterView) -> Option<Card> {
    let m = view.messages.iter().find(|m| m.id == id)?;
    let terms: Vec<String> = m.entries.iter().map(u64::to_string).collect();
    let (title, refs, fields): (_, &'static [&'static str], _) = match m.kind {
        MessageKind::RequestVote { term } => (
            "RequestVote",
            &["5.2"],
            vec![row("term", term), row("candidateId", m.from)],
        ),
        MessageKind::RequestVoteReply { term, granted } => (
            "RequestVote, answer",
            &["5.2"],
            vec![row("term", term), row("voteGranted", granted)],
        ),
        MessageKind::RequestPreVote { term } => (
            "RequestPreVote",
            &["diss. 9.6"],
            vec![
                row("term", term),
                row("nextTerm", term + 1),
                row("candidateId", m.from),
            ],
        ),
        MessageKind::RequestPreVoteReply { term, granted } => (
            "RequestPreVote, answer",
            &["diss. 9.6"],
            vec![row("term", term), row("voteGranted", granted)],
        ),
        MessageKind::ReadIndex { term } => ("ReadIndex", &["diss. 6.4"], vec![row("term", term)]),
        MessageKind::ReadIndexReply { term, index } => (
            "ReadIndex, answer",
            &["diss. 6.4"],
            vec![row("term", term), row("readIndex", index)],
        ),
        MessageKind::TimeoutNow { term } => (
            "TimeoutNow",
            &["diss. 3.10"],
            vec![row("term", term), row("leaderId", m.from)],
        ),
        MessageKind::AppendEntries { term, first, last } => (
            "AppendEntries",
            &["5.3"],
            vec![
                row("term", term),
                row("leaderId", m.from),
                row("prevLogIndex", first.saturating_sub(1)),
                row(
                    "entries",
                    if first == last {
                        format!("{first}")
                    } else {
                        format!("{first} to {last}")
                    },
                ),
                row("of terms", terms.join(", ")),
            ],
        ),
        MessageKind::Heartbeat {
            term,
            leader_commit,
        } => (
            "AppendEntries, heartbeat",
            &["5.2"],
            vec![
                row("term", term),
                row("leaderId", m.from),
                row("entries", "none"),
                row("leaderCommit", leader_commit),
            ],
        ),
        MessageKind::AppendEntriesReply {
            term,
            success,
            index,
        } => (
            "AppendEntries, answer",
            &["5.3"],
            vec![
                row("term", term),
                row("success", success),
                row(if success { "agrees through" } else { "missing" }, index),
            ],
        ),
        MessageKind::InstallSnapshot {
            term,
            last,
            from,
            to,
            total,
        } => (
            "InstallSnapshot",
            &["7"],
            vec![
                row("term", term),
                row("leaderId", m.from),
                row("lastIncludedIndex", last),
                row("offset", from - 1),
                row("data", format!("{} bytes", to + 1 - from)),
                row("done", to == total),
            ],
        ),
        MessageKind::InstallSnapshotReply { term, last, bytes } => (
            "InstallSnapshot, answer",
            &["7"],
            vec![
                row("term", term),
                row("lastIncludedIndex", last),
                row("has", format!("{bytes} bytes")),
            ],
        ),
    };
    let mut way = vec![
        row("sent", format!("{} s", seconds(m.sent))),
        row("arrives", format!("{} s", seconds(m.due))),
        row("on the way", m.due.since(m.sent)),
    ];
    if m.delayed.0 > 0 {
        way.push(row("delayed by hand", m.delayed));
    }
    if m.copy {
        way.push(row("copy", "of another message"));
    }
    if m.doomed {
        way.push(row("fate", "will not be received"));
    }
    let card = Card {
        title: title.to_owned(),
        sub: format!("{} to {}", m.from, m.to),
        refs,
        ..Card::default()
    };
    Some(card.section("Fields", fields).section("Journey", way))
}
