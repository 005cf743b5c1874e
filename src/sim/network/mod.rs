//! The network: one link for each direction between any two addresses.
//!
//! A packet leaves, travels for a drawn latency, and arrives, unless the link loses it. What is
//! lost dies half-way: that is where a wall stands. So a wall that goes up takes the packets
//! that haven't reached it yet, and lets those behind it arrive.
//!
//! Each link has draws of its own: one packet more on one link doesn't shift any other link. They
//! follow from the seed and its two ends alone, so a link is made when its first packet leaves.

mod in_flight;
mod links;
mod partition;

use super::action::MessageId;
use super::context::Context;
use super::event::{EventKind, Loss};
use super::packet::Packet;
use super::queue::{Due, Slab};
use super::settings::LinkSettings;
use crate::base::{Address, Draws, NodeId, Shared, Sorted, Span, Time};
pub use in_flight::InFlight;
use in_flight::half_way;
use links::{LinkDraws, Links};
pub use partition::Partition;

/// What somebody did to one link in one direction.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Change {
    cut: bool,
    settings: Option<LinkSettings>,
}

/// The network.
#[derive(Clone, Debug)]
pub struct Network {
    seed: u64,
    /// Of links between servers.
    settings: LinkSettings,
    /// Of links between a server and anybody else.
    client_settings: LinkSettings,
    /// The links that each address has spoken over, by its place.
    links: Shared<Links<LinkDraws>>,
    /// The links that aren't as usual, by sender and receiver.
    changes: Sorted<(Address, Address), Change>,
    partition: Option<Partition>,
    under_way: Slab<InFlight>,
    /// The bytes of all of them.
    bytes: u64,
    /// How many of them are no messages between servers.
    requests: usize,
    /// The last number of a message between servers, and of another packet.
    last_ids: [MessageId; 2],
}

/// Numbers of packets that are no messages between servers begin here: one request more doesn't
/// renumber the servers' messages.
const FIRST_REQUEST: MessageId = 1 << 48;

/// Where an address stands in lists: servers at even places, everybody else at odd ones.
fn place(address: Address) -> usize {
    match address {
        Address::Node(node) => 2 * (node.0 as usize - 1),
        Address::Operator => 1,
        Address::Client(client) => 2 * client.0 as usize + 1,
    }
}

impl Network {
    pub(super) fn new(settings: LinkSettings, client_settings: LinkSettings, seed: u64) -> Network {
        Network {
            seed,
            settings,
            client_settings,
            links: Shared::default(),
            changes: Sorted::default(),
            partition: None,
            under_way: Slab::default(),
            bytes: 0,
            requests: 0,
            last_ids: [0, FIRST_REQUEST],
        }
    }

    /// One more server. During a partition it stands on the largest side.
    pub(super) fn add_server(&mut self, node: NodeId) {
        if let Some(partition) = &mut self.partition {
            partition.add(node);
        }
    }

    /// A server is switched off for good: it says nothing any more.
    pub(super) fn remove_server(&mut self, node: NodeId) {
        let at = place(node.into());
        if at < self.links.len() {
            self.links[at] = Links::default();
        }
    }

    fn change(&self, from: Address, to: Address) -> Change {
        match self.changes.is_empty() {
            true => Change::default(),
            false => self.changes.get(&(from, to)).copied().unwrap_or_default(),
        }
    }

    /// The settings of a link that has none of its own.
    fn usual(&self, from: Address, to: Address) -> &LinkSettings {
        match (from, to) {
            (Address::Node(_), Address::Node(_)) => &self.settings,
            _ => &self.client_settings,
        }
    }

    // ---- what can be asked ----

    /// The settings of links between servers that have none of their own.
    pub fn settings(&self) -> &LinkSettings {
        &self.settings
    }

    /// The settings of all other links that have none of their own.
    pub fn client_settings(&self) -> &LinkSettings {
        &self.client_settings
    }

    /// How a link behaves.
    pub fn link(&self, from: impl Into<Address>, to: impl Into<Address>) -> LinkSettings {
        let (from, to) = (from.into(), to.into());
        let own = self.change(from, to).settings;
        own.unwrap_or(*self.usual(from, to))
    }

    /// The settings of this link's own, if it has any.
    pub fn own_settings(
        &self,
        from: impl Into<Address>,
        to: impl Into<Address>,
    ) -> Option<LinkSettings> {
        self.change(from.into(), to.into()).settings
    }

