//! Why nothing moves: what is told of each reason, in one sentence.

use super::{list, place, range};
use crate::base::{NodeId, Time};
use crate::sim::{Lack, LackReason, Loss, StallReason, Unable};
use crate::view::words::{Arg, Telling, key, tell};

/// Servers that one sentence names; further ones are counted.
const NAMED: usize = 5;

/// A reason, in one sentence.
pub fn stall(reason: &StallReason) -> Telling {
    match reason {
        StallReason::Unanswered { .. }
        | StallReason::UnansweredToo { .. }
        | StallReason::ClientsUnheard
        | StallReason::ClientUnheard { .. }
        | StallReason::ClientTimeoutTooShort { .. } => clients(reason),
        StallReason::NoLeader => tell!("stall.no-leader"),
        StallReason::QuorumLost {
            outgoing,
            needed,
            able,
            unable,
        } => quorum_lost(*outgoing, *needed, able, unable),
        StallReason::LeaderCutOff {
            leader,
            heard,
            needed,
            lacks,
        } => {
            let (leader, heard, needed) = (*leader, *heard, *needed);
            let lacks = these(lacks, leader);
            match heard < needed {
                true => tell!("stall.leader-cut-off", leader, heard, needed, lacks),
                false => tell!("stall.leader-hears", leader, heard, needed, lacks),
            }
        }
        StallReason::CannotWin {
            candidate,
            votes,
            needed,
            lacks,
        } => {
            let (candidate, votes, needed) = (*candidate, *votes, *needed);
            let lacks = these(lacks, candidate);
            match votes < needed {
                true => tell!("stall.cannot-win", candidate, votes, needed, lacks),
                false => tell!("stall.does-not-stand", candidate, lacks),
            }
        }
        StallReason::CanWin {
            candidate,
            due: Some(due),
        } => tell!(
            "stall.can-win-at",
            candidate = *candidate,
            due = instant(*due)
        ),
        StallReason::CanWin { candidate, .. } => tell!("stall.can-win", candidate = *candidate),
        _ => waiting(reason),
    }
}

/// What a leader waits for, and timeouts that can't work.
fn waiting(reason: &StallReason) -> Telling {
    match *reason {
        StallReason::Uncommitted {
            leader,
            first,
            last,
        } => {
            let (entries, count) = (range(first, last), last - first + 1);
            tell!("stall.uncommitted", leader, entries, count)
        }
        StallReason::Behind {
            leader,
            node,
            match_index,
            last,
        } => match match_index {
            _ if leader == node => tell!("stall.own-disk", leader, match_index, last),
            0 => tell!("stall.confirmed-nothing", node, leader, last),
            _ => tell!("stall.behind", node, match_index, leader, last),
        },
        StallReason::SnapshotUnderWay {
            leader,
            to,
            received,
            total,
        } => tell!("stall.snapshot", leader, to, received, total),
        StallReason::Transferring { leader, to } => tell!("stall.transferring", leader, to),
        StallReason::NothingOfItsTerm { leader, term } => {
            tell!("stall.nothing-of-its-term", leader, term)
        }
        StallReason::OnlyInherited { leader, term } => tell!("stall.only-inherited", leader, term),
        StallReason::TimeoutTooShort { shortest, needed } => {
            tell!("stall.timeout-too-short", shortest, needed)
        }
        StallReason::NoRangeOfTimeouts {
            shortest,
            longest,
            needed,
        } => tell!("stall.no-range", shortest, longest, needed),
        StallReason::SlowDisk { node, fsync } => tell!("stall.slow-disk", node, fsync),
        _ => Telling::new(""),
    }
}

fn clients(reason: &StallReason) -> Telling {
    match *reason {
        StallReason::Unanswered {
            client,
            sequence,
            since,
            asks,
            unable,
            hint,
            leader,
        } => {
            let knows = match (unable, hint) {
                (Some(how), _) => Telling::new(unable_to(how)),
                (None, _) if leader == Some(asks) => tell!("stall.which-leads"),
                (None, Some(hint)) if hint == asks => tell!("stall.which-takes-itself"),
                (None, Some(hint)) => tell!("stall.which-takes", hint),
                (None, None) => tell!("stall.which-knows-none"),
            };
            let leads = leader
                .filter(|&leader| leader != asks && hint != Some(leader))
                .map(|leader| tell!("stall.leads", leader));
            tell!(
                "stall.unanswered",
                client,
                since = instant(since),
                sequence,
                asks,
                knows,
                leads
            )
        }
        StallReason::UnansweredToo { clients } => tell!("stall.unanswered-too", clients),
        StallReason::ClientsUnheard => tell!("stall.clients-unheard"),
        StallReason::ClientUnheard { from, to, loss } => {
            let (from, to) = (from.to_string(), to.to_string());
            tell!("stall.client-unheard", to, from, stopped = stopped(loss))
        }
        StallReason::ClientTimeoutTooShort { timeout, needed } => {
            tell!("stall.client-timeout", timeout, needed)
        }
        _ => Telling::new(""),
    }
}

