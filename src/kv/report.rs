//! What a node tells the controller, and what the controller asks of it.

use super::key_range::Border;
use super::shard::{Fence, Frozen};
use super::shard_map::Descriptor;
use crate::base::{GroupId, MemberId, NodeId};
use crate::raft::{Change, Configuration, EntryId, Index, Term};
use std::rc::Rc;

/// "I am here, and this is what I have."
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NodeReport {
    /// Its replicas.
    pub replicas: Vec<ReplicaReport>,
}

/// One replica.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReplicaReport {
    /// Its group.
    pub group: GroupId,
    /// Which member it is.
    pub member: MemberId,
    /// The group that it absorbed last, once its own snapshot with that is durable.
    pub absorbed: Option<GroupId>,
    /// What it knows of its group, if it leads.
    pub leads: Option<Rc<GroupReport>>,
}

/// What a leader knows of its group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GroupReport {
    /// Its term.
    pub term: Term,
    /// The members that it goes by.
    pub configuration: Configuration,
    /// The entry that names them.
    pub id: EntryId,
    /// Whether they are committed, and nothing of a change is open.
    pub settled: bool,
    /// The shard.
    pub descriptor: Rc<Descriptor>,
    /// The highest fence that it has applied.
    pub fence: Fence,
    /// How the shard stands still, if it does.
    pub frozen: Option<Frozen>,
    /// The last operation whose absorb the group has refused.
    pub refused: u64,
    /// Up to this entry every member's disk holds the log.
    pub held: Index,
    /// Keys.
    pub keys: u64,
    /// Operations a second that it was asked for lately.
    pub load: u64,
    /// Where the shard would be cut into halves; `None` if it can't.
    pub middle: Option<Border>,
}

/// What a controller asks a group's leader for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StepRequest {
    /// The group.
    pub group: GroupId,
    /// Which step it is. It is refused if the group knows a higher one.
    pub fence: Fence,
    /// What it is to do.
    pub demand: Demand,
}

/// What a leader is to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Demand {
    /// To hand the leadership over.
    Transfer {
        /// To this node.
        to: NodeId,
    },
    /// To change the members.
    Change {
        /// The entry of the configuration that it is meant for.
        replaces: EntryId,
        /// The change.
        change: Change,
    },
    /// To cut the shard in two.
    Split {
        /// The epoch of the keys that it is meant for.
        range_epoch: u64,
        /// Where the second part begins.
        at: Border,
        /// The group that gets it.
        child: GroupId,
    },
    /// Nothing, but to refuse earlier steps from now on.
    Hold,
    /// To stand still, so that another group can absorb it.
    Freeze {
        /// The entry of the configuration that it is meant for.
        replaces: EntryId,
        /// The epoch of the keys that it is meant for.
        range_epoch: u64,
        /// The other group.
        target: GroupId,
    },
    /// To absorb another group.
    Absorb {
        /// The epoch of the keys that it is meant for.
        range_epoch: u64,
        /// The other group's shard, which is frozen.
        source: Rc<Descriptor>,
        /// The entry that froze it.
        at: Index,
        /// Up to this entry every member's disk holds the other group's log.
        held: Index,
    },
    /// Never to absorb another group in this operation.
    Refuse {
        /// The epoch of the keys that it is meant for.
        range_epoch: u64,
    },
    /// To go on.
    Thaw {
        /// The epoch of the keys that it is meant for.
        range_epoch: u64,
    },
}
