//! What a node does that the controller asks it for.

use super::routing::is_settled;
use crate::base::{GroupId, MemberId};
use crate::kv::{
    Absorb, AdminCommand, Command, Demand, Fence, Freeze, ShardRule, Split, StepRequest, TakeBack,
};
use crate::raft::Input;
use crate::sim::packet::MemberChange;
use crate::sim::replica::ReplicaIndex;
use crate::sim::simulation::Simulation;
use std::rc::Rc;

impl Simulation {
    /// Puts a command of the cluster into a group's log, if this replica leads.
    pub(super) fn propose(&mut self, at: ReplicaIndex, command: AdminCommand) {
        let command = Command::Admin(Rc::new(command));
        let mut commands = std::mem::take(&mut self.commands);
        commands.push(command);
        self.drive(at, Input::Propose(&mut commands));
        commands.clear();
        self.commands = commands;
        self.effects.proposed = None;
    }

    /// The controller asks a group's leader for a step.
    pub(in crate::sim) fn take_step(&mut self, host: usize, request: &StepRequest) {
        let StepRequest {
            group,
            fence,
            ref demand,
        } = *request;
        let Some(slot) = self.hosts[host].slot_of_replica(group) else {
            return;
        };
        let at = ReplicaIndex { host, slot };
        if !self.replica(at).is_leader() {
            return;
        }
        let fenced = self.settings.shards.rules.has(ShardRule::ControllerFence);
        let known = self.replica(at).store.shard().map(|shard| shard.fence);
        match known.map(|known| fence.cmp(&known)) {
            // It comes from a controller that was deposed, or is an old copy.
            Some(std::cmp::Ordering::Less) if fenced => return,
            // It is written down before anything is done for it: whoever leads next knows it, too.
            Some(std::cmp::Ordering::Greater) => {
                self.propose(at, AdminCommand::Fence(fence));
            }
            _ => self.do_step(at, fence, demand),
        }
        self.tell_controllers(host, self.settings.shards.heartbeat);
    }

    fn do_step(&mut self, at: ReplicaIndex, fence: Fence, demand: &Demand) {
        match demand {
            Demand::Transfer { to } => self.drive(at, Input::Transfer(*to)),
            Demand::Change { replaces, change } if !self.replica(at).store.is_frozen() => {
                let wanted = MemberChange {
                    replaces: *replaces,
                    change: Some(change.clone()),
                    told: None,
                };
                self.change_members(at, &wanted);
            }
            Demand::Split {
                range_epoch,
                at: border,
                child,
            } => {
                let replica = self.replica(at);
                let shard = replica.store.shard();
                let fits = shard.is_some_and(|it| it.range_epoch == *range_epoch);
                if fits && replica.raft().is_some_and(is_settled) {
                    let split = Split {
                        fence,
                        range_epoch: *range_epoch,
                        at: border.clone(),
                        child: *child,
                    };
                    self.propose(at, AdminCommand::Split(split));
                }
            }
            demand => {
                if let Some(command) = self.merge_step(at, fence, demand) {
                    self.propose(at, command);
                }
            }
        }
    }

    /// What a step of a merge puts into the log of a group, if the group is as the controller saw it.
    fn merge_step(&self, at: ReplicaIndex, fence: Fence, demand: &Demand) -> Option<AdminCommand> {
        let replica = self.replica(at);
        let (shard, raft) = (replica.store.shard()?, replica.raft()?);
        let frozen = shard.merges.frozen.is_some();
        match *demand {
            Demand::Freeze {
                replaces,
                range_epoch,
                target,
            } => {
                let fits = raft.configuration_id() == replaces && is_settled(raft) && !frozen;
                let freeze = Freeze {
                    fence,
                    range_epoch,
                    target,
                };
                (fits && shard.range_epoch == range_epoch).then_some(AdminCommand::Freeze(freeze))
            }
            Demand::Absorb {
                range_epoch,
                ref source,
                at: index,
                held,
            } => {
                let absorb = Absorb {
                    fence,
                    range_epoch,
                    source: source.group,
                    source_epoch: source.range_epoch,
                    keys: source.keys.clone(),
                    at: index,
                    held,
                    carried: Vec::new(),
                };
                replica.store.absorbs(&absorb)?;
                let absorb = self.carried(at.host, absorb).filter(|_| is_settled(raft))?;
                Some(AdminCommand::Absorb(absorb))
            }
            Demand::Refuse { range_epoch } => {
                let refusal = TakeBack { fence, range_epoch };
                (shard.range_epoch == range_epoch).then_some(AdminCommand::Refuse(refusal))
            }
            Demand::Thaw { range_epoch } => {
                let thaw = TakeBack { fence, range_epoch };
                (shard.range_epoch == range_epoch && frozen).then_some(AdminCommand::Thaw(thaw))
            }
            _ => None,
        }
    }

    /// A replica is no member any more, nor is any up to that one.
    pub(in crate::sim) fn bury(&mut self, host: usize, group: GroupId, last: MemberId) {
        let it = &mut self.hosts[host];
        let Some(slot) = it.slot_of_replica(group) else {
            return;
        };
        let replica = &mut it.replicas[slot];
        let here = replica
            .raft
            .as_ref()
            .map_or(MemberId::UNBORN, |raft| raft.id().generation());
        if here > last.generation() {
            return;
        }
        let waiting = std::mem::take(&mut *replica.readers);
        replica.crash();
        replica.absent = true;
        replica.tombstone = replica.tombstone.max(last.generation());
        it.disk.forget(slot);
        let node = it.id;
        self.cx.emit(crate::sim::EventKind::Buried { node, group });
        for reader in waiting {
            let answer = crate::sim::Answer::WrongShard(self.hosts[host].heirs(group));
            self.answer(host, reader.waiter, answer);
        }
    }
}
