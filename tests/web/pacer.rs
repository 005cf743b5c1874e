//! One budget for the engines of all figures of a page.

use super::bench::turns;
use kvorum::web::page::pacer::{Paced, Pacer};
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use wasm_bindgen_test::wasm_bindgen_test;

/// A figure that takes a part of what it may, and notes what that was.
struct Fake {
    pacer: Rc<Pacer>,
    me: Weak<Fake>,
    takes: f64,
    frames: Cell<u32>,
    shares: RefCell<Vec<(f64, f64)>>,
}

impl Fake {
    fn asks(pacer: &Rc<Pacer>, takes: f64, frames: u32) -> Rc<Fake> {
        let fake = Rc::new_cyclic(|me: &Weak<Fake>| Fake {
            pacer: pacer.clone(),
            me: me.clone(),
            takes,
            frames: Cell::new(frames),
            shares: RefCell::default(),
        });
        pacer.request(fake.me.clone());
        fake
    }
}

impl Paced for Fake {
    fn turn(&self, wall: f64, share: f64) -> f64 {
        self.shares.borrow_mut().push((wall, share));
        self.frames.set(self.frames.get() - 1);
        if self.frames.get() > 0 {
            self.pacer.request(self.me.clone());
        }
        share * self.takes
    }
}

#[wasm_bindgen_test]
async fn figures_share_one_budget() {
    let pacer = Rc::<Pacer>::default();
    // The second has nothing to do but to draw; the last goes on alone.
    let fakes = [(1.0, 2), (0.0, 2), (1.0, 2), (0.5, 3)];
    let fakes = fakes.map(|(takes, frames)| Fake::asks(&pacer, takes, frames));
    // One that is gone takes nothing, and its turn passes.
    drop(Fake::asks(&pacer, 1.0, 1));
    for _ in 0..200 {
        if fakes.iter().all(|fake| fake.frames.get() == 0) {
            break;
        }
        turns(5).await;
    }
    let shares = |frame: usize| {
        let in_frame = fakes
            .iter()
            .filter_map(|fake| fake.shares.borrow().get(frame).copied());
        let (walls, shares): (Vec<f64>, Vec<f64>) = in_frame.unzip();
        assert!(walls.iter().all(|wall| *wall == walls[0]), "{walls:?}");
        // Whatever rounding leaves.
        shares
            .iter()
            .map(|share| (share * 1e6).round() / 1e6)
            .collect::<Vec<_>>()
    };
    assert_eq!(shares(0), [0.2, 0.2, 0.266667, 0.266667]);
    assert_eq!(shares(1), [0.25, 0.25, 0.375, 0.375]);
    assert_eq!(shares(2), [1.0]);
}
