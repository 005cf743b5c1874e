//! The fold of what people and chaos do.

use super::super::action::{Action, Fault};
use super::super::network::LinkSettings;
use super::{Digest, node, pair};
use crate::base::Span;

impl Digest {
    pub(super) fn action(&mut self, action: &Action) {
        match action {
            Action::Request {
                operation,
                to,
                attempts,
            } => {
                self.words([1, node(*to), (*attempts).into()]);
                self.operation(operation);
            }
            Action::SetLoad { per_second } => self.words([2, (*per_second).into()]),
            Action::Crash { node } => self.words([3, node.0.into()]),
            Action::Restart { node } => self.words([4, node.0.into()]),
            Action::Pause { node } => self.words([5, node.0.into()]),
            Action::Resume { node } => self.words([6, node.0.into()]),
            Action::TimeOut { node } => self.words([7, node.0.into()]),
            Action::Partition { groups } => {
                self.words([8, groups.len() as u64]);
                groups.iter().for_each(|group| self.nodes(group));
            }
            Action::Heal => self.word(9),
            Action::Cut { from, to } => self.words([10, pair(from.0, to.0)]),
            Action::Restore { from, to } => self.words([11, pair(from.0, to.0)]),
            Action::SetLink { from, to, link } => {
                self.words([12, pair(from.0, to.0)]);
                self.link(link);
            }
            Action::SetNetwork { link } => {
                self.word(13);
                self.link(link);
            }
            Action::SetDisk {
                node,
                fsync_min,
                fsync_max,
            } => {
                self.words([14, node.0.into(), fsync_min.0, fsync_max.0]);
            }
            Action::Drop { message } => self.words([15, *message]),
            Action::Delay {
                message,
                by: Span(by),
            } => self.words([16, *message, *by]),
            Action::Duplicate { message } => self.words([17, *message]),
            Action::DeliverNow { message } => self.words([18, *message]),
            Action::SetChaos { chaos } => {
                self.words([19, Fault::ALL.len() as u64]);
                let rates = Fault::ALL.iter().map(|&fault| chaos.rate(fault));
                rates.for_each(|rate| self.word(rate.0.into()));
            }
            Action::TransferLeadership { from, to } => self.words([20, pair(from.0, to.0)]),
            Action::Compact { node } => self.words([21, node.0.into()]),
            Action::SetClock { node, skew, drift } => {
                self.words([
                    22,
                    pair(node.0, drift.cast_unsigned()),
                    skew.cast_unsigned(),
                ]);
            }
            Action::JumpClock { node, by } => self.words([23, node.0.into(), by.cast_unsigned()]),
            Action::Disk { node, fault } => {
                self.words([24, node.0.into()]);
                self.disk_fault(*fault);
            }
            Action::SetRules { rules } => self.words([25, rules.bits().into()]),
            Action::AddServer => self.word(30),
            Action::PromoteServer { node } => self.words([31, node.0.into()]),
            Action::RemoveServer { node } => self.words([32, node.0.into()]),
            Action::ChangeMembers {
                voters,
                learners,
                way,
            } => {
                self.words([33, *way as u64]);
                self.nodes(voters);
                self.nodes(learners);
            }
            Action::LeaveJoint => self.word(34),
            Action::RejoinServer { node } => self.words([35, node.0.into()]),
            Action::SetClientNetwork { link } => {
                self.word(36);
                self.link(link);
            }
            Action::SetPriority { node, priority } => {
                self.words([37, node.0.into(), (*priority).into()]);
            }
        }
    }

    fn link(&mut self, link: &LinkSettings) {
        let LinkSettings {
            latency_min,
            latency_max,
            loss,
            duplicate,
            reorder,
        } = *link;
        self.words([
            latency_min.0,
            latency_max.0,
            pair(loss.0, duplicate.0),
            reorder.into(),
        ]);
    }
}
