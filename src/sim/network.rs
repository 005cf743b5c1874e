//! The network between the servers: one link for each direction of each pair.
//!
//! A message leaves, travels for a drawn latency, and arrives, unless the link loses it. What is
//! lost dies half-way: that is where a wall stands. So a wall that goes up takes the messages
//! that haven't reached it yet, and lets those behind it arrive.
//!
//! Each link has draws of its own: one message more on one link doesn't shift any other link. They
//! follow from the seed and its two ends alone, so a link is made when its first message leaves.

mod links;

use super::action::MessageId;
use super::event::{EventKind, Loss, MessageKind};
use super::event_log::EventLog;
use super::limits;
use super::queue::{Due, Queue, Slab};
use crate::base::order::sort;
use crate::base::{Draws, NodeId, Ratio, Sorted, Span, Time, documented, fold_fields};
use crate::kv::Command;
use crate::raft::Message;
pub(super) use links::{LinkDraws, Links};
use serde::{Deserialize, Serialize};

documented! {
    /// How a link in one direction behaves.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    pub struct LinkSettings {
        /// The shortest time on the way.
        pub latency_min: Span,
        /// The longest time on the way.
        pub latency_max: Span,
        /// The share of messages that are lost.
        pub loss: Ratio,
        /// The share of messages that arrive twice.
        pub duplicate: Ratio,
        /// Whether a message may overtake an earlier one. If not, it waits for it, as over TCP.
        pub reorder: bool,
    }
}

fold_fields!(LinkSettings {
    latency_min,
    latency_max,
    loss,
    duplicate,
    reorder,
});

impl Default for LinkSettings {
    fn default() -> LinkSettings {
        LinkSettings {
            latency_min: Span::millis(8),
            latency_max: Span::millis(14),
            loss: Ratio::ZERO,
            duplicate: Ratio::ZERO,
            reorder: false,
        }
    }
}

/// What somebody did to one link in one direction.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Change {
    cut: bool,
    settings: Option<LinkSettings>,
}

/// A message under way.
#[derive(Clone, Debug)]
pub struct InFlight {
    /// Its number.
    pub id: MessageId,
    /// What it says, from whom, to whom.
    pub message: Message<Command>,
    /// When it left.
    pub sent: Time,
    /// When it arrives.
    pub due: Time,
    /// How much later a person made it.
    pub delayed: Span,
    /// Whether it is the copy of another message.
    pub copy: bool,
    /// Why it is going to be lost half-way, if it is.
    pub(super) lost: Option<Loss>,
    /// The key in the queue that counts; earlier ones are void.
    key: u64,
    /// How much of [`Limits::bytes`](super::Limits::bytes) it takes.
    bytes: u32,
}

impl InFlight {
    /// What it is.
    pub fn kind(&self) -> MessageKind {
        MessageKind::of(&self.message)
    }

    /// Whether a cut or a partition is going to stop it half-way.
    pub fn is_blocked(&self) -> bool {
        matches!(self.lost, Some(Loss::Cut | Loss::Partition))
    }

    /// When it is half-way.
    fn half_way(&self) -> Time {
        half_way(self.sent, self.due)
    }
}

/// Where a wall stands.
fn half_way(sent: Time, due: Time) -> Time {
    sent + Span(due.since(sent).0 / 2)
}

/// The network between the servers.
#[derive(Clone, Debug)]
pub struct Network {
    nodes: u32,
    seed: u64,
    settings: LinkSettings,
    /// The links that each server has spoken over.
    links: Vec<Links<LinkDraws>>,
    /// The links that aren't as usual, by sender and receiver.
    changes: Sorted<(NodeId, NodeId), Change>,
    partition: Option<Partition>,
    under_way: Slab<InFlight>,
    /// The bytes of all of them.
    bytes: u64,
    next_id: MessageId,
}

/// A partition of the network.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Partition {
    /// The groups; every server is in exactly one.
    pub groups: Vec<Vec<NodeId>>,
    /// Since when.
    pub since: Time,
    /// The group of each server.
    group_of: Vec<u32>,
}

fn place(node: NodeId) -> usize {
    (node.0 - 1) as usize
}

impl Network {
    pub(super) fn new(nodes: u32, settings: LinkSettings, seed: u64) -> Network {
        Network {
            nodes,
            seed,
            settings,
            links: vec![Links::default(); nodes as usize],
            changes: Sorted::default(),
            partition: None,
            under_way: Slab::default(),
            bytes: 0,
            next_id: 0,
        }
    }

