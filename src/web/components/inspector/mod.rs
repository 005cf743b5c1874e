//! Everything that is known of the selected thing.
//!
//! A thing is described as plain rows first ([`describe()`]); what is drawn and what is copied to
//! the clipboard are the same rows.

mod around;
mod describe;
mod message;
mod turn;
mod voters;

use super::words::reference;
use crate::view::words::key;
use crate::web::icons::icon;
use crate::web::language::{h, t};
use crate::web::store::{Item, use_handle, use_story, use_ui, use_view, use_words};
pub use describe::describe;
use turn::Turn;
use yew::prelude::*;

/// Everything that is known of the selected thing.
#[function_component]
pub fn Inspector() -> Html {
    let (handle, ui, view, story) = (use_handle(), use_ui(), use_view(), use_story());
    let words = &use_words();
    let Some(item) = &ui.selected else {
        return html! {
            <section class="kv-insp none" aria-label={t!(words, "inspect.inspect")}>
                <p class="kv-none">{ h!(words, "inspect.select-a-server-a") }</p>
            </section>
        };
    };
    let Some(card) = describe(words, item, &view, &story) else {
        return html! {
            <section class="kv-insp none" aria-label={t!(words, "inspect.inspect")}>
                <p class="kv-none">{ h!(words, "inspect.it-is-gone-a") }</p>
            </section>
        };
    };
    let copy = {
        let text = card.text(words);
        move |_: MouseEvent| super::copy::copy(&handle, key!("inspect.copied"), text.clone())
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
        <section class="kv-insp" aria-label={t!(words, "inspect.inspect")}>
            <header>
                <div><h2>{ &card.title }</h2><p class="sub">{ &card.sub }{ for card.refs.iter().map(|r| html! { <>{ " " }{ reference(words, r) }</> }) }</p></div>
                <button type="button" class="kv-ib" aria-label={t!(words, "inspect.copy-the-values")} title={t!(words, "inspect.copy-the-values")} onclick={copy}>{ icon("copy") }</button>
            </header>
            if let Some(told) = event {
                <p>{ crate::web::components::words::told(words, &told.telling) }</p>
            } else {
                { for card.sections.iter().map(|(heading, rows)| html! {
                    <div key={*heading}>
                        <h3 class="kv-sech">{ words.label(heading) }</h3>
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
