//! The administrator, who changes the membership and doesn't give up at once.
//!
//! A change of membership is asked of a leader, as a command is: it may have to wait for another
//! one, or for a learner to catch up, and the leader may be deposed in the middle of it. The
//! administrator does what a person at a console would: looks who leads, asks, looks again a little
//! later, and asks the next leader if the change was lost. It stands beside the machines: no
//! network comes between. One goal is pursued at a time, in the order in which they came.
//!
//! Servers that a change leaves out are switched off for good once it is committed, and once the
//! other machines don't contradict the leader that says so (see `confirm`). Such a server
//! would campaign in vain, because nobody tells it (dissertation 4.2.3): see
//! [`Settings::keep_removed`](super::Settings::keep_removed).
//!
//! A server that takes no part, because its disk can't be trusted, will not come back under its
//! id: it is no crashed one. The administrator makes no change that leaves as many of those voters
//! as of others; and the machine of such a server can rejoin as a new one, which learns and then
//! takes the old one's place in one step. At no time does the cluster bear less for it.

mod confirm;

use super::event::EventKind;
use super::host::Host;
use super::queue::Due;
use super::simulation::Simulation;
use crate::base::{NodeId, Span, Time};
use crate::raft::{Change, ChangeError, Configuration, Input, Raft, Way};
use std::collections::VecDeque;

/// How long it waits before it looks again.
const PAUSE: Span = Span::millis(100);

/// How long it pursues a goal.
const PATIENCE: Span = Span::secs(20);

/// The most changes that wait for the administrator.
pub(super) const MAX_CHANGES: usize = 64;

/// What the membership shall be.
#[derive(Clone, Debug)]
pub(super) enum Goal {
    /// This server gets the log.
    Learner(NodeId),
    /// This one votes.
    Voter(NodeId),
    /// This one is out.
    Out(NodeId),
    /// Exactly these.
    Members(Change),
    /// The joint configuration is left.
    Leave,
    /// Where `lost` is, `by` is, once it has caught up.
    Replace { lost: NodeId, by: NodeId },
}

/// What the administrator has in mind.
#[derive(Clone, Debug)]
pub(super) struct Administrator {
    goals: VecDeque<Goal>,
    /// When it looks again.
    due: Time,
    /// When it gives the first goal up.
    deadline: Time,
    /// What a leader said against the first goal: nobody has to say it twice.
    told: Option<ChangeError>,
}

impl Default for Administrator {
    fn default() -> Administrator {
        Administrator {
            goals: VecDeque::new(),
            due: Time::NEVER,
            deadline: Time::NEVER,
            told: None,
        }
    }
}

/// How it stands with a goal.
enum GoalStatus {
    Done(Configuration),
    Waits,
    Hopeless,
}

impl Goal {
    /// The next change towards it from `now` on; `None` if it has come true.
    fn next(&self, now: &Configuration) -> Option<Change> {
        let now = now.left();
        let (mut voters, mut learners) = (now.voters().to_vec(), now.learners().to_vec());
        let mut way = Way::Shortest;
        match self {
            Goal::Learner(node) if !now.has(*node) => learners.push(*node),
            Goal::Voter(node) if !now.is_voter(*node) => {
                voters.push(*node);
                learners.retain(|learner| learner != node);
            }
            Goal::Out(node) if now.has(*node) => {
                voters.retain(|voter| voter != node);
                learners.retain(|learner| learner != node);
            }
            Goal::Replace { lost, by } if now.has(*lost) => {
                learners.retain(|learner| learner != by);
                let members = voters.iter_mut().chain(&mut learners);
                members.filter(|id| *id == lost).for_each(|id| *id = *by);
            }
            Goal::Replace { by, .. } if !now.has(*by) => learners.push(*by),
            Goal::Members(change) => {
                (voters, learners) = (change.voters.clone(), change.learners.clone());
                way = change.way;
                let wanted =
                    Configuration::new(voters.iter().copied()).with_learners(learners.clone());
                if wanted == now {
                    return None;
                }
            }
            _ => return None,
        }
        // A stranger learns first (dissertation 4.2.1).
        let strangers: Vec<_> = voters.iter().copied().filter(|&id| !now.has(id)).collect();
        if !strangers.is_empty() {
            voters = now.voters().to_vec();
            learners = [now.learners(), &strangers].concat();
            way = Way::Shortest;
        }
        Some(Change {
            voters,
            learners,
            way,
        })
    }

