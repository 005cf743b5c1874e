//! What falls due: packets that arrive, timers that run out, fsyncs that are complete, load.

#[cfg(not(target_arch = "wasm32"))]
use super::aside::AsideKind;
use super::disk::{self, Queued};
use super::event::{EventKind, Loss};
use super::event_log::Cause;
use super::host::{Power, Waiting};
use super::invariants::Fact;
use super::network::InFlight;
use super::packet::{Answer, Content, Packet, Waiter};
use super::queue::Due;
use super::replica::ReplicaIndex;
use super::simulation::Simulation;
use crate::base::{Address, NodeId, Time};
use crate::kv::{Command, MANY_SHARDS};
use crate::raft::{Input, Raft};

impl Simulation {
    /// A packet reaches its end, or the point where it is lost.
    #[inline(always)]
    pub(super) fn arrive(&mut self, flight: InFlight) {
        self.cx.follow(flight.departed);
        if let Some(why) = flight.lost {
            return self.lose(&flight, why);
        }
        let Address::Node(node) = flight.packet.to else {
            return self.deliver(0, flight);
        };
        let at = (node.0 - 1) as usize;
        let (many, rules) = (self.settings.shards.are_many(), self.settings.shards.rules);
        if many && self.hosts[at].power == Power::Up {
            self.expects(at, &flight.packet.content);
        }
        let host = &mut self.hosts[at];
        match host.power {
            Power::Up if many && host.is_not_born(&flight.packet.content, rules) => {
                self.lose(&flight, Loss::Refused);
            }
            Power::Up if host.takes_no_part(&flight.packet.content) => {
                self.lose(&flight, Loss::Refused);
            }
            Power::Up => self.deliver(at, flight),
            Power::Crashed => self.lose(&flight, Loss::Down),
            Power::Paused if host.is_full() => self.lose(&flight, Loss::Overflow),
            Power::Paused => host.waiting.push_back(Waiting::Packet(flight)),
        }
    }

    pub(super) fn lose(&mut self, flight: &InFlight, why: Loss) {
        self.cx.emit(EventKind::Lost {
            message: flight.id,
            from: flight.packet.from,
            to: flight.packet.to,
            kind: flight.kind(),
            why,
        });
    }

    #[inline(always)]
    fn deliver(&mut self, host: usize, flight: InFlight) {
        let kind = flight.kind();
        let Packet { from, to, content } = flight.packet;
        self.cx.lead(EventKind::Delivered {
            message: flight.id,
            from,
            to,
            kind,
        });
        self.handle(host, from, content);
    }

    /// Acts on what a packet says.
    #[inline(always)]
    pub(super) fn handle(&mut self, host: usize, from: Address, content: Content) {
        match content {
            Content::Raft(group, message) => {
                if let Some(slot) = self.hosts[host].slot(group) {
                    self.drive(ReplicaIndex { host, slot }, Input::Receive(message));
                }
            }
            Content::Request(group, waiter, session, operation) => {
                match self.hosts[host].slot_of_replica(group) {
                    Some(slot) => {
                        self.serve(ReplicaIndex { host, slot }, waiter, session, operation);
                    }
                    None => {
                        let heirs = self.hosts[host].heirs(group);
                        self.answer(host, waiter, Answer::WrongShard(heirs));
                    }
                }
            }
            Content::MemberRequest(request) => {
                if let Some(reserve) = self.reserve {
                    (reserve.serve_operator)(self, host, &request);
                }
            }
            Content::MemberReply(reply) => {
                if let (Address::Node(node), Some(reserve)) = (from, self.reserve) {
                    (reserve.operator_hears)(self, node, *reply);
                }
            }
            Content::Answer(waiter, answer) => {
                if let Address::Node(node) = from {
                    let Simulation {
                        clients,
                        network,
                        cx,
                        ..
                    } = self;
                    clients.hear(waiter, node, answer, network, cx);
                }
            }
            content if MANY_SHARDS => self.deliver_of_shards(host, from, content),
            _ => {}
        }
    }

    pub(super) fn wake(&mut self, at: ReplicaIndex, due: Time) {
        let host = &mut self.hosts[at.host];
        let Some(replica) = host.replicas.get(at.slot) else {
            return;
        };
        if replica.timer_at != due {
            return;
        }
        host.replicas[at.slot].timer_at = Time::NEVER;
        if host.power != Power::Up {
            return;
        }
        // The timer may have been set anew since: then the key only has to be.
        let shown = host.clock.read(due);
        let replica = &mut host.replicas[at.slot];
        let runs_out = |raft: &Raft<Command>| raft.wake().0 <= shown;
        if replica.raft.as_ref().is_some_and(runs_out) {
            self.drive(at, Input::Wake);
        } else {
            replica.arm(at, &host.clock, &mut self.cx);
        }
    }

