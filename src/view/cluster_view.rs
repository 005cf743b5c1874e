//! The state of a run at one instant, as plain data for any front end.
//!
//! Built once per frame by [`build`](super::build()); what didn't change since the last view keeps
//! its `Rc`, so that a component can tell by pointer that it has nothing to draw.
//! 64-bit seeds and hashes are strings: JavaScript numbers would round them.

use super::members::{ConfigurationView, Member, MembersView, ShareView};
use super::standstill_view as end;
use super::storage_view::{DiskView, SnapshotView, TransferView};
use super::words::{Telling, english};
use crate::base::{ClientId, NodeId, Span, Time};
use crate::kv::{Operation, Outcome, Sequence};
use crate::raft::{Index, Role, Term};
use crate::sim::{
    EventKind, Failed, LinkSettings, MessageId, MessageKind, Power, Property, Stop, Violation,
};
use serde::Serialize;
use std::fmt;
use std::rc::Rc;

/// Everything that the screen shows of the cluster.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
pub struct ClusterView {
    /// The instant.
    pub now: Time,
    /// The seed of the run, in decimal.
    pub seed: String,
    /// The hash of all events so far, 16 hexadecimal digits.
    pub hash: String,
    /// Events so far.
    pub events: u64,
    /// The servers, by id, without those that are switched off for good.
    pub nodes: Vec<Rc<NodeView>>,
    /// Messages under way, by number.
    pub messages: Vec<Rc<MessageView>>,
    /// Messages under way between clients and servers, by number.
    pub requests: Vec<Rc<RequestView>>,
    /// Links that are not as the run's settings say, in either direction.
    pub links: Vec<LinkView>,
    /// The partition, if there is one.
    pub partition: Option<Rc<PartitionView>>,
    /// Clients that have done anything, by id.
    pub clients: Vec<Rc<ClientView>>,
    /// Votes or copies that a decision needs; while two majorities are needed, among the new
    /// voters.
    pub quorum: u32,
    /// Who is a member.
    pub members: Rc<MembersView>,
    /// The leader of the highest term, if any server leads.
    pub leader: Option<NodeId>,
    /// The broken property, if one is broken; [`found`](super::found) has the words.
    #[serde(serialize_with = "end::violation")]
    #[cfg_attr(all(test, not(target_arch = "wasm32")), schemars(with = "end::Breach"))]
    pub violation: Option<Violation>,
    /// The limit that stopped the run, if one did; [`stopped_by`](super::stopped_by) has the words.
    #[serde(serialize_with = "end::stop")]
    #[cfg_attr(all(test, not(target_arch = "wasm32")), schemars(with = "end::Halt"))]
    pub stopped: Option<Stop>,
    /// The properties that are watched.
    pub watched: Vec<Property>,
    /// Since when something has been waited for in vain, if anything has.
    /// [`Simulation::why_nothing_moves`](crate::sim::Simulation::why_nothing_moves) says why.
    pub stalled: Option<Time>,
}

/// One server.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
pub struct NodeView {
    /// Its id.
    pub id: NodeId,
    /// Whether it runs.
    pub power: Power,
    /// What it is to the cluster.
    pub member: Member,
    /// Its role (of a crashed server: follower).
    pub role: Role,
    /// Its current term (of a crashed server: the one on its disk).
    pub term: Term,
    /// Who has its vote in this term.
    pub voted_for: Option<NodeId>,
    /// The leader that it follows.
    pub leader: Option<NodeId>,
    /// When its election timer was set; drawn as a ring. `None` for leaders and crashed servers.
    pub timer: Option<TimerView>,
    /// When its lease ends, if it leads and has one.
    pub lease_until: Option<Time>,
    /// Its clock.
    pub clock: ClockView,
    /// Its priority in elections.
    pub priority: u8,
    /// Whom it is handing the leadership over to.
    pub transfers_to: Option<NodeId>,
    /// One segment per voter, by id: votes of a candidate, contact of a leader. Empty otherwise.
    pub ring: Vec<Segment>,
    /// The same for the outgoing voters, while two majorities are needed.
    pub outgoing: Vec<Segment>,
    /// Its log: all entries, or the last [`LOG_WINDOW`] of a long one.
    pub log: LogView,
    /// Its commit index.
    pub commit_index: Index,
    /// The last entry that its state machine has applied.
    pub last_applied: Index,
    /// The last entry that is durable on its own disk.
    pub durable_index: Index,
    /// The store: keys in order, at most [`MAP_WINDOW`] of them (the ones written last).
    pub map: Vec<PairView>,
    /// Keys in the store.
    pub keys: u32,
    /// Of a leader: what it knows of each other member, by id. Empty otherwise.
    pub peers: Vec<PeerView>,
    /// Messages that wait because it is paused.
    pub waiting: u32,
    /// Writes handed to the disk that are not durable yet.
    pub writes: u32,
    /// Its newest snapshot (of a crashed server: the one on its disk).
    pub snapshot: Option<SnapshotView>,
    /// The snapshot that it is receiving.
    pub installing: Option<TransferView>,
    /// The state of its disk.
    pub disk: DiskView,
}

