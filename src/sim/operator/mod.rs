//! The operator, who changes the members and doesn't give up at once.
//!
//! A change of the members is asked of a leader, as a command is: it may have to wait for another
//! one, or for a learner to catch up, and the leader may be deposed in the middle of it. The
//! operator does what a person at a console would: asks all servers how they stand, asks whoever
//! leads for the change, asks again a little later, and asks the next leader if the change was lost.
//! It knows what packets told it, no more, and they may be lost, late or doubled. One goal is pursued
//! at a time, in the order in which they came.
//!
//! *Whom it believes.* A server that was deposed goes on leading in its own eyes until it hears of
//! that. So a leader is believed if a majority of its voters (of each half of a joint
//! configuration) has answered in the same round of questions and knew of no newer term. A single
//! voter that is cut off and campaigns in vain proves nothing.
//!
//! *What may still come of it.* A request to change the members names the configuration that it is
//! meant to replace, and a leader that goes by another one refuses it: so a copy that arrives late
//! does nothing. Until a later configuration is known to be committed, a request is *open*.
//!
//! *Who is switched off.* A configuration that is committed stays: whoever leads later has it. So
//! servers that it leaves out are switched off for good, but for those that an open request names.
//! They would campaign in vain, because nobody tells them (dissertation 4.2.3): see
//! [`Settings::keep_removed`](super::Settings::keep_removed).
//!
//! A server that takes no part, because its disk can't be trusted, says so when it is asked, and
//! will not come back under its id: it is no crashed one. The operator makes no change that leaves
//! as many of those voters as of others; and the machine of such a server can rejoin as a new one,
//! which learns and then takes the old one's place in one step. At no time does the cluster bear
//! less for it.

mod goal;
mod machines;

use super::context::Context;
use super::event::EventKind;
use super::event_log::Cause;
use super::network::Network;
use super::packet::{Content, MemberChange, MemberReply, MemberRequest, Packet};
use super::queue::Due;
use super::servers::Servers;
use crate::base::{Address, MemberId, NodeId, Span, Time};
use crate::raft::{ChangeError, Configuration, Index, Rules};
pub(super) use goal::Goal;
use std::collections::VecDeque;

/// How long it waits before it asks again.
const PAUSE: Span = Span::millis(100);

/// How long it pursues a goal.
const PATIENCE: Span = Span::secs(20);

/// The most changes that wait for the operator.
pub(super) const MAX_CHANGES: usize = 64;

/// What the operator has in mind, and what it was told.
#[derive(Clone, Debug)]
pub(super) struct Operator {
    servers: Servers,
    goals: VecDeque<Goal>,
    /// When it asks again.
    due: Time,
    /// What made it begin with the first goal.
    cause: Cause,
    /// When it gives the first goal up.
    deadline: Time,
    /// The number of this round of questions, and of the first one for this goal.
    round: u64,
    first_round: u64,
    /// Who has answered in it, and what.
    replies: Vec<(NodeId, MemberReply)>,
    /// Whether a leader was believed in it.
    acted: bool,
    /// What a leader said against the first goal: nobody has to say it twice.
    told: Option<ChangeError>,
    /// Servers that said that they take no part.
    lost: Vec<NodeId>,
    open: Vec<Open>,
}

/// A request that may still be answered by a change of the members.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Open {
    /// The index of the configuration that it is meant to replace.
    replaces: Index,
    members: Vec<NodeId>,
}

/// How it stands with the first goal.
enum GoalStatus {
    Done(Configuration),
    Waits,
    Hopeless,
}

impl Operator {
    pub fn new(servers: u32) -> Operator {
        Operator {
            servers: Servers::new(servers),
            goals: VecDeque::new(),
            due: Time::NEVER,
            cause: Cause::NONE,
            deadline: Time::NEVER,
            round: 0,
            first_round: 1,
            replies: Vec::new(),
            acted: false,
            told: None,
            lost: Vec::new(),
            open: Vec::new(),
        }
    }

    /// Whether it wants this server in.
    pub fn wants(&self, node: NodeId) -> bool {
        self.goals.iter().any(|goal| goal.wants(node))
    }

    /// Whether it has something to do.
    pub fn is_at_work(&self) -> bool {
        !self.goals.is_empty()
    }

    /// Whether no more changes can wait.
    pub fn is_busy(&self) -> bool {
        self.goals.len() >= MAX_CHANGES
    }

    /// Whether it wants this voter out.
    pub fn removes(&self, node: NodeId) -> bool {
        self.goals.iter().any(|goal| goal.removes(node))
    }

    /// Takes one goal more. Who exactly the members shall be replaces what was said about that
    /// before.
    fn add(&mut self, goal: Goal, network: &mut Network, cx: &mut Context) {
        if matches!(goal, Goal::Members(_)) {
            self.goals
                .retain(|older| !matches!(older, Goal::Members(_)));
        }
        self.goals.push_back(goal);
        if self.goals.len() == 1 {
            self.begin(network, cx);
        }
    }

    /// Begins with the first goal, if there is one.
    fn begin(&mut self, network: &mut Network, cx: &mut Context) {
        self.told = None;
        self.first_round = self.round + 1;
        self.deadline = cx.now() + PATIENCE;
        self.due = Time::NEVER;
        self.cause = cx.cause();
        if !self.goals.is_empty() {
            self.ask_all(network, cx);
        }
    }

    /// Asks every server how it stands.
    fn ask_all(&mut self, network: &mut Network, cx: &mut Context) {
        self.round += 1;
        self.replies.clear();
        self.acted = false;
        for node in self.servers.iter() {
            self.send(node, None, network, cx);
        }
        self.due = cx.now() + PAUSE;
        cx.push(self.due, Due::Operator);
    }

