//! The lesson's card.

use yew::prelude::*;

/// The lesson's card.
#[function_component]
pub fn Guide() -> Html {
    html! { <section class="kv-guide" aria-label="Guide"></section> }
}
