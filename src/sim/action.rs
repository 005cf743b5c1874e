//! What a person does to the simulation. Actions are journalled: seed and journal are the run.

use super::disk_record::DiskFault;
use super::settings::{Chaos, LinkSettings};
use crate::base::{Address, GroupId, NodeId, Span, vocabulary};
use crate::kv::Operation;
use crate::raft::{Rules, Way};
use serde::{Deserialize, Deserializer, Serialize};

/// The number of a message under way: unique in a run.
pub type MessageId = u64;

vocabulary! {
    /// One thing that a person does.
    #[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
    #[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
    #[serde(tag = "action", deny_unknown_fields)]
    pub enum Action {
        /// A client sends an operation. The first client without an operation under way takes it.
        "request" Request {
            /// The operation.
            operation: Operation,
            /// The server to ask first; `None`: the one that the client takes for the leader.
            #[serde(default)]
            to: Option<NodeId>,
            /// How often to try before giving up; 0: as the run's client settings say.
            #[serde(default)]
            attempts: u32,
        },
        /// Clients send operations of their own from now on, so many per simulated second in all.
        "set_load" SetLoad {
            /// Operations per simulated second; 0 stops them.
            per_second: u32,
        },
        /// The server loses its memory and everything that was not synced.
        "crash" Crash {
            /// The server.
            node: NodeId,
        },
        /// A crashed server starts again from its disk.
        "restart" Restart {
            /// The server.
            node: NodeId,
        },
        /// The server stops as if suspended: memory kept, messages wait.
        "pause" Pause {
            /// The server.
            node: NodeId,
        },
        /// A paused server goes on.
        "resume" Resume {
            /// The server.
            node: NodeId,
        },
        /// The server's election timer runs out now, as if its clock had leapt ahead. With PreVote
        /// nothing comes of it while the others hear a leader. Leases assume that clocks don't leap:
        /// a lease read may be stale after it.
        "time_out" TimeOut {
            /// The server.
            node: NodeId,
            /// The group of its replica.
            #[serde(default, skip_serializing_if = "GroupId::is_first")]
            group: GroupId,
        },
        /// Only who is in the same group hears each other. Replaces an earlier partition. Servers in
        /// no group stand alone; clients and the operator in no group hear everybody.
        "partition" Partition {
            /// The groups.
            groups: Vec<Vec<Address>>,
        },
        /// Ends the partition. Cuts of single links stay.
        #[serde(deserialize_with = "nothing_more")]
        "heal" Heal,
        /// One link carries nothing any more, in this direction only.
        "cut" Cut {
            /// The sending end.
            from: Address,
            /// The receiving end.
            to: Address,
        },
        /// Undoes [`Action::Cut`] and [`Action::SetLink`] for this direction.
        "restore" Restore {
            /// The sending end.
            from: Address,
            /// The receiving end.
            to: Address,
        },
        /// Changes one link in one direction.
        "set_link" SetLink {
            /// The sending end.
            from: Address,
            /// The receiving end.
            to: Address,
            /// Its new settings.
            link: LinkSettings,
        },
        /// Changes every link that has no settings of its own.
        "set_network" SetNetwork {
            /// The new settings.
            link: LinkSettings,
        },
        /// Changes how long a server's fsync takes.
        "set_disk" SetDisk {
            /// The server.
            node: NodeId,
            /// The shortest fsync.
            fsync_min: Span,
            /// The longest fsync.
            fsync_max: Span,
        },
        /// Loses a message that is under way.
        "drop" Drop {
            /// The message.
            message: MessageId,
        },
        /// Delivers a message later.
        "delay" Delay {
            /// The message.
            message: MessageId,
            /// How much later.
            by: Span,
        },
        /// Delivers a message twice.
        "duplicate" Duplicate {
            /// The message.
            message: MessageId,
        },
        /// Delivers a message at once.
        "deliver_now" DeliverNow {
            /// The message.
            message: MessageId,
        },
        /// Random faults from now on, drawn from the seed; all zero stops them.
        "set_chaos" SetChaos {
            /// How rough.
            chaos: Chaos,
        },
        /// A leader hands its leadership over (dissertation 3.10).
        "transfer_leadership" TransferLeadership {
            /// The leader.
            from: NodeId,
            /// The server that shall lead.
            to: NodeId,
            /// The group of its replica.
            #[serde(default, skip_serializing_if = "GroupId::is_first")]
            group: GroupId,
        },
        /// The server takes a snapshot now, and compacts its log.
        "compact" Compact {
            /// The server.
            node: NodeId,
            /// The group of its replica.
            #[serde(default, skip_serializing_if = "GroupId::is_first")]
            group: GroupId,
        },
        /// Sets a server's clock. If that moves it, the server sees it leap.
        "set_clock" SetClock {
            /// The server.
            node: NodeId,
            /// How far ahead of true time, in microseconds; negative: behind.
            skew: i64,
            /// How much faster it runs from now on, in parts per million; negative: slower.
            drift: i32,
        },
        /// Moves a server's clock.
        "jump_clock" JumpClock {
            /// The server.
            node: NodeId,
            /// By how many microseconds; negative: back.
            by: i64,
        },
        /// Something happens to the server's disk.
        "disk" Disk {
            /// The server.
            node: NodeId,
            /// What.
            fault: DiskFault,
        },
        /// Switches rules on and off, for all servers at once, also for those that are down.
        "set_rules" SetRules {
            /// The rules that hold from now on.
            rules: Rules,
        },
        /// Sets up one more server, which joins as a learner (dissertation 4.2.1). It has the next
        /// number. This and the following actions tell the operator, who asks the leader, and
        /// the next one, until it is done.
        #[serde(deserialize_with = "nothing_more")]
        "add_server" AddServer,
        /// A learner shall vote.
        "promote_server" PromoteServer {
            /// The server.
            node: NodeId,
        },
        /// A server shall be no member any more. Then it is switched off for good.
        "remove_server" RemoveServer {
            /// The server.
            node: NodeId,
        },
        /// Exactly these shall be the members (section 6). Strangers among the voters learn first.
        "change_members" ChangeMembers {
            /// Who shall vote.
            voters: Vec<NodeId>,
            /// Who shall get the log without a vote.
            #[serde(default)]
            learners: Vec<NodeId>,
            /// How to get there.
            #[serde(default)]
            way: Way,
        },
        /// Ends a joint configuration that stays until somebody does.
        #[serde(deserialize_with = "nothing_more")]
        "leave_joint" LeaveJoint,
        /// The machine of a server that takes no part, because its disk is corrupt or was wiped, comes
        /// back with an empty disk as one more server, with the next number. The operator has it
        /// learn and then, in one step, take the old number's place.
        "rejoin_server" RejoinServer {
            /// The server that takes no part.
            node: NodeId,
        },
        /// Changes every link between a client and a server, in both directions.
        "set_client_network" SetClientNetwork {
            /// The new settings.
            link: LinkSettings,
        },
        /// Changes a server's priority in elections, also for its next starts: see
        /// [`Settings::priorities`](super::Settings::priorities).
        "set_priority" SetPriority {
            /// The server.
            node: NodeId,
            /// Its priority.
            priority: u8,
            /// The group of its replica.
            #[serde(default, skip_serializing_if = "GroupId::is_first")]
            group: GroupId,
        },
    }
}