    /// Whether it wants this server in.
    fn wants(&self, node: NodeId) -> bool {
        match self {
            Goal::Learner(it) | Goal::Voter(it) => *it == node,
            Goal::Members(Change {
                voters, learners, ..
            }) => voters.contains(&node) || learners.contains(&node),
            Goal::Replace { by, .. } => *by == node,
            Goal::Out(_) | Goal::Leave => false,
        }
    }

    /// Whether it wants this server to vote, or to catch up with those who do.
    fn wants_vote(&self, node: NodeId) -> bool {
        match self {
            Goal::Members(change) => change.voters.contains(&node),
            goal => goal.wants(node),
        }
    }

    /// Whether it wants a voter out that is one now.
    fn removes(&self, node: NodeId) -> bool {
        match self {
            Goal::Out(it) => *it == node,
            Goal::Members(change) => !change.voters.contains(&node),
            _ => false,
        }
    }
}

impl Administrator {
    /// Whether it wants this server in.
    pub fn wants(&self, node: NodeId) -> bool {
        self.goals.iter().any(|goal| goal.wants(node))
    }

    /// Whether no more changes can wait.
    pub fn is_busy(&self) -> bool {
        self.goals.len() >= MAX_CHANGES
    }

    /// Whether it wants this voter out.
    pub fn removes(&self, node: NodeId) -> bool {
        self.goals.iter().any(|goal| goal.removes(node))
    }
}

impl Simulation {
    /// Sets up one more machine, which shall learn.
    pub(super) fn add_server(&mut self) {
        let node = self.set_up();
        self.cx.emit(EventKind::Joined { node });
        self.add_goal(Goal::Learner(node));
    }

    /// Sets the machine of a server that takes no part up anew, which shall take its place.
    pub(super) fn rejoin(&mut self, was: NodeId) {
        let Some(at) = self.place(was) else { return };
        let Some(why) = self.hosts[at].refuses() else {
            return;
        };
        let node = self.set_up();
        self.hosts[at].rejoined_as = Some(node);
        self.cx.emit(EventKind::Rejoined { node, was, why });
        self.add_goal(Goal::Replace {
            lost: was,
            by: node,
        });
    }

    /// The next machine. It knows nobody, and waits for a leader to speak to it.
    fn set_up(&mut self) -> NodeId {
        let id = NodeId(self.hosts.len() as u32 + 1);
        let (settings, seed, now) = (&self.settings, self.seed, self.cx.now());
        let host = Host::new(
            id,
            Configuration::default(),
            settings,
            self.rules,
            seed,
            now,
        );
        self.hosts.push(host);
        self.network.add_server(id);
        self.clients.add_server();
        self.chaos_state.add_server();
        self.checks.add_server();
        id
    }

    /// Has the administrator pursue something. Who exactly the members shall be replaces what was
    /// said about that before.
    pub(super) fn add_goal(&mut self, goal: Goal) {
        let goals = &mut self.administrator.goals;
        if matches!(goal, Goal::Members(_)) {
            goals.retain(|older| !matches!(older, Goal::Members(_)));
        }
        goals.push_back(goal);
        if goals.len() == 1 {
            self.administrator.told = None;
            self.administrator.deadline = self.cx.now() + PATIENCE;
            self.administrate();
        }
    }

    /// The administrator looks again, if that is due.
    pub(super) fn look_again(&mut self) {
        if self.administrator.due == self.cx.now() {
            self.administrate();
        }
    }

