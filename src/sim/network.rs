//! The network between the servers: one link for each direction of each pair.
//!
//! A message leaves, travels for a drawn latency, and arrives, unless the link loses it. What is
//! lost dies half-way: that is where a wall stands. So a wall that goes up takes the messages
//! that haven't reached it yet, and lets those behind it arrive.
//!
//! Each link has draws of its own: one message more on one link doesn't shift any other link.

use super::action::MessageId;
use super::event::{EventKind, Loss, MessageKind};
use super::queue::{Due, Queue, Slab};
use super::record::Record;
use crate::base::order::sort;
use crate::base::{Draws, NodeId, Purpose, Ratio, Span, Time, documented};
use crate::kv::Command;
use crate::raft::Message;
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

/// The draws of one link in one direction.
#[derive(Clone, Debug)]
pub(super) struct LinkDraws {
    latency: Draws,
    loss: Draws,
    duplicate: Draws,
    /// When the last message arrives: a later one waits for it, unless the link reorders.
    last_due: Time,
}

/// What a link does with a message.
pub(super) struct Trip {
    /// When it arrives.
    pub due: Time,
    /// Whether it is lost on the way.
    pub lost: bool,
    /// When a second copy arrives.
    pub copy: Option<Time>,
}

impl LinkDraws {
    pub fn new(seed: u64, link: u64) -> LinkDraws {
        LinkDraws {
            latency: Draws::new(seed, Purpose::Latency, link),
            loss: Draws::new(seed, Purpose::Loss, link),
            duplicate: Draws::new(seed, Purpose::Duplicate, link),
            last_due: Time::ZERO,
        }
    }

    /// Draws a message's trip. The copy's latency comes from another stream than the original's,
    /// so that a duplicate doesn't shift the messages behind it.
    #[inline(always)]
    pub fn trip(&mut self, now: Time, settings: &LinkSettings) -> Trip {
        let LinkSettings {
            latency_min,
            latency_max,
            loss,
            duplicate,
            reorder,
        } = *settings;
        let mut due = now + self.latency.span(latency_min, latency_max);
        if !reorder {
            due = due.max(self.last_due);
        }
        let lost = self.loss.chance(loss);
        let copy = self
            .duplicate
            .chance(duplicate)
            .then(|| due + self.duplicate.span(Span::ZERO, latency_max));
        if !lost {
            self.last_due = self.last_due.max(due);
        }
        Trip { due, lost, copy }
    }
}

/// One link in one direction.
#[derive(Clone, Debug)]
struct Link {
    draws: LinkDraws,
    cut: bool,
    settings: Option<LinkSettings>,
}

