//! The state of the specification of etcd's Raft beside a run: its actions, each written as a line.

use super::etcd::{role_name, term_there};
use super::line;
use super::lines::MessageDetail;
use super::specified::{Record, Server};
use crate::base::NodeId;
use crate::raft::{EntryId, Index, Role, Term};
use crate::sim::ServerState;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::io::{self, Write};

/// The state of all servers.
#[derive(Clone, Debug, Default)]
pub(super) struct Mirror {
    servers: Vec<Server>,
    /// Whether messages wait for a Ready.
    waiting: bool,
}

fn place(node: NodeId) -> usize {
    node.0 as usize - 1
}

impl Mirror {
    pub fn new(nodes: u32) -> Mirror {
        let founders = nodes as usize;
        let server = Server {
            role: Role::Follower,
            term: term_there(0),
            vote: None,
            log: vec![1; founders],
            commit: nodes.into(),
            matched: vec![0; founders],
            own: VecDeque::new(),
            durable: (term_there(0), None, founders, nodes.into()),
        };
        Mirror {
            servers: vec![server; founders],
            waiting: false,
        }
    }

    /// How many entries there are before the first one of the run.
    fn founders(&self) -> Index {
        self.servers.len() as Index
    }

    fn at(&mut self, node: NodeId) -> &mut Server {
        &mut self.servers[place(node)]
    }

    // ---- lines ----

    /// The lines with which servers start, which say who the founders are.
    pub fn bootstrap(&self, out: &mut impl Write) -> io::Result<()> {
        let ids: Vec<String> = (1..=self.servers.len()).map(|id| id.to_string()).collect();
        for id in &ids {
            let event = |name: &str, term: Term, entries: usize, conf: &[String]| {
                json!({
                    "name": name,
                    "nid": id,
                    "state": { "term": term, "vote": "0", "commit": entries },
                    "role": role_name(Role::Follower),
                    "log": entries,
                    "conf": [conf, []],
                })
            };
            write(out, event("InitState", 0, 0, &[]))?;
            write(out, event("BecomeFollower", 1, 0, &[]))?;
            for known in 0..ids.len() {
                let mut applied = event("ApplyConfChange", 1, ids.len(), &ids[..known]);
                applied["prop"] = json!({ "cc": { "newconf": &ids[..=known] } });
                write(out, applied)?;
            }
            write(out, event("Ready", 1, ids.len(), &ids))?;
        }
        Ok(())
    }

    fn event(&self, name: &str, node: NodeId) -> Value {
        let server = &self.servers[place(node)];
        let ids: Vec<String> = (1..=self.servers.len()).map(|id| id.to_string()).collect();
        json!({
            "name": name,
            "nid": node.0.to_string(),
            "state": {
                "term": server.term,
                "vote": server.vote.map_or(0, |vote| vote.0).to_string(),
                "commit": server.commit,
            },
            "role": role_name(server.role),
            "log": server.log.len(),
            "conf": [ids, []],
        })
    }

    fn tell(&self, name: &str, node: NodeId, out: &mut impl Write) -> io::Result<()> {
        write(out, self.event(name, node))
    }

    fn tell_message(
        &mut self,
        name: &str,
        node: NodeId,
        record: &Record,
        out: &mut impl Write,
    ) -> io::Result<()> {
        let mut event = self.event(name, node);
        self.waiting |= name.starts_with("Send");
        event["msg"] = json!({
            "type": record.kind,
            "term": record.term,
            "from": record.from.0.to_string(),
            "to": record.to.0.to_string(),
            "entries": record.entries.len(),
            "logTerm": record.log_term,
            "index": record.index,
            "commit": record.commit,
            "vote": "0",
            "reject": record.reject,
            "rejectHint": 0,
        });
        if record.kind == "MsgApp" && node == record.from {
            let next = record.index + 1;
            let known = self.servers[place(node)].matched[place(record.to)];
            event["prop"] = json!({ "match": known, "next": next });
        }
        write(out, event)
    }

    // ---- actions ----

    /// Ready: all is stored, and what waits is sent. There it is so for all servers at once.
    pub fn ready(&mut self, node: NodeId, out: &mut impl Write) -> io::Result<()> {
        for server in &mut self.servers {
            server.durable = (server.term, server.vote, server.log.len(), server.commit);
        }
        self.waiting = false;
        self.tell("Ready", node, out)
    }

    /// Timeout.
    pub fn stand(&mut self, node: NodeId, out: &mut impl Write) -> io::Result<()> {
        let server = self.at(node);
        server.term += 1;
        (server.role, server.vote) = (Role::Candidate, Some(node));
        self.tell("BecomeCandidate", node, out)
    }

    fn record(&self, kind: &'static str, from: NodeId, to: NodeId) -> Record {
        Record {
            kind,
            from,
            to,
            term: self.servers[place(from)].term,
            index: 0,
            log_term: 0,
            entries: Vec::new(),
            commit: 0,
            reject: false,
        }
    }