/// Entries of a node's log that a view holds at most.
pub const LOG_WINDOW: u64 = 64;

/// Pairs of a node's store that a view holds at most.
pub const MAP_WINDOW: usize = 12;

/// A server's clock against true time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
pub struct ClockView {
    /// How far it is ahead, in microseconds; negative: behind.
    pub skew: i64,
    /// How much faster it runs, in parts per million; negative: slower.
    pub drift: i32,
}

/// An election timer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
pub struct TimerView {
    /// When it was set.
    pub set_at: Time,
    /// When it runs out, in virtual time.
    pub due: Time,
}

/// A segment of the quorum ring.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Segment {
    /// With this server: the vote was given, or it was heard within an election timeout.
    With,
    /// Not heard (yet).
    Silent,
    /// It refused its vote.
    Refused,
}

/// A log, or the end of it.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
pub struct LogView {
    /// The first index that isn't compacted away; 1 if nothing is.
    pub first: Index,
    /// The last index of the log; 0 if it is empty.
    pub last: Index,
    /// The entries shown, contiguous, ending at `last`.
    pub entries: Rc<[EntryView]>,
}

/// One entry of a log.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
pub struct EntryView {
    /// Its index.
    pub index: Index,
    /// Its term.
    pub term: Term,
    /// What it does; `None` for a no-op and for a change of membership.
    pub operation: Option<Rc<OperationView>>,
    /// Who is a member from here on, if the entry says so.
    pub configuration: Option<Rc<ConfigurationView>>,
}

/// A command in a log.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
pub struct OperationView {
    /// The client.
    pub client: ClientId,
    /// The operation's number in the client's session.
    pub sequence: Sequence,
    /// The operation.
    pub operation: Operation,
}

/// A key and its value in one server's store.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
pub struct PairView {
    /// The key.
    pub key: Rc<str>,
    /// The value.
    pub value: Rc<str>,
    /// The entry that wrote it last.
    pub written_at: Index,
}

/// What a leader knows of another member (figure 2, volatile state on leaders).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
pub struct PeerView {
    /// The member.
    pub id: NodeId,
    /// Whether it gets the log without having a vote.
    pub learner: bool,
    /// match_index.
    pub match_index: Index,
    /// next_index.
    pub next_index: Index,
    /// Whether the leader pipelines to it; otherwise it probes with one message at a time.
    pub replicating: bool,
    /// Messages with entries under way.
    pub in_flight: u32,
    /// When it answered last.
    pub heard: Option<Time>,
    /// The snapshot that it is being sent.
    pub snapshot: Option<TransferView>,
}

/// A message under way. Its place on the link is a pure function of this and the time.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
pub struct MessageView {
    /// Its number.
    pub id: MessageId,
    /// From where.
    pub from: NodeId,
    /// To where.
    pub to: NodeId,
    /// What it is.
    pub kind: MessageKind,
    /// The terms of the entries that it carries, oldest first; at most 8.
    pub entries: Vec<Term>,
    /// When it left.
    pub sent: Time,
    /// When it arrives.
    pub due: Time,
    /// How much later a person made it.
    pub delayed: Span,
    /// Whether it is the copy of another message.
    pub copy: bool,
    /// It will not be received: the receiver is down now, or the link has been cut.
    pub doomed: bool,
}

/// A message under way between a client and a server.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
pub struct RequestView {
    /// Its number.
    pub id: MessageId,
    /// The client.
    pub client: ClientId,
    /// The number of the operation.
    pub sequence: Sequence,
    /// The server.
    pub node: NodeId,
    /// `None` on the way to the server; on the way back, whether it brings the outcome. If not,
    /// it says that the server doesn't lead.
    pub answer: Option<bool>,
    /// When it left.
    pub sent: Time,
    /// When it arrives.
    pub due: Time,
    /// The server is down: nobody will take it.
    pub doomed: bool,
}

/// A link in one direction.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
pub struct LinkView {
    /// The sending end.
    pub from: NodeId,
    /// The receiving end.
    pub to: NodeId,
    /// Cut as a single link.
    pub cut: bool,
    /// Its own settings, if it has any.
    pub settings: Option<LinkSettings>,
}

/// A network partition.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
pub struct PartitionView {
    /// The groups; every server is in exactly one.
    pub sides: Vec<SideView>,
    /// Since when.
    pub since: Time,
}

