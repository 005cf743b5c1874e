//! What group 0 and the shards keep, as bytes: see `encoding`.

use super::encoding::{DecodeError, Decoder, Encoder};
use super::key_range::{Border, KeyRange};
use super::planner::{Node, Step, Verdict};
use super::registry::Task;
use super::shard::{Frozen, Merges};
use super::shard_map::Descriptor;
use crate::base::{GroupId, NodeId};

impl KeyRange {
    pub(super) fn encode(&self, out: &mut Encoder) {
        match self {
            KeyRange::Slots { first, last } => {
                out.byte(0);
                out.number(u32::from(*first) << 16 | u32::from(*last));
            }
            KeyRange::Keys { from, to } => {
                out.byte(1);
                out.text(from);
                out.value(to.as_ref());
            }
        }
    }

    pub(super) fn decode(bytes: &mut Decoder<'_>) -> Result<KeyRange, DecodeError> {
        Ok(match bytes.one_of("keys", &[0, 1])? {
            0 => {
                let slots = bytes.number("keys.slots")?;
                KeyRange::Slots {
                    first: (slots >> 16) as u16,
                    last: slots as u16,
                }
            }
            _ => KeyRange::Keys {
                from: bytes.text("keys.from")?,
                to: bytes.value("keys.to")?,
            },
        })
    }
}

impl Border {
    pub(super) fn encode(&self, out: &mut Encoder) {
        match self {
            Border::Slot(slot) => {
                out.byte(0);
                out.number((*slot).into());
            }
            Border::Key(key) => {
                out.byte(1);
                out.text(key);
            }
        }
    }

    pub(super) fn decode(bytes: &mut Decoder<'_>) -> Result<Border, DecodeError> {
        Ok(match bytes.one_of("border", &[0, 1])? {
            0 => Border::Slot(bytes.number("border.slot")? as u16),
            _ => Border::Key(bytes.text("border.key")?),
        })
    }
}

impl Descriptor {
    pub(super) fn encode(&self, out: &mut Encoder) {
        out.number(self.group.0);
        self.keys.encode(out);
        out.word(self.range_epoch);
        out.word(self.members_epoch);
        out.number(self.members.len() as u32);
        self.members.iter().for_each(|node| out.number(node.0));
    }

    pub(super) fn decode(bytes: &mut Decoder<'_>) -> Result<Descriptor, DecodeError> {
        Ok(Descriptor {
            group: GroupId(bytes.number("shard.group")?),
            keys: KeyRange::decode(bytes)?,
            range_epoch: bytes.word("shard.range_epoch")?,
            members_epoch: bytes.word("shard.members_epoch")?,
            members: {
                let count = bytes.number("shard.members")?;
                let one = |_| bytes.number("shard.member").map(NodeId);
                (0..count).map(one).collect::<Result<_, _>>()?
            },
        })
    }
}

const VERDICTS: [Verdict; 4] = [
    Verdict::Alive,
    Verdict::Suspect,
    Verdict::Draining,
    Verdict::Dead,
];

impl Node {
    pub(super) fn encode(&self, out: &mut Encoder) {
        out.number(self.id.0);
        out.number(self.rack);
        out.byte(self.verdict as u8);
    }

    pub(super) fn decode(bytes: &mut Decoder<'_>) -> Result<Node, DecodeError> {
        Ok(Node {
            id: NodeId(bytes.number("node.id")?),
            rack: bytes.number("node.rack")?,
            verdict: bytes.one_of("node.verdict", &VERDICTS)?,
        })
    }
}

impl Task {
    pub(super) fn encode(&self, out: &mut Encoder) {
        let (kind, group, nodes) = match self {
            Task::Step(Step::Add { group, to }) => (0, group, [*to, NodeId(0)]),
            Task::Step(Step::Remove { group, from }) => (1, group, [*from, NodeId(0)]),
            Task::Step(Step::Move { group, from, to }) => (2, group, [*from, *to]),
            Task::Step(Step::Lead { group, from, to }) => (3, group, [*from, *to]),
            Task::Split { group, child, .. } => (4, group, [NodeId(child.0), NodeId(0)]),
            Task::Merge { target, source } => (5, target, [NodeId(source.0), NodeId(0)]),
        };
        out.byte(kind);
        out.number(group.0);
        nodes.iter().for_each(|node| out.number(node.0));
        if let Task::Split { at, .. } = self {
            at.encode(out);
        }
    }

    pub(super) fn decode(bytes: &mut Decoder<'_>) -> Result<Task, DecodeError> {
        let kind = bytes.one_of("task", &[0, 1, 2, 3, 4, 5])?;
        let group = GroupId(bytes.number("task.group")?);
        let one = NodeId(bytes.number("task.node")?);
        let other = NodeId(bytes.number("task.other")?);
        Ok(match kind {
            0 => Task::Step(Step::Add { group, to: one }),
            1 => Task::Step(Step::Remove { group, from: one }),
            2 => Task::Step(Step::Move {
                group,
                from: one,
                to: other,
            }),
            3 => Task::Step(Step::Lead {
                group,
                from: one,
                to: other,
            }),
            5 => Task::Merge {
                target: group,
                source: GroupId(one.0),
            },
            _ => Task::Split {
                group,
                child: GroupId(one.0),
                at: Border::decode(bytes)?,
            },
        })
    }
}

impl Merges {
    pub(super) fn encode(&self, out: &mut Encoder) {
        let frozen = self.frozen.map_or((0, 0), |it| (it.at, it.target.0));
        out.word(frozen.0);
        out.number(frozen.1);
        out.word(self.refused);
        out.word(self.absorbed_at);
        out.number(self.absorbed.len() as u32);
        self.absorbed.iter().for_each(|group| out.number(group.0));
    }

    pub(super) fn decode(bytes: &mut Decoder<'_>) -> Result<Merges, DecodeError> {
        let at = bytes.word("shard.frozen.at")?;
        let target = GroupId(bytes.number("shard.frozen.target")?);
        Ok(Merges {
            frozen: (at > 0).then_some(Frozen { at, target }),
            refused: bytes.word("shard.refused")?,
            absorbed_at: bytes.word("shard.absorbed_at")?,
            absorbed: {
                let count = bytes.number("shard.absorbed")?;
                let one = |_| bytes.number("shard.absorbed.group").map(GroupId);
                (0..count).map(one).collect::<Result<_, _>>()?
            },
        })
    }
}
