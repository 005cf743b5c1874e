//! The state machine: a map from keys to values, and the clients' sessions.
//!
//! Both are persistent structures (they share what two versions have in common), so that a
//! checkpoint of a whole cluster costs a few pointers, and ordered, so that no hash decides an
//! order.

use super::MANY_SHARDS;
use super::command::{ClientCommand, Key, Operation, Outcome, Value};
use super::encoding::{DecodeError, Decoder, Encoder};
use super::registry::Registry;
use super::session::{Seen, Sessions};
use super::shard::Shard;
use super::shard_rules::{ShardRule, ShardRules};
use crate::base::Span;
use crate::raft::{Index, Rule, Rules};
use rpds::RedBlackTreeMap;
use std::rc::Rc;

/// A value and the entry that wrote it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stored {
    /// The value.
    pub value: Value,
    /// The index of the entry that wrote it last.
    pub written_at: Index,
}

/// One server's copy of the data.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Store {
    map: RedBlackTreeMap<Key, Stored>,
    /// The bytes of all keys and values.
    bytes: u64,
    pub(super) sessions: Sessions,
    /// The shard that the group serves, where there are several.
    pub(super) shard: Option<Rc<Shard>>,
    /// What group 0 decides on.
    registry: Option<Rc<Registry>>,
}

/// What commands are applied by, the same on every server.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ApplySettings {
    /// The rules of the protocol.
    pub rules: Rules,
    /// Those of a store of many shards.
    pub shard_rules: ShardRules,
    /// After how long of the log's time a session expires; 0: never.
    pub session_timeout: Span,
}

/// What became of a command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Applied {
    /// What the client is answered; `None` if it waits for a later command already, or if its
    /// session has expired.
    pub outcome: Option<Outcome>,
    /// Whether the command ran; otherwise it was a repetition, or may have been one.
    pub ran: bool,
    /// Whether its session has expired: nobody knows whether it ran before.
    pub expired: bool,
    /// Whether the group doesn't own the key: then nothing is remembered of the command.
    pub refused: bool,
    /// Whether the shard is frozen: then nothing is remembered, either.
    pub frozen: bool,
}

impl Applied {
    /// A command that doesn't run.
    const NOTHING: Applied = Applied {
        outcome: None,
        ran: false,
        expired: false,
        refused: false,
        frozen: false,
    };

    /// A command for a shard that stands still.
    const FROZEN: Applied = Applied {
        frozen: true,
        ..Applied::NOTHING
    };

    /// A command for a key that the group doesn't own.
    const REFUSED: Applied = Applied {
        refused: true,
        ..Applied::NOTHING
    };
}

impl Store {
    /// Applies the command of the entry at `index`.
    pub fn apply(&mut self, index: Index, command: &ClientCommand, by: ApplySettings) -> Applied {
        let ClientCommand {
            client,
            session,
            sequence,
            at,
            ref operation,
        } = *command;
        let refuses = || by.shard_rules.has(ShardRule::FreezeRefusesWrites);
        if MANY_SHARDS && self.is_frozen() && refuses() {
            return Applied::FROZEN;
        }
        let keeps = MANY_SHARDS && self.shard.is_some();
        self.sessions.pass(at, by.session_timeout, keeps);
        let elsewhere = MANY_SHARDS && !self.owns(operation.key());
        if elsewhere && !by.shard_rules.has(ShardRule::SessionBeforeOwner) {
            return Applied::REFUSED;
        }
        if by.rules.has(Rule::SessionDedup) {
            let seen = self.sessions.seen(client, session, sequence);
            let expired = seen == Seen::Expired;
            let outcome = match seen {
                Seen::New => None,
                Seen::Ran(outcome) => Some(Some(outcome)),
                Seen::Superseded | Seen::Expired => Some(None),
            };
            if let Some(outcome) = outcome {
                return Applied {
                    outcome,
                    expired,
                    ..Applied::NOTHING
                };
            }
        }
        if elsewhere && by.shard_rules.has(ShardRule::OwnerAtApply) {
            return Applied::REFUSED;
        }
        let outcome = self.run(index, operation);
        let sessions = &mut self.sessions;
        sessions.remember(client, session, sequence, outcome.clone());
        Applied {
            outcome: Some(outcome),
            ran: true,
            ..Applied::NOTHING
        }
    }

    fn run(&mut self, index: Index, operation: &Operation) -> Outcome {
        match operation {
            Operation::Get { key, .. } => {
                return Outcome::Found {
                    value: self.get(key).cloned(),
                };
            }
            Operation::Put { key, value } => self.set(index, key, value.clone()),
            Operation::Append { key, value } => {
                let joined = match self.get(key) {
                    Some(old) => format!("{old}{value}").into(),
                    None => value.clone(),
                };
                self.set(index, key, joined);
            }
            Operation::Delete { key } => {
                self.remove(key);
            }
            Operation::Cas {
                key,
                expected,
                value,
            } => {
                if self.get(key) != expected.as_ref() {
                    return Outcome::Differs {
                        found: self.get(key).cloned(),
                    };
                }
                self.set(index, key, value.clone());
            }
        }
        Outcome::Done
    }

