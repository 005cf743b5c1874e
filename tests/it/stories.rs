//! The paper's own counter-examples, played act by act: what a rule is for, without it and with it.

use crate::support::{put, request, without_timers};
use kvorum::base::{NodeId, Span, Time};
use kvorum::raft::{Role, Rule, Rules};
use kvorum::sim::{Action, Property, Simulation};

/// Servers whose timers never run out by themselves, so that the story decides who campaigns.
struct Stage(Simulation);

impl Stage {
    fn new(nodes: u32, rules: Rules) -> Stage {
        Stage(without_timers(nodes, rules))
    }

    /// Does something and gives it time to have its effect. After a violation nothing happens.
    fn act(&mut self, action: Action) {
        if self.0.violation().is_none() {
            self.0.apply(action).unwrap();
            let until = self.0.now() + Span::millis(150);
            self.0.run_until(until);
        }
    }

    fn elect(&mut self, node: u32) {
        let node = NodeId(node);
        self.act(Action::time_out(node));
        let leads = |stage: &Stage| {
            let raft = stage.0.host(node).unwrap().raft();
            raft.is_some_and(|raft| raft.role() == Role::Leader)
        };
        // A term in which others have voted already is lost; the next one isn't.
        if !leads(self) {
            self.act(Action::time_out(node));
        }
        assert!(leads(self));
    }

    fn put(&mut self, node: u32, value: &str) {
        self.act(request(put("x", value), Some(NodeId(node)), 1));
    }

    fn crash(&mut self, node: u32) {
        self.act(Action::Crash { node: NodeId(node) });
    }

    fn restart(&mut self, node: u32) {
        self.act(Action::Restart { node: NodeId(node) });
    }

    fn split(&mut self, groups: &[&[u32]]) {
        let group = |ids: &&[u32]| ids.iter().copied().map(NodeId).collect::<Vec<_>>();
        self.act(Action::partition(groups.iter().map(group)));
    }

    fn set_disk(&mut self, node: u32, fsync: Span) {
        self.act(Action::SetDisk {
            node: NodeId(node),
            fsync_min: fsync,
            fsync_max: fsync,
        });
    }

    fn broken(&self) -> Option<Property> {
        self.0.violation().map(|violation| violation.property())
    }
}

/// Figure 8: a leader spreads an entry of an earlier term to a majority; is it committed?
pub fn figure_8(rules: Rules) -> Option<Property> {
    // Without a no-op, as in the figure: it would bring an entry of the new term along.
    let mut stage = Stage::new(5, rules.without(Rule::NoopOnElection));
    stage.elect(1);
    stage.split(&[&[1, 2], &[3, 4, 5]]);
    stage.put(1, "on S1 and S2");
    stage.crash(1);
    stage.elect(5);
    stage.split(&[&[5], &[1, 2, 3, 4]]);
    stage.put(5, "on S5");
    stage.crash(5);
    stage.restart(1);
    stage.split(&[&[1, 2, 3], &[4, 5]]);
    stage.elect(1);
    let copies = |stage: &Stage| {
        let hosts = stage.0.hosts().iter();
        hosts
            .filter(|host| host.volume().log().term_at(1) == Some(1))
            .count()
    };
    assert_eq!(copies(&stage), 3);
    stage.crash(1);
    stage.act(Action::Heal);
    stage.restart(5);
    // The first term is lost: S2 and S3 have voted in it.
    stage.act(Action::time_out(NodeId(5)));
    stage.act(Action::time_out(NodeId(5)));
    stage.broken()
}

#[test]
fn an_entry_of_an_earlier_term_is_not_committed_by_counting_copies() {
    let rules = Rules::FIGURE_2.without(Rule::CommitOwnTermOnly);
    assert_eq!(figure_8(rules), Some(Property::LeaderCompleteness));
    assert_eq!(figure_8(Rules::FIGURE_2), None);
}

/// S2 votes for S1, forgets it in a crash, and is asked again by S3, which has not heard of S1.
pub fn forgotten_vote(rules: Rules) -> Option<Property> {
    // Without a no-op: once S2 holds an entry, S3's empty log is refused anyway.
    let mut stage = Stage::new(3, rules.without(Rule::NoopOnElection));
    let (from, to) = (NodeId(1), NodeId(3));
    stage.act(Action::cut(from, to));
    stage.elect(1);
    stage.crash(2);
    stage.restart(2);
    stage.act(Action::time_out(NodeId(3)));
    stage.broken()
}

#[test]
fn a_vote_that_a_crash_forgets_is_given_twice() {
    let rules = Rules::FIGURE_2.without(Rule::PersistVote);
    assert_eq!(forgotten_vote(rules), Some(Property::ElectionSafety));
    assert_eq!(forgotten_vote(Rules::FIGURE_2), None);
}

/// S2 and S3 acknowledge an entry that their slow disks don't hold yet, and crash.
pub fn forgotten_entry(rules: Rules) -> Option<Property> {
    let mut stage = Stage::new(3, rules);
    stage.elect(1);
    for node in [2, 3] {
        stage.set_disk(node, Span::secs(10));
    }
    stage.put(1, "acknowledged?");
    for node in [2, 3] {
        stage.crash(node);
        stage.set_disk(node, Span::millis(1));
    }
    stage.crash(1);
    stage.restart(2);
    stage.restart(3);
    stage.act(Action::time_out(NodeId(2)));
    stage.broken()
}

#[test]
fn an_entry_that_a_crash_forgets_must_not_be_acknowledged() {
    let rules = Rules::FIGURE_2.without(Rule::PersistLog);
    assert_eq!(forgotten_entry(rules), Some(Property::LeaderCompleteness));
    assert_eq!(forgotten_entry(Rules::FIGURE_2), None);
    // With the rule, the client had no answer either: nothing was promised.
    let mut stage = Stage::new(3, Rules::FIGURE_2);
    stage.elect(1);
    for node in [2, 3] {
        stage.set_disk(node, Span::secs(10));
    }
    stage.put(1, "acknowledged?");
    stage
        .0
        .run_until(stage.0.now().max(Time::from_millis(2_000)));
    let client = stage.0.clients().next().unwrap();
    assert_eq!(client.operations().next_back().unwrap().outcome, None);
}
