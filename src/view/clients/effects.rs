//! From an order of operations to instants: when each took effect, and what the key was then.

use super::bar::Bar;
use crate::base::Time;
use crate::check::Value;
use std::rc::Rc;

/// An operation that took effect.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Effect {
    /// Its place among the bars.
    pub bar: usize,
    /// When: any instant at which the order can hold.
    pub at: Time,
    /// The value of the key then; `None`: absent.
    pub value: Option<Value>,
}

/// A stretch of time in which a key has one value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stretch {
    /// Since when.
    pub from: Time,
    /// Until when; `None`: still.
    pub to: Option<Time>,
    /// The value; `None`: absent.
    pub value: Option<Value>,
}

/// When the operations of an order took effect: each in the middle of what the others leave it.
/// Those that were never answered have until `now`.
pub(super) fn effects(bars: &[Rc<Bar>], order: &[usize], now: Time) -> Vec<Effect> {
    let mut latest = vec![now; order.len()];
    let mut limit = Time::NEVER;
    for (place, &bar) in order.iter().enumerate().rev() {
        limit = limit.min(bars[bar].answered().unwrap_or(Time::NEVER));
        latest[place] = limit.min(now.max(bars[bar].invoked));
    }
    let (mut at, mut value) = (Time::ZERO, None);
    let mut effects = Vec::with_capacity(order.len());
    for (&bar, latest) in order.iter().zip(latest) {
        let observed = bars[bar].observed();
        let earliest = at.max(bars[bar].invoked);
        at = Time(earliest.0.midpoint(latest.0.max(earliest.0)));
        value = observed.run(value.as_ref()).unwrap_or(value);
        effects.push(Effect {
            bar,
            at,
            value: value.clone(),
        });
    }
    effects
}

/// The values that a key had one after the other, from the start of the run.
pub fn stretches(effects: &[Effect]) -> Vec<Stretch> {
    let mut stretches = vec![Stretch {
        from: Time::ZERO,
        to: None,
        value: None,
    }];
    for effect in effects {
        if let Some(last) = stretches.last_mut()
            && last.value != effect.value
        {
            last.to = Some(effect.at);
            stretches.push(Stretch {
                from: effect.at,
                to: None,
                value: effect.value.clone(),
            });
        }
    }
    stretches
}
