//! A server of the model: what it has in memory and what it has on its disk (figure 2, state).

use super::line::{Id, Index, Member, Members, Message, Node, Term, Verdict, demand};
use std::collections::{BTreeMap, BTreeSet};

/// A log, by its entries' terms. It is kept whole: a snapshot stands for what it covers.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Log(pub Vec<Term>);

impl Log {
    pub fn len(&self) -> Index {
        self.0.len() as Index
    }

    pub fn at(&self, index: Index) -> Option<Term> {
        match index.checked_sub(1) {
            None => Some(0),
            Some(place) => self.0.get(place as usize).copied(),
        }
    }

    pub fn last(&self) -> Id {
        let index = self.len();
        let term = self.at(index).unwrap_or(0);
        Id { term, index }
    }

    pub fn holds(&self, id: Id) -> bool {
        self.at(id.index) == Some(id.term)
    }
}

/// What a server is in its term (figure 4, and dissertation 9.6).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Role {
    #[default]
    Follower,
    PreCandidate,
    Candidate,
    Leader,
}

/// What a disk holds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Durable {
    pub term: Term,
    pub vote: Option<Node>,
    pub log: Log,
    pub snapshot: Index,
    /// The members where the log begins, and the index of that.
    pub base: (Index, Members),
}

/// A change of the persistent state on its way to the disk.
#[derive(Clone, Debug)]
struct Change {
    term: Term,
    vote: Option<Node>,
    snapshot: Index,
    base: Option<(Index, Members)>,
    /// The log keeps so many entries and gets these.
    keeps: Index,
    gets: Vec<Term>,
    /// Where it ends then.
    last: Id,
}

/// A server.
#[derive(Clone, Debug, Default)]
pub struct Server {
    pub node: Node,
    pub generation: u64,
    pub up: bool,
    pub role: Role,
    pub term: Term,
    pub vote: Option<Node>,
    pub log: Log,
    pub commit: Index,
    pub applied: Index,
    pub snapshot: Index,
    /// The configurations in its log, and the one where it begins.
    pub configurations: BTreeMap<Index, Members>,
    /// The one that it says it goes by, until that is compared.
    pub told: Option<Members>,
    pub durable: Durable,
    changes: Vec<Change>,
    /// Why it must take no part: its disk isn't what it was.
    pub must_refuse: Option<String>,

    /// Why it must lead no longer.
    pub must_step_down: Option<String>,

    // A candidate.
    pub votes: Vec<Member>,

    // A leader.
    pub matched: BTreeMap<Member, (u64, Index)>,
    pub heard: BTreeMap<Member, u64>,
    pub round: u64,
    /// When each round was first sent.
    pub rounds: BTreeMap<u64, u64>,
    pub reads: BTreeMap<(bool, u64), Vec<(u64, Index)>>,

    // A follower.
    /// What it may say it holds, by the leader's messages: the term at an index.
    pub acks: BTreeMap<Index, Term>,
    acks_of: (Node, Term),
    pub incoming: Option<(Id, u64)>,
    /// Parts of a snapshot that came before what they continue: their first and last byte.
    pub early: BTreeSet<(Id, u64, u64)>,
    /// The most that it had of each snapshot since it started.
    pub received: BTreeMap<Index, u64>,

    // The step that it is at.
    pub inbox: Option<(u64, Message)>,
    /// The event that handed it a request.
    pub asked: Option<u64>,
    pub commit_before: Index,
    pub round_before: u64,
    pub led: bool,
}

impl Server {
    pub fn new(node: Node, generation: u64, members: Members) -> Server {
        let base = (0, members.clone());
        Server {
            node,
            generation,
            up: true,
            configurations: [(0, members)].into(),
            durable: Durable {
                base,
                ..Durable::default()
            },
            ..Server::default()
        }
    }

    pub fn me(&self) -> Member {
        (self.node, self.generation)
    }

    /// The members that it goes by: the last configuration in its log (dissertation 4.1).
    pub fn members(&self) -> &Members {
        let last = self.configurations.values().next_back();
        last.expect("the first one stays")
    }

    pub fn members_at(&self, index: Index) -> &Members {
        let last = self.configurations.range(..=index).next_back();
        last.map_or_else(|| self.members(), |(_, members)| members)
    }

