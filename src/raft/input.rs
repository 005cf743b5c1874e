//! What goes into [`Raft::step`](super::Raft::step) and what comes out of it: the contract with the driver.
//!
//! A server does nothing by itself. Its driver calls `step` for each thing that happens, one after the
//! other, and then does what [`Effects`] asks for:
//!
//! 1. *Snapshot.* [`Effects::installed`] replaces the state machine.
//! 2. *Apply.* Entries up to [`Effects::commit_index`] go to the state machine, each once, in the order of
//!    the log. Whoever waits for one of them is answered, if its index *and* term are those that
//!    [`Proposed::Appended`] named; else it was replaced.
//! 3. *Send.* [`Effects::messages`] leave, in any order; they may be lost, late and doubled.
//! 4. *Write.* Each [`Write`] is made durable, in the order in which they came out, and handed back with
//!    [`Input::Persisted`] in that order: then the messages inside it come out. The driver needn't wait
//!    for one write before it calls `step` again. After a crash, what wasn't handed back may be on the disk or not;
//!    what was has to be there.
//! 5. *Answer.* [`Effects::reads`] that are ready are answered once their index is applied.
//! 6. *Timer.* [`Raft::wake`](super::Raft::wake) names the instant for the next [`Input::Wake`]; it changes with every step.
//!
//! Three orders matter: a snapshot replaces the state machine before anything more is applied; writes
//! reach the disk in the order in which they came out; a read is answered after its index is applied. Entries to
//! apply stand in the log ([`Log::entry`](super::Log::entry)). Whoever waits for an index that a snapshot covers never
//! learns what became of it.
//!
//! *After a crash*: [`Raft::recover`](super::Raft::recover) with the hard state, the snapshot and the log that the writes
//! left, a state machine from that snapshot (what is committed behind it is learnt anew), and a
//! [`Config::incarnation`](super::Config::incarnation) that is one higher: else timeouts and the numbers of PreVotes and reads would
//! repeat. A driver that throws a replica's disk away has to remember which member it was, and to refuse
//! messages to that generation and all before it.
//!
//! The time is the server's own clock, in microseconds since any instant: only differences count. `examples/three_servers.rs` is a driver that never restarts, reads or
//! takes snapshots, in a hundred lines.

use super::change::{Change, ChangeError};
use super::log::Entries;
use super::message::Message;
use super::snapshot::Snapshot;
use super::trace::Trace;
use super::types::{EntryId, HardState, Index, ReadLevel, Term};
use crate::base::NodeId;
use std::rc::Rc;

/// Everything that can happen to a server.
#[derive(Debug)]
pub enum Input<'a, C> {
    /// A message arrived.
    Receive(Message<C>),
    /// The time that [`Raft::wake`](super::Raft::wake) named has come. Waking too early does no harm.
    Wake,
    /// A [`Write`] is durable. Writes come back in the order in which they were handed out.
    Persisted(Write<C>),
    /// Append these commands: drained if this server leads and isn't handing over, else left as they
    /// are; the hint of [`Proposed::NotLeader`] is then the successor.
    Propose(&'a mut Vec<C>),
    /// A read, answered through [`Effects::reads`].
    Read {
        /// The caller's number for it.
        id: u64,
        /// What it has to be.
        level: ReadLevel,
    },
    /// The election timer runs out now, whatever the clock says.
    Campaign,
    /// Hand the leadership over to this server, if this one leads (dissertation 3.10).
    Transfer(NodeId),
    /// Change who is a member; answered through [`Effects::changed`].
    Change(&'a Change),
    /// End a joint configuration that stays until somebody does ([`Way::Stay`](super::Way::Stay));
    /// answered through [`Effects::changed`].
    LeaveJoint,
    /// The disk has no space left, or has space again. While it hasn't, nothing can be promised:
    /// the server neither leads nor answers other servers; its own callers get `NotLeader`, or a stale
    /// read.
    DiskFull(bool),
    /// The state machine as of the entry at `index`: take it for a snapshot, and compact the log
    /// (section 7). The entry must have been applied.
    Compact {
        /// The last entry that the state includes.
        index: Index,
        /// The encoded state.
        state: Rc<[u8]>,
    },
}

/// What has to become durable, in order, before its messages may leave.
///
/// The driver writes `snapshot`, `hard_state` and `append`, in that order, then hands the whole value back with
/// [`Input::Persisted`]; only then do the messages inside come out, except those that the server wouldn't
/// stand by any more. No driver can send them early.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Write<C> {
    /// The new term and vote, if they changed.
    pub hard_state: Option<HardState>,
    /// Replace the log from `first` on by these entries, if it changed.
    pub append: Option<Append<C>>,
    /// The new snapshot, if there is one.
    pub snapshot: Option<Compaction>,
    /// Messages that assert what this write makes durable.
    pub(super) after: Vec<Message<C>>,
}

