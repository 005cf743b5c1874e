//! Leader election (section 5.2) and its restriction (section 5.4.1).
//!
//! A follower that hears no leader for an election timeout asks for votes in a new term. A
//! majority makes it leader; any two majorities share a server, and a server votes once in a
//! term, so a term has at most one leader. The restriction keeps servers from winning that lack
//! a committed entry: every majority holds a server that has it and refuses.
//!
//! The dissertation adds what a cluster needs to stay calm when servers come and go:
//!
//! - *PreVote* (9.6): a server first asks whether it would be elected, without a new term. One
//!   that was cut off can't depose a leader that serves everybody else when it comes back.
//! - *Stickiness* (4.2.3): who has heard a leader within the minimum election timeout neither
//!   votes nor adopts a candidate's term. Leases rest on it (6.4.1), so a server that has just
//!   started keeps to it too: it may have heard a leader before.
//! - *CheckQuorum* (6.2): a leader that hears no majority for an election timeout resigns. With
//!   stickiness it has to: those who still hear it will elect nobody else.
//!
//! From practice comes the *priority*: of two servers with equal logs, the one of the higher
//! priority doesn't vote for the other. Refusing is always safe, and its own timer runs too. But
//! perhaps it can't win: so a server that has stood in vain twice asks with the highest priority.

use super::input::Effects;
use super::message::{Body, Candidacy};
use super::node::{Raft, RoleState};
use super::progress::Progress;
use super::rules::Rule;
use super::trace::{CampaignReason, DropReason, Refusal, Trace};
use super::types::{Measured, Term, Timing};
use crate::base::{MemberId, Time};
use std::rc::Rc;

/// Elections that a server stands for in vain before its priority counts no more.
const PREFERRED: u32 = 2;

/// The candidate's side.
impl<C: Measured> Raft<C> {
    /// Gives the server another priority, see [`Config::priority`](super::Config::priority). That
    /// asserts nothing: votes that were given stay.
    pub fn set_priority(&mut self, priority: u8) {
        Rc::make_mut(&mut self.config).priority = priority;
    }

    /// The election timer ran out, or a person says so.
    pub(super) fn time_out(&mut self, now: Time, why: CampaignReason, out: &mut Effects<C>) {
        if self.is_leader() || !self.membership.stands || self.disk_full {
            return;
        }
        self.attempts = self.attempts.saturating_add(1);
        if self.config.rules.has(Rule::PreVote) {
            self.ask_first(now, why, out);
        } else {
            self.campaign(now, why, out);
        }
    }

    /// PreVote: asks who would vote for this server in the next term. Nobody's term changes, and
    /// its own yes promises nothing that a disk would have to remember.
    fn ask_first(&mut self, now: Time, why: CampaignReason, out: &mut Effects<C>) {
        let (me, term, last) = (self.id(), self.current_term() + 1, self.log.last());
        out.trace(Trace::PreVoteStarted { term, last, why });
        self.state = RoleState::PreCandidate { votes: Vec::new() };
        self.reset_timer(now);
        self.campaign += 1;
        let request = Body::RequestPreVote {
            candidate: self.candidacy(false),
            campaign: self.campaign,
        };
        self.ask_voters(request, out);
        self.on_request_vote_reply(now, me, true, true, out);
    }

    /// Asks for votes in the next term. The requests leave once the term and the own vote are
    /// durable: otherwise a crash could make this server vote twice in that term.
    pub(super) fn campaign(&mut self, now: Time, why: CampaignReason, out: &mut Effects<C>) {
        let (me, term, last) = (self.id(), self.current_term() + 1, self.log.last());
        out.trace(Trace::ElectionStarted { term, last, why });
        self.state = RoleState::Candidate { votes: Vec::new() };
        self.reset_timer(now);
        self.set_vote(term, Some(me), out);
        let candidacy = self.candidacy(matches!(why, CampaignReason::Transfer { .. }));
        self.ask_voters(Body::RequestVote(candidacy), out);
    }

    /// Who has stood in vain stands with the highest priority: perhaps nobody of a higher one than
    /// its own can win.
    fn candidacy(&self, transfer: bool) -> Candidacy {
        Candidacy {
            last_log: self.log.last(),
            priority: self.priority_after(self.attempts),
            transfer,
        }
    }

    fn priority_after(&self, attempts: u32) -> u8 {
        match attempts > PREFERRED {
            true => u8::MAX,
            false => self.config.priority,
        }
    }

    /// The priority with which it asks for votes the next time: its own, or the highest once it has
    /// stood in vain too often.
    pub fn next_priority(&self) -> u8 {
        self.priority_after(self.attempts.saturating_add(1))
    }

