//! Why an action can't be done, as data; the words for it are made in `view`.

use super::settings::{SettingsError, WhyNotSetting};
use crate::base::{Address, GroupId, NodeId, Span, reasons};
use crate::kv::FieldError;
use std::fmt;

reasons! {
    /// Why an action can't be done. The words stand in the section `why-not`.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub enum WhyNot {
        /// There is no such server.
        "no-server" NoServer {
            /// Its number.
            node: NodeId,
        },
        /// There is no such client.
        "no-client" NoClient {
            /// Its address.
            client: Address,
        },
        /// The server is running.
        "running" Running {
            /// The server.
            node: NodeId,
        },
        /// The server is paused.
        "paused" Paused {
            /// The server.
            node: NodeId,
        },
        /// The server is crashed.
        "crashed" Crashed {
            /// The server.
            node: NodeId,
        },
        /// The server was removed and switched off for good.
        "removed" Removed {
            /// The server.
            node: NodeId,
        },
        /// The machine has no replica of the group.
        "no-replica" NoReplica {
            /// The machine.
            node: NodeId,
            /// The group.
            group: GroupId,
        },
        /// The server can't trust its disk and takes no part.
        "takes-no-part" TakesNoPart {
            /// The server.
            node: NodeId,
        },
        /// Only a server that takes no part rejoins.
        "takes-part" TakesPart {
            /// The server.
            node: NodeId,
        },
        /// The machine of the server has rejoined already.
        "machine-is-back" MachineIsBack {
            /// The server.
            node: NodeId,
            /// As whom its machine takes part now.
            id: NodeId,
        },
        /// A leader has no election timer.
        "leads-no-timer" LeadsNoTimer {
            /// The leader.
            node: NodeId,
        },
        /// Who has no vote has no election timer.
        "no-vote-no-timer" NoVoteNoTimer {
            /// The server.
            node: NodeId,
        },
        /// The server doesn't lead.
        "does-not-lead" DoesNotLead {
            /// The server.
            node: NodeId,
        },
        /// Who has no vote can't lead.
        "cannot-lead" CannotLead {
            /// The server.
            node: NodeId,
        },
        /// The server has applied nothing since its last snapshot.
        "nothing-to-compact" NothingToCompact {
            /// The server.
            node: NodeId,
        },
        /// The server knows no configuration, which a snapshot would have to hold.
        "members-unknown" MembersUnknown {
            /// The server.
            node: NodeId,
        },
        /// Nobody would vote without it.
        "only-voter" OnlyVoter {
            /// The server.
            node: NodeId,
        },
        /// The voters asked for are none.
        "nobody-votes" NobodyVotes,
        /// A server is asked for as a voter and as a learner.
        "voter-and-learner" VoterAndLearner {
            /// The server.
            node: NodeId,
        },
        /// So many of the voters would take no part that no decision would be possible.
        "too-few-take-part" TooFewTakePart,
        /// The configuration isn't joint.
        "not-joint" NotJoint,
        /// In a store of many shards the controller decides on the members.
        "by-controller" ByController,
        /// The server is a member of group 0, which stays where it is.
        "holds-registry" HoldsRegistry {
            /// The server.
            node: NodeId,
        },
        /// Too few servers would be left for the replicas of a shard.
        "too-few-left" TooFewLeft {
            /// How many there would be.
            left: u32,
            /// How many are needed.
            needed: u32,
        },
        /// The run has as many servers as it can have.
        "no-room" NoRoom {
            /// So many.
            most: u32,
        },
        /// The operator has as much to do as it can remember.
        "changes-wait" ChangesWait {
            /// So many changes of the members.
            most: usize,
        },
        /// Both ends of a link are the same.
        "link-to-itself" LinkToItself {
            /// The end.
            address: Address,
        },
        /// Neither end of a link is a server.
        "no-link" NoLink {
            /// One end.
            from: Address,
            /// The other.
            to: Address,
        },
        /// The message has arrived, is lost, or was never sent.
        "no-message" NoMessage {
            /// Its number.
            message: u64,
        },
        /// An address stands in two groups of a partition.
        "in-two-groups" InTwoGroups {
            /// The address.
            address: Address,
        },
        /// A partition of nobody.
        "no-server-in-groups" NoServerInGroups,
        /// Clients can't send so much of their own.
        "load-too-high" LoadTooHigh {
            /// Operations per simulated second.
            per_second: u32,
            /// The most.
            most: u32,
        },
        /// A message can't be delayed so long.
        "delay-too-long" DelayTooLong {
            /// So long.
            by: Span,
            /// At most.
            most: Span,
        },
        /// A clock can't be so wrong: microseconds, or parts per million.
        "not-between" NotBetween {
            /// The value.
            value: i64,
            /// The least.
            low: i64,
            /// The most.
            high: i64,
        },
        /// A text may not be empty.
        "empty" Empty,
        /// A text is too long.
        "too-long" TooLong {
            /// Its length.
            bytes: usize,
            /// At most.
            most: usize,
        },
        /// No client is idle.
        "clients-busy" ClientsBusy {
            /// So many there are.
            clients: usize,
        },
        /// The disk will lose power in its next write already.
        "disk-torn" DiskTorn {
            /// The server.
            node: NodeId,
        },
        /// The disk is corrupt already.
        "disk-corrupt" DiskCorrupt {
            /// The server.
            node: NodeId,
        },
        /// The disk holds nothing that could be corrupted.
        "disk-empty" DiskEmpty {
            /// The server.
            node: NodeId,
        },
        /// The disk is full already.
        "disk-full" DiskFull {
            /// The server.
            node: NodeId,
        },
        /// The disk isn't full.
        "disk-not-full" DiskNotFull {
            /// The server.
            node: NodeId,
        },
        /// A property is broken, which ended the run.
        "run-broken" RunBroken,
        /// A limit ended the run.
        "run-stopped" RunStopped {
            /// The setting: `limits.packets`.
            setting: &'static str,
        },
        /// The run has as many actions as a recording can hold.
        "run-full" RunFull {
            /// So many.
            most: usize,
        },
        /// A setting can't be.
        "setting" Setting {
            /// What is wrong with it.
            why: WhyNotSetting,
        },
    }
}

/// An action that can't be done.
///
/// [`Display`](fmt::Display) is for programmers. Readers get [`refused`](crate::view::refused) in
/// their language.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ActionError {
    /// The field of the action: `node`, `groups`, `link.loss`.
    pub field: &'static str,
    /// What is wrong with it.
    pub why: WhyNot,
}

impl fmt::Display for ActionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.why)
    }
}

impl std::error::Error for ActionError {}

impl From<SettingsError> for ActionError {
    fn from(SettingsError { field, why }: SettingsError) -> ActionError {
        let why = WhyNot::Setting { why };
        ActionError { field, why }
    }
}

impl From<FieldError> for ActionError {
    fn from(wrong: FieldError) -> ActionError {
        let FieldError { field, bytes, .. } = wrong;
        let why = match bytes < wrong.min {
            true => WhyNot::Empty,
            false => WhyNot::TooLong {
                bytes,
                most: wrong.max,
            },
        };
        ActionError { field, why }
    }
}