impl Link {
    fn new(seed: u64, from: u32, to: u32) -> Link {
        Link {
            draws: LinkDraws::new(seed, Draws::link(from, to)),
            cut: false,
            settings: None,
        }
    }
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
    /// The link from `a` to `b` is at `a * nodes + b`.
    links: Vec<Link>,
    partition: Option<Partition>,
    under_way: Slab<InFlight>,
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
        let pairs = (1..=nodes).flat_map(|from| (1..=nodes).map(move |to| (from, to)));
        let link = |(from, to)| Link::new(seed, from, to);
        Network {
            nodes,
            seed,
            settings,
            links: pairs.map(link).collect(),
            partition: None,
            under_way: Slab::default(),
            next_id: 0,
        }
    }

    /// Connects one more server with all others. During a partition it stands on the largest side.
    pub(super) fn add_server(&mut self) {
        let (old, new) = (self.nodes, self.nodes + 1);
        let mut links = std::mem::take(&mut self.links).into_iter();
        for from in 1..=old {
            self.links.extend(links.by_ref().take(old as usize));
            self.links.push(Link::new(self.seed, from, new));
        }
        self.links
            .extend((1..=new).map(|to| Link::new(self.seed, new, to)));
        self.nodes = new;
        if let Some(Partition {
            groups, group_of, ..
        }) = &mut self.partition
        {
            let sizes = groups.iter().map(Vec::len);
            let largest = sizes.rev().enumerate().max_by_key(|&(_, size)| size);
            let place = groups.len() - 1 - largest.map_or(0, |(place, _)| place);
            groups[place].push(NodeId(new));
            group_of.push(place as u32);
        }
    }

    fn link_place(&self, from: NodeId, to: NodeId) -> usize {
        place(from) * self.nodes as usize + place(to)
    }

    fn link(&self, from: NodeId, to: NodeId) -> &Link {
        &self.links[self.link_place(from, to)]
    }

    // ---- what can be asked ----

    /// The settings of links that have none of their own.
    pub fn settings(&self) -> &LinkSettings {
        &self.settings
    }

    /// The settings of this link's own, if it has any.
    pub fn own_settings(&self, from: NodeId, to: NodeId) -> Option<LinkSettings> {
        self.link(from, to).settings
    }

    /// Whether this link is cut in this direction.
    pub fn is_cut(&self, from: NodeId, to: NodeId) -> bool {
        self.link(from, to).cut
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

    fn parted(&self, from: NodeId, to: NodeId) -> Option<Loss> {
        let partition = self.partition.as_ref()?;
        let group = |node| partition.group_of[place(node)];
        (group(from) != group(to)).then_some(Loss::Partition)
    }

    /// The messages under way, in no order that means anything.
    pub fn messages(&self) -> impl Iterator<Item = &InFlight> {
        self.under_way.iter().map(|(_, message)| message)
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
        record: &mut Record,
    ) {
        let (from, to, now) = (message.from, message.to, record.now);
        let parted = self.parted(from, to);
        let at = self.link_place(from, to);
        let link = &mut self.links[at];
        let blocked = if link.cut { Some(Loss::Cut) } else { parted };
        let settings = link.settings.as_ref().unwrap_or(&self.settings);
        let trip = link.draws.trip(now, settings);
        let id = self.number();
        let kind = MessageKind::of(&message);
        record.emit(EventKind::Sent {
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
            self.launch_copy(id, message, due, lost, queue, record);
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
        self.under_way.insert(InFlight {
            id,
            message,
            sent: now,
            due,
            delayed: Span::ZERO,
            copy,
            lost,
            key,
        });
    }

    fn launch_copy(
        &mut self,
        original: MessageId,
        message: Message<Command>,
        due: Time,
        lost: Option<Loss>,
        queue: &mut Queue,
        record: &mut Record,
    ) {
        let copy = self.number();
        record.emit(EventKind::Duplicated {
            message: original,
            copy,
        });
        self.launch(copy, message, due, lost, true, queue, record.now);
    }

    /// Takes out the message whose key fell due; `None` if the key is void.
    pub(super) fn take(&mut self, place: u32, key: u64) -> Option<InFlight> {
        self.under_way.take_if(place, |flight| flight.key == key)
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
        self.under_way.take_if(self.find(id)?, |_| true)
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
    pub(super) fn duplicate(&mut self, id: MessageId, queue: &mut Queue, record: &mut Record) {
        let flight = self.messages().find(|flight| flight.id == id);
        let Some(InFlight {
            message, due, lost, ..
        }) = flight.cloned()
        else {
            return;
        };
        self.launch_copy(id, message, due, lost, queue, record);
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
        let at = self.link_place(from, to);
        self.links[at].cut = true;
        self.wall_off(queue, now);
    }

    pub(super) fn restore(&mut self, from: NodeId, to: NodeId) {
        let at = self.link_place(from, to);
        self.links[at].cut = false;
        self.links[at].settings = None;
    }

    pub(super) fn set_link(&mut self, from: NodeId, to: NodeId, settings: LinkSettings) {
        let at = self.link_place(from, to);
        self.links[at].settings = Some(settings);
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
