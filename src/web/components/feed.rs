//! What happened, newest first.

use yew::prelude::*;

/// What happened, newest first.
#[function_component]
pub fn Feed() -> Html {
    html! { <section class="kv-events" aria-label="Events"></section> }
}
