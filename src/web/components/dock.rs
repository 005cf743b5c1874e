//! The dock beside the stage, and the sheet that takes its place on a phone.

use super::{Console, Feed, Guide, Inspector, Logs, Maps};
use crate::web::store::*;
use yew::prelude::*;

const DOCK: &[(Tab, &str)] = &[
    (Tab::Guide, "Guide"),
    (Tab::Events, "Events"),
    (Tab::Inspect, "Inspect"),
    (Tab::Console, "Requests"),
];

const SHEET: &[(Tab, &str)] = &[
    (Tab::Guide, "Guide"),
    (Tab::Logs, "Logs"),
    (Tab::Maps, "Maps"),
    (Tab::Events, "Events"),
    (Tab::Inspect, "Inspect"),
    (Tab::Console, "Requests"),
];

/// What the dock needs to know.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Whether it has tabs; without, it is the guide.
    pub tabs: bool,
}

/// The dock: guide and feed, or one of the other panels.
#[function_component]
pub fn Dock(props: &Props) -> Html {
    let ui = use_ui();
    let open = match ui.tab {
        Tab::Logs | Tab::Maps => Tab::Guide,
        tab if props.tabs => tab,
        _ => Tab::Guide,
    };
    let panel = match open {
        Tab::Events => html! { <Feed /> },
        Tab::Inspect => html! { <Inspector /> },
        Tab::Console => html! { <Console /> },
        _ => html! { <><Guide /><Feed /></> },
    };
    html! {
        <aside class="kv-dock" aria-label="Guide and panels">
            if props.tabs { <Tabs tabs={DOCK} {open} /> }
            <div class="kv-panel" role={props.tabs.then_some("tabpanel")} id="dock-panel" aria-label={name(DOCK, open)}>
                { panel }
            </div>
        </aside>
    }
}

/// The sheet of the phone.
#[function_component]
pub fn Sheet() -> Html {
    let ui = use_ui();
    let panel = match ui.tab {
        Tab::Guide => html! { <Guide /> },
        Tab::Events => html! { <Feed /> },
        Tab::Inspect => html! { <Inspector /> },
        Tab::Console => html! { <Console /> },
        Tab::Logs => html! { <Logs /> },
        Tab::Maps => html! { <Maps /> },
    };
    html! {
        <section class="kv-sheet" aria-label="Panels">
            <Tabs tabs={SHEET} open={ui.tab} />
            <div class="kv-panel" role="tabpanel" id="dock-panel" aria-label={name(SHEET, ui.tab)}>{ panel }</div>
        </section>
    }
}

fn name(tabs: &[(Tab, &'static str)], open: Tab) -> &'static str {
    tabs.iter().find(|(t, _)| *t == open).map_or("", |(_, n)| n)
}

#[derive(Properties, PartialEq)]
struct TabsProps {
    tabs: &'static [(Tab, &'static str)],
    open: Tab,
}

/// A row of tabs: one stop for the Tab key, arrows walk.
#[function_component]
fn Tabs(props: &TabsProps) -> Html {
    let lab = use_lab();
    let row = use_node_ref();
    let TabsProps { tabs, open } = *props;
    let onkeydown = {
        let (lab, row) = (lab.clone(), row.clone());
        Callback::from(move |event: KeyboardEvent| {
            let step = match event.key().as_str() {
                "ArrowRight" => 1,
                "ArrowLeft" => tabs.len() - 1,
                _ => return,
            };
            event.prevent_default();
            event.stop_propagation();
            let at = tabs.iter().position(|(t, _)| *t == open).unwrap_or(0);
            let next = (at + step) % tabs.len();
            lab.ui(UiAction::Tab(tabs[next].0));
            let button = row
                .cast::<web_sys::Element>()
                .and_then(|e| e.children().item(next as u32))
                .and_then(|e| wasm_bindgen::JsCast::dyn_into::<web_sys::HtmlElement>(e).ok());
            if let Some(button) = button {
                let _ = button.focus();
            }
        })
    };
    html! {
        <div class="kv-dtabs" role="tablist" aria-label="Panels" ref={row} {onkeydown}>
            { for tabs.iter().map(|(tab, name)| {
                let (lab, tab) = (lab.clone(), *tab);
                html! {
                    <button role="tab" aria-selected={(tab == open).to_string()} aria-controls="dock-panel"
                        tabindex={if tab == open { "0" } else { "-1" }}
                        onclick={move |_| lab.ui(UiAction::Tab(tab))}>{ *name }</button>
                }
            }) }
        </div>
    }
}
