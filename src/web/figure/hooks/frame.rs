//! Frames: what moves bypasses the virtual DOM.
//!
//! A component draws its structure with Yew when something discrete changes, keeps a `NodeRef`,
//! and moves what moves with [`use_frame`]. The callback also runs right after each rendering of
//! the component, so that a new element is in its place before the first paint.

use crate::base::Time;
use crate::view::ClusterView;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use yew::prelude::*;

/// One animation frame.
#[derive(Clone)]
pub struct Frame {
    /// The playhead in microseconds, with the fraction that virtual time carries over.
    pub now: f64,
    /// The newest instant of the branch.
    pub end: Time,
    /// The wall clock in milliseconds, as `performance.now()`.
    pub wall: f64,
    /// The cluster at the playhead.
    pub view: Rc<ClusterView>,
}

type Listener = Rc<dyn Fn(&Frame)>;

/// The frame that is shown, and who wants to know of the next.
#[derive(Default)]
pub struct Frames {
    latest: RefCell<Option<Frame>>,
    listeners: RefCell<Vec<(u64, Listener)>>,
    next_id: Cell<u64>,
    busy_until: Cell<f64>,
    wake: RefCell<Callback<()>>,
}

impl Frames {
    /// The frame that is shown.
    pub fn latest(&self) -> Option<Frame> {
        self.latest.borrow().clone()
    }

    /// Shows a frame: every listener is called, in the order of registration.
    pub fn show(&self, frame: Frame) {
        *self.latest.borrow_mut() = Some(frame.clone());
        // A copy: a listener may unmount another component.
        let listeners = self.listeners.borrow().clone();
        for (_, listener) in listeners {
            listener(&frame);
        }
    }

    /// Shows the latest frame once more: something moved that is not of the cluster.
    pub fn again(&self) {
        if let Some(frame) = self.latest() {
            let wall = wall();
            self.show(Frame { wall, ..frame });
        }
    }

    /// Keeps the frames coming for so many milliseconds, although time may stand still.
    pub fn keep_up(&self, millis: f64) {
        let until = self.busy_until.get().max(wall() + millis);
        self.busy_until.set(until);
        self.wake.borrow().emit(());
    }

    /// Whether somebody needs frames at this moment of the wall clock.
    pub fn busy(&self, wall: f64) -> bool {
        wall < self.busy_until.get()
    }

    /// What is called when frames are needed while time stands still.
    pub fn on_wake(&self, wake: Callback<()>) {
        *self.wake.borrow_mut() = wake;
    }

    /// Calls `listener` with every frame until the returned number is given to
    /// [`Frames::unsubscribe`].
    pub fn subscribe(&self, listener: impl Fn(&Frame) + 'static) -> u64 {
        let id = self.next_id.get();
        self.next_id.set(id + 1);
        self.listeners.borrow_mut().push((id, Rc::new(listener)));
        id
    }

    /// Ends a subscription.
    pub fn unsubscribe(&self, id: u64) {
        self.listeners.borrow_mut().retain(|(i, _)| *i != id);
    }
}

/// The wall clock in milliseconds.
pub fn wall() -> f64 {
    web_sys::window()
        .and_then(|w| w.performance())
        .map_or(0.0, |p| p.now())
}

/// Calls `draw` with every frame, and after every rendering of this component.
#[hook]
pub fn use_frame(draw: impl Fn(&Frame) + 'static) {
    use_listener(Rc::new(draw));
}

/// The same for whatever is drawn: it is compiled once, not for each component.
#[hook]
fn use_listener(draw: Listener) {
    let frames = crate::web::store::use_handle().frames.clone();
    let newest = use_mut_ref(|| None::<Listener>);
    {
        let (newest, frames) = (newest.clone(), frames.clone());
        use_effect(move || {
            if let Some(frame) = frames.latest() {
                draw(&frame);
            }
            *newest.borrow_mut() = Some(draw);
        });
    }
    use_effect_with((), move |()| {
        let id = frames.subscribe(move |frame| {
            let draw = newest.borrow().clone();
            if let Some(draw) = draw {
                draw(frame);
            }
        });
        move || frames.unsubscribe(id)
    });
}
