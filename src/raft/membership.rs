//! Changing who is a member (section 6; dissertation, chapter 4).
//!
//! A change is an entry of the log, with one peculiarity: a server goes by the last configuration
//! in its log, committed or not. What takes effect as it is appended is taken back as it is
//! truncated. So the log alone says who counts, and a restart, or another leader, finds it there.
//!
//! Going from old voters to new ones at one stroke could give two disjoint majorities (figure 10):
//! servers change over at different times. There are two ways around:
//!
//! - *One voter at a time* (4.1): majorities of the old and the new list always share a server.
//!   But the majorities of two leaders' unfinished changes need not share a server; so a leader
//!   first commits an entry of its own term, which settles what it inherited (Ongaro's correction
//!   of 4.1, 2015).
//! - *Joint consensus* (4.3): an entry with both lists, under which a decision needs both
//!   majorities; once it is committed, an entry with the new list. Any leader that finds the first
//!   in its log and sees it committed appends the second, unless the change asked to stay.
//!
//! New servers come in as learners and are made voters once they have caught up (4.2.1). A leader
//! may remove itself: it leads on until the change is committed, without counting itself, and
//! then steps down. Until then it also stands for election again, if need be: perhaps only its log
//! is up-to-date enough to win (4.2.2).

use super::change::{Change, ChangeError, Way};
use super::configuration::Configuration;
use super::input::Effects;
use super::log::{Entries, Log};
use super::node::{Raft, RoleState};
use super::progress::{CatchUp, Progress};
use super::rules::{Rule, Rules};
use super::trace::Trace;
use super::types::{Entry, EntryId, Index, Measured, Payload, Term};
use crate::base::{MemberId, Time};
use std::rc::Rc;

/// The configurations in a server's log, and the one that it goes by.
#[derive(Clone, Debug)]
pub(super) struct Membership {
    /// With their indexes, oldest first. The first is as old as the log's beginning, or the
    /// snapshot's that covers it.
    pub known: Vec<(Index, Configuration)>,
    /// The one in force.
    index: Index,
    configuration: Configuration,
    /// Whether this server votes by it.
    pub votes: bool,
    /// Whether it may stand for election: it votes, or it did before a change that may still be
    /// lost. Until that is committed, nobody else may be able to win (4.2.2).
    pub stands: bool,
}

impl Membership {
    /// What a server goes by that starts with these members as of an index: those of its
    /// snapshot, or at 0 those that it was told.
    pub fn of<C>(
        me: MemberId,
        (begins, members): (Index, Configuration),
        log: &Log<C>,
        rules: Rules,
    ) -> Membership {
        let mut membership = Membership {
            votes: members.is_voter(me),
            stands: members.is_voter(me),
            index: begins,
            configuration: members.clone(),
            known: vec![(begins, members)],
        };
        for index in begins + 1..=log.last_index() {
            if let Some(configuration) = log.entry(index).and_then(Entry::configuration) {
                membership.take(index, configuration);
            }
        }
        membership.refresh(me, rules, 0);
        membership
    }

    /// Takes note of the configuration at `index`.
    fn take(&mut self, index: Index, configuration: &Configuration) {
        self.known.push((index, configuration.clone()));
    }

    /// A snapshot covers everything through `index`: what held before is of no use any more.
    pub fn compact(&mut self, index: Index) {
        let older = self.known.partition_point(|&(at, _)| at <= index);
        self.known.drain(..older.saturating_sub(1));
    }

    /// The configuration in force.
    pub fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    /// Where the newest configuration that it knows of stands; of one that a snapshot brought, the
    /// snapshot's last index; 0 for the one that it was told at its start.
    fn newest(&self) -> Index {
        self.known.last().expect("the first is never dropped").0
    }

    /// Finds the one in force; whether that is another one than before.
    fn refresh(&mut self, me: MemberId, rules: Rules, commit: Index) -> bool {
        let effective = if rules.has(Rule::ConfigurationOnAppend) {
            self.known.len()
        } else {
            self.known.partition_point(|&(index, _)| index <= commit)
        };
        let (index, configuration) = &self.known[effective.max(1) - 1];
        let changed = *index != self.index || *configuration != self.configuration;
        if changed {
            self.index = *index;
            self.configuration = configuration.clone();
            self.votes = configuration.is_voter(me);
        }
        self.decide_who_stands(me, rules, commit);
        changed
    }

