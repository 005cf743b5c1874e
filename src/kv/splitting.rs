//! A store that is cut in two.

use super::admin::Split;
use super::key_range::{Border, KeyRange};
use super::shard::SplitError;
use super::shard_rules::{ShardRule, ShardRules};
use super::slot::slot;
use super::store::{Store, Stored};

impl Store {
    /// Cuts the shard in two. Returns what the second part begins with: its keys, and all sessions, so that
    /// a command that ran here doesn't run there.
    ///
    /// # Errors
    /// Why it stays whole.
    pub fn split(&mut self, split: &Split, rules: ShardRules) -> Result<Store, SplitError> {
        let shard = self.shard.as_ref().ok_or(SplitError::Edge)?;
        if split.fence < shard.fence {
            return Err(SplitError::Fenced);
        }
        if split.range_epoch != shard.range_epoch {
            return Err(SplitError::Epoch);
        }
        if shard.merges.frozen.is_some() {
            return Err(SplitError::Frozen);
        }
        let (stays, goes) = shard.cut(&split.at)?;
        let moved = self.iter().filter(|(key, _)| goes.keys.has(key));
        let moved: Vec<_> = moved.map(|(key, it)| (key.clone(), it.clone())).collect();
        let mut child = Store::of_shard(goes);
        if rules.has(ShardRule::SessionsAtSplit) {
            child.sessions = self.sessions.clone();
        }
        for (key, Stored { value, .. }) in moved {
            self.remove(&key);
            child.set(0, &key, value);
        }
        self.shard = Some(stays.into());
        Ok(child)
    }

    /// Where the keys would be cut into halves; `None` if one slot, or one key, has them all.
    pub fn middle(&self) -> Option<Border> {
        let shard = self.shard()?;
        let half = self.len() / 2;
        let border = match &shard.keys {
            KeyRange::Slots { .. } => {
                let mut slots: Vec<u16> = self.iter().map(|(key, _)| slot(key)).collect();
                slots.sort_unstable();
                let first = *slots.first()?;
                let middle = slots[half];
                let next = slots.iter().copied().find(|&it| it > middle);
                Border::Slot(if middle > first { middle } else { next? })
            }
            KeyRange::Keys { .. } => Border::Key(self.iter().nth(half)?.0.clone()),
        };
        shard.keys.cut(&border).is_ok().then_some(border)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{ClientId, GroupId};
    use crate::kv::{Applied, ApplySettings, ClientCommand, Fence, Operation, Outcome, Shard};

    fn apply(store: &mut Store, sequence: u64, operation: Operation) -> Applied {
        let command = ClientCommand::first(ClientId(1), sequence, operation);
        store.apply(sequence, &command, ApplySettings::default())
    }

    #[test]
    fn a_shard_is_split_as_it_was_asked_for_or_stays_whole() {
        let all = KeyRange::all_keys();
        let mut store = Store::of_shard(Shard::new(all));
        for (sequence, key) in (1..).zip(["a", "b", "m", "z"]) {
            let (key, value) = (key.into(), "v".into());
            apply(&mut store, sequence, Operation::Put { key, value });
        }
        let fence = |operation| Fence {
            term: 3,
            operation,
            stage: 0,
        };
        store.shard_mut().expect("a shard").fence = fence(7);
        let split = |operation, range_epoch, at: &str| Split {
            fence: fence(operation),
            range_epoch,
            at: Border::Key(at.into()),
            child: GroupId(2),
        };
        let before = store.clone();
        for (wrong, why) in [
            (split(6, 1, "m"), SplitError::Fenced),
            (split(7, 2, "m"), SplitError::Epoch),
            (split(7, 1, ""), SplitError::Edge),
        ] {
            assert_eq!(store.split(&wrong, ShardRules::ALL), Err(why));
            assert_eq!(store, before);
        }
        assert_eq!(store.middle(), Some(Border::Key("m".into())));
        let split = split(7, 1, "m");
        let child = store.split(&split, ShardRules::ALL).expect("it can be");
        let keys = |store: &Store| {
            store
                .iter()
                .map(|(key, _)| key.to_string())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            (keys(&store), keys(&child)),
            (vec!["a".into(), "b".into()], vec!["m".into(), "z".into()])
        );
        assert_eq!((store.bytes(), child.bytes()), (4, 4));
        assert_eq!(store.sessions(), child.sessions());
        let epochs = [&store, &child].map(|it| it.shard().map(|shard| shard.range_epoch));
        assert_eq!(epochs, [Some(2), Some(2)]);
        for mut half in [store, child] {
            assert_eq!(Store::decode(&half.encode()), Ok(half.clone()));
            // What ran before the split is answered by either half; what is new only by the owner.
            let again = apply(&mut half, 4, Operation::Delete { key: "q".into() });
            assert_eq!((again.ran, again.outcome), (false, Some(Outcome::Done)));
            let key = if half.owns("a") { "z" } else { "a" };
            let new = apply(&mut half, 5, Operation::Delete { key: key.into() });
            assert!(new.refused && !new.ran && new.outcome.is_none());
            assert_eq!(half.sessions().ran(ClientId(1), 1, 5), None);
        }
    }
}
