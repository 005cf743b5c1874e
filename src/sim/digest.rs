//! The event hash: every field of every event, each at a fixed width.
//!
//! Two runs with the same hash are taken for the same run, natively and in WebAssembly. The
//! matches below are exhaustive and name every field, so that a new one can't be forgotten.
//! A word costs one multiplication: the hash is computed always, also when nobody looks.

mod action;
mod disk;
mod trace;
mod violation;

use super::client::{Doubt, Failed};
use super::event::{EventKind, Loss, MessageKind};
use super::limits::Stop;
use crate::base::hash::mix;
use crate::base::{ClientId, NodeId, Time};
use crate::kv::{Command, Operation, Outcome};
use crate::raft::{Configuration, Entry, EntryId, Payload};

/// A running hash of events.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Digest(pub u64);

/// A word's place for a tag, above 56 bits of something else.
const fn tag(tag: u8, rest: u64) -> u64 {
    (tag as u64) << 56 | rest
}

const fn pair(high: u32, low: u32) -> u64 {
    (high as u64) << 32 | low as u64
}

/// A node that may be absent; ids begin at 1.
fn node(id: Option<NodeId>) -> u64 {
    id.map_or(0, |id| id.0.into())
}

impl Digest {
    /// The hash so far.
    pub fn value(self) -> u64 {
        mix(self.0)
    }

