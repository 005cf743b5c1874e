//! What is told of what happens around the servers: people, network, disks, clients.

use super::broken::{found, property_name, section};
use super::named::{name, quoted, short};
use super::{Moment, disk, label, limits, membership, people, place, shards};
use crate::base::{ClientId, NodeId};
use crate::kv::{Operation, Outcome, Value};
use crate::raft::EntryId;
use crate::sim::{EventKind, Loss, MessageKind, PacketKind};
use crate::view::clients::{outlook, reason};
use crate::view::words::{Telling, key, tell};

/// Tells everything that isn't a decision of a server.
pub(super) fn tell(moment: &Moment<'_>, kind: &EventKind) -> Telling {
    match kind {
        EventKind::Acted(action) | EventKind::ChaosActed(action) => people::acted(moment, action),
        EventKind::Sent { .. }
        | EventKind::Delivered { .. }
        | EventKind::Lost { .. }
        | EventKind::Duplicated { .. } => network(moment, kind),
        EventKind::Synced { .. }
        | EventKind::Applied { .. }
        | EventKind::Crashed { .. }
        | EventKind::Restarted { .. }
        | EventKind::Paused { .. }
        | EventKind::Resumed { .. } => machine(moment, kind),
        EventKind::CutOff { node, record, .. } => disk::cut_off(moment, *node, *record),
        EventKind::Refused { node, why, .. } => disk::refused(moment, *node, *why),
        EventKind::Violated(violation) => tell!(
            "found.violated",
            property = property_name(violation.property()),
            found = found(violation)
        )
        .refs(section(violation.property())),
        EventKind::Stopped(stop) => tell!("limit.stopped", reached = limits::reached(stop)),
        EventKind::Joined { .. }
        | EventKind::Rejoined { .. }
        | EventKind::Retired { .. }
        | EventKind::ChangeAbandoned => membership::happened(moment, kind),
        EventKind::SentElsewhere { .. }
        | EventKind::MapCame { .. }
        | EventKind::Born { .. }
        | EventKind::Buried { .. }
        | EventKind::Split { .. }
        | EventKind::Frozen { .. }
        | EventKind::Absorbed { .. }
        | EventKind::Thawed { .. }
        | EventKind::Judged { .. }
        | EventKind::Began { .. }
        | EventKind::Ended { .. } => shards::tell(moment, kind),
        _ => client(moment, kind),
    }
}

fn network(moment: &Moment<'_>, kind: &EventKind) -> Telling {
    let (told, message) = match kind {
        EventKind::Sent { from, to, kind, .. } => (
            tell!(
                "net.sent",
                from = moment.address(*from),
                message = name(kind),
                to = moment.address(*to)
            ),
            kind,
        ),
        EventKind::Delivered { from, to, kind, .. } => (
            tell!(
                "net.delivered",
                to = moment.address(*to),
                message = name(kind),
                from = moment.address(*from)
            ),
            kind,
        ),
        EventKind::Lost {
            from,
            to,
            kind,
            why,
            ..
        } => {
            let key = lost(*why);
            let message = name(kind);
            let (from, to) = (moment.address(*from), moment.address(*to));
            (tell!(key, message, from, to), kind)
        }
        EventKind::Duplicated { message, copy } => {
            return tell!("net.duplicated", message = *message, copy = *copy);
        }
        _ => return Telling::new(""),
    };
    let PacketKind::Message { kind: message, .. } = message else {
        return told.refs(match message {
            PacketKind::Request { .. } | PacketKind::Answer { .. } => &["8"],
            _ => &["6"],
        });
    };
    told.refs(match message {
        MessageKind::RequestVote { .. } | MessageKind::RequestVoteReply { .. } => &["5.2"],
        MessageKind::RequestPreVote { .. } | MessageKind::RequestPreVoteReply { .. } => {
            &["diss. 9.6"]
        }
        MessageKind::TimeoutNow { .. } => &["diss. 3.10"],
        MessageKind::InstallSnapshot { .. } | MessageKind::InstallSnapshotReply { .. } => &["7"],
        MessageKind::ReadIndex { .. } | MessageKind::ReadIndexReply { .. } => &["diss. 6.4"],
        _ => &["5.3"],
    })
}

/// Who drops a message.
const fn lost(why: Loss) -> &'static str {
    match why {
        Loss::Random => key!("net.lost"),
        Loss::Cut => key!("net.lost-cut"),
        Loss::Partition => key!("net.lost-wall"),
        Loss::Down => key!("net.lost-down"),
        Loss::Dropped => key!("net.lost-dropped"),
        Loss::Overflow => key!("net.lost-overflow"),
        Loss::Refused => key!("net.lost-refused"),
    }
}

