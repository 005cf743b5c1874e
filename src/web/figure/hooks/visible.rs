//! Whether an element is in sight.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, IntersectionObserver, IntersectionObserverEntry};
use yew::prelude::*;

/// Whether the element is on the screen; `None` until the browser has said so.
#[hook]
pub fn use_visible(element: &NodeRef) -> Option<bool> {
    let visible = use_state_eq(|| None);
    let (set, element) = (visible.setter(), element.clone());
    use_effect_with((), move |()| {
        let callback = Closure::<dyn Fn(js_sys::Array)>::new(move |entries: js_sys::Array| {
            let last = entries.at(-1).dyn_into::<IntersectionObserverEntry>();
            set.set(last.ok().map(|e| e.is_intersecting()));
        });
        let observer = IntersectionObserver::new(callback.as_ref().unchecked_ref()).ok();
        if let (Some(observer), Some(element)) = (&observer, element.cast::<Element>()) {
            observer.observe(&element);
        }
        move || {
            if let Some(observer) = observer {
                observer.disconnect();
            }
            drop(callback);
        }
    });
    *visible
}
