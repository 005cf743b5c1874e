//! What a client relies on: a command that it repeats runs once (section 8).
//!
//! The log may hold a command twice. Servers apply in the order of the log, so the first server
//! that reaches an index decides what the command there is: the first of its kind, or a
//! repetition, which no server may run.

use super::Found;
use crate::base::{ClientId, GroupId, NodeId, Sorted};
use crate::check::Live;
use crate::kv::{ClientCommand, Sequence};
use crate::raft::Index;

/// What has been seen so far, in a group.
#[derive(Clone, Debug, Default)]
pub struct KvChecks {
    /// The last index that any server has applied.
    last: Index,
    /// The indexes of repetitions.
    repetitions: Sorted<Index, ()>,
}

/// What has been seen so far of clients, whatever group their keys are in.
#[derive(Clone, Debug, Default)]
pub struct Ran {
    /// Each client's last command that had its turn, and where it stands.
    last: Sorted<ClientId, (Sequence, GroupId, Index)>,
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
            let before = ran.last.get(&client);
            // What a server refuses, because its session has expired or the key is elsewhere, none
            // may run.
            if before.is_some_and(|&(last, ..)| last >= sequence) || !took_effect {
                self.repetitions.insert(index, ());
            } else {
                ran.last.insert(client, (sequence, group, index));
                live.applied(command);
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
