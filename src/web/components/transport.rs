//! The clock and its controls.

use yew::prelude::*;

/// The clock and its controls.
#[function_component]
pub fn Transport() -> Html {
    html! { <footer class="kv-transport" role="group" aria-label="Time"></footer> }
}

/// The timeline alone, for the bar of an embed.
#[function_component]
pub fn Scrubber() -> Html {
    html! { <div class="kv-tl"></div> }
}
