//! Whom a client asks next.

use super::Hint;
use crate::base::NodeId;
use crate::raft::Term;
use crate::sim::servers::Servers;

/// Whom to ask next, and when.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Next {
    /// This server, at once: another one named it.
    AtOnce(NodeId),
    /// This server, after a wait.
    AfterWait(NodeId),
}

/// The servers are asked in rounds: none a second time before all others were asked. A server
/// that another one names as the leader comes next, and at once, if it wasn't asked in this round;
/// if it was, only if it is named as the leader of a newer term than the client had heard of.
/// So servers that name each other in vain can't keep a client to themselves.
#[derive(Clone, Debug, Default)]
pub(super) struct Round {
    /// Who was asked in this round, and couldn't help.
    asked: Vec<NodeId>,
    /// The newest term that any server has spoken of.
    known: Term,
}

impl Round {
    /// Another operation begins.
    pub fn begin(&mut self) {
        self.asked.clear();
    }

    /// Whether all were asked, and nobody could help.
    pub fn is_over(&self) -> bool {
        self.asked.is_empty()
    }

    /// `node` couldn't help; `hint` is what it said, if it said anything.
    pub fn next(&mut self, node: NodeId, hint: Option<Hint>, servers: &Servers) -> Next {
        if !self.asked.contains(&node) {
            self.asked.push(node);
        }
        let is_news = hint.is_some_and(|hint| hint.term > self.known);
        self.known = hint.map_or(self.known, |hint| hint.term.max(self.known));
        let named = hint.and_then(|hint| hint.leader);
        let named = named.filter(|&leader| leader != node && servers.has(leader));
        if let Some(leader) = named
            && (is_news || !self.asked.contains(&leader))
        {
            return Next::AtOnce(leader);
        }
        let is_new = |server: &NodeId| !self.asked.contains(server);
        if let Some(server) = servers.after(node).find(is_new) {
            return Next::AfterWait(server);
        }
        self.asked.clear();
        let first = named.or(servers.after(node).next());
        Next::AfterWait(first.unwrap_or(node))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint(leader: u32, term: Term) -> Option<Hint> {
        let leader = (leader > 0).then_some(NodeId(leader));
        Some(Hint { leader, term })
    }

    #[test]
    fn every_server_is_asked_before_one_is_asked_again() {
        let (servers, mut round) = (Servers::new(5), Round::default());
        let [s1, s2, s3, s4, s5] = [1, 2, 3, 4, 5].map(NodeId);
        // S2 names S1, which has heard of nobody since.
        assert_eq!(round.next(s2, hint(1, 1), &servers), Next::AtOnce(s1));
        assert_eq!(round.next(s1, hint(0, 1), &servers), Next::AfterWait(s3));
        assert_eq!(round.next(s3, hint(2, 1), &servers), Next::AfterWait(s4));
        assert_eq!(round.next(s4, None, &servers), Next::AfterWait(s5));
        // All were asked: the next round begins where somebody was named.
        assert_eq!(round.next(s5, hint(2, 1), &servers), Next::AfterWait(s2));
        assert_eq!(round.next(s2, hint(1, 1), &servers), Next::AtOnce(s1));
    }

    #[test]
    fn a_server_that_was_elected_since_is_asked_again() {
        let (servers, mut round) = (Servers::new(5), Round::default());
        let [s1, s2, s3] = [1, 2, 3].map(NodeId);
        assert_eq!(round.next(s1, hint(0, 1), &servers), Next::AfterWait(s2));
        assert_eq!(round.next(s2, hint(1, 2), &servers), Next::AtOnce(s1));
        assert_eq!(round.next(s1, hint(2, 2), &servers), Next::AfterWait(s3));
    }

    #[test]
    fn nobody_is_sent_to_a_server_that_is_gone() {
        let (mut servers, mut round) = (Servers::new(3), Round::default());
        let [s1, s2, s3] = [1, 2, 3].map(NodeId);
        servers.remove(s1);
        assert_eq!(round.next(s2, hint(1, 9), &servers), Next::AfterWait(s3));
        assert_eq!(round.next(s3, hint(1, 9), &servers), Next::AfterWait(s2));
    }
}
