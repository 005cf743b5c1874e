//! What a group knows of the shard that it serves: part of its state machine, so that every replica
//! decides alike, and changed by the group's own log alone.

use super::encoding::{DecodeError, Decoder, Encoder};
use super::key_range::{Border, CutError, KeyRange};
use super::shard_map::Descriptor;
use crate::base::{GroupId, NodeId, fold_fields};
use crate::raft::{Index, Term};
use serde::Serialize;

/// Which step of which controller a group was told of last. A lower one is refused: it comes from a
/// controller that was deposed, or it is an old copy.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize)]
pub struct Fence {
    /// The term in which the controller leads group 0.
    pub term: Term,
    /// The operation, by its number in the registry.
    pub operation: u64,
    /// Its stage.
    pub stage: u8,
}

fold_fields!(Fence {
    term,
    operation,
    stage
});

/// The shard of a group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shard {
    /// The keys that it owns.
    pub keys: KeyRange,
    /// How often they have changed.
    pub range_epoch: u64,
    /// The highest fence that stands in the log.
    pub fence: Fence,
    /// What merges have done to it.
    pub merges: Merges,
}

/// A shard stands still, to be absorbed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Frozen {
    /// The entry of its own log that froze it.
    pub at: Index,
    /// The group that is to absorb it.
    pub target: GroupId,
}

/// What merges have done to a shard.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Merges {
    /// It stands still.
    pub frozen: Option<Frozen>,
    /// The last operation whose absorb its group has refused; 0: none.
    pub refused: u64,
    /// The groups that its group has absorbed, in that order.
    pub absorbed: Vec<GroupId>,
    /// The entry that absorbed the last of them.
    pub absorbed_at: Index,
}

/// Why a group doesn't split.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SplitError {
    /// A controller of a later term, or a later step, was here before.
    Fenced,
    /// The keys have changed since the split was asked for.
    Epoch,
    /// A part would be empty, or the border lies outside.
    Edge,
    /// Slots are cut at slots, ranges of keys at keys.
    OtherKind,
    /// The shard stands still, to be absorbed.
    Frozen,
}

impl From<CutError> for SplitError {
    fn from(error: CutError) -> SplitError {
        match error {
            CutError::Edge => SplitError::Edge,
            CutError::OtherKind => SplitError::OtherKind,
        }
    }
}

impl Shard {
    /// A shard as it is founded.
    pub fn new(keys: KeyRange) -> Shard {
        Shard {
            keys,
            range_epoch: 1,
            fence: Fence::default(),
            merges: Merges::default(),
        }
    }

    /// What is told of it; `members` and their epoch come from the group's configuration.
    pub fn descriptor(
        &self,
        group: GroupId,
        members_epoch: u64,
        members: Vec<NodeId>,
    ) -> Descriptor {
        Descriptor {
            group,
            keys: self.keys.clone(),
            range_epoch: self.range_epoch,
            members_epoch,
            members,
        }
    }

    /// The shard in two: what stays, and what the child begins with. Both have an epoch above the
    /// one before.
    ///
    /// # Errors
    /// The border doesn't cut it.
    pub(super) fn cut(&self, at: &Border) -> Result<(Shard, Shard), CutError> {
        let (stays, goes) = self.keys.cut(at)?;
        let range_epoch = self.range_epoch + 1;
        let half = |keys| Shard {
            range_epoch,
            ..Shard::new(keys)
        };
        let stays = Shard {
            fence: self.fence,
            merges: self.merges.clone(),
            ..half(stays)
        };
        Ok((stays, half(goes)))
    }

    pub(super) fn encode(&self, out: &mut Encoder) {
        self.keys.encode(out);
        out.word(self.range_epoch);
        out.word(self.fence.term);
        out.word(self.fence.operation);
        out.byte(self.fence.stage);
        if self.merges != Merges::default() {
            self.merges.encode(out);
        }
    }

    pub(super) fn decode(bytes: &mut Decoder<'_>) -> Result<Shard, DecodeError> {
        Ok(Shard {
            keys: KeyRange::decode(bytes)?,
            range_epoch: bytes.word("shard.range_epoch")?,
            fence: Fence {
                term: bytes.word("shard.fence.term")?,
                operation: bytes.word("shard.fence.operation")?,
                stage: bytes.byte("shard.fence.stage")?,
            },
            merges: match bytes.is_at_end() {
                true => Merges::default(),
                false => Merges::decode(bytes)?,
            },
        })
    }
}
