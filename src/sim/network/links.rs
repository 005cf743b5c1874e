//! The draws of links, and the links of one end.

use super::LinkSettings;
use crate::base::{Draws, Purpose, Span, Time};
use std::rc::Rc;

/// The draws of one link in one direction. Its streams follow from the seed and its ends, so only how
/// far they are is kept: every checkpoint has a copy of what was used since the last one.
#[derive(Clone, Debug, Default)]
pub(in crate::sim) struct LinkDraws {
    latency: u64,
    loss: u64,
    duplicate: u64,
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
    /// Draws a message's trip over this link, whose ends [`Draws::link`] packs. The copy's latency comes
    /// from another stream than the original's, so that a duplicate doesn't shift the messages behind it.
    #[inline(always)]
    pub fn trip(&mut self, now: Time, settings: &LinkSettings, (seed, link): (u64, u64)) -> Trip {
        let LinkSettings {
            latency_min,
            latency_max,
            loss,
            duplicate,
            reorder,
        } = *settings;
        let stream = |purpose, drawn| Draws::after(seed, purpose, link, drawn);
        let mut latency = stream(Purpose::Latency, self.latency);
        let mut due = now + latency.span(latency_min, latency_max);
        self.latency = latency.drawn();
        if !reorder {
            due = due.max(self.last_due);
        }
        let mut losses = stream(Purpose::Loss, self.loss);
        let lost = losses.chance(loss);
        self.loss = losses.drawn();
        let mut copies = stream(Purpose::Duplicate, self.duplicate);
        let copy = copies
            .chance(duplicate)
            .then(|| due + copies.span(Span::ZERO, latency_max));
        self.duplicate = copies.drawn();
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
    /// What stands for this one in `links` is out of date. A follower speaks with its leader alone, and
    /// its clones share the rest.
    last: Last<T>,
}

/// The link that was used last. (An `Option` of a pair would be larger.)
#[derive(Clone, Debug)]
enum Last<T> {
    None,
    Link {
        /// The place of its other end.
        end: u32,
        link: T,
    },
}

const NONE: u32 = u32::MAX;

impl<T> Default for Links<T> {
    fn default() -> Links<T> {
        Links {
            ends: Rc::default(),
            links: Rc::default(),
            last: Last::None,
        }
    }
}

impl<T: Clone> Links<T> {
    /// The link to the end at `place`, which is `new` if there was none.
    #[inline(always)]
    pub fn get_mut(&mut self, place: usize, new: impl FnOnce() -> T) -> &mut T {
        if !matches!(self.last, Last::Link { end, .. } if end as usize == place) {
            self.turn_to(place, new);
        }
        match &mut self.last {
            Last::Link { link, .. } => link,
            Last::None => unreachable!("it has just turned to one"),
        }
    }

    /// Makes the link to the end at `place` the one that was used last.
    fn turn_to(&mut self, place: usize, new: impl FnOnce() -> T) {
        let link = self.kept(place).cloned();
        let (link, end) = (link.unwrap_or_else(new), place as u32);
        let before = std::mem::replace(&mut self.last, Last::Link { end, link });
        if let Last::Link { end, link } = before {
            self.put_away(end as usize, link);
        }
    }

    /// Keeps the link to the end at `place` where those stand that weren't used last.
    fn put_away(&mut self, place: usize, link: T) {
        let links = Rc::make_mut(&mut self.links);
        match self.ends.get(place) {
            Some(&at) if at != NONE => match Rc::get_mut(&mut links[at as usize]) {
                Some(there) => *there = link,
                None => links[at as usize] = Rc::new(link),
            },
            _ => {
                let ends = Rc::make_mut(&mut self.ends);
                ends.resize(ends.len().max(place + 1), NONE);
                ends[place] = links.len() as u32;
                links.push(Rc::new(link));
            }
        }
    }

    /// The link to the end at `place` as it was put away last.
    fn kept(&self, place: usize) -> Option<&T> {
        let at = *self.ends.get(place)?;
        self.links.get(at as usize).map(|it| &**it)
    }

    /// The link to the end at `place`, if it was ever used.
    pub fn get(&self, place: usize) -> Option<&T> {
        match &self.last {
            Last::Link { end, link } if *end as usize == place => Some(link),
            _ => self.kept(place),
        }
    }

    /// All of them, each with the place of its other end.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &T)> {
        let last = match &self.last {
            Last::Link { end, .. } => *end as usize + 1,
            Last::None => 0,
        };
        let places = 0..self.ends.len().max(last);
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
        let shared = Rc::as_ptr(&links.links);
        *links.get_mut(0, || 5) += 1;
        assert_eq!((links.get(0), links.get(7)), (Some(&2), Some(&7)));
        assert_eq!(Rc::as_ptr(&links.links), shared, "only one is used");
        *links.get_mut(7, || 5) += 1;
        assert_eq!((links.get(0), links.get(7)), (Some(&2), Some(&8)));
        assert_eq!((clone.get(0), clone.get(7)), (Some(&0), Some(&7)));
        assert_eq!((links.iter().count(), clone.iter().count()), (2, 2));
    }
}
