//! The shape of the page, and what else the browser's media queries tell.

use gloo_events::EventListener;
use yew::prelude::*;

/// Which of the layouts is in use. Styles do most of the work; components ask
/// only where the markup differs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// From 1280 px: two instruments on the bench.
    Wide,
    /// From 1024 px: one instrument at a time.
    Laptop,
    /// From 768 px: one column.
    Tablet,
    /// Below: stage, sheet, transport.
    Phone,
}

/// Whether the media query matches, now and whenever that changes.
#[hook]
pub fn use_media(query: &'static str) -> bool {
    let list = use_memo((), |()| {
        web_sys::window().and_then(|w| w.match_media(query).ok().flatten())
    });
    let matches = use_state_eq(|| list.as_ref().as_ref().is_some_and(|l| l.matches()));
    let set = matches.setter();
    use_effect_with((), move |()| {
        let changed = list.as_ref().as_ref().map(|list| {
            let now = list.clone();
            EventListener::new(list, "change", move |_| set.set(now.matches()))
        });
        move || drop(changed)
    });
    *matches
}

/// The layout in use.
#[hook]
pub fn use_shape() -> Shape {
    let wide = use_media("(min-width: 1280px)");
    let laptop = use_media("(min-width: 1024px)");
    let tablet = use_media("(min-width: 768px)");
    match (wide, laptop, tablet) {
        (true, ..) => Shape::Wide,
        (_, true, _) => Shape::Laptop,
        (_, _, true) => Shape::Tablet,
        _ => Shape::Phone,
    }
}

/// Whether the reader asked for less motion: no flights, no tails.
#[hook]
pub fn use_still() -> bool {
    use_media("(prefers-reduced-motion: reduce)")
}