/// A change of the log: everything from `first` on is replaced by `entries`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Append<C> {
    /// The index of the first new entry.
    pub first: Index,
    /// The new entries.
    pub entries: Entries<C>,
}

/// A snapshot, taken or received, and what it leaves of the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Compaction {
    /// The snapshot.
    pub snapshot: Rc<Snapshot>,
    /// The new base of the log: see [`Log::rebase`](super::Log::rebase).
    pub base: EntryId,
}

impl<C> Write<C> {
    /// Whether nothing has to reach the disk: the write only keeps its messages in order.
    pub fn is_empty(&self) -> bool {
        self.hard_state.is_none() && self.append.is_none() && self.snapshot.is_none()
    }

    /// The messages that wait for this write.
    pub fn after(&self) -> &[Message<C>] {
        &self.after
    }
}

/// What a step asks of the driver. Lists are added to; `installed`, `proposed` and `changed` hold the
/// last one, so they are to be taken after each step. The caller owns the buffer and reuses it: the
/// steady state allocates nothing.
#[derive(Clone, Debug)]
pub struct Effects<C> {
    /// Messages to send now.
    pub messages: Vec<Message<C>>,
    /// Writes to make durable, in order.
    pub writes: Vec<Write<C>>,
    /// A snapshot that replaces the state machine, before anything more is applied.
    pub installed: Option<Rc<Snapshot>>,
    /// The commit index after the step: apply the log up to here.
    pub commit_index: Index,
    /// What became of an [`Input::Propose`].
    pub proposed: Option<Proposed>,
    /// What became of an [`Input::Change`] or [`Input::LeaveJoint`]: the new configuration's entry,
    /// not committed yet, or why nothing happens.
    pub changed: Option<Result<EntryId, ChangeError>>,
    /// Reads that are settled.
    pub reads: Vec<Read>,
    /// What was decided, and why; nothing if [`Effects::quiet`].
    pub traces: Vec<Trace>,
    /// Nobody looks: keep no traces.
    pub quiet: bool,
}

impl<C> Default for Effects<C> {
    fn default() -> Self {
        Effects {
            messages: Vec::new(),
            writes: Vec::new(),
            installed: None,
            commit_index: 0,
            proposed: None,
            changed: None,
            reads: Vec::new(),
            traces: Vec::new(),
            quiet: false,
        }
    }
}

impl<C> Effects<C> {
    pub(super) fn trace(&mut self, trace: Trace) {
        if !self.quiet {
            self.traces.push(trace);
        }
    }
}

/// What became of a proposal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Proposed {
    /// Appended in `term` from index `first` on. Not committed yet, and it may never be.
    Appended {
        /// The index of the first command.
        first: Index,
        /// The leader's term: the entry at that index is this one only if its term agrees.
        term: Term,
    },
    /// This server doesn't lead; the commands stayed in the caller's buffer.
    NotLeader {
        /// The leader that it knows of.
        hint: Option<NodeId>,
    },
}

/// What became of a read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Read {
    /// Answer it once the state machine has applied `index` (section 8).
    Ready {
        /// The caller's number.
        id: u64,
        /// The read index.
        index: Index,
    },
    /// This server doesn't lead and knows no leader to ask, or the leader changed meanwhile.
    NotLeader {
        /// The caller's number.
        id: u64,
        /// The leader that it knows of.
        hint: Option<NodeId>,
    },
}

/// Why a server wants to be woken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WakeReason {
    /// Its election timer runs out.
    Election,
    /// Its next heartbeat is due.
    Heartbeat,
    /// It leads, and perhaps hears no quorum any more (CheckQuorum), or a transfer takes too long.
    Check,
}
