//! Values and lists whose clones share what none of them has touched since.

use std::iter::Map;
use std::ops::{Deref, DerefMut, Index, IndexMut};
use std::rc::Rc;
use std::slice;

/// A value that its clones share until one of them changes it: for what is large and seldom changes.
/// Whoever wants it to be changed may get a copy of its own, even if it changes nothing then.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct CopyOnWrite<T>(Rc<T>);

impl<T> From<T> for CopyOnWrite<T> {
    fn from(value: T) -> CopyOnWrite<T> {
        CopyOnWrite(Rc::new(value))
    }
}

impl<T> Deref for CopyOnWrite<T> {
    type Target = T;

    #[inline(always)]
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Clone> DerefMut for CopyOnWrite<T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut T {
        if Rc::strong_count(&self.0) > 1 {
            self.copy();
        }
        Rc::get_mut(&mut self.0).expect("nobody else has it")
    }
}

impl<T: Clone> CopyOnWrite<T> {
    /// Apart, because it seldom happens and stands wherever a value may be changed.
    #[cold]
    #[inline(never)]
    fn copy(&mut self) {
        self.0 = Rc::new(T::clone(&self.0));
    }
}

/// The values of a [`Shared`] list, in order.
pub type Iter<'a, T> = Map<slice::Iter<'a, Rc<T>>, fn(&'a Rc<T>) -> &'a T>;

/// A list of shared values. Cloning it copies no value; whoever changes one first gets a copy of its
/// own. So a checkpoint of a run pays for what has moved since, not for what is there.
#[derive(Clone, Debug)]
pub struct Shared<T>(Vec<Rc<T>>);

impl<T> Default for Shared<T> {
    fn default() -> Shared<T> {
        Shared(Vec::new())
    }
}

impl<T> Shared<T> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value at a place, if there is one.
    pub fn get(&self, at: usize) -> Option<&T> {
        self.0.get(at).map(|it| &**it)
    }

    /// All of them.
    pub fn iter(&self) -> Iter<'_, T> {
        self.0.iter().map(|it| &**it)
    }

    /// Adds one.
    pub fn push(&mut self, value: T) {
        self.0.push(Rc::new(value));
    }
}

impl<T: Clone> Shared<T> {
    /// All of them, to be changed: from now on none is shared.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.0.iter_mut().map(Rc::make_mut)
    }
}

impl<T> FromIterator<T> for Shared<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Shared<T> {
        Shared(values.into_iter().map(Rc::new).collect())
    }
}

impl<'a, T> IntoIterator for &'a Shared<T> {
    type Item = &'a T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

impl<T> Index<usize> for Shared<T> {
    type Output = T;

    #[inline(always)]
    fn index(&self, at: usize) -> &T {
        &self.0[at]
    }
}

impl<T: Clone> IndexMut<usize> for Shared<T> {
    #[inline(always)]
    fn index_mut(&mut self, at: usize) -> &mut T {
        Rc::make_mut(&mut self.0[at])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_copied_by_whoever_changes_it_first() {
        let mut list = CopyOnWrite::from(vec![1]);
        let before = list.clone();
        assert!(Rc::ptr_eq(&list.0, &before.0));
        list.push(2);
        assert_eq!((list.len(), before.len()), (2, 1));
        let place = Rc::as_ptr(&list.0);
        list.push(3);
        assert_eq!(Rc::as_ptr(&list.0), place, "nobody else has it");
    }

    #[test]
    fn clones_share_what_neither_changes() {
        let mut list: Shared<u32> = [1, 2, 3].into_iter().collect();
        let before = list.clone();
        list[1] += 10;
        let values = |list: &Shared<u32>| list.iter().copied().collect::<Vec<_>>();
        assert_eq!(
            (values(&list), values(&before)),
            (vec![1, 12, 3], vec![1, 2, 3])
        );
        let same = |at: usize| Rc::ptr_eq(&list.0[at], &before.0[at]);
        assert_eq!([0, 1, 2].map(same), [true, false, true]);
        list.push(4);
        assert_eq!((list.len(), before.len(), list.get(3)), (4, 3, Some(&4)));
    }
}
