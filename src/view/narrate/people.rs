//! What is told of what people, or random faults in their place, do to the run.

use super::{Moment, disk, label, membership};
use crate::base::{Address, Ratio, Span};
use crate::raft::Rule;
use crate::sim::{Action, Chaos, LinkSettings};
use crate::view::words::{Arg, Telling, tell};

/// Tells what is done to the run.
pub(super) fn acted(moment: &Moment<'_>, action: &Action) -> Telling {
    match action {
        Action::Request { operation, to, .. } => {
            let what = label(operation);
            match to {
                Some(node) => tell!("action.request", what, node = moment.node(*node)),
                None => tell!("action.request-leader", what),
            }
        }
        Action::SetLoad { per_second: 0 } => tell!("action.no-load"),
        Action::SetLoad { per_second } => tell!("action.load", per_second = *per_second),
        Action::AddServer
        | Action::PromoteServer { .. }
        | Action::RemoveServer { .. }
        | Action::ChangeMembers { .. }
        | Action::RejoinServer { .. }
        | Action::LeaveJoint => membership::acted(moment, action),
        Action::SetClock { node, skew, drift } => clock(moment.node(*node), *skew, *drift),
        Action::JumpClock { node, by } => {
            let (node, span) = (moment.node(*node), Span(by.unsigned_abs()));
            match *by < 0 {
                true => tell!("action.jump-back", node, span),
                false => tell!("action.jump-ahead", node, span),
            }
        }
        Action::Partition { .. }
        | Action::Heal
        | Action::Cut { .. }
        | Action::Restore { .. }
        | Action::SetLink { .. }
        | Action::SetNetwork { .. }
        | Action::SetClientNetwork { .. } => network(moment, action),
        Action::Drop { message } => tell!("action.drop", message = *message),
        Action::Delay { message, by } => tell!("action.delay", message = *message, by = *by),
        Action::Duplicate { message } => tell!("action.duplicate", message = *message),
        Action::DeliverNow { message } => tell!("action.deliver-now", message = *message),
        Action::SetChaos { chaos } if *chaos == Chaos::default() => tell!("action.no-chaos"),
        Action::SetChaos { .. } => tell!("action.chaos"),
        Action::SetRules { rules } => {
            let off: Vec<Arg> = rules.off().map(|rule| Rule::name(rule).into()).collect();
            match off.is_empty() {
                true => tell!("action.all-rules"),
                false => tell!("action.rules", rules = Arg::Clauses(off)),
            }
        }
        _ => server(moment, action),
    }
}

/// Tells what is done to one server.
fn server(moment: &Moment<'_>, action: &Action) -> Telling {
    match action {
        Action::Crash { node } => tell!("action.crash", node = moment.node(*node)),
        Action::Restart { node } => tell!("action.restart", node = moment.node(*node)),
        Action::Pause { node } => tell!("action.pause", node = moment.node(*node)),
        Action::Resume { node } => tell!("action.resume", node = moment.node(*node)),
        Action::TimeOut { node, .. } => tell!("action.time-out", node = moment.node(*node)),
        Action::TransferLeadership { from, to, .. } => tell!(
            "action.transfer",
            from = moment.node(*from),
            to = moment.node(*to)
        ),
        Action::SetDisk {
            node,
            fsync_min,
            fsync_max,
        } => tell!(
            "action.disk",
            node = moment.node(*node),
            fsync_min = *fsync_min,
            fsync_max = *fsync_max
        ),
        Action::Disk { node, fault } => disk::fault(moment, *node, *fault),
        Action::Compact { node, .. } => tell!("action.compact", node = moment.node(*node)),
        Action::SetPriority { node, priority, .. } => tell!(
            "action.priority",
            node = moment.node(*node),
            priority = u64::from(*priority)
        ),
        _ => Telling::new(""),
    }
}

/// A clock that was set.
fn clock(node: Arg, skew: i64, drift: i32) -> Telling {
    let skewed = match skew < 0 {
        true => tell!("action.clock-behind", span = Span(skew.unsigned_abs())),
        false => tell!("action.clock-ahead", span = Span(skew.unsigned_abs())),
    };
    let share = percent(drift.unsigned_abs());
    let drifts = match drift < 0 {
        true => tell!("action.clock-slower", share),
        false => tell!("action.clock-faster", share),
    };
    match (skew, drift) {
        (0, 0) => tell!("action.clock-right", node),
        (0, _) => tell!("action.clock", node, how = drifts),
        (_, 0) => tell!("action.clock", node, how = skewed),
        _ => tell!("action.clock-both", node, skewed, drifts),
    }
}

/// Parts per million, as per cent: `0.5`. In integers: a float would bring the code that prints
/// floats into the first load.
fn percent(millionths: u32) -> String {
    let (whole, rest) = (millionths / 10_000, millionths % 10_000);
    let percent = format!("{whole}.{rest:04}");
    percent.trim_end_matches('0').trim_end_matches('.').into()
}

fn network(moment: &Moment<'_>, action: &Action) -> Telling {
    match action {
        Action::Partition { groups } => partition(moment, groups),
        Action::Heal => tell!("action.heal"),
        Action::Cut { from, to } => tell!(
            "action.cut",
            from = moment.address(*from),
            to = moment.address(*to)
        ),
        Action::Restore { from, to } => tell!(
            "action.restore",
            from = moment.address(*from),
            to = moment.address(*to)
        ),
        Action::SetLink { from, to, link } => tell!(
            "action.link",
            from = moment.address(*from),
            to = moment.address(*to),
            takes = link_settings(link)
        ),
        Action::SetNetwork { link } => tell!("action.network", takes = link_settings(link)),
        Action::SetClientNetwork { link } => {
            tell!("action.client-network", takes = link_settings(link))
        }
        _ => Telling::new(""),
    }
}

fn partition(moment: &Moment<'_>, groups: &[Vec<Address>]) -> Telling {
    let groups: Vec<_> = groups.iter().filter(|group| !group.is_empty()).collect();
    let sizes: Vec<String> = groups.iter().map(|group| group.len().to_string()).collect();
    let side =
        |group: &&Vec<Address>| Arg::All(group.iter().map(|&it| moment.address(it)).collect());
    let sides = groups.iter().map(side).collect();
    tell!(
        "action.partition",
        sizes = sizes.join(" | "),
        sides = Arg::Sides(sides)
    )
}

fn link_settings(link: &LinkSettings) -> Telling {
    let some = |share: Ratio| (share.0 > 0).then(|| percent(share.0));
    let loses = some(link.loss).map(|share| tell!("action.loses", share));
    let doubles = some(link.duplicate).map(|share| tell!("action.doubles", share));
    tell!(
        "action.takes",
        latency_min = link.latency_min,
        latency_max = link.latency_max,
        loses,
        doubles
    )
}
