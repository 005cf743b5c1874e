//! The state machines of all servers.

use yew::prelude::*;

/// The state machines of all servers.
#[function_component]
pub fn Maps() -> Html {
    html! { <section aria-label="State machines"></section> }
}
