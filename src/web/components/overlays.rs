//! What lies over the page: one dialog at a time, with the focus kept inside.

use crate::web::icons::{icon, logo};
use crate::web::page::on_demand::{OnDemand, Panel, focus_first};
use crate::web::store::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlDialogElement, HtmlElement};
use yew::prelude::*;

/// The open dialog. The browser's own modal dialog traps the focus and gives it back.
#[function_component]
pub fn Overlays() -> Html {
    let ui = use_ui();
    let handle = use_handle();
    let dialog = use_node_ref();
    {
        let (dialog, root) = (dialog.clone(), handle.root.clone());
        use_effect_with(ui.overlay.clone(), move |overlay| {
            let from = root.focused().map(|e| e.unchecked_into::<HtmlElement>()); // or one of SVG: both can have the focus
            let element = dialog.cast::<HtmlDialogElement>();
            if let (Some(_), Some(element)) = (overlay, &element) {
                let _ = element.show_modal();
                focus_first(&root);
            }
            let open = overlay.is_some();
            move || {
                if let (true, Some(from)) = (open, from) {
                    let _ = from.focus();
                }
            }
        });
    }
    let close = {
        let handle = handle.clone();
        Callback::from(move |()| handle.ui(UiAction::Overlay(None)))
    };
    let Some(overlay) = ui.overlay.clone() else {
        return html! {};
    };
    let (title, panel) = match overlay {
        Overlay::Help => ("Keyboard", Panel::Help),
        Overlay::Scenarios => ("Kvorum", Panel::Gallery),
        Overlay::Invariants => ("Invariants", Panel::Invariants),
        Overlay::Share => ("Share this run", Panel::Share),
        Overlay::Sweep => ("Sweep", Panel::Sweep),
        Overlay::Settings => ("Settings of a run", Panel::Settings),
        Overlay::Open(_) => ("Open a run", Panel::Opening),
    };
    let full = panel == Panel::Gallery;
    let title_id = handle.root.id("dialog-title");
    html! {
        <dialog class={classes!("kv-dialog", full.then_some("full"))} ref={dialog.clone()} aria-labelledby={title_id.clone()}
            oncancel={let close = close.clone(); move |e: Event| { e.prevent_default(); close.emit(()); }}
            onclick={let (close, dialog) = (close.clone(), dialog.clone()); move |e: MouseEvent| {
                // A click on the backdrop has the dialog itself as its target.
                if e.target().as_ref() == dialog.get().as_deref() { close.emit(()); }
            }}>
            <header>
                <h2 id={title_id}>if full { { logo() } }{ title }if full { <span class="kv-sr">{ ", scenarios" }</span> }</h2>
                <button class="kv-ib x" aria-label="Close" onclick={move |_| close.emit(())}>{ icon("close") }</button>
            </header>
            <OnDemand key={title} {panel} />
        </dialog>
    }
}
