//! What a client relies on: a command that it repeats runs once (section 8).
//!
//! The log may hold a command twice. Servers apply in the order of the log, so the first server
//! that reaches an index decides what the command there is: the first of its kind, or a
//! repetition, which no server may run.

use super::Found;
use crate::base::{ClientId, GroupId, NodeId, Sorted};
use crate::check::Live;
use crate::kv::{ClientCommand, KeyRange, MANY_SHARDS, Sequence};
use crate::raft::Index;

/// What has been seen so far, in a group.
#[derive(Clone, Debug, Default)]
pub struct KvChecks {
    /// The last index that any server has applied.
    last: Index,
    /// The indexes of repetitions.
    repetitions: Sorted<Index, ()>,
    /// The keys of the group, as the server knows them that is furthest; `None`: all.
    pub(super) owned: Option<KeyRange>,
    /// The shard stands still, to be absorbed.
    pub(super) still: bool,
    /// Another group has absorbed it.
    pub(super) absorbed: bool,
}

/// What has been seen so far of clients, whatever group their keys are in.
#[derive(Clone, Debug, Default)]
pub struct Ran {
    /// Each client's last command that had its turn, and where it stands.
    last: Sorted<ClientId, (Sequence, GroupId, Index)>,
    /// Commands that had not run when their client gave them up: of several groups one may run such a
    /// command after another group ran a later one.
    open: Sorted<(ClientId, Sequence), ()>,
}

impl Ran {
    /// Where a client's command stands that was just acknowledged.
    pub(super) fn place_of(
        &self,
        client: ClientId,
        sequence: Sequence,
    ) -> Option<(GroupId, Index)> {
        let &(last, group, index) = self.last.get(&client)?;
        (last == sequence).then_some((group, index))
    }
}

impl Ran {
    /// A client has given up: its command may still run.
    pub(super) fn gave_up(&mut self, client: ClientId, sequence: Sequence) {
        let last = self.last.get(&client).map_or(0, |&(last, ..)| last);
        if last < sequence {
            self.open.insert((client, sequence), ());
        }
    }

    /// Whether this command has had its turn, or must not have it any more: a later one of the client ran
    /// in this group.
    fn is_over(&self, client: ClientId, sequence: Sequence, group: GroupId) -> bool {
        let last = self.last.get(&client);
        last.is_some_and(|&(last, its_group, _)| {
            let is_open = its_group != group && self.open.get(&(client, sequence)).is_some();
            last >= sequence && !is_open
        })
    }

    fn runs(&mut self, client: ClientId, sequence: Sequence, place: (GroupId, Index)) {
        self.open.remove(&(client, sequence));
        let last = self.last.get(&client).map_or(0, |&(last, ..)| last);
        if last < sequence {
            self.last.insert(client, (sequence, place.0, place.1));
        }
    }
}

impl KvChecks {
    /// A server applied the command at `at`; `took_effect` says whether it did.
    pub(super) fn applied(
        &mut self,
        (ran, live): (&mut Ran, &mut Live),
        node: NodeId,
        (group, index): (GroupId, Index),
        command: &ClientCommand,
        took_effect: bool,
    ) -> Option<Found> {
        let &ClientCommand {
            client, sequence, ..
        } = command;
        if index > self.last {
            self.last = index;
            // What a server refuses, because its session has expired or the key is elsewhere, none
            // may run.
            if ran.is_over(client, sequence, group) || !took_effect {
                self.repetitions.insert(index, ());
            } else {
                ran.runs(client, sequence, (group, index));
                live.applied(command);
                let owns = |keys: &KeyRange| keys.has(command.operation.key());
                let gone = self.still || self.absorbed;
                if MANY_SHARDS && (gone || !self.owned.as_ref().is_none_or(owns)) {
                    return Some(Found::NotOwner {
                        node,
                        client,
                        sequence,
                        index,
                    });
                }
            }
        }
        let repetition = self.repetitions.get(&index).is_some();
        (took_effect && repetition).then_some(Found::RanTwice {
            node,
            client,
            sequence,
            index,
        })
    }

    /// Every server that runs has compacted its log up to `index`: forgets what comes before.
    pub(super) fn forget_before(&mut self, index: Index) {
        self.repetitions.forget_below(&index);
    }
}
