//! An oracle: a model of Raft that judges the trace of a run, step by step.
//!
//! It knows nothing of the program that made the trace. It reads the lines that docs/trace.md describes, and
//! keeps for each server the state of figure 2, in memory and on disk. Each line is an action of the model: of
//! the paper's TLA+ specification (Ongaro, "Consensus: Bridging Theory and Practice", appendix B: Restart,
//! Timeout, RequestVote, BecomeLeader, ClientRequest, AppendEntries, AdvanceCommitIndex, UpdateTerm and the
//! handlers), with chapter 4 (members), chapter 5 and figure 13 (snapshots), 6.4 (reads), 9.6 (PreVote) and
//! figure 2's demand that what is answered be on the disk. An action whose condition doesn't hold is
//! refused, with a reason.
//!
//! What a server decides of its own accord is the model's choice: that it refuses a vote, resigns, sends nothing.
//! So the oracle judges safety, never liveness. What clients see of the state machine isn't in a trace's terms, and
//! it doesn't judge that either.

mod election;
mod line;
mod members;
mod network;
mod reads;
mod replication;
mod server;
mod snapshots;
mod tests;

use line::{Id, Index, Line, Members, Message, Node, Term, Verdict, demand};
use server::{Role, Server};
use std::collections::BTreeMap;

/// A line that no action of the model explains.
#[derive(Debug)]
pub struct Refused {
    /// The line's number, from 1.
    pub line: usize,
    /// Why.
    pub why: String,
}

/// Judges a trace: how many lines it has, all of them explained.
pub fn judge(trace: &str) -> Result<usize, Refused> {
    let mut model = Model::default();
    let mut lines = 0;
    for (text, number) in trace.lines().zip(1..) {
        let step = |model: &mut Model| {
            let value = serde_json::from_str(text).map_err(|it| format!("{it}"))?;
            model.take(Line(&value))
        };
        step(&mut model).map_err(|why| Refused {
            line: number,
            why: format!("{why}: {text}"),
        })?;
        lines = number;
    }
    Ok(lines)
}

/// The state of everything.
#[derive(Debug, Default)]
struct Model {
    /// Server 1 first.
    servers: Vec<Server>,
    /// What was sent and hasn't arrived, by its number.
    messages: BTreeMap<u64, Message>,
    /// Every entry that there ever was, and the term of the one before it.
    entries: BTreeMap<Id, Term>,
    /// Which of them are configurations.
    configurations: BTreeMap<Id, Members>,
    /// Who won each term.
    leaders: BTreeMap<Term, Node>,
    /// All that was ever committed, from index 1 on.
    committed: Vec<Committed>,
    /// The shortest election timeout, in microseconds, and how wrong clocks may go, in parts per million.
    timeout: u64,
    drift: u64,
    /// A clock was set, or goes worse than that.
    clocks_are_wrong: bool,
}

/// An entry that is committed.
#[derive(Debug)]
struct Committed {
    of_term: Term,
    /// The term of the leader that committed it.
    in_term: Term,
}

impl Model {
    fn take(&mut self, line: Line<'_>) -> Verdict {
        if line.has("trace") {
            return self.begin(line);
        }
        // One group is judged: the first.
        if line.has("group") {
            return Ok(());
        }
        match line.word("event") {
            "acted" | "chaos_acted" => {
                self.clocks_are_wrong |= line.word("action") == "set_clock";
                Ok(())
            }
            "sent" | "delivered" | "lost" | "duplicated" => self.travel(line),
            "joined" => self.join(line),
            "rejoined" => self.join(line),
            "traced" | "applied" | "synced" | "heard" | "crashed" | "restarted" | "refused"
            | "cut_off" | "stepped" => self.at_server(line),
            "violated" => self.servers.iter().try_for_each(Server::may_go_on),
            _ => Ok(()),
        }
    }

