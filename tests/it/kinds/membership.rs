//! One event of every kind that has to do with changes of the members.

use super::{S1, S2};
use kvorum::base::NodeId;
use kvorum::raft::{ChangeError, Trace, Way};
use kvorum::sim::Action;

pub fn actions() -> Vec<Action> {
    let node = S1;
    vec![
        Action::AddServer,
        Action::PromoteServer { node },
        Action::RemoveServer { node },
        Action::ChangeMembers {
            voters: vec![S1, S2],
            learners: vec![],
            way: Way::Shortest,
        },
        Action::ChangeMembers {
            voters: vec![S1],
            learners: vec![S2, NodeId(3)],
            way: Way::Stay,
        },
        Action::LeaveJoint,
        Action::RejoinServer { node },
    ]
}

pub fn traces() -> Vec<Trace> {
    let term = 4;
    let whys = [
        ChangeError::NotLeader { hint: Some(S2) },
        ChangeError::NoVoters,
        ChangeError::VoterAndLearner { node: S2 },
        ChangeError::LeaderAsLearner,
        ChangeError::NoDifference,
        ChangeError::UnderWay { index: 9 },
        ChangeError::NotCommittedInTerm,
        ChangeError::NotCaughtUp { node: S2 },
        ChangeError::NotJoint,
    ];
    let mut traces = whys.map(|why| Trace::ChangeRefused { why }).to_vec();
    for (index, outgoing, learners) in [(9, 3, 0), (9, 0, 1), (9, 0, 0), (0, 0, 0)] {
        let voters = 4;
        traces.push(Trace::ConfigurationAdopted {
            index,
            voters,
            outgoing,
            learners,
        });
    }
    traces.extend([
        Trace::ConfigurationRolledBack { lost: 9, index: 0 },
        Trace::ConfigurationRolledBack { lost: 9, index: 7 },
        Trace::JointCommitted { index: 9 },
        Trace::LearnerCaughtUp {
            peer: S2,
            match_index: 9,
        },
        Trace::LeaderRemoved { term, index: 9 },
    ]);
    traces
}
