//! What happened in the run that the components are shown, as the feed tells it.

use crate::fixture::at;
use kvorum::base::{GroupId, NodeId};
use kvorum::raft::{CampaignReason, EntryId, Index, Term, Trace};
use kvorum::sim::{Action, EventKind, Loss, MessageKind, PacketKind};
use kvorum::view::*;
use std::rc::Rc;

fn server(id: u32, term: Term, leader: bool) -> Arg {
    Arg::Node {
        id: NodeId(id),
        term,
        leader,
    }
}

fn tile(index: Index, term: Term, label: &str, committed: bool) -> Arg {
    Arg::Entry {
        index,
        term,
        label: label.into(),
        committed,
    }
}

/// A text of the catalogue with these things in its gaps.
fn telling<const N: usize>(key: &'static str, args: [(&'static str, Arg); N]) -> Telling {
    args.into_iter()
        .fold(Telling::new(key), |it, (name, arg)| it.with(name, arg))
}

fn lost(to: u32) -> EventKind {
    EventKind::Lost {
        message: 60 + u64::from(to),
        from: NodeId(1).into(),
        to: NodeId(to).into(),
        kind: PacketKind::Message {
            group: GroupId::FIRST,
            kind: MessageKind::AppendEntries {
                term: 3,
                first: 8,
                last: 9,
            },
        },
        why: Loss::Partition,
    }
}

fn traced(node: u32, trace: Trace) -> EventKind {
    EventKind::Traced {
        node: NodeId(node),
        group: GroupId::FIRST,
        trace,
    }
}

/// The told events, oldest first.
pub fn told() -> Vec<Rc<Told>> {
    let mut told = Vec::new();
    let mut tell = |ms, kind, glyph, refs, key, telling| {
        told.push(Rc::new(Told {
            seq: told.len() as u64,
            at: at(ms),
            cause: None,
            kind,
            telling,
            glyph,
            refs,
            mark: key,
            key,
        }));
    };
    let groups = vec![
        vec![NodeId(1), NodeId(2)],
        vec![NodeId(3), NodeId(4), NodeId(5)],
    ];
    let last = EntryId { index: 7, term: 3 };
    let committed = |from, to| {
        traced(
            4,
            Trace::Committed {
                from,
                to,
                as_leader: true,
            },
        )
    };
    let appended = |node, index, term| {
        traced(
            node,
            Trace::Appended {
                first: index,
                last: index,
                term,
                noop: false,
            },
        )
    };
    tell(
        2400,
        EventKind::Acted(Action::partition(groups)),
        Glyph::Wall,
        &[],
        true,
        telling(
            "action.partition",
            [
                ("sizes", "2 | 3".into()),
                (
                    "sides",
                    Arg::Sides(vec!["S1 and S2".into(), "S3, S4 and S5".into()]),
                ),
            ],
        ),
    );
    tell(
        2455,
        appended(1, 8, 3),
        Glyph::Append,
        &["5.3"],
        false,
        telling(
            "log.appended-client",
            [
                ("node", server(1, 3, true)),
                ("entries", tile(8, 3, "y←7", false)),
                ("client", "c1".into()),
            ],
        ),
    );
    tell(
        2552,
        traced(
            4,
            Trace::ElectionStarted {
                term: 4,
                last,
                why: CampaignReason::TimedOut,
            },
        ),
        Glyph::Timer,
        &["5.2"],
        true,
        telling(
            "vote.started",
            [
                (
                    "why",
                    telling("vote.timed-out", [("node", "S4".into())]).into(),
                ),
                ("term", 4_u64.into()),
            ],
        ),
    );
    tell(
        2590,
        traced(
            4,
            Trace::BecameLeader {
                term: 4,
                last,
                votes: 3,
            },
        ),
        Glyph::Crown,
        &["5.2"],
        true,
        telling(
            "vote.elected",
            [
                ("node", server(4, 4, true)),
                ("term", 4_u64.into()),
                ("by", "with 3 of 5 votes".into()),
                ("voters", "S3, S4 and S5".into()),
            ],
        ),
    );
    tell(
        2628,
        committed(7, 8),
        Glyph::Commit,
        &["5.4.2", "8"],
        true,
        telling("log.committed-noop", [("entries", tile(8, 4, "∅", true))]),
    );
    tell(
        2679,
        committed(8, 9),
        Glyph::Commit,
        &["5.3", "5.4.2"],
        true,
        telling(
            "log.committed",
            [
                ("entries", tile(9, 4, "y←2", true)),
                ("holders", "S3, S4 and S5".into()),
                ("node", server(4, 4, true)),
                ("count", 1_u64.into()),
            ],
        ),
    );
    tell(
        2684,
        appended(4, 10, 4),
        Glyph::Append,
        &["5.3"],
        false,
        telling(
            "log.appended-client",
            [
                ("node", server(4, 4, true)),
                ("entries", tile(10, 4, "w←3", false)),
                ("client", "c4".into()),
            ],
        ),
    );
    tell(
        2699,
        appended(1, 9, 3),
        Glyph::Append,
        &["5.3"],
        false,
        telling(
            "log.appended-client",
            [
                ("node", server(1, 3, true)),
                ("entries", tile(9, 3, "del x", false)),
                ("client", "c3".into()),
            ],
        ),
    );
    let matched = Trace::Matched {
        peer: NodeId(3),
        match_index: 10,
    };
    tell(
        2706,
        traced(4, matched),
        Glyph::Stored,
        &["5.3"],
        false,
        telling(
            "log.matched",
            [
                ("node", server(4, 4, true)),
                ("peer", "S3".into()),
                ("entry", tile(10, 4, "w←3", false)),
                ("copies", Arg::Nothing),
            ],
        ),
    );
    for _ in 0..3 {
        tell(
            2707,
            lost(4),
            Glyph::Lost,
            &["5.3"],
            false,
            telling(
                "net.lost-wall",
                [
                    ("message", "AppendEntries".into()),
                    ("from", server(1, 3, true)),
                    ("to", server(4, 4, true)),
                ],
            ),
        );
    }
    told
}
