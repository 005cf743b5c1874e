//! Jumps to the next event, and what is said of them.

use super::Run;
use crate::view::Telling;
use crate::view::leap::leap;

impl Run {
    /// Goes to the next event that the feed tells, or to the next of the last one's kind. What is
    /// to be said of it.
    pub(super) fn next(&mut self, alike: bool) -> Option<Telling> {
        self.pause();
        let from = self.timeline.now();
        let found = match alike {
            false => self.timeline.next_event(None),
            true => self.timeline.step_alike(false),
        };
        let stands = self.timeline.is_stopped() || self.timeline.simulation().awaits_reserve();
        if found.is_none() && stands {
            return None;
        }
        leap(self.timeline.now().since(from), found.is_some())
    }
}
