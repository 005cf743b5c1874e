//! The stage.

use yew::prelude::*;

/// The stage.
#[function_component]
pub fn Stage() -> Html {
    html! { <main class="kv-stage" id="stage"></main> }
}
