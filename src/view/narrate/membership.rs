//! The sentences for changes of membership (section 6; dissertation, chapter 4).

use super::{Line, count, list};
use crate::base::NodeId;
use crate::raft::{ChangeError, Index, Trace};
use crate::sim::{Action, EventKind};

/// Tells a decision of `node` about who is a member.
pub(super) fn tell(line: &mut Line<'_>, node: NodeId, trace: &Trace) {
    match *trace {
        Trace::ConfigurationAdopted {
            index,
            voters,
            outgoing,
            learners,
        } => adopted(line, node, index, [voters, outgoing, learners]),
        Trace::ConfigurationRolledBack { lost, index } => {
            line.node(node)
                .strong(format!(" goes back to the members {}", of(index)))
                .text(format!(": #{lost} is cut away, and its effect with it."))
                .refs(&["6"]);
        }
        Trace::ChangeRefused { why } => refused(line, node, why),
        Trace::JointCommitted { index } => line
            .strong("Both majorities hold the joint configuration")
            .text(" ")
            .entry(index, true)
            .text(". ")
            .node(node)
            .text(" goes on to the new voters alone.")
            .refs(&["6", "diss. 4.3"]),
        Trace::LearnerCaughtUp { peer, match_index } => line
            .node(peer)
            .strong(" has caught up")
            .text(" with ")
            .node(node)
            .text(format!(
                ": it holds the log through #{match_index} and may get a vote."
            ))
            .refs(&["diss. 4.2.1"]),
        Trace::LeaderRemoved { index, .. } => line
            .node(node)
            .strong(" has led its own removal")
            .text(format!(
                ": #{index}, which leaves it out, is committed. It steps down."
            ))
            .refs(&["6", "diss. 4.2.2"]),
        _ => {}
    }
}

/// Which members: those of an entry, or of the start.
pub(super) fn of(index: Index) -> String {
    match index {
        0 => "of the start".into(),
        _ => format!("of #{index}"),
    }
}

/// Tells what became of a machine, or of a change.
pub(super) fn happened(line: &mut Line<'_>, kind: &EventKind) {
    match *kind {
        EventKind::Joined { node } => line
            .node(node)
            .strong(" is set up")
            .text(": its disk is empty, and it knows nobody.")
            .refs(&["diss. 4.2.1"]),
        EventKind::Rejoined { node, was, why } => line
            .strong("The machine of ")
            .node(was)
            .strong(" comes back as ")
            .node(node)
            .text(format!(": {}.", super::reason(why)))
            .refs(&["diss. 3.8", "diss. 4.2.1"]),
        EventKind::Retired { node } => line
            .node(node)
            .strong(" is switched off")
            .text(" for good: it is no member any more.")
            .refs(&["diss. 4.2.3"]),
        _ => line
            .text("The operator gives a change of the members up.")
            .refs(&["6"]),
    };
}

/// Tells what somebody wants changed.
pub(super) fn acted<'a, 'r>(line: &'a mut Line<'r>, action: &Action) -> &'a mut Line<'r> {
    match action {
        Action::AddServer => line.text("Requested: one more server."),
        Action::PromoteServer { node } => line
            .text("Requested: ")
            .node(*node)
            .text(" becomes a voter."),
        Action::RemoveServer { node } => line.text("Requested: remove ").node(*node).text("."),
        Action::RejoinServer { node } => line
            .text("Requested: ")
            .node(*node)
            .text(" rejoins under a new number."),
        Action::ChangeMembers {
            voters, learners, ..
        } => {
            line.text(format!("Requested: the voters are {}", list(voters)));
            if !learners.is_empty() {
                line.text(format!(", and {} learn", list(learners)));
            }
            line.text(".")
        }
        _ => line.text("Requested: leave the joint configuration."),
    }
}

fn adopted(line: &mut Line<'_>, node: NodeId, index: u64, [voters, outgoing, learners]: [u32; 3]) {
    line.node(node);
    if outgoing > 0 {
        line.strong(" goes by two majorities")
            .text(" now, by ")
            .entry(index, false)
            .text(format!(
                ": one of the {outgoing} old voters and one of the {voters} new ones."
            ))
            .refs(&["6", "diss. 4.3"]);
        return;
    }
    let voters = count(voters.into(), "voter");
    line.strong(match learners {
        0 => format!(" counts {voters} from now on"),
        _ => format!(
            " counts {voters} from now on, and {}",
            count(learners.into(), "learner")
        ),
    });
    if index > 0 {
        line.text(": ")
            .entry(index, false)
            .text(" says so, committed or not");
    }
    line.text(".").refs(&["6", "diss. 4.1"]);
}

fn refused(line: &mut Line<'_>, node: NodeId, why: ChangeError) {
    line.node(node).text(" refuses to change the membership");
    let (why, refs): (String, &[&str]) = match why {
        ChangeError::NotLeader { .. } => (": it doesn't lead.".into(), &["6"]),
        ChangeError::NoVoters => (": nobody would vote.".into(), &["6"]),
        ChangeError::VoterAndLearner { node } => (
            format!(": {node} can't be a voter and a learner."),
            &["diss. 4.2.1"],
        ),
        ChangeError::LeaderAsLearner => (
            ": a learner can't lead, and it leads.".into(),
            &["diss. 4.2.1"],
        ),
        ChangeError::NoDifference => (": nothing would change.".into(), &["6"]),
        ChangeError::UnderWay { index } => (
            format!(": a change is under way, #{index}."),
            &["diss. 4.1"],
        ),
        ChangeError::NotCommittedInTerm => (
            ": first it must commit an entry of its own term.".into(),
            &["diss. 4.1"],
        ),
        ChangeError::NotCaughtUp { node } => (
            format!(": {node} hasn't caught up and would hold up commits."),
            &["diss. 4.2.1"],
        ),
        ChangeError::NotJoint => (": there is no joint configuration to end.".into(), &["6"]),
    };
    line.text(why).refs(refs);
}
