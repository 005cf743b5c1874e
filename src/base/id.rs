//! Identifiers of the machines in a run.

use super::{Digest, Fold, fold_fields, hash};
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// A machine with its disk, written `S1`, `S2`, …, as is the server on it; never reused for another disk.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct NodeId(pub u32);

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "S{}", self.0)
    }
}

/// A client of the key-value store, written `c1`, `c2`, …
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct ClientId(pub u32);

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "c{}", self.0)
    }
}

fold_fields!(NodeId(..));
fold_fields!(ClientId(..));

/// A member of a Raft group: a machine, and which of the members that the group has ever had. Who
/// is taken out and in again is another member: nothing that the former one said or was told counts
/// for the new one. Ordered by machine.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MemberId(u32);

impl MemberId {
    /// The generation of a server that has been set up, and doesn't know yet which member it will be.
    pub const UNBORN: u32 = 0;
    /// The generation of a group's founders. Each member that is added later has the next one.
    pub const FOUNDER: u32 = 1;
    /// Bits of the generation; the others are the machine's.
    const BITS: u32 = 20;

    /// The member on a machine (at most 4,095) in a generation (at most 1,048,575).
    #[inline]
    pub fn new(node: NodeId, generation: u32) -> MemberId {
        assert!(node.0 >> (32 - MemberId::BITS) == 0 && generation >> MemberId::BITS == 0);
        MemberId(node.0 << MemberId::BITS | generation)
    }

    /// The machine.
    #[inline]
    pub const fn node(self) -> NodeId {
        NodeId(self.0 >> MemberId::BITS)
    }

    /// Which of the members that the group has ever had.
    #[inline]
    pub const fn generation(self) -> u32 {
        self.0 & ((1 << MemberId::BITS) - 1)
    }

    /// The last member that a machine can be: none comes after it.
    pub fn last(node: NodeId) -> MemberId {
        MemberId::new(node, (1 << MemberId::BITS) - 1)
    }

    /// A server that has been set up to join.
    pub fn unborn(node: NodeId) -> MemberId {
        MemberId::new(node, MemberId::UNBORN)
    }

    /// The machines of these members.
    pub fn nodes(members: &[MemberId]) -> Vec<NodeId> {
        members.iter().map(|id| id.node()).collect()
    }
}

impl From<NodeId> for MemberId {
    /// A founder.
    fn from(node: NodeId) -> MemberId {
        MemberId::new(node, MemberId::FOUNDER)
    }
}

impl fmt::Display for MemberId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.node().fmt(f)
    }
}

impl fmt::Debug for MemberId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.node(), self.generation())
    }
}

fold_fields!(MemberId(..));

/// A Raft group. Those that hold data count from 1; where nobody says which, it is the first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct GroupId(pub u32);

impl GroupId {
    /// The only one of a laboratory of one group.
    pub const FIRST: GroupId = GroupId(1);

    /// The one with the registry of a store of many shards.
    pub const REGISTRY: GroupId = GroupId(0);

    /// Whether it is that one.
    pub fn is_first(&self) -> bool {
        *self == GroupId::FIRST
    }
}

impl Fold for GroupId {
    /// The first one folds to nothing: a run of one group has the hash that it had when there were no
    /// others.
    #[inline(always)]
    fn fold(&self, digest: &mut Digest) {
        if !self.is_first() {
            digest.word(hash::tag("group") ^ u64::from(self.0));
        }
    }
}

impl Default for GroupId {
    fn default() -> GroupId {
        GroupId::FIRST
    }
}

impl fmt::Display for GroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "g{}", self.0)
    }
}

/// Whoever sends and receives packets. In JSON a server is its number, a client `"c1"`, the operator
/// `"operator"`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Address {
    /// A server's machine.
    Node(NodeId),
    /// A client.
    Client(ClientId),
    /// Who adds, removes and exchanges servers.
    Operator,
}

impl Address {
    /// The server, if it is one.
    pub const fn node(self) -> Option<NodeId> {
        match self {
            Address::Node(node) => Some(node),
            _ => None,
        }
    }

    /// A number of its own, which the draws of its links go by. Servers come first.
    pub const fn number(self) -> u32 {
        match self {
            Address::Node(node) => node.0,
            Address::Client(client) => client.0 | 1 << 31,
            Address::Operator => 1 << 30,
        }
    }

    fn parse(text: &str) -> Option<Address> {
        if text == "operator" {
            return Some(Address::Operator);
        }
        let number = text.strip_prefix('c')?.parse().ok()?;
        Some(Address::Client(ClientId(number)))
    }
}

impl From<NodeId> for Address {
    fn from(node: NodeId) -> Address {
        Address::Node(node)
    }
}

impl From<ClientId> for Address {
    fn from(client: ClientId) -> Address {
        Address::Client(client)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Node(node) => node.fmt(f),
            Address::Client(client) => client.fmt(f),
            Address::Operator => f.write_str("operator"),
        }
    }
}

impl Fold for Address {
    #[inline(always)]
    fn fold(&self, digest: &mut Digest) {
        self.number().fold(digest);
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Address::Node(node) => node.serialize(serializer),
            other => serializer.collect_str(other),
        }
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Address, D::Error> {
        struct Reads;

        impl Visitor<'_> for Reads {
            type Value = Address;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a server's number, a client such as \"c1\", or \"operator\"")
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Address, E> {
                let node = u32::try_from(number).map(NodeId);
                node.map(Address::Node)
                    .map_err(|_| E::invalid_value(de::Unexpected::Unsigned(number), &self))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Address, E> {
                let wrong = || E::invalid_value(de::Unexpected::Str(text), &self);
                Address::parse(text).ok_or_else(wrong)
            }
        }
        deserializer.deserialize_any(Reads)
    }
}
