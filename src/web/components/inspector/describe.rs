//! What is known of a thing, as plain rows.

use super::around::{client, link, wall};
use super::message::message;
use crate::base::Time;
use crate::kv::Operation;
use crate::raft::{Index, Role, Rule, Term, Trace};
use crate::sim::EventKind;
use crate::view::words::{key, tell};
use crate::view::{ClusterView, EntryView, NodeView, PeerView, Power, Segment, label, reason};
use crate::web::components::logs::{copies, entry};
use crate::web::components::words::{clip, role_mark, seconds};
use crate::web::language::{Words, t};
use crate::web::store::{Item, Story};
use std::fmt::Write;

/// A name and its value.
pub type Row = (String, String);

/// What is known of a thing.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Card {
    /// What it is.
    pub title: String,
    /// Where it stands.
    pub sub: String,
    /// Its rows, under headings: keys of the catalogue.
    pub sections: Vec<(&'static str, Vec<Row>)>,
    /// Sections of the paper.
    pub refs: &'static [&'static str],
}

impl Card {
    pub(super) fn section(mut self, heading: &'static str, rows: Vec<Row>) -> Card {
        if !rows.is_empty() {
            self.sections.push((heading, rows));
        }
        self
    }

    /// The card as lines of text.
    pub fn text(&self, words: &Words) -> String {
        let mut text = format!("{}, {}\n", self.title, self.sub);
        for (heading, rows) in &self.sections {
            let _ = writeln!(text, "\n{}", words.label(heading));
            for (name, value) in rows {
                let _ = writeln!(text, "{name}: {value}");
            }
        }
        text
    }
}

pub(super) fn row(name: impl Into<String>, value: impl ToString) -> Row {
    (name.into(), value.to_string())
}

/// What is known of a thing now; `None` if it is no more.
pub fn describe(words: &Words, item: &Item, view: &ClusterView, story: &Story) -> Option<Card> {
    match item {
        Item::Node(id) => view
            .nodes
            .iter()
            .find(|n| n.id == *id)
            .map(|n| node(words, n, view, story)),
        Item::Message(id) => message(words, *id, view),
        Item::Entry(index, term) => log_entry(words, *index, *term, view, story),
        Item::Link(a, b) => Some(link(words, *a, *b, view)),
        Item::Client(id) => client(words, *id, view),
        Item::Key(key) => Some(
            Card {
                title: t!(words, "inspect.key-title", key = clip(key, 40)),
                sub: t!(words, "inspect.in-the-state-machines"),
                ..Card::default()
            }
            .section(
                key!("inspect.value"),
                view.nodes.iter().map(|n| held(words, n, key)).collect(),
            ),
        ),
        Item::Event(seq) => story.told.iter().find(|t| t.seq == *seq).map(|told| Card {
            title: t!(words, "inspect.event", seq = *seq),
            sub: format!("{} s", seconds(told.at)),
            sections: vec![(
                key!("feed.title"),
                vec![row(t!(words, "inspect.told"), words.text(&told.telling))],
            )],
            refs: told.refs,
        }),
        Item::Wall => wall(words, view),
    }
}

fn held(words: &Words, node: &NodeView, key: &str) -> Row {
    let pair = node.map.iter().find(|p| *p.key == *key);
    let value = match (node.power, pair) {
        (Power::Crashed, _) => "–".to_owned(),
        (_, None) => t!(words, "inspect.absent"),
        (_, Some(p)) => t!(
            words,
            "inspect.value-of",
            value = clip(&p.value, 60),
            index = p.written_at
        ),
    };
    row(node.id.to_string(), value)
}

