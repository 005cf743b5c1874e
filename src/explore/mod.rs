//! Small worlds, all of them: an exhaustive search of what a few servers can come to.
//!
//! A sweep tries many runs and looks at one order of events in each. Here every order is looked at, of a
//! cluster so small, and for so short a time, that this can be done. What then holds, holds for all of it.
//! Nothing is modelled: each step is [`Raft::step`](crate::raft::Raft::step), the code that runs elsewhere.
//!
//! # What a world is
//!
//! For each server its state, its disk, and the writes that aren't on it yet (`local`); the messages under
//! way, as a set in which one may be twice; what may still happen ([`Budget`]); and what has to be
//! remembered of the past to hold the future against it: who won a term, what was committed (`past`). The first
//! world has nobody with a term or an entry, or a leader whom everybody follows ([`Bounds::led`]).
//!
//! # What can happen in it
//!
//! Everything in the list of [`Choice`]s. Any message arrives; one that never does is lost, so losing one is no
//! step. It may arrive and stay under way: then it comes twice. Any election timer runs out, any leader's
//! heartbeat is due. A command, a read, a change of membership, a transfer, a snapshot is asked for. A write is
//! durable as soon as it is handed out, or takes its time and becomes so in a step of its own. A server crashes
//! with every first part of what it was writing on its disk, and is back at once: while it is down, others can
//! only fail to hear it, and they can also if it is up. All but the arrival of messages is bounded by a
//! [`Spending`] each, or the search would have no end.
//!
//! # What holds in it
//!
//! Election Safety, Leader Append-Only, Log Matching, Leader Completeness, State Machine Safety; a leader commits
//! only what the disks of a majority hold; a read is answered from no less than what was committed as it came;
//! configurations that decide one after the other have no majorities apart, and nobody leads on by a configuration
//! in which it doesn't vote. See [`Broken`].
//!
//! # What is left out, and why that is allowed
//!
//! *Time.* No clock moves. A heartbeat interval and a voter's loyalty last no time at all, so what a clock would allow
//! at some moment is allowed at any. What a clock forbids isn't seen: leases and their rules, CheckQuorum, the end of
//! a transfer that comes to nothing. Neither is liveness: nothing here says that anything ever has to happen.
//!
//! *What changes nothing.* A step after which the server is the same, and that sends nothing, is none.
//!
//! *Servers that nothing tells apart* (`symmetry`). If S2 and S3 change their names in everything, worlds stay worlds. So
//! of all worlds that differ by names alone, one is looked at. A change of membership that names a server tells it apart.
//!
//! *Messages that can do nothing any more* (`Space::is_dead`). A term that is on a disk never falls. A vote that was given in
//! such a term, to a server that doesn't stand in it, is dropped whenever it arrives; so it is forgotten at once. The same
//! holds for answers to a leader that isn't one any more, and for who won a term in which nobody can stand again.
//!
//! *Numbers that nobody waits for*, clocks, chance: see [`fingerprint`](crate::raft::fingerprint). Worlds are kept as 96 bits of a
//! fingerprint. Two that share one by accident would be taken for one; of 100 million, that happens with a
//! probability below 10^-12.
//!
//! The unit tests of `plain` hold each of these against a search without it.
//!
//! # How it is fast
//!
//! Worlds are many, what they are made of is little: in ten million worlds there are some ten thousand states of a server, and as many
//! messages. Each has a number (`space`), and a world is a dozen of them (`world`). What comes of a message at a server in a
//! state is computed once, and then looked up. The fingerprint of a world is the sum of its parts' fingerprints, for each renaming of
//! the servers; a step changes a few summands. The search goes breadth first (`search`), so that the way to what is broken
//! is as short as can be, and is told again from the numbers of its steps (`tale`).

mod bounds;
mod broken;
mod chains;
mod checks;
mod choice;
mod local;
mod past;
#[cfg(test)]
mod plain;
mod search;
mod space;
mod symmetry;
mod table;
mod tale;
mod world;

pub use bounds::{
    BY_CLOCK, Bounds, BoundsError, Budget, ELSEWHERE, MAX_CHANGES, MAX_SERVERS, MAX_TIMES,
    Reductions, Spending,
};
pub use broken::Broken;
pub use choice::Choice;
pub use local::Command;
pub use search::{End, Reached, Search};
pub use tale::{Standing, Step};
