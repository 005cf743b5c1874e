//! From effects to facts: what a server asks for is done here, and told to the checks.

use super::event::EventKind;
use super::host::{Host, Reader, Writer};
use super::invariants::Found;
use super::packet::{Answer, Content, Hint, Packet, Waiter};
use super::queue::Due;
use super::simulation::Simulation;
use crate::base::NodeId;
use crate::kv::{Command, Operation, Outcome, SessionNumber};
use crate::raft::{EntryId, Input, Payload, Proposed, Read, Snapshot, Trace};

impl Simulation {
    /// Hands a server an input and does what follows from it.
    #[inline]
    pub(super) fn drive(&mut self, at: usize, input: Input<'_, Command>) {
        let host = &mut self.hosts[at];
        let Some(raft) = &mut host.raft else {
            return;
        };
        raft.step(host.clock.read(self.cx.now()), input, &mut self.effects);
        self.dispatch(at);
    }

    /// A client's request.
    pub(super) fn serve(
        &mut self,
        at: usize,
        waiter: Waiter,
        session: SessionNumber,
        operation: Operation,
    ) {
        if self.hosts[at].refuses.is_some() {
            let hint = self.hint(at, None);
            return self.answer(at, waiter, Answer::NotLeader(hint));
        }
        if let Operation::Get { key, level } = operation {
            let asked = self.checks.asked(level);
            let host = &mut self.hosts[at];
            host.next_read += 1;
            let number = host.next_read;
            host.readers.push(Reader {
                number,
                asked,
                key,
                waiter,
            });
            return self.drive(at, Input::Read { id: number, level });
        }
        let host = &mut self.hosts[at];
        let Some(raft) = &mut host.raft else {
            return;
        };
        let Waiter {
            client, sequence, ..
        } = waiter;
        let now = host.clock.read(self.cx.now());
        self.commands.push(Command {
            client,
            session,
            sequence,
            at: now,
            operation,
        });
        let input = Input::Propose(&mut self.commands);
        raft.step(now, input, &mut self.effects);
        self.commands.clear();
        match self.effects.proposed.take() {
            Some(Proposed::Appended { first, term }) => {
                self.hosts[at].writers.push_back(Writer {
                    index: first,
                    term,
                    waiter,
                });
            }
            Some(Proposed::NotLeader { hint }) => {
                let hint = self.hint(at, hint);
                self.answer(at, waiter, Answer::NotLeader(hint));
            }
            None => {}
        }
        self.dispatch(at);
    }

    /// Does what the effects ask for, and empties them.
    fn dispatch(&mut self, at: usize) {
        if !self.effects.traces.is_empty() {
            self.trace(at);
        }
        if !self.effects.writes.is_empty() {
            self.write(at);
        }
        if self.effects.installed.is_some() {
            self.install(at);
        }
        if self.hosts[at].last_applied < self.effects.commit_index {
            self.commit(at);
        }
        if !self.effects.messages.is_empty() {
            for message in self.effects.messages.drain(..) {
                let packet = Packet {
                    from: message.from.into(),
                    to: message.to.into(),
                    content: Content::Raft(message),
                };
                self.network.send(packet, &mut self.cx);
            }
        }
        if !self.effects.reads.is_empty() {
            self.settle_reads(at);
        }
        if !self.hosts[at].writers.is_empty() && !self.hosts[at].is_leader() {
            self.turn_writers_away(at);
        }
        let Simulation {
            hosts, checks, cx, ..
        } = self;
        let host = &mut hosts[at];
        host.arm(cx);
        if let Some(raft) = &host.raft
            && checks.are_on()
        {
            let found = checks.raft.moved(at, raft);
            self.report(found);
        }
        if self.snapshot.is_some() {
            self.compact(at);
        }
    }

    /// A snapshot from the leader replaces the state machine.
    fn install(&mut self, at: usize) {
        if let Some(snapshot) = self.effects.installed.take()
            && let Err(why) = self.hosts[at].restore(&snapshot)
        {
            self.refuse(at, why);
        }
    }