fn node(words: &Words, node: &NodeView, view: &ClusterView, story: &Story) -> Card {
    let name = words.label(role_mark(node).name);
    let heading = if node.power == Power::Crashed {
        key!("inspect.was-in-memory")
    } else {
        key!("inspect.in-memory")
    };
    Card {
        title: t!(
            words,
            "inspect.server",
            node = node.id,
            role = name.to_ascii_lowercase(),
            term = node.term
        ),
        sub: standing(words, node, view),
        refs: &["5.1", "5.2"],
        ..Card::default()
    }
    .section(key!("inspect.votes-heading"), votes(words, node, view))
    .section(key!("inspect.on-disk"), on_disk(words, node))
    .section(heading, in_memory(words, node, view, story))
    .section(key!("inspect.peers"), peers(words, node))
}

/// How a server stands to the others: whom it hears, who votes for it, whom it follows.
fn standing(words: &Words, node: &NodeView, view: &ClusterView) -> String {
    match node.role {
        Role::Leader if !node.outgoing.is_empty() => {
            let (old, new) = (with(&node.outgoing), with(&node.ring));
            let (of, all) = (node.outgoing.len(), node.ring.len());
            t!(words, "inspect.hears-both", old, of, new, all)
        }
        Role::Leader => t!(
            words,
            "inspect.hears",
            n = with(&node.ring),
            of = node.ring.len()
        ),
        Role::PreCandidate | Role::Candidate => {
            t!(
                words,
                "inspect.votes-needed",
                n = with(&node.ring),
                of = view.quorum
            )
        }
        Role::Follower => node.leader.map_or_else(
            || t!(words, "inspect.knows-no-leader"),
            |l| t!(words, "inspect.follows-leader", leader = l),
        ),
    }
}

fn on_disk(words: &Words, node: &NodeView) -> Vec<Row> {
    let covered = node.snapshot.map_or(0, |s| s.term);
    let last_term = node.log.entries.last().map_or(covered, |e| e.term);
    let mut disk = vec![
        row("currentTerm", node.term),
        row(
            "votedFor",
            node.voted_for
                .map_or_else(|| t!(words, "inspect.nobody"), |id| id.to_string()),
        ),
        row(
            "log",
            match node.log.last {
                0 => t!(words, "inspect.empty"),
                n => t!(words, "inspect.entries-last", n, term = last_term),
            },
        ),
        row(
            t!(words, "inspect.durable"),
            t!(words, "inspect.through", index = node.durable_index),
        ),
    ];
    if let Some(s) = node.snapshot {
        disk.push(row("lastIncludedIndex", s.index));
        disk.push(row("lastIncludedTerm", s.term));
        disk.push(row(
            t!(words, "inspect.snapshot"),
            t!(words, "inspect.bytes", n = s.bytes),
        ));
    }
    if let Some(t) = node.installing {
        let (there, all) = t.chunks;
        let says = t!(
            words,
            "inspect.receiving-how",
            there,
            all,
            received = t.received,
            total = t.total
        );
        disk.push(row(t!(words, "inspect.receiving"), says));
    }
    if let Some(why) = node.disk.refuses {
        disk.push(row(
            t!(words, "inspect.takes-no-part"),
            words.text(&reason(why)),
        ));
        if let Some(id) = node.disk.rejoined_as {
            disk.push(row(t!(words, "inspect.came-back"), id));
        }
    } else if node.disk.full {
        disk.push(row(
            t!(words, "inspect.space"),
            t!(words, "inspect.none-left"),
        ));
    }
    disk
}

fn in_memory(words: &Words, node: &NodeView, view: &ClusterView, story: &Story) -> Vec<Row> {
    let mut memory = Vec::new();
    if node.power != Power::Crashed {
        memory.push(row("commitIndex", node.commit_index));
        memory.push(row("lastApplied", node.last_applied));
        if let Some(leader) = node.leader.filter(|l| *l != node.id) {
            memory.push(row(t!(words, "inspect.follows"), leader));
        }
        if let Some(timer) = node.timer {
            let (set, due) = (seconds(timer.set_at), seconds(timer.due));
            memory.push(row(
                t!(words, "inspect.timer"),
                t!(words, "inspect.from-to", set, due),
            ));
        }
        memory.extend(authority(words, node, view, story));
        if let Some(to) = node.transfers_to {
            memory.push(row(t!(words, "inspect.hands-over"), to));
        }
        memory.push(row(t!(words, "inspect.keys"), node.keys));
    }
    if node.writes > 0 {
        memory.push(row(
            t!(words, "inspect.at-the-disk"),
            t!(words, "inspect.writes", n = node.writes),
        ));
    }
    if node.waiting > 0 {
        memory.push(row(
            t!(words, "inspect.inbox"),
            t!(words, "inspect.waiting", n = node.waiting),
        ));
    }
    memory
}

