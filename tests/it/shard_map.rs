//! Ranges of keys are cut and joined without a loss, and a map learns in any order.

use kvorum::base::{GroupId, NodeId};
use kvorum::kv::{Border, CutError, Descriptor, KeyRange, MapError, SLOTS, ShardMap, slot};
use proptest::prelude::*;
use std::rc::Rc;

fn shard(group: u32, keys: KeyRange, range_epoch: u64) -> Descriptor {
    Descriptor {
        group: GroupId(group),
        keys,
        range_epoch,
        members_epoch: 0,
        members: vec![NodeId(1), NodeId(2), NodeId(3)],
    }
}

fn slots(first: u16, last: u16) -> KeyRange {
    KeyRange::Slots { first, last }
}

fn keys(from: &str, to: Option<&str>) -> KeyRange {
    KeyRange::Keys {
        from: from.into(),
        to: to.map(Into::into),
    }
}

#[test]
fn a_map_covers_each_key_once_or_says_where_it_does_not() {
    let of = |ranges: &[(u32, KeyRange)]| {
        let shards = ranges
            .iter()
            .map(|(group, keys)| shard(*group, keys.clone(), 0));
        ShardMap::new(shards).err()
    };
    let (one, two, three) = (GroupId(1), GroupId(2), GroupId(3));
    let last = SLOTS - 1;
    assert_eq!(of(&[(1, KeyRange::ALL_SLOTS)]), None);
    assert_eq!(of(&[(1, KeyRange::all_keys())]), None);
    assert_eq!(of(&[(2, slots(100, last)), (1, slots(0, 99))]), None);
    assert_eq!(of(&[(1, keys("", Some("m"))), (2, keys("m", None))]), None);
    let cases = [
        (vec![], MapError::Empty),
        (vec![(1, slots(9, 8))], MapError::Range(one)),
        (vec![(1, slots(0, SLOTS))], MapError::Range(one)),
        (vec![(1, keys("b", Some("a")))], MapError::Range(one)),
        (vec![(1, slots(1, last))], MapError::GapBefore(one)),
        (
            vec![(1, slots(0, 8)), (2, slots(10, last))],
            MapError::GapBefore(two),
        ),
        (
            vec![(1, slots(0, 8)), (2, slots(9, 10))],
            MapError::GapBehind(two),
        ),
        (vec![(1, keys("", Some("m")))], MapError::GapBehind(one)),
        (
            vec![(1, slots(0, 9)), (2, slots(9, last))],
            MapError::Overlap(one, two),
        ),
        (
            vec![(1, slots(0, 9)), (2, keys("a", None))],
            MapError::Mixed(one, two),
        ),
        (
            vec![(3, slots(0, 9)), (2, slots(10, 20)), (3, slots(21, last))],
            MapError::Twice(three),
        ),
    ];
    for (ranges, expected) in cases {
        assert_eq!(of(&ranges), Some(expected), "{ranges:?}");
    }
}

#[test]
fn a_range_is_cut_inside_and_nowhere_else() {
    let border = |key: &str| Border::Key(key.into());
    let cases = [
        (slots(5, 9), Border::Slot(5), CutError::Edge),
        (slots(5, 9), Border::Slot(10), CutError::Edge),
        (slots(5, 5), Border::Slot(5), CutError::Edge),
        (slots(5, 9), border("a"), CutError::OtherKind),
        (keys("b", Some("d")), border("b"), CutError::Edge),
        (keys("b", Some("d")), border("d"), CutError::Edge),
        (keys("b", Some("d")), border("a"), CutError::Edge),
        (keys("b", None), Border::Slot(3), CutError::OtherKind),
    ];
    for (range, at, expected) in cases {
        assert_eq!(range.cut(&at), Err(expected), "{range} at {at:?}");
    }
    let whole = keys("b", Some("d"));
    let (left, right) = whole.cut(&border("c")).unwrap();
    assert!(left.has("bzz") && !left.has("c") && right.has("c") && !right.has("d"));
    assert_eq!(left.join(&right), Some(whole));
    assert_eq!(right.join(&left), None);
}