    fn ask_voters(&mut self, request: Body<C>, out: &mut Effects<C>) {
        for peer in self.configuration().members() {
            if peer != self.id() && self.configuration().is_voter(peer) {
                self.send_durably(peer, request.clone(), out);
            }
        }
    }

    /// An answer to a PreVote arrived. The term doesn't tell one PreVote from the next: an answer
    /// to an earlier one says nothing any more.
    pub(super) fn on_request_pre_vote_reply(
        &mut self,
        now: Time,
        from: MemberId,
        granted: bool,
        campaign: u64,
        out: &mut Effects<C>,
    ) {
        let asks = matches!(self.state, RoleState::PreCandidate { .. });
        if asks && campaign != self.campaign {
            return self.drop_message(from, self.current_term(), DropReason::Stale, out);
        }
        self.on_request_vote_reply(now, from, granted, true, out);
    }

    /// An answer arrived (`pre`: to a PreVote), or this server's own vote counts by now.
    pub(super) fn on_request_vote_reply(
        &mut self,
        now: Time,
        from: MemberId,
        granted: bool,
        pre: bool,
        out: &mut Effects<C>,
    ) {
        let term = self.current_term();
        let votes = match &mut self.state {
            RoleState::Candidate { votes } if !pre => votes,
            RoleState::PreCandidate { votes } if pre => votes,
            _ => return self.drop_message(from, term, DropReason::NotExpected, out),
        };
        let configuration = self.membership.configuration();
        if !configuration.is_voter(from) {
            // A server that removes itself doesn't count itself.
            if from != self.config.id {
                self.drop_message(from, term, DropReason::Stranger, out);
            }
            return;
        }
        match votes.iter_mut().find(|(voter, _)| *voter == from) {
            // The refusal was the answer to a request of an older term, and late.
            Some((_, yes)) if granted && !*yes => *yes = true,
            Some(_) => return self.drop_message(from, term, DropReason::Stale, out),
            None => votes.push((from, granted)),
        }
        let answer = |id| {
            let vote = votes.iter().find(|&&(voter, _)| voter == id);
            vote.map(|&(_, yes)| yes)
        };
        let tally = configuration.tally(self.config.rules, answer);
        let (votes, needed) = (tally.granted, tally.needed);
        out.trace(if pre {
            Trace::PreVoteCounted {
                from: from.node(),
                term: term + 1,
                granted,
                votes,
                needed,
            }
        } else {
            Trace::VoteCounted {
                from: from.node(),
                term,
                granted,
                votes,
                needed,
            }
        });
        match (tally.won(), pre) {
            (true, true) => self.campaign(now, CampaignReason::PreVotes, out),
            (true, false) => self.become_leader(now, votes, out),
            (false, _) => {}
        }
    }
}

/// The voter's side.
impl<C: Measured> Raft<C> {
    /// Figure 2, RequestVote, receiver.
    pub(super) fn on_request_vote(
        &mut self,
        now: Time,
        from: MemberId,
        term: Term,
        candidate: Candidacy,
        out: &mut Effects<C>,
    ) {
        let (theirs, ours) = (candidate.last_log, self.log.last());
        let refusal = self
            .old_term(term)
            .or_else(|| self.taken(from))
            // The term may have come by another way than this request.
            .or_else(|| self.sticks(now, candidate))
            .or_else(|| self.unfit(candidate));
        match refusal {
            Some(why) => out.trace(Trace::VoteRefused {
                to: from.node(),
                term,
                why,
            }),
            None => {
                out.trace(Trace::VoteGranted {
                    to: from.node(),
                    term,
                    theirs,
                    ours,
                });
                self.reset_timer(now);
                if self.hard_state.voted_for != Some(from) {
                    self.set_vote(term, Some(from), out);
                }
            }
        }
        let granted = refusal.is_none();
        self.send_durably(from, Body::RequestVoteReply { granted }, out);
    }

    /// Would this server vote for the sender in the term after `term`? It promises nothing and
    /// changes nothing (9.6).
    pub(super) fn on_request_pre_vote(
        &mut self,
        now: Time,
        from: MemberId,
        term: Term,
        (candidate, campaign): (Candidacy, u64),
        out: &mut Effects<C>,
    ) {
        let refusal = self
            .old_term(term)
            .or_else(|| self.loyalty(now))
            .or_else(|| self.unfit(candidate));
        let (to, term) = (from, term + 1);
        out.trace(match refusal {
            Some(why) => Trace::PreVoteRefused {
                to: to.node(),
                term,
                why,
            },
            None => Trace::PreVoteGranted {
                to: to.node(),
                term,
            },
        });
        let granted = refusal.is_none();
        self.send_durably(from, Body::RequestPreVoteReply { granted, campaign }, out);
    }

