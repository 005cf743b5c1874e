//! Messages: they are lost, late and doubled, and never altered; what they assert is on the sender's disk.

use super::line::{Id, Line, Message, Verdict, demand};
use super::server::{Role, Server};
use super::{APPEND, Model};

impl Model {
    pub fn travel(&mut self, line: Line<'_>) -> Verdict {
        let number = line.number("message")?;
        if line.word("event") == "duplicated" {
            if let Some(message) = self.messages.get(&number).cloned() {
                self.messages.insert(line.number("copy")?, message);
            }
            return Ok(());
        }
        let Some(message) = Message::of(line)? else {
            return self.note_request(line);
        };
        match line.word("event") {
            "sent" => {
                self.with(message.from.0, |model, server| {
                    model.send(server, line, &message)
                })?;
                let known = self.messages.insert(number, message);
                demand!(known.is_none(), "there is a message {number} already");
                Ok(())
            }
            "lost" => {
                self.messages.remove(&number);
                Ok(())
            }
            _ => {
                let sent = self.messages.remove(&number);
                demand!(sent.as_ref() == Some(&message), "what was sent is {sent:?}");
                let seq = line.number("seq")?;
                self.with(message.to.0, |_, server| server.receive(seq, message))
            }
        }
    }

    fn with(&mut self, node: u64, f: impl FnOnce(&mut Model, &mut Server) -> Verdict) -> Verdict {
        let place = self.place(node)?;
        let mut server = std::mem::take(&mut self.servers[place]);
        let verdict = f(self, &mut server);
        self.servers[place] = server;
        verdict.map_err(|why| format!("S{node}: {why}"))
    }

    /// A client's request, or something else that is no message between servers, comes to a server.
    fn note_request(&mut self, line: Line<'_>) -> Verdict {
        if line.word("event") != "delivered" {
            return Ok(());
        }
        let (Some(node), seq) = (line.0["to"].as_u64(), line.number("seq")?) else {
            return Ok(());
        };
        self.with(node, |_, server| {
            server.begin_step()?;
            server.asked = Some(seq);
            Ok(())
        })
    }

