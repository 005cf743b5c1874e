//! Changes of the members (section 6; dissertation, chapter 4, with the correction of 2015).

use super::line::{Id, Line, Members, Verdict, demand};
use super::server::{Role, Server};
use super::{APPEND, Model};

impl Model {
    /// A server goes by another configuration from now on: the one at the end of its log.
    pub fn adopt_members(&mut self, server: &mut Server, line: Line<'_>) -> Verdict {
        let (index, members) = (line.number("index")?, line.inside("members").members()?);
        let own = server.role == Role::Leader
            && server.log.last()
                == Id {
                    term: server.term,
                    index,
                };
        if own && server.configured_at() != index {
            server.may_change_to(&members)?;
            self.configurations
                .insert(server.log.last(), members.clone());
            server.configurations.insert(index, members.clone());
        }
        // A follower says so before it says what it has stored.
        if let Ok(message) = server.message(&APPEND) {
            for (index, members) in message.configurations {
                let Some(term) = message.terms.get((index - message.prev.index - 1) as usize)
                else {
                    return Err(format!("there is no entry {index}"));
                };
                let known = self.configurations.get(&Id { term: *term, index });
                demand!(known == Some(&members), "entry {index} names {known:?}");
            }
        }
        server.told = Some(members);
        Ok(())
    }
}

impl Server {
    /// Whether a leader may put this configuration behind its log.
    fn may_change_to(&self, next: &Members) -> Verdict {
        let now = self.members();
        demand!(
            self.configured_at() <= self.commit,
            "the change before, entry {}, isn't committed",
            self.configured_at()
        );
        demand!(
            self.log.at(self.commit) == Some(self.term),
            "it has committed nothing of its term {}",
            self.term
        );
        if now.is_joint() {
            let left = !next.is_joint() && next.voters == now.voters;
            demand!(left, "{now:?} leads to its voters alone, not to {next:?}");
        } else if next.is_joint() {
            demand!(
                next.outgoing == now.voters,
                "the old voters are {:?}",
                now.voters
            );
        } else {
            let differ = |a: &Members, b: &Members| {
                a.voters.iter().filter(|it| !b.voters.contains(it)).count()
            };
            let many = differ(now, next) + differ(next, now);
            demand!(many <= 1, "{many} voters change at one stroke");
        }
        Ok(())
    }

    /// A leader that a committed configuration has taken out leads no longer.
    pub fn still_leads(&self) -> Verdict {
        let settled = self.configured_at() <= self.commit_before;
        demand!(
            !settled || self.members().votes(&self.me()),
            "the configuration without it, entry {}, is committed",
            self.configured_at()
        );
        Ok(())
    }
}
