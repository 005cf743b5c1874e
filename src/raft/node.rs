//! One server: its state (figure 2), the single entry point, and the changes of role (figure 4).

use super::append::AppendEntries;
use super::configuration::Configuration;
use super::input::{Effects, Input, WakeReason};
use super::leader::Leader;
use super::log::Log;
use super::membership::Membership;
use super::message::{Body, Message};
use super::progress::Progress;
use super::read_index::Forwarded;
use super::rules::{Rule, Rules};
use super::snapshot::{Incoming, Snapshot};
use super::trace::{CampaignReason, DropReason, Trace};
use super::types::{EntryId, HardState, Index, Measured, Payload, Role, Term, Timing};
use crate::base::{CopyOnWrite, Draws, MemberId, NodeId, Purpose, Span, Time};
use std::collections::VecDeque;
use std::rc::Rc;

/// What a server is told when it starts.
#[derive(Clone, Debug)]
pub struct Config {
    /// Who it is: a founder of the group (`node.into()`), or [`MemberId::unborn`] and told by the first
    /// message to it which member it is. What its disk says later goes before that.
    pub id: MemberId,
    /// Who the members were where the log begins: nobody, on a server that is to join. What the
    /// log says later goes before it.
    pub members: Configuration,
    /// Its times and limits.
    pub timing: Timing,
    /// The rules that hold.
    pub rules: Rules,
    /// Of two servers with equal logs, the one with the higher priority doesn't vote for the
    /// other. All equal: no preference.
    pub priority: u8,
    /// The seed of its election timeouts.
    pub seed: u64,
    /// How often it has started before: a restarted server draws other timeouts.
    pub incarnation: u32,
    /// Which disk it has: one that replaced another has a greater number.
    pub disk: u32,
}

/// A server, as a pure function of its inputs: [`Raft::step`] is the only way in (but
/// for rules and priority, which a laboratory turns), [`Effects`] the only way out. It reads no clock, does no I/O and draws from its own seed alone.
#[derive(Clone, Debug)]
pub struct Raft<C> {
    pub(super) config: Rc<Config>,
    /// Persistent state, as it will be once the writes handed out are durable.
    pub(super) hard_state: HardState,
    pub(super) log: CopyOnWrite<Log<C>>,
    /// Who counts, by that log.
    pub(super) membership: Rc<Membership>,
    /// Nothing can be made durable at present.
    pub(super) disk_full: bool,
    /// The newest snapshot: it covers at least what the log lacks.
    pub(super) snapshot: Option<Rc<Snapshot>>,
    /// A snapshot that is being received.
    pub(super) incoming: Option<Box<Incoming>>,
    /// The last index of the log that is durable on this server.
    pub(super) durable_index: Index,
    pub(super) commit_index: Index,
    pub(super) state: RoleState,
    pub(super) timer: Timer,
    /// When it last heard the leader of its term, or started.
    pub(super) heard_leader: Option<Time>,
    /// Reads that went on to the leader.
    pub(super) forwarded: Rc<Forwarded>,
    /// Elections that it has stood for since it followed a leader, or led.
    pub(super) attempts: u32,
    /// The number of its last PreVote. A server that starts again begins far above.
    pub(super) campaign: u64,
    /// Its clock at the last step.
    now: Time,
    pub(super) draws: Draws,
    /// Writes that were handed out and haven't come back.
    pub(super) writes: u32,
    /// Emptied buffers of writes that came back, for the next ones.
    pub(super) spare: Vec<Vec<Message<C>>>,
}

/// The state of a role.
#[derive(Clone, Debug)]
pub(super) enum RoleState {
    Follower { leader: Option<MemberId> },
    PreCandidate { votes: Vec<(MemberId, bool)> },
    Candidate { votes: Vec<(MemberId, bool)> },
    Leader(Box<Leader>),
}

/// An election timer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Timer {
    /// When it was set.
    pub set_at: Time,
    /// When it runs out.
    pub due: Time,
}

impl<C: Measured> Raft<C> {
    /// A server that starts for the first time: term 0, an empty log.
    pub fn new(config: Config, now: Time) -> Raft<C> {
        Raft::recover(config, HardState::default(), None, Log::default(), now)
    }

