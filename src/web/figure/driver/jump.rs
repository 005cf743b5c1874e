//! Jumps to the next event, and what is said of them.

use super::Run;
use crate::view::Telling;
use crate::view::leap::leap;

impl Run {
    /// Goes to the next event that the feed tells, or to the next of the last one's kind. What is
    /// to be said of it.
    pub(super) fn next(&mut self, alike: bool) -> Option<Telling> {
        self.pause();
        let from = self.playhead.now();
        let found = match alike {
            false => self.playhead.next_event(None),
            true => self.playhead.step_alike(false),
        };
        let stands = self.playhead.is_stopped() || self.playhead.simulation().awaits_reserve();
        if found.is_none() && stands {
            return None;
        }
        leap(self.playhead.now().since(from), found.is_some())
    }
}
