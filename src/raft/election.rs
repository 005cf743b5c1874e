//! Leader election (section 5.2) and its restriction (section 5.4.1).
//!
//! A follower that hears no leader for an election timeout asks for votes in a new term. A
//! majority makes it leader; any two majorities share a server, and a server votes once in a
//! term, so a term has at most one leader. The restriction keeps servers from winning that lack
//! a committed entry: every majority holds a server that has it and refuses.

use super::input::Effects;
use super::message::Body;
use super::node::{Raft, State};
use super::rules::Rule;
use super::trace::{Odd, Refusal, Trace};
use super::types::{HardState, Position, Term};
use crate::base::{NodeId, Time};

impl<C: Clone> Raft<C> {
    /// Asks for votes in the next term. The requests leave once the term and the own vote are
    /// durable: otherwise a crash could make this server vote twice in that term.
    pub(super) fn campaign(&mut self, now: Time, forced: bool, out: &mut Effects<C>) {
        if self.is_leader() || !self.config.voters.is_voter(self.id()) {
            return;
        }
        let (me, term, last) = (self.id(), self.current_term() + 1, self.log.last());
        out.traces
            .push(Trace::ElectionStarted { term, last, forced });
        self.state = State::Candidate { votes: Vec::new() };
        self.reset_timer(now);
        self.set_hard_state(
            HardState {
                current_term: term,
                voted_for: Some(me),
            },
            out,
        );
        let voters = self.config.voters.clone();
        for &peer in voters.voters().iter().filter(|&&peer| peer != me) {
            self.send_durably(peer, Body::RequestVote { last }, out);
        }
    }

    /// Figure 2, RequestVote, receiver.
    pub(super) fn on_request_vote(
        &mut self,
        now: Time,
        from: NodeId,
        term: Term,
        theirs: Position,
        out: &mut Effects<C>,
    ) {
        let ours = self.log.last();
        let refusal = self.refusal(from, term, theirs, ours);
        match refusal {
            Some(why) => out.trace(Trace::VoteRefused {
                to: from,
                term,
                why,
            }),
            None => {
                out.trace(Trace::VoteGranted {
                    to: from,
                    term,
                    theirs,
                    ours,
                });
                self.reset_timer(now);
                if self.hard_state.voted_for != Some(from) {
                    self.set_hard_state(
                        HardState {
                            current_term: term,
                            voted_for: Some(from),
                        },
                        out,
                    );
                }
            }
        }
        self.send_durably(
            from,
            Body::Vote {
                granted: refusal.is_none(),
            },
            out,
        );
    }

    fn refusal(
        &self,
        from: NodeId,
        term: Term,
        theirs: Position,
        ours: Position,
    ) -> Option<Refusal> {
        let rules = self.config.rules;
        if term < self.current_term() {
            return Some(Refusal::OldTerm {
                ours: self.current_term(),
            });
        }
        let taken = self.hard_state.voted_for.filter(|&other| other != from);
        if let Some(for_whom) = taken.filter(|_| rules.has(Rule::OneVotePerTerm)) {
            return Some(Refusal::AlreadyVoted { for_whom });
        }
        // Position's order is the one of section 5.4.1.
        if theirs < ours && rules.has(Rule::LogUpToDate) {
            return Some(Refusal::LogBehind { theirs, ours });
        }
        None
    }

    /// A vote arrived, or this server's own vote became durable.
    pub(super) fn on_vote(&mut self, now: Time, from: NodeId, granted: bool, out: &mut Effects<C>) {
        let term = self.current_term();
        let State::Candidate { votes } = &mut self.state else {
            return self.drop_message(from, term, Odd::NotExpected, out);
        };
        if votes.iter().any(|&(voter, _)| voter == from) {
            return self.drop_message(from, term, Odd::Stale, out);
        }
        votes.push((from, granted));
        let answer = |id| {
            votes
                .iter()
                .find(|&&(voter, _)| voter == id)
                .map(|&(_, yes)| yes)
        };
        let tally = self.config.voters.tally(self.config.rules, answer);
        let (votes, needed) = (tally.granted, tally.needed);
        out.trace(Trace::VoteCounted {
            from,
            term,
            granted,
            votes,
            needed,
        });
        if tally.won() {
            self.become_leader(now, votes, out);
        }
    }
}