    /// A server that starts from what its disk holds: the log, and the snapshot that covers what
    /// the log lacks. What was committed beyond the snapshot it learns again.
    pub fn recover(
        mut config: Config,
        hard_state: HardState,
        snapshot: Option<Rc<Snapshot>>,
        log: Log<C>,
        now: Time,
    ) -> Raft<C> {
        if hard_state.generation != MemberId::UNBORN {
            config.id = MemberId::new(config.id.node(), hard_state.generation);
        }
        // Who has seen no term has answered no leader.
        let may_have_heard = hard_state.current_term > 0;
        let waits = may_have_heard && config.rules.has(Rule::LeaseRestartWait);
        let forwarded = Forwarded::new(config.incarnation);
        let campaign = u64::from(config.incarnation) << 32;
        let stream = Draws::link(config.id.node().0, config.incarnation);
        let begins = match &snapshot {
            Some(snapshot) => (snapshot.last.index, snapshot.configuration.clone()),
            None => (0, config.members.clone()),
        };
        let mut raft = Raft {
            commit_index: begins.0,
            membership: Membership::of(config.id, begins, &log, config.rules).into(),
            draws: Draws::new(config.seed, Purpose::ElectionTimeout, stream),
            durable_index: log.last_index(),
            config: config.into(),
            hard_state,
            log: log.into(),
            snapshot,
            incoming: None,
            disk_full: false,
            state: RoleState::Follower { leader: None },
            timer: Timer {
                set_at: now,
                due: now,
            },
            heard_leader: waits.then_some(now),
            forwarded: forwarded.into(),
            attempts: 0,
            campaign,
            now,
            writes: 0,
            spare: Vec::new(),
        };
        raft.reset_timer(now);
        raft
    }

    /// Takes one input in and puts everything that follows from it into `out`. `now` is this
    /// server's own clock, which may go back. `out` is only added to: the caller takes what it acts on.
    pub fn step(&mut self, now: Time, input: Input<'_, C>, out: &mut Effects<C>) {
        if now < self.now {
            self.set_back(self.now.since(now));
        }
        self.now = now;
        match input {
            Input::Receive(message) => self.receive(now, message, out),
            Input::DiskFull(full) => self.disk_filled(now, full, out),
            Input::Persisted(write) => self.persisted(now, write, out),
            Input::Propose(commands) => self.propose(now, commands, out),
            Input::Read { id, level } => self.read(now, id, level, out),
            Input::Wake => self.wake_up(now, out),
            Input::Campaign => self.time_out(now, CampaignReason::Told, out),
            Input::Transfer(to) => self.transfer(now, to, out),
            Input::Change(change) => self.change(now, change, out),
            Input::LeaveJoint => self.leave_joint(now, out),
            Input::Compact { index, state } => self.compact(index, state, out),
        }
        if self.forwarded.is_busy() {
            self.settle_forwarded(out);
        }
        out.commit_index = self.commit_index;
    }

    fn wake_up(&mut self, now: Time, out: &mut Effects<C>) {
        if now < self.wake().0 {
            return;
        }
        if !self.is_leader() {
            self.time_out(now, CampaignReason::TimedOut, out);
        } else if !self.check_quorum(now, out) {
            self.check_transfer(now, out);
            self.keep_speaking(now, out);
        }
    }