    /// The server takes a snapshot.
    fn compact(&mut self, at: usize) {
        if let Some((index, state)) = self.snapshot.take() {
            self.drive(at, Input::Compact { index, state });
        }
    }

    fn trace(&mut self, at: usize) {
        let mut traces = std::mem::take(&mut self.effects.traces);
        let node = self.hosts[at].id;
        for trace in traces.drain(..) {
            self.cx.emit(EventKind::Traced { node, trace });
            let Some(raft) = self.hosts[at].raft().filter(|_| self.checks.are_on()) else {
                continue;
            };
            let found = match trace {
                Trace::BecameLeader { .. } => {
                    let found = self.checks.membership.became_leader(raft);
                    let found = self.checks.raft.became_leader(raft).or(found);
                    found.or_else(|| self.checks.elected(raft, &self.hosts, self.cx.now()))
                }
                Trace::ConfigurationAdopted { .. } => {
                    let found = self.checks.reconfigured(raft);
                    self.checks.progress.reconfigured();
                    found
                }
                Trace::SteppedDown { .. } | Trace::Resigned { .. } => {
                    self.checks.deposed(node, &trace)
                }
                // It commits its own removal, and leads no more when the commit is looked at.
                Trace::LeaderRemoved { .. } => self.check_commit(at),
                Trace::Truncated { from, .. } => self.checks.raft.truncated(at, raft, from),
                _ => continue,
            };
            self.report(found);
        }
        self.effects.traces = traces;
    }

    fn write(&mut self, at: usize) {
        let now = self.cx.now();
        let mut writes = std::mem::take(&mut self.effects.writes);
        for write in writes.drain(..) {
            let host = &mut self.hosts[at];
            if let (Some(raft), Some(append)) = (&host.raft, &write.append)
                && self.checks.are_on()
            {
                let found = self.checks.raft.wrote(at, raft, append);
                self.report(found);
            }
            if let Some(compaction) = &write.snapshot {
                self.compacted(at, &compaction.snapshot);
            }
            if let Some(due) = self.hosts[at].disk.submit(write, now) {
                self.cx.push(due, Due::Synced(at as u32));
            }
        }
        self.effects.writes = writes;
    }

    /// A server took a snapshot, or got one.
    fn compacted(&mut self, at: usize, snapshot: &Snapshot) {
        let Some(raft) = self.hosts[at].raft().filter(|_| self.checks.are_on()) else {
            return;
        };
        let found = self.checks.raft.compacted(at, raft, snapshot);
        let rafts = self.hosts.iter().filter_map(Host::raft);
        if let Some(first) = rafts.map(|raft| raft.log().base().index).min() {
            self.checks.raft.forget_before(first);
            self.checks.kv.forget_before(first);
        }
        self.report(found);
    }

    /// The commit index has moved: apply up to it.
    fn commit(&mut self, at: usize) {
        if self.checks.are_on() && self.hosts[at].is_leader() {
            let found = self.check_commit(at);
            self.report(found);
        }
        let every = u64::from(self.settings.snapshot_every);
        while self.hosts[at].last_applied < self.effects.commit_index {
            self.apply_next(at);
            let host = &self.hosts[at];
            // Everywhere after the same entries, so that the states can be compared.
            if every > 0 && host.last_applied.is_multiple_of(every) {
                self.snapshot = Some((host.last_applied, host.store.encode()));
            }
        }
        self.furthest = self.furthest.max(self.hosts[at].last_applied);
    }

    fn check_commit(&mut self, at: usize) -> Option<Found> {
        let raft = self.hosts[at].raft.as_ref()?;
        let found = self.checks.membership.committed(raft);
        let found = self.checks.raft.committed(at, &self.hosts).or(found);
        found.or_else(|| self.checks.stored(at, &self.hosts))
    }

