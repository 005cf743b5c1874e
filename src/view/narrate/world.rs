//! The sentences for what happens around the servers: people, network, disks, clients.

use super::broken::{found, section};
use super::{Line, count, disk, limits, list, loss, membership, name, place, short};
use crate::base::{Address, ClientId, NodeId, Span};
use crate::kv::{Operation, Outcome, Value};
use crate::raft::{EntryId, Rule};
use crate::sim::{Action, Chaos, EventKind, LinkSettings, Loss, MessageKind, PacketKind};
use crate::view::clients::{outlook, reason};

/// Tells everything that isn't a decision of a server.
pub(super) fn tell(line: &mut Line<'_>, kind: &EventKind) {
    match kind {
        EventKind::Acted(action) | EventKind::ChaosActed(action) => acted(line, action),
        EventKind::Traced { .. } => {}
        EventKind::Sent { .. }
        | EventKind::Delivered { .. }
        | EventKind::Lost { .. }
        | EventKind::Duplicated { .. } => network(line, kind),
        EventKind::Synced { .. }
        | EventKind::Applied { .. }
        | EventKind::Crashed { .. }
        | EventKind::Restarted { .. }
        | EventKind::Paused { .. }
        | EventKind::Resumed { .. } => machine(line, kind),
        EventKind::CutOff { node, record } => disk::cut_off(line, *node, *record),
        EventKind::Refused { node, why } => disk::refused(line, *node, *why),
        EventKind::Violated(violation) => {
            line.strong(format!("{} is broken", violation.property().name()))
                .text(format!(": {}", found(violation)))
                .refs(section(violation.property()));
        }
        EventKind::Stopped(stop) => {
            line.strong("The run stops")
                .text(format!(": {}", limits::reached(stop)));
        }
        EventKind::Joined { .. }
        | EventKind::Rejoined { .. }
        | EventKind::Retired { .. }
        | EventKind::ChangeAbandoned => membership::happened(line, kind),
        _ => client(line, kind),
    }
}

fn network(line: &mut Line<'_>, kind: &EventKind) {
    match *kind {
        EventKind::Sent { from, to, kind, .. } => line
            .address(from)
            .text(format!(" sends its {} to ", name(&kind)))
            .address(to)
            .text("."),
        EventKind::Delivered { from, to, kind, .. } => line
            .address(to)
            .text(" receives the ")
            .text(name(&kind))
            .text(" of ")
            .address(from)
            .text("."),
        EventKind::Lost {
            from,
            to,
            kind,
            why,
            ..
        } => line
            .text(format!("{} the {} from ", loss(why), name(&kind)))
            .address(from)
            .text(" to ")
            .address(to)
            .text(match why {
                Loss::Down => ": it is down.",
                _ => ".",
            }),
        EventKind::Duplicated { message, copy } => line.text(format!(
            "Message {message} arrives twice: {copy} is its copy."
        )),
        _ => line,
    };
    if let EventKind::Sent { kind, .. }
    | EventKind::Delivered { kind, .. }
    | EventKind::Lost { kind, .. } = *kind
    {
        let PacketKind::Message(kind) = kind else {
            return line.refs(match kind {
                PacketKind::Request { .. } | PacketKind::Answer { .. } => &["8"],
                _ => &["6"],
            });
        };
        line.refs(match kind {
            MessageKind::RequestVote { .. } | MessageKind::RequestVoteReply { .. } => &["5.2"],
            MessageKind::RequestPreVote { .. } | MessageKind::RequestPreVoteReply { .. } => {
                &["diss. 9.6"]
            }
            MessageKind::TimeoutNow { .. } => &["diss. 3.10"],
            MessageKind::InstallSnapshot { .. } | MessageKind::InstallSnapshotReply { .. } => {
                &["7"]
            }
            MessageKind::ReadIndex { .. } | MessageKind::ReadIndexReply { .. } => &["diss. 6.4"],
            _ => &["5.3"],
        });
    }
}

