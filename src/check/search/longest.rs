//! How far the search of a history that is not linearizable gets.

use super::Search;

/// Partial orders that are looked at.
const ORDERS: usize = 64;

/// Steps between two questions whether to go on.
const TURN: u64 = 1 << 12;

/// How far one gets in a history. Operations are told by the numbers that they were given.
#[derive(Debug, Default)]
pub(in super::super) struct Longest {
    /// Orders that come furthest, longest first, and which initial value each begins with.
    pub orders: Vec<(usize, Vec<usize>)>,
    /// The operation whose return none of them comes past.
    pub stuck: Option<usize>,
}

impl Search {
    /// The orders that come furthest. For a history that is not linearizable. It searches twice,
    /// since it is dear to tell an order: how far one gets, and then the orders that get there.
    pub fn longest_orders(mut self, steps: &mut u64, go_on: &mut dyn FnMut() -> bool) -> Longest {
        self.looks_ahead = false;
        self.decided = None;
        let (mut first, mut left) = (self.clone(), *steps);
        let mut furthest = 0;
        first.visit(&mut left, go_on, |_, level, _| {
            furthest = furthest.max(level)
        });
        let used = *steps - left;
        let mut orders: Vec<(usize, Vec<usize>)> = Vec::new();
        self.visit(steps, go_on, |search, level, steps| {
            if level == furthest {
                let order = search.order();
                *steps = steps.saturating_sub(order.len() as u64);
                orders.push((search.root.1, order));
            }
            if orders.len() == ORDERS {
                *steps = 0;
            }
        });
        *steps = steps.saturating_sub(used);
        orders.sort_by_key(|(_, order)| std::cmp::Reverse(order.len()));
        let stuck = self.history.levels.get(furthest as usize);
        Longest {
            orders,
            stuck: stuck.map(|&op| self.history.ops[op as usize].given),
        }
    }

    /// Searches on, and tells `f` the level of each configuration that it comes to.
    fn visit(
        &mut self,
        steps: &mut u64,
        go_on: &mut dyn FnMut() -> bool,
        mut f: impl FnMut(&Search, u32, &mut u64),
    ) {
        let mut depth = 0;
        while *steps > 0 && self.run(&mut 1).is_none() {
            *steps -= 1;
            if steps.is_multiple_of(TURN) && !go_on() {
                return;
            }
            let went_on = self.frames.len() > std::mem::replace(&mut depth, self.frames.len());
            if let Some(frame) = self.frames.last().filter(|_| went_on) {
                f(self, frame.level, steps);
            }
        }
    }
}
