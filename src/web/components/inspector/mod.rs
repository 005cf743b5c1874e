//! Everything that is known of the selected thing.
//!
//! A thing is described as plain rows first ([`describe()`]); what is drawn and what is copied to
//! the clipboard are the same rows.

mod describe;
mod message;
mod turn;
mod voters;

use super::words::{reference, sentence};
use crate::view::english;
use crate::web::icons::icon;
use crate::web::store::{Item, use_handle, use_story, use_ui, use_view};
pub use describe::describe;
use turn::Turn;
use yew::prelude::*;

/// Everything that is known of the selected thing.
#[function_component]
pub fn Inspector() -> Html {
    let (handle, ui, view, story) = (use_handle(), use_ui(), use_view(), use_story());
    let Some(item) = &ui.selected else {
        return html! {
            <section class="kv-insp none" aria-label="Inspect">
                <p class="kv-none">{ "Select a server, a message, a link or a log entry to look inside." }</p>
            </section>
        };
    };
    let Some(card) = describe(item, &view, &story) else {
        return html! {
            <section class="kv-insp none" aria-label="Inspect">
                <p class="kv-none">{ "It is gone: a message is here only while it is under way, a server until it is switched off. Go back in time to see it again." }</p>
            </section>
        };
    };
    let copy = {
        let text = card.text();
        move |_: MouseEvent| super::copy::copy(&handle, "Values", text.clone())
    };
    let node = match item {
        Item::Node(id) => view.nodes.iter().find(|n| n.id == *id),
        _ => None,
    };
    let event = match item {
        Item::Event(seq) => story.told.iter().find(|t| t.seq == *seq),
        _ => None,
    };
    html! {
        <section class="kv-insp" aria-label="Inspect">
            <header>
                <div><h2>{ &card.title }</h2><p class="sub">{ &card.sub }{ for card.refs.iter().map(|r| html! { <>{ " " }{ reference(r) }</> }) }</p></div>
                <button type="button" class="kv-ib" aria-label="Copy the values" title="Copy the values" onclick={copy}>{ icon("copy") }</button>
            </header>
            if let Some(told) = event {
                <p>{ sentence(&english().words(&told.telling)) }</p>
            } else {
                { for card.sections.iter().map(|(heading, rows)| html! {
                    <div key={*heading}>
                        <h3 class="kv-sech">{ *heading }</h3>
                        <dl class={classes!("kv-dl", rows.iter().all(|(name, _)| name.len() <= 3).then_some("short"))}>
                            { for rows.iter().map(|(name, value)| html! { <><dt>{ name }</dt><dd>{ value }</dd></> }) }
                        </dl>
                    </div>
                }) }
            }
            if let Some(node) = node { <Turn key={node.id.0} node={node.clone()} /> }
        </section>
    }
}