    fn administrate(&mut self) {
        self.administrator.due = Time::NEVER;
        while let Some(goal) = self.administrator.goals.front().cloned() {
            match self.pursue(&goal) {
                GoalStatus::Waits if self.cx.now() < self.administrator.deadline => {
                    self.administrator.due = self.cx.now() + PAUSE;
                    self.cx.push(self.administrator.due, Due::Administrator);
                    return;
                }
                GoalStatus::Waits => self.cx.emit(EventKind::ChangeAbandoned),
                GoalStatus::Hopeless => {}
                GoalStatus::Done(members) => self.retire_all_but(&members),
            }
            self.administrator.goals.pop_front();
            self.administrator.told = None;
            self.administrator.deadline = self.cx.now() + PATIENCE;
        }
    }

    fn pursue(&mut self, goal: &Goal) -> GoalStatus {
        let gone = |host: &Host| host.retired && goal.wants(host.id);
        if self.hosts.iter().any(gone) {
            return GoalStatus::Hopeless;
        }
        let Some(raft) = self.present_leader() else {
            return GoalStatus::Waits;
        };
        let at = (raft.id().0 - 1) as usize;
        let members = raft.configuration().clone();
        let stays = members.is_joint() && !members.leaves_by_itself();
        let change = match goal {
            Goal::Leave if stays => None,
            goal => match goal.next(&members) {
                Some(change) => Some(change),
                None if self.is_confirmed(raft) => return GoalStatus::Done(members),
                None => return GoalStatus::Waits,
            },
        };
        let lost = |host: &Host| host.refuses.is_some() && !members.is_voter(host.id);
        let in_vain = |host: &Host| lost(host) && goal.wants_vote(host.id);
        let decides = change
            .as_ref()
            .is_none_or(|it| self.could_decide(&it.voters));
        if !decides || self.hosts.iter().any(in_vain) {
            self.cx.emit(EventKind::ChangeAbandoned);
            return GoalStatus::Hopeless;
        }
        let objection = match &change {
            Some(change) => {
                let now = self.hosts[at].clock.read(self.cx.now());
                raft.can_change(now, change).err()
            }
            None => raft.can_leave_joint().err(),
        };
        if objection.is_none() || objection != self.administrator.told {
            self.administrator.told = objection;
            self.drive(at, change.as_ref().map_or(Input::LeaveJoint, Input::Change));
            self.effects.changed = None;
        }
        match objection {
            None
            | Some(
                ChangeError::NotLeader { .. }
                | ChangeError::UnderWay { .. }
                | ChangeError::NotCommittedInTerm
                | ChangeError::NotCaughtUp { .. },
            ) => GoalStatus::Waits,
            Some(_) => GoalStatus::Hopeless,
        }
    }

    /// Switches off what is neither a member nor wanted. The members are confirmed.
    fn retire_all_but(&mut self, members: &Configuration) {
        for at in 0..self.hosts.len() {
            let host = &mut self.hosts[at];
            let node = host.id;
            let stays = self.administrator.wants(node) || self.settings.keep_removed;
            if !host.retired && !members.has(node) && !stays {
                host.crash();
                host.retired = true;
                self.clients.remove_server(node);
                self.network.remove_server(node);
                self.cx.emit(EventKind::Retired { node });
            }
        }
    }

    /// Whether more of these voters may take part than will never again.
    pub(super) fn could_decide(&self, voters: &[NodeId]) -> bool {
        let lost = |id: &&NodeId| self.host(**id).is_some_and(|host| host.refuses().is_some());
        2 * voters.iter().filter(lost).count() < voters.len()
    }

    /// Who the members are, by the leader; without one, by the longest log that is up.
    pub fn configuration(&self) -> &Configuration {
        let rafts = || self.hosts.iter().filter_map(Host::raft);
        let leader = self.leader().and_then(|node| self.host(node)?.raft());
        leader
            .or_else(|| rafts().max_by_key(|raft| raft.last()))
            .map_or(self.hosts[0].bootstrap(), Raft::configuration)
    }
}
