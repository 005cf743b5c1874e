//! Why nothing moves, in one sentence for each reason.

use super::{count, list, place, range};
use crate::base::{NodeId, Time};
use crate::sim::{Lack, LackReason, Loss, StallReason, Unable};

/// Servers that one sentence names; further ones are counted.
const NAMED: usize = 5;

/// A reason, in one sentence.
pub fn stall(reason: &StallReason) -> String {
    match reason {
        StallReason::Unanswered { .. }
        | StallReason::UnansweredToo { .. }
        | StallReason::ClientsUnheard
        | StallReason::ClientUnheard { .. }
        | StallReason::ClientTimeoutTooShort { .. } => clients(reason),
        StallReason::NoLeader => "Nobody leads.".into(),
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
            let takes = if heard < needed {
                "takes itself for the leader, but exchanges"
            } else {
                "exchanges"
            };
            format!(
                "{leader} {takes} messages with {}, itself counted, and needs {needed}: {}.",
                count(u64::from(*heard), "voter"),
                these(lacks, *leader)
            )
        }
        StallReason::CannotWin {
            candidate,
            votes,
            needed,
            lacks,
        } if votes < needed => format!(
            "{candidate} can't win an election, it would get {votes} of {needed} votes: {}.",
            these(lacks, *candidate)
        ),
        StallReason::CannotWin {
            candidate, lacks, ..
        } => format!(
            "{candidate} would get the votes for an election, and doesn't stand for one: {}.",
            these(lacks, *candidate)
        ),
        StallReason::CanWin { candidate, due } => match due {
            Some(due) => format!(
                "{candidate} can win an election; its timer runs out at {}.",
                instant(*due)
            ),
            None => format!("{candidate} can win an election."),
        },
        _ => waiting(reason),
    }
}

/// What a leader waits for, and timeouts that can't work.
fn waiting(reason: &StallReason) -> String {
    match *reason {
        StallReason::Uncommitted {
            leader,
            first,
            last,
        } => {
            let is = if first == last { "isn't" } else { "aren't" };
            let entries = range(first, last);
            format!("{leader} leads, and {entries} {is} committed.")
        }
        StallReason::Behind {
            leader,
            node,
            match_index,
            last,
        } if leader == node => {
            format!(
                "{leader}'s own disk holds the log through #{match_index}, and it ends at #{last}."
            )
        }
        StallReason::Behind {
            node,
            match_index: 0,
            last,
            leader,
        } => format!("{node} has confirmed nothing to {leader} yet, whose log ends at #{last}."),
        StallReason::Behind {
            node,
            match_index,
            last,
            leader,
        } => format!(
            "{node} is known to hold the log through #{match_index}; that of {leader} ends at #{last}."
        ),
        StallReason::SnapshotUnderWay {
            leader,
            to,
            received,
            total,
        } => format!(
            "{leader} sends {to} a snapshot; {received} of {} have arrived.",
            count(total.into(), "byte")
        ),
        StallReason::Transferring { leader, to } => {
            format!("{leader} hands the leadership over to {to}, and takes no writes meanwhile.")
        }
        StallReason::NothingOfItsTerm { leader, term } => format!(
            "{leader} has committed nothing in its term {term}: it doesn't know what is committed, and \
             answers no reads before it does."
        ),
        StallReason::OnlyInherited { leader, term } => format!(
            "The log of {leader} holds nothing of its own term {term}, and entries of earlier terms are \
             committed only together with one of its own."
        ),
        StallReason::TimeoutTooShort { shortest, needed } => format!(
            "The shortest election timeout, {shortest}, is too short: a heartbeat, or a request and its \
             answer, may take {needed}."
        ),
        StallReason::NoRangeOfTimeouts {
            shortest,
            longest,
            needed,
        } => format!(
            "Election timeouts between {shortest} and {longest} are too close together: servers stand \
             for election within {needed} of each other, and take each other's votes."
        ),
        StallReason::SlowDisk { node, fsync } => {
            format!("An fsync of {node} takes up to {fsync}, longer than an election timeout.")
        }
        _ => String::new(),
    }
}

