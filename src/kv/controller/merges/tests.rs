//! What a controller orders at each stage of a merge.

use super::*;
use crate::base::Time;
use crate::kv::Frozen;
use crate::kv::report::{NodeReport, ReplicaReport};
use crate::kv::shard::Fence;
use crate::kv::shard_map::ShardMap;
use crate::kv::{Border, KeyRange};
use crate::raft::{Configuration, EntryId};

const TERM: u64 = 4;
const TARGET: GroupId = GroupId(1);
const SOURCE: GroupId = GroupId(2);

/// A merge that has begun, and what both leaders, on nodes 1 and 2, say of their groups.
struct Begun {
    registry: Registry,
    target: GroupReport,
    source: GroupReport,
    waited: Span,
    rules: ShardRules,
}

fn fence(stage: Stage) -> Fence {
    Fence {
        term: TERM,
        operation: 1,
        stage: stage as u8,
    }
}

fn report(group: GroupId, keys: KeyRange) -> GroupReport {
    let members = [1, 2, 3].map(NodeId);
    let descriptor = Descriptor {
        group,
        keys,
        range_epoch: 7,
        members_epoch: 1,
        members: members.to_vec(),
    };
    GroupReport {
        term: 2,
        configuration: Configuration::new(members),
        id: EntryId { index: 5, term: 2 },
        settled: true,
        descriptor: descriptor.into(),
        fence: Fence::default(),
        frozen: None,
        refused: 0,
        held: 8,
        keys: 3,
        load: 0,
        middle: None,
    }
}

impl Begun {
    fn new() -> Begun {
        let (left, right) = KeyRange::ALL_SLOTS.cut(&Border::Slot(100)).expect("inside");
        let (target, source) = (report(TARGET, left), report(SOURCE, right));
        let shards = [&target, &source].map(|it| Descriptor::clone(&it.descriptor));
        let map = ShardMap::new(shards).expect("a map");
        let mut registry = Registry::new(1, (1..=4).map(NodeId), map);
        let begin = RegistryChange::Begin(Task::Merge {
            target: TARGET,
            source: SOURCE,
        });
        registry.apply(&begin, ShardRules::ALL);
        Begun {
            registry,
            target,
            source,
            waited: Span::ZERO,
            rules: ShardRules::ALL,
        }
    }

    /// As far as the source stands frozen and the target knows of the merge.
    fn frozen() -> Begun {
        let mut it = Begun::new();
        it.reach(Stage::Exchange);
        it.source.frozen = Some(Frozen {
            at: 9,
            target: TARGET,
        });
        it
    }

    fn reach(&mut self, stage: Stage) {
        let reach = RegistryChange::Reach(1, stage);
        self.registry.apply(&reach, ShardRules::ALL);
    }

    /// What the controller orders next.
    fn next(&self) -> Vec<Order> {
        let mut controller = Controller::new(TERM, Time::ZERO);
        for (node, report) in [(1, &self.target), (2, &self.source)] {
            let leads = ReplicaReport {
                group: report.descriptor.group,
                member: NodeId(node).into(),
                absorbed: None,
                leads: Some(report.clone().into()),
            };
            let replicas = vec![leads];
            let report = NodeReport { replicas };
            controller.hear(NodeId(node), &report.into(), Time::ZERO);
        }
        let stage = self.registry.operation(1).expect("it is open").stage;
        let merge = (1, stage, TARGET, SOURCE);
        let mut orders = Vec::new();
        controller.pursue_merge(&self.registry, merge, self.waited, self.rules, &mut orders);
        orders
    }

    /// The group that is asked for something next, by which stage, and what for.
    fn asks(&self) -> (GroupId, u8, Demand) {
        match &self.next()[..] {
            [Order::Step(_, request)] => {
                assert_eq!((request.fence.term, request.fence.operation), (TERM, 1));
                (request.group, request.fence.stage, request.demand.clone())
            }
            other => panic!("{other:?}"),
        }
    }

    /// The stage that is written down next.
    fn reaches(&self) -> Stage {
        match self.next()[..] {
            [Order::Record(RegistryChange::Reach(1, stage))] => stage,
            ref other => panic!("{other:?}"),
        }
    }
}

#[test]
fn nothing_is_frozen_before_the_target_refuses_earlier_steps() {
    let mut it = Begun::new();
    assert_eq!(it.asks(), (TARGET, Stage::Begun as u8, Demand::Hold));
    it.target.fence = Fence {
        operation: 0,
        ..fence(Stage::Revoked)
    };
    assert_eq!(it.asks(), (TARGET, Stage::Begun as u8, Demand::Hold));
    it.target.fence = fence(Stage::Begun);
    assert_eq!(it.reaches(), Stage::Exchange);
    it.reach(Stage::Exchange);
    let freeze = Demand::Freeze {
        replaces: it.source.id,
        range_epoch: 7,
        target: TARGET,
    };
    assert_eq!(it.asks(), (SOURCE, Stage::Exchange as u8, freeze));
}