/// One side of a partition.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
pub struct SideView {
    /// Its servers.
    pub nodes: Vec<NodeId>,
    /// The voters among them, for each majority that a decision needs: the new voters' first.
    pub shares: Vec<ShareView>,
    /// Whether the living ones are enough to elect and to commit.
    pub has_quorum: bool,
    /// The server on this side that leads in the highest term of this side, if any.
    pub leader: Option<NodeId>,
}

/// One client.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
pub struct ClientView {
    /// Its id.
    pub id: ClientId,
    /// Its operations, oldest first: the last few that ended, and the one under way.
    pub operations: Vec<Rc<ClientOperationView>>,
}

/// An operation as its client sees it.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
pub struct ClientOperationView {
    /// Its number.
    pub sequence: Sequence,
    /// The operation.
    pub operation: Operation,
    /// The server that was asked last.
    pub node: NodeId,
    /// When the client began.
    pub invoked: Time,
    /// When it ended; `None` while it is under way.
    pub ended: Option<Time>,
    /// The answer.
    pub outcome: Option<Outcome>,
    /// What the client knew when it gave up, if it did.
    #[serde(flatten)]
    pub failed: Option<Failed>,
    /// Tries so far.
    pub attempts: u32,
}

/// An event with what is told of it, for the feed.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
pub struct Told {
    /// The event's number.
    pub seq: u64,
    /// When.
    pub at: Time,
    /// The number of the event that led to it, if one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<u64>,
    /// What happened, as it was recorded.
    #[serde(skip)]
    pub kind: EventKind,
    /// What is said of it; a catalogue has the words.
    #[serde(skip)]
    pub telling: Telling,
    /// The picture beside it.
    pub glyph: Glyph,
    /// Sections of the Raft paper ("5.3"), or of the dissertation ("diss. 6.4").
    pub refs: &'static [&'static str],
    /// Worth a mark on the timeline.
    pub mark: bool,
    /// A key event of the story (elections, commits, faults), as opposed to the bookkeeping.
    pub key: bool,
}

impl Told {
    /// The sentence in English, as plain text.
    pub fn sentence(&self) -> String {
        english().text(&self.telling)
    }
}

/// A piece of a sentence. The pieces, one behind the other, are the sentence: spaces included.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(tag = "word", rename_all = "snake_case")]
pub enum Word {
    /// Plain text. Never markup.
    Text {
        /// The text.
        text: String,
    },
    /// Text that carries the point of the sentence.
    Strong {
        /// The text.
        text: String,
    },
    /// A server, shown as a chip in the colour of the term that it had.
    Node {
        /// The server.
        id: NodeId,
        /// Its term at that moment.
        term: Term,
        /// Whether it led.
        leader: bool,
    },
    /// An entry, shown as a tile.
    Entry {
        /// Its index.
        index: Index,
        /// Its term.
        term: Term,
        /// Its label, such as `y←2`; `∅` for a no-op, empty if it is compacted away.
        label: String,
        /// Whether it was committed there and then.
        committed: bool,
    },
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Word::Text { text } | Word::Strong { text } => f.write_str(text),
            Word::Node { id, .. } => write!(f, "{id}"),
            Word::Entry { index, label, .. } => {
                let between = if label.is_empty() { "" } else { " " };
                write!(f, "#{index}{between}{label}")
            }
        }
    }
}

/// The picture of an event in the feed and on the timeline; its family gives the colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Glyph {
    /// An election timer ran out.
    Timer,
    /// A vote was asked for.
    VoteRequest,
    /// A vote was given.
    VoteYes,
    /// A vote was refused.
    VoteNo,
    /// Somebody became leader.
    Crown,
    /// A leader or candidate stepped down.
    StepDown,
    /// Entries were appended or sent.
    Append,
    /// Entries were stored.
    Stored,
    /// Entries were refused.
    Refused,
    /// Entries were cut away.
    Truncated,
    /// An entry was committed.
    Commit,
    /// An entry was applied.
    Apply,
    /// A snapshot was taken, sent or installed.
    Snapshot,
    /// Something is wrong with a disk.
    Disk,
    /// A client asked.
    Request,
    /// A client was answered.
    Answer,
    /// A client waits in vain, or gave up.
    NoAnswer,
    /// A read was confirmed by a quorum.
    Read,
    /// A message was lost.
    Lost,
    /// A server crashed.
    Crash,
    /// A server restarted.
    Restart,
    /// A server was paused or resumed.
    Pause,
    /// A wall went up, or a link was cut.
    Wall,
    /// The network healed.
    Heal,
    /// A setting was changed.
    Setting,
    /// A property was broken.
    Violation,
    /// The membership changes.
    Members,
}