/// How long a leader may answer by its lease, and whether a majority has gone silent.
fn authority(words: &Words, node: &NodeView, view: &ClusterView, story: &Story) -> Vec<Row> {
    let mut rows = Vec::new();
    if node.role != Role::Leader || node.power != Power::Up {
        return rows;
    }
    let lease = node.lease_until.filter(|until| *until > view.now);
    let left = lease.map_or_else(
        || t!(words, "inspect.none"),
        |until| t!(words, "inspect.left", ms = until.since(view.now).0 / 1_000),
    );
    rows.push(row(t!(words, "inspect.lease"), left));
    let short = (with(&node.ring) as u32) < view.quorum;
    if short && story.weather.rules.has(Rule::CheckQuorum) {
        rows.push(row(
            t!(words, "inspect.majority"),
            t!(words, "inspect.silent"),
        ));
    }
    rows
}

/// What a leader knows of each follower.
fn peers(words: &Words, node: &NodeView) -> Vec<Row> {
    let peer = |p: &PeerView| {
        let way = match p.snapshot {
            Some(t) => t!(
                words,
                "inspect.way-snapshot",
                n = t.chunks.0,
                of = t.chunks.1
            ),
            None if p.replicating => t!(words, "inspect.replicate"),
            None => t!(words, "inspect.probe"),
        };
        let way = if p.learner {
            t!(words, "inspect.learner", way)
        } else {
            way
        };
        let flight = (p.in_flight > 0).then(|| tell!("inspect.in-flight", n = p.in_flight));
        let heard = match p.heard {
            None => tell!("inspect.never-heard"),
            Some(at) => tell!("inspect.heard", at = seconds(at)),
        };
        row(
            p.id.to_string(),
            t!(
                words,
                "inspect.peer",
                matched = p.match_index,
                next = p.next_index,
                way,
                flight,
                heard
            ),
        )
    };
    node.peers.iter().map(peer).collect()
}

/// What a candidate was answered.
fn votes(words: &Words, node: &NodeView, view: &ClusterView) -> Vec<Row> {
    if !matches!(node.role, Role::PreCandidate | Role::Candidate) {
        return Vec::new();
    }
    let votes = node.ring.iter().zip(view.members.voters());
    votes
        .map(|(s, id)| {
            row(
                id.to_string(),
                match s {
                    Segment::With => t!(words, "inspect.granted"),
                    Segment::Silent => t!(words, "inspect.no-answer"),
                    Segment::Refused => t!(words, "inspect.refused"),
                },
            )
        })
        .collect()
}

fn with(ring: &[Segment]) -> usize {
    ring.iter().filter(|s| **s == Segment::With).count()
}

/// How many voters hold an entry: `2 of 3 old voters and 3 of 5 new ones`.
pub(super) fn held_by(words: &Words, copies: &[[u32; 3]]) -> String {
    match *copies {
        [[old, of, _], [new, all, _]] => {
            t!(
                words,
                "log.both",
                old,
                old_voters = of,
                new,
                new_voters = all
            )
        }
        [[n, of, _]] => t!(words, "stage.of", n, of),
        _ => t!(words, "inspect.nobody"),
    }
}