    /// RequestVote, to itself: its own vote counts once it is stored.
    pub fn own_vote(&mut self, node: NodeId, out: &mut impl Write) -> io::Result<()> {
        let vote = self.record("MsgVoteResp", node, node);
        self.tell_message("SendRequestVoteResponse", node, &vote, out)?;
        self.ready(node, out)?;
        self.tell_message("ReceiveRequestVoteResponse", node, &vote, out)
    }

    /// RequestVote.
    pub fn ask(
        &mut self,
        from: NodeId,
        to: NodeId,
        out: &mut impl Write,
    ) -> io::Result<Option<Record>> {
        let log = &self.servers[place(from)].log;
        let record = Record {
            index: log.len() as Index,
            log_term: log.last().copied().unwrap_or(0),
            ..self.record("MsgVote", from, to)
        };
        self.tell_message("SendRequestVoteRequest", from, &record, out)?;
        Ok(Some(record))
    }

    /// BecomeLeader.
    pub fn win(&mut self, node: NodeId, out: &mut impl Write) -> io::Result<()> {
        let server = self.at(node);
        server.role = Role::Leader;
        server.own.clear();
        server.matched.fill(0);
        server.matched[place(node)] = server.log.len() as Index;
        self.tell("BecomeLeader", node, out)
    }

    /// ClientRequest, and AppendEntriesToSelf.
    pub fn replicate(
        &mut self,
        node: NodeId,
        entries: u64,
        out: &mut impl Write,
    ) -> io::Result<()> {
        for _ in 0..entries {
            self.tell("Replicate", node, out)?;
            let server = self.at(node);
            server.log.push(server.term);
        }
        let own = self.own_answer(node, self.servers[place(node)].log.len() as Index);
        self.at(node).own.push_back(own.index);
        self.tell_message("SendAppendEntriesResponse", node, &own, out)
    }

    fn own_answer(&self, node: NodeId, index: Index) -> Record {
        Record {
            index,
            ..self.record("MsgAppResp", node, node)
        }
    }

    /// A server's disk has its log up to an index of the run.
    pub fn synced(&mut self, node: NodeId, last: Index, out: &mut impl Write) -> io::Result<()> {
        let stored = last + self.founders();
        self.ready(node, out)?;
        while let Some(&index) = self.at(node).own.front()
            && index <= stored
        {
            self.at(node).own.pop_front();
            if self.at(node).role == Role::Leader {
                let own = self.own_answer(node, index);
                self.tell_message("ReceiveAppendEntriesResponse", node, &own, out)?;
                let known = &mut self.at(node).matched[place(node)];
                *known = index.max(*known);
            }
        }
        Ok(())
    }

    /// AppendEntries. What the follower is known to have isn't sent there: `None`, if that is all.
    pub fn append(
        &mut self,
        from: NodeId,
        to: NodeId,
        detail: &MessageDetail,
        out: &mut impl Write,
    ) -> io::Result<Option<Record>> {
        let founders = self.founders();
        let leader = &self.servers[place(from)];
        let known = leader.matched[place(to)];
        let before = detail.prev.unwrap_or_default().index + founders;
        let many: Index = detail.terms.iter().map(|run| run.entries).sum();
        let through = before + many;
        let index = before.max(known);
        if leader.role != Role::Leader || index > through || through > leader.log.len() as Index {
            return Ok(None);
        }
        let record = Record {
            index,
            log_term: leader.log[index as usize - 1],
            entries: leader.log[index as usize..through as usize].to_vec(),
            commit: leader.commit.min(through),
            ..self.record("MsgApp", from, to)
        };
        self.tell_message("SendAppendEntriesRequest", from, &record, out)?;
        Ok(Some(record))
    }

    /// Whether a request can be sent once more, which is then told.
    pub fn sends_again(&mut self, record: &Record, out: &mut impl Write) -> io::Result<bool> {
        let server = &self.servers[place(record.from)];
        let (name, role) = match record.kind {
            "MsgVote" => ("SendRequestVoteRequest", Role::Candidate),
            _ => ("SendAppendEntriesRequest", Role::Leader),
        };
        let known = server.matched[place(record.to)];
        let same = server
            .commit
            .min(record.index + record.entries.len() as Index)
            == record.commit;
        let stands = server.role == role && server.term == record.term;
        if !stands || role == Role::Leader && (record.index < known || !same) {
            return Ok(false);
        }
        self.tell_message(name, record.from, record, out)?;
        Ok(true)
    }