    fn send(
        &self,
        node: NodeId,
        change: Option<MemberChange>,
        network: &mut Network,
        cx: &mut Context,
    ) {
        let request = MemberRequest {
            round: self.round,
            change,
        };
        let packet = Packet {
            from: Address::Operator,
            to: node.into(),
            content: Content::MemberRequest(request.into()),
        };
        network.send(packet, cx);
    }

    /// It is time to go by what was answered, and to ask again or to give the first goal up.
    /// Returns the members that a goal came true with.
    fn wake(&mut self, network: &mut Network, cx: &mut Context) -> Option<Configuration> {
        if self.due != cx.now() {
            return None;
        }
        cx.follow(self.cause);
        match self.pursue(network, cx) {
            GoalStatus::Waits if cx.now() < self.deadline => {
                self.ask_all(network, cx);
                None
            }
            GoalStatus::Waits => self.settle(GoalStatus::Hopeless, network, cx),
            status => self.settle(status, network, cx),
        }
    }

    /// A server answers. Returns the members that a goal came true with.
    fn hear(
        &mut self,
        node: NodeId,
        reply: MemberReply,
        network: &mut Network,
        cx: &mut Context,
    ) -> Option<Configuration> {
        if reply.round < self.first_round || self.goals.is_empty() {
            return None;
        }
        if let Some(objection) = reply.objection {
            self.told = objection;
            if objection.is_some_and(is_final) {
                self.next_goal(network, cx);
            }
            return None;
        }
        if reply.refuses && !self.lost.contains(&node) {
            self.lost.push(node);
        }
        if reply.round != self.round || self.replies.iter().any(|(earlier, _)| *earlier == node) {
            return None;
        }
        self.replies.push((node, reply));
        if self.replies.len() < self.servers.iter().count() {
            return None;
        }
        let status = self.pursue(network, cx);
        self.settle(status, network, cx)
    }

    /// Goes on to the next goal, if the first one came true or can't.
    fn settle(
        &mut self,
        status: GoalStatus,
        network: &mut Network,
        cx: &mut Context,
    ) -> Option<Configuration> {
        let members = match status {
            GoalStatus::Waits => return None,
            GoalStatus::Hopeless => {
                cx.emit(EventKind::ChangeAbandoned);
                None
            }
            GoalStatus::Done(members) => Some(members),
        };
        self.next_goal(network, cx);
        members
    }

    fn next_goal(&mut self, network: &mut Network, cx: &mut Context) {
        self.goals.pop_front();
        self.begin(network, cx);
    }

    /// The leader of the highest term that has answered in this round, if it still leads.
    fn believed(&self) -> Option<(NodeId, MemberReply)> {
        let leaders = self.replies.iter().filter(|(_, reply)| reply.leads);
        let (leader, reply) = leaders.max_by_key(|(_, reply)| reply.term)?;
        let follows = |member: MemberId| {
            let mut others = self.replies.iter();
            others.any(|(id, other)| {
                *id == member.node() && !other.refuses && other.term <= reply.term
            })
        };
        // More than half, whatever rule is off: what follows can't be taken back.
        let believed = reply.members.is_quorum(Rules::ALL, follows);
        believed.then(|| (*leader, reply.clone()))
    }

    /// Takes the next step towards the first goal by what was answered, once in a round.
    fn pursue(&mut self, network: &mut Network, cx: &mut Context) -> GoalStatus {
        let Some((leader, reply)) = self.believed().filter(|_| !self.acted) else {
            return GoalStatus::Waits;
        };
        self.acted = true;
        let members = &reply.members;
        if reply.committed {
            let index = reply.configuration.index;
            self.open.retain(|open| open.replaces >= index);
        }
        let Some(goal) = self.goals.front() else {
            return GoalStatus::Waits;
        };
        if self.servers.gone().any(|node| goal.wants(node)) {
            return GoalStatus::Hopeless;
        }
        let stays = members.is_joint() && !members.leaves_by_itself();
        let change = match goal {
            Goal::Leave if stays => None,
            goal => match goal.next(members) {
                Some(change) => Some(change),
                None if reply.committed && !members.leaves_by_itself() => {
                    return GoalStatus::Done(members.clone());
                }
                None => return GoalStatus::Waits,
            },
        };
        let is_lost = |node: &NodeId| self.lost.contains(node);
        let decides = change.as_ref().is_none_or(|change| {
            let lost = change.voters.iter().filter(|voter| is_lost(voter)).count();
            2 * lost < change.voters.len()
        });
        let in_vain = |node: &&NodeId| !members.has_voter_on(**node) && goal.wants_vote(**node);
        if !decides || self.lost.iter().any(|node| in_vain(&node)) {
            return GoalStatus::Hopeless;
        }
        let named = change.as_ref().map_or(&[][..], |it| &it.voters);
        let learners = change.as_ref().map_or(&[][..], |it| &it.learners);
        let open = Open {
            replaces: reply.configuration.index,
            members: [named, learners].concat(),
        };
        if !self.open.contains(&open) {
            self.open.push(open);
        }
        let change = MemberChange {
            replaces: reply.configuration,
            change,
            told: self.told,
        };
        self.send(leader, Some(change), network, cx);
        GoalStatus::Waits
    }

    /// Whether a request that names this server may still be answered by a change.
    fn may_want(&self, node: NodeId) -> bool {
        self.wants(node) || self.open.iter().any(|open| open.members.contains(&node))
    }
}

/// Whether asking again is in vain.
fn is_final(objection: ChangeError) -> bool {
    !matches!(
        objection,
        ChangeError::NotLeader { .. }
            | ChangeError::UnderWay { .. }
            | ChangeError::NotCommittedInTerm
            | ChangeError::NotCaughtUp { .. }
    )
}