fn machine(line: &mut Line<'_>, kind: &EventKind) {
    match *kind {
        EventKind::Synced { node, term, last } if last == EntryId::START => line
            .node(node)
            .text(format!("'s disk holds term {term} and no entry yet."))
            .refs(&["5.2"]),
        EventKind::Synced { node, term, last } => line
            .node(node)
            .text(format!(
                "'s disk holds term {term} and the log through {}.",
                place(last)
            ))
            .refs(&["5.2"]),
        EventKind::Applied { node, id } => {
            line.node(node)
                .text(" applies ")
                .entry(id.index, true)
                .text(".");
            let effect = match &line.retained.command {
                Some((_, Operation::Put { key, value })) => Some(format!(
                    " Its {} is now {}.",
                    short(key),
                    super::quoted(value)
                )),
                Some((_, Operation::Delete { key })) => {
                    Some(format!(" Its {} is gone.", short(key)))
                }
                None if line.retained.members.is_some() => {
                    Some(" It says who the members are, and leaves the store alone.".into())
                }
                None if line.retained.noop => Some(" It changes nothing.".into()),
                _ => None,
            };
            if let Some(effect) = effect {
                line.text(effect);
            }
            line.refs(&["5.3"]);
        }
        EventKind::Crashed {
            node,
            lost_from: Some(lost),
        } => line
            .node(node)
            .strong(" crashes")
            .text(format!(
                " and loses #{lost} and what follows: it wasn't on its disk yet."
            ))
            .refs(&["5.1"]),
        EventKind::Crashed { node, .. } => line
            .node(node)
            .strong(" crashes")
            .text(". Its memory is gone, its disk stays.")
            .refs(&["5.1"]),
        EventKind::Restarted { node, last } => line
            .node(node)
            .strong(" restarts")
            .text(if last == EntryId::START {
                " with an empty log.".into()
            } else {
                format!(". Its disk holds the log through {}.", place(last))
            })
            .refs(&["5.1"]),
        EventKind::Paused { node } => {
            line.node(node)
                .strong(" stands still")
                .text(": what is sent to it waits.");
        }
        EventKind::Resumed { node, waiting } => {
            line.node(node).strong(" goes on").text(if waiting == 0 {
                ". Nothing waited for it.".into()
            } else {
                format!(" with {} that waited.", count(waiting.into(), "message"))
            });
        }
        _ => {}
    }
}

fn client(line: &mut Line<'_>, kind: &EventKind) {
    match kind {
        EventKind::Invoked {
            client, operation, ..
        } => {
            line.text(format!("{client} begins: {}.", super::label(operation)));
        }
        EventKind::Asked {
            client,
            node,
            attempt,
            ..
        } => {
            let what = line.request();
            line.text(format!("{client} asks ")).node(*node);
            if *attempt > 1 {
                line.text(format!(" (try {attempt})"));
            }
            line.text(format!(": {what}.")).refs(&["8"]);
        }
        EventKind::Redirected {
            client,
            node,
            hint,
            appended,
            ..
        } => {
            let what = line.request();
            line.node(*node);
            match (appended, hint) {
                (true, _) => line.text(format!(
                    " leads no longer. It had {what} in its log, where it may still take effect."
                )),
                (false, Some(_)) => line.text(" doesn't lead."),
                (false, None) => line.text(" knows no leader."),
            };
            match hint {
                Some(leader) => line
                    .text(format!(" It sends {client} to "))
                    .node(*leader)
                    .text("."),
                None => line.text(format!(" {client} has to try elsewhere.")),
            }
            .refs(&["8"]);
        }
        EventKind::TimedOut { client, node, .. } => {
            let what = line.request();
            line.text(format!("{client} hears nothing from "))
                .node(*node)
                .text(format!(" about {what}."));
            // A read has no effect that could come late.
            if !line.is_read() {
                line.text(" It may still take effect.");
            }
            line.refs(&["8"]);
        }
        EventKind::Returned {
            client,
            node,
            outcome,
            ..
        } => returned(line, *client, *node, outcome),
        EventKind::SessionExpired { client, node, .. } => {
            let what = line.request();
            line.node(*node)
                .text(format!(" tells {client} that its "))
                .strong("session has expired")
                .text(format!(
                    ": whether {what} ran is forgotten, so it doesn't run now."
                ))
                .refs(&["8", "diss. 6.3"]);
        }
        EventKind::GaveUp { client, failed, .. } => {
            let what = line.request();
            let (outlook, reason) = (outlook(*failed), reason(*failed));
            line.strong(format!("{client} gives up on {what}"))
                .text(format!(": {outlook}. {reason}."))
                .refs(&["8"]);
        }
        _ => {}
    }
}

