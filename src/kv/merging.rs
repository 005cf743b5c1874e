//! A store that takes in another one.
//!
//! The *source* is frozen by an entry of its own log: from there on its keys and sessions don't change any more.
//! The *target* absorbs it by an entry of its log, and that entry alone decides: before it the source owns its keys,
//! behind it the target does. Whoever wants to undo the freeze has the target's log refuse the absorb first, which
//! gives its keys a new epoch: an absorb that comes later is meant for another one, and does nothing.

use super::admin::{Absorb, AdminCommand, Freeze, TakeBack};
use super::key_range::KeyRange;
use super::shard::{Fence, Frozen, Shard};
use super::shard_rules::{ShardRule, ShardRules};
use super::store::{Store, Stored};
use crate::raft::Index;

impl Store {
    /// Whether its shard stands still, to be absorbed.
    pub fn is_frozen(&self) -> bool {
        self.frozen().is_some()
    }

    /// How its shard stands still, if it does.
    pub fn frozen(&self) -> Option<Frozen> {
        self.shard()?.merges.frozen
    }

    /// Whether a command of the controller is older than one that the shard knows.
    fn is_fenced(&self, fence: Fence) -> bool {
        self.shard().is_some_and(|shard| fence < shard.fence)
    }

    /// The entry at `index` freezes the shard, if it still is what was asked for. Returns whether it did.
    fn freeze(&mut self, index: Index, freeze: &Freeze) -> bool {
        if self.is_frozen() || self.is_fenced(freeze.fence) {
            return false;
        }
        let shard = self.shard_mut();
        let Some(shard) = shard.filter(|it| it.range_epoch == freeze.range_epoch) else {
            return false;
        };
        shard.merges.frozen = Some(Frozen {
            at: index,
            target: freeze.target,
        });
        true
    }

    /// The keys that it would have after an absorb; `None` if it doesn't absorb. The source has no say in that.
    pub fn absorbs(&self, absorb: &Absorb) -> Option<KeyRange> {
        let shard = self.shard()?;
        let other = self.is_frozen() || shard.range_epoch != absorb.range_epoch;
        if other || self.is_fenced(absorb.fence) {
            return None;
        }
        let (ours, theirs) = (&shard.keys, &absorb.keys);
        ours.join(theirs).or_else(|| theirs.join(ours))
    }

    /// The entry at `index` takes the source in, as it is after the entry that froze it. Returns whether it did.
    pub fn absorb(
        &mut self,
        index: Index,
        absorb: &Absorb,
        source: &Store,
        rules: ShardRules,
    ) -> bool {
        let Some(keys) = self.absorbs(absorb) else {
            return false;
        };
        for (key, Stored { value, .. }) in source.iter() {
            self.set(index, key, value.clone());
        }
        if rules.has(ShardRule::SessionsAtMerge) {
            self.sessions.join(&source.sessions);
        }
        if let Some(shard) = self.shard_mut() {
            shard.keys = keys;
            shard.range_epoch = shard.range_epoch.max(absorb.source_epoch) + 1;
            shard.merges.absorbed.push(absorb.source);
            shard.merges.absorbed_at = index;
        }
        true
    }

    /// The entry at `index` of its group's log does to it what it says, if that needs nothing but the store. Returns
    /// whether it did.
    pub fn step(&mut self, index: Index, command: &AdminCommand) -> bool {
        match command {
            AdminCommand::Fence(fence) => {
                let shard = self.shard_mut().into_iter();
                shard.for_each(|shard| shard.fence = shard.fence.max(*fence));
                true
            }
            AdminCommand::Freeze(freeze) => self.freeze(index, freeze),
            AdminCommand::Refuse(refusal) => self.refuse_absorb(refusal),
            AdminCommand::Thaw(thaw) => self.thaw(thaw),
            AdminCommand::Registry(_) | AdminCommand::Split(_) | AdminCommand::Absorb(_) => false,
        }
    }

    /// From here on no absorb of that operation is done.
    fn refuse_absorb(&mut self, refusal: &TakeBack) -> bool {
        let shard = self.shard_mut();
        let Some(shard) = shard.filter(|it| it.range_epoch == refusal.range_epoch) else {
            return false;
        };
        shard.range_epoch += 1;
        shard.merges.refused = shard.merges.refused.max(refusal.fence.operation);
        true
    }

