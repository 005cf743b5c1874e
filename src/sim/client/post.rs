//! The messages between clients and servers, and the links that carry them.

use super::{Answer, ClientMessage, Clients, Content, Waiter, links};
use crate::base::{NodeId, Span, Time};
use crate::sim::event_log::EventLog;
use crate::sim::limits::HEADER;
use crate::sim::queue::{Due, Queue};

impl Clients {
    pub(super) fn send(
        &mut self,
        waiter: Waiter,
        node: NodeId,
        content: Content,
        queue: &mut Queue,
        now: Time,
    ) {
        let client = &mut self.clients[(waiter.client.0 - 1) as usize];
        let back = matches!(content, Content::Answer(_));
        let (id, seed) = (client.id, self.seed);
        let there_and_back = client
            .links
            .get_mut((node.0 - 1) as usize, || links(id, node, seed));
        let trip = there_and_back[usize::from(back)].trip(now, &self.link);
        let copy = trip.copy.map(|due| (due, content.clone()));
        self.launch(waiter, node, content, trip.due, trip.lost, queue, now);
        if let Some((due, content)) = copy {
            self.launch(waiter, node, content, due, trip.lost, queue, now);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the fields of what it builds")]
    fn launch(
        &mut self,
        waiter: Waiter,
        node: NodeId,
        content: Content,
        due: Time,
        lost: bool,
        queue: &mut Queue,
        now: Time,
    ) {
        self.next_id += 1;
        self.bytes += u64::from(HEADER) + content.bytes();
        let half_way = now + Span(due.since(now).0 / 2);
        let at = if lost { half_way } else { due };
        queue.push(at, Due::ClientMessage(self.under_way.next_place()));
        self.under_way.insert(ClientMessage {
            id: self.next_id,
            waiter,
            node,
            content,
            sent: now,
            due,
            lost,
        });
    }

    /// A server answers.
    pub(in super::super) fn answer(
        &mut self,
        waiter: Waiter,
        node: NodeId,
        answer: Answer,
        queue: &mut Queue,
        now: Time,
    ) {
        self.send(waiter, node, Content::Answer(answer), queue, now);
    }

    /// A message reached its end. A request comes out, for its server; an answer is heard here.
    pub(in super::super) fn arrive(
        &mut self,
        place: u32,
        queue: &mut Queue,
        events: &mut EventLog,
    ) -> Option<ClientMessage> {
        let message = self.under_way.take_if(place, |_| true)?;
        self.bytes -= u64::from(HEADER) + message.content.bytes();
        if message.lost {
            return None;
        }
        match message.content {
            Content::Request(..) => Some(message),
            Content::Answer(answer) => {
                self.hear(message.waiter, message.node, answer, queue, events);
                None
            }
        }
    }
}
