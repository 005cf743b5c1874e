//! What is known of a thing, as plain rows.

use super::message::message;
use crate::base::{NodeId, Time};
use crate::kv::Operation;
use crate::raft::{Index, Role, Rule, Term, Trace};
use crate::sim::{EventKind, LinkSettings};
use crate::view::{ClusterView, NodeView, Power, Segment, english, label, reason};
use crate::web::components::logs::{copies, entry};
use crate::web::components::words::{clip, count_of, role_mark, seconds};
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
    /// Its rows, under headings.
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
    pub fn text(&self) -> String {
        let mut text = format!("{}, {}\n", self.title, self.sub);
        for (heading, rows) in &self.sections {
            let _ = writeln!(text, "\n{heading}");
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
pub fn describe(item: &Item, view: &ClusterView, story: &Story) -> Option<Card> {
    match item {
        Item::Node(id) => view
            .nodes
            .iter()
            .find(|n| n.id == *id)
            .map(|n| node(n, view, story)),
        Item::Message(id) => message(*id, view),
        Item::Entry(index, term) => log_entry(*index, *term, view, story),
        Item::Link(a, b) => Some(link(*a, *b, view)),
        Item::Client(id) => client(*id, view),
        Item::Key(key) => Some(
            Card {
                title: format!("Key {}", clip(key, 40)),
                sub: "in the state machines".into(),
                ..Card::default()
            }
            .section("Value", view.nodes.iter().map(|n| held(n, key)).collect()),
        ),
        Item::Event(seq) => story.told.iter().find(|t| t.seq == *seq).map(|told| Card {
            title: format!("Event {seq}"),
            sub: format!("{} s", seconds(told.at)),
            sections: vec![("What happened", vec![row("told", told.sentence())])],
            refs: told.refs,
        }),
        Item::Wall => wall(view),
    }
}

fn held(node: &NodeView, key: &str) -> Row {
    let pair = node.map.iter().find(|p| *p.key == *key);
    let value = match (node.power, pair) {
        (Power::Crashed, _) => "–".to_owned(),
        (_, None) => "absent".to_owned(),
        (_, Some(p)) => format!("{} (entry {})", clip(&p.value, 60), p.written_at),
    };
    row(node.id.to_string(), value)
}

fn node(node: &NodeView, view: &ClusterView, story: &Story) -> Card {
    let name = role_mark(node).name;
    let covered = node.snapshot.map_or(0, |s| s.term);
    let last_term = node.log.entries.last().map_or(covered, |e| e.term);
    let mut disk = vec![
        row("currentTerm", node.term),
        row(
            "votedFor",
            node.voted_for.map_or("nobody".into(), |id| id.to_string()),
        ),
        row(
            "log",
            match node.log.last {
                0 => "empty".to_owned(),
                last => format!(
                    "{}, last of term {last_term}",
                    count_of(last, "entry", "entries")
                ),
            },
        ),
        row("durable", format!("through {}", node.durable_index)),
    ];
    if let Some(s) = node.snapshot {
        disk.push(row("lastIncludedIndex", s.index));
        disk.push(row("lastIncludedTerm", s.term));
        disk.push(row("snapshot", format!("{} bytes", s.bytes)));
    }
    if let Some(t) = node.installing {
        let (there, all) = t.chunks;
        let bytes = format!("{} of {} bytes", t.received, t.total);
        disk.push(row("receiving", format!("chunk {there} of {all}, {bytes}")));
    }
    if let Some(why) = node.disk.refuses {
        disk.push(row("takes no part", english().text(&reason(why))));
        if let Some(id) = node.disk.rejoined_as {
            disk.push(row("came back as", id));
        }
    } else if node.disk.full {
        disk.push(row("space", "none left"));
    }
    let mut memory = Vec::new();
    if node.power != Power::Crashed {
        memory.push(row("commitIndex", node.commit_index));
        memory.push(row("lastApplied", node.last_applied));
        if let Some(leader) = node.leader.filter(|l| *l != node.id) {
            memory.push(row("follows", leader));
        }
        if let Some(timer) = node.timer {
            let (set, due) = (seconds(timer.set_at), seconds(timer.due));
            memory.push(row("election timer", format!("{set} to {due} s")));
        }
        if node.role == Role::Leader && node.power == Power::Up {
            let lease = node.lease_until.filter(|until| *until > view.now);
            let left = lease.map_or("none".into(), |until| {
                format!("{} ms left", until.since(view.now).0 / 1_000)
            });
            memory.push(row("lease", left));
            let short = (with(&node.ring) as u32) < view.quorum;
            if short && story.weather.rules.has(Rule::CheckQuorum) {
                memory.push(row(
                    "majority",
                    "silent: it resigns if that lasts an election timeout",
                ));
            }
        }
        if let Some(to) = node.transfers_to {
            memory.push(row("hands over to", to));
        }
        memory.push(row("keys", node.keys));
    }
    if node.writes > 0 {
        memory.push(row(
            "at the disk",
            count_of(node.writes.into(), "write", "writes"),
        ));
    }
    if node.waiting > 0 {
        memory.push(row(
            "inbox",
            format!(
                "{} waiting",
                count_of(node.waiting.into(), "message", "messages")
            ),
        ));
    }
    let peers = node.peers.iter().map(|p| {
        let way = match p.snapshot {
            Some(t) => &*format!("Snapshot {} of {}", t.chunks.0, t.chunks.1),
            None if p.replicating => "Replicate",
            None => "Probe",
        };
        let way = if p.learner {
            format!("learner, {way}")
        } else {
            way.to_owned()
        };
        let flight = if p.in_flight > 0 {
            format!(", {} in flight", p.in_flight)
        } else {
            String::new()
        };
        let heard = p.heard.map_or(", never heard".into(), |t| {
            format!(", heard {}", seconds(t))
        });
        row(
            p.id.to_string(),
            format!(
                "match {}, next {}, {way}{flight}{heard}",
                p.match_index, p.next_index
            ),
        )
    });
    let votes = matches!(node.role, Role::PreCandidate | Role::Candidate).then(|| {
        let votes = node.ring.iter().zip(view.members.voters());
        votes.map(|(s, id)| {
            row(
                id.to_string(),
                match s {
                    Segment::With => "granted",
                    Segment::Silent => "no answer yet",
                    Segment::Refused => "refused",
                },
            )
        })
    });
    let heading = if node.power == Power::Crashed {
        "Was in memory"
    } else {
        "In memory"
    };
    Card {
        title: format!(
            "{}, {} of term {}",
            node.id,
            name.to_ascii_lowercase(),
            node.term
        ),
        sub: match node.role {
            Role::Leader if !node.outgoing.is_empty() => {
                let (old, new) = (with(&node.outgoing), with(&node.ring));
                let (of, all) = (node.outgoing.len(), node.ring.len());
                format!("hears {old} of {of} old and {new} of {all} new voters")
            }
            Role::Leader => format!("hears {} of {}", with(&node.ring), node.ring.len()),
            Role::PreCandidate | Role::Candidate => {
                format!("{} of {} votes needed", with(&node.ring), view.quorum)
            }
            Role::Follower => node
                .leader
                .map_or("knows no leader".into(), |l| format!("follows {l}")),
        },
        refs: &["5.1", "5.2"],
        ..Card::default()
    }
    .section("Votes", votes.into_iter().flatten().collect())
    .section("On disk, survives a crash", disk)
    .section(heading, memory)
    .section("What the leader knows of the others", peers.collect())
}

fn with(ring: &[Segment]) -> usize {
    ring.iter().filter(|s| **s == Segment::With).count()
}

/// How many voters hold an entry: `2 of 3 old voters and 3 of 5 new ones`.
fn held_by(copies: &[[u32; 3]]) -> String {
    match copies {
        [[old, of, _], [new, all, _]] => {
            format!("{old} of {of} old voters and {new} of {all} new ones")
        }
        [[n, of, _]] => format!("{n} of {of}"),
        _ => "nobody".into(),
    }
}

fn log_entry(index: Index, term: Term, view: &ClusterView, story: &Story) -> Option<Card> {
    let here = |n: &NodeView| entry(n, index).filter(|e| e.term == term).cloned();
    let found = view.nodes.iter().find_map(|n| here(n))?;
    let content = match (&found.operation, &found.configuration) {
        (None, Some(members)) => vec![
            row("members", members.label()),
            row("in force", "as soon as it is in a log, committed or not"),
        ],
        (None, None) => vec![row("no-op", "lets a new leader commit what it inherited")],
        (Some(op), _) => {
            let mut rows = vec![row("operation", label(&op.operation))];
            rows.push(row("key", clip(op.operation.key(), 200)));
            match &op.operation {
                Operation::Put { value, .. }
                | Operation::Append { value, .. }
                | Operation::Cas { value, .. } => {
                    rows.push(row("value", clip(value, 400)));
                }
                Operation::Get { .. } | Operation::Delete { .. } => {}
            }
            rows.push(row(
                "for",
                format!("{}, request {}", op.client, op.sequence),
            ));
            rows
        }
    };
    let places = view.nodes.iter().map(|n| {
        let state = match entry(n, index) {
            Some(e) if e.term != term => format!("another entry, of term {}", e.term),
            None if n.log.last < index => "not there".to_owned(),
            None if index < n.log.first => "in its snapshot".to_owned(),
            None => "older than shown".to_owned(),
            Some(_) if index <= n.last_applied => "applied".to_owned(),
            Some(_) if index <= n.commit_index => "committed".to_owned(),
            Some(_) if index > n.durable_index => "not on disk yet".to_owned(),
            Some(_) => "stored".to_owned(),
        };
        row(n.id.to_string(), state)
    });
    let since = |what: &dyn Fn(&Trace) -> bool| {
        let when = story
            .told
            .iter()
            .find(|t| matches!(&t.kind, EventKind::Traced { trace, .. } if what(trace)));
        when.map(|t| t.at)
    };
    let at = |name: &str, time: Option<Time>| time.map(|t| row(name, format!("{} s", seconds(t))));
    let appended = since(
        &|t| matches!(t, Trace::Appended { first, last, term: of, .. } if (first..=last).contains(&&index) && *of == term),
    );
    let committed = view
        .nodes
        .iter()
        .any(|n| index <= n.commit_index && here(n).is_some());
    let settled = since(
        &|t| matches!(t, Trace::Committed { from, to, as_leader: true } if *from < index && index <= *to),
    );
    let times = [
        at("appended", appended),
        at("committed", settled.filter(|_| committed)),
    ];
    let state = if committed {
        "committed"
    } else {
        "not committed"
    };
    let copies = copies(view, view.leader, index);
    let lead = copies.is_some();
    let holders = held_by(&copies.unwrap_or_default());
    let card = Card {
        title: format!("Entry {index} of term {term}"),
        sub: format!("{state}, on {holders}"),
        refs: if lead { &["5.3", "5.4.2"] } else { &["5.3"] },
        ..Card::default()
    };
    Some(
        card.section("Content", content)
            .section("Where it is", places.collect())
            .section("Since", times.into_iter().flatten().collect()),
    )
}

fn link(a: NodeId, b: NodeId, view: &ClusterView) -> Card {
    let direction = |from: NodeId, to: NodeId| {
        let own = view.links.iter().find(|l| l.from == from && l.to == to);
        let flight = view
            .messages
            .iter()
            .filter(|m| m.from == from && m.to == to)
            .count();
        let mut rows = vec![row(
            "state",
            match own {
                Some(l) if l.cut => "cut",
                Some(l) if l.settings.is_some() => "changed",
                _ => "as the network",
            },
        )];
        rows.push(row(
            "under way",
            count_of(flight as u64, "message", "messages"),
        ));
        if let Some(LinkSettings {
            latency_min,
            latency_max,
            loss,
            duplicate,
            ..
        }) = own.and_then(|l| l.settings)
        {
            rows.push(row("delay", format!("{latency_min} to {latency_max}")));
            rows.push(row("lost", format!("{} %", loss.0 / 10_000)));
            rows.push(row("twice", format!("{} %", duplicate.0 / 10_000)));
        }
        rows
    };
    let walled = view.partition.as_ref().is_some_and(|p| {
        p.sides
            .iter()
            .any(|s| s.nodes.contains(&a) != s.nodes.contains(&b))
    });
    Card {
        title: format!("Link {a} and {b}"),
        sub: if walled {
            "a wall stands between them".into()
        } else {
            "no wall between them".into()
        },
        ..Card::default()
    }
    .section("There", direction(a, b))
    .section("Back", direction(b, a))
}

fn client(id: crate::base::ClientId, view: &ClusterView) -> Option<Card> {
    let client = view.clients.iter().find(|c| c.id == id)?;
    let rows = client.operations.iter().rev().map(|o| {
        let (_, text) = crate::web::components::console::outcome(o);
        row(label(&o.operation), text)
    });
    let card = Card {
        title: format!("Client {id}"),
        sub: count_of(client.operations.len() as u64, "request", "requests"),
        ..Card::default()
    };
    Some(card.section("Requests, newest first", rows.collect()))
}

fn wall(view: &ClusterView) -> Option<Card> {
    let partition = view.partition.as_ref()?;
    let sides = partition.sides.iter().map(|s| {
        let quorum = if s.has_quorum { "quorum" } else { "no quorum" };
        let leader = s.leader.map_or(String::new(), |l| format!(", {l} leads"));
        let shares = s.shares.iter().rev().map(|it| [it.alive, it.of, it.needed]);
        let shares: Vec<_> = shares.collect();
        row(
            crate::web::components::maps::names(&s.nodes),
            format!("{}, {quorum}{leader}", held_by(&shares)),
        )
    });
    let card = Card {
        title: "Network partition".into(),
        sub: format!("since {} s", seconds(partition.since)),
        ..Card::default()
    };
    Some(card.section("Sides", sides.collect()))
}