    /// Finds out whether this server may stand, `commit` being what it knows to be committed: less
    /// than what is, after a restart. But a change waits for the one before it to be committed
    /// (4.1); so of the configurations in a log only the last may still be lost.
    fn decide_who_stands(&mut self, me: MemberId, rules: Rules, commit: Index) {
        let mut committed = self.known.partition_point(|&(index, _)| index <= commit);
        if rules.has(Rule::OneChangeAtATime) {
            committed = committed.max(self.known.len() - 1);
        }
        let mut open = self.known[committed.max(1) - 1..].iter();
        self.stands = open.any(|(_, configuration)| configuration.is_voter(me));
    }
}

/// What a leader is asked for.
impl<C: Measured> Raft<C> {
    /// Begins a change of membership.
    pub(super) fn change(&mut self, now: Time, change: &Change, out: &mut Effects<C>) {
        let next = self.next_configuration(now, change);
        self.answer_change(now, next, out);
    }

    /// Ends a joint configuration that stays until somebody does.
    pub(super) fn leave_joint(&mut self, now: Time, out: &mut Effects<C>) {
        let next = self.can_leave_joint().map(|()| self.configuration().left());
        self.answer_change(now, next, out);
    }

    /// Whether this server would begin `change` now.
    ///
    /// # Errors
    /// Says why not.
    pub fn can_change(&self, now: Time, change: &Change) -> Result<(), ChangeError> {
        self.next_configuration(now, change).map(drop)
    }

    /// Whether this server would end its joint configuration now.
    ///
    /// # Errors
    /// Says why not.
    pub fn can_leave_joint(&self) -> Result<(), ChangeError> {
        self.takes_changes()?;
        let index = self.membership.newest();
        if !self.configuration().is_joint() {
            Err(ChangeError::NotJoint)
        } else if index > self.commit_index {
            Err(ChangeError::UnderWay { index })
        } else {
            Ok(())
        }
    }

    fn answer_change(
        &mut self,
        now: Time,
        next: Result<Configuration, ChangeError>,
        out: &mut Effects<C>,
    ) {
        let answer = next.map(|next| self.append_configuration(now, next, out));
        if let Err(why) = answer {
            out.trace(Trace::ChangeRefused { why });
        }
        out.changed = Some(answer);
    }

    /// Whether this server takes changes now: it leads, isn't handing over, and knows what is committed.
    fn takes_changes(&self) -> Result<(), ChangeError> {
        if !self.is_leader() || self.transfers_to().is_some() {
            let hint = self.transfers_to().or(self.leader()).map(|id| id.node());
            return Err(ChangeError::NotLeader { hint });
        }
        if !self.committed_in_term() && self.config.rules.has(Rule::NoopBeforeChange) {
            return Err(ChangeError::NotCommittedInTerm);
        }
        Ok(())
    }

    /// The configuration that `change` leads to in its first step.
    fn next_configuration(&self, now: Time, change: &Change) -> Result<Configuration, ChangeError> {
        let (rules, current) = (self.config.rules, self.configuration());
        let next = current.followed_by(&change.voters, &change.learners);
        if next.is_empty() {
            return Err(ChangeError::NoVoters);
        }
        if let Some(both) = next.learners().iter().find(|&&id| next.is_voter(id)) {
            let node = both.node();
            return Err(ChangeError::VoterAndLearner { node });
        }
        self.takes_changes()?;
        if next.is_learner(self.id()) {
            return Err(ChangeError::LeaderAsLearner);
        }
        let index = self.membership.newest();
        let under_way = index > self.commit_index || current.is_joint();
        if under_way && rules.has(Rule::OneChangeAtATime) {
            return Err(ChangeError::UnderWay { index });
        }
        if next == *current {
            return Err(ChangeError::NoDifference);
        }
        let mut comes = next.voters().iter().filter(|&&id| !current.is_voter(id));
        let behind = comes.clone().find(|&&id| !self.has_caught_up(now, id));
        if let Some(behind) = behind.filter(|_| rules.has(Rule::LearnerCatchesUp)) {
            let node = behind.node();
            return Err(ChangeError::NotCaughtUp { node });
        }
        let goes = current.voters().iter().filter(|&&id| !next.is_voter(id));
        let differing = comes.by_ref().count() + goes.count();
        let at_once = differing == 0 || differing == 1 && change.way == Way::Shortest;
        if at_once || !rules.has(Rule::JointConsensus) {
            return Ok(next);
        }
        Ok(current.joint_with(&next, change.way != Way::Stay))
    }