    /// Whether this link is cut in this direction.
    pub fn is_cut(&self, from: impl Into<Address>, to: impl Into<Address>) -> bool {
        self.change(from.into(), to.into()).cut
    }

    /// The links that somebody did something to, by sender and receiver.
    pub fn changed(&self) -> impl Iterator<Item = (Address, Address)> {
        self.changes.pairs().iter().map(|(ends, _)| *ends)
    }

    /// The partition, if there is one.
    pub fn partition(&self) -> Option<&Partition> {
        self.partition.as_ref()
    }

    /// Why nothing goes from one end to the other now, if so.
    pub fn blocked(&self, from: impl Into<Address>, to: impl Into<Address>) -> Option<Loss> {
        let (from, to) = (from.into(), to.into());
        if self.change(from, to).cut {
            return Some(Loss::Cut);
        }
        self.parted(from, to)
    }

    /// When everything that was sent over this link has arrived: without reordering, nothing that
    /// is sent later arrives before.
    pub(super) fn busy_until(&self, from: Address, to: Address) -> Time {
        let link = self.links.get(place(from)).and_then(|it| it.get(place(to)));
        link.map_or(Time::ZERO, |link| link.last_due)
    }

    /// The same of all links that one end of is no server.
    pub(super) fn clients_busy_until(&self) -> Time {
        let all = self.links.iter().enumerate();
        let ends = all.flat_map(|(from, links)| {
            let is_client = move |to: usize| (from | to) & 1 == 1;
            links.iter().filter(move |&(to, _)| is_client(to))
        });
        let last = ends.map(|(_, link)| link.last_due).max();
        last.unwrap_or(Time::ZERO)
    }

    fn parted(&self, from: Address, to: Address) -> Option<Loss> {
        let partition = self.partition.as_ref()?;
        partition.parts(from, to).then_some(Loss::Partition)
    }

    /// How many links between servers there are: one in each direction for every two that have
    /// spoken, but those from servers that were switched off for good.
    pub fn links(&self) -> usize {
        let of_nodes = self.links.iter().step_by(2);
        of_nodes
            .flat_map(Links::iter)
            .filter(|(to, _)| to & 1 == 0)
            .count()
    }

    /// The packets under way, in no order that means anything.
    pub fn packets(&self) -> impl Iterator<Item = &InFlight> {
        self.under_way.iter().map(|(_, flight)| flight)
    }

    /// How many messages between servers are under way.
    pub(super) fn messages_under_way(&self) -> usize {
        self.under_way.len() - self.requests
    }

    /// How many other packets are.
    pub(super) fn requests_under_way(&self) -> usize {
        self.requests
    }

    /// The bytes of the packets under way.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// A number for a packet.
    fn number(&mut self, packet: &Packet) -> MessageId {
        let last = &mut self.last_ids[usize::from(packet.is_request())];
        *last += 1;
        *last
    }

    // ---- packets ----

    /// Sends a packet off.
    pub(super) fn send(&mut self, packet: Packet, cx: &mut Context) {
        let (from, to, now) = (packet.from, packet.to, cx.now());
        let parted = self.parted(from, to);
        let change = self.change(from, to);
        let blocked = if change.cut { Some(Loss::Cut) } else { parted };
        let settings = change.settings.unwrap_or(*self.usual(from, to));
        let (seed, at) = (self.seed, place(from));
        while self.links.len() <= at {
            self.links.push(Links::default());
        }
        let link = self.links[at].get_mut(place(to), LinkDraws::default);
        let ends = Draws::link(from.number(), to.number());
        let trip = link.trip(now, &settings, (seed, ends));
        let id = self.number(&packet);
        cx.emit(EventKind::Sent {
            message: id,
            from,
            to,
            kind: packet.kind(),
        });
        let copy = trip
            .copy
            .filter(|_| !trip.lost)
            .map(|due| (due, packet.clone()));
        let lost = blocked.or(trip.lost.then_some(Loss::Random));
        self.launch(id, packet, trip.due, lost, false, cx);
        if let Some((due, packet)) = copy {
            let (cause, sent) = (cx.cause(), cx.log.last());
            cx.follow(sent);
            self.launch_copy(id, packet, due, lost, cx);
            cx.follow(cause);
        }
    }

