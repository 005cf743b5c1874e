//! What the cluster's own processes put into a group's log.
//!
//! No client can ask for these. Each is decided when it is applied, from what the group knows then, so
//! every replica decides alike, and a copy that comes late does nothing.

use super::key_range::{Border, KeyRange};
use super::logged::Command;
use super::registry::RegistryChange;
use super::shard::Fence;
use crate::base::{Digest, Fold, GroupId, fold_fields};
use crate::raft::{Entry, Index};

/// A command of the cluster.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AdminCommand {
    /// Group 0: something changes in the registry.
    Registry(RegistryChange),
    /// A data group: the controller's step with this fence is known; lower ones are refused from now on.
    Fence(Fence),
    /// A data group: what comes from this border on goes to a new group.
    Split(Split),
    /// A data group, the source of a merge: it stands still from now on.
    Freeze(Freeze),
    /// A data group, the target of a merge: it takes the source in.
    Absorb(Absorb),
    /// A data group, the target of a merge: it never takes the source in by that operation.
    Refuse(TakeBack),
    /// A data group, the source of a merge: it goes on.
    Thaw(TakeBack),
}

/// A split that is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Split {
    /// The step of the controller.
    pub fence: Fence,
    /// The range epoch that the shard must have.
    pub range_epoch: u64,
    /// Where the second part begins.
    pub at: Border,
    /// The group that gets it.
    pub child: GroupId,
}

/// The source of a merge is to stand still.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Freeze {
    /// The step of the controller.
    pub fence: Fence,
    /// The range epoch that the shard must have.
    pub range_epoch: u64,
    /// The group that is to absorb it.
    pub target: GroupId,
}

fold_fields!(Freeze {
    fence,
    range_epoch,
    target
});

/// The target of a merge is to take the source in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Absorb {
    /// The step of the controller.
    pub fence: Fence,
    /// The range epoch that the target must have.
    pub range_epoch: u64,
    /// The group that is taken in.
    pub source: GroupId,
    /// The source's range epoch.
    pub source_epoch: u64,
    /// The source's keys.
    pub keys: KeyRange,
    /// The entry that froze the source.
    pub at: Index,
    /// Up to this entry every member's disk holds the source's log.
    pub held: Index,
    /// The source's entries behind that, up to the one that froze it.
    pub carried: Vec<Entry<Command>>,
}

impl Absorb {
    /// The bytes of the entries that it carries.
    pub(super) fn carried_bytes(&self) -> u32 {
        self.carried.iter().map(Entry::bytes).sum()
    }
}

impl Fold for Absorb {
    fn fold(&self, digest: &mut Digest) {
        self.fence.fold(digest);
        self.range_epoch.fold(digest);
        self.source.0.fold(digest);
        self.source_epoch.fold(digest);
        self.keys.fold(digest);
        self.at.fold(digest);
        self.held.fold(digest);
        self.carried.iter().for_each(|entry| entry.fold(digest));
    }
}

/// The target of a merge is never to absorb the source in this operation, or the source is to go on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TakeBack {
    /// The step of the controller.
    pub fence: Fence,
    /// The range epoch that the shard must have.
    pub range_epoch: u64,
}

fold_fields!(TakeBack { fence, range_epoch });

impl Fold for AdminCommand {
    fn fold(&self, digest: &mut Digest) {
        match self {
            AdminCommand::Registry(change) => {
                digest.word(1);
                change.fold(digest);
            }
            AdminCommand::Fence(fence) => {
                digest.word(2);
                fence.fold(digest);
            }
            AdminCommand::Split(split) => {
                digest.word(3);
                split.fence.fold(digest);
                split.range_epoch.fold(digest);
                split.at.fold(digest);
                split.child.0.fold(digest);
            }
            AdminCommand::Freeze(freeze) => {
                digest.word(4);
                freeze.fold(digest);
            }
            AdminCommand::Absorb(absorb) => {
                digest.word(5);
                absorb.fold(digest);
            }
            AdminCommand::Refuse(refusal) => {
                digest.word(6);
                refusal.fold(digest);
            }
            AdminCommand::Thaw(thaw) => {
                digest.word(7);
                thaw.fold(digest);
            }
        }
    }
}
