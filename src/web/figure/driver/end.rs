//! What is said when a run is over.

use super::{Driver, seconds};
use crate::run::Playhead;
use crate::sim::Property;
use crate::view::words::tell;
use crate::view::{self, Telling};
use crate::web::store::*;

impl Driver {
    /// Says why time stands still for good; without the words, that it does.
    pub(super) fn tell_end(&self, playhead: &Playhead) {
        let text = match self.root.page.pieces.narrator_here() {
            Some(narrator) => (narrator.end)(playhead),
            None => tell!("first.still", at = seconds(playhead.now())),
        };
        self.notify.emit(UiAction::Notice(Notice {
            settings: playhead.simulation().stopped().is_some(),
            ..Notice::bad(text)
        }));
    }
}

/// Why time stands still for good.
pub fn end(playhead: &Playhead) -> Telling {
    let (at, simulation) = (seconds(playhead.now()), playhead.simulation());
    match (simulation.stopped(), simulation.violation()) {
        (Some(stop), _) => tell!("limit.run-stops", at, why = view::stopped_by(stop)),
        (None, Some(broken)) if broken.property() == Property::Progress => {
            tell!("found.run-stalls", found = view::found(broken), at)
        }
        _ => tell!("found.run-stops", at),
    }
}