    fn receive(&mut self, now: Time, message: Message<C>, out: &mut Effects<C>) {
        let Message {
            from,
            to,
            term,
            body,
        } = message;
        if self.disk_full {
            return self.drop_message(from, term, DropReason::DiskFull, out);
        }
        // Who sends it doesn't matter: a server that joins doesn't know its leader yet, and one
        // that lags behind may not know the candidate (dissertation 4.1).
        let meant = to == self.id() || self.become_member(now, (to, term), out);
        if !meant || from == to {
            return self.drop_message(from, term, DropReason::Stranger, out);
        }
        if term > self.current_term() {
            if self.ignores(now, from, term, &body, out) {
                return;
            }
            self.adopt_term(now, term, from, out);
        }
        match body {
            Body::RequestVote(candidate) => self.on_request_vote(now, from, term, candidate, out),
            Body::RequestPreVote {
                candidate,
                campaign,
            } => self.on_request_pre_vote(now, from, term, (candidate, campaign), out),
            Body::AppendEntries {
                prev_log,
                entries,
                leader_commit,
                round,
            } => {
                let append = AppendEntries {
                    prev_log,
                    entries,
                    leader_commit,
                    round,
                };
                self.on_append_entries(now, from, term, append, out);
            }
            Body::InstallSnapshot { chunk, round } => {
                self.on_install_snapshot(now, from, term, (&chunk, round), out);
            }
            _ if term < self.current_term() => {
                self.drop_message(from, term, DropReason::OldTerm, out)
            }
            Body::RequestVoteReply { granted } => {
                self.on_request_vote_reply(now, from, granted, false, out)
            }
            Body::RequestPreVoteReply { granted, campaign } => {
                self.on_request_pre_vote_reply(now, from, granted, campaign, out);
            }
            Body::TimeoutNow => self.on_timeout_now(now, from, out),
            Body::ReadIndex { batch } => self.on_read_index(now, from, batch, out),
            Body::ReadIndexReply { batch, index } => {
                self.on_read_index_reply(now, from, batch, index, out);
            }
            Body::AppendEntriesAccepted {
                match_index,
                round,
                disk,
            } => self.on_append_entries_accepted(now, (from, disk), match_index, round, out),
            Body::AppendEntriesRejected {
                prev_log_index,
                hint,
                round,
                disk,
            } => {
                self.on_append_entries_rejected(now, (from, disk), prev_log_index, hint, round, out)
            }
            Body::InstallSnapshotReply {
                last,
                bytes,
                round,
                disk,
            } => self.on_install_snapshot_reply(now, (from, disk), (last, bytes), round, out),
        }
    }

    pub(super) fn drop_message(
        &self,
        from: MemberId,
        term: Term,
        why: DropReason,
        out: &mut Effects<C>,
    ) {
        out.trace(Trace::Dropped {
            from: from.node(),
            term,
            why,
        });
    }

    // ---- role changes ----

    /// Section 5.1: whoever sees a newer term adopts it and follows.
    fn adopt_term(&mut self, now: Time, term: Term, from: MemberId, out: &mut Effects<C>) {
        out.trace(Trace::TermAdopted {
            term,
            from: from.node(),
        });
        self.step_down(now, from, out);
        self.set_vote(term, None, out);
    }

    /// Gives up what it stood or worked for because of a message.
    pub(super) fn step_down(&mut self, now: Time, because_of: MemberId, out: &mut Effects<C>) {
        let (term, was_leader) = (self.current_term(), self.is_leader());
        if self.leave_office(now, out) {
            out.trace(Trace::SteppedDown {
                term,
                was_leader,
                because_of: because_of.node(),
            });
        }
    }

    /// Becomes a follower that knows no leader. False if it was a follower already.
    pub(super) fn leave_office(&mut self, now: Time, out: &mut Effects<C>) -> bool {
        match std::mem::replace(&mut self.state, RoleState::Follower { leader: None }) {
            RoleState::Follower { .. } => return false,
            RoleState::PreCandidate { .. } | RoleState::Candidate { .. } => {}
            RoleState::Leader(leader) => {
                self.reset_timer(now);
                let reads = leader.reads.iter();
                out.reads
                    .extend(reads.filter_map(|read| read.turned_away(None)));
            }
        }
        true
    }

    pub(super) fn become_leader(&mut self, now: Time, votes: u32, out: &mut Effects<C>) {
        let (term, last) = (self.current_term(), self.log.last());
        out.trace(Trace::BecameLeader { term, last, votes });
        self.attempts = 0;
        self.state = RoleState::Leader(Box::new(Leader {
            peers: self.progress_of_members(now, Vec::new()),
            heartbeat_due: now + self.config.timing.heartbeat,
            quorum_due: now + self.config.timing.election_timeout_max,
            round: 1,
            rounds: VecDeque::from([(1, now)]),
            reads: VecDeque::new(),
            not_own_term: 0,
            transfer: None,
            lease_is_over: false,
        }));
        if self.config.rules.has(Rule::NoopOnElection) {
            self.append_own(std::iter::once(Payload::Noop), out);
        }
        self.send_to_all(now, out);
    }