fn machine(moment: &Moment<'_>, kind: &EventKind) -> Telling {
    match *kind {
        EventKind::Synced {
            node, term, last, ..
        } => {
            let node = moment.node(node);
            match last == EntryId::START {
                true => tell!("machine.synced-empty", node, term),
                false => tell!("machine.synced", node, term, last = place(last)),
            }
            .refs(&["5.2"])
        }
        EventKind::Applied { node, id, .. } => tell!(
            "machine.applied",
            node = moment.node(node),
            entry = moment.entry(id.index, true),
            effect = effect(moment)
        )
        .refs(&["5.3"]),
        EventKind::Crashed { node, lost_from } => {
            let node = moment.node(node);
            match lost_from {
                Some(lost) => tell!("machine.crashed-lost", node, lost),
                None => tell!("machine.crashed", node),
            }
            .refs(&["5.1"])
        }
        EventKind::Restarted { node, last, .. } => {
            let node = moment.node(node);
            match last == EntryId::START {
                true => tell!("machine.restarted-empty", node),
                false => tell!("machine.restarted", node, last = place(last)),
            }
            .refs(&["5.1"])
        }
        EventKind::Paused { node } => tell!("machine.paused", node = moment.node(node)),
        EventKind::Resumed { node, waiting: 0 } => {
            tell!("machine.resumed", node = moment.node(node))
        }
        EventKind::Resumed { node, waiting } => {
            tell!("machine.resumed-waiting", node = moment.node(node), waiting)
        }
        _ => Telling::new(""),
    }
}

/// What applying the entry did to the store, in a sentence with a space before it.
fn effect(moment: &Moment<'_>) -> Option<Telling> {
    match &moment.retained.command {
        Some((_, Operation::Put { key, value })) => Some(tell!(
            "machine.applied-put",
            key = short(key),
            value = quoted(value)
        )),
        Some((_, Operation::Delete { key })) => {
            Some(tell!("machine.applied-delete", key = short(key)))
        }
        None if moment.retained.members.is_some() => Some(tell!("machine.applied-members")),
        None if moment.retained.noop => Some(tell!("machine.applied-noop")),
        _ => None,
    }
}

fn client(moment: &Moment<'_>, kind: &EventKind) -> Telling {
    let what = moment.request();
    match kind {
        EventKind::Invoked {
            client, operation, ..
        } => tell!("client.begins", client = *client, what = label(operation)),
        EventKind::Asked {
            client,
            node,
            attempt,
            ..
        } => {
            let (client, node) = (*client, moment.node(*node));
            match *attempt {
                0 | 1 => tell!("client.asks", client, node, what),
                attempt => tell!("client.asks-again", client, node, attempt, what),
            }
            .refs(&["8"])
        }
        EventKind::Redirected {
            client,
            node,
            hint,
            appended,
            ..
        } => redirected(moment, *client, *node, (*hint, *appended)),
        EventKind::TimedOut { client, node, .. } => {
            let (client, node) = (*client, moment.node(*node));
            // A read has no effect that could come late.
            match moment.is_read() {
                true => tell!("client.read-timed-out", client, node, what),
                false => tell!("client.timed-out", client, node, what),
            }
            .refs(&["8"])
        }
        EventKind::Returned {
            client,
            node,
            outcome,
            ..
        } => returned(moment, *client, *node, outcome),
        EventKind::SessionExpired { client, node, .. } => {
            let (client, node) = (*client, moment.node(*node));
            tell!("client.session-expired", node, client, what).refs(&["8", "diss. 6.3"])
        }
        EventKind::GaveUp { client, failed, .. } => tell!(
            "client.gave-up",
            client = *client,
            what,
            outlook = outlook(*failed),
            reason = reason(*failed)
        )
        .refs(&["8"]),
        _ => Telling::new(""),
    }
}

fn redirected(
    moment: &Moment<'_>,
    client: ClientId,
    node: NodeId,
    (hint, appended): (Option<NodeId>, bool),
) -> Telling {
    let node = moment.node(node);
    let why = match (appended, hint) {
        (true, _) => tell!("client.leads-no-longer", node, what = moment.request()),
        (false, Some(_)) => tell!("client.no-leader", node),
        (false, None) => tell!("client.knows-no-leader", node),
    };
    match hint {
        Some(leader) => {
            let leader = moment.node(leader);
            tell!("client.redirected", why, client, leader)
        }
        None => tell!("client.elsewhere", why, client),
    }
    .refs(&["8"])
}

fn returned(moment: &Moment<'_>, client: ClientId, node: NodeId, outcome: &Outcome) -> Telling {
    let node = moment.node(node);
    let found = |value: &Option<Value>| {
        let command = moment.retained.command.as_ref();
        match (command.map(|(_, operation)| short(operation.key())), value) {
            (Some(key), Some(value)) => tell!("client.found", key, value = quoted(value)),
            (Some(key), None) => tell!("client.found-none", key),
            (None, Some(value)) => tell!("client.found-there", value = quoted(value)),
            (None, None) => tell!("client.found-none-there"),
        }
    };
    match outcome {
        Outcome::Found { value } => tell!("client.answer", client, node, found = found(value)),
        Outcome::Done => tell!("client.done", client, node, what = moment.request()),
        Outcome::Differs { found: value } => {
            tell!("client.differs", client, node, found = found(value))
        }
    }
    .refs(&["8"])
}
