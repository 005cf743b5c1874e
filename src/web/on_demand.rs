//! Code that comes when it is needed: the first screen doesn't wait for what it doesn't show.
//!
//! `cargo xtask dist` cuts the page's module along the functions marked here. What only they can
//! reach becomes a file of its own, which the browser gets when [`OnDemand`] first shows a panel of
//! it. The pieces run in one memory, so a panel is a component like any other: it has the contexts,
//! and it calls whatever it likes. Without the feature `split` (in tests) all of it is there at
//! once.
//!
//! | piece | when | what |
//! | --- | --- | --- |
//! | `lab` | the reader leaves the first screen | dock, bench, transport |
//! | `panels` | the first one is opened | the inspector, the console, what lies over the page |

use super::components::*;
use super::icons::icon;
use std::cell::Cell;
use yew::platform::spawn_local;
use yew::prelude::*;

/// A panel whose code comes on demand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Panel {
    /// Guide and feed beside the stage.
    Dock {
        /// Whether it has tabs for the other panels.
        tabs: bool,
    },
    /// The dock of a phone.
    Sheet,
    /// Logs and state machines.
    Bench {
        /// Whether there is room for both.
        both: bool,
    },
    /// The timeline and the clock.
    Transport,
    /// The list of keys.
    Help,
    /// The list of scenarios.
    Scenarios,
    /// The list of invariants.
    Invariants,
    /// The inspector.
    Inspector,
    /// The key-value console.
    Console,
}

/// A file of code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Piece {
    Lab,
    Panels,
}

/// What draws the panels of a piece.
type Draw = fn(Panel) -> Html;

thread_local! {
    /// The pieces that are here.
    static HERE: Cell<[Option<Draw>; 2]> = const { Cell::new([None; 2]) };
}

impl Panel {
    const fn piece(self) -> Piece {
        match self {
            Panel::Dock { .. } | Panel::Sheet | Panel::Bench { .. } | Panel::Transport => {
                Piece::Lab
            }
            _ => Piece::Panels,
        }
    }

    /// The class of what keeps its place meanwhile.
    const fn place(self) -> &'static str {
        match self {
            Panel::Dock { .. } => "kv-dock",
            Panel::Sheet => "kv-sheet",
            Panel::Bench { .. } => "kv-bench",
            Panel::Transport => "kv-transport",
            _ => "",
        }
    }
}

impl Piece {
    /// What draws its panels, if it is here.
    fn here(self) -> Option<Draw> {
        HERE.get()[self as usize]
    }

    /// Gets it; whether that worked. After a failure it may be tried again.
    async fn load(self) -> Option<Draw> {
        let draw = match self {
            Piece::Lab => code::lab().await.ok(),
            Piece::Panels => code::panels().await.ok(),
        };
        let mut here = HERE.get();
        here[self as usize] = draw;
        HERE.set(here);
        draw
    }
}

/// The cuts. A function here is loaded with everything that only it can reach, before it is called.
#[cfg(feature = "split")]
mod code {
    use super::{Draw, draw_lab, draw_panel};
    use wasm_split_helpers::{SplitLoaderError, wasm_split};

    #[wasm_split(lab, fallible)]
    pub fn lab() -> Result<Draw, SplitLoaderError> {
        Ok(draw_lab)
    }

    #[wasm_split(panels, fallible)]
    pub fn panels() -> Result<Draw, SplitLoaderError> {
        Ok(draw_panel)
    }
}

/// The module in one piece.
#[cfg(not(feature = "split"))]
mod code {
    use super::{Draw, draw_lab, draw_panel};
    use std::convert::Infallible;

    pub async fn lab() -> Result<Draw, Infallible> {
        Ok(draw_lab)
    }

    pub async fn panels() -> Result<Draw, Infallible> {
        Ok(draw_panel)
    }
}

fn draw_lab(panel: Panel) -> Html {
    match panel {
        Panel::Dock { tabs } => html! { <Dock {tabs} /> },
        Panel::Sheet => html! { <Sheet /> },
        Panel::Bench { both } => html! { <Bench {both} /> },
        _ => html! { <Transport /> },
    }
}

fn draw_panel(panel: Panel) -> Html {
    match panel {
        Panel::Help => help(),
        Panel::Scenarios => html! { <Scenarios /> },
        Panel::Invariants => html! { <Invariants /> },
        Panel::Inspector => html! { <Inspector /> },
        _ => html! { <Console /> },
    }
}

/// Which panel.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Which panel.
    pub panel: Panel,
}

/// How far its code is.
#[derive(Clone, Copy)]
enum State {
    Coming,
    Here(Draw),
    Failed,
}

/// A panel, as soon as its code is here; until then, that it is on its way, or that it didn't
/// arrive.
#[function_component]
pub fn OnDemand(props: &Props) -> Html {
    let panel = props.panel;
    let piece = panel.piece();
    let state = use_state(|| piece.here().map_or(State::Coming, State::Here));
    let get = {
        let state = state.setter();
        Callback::from(move |()| {
            let state = state.clone();
            state.set(State::Coming);
            spawn_local(async move {
                state.set(piece.load().await.map_or(State::Failed, State::Here));
            });
        })
    };
    {
        let (get, missing) = (get.clone(), matches!(*state, State::Coming));
        use_effect_with((), move |()| {
            if missing {
                get.emit(());
            }
        });
    }
    match *state {
        State::Here(draw) => draw(panel),
        State::Coming => html! {
            <div class={classes!(panel.place(), "kv-wait")} role="status"><span class="kv-sr">{ "Loading…" }</span><i></i></div>
        },
        State::Failed => html! {
            <div class={classes!(panel.place(), "kv-wait")} role="alert">
                <p>{ "This part of the page didn’t arrive. Is there a connection?" }</p>
                <button type="button" class="kv-btn" onclick={move |_| get.emit(())}>{ icon("restart") }{ "Try again" }</button>
            </div>
        },
    }
}