    fn begin(&mut self, line: Line<'_>) -> Verdict {
        demand!(line.number("trace")? == 1, "another format");
        let timing = line.inside("timing");
        self.timeout = timing.number("election_timeout_min")?;
        self.drift = timing.number("clock_drift")?;
        let founders = || (1..=line.number_or("servers", 0)).map(|node| (node, 1));
        let members = Members {
            voters: founders().collect(),
            ..Members::default()
        };
        let servers = founders().map(|(node, _)| Server::new(node, 1, members.clone()));
        self.servers = servers.collect();
        for (place, beginning) in line.list("beginnings").enumerate() {
            let term = beginning.number("term")?;
            let terms = beginning.0["log"].as_array().into_iter().flatten();
            let terms: Vec<Term> = terms.filter_map(|it| it.as_u64()).collect();
            for (index, pair) in (1..).zip(std::iter::once(&0).chain(&terms).zip(&terms)) {
                let (&before, &term) = pair;
                let known = self.entries.insert(Id { term, index }, before);
                demand!(
                    known.is_none_or(|it| it == before),
                    "logs differ at {index}"
                );
            }
            let server = &mut self.servers[place];
            (server.durable.term, server.durable.log.0) = (term, terms);
            (server.term, server.log) = (term, server.durable.log.clone());
        }
        Ok(())
    }

    /// A machine is set up that will be told who it is.
    fn join(&mut self, line: Line<'_>) -> Verdict {
        let node = line.number("node")?;
        while (self.servers.len() as Node) < node {
            let next = self.servers.len() as Node + 1;
            self.servers.push(Server::new(next, 0, Members::default()));
        }
        Ok(())
    }

    /// Something happens at a server.
    fn at_server(&mut self, line: Line<'_>) -> Verdict {
        let place = self.place(line.number("node")?)?;
        let mut server = std::mem::take(&mut self.servers[place]);
        let verdict = self.happens(&mut server, line);
        self.servers[place] = server;
        verdict.map_err(|why| format!("S{}: {why}", place + 1))
    }

    fn place(&self, node: Node) -> Verdict<usize> {
        let place = (node as usize).checked_sub(1);
        let place = place.filter(|place| *place < self.servers.len());
        place.ok_or_else(|| format!("there is no S{node}"))
    }

    fn happens(&mut self, server: &mut Server, line: Line<'_>) -> Verdict {
        match line.word("event") {
            "crashed" => {
                server.crash();
                return Ok(());
            }
            "refused" => {
                server.crash();
                return Ok(());
            }
            "cut_off" => return Ok(()),
            "restarted" => return self.restart(server, line),
            _ => {}
        }
        if line.word("decision") == "leader_removed" {
            server.must_step_down = None;
        }
        server.may_go_on()?;
        match line.word("event") {
            "synced" => {
                server.begin_step()?;
                let vote = line.0["vote"].as_u64();
                let (term, last) = (line.number("term")?, line.id("last")?);
                server.synced(term, vote, last, line.number("snapshot")?)
            }
            "heard" => server.begin_step(),
            "applied" => self.apply(server, line),
            "stepped" => self.compare(server, line),
            _ => {
                let of_inbox = server.inbox.as_ref().map(|(seq, _)| *seq);
                let cause = line.0["cause"].as_u64();
                if server.inbox.is_some() && cause != of_inbox {
                    server.begin_step()?;
                }
                self.decide(server, line)
            }
        }
    }