    /// Whether a learner's log keeps up with this leader's (4.2.1).
    fn has_caught_up(&self, now: Time, id: MemberId) -> bool {
        let within = self.config.timing.election_timeout_min;
        let peers = self.peers();
        let place = peers.binary_search_by_key(&id, |peer| peer.id);
        let catch_up = place.ok().and_then(|at| peers[at].catch_up.as_ref());
        catch_up.is_some_and(|it| it.is_done(now, within))
    }

    fn append_configuration(
        &mut self,
        now: Time,
        next: Configuration,
        out: &mut Effects<C>,
    ) -> EntryId {
        let payload = Payload::Configuration(next.clone());
        let index = self.append_own(std::iter::once(payload), out);
        self.membership_mut().take(index, &next);
        self.reconfigure(now, out);
        self.send_to_all(now, out);
        let term = self.current_term();
        EntryId { index, term }
    }
}

/// What follows from the log.
impl<C: Measured> Raft<C> {
    /// The log has taken these entries: configurations among them take effect.
    pub(super) fn take_configurations(
        &mut self,
        now: Time,
        first: Index,
        entries: &Entries<C>,
        out: &mut Effects<C>,
    ) {
        let mut found = false;
        for (at, configuration) in entries.configurations() {
            self.membership_mut().take(first + at, configuration);
            found = true;
        }
        if found {
            self.reconfigure(now, out);
        }
    }

    /// The log is about to lose everything from `from` on: configurations there lose their effect.
    pub(super) fn drop_configurations(&mut self, now: Time, from: Index, out: &mut Effects<C>) {
        let lost = self.membership.newest();
        let known = &mut self.membership_mut().known;
        let left = known.partition_point(|&(index, _)| index < from).max(1);
        if left == known.len() {
            return;
        }
        known.truncate(left);
        let index = self.membership.newest();
        out.trace(Trace::ConfigurationRolledBack { lost, index });
        self.reconfigure(now, out);
    }

    /// A message of `term` names this machine under another generation: from here on the server is that
    /// member. Usually a change has taken it in, for the first time or anew; the generation may also be a
    /// lower one, where the change that gave the higher one was lost. The disk is the same, so term,
    /// vote and log still bind it, and what it said before carries the former id. (A driver that throws
    /// a replica's disk away refuses older generations itself.) False, and nothing changes, if the
    /// message is for another machine or of an older term.
    #[cold]
    pub(super) fn become_member(
        &mut self,
        now: Time,
        (id, term): (MemberId, Term),
        out: &mut Effects<C>,
    ) -> bool {
        if id.node() != self.node() || term < self.current_term() {
            return false;
        }
        self.leave_office(now, out);
        Rc::make_mut(&mut self.config).id = id;
        let (rules, commit) = (self.config.rules, self.commit_index);
        let membership = self.membership_mut();
        membership.votes = membership.configuration.is_voter(id);
        membership.decide_who_stands(id, rules, commit);
        self.hard_state.generation = id.generation();
        self.persist_hard_state(out);
        true
    }

    /// The log was replaced by a snapshot with this configuration.
    pub(super) fn install_configuration(
        &mut self,
        now: Time,
        index: Index,
        configuration: &Configuration,
        out: &mut Effects<C>,
    ) {
        self.membership_mut().known = vec![(index, configuration.clone())];
        if self.configuration() == configuration {
            self.membership_mut().index = index;
        }
        self.reconfigure(now, out);
    }

    fn membership_mut(&mut self) -> &mut Membership {
        Rc::make_mut(&mut self.membership)
    }

