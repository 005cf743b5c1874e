//! The Clients view: a lane per client, a bar per operation, the
//! value that a key must have, and the verdict.
//!
//! Whether one order explains every answer is found out by [`crate::view::clients`] while the view
//! is open, a little in each frame. The axis has a window of its own around the playhead; what
//! moves with a frame is moved without the virtual DOM.

mod banner;
mod lanes;
mod ledger;
mod plan;
mod tracks;
mod verdict;

pub use verdict::Verdict;

use crate::base::Time;
use crate::view::clients::{Bar, Proof};
use crate::web::components::timeline::Window;
use crate::web::figure::root::Root;
use crate::web::hooks::{use_frame, use_size};
use crate::web::icons::icon;
use crate::web::language::{Words, h, t};
use crate::web::store::{Command, Handle, Same, use_clock, use_handle, use_story};
use banner::{Banner, Filter};
use lanes::Lanes;
use ledger::{Shown, use_ledger};
use plan::{LaneLayout, neighbour, showing, window_at};
use std::cell::RefCell;
use std::rc::Rc;
use tracks::Tracks;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

/// The bars that a proof is about: the answer that can't be, and the last that came before it.
fn span_of(proof: &Proof, bars: &[Rc<Bar>]) -> Option<(Time, Time)> {
    let stuck = &bars[proof.stuck?];
    let others = proof.counter_example.iter().map(|&at| &bars[at]);
    let before = others.filter(|bar| bar.answered().is_some_and(|at| at < stuck.invoked));
    let from = before.max_by_key(|bar| bar.answered()).unwrap_or(stuck);
    Some((from.invoked, proof.at))
}

/// Room for the tracks below the lanes.
const TRACKS: f64 = 196.0;

/// What the reader looks at: a stretch of time and a bar.
#[derive(Clone)]
struct Focus {
    window: UseReducerHandle<Window>,
    /// The playhead, in microseconds.
    now: Rc<RefCell<f64>>,
    /// The bar that is pointed at or focused.
    lit: UseStateHandle<Option<usize>>,
    /// Whether the lit bar is to get the focus as soon as it is there.
    moved: Rc<RefCell<bool>>,
}

/// The window follows the playhead, begins anew with another speed, and goes to a proof when there is one.
#[hook]
fn use_focus_on(shown: &Same<Shown>) -> Focus {
    let (handle, speed) = (use_handle(), use_clock().speed);
    let now = use_mut_ref(|| handle.frames.latest().map_or(0.0, |frame| frame.now));
    let focus = Focus {
        window: use_reducer_eq(|| window_at(speed, *now.borrow())),
        now,
        lit: use_state(|| None),
        moved: use_mut_ref(|| false),
    };
    {
        let (window, now) = (focus.window.dispatcher(), focus.now.clone());
        use_effect_with(speed, move |speed| {
            let anew = window_at(*speed, *now.borrow());
            window.dispatch(Box::new(move |_| anew));
        });
    }
    {
        let (window, now) = (focus.window.dispatcher(), focus.now.clone());
        use_frame(move |frame| {
            // Whoever has gone elsewhere stays there until time moves on.
            let to = frame.now;
            if now.replace(to) != to {
                window.dispatch(Box::new(move |window| window.follow(to)));
            }
        });
    }
    let broken = shown.clients.broken().map(|(_, proof)| proof.clone());
    {
        let (window, shown) = (focus.window.dispatcher(), shown.clone());
        use_effect_with(broken, move |proof| {
            let bars = &shown.clients.bars;
            if let Some((from, to)) = proof.as_ref().and_then(|it| span_of(it, bars)) {
                window.dispatch(Box::new(move |window| showing(window, from, to)));
            }
        });
    }
    let (moved, root) = (focus.moved.clone(), handle.root.clone());
    let drawn = (*focus.lit, *focus.window, shown.clone());
    use_effect_with(drawn, move |(lit, ..)| {
        let wanted = *moved.borrow();
        if let Some(place) = lit.filter(|_| wanted) {
            let there = focus_bar(&root, place);
            *moved.borrow_mut() = !there;
        }
    });
    focus
}

