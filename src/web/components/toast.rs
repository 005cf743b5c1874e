//! The passing message.

use yew::prelude::*;

/// The passing message.
#[function_component]
pub fn Toast() -> Html {
    html! { <div class="kv-toasts" role="status"></div> }
}