    fn send(&mut self, server: &mut Server, line: Line<'_>, message: &Message) -> Verdict {
        server.may_go_on()?;
        demand!(server.up, "it is down");
        server.compare_members()?;
        // Asking for a PreVote asserts nothing.
        if message.kind == "request_pre_vote" {
            return Ok(());
        }
        demand!(message.term == server.term, "it is in term {}", server.term);
        demand!(
            server.durable.term == server.term,
            "its term {} isn't on its disk",
            server.term
        );
        server.generation = message.from.1;
        match message.kind.as_str() {
            "request_vote" => server.ask_for_vote(message),
            "request_vote_reply" => server.answer_candidate(message),
            "append_entries" | "heartbeat" => self.send_entries(server, line, message),
            "append_entries_reply" if message.yes => server.acknowledge(message),
            "install_snapshot" => server.send_snapshot(line, message),
            "install_snapshot_reply" => {
                let had = server.received.get(&message.index).copied().unwrap_or(0);
                demand!(message.part.1 <= had, "it never had more than {had} bytes");
                Ok(())
            }
            "read_index_reply" => {
                demand!(server.leads(), "it doesn't lead");
                demand!(
                    message.index <= server.commit,
                    "its commit index is {}",
                    server.commit
                );
                Ok(())
            }
            "timeout_now" => {
                demand!(server.leads(), "it doesn't lead");
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// AppendEntries(i, j): a part of its log, and what goes before it.
    fn send_entries(&mut self, server: &mut Server, line: Line<'_>, message: &Message) -> Verdict {
        server.speak_as_leader(line, message)?;
        let mut index = message.prev.index;
        demand!(
            server.log.holds(message.prev),
            "its log doesn't hold {:?}",
            message.prev
        );
        for &term in &message.terms {
            index += 1;
            demand!(
                server.log.holds(Id { term, index }),
                "its entry {index} isn't of term {term}"
            );
        }
        for (index, members) in &message.configurations {
            demand!(
                server.configured_at() >= *index,
                "it goes by entry {} and not by the configuration at {index}",
                server.configured_at()
            );
            let known = server.configurations.get(index);
            demand!(
                known.is_none_or(|it| it == members),
                "entry {index} names {known:?}"
            );
        }
        demand!(
            (server.commit_before..=server.commit).contains(&message.commit),
            "its commit index is {}",
            server.commit
        );
        Ok(())
    }
}

impl Server {
    fn receive(&mut self, seq: u64, message: Message) -> Verdict {
        self.may_go_on()?;
        demand!(self.up, "it is down");
        self.begin_step()?;
        if message.to.1 != self.generation && message.term >= self.term {
            // It learns which member it is; what it was before is over.
            (self.generation, self.role) = (message.to.1, Role::Follower);
        }
        let of_its_term = message.term == self.term && self.role == Role::Leader;
        let kind = message.kind.as_str();
        let answers = matches!(kind, "append_entries_reply" | "install_snapshot_reply");
        if answers && of_its_term && message.round > 0 {
            let heard = self.heard.entry(message.from).or_default();
            *heard = message.round.max(*heard);
            if kind == "append_entries_reply" && message.yes {
                let known = self.matched.entry(message.from).or_default();
                // What another disk held counts no more.
                if message.disk > known.0 {
                    *known = (message.disk, message.index);
                } else if message.disk == known.0 {
                    known.1 = known.1.max(message.index);
                }
            } else if let Some(known) = self.matched.get_mut(&message.from)
                && message.disk > known.0
            {
                *known = (message.disk, 0);
            }
        }
        if message.term >= self.term {
            let (from, term) = (message.from.0, message.term);
            if APPEND.contains(&kind) {
                let index = message.through();
                if let Some(last) = message.term_at(index) {
                    self.may_acknowledge(from, term, Id { term: last, index });
                }
            } else if kind == "install_snapshot" {
                self.may_acknowledge(from, term, message.last);
            }
        }
        self.inbox = Some((seq, message));
        Ok(())
    }

    /// RequestVote(i, j): its term and its own vote are on its disk.
    fn ask_for_vote(&mut self, message: &Message) -> Verdict {
        demand!(self.role == Role::Candidate, "it is no candidate");
        demand!(
            self.durable.vote == Some(self.node),
            "its vote isn't on its disk"
        );
        demand!(
            message.last == self.log.last(),
            "its log ends with {:?}",
            self.log.last()
        );
        Ok(())
    }

    /// The answer to a candidate: a yes only for the vote that is on its disk.
    fn answer_candidate(&mut self, message: &Message) -> Verdict {
        let candidate = message.to.0;
        demand!(
            !message.yes || self.durable.vote == Some(candidate),
            "its disk has the vote {:?}",
            self.durable.vote
        );
        Ok(())
    }

    /// "My log agrees with yours up to there": on its disk, as the leader said.
    fn acknowledge(&mut self, message: &Message) -> Verdict {
        let index = message.index;
        let term = self.acks.get(&index).copied();
        demand!(term.is_some(), "the leader said nothing of entry {index}");
        demand!(
            self.durable.log.at(index) == term,
            "its disk has term {:?} at {index}, the leader {term:?}",
            self.durable.log.at(index)
        );
        Ok(())
    }

    fn speak_as_leader(&mut self, line: Line<'_>, message: &Message) -> Verdict {
        demand!(self.leads(), "it doesn't lead");
        self.still_leads()?;
        self.round = self.round.max(message.round);
        let at = line.number("at")?;
        if message.round > 0 {
            self.rounds.entry(message.round).or_insert(at);
        }
        Ok(())
    }

    /// InstallSnapshot: what it has committed, and the members as of then.
    fn send_snapshot(&mut self, line: Line<'_>, message: &Message) -> Verdict {
        self.speak_as_leader(line, message)?;
        let last = message.last;
        demand!(
            last.index <= self.commit && self.log.holds(last),
            "it hasn't committed {last:?}"
        );
        let members = self.members_at(last.index);
        demand!(message.members == *members, "the members were {members:?}");
        Ok(())
    }
}
