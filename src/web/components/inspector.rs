//! Everything that is known of the selected thing.

use yew::prelude::*;

/// Everything that is known of the selected thing.
#[function_component]
pub fn Inspector() -> Html {
    html! { <section class="kv-insp" aria-label="Inspect"></section> }
}
