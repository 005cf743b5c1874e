//! The invariants that are checked while the run goes on.

use yew::prelude::*;

/// The invariants that are checked while the run goes on.
#[function_component]
pub fn Invariants() -> Html {
    html! { <div></div> }
}