    /// Goes by the last configuration of the log from now on.
    fn reconfigure(&mut self, now: Time, out: &mut Effects<C>) {
        let (me, rules, commit) = (self.id(), self.config.rules, self.commit_index);
        if !self.membership_mut().refresh(me, rules, commit) {
            return;
        }
        let configuration = self.configuration();
        out.trace(Trace::ConfigurationAdopted {
            index: self.membership.index,
            voters: configuration.voters().len() as u32,
            outgoing: configuration.outgoing().len() as u32,
            learners: configuration.learners().len() as u32,
        });
        if let RoleState::Leader(leader) = &mut self.state {
            let old = std::mem::take(&mut leader.peers);
            let new = self.progress_of_members(now, old);
            if let RoleState::Leader(leader) = &mut self.state {
                leader.peers = new;
                // Others count now: perhaps no quorum of them is heard.
                leader.quorum_due = now;
            }
        }
    }

    /// A leader's knowledge of the other members: what it knew already, or a beginning.
    pub(super) fn progress_of_members(&self, now: Time, old: Vec<Progress>) -> Vec<Progress> {
        let (me, last, configuration) = (self.id(), self.log.last_index(), self.configuration());
        let mut old = old.into_iter().peekable();
        let others = configuration.members().into_iter().filter(|&id| id != me);
        let progress = |id| {
            while old.next_if(|peer| peer.id < id).is_some() {}
            let known = old.next_if(|peer| peer.id == id);
            let mut peer = known.unwrap_or_else(|| Progress::new(id, last + 1, now));
            let begun = peer.catch_up.take();
            let learns = configuration.is_learner(id);
            peer.catch_up =
                learns.then(|| begun.unwrap_or_else(|| Box::new(CatchUp::new(now, last))));
            peer
        };
        others.map(progress).collect()
    }

    /// The commit index has moved. A joint configuration that is committed has done its work
    /// (4.3), and so has a leader that it leaves out (4.2.2).
    #[inline]
    pub(super) fn configuration_committed(&mut self, now: Time, out: &mut Effects<C>) {
        // Most configurations ask for nothing more, and who votes stands already.
        let at_once = self.config.rules.has(Rule::ConfigurationOnAppend);
        let lasts = self.membership.votes && !self.configuration().leaves_by_itself();
        if !(at_once && lasts) {
            self.leave_configuration(now, out);
        }
    }

    #[cold]
    fn leave_configuration(&mut self, now: Time, out: &mut Effects<C>) {
        let (me, rules) = (self.id(), self.config.rules);
        if !rules.has(Rule::ConfigurationOnAppend) {
            self.reconfigure(now, out);
        }
        let commit = self.commit_index;
        self.membership_mut().decide_who_stands(me, rules, commit);
        if !self.is_leader() {
            return;
        }
        let index = self.membership.newest();
        if !self.membership.stands && rules.has(Rule::RemovedLeaderStepsDown) {
            let term = self.current_term();
            let (index, _) = self.configuration_at(self.commit_index);
            out.trace(Trace::LeaderRemoved { term, index });
            self.leave_office(now, out);
        } else if self.configuration().leaves_by_itself() && index <= self.commit_index {
            let next = self.configuration().left();
            out.trace(Trace::JointCommitted { index });
            self.append_configuration(now, next, out);
        }
    }
}

impl<C> Raft<C> {
    /// The configuration that it goes by: the last one in its log (4.1), or, if there is none
    /// there, the one it started with.
    pub fn configuration(&self) -> &Configuration {
        self.membership.configuration()
    }

    /// Where that configuration stands in its log; 0 if it started with it.
    pub fn configuration_index(&self) -> Index {
        self.membership.index
    }

    /// The entry that its configuration stands in. Where a snapshot covers that entry, its last term
    /// counts, which is no older.
    pub fn configuration_id(&self) -> EntryId {
        let index = self.configuration_index();
        let covered = || self.log.base().term;
        let term = self.log.term_at(index).unwrap_or_else(covered);
        EntryId { index, term }
    }

    /// The configuration that holds at `index` of its log, and its entry: what a snapshot up to
    /// there has to keep.
    pub fn configuration_at(&self, index: Index) -> (Index, &Configuration) {
        let known = &self.membership.known;
        let place = known.partition_point(|&(at, _)| at <= index).max(1) - 1;
        let (at, configuration) = &known[place];
        (*at, configuration)
    }
}