    pub(super) fn synced(&mut self, at: usize) {
        let host = &mut self.hosts[at];
        let now = self.cx.now();
        if host.disk.due() != Some(now) {
            return;
        }
        if host.disk.tears() {
            let node = host.id;
            self.cx.follow(host.disk.torn_by);
            return self.crash(node);
        }
        self.cx.follow(host.disk.syncs_for());
        let mut next = host.disk.slot_in_sync(0);
        while let Some(slot) = next {
            self.see(ReplicaIndex { host: at, slot }, Fact::Synced);
            next = self.hosts[at].disk.slot_in_sync(slot + 1);
        }
        let host = &mut self.hosts[at];
        host.disk.complete(&mut self.durable);
        if let Some(due) = host.disk.sync(now) {
            self.cx.push(due, Due::Synced(at as u32));
        }
        let mut next = disk::next_slot(&self.durable, 0);
        while let Some(slot) = next {
            self.tell_synced(ReplicaIndex { host: at, slot });
            next = disk::next_slot(&self.durable, slot + 1);
        }
        while let Some(queued) = self.durable.pop_front() {
            let host = &mut self.hosts[at];
            match host.power {
                Power::Paused => host.waiting.push_back(Waiting::Persisted(queued)),
                _ => self.persisted(at, queued),
            }
        }
    }

    /// Tells that a replica's writes are durable: many writes, one event, to which the newest that wrote
    /// anything led.
    fn tell_synced(&mut self, at: ReplicaIndex) {
        let host = &self.hosts[at.host];
        let (volume, group) = (&host.disk.volumes[at.slot], host.replicas[at.slot].group);
        let of_slot = self.durable.iter().filter(|it| it.slot == at.slot);
        let newest = of_slot.max_by_key(|it| !it.write.is_empty());
        self.cx.follow(newest.map_or(Cause::NONE, |it| it.cause));
        self.cx.lead(EventKind::Synced {
            node: host.id,
            group,
            term: volume.hard_state().current_term,
            last: volume.log().last(),
        });
        let of_slot = self.durable.iter_mut().filter(|it| it.slot == at.slot);
        of_slot.for_each(|it| it.cause = self.cx.cause());
        #[cfg(not(target_arch = "wasm32"))]
        self.cx.log.note(AsideKind::Synced {
            writes: self.durable.iter().filter(|it| it.slot == at.slot).count() as u32,
        });
    }

    /// A server's write is durable.
    fn persisted(&mut self, host: usize, queued: Queued) {
        let Queued {
            slot,
            life,
            write,
            cause,
        } = queued;
        if self.hosts[host].replicas[slot].life != life {
            // Whoever wrote it was buried meanwhile, or a split has made another replica of it.
            return;
        }
        self.cx.follow(cause);
        self.drive(ReplicaIndex { host, slot }, Input::Persisted(write));
    }

    pub(super) fn load(&mut self) {
        let nodes = self.hosts.len() as u32;
        let next = self.workload.next(nodes, &mut self.cx);
        let Some((operation, to)) = next else { return };
        // A person's requests always find a client that the load leaves alone.
        let most = self.settings.clients.many as usize;
        if let Some(client) = self.clients.idle(most) {
            let Simulation {
                clients,
                network,
                cx,
                ..
            } = self;
            clients.begin(client, operation, to, 0, network, cx);
        }
    }

    /// A server goes on after a pause: what waited comes first, then its timer.
    pub(super) fn resume(&mut self, node: NodeId) {
        let Some(at) = self.place(node) else { return };
        let host = &mut self.hosts[at];
        host.power = Power::Up;
        let waiting = std::mem::take(&mut *host.waiting);
        let packets = waiting.iter().filter(|it| matches!(it, Waiting::Packet(_)));
        self.cx.lead(EventKind::Resumed {
            node,
            waiting: packets.count() as u32,
        });
        let resumed = self.cx.cause();
        self.tell_of_space(at);
        for waiting in waiting {
            match waiting {
                Waiting::Packet(flight) => self.arrive(flight),
                Waiting::Persisted(queued) => {
                    #[cfg(not(target_arch = "wasm32"))]
                    self.cx.log.note(AsideKind::Heard {
                        node,
                        group: self.hosts[at].replicas[queued.slot].group,
                        synced: queued.cause.seq(),
                    });
                    self.persisted(at, queued);
                }
            }
        }
        self.cx.follow(resumed);
        self.wake_replicas(at);
    }

    /// Has all servers of a machine look at their clock.
    pub(super) fn wake_replicas(&mut self, host: usize) {
        for slot in 0..self.hosts[host].replicas.len() {
            self.drive(ReplicaIndex { host, slot }, Input::Wake);
        }
    }

    /// Answers a client.
    pub(super) fn answer(&mut self, host: usize, waiter: Waiter, answer: Answer) {
        let packet = Packet {
            from: self.hosts[host].id.into(),
            to: waiter.client.into(),
            content: Content::Answer(waiter, answer),
        };
        self.network.send(packet, &mut self.cx);
    }
}