    /// A server's decision.
    fn decide(&mut self, server: &mut Server, line: Line<'_>) -> Verdict {
        match line.word("decision") {
            "term_adopted" => server.adopt_term(line),
            "pre_vote_started" => server.ask_first(line),
            "election_started" => server.stand(line),
            "vote_granted" => server.grant(line),
            "vote_counted" => server.count(line),
            "became_leader" => self.win(server, line),
            "stepped_down" | "resigned" | "leader_removed" | "disk_filled" => {
                server.role = Role::Follower;
                Ok(())
            }
            "follows_leader" => server.follow(line),
            "appended" => self.append(server, line),
            "append_refused" => server.refuse_entries(line),
            "truncated" => server.truncate(line),
            "stored" => self.store(server, line),
            "committed" if line.flag("as_leader") => self.lead_commit(server, line),
            "committed" => self.follow_commit(server, line),
            "configuration_adopted" => self.adopt_members(server, line),
            "snapshot_taken" => server.take_snapshot(line),
            "chunk_stored" => server.store_chunk(line),
            "chunk_missing" => server.set_chunk_aside(),
            "snapshot_installed" => self.install(server, line),
            "read_started" | "read_asked" => server.start_read(line),
            "read_confirmed" | "read_answered" => server.confirm_read(line),
            "lease_read" => self.read_by_lease(server, line),
            _ => Ok(()),
        }
    }

    /// Restart(i): all but the persistent state is lost.
    fn restart(&mut self, server: &mut Server, line: Line<'_>) -> Verdict {
        let vote = line.0["vote"].as_u64();
        let (term, last) = (line.number("term")?, line.id("last")?);
        let snapshot = line.number("snapshot")?;
        let same = server.holds_on_disk(term, vote, last, snapshot);
        let known = &self.configurations;
        server.restart(|id| known.get(&id).cloned());
        if !same {
            let durable = &server.durable;
            let kept = (
                durable.term,
                durable.vote,
                durable.log.last(),
                durable.snapshot,
            );
            let found = (term, vote, last, snapshot);
            server.must_refuse = Some(format!("it starts with {found:?} and had stored {kept:?}"));
        }
        demand!(
            line.number("commit")? == snapshot,
            "nobody has told it what is committed"
        );
        Ok(())
    }

    /// The state machine takes an entry: each once, in the order of the log, committed ones only.
    fn apply(&mut self, server: &mut Server, line: Line<'_>) -> Verdict {
        let id = line.id("id")?;
        demand!(
            id.index == server.applied + 1 && id.index <= server.commit && server.log.holds(id),
            "it applies {id:?} after {} with {} committed",
            server.applied,
            server.commit
        );
        server.applied = id.index;
        Ok(())
    }

    /// `--trace-states`: the server stands as the model does.
    fn compare(&self, server: &Server, line: Line<'_>) -> Verdict {
        let role = match server.role {
            Role::Follower => "follower",
            Role::PreCandidate => "pre_candidate",
            Role::Candidate => "candidate",
            Role::Leader => "leader",
        };
        let told = (
            (
                line.word("role"),
                line.number("term")?,
                line.0["vote"].as_u64(),
            ),
            (
                line.id("last")?,
                line.number("commit")?,
                line.number("applied")?,
            ),
            line.number("snapshot")?,
        );
        let model = (
            (role, server.term, server.vote),
            (server.log.last(), server.commit, server.applied),
            server.snapshot,
        );
        demand!(
            told == model,
            "it stands as {told:?} and in the model as {model:?}"
        );
        Ok(())
    }
}

impl Server {
    /// Whether what it has on its disk lets it take part, and who is a member lets it lead.
    fn may_go_on(&self) -> Verdict {
        let hindered = self.must_refuse.as_ref().or(self.must_step_down.as_ref());
        hindered.cloned().map_or(Ok(()), Err)
    }

    /// The message that this step is about, of one of these kinds, in its term.
    fn message(&self, kinds: &[&str]) -> Verdict<Message> {
        let inbox = self.inbox.as_ref().map(|(_, message)| message);
        let fits = |it: &&Message| kinds.contains(&it.kind.as_str()) && it.term == self.term;
        let message = inbox.filter(fits).cloned();
        message.ok_or_else(|| format!("no {} of term {} has come", kinds[0], self.term))
    }
}

const APPEND: [&str; 2] = ["append_entries", "heartbeat"];

/// Whether a log agrees with a message's entries up to an index.
fn agrees(server: &Server, message: &Message, through: Index) -> bool {
    (message.prev.index..=through).all(|index| server.log.at(index) == message.term_at(index))
}
