//! What is known of a message under way, in the words of figures 2 and 13.

use super::describe::{Card, Row, row};
use crate::sim::{MessageId, MessageKind};
use crate::view::words::key;
use crate::view::{ClusterView, MessageView};
use crate::web::components::words::seconds;
use crate::web::language::{Words, t};

/// The title of a card, the sections that it refers to, and its fields.
type Known = (String, &'static [&'static str], Vec<Row>);

/// The message of that number, as rows.
pub(super) fn message(words: &Words, id: MessageId, view: &ClusterView) -> Option<Card> {
    let m = view.messages.iter().find(|m| m.id == id)?;
    let (title, refs, fields) = match m.kind {
        MessageKind::AppendEntries { .. }
        | MessageKind::Heartbeat { .. }
        | MessageKind::AppendEntriesReply { .. } => append_entries(words, m),
        MessageKind::InstallSnapshot { .. } | MessageKind::InstallSnapshotReply { .. } => {
            install_snapshot(words, m)
        }
        MessageKind::RequestVote { .. }
        | MessageKind::RequestVoteReply { .. }
        | MessageKind::RequestPreVote { .. }
        | MessageKind::RequestPreVoteReply { .. }
        | MessageKind::ReadIndex { .. }
        | MessageKind::ReadIndexReply { .. }
        | MessageKind::TimeoutNow { .. } => without_entries(words, m),
    };
    let card = Card {
        title,
        sub: t!(words, "menu.from-to", from = m.from, to = m.to),
        refs,
        ..Card::default()
    };
    Some(
        card.section(key!("inspect.fields"), fields)
            .section(key!("inspect.journey"), journey(words, m)),
    )
}

/// Votes, reads and the handing over: a term and a little more.
fn without_entries(words: &Words, m: &MessageView) -> Known {
    let answer = |kind: &str| t!(words, "inspect.answer", kind);
    let (title, refs, term, more): (_, &'static [&'static str], _, _) = match m.kind {
        MessageKind::RequestVote { term } => (
            "RequestVote".to_owned(),
            &["5.2"],
            term,
            vec![row("candidateId", m.from)],
        ),
        MessageKind::RequestVoteReply { term, granted } => (
            answer("RequestVote"),
            &["5.2"],
            term,
            vec![row("voteGranted", granted)],
        ),
        MessageKind::RequestPreVote { term } => (
            "RequestPreVote".to_owned(),
            &["diss. 9.6"],
            term,
            vec![row("nextTerm", term + 1), row("candidateId", m.from)],
        ),
        MessageKind::RequestPreVoteReply { term, granted } => (
            answer("RequestPreVote"),
            &["diss. 9.6"],
            term,
            vec![row("voteGranted", granted)],
        ),
        MessageKind::ReadIndex { term } => {
            ("ReadIndex".to_owned(), &["diss. 6.4"], term, Vec::new())
        }
        MessageKind::ReadIndexReply { term, index } => (
            answer("ReadIndex"),
            &["diss. 6.4"],
            term,
            vec![row("readIndex", index)],
        ),
        MessageKind::TimeoutNow { term } => (
            "TimeoutNow".to_owned(),
            &["diss. 3.10"],
            term,
            vec![row("leaderId", m.from)],
        ),
        _ => return Known::default(),
    };
    let fields = [vec![row("term", term)], more].concat();
    (title, refs, fields)
}

fn append_entries(words: &Words, m: &MessageView) -> Known {
    let (title, refs, fields): (_, &'static [&'static str], _) = match m.kind {
        MessageKind::AppendEntries { term, first, last } => (
            "AppendEntries".to_owned(),
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
                        t!(words, "inspect.entries-from-to", first, last)
                    },
                ),
                row(t!(words, "inspect.of-terms"), terms(m)),
            ],
        ),
        MessageKind::Heartbeat {
            term,
            leader_commit,
        } => (
            t!(words, "inspect.heartbeat"),
            &["5.2"],
            vec![
                row("term", term),
                row("leaderId", m.from),
                row("entries", t!(words, "inspect.none")),
                row("leaderCommit", leader_commit),
            ],
        ),
        MessageKind::AppendEntriesReply {
            term,
            success,
            index,
        } => (
            t!(words, "inspect.answer", kind = "AppendEntries"),
            &["5.3"],
            vec![
                row("term", term),
                row("success", success),
                row(
                    match success {
                        true => t!(words, "inspect.agrees-through"),
                        false => t!(words, "inspect.missing"),
                    },
                    index,
                ),
            ],
        ),
        _ => return Known::default(),
    };
    (title, refs, fields)
}

fn install_snapshot(words: &Words, m: &MessageView) -> Known {
    let (title, fields) = match m.kind {
        MessageKind::InstallSnapshot {
            term,
            last,
            from,
            to,
            total,
        } => (
            "InstallSnapshot".to_owned(),
            vec![
                row("term", term),
                row("leaderId", m.from),
                row("lastIncludedIndex", last),
                row("offset", from - 1),
                row("data", t!(words, "inspect.bytes", n = to + 1 - from)),
                row("done", to == total),
            ],
        ),
        MessageKind::InstallSnapshotReply { term, last, bytes } => (
            t!(words, "inspect.answer", kind = "InstallSnapshot"),
            vec![
                row("term", term),
                row("lastIncludedIndex", last),
                row(
                    t!(words, "inspect.has"),
                    t!(words, "inspect.bytes", n = bytes),
                ),
            ],
        ),
        _ => return Known::default(),
    };
    (title, &["7"], fields)
}

/// The terms of its entries, as a list.
fn terms(m: &MessageView) -> String {
    let terms: Vec<String> = m.entries.iter().map(u64::to_string).collect();
    terms.join(", ")
}

/// When it was sent, when it arrives, and what became of it on the way.
fn journey(words: &Words, m: &MessageView) -> Vec<Row> {
    let mut way = vec![
        row(t!(words, "inspect.sent"), format!("{} s", seconds(m.sent))),
        row(
            t!(words, "inspect.arrives"),
            format!("{} s", seconds(m.due)),
        ),
        row(t!(words, "inspect.on-the-way"), m.due.since(m.sent)),
    ];
    if m.delayed.0 > 0 {
        way.push(row(t!(words, "inspect.delayed"), m.delayed));
    }
    if m.copy {
        way.push(row(t!(words, "inspect.copy"), t!(words, "inspect.copy-of")));
    }
    if m.doomed {
        way.push(row(
            t!(words, "inspect.fate"),
            t!(words, "inspect.not-received"),
        ));
    }
    way
}