fn clients(reason: &StallReason) -> String {
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
                (Some(how), _) => format!(", {}", unable_to(how)),
                (None, _) if leader == Some(asks) => ", which leads".into(),
                (None, Some(hint)) if hint == asks => ", which takes itself for the leader".into(),
                (None, Some(hint)) => format!(", which takes {hint} for the leader"),
                (None, None) => ", which knows no leader".into(),
            };
            let leads = match leader {
                Some(leader) if leader != asks && hint != Some(leader) => {
                    format!("; {leader} leads")
                }
                _ => String::new(),
            };
            let since = instant(since);
            format!(
                "{client} has waited since {since} for the answer to its operation {sequence}. It asks \
                 {asks}{knows}{leads}."
            )
        }
        StallReason::UnansweredToo { clients: 1 } => "Another client waits for an answer.".into(),
        StallReason::UnansweredToo { clients } => {
            format!("{clients} other clients wait for answers.")
        }
        StallReason::ClientsUnheard => "Every message between clients and servers is lost.".into(),
        StallReason::ClientUnheard { from, to, loss } => {
            format!("{to} doesn't hear {from}: {}.", stopped(loss))
        }
        StallReason::ClientTimeoutTooShort { timeout, needed } => format!(
            "A client asks again after {timeout}, and a request and its answer may be on their way for \
             {needed}."
        ),
        _ => String::new(),
    }
}

fn quorum_lost(
    outgoing: bool,
    needed: u32,
    able: &[NodeId],
    unable: &[(NodeId, Unable)],
) -> String {
    let of = if outgoing { "outgoing " } else { "" };
    let can = match able {
        [] => "none can take part".into(),
        [one] => format!("only {one} can take part"),
        more => format!("only {} can take part", named(more)),
    };
    let all = able.len() + unable.len();
    let missing = unable
        .iter()
        .map(|&(node, how)| format!("{node} {}", is(how)));
    format!(
        "A decision needs {needed} of the {all} {of}voters, and {can}: {}.",
        joined(missing)
    )
}

/// The servers that `who` lacks, and why: those that lack it for the same reason together.
fn these(lacks: &[Lack], who: NodeId) -> String {
    joined(lacks.iter().map(|lack| because(*lack, who)))
}

fn because(Lack { node, why }: Lack, who: NodeId) -> String {
    match why {
        LackReason::Unable { how } => format!("{node} {}", is(how)),
        LackReason::Unheard { from, to, loss } => {
            format!("{to} doesn't hear {from} ({})", stopped(loss))
        }
        LackReason::LogNewer { theirs, ours } => format!(
            "{node}'s log is newer and ends with {}, that of {who} with {}",
            place(ours),
            place(theirs)
        ),
        LackReason::HigherPriority { theirs, ours } => {
            format!("{node} has priority {ours}, {who} has {theirs}")
        }
        LackReason::HearsLeader { leader } if leader == node => format!("{node} leads"),
        LackReason::HearsLeader { leader } => format!("{node} hears {leader} as its leader"),
        LackReason::NoVote => format!("{node} has no vote by its own log, and doesn't stand"),
    }
}

/// What is the matter with a server, after its name.
const fn is(how: Unable) -> &'static str {
    match how {
        Unable::Down => "is down",
        Unable::Paused => "is paused",
        Unable::DiskFull => "has a full disk",
        Unable::TakesNoPart => "can't trust its disk and takes no part",
        Unable::Gone => "was removed and switched off",
    }
}

const fn unable_to(how: Unable) -> &'static str {
    match how {
        Unable::Down => "which is down",
        Unable::Paused => "which is paused",
        Unable::DiskFull => "whose disk is full",
        Unable::TakesNoPart => "which takes no part",
        Unable::Gone => "which was switched off",
    }
}

/// Some names, and how many more there are.
fn named(nodes: &[NodeId]) -> String {
    match nodes.len() {
        0..=NAMED => list(nodes),
        all => format!("{} and {} more", list(&nodes[..NAMED]), all - NAMED),
    }
}

/// A list of clauses; of a long one the beginning.
fn joined(clauses: impl ExactSizeIterator<Item = String>) -> String {
    let all = clauses.len();
    let mut clauses: Vec<_> = clauses.take(NAMED).collect();
    if all > NAMED {
        clauses.push(format!("and {} more", all - NAMED));
    }
    clauses.join(", ")
}

/// An instant: `12.3 s`.
pub fn instant(at: Time) -> String {
    let (whole, rest) = (at.0 / 1_000_000, at.0 / 1_000 % 1_000);
    match rest {
        0 => format!("{whole} s"),
        _ => format!("{whole}.{} s", format!("{rest:03}").trim_end_matches('0')),
    }
}

/// What stops messages.
fn stopped(loss: Loss) -> &'static str {
    match loss {
        Loss::Cut => "the link is cut",
        Loss::Partition => "the partition is between them",
        _ => "the link loses everything",
    }
}
