//! What a client does with what servers answer it.

use super::{ClientState, Clients, route};
use crate::base::NodeId;
use crate::kv::{Descriptor, ShardMap};
use crate::sim::context::Context;
use crate::sim::event::EventKind;
use crate::sim::network::Network;
use crate::sim::packet::{Answer, Hint, Waiter};
use std::rc::Rc;

impl Clients {
    /// A client hears from a server. What it no longer waits for is ignored.
    pub(in crate::sim) fn hear(
        &mut self,
        waiter: Waiter,
        node: NodeId,
        answer: Answer,
        network: &mut Network,
        cx: &mut Context,
    ) {
        let Waiter {
            client: id,
            sequence,
            attempt,
        } = waiter;
        let at = (id.0 - 1) as usize;
        let client = &mut self.clients[at];
        if client.is_idle() || client.sequence != sequence {
            return;
        }
        match answer {
            Answer::Outcome(outcome) => {
                // Followers answer reads, too.
                let operation = client.operations.back();
                if client.leader.is_none() || !operation.is_some_and(|it| it.operation.is_read()) {
                    client.leader = Some(node);
                }
                if let Some(route) = &mut client.route {
                    route.is_led_by(client.leader);
                }
                cx.lead(EventKind::Returned {
                    client: id,
                    sequence,
                    node,
                    outcome: outcome.clone(),
                });
                self.end(at, Some(outcome), cx.now());
            }
            Answer::SessionExpired => {
                client.session += 1;
                client.tries.refused(attempt);
                cx.lead(EventKind::SessionExpired {
                    client: id,
                    sequence,
                    node,
                });
                self.give_up(at, true, cx);
            }
            Answer::WrongShard(descriptors) => {
                client.tries.refused(attempt);
                self.sent_elsewhere(waiter, node, &descriptors, network, cx);
            }
            Answer::Frozen => {
                client.tries.refused(attempt);
                if self.waits_for(waiter) {
                    self.try_again(at, None, network, cx);
                }
            }
            Answer::Map(map) => {
                client.tries.refused(attempt);
                self.finds_its_way(waiter, node, &map, network, cx);
            }
            Answer::NotLeader(hint) => {
                client.tries.refused(attempt);
                self.turned_away(waiter, node, hint, false, network, cx);
            }
            Answer::LeadershipLost(hint) => {
                client.tries.lost();
                self.turned_away(waiter, node, hint, true, network, cx);
            }
        }
    }

    /// Whether a try is the one that a client waits for.
    fn waits_for(&self, waiter: Waiter) -> bool {
        let client = &self.clients[(waiter.client.0 - 1) as usize];
        let attempt = client.operations.back().map(|operation| operation.attempts);
        client.state == ClientState::Asking && attempt == Some(waiter.attempt)
    }

    /// A node says that the key is in another group, or that its own is elsewhere.
    fn sent_elsewhere(
        &mut self,
        waiter: Waiter,
        node: NodeId,
        descriptors: &[Rc<Descriptor>],
        network: &mut Network,
        cx: &mut Context,
    ) {
        let (waits, at) = (self.waits_for(waiter), (waiter.client.0 - 1) as usize);
        let client = &mut self.clients[at];
        let Some(route) = &mut client.route else {
            return;
        };
        let news = route.learn(descriptors);
        if !waits {
            return;
        }
        cx.lead(EventKind::SentElsewhere {
            client: waiter.client,
            sequence: waiter.sequence,
            node,
            group: route.group,
        });
        route.is_led_by(None);
        client.leader = None;
        if news {
            self.turn(at, network, cx);
        } else {
            self.try_again(at, None, network, cx);
        }
    }

    /// Group 0's map comes in.
    fn finds_its_way(
        &mut self,
        waiter: Waiter,
        node: NodeId,
        map: &Rc<ShardMap>,
        network: &mut Network,
        cx: &mut Context,
    ) {
        let (waits, at) = (self.waits_for(waiter), (waiter.client.0 - 1) as usize);
        if let Some(route) = &mut self.clients[at].route {
            route.replace(map);
        }
        if waits {
            cx.lead(EventKind::MapCame {
                client: waiter.client,
                sequence: waiter.sequence,
                node,
            });
            self.turn(at, network, cx);
        }
    }

    /// Turns to the group that has the key by the map, and asks there at once.
    fn turn(&mut self, at: usize, network: &mut Network, cx: &mut Context) {
        let client = &mut self.clients[at];
        let (Some(route), Some(operation)) = (&mut client.route, client.operations.back()) else {
            return;
        };
        client.leader = route.turn_to(operation.operation.key());
        client.round.begin();
        if operation.attempts >= client.max_attempts {
            return self.give_up(at, false, cx);
        }
        let spread = route::servers(client.route.as_deref(), &self.servers).first_for(client.id);
        let node = client.leader.unwrap_or(spread);
        self.ask(at, node, network, cx);
    }

    /// A server sends a client elsewhere. If that is the answer to an earlier try, the client has
    /// gone there already.
    fn turned_away(
        &mut self,
        waiter: Waiter,
        node: NodeId,
        hint: Hint,
        appended: bool,
        network: &mut Network,
        cx: &mut Context,
    ) {
        if !self.waits_for(waiter) {
            return;
        }
        let at = (waiter.client.0 - 1) as usize;
        let client = &mut self.clients[at];
        client.leader = hint.leader.filter(|&leader| leader != node);
        cx.lead(EventKind::Redirected {
            client: waiter.client,
            sequence: waiter.sequence,
            node,
            hint: client.leader,
            appended,
        });
        self.try_again(at, Some(hint), network, cx);
    }
}
