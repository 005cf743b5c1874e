//! What has to be known of how a world came about: who won which term, and what was committed.
//!
//! No server may know it any more, and yet what comes later must agree with it. It is a part of the
//! world, so that worlds are only taken for the same if they owe the same. What nobody can come into
//! conflict with any more is forgotten: see [`Past::settle`].

use super::broken::Broken;
use super::chains::{Chain, Chains, EMPTY};
use crate::base::NodeId;
use crate::raft::{Configuration, Fingerprint, Index, Raft, Sketch, Term};

/// What has been.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Past {
    /// Who won a term; terms ascend.
    leaders: Vec<(Term, NodeId)>,
    /// What a leader committed in a term, and none before it; terms and lengths ascend.
    committed: Vec<(Term, Chain)>,
    /// The most that any server took for committed.
    applied: Chain,
}

/// What a server did in a step, as far as others have to agree with it.
#[derive(Clone, Copy, Debug)]
pub struct Deed<'a, C> {
    /// The server afterwards.
    pub raft: &'a Raft<C>,
    /// Its log.
    pub log: Chain,
    /// What it takes for committed.
    pub committed: Chain,
    /// Whether it won its term.
    pub won: bool,
    /// Whether it moved its commit index.
    pub advanced: bool,
    /// The term that it led as it did that.
    pub led: Option<Term>,
}

impl Past {
    /// How many entries any server took for committed.
    pub fn committed(&self, chains: &Chains) -> Index {
        chains.len(self.applied)
    }

    /// The furthest that was committed before a term.
    fn before(&self, term: Term) -> Chain {
        let earlier = self
            .committed
            .iter()
            .rev()
            .find(|&&(in_term, _)| in_term < term);
        earlier.map_or(EMPTY, |&(_, chain)| chain)
    }

    /// A server has done something: Election Safety, Leader Completeness, State Machine Safety and
    /// Configuration Safety. `founders` are the members where logs begin.
    ///
    /// # Errors
    /// One of them is broken.
    pub fn take<C>(
        &mut self,
        deed: &Deed<'_, C>,
        chains: &Chains,
        founders: &Configuration,
    ) -> Result<(), Broken> {
        if deed.won {
            self.win(deed, chains, founders)?;
        }
        if deed.advanced {
            self.apply(deed, chains)?;
            if let Some(term) = deed.led {
                self.commit(deed, term, chains, founders)?;
            }
        }
        Ok(())
    }

    fn win<C>(
        &mut self,
        deed: &Deed<'_, C>,
        chains: &Chains,
        founders: &Configuration,
    ) -> Result<(), Broken> {
        let (leader, term) = (deed.raft.node(), deed.raft.current_term());
        let place = self.leaders.binary_search_by_key(&term, |it| it.0);
        match place {
            Ok(at) if self.leaders[at].1 != leader => {
                return Err(Broken::TwoLeaders {
                    term,
                    first: self.leaders[at].1,
                    second: leader,
                });
            }
            Ok(_) => {}
            Err(at) => self.leaders.insert(at, (term, leader)),
        }
        let committed = self.before(term);
        if !chains.begins_with(deed.log, committed) {
            return Err(Broken::LeaderLacks {
                leader,
                term,
                committed: chains.last(committed),
            });
        }
        let me = deed.raft.id();
        let (known, own) = chains
            .configuration(deed.committed)
            .unwrap_or((0, founders));
        let mut open = chains.configurations(deed.log, known).into_iter();
        if !own.is_voter(me) && !open.any(|(_, members)| members.is_voter(me)) {
            return Err(Broken::LeaderOutside {
                leader,
                term,
                index: known,
            });
        }
        let (committed, members) = chains.configuration(committed).unwrap_or((0, founders));
        if !deed.raft.configuration().overlaps(members) {
            return Err(Broken::QuorumsApart {
                leader,
                term,
                index: deed.raft.configuration_index(),
                committed,
            });
        }
        Ok(())
    }

    fn apply<C>(&mut self, deed: &Deed<'_, C>, chains: &Chains) -> Result<(), Broken> {
        let (one, other) = (deed.committed, self.applied);
        let shared = chains.len(one).min(chains.len(other));
        let (start, known) = (chains.prefix(one, shared), chains.prefix(other, shared));
        if start != known {
            let mut index = shared;
            while chains.prefix(one, index - 1) != chains.prefix(other, index - 1) {
                index -= 1;
            }
            return Err(Broken::CommittedDiffer {
                node: deed.raft.node(),
                other: deed.raft.node(),
                index,
            });
        }
        if chains.len(one) > shared {
            self.applied = one;
        }
        Ok(())
    }

    fn commit<C>(
        &mut self,
        deed: &Deed<'_, C>,
        term: Term,
        chains: &Chains,
        founders: &Configuration,
    ) -> Result<(), Broken> {
        let leader = deed.raft.node();
        let now = chains.configuration(deed.committed);
        let (index, members) = now.unwrap_or((0, founders));
        if deed.raft.is_leader() && !members.is_voter(deed.raft.id()) {
            return Err(Broken::LeaderOutside {
                leader,
                term,
                index,
            });
        }
        let earlier = self.before(term + 1);
        let mut before = chains.configuration(earlier).unwrap_or((0, founders));
        for next in chains.configurations(deed.committed, before.0) {
            if !next.1.overlaps(before.1) {
                return Err(Broken::QuorumsApart {
                    leader,
                    term,
                    index: next.0,
                    committed: before.0,
                });
            }
            before = next;
        }
        let len = chains.len(deed.committed);
        if len > chains.len(earlier) {
            self.committed
                .retain(|&(in_term, chain)| in_term < term || chains.len(chain) > len);
            let at = self.committed.partition_point(|it| it.0 < term);
            self.committed.insert(at, (term, deed.committed));
        }
        Ok(())
    }

    /// The lowest term of which something would be forgotten once it is settled.
    pub fn lowest(&self) -> Term {
        let leader = self.leaders.first().map(|it| it.0);
        let committed = self.committed.iter().map(|it| it.0).find(|&term| term > 0);
        leader
            .unwrap_or(Term::MAX)
            .min(committed.unwrap_or(Term::MAX))
    }

    /// Nobody can stand in a term up to `floor` any more: who won one doesn't matter, nor in which of
    /// them something was committed.
    pub fn settle(&mut self, floor: Term) {
        self.leaders.retain(|&(term, _)| term > floor);
        let settled = self.committed.partition_point(|&(term, _)| term <= floor);
        if let Some(last) = settled.checked_sub(1) {
            self.committed[last].0 = 0;
            self.committed.drain(..last);
        }
    }

    /// Takes it into a fingerprint.
    pub fn sketch(&self, chains: &Chains, into: &mut Sketch<'_>) {
        into.word(self.leaders.len() as u64);
        for &(term, leader) in &self.leaders {
            into.word(term);
            into.node(leader);
        }
        let committed = self.committed.iter().copied();
        for (term, chain) in committed.chain([(0, self.applied)]) {
            into.word(term);
            into.word(chains.len(chain));
            chains.back(chain).for_each(|entry| entry.sketch(into));
        }
    }
}
