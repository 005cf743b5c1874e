//! A panel whose code comes when it is first shown.

use super::{Draw, Panel, focus_first};
use crate::web::icons::icon;
use crate::web::language::h;
use crate::web::store::{use_root, use_words};
use yew::platform::spawn_local;
use yew::prelude::*;

/// Which panel.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Which panel.
    pub panel: Panel,
}

/// How far its code is.
#[derive(Clone, Copy)]
enum PieceState {
    Coming,
    Here(Draw),
    Failed,
}

/// A panel, as soon as its code is here; until then, that it is on its way, or that it didn't
/// arrive.
#[function_component]
pub fn OnDemand(props: &Props) -> Html {
    let (words, root) = (use_words(), use_root());
    let panel = props.panel;
    let piece = panel.piece();
    let state = use_state(|| {
        root.page
            .pieces
            .drawing(piece)
            .map_or(PieceState::Coming, PieceState::Here)
    });
    let get = {
        let (state, root) = (state.setter(), root.clone());
        Callback::from(move |()| {
            let (state, root) = (state.clone(), root.clone());
            state.set(PieceState::Coming);
            spawn_local(async move {
                // What it says comes with it.
                let draw = match root.page.languages.complete().await {
                    Ok(()) => root.page.pieces.load(piece).await,
                    Err(_) => None,
                };
                root.works();
                state.set(draw.map_or(PieceState::Failed, PieceState::Here));
            });
        })
    };
    {
        let (get, missing) = (get.clone(), matches!(*state, PieceState::Coming));
        use_effect_with((), move |()| {
            if missing {
                get.emit(());
            }
        });
    }
    use_effect_with(matches!(*state, PieceState::Here(_)), move |here| {
        if *here {
            focus_first(&root);
        }
    });
    match *state {
        PieceState::Here(draw) => draw(panel),
        PieceState::Coming => html! {
            <div class={classes!(panel.place(), "kv-wait")} role="status"><span class="kv-sr">{ h!(words, "first.loading") }</span><i></i></div>
        },
        PieceState::Failed => html! {
            <div class={classes!(panel.place(), "kv-wait")} role="alert">
                <p>{ h!(words, "first.this-part-of-the") }</p>
                <button type="button" class="kv-btn" onclick={move |_| get.emit(())}>{ icon("restart") }{ h!(words, "first.try-again") }</button>
            </div>
        },
    }
}