fn returned(line: &mut Line<'_>, client: ClientId, node: NodeId, outcome: &Outcome) {
    let (what, key) = match &line.retained.command {
        Some((_, operation)) => (super::label(operation), short(operation.key())),
        None => ("its operation".into(), "the key".into()),
    };
    let found = |value: &Option<Value>| match value {
        Some(value) => format!("{key} = {}", super::quoted(value)),
        None => format!("no {key}"),
    };
    line.text(format!("{client} has its answer from "))
        .node(node);
    match outcome {
        Outcome::Found { value } => line.text(": ").strong(found(value)).text("."),
        Outcome::Done => line.text(": ").strong(format!("{what} is done")).text("."),
        Outcome::Differs { found: value } => line
            .text(": ")
            .strong("nothing changed")
            .text(format!(", it found {}.", found(value))),
    }
    .refs(&["8"]);
}

fn acted(line: &mut Line<'_>, action: &Action) {
    match action {
        Action::Request { operation, to, .. } => match to {
            Some(node) => line
                .text(format!("Requested: {} from ", super::label(operation)))
                .node(*node)
                .text("."),
            None => line.text(format!(
                "Requested: {} from the leader.",
                super::label(operation)
            )),
        },
        Action::SetLoad { per_second: 0 } => line.text("The clients stop sending on their own."),
        Action::SetLoad { per_second } => line.text(format!(
            "The clients now send {} a second.",
            count((*per_second).into(), "operation")
        )),
        Action::Crash { node } => line.text("Requested: crash ").node(*node).text("."),
        Action::Restart { node } => line.text("Requested: restart ").node(*node).text("."),
        Action::Pause { node } => line.text("Requested: pause ").node(*node).text("."),
        Action::Resume { node } => line.text("Requested: resume ").node(*node).text("."),
        Action::TimeOut { node } => line
            .text("Requested: the timer of ")
            .node(*node)
            .text(" runs out."),
        Action::AddServer
        | Action::PromoteServer { .. }
        | Action::RemoveServer { .. }
        | Action::ChangeMembers { .. }
        | Action::RejoinServer { .. }
        | Action::LeaveJoint => membership::acted(line, action),
        Action::TransferLeadership { from, to } => line
            .text("Requested: ")
            .node(*from)
            .text(" hands its leadership over to ")
            .node(*to)
            .text("."),
        Action::SetClock { node, skew, drift } => clock(line, *node, *skew, *drift),
        Action::JumpClock { node, by } => line
            .text("The clock of ")
            .node(*node)
            .strong(" jumps")
            .text(format!(
                " {} {}.",
                Span(by.unsigned_abs()),
                if *by < 0 { "back" } else { "ahead" }
            )),
        Action::Partition { groups } => partition(line, groups),
        Action::Heal => line
            .strong("The wall is gone")
            .text(": all sides hear each other again."),
        Action::Cut { from, to } => line
            .address(*from)
            .strong(" can no longer reach ")
            .address(*to)
            .text(": the link is cut in that direction."),
        Action::Restore { from, to } => line
            .address(*from)
            .text(" reaches ")
            .address(*to)
            .text(" as before."),
        Action::SetLink { from, to, link } => line
            .text("The link from ")
            .address(*from)
            .text(" to ")
            .address(*to)
            .text(link_settings(link)),
        Action::SetNetwork { link } => line.text("Every link").text(link_settings(link)),
        Action::SetClientNetwork { link } => line
            .text("Every link to a client")
            .text(link_settings(link)),
        Action::SetDisk {
            node,
            fsync_min,
            fsync_max,
        } => line.text("The disk of ").node(*node).text(format!(
            " now takes {fsync_min} to {fsync_max} for a write."
        )),
        Action::Drop { message } => line.text(format!("Requested: drop message {message}.")),
        Action::Delay { message, by } => {
            line.text(format!("Message {message} arrives {by} later."))
        }
        Action::Duplicate { message } => {
            line.text(format!("Requested: message {message} arrives twice."))
        }
        Action::DeliverNow { message } => line.text(format!("Message {message} arrives at once.")),
        Action::SetChaos { chaos } => line.text(if *chaos == Chaos::default() {
            "Random faults stop."
        } else {
            "Random faults begin."
        }),
        Action::Disk { node, fault } => {
            disk::fault(line, *node, *fault);
            line
        }
        Action::SetRules { rules } => {
            let off: Vec<_> = rules.off().map(Rule::name).collect();
            line.text(if off.is_empty() {
                "Every rule holds from now on.".into()
            } else {
                format!("Rules switched off: {}.", off.join(", "))
            })
        }
        Action::Compact { node } => line.text("Requested: a snapshot of ").node(*node).text("."),
        Action::SetPriority { node, priority } => line.node(*node).text(format!(
            " has priority {priority} in elections from now on."
        )),
    };
}

