//! The workers of a sweep: who runs which seeds, and what came of them.

use super::panel::Order;
use crate::run::sweep::Profile;
use crate::web::hooks::wall;
use crate::web::page::{black_box, links};
use crate::web::store::{Command, Handle, UiAction};
use js_sys::Object;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::{Closure, JsValue};
use web_sys::{MessageEvent, Worker, WorkerOptions, WorkerType};
use yew::Callback;
use yew::platform::spawn_local;

/// Seeds of one order: a fraction of a second of work.
const BATCH: u64 = 4;

/// Tries to make a failing run smaller.
const TRIES: u32 = 300;

/// Why nothing runs.
const NO_WORKERS: &str = "The workers can’t be started. Reload the page to try again; in a frame with \
    a sandbox they need allow-same-origin.";

/// What came of the seeds so far.
#[derive(Clone, Default)]
pub struct Tally {
    /// Seeds done.
    pub runs: u64,
    /// Milliseconds of virtual time.
    pub simulated: f64,
    /// How often each kind of thing happened.
    pub coverage: BTreeMap<String, u64>,
    /// What failed.
    pub failures: Vec<Failed>,
    /// Why the sweep ended early.
    pub error: Option<String>,
    /// The seed whose run is being made small.
    pub opening: Option<String>,
}

/// A failed run.
#[derive(Clone, Deserialize)]
pub struct Failed {
    /// Its seed.
    pub seed: String,
    /// What broke.
    pub name: String,
    /// What was seen.
    pub what: String,
}

/// What a worker answers.
#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Swept {
        runs: u64,
        simulated: f64,
        coverage: BTreeMap<String, u64>,
        failures: Vec<Failed>,
    },
    Small {
        recording: String,
    },
    Failed {
        error: String,
    },
}

/// What a worker is told.
#[derive(Serialize)]
struct Task<'a> {
    plan: WorkerPlan,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    count: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    failing: Option<&'a str>,
    tries: u32,
}

#[derive(Serialize)]
struct WorkerPlan {
    profile: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    nodes: Option<u32>,
    rules: crate::raft::Rules,
}

/// A worker, what it is at, and who listens to it.
struct WorkerSlot {
    worker: Worker,
    at: Option<(u64, u64)>,
    _listener: Closure<dyn FnMut(MessageEvent)>,
    _fails: Closure<dyn FnMut(JsValue)>,
}

/// The workers.
pub struct Fleet {
    /// What came of it so far.
    pub tally: Tally,
    order: Option<Order>,
    hands: Vec<WorkerSlot>,
    /// Seeds that nobody has begun: from, how many.
    next: (u64, u64),
    /// Orders that were taken back.
    dropped: Vec<(u64, u64)>,
    changed: Callback<()>,
    /// Wall time of the parts of the sweep that are over, and when this part began.
    worked: f64,
    since: Option<f64>,
}

type Shared = Rc<RefCell<Fleet>>;

impl Fleet {
    /// Nobody works yet; `changed` is called when there is something new to show.
    pub fn new(changed: Callback<()>) -> Fleet {
        Fleet {
            tally: Tally::default(),
            order: None,
            hands: Vec::new(),
            next: (0, 0),
            dropped: Vec::new(),
            changed,
            worked: 0.0,
            since: None,
        }
    }

    /// How many workers there are, or would be: a core is left to the page.
    pub fn size(&self) -> u32 {
        let cores = web_sys::window().map_or(2.0, |w| w.navigator().hardware_concurrency());
        (cores as u32).saturating_sub(1).max(1)
    }

    /// Whether seeds are being run.
    pub fn is_running(&self) -> bool {
        self.since.is_some()
    }

    /// Seeds that nobody has begun.
    pub fn left(&self) -> u64 {
        self.next.1 + self.dropped.iter().map(|(_, count)| count).sum::<u64>()
    }

    /// Milliseconds of the wall clock that the sweep has taken.
    pub fn worked(&self) -> f64 {
        self.worked + self.since.map_or(0.0, |since| wall() - since)
    }

    /// Starts a sweep.
    pub fn begin(shared: &Shared, order: Order) {
        Fleet::stop(shared);
        {
            let fleet = &mut *shared.borrow_mut();
            fleet.tally = Tally::default();
            fleet.worked = 0.0;
            fleet.dropped.clear();
            fleet.next = (order.from, order.seeds.min(u64::MAX - order.from));
            fleet.order = Some(order);
        }
        Fleet::go_on(shared);
    }

    /// Goes on where it was stopped.
    pub fn go_on(shared: &Shared) {
        let size = shared.borrow().size();
        shared.borrow_mut().since = Some(wall());
        for _ in 0..size {
            Fleet::hire(shared);
        }
        let fleet = &mut *shared.borrow_mut();
        (0..fleet.hands.len()).for_each(|place| fleet.give(place));
        fleet.changed.emit(());
    }

    /// Stops; what was under way is done again when it goes on.
    pub fn stop(shared: &Shared) {
        let fleet = &mut *shared.borrow_mut();
        for hand in fleet.hands.drain(..) {
            hand.worker.terminate();
            fleet.dropped.extend(hand.at);
        }
        fleet.tally.opening = None;
        fleet.rest();
        fleet.changed.emit(());
    }