fn log_entry(
    words: &Words,
    index: Index,
    term: Term,
    view: &ClusterView,
    story: &Story,
) -> Option<Card> {
    let here = |n: &NodeView| entry(n, index).filter(|e| e.term == term).cloned();
    let found = view.nodes.iter().find_map(|n| here(n))?;
    let places = view.nodes.iter().map(|n| {
        let state = where_it_is(words, n, index, term);
        row(n.id.to_string(), state)
    });
    let committed = view
        .nodes
        .iter()
        .any(|n| index <= n.commit_index && here(n).is_some());
    let state = if committed {
        tell!("inspect.committed")
    } else {
        tell!("inspect.not-committed")
    };
    let copies = copies(view, view.leader, index);
    let lead = copies.is_some();
    let holders = held_by(words, &copies.unwrap_or_default());
    let card = Card {
        title: t!(words, "inspect.entry", index, term),
        sub: t!(words, "inspect.entry-on", state, holders),
        refs: if lead { &["5.3", "5.4.2"] } else { &["5.3"] },
        ..Card::default()
    };
    Some(
        card.section(key!("inspect.content"), content(words, &found))
            .section(key!("inspect.where"), places.collect())
            .section(
                key!("inspect.since"),
                since(words, story, (index, term), committed),
            ),
    )
}

/// What an entry holds: members, nothing, or an operation.
fn content(words: &Words, entry: &EntryView) -> Vec<Row> {
    match (&entry.operation, &entry.configuration) {
        (None, Some(members)) => vec![
            row(t!(words, "inspect.members"), members.label()),
            row(t!(words, "inspect.in-force"), t!(words, "inspect.at-once")),
        ],
        (None, None) => vec![row(
            t!(words, "inspect.no-op"),
            t!(words, "inspect.no-op-why"),
        )],
        (Some(op), _) => {
            let mut rows = vec![row(t!(words, "inspect.operation"), label(&op.operation))];
            rows.push(row(t!(words, "inspect.key"), clip(op.operation.key(), 200)));
            match &op.operation {
                Operation::Put { value, .. }
                | Operation::Append { value, .. }
                | Operation::Cas { value, .. } => {
                    rows.push(row(t!(words, "inspect.value-row"), clip(value, 400)));
                }
                Operation::Get { .. } | Operation::Delete { .. } => {}
            }
            rows.push(row(
                t!(words, "inspect.for"),
                t!(
                    words,
                    "inspect.request-of",
                    client = op.client,
                    sequence = op.sequence
                ),
            ));
            rows
        }
    }
}

/// How far a server has got with an entry.
fn where_it_is(words: &Words, n: &NodeView, index: Index, term: Term) -> String {
    match entry(n, index) {
        Some(e) if e.term != term => t!(words, "inspect.another-entry", term = e.term),
        None if n.log.last < index => t!(words, "inspect.not-there"),
        None if index < n.log.first => t!(words, "inspect.in-its-snapshot"),
        None => t!(words, "inspect.older"),
        Some(_) if index <= n.last_applied => t!(words, "inspect.applied"),
        Some(_) if index <= n.commit_index => t!(words, "inspect.committed"),
        Some(_) if index > n.durable_index => t!(words, "inspect.not-on-disk"),
        Some(_) => t!(words, "inspect.stored"),
    }
}

/// When an entry was appended, and when it was committed, if it is.
fn since(words: &Words, story: &Story, (index, term): (Index, Term), committed: bool) -> Vec<Row> {
    let first = |what: &dyn Fn(&Trace) -> bool| {
        let when = story
            .told
            .iter()
            .find(|t| matches!(&t.kind, EventKind::Traced { trace, .. } if what(trace)));
        when.map(|t| t.at)
    };
    let at =
        |name: String, time: Option<Time>| time.map(|t| row(name, format!("{} s", seconds(t))));
    let appended = first(
        &|t| matches!(t, Trace::Appended { first, last, term: of, .. } if (first..=last).contains(&&index) && *of == term),
    );
    let settled = first(
        &|t| matches!(t, Trace::Committed { from, to, as_leader: true } if *from < index && index <= *to),
    );
    let times = [
        at(t!(words, "inspect.appended"), appended),
        at(
            t!(words, "inspect.committed"),
            settled.filter(|_| committed),
        ),
    ];
    times.into_iter().flatten().collect()
}
