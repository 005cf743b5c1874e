//! The bar at the top.

use yew::prelude::*;

/// The bar at the top.
#[function_component]
pub fn Bar() -> Html {
    html! { <header class="kv-bar"></header> }
}
