//! A cluster worked by hand: no clock, no delay; messages and writes wait until a test moves them.

use kvorum::base::{MemberId, NodeId, Time};
use kvorum::raft::{
    Body, Candidacy, Change, ChangeError, Config, Configuration, Effects, Entries, Entry, EntryId,
    HardState, Index, Input, Log, Message, Payload, Proposed, Raft, Read, Role, Rules, Snapshot,
    Term, Timing, Trace, Way, Write,
};
use std::collections::{BTreeSet, VecDeque};
use std::fmt::Write as _;
use std::rc::Rc;

pub const S1: NodeId = NodeId(1);
pub const S2: NodeId = NodeId(2);
pub const S3: NodeId = NodeId(3);
pub const S4: NodeId = NodeId(4);
pub const S5: NodeId = NodeId(5);

/// One server, its disk, and what it is still writing.
pub struct Machine {
    /// `None` while it is down.
    pub raft: Option<Raft<String>>,
    pub hard_state: HardState,
    pub snapshot: Option<Rc<Snapshot>>,
    pub log: Log<String>,
    pub pending: VecDeque<Write<String>>,
    /// What the state machine was replaced by last.
    pub installed: Option<Rc<Snapshot>>,
    incarnation: u32,
    /// Which disk it has.
    pub disk: u32,
}

pub struct Cluster {
    pub machines: Vec<Machine>,
    pub network: Vec<Message<String>>,
    /// Links that lose everything, by direction.
    pub cut: BTreeSet<(NodeId, NodeId)>,
    pub now: Time,
    /// The members at the start; later servers start knowing nobody.
    founders: u32,
    pub traces: Vec<(NodeId, Trace)>,
    pub reads: Vec<(NodeId, Read)>,
    /// What became of the last change of membership.
    pub changed: Option<Result<EntryId, ChangeError>>,
    pub rules: Rules,
    pub timing: Timing,
    /// The servers' priorities, S1's first.
    pub priorities: Vec<u8>,
}

impl Machine {
    fn new() -> Machine {
        Machine {
            raft: None,
            hard_state: HardState::default(),
            snapshot: None,
            log: Log::default(),
            pending: VecDeque::new(),
            installed: None,
            incarnation: 0,
            disk: 0,
        }
    }
}

impl Cluster {
    /// A cluster that keeps to the paper: its servers can be elected at will.
    pub fn new(size: u32) -> Cluster {
        Cluster::with(size, Rules::FIGURE_2, Timing::default())
    }

    pub fn with(size: u32, rules: Rules, timing: Timing) -> Cluster {
        let mut cluster = Cluster {
            machines: (0..size).map(|_| Machine::new()).collect(),
            founders: size,
            network: Vec::new(),
            cut: BTreeSet::new(),
            now: Time::ZERO,
            traces: Vec::new(),
            reads: Vec::new(),
            changed: None,
            rules,
            timing,
            priorities: Vec::new(),
        };
        cluster.ids().for_each(|id| cluster.restart(id));
        cluster
    }

    /// Sets up a server that is going to join.
    pub fn add_server(&mut self) -> NodeId {
        self.machines.push(Machine::new());
        let id = NodeId(self.machines.len() as u32);
        self.restart(id);
        id
    }

    /// Asks a server to change the membership.
    pub fn change(
        &mut self,
        id: NodeId,
        voters: &[NodeId],
        learners: &[NodeId],
        way: Way,
    ) -> Result<EntryId, ChangeError> {
        let change = Change {
            voters: voters.to_vec(),
            learners: learners.to_vec(),
            way,
        };
        self.step(id, Input::Change(&change));
        self.changed.take().expect("an answer")
    }

