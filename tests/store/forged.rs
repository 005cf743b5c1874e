//! Packets that come too late, or from who has no say any more.

use super::*;
use kvorum::base::{Address, MemberId};
use kvorum::kv::{Command, Demand, Fence, StepRequest};
use kvorum::raft::{Body, Candidacy, Change, EntryId, Message, Way};
use kvorum::sim::{Content, Packet};

fn packet(to: NodeId, content: Content) -> Packet {
    Packet {
        from: Address::Node(NodeId(1)),
        to: to.into(),
        content,
    }
}

/// A message in the first group, from a leader or a candidate of a term.
fn message(to: MemberId, term: u64, body: Body<Command>) -> Content {
    let from = NodeId(1).into();
    let message = Message {
        from,
        to,
        term,
        body,
    };
    Content::Raft(GroupId(1), message)
}

fn append() -> Body<Command> {
    Body::AppendEntries {
        prev_log: EntryId { index: 9, term: 3 },
        entries: Default::default(),
        leader_commit: 0,
        round: 1,
    }
}

/// The node that a replica of the first group was taken from, and which member it was.
fn buried(run: &Run) -> Option<NodeId> {
    run.events.iter().find_map(|event| match event.kind {
        EventKind::Buried {
            node,
            group: GroupId(1),
        } => Some(node),
        _ => None,
    })
}

/// A run in which a replica of the first group was buried on a node that is back.
fn with_a_grave() -> (Run, NodeId) {
    let mut run = Run::new(settings(4, 1), 1);
    run.go(5);
    let members = run.members(1);
    let gone = *members
        .iter()
        .find(|&&node| node > 3)
        .unwrap_or(&members[0]);
    run.act(Action::Crash { node: NodeId(gone) });
    run.go(20);
    run.act(Action::Restart { node: NodeId(gone) });
    run.go(5);
    let node = buried(&run).expect("it is no member any more");
    (run, node)
}

#[test]
fn who_was_buried_does_not_come_back() {
    let (mut run, node) = with_a_grave();
    let here = |run: &Run| run.simulation.raft_of(node, GroupId(1)).is_some();
    assert!(!here(&run));
    let old = message(MemberId::from(node), 50, append());
    run.simulation.forge_packet(packet(node, old));
    assert!(!here(&run), "a member of former times");
    let new = message(MemberId::new(node, 99), 50, append());
    run.simulation.forge_packet(packet(node, new));
    assert!(here(&run), "a later member");
}

#[test]
fn who_is_not_born_gives_no_vote() {
    let (mut run, node) = with_a_grave();
    let member = MemberId::new(node, 99);
    run.simulation
        .forge_packet(packet(node, message(member, 50, append())));
    let candidate = Candidacy {
        last_log: EntryId {
            index: 1_000,
            term: 50,
        },
        priority: 0,
        transfer: true,
    };
    let asks = message(member, 51, Body::RequestVote(candidate));
    run.simulation.forge_packet(packet(node, asks));
    let raft = run.simulation.raft_of(node, GroupId(1)).expect("it waits");
    assert_eq!(raft.hard_state().voted_for, None);
    assert_eq!(raft.current_term(), 50);
}

#[test]
fn a_later_member_is_not_buried_for_an_earlier_one() {
    let (mut run, node) = with_a_grave();
    let member = MemberId::new(node, 99);
    run.simulation
        .forge_packet(packet(node, message(member, 50, append())));
    let here = |run: &Run| run.simulation.raft_of(node, GroupId(1)).is_some();
    let bury = |generation| Content::Bury(GroupId(1), MemberId::new(node, generation));
    run.simulation.forge_packet(packet(node, bury(98)));
    assert!(here(&run));
    run.simulation.forge_packet(packet(node, bury(99)));
    assert!(!here(&run));
}

#[test]
fn a_step_of_a_controller_that_was_deposed_is_refused() {
    let mut run = Run::new(settings(4, 1), 1);
    run.go(5);
    let members = run.members(1);
    let leader = members.iter().map(|&node| NodeId(node)).find(|&node| {
        let raft = run.simulation.raft_of(node, GroupId(1));
        raft.is_some_and(|raft| raft.is_leader())
    });
    let leader = leader.expect("one leads");
    let id = |run: &Run| {
        let raft = run.simulation.raft_of(leader, GroupId(1)).unwrap();
        raft.configuration_id()
    };
    let before = id(&run);
    let other = (1..=4).map(NodeId).find(|node| !members.contains(&node.0));
    let other = other.expect("one of four is no member");
    let step = |term| {
        let fence = Fence {
            term,
            operation: 1,
            stage: 0,
        };
        let change = Change {
            voters: members.iter().map(|&node| NodeId(node)).collect(),
            learners: vec![other],
            way: Way::Shortest,
        };
        let demand = Demand::Change {
            replaces: before,
            change,
        };
        let group = GroupId(1);
        let request = StepRequest {
            group,
            fence,
            demand,
        };
        packet(leader, Content::Step(request.into()))
    };
    // The first step with a fence is only written down; then the same one is done.
    run.simulation.forge_packet(step(900));
    assert_eq!(id(&run), before);
    run.simulation
        .run_until(run.simulation.now() + Span::millis(90));
    run.simulation.forge_packet(step(899));
    assert_eq!(id(&run), before, "a lower fence");
    run.simulation.forge_packet(step(900));
    assert_ne!(id(&run), before, "the same fence");
}
