//! The logs of all servers, as a matrix.

use yew::prelude::*;

/// The logs of all servers, as a matrix.
#[function_component]
pub fn Logs() -> Html {
    html! { <section aria-label="Logs"></section> }
}