    /// AdvanceCommitIndex: the highest index of a majority. False if the run has committed more.
    pub fn commit(&mut self, node: NodeId, to: Index, out: &mut impl Write) -> io::Result<bool> {
        let to = to + self.founders();
        let leader = self.at(node);
        if to <= leader.commit {
            return Ok(true);
        }
        let mut matched = leader.matched.clone();
        matched.sort_unstable_by(|a, b| b.cmp(a));
        let held = matched[matched.len() / 2];
        let own_term = leader.log.get(held as usize - 1) == Some(&leader.term);
        if held < to || !own_term {
            return Ok(false);
        }
        leader.commit = held;
        self.tell("Commit", node, out)?;
        Ok(true)
    }

    /// StepDownToFollower.
    pub fn step_down(&mut self, node: NodeId, out: &mut impl Write) -> io::Result<()> {
        if self.at(node).role == Role::Follower {
            return Ok(());
        }
        self.at(node).role = Role::Follower;
        self.tell("BecomeFollower", node, out)
    }

    /// Restart: what is stored is left. Whether the run comes to the same.
    pub fn restart(
        &mut self,
        node: NodeId,
        last: EntryId,
        out: &mut impl Write,
    ) -> io::Result<bool> {
        let founders = self.founders();
        // There a restart drops what waits at any server.
        if self.waiting {
            let other = NodeId(node.0 % self.servers.len() as u32 + 1);
            self.ready(other, out)?;
        }
        let server = self.at(node);
        let (term, vote, entries, commit) = server.durable;
        (server.term, server.vote, server.commit) = (term, vote, commit);
        server.role = Role::Follower;
        server.log.truncate(entries);
        if entries as Index != last.index + founders {
            return Ok(false);
        }
        self.tell("InitState", node, out)?;
        Ok(true)
    }

    /// A server lost its memory.
    pub fn crash(&mut self, node: NodeId) {
        self.at(node).own.clear();
    }

    // ---- what arrives ----

    /// Whether a request is of an older term than its receiver's.
    pub fn is_past(&self, node: NodeId, record: &Record) -> bool {
        record.term < self.servers[place(node)].term
    }

    /// Whether a server is in a term of the run.
    pub fn knows_term(&self, node: NodeId, term: Term) -> bool {
        self.servers[place(node)].term == term_there(term)
    }

    /// UpdateTerm, and a candidate's return to followers.
    fn settle(&mut self, node: NodeId, record: &Record, out: &mut impl Write) -> io::Result<()> {
        let server = self.at(node);
        let newer = record.term > server.term;
        let yields =
            record.kind == "MsgApp" && record.term == server.term && server.role == Role::Candidate;
        if newer {
            (server.term, server.vote) = (record.term, None);
        }
        if newer || yields {
            server.role = Role::Follower;
            self.tell("BecomeFollower", node, out)?;
        }
        Ok(())
    }

    /// Receive, of a request: whether the answer is yes, and the answer.
    pub fn receive(
        &mut self,
        node: NodeId,
        record: &Record,
        out: &mut impl Write,
    ) -> io::Result<(bool, Record)> {
        let is_vote = record.kind == "MsgVote";
        let (received, answered, kind) = match is_vote {
            true => (
                "ReceiveRequestVoteRequest",
                "SendRequestVoteResponse",
                "MsgVoteResp",
            ),
            false => (
                "ReceiveAppendEntriesRequest",
                "SendAppendEntriesResponse",
                "MsgAppResp",
            ),
        };
        self.tell_message(received, node, record, out)?;
        self.settle(node, record, out)?;
        let server = self.at(node);
        let taken = match is_vote {
            true => server.grant(record).then_some(0),
            false => server.take(record),
        };
        let answer = Record {
            index: taken.unwrap_or(0),
            reject: taken.is_none(),
            ..self.record(kind, node, record.from)
        };
        self.tell_message(answered, node, &answer, out)?;
        Ok((taken.is_some(), answer))
    }

    /// Receive, of an answer.
    pub fn hear(&mut self, node: NodeId, record: &Record, out: &mut impl Write) -> io::Result<()> {
        let name = match record.kind {
            "MsgVoteResp" => "ReceiveRequestVoteResponse",
            _ => "ReceiveAppendEntriesResponse",
        };
        self.tell_message(name, node, record, out)?;
        self.settle(node, record, out)?;
        let server = self.at(node);
        if record.kind == "MsgAppResp" && record.term == server.term && !record.reject {
            let known = &mut server.matched[place(record.from)];
            *known = record.index.max(*known);
        }
        Ok(())
    }

    /// Whether a server stands in the run as it does here.
    pub fn agrees(&self, node: NodeId, state: &ServerState) -> bool {
        let server = &self.servers[place(node)];
        let last = server.log.last().copied().unwrap_or(0);
        let ends = server.log.len() as Index == state.last.index + self.founders();
        server.term == term_there(state.term)
            && server.vote == state.vote
            && (ends && last == term_there(state.last.term))
            && (server.role == Role::Leader) == (state.role == Role::Leader)
    }
}

fn write(out: &mut impl Write, event: Value) -> io::Result<()> {
    line(out, &json!({ "tag": "trace", "event": event }))
}
