//! What a screen reader is told: the newest key event, at most one sentence per second.

use crate::web::hooks::wall;
use crate::web::language::t;
use crate::web::store::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use yew::prelude::*;

/// The shortest time between two sentences, in milliseconds.
const PACE: f64 = 1_000.0;

/// The live region.
#[function_component]
pub fn LiveRegion() -> Html {
    let words = &use_words();
    let (story, clock) = (use_story(), use_clock());
    let id = use_root().id("live");
    let said = use_state_eq(AttrValue::default);
    let spoke_at = use_mut_ref(|| f64::NEG_INFINITY);
    let newest = story
        .told
        .iter()
        .rev()
        .find(|t| t.mark)
        .map(|t| words.text(&t.telling));
    let sentence = if clock.live {
        newest.unwrap_or_default()
    } else {
        t!(words, "first.past")
    };
    {
        let said = said.clone();
        use_effect_with(sentence, move |sentence| {
            let wait = (*spoke_at.borrow() + PACE - wall()).max(0.0);
            let text = AttrValue::from(sentence.clone());
            let speak = Closure::<dyn Fn()>::new(move || {
                *spoke_at.borrow_mut() = wall();
                said.set(text.clone());
            });
            let window = web_sys::window();
            let id = window.as_ref().and_then(|w| {
                let function = speak.as_ref().unchecked_ref();
                w.set_timeout_with_callback_and_timeout_and_arguments_0(function, wait as i32)
                    .ok()
            });
            // A newer sentence takes the place of one that still waits.
            move || {
                if let (Some(window), Some(id)) = (window, id) {
                    window.clear_timeout_with_handle(id);
                }
                drop(speak);
            }
        });
    }
    html! { <div class="kv-sr kv-live" aria-live="polite" {id}>{ (*said).clone() }</div> }
}
