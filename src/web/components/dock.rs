//! The dock beside the stage, and the sheet that takes its place on a phone.

use super::{Feed, Guide, Logs, Maps};
use crate::view::words::key;
use crate::web::language::t;
use crate::web::page::on_demand::{OnDemand, Panel};
use crate::web::store::*;
use yew::prelude::*;

/// The name of the panel that the tabs are for.
const PANEL: &str = "dock-panel";

const DOCK: &[(Tab, &str)] = &[
    (Tab::Guide, key!("dock.tab-guide")),
    (Tab::Events, key!("dock.tab-events")),
    (Tab::Inspect, key!("dock.tab-inspect")),
    (Tab::Console, key!("dock.tab-requests")),
    (Tab::Rules, key!("dock.tab-rules")),
];

const SHEET: &[(Tab, &str)] = &[
    (Tab::Guide, key!("dock.tab-guide")),
    (Tab::Logs, key!("dock.tab-logs")),
    (Tab::Maps, key!("dock.tab-maps")),
    (Tab::Events, key!("dock.tab-events")),
    (Tab::Inspect, key!("dock.tab-inspect")),
    (Tab::Console, key!("dock.tab-requests")),
    (Tab::Rules, key!("dock.tab-rules")),
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
    let words = &use_words();
    let (ui, story) = (use_ui(), use_story());
    let open = match ui.tab {
        Tab::Logs | Tab::Maps => Tab::Guide,
        tab if props.tabs => tab,
        _ => Tab::Guide,
    };
    let panel = match open {
        Tab::Events => html! { <Feed /> },
        Tab::Inspect => html! { <OnDemand key="inspect" panel={Panel::Inspector} /> },
        Tab::Console => html! { <OnDemand key="console" panel={Panel::Console} /> },
        Tab::Rules => html! { <OnDemand key="rules" panel={Panel::Rules} /> },
        _ if ui.view == View::Clients => verdict(&story),
        _ => html! { <><Guide /><Feed /></> },
    };
    let panel_id = use_root().id(PANEL);
    html! {
        <aside class="kv-dock" aria-label={t!(words, "dock.guide-and-panels")}>
            if props.tabs { <Tabs tabs={DOCK} {open} /> }
            <div class="kv-panel" role={props.tabs.then_some("tabpanel")} id={panel_id} aria-label={words.label(name(DOCK, open))}>
                { panel }
            </div>
        </aside>
    }
}

/// Beside the clients: what was found out about them, the lesson if there is one, and the feed.
fn verdict(story: &Story) -> Html {
    html! {
        <div class="kv-found">
            <OnDemand key="verdict" panel={Panel::Verdict} />
            if story.guide.is_some() { <Guide /> }
            <Feed />
        </div>
    }
}

/// How high the sheet of the phone stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Snap {
    /// The tabs alone.
    Low,
    /// Half of the page.
    Middle,
    /// All but a strip of the stage.
    High,
}

impl Snap {
    fn higher(self) -> Snap {
        if self == Snap::Low {
            Snap::Middle
        } else {
            Snap::High
        }
    }

    fn lower(self) -> Snap {
        if self == Snap::High {
            Snap::Middle
        } else {
            Snap::Low
        }
    }

    fn name(self) -> &'static str {
        match self {
            Snap::Low => key!("dock.low"),
            Snap::Middle => key!("dock.middle"),
            Snap::High => key!("dock.high"),
        }
    }

    fn class(self) -> &'static str {
        match self {
            Snap::Low => "low",
            Snap::Middle => "middle",
            Snap::High => "high",
        }
    }
}