/// A store whose shards split and merge, and every descriptor that it ever had.
struct Store {
    now: Vec<Descriptor>,
    ever: Vec<Rc<Descriptor>>,
    groups: u32,
}

impl Store {
    fn new(all: KeyRange) -> Store {
        let first = shard(1, all, 0);
        Store {
            now: vec![first.clone()],
            ever: vec![first.into()],
            groups: 1,
        }
    }

    fn put(&mut self, at: usize, replaced: usize, shards: Vec<Descriptor>) {
        self.ever.extend(shards.iter().cloned().map(Rc::new));
        self.now.splice(at..at + replaced, shards);
    }

    /// Splits a shard, if the border lies in it, else merges it with the next, or moves a replica.
    fn change(&mut self, at: usize, border: &Border) {
        let at = at % self.now.len();
        let old = self.now[at].clone();
        let next = self.now.get(at + 1).cloned();
        match (old.keys.cut(border), next) {
            (Ok((left, right)), _) => {
                self.groups += 1;
                let epoch = old.range_epoch + 1;
                let parts = vec![
                    shard(old.group.0, left, epoch),
                    shard(self.groups, right, epoch),
                ];
                self.put(at, 1, parts);
            }
            (Err(_), Some(next)) if old.members_epoch > 0 => {
                let epoch = old.range_epoch.max(next.range_epoch) + 1;
                let both = old.keys.join(&next.keys).unwrap();
                self.put(at, 2, vec![shard(old.group.0, both, epoch)]);
            }
            _ => {
                let mut moved = old;
                moved.members_epoch += 1;
                moved.members[0] = NodeId(4 + moved.members_epoch as u32);
                self.put(at, 1, vec![moved]);
            }
        }
    }
}

fn border(by_slots: bool, at: u16) -> Border {
    match by_slots {
        true => Border::Slot(at % SLOTS),
        false => Border::Key(format!("{:02x}", at % 256).into()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_told_in_any_order_the_newest_stays(
        by_slots: bool,
        changes in prop::collection::vec((0..64usize, any::<u16>()), 0..40),
        order in prop::collection::vec(any::<prop::sample::Index>(), 0..80),
        asked in prop::collection::vec("[0-9a-f]{2,3}", 8),
    ) {
        let all = if by_slots { KeyRange::ALL_SLOTS } else { KeyRange::all_keys() };
        let mut store = Store::new(all);
        for (at, to) in changes {
            store.change(at, &border(by_slots, to));
        }
        let truth = ShardMap::new(store.now.clone());
        prop_assert!(truth.is_ok(), "{:?}: {:?}", truth, store.now);
        let truth = truth.unwrap();

        let mut told = ShardMap::default();
        for index in order {
            let news = &store.ever[index.index(store.ever.len())];
            let before = told.clone();
            let was_news = told.learn(news);
            prop_assert_eq!(was_news, told != before);
            // The same again is no news, and no two shards overlap.
            prop_assert!(!told.clone().learn(news));
            let shards: Vec<_> = told.shards().collect();
            for pair in shards.windows(2) {
                prop_assert!(!pair[0].keys.overlaps(&pair[1].keys));
                prop_assert!(pair[0].keys.begin() < pair[1].keys.begin());
            }
        }
        for news in &store.now {
            told.learn(&Rc::new(news.clone()));
        }
        prop_assert_eq!(&told, &truth);
        // And whatever is told late changes nothing.
        for news in &store.ever {
            prop_assert!(!told.learn(news), "{:?}", news);
        }
        for key in &asked {
            let found = truth.find(key).unwrap();
            prop_assert!(found.keys.has(key), "{} ({}) in {:?}", key, slot(key), found);
            prop_assert_eq!(told.of(found.group), Some(found));
        }
    }
}