    fn apply_next(&mut self, at: usize) {
        let Simulation {
            hosts,
            cx,
            checks,
            apply_rules,
            settings,
            ..
        } = self;
        let host = &mut hosts[at];
        host.last_applied += 1;
        let index = host.last_applied;
        let Some(raft) = &host.raft else { return };
        let Some(entry) = raft.log().entry(index) else {
            return;
        };
        let node = host.id;
        let id = EntryId {
            index,
            term: entry.term,
        };
        cx.emit(EventKind::Applied { node, id });
        let mut found = None;
        let mut answer = None;
        if checks.are_on() {
            found = checks.raft.applied(node, id);
        }
        if let Payload::Command(command) = &entry.payload {
            let timeout = settings.clients.session_timeout;
            let applied = host
                .store
                .apply(index, command, apply_rules.at(index), timeout);
            if checks.are_on() {
                found = found.or(checks.kv.applied(node, index, command, applied.ran));
            }
            answer = match applied.expired {
                true => Some(Answer::SessionExpired),
                false => applied.outcome.map(Answer::Outcome),
            };
        }
        self.report(found);
        self.answer_writers(at, id, answer);
    }

    /// Answers the client that waits for the entry that was applied. One that waits for another
    /// entry at that index waits in vain: it was replaced.
    fn answer_writers(&mut self, at: usize, applied: EntryId, mut answer: Option<Answer>) {
        while let Some(&Writer {
            index,
            term,
            waiter,
        }) = self.hosts[at].writers.front()
            && index <= applied.index
        {
            self.hosts[at].writers.pop_front();
            let is_this = EntryId { index, term } == applied;
            match answer.take() {
                Some(answer) if is_this => self.answer(at, waiter, answer),
                _ if is_this => {}
                _ => {
                    let hint = self.hint(at, None);
                    self.answer(at, waiter, Answer::LeadershipLost(hint));
                }
            }
        }
    }

    /// A server that no longer leads tells those who wait. Their commands may still take effect;
    /// a retry has the same number.
    fn turn_writers_away(&mut self, at: usize) {
        let host = &mut self.hosts[at];
        let writers = std::mem::take(&mut host.writers);
        let leader = host.raft.as_ref().and_then(|raft| raft.leader());
        let hint = self.hint(at, leader);
        for writer in writers {
            self.answer(at, writer.waiter, Answer::LeadershipLost(hint));
        }
    }

    /// What a server can say of who leads.
    fn hint(&self, at: usize, leader: Option<NodeId>) -> Hint {
        let raft = self.hosts[at].raft.as_ref();
        let term = raft.map_or(0, |raft| raft.current_term());
        Hint { leader, term }
    }

    fn settle_reads(&mut self, at: usize) {
        let mut reads = std::mem::take(&mut self.effects.reads);
        for read in reads.drain(..) {
            self.settle_read(at, read);
        }
        self.effects.reads = reads;
    }

    fn settle_read(&mut self, at: usize, read: Read) {
        let (Read::Ready { id, .. } | Read::NotLeader { id, .. }) = read;
        let host = &mut self.hosts[at];
        let Some(place) = host.readers.iter().position(|reader| reader.number == id) else {
            return;
        };
        let reader = host.readers.remove(place);
        let Reader {
            asked, key, waiter, ..
        } = reader;
        let (node, mut found) = (host.id, None);
        let answer = match read {
            Read::Ready { index, .. } if index <= host.last_applied => {
                found = (index < asked).then_some(Found::ReadBehind {
                    node,
                    index,
                    committed: asked,
                });
                let value = host.store.get(&key).cloned();
                Answer::Outcome(Outcome::Found { value })
            }
            // A read index is never above the commit index, and what is committed is applied.
            Read::Ready { .. } => Answer::NotLeader(self.hint(at, None)),
            Read::NotLeader { hint, .. } => Answer::NotLeader(self.hint(at, hint)),
        };
        self.report(found);
        self.answer(at, waiter, answer);
    }

    /// Tells the checks' finding. The run ends with it.
    #[inline]
    pub(super) fn report(&mut self, found: Option<Found>) {
        if let Some(found) = found
            && let Some(violation) = self.checks.report(self.cx.now(), found)
        {
            self.cx.emit(EventKind::Violated(violation));
        }
    }
}