    /// Connects one more server with all others. During a partition it stands on the largest side.
    pub(super) fn add_server(&mut self) {
        self.nodes += 1;
        self.links.push(Links::default());
        if let Some(Partition {
            groups, group_of, ..
        }) = &mut self.partition
        {
            let sizes = groups.iter().map(Vec::len);
            let largest = sizes.rev().enumerate().max_by_key(|&(_, size)| size);
            let place = groups.len() - 1 - largest.map_or(0, |(place, _)| place);
            groups[place].push(NodeId(self.nodes));
            group_of.push(place as u32);
        }
    }

    /// A server is switched off for good: it says nothing any more.
    pub(super) fn remove_server(&mut self, node: NodeId) {
        self.links[place(node)] = Links::default();
    }

    fn change(&self, from: NodeId, to: NodeId) -> Change {
        match self.changes.is_empty() {
            true => Change::default(),
            false => self.changes.get(&(from, to)).copied().unwrap_or_default(),
        }
    }

    // ---- what can be asked ----

    /// The settings of links that have none of their own.
    pub fn settings(&self) -> &LinkSettings {
        &self.settings
    }

    /// The settings of this link's own, if it has any.
    pub fn own_settings(&self, from: NodeId, to: NodeId) -> Option<LinkSettings> {
        self.change(from, to).settings
    }

    /// Whether this link is cut in this direction.
    pub fn is_cut(&self, from: NodeId, to: NodeId) -> bool {
        self.change(from, to).cut
    }

    /// The partition, if there is one.
    pub fn partition(&self) -> Option<&Partition> {
        self.partition.as_ref()
    }

    /// Why nothing goes from one server to the other now, if so.
    pub fn blocked(&self, from: NodeId, to: NodeId) -> Option<Loss> {
        if self.is_cut(from, to) {
            return Some(Loss::Cut);
        }
        self.parted(from, to)
    }

    /// When everything that was sent over this link has arrived: without reordering, nothing that
    /// is sent later arrives before.
    pub(super) fn busy_until(&self, from: NodeId, to: NodeId) -> Time {
        let link = self.links[place(from)].get(place(to));
        link.map_or(Time::ZERO, |link| link.last_due)
    }

    fn parted(&self, from: NodeId, to: NodeId) -> Option<Loss> {
        let partition = self.partition.as_ref()?;
        let group = |node| partition.group_of[place(node)];
        (group(from) != group(to)).then_some(Loss::Partition)
    }

    /// How many links there are: one in each direction for every two servers that have spoken,
    /// but those from servers that were switched off for good.
    pub fn links(&self) -> usize {
        self.links.iter().map(Links::len).sum()
    }

    /// The messages under way, in no order that means anything.
    pub fn messages(&self) -> impl Iterator<Item = &InFlight> {
        self.under_way.iter().map(|(_, message)| message)
    }

    /// How many messages are under way.
    pub(super) fn under_way(&self) -> usize {
        self.under_way.len()
    }

    /// The bytes of the messages under way.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// A number for a message.
    pub(super) fn number(&mut self) -> MessageId {
        self.next_id += 1;
        self.next_id
    }

    // ---- messages ----

