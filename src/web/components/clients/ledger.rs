//! What the clients were answered and what was found out about it, kept up while the view is open.
//!
//! The view and the dock show the same; whoever of them is called first in a frame does the work.

use crate::kv::Key;
use crate::view::clients::{ClientsView, KeyView, Ledger};
use crate::web::figure::root::Root;
use crate::web::hooks::{Frame, use_frame};
use crate::web::store::{Handle, Same, use_handle};
use std::cell::RefCell;
use std::rc::Rc;
use yew::prelude::*;

/// Steps of the search in one frame: about a millisecond.
const STEPS: u64 = 1 << 13;

/// What the components draw.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Shown {
    /// The operations and the verdicts.
    pub clients: ClientsView,
    /// The key that the reader chose.
    pub chosen: Option<Key>,
}

impl Shown {
    /// The key that is looked at: the chosen one, else a broken one, else the one that most was
    /// done to.
    pub fn key(&self) -> Option<&KeyView> {
        let chosen = self.chosen.as_deref();
        let keys = self.clients.keys.iter();
        chosen
            .and_then(|name| self.clients.key(name))
            .or_else(|| self.clients.broken().map(|(key, _)| key))
            .or_else(|| keys.rev().max_by_key(|key| key.operations))
    }
}

#[derive(Default)]
struct Book {
    ledger: Ledger,
    shown: Rc<Shown>,
    /// The frame that it was brought up to date for.
    wall: f64,
}

/// The book of a figure: the view and the dock share it.
fn book(root: &Root) -> Rc<RefCell<Book>> {
    let mut shared = root.shared.borrow_mut();
    let known = shared.clone().and_then(|any| any.downcast().ok());
    known.unwrap_or_else(|| {
        let book = Rc::<RefCell<Book>>::default();
        book.borrow_mut().wall = f64::NAN;
        *shared = Some(book.clone());
        book
    })
}

impl Book {
    fn keep_up(&mut self, handle: &Handle, frame: &Frame) -> Rc<Shown> {
        if self.wall != frame.wall {
            self.wall = frame.wall;
            let (ledger, shown) = (&mut self.ledger, &self.shown);
            let first = shown.key().map(|key| &key.name);
            if handle.look.keep_up(ledger, first, STEPS) {
                self.shown = Rc::new(Shown {
                    clients: self.ledger.view(),
                    chosen: self.shown.chosen.clone(),
                });
            }
            if self.ledger.is_busy() {
                handle.frames.keep_up(100.0);
            }
        }
        self.shown.clone()
    }
}

/// Looks at this key from now on; `None`: at whichever matters most.
pub fn choose(handle: &Handle, key: Option<Key>) {
    {
        let book = book(&handle.root);
        let mut book = book.borrow_mut();
        book.shown = Rc::new(Shown {
            chosen: key,
            ..Shown::clone(&book.shown)
        });
    }
    handle.frames.again();
}

/// What is known at the playhead, and whenever that changes.
#[hook]
pub fn use_ledger() -> Same<Shown> {
    let handle = use_handle();
    let shown = use_state_eq(|| Same::from(Shown::default()));
    let set = shown.setter();
    use_frame(move |frame| {
        let book = book(&handle.root);
        let shown = book.borrow_mut().keep_up(&handle, frame);
        set.set(Same(shown));
    });
    (*shown).clone()
}
