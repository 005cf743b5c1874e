//! Timeout(i), RequestVote(i, j), BecomeLeader(i), UpdateTerm and the handlers of votes (section 5.2, 5.4.1).

use super::line::{Line, Verdict, demand};
use super::server::{Role, Server};
use super::{APPEND, Model};

impl Server {
    /// UpdateTerm: a message of a newer term makes it a follower of that term.
    pub fn adopt_term(&mut self, line: Line<'_>) -> Verdict {
        let term = line.number("term")?;
        let told = self.inbox.as_ref().is_some_and(|(_, it)| it.term == term);
        demand!(told, "nobody has told it of term {term}");
        demand!(
            term > self.term,
            "its term falls from {} to {term}",
            self.term
        );
        (self.term, self.vote, self.role) = (term, None, Role::Follower);
        self.changed_but_log();
        Ok(())
    }

    /// Dissertation 9.6: it asks before it stands.
    pub fn ask_first(&mut self, line: Line<'_>) -> Verdict {
        self.may_stand(line)?;
        self.role = Role::PreCandidate;
        Ok(())
    }

    /// Timeout(i).
    pub fn stand(&mut self, line: Line<'_>) -> Verdict {
        self.may_stand(line)?;
        (self.term, self.vote, self.role) = (self.term + 1, Some(self.node), Role::Candidate);
        self.votes.clear();
        self.changed_but_log();
        Ok(())
    }

    fn may_stand(&self, line: Line<'_>) -> Verdict {
        demand!(self.role != Role::Leader, "a leader doesn't stand");
        let (term, last) = (line.number("term")?, line.id("last")?);
        demand!(term == self.term + 1, "it is in term {}", self.term);
        demand!(
            last == self.log.last(),
            "its log ends with {:?}",
            self.log.last()
        );
        // Who votes by the last configuration that is committed, or by one behind it (dissertation 4.2.2).
        let settled = self.configurations.range(..=self.commit).next_back();
        let settled = settled.map_or(0, |(index, _)| *index);
        let mut open = self.configurations.range(settled..);
        demand!(
            open.any(|(_, members)| members.votes(&self.me())),
            "it has no vote by any of its configurations"
        );
        Ok(())
    }

    /// HandleRequestVoteRequest, where it grants.
    pub fn grant(&mut self, line: Line<'_>) -> Verdict {
        let message = self.message(&["request_vote"])?;
        let candidate = line.number("to")?;
        demand!(message.from.0 == candidate, "S{candidate} didn't ask");
        demand!(
            self.vote.is_none_or(|vote| vote == candidate),
            "it voted for {:?} in term {} already",
            self.vote,
            self.term
        );
        let (theirs, ours) = (message.last, self.log.last());
        demand!(
            theirs >= ours,
            "the candidate's log ends with {theirs:?}, its own with {ours:?}"
        );
        if self.vote.is_none() {
            self.vote = Some(candidate);
            self.changed_but_log();
        }
        Ok(())
    }

    /// HandleRequestVoteResponse; its own vote counts once it is on its disk.
    pub fn count(&mut self, line: Line<'_>) -> Verdict {
        let (from, term) = (line.number("from")?, line.number("term")?);
        demand!(
            self.role == Role::Candidate && term == self.term,
            "it isn't a candidate of term {term}"
        );
        let voter = if from == self.node {
            let stored = (self.durable.term, self.durable.vote);
            demand!(
                stored == (term, Some(from)),
                "its own vote isn't on its disk: {stored:?}"
            );
            self.me()
        } else {
            let reply = self.message(&["request_vote_reply"])?;
            let said = (reply.from.0, reply.yes);
            demand!(
                said == (from, line.flag("granted")),
                "the answer was {said:?}"
            );
            reply.from
        };
        if line.flag("granted") {
            self.votes.push(voter);
        }
        Ok(())
    }

    /// It recognises the leader of its term, and gives up what it stood for.
    pub fn follow(&mut self, line: Line<'_>) -> Verdict {
        let message = self.message(&[APPEND[0], APPEND[1], "install_snapshot"])?;
        let leader = line.number("leader")?;
        demand!(message.from.0 == leader, "S{leader} hasn't spoken");
        demand!(
            self.role != Role::Leader,
            "a leader follows nobody in its term"
        );
        self.role = Role::Follower;
        Ok(())
    }
}

impl Model {
    /// BecomeLeader(i).
    pub fn win(&mut self, server: &mut Server, line: Line<'_>) -> Verdict {
        let term = line.number("term")?;
        demand!(
            server.role == Role::Candidate && term == server.term,
            "it isn't a candidate of term {term}"
        );
        let (members, votes) = (server.members(), &server.votes);
        demand!(
            members.is_quorum(|it| votes.contains(it)),
            "{votes:?} are no majority of {members:?}"
        );
        let other = self.leaders.insert(term, server.node);
        demand!(other.is_none(), "{other:?} won term {term} already");
        // Leader Completeness speaks of what was committed in earlier terms: it may win one that is over.
        let mut committed = (1..).zip(&self.committed);
        let lacks = committed
            .find(|(index, it)| it.in_term < term && server.log.at(*index) != Some(it.of_term));
        demand!(lacks.is_none(), "it lacks what is committed: {lacks:?}");
        server.role = Role::Leader;
        server.led = true;
        server.matched.clear();
        server.heard.clear();
        server.rounds.clear();
        server.reads.clear();
        (server.round, server.round_before) = (0, 0);
        Ok(())
    }
}