/// Of an action without fields: refuses fields. (A variant without any takes no notice of them.)
fn nothing_more<'de, D: Deserializer<'de>>(fields: D) -> Result<(), D::Error> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Nothing {}
    Nothing::deserialize(fields).map(|Nothing {}| ())
}

impl Action {
    /// [`Action::Partition`] into groups of servers, or of whoever else has an address.
    pub fn partition<G>(groups: impl IntoIterator<Item = G>) -> Action
    where
        G: IntoIterator<Item: Into<Address>>,
    {
        let group = |group: G| group.into_iter().map(Into::into).collect();
        Action::Partition {
            groups: groups.into_iter().map(group).collect(),
        }
    }

    /// [`Action::TimeOut`] of the first group.
    pub const fn time_out(node: NodeId) -> Action {
        let group = GroupId::FIRST;
        Action::TimeOut { node, group }
    }

    /// [`Action::TransferLeadership`] of the first group.
    pub const fn transfer(from: NodeId, to: NodeId) -> Action {
        let group = GroupId::FIRST;
        Action::TransferLeadership { from, to, group }
    }

    /// [`Action::Compact`] of the first group.
    pub const fn compact(node: NodeId) -> Action {
        let group = GroupId::FIRST;
        Action::Compact { node, group }
    }

    /// [`Action::SetPriority`] in the first group.
    pub const fn set_priority(node: NodeId, priority: u8) -> Action {
        let group = GroupId::FIRST;
        Action::SetPriority {
            node,
            priority,
            group,
        }
    }

    /// [`Action::Cut`].
    pub fn cut(from: impl Into<Address>, to: impl Into<Address>) -> Action {
        let (from, to) = (from.into(), to.into());
        Action::Cut { from, to }
    }

    /// [`Action::Restore`].
    pub fn restore(from: impl Into<Address>, to: impl Into<Address>) -> Action {
        let (from, to) = (from.into(), to.into());
        Action::Restore { from, to }
    }

    /// [`Action::SetLink`].
    pub fn set_link(
        from: impl Into<Address>,
        to: impl Into<Address>,
        link: LinkSettings,
    ) -> Action {
        let (from, to) = (from.into(), to.into());
        Action::SetLink { from, to, link }
    }

    /// Whether it tells the operator to change the members.
    pub(super) const fn is_for_operator(&self) -> bool {
        matches!(
            self,
            Action::AddServer
                | Action::PromoteServer { .. }
                | Action::RemoveServer { .. }
                | Action::ChangeMembers { .. }
                | Action::LeaveJoint
                | Action::RejoinServer { .. }
        )
    }
}