    fn rest(&mut self) {
        self.worked = self.worked();
        self.since = None;
    }

    /// Starts one more worker; its place.
    fn hire(shared: &Shared) -> Option<usize> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let Ok(worker) = Worker::new_with_options("./sweep-worker.js", &options) else {
            shared.borrow_mut().tally.error = Some(NO_WORKERS.into());
            return None;
        };
        let place = shared.borrow().hands.len();
        let weak = Rc::downgrade(shared);
        let listener = Closure::new(move |event: MessageEvent| {
            if let Some(shared) = weak.upgrade() {
                shared.borrow_mut().hear(place, event.data());
            }
        });
        let weak = Rc::downgrade(shared);
        let fails = Closure::new(move |_: JsValue| {
            if let Some(shared) = weak.upgrade() {
                black_box::piece_missing();
                Fleet::stop(&shared);
                let fleet = &mut *shared.borrow_mut();
                fleet.tally.error = Some(NO_WORKERS.into());
                fleet.changed.emit(());
            }
        });
        worker.set_onmessage(Some(listener.as_ref().unchecked_ref()));
        worker.set_onerror(Some(fails.as_ref().unchecked_ref()));
        shared.borrow_mut().hands.push(WorkerSlot {
            worker,
            at: None,
            _listener: listener,
            _fails: fails,
        });
        Some(place)
    }

    /// Gives a worker the next seeds, if there are any.
    fn give(&mut self, place: usize) {
        let batch = self.dropped.pop().or_else(|| {
            let (from, left) = self.next;
            let count = left.min(BATCH);
            self.next = (from + count, left - count);
            (count > 0).then_some((from, count))
        });
        let Some(hand) = self.hands.get_mut(place) else {
            return;
        };
        hand.at = batch;
        let Some((from, count)) = batch else {
            return;
        };
        let from = Some(from.to_string());
        self.tell(place, from, count, None);
    }

    fn tell(&self, place: usize, from: Option<String>, count: u64, failing: Option<&str>) {
        let (Some(order), Some(hand)) = (&self.order, self.hands.get(place)) else {
            return;
        };
        let plan = WorkerPlan {
            profile: Profile::name(order.profile),
            nodes: order.nodes,
            rules: order.rules,
        };
        let task = Task {
            plan,
            from,
            count,
            failing,
            tries: TRIES,
        };
        let serializer = serde_wasm_bindgen::Serializer::json_compatible();
        let task = task.serialize(&serializer);
        let _ = hand
            .worker
            .post_message(&task.unwrap_or_else(|_| Object::new().into()));
    }

    /// Takes a worker's answer, and gives it more to do.
    fn hear(&mut self, place: usize, answer: JsValue) {
        match serde_wasm_bindgen::from_value(answer) {
            Ok(Answer::Swept {
                runs,
                simulated,
                coverage,
                failures,
            }) => {
                let tally = &mut self.tally;
                tally.runs += runs;
                tally.simulated += simulated;
                tally.failures.extend(failures);
                for (name, count) in coverage {
                    *tally.coverage.entry(name).or_default() += count;
                }
                self.give(place);
                if self.hands.iter().all(|hand| hand.at.is_none()) {
                    self.rest();
                }
            }
            Ok(Answer::Failed { error }) => self.tally.error = Some(error),
            Ok(Answer::Small { .. }) | Err(_) => {}
        }
        self.changed.emit(());
    }

    /// Makes the failing run of that seed small, and opens it in the laboratory.
    pub fn open(shared: &Shared, handle: &Handle, seed: &str) {
        Fleet::stop(shared);
        let Some(place) = Fleet::hire(shared) else {
            return;
        };
        let handle = handle.clone();
        let weak = Rc::downgrade(shared);
        let listener = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let (handle, weak) = (handle.clone(), weak.clone());
            let answer = serde_wasm_bindgen::from_value(event.data());
            spawn_local(async move {
                let read = match answer {
                    Ok(Answer::Small { recording }) => links::read(&recording)
                        .await
                        .map_err(|why| handle.words.text(&why)),
                    Ok(Answer::Failed { error }) => Err(error),
                    _ => Err("The run doesn’t fail any more.".into()),
                };
                match (read, weak.upgrade()) {
                    (Ok(recording), _) => {
                        handle.ui(UiAction::Overlay(None));
                        handle.ui(UiAction::Started);
                        handle.run(Command::Open(Box::new(recording)));
                    }
                    (Err(why), Some(shared)) => {
                        Fleet::stop(&shared);
                        shared.borrow_mut().tally.error = Some(why);
                    }
                    _ => {}
                }
            });
        });
        let fleet = &mut *shared.borrow_mut();
        let hand = &mut fleet.hands[place];
        hand.worker
            .set_onmessage(Some(listener.as_ref().unchecked_ref()));
        hand._listener = listener;
        fleet.tally.opening = Some(seed.to_owned());
        fleet.tell(place, None, 0, Some(seed));
        fleet.changed.emit(());
    }
}