    /// The shard goes on, if it still is what was asked for.
    fn thaw(&mut self, thaw: &TakeBack) -> bool {
        let shard = self.shard_mut();
        let fits =
            |it: &&mut Shard| it.merges.frozen.is_some() && it.range_epoch == thaw.range_epoch;
        let Some(shard) = shard.filter(fits) else {
            return false;
        };
        shard.range_epoch += 1;
        shard.merges.frozen = None;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{ClientId, GroupId};
    use crate::kv::{ApplySettings, Border, ClientCommand, Operation, Shard};

    const RULES: ShardRules = ShardRules::ALL;

    fn fence(stage: u8) -> Fence {
        Fence {
            term: 3,
            operation: 7,
            stage,
        }
    }

    fn append(store: &mut Store, sequence: u64, key: &str) -> crate::kv::Applied {
        let operation = Operation::Append {
            key: key.into(),
            value: "v".into(),
        };
        let command = ClientCommand::first(ClientId(1), sequence, operation);
        store.apply(sequence, &command, ApplySettings::default())
    }

    /// Two neighbours: the client has run its first command in the first one, its second in the other.
    fn neighbours() -> (Store, Store) {
        let (left, right) = KeyRange::all_keys()
            .cut(&Border::Key("m".into()))
            .expect("inside");
        let [mut target, mut source] = [left, right].map(|keys| Store::of_shard(Shard::new(keys)));
        append(&mut target, 1, "a");
        append(&mut source, 2, "z");
        (target, source)
    }

    fn freeze(range_epoch: u64) -> AdminCommand {
        AdminCommand::Freeze(Freeze {
            fence: fence(1),
            range_epoch,
            target: GroupId(1),
        })
    }

    fn absorb_of(source: &Store) -> Absorb {
        let shard = source.shard().expect("a shard");
        Absorb {
            fence: fence(1),
            range_epoch: 1,
            source: GroupId(2),
            source_epoch: shard.range_epoch,
            keys: shard.keys.clone(),
            at: 9,
            held: 9,
            carried: Vec::new(),
        }
    }

    #[test]
    fn a_frozen_shard_does_nothing_and_is_absorbed_with_what_it_ran() {
        let (mut target, mut source) = neighbours();
        assert!(!source.step(9, &freeze(2)), "another epoch");
        assert!(source.step(9, &freeze(1)) && !source.step(10, &freeze(1)));
        let before = source.clone();
        // Not even what ran is answered: who asks again finds it in the target.
        for sequence in [2, 3] {
            let applied = append(&mut source, sequence, "z");
            assert!(applied.frozen && !applied.ran && applied.outcome.is_none());
        }
        assert_eq!(source, before);
        let absorb = absorb_of(&source);
        let mut later = target.clone();
        later.step(19, &AdminCommand::Fence(fence(2)));
        assert!(!later.absorb(20, &absorb, &source, RULES), "an older step");
        assert!(target.absorb(20, &absorb, &source, RULES));
        assert!(!target.absorb(21, &absorb, &source, RULES), "once");
        assert_eq!(Store::decode(&target.encode()), Ok(target.clone()));
        let shard = target.shard().expect("a shard");
        assert_eq!((&shard.keys, shard.range_epoch), (&KeyRange::all_keys(), 2));
        assert_eq!(
            (&shard.merges.absorbed[..], shard.merges.absorbed_at),
            (&[GroupId(2)][..], 20)
        );
        assert!(!append(&mut target, 2, "z").ran && append(&mut target, 3, "z").ran);
        assert_eq!(target.get("z").map(|it| &**it), Some("vv"));
    }

    #[test]
    fn behind_a_refusal_nothing_is_absorbed_and_the_source_goes_on() {
        let (mut target, mut source) = neighbours();
        source.step(9, &freeze(1));
        let absorb = absorb_of(&source);
        let back = |range_epoch| TakeBack {
            fence: fence(2),
            range_epoch,
        };
        assert!(target.step(20, &AdminCommand::Refuse(back(1))));
        assert!(
            !target.step(21, &AdminCommand::Refuse(back(1))),
            "another epoch"
        );
        assert!(!target.absorb(22, &absorb, &source, RULES));
        assert_eq!(target.shard().map(|it| it.merges.refused), Some(7));
        assert!(
            !source.step(10, &AdminCommand::Thaw(back(2))),
            "another epoch"
        );
        assert!(source.step(10, &AdminCommand::Thaw(back(1))) && !source.is_frozen());
        assert!(append(&mut source, 3, "z").ran);
        // An old freeze comes too late, and so does one of an earlier step.
        assert!(!source.step(11, &freeze(1)));
        source.step(12, &AdminCommand::Fence(fence(2)));
        assert!(!source.step(13, &freeze(2)));
        assert_eq!(Store::decode(&source.encode()), Ok(source));
    }
}
