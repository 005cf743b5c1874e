//! What is asked of the run, and done to it.
//!
//! The clock's commands are done at once. All others are code that comes when the first thing is asked
//! for: they wait for it, in their order. So does an action where the run stands still until the code
//! comes that it waits for.

use super::{Driver, seconds};
use crate::base::Time;
use crate::run::BranchId;
use crate::sim::{Action, ActionError};
use crate::view::words::{key, tell};
use crate::view::{clean, refused};
use crate::web::figure::chronicle::Chronicle;
use crate::web::figure::hooks::wall;
use crate::web::figure::keys::{PressKey, press_key};
use crate::web::figure::store::*;
use crate::web::figure::ui_state::{Notice, UiAction};
use wasm_bindgen_futures::spawn_local;

/// What commands and keys mean that aren't the clock's.
#[derive(Clone, Copy)]
pub struct Commands {
    /// Does a command.
    pub obey: fn(&Driver, Command),
    /// Does what a key says.
    pub press: PressKey,
}

impl Commands {
    /// All of it.
    pub const ALL: Commands = Commands {
        obey: Driver::obey,
        press: press_key,
    };
}

impl Driver {
    /// Does what a component asks for.
    pub fn command(&self, command: Command) {
        self.root.works();
        self.run.borrow_mut().last = None;
        let commands = self.root.page.pieces.commands_here();
        if let Some(command) = self.set_clock(command) {
            match commands {
                Some(commands) => (commands.obey)(self, command),
                None => self.waiting.borrow_mut().push(command),
            }
        }
        if commands.is_none() {
            self.call_commands();
        }
        self.call_reserve();
        self.call_narrator();
        self.show(wall());
        self.request();
    }

    /// Does what is the clock's; gives back what isn't.
    fn set_clock(&self, command: Command) -> Option<Command> {
        let mut run = self.run.borrow_mut();
        match command {
            Command::Play if run.playhead.is_stopped() => self.tell_end(&run.playhead),
            Command::Play => run.clock.playing = true,
            Command::Pause => run.pause(),
            Command::Speed(speed) => {
                run.clock.speed = speed;
                run.clock.actual = None;
                run.window = (0.0, 0.0);
            }
            other => return Some(other),
        }
        None
    }

    /// Gets the code that does what waits, and does it.
    fn call_commands(&self) {
        if self.fetching.replace(true) {
            return;
        }
        let (me, root) = (self.me.clone(), self.root.clone());
        spawn_local(async move {
            let commands = root.page.pieces.commands().await;
            let Some(driver) = me.upgrade() else { return };
            driver.fetching.set(false);
            match commands {
                Ok(_) => driver.do_what_waits(),
                Err(_) if driver.waiting.take().is_empty() => {}
                Err(error) => driver.say(Notice::bad(tell!("first.cannot-do", error))),
            }
        });
    }

    /// Does what was asked for before the code for it was here, in its order.
    pub(super) fn do_what_waits(&self) {
        for command in self.waiting.take() {
            self.command(command);
        }
    }

    /// Says why an action can't be done.
    fn refuse(&self, error: &ActionError) {
        self.say_later(Notice::plain(refused(error)));
    }

    /// Does what was asked for and isn't the clock's.
    pub fn obey(&self, command: Command) {
        match command {
            // The clock's are done by then.
            Command::Play | Command::Pause | Command::Speed(_) => {}
            Command::Act(action) => self.act(action),
            Command::Load { scenario, seed } => self.load(scenario, seed.as_deref()),
            Command::Teach => self.teach(),
            Command::Rules(rules) => self.restart(rules),
            Command::Again { rule, on } => self.again(rule, on),
            Command::Open(recording) => self.open(*recording),
            Command::Step(_)
            | Command::StartStepAgain
            | Command::Predict(_)
            | Command::PressStep => self.learn(command),
            Command::Seek(_)
            | Command::Newest
            | Command::Next
            | Command::NextAlike
            | Command::Previous
            | Command::PreviousAlike
            | Command::Undo
            | Command::Switch(_) => self.go(command),
        }
    }

    /// Does an action, and says so if that began a branch.
    fn act(&self, action: Action) {
        let mut run = self.run.borrow_mut();
        if run.playhead.simulation().awaits_reserve() {
            self.waiting.borrow_mut().push(Command::Act(action));
            return;
        }
        match run.playhead.act(action) {
            Ok(acted) if acted.branched.is_some() => {
                let text = tell!(
                    "first.branch",
                    name = clean(&run.playhead.branch().name).into_owned(),
                    at = seconds(run.playhead.now())
                );
                self.notify.emit(UiAction::Notice(Notice {
                    undo: true,
                    ..Notice::plain(text)
                }));
            }
            Ok(_) => {}
            Err(error) => self.refuse(&error),
        }
    }

    /// Goes to another instant, or to another branch.
    fn go(&self, command: Command) {
        let mut run = self.run.borrow_mut();
        match command {
            Command::Seek(to) => run.seek(to),
            Command::Newest => {
                let end = run.playhead.end();
                run.seek(end);
            }
            Command::Next | Command::NextAlike => {
                if let Some(told) = run.next(command == Command::NextAlike) {
                    self.notify.emit(UiAction::Notice(Notice::plain(told)));
                }
            }
            Command::PreviousAlike => {
                run.pause();
                run.playhead.step_alike(true);
            }
            Command::Previous => {
                run.pause();
                if run.playhead.previous_event(None).is_none() {
                    run.playhead.seek(Time::ZERO);
                }
            }
            Command::Undo => {
                if run.playhead.undo().is_none() {
                    self.notify
                        .emit(UiAction::Notice(Notice::plain(key!("first.no-undo"))));
                }
                run.carry = 0.0;
            }
            Command::Switch(branch) => {
                run.playhead.switch(BranchId(branch as u32));
                run.carry = 0.0;
            }
            _ => {}
        }
    }

    /// Does what the lesson's card asks for.
    fn learn(&self, command: Command) {
        let mut run = self.run.borrow_mut();
        match command {
            Command::Step(step) => {
                run.guided(|chronicle, playhead| chronicle.turn_to(step, playhead))
            }
            Command::StartStepAgain => {
                run.carry = 0.0;
                run.guided(Chronicle::start_again);
            }
            Command::Predict(choice) => run.chronicle.predict(choice),
            Command::PressStep => {
                if let Err(error) = run
                    .guided(|chronicle, playhead| self.root.page.pieces.press(chronicle, playhead))
                {
                    self.refuse(&error);
                }
                run.clock.playing = !run.playhead.is_stopped();
            }
            _ => {}
        }
    }
}