    /// Puts a packet on its way whose departure was told just now.
    #[inline(always)]
    fn launch(
        &mut self,
        id: MessageId,
        packet: Packet,
        due: Time,
        lost: Option<Loss>,
        copy: bool,
        cx: &mut Context,
    ) {
        let now = cx.now();
        let at = if lost.is_some() {
            half_way(now, due)
        } else {
            due
        };
        let key = cx.push(at, Due::Packet(self.under_way.next_place()));
        let bytes = packet.bytes();
        self.bytes += u64::from(bytes);
        self.requests += usize::from(packet.is_request());
        self.under_way.insert(InFlight {
            id,
            packet,
            sent: now,
            due,
            delayed: Span::ZERO,
            copy,
            departed: cx.log.last(),
            lost,
            key,
            bytes,
        });
    }

    fn launch_copy(
        &mut self,
        original: MessageId,
        packet: Packet,
        due: Time,
        lost: Option<Loss>,
        cx: &mut Context,
    ) {
        let copy = self.number(&packet);
        cx.emit(EventKind::Duplicated {
            message: original,
            copy,
        });
        self.launch(copy, packet, due, lost, true, cx);
    }

    /// Takes out the packet whose key fell due; `None` if the key is void.
    pub(super) fn take(&mut self, place: u32, key: u64) -> Option<InFlight> {
        let taken = self.under_way.take_if(place, |flight| flight.key == key)?;
        self.gone(&taken);
        Some(taken)
    }

    fn gone(&mut self, flight: &InFlight) {
        self.bytes -= u64::from(flight.bytes);
        self.requests -= usize::from(flight.packet.is_request());
    }

    fn find(&self, id: MessageId) -> Option<u32> {
        let mut under_way = self.under_way.iter();
        under_way.find_map(|(place, flight)| (flight.id == id).then_some(place))
    }

    /// The packet of that number, if it is under way.
    pub fn packet(&self, id: MessageId) -> Option<&InFlight> {
        self.packets().find(|flight| flight.id == id)
    }

    /// Takes a packet out before it arrives.
    pub(super) fn take_out(&mut self, id: MessageId) -> Option<InFlight> {
        let taken = self.under_way.take_if(self.find(id)?, |_| true)?;
        self.gone(&taken);
        Some(taken)
    }

    /// Makes a packet arrive later.
    pub(super) fn delay(&mut self, id: MessageId, by: Span, cx: &mut Context) {
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
        flight.key = cx.push(at, Due::Packet(place));
    }

    /// Sends a copy of a packet along; it arrives right after the original.
    pub(super) fn duplicate(&mut self, id: MessageId, cx: &mut Context) {
        let Some(InFlight {
            packet, due, lost, ..
        }) = self.packet(id).cloned()
        else {
            return;
        };
        self.launch_copy(id, packet, due, lost, cx);
    }

    // ---- faults ----

    pub(super) fn set_partition(&mut self, groups: &[Vec<Address>], nodes: u32, cx: &mut Context) {
        self.partition = Some(Partition::new(groups, nodes, cx.now()));
        self.wall_off(cx);
    }

    pub(super) fn heal(&mut self) {
        self.partition = None;
    }

    pub(super) fn cut(&mut self, from: Address, to: Address, cx: &mut Context) {
        self.change_mut(from, to).cut = true;
        self.wall_off(cx);
    }

    pub(super) fn restore(&mut self, from: Address, to: Address) {
        self.changes.remove(&(from, to));
    }

    pub(super) fn set_link(&mut self, from: Address, to: Address, settings: LinkSettings) {
        self.change_mut(from, to).settings = Some(settings);
    }

    fn change_mut(&mut self, from: Address, to: Address) -> &mut Change {
        self.changes
            .get_or_insert_with(&(from, to), Change::default)
    }

    pub(super) fn set_all(&mut self, settings: LinkSettings) {
        self.settings = settings;
    }

    pub(super) fn set_clients(&mut self, settings: LinkSettings) {
        self.client_settings = settings;
    }

    /// Dooms the packets that have yet to pass a wall.
    fn wall_off(&mut self, cx: &mut Context) {
        let doomed: Vec<_> = self
            .under_way
            .iter()
            .filter(|(_, flight)| flight.lost.is_none() && cx.now() <= flight.half_way())
            .filter_map(|(place, InFlight { packet, .. })| {
                Some((place, self.blocked(packet.from, packet.to)?))
            })
            .collect();
        for (place, why) in doomed {
            if let Some(flight) = self.under_way.get_mut(place) {
                flight.lost = Some(why);
                flight.key = cx.push(flight.half_way(), Due::Packet(place));
            }
        }
    }
}
