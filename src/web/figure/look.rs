//! What a component may ask of the run that no context holds.

use crate::base::Time;
use crate::kv::Key;
use crate::run::Playhead;
use crate::sim::{Action, ActionError, StallReason};
use crate::view::clients::Ledger;

/// Who lends the playhead to a question, for as long as it is answered; nothing is lent while a
/// command is obeyed.
type Lend = dyn Fn(&mut dyn FnMut(&Playhead));

/// The questions that a component may ask of the run. Their answers are copies: nobody gets at the
/// playhead through it.
pub struct Look(Box<Lend>);

impl Look {
    /// Questions to the run of whoever has it: the driver, or a test.
    pub fn new(lend: impl Fn(&mut dyn FnMut(&Playhead)) + 'static) -> Look {
        Look(Box::new(lend))
    }

    fn ask<T>(&self, question: impl FnOnce(&Playhead) -> T) -> Option<T> {
        let (mut question, mut answer) = (Some(question), None);
        (self.0)(&mut |playhead| answer = question.take().map(|question| question(playhead)));
        answer
    }

    /// Why an action can't be done now, if it can't.
    pub fn why_not(&self, action: &Action) -> Option<ActionError> {
        self.ask(|playhead| playhead.why_not(action))?
    }

    /// What is waited for and what stands in its way, and the instant.
    pub fn why_nothing_moves(&self) -> Option<(Time, Vec<StallReason>)> {
        self.ask(|playhead| (playhead.now(), playhead.simulation().why_nothing_moves()))
    }

    /// Brings a ledger up to the playhead, and goes on with its checks for about `steps` steps, with the
    /// key `first` before the others. Whether that brings any news.
    pub fn keep_up(&self, ledger: &mut Ledger, first: Option<&Key>, steps: u64) -> bool {
        let news = self.ask(|it| ledger.follow(it) | ledger.check(it, first, steps));
        news == Some(true)
    }
}
