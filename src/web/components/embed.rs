//! The compact form for a blog post.

use yew::prelude::*;

/// The compact form for a blog post.
#[function_component]
pub fn Embed() -> Html {
    html! { <div class="kv-embed"></div> }
}
