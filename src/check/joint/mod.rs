//! Histories of several keys that transactions and scans join.
//!
//! Such a history can't be checked key by key: the state is that of all its keys. The search is
//! the plain one of Wing and Gong (1993) with the memory of Lowe (2017): from return to return,
//! without what `search` knows of one key's future. So it is for histories of moderate size;
//! beyond [`MAX_KEYS`] and [`MAX_OPERATIONS`] nothing is decided.

mod explain;
mod order;

pub use explain::explain;
pub(super) use order::Search;

use super::model::{Call, Reply, Value};

/// Keys that are searched together at most.
pub const MAX_KEYS: usize = 256;

/// Operations that are searched together at most.
pub const MAX_OPERATIONS: usize = 20_000;

/// What a client did with several keys, all at once or not at all.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Transaction {
    /// The keys by their numbers, what was asked of each, and what was answered. They see each
    /// other's effects in this order. A compare-and-swap without an answer has to hit.
    pub steps: Vec<(usize, Call, Reply)>,
    /// [`Reply::Done`]: it took effect. [`Reply::Missed`]: a compare-and-swap of it missed, and
    /// nothing happened. [`Reply::Unknown`]: perhaps one, perhaps the other, perhaps neither.
    pub reply: Reply,
    /// When it was invoked.
    pub invoked: u64,
    /// When it returned; `None`: never.
    pub returned: Option<u64>,
}

/// What changes: keys, and what they hold then.
pub type Effect = Vec<(usize, Option<Value>)>;

impl Transaction {
    /// When it took effect at the latest, if it did; `None`: nobody knows, not even whether.
    pub fn deadline(&self) -> Option<u64> {
        match self.reply {
            Reply::Unknown => None,
            _ => self.returned,
        }
    }

    /// What changes if it takes effect where the keys hold these values. `None`: what was
    /// answered can't be.
    pub fn run<'a>(&self, value: impl Fn(usize) -> Option<&'a Value>) -> Option<Effect> {
        let mut effect = Effect::new();
        let mut hits_all = true;
        for (key, call, reply) in &self.steps {
            let changed = effect.iter().rposition(|(other, _)| other == key);
            let after = {
                let before = match changed {
                    Some(at) => effect[at].1.as_ref(),
                    None => value(*key),
                };
                let reply = self.answer(call, reply);
                if matches!(reply, Reply::Done | Reply::Unknown) && !call.hits(before) {
                    hits_all = false;
                    break;
                }
                let after = call.run(reply, before)?;
                (after.as_ref() != before).then_some(after)
            };
            match (after, changed) {
                (Some(after), Some(at)) => effect[at].1 = after,
                (Some(after), None) => effect.push((*key, after)),
                (None, _) => {}
            }
        }
        match (&self.reply, hits_all) {
            (Reply::Missed, true) | (Reply::Done, false) => None,
            (_, true) => Some(effect),
            (_, false) => Some(Effect::new()),
        }
    }

    /// What a step was answered: in a transaction that took effect, whatever asks for a value
    /// found it.
    fn answer<'a>(&self, call: &Call, reply: &'a Reply) -> &'a Reply {
        match (call, reply, &self.reply) {
            (Call::Cas { .. }, Reply::Unknown, Reply::Done | Reply::Missed) => &Reply::Done,
            _ => reply,
        }
    }

    /// Whether it can change nothing, whatever the keys hold.
    pub fn is_read(&self) -> bool {
        let looks = |(_, call, reply): &(usize, Call, Reply)| {
            call.is_read() || matches!(reply, Reply::Missed | Reply::Absent)
        };
        self.reply == Reply::Missed || self.steps.iter().all(looks)
    }
}