    pub(super) fn remove(&mut self, key: &str) {
        let gone = self.map.get(key).map_or(0, |it| key.len() + it.value.len());
        self.bytes -= gone as u64;
        self.map.remove_mut(key);
    }

    pub(super) fn set(&mut self, index: Index, key: &Key, value: Value) {
        let written_at = index;
        self.bytes += value.len() as u64;
        if let Some(stored) = self.map.get_mut(key) {
            self.bytes -= stored.value.len() as u64;
            *stored = Stored { value, written_at };
        } else {
            self.bytes += key.len() as u64;
            self.map
                .insert_mut(key.clone(), Stored { value, written_at });
        }
    }

    /// Whether the group serves this key. One that serves no shard serves all keys.
    pub fn owns(&self, key: &str) -> bool {
        self.shard.as_ref().is_none_or(|shard| shard.keys.has(key))
    }

    /// The shard that the group serves.
    pub fn shard(&self) -> Option<&Shard> {
        self.shard.as_deref()
    }

    /// The shard, to be changed.
    pub fn shard_mut(&mut self) -> Option<&mut Shard> {
        self.shard.as_mut().map(Rc::make_mut)
    }

    /// What group 0 decides on, if this is group 0.
    pub fn registry(&self) -> Option<&Registry> {
        self.registry.as_deref()
    }

    /// The registry, to be changed.
    pub fn registry_mut(&mut self) -> Option<&mut Registry> {
        self.registry.as_mut().map(Rc::make_mut)
    }

    /// An empty store of a group that serves a shard.
    pub fn of_shard(shard: Shard) -> Store {
        Store {
            shard: Some(shard.into()),
            ..Store::default()
        }
    }

    /// The store of group 0.
    pub fn of_registry(registry: Registry) -> Store {
        Store {
            registry: Some(registry.into()),
            ..Store::default()
        }
    }

    /// The bytes of all keys and values.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The store as bytes: what a snapshot holds of it. Equal stores give equal bytes.
    pub fn encode(&self) -> Rc<[u8]> {
        let mut out = Encoder::new();
        out.number(self.len() as u32);
        for (key, Stored { value, written_at }) in self.iter() {
            out.text(key);
            out.text(value);
            out.word(*written_at);
        }
        self.sessions.encode(&mut out);
        if let Some(shard) = self.shard.as_ref().filter(|_| MANY_SHARDS) {
            out.byte(1);
            shard.encode(&mut out);
        }
        if let Some(registry) = self.registry.as_ref().filter(|_| MANY_SHARDS) {
            out.byte(2);
            registry.encode(&mut out);
        }
        out.finish()
    }

    /// The store that was encoded as `bytes`.
    ///
    /// # Errors
    /// Names the first field that can't be read, and where it stands.
    pub fn decode(bytes: &[u8]) -> Result<Store, DecodeError> {
        let mut bytes = Decoder::new(bytes)?;
        let mut store = Store::default();
        for _ in 0..bytes.number("pairs")? {
            let (key, value) = (bytes.text("pair.key")?, bytes.text("pair.value")?);
            store.set(bytes.word("pair.written_at")?, &key, value);
        }
        store.sessions = Sessions::decode(&mut bytes)?;
        if MANY_SHARDS && !bytes.is_at_end() {
            let error = bytes.error("end");
            match bytes.byte("end")? {
                1 => store.shard = Some(Shard::decode(&mut bytes)?.into()),
                2 => store.registry = Some(Registry::decode(&mut bytes)?.into()),
                _ => return Err(error),
            }
        }
        bytes.finish()?;
        Ok(store)
    }

    /// The value of `key`.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.map.get(key).map(|stored| &stored.value)
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.map.size()
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    /// Keys, values and the entries that wrote them, in the order of the keys.
    pub fn iter(&self) -> impl Iterator<Item = (&Key, &Stored)> {
        self.map.iter()
    }