    /// Sends a message off.
    pub(super) fn send(
        &mut self,
        message: Message<Command>,
        queue: &mut Queue,
        events: &mut EventLog,
    ) {
        let (from, to, now) = (message.from, message.to, events.now);
        let parted = self.parted(from, to);
        let change = self.change(from, to);
        let blocked = if change.cut { Some(Loss::Cut) } else { parted };
        let settings = change.settings.as_ref().unwrap_or(&self.settings);
        let seed = self.seed;
        let link = self.links[place(from)].get_mut(place(to), || {
            LinkDraws::new(seed, Draws::link(from.0, to.0))
        });
        let trip = link.trip(now, settings);
        let id = self.number();
        let kind = MessageKind::of(&message);
        events.emit(EventKind::Sent {
            message: id,
            from,
            to,
            kind,
        });
        let copy = trip
            .copy
            .filter(|_| !trip.lost)
            .map(|due| (due, message.clone()));
        let lost = blocked.or(trip.lost.then_some(Loss::Random));
        self.launch(id, message, trip.due, lost, false, queue, now);
        if let Some((due, message)) = copy {
            self.launch_copy(id, message, due, lost, queue, events);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the fields of what it builds")]
    #[inline(always)]
    fn launch(
        &mut self,
        id: MessageId,
        message: Message<Command>,
        due: Time,
        lost: Option<Loss>,
        copy: bool,
        queue: &mut Queue,
        now: Time,
    ) {
        let at = if lost.is_some() {
            half_way(now, due)
        } else {
            due
        };
        let key = queue.push(at, Due::Message(self.under_way.next_place()));
        let bytes = limits::bytes(&message);
        self.bytes += u64::from(bytes);
        self.under_way.insert(InFlight {
            id,
            message,
            sent: now,
            due,
            delayed: Span::ZERO,
            copy,
            lost,
            key,
            bytes,
        });
    }

    fn launch_copy(
        &mut self,
        original: MessageId,
        message: Message<Command>,
        due: Time,
        lost: Option<Loss>,
        queue: &mut Queue,
        events: &mut EventLog,
    ) {
        let copy = self.number();
        events.emit(EventKind::Duplicated {
            message: original,
            copy,
        });
        self.launch(copy, message, due, lost, true, queue, events.now);
    }

    /// Takes out the message whose key fell due; `None` if the key is void.
    pub(super) fn take(&mut self, place: u32, key: u64) -> Option<InFlight> {
        let taken = self.under_way.take_if(place, |flight| flight.key == key)?;
        self.bytes -= u64::from(taken.bytes);
        Some(taken)
    }

    fn find(&self, id: MessageId) -> Option<u32> {
        let mut under_way = self.under_way.iter();
        under_way.find_map(|(place, flight)| (flight.id == id).then_some(place))
    }

    /// Whether this message is under way.
    pub(super) fn has(&self, id: MessageId) -> bool {
        self.find(id).is_some()
    }

    /// Takes a message out before it arrives.
    pub(super) fn take_out(&mut self, id: MessageId) -> Option<InFlight> {
        let taken = self.under_way.take_if(self.find(id)?, |_| true)?;
        self.bytes -= u64::from(taken.bytes);
        Some(taken)
    }

    /// Makes a message arrive later.
    pub(super) fn delay(&mut self, id: MessageId, by: Span, queue: &mut Queue) {
        let Some(place) = self.find(id) else { return };
        let Some(flight) = self.under_way.get_mut(place) else {
            return;
        };
        flight.due += by;
        flight.delayed = flight.delayed + by;
        let at = if flight.lost.is_some() {
            flight.half_way()
        } else {
            flight.due
        };
        flight.key = queue.push(at, Due::Message(place));
    }

    /// Sends a copy of a message along; it arrives right after the original.
    pub(super) fn duplicate(&mut self, id: MessageId, queue: &mut Queue, events: &mut EventLog) {
        let flight = self.messages().find(|flight| flight.id == id);
        let Some(InFlight {
            message, due, lost, ..
        }) = flight.cloned()
        else {
            return;
        };
        self.launch_copy(id, message, due, lost, queue, events);
    }

    // ---- faults ----

    pub(super) fn set_partition(&mut self, groups: &[Vec<NodeId>], queue: &mut Queue, now: Time) {
        let mut groups: Vec<_> = groups
            .iter()
            .filter(|group| !group.is_empty())
            .cloned()
            .collect();
        let mut group_of = vec![u32::MAX; self.nodes as usize];
        for (number, group) in groups.iter_mut().enumerate() {
            sort(group);
            for &node in group.iter() {
                group_of[place(node)] = number as u32;
            }
        }
        for (node, group) in (1..).map(NodeId).zip(&mut group_of) {
            if *group == u32::MAX {
                *group = groups.len() as u32;
                groups.push(vec![node]);
            }
        }
        self.partition = Some(Partition {
            groups,
            since: now,
            group_of,
        });
        self.wall_off(queue, now);
    }

    pub(super) fn heal(&mut self) {
        self.partition = None;
    }

    pub(super) fn cut(&mut self, from: NodeId, to: NodeId, queue: &mut Queue, now: Time) {
        self.change_mut(from, to).cut = true;
        self.wall_off(queue, now);
    }

    pub(super) fn restore(&mut self, from: NodeId, to: NodeId) {
        self.changes.remove(&(from, to));
    }

    pub(super) fn set_link(&mut self, from: NodeId, to: NodeId, settings: LinkSettings) {
        self.change_mut(from, to).settings = Some(settings);
    }

    fn change_mut(&mut self, from: NodeId, to: NodeId) -> &mut Change {
        self.changes
            .get_or_insert_with(&(from, to), Change::default)
    }

    pub(super) fn set_all(&mut self, settings: LinkSettings) {
        self.settings = settings;
    }

    /// Dooms the messages that have yet to pass a wall.
    fn wall_off(&mut self, queue: &mut Queue, now: Time) {
        let doomed: Vec<_> = self
            .under_way
            .iter()
            .filter(|(_, flight)| flight.lost.is_none() && now <= flight.half_way())
            .filter_map(|(place, flight)| {
                Some((place, self.blocked(flight.message.from, flight.message.to)?))
            })
            .collect();
        for (place, why) in doomed {
            if let Some(flight) = self.under_way.get_mut(place) {
                flight.lost = Some(why);
                flight.key = queue.push(flight.half_way(), Due::Message(place));
            }
        }
    }
}
