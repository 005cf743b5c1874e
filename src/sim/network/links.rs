//! The draws of links, and the links of one end.

use super::LinkSettings;
use crate::base::{Draws, Purpose, Span, Time};
use std::rc::Rc;

/// The draws of one link in one direction.
#[derive(Clone, Debug)]
pub(in crate::sim) struct LinkDraws {
    latency: Draws,
    loss: Draws,
    duplicate: Draws,
    /// When the last message arrives: a later one waits for it, unless the link reorders.
    pub(in crate::sim) last_due: Time,
}

/// What a link does with a message.
pub(in crate::sim) struct Trip {
    /// When it arrives.
    pub due: Time,
    /// Whether it is lost on the way.
    pub lost: bool,
    /// When a second copy arrives.
    pub copy: Option<Time>,
}

impl LinkDraws {
    pub fn new(seed: u64, link: u64) -> LinkDraws {
        LinkDraws {
            latency: Draws::new(seed, Purpose::Latency, link),
            loss: Draws::new(seed, Purpose::Loss, link),
            duplicate: Draws::new(seed, Purpose::Duplicate, link),
            last_due: Time::ZERO,
        }
    }

    /// Draws a message's trip. The copy's latency comes from another stream than the original's,
    /// so that a duplicate doesn't shift the messages behind it.
    #[inline(always)]
    pub fn trip(&mut self, now: Time, settings: &LinkSettings) -> Trip {
        let LinkSettings {
            latency_min,
            latency_max,
            loss,
            duplicate,
            reorder,
        } = *settings;
        let mut due = now + self.latency.span(latency_min, latency_max);
        if !reorder {
            due = due.max(self.last_due);
        }
        let lost = self.loss.chance(loss);
        let copy = self
            .duplicate
            .chance(duplicate)
            .then(|| due + self.duplicate.span(Span::ZERO, latency_max));
        if !lost {
            self.last_due = self.last_due.max(due);
        }
        Trip { due, lost, copy }
    }
}

/// The links of one end to others, by place; each is made when it is used for the first time.
///
/// Clones share what neither has used since, so that a checkpoint pays for the links that carry
/// something, not for those to all servers that there ever were.
#[derive(Clone, Debug)]
pub(in crate::sim) struct Links<T> {
    /// By the place of the other end, where its link stands in `links`; [`NONE`] if it has none.
    ends: Rc<Vec<u32>>,
    links: Rc<Vec<Rc<T>>>,
}

const NONE: u32 = u32::MAX;

impl<T> Default for Links<T> {
    fn default() -> Links<T> {
        Links {
            ends: Rc::default(),
            links: Rc::default(),
        }
    }
}

impl<T: Clone> Links<T> {
    /// The link to the end at `place`, which is `new` if there was none.
    #[inline(always)]
    pub fn get_mut(&mut self, place: usize, new: impl FnOnce() -> T) -> &mut T {
        let links = Rc::make_mut(&mut self.links);
        let at = match self.ends.get(place) {
            Some(&at) if at != NONE => at as usize,
            _ => {
                let ends = Rc::make_mut(&mut self.ends);
                ends.resize(ends.len().max(place + 1), NONE);
                ends[place] = links.len() as u32;
                links.push(Rc::new(new()));
                links.len() - 1
            }
        };
        Rc::make_mut(&mut links[at])
    }

    /// The link to the end at `place`, if it was ever used.
    pub fn get(&self, place: usize) -> Option<&T> {
        self.links
            .get(*self.ends.get(place)? as usize)
            .map(|it| &**it)
    }

    /// All of them, each with the place of its other end.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &T)> {
        let places = 0..self.ends.len();
        places.filter_map(|place| Some((place, self.get(place)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_share_the_links_that_neither_uses() {
        let mut links = Links::default();
        for place in [0, 7] {
            *links.get_mut(place, || 0) += place;
        }
        assert_eq!(links.iter().count(), 2);
        let clone = links.clone();
        assert!(Rc::ptr_eq(&links.links, &clone.links));
        *links.get_mut(0, || 5) += 1;
        assert_eq!((links.get(0), clone.get(0)), (Some(&1), Some(&0)));
        assert!(Rc::ptr_eq(&links.links[1], &clone.links[1]));
        assert!(Rc::ptr_eq(&links.ends, &clone.ends));
    }
}