#[test]
fn the_source_gets_the_members_of_the_target_first() {
    let mut it = Begun::new();
    it.target.fence = fence(Stage::Begun);
    let configuration = Configuration::new([2, 3, 4].map(NodeId));
    it.source.configuration = configuration.clone();
    let asked = |it: &Begun| match it.asks() {
        (SOURCE, _, Demand::Change { change, .. }) => (change.voters, change.learners),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        asked(&it),
        (vec![NodeId(2), NodeId(3), NodeId(4)], vec![NodeId(1)])
    );
    it.source.configuration = configuration.with_learners([NodeId(1)]);
    let (mut voters, learners) = asked(&it);
    voters.sort();
    assert_eq!(
        (voters, learners),
        ([1, 2, 3].map(NodeId).to_vec(), Vec::new())
    );
    for open in [true, false] {
        it.source.settled = open;
        it.target.settled = !open;
        assert_eq!(it.next(), []);
    }
}

#[test]
fn what_takes_too_long_or_loses_a_member_is_taken_back() {
    for (mut it, most) in [
        (Begun::new(), ALIGNS_WITHIN),
        (Begun::frozen(), ABSORBS_WITHIN),
    ] {
        it.waited = most;
        assert_eq!(it.reaches(), Stage::Revoked);
        it.waited = Span::ZERO;
        assert!(matches!(it.next()[..], [Order::Step(..)]));
        let mut node = *it.registry.node(NodeId(3)).expect("known");
        node.verdict = Verdict::Dead;
        it.registry
            .apply(&RegistryChange::Node(node), ShardRules::ALL);
        assert_eq!(it.reaches(), Stage::Revoked);
    }
}

#[test]
fn a_source_goes_on_only_behind_a_refusal() {
    let mut it = Begun::frozen();
    let absorb = Demand::Absorb {
        range_epoch: 7,
        source: it.source.descriptor.clone(),
        at: 9,
        held: 8,
    };
    assert_eq!(it.asks(), (TARGET, Stage::Exchange as u8, absorb));
    it.reach(Stage::Revoked);
    let stage = Stage::Revoked as u8;
    // A freeze that is still on its way comes too late behind this.
    assert_eq!(it.asks(), (SOURCE, stage, Demand::Hold));
    it.source.fence = fence(Stage::Revoked);
    let refuse = Demand::Refuse { range_epoch: 7 };
    assert_eq!(it.asks(), (TARGET, stage, refuse));
    let thaw = (SOURCE, stage, Demand::Thaw { range_epoch: 7 });
    it.rules = ShardRules::ALL.without(ShardRule::ThawNeedsRefusal);
    assert_eq!(it.asks(), thaw);
    it.rules = ShardRules::ALL;
    it.target.refused = 1;
    assert_eq!(it.asks(), thaw);
    it.source.frozen = None;
    let over = it.next();
    assert!(
        matches!(over[..], [Order::Record(RegistryChange::End(1, _))]),
        "{over:?}"
    );
}

/// Members 2 and 3 of the target say what they have absorbed; whoever hasn't, or hasn't said so, is waited for.
#[test]
fn a_merge_is_over_when_all_members_have_it_on_their_disks() {
    let mut it = Begun::frozen();
    let whole = Descriptor {
        keys: KeyRange::ALL_SLOTS,
        ..Descriptor::clone(&it.target.descriptor)
    };
    it.target.descriptor = whole.into();
    let mut controller = Controller::new(TERM, Time::ZERO);
    let mut next = |node: u32, absorbed| {
        let leads = (node == 1).then(|| it.target.clone().into());
        let replicas = vec![ReplicaReport {
            group: TARGET,
            member: NodeId(node).into(),
            absorbed,
            leads,
        }];
        controller.hear(NodeId(node), &NodeReport { replicas }.into(), Time::ZERO);
        let mut orders = Vec::new();
        let merge = (1, Stage::Exchange, TARGET, SOURCE);
        controller.pursue_merge(&it.registry, merge, Span::ZERO, it.rules, &mut orders);
        orders.len()
    };
    assert_eq!(next(1, Some(SOURCE)), 0);
    assert_eq!(next(2, Some(SOURCE)), 0);
    assert_eq!(next(3, None), 0);
    assert_eq!(next(3, Some(GroupId(5))), 0);
    assert_eq!(next(3, Some(SOURCE)), 1);
}