/// The sheet of the phone: it snaps to three heights, by a drag of its handle or by a press.
#[function_component]
pub fn Sheet() -> Html {
    let words = &use_words();
    let (ui, story) = (use_ui(), use_story());
    let snap = use_state(|| Snap::Middle);
    {
        // Who opens a panel wants to see it.
        let snap = snap.clone();
        use_effect_with((ui.tab, ui.asked), move |_| {
            if *snap == Snap::Low {
                snap.set(Snap::Middle);
            }
        });
    }
    let panel = match ui.tab {
        Tab::Guide if ui.view == View::Clients => verdict(&story),
        Tab::Guide => html! { <Guide /> },
        Tab::Events => html! { <Feed /> },
        Tab::Inspect => html! { <OnDemand key="inspect" panel={Panel::Inspector} /> },
        Tab::Console => html! { <OnDemand key="console" panel={Panel::Console} /> },
        Tab::Rules => html! { <OnDemand key="rules" panel={Panel::Rules} /> },
        Tab::Logs => html! { <Logs /> },
        Tab::Maps => html! { <Maps /> },
    };
    let panel_id = use_root().id(PANEL);
    html! {
        <section class={classes!("kv-sheet", snap.class())} aria-label={t!(words, "dock.panels")}>
            <ResizeHandle snap={*snap} change={let snap = snap.clone(); move |to| snap.set(to)} />
            <Tabs tabs={SHEET} open={ui.tab} />
            <div class="kv-panel" role="tabpanel" id={panel_id} aria-label={words.label(name(SHEET, ui.tab))}>{ panel }</div>
        </section>
    }
}

#[derive(Clone, Properties, PartialEq)]
struct HandleProps {
    snap: Snap,
    change: Callback<Snap>,
}

/// The handle: a drag goes up or down by one height, a press up and round again.
#[function_component]
fn ResizeHandle(props: &HandleProps) -> Html {
    let words = &use_words();
    let HandleProps { snap, change } = props.clone();
    let from = use_mut_ref(|| None::<i32>);
    let dragged = use_mut_ref(|| false);
    let onpointerdown = {
        let (from, dragged) = (from.clone(), dragged.clone());
        move |event: PointerEvent| {
            *from.borrow_mut() = Some(event.client_y());
            *dragged.borrow_mut() = false;
            if let Some(handle) = event.target_dyn_into::<web_sys::Element>() {
                let _ = handle.set_pointer_capture(event.pointer_id());
            }
        }
    };
    let onpointerup = {
        let (dragged, change) = (dragged.clone(), change.clone());
        move |event: PointerEvent| {
            let moved = from.take().map_or(0, |y| event.client_y() - y);
            if moved.abs() > 24 {
                *dragged.borrow_mut() = true;
                change.emit(if moved < 0 {
                    snap.higher()
                } else {
                    snap.lower()
                });
            }
        }
    };
    let onclick = {
        let change = change.clone();
        move |_: MouseEvent| {
            // The click that ends a drag is no press.
            if !dragged.replace(false) {
                change.emit(if snap == Snap::High {
                    Snap::Low
                } else {
                    snap.higher()
                });
            }
        }
    };
    let onkeydown = move |event: KeyboardEvent| {
        change.emit(match event.key().as_str() {
            "ArrowUp" => snap.higher(),
            "ArrowDown" => snap.lower(),
            _ => return,
        });
        event.prevent_default();
    };
    html! {
        <button type="button" class="grabber" aria-label={t!(words, "dock.height", height = words.label(snap.name()))}
            {onpointerdown} {onpointerup} {onclick} {onkeydown}><i class="grab"></i></button>
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
    let handle = use_handle();
    let words = &handle.words;
    let row = use_node_ref();
    let TabsProps { tabs, open } = *props;
    let onkeydown = {
        let (handle, row) = (handle.clone(), row.clone());
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
            handle.ui(UiAction::Tab(tabs[next].0));
            let button = row
                .cast::<web_sys::Element>()
                .and_then(|e| e.children().item(next as u32))
                .and_then(|e| wasm_bindgen::JsCast::dyn_into::<web_sys::HtmlElement>(e).ok());
            if let Some(button) = button {
                let _ = button.focus();
            }
        })
    };
    let panel_id = handle.root.id(PANEL);
    html! {
        <div class="kv-dtabs" role="tablist" aria-label={t!(words, "dock.panels")} ref={row} {onkeydown}>
            { for tabs.iter().map(|(tab, name)| {
                let (handle, tab) = (handle.clone(), *tab);
                html! {
                    <button role="tab" aria-selected={(tab == open).to_string()} aria-controls={panel_id.clone()}
                        tabindex={if tab == open { "0" } else { "-1" }}
                        onclick={move |_| handle.ui(UiAction::Tab(tab))}>{ words.label(name) }</button>
                }
            }) }
        </div>
    }
}
