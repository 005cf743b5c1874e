//! What lies over the page: one dialog at a time, with the focus kept inside.

use crate::view::words::key;
use crate::web::icons::{icon, logo};
use crate::web::language::{h, t};
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
    let words = &handle.words;
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
        Overlay::Help => (key!("first.dialog-help"), Panel::Help),
        Overlay::Scenarios => (key!("first.dialog-scenarios"), Panel::Gallery),
        Overlay::Invariants => (key!("first.dialog-invariants"), Panel::Invariants),
        Overlay::Share => (key!("first.dialog-share"), Panel::Share),
        Overlay::Sweep => (key!("first.dialog-sweep"), Panel::Sweep),
        Overlay::Settings => (key!("first.dialog-settings"), Panel::Settings),
        Overlay::Open(_) => (key!("first.dialog-open"), Panel::Opening),
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
                <h2 id={title_id}>if full { { logo() } }{ words.label(title) }if full { <span class="kv-sr">{ h!(words, "first.scenarios") }</span> }</h2>
                <button class="kv-ib x" aria-label={t!(words, "first.close")} onclick={move |_| close.emit(())}>{ icon("close") }</button>
            </header>
            <OnDemand key={title} {panel} />
        </dialog>
    }
}
