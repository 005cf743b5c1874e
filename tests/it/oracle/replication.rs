//! ClientRequest(i, v), AdvanceCommitIndex(i), and HandleAppendEntriesRequest (section 5.3, 5.4.2).

use super::line::{Id, Index, Line, Verdict, demand};
use super::server::{Role, Server};
use super::{APPEND, Committed, Model, agrees};

impl Model {
    /// ClientRequest(i, v), a no-op or a configuration: a leader puts entries of its term behind its log.
    pub fn append(&mut self, server: &mut Server, line: Line<'_>) -> Verdict {
        let (first, last) = (line.number("first")?, line.number("last")?);
        demand!(server.role == Role::Leader, "it doesn't lead");
        demand!(
            line.number("term")? == server.term,
            "it leads term {}",
            server.term
        );
        demand!(
            first == server.log.len() + 1 && first <= last,
            "its log ends at {}",
            server.log.len()
        );
        server.still_leads()?;
        for index in first..=last {
            let (term, before) = (server.term, server.log.last().term);
            let known = self.entries.insert(Id { term, index }, before);
            demand!(
                known.is_none(),
                "there is an entry {index} of term {term} already"
            );
            server.log.0.push(term);
        }
        server.changed(first - 1, None);
        Ok(())
    }

    /// HandleAppendEntriesRequest: the entries that a follower lacks.
    pub fn store(&mut self, server: &mut Server, line: Line<'_>) -> Verdict {
        let message = server.message(&APPEND)?;
        let (first, last) = (line.number("first")?, line.number("last")?);
        demand!(
            message.from.0 == line.number("from")?,
            "somebody else sent entries"
        );
        demand!(server.role == Role::Follower, "it is no follower");
        demand!(
            server.log.holds(message.prev),
            "it doesn't hold {:?}",
            message.prev
        );
        demand!(
            first == server.log.len() + 1 && last <= message.through(),
            "its log ends at {}, the entries at {}",
            server.log.len(),
            message.through()
        );
        demand!(
            agrees(server, &message, first - 1),
            "its log conflicts before {first}"
        );
        for index in first..=last {
            let term = message.term_at(index).unwrap_or(0);
            let id = Id { term, index };
            let before = self.entries.get(&id);
            let ours = server.log.last().term;
            demand!(
                before == Some(&ours),
                "{id:?} follows term {before:?}, here {ours}"
            );
            server.log.0.push(term);
        }
        for (index, members) in &message.configurations {
            if (first..=last).contains(index) {
                server.configurations.insert(*index, members.clone());
            }
        }
        server.changed(first - 1, None);
        Ok(())
    }

    /// AdvanceCommitIndex(i): a majority has an entry of the leader's own term on its disks.
    pub fn lead_commit(&mut self, server: &mut Server, line: Line<'_>) -> Verdict {
        let (from, to) = (line.number("from")?, line.number("to")?);
        demand!(server.role == Role::Leader, "it doesn't lead");
        demand!(
            server.log.at(to) == Some(server.term),
            "entry {to} isn't of its term {}",
            server.term
        );
        let own = server.durable.log.at(to) == Some(server.term);
        let has = |member: &_| {
            let known = server
                .matched
                .get(member)
                .is_some_and(|(_, index)| *index >= to);
            known || own && *member == server.me()
        };
        demand!(
            server.members().is_quorum(has),
            "no majority of {:?} has {to}: it knows {:?}, itself {own}",
            server.members(),
            server.matched
        );
        self.commit(server, from, to)?;
        if server.configured_at() <= to && !server.members().votes(&server.me()) {
            server.must_step_down = Some("it leads on, and isn't a member any more".to_owned());
        }
        Ok(())
    }

    /// A follower learns what is committed: no more than the leader says, nor than they agree on.
    pub fn follow_commit(&mut self, server: &mut Server, line: Line<'_>) -> Verdict {
        let (from, to) = (line.number("from")?, line.number("to")?);
        demand!(server.role == Role::Follower, "it is no follower");
        if let Ok(message) = server.message(&["install_snapshot"]) {
            demand!(
                to == message.last.index && server.log.holds(message.last),
                "it doesn't hold {:?}",
                message.last
            );
        } else {
            let message = server.message(&APPEND)?;
            demand!(
                to <= message.commit,
                "the leader has committed {}",
                message.commit
            );
            demand!(
                to <= message.through() && agrees(server, &message, to),
                "its log doesn't agree with the leader's up to {to}"
            );
        }
        demand!(
            to <= self.committed.len() as Index,
            "no leader has committed {to}"
        );
        self.commit(server, from, to)
    }

    /// What is committed stays, and is the same everywhere.
    fn commit(&mut self, server: &mut Server, from: Index, to: Index) -> Verdict {
        demand!(
            from == server.commit && to > from,
            "its commit index is {}",
            server.commit
        );
        for index in from + 1..=to {
            let Some(term) = server.log.at(index) else {
                return Err(format!("its log ends before {index}"));
            };
            match self.committed.get(index as usize - 1) {
                Some(other) => demand!(
                    other.of_term == term,
                    "entry {index} is of term {term}, and {other:?} is committed there"
                ),
                None => self.committed.push(Committed {
                    of_term: term,
                    in_term: server.term,
                }),
            }
        }
        server.commit = to;
        Ok(())
    }
}

impl Server {
    /// A follower takes out what conflicts with the leader's log, and all behind it.
    pub fn truncate(&mut self, line: Line<'_>) -> Verdict {
        let message = self.message(&APPEND)?;
        let (from, to) = (line.number("from")?, line.number("to")?);
        demand!(self.role == Role::Follower, "it is no follower");
        demand!(
            self.log.holds(message.prev),
            "it doesn't hold {:?}",
            message.prev
        );
        demand!(
            to == self.log.len() && from <= to,
            "its log ends at {}",
            self.log.len()
        );
        demand!(
            from > self.commit,
            "it cuts what is committed, up to {}",
            self.commit
        );
        let (ours, theirs) = (self.log.at(from), message.term_at(from));
        demand!(
            from > message.prev.index && theirs.is_some() && ours != theirs,
            "entry {from} doesn't conflict: {ours:?} and {theirs:?}"
        );
        demand!(
            agrees(self, &message, from - 1),
            "there is a conflict before {from}"
        );
        self.log.0.truncate(from as usize - 1);
        self.configurations.retain(|index, _| *index < from);
        self.changed(from - 1, None);
        Ok(())
    }

    /// The consistency check fails.
    pub fn refuse_entries(&mut self, line: Line<'_>) -> Verdict {
        let message = self.message(&APPEND)?;
        demand!(
            message.from.0 == line.number("from")?,
            "somebody else sent entries"
        );
        demand!(!self.log.holds(message.prev), "it holds {:?}", message.prev);
        Ok(())
    }
}