    /// Where the members that it goes by stand.
    pub fn configured_at(&self) -> Index {
        *self
            .configurations
            .keys()
            .next_back()
            .expect("the first one stays")
    }

    /// Whether it leads, or did when this step began.
    pub fn leads(&self) -> bool {
        self.role == Role::Leader || self.led
    }

    /// A step begins: nothing of the one before counts any more.
    pub fn begin_step(&mut self) -> Verdict {
        (self.inbox, self.asked) = (None, None);
        (self.commit_before, self.round_before) = (self.commit, self.round);
        self.led = self.role == Role::Leader;
        self.compare_members()
    }

    /// The configuration that it said it goes by must be the last one in its log.
    pub fn compare_members(&mut self) -> Verdict {
        if let Some(told) = self.told.take() {
            demand!(
                told == *self.members(),
                "it goes by {told:?}, and its log ends with {:?}",
                self.members()
            );
        }
        Ok(())
    }

    /// What a leader's message entitles a follower to acknowledge.
    pub fn may_acknowledge(&mut self, from: Node, term: Term, id: Id) {
        if self.acks_of != (from, term) {
            self.acks.clear();
            self.acks_of = (from, term);
        }
        self.acks.insert(id.index, id.term);
    }

    // ---- the disk ----

    /// The persistent state has changed: the log keeps `keeps` entries of what it had.
    pub fn changed(&mut self, keeps: Index, base: Option<(Index, Members)>) {
        self.changes.push(Change {
            term: self.term,
            vote: self.vote,
            snapshot: self.snapshot,
            base,
            keeps,
            gets: self.log.0[keeps as usize..].to_vec(),
            last: self.log.last(),
        });
    }

    /// Term or vote have changed, or there is a snapshot.
    pub fn changed_but_log(&mut self) {
        self.changed(self.log.len(), None);
    }

    /// A sync is complete, and this is on the disk. It must be what the server wrote, in its order.
    pub fn synced(&mut self, term: Term, vote: Option<Node>, last: Id, snapshot: Index) -> Verdict {
        let found = (term, vote, last, snapshot);
        let is = |it: &Change| (it.term, it.vote, it.last, it.snapshot) == found;
        if let Some(place) = self.changes.iter().rposition(is) {
            for change in self.changes.drain(..=place) {
                let durable = &mut self.durable;
                durable.log.0.truncate(change.keeps as usize);
                durable.log.0.extend(change.gets);
                (durable.term, durable.vote) = (change.term, change.vote);
                durable.snapshot = change.snapshot;
                if let Some(base) = change.base {
                    durable.base = base;
                }
            }
            return Ok(());
        }
        demand!(
            self.holds_on_disk(term, vote, last, snapshot),
            "its disk holds {found:?}, which it never wrote"
        );
        Ok(())
    }

    pub fn holds_on_disk(&self, term: Term, vote: Option<Node>, last: Id, snapshot: Index) -> bool {
        let Durable {
            term: its_term,
            vote: its_vote,
            log,
            snapshot: its_snapshot,
            ..
        } = &self.durable;
        (*its_term, *its_vote, log.last(), *its_snapshot) == (term, vote, last, snapshot)
    }

    pub fn crash(&mut self) {
        self.changes.clear();
        self.up = false;
        self.role = Role::Follower;
        (self.must_refuse, self.must_step_down) = (None, None);
    }

    /// Starts from its disk; `known` says which entries are configurations.
    pub fn restart(&mut self, known: impl Fn(Id) -> Option<Members>) {
        let durable = self.durable.clone();
        let generation = self.generation;
        let (begins, members) = durable.base.clone();
        *self = Server::new(self.node, generation, members.clone());
        self.configurations = [(begins, members)].into();
        let entries = (1..).zip(&durable.log.0).skip(begins as usize);
        for (index, &term) in entries {
            if let Some(members) = known(Id { term, index }) {
                self.configurations.insert(index, members);
            }
        }
        (self.term, self.vote) = (durable.term, durable.vote);
        self.log = durable.log.clone();
        self.snapshot = durable.snapshot;
        (self.commit, self.applied) = (durable.snapshot, durable.snapshot);
        self.durable = durable;
    }
}