    /// Odd multiplier, rotation against the weakness of its low bits; each step can be undone,
    /// so that no single difference is ever lost.
    fn word(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(23) ^ word).wrapping_mul(0x9fb2_1c65_1e98_df25);
    }

    fn words<const N: usize>(&mut self, words: [u64; N]) {
        words.into_iter().for_each(|word| self.word(word));
    }

    fn text(&mut self, text: &str) {
        self.word(text.len() as u64);
        for chunk in text.as_bytes().chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.word(u64::from_le_bytes(word));
        }
    }

    fn text_or_none(&mut self, text: Option<&str>) {
        self.word(text.is_some().into());
        self.text(text.unwrap_or_default());
    }

    fn entry_id(&mut self, EntryId { index, term }: EntryId) {
        self.words([index, term]);
    }

    /// Folds an event in. Its number and its kind share a word.
    #[inline(always)]
    pub fn event(&mut self, seq: u64, at: Time, kind: &EventKind) {
        let begin = |digest: &mut Digest, kind: u8| digest.words([tag(kind, seq), at.0]);
        match kind {
            EventKind::Acted(action) => {
                begin(self, 1);
                self.action(action);
            }
            EventKind::ChaosActed(action) => {
                begin(self, 2);
                self.action(action);
            }
            EventKind::Traced { node, trace } => {
                begin(self, 3);
                self.word(node.0.into());
                self.trace(trace);
            }
            EventKind::Sent {
                message,
                from,
                to,
                kind,
            } => {
                begin(self, 4);
                self.words([*message, pair(from.0, to.0)]);
                self.message(kind);
            }
            EventKind::Delivered {
                message,
                from,
                to,
                kind,
            } => {
                begin(self, 5);
                self.words([*message, pair(from.0, to.0)]);
                self.message(kind);
            }
            EventKind::Lost {
                message,
                from,
                to,
                kind,
                why,
            } => {
                begin(self, 6);
                self.words([*message, pair(from.0, to.0), loss(*why)]);
                self.message(kind);
            }
            EventKind::Duplicated { message, copy } => {
                begin(self, 7);
                self.words([*message, *copy]);
            }
            EventKind::Synced { node, term, last } => {
                begin(self, 8);
                self.words([node.0.into(), *term]);
                self.entry_id(*last);
            }
            EventKind::Applied { node, id } => {
                begin(self, 9);
                self.word(node.0.into());
                self.entry_id(*id);
            }
            EventKind::Crashed { node, lost_from } => {
                begin(self, 10);
                self.words([
                    node.0.into(),
                    lost_from.is_some().into(),
                    lost_from.unwrap_or(0),
                ]);
            }
            EventKind::Restarted { node, last } => {
                begin(self, 11);
                self.word(node.0.into());
                self.entry_id(*last);
            }
            EventKind::Paused { node } => {
                begin(self, 12);
                self.word(node.0.into());
            }
            EventKind::Resumed { node, waiting } => {
                begin(self, 13);
                self.word(pair(node.0, *waiting));
            }
            EventKind::Invoked {
                client,
                sequence,
                operation,
            } => {
                begin(self, 14);
                self.request(*client, *sequence);
                self.operation(operation);
            }
            EventKind::Asked {
                client,
                sequence,
                node,
                attempt,
            } => {
                begin(self, 15);
                self.request(*client, *sequence);
                self.word(pair(node.0, *attempt));
            }
            EventKind::Redirected {
                client,
                sequence,
                node: server,
                hint,
                appended,
            } => {
                begin(self, 16);
                self.request(*client, *sequence);
                self.words([tag((*appended).into(), server.0.into()), node(*hint)]);
            }
            EventKind::TimedOut {
                client,
                sequence,
                node,
            } => {
                begin(self, 17);
                self.request(*client, *sequence);
                self.word(node.0.into());
            }
            EventKind::Returned {
                client,
                sequence,
                node,
                outcome,
            } => {
                begin(self, 18);
                self.request(*client, *sequence);
                self.word(node.0.into());
                self.outcome(outcome);
            }
            EventKind::GaveUp {
                client,
                sequence,
                failed: how,
            } => {
                begin(self, 19);
                self.request(*client, *sequence);
                self.word(failed(*how));
            }
            EventKind::CutOff { node, record } => {
                begin(self, 22);
                self.word(node.0.into());
                self.record(*record);
            }
            EventKind::Refused { node, why } => {
                begin(self, 23);
                self.word(node.0.into());
                self.disk_error(*why);
            }
            EventKind::Joined { node } => {
                begin(self, 30);
                self.word(node.0.into());
            }
            EventKind::Retired { node } => {
                begin(self, 31);
                self.word(node.0.into());
            }
            EventKind::ChangeAbandoned => begin(self, 32),
            EventKind::SessionExpired {
                client,
                sequence,
                node,
            } => {
                begin(self, 34);
                self.request(*client, *sequence);
                self.word(node.0.into());
            }
            EventKind::Rejoined { node, was, why } => {
                begin(self, 33);
                self.words([node.0.into(), was.0.into()]);
                self.disk_error(*why);
            }
            EventKind::Violated(violation) => {
                begin(self, 20);
                self.violation(violation);
            }
            EventKind::Stopped(Stop {
                at,
                limit,
                allowed,
                found,
            }) => {
                begin(self, 40);
                self.words([at.0, tag(*limit as u8, *found), u64::from(*allowed)]);
            }
        }
    }

    /// Folds a log entry in.
    pub fn entry(&mut self, Entry { term, payload }: &Entry<Command>) {
        match payload {
            Payload::Noop => self.word(tag(1, *term)),
            Payload::Command(Command {
                client,
                session,
                sequence,
                at,
                operation,
            }) => {
                self.word(tag(2, *term));
                self.request(*client, *sequence);
                self.words([(*session).into(), at.0]);
                self.operation(operation);
            }
            Payload::Configuration(configuration) => {
                self.word(tag(3, *term));
                self.configuration(configuration);
            }
        }
    }

    pub fn configuration(&mut self, configuration: &Configuration) {
        self.word(configuration.leaves_by_itself().into());
        self.nodes(configuration.voters());
        self.nodes(configuration.outgoing());
        self.nodes(configuration.learners());
    }

    fn nodes(&mut self, nodes: &[NodeId]) {
        self.word(nodes.len() as u64);
        nodes.iter().for_each(|node| self.word(node.0.into()));
    }

    fn request(&mut self, client: ClientId, sequence: u64) {
        self.words([client.0.into(), sequence]);
    }

    #[inline(always)]
    fn message(&mut self, kind: &MessageKind) {
        match *kind {
            MessageKind::RequestVote { term } => self.word(tag(1, term)),
            MessageKind::RequestVoteReply { term, granted } => {
                self.words([tag(2, term), granted.into()])
            }
            MessageKind::AppendEntries { term, first, last } => {
                self.words([tag(3, term), first, last])
            }
            MessageKind::Heartbeat {
                term,
                leader_commit,
            } => self.words([tag(4, term), leader_commit]),
            MessageKind::AppendEntriesReply {
                term,
                success,
                index,
            } => {
                self.words([tag(5, term), tag(success.into(), index)]);
            }
            MessageKind::RequestPreVote { term } => self.word(tag(6, term)),
            MessageKind::RequestPreVoteReply { term, granted } => {
                self.words([tag(7, term), granted.into()])
            }
            MessageKind::TimeoutNow { term } => self.word(tag(8, term)),
            MessageKind::InstallSnapshot {
                term,
                last,
                from,
                to,
                total,
            } => {
                self.words([tag(9, term), last, pair(from, to), total.into()]);
            }
            MessageKind::InstallSnapshotReply { term, last, bytes } => {
                self.words([tag(10, term), last, bytes.into()]);
            }
            MessageKind::ReadIndex { term } => self.word(tag(11, term)),
            MessageKind::ReadIndexReply { term, index } => self.words([tag(12, term), index]),
        }
    }

    fn operation(&mut self, operation: &Operation) {
        match operation {
            Operation::Get { key, level } => {
                self.word(tag(*level as u8, 1));
                self.text(key);
            }
            Operation::Put { key, value } => {
                self.word(2);
                self.text(key);
                self.text(value);
            }
            Operation::Append { key, value } => {
                self.word(3);
                self.text(key);
                self.text(value);
            }
            Operation::Delete { key } => {
                self.word(4);
                self.text(key);
            }
            Operation::Cas {
                key,
                expected,
                value,
            } => {
                self.word(5);
                self.text(key);
                self.text_or_none(expected.as_deref());
                self.text(value);
            }
        }
    }

    fn outcome(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Found { value } => {
                self.word(1);
                self.text_or_none(value.as_deref());
            }
            Outcome::Done => self.word(2),
            Outcome::Differs { found } => {
                self.word(3);
                self.text_or_none(found.as_deref());
            }
        }
    }
}

const fn failed(how: Failed) -> u64 {
    match how {
        Failed::Definite => 0,
        Failed::Indefinite { why } => match why {
            Doubt::Unanswered => 1,
            Doubt::LeadershipLost => 2,
            Doubt::SessionExpired => 3,
            Doubt::MaybeCopied => 4,
        },
    }
}

const fn loss(why: Loss) -> u64 {
    match why {
        Loss::Random => 1,
        Loss::Cut => 2,
        Loss::Partition => 3,
        Loss::Down => 4,
        Loss::Dropped => 5,
        Loss::Overflow => 6,
        Loss::Refused => 7,
    }
}
