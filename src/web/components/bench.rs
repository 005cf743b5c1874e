//! The bench below the stage: logs and state machines, side by side or one at a time.

use super::{Logs, Maps};
use crate::web::language::{h, t};
use crate::web::store::*;
use yew::prelude::*;

/// What the bench needs to know.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Whether there is room for both instruments.
    pub both: bool,
}

/// The bench.
#[function_component]
pub fn Bench(props: &Props) -> Html {
    let ui = use_ui();
    let handle = use_handle();
    let words = &handle.words;
    if props.both {
        return html! { <div class="kv-bench"><Logs /><Maps /></div> };
    }
    let maps = ui.bench == Tab::Maps;
    let choose = |tab| {
        let handle = handle.clone();
        Callback::from(move |_: MouseEvent| handle.ui(UiAction::Tab(tab)))
    };
    html! {
        <section class="kv-bench one" aria-label={t!(words, "dock.bench")}>
            <div class="kv-seg kv-bench-tabs" role="group" aria-label={t!(words, "dock.bench")}>
                <button aria-pressed={(!maps).to_string()} onclick={choose(Tab::Logs)}>{ h!(words, "dock.logs") }</button>
                <button aria-pressed={maps.to_string()} onclick={choose(Tab::Maps)}>{ h!(words, "dock.state-machines") }</button>
            </div>
            if maps { <Maps /> } else { <Logs /> }
        </section>
    }
}
