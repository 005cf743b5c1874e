//! The reasons why nothing moves, as data; the words for them are made in `view`.

use crate::base::{Address, ClientId, NodeId, Span, Time};
use crate::kv::Sequence;
use crate::raft::{EntryId, Index, Term};
use crate::sim::event::Loss;
use serde::Serialize;

/// One thing that is waited for, or that stands in its way.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum StallReason {
    /// A client has asked and has no answer.
    Unanswered {
        /// The client.
        client: ClientId,
        /// The operation's number in the client's session.
        sequence: Sequence,
        /// When it began.
        since: Time,
        /// The server that it asks at present.
        asks: NodeId,
        /// Why that server can't help at all, if so.
        unable: Option<Unable>,
        /// Whom that server takes for the leader.
        hint: Option<NodeId>,
        /// The leader that a quorum can hear.
        leader: Option<NodeId>,
    },
    /// So many further clients have no answer.
    UnansweredToo {
        /// How many.
        clients: u32,
    },
    /// Nobody leads.
    NoLeader,
    /// The leader's log goes on behind the commit index.
    Uncommitted {
        /// The leader.
        leader: NodeId,
        /// The first entry that isn't committed.
        first: Index,
        /// The last one.
        last: Index,
    },
    /// So few voters are able to take part that no decision is possible (section 5.2).
    QuorumLost {
        /// Whether these are the outgoing voters of a joint configuration (section 6).
        outgoing: bool,
        /// How many a decision needs.
        needed: u32,
        /// Those who could take part.
        able: Vec<NodeId>,
        /// Those who can't, and why.
        unable: Vec<(NodeId, Unable)>,
    },
    /// A leader exchanges messages with less than a quorum.
    LeaderCutOff {
        /// The leader.
        leader: NodeId,
        /// With how many voters, itself among them.
        heard: u32,
        /// How many it needs.
        needed: u32,
        /// Those who are missing, and why.
        lacks: Vec<Lack>,
    },
    /// A server can't win an election as things stand.
    CannotWin {
        /// The server.
        candidate: NodeId,
        /// The votes that it could get, its own among them.
        votes: u32,
        /// How many it needs.
        needed: u32,
        /// The votes that it can't get, and why.
        lacks: Vec<Lack>,
    },
    /// A server can win an election as things stand, and hasn't begun one, or hasn't won it yet.
    CanWin {
        /// The server.
        candidate: NodeId,
        /// When its election timer runs out, in true time; `None` if it doesn't stand by itself.
        due: Option<Time>,
    },
    /// A message and its answer, with what has to reach the disks in between, take longer than
    /// servers wait before they stand for election: broadcast time ≪ election timeout (section 5.6).
    TimeoutTooShort {
        /// The shortest election timeout.
        shortest: Span,
        /// From one heartbeat to the next and the way to a follower, or a request and its answer.
        needed: Span,
    },
    /// All election timeouts are about the same, so that candidates take each other's votes
    /// (section 5.2).
    NoRangeOfTimeouts {
        /// The shortest election timeout.
        shortest: Span,
        /// The longest.
        longest: Span,
        /// How far they should be apart: the way of a request and an fsync.
        needed: Span,
    },
    /// A server's fsync takes longer than an election timeout.
    SlowDisk {
        /// The server.
        node: NodeId,
        /// Its longest fsync.
        fsync: Span,
    },
    /// A voter lacks entries that the leader has, so that they aren't committed.
    Behind {
        /// The leader.
        leader: NodeId,
        /// The voter; the leader itself, if its own disk isn't so far yet.
        node: NodeId,
        /// What it is known to hold durably.
        match_index: Index,
        /// Where the leader's log ends.
        last: Index,
    },
    /// The leader sends a snapshot to a server that lacks what the leader's log holds no more.
    SnapshotUnderWay {
        /// The leader.
        leader: NodeId,
        /// The server.
        to: NodeId,
        /// The bytes that it is known to have.
        received: u32,
        /// The bytes that it needs.
        total: u32,
    },
    /// The leader hands over, and takes no writes meanwhile (dissertation 3.10).
    Transferring {
        /// The leader.
        leader: NodeId,
        /// The server that shall lead.
        to: NodeId,
    },
    /// The leader has committed nothing in its own term, so it doesn't know what is committed and
    /// answers no reads (section 8).
    NothingOfItsTerm {
        /// The leader.
        leader: NodeId,
        /// Its term.
        term: Term,
    },
    /// All that the leader could commit is of earlier terms, and that alone it may not (section
    /// 5.4.2).
    OnlyInherited {
        /// The leader.
        leader: NodeId,
        /// Its term.
        term: Term,
    },
    /// Every message between clients and servers is lost.
    ClientsUnheard,
    /// A client and the server that it asks can't exchange messages.
    ClientUnheard {
        /// Who would have to be heard.
        from: Address,
        /// By whom.
        to: Address,
        /// What becomes of the messages.
        loss: Loss,
    },
    /// A client gives a try up before an answer can be there.
    ClientTimeoutTooShort {
        /// How long it waits.
        timeout: Span,
        /// How long a request and its answer may be on their way.
        needed: Span,
    },
}

/// Why a server can't take part in any decision.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Unable {
    /// It is down.
    Down,
    /// It is paused.
    Paused,
    /// Its disk is full: it can promise nothing.
    DiskFull,
    /// Its disk can't be trusted, so it takes no part.
    TakesNoPart,
    /// It was removed and switched off for good.
    Gone,
}

/// A voter that a server does without, and why.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
pub struct Lack {
    /// The voter.
    pub node: NodeId,
    /// Why.
    #[serde(flatten)]
    pub why: LackReason,
}

/// Why a server does without a voter.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum LackReason {
    /// It can't take part.
    Unable {
        /// Why not.
        how: Unable,
    },
    /// No message gets from one to the other.
    Unheard {
        /// Who would have to be heard.
        from: NodeId,
        /// By whom.
        to: NodeId,
        /// What becomes of the messages.
        loss: Loss,
    },
    /// Its log is more up-to-date than the candidate's (section 5.4.1).
    LogNewer {
        /// Where the candidate's log ends.
        theirs: EntryId,
        /// Where the voter's log ends.
        ours: EntryId,
    },
    /// The logs are equal, and the voter has the higher priority.
    HigherPriority {
        /// The candidate's.
        theirs: u8,
        /// The voter's.
        ours: u8,
    },
    /// It hears another leader, and votes for nobody meanwhile (dissertation 4.2.3).
    HearsLeader {
        /// The leader.
        leader: NodeId,
    },
    /// It has no vote by its own log: nobody votes for whom it doesn't stand.
    NoVote,
}
