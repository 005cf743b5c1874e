//! What is said when a run is over.

use super::{Driver, seconds};
use crate::run::Timeline;
use crate::sim::Property;
use crate::view::{self, english};
use crate::web::store::*;

impl Driver {
    /// Says why time stands still for good; without the words, that it does.
    pub(super) fn tell_end(&self, timeline: &Timeline) {
        let text = match self.root.page.pieces.narrator_here() {
            Some(narrator) => (narrator.end)(timeline),
            None => format!("Time stands still at {} s.", seconds(timeline.now())),
        };
        self.notify.emit(UiAction::Notice(Notice {
            settings: timeline.simulation().stopped().is_some(),
            ..Notice::bad(text)
        }));
    }
}

/// Why time stands still for good.
pub fn end(timeline: &Timeline) -> String {
    let (at, simulation) = (seconds(timeline.now()), timeline.simulation());
    match (simulation.stopped(), simulation.violation()) {
        (Some(stop), _) => format!(
            "The run stops at {at} s. {} What was before can be visited.",
            english().text(&view::stopped_by(stop))
        ),
        (None, Some(broken)) if broken.property() == Property::Progress => format!(
            "{} Time stands still at {at} s. “Why does nothing move?” says what is waited for.",
            english().text(&view::found(broken))
        ),
        _ => format!("A property was broken at {at} s. Time stands still."),
    }
}
