//! The rules of a store of many shards, each of which can be switched off by name.
//!
//! As with the protocol's ([`Rule`](crate::raft::Rule)): switched off, something breaks, and something sees
//! it. They hold for a whole run.

use crate::base::switches;

switches! {
    /// One rule of a store of many shards.
    pub enum ShardRule;
    /// Which of them are off.
    pub struct ShardRules;
    /// A command takes effect only where the group's own log says, when it is applied, that the group owns
    /// the key.
    OwnerAtApply = "owner-at-apply",
    /// A read is answered only by a group that owns the key when it is answered.
    OwnerAtRead = "owner-at-read",
    /// What a client's session remembers is asked before who owns the key: a command that ran is never
    /// refused.
    SessionBeforeOwner = "session-before-owner",
    /// Both halves of a split keep all sessions.
    SessionsAtSplit = "sessions-at-split",
    /// What is absorbed brings its sessions along.
    SessionsAtMerge = "sessions-at-merge",
    /// A shard that is frozen answers no read but a stale one.
    FreezeRefusesReads = "freeze-refuses-reads",
    /// A command takes no effect in a shard that is frozen.
    FreezeRefusesWrites = "freeze-refuses-writes",
    /// A replica absorbs the source as it was when it was frozen, and waits until it can.
    AbsorbWaits = "absorb-waits",
    /// A frozen shard goes on only after the log that was to absorb it has refused.
    ThawNeedsRefusal = "thaw-needs-refusal",
    /// A replica is born by a split or by a snapshot; before, it gives no vote and takes no entries.
    BornWithState = "born-with-state",
    /// A replica that was removed stays silent for ever.
    Tombstone = "tombstone",
    /// One thing is done to a shard at a time.
    OneChangePerShard = "one-change-per-shard",
    /// A group refuses steps that are older than the latest one that it knows, of whatever controller.
    ControllerFence = "controller-fence",
    /// A new controller calls no node dead before it has listened as long as that takes.
    ControllerPatience = "controller-patience",
}
