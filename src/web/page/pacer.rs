//! The pacer: animation frames for all figures of a page, out of one budget.
//!
//! A figure that has something to do asks for a turn ([`Pacer::request`]) and gets it in the next frame.
//! What engines may take of a frame is shared: a turn may take what the turns before it left, divided by
//! how many are still to come. So one figure has all of it, and of several none waits for another; who
//! can't keep up with its clock slows down, and its label says so. A page that is out of sight gets no
//! frames, and a figure that is out of sight asks for none.
//!
//! Each turn is called by the browser by itself, and what Yew has to draw after one is drawn before the
//! next: if that goes wrong, it was that figure.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

/// Who gets turns.
pub trait Paced {
    /// Does what there is to do at this moment of the wall clock (in milliseconds) with a share of what
    /// engines may take of a frame, from 0 to 1; returns how much of it was taken.
    fn turn(&self, wall: f64, share: f64) -> f64;
}

/// The pacer of a page.
#[derive(Default)]
pub struct Pacer {
    /// Who wants a turn, in the order of asking.
    waiting: RefCell<VecDeque<Weak<dyn Paced>>>,
    /// The turns of this frame that are still to come, and what is left of its budget for them.
    to_come: Cell<usize>,
    left: Cell<f64>,
    on_frame: OnceCell<Closure<dyn Fn(f64)>>,
}

impl Pacer {
    /// Gives a figure a turn in the next frame. Who asked already and hadn't it yet doesn't ask again.
    pub fn request(self: &Rc<Pacer>, figure: Weak<dyn Paced>) {
        self.waiting.borrow_mut().push_back(figure);
        let on_frame = self.on_frame.get_or_init(|| {
            let pacer = Rc::downgrade(self);
            Closure::new(move |wall| {
                if let Some(pacer) = pacer.upgrade() {
                    pacer.give_turn(wall);
                }
            })
        });
        if let Some(window) = web_sys::window() {
            let _ = window.request_animation_frame(on_frame.as_ref().unchecked_ref());
        }
    }

    /// The browser calls this once for each request, in their order. (Two frames may bear the same time.)
    fn give_turn(&self, wall: f64) {
        if self.to_come.get() == 0 {
            // A frame begins. Who asks from now on waits for the next frame.
            self.to_come.set(self.waiting.borrow().len());
            self.left.set(1.0);
        }
        let figure = self.waiting.borrow_mut().pop_front();
        let turns = self.to_come.get().max(1);
        let share = self.left.get() / turns as f64;
        let used = figure
            .and_then(|figure| figure.upgrade())
            .map_or(0.0, |figure| figure.turn(wall, share));
        self.left.set((self.left.get() - used).max(0.0));
        self.to_come.set(turns - 1);
    }
}
