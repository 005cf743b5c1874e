//! The size of an element, whenever it changes.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, ResizeObserver};
use yew::prelude::*;

/// Width and height of the element in CSS pixels; zero until it is on the page.
#[hook]
pub fn use_size(element: &NodeRef) -> (f64, f64) {
    let size = use_state_eq(|| (0.0, 0.0));
    let (set, element) = (size.setter(), element.clone());
    use_effect_with((), move |()| {
        let target = element.cast::<Element>();
        let measure = move |element: &Element| {
            set.set((
                f64::from(element.client_width()),
                f64::from(element.client_height()),
            ));
        };
        let observed = target.clone();
        let callback = Closure::<dyn Fn()>::new(move || {
            if let Some(element) = &observed {
                measure(element);
            }
        });
        let observer = ResizeObserver::new(callback.as_ref().unchecked_ref()).ok();
        if let (Some(observer), Some(target)) = (&observer, &target) {
            observer.observe(target);
        }
        move || {
            if let Some(observer) = observer {
                observer.disconnect();
            }
            drop(callback);
        }
    });
    *size
}
