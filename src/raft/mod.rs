//! Raft, as a chapter.
//!
//! Several servers keep one log. Exactly one of them, the *leader* of the current *term*, decides
//! what goes into it; the others copy it. An entry of the leader's own term that a
//! majority holds durably is *committed*, and with it all before it (5.4.2): no later leader can lack
//! it, so every server may apply it to its state machine, and a client may be told. All of that
//! follows from one fact: any two majorities share a server. The files below, in the order in which one
//! might read them, say what has to be true of that server:
//!
//! 1. [`types`]: the words. An [`EntryId`] is an index and a term, and its order is the
//!    "more up-to-date" of section 5.4.1.
//! 2. [`log`]: what is replicated. Entries are written once and shared, never copied.
//! 3. [`message`]: what servers say to each other.
//! 4. [`input`]: what goes into a server and what comes out. A [`Write`] carries the messages
//!    that may only leave once it is durable.
//! 5. [`node`]: a server's state, its entry point [`Raft::step`], its changes of role.
//! 6. [`durability`]: what has to be on the disk before a server may speak of it.
//! 7. [`election`]: how a leader is chosen (section 5.2), and who can't be (5.4.1).
//! 8. [`replication`]: how the logs are made to agree (5.3), and when an entry is committed
//!    (5.4.2); [`append`]: what a follower does with it. What the leader knows of a follower is a [`progress`]; `leader` is all that it keeps.
//! 9. [`quorum`] and [`configuration`]: who counts, and how many are enough; [`membership`]: how
//!    that is changed, by a [`change`](mod@change) while the cluster goes on (section 6).
//! 10. [`read_index`]: how a read is made linearizable without a log entry (section 8), and
//!     [`lease`]: without a message, if clocks can be trusted (dissertation 6.4.1).
//! 11. [`transfer`]: how a leader hands over (dissertation 3.10).
//! 12. [`snapshotting`]: how the log is kept short, and what is sent where it has been cut (7);
//!     [`snapshot`]: what that is.
//! 13. [`rules`]: each rule by name, to be switched off and missed.
//! 14. [`trace`]: what a server says about its decisions, and [`reason`]: why.
//! 15. [`fingerprint`]: when two servers are as good as the same.
//!
//! # One write, message by message
//!
//! Three servers, S1 leads term 1, and their logs agree up to #1. A client's command comes to S1.
//!
//! 1. S1: [`Input::Propose`]. It appends the command as #2 of term 1 ([`Trace::Appended`]). Out come two
//!    [`Body::AppendEntries`] (the entry before is #1 of term 1, here is #2, #1 is committed), which
//!    may leave at once, and a [`Write`] with the entry, for its own disk.
//! 2. S2: [`Input::Receive`]. It holds #1 of term 1, so the logs agree up to there (5.3), and it takes
//!    #2 ([`Trace::Stored`]). Out comes a [`Write`] with the entry; the reply waits inside it.
//! 3. S2's disk is done: [`Input::Persisted`]. Only now [`Body::AppendEntriesAccepted`] comes out: "I hold #2".
//! 4. S1: [`Input::Receive`]. S2 has #2 ([`Trace::Matched`]), and S1's own disk too, once its write has come
//!    back: that is a majority, and #2 is of S1's own term (5.4.2). It is committed
//!    ([`Trace::Committed`]), and [`Effects::commit_index`] tells the driver to apply it and to answer
//!    the client. S3 may be slow; nobody waits for it.
//! 5. Out come messages that say so: the commit index travels with the next entries, or alone. S2 commits
//!    #2 and applies it as well.
//!
//! `examples/three_servers.rs` does that with three servers and nothing else, and prints each decision;
//! `tests/scripts/` has the same for everything below.
//!
//! # Caveats
//!
//! A server holds its whole log behind the last snapshot in memory, and a snapshot in one piece. Members are known
//! by number; their addresses are the driver's business. A command may run twice if a client repeats
//! it: that is for the state machine to find out ([`kv`](crate::kv)). What goes beyond the paper is listed, with
//! reasons, in ARCHITECTURE.md.
//!
//! Section numbers are those of "In Search of an Understandable Consensus Algorithm (Extended
//! Version)" by Ongaro and Ousterhout; "figure 2" is its summary of the protocol. "Dissertation"
//! is Ongaro's "Consensus: Bridging Theory and Practice".
//!
//! What is absent on purpose: a clock (the time is an input), timers (a server names the instant
//! at which it wants to be woken), threads, I/O, and any randomness but its own seeded stream.
//! The same inputs always give the same outputs.

pub mod append;
pub mod change;
pub mod configuration;
pub mod durability;
pub mod election;
pub mod fingerprint;
pub mod input;
mod leader;
pub mod lease;
pub mod log;
pub mod membership;
pub mod message;
pub mod node;
pub mod progress;
pub mod quorum;
pub mod read_index;
pub mod reason;
pub mod replication;
pub mod rules;
pub mod snapshot;
pub mod snapshotting;
pub mod trace;
pub mod transfer;
pub mod types;

pub use change::{Change, ChangeError, Way};
pub use configuration::Configuration;
pub use fingerprint::{Fingerprint, Sketch};
pub use input::{Append, Compaction, Effects, Input, Proposed, Read, WakeReason, Write};
pub use log::{Entries, Log};
pub use message::{Body, Candidacy, Conflict, Message, Round};
pub use node::{Config, Raft, Timer};
pub use progress::{Progress, ProgressState};
pub use rules::{Rule, Rules};
pub use snapshot::{Chunk, Incoming, Sending, Snapshot};
pub use trace::{CampaignReason, DropReason, Refusal, Trace};
pub use types::{
    Entry, EntryId, HardState, Index, Measured, Payload, ReadLevel, Role, Term, Timing,
};
