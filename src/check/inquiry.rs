//! What explanations of one key and of several have in common: how long they may search, where a
//! history becomes bad, and what can be left out of it.

/// Steps of one search at most.
pub(super) const SEARCH: u64 = 1 << 16;

/// Steps between two questions whether to go on.
const TURN: u64 = 1 << 12;

/// Operations of a history in whose beginnings one can't look for the first bad one.
pub(super) const LONG: usize = 1 << 12;

/// A search that takes at most so many steps, which it counts down: whether there is an order, once
/// that is known.
pub(super) type Run<'a> = dyn FnMut(&mut u64) -> Option<bool> + 'a;

/// What a search for an explanation may still take.
pub(super) struct Inquiry<'a> {
    /// Steps that are left.
    pub steps: &'a mut u64,
    /// Asked before each search, and now and then during it.
    pub go_on: &'a mut dyn FnMut() -> bool,
    /// Whether some search was not finished.
    pub has_doubts: bool,
}

impl<'a> Inquiry<'a> {
    pub fn new(steps: &'a mut u64, go_on: &'a mut dyn FnMut() -> bool) -> Inquiry<'a> {
        Inquiry {
            steps,
            go_on,
            has_doubts: false,
        }
    }

    /// Whether there is time for another search of so many operations. Once there isn't, there
    /// never is again.
    pub fn may_search(&mut self, size: usize) -> bool {
        let size = size as u64 + 1;
        let may = *self.steps >= size && (self.go_on)();
        *self.steps = if may { *self.steps - size } else { 0 };
        self.has_doubts |= !may;
        may
    }

    /// Whether a search certainly finds no order.
    pub fn is_bad(&mut self, search: &mut Run<'_>) -> bool {
        let mut left = SEARCH.min(*self.steps);
        let mut found = None;
        while found.is_none() && left > 0 && (self.go_on)() {
            let turn = left.min(TURN);
            let mut steps = turn;
            found = search(&mut steps);
            // A search whose memory is full takes no steps.
            let used = (turn - steps).max(1);
            left -= used;
            *self.steps -= used;
        }
        self.has_doubts |= found.is_none();
        found == Some(false)
    }

    /// The first return by which a history is bad, of an operation that has a deadline: when, and
    /// whose it is. What a search doesn't finish counts as good: a later beginning may be easier.
    pub fn first_bad_return(
        &mut self,
        deadlines: impl Iterator<Item = Option<u64>>,
        mut is_bad_by: impl FnMut(&mut Self, u64) -> bool,
    ) -> Option<(u64, usize)> {
        let returns = deadlines.enumerate();
        let mut returns: Vec<(u64, usize)> = returns
            .filter_map(|(at, deadline)| Some((deadline?, at)))
            .collect();
        returns.sort_unstable();
        let (mut good, mut bad) = (0, returns.len());
        while good < bad {
            let middle = (good + bad) / 2;
            if is_bad_by(self, returns[middle].0) {
                bad = middle;
            } else {
                good = middle + 1;
            }
        }
        returns.get(bad).copied()
    }

    /// Leaves out what can be left out: halves first, then quarters, at last one by one. And whether
    /// nothing more can be.
    pub fn minimize(
        &mut self,
        mut kept: Vec<usize>,
        mut is_bad: impl FnMut(&mut Self, &[usize]) -> bool,
    ) -> (Vec<usize>, bool) {
        self.has_doubts = false;
        let mut size = kept.len().next_power_of_two() / 2;
        while size > 0 && *self.steps > 0 {
            let before = kept.len();
            let mut first = 0;
            while first < kept.len() && *self.steps > 0 {
                let mut fewer = kept.clone();
                fewer.drain(first..(first + size).min(kept.len()));
                if is_bad(self, &fewer) {
                    kept = fewer;
                } else {
                    first += size;
                }
            }
            if size > 1 || kept.len() == before {
                size /= 2;
            }
        }
        (kept, *self.steps > 0 && !self.has_doubts)
    }
}
