//! A small ordered map that costs nothing to clone.

use std::rc::Rc;

/// A sorted list of keys and values, shared by its clones until one of them changes. For maps of
/// up to some hundreds of keys, most of which come in ascending order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sorted<K, V> {
    pairs: Rc<Vec<(K, V)>>,
}

impl<K, V> Default for Sorted<K, V> {
    fn default() -> Self {
        Sorted {
            pairs: Rc::default(),
        }
    }
}

impl<K: Ord + Clone, V: Clone> Sorted<K, V> {
    fn place(&self, key: &K) -> Result<usize, usize> {
        self.pairs.binary_search_by(|(other, _)| other.cmp(key))
    }

    /// The value of `key`.
    pub fn get(&self, key: &K) -> Option<&V> {
        self.place(key).ok().map(|at| &self.pairs[at].1)
    }

    /// The value of `key`, to change it.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let at = self.place(key).ok()?;
        Some(&mut Rc::make_mut(&mut self.pairs)[at].1)
    }

    /// The value of `key`, which is `new` if there was none.
    pub fn get_or_insert_with(&mut self, key: &K, new: impl FnOnce() -> V) -> &mut V {
        let place = self.place(key);
        let pairs = Rc::make_mut(&mut self.pairs);
        let at = place.unwrap_or_else(|at| {
            pairs.insert(at, (key.clone(), new()));
            at
        });
        &mut pairs[at].1
    }

    /// Sets the value of `key`.
    pub fn insert(&mut self, key: K, value: V) {
        let place = self.place(&key);
        let pairs = Rc::make_mut(&mut self.pairs);
        match place {
            Ok(at) => pairs[at].1 = value,
            Err(at) => pairs.insert(at, (key, value)),
        }
    }

    /// Removes the pair with `key`, if there is one.
    pub fn remove(&mut self, key: &K) {
        if let Ok(at) = self.place(key) {
            Rc::make_mut(&mut self.pairs).remove(at);
        }
    }

    /// Whether there is no pair.
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// The pair with the greatest key below `key`.
    pub fn below(&self, key: &K) -> Option<&(K, V)> {
        let (Ok(at) | Err(at)) = self.place(key);
        self.pairs.get(at.checked_sub(1)?)
    }

    /// Removes the pairs with keys below `key`.
    pub fn forget_below(&mut self, key: &K) {
        let (Ok(at) | Err(at)) = self.place(key);
        if at > 0 {
            Rc::make_mut(&mut self.pairs).drain(..at);
        }
    }

    /// The pairs, smallest key first.
    pub fn pairs(&self) -> &[(K, V)] {
        &self.pairs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_in_order_and_clones_stay_as_they_were() {
        let mut map = Sorted::default();
        for key in [3, 1, 7] {
            map.insert(key, key * 10);
        }
        let old = map.clone();
        map.insert(3, 33);
        assert_eq!(map.pairs(), [(1, 10), (3, 33), (7, 70)]);
        assert_eq!(
            (old.get(&3), map.get(&3), map.get(&4)),
            (Some(&30), Some(&33), None)
        );
        assert_eq!((map.below(&1), map.below(&4)), (None, Some(&(3, 33))));
        assert_eq!(map.below(&3), Some(&(1, 10)));
        *map.get_or_insert_with(&5, || 50) += 1;
        *map.get_or_insert_with(&5, || 60) += 1;
        assert_eq!((map.get_mut(&5), old.get(&5)), (Some(&mut 52), None));
        assert_eq!(map.get_mut(&4), None);
        map.remove(&4);
        map.remove(&5);
        assert_eq!((map.get(&5), map.is_empty()), (None, false));
        map.forget_below(&6);
        assert_eq!((map.pairs(), old.pairs().len()), (&[(7, 70)][..], 3));
    }
}
