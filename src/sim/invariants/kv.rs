//! What a client relies on: a command that it repeats runs once (section 8).
//!
//! The log may hold a command twice. Servers apply in the order of the log, so the first server
//! that reaches an index decides what the command there is: the first of its kind, or a
//! repetition, which no server may run.

use super::Found;
use crate::base::{ClientId, NodeId, Sorted};
use crate::check::Live;
use crate::kv::{Command, Sequence};
use crate::raft::Index;

/// What has been seen so far.
#[derive(Clone, Debug, Default)]
pub struct KvChecks {
    /// The last index that any server has applied.
    last: Index,
    /// Each client's last command that had its turn, and its index.
    ran: Sorted<ClientId, (Sequence, Index)>,
    /// The indexes of repetitions.
    repetitions: Sorted<Index, ()>,
}

impl KvChecks {
    /// A server applied the command at `index`; `ran` says whether it took effect.
    pub(super) fn applied(
        &mut self,
        live: &mut Live,
        node: NodeId,
        index: Index,
        command: &Command,
        ran: bool,
    ) -> Option<Found> {
        let &Command {
            client, sequence, ..
        } = command;
        if index > self.last {
            self.last = index;
            let before = self.ran.get(&client);
            // What a server refuses because its session has expired, none may run.
            if before.is_some_and(|&(last, _)| last >= sequence) || !ran {
                self.repetitions.insert(index, ());
            } else {
                self.ran.insert(client, (sequence, index));
                live.applied(command);
            }
        }
        let repetition = self.repetitions.get(&index).is_some();
        (ran && repetition).then_some(Found::RanTwice {
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

    /// The index of a client's command that was just acknowledged.
    pub(super) fn index_of(&self, client: ClientId, sequence: Sequence) -> Option<Index> {
        let &(last, index) = self.ran.get(&client)?;
        (last == sequence).then_some(index)
    }
}