    /// Whether a request of a newer term is to be ignored, term and all, because this server
    /// hears a leader (4.2.3).
    pub(super) fn ignores(
        &self,
        now: Time,
        to: MemberId,
        term: Term,
        request: &Body<C>,
        out: &mut Effects<C>,
    ) -> bool {
        let why = match request {
            Body::RequestVote(candidacy) => self.sticks(now, *candidacy),
            Body::RequestPreVote { .. } => self.loyalty(now),
            _ => None,
        };
        if let Some(why) = why {
            out.trace(match request {
                Body::RequestVote(_) => Trace::VoteRefused {
                    to: to.node(),
                    term,
                    why,
                },
                _ => Trace::PreVoteRefused {
                    to: to.node(),
                    term: term + 1,
                    why,
                },
            });
        }
        why.is_some()
    }

    /// Refuses out of loyalty, but for a candidate that the leader itself has sent.
    fn sticks(&self, now: Time, candidate: Candidacy) -> Option<Refusal> {
        let bound = !candidate.transfer && self.config.rules.has(Rule::LeaderStickiness);
        bound.then(|| self.loyalty(now))?
    }

    /// Refuses while this server leads, or has heard a leader within the minimum election
    /// timeout.
    fn loyalty(&self, now: Time) -> Option<Refusal> {
        let timeout = self.config.timing.election_timeout_min;
        let heard = self.heard_leader.is_some_and(|at| now.since(at) < timeout);
        let leader = self.leader();
        (heard || self.is_leader()).then_some(Refusal::HearsLeader {
            leader: leader.map(|id| id.node()),
        })
    }

    fn old_term(&self, term: Term) -> Option<Refusal> {
        let ours = self.current_term();
        (term < ours).then_some(Refusal::OldTerm { ours })
    }

    fn taken(&self, from: MemberId) -> Option<Refusal> {
        let for_whom = self.hard_state.voted_for.filter(|&other| other != from)?;
        let rules = self.config.rules;
        rules
            .has(Rule::OneVotePerTerm)
            .then_some(Refusal::AlreadyVoted {
                for_whom: for_whom.node(),
            })
    }

    fn unfit(&self, candidate: Candidacy) -> Option<Refusal> {
        let (theirs, ours) = (candidate.last_log, self.log.last());
        // The order of entry ids is that of section 5.4.1.
        if theirs < ours && self.config.rules.has(Rule::LogUpToDate) {
            return Some(Refusal::LogBehind { theirs, ours });
        }
        let (priority, own) = (candidate.priority, self.config.priority);
        if theirs == ours && priority < own && !candidate.transfer {
            return Some(Refusal::LowerPriority {
                theirs: priority,
                ours: own,
            });
        }
        None
    }
}

/// The leader's side.
impl<C: Measured> Raft<C> {
    /// Resigns if no majority was heard for an election timeout (6.2). Whether it did.
    pub(super) fn check_quorum(&mut self, now: Time, out: &mut Effects<C>) -> bool {
        let (rules, term) = (self.config.rules, self.current_term());
        let Timing {
            election_timeout_max: timeout,
            heartbeat,
            ..
        } = self.config.timing;
        let voters = self.membership.configuration();
        let RoleState::Leader(leader) = &mut self.state else {
            return false;
        };
        // What falls due before the next heartbeat is looked at now: mostly that puts it off, and
        // spares the leader from being woken for it.
        if now + heartbeat < leader.quorum_due {
            return false;
        }
        let heard_at = |peer: &Progress| peer.heard.unwrap_or(peer.since);
        // One more than the time, because who isn't known counts as 0.
        let known = leader.known((self.config.id, now.0 + 1), |peer| heard_at(peer).0 + 1);
        let heard = voters.held_by_quorum(rules, 0, known);
        let until = heard.map_or(now, |at| Time(at - 1) + timeout);
        if until > now || !rules.has(Rule::CheckQuorum) {
            leader.quorum_due = if until > now { until } else { now + timeout };
            return false;
        }
        let lately = |peer: &Progress| now.since(heard_at(peer)) < timeout;
        let voters = leader.peers.iter().filter(|peer| !peer.is_learner());
        let heard = voters.filter(|peer| lately(peer)).count() as u32;
        let heard = heard + u32::from(self.membership.votes);
        let needed = self.configuration().quorum(rules);
        self.leave_office(now, out);
        out.trace(Trace::Resigned {
            term,
            heard,
            needed,
        });
        true
    }
}
