//! Disks that fail: what was promised is kept, or the server takes no part and says why.

use crate::run::says_why;
use crate::support::{self, put, request, stored, without_timers};
use kvorum::base::{GroupId, NodeId, Span};
use kvorum::raft::{Rule, Rules, Trace};
use kvorum::sim::{
    Action, DiskError, DiskFault, DiskRecord, Event, EventKind, Property, Simulation,
};

const S1: NodeId = NodeId(1);
const S2: NodeId = NodeId(2);
const S3: NodeId = NodeId(3);

/// Servers whose timers never run out by themselves: the story says who campaigns, by the rules of
/// figure 2, under which a server that has heard a leader may still vote for another.
pub struct Stage(pub Simulation);

impl Stage {
    pub fn new(nodes: u32, rules: Rules) -> Stage {
        Stage(without_timers(nodes, rules))
    }

    /// Does something and gives it time to have its effect. After a violation nothing happens.
    pub fn act(&mut self, action: Action) {
        if self.0.violation().is_none() {
            self.0.apply(action).unwrap();
            let until = self.0.now() + Span::millis(200);
            self.0.run_until(until);
        }
    }

    pub fn disk(&mut self, node: NodeId, fault: DiskFault) {
        self.act(Action::Disk { node, fault });
    }

    pub fn crash(&mut self, node: NodeId) {
        self.act(Action::Crash { node });
    }

    pub fn restart(&mut self, node: NodeId) {
        self.act(Action::Restart { node });
    }

    pub fn elect(&mut self, node: NodeId) {
        self.act(Action::time_out(node));
    }

    pub fn put(&mut self, to: NodeId, value: &str) {
        self.act(request(put("x", value), Some(to), 1));
    }

    pub fn broken(&self) -> Option<Property> {
        self.0.violation().map(|violation| violation.property())
    }

    fn leads(&self, node: NodeId) -> bool {
        self.0.host(node).unwrap().is_leader()
    }

    fn value(&self, node: NodeId) -> Option<String> {
        stored(&self.0, node, "x")
    }

    fn refuses(&self, node: NodeId) -> Option<DiskError> {
        self.0.host(node).unwrap().refuses()
    }

    fn events(&mut self) -> Vec<Event> {
        support::events(&mut self.0)
    }
}

/// S1 leads three servers, and one value is everywhere.
fn three(rules: Rules) -> Stage {
    let mut stage = Stage::new(3, rules);
    stage.elect(S1);
    stage.put(S1, "a");
    stage
}

#[test]
fn a_torn_record_is_cut_off_and_nothing_is_lost() {
    let mut stage = three(Rules::FIGURE_2);
    stage.disk(S3, DiskFault::Tear);
    stage.put(S1, "b");
    let disk = stage.0.host(S3).unwrap().disk();
    let record = DiskRecord::Entry { index: 3 };
    assert_eq!(disk.torn(), Some(record));
    assert_eq!(stage.0.host(S3).unwrap().volume().log().last_index(), 2);
    stage.restart(S3);
    let cut = |event: &Event| {
        event.kind
            == EventKind::CutOff {
                node: S3,
                group: GroupId::FIRST,
                record,
            }
    };
    assert!(stage.events().iter().any(cut));
    stage.put(S1, "c");
    assert_eq!(stage.value(S3).as_deref(), Some("c"));
    assert_eq!(stage.broken(), None);
}

#[test]
fn a_corrupt_disk_takes_no_part_and_says_why() {
    let mut stage = three(Rules::FIGURE_2);
    stage.disk(S3, DiskFault::Corrupt);
    stage.put(S1, "b");
    assert_eq!(stage.refuses(S3), None, "nobody has read it yet");
    stage.crash(S3);
    stage.restart(S3);
    let at = DiskRecord::Entry { index: 2 };
    assert_eq!(stage.refuses(S3), Some(DiskError::Corrupt { at }));
    assert!(stage.0.host(S3).unwrap().raft().is_none());
    let wrong = Action::time_out(S3);
    assert_eq!(
        says_why(&stage.0.apply(wrong).unwrap_err()),
        "node: S3 takes no part"
    );
    // The others go on, but one more is one too many: S3 doesn't count.
    stage.put(S1, "c");
    assert_eq!(stage.value(S2).as_deref(), Some("c"));
    stage.crash(S2);
    stage.put(S1, "d");
    assert_eq!(stage.value(S1).as_deref(), Some("c"));
    assert_eq!(stage.broken(), None);
}

#[test]
fn a_corrupt_snapshot_is_found_by_its_checksum() {
    let mut stage = three(Rules::FIGURE_2);
    stage.act(Action::compact(S3));
    stage.disk(S3, DiskFault::Corrupt);
    stage.crash(S3);
    stage.restart(S3);
    let at = DiskRecord::Snapshot { index: 2 };
    assert_eq!(stage.refuses(S3), Some(DiskError::Corrupt { at }));
}

#[test]
fn what_is_written_anew_is_good_again() {
    let mut stage = three(Rules::FIGURE_2);
    stage.disk(S3, DiskFault::Corrupt);
    stage.act(Action::compact(S3));
    assert_eq!(stage.0.host(S3).unwrap().disk().corrupt(), None);
    stage.crash(S3);
    stage.restart(S3);
    assert_eq!(stage.refuses(S3), None);
}