/// A clock that was set.
fn clock<'a, 'b>(line: &'b mut Line<'a>, node: NodeId, skew: i64, drift: i32) -> &'b mut Line<'a> {
    let way = if skew < 0 { "behind" } else { "ahead of" };
    let rate = if drift < 0 { "slower" } else { "faster" };
    let set = format!(" is set {} {way} true time", Span(skew.unsigned_abs()));
    // Parts per million, as per cent.
    let (whole, rest) = (drift.unsigned_abs() / 10_000, drift.unsigned_abs() % 10_000);
    let share = format!("{whole}.{rest:04}");
    let share = share.trim_end_matches('0').trim_end_matches('.');
    let runs = format!(" runs {share} % {rate} than true time");
    line.text("The clock of ")
        .node(node)
        .text(match (skew, drift) {
            (0, 0) => " is set right.".into(),
            (0, _) => format!("{runs}."),
            (_, 0) => format!("{set}."),
            _ => format!("{set} and{runs}."),
        })
}

fn partition<'a, 'r>(line: &'a mut Line<'r>, groups: &[Vec<Address>]) -> &'a mut Line<'r> {
    let groups: Vec<_> = groups.iter().filter(|group| !group.is_empty()).collect();
    let sizes: Vec<String> = groups.iter().map(|group| group.len().to_string()).collect();
    line.strong(format!("The network splits {}", sizes.join(" | ")))
        .text(": ");
    for (i, group) in groups.iter().enumerate() {
        line.text(format!("{}{}", if i > 0 { "; " } else { "" }, list(group)));
    }
    line.text(".")
}

fn link_settings(link: &LinkSettings) -> String {
    let mut out = format!(" now takes {} to {}", link.latency_min, link.latency_max);
    for (share, what) in [(link.loss, "loses"), (link.duplicate, "doubles")] {
        if share.0 > 0 {
            // In integers: a float would bring the code that prints floats into the first load.
            let percent = format!("{}.{:04}", share.0 / 10_000, share.0 % 10_000);
            let percent = percent.trim_end_matches('0').trim_end_matches('.');
            out += &format!(" and {what} {percent} %");
        }
    }
    out + "."
}
