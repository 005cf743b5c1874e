//! What a screen reader is told.

use yew::prelude::*;

/// What a screen reader is told.
#[function_component]
pub fn LiveRegion() -> Html {
    html! { <div class="kv-sr" aria-live="polite"></div> }
}
