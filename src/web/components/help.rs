//! The list of keys.

use yew::prelude::*;

/// The list of keys.
#[function_component]
pub fn Help() -> Html {
    html! { <div></div> }
}
