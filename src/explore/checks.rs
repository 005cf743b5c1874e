//! What is checked by looking at several servers at once.

use super::broken::Broken;
use super::chains::Chain;
use super::choice::{Choice, Move};
use super::space::{Facts, Outcome, Space};
use super::world::World;
use crate::base::MemberId;
use crate::raft::{Configuration, Rule, Rules};

/// Log Matching: the log of a server against all others.
pub fn logs_match(
    space: &Space,
    world: &World,
    server: usize,
    after: &Facts,
) -> Result<(), Broken> {
    for (at, &other) in world.locals.iter().enumerate() {
        let other = space.facts[other as usize].log;
        if at != server
            && let Some(index) = space.chains.mismatch(after.log, other)
        {
            let prefix = space.chains.prefix(other, index);
            return Err(Broken::LogsDiffer {
                node: Space::id(server as u32),
                id: space.chains.last(prefix),
            });
        }
    }
    Ok(())
}

/// A leader has committed something: a majority has it on its disks, and so has every leader of a later
/// term that was elected before.
pub fn commit_holds(
    space: &Space,
    world: &World,
    step: &Move,
    outcome: &Outcome,
) -> Result<(), Broken> {
    let leader = space.facts[outcome.after as usize];
    let facts = |at: u32| match at == step.server {
        true => leader,
        false => space.facts[world.locals[at as usize] as usize],
    };
    let holds = |id: MemberId, chain: Chain| {
        let at = id.node().0 - 1;
        (at as usize) < world.locals.len() && space.chains.begins_with(facts(at).disk, chain)
    };
    let have =
        |voters: &Configuration, chain: Chain| voters.is_quorum(Rules::ALL, |id| holds(id, chain));
    if !is_durable(space, step, outcome, have) {
        let configuration = space.locals[outcome.after as usize].raft.configuration();
        let members = configuration.members();
        let voters = members.into_iter().filter(|&id| configuration.is_voter(id));
        let voters: Vec<_> = voters.collect();
        let durable = voters.iter().filter(|&&id| holds(id, leader.committed));
        return Err(Broken::NotDurable {
            leader: Space::id(step.server),
            term: leader.term,
            index: space.chains.len(leader.committed),
            durable: durable.count() as u32,
            voters: voters.len() as u32,
        });
    }
    for at in 0..world.locals.len() as u32 {
        let other = facts(at);
        if other.leads
            && other.term > leader.term
            && !space.chains.begins_with(other.log, leader.committed)
        {
            return Err(Broken::LeaderLacks {
                leader: Space::id(at),
                term: other.term,
                committed: space.chains.last(leader.committed),
            });
        }
    }
    Ok(())
}

/// Whether those who count had on their disks what a leader committed in a step. Where its own vote is
/// enough, it may have committed a configuration and what it appended by it, one after the other.
fn is_durable(
    space: &Space,
    step: &Move,
    outcome: &Outcome,
    have: impl Fn(&Configuration, Chain) -> bool,
) -> bool {
    let (before, after) = (
        &space.facts[outcome.before as usize],
        &space.facts[outcome.after as usize],
    );
    let voters = |local: u32| space.locals[local as usize].raft.configuration();
    if have(voters(outcome.before), after.committed) {
        return true;
    }
    if !space.bounds.rules.has(Rule::ConfigurationOnAppend) {
        return false;
    }
    let mut asked = matches!(step.choice, Choice::Changes(_) | Choice::Leaves);
    let mut counting = voters(outcome.before);
    let appended = space
        .chains
        .configurations(after.log, space.chains.len(before.log));
    for (index, next) in appended {
        let known = space.chains.prefix(after.committed, index - 1);
        if !asked && !have(counting, known) {
            return false;
        }
        (counting, asked) = (next, false);
    }
    have(counting, after.committed)
}

/// Two servers take different entries for committed: says who the other one is, if it still knows.
pub fn with_other(space: &Space, world: &World, broken: Broken) -> Broken {
    let Broken::CommittedDiffer { node, index, .. } = broken else {
        return broken;
    };
    let knows = |&(at, &local): &(u32, &u32)| {
        let committed = space.facts[local as usize].committed;
        Space::id(at) != node && space.chains.len(committed) >= index
    };
    let other = (0..).zip(&world.locals).find(knows);
    Broken::CommittedDiffer {
        node,
        other: other.map_or(node, |(at, _)| Space::id(at)),
        index,
    }
}
