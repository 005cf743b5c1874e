//! The first screen: five servers, one sentence, one thing to do.

use yew::prelude::*;

/// The first screen: five servers, one sentence, one thing to do.
#[function_component]
pub fn FirstRun() -> Html {
    html! { <div class="kv-lab first"></div> }
}
