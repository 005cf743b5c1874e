//! The way to a broken property, told again step by step.

use super::choice::{Choice, Move, moves};
use super::local::Command;
use super::search::Search;
use super::space::Space;
use crate::base::NodeId;
use crate::raft::{Change, Message, Raft, Term, Trace};

/// One step of the way.
#[derive(Clone, Debug)]
pub struct Step {
    /// To whom something happens.
    pub node: NodeId,
    /// What.
    pub choice: Choice,
    /// The message that arrives, if one does.
    pub message: Option<Message<Command>>,
    /// The change of membership that is asked for, if one is.
    pub change: Option<Change>,
    /// Whether what it writes takes its time.
    pub slow: bool,
    /// What it decides.
    pub traces: Vec<Trace>,
    /// The server after it.
    pub raft: Raft<Command>,
    /// All servers after it, S1 first.
    pub servers: Vec<Standing>,
}

/// A server after a step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Standing {
    /// Its term.
    pub term: Term,
    /// Whether it leads.
    pub leads: bool,
}

impl Search {
    /// The steps to the world in which a property is broken, the last one included. None if none is.
    pub fn tale(&mut self) -> Vec<Step> {
        let mut world = self.first.clone();
        let (mut found, mut tale) = (Vec::new(), Vec::new());
        for nth in self.way() {
            moves(&mut self.space, &world, &mut found);
            let Some(&step) = found.get(nth as usize) else {
                break;
            };
            let mut locals = world.locals.clone();
            locals[step.server as usize] = self.space.outcome(step.outcome).after;
            tale.push(told(
                &self.space,
                world.locals[step.server as usize],
                &step,
                &locals,
            ));
            match self.after(&world, &step) {
                Ok(next) => world = next,
                Err(_) => break,
            }
        }
        tale
    }
}

fn told(space: &Space, local: u32, step: &Move, locals: &[u32]) -> Step {
    let happening = step.choice.happening(local, space);
    let standing = |&local: &u32| {
        let raft = &space.locals[local as usize].raft;
        Standing {
            term: raft.current_term(),
            leads: raft.is_leader(),
        }
    };
    Step {
        node: Space::id(step.server),
        choice: step.choice,
        message: match step.choice {
            Choice::Arrives { message, .. } => Some(space.messages[message as usize].clone()),
            _ => None,
        },
        change: match step.choice {
            Choice::Changes(nth) => Some(space.bounds.changes[nth].clone()),
            _ => None,
        },
        slow: step.slow,
        traces: space.traces(local, happening, step.slow),
        raft: space.locals[locals[step.server as usize] as usize]
            .raft
            .clone(),
        servers: locals.iter().map(standing).collect(),
    }
}