    /// The clients' sessions.
    pub fn sessions(&self) -> &Sessions {
        &self.sessions
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{ClientId, Time};

    fn apply(store: &mut Store, sequence: u64, operation: Operation) -> Applied {
        let command = ClientCommand::first(ClientId(1), sequence, operation);
        store.apply(sequence, &command, ApplySettings::default())
    }

    fn append(value: &str) -> Operation {
        Operation::Append {
            key: "k".into(),
            value: value.into(),
        }
    }

    #[test]
    fn operations_do_what_they_say() {
        let mut store = Store::default();
        let key: Key = "k".into();
        let cas = |expected: Option<&str>, value: &str| Operation::Cas {
            key: "k".into(),
            expected: expected.map(Value::from),
            value: value.into(),
        };
        let outcome = |applied: Applied| applied.outcome.expect("it ran");
        assert_eq!(outcome(apply(&mut store, 1, append("a"))), Outcome::Done);
        assert_eq!(outcome(apply(&mut store, 2, append("b"))), Outcome::Done);
        assert_eq!(store.get("k").map(|v| &**v), Some("ab"));
        let found = Some("ab".into());
        assert_eq!(
            outcome(apply(&mut store, 3, cas(None, "x"))),
            Outcome::Differs { found }
        );
        assert_eq!(
            outcome(apply(&mut store, 4, cas(Some("ab"), "x"))),
            Outcome::Done
        );
        let get = Operation::Get {
            key: key.clone(),
            level: Default::default(),
        };
        let value = Some("x".into());
        assert_eq!(outcome(apply(&mut store, 5, get)), Outcome::Found { value });
        assert_eq!(
            outcome(apply(&mut store, 6, Operation::Delete { key })),
            Outcome::Done
        );
        assert!(store.is_empty());
        assert_eq!(outcome(apply(&mut store, 7, cas(None, "y"))), Outcome::Done);
        assert_eq!(store.get("k").map(|v| &**v), Some("y"));
    }

    #[test]
    fn a_repeated_command_runs_once_and_is_answered_the_same() {
        let mut store = Store::default();
        let first = apply(&mut store, 1, append("a"));
        let again = apply(&mut store, 1, append("a"));
        assert_eq!(
            again,
            Applied {
                ran: false,
                ..first
            }
        );
        assert_eq!(store.get("k").map(|v| &**v), Some("a"));
        apply(&mut store, 2, append("b"));
        let late = apply(&mut store, 1, append("a"));
        assert_eq!(late, Applied::NOTHING);
        assert_eq!(store.get("k").map(|v| &**v), Some("ab"));
    }

    #[test]
    fn without_sessions_a_repeated_command_runs_twice() {
        let mut store = Store::default();
        let command = ClientCommand::first(ClientId(1), 1, append("a"));
        let by = ApplySettings {
            rules: Rules::ALL.without(Rule::SessionDedup),
            ..ApplySettings::default()
        };
        store.apply(1, &command, by);
        store.apply(2, &command, by);
        assert_eq!(store.get("k").map(|v| &**v), Some("aa"));
    }

    /// Seconds of the log's time, the client, its session and the command's number; it appends that.
    fn at(store: &mut Store, secs: u64, client: u32, session: u32, sequence: u64) -> Applied {
        let command = ClientCommand {
            client: ClientId(client),
            session,
            sequence,
            at: Time::from_millis(secs * 1_000),
            operation: append(&sequence.to_string()),
        };
        let by = ApplySettings {
            session_timeout: Span::secs(10),
            ..ApplySettings::default()
        };
        store.apply(1, &command, by)
    }

    #[test]
    fn a_retry_of_an_expired_session_gets_an_error_and_never_runs() {
        let mut store = Store::default();
        assert!(at(&mut store, 0, 1, 1, 1).ran);
        // The log's time doesn't go back: another leader's clock is behind.
        assert!(at(&mut store, 10, 2, 1, 2).ran && at(&mut store, 3, 3, 1, 3).ran);
        assert_eq!(store.sessions().len(), 3);
        let again = at(&mut store, 10, 1, 1, 1);
        assert!(!again.ran && again.outcome == Some(Outcome::Done));
        // Ten seconds and a bit after the first command, its session is over.
        assert!(at(&mut store, 11, 4, 1, 4).ran);
        assert_eq!(store.sessions().len(), 3);
        let refused = Applied {
            expired: true,
            ..Applied::NOTHING
        };
        assert_eq!(at(&mut store, 11, 1, 1, 1), refused, "a retry");
        assert_eq!(at(&mut store, 11, 1, 1, 5), refused, "a later one");
        assert_eq!(store.get("k").map(|v| &**v), Some("1234"));
        // The next session goes on; what is left of the one before stays refused.
        assert!(at(&mut store, 12, 1, 2, 6).ran);
        assert_eq!(at(&mut store, 12, 1, 1, 5), refused);
        assert_eq!(store.get("k").map(|v| &**v), Some("12346"));
    }

    #[test]
    fn a_store_that_came_from_a_snapshot_expires_the_same_sessions() {
        let mut store = Store::default();
        for second in 0..60 {
            at(
                &mut store,
                second,
                second as u32 * second as u32 % 7 + 1,
                1,
                second + 1,
            );
            let mut restored = Store::decode(&store.encode()).expect("it was encoded");
            assert_eq!(restored, store);
            let mut twin = store.clone();
            for probe in 1..=7 {
                let later = second + 4;
                assert_eq!(
                    at(&mut restored, later, probe, 1, 100),
                    at(&mut twin, later, probe, 1, 100)
                );
            }
            assert_eq!(restored, twin);
            assert_eq!(restored.encode(), twin.encode());
        }
        assert!(store.sessions().len() < 7, "some have expired");
    }
}
