//! The key-value console.

use yew::prelude::*;

/// The key-value console.
#[function_component]
pub fn Console() -> Html {
    html! { <section class="kv-console" aria-label="Requests"></section> }
}