    /// Starts the election timer anew, with a fresh random length (section 5.2). A narrow range
    /// may let servers stand at the same time again and again: it widens with each election in
    /// vain, up to twice the shortest timeout.
    pub(super) fn reset_timer(&mut self, now: Time) {
        let Timing {
            election_timeout_min: shortest,
            election_timeout_max: longest,
            ..
        } = self.config.timing;
        let widened = shortest + Span(shortest.0 / 4) * u64::from(self.attempts.min(4));
        let due = now + self.draws.span(shortest, longest.max(widened));
        self.timer = Timer { set_at: now, due };
    }
}

/// What can be asked of a server.
impl<C> Raft<C> {
    /// Who it is.
    pub fn id(&self) -> MemberId {
        self.config.id
    }

    /// The machine that it runs on.
    pub fn node(&self) -> NodeId {
        self.config.id.node()
    }

    /// Goes by other rules from now on. Only a laboratory does that.
    pub fn set_rules(&mut self, rules: Rules) {
        Rc::make_mut(&mut self.config).rules = rules;
    }

    /// What it was told when it started.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// current_term.
    pub fn current_term(&self) -> Term {
        self.hard_state.current_term
    }

    /// current_term and voted_for.
    pub fn hard_state(&self) -> HardState {
        self.hard_state
    }

    /// Its role.
    pub fn role(&self) -> Role {
        match self.state {
            RoleState::Follower { .. } => Role::Follower,
            RoleState::PreCandidate { .. } => Role::PreCandidate,
            RoleState::Candidate { .. } => Role::Candidate,
            RoleState::Leader(_) => Role::Leader,
        }
    }

    /// Whether it leads.
    pub fn is_leader(&self) -> bool {
        matches!(self.state, RoleState::Leader(_))
    }

    /// The leader that it knows of: itself, or the one it follows.
    pub fn leader(&self) -> Option<MemberId> {
        match self.state {
            RoleState::Follower { leader } => leader,
            RoleState::PreCandidate { .. } | RoleState::Candidate { .. } => None,
            RoleState::Leader(_) => Some(self.id()),
        }
    }

    /// Its log.
    pub fn log(&self) -> &Log<C> {
        &self.log
    }

    /// commit_index.
    pub fn commit_index(&self) -> Index {
        self.commit_index
    }

    /// The last index of its log that is durable on its own disk.
    pub fn durable_index(&self) -> Index {
        self.durable_index
    }

    /// Whether it knows that its disk is full.
    pub fn disk_is_full(&self) -> bool {
        self.disk_full
    }

    /// Writes under way to its disk.
    pub fn writes_under_way(&self) -> u32 {
        self.writes
    }

    /// The votes, or the answers to its PreVote, that a candidate has: who, and whether it was a
    /// yes.
    pub fn votes(&self) -> &[(MemberId, bool)] {
        match &self.state {
            RoleState::PreCandidate { votes } | RoleState::Candidate { votes } => votes,
            _ => &[],
        }
    }

    /// What a leader knows of the other members, by id.
    pub fn peers(&self) -> &[Progress] {
        match &self.state {
            RoleState::Leader(leader) => &leader.peers,
            _ => &[],
        }
    }

    /// Whom it is handing the leadership over to.
    pub fn transfers_to(&self) -> Option<MemberId> {
        match &self.state {
            RoleState::Leader(leader) => leader.transfer.map(|transfer| transfer.to),
            _ => None,
        }
    }

    /// Its election timer; `None` while it leads, or is no voter and so never stands.
    pub fn election_timer(&self) -> Option<Timer> {
        (!self.is_leader() && self.membership.stands).then_some(self.timer)
    }

    /// When it wants to be woken at the latest, and why.
    pub fn wake(&self) -> (Time, WakeReason) {
        match &self.state {
            RoleState::Leader(leader) => leader.wake(),
            _ if !self.membership.stands || self.disk_full => (Time::NEVER, WakeReason::Election),
            _ => (self.timer.due, WakeReason::Election),
        }
    }

    /// Where its log ends.
    pub fn last(&self) -> EntryId {
        self.log.last()
    }
}