    pub fn ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (1..=self.machines.len() as u32).map(NodeId)
    }

    pub fn machine(&mut self, id: NodeId) -> &mut Machine {
        &mut self.machines[id.0 as usize - 1]
    }

    pub fn raft(&self, id: NodeId) -> &Raft<String> {
        self.machines[id.0 as usize - 1]
            .raft
            .as_ref()
            .expect("the server is up")
    }

    /// Gives a server that is down this disk.
    pub fn set_disk(&mut self, id: NodeId, term: Term, terms: &[Term]) {
        let machine = self.machine(id);
        machine.hard_state = HardState {
            current_term: term,
            ..HardState::default()
        };
        machine.log = Log::default();
        machine.log.extend(&entries(terms));
    }

    /// Gives a server that is down an empty disk.
    pub fn wipe(&mut self, id: NodeId) {
        let machine = self.machine(id);
        machine.hard_state = HardState::default();
        machine.snapshot = None;
        machine.log = Log::default();
        machine.disk += 1;
    }

    pub fn crash(&mut self, id: NodeId) {
        let machine = self.machine(id);
        machine.raft = None;
        machine.pending.clear();
    }

    pub fn restart(&mut self, id: NodeId) {
        let founder = id.0 <= self.founders;
        let generation = match founder {
            true => MemberId::FOUNDER,
            false => MemberId::UNBORN,
        };
        let config = Config {
            id: MemberId::new(id, generation),
            members: match founder {
                true => Configuration::new((1..=self.founders).map(NodeId)),
                false => Configuration::default(),
            },
            timing: self.timing,
            rules: self.rules,
            priority: self.priorities.get(id.0 as usize - 1).copied().unwrap_or(0),
            seed: 1,
            incarnation: self.machine(id).incarnation,
            disk: self.machine(id).disk,
        };
        let now = self.now;
        let machine = self.machine(id);
        machine.incarnation += 1;
        machine.raft = Some(Raft::recover(
            config,
            machine.hard_state,
            machine.snapshot.clone(),
            machine.log.clone(),
            now,
        ));
    }

    /// One step; what it asks for waits in `network` and `pending`.
    pub fn step(&mut self, id: NodeId, input: Input<'_, String>) -> Option<Proposed> {
        let now = self.now;
        let machine = &mut self.machines[id.0 as usize - 1];
        let raft = machine.raft.as_mut()?;
        let mut out = Effects::default();
        raft.step(now, input, &mut out);
        machine.pending.extend(out.writes);
        machine.installed = out.installed.or(machine.installed.take());
        let cut = &self.cut;
        self.network.extend(
            out.messages
                .into_iter()
                .filter(|m| !cut.contains(&(m.from.node(), m.to.node()))),
        );
        self.traces
            .extend(out.traces.into_iter().map(|trace| (id, trace)));
        self.reads
            .extend(out.reads.into_iter().map(|read| (id, read)));
        self.changed = out.changed.or(self.changed);
        out.proposed
    }

    pub fn campaign(&mut self, id: NodeId) {
        self.step(id, Input::Campaign);
    }

    pub fn propose(&mut self, id: NodeId, command: &str) -> Option<Proposed> {
        self.step(id, Input::Propose(&mut vec![command.to_owned()]))
    }

    /// Takes a snapshot of everything that is committed.
    pub fn compact(&mut self, id: NodeId, state: &str) {
        let index = self.raft(id).commit_index();
        let state = state.as_bytes().into();
        self.step(id, Input::Compact { index, state });
    }

    /// The oldest write of `id` becomes durable. False if there is none.
    pub fn sync(&mut self, id: NodeId) -> bool {
        let machine = self.machine(id);
        let Some(write) = machine.pending.pop_front() else {
            return false;
        };
        if let Some(compaction) = &write.snapshot {
            machine.snapshot = Some(compaction.snapshot.clone());
            machine.log.rebase(compaction.base);
        }
        machine.hard_state = write.hard_state.unwrap_or(machine.hard_state);
        if let Some(append) = &write.append {
            machine.log.truncate(append.first);
            machine.log.extend(&append.entries);
        }
        self.step(id, Input::Persisted(write));
        true
    }

    /// Delivers the message at `at`.
    pub fn deliver(&mut self, at: usize) {
        let message = self.network.remove(at);
        self.step(message.to.node(), Input::Receive(message));
    }

    /// Syncs and delivers, oldest first, until nothing is left to do.
    pub fn settle(&mut self) {
        for _ in 0..10_000 {
            let synced = self.ids().any(|id| self.sync(id));
            if !synced && self.network.is_empty() {
                return;
            }
            if !synced {
                self.deliver(0);
            }
        }
        panic!("the cluster never settles");
    }

    /// Lets time pass, and wakes whoever asked to be woken by then.
    pub fn pass(&mut self, span: kvorum::base::Span) {
        self.now += span;
        for id in self.ids() {
            self.step(id, Input::Wake);
        }
    }

    pub fn elect(&mut self, id: NodeId) {
        self.campaign(id);
        self.settle();
        assert_eq!(self.raft(id).role(), Role::Leader, "{id} wins");
    }

    /// Cuts every link between `side` and the rest, both ways.
    pub fn partition(&mut self, side: &[NodeId]) {
        for a in self.ids() {
            for b in self.ids() {
                if side.contains(&a) != side.contains(&b) {
                    self.cut.insert((a, b));
                }
            }
        }
    }

    pub fn commits(&self) -> Vec<Index> {
        self.ids().map(|id| self.raft(id).commit_index()).collect()
    }

    pub fn terms(&self, id: NodeId) -> Vec<Term> {
        let log = self.raft(id).log();
        (log.first_index()..=log.last_index())
            .map(|index| log.term_at(index).expect("no gaps"))
            .collect()
    }

    pub fn saw(&self, id: NodeId, test: impl Fn(&Trace) -> bool) -> bool {
        self.traces
            .iter()
            .any(|(who, trace)| *who == id && test(trace))
    }
}

