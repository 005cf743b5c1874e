//! What stands in the log of a group.

use super::admin::AdminCommand;
use super::command::{ClientCommand, Operation, Sequence};
use crate::base::{ClientId, Digest, Fold};
use crate::raft::Measured;
use std::rc::Rc;

/// What stands in the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// A client's operation.
    Client(ClientCommand),
    /// What the cluster does to the group.
    Admin(Rc<AdminCommand>),
}

impl Fold for Command {
    #[inline]
    fn fold(&self, digest: &mut Digest) {
        match self {
            Command::Client(command) => command.fold(digest),
            Command::Admin(command) => command.fold(digest),
        }
    }
}

impl Command {
    /// A command of a client's first session, at the beginning of time.
    pub fn first(client: ClientId, sequence: Sequence, operation: Operation) -> Command {
        Command::Client(ClientCommand::first(client, sequence, operation))
    }

    /// The client's operation, if it is one.
    pub fn of_client(&self) -> Option<&ClientCommand> {
        match self {
            Command::Client(command) => Some(command),
            Command::Admin(_) => None,
        }
    }
}

impl Measured for Command {
    fn bytes(&self) -> u32 {
        match self {
            Command::Client(command) => command.operation.bytes() as u32 + 24,
            // About as much as one with a key, and what it carries.
            Command::Admin(command) => match &**command {
                AdminCommand::Absorb(absorb) => 64 + absorb.carried_bytes(),
                _ => 64,
            },
        }
    }
}
