//! A node is emptied and switched off; and what can't be done in a store of many shards.

use crate::base::{Address, GroupId, NodeId};
use crate::sim::action::Action;
use crate::sim::event::EventKind;
use crate::sim::packet::{Content, Packet};
use crate::sim::simulation::Simulation;
use crate::sim::why_not::{ActionError, WhyNot};

impl Simulation {
    /// The operator tells the members of group 0 that a node is to be emptied.
    pub(in crate::sim) fn drain(&mut self, node: NodeId) {
        for seed in self.settings.seeds() {
            let packet = Packet {
                from: Address::Operator,
                to: seed.into(),
                content: Content::Drain(node),
            };
            self.network.send(packet, &mut self.cx);
        }
    }

    /// A controller hears that a node is to be emptied.
    pub(in crate::sim) fn hear_of_drain(&mut self, host: usize, node: NodeId) {
        if let Some(controller) = &mut self.hosts[host].controller {
            controller.drain(node);
        }
    }

    /// An empty node is switched off for good.
    pub(in crate::sim) fn dismiss(&mut self, host: usize) {
        let it = &mut self.hosts[host];
        if it.replicas().any(|replica| !replica.absent) || it.retired {
            return;
        }
        it.crash();
        it.retired = true;
        let node = it.id;
        self.clients.remove_server(node);
        self.network.remove_server(node);
        self.cx.emit(EventKind::Retired { node });
    }

    /// Whether the controller leaves that to a person.
    pub(in crate::sim) fn check_with_shards(&self, action: &Action) -> Result<(), ActionError> {
        let error = |field, why| Err(ActionError { field, why });
        match action {
            Action::PromoteServer { .. }
            | Action::ChangeMembers { .. }
            | Action::LeaveJoint
            | Action::RejoinServer { .. } => error("action", WhyNot::ByController),
            &Action::RemoveServer { node } => {
                let Some(host) = self.host(node) else {
                    return error("node", WhyNot::NoServer { node });
                };
                if host.retired {
                    return error("node", WhyNot::Removed { node });
                }
                if host.slot_of_replica(GroupId::REGISTRY).is_some() {
                    return error("node", WhyNot::HoldsRegistry { node });
                }
                let others = self.hosts.iter().filter(|it| !it.retired && it.id != node);
                let (left, needed) = (others.count() as u32, self.settings.shards.replicas);
                match left < needed {
                    true => error("node", WhyNot::TooFewLeft { left, needed }),
                    false => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }
}