impl Focus {
    /// To a neighbour of a bar.
    fn go(&self, shown: &Same<Shown>) -> Callback<(usize, String)> {
        let (focus, shown) = (self.clone(), shown.clone());
        Callback::from(move |(from, key): (usize, String)| {
            if let Some(to) = neighbour(&shown.clients.bars, from, &key) {
                let bar = shown.clients.bars[to].clone();
                *focus.moved.borrow_mut() = true;
                focus.lit.set(Some(to));
                let ended = bar.ended().unwrap_or(bar.invoked);
                let show = move |window| showing(window, bar.invoked, ended);
                focus.window.dispatch(Box::new(show));
            }
        })
    }

    fn zoom(&self) -> Callback<f64> {
        let focus = self.clone();
        Callback::from(move |factor: f64| {
            let now = *focus.now.borrow();
            let zoom = move |window: Window| window.zoom(factor, now);
            focus.window.dispatch(Box::new(zoom));
        })
    }

    /// Moves the window by a share of its width.
    fn pan(&self) -> Callback<f64> {
        let window = self.window.dispatcher();
        Callback::from(move |share: f64| {
            window.dispatch(Box::new(move |window| Window {
                from: (window.from + share * window.span).max(0.0),
                ..window
            }));
        })
    }

    fn seek(&self, handle: &Handle) -> Callback<Time> {
        let (moved, handle) = (self.moved.clone(), handle.clone());
        Callback::from(move |to| {
            // Bars may go and come meanwhile; the focus stays.
            *moved.borrow_mut() = true;
            handle.run(Command::Seek(to));
        })
    }

    fn light(&self) -> Callback<Option<usize>> {
        let lit = self.lit.clone();
        Callback::from(move |place| lit.set(place))
    }
}

/// The view.
#[function_component]
pub fn Clients() -> Html {
    let (handle, story, shown) = (use_handle(), use_story(), use_ledger());
    let words = &handle.words;
    let host = use_node_ref();
    let size = use_size(&host);
    let focus = use_focus_on(&shown);
    let lanes = shown.clients.clients.len();
    let plan = LaneLayout::new(*focus.window, (size.0, size.1 - TRACKS), lanes);
    let all = lanes as f64 * plan.lane <= size.1 - TRACKS;
    let (go, zoom, pan) = (focus.go(&shown), focus.zoom(), focus.pan());
    let (seek, light) = (focus.seek(&handle), focus.light());
    html! {
        <main class="kv-stage kv-clients" id={handle.root.id("stage")} tabindex="-1" aria-label={t!(words, "clients.clients")}>
            <Banner shown={shown.clone()} />
            <Filter shown={shown.clone()} zoom={zoom.clone()} />
            <div class="sheet" ref={host}>
                if size.0 > 0.0 {
                    <div class={classes!("lanes", all.then_some("all"))}><Lanes shown={shown.clone()} {plan} lit={*focus.lit} {light} {go} {zoom} {pan} {seek} /></div>
                    <Tracks {shown} {plan} {story} />
                }
            </div>
            { legend(words) }
        </main>
    }
}

/// Gives a bar the focus; whether it is there.
fn focus_bar(root: &Root, place: usize) -> bool {
    let bar = root.named(format!("op-{place}"));
    // An element of SVG: it has the same method.
    bar.is_some_and(|bar| bar.unchecked_into::<HtmlElement>().focus().is_ok())
}

/// What the marks mean.
fn legend(words: &Words) -> Html {
    let mark = |class: &'static str| {
        html! { <svg width="30" height="14" aria-hidden="true"><g class={classes!("kv-op", class)}><rect x="1" y="2" width="28" height="10" rx="3" /></g></svg> }
    };
    html! {
        <div class="kv-legend">
            <span>{ mark("write") }{ h!(words, "clients.write") }</span>
            <span>{ mark("read") }{ h!(words, "clients.read") }</span>
            <span>{ mark("open") }{ h!(words, "clients.no-answer-may-have") }</span>
            <span>{ mark("stale") }{ h!(words, "clients.may-be-old-doesnt") }</span>
            <span><svg width="16" height="16" aria-hidden="true"><g class="kv-op"><circle class="pt" cx="8" cy="8" r="6" /></g></svg>{ h!(words, "clients.when-it-took-effect") }</span>
            <span class="end">{ icon("target") }{ h!(words, "clients.enter-to-that-moment") }</span>
        </div>
    }
}