#[test]
fn a_full_disk_acknowledges_nothing_and_recovers() {
    let mut stage = three(Rules::FIGURE_2);
    stage.disk(S1, DiskFault::Fill);
    assert!(!stage.leads(S1), "a leader steps down");
    stage.elect(S2);
    assert!(stage.leads(S2), "the others are enough");
    stage.put(S2, "b");
    assert_eq!(stage.value(S1).as_deref(), Some("a"), "it takes in nothing");
    stage.elect(S1);
    assert_eq!(stage.0.host(S1).unwrap().raft().unwrap().current_term(), 1);
    stage.disk(S1, DiskFault::Free);
    stage.put(S2, "c");
    assert_eq!(stage.value(S1).as_deref(), Some("c"));
    let filled = |event: &Event| {
        matches!(
            event.kind,
            EventKind::Traced {
                node: S1,
                trace: Trace::DiskFilled {
                    was_leader: true,
                    ..
                },
                ..
            }
        )
    };
    assert!(stage.events().iter().any(filled));
    assert_eq!(stage.broken(), None);
}

#[test]
fn a_disk_stays_full_over_a_restart() {
    let mut stage = three(Rules::FIGURE_2);
    stage.disk(S3, DiskFault::Fill);
    stage.crash(S3);
    stage.restart(S3);
    stage.put(S1, "b");
    assert_eq!(stage.0.host(S3).unwrap().last_applied(), 0);
    stage.disk(S3, DiskFault::Free);
    stage.put(S1, "c");
    assert_eq!(stage.value(S3).as_deref(), Some("c"));
}

#[test]
fn disk_faults_that_cannot_be_are_refused_by_name() {
    let mut stage = Stage::new(3, Rules::FIGURE_2);
    let mut why = |fault| {
        let refused = stage.0.apply(Action::Disk { node: S1, fault });
        refused.err().map(|error| says_why(&error))
    };
    let holds_nothing = Some("fault: the disk of S1 holds nothing yet".to_owned());
    assert_eq!(why(DiskFault::Corrupt), holds_nothing);
    assert!(why(DiskFault::Free).is_some());
    assert_eq!(why(DiskFault::Fill), None);
    assert!(why(DiskFault::Fill).is_some());
    assert_eq!(why(DiskFault::Tear), None);
    assert!(why(DiskFault::Tear).is_some());
    assert_eq!(why(DiskFault::Wipe), None);
    let crashed = Some("node: S1 is crashed".to_owned());
    assert_eq!(why(DiskFault::Tear), crashed);
}

// ---- what the rules are for: see `rules` ----

/// A voter that held a committed entry loses its disk and comes back as if it were new.
pub fn wiped_voter(rules: Rules) -> Option<Property> {
    let mut stage = three(rules);
    stage.crash(S3);
    stage.put(S1, "b");
    stage.crash(S1);
    stage.disk(S2, DiskFault::Wipe);
    stage.restart(S2);
    stage.restart(S3);
    stage.elect(S3);
    stage.broken()
}

/// A server starts from a disk on which half a record stands, and another from one on which a bit
/// has flipped.
pub fn bad_record(rules: Rules) -> Option<Property> {
    let found = [DiskFault::Tear, DiskFault::Corrupt].map(|fault| {
        let mut stage = three(rules);
        stage.disk(S3, fault);
        stage.put(S1, "b");
        if fault == DiskFault::Corrupt {
            stage.crash(S3);
        }
        stage.restart(S3);
        stage.put(S1, "c");
        stage.broken()
    });
    assert_eq!(found[0], found[1]);
    found[0]
}

/// The leader believes that S2 holds an entry, which S2 lost with its disk. A server may come back
/// with an empty disk here: otherwise nothing hangs on it.
pub fn replaced_disk(rules: Rules) -> Option<Property> {
    let mut stage = Stage::new(5, rules);
    let ids = |ids: &[u32]| ids.iter().map(|&id| NodeId(id)).collect::<Vec<_>>();
    stage.elect(S1);
    let groups = vec![ids(&[1, 2]), ids(&[3, 4, 5])];
    stage.act(Action::partition(groups));
    stage.put(S1, "on two of five");
    stage.disk(S2, DiskFault::Wipe);
    stage.restart(S2);
    let groups = vec![ids(&[1, 2, 3]), ids(&[4, 5])];
    stage.act(Action::partition(groups));
    let groups = vec![ids(&[1, 3]), ids(&[2, 4, 5])];
    stage.act(Action::partition(groups));
    stage.elect(NodeId(4));
    stage.broken()
}

#[test]
fn a_snapshot_that_is_misread_is_another_state() {
    let mut stage = three(Rules::FIGURE_2.without(Rule::DiskChecksum));
    stage.act(Action::compact(S1));
    stage.act(Action::compact(S3));
    stage.disk(S3, DiskFault::Corrupt);
    stage.crash(S3);
    stage.restart(S3);
    let unreadable = stage.refuses(S3).is_some();
    assert!(unreadable || stage.broken() == Some(Property::StateMachineSafety));
}

/// A machine whose server takes no part is paused: what waited for it is refused when it goes on.
#[test]
fn what_waited_for_a_server_that_takes_no_part_is_refused() {
    let mut stage = Stage::new(3, Rules::FIGURE_2);
    stage.elect(S1);
    stage.crash(S3);
    stage.disk(S3, DiskFault::Wipe);
    stage.restart(S3);
    assert!(stage.0.host(S3).unwrap().refuses().is_some());
    stage.act(Action::Pause { node: S3 });
    assert!(stage.0.host(S3).unwrap().waiting() > 0);
    stage.0.take_events(&mut Vec::new());
    stage.0.apply(Action::Resume { node: S3 }).unwrap();
    let mut events = Vec::new();
    stage.0.take_events(&mut events);
    let to_s3 = |event: &&Event| match event.kind {
        EventKind::Lost { to, why, .. } => to == S3.into() && why == kvorum::sim::Loss::Refused,
        EventKind::Delivered { to, .. } => panic!("delivered to {to}"),
        _ => false,
    };
    assert!(events.iter().filter(to_s3).count() > 0);
}