/// Entries with these terms; their commands name the index only by its place.
pub fn entries(terms: &[Term]) -> Entries<String> {
    terms
        .iter()
        .map(|&term| Entry {
            term,
            payload: Payload::Command(format!("old{term}")),
        })
        .collect()
}

fn at(position: EntryId) -> String {
    format!("{}@{}", position.index, position.term)
}

pub fn entry_text(index: Index, entry: &Entry<String>) -> String {
    let what = match &entry.payload {
        Payload::Noop => "∅",
        Payload::Command(command) => command,
        Payload::Configuration(members) => &members_text(members),
    };
    format!("{index}@{} {what}", entry.term)
}

/// `{S1 S2}`, joint `{S1 S2 | S2 S3}` with the outgoing half first, learners behind a plus.
pub fn members_text(members: &Configuration) -> String {
    let list = |ids: &[MemberId]| {
        ids.iter()
            .map(MemberId::to_string)
            .collect::<Vec<_>>()
            .join(" ")
    };
    let mut text = list(members.voters());
    if members.is_joint() {
        let stays = if members.leaves_by_itself() { "" } else { "!" };
        text = format!("{} |{stays} {text}", list(members.outgoing()));
    }
    if !members.learners().is_empty() {
        text += &format!(" + {}", list(members.learners()));
    }
    format!("{{{text}}}")
}

pub fn log_text(log: &Log<String>) -> String {
    let text = |index| entry_text(index, log.entry(index).expect("no gaps"));
    let base = Some(log.base()).filter(|base| base.index > 0);
    base.map(|base| format!("…{}", at(base)))
        .into_iter()
        .chain((log.first_index()..=log.last_index()).map(text))
        .collect::<Vec<_>>()
        .join(", ")
}

fn candidate_text(candidate: &Candidacy) -> String {
    let Candidacy {
        last_log,
        priority,
        transfer,
    } = *candidate;
    let mut text = format!("last {}", at(last_log));
    if priority > 0 {
        let _ = write!(text, " priority {priority}");
    }
    if transfer {
        text += " transfer";
    }
    text
}

pub fn message_text(message: &Message<String>) -> String {
    let Message {
        from,
        to,
        term,
        body,
    } = message;
    let mut text = format!("{from} -> {to} term {term}: ");
    let _ = match body {
        Body::RequestVote(candidate) => {
            write!(text, "RequestVote {}", candidate_text(candidate))
        }
        Body::RequestPreVote { candidate, .. } => {
            write!(text, "RequestPreVote {}", candidate_text(candidate))
        }
        Body::RequestVoteReply { granted } => write!(
            text,
            "RequestVoteReply {}",
            if *granted { "yes" } else { "no" }
        ),
        Body::RequestPreVoteReply { granted, .. } => {
            write!(
                text,
                "RequestPreVoteReply {}",
                if *granted { "yes" } else { "no" }
            )
        }
        Body::TimeoutNow => write!(text, "TimeoutNow"),
        Body::ReadIndex { batch } => write!(text, "ReadIndex batch {batch}"),
        Body::ReadIndexReply { batch, index } => {
            write!(text, "ReadIndexReply batch {batch} index {index}")
        }
        Body::AppendEntries {
            prev_log,
            entries,
            leader_commit,
            round,
        } => {
            let new: Vec<_> = (prev_log.index + 1..)
                .zip(entries.iter())
                .map(|(i, e)| entry_text(i, e))
                .collect();
            let new = new.join(", ");
            write!(
                text,
                "AppendEntries prev {} [{new}] commit {leader_commit} round {round}",
                at(*prev_log)
            )
        }
        Body::AppendEntriesAccepted {
            match_index, round, ..
        } => {
            write!(
                text,
                "AppendEntriesReply success through {match_index} round {round}"
            )
        }
        Body::AppendEntriesRejected {
            prev_log_index,
            hint,
            round,
            ..
        } => write!(
            text,
            "AppendEntriesReply failure prev {prev_log_index}, try {} (term {}) round {round}",
            hint.index, hint.term
        ),
        Body::InstallSnapshot { chunk, round } => write!(
            text,
            "InstallSnapshot {} bytes {}..{} of {}: {:?} round {round}",
            at(chunk.last),
            chunk.offset,
            chunk.end(),
            chunk.total(),
            String::from_utf8_lossy(chunk.bytes()),
        ),
        Body::InstallSnapshotReply {
            last, bytes, round, ..
        } => {
            write!(
                text,
                "InstallSnapshotReply of {last}: {bytes} bytes round {round}"
            )
        }
    };
    text
}