fn quorum_lost(
    outgoing: bool,
    needed: u32,
    able: &[NodeId],
    unable: &[(NodeId, Unable)],
) -> Telling {
    let can = match able {
        [] => tell!("stall.none-can"),
        _ => tell!("stall.only-can", able = named(able)),
    };
    let all = able.len() + unable.len();
    let lacks = joined(
        unable
            .iter()
            .map(|&(node, how)| Telling::new(is(how)).with("node", node)),
    );
    match outgoing {
        true => tell!("stall.outgoing-quorum-lost", needed, all, can, lacks),
        false => tell!("stall.quorum-lost", needed, all, can, lacks),
    }
}

/// The servers that `who` lacks, and why: those that lack it for the same reason together.
fn these(lacks: &[Lack], who: NodeId) -> Arg {
    joined(lacks.iter().map(|lack| because(*lack, who)))
}

fn because(Lack { node, why }: Lack, who: NodeId) -> Telling {
    match why {
        LackReason::Unable { how } => Telling::new(is(how)).with("node", node),
        LackReason::Unheard { from, to, loss } => {
            tell!("stall.unheard", to, from, stopped = stopped(loss))
        }
        LackReason::LogNewer { theirs, ours } => tell!(
            "stall.log-newer",
            node,
            ours = place(ours),
            who,
            theirs = place(theirs)
        ),
        LackReason::HigherPriority { theirs, ours } => {
            let [ours, theirs] = [ours, theirs].map(u64::from);
            tell!("stall.higher-priority", node, ours, who, theirs)
        }
        LackReason::HearsLeader { leader } if leader == node => tell!("stall.it-leads", node),
        LackReason::HearsLeader { leader } => tell!("stall.hears-leader", node, leader),
        LackReason::NoVote => tell!("stall.no-vote", node),
    }
}

/// What stops messages.
fn stopped(loss: Loss) -> Telling {
    match loss {
        Loss::Cut => tell!("stall.stopped-cut"),
        Loss::Partition => tell!("stall.stopped-partition"),
        _ => tell!("stall.stopped-loss"),
    }
}

/// What is the matter with a server: a clause.
const fn is(how: Unable) -> &'static str {
    match how {
        Unable::Down => key!("stall.down"),
        Unable::Paused => key!("stall.paused"),
        Unable::DiskFull => key!("stall.disk-full"),
        Unable::TakesNoPart => key!("stall.takes-no-part"),
        Unable::Gone => key!("stall.gone"),
    }
}

/// The same of the server that a client asks.
const fn unable_to(how: Unable) -> &'static str {
    match how {
        Unable::Down => key!("stall.which-down"),
        Unable::Paused => key!("stall.which-paused"),
        Unable::DiskFull => key!("stall.which-disk-full"),
        Unable::TakesNoPart => key!("stall.which-takes-no-part"),
        Unable::Gone => key!("stall.which-gone"),
    }
}

/// Some names, and how many more there are.
fn named(nodes: &[NodeId]) -> Arg {
    match nodes.len() {
        0..=NAMED => list(nodes),
        all => {
            let names = nodes[..NAMED].iter().map(|&node| node.into()).collect();
            let more = all - NAMED;
            tell!("stall.and-more", named = Arg::All(names), more).into()
        }
    }
}

/// A list of clauses; of a long one the beginning.
fn joined(clauses: impl ExactSizeIterator<Item = Telling>) -> Arg {
    let all = clauses.len();
    let mut clauses: Vec<Arg> = clauses.take(NAMED).map(Arg::from).collect();
    if all > NAMED {
        clauses.push(tell!("stall.more", more = all - NAMED).into());
    }
    Arg::Clauses(clauses)
}

/// An instant: `12.3 s`.
pub fn instant(at: Time) -> String {
    let (whole, rest) = (at.0 / 1_000_000, at.0 / 1_000 % 1_000);
    match rest {
        0 => format!("{whole} s"),
        _ => format!("{whole}.{} s", format!("{rest:03}").trim_end_matches('0')),
    }
}
