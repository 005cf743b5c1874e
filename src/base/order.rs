//! Sorting short lists in little code.
//!
//! The standard library's sorts are made for long lists, and each type that they are used with
//! adds some kilobytes to the WebAssembly that a page has to load. What is sorted here has a few
//! dozen elements.

/// Sorts by `key`, smallest first (Shell's method). Elements with equal keys may change places,
/// in the same way everywhere.
pub fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    for gap in [701, 301, 132, 57, 23, 10, 4, 1] {
        for end in gap..items.len() {
            let mut at = end;
            while at >= gap && key(&items[at]) < key(&items[at - gap]) {
                items.swap(at, at - gap);
                at -= gap;
            }
        }
    }
}

/// Sorts, smallest first.
pub fn sort<T: Ord + Copy>(items: &mut [T]) {
    sort_by_key(items, |&item| item);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Draws, Purpose};

    #[test]
    fn lists_of_any_length_are_sorted() {
        let mut draws = Draws::new(1, Purpose::Workload, 0);
        for len in (0..40).chain([700, 3_000]) {
            let mut items: Vec<u64> = (0..len).map(|_| draws.below(len)).collect();
            let mut expected = items.clone();
            expected.sort_unstable();
            sort(&mut items);
            assert_eq!(items, expected);
        }
    }
}
