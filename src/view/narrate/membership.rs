//! What is told of changes of membership (section 6; dissertation, chapter 4).

use super::{Moment, list, reason};
use crate::base::NodeId;
use crate::raft::{ChangeError, Index, Trace};
use crate::sim::{Action, EventKind};
use crate::view::words::{Telling, tell};

/// Tells a decision of `id` about who is a member.
pub(super) fn tell(moment: &Moment<'_>, id: NodeId, trace: &Trace) -> Telling {
    let node = moment.node(id);
    match *trace {
        Trace::ConfigurationAdopted {
            index,
            voters,
            outgoing,
            learners,
        } => adopted(moment, id, index, [voters, outgoing, learners]),
        Trace::ConfigurationRolledBack { lost, index } => {
            tell!("member.rolled-back", node, members = of(index), lost).refs(&["6"])
        }
        Trace::ChangeRefused { why } => refused(moment, id, why),
        Trace::JointCommitted { index } => {
            let entry = moment.entry(index, true);
            tell!("member.joint-committed", entry, node).refs(&["6", "diss. 4.3"])
        }
        Trace::LearnerCaughtUp { peer, match_index } => {
            let peer = moment.node(peer);
            tell!("member.caught-up", peer, node, match_index).refs(&["diss. 4.2.1"])
        }
        Trace::LeaderRemoved { index, .. } => {
            tell!("member.leader-removed", node, index).refs(&["6", "diss. 4.2.2"])
        }
        _ => Telling::new(""),
    }
}

/// Which members: those of an entry, or of the start.
pub(super) fn of(index: Index) -> Telling {
    match index {
        0 => tell!("member.of-start"),
        _ => tell!("member.of-entry", index),
    }
}

/// Tells what became of a machine, or of a change.
pub(super) fn happened(moment: &Moment<'_>, kind: &EventKind) -> Telling {
    match *kind {
        EventKind::Joined { node } => {
            tell!("member.joined", node = moment.node(node)).refs(&["diss. 4.2.1"])
        }
        EventKind::Rejoined { node, was, why } => tell!(
            "member.rejoined",
            was = moment.node(was),
            node = moment.node(node),
            why = reason(why)
        )
        .refs(&["diss. 3.8", "diss. 4.2.1"]),
        EventKind::Retired { node } => {
            tell!("member.retired", node = moment.node(node)).refs(&["diss. 4.2.3"])
        }
        _ => tell!("member.abandoned").refs(&["6"]),
    }
}

/// Tells what somebody wants changed.
pub(super) fn acted(moment: &Moment<'_>, action: &Action) -> Telling {
    match action {
        Action::AddServer => tell!("action.add-server"),
        Action::PromoteServer { node } => tell!("action.promote", node = moment.node(*node)),
        Action::RemoveServer { node } => tell!("action.remove", node = moment.node(*node)),
        Action::RejoinServer { node } => tell!("action.rejoin", node = moment.node(*node)),
        Action::ChangeMembers {
            voters, learners, ..
        } if learners.is_empty() => tell!("action.members", voters = list(voters)),
        Action::ChangeMembers {
            voters, learners, ..
        } => tell!(
            "action.members-learners",
            voters = list(voters),
            learners = list(learners)
        ),
        _ => tell!("action.leave-joint"),
    }
}

fn adopted(
    moment: &Moment<'_>,
    id: NodeId,
    index: Index,
    [voters, outgoing, learners]: [u32; 3],
) -> Telling {
    let (node, entry) = (moment.node(id), moment.entry(index, false));
    if outgoing > 0 {
        return tell!("member.adopted-joint", node, entry, outgoing, voters)
            .refs(&["6", "diss. 4.3"]);
    }
    let members = match learners {
        0 => tell!("member.counts", voters),
        _ => tell!(
            "member.counts-learners",
            voters = tell!("member.voters", voters),
            learners
        ),
    };
    match index {
        0 => tell!("member.adopted-start", node, members),
        _ => tell!("member.adopted", node, members, entry),
    }
    .refs(&["6", "diss. 4.1"])
}

fn refused(moment: &Moment<'_>, id: NodeId, why: ChangeError) -> Telling {
    let (why, refs): (Telling, &[&str]) = match why {
        ChangeError::NotLeader { .. } => (tell!("member.not-leader"), &["6"]),
        ChangeError::NoVoters => (tell!("member.no-voters"), &["6"]),
        ChangeError::VoterAndLearner { node } => {
            (tell!("member.voter-and-learner", node), &["diss. 4.2.1"])
        }
        ChangeError::LeaderAsLearner => (tell!("member.leader-as-learner"), &["diss. 4.2.1"]),
        ChangeError::NoDifference => (tell!("member.no-difference"), &["6"]),
        ChangeError::UnderWay { index } => (tell!("member.under-way", index), &["diss. 4.1"]),
        ChangeError::NotCommittedInTerm => (tell!("member.not-committed-in-term"), &["diss. 4.1"]),
        ChangeError::NotCaughtUp { node } => {
            (tell!("member.not-caught-up", node), &["diss. 4.2.1"])
        }
        ChangeError::NotJoint => (tell!("member.not-joint"), &["6"]),
    };
    tell!("member.refused", node = moment.node(id), why).refs(refs)
}
