//! What is known of what is around the servers: links, clients, the partition.

use super::describe::{Card, held_by, row};
use crate::base::NodeId;
use crate::sim::LinkSettings;
use crate::view::words::{key, tell};
use crate::view::{ClusterView, label};
use crate::web::components::words::seconds;
use crate::web::language::{Words, t};

pub(super) fn link(words: &Words, a: NodeId, b: NodeId, view: &ClusterView) -> Card {
    let direction = |from: NodeId, to: NodeId| {
        let own = view.links.iter().find(|l| l.from == from && l.to == to);
        let flight = view
            .messages
            .iter()
            .filter(|m| m.from == from && m.to == to)
            .count();
        let mut rows = vec![row(
            t!(words, "inspect.state"),
            match own {
                Some(l) if l.cut => t!(words, "inspect.cut"),
                Some(l) if l.settings.is_some() => t!(words, "inspect.changed"),
                _ => t!(words, "inspect.as-the-network"),
            },
        )];
        rows.push(row(
            t!(words, "inspect.under-way"),
            t!(words, "inspect.messages", n = flight),
        ));
        if let Some(LinkSettings {
            latency_min,
            latency_max,
            loss,
            duplicate,
            ..
        }) = own.and_then(|l| l.settings)
        {
            rows.push(row(
                t!(words, "inspect.delay"),
                t!(words, "inspect.delay-from-to", latency_min, latency_max),
            ));
            rows.push(row(
                t!(words, "inspect.lost"),
                format!("{} %", loss.0 / 10_000),
            ));
            rows.push(row(
                t!(words, "inspect.twice"),
                format!("{} %", duplicate.0 / 10_000),
            ));
        }
        rows
    };
    let walled = view.partition.as_ref().is_some_and(|p| {
        p.sides
            .iter()
            .any(|s| s.nodes.contains(&a) != s.nodes.contains(&b))
    });
    Card {
        title: t!(words, "inspect.link", a, b),
        sub: if walled {
            t!(words, "inspect.wall-between")
        } else {
            t!(words, "inspect.no-wall-between")
        },
        ..Card::default()
    }
    .section(key!("inspect.there"), direction(a, b))
    .section(key!("inspect.back"), direction(b, a))
}

pub(super) fn client(words: &Words, id: crate::base::ClientId, view: &ClusterView) -> Option<Card> {
    let client = view.clients.iter().find(|c| c.id == id)?;
    let rows = client.operations.iter().rev().map(|o| {
        let (_, text) = crate::web::components::console::outcome(words, o);
        row(label(&o.operation), text)
    });
    let card = Card {
        title: t!(words, "inspect.client", client = id),
        sub: t!(words, "inspect.requests", n = client.operations.len()),
        ..Card::default()
    };
    Some(card.section(key!("inspect.requests-heading"), rows.collect()))
}

pub(super) fn wall(words: &Words, view: &ClusterView) -> Option<Card> {
    let partition = view.partition.as_ref()?;
    let sides = partition.sides.iter().map(|s| {
        let quorum = match s.has_quorum {
            true => tell!("inspect.quorum"),
            false => tell!("inspect.no-quorum"),
        };
        let leader = s.leader.map(|l| tell!("inspect.side-leads", leader = l));
        let shares = s.shares.iter().rev().map(|it| [it.alive, it.of, it.needed]);
        let shares: Vec<_> = shares.collect();
        row(
            crate::web::components::maps::names(words, &s.nodes),
            t!(
                words,
                "inspect.side",
                held = held_by(words, &shares),
                quorum,
                leader
            ),
        )
    });
    let card = Card {
        title: t!(words, "inspect.partition"),
        sub: t!(words, "inspect.since-s", at = seconds(partition.since)),
        ..Card::default()
    };
    Some(card.section(key!("inspect.sides"), sides.collect()))
}
