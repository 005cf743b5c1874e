//! The list of scenarios, and the seed.

use yew::prelude::*;

/// The list of scenarios, and the seed.
#[function_component]
pub fn Scenarios() -> Html {
    html! { <div></div> }
}
