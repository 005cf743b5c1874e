//! What the cluster's own processes put into a group's log.
//!
//! No client can ask for these. Each is decided when it is applied, from what the group knows then, so
//! every replica decides alike, and a copy that comes late does nothing.

use super::key_range::Border;
use super::registry::RegistryChange;
use super::shard::Fence;
use crate::base::{Digest, Fold, GroupId};

/// A command of the cluster.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AdminCommand {
    /// Group 0: something changes in the registry.
    Registry(RegistryChange),
    /// A data group: the controller's step with this fence is known; lower ones are refused from now on.
    Fence(Fence),
    /// A data group: what comes from this border on goes to a new group.
    Split(Split),
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
        }
    }
}
