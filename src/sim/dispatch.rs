//! From effects to facts: what a server asks for is done here, and told to the checks.

#[cfg(not(target_arch = "wasm32"))]
use super::aside::AsideKind;
use super::disk::Queued;
use super::event::EventKind;
use super::event_log::Cause;
use super::group::{self, Group};
use super::invariants::Fact;
use super::packet::{Answer, Content, Hint, Packet, Waiter};
use super::queue::Due;
use super::replica::{Reader, ReplicaIndex, Writer};
use super::settings::Settings;
use super::simulation::Simulation;
use super::violation::Found;
use crate::base::{GroupId, NodeId};
use crate::kv::{
    ApplySettings, ClientCommand, Command, MANY_SHARDS, Operation, Outcome, SessionNumber, Shard,
    ShardRule,
};
use crate::raft::{EntryId, Index, Input, Payload, Proposed, Read, ReadLevel};

impl Simulation {
    /// Hands a server an input and does what follows from it.
    #[inline]
    pub(super) fn drive(&mut self, at: ReplicaIndex, input: Input<'_, Command>) {
        let host = &mut self.hosts[at.host];
        let now = host.clock.read(self.cx.now());
        let Some(raft) = &mut host.replicas[at.slot].raft else {
            return;
        };
        raft.step(now, input, &mut self.effects);
        self.dispatch(at);
    }

    /// A client's request.
    pub(super) fn serve(
        &mut self,
        at: ReplicaIndex,
        waiter: Waiter,
        session: SessionNumber,
        operation: Operation,
    ) {
        if self.replica(at).refuses.is_some() {
            let hint = self.hint(at, None);
            return self.answer(at.host, waiter, Answer::NotLeader(hint));
        }
        if self.settings.shards.are_many() {
            self.replica_mut(at).asked += 1;
            if self.is_elsewhere(at, &waiter, session, &operation)
                || self.is_still(at, &waiter, &operation)
            {
                return;
            }
        }
        if let Operation::Get { key, level } = operation {
            let asked = self.checks.asked(self.replica(at).group, level);
            let replica = self.replica_mut(at);
            replica.next_read += 1;
            let number = replica.next_read;
            replica.readers.push(Reader {
                number,
                asked,
                key,
                stale: level == ReadLevel::Stale,
                waiter,
            });
            return self.drive(at, Input::Read { id: number, level });
        }
        let host = &mut self.hosts[at.host];
        let now = host.clock.read(self.cx.now());
        let Some(raft) = &mut host.replicas[at.slot].raft else {
            return;
        };
        let Waiter {
            client, sequence, ..
        } = waiter;
        self.commands.push(Command::Client(ClientCommand {
            client,
            session,
            sequence,
            at: now,
            operation,
        }));
        let input = Input::Propose(&mut self.commands);
        raft.step(now, input, &mut self.effects);
        self.commands.clear();
        match self.effects.proposed.take() {
            Some(Proposed::Appended { first, term }) => {
                self.replica_mut(at).writers.push_back(Writer {
                    index: first,
                    term,
                    waiter,
                });
            }
            Some(Proposed::NotLeader { hint }) => {
                let hint = self.hint(at, hint);
                self.answer(at.host, waiter, Answer::NotLeader(hint));
            }
            None => {}
        }
        self.dispatch(at);
    }

    /// Does what the effects ask for, and empties them.
    fn dispatch(&mut self, at: ReplicaIndex) {
        if !self.effects.traces.is_empty() {
            self.trace(at);
        }
        if !self.effects.writes.is_empty() {
            self.write(at);
        }
        if self.effects.installed.is_some() {
            self.install(at);
        }
        if self.replica(at).last_applied < self.effects.commit_index {
            self.commit(at);
        }
        if !self.effects.messages.is_empty() {
            if self.settings.shards.are_many() {
                self.keep_back(at);
            }
            let group = self.replica(at).group;
            for message in self.effects.messages.drain(..) {
                let packet = Packet {
                    from: message.from.node().into(),
                    to: message.to.node().into(),
                    content: Content::Raft(group, message),
                };
                self.network.send(packet, &mut self.cx);
            }
        }
        if !self.effects.reads.is_empty() {
            self.settle_reads(at);
        }
        let replica = self.replica(at);
        if !replica.writers.is_empty() && !replica.is_leader() {
            self.turn_writers_away(at);
        }
        let host = &mut self.hosts[at.host];
        host.replicas[at.slot].arm(at, &host.clock, &mut self.cx);
        self.see(at, Fact::Moved);
        #[cfg(not(target_arch = "wasm32"))]
        if self.cx.log.keep_asides {
            self.note_step(at);
        }
        if self.snapshot.is_some() {
            self.compact(at);
        }
        if let Some(born) = self.born.take() {
            self.drive(born, Input::Campaign);
        }
    }

    /// A replica has done a step.
    #[cfg(not(target_arch = "wasm32"))]
    fn note_step(&mut self, at: ReplicaIndex) {
        let (node, group) = (self.hosts[at.host].id, self.replica(at).group);
        if let Some(state) = self.replica(at).state() {
            self.cx.log.note(AsideKind::Stepped { node, group, state });
        }
    }

    /// A snapshot from the leader replaces the state machine.
    fn install(&mut self, at: ReplicaIndex) {
        if let Some(snapshot) = self.effects.installed.take()
            && let Err(why) = self.replica_mut(at).restore(&snapshot)
        {
            self.refuse(at, why);
        }
    }

    /// The server takes a snapshot.
    fn compact(&mut self, at: ReplicaIndex) {
        if let Some((index, state)) = self.snapshot.take() {
            self.drive(at, Input::Compact { index, state });
        }
    }

    fn trace(&mut self, at: ReplicaIndex) {
        let mut traces = std::mem::take(&mut self.effects.traces);
        let (node, group) = (self.hosts[at.host].id, self.replica(at).group);
        for trace in traces.drain(..) {
            self.cx.emit(EventKind::Traced { node, group, trace });
            // A timer that ran out has no event: what the server decides first stands for it.
            if self.cx.cause() == Cause::NONE {
                self.cx.follow(self.cx.log.last());
            }
            self.see(at, Fact::Traced(&trace));
        }
        self.effects.traces = traces;
    }

    fn write(&mut self, at: ReplicaIndex) {
        let (now, cause) = (self.cx.now(), self.cx.cause());
        let mut writes = std::mem::take(&mut self.effects.writes);
        for write in writes.drain(..) {
            if let Some(append) = &write.append {
                self.see(at, Fact::Wrote(append));
            }
            if let Some(compaction) = &write.snapshot {
                self.see(at, Fact::Compacted(&compaction.snapshot));
            }
            let queued = Queued {
                slot: at.slot,
                life: self.replica(at).life,
                write,
                cause,
            };
            if let Some(due) = self.hosts[at.host].disk.submit(queued, now) {
                self.cx.push(due, Due::Synced(at.host as u32));
            }
        }
        self.effects.writes = writes;
    }

    /// The commit index has moved: apply up to it.
    fn commit(&mut self, at: ReplicaIndex) {
        if self.replica(at).is_leader() {
            self.see(at, Fact::Committed);
        }
        let every = u64::from(self.settings.snapshot_every);
        let many = self.settings.shards.are_many();
        while self.replica(at).last_applied < self.effects.commit_index {
            if many && self.waits_for_source(at) {
                break;
            }
            self.apply_next(at);
            let replica = self.replica(at);
            let index = replica.last_applied;
            let absorbed = |shard: &Shard| shard.merges.absorbed_at == index;
            // Everywhere after the same entries, so that the states can be compared.
            let is_due = every > 0 && index.is_multiple_of(every);
            if is_due || many && replica.store.shard().is_some_and(absorbed) {
                self.snapshot = Some((replica.last_applied, replica.store.encode()));
            }
        }
        let replica = &self.hosts[at.host].replicas[at.slot];
        let group = &mut self.groups[group::place(replica.group)];
        group.furthest = group.furthest.max(replica.last_applied);
    }

    fn apply_next(&mut self, at: ReplicaIndex) {
        let host = &mut self.hosts[at.host];
        let node = host.id;
        let replica = &mut host.replicas[at.slot];
        let group = replica.group;
        replica.last_applied += 1;
        let index = replica.last_applied;
        let Some(raft) = &replica.raft else { return };
        let Some(entry) = raft.log().entry(index) else {
            return;
        };
        let term = entry.term;
        let id = EntryId { index, term };
        self.cx.emit(EventKind::Applied { node, group, id });
        let (mut ran, mut answer) = (false, None);
        if let Payload::Command(Command::Admin(command)) = &entry.payload
            && MANY_SHARDS
        {
            let command = command.clone();
            self.see(at, Fact::Applied { id, ran: true });
            return self.administer(at, id, &command);
        }
        if let Payload::Command(Command::Client(command)) = &entry.payload {
            let by = apply_settings(&self.settings, &self.groups, (group, index));
            let applied = replica.store.apply(index, command, by);
            ran = applied.ran;
            answer = match applied.expired {
                true => Some(Answer::SessionExpired),
                false => applied.outcome.map(Answer::Outcome),
            };
            if applied.refused && MANY_SHARDS {
                let key = command.operation.key().clone();
                answer = Some(Answer::WrongShard(self.cure(at, &key)));
            }
            if applied.frozen && MANY_SHARDS {
                answer = Some(Answer::Frozen);
            }
        }
        self.see(at, Fact::Applied { id, ran });
        self.answer_writers(at, id, answer);
    }

    /// Answers the client that waits for the entry that was applied. One that waits for another
    /// entry at that index waits in vain: it was replaced.
    fn answer_writers(&mut self, at: ReplicaIndex, applied: EntryId, mut answer: Option<Answer>) {
        while let Some(&Writer {
            index,
            term,
            waiter,
        }) = self.replica(at).writers.front()
            && index <= applied.index
        {
            self.replica_mut(at).writers.pop_front();
            let is_this = EntryId { index, term } == applied;
            match answer.take() {
                Some(answer) if is_this => self.answer(at.host, waiter, answer),
                _ if is_this => {}
                _ => {
                    let hint = self.hint(at, None);
                    self.answer(at.host, waiter, Answer::LeadershipLost(hint));
                }
            }
        }
    }

    /// A server that no longer leads tells those who wait. Their commands may still take effect;
    /// a retry has the same number.
    fn turn_writers_away(&mut self, at: ReplicaIndex) {
        let replica = self.replica_mut(at);
        let writers = std::mem::take(&mut *replica.writers);
        let leader = replica.raft.as_ref().and_then(|raft| raft.leader());
        let hint = self.hint(at, leader.map(|id| id.node()));
        for writer in writers {
            self.answer(at.host, writer.waiter, Answer::LeadershipLost(hint));
        }
    }

    /// What a server can say of who leads.
    fn hint(&self, at: ReplicaIndex, leader: Option<NodeId>) -> Hint {
        let raft = self.replica(at).raft();
        let term = raft.map_or(0, |raft| raft.current_term());
        Hint { leader, term }
    }

    fn settle_reads(&mut self, at: ReplicaIndex) {
        let mut reads = std::mem::take(&mut self.effects.reads);
        for read in reads.drain(..) {
            self.settle_read(at, read);
        }
        self.effects.reads = reads;
    }

    fn settle_read(&mut self, at: ReplicaIndex, read: Read) {
        let (Read::Ready { id, .. } | Read::NotLeader { id, .. }) = read;
        let (node, rules) = (self.hosts[at.host].id, self.settings.shards.rules);
        let replica = self.replica_mut(at);
        let Some(place) = replica
            .readers
            .iter()
            .position(|reader| reader.number == id)
        else {
            return;
        };
        let reader = replica.readers.remove(place);
        let Reader {
            asked,
            key,
            stale,
            waiter,
            ..
        } = reader;
        let group = replica.group;
        let mut found = None;
        let answer = match read {
            Read::Ready { index, .. } if index <= replica.last_applied => {
                if MANY_SHARDS && rules.has(ShardRule::OwnerAtRead) && !replica.store.owns(&key) {
                    let cure = self.cure(at, &key);
                    return self.answer(at.host, waiter, Answer::WrongShard(cure));
                }
                let refuses = || !stale && rules.has(ShardRule::FreezeRefusesReads);
                if MANY_SHARDS && replica.store.is_frozen() && refuses() {
                    return self.answer(at.host, waiter, Answer::Frozen);
                }
                found = (index < asked).then_some(Found::ReadBehind {
                    node,
                    index,
                    committed: asked,
                });
                let value = replica.store.get(&key).cloned();
                Answer::Outcome(Outcome::Found { value })
            }
            // A read index is never above the commit index, and what is committed is applied, unless a source that is
            // to be absorbed isn't here yet.
            Read::Ready { .. } => Answer::NotLeader(self.hint(at, None)),
            Read::NotLeader { hint, .. } => Answer::NotLeader(self.hint(at, hint)),
        };
        self.report(group, found);
        self.answer(at.host, waiter, answer);
    }

    /// Shows the checks what a replica did.
    #[cfg_attr(not(target_arch = "wasm32"), inline(always))]
    pub(super) fn see(&mut self, at: ReplicaIndex, fact: Fact<'_>) {
        if self.checks.are_on() {
            let found = self.checks.see(at, fact, &self.hosts, self.cx.now());
            if found.is_some() {
                self.report(self.replica(at).group, found);
            }
        }
    }

    /// Tells the checks' finding in a group. The run ends with it.
    #[inline]
    pub(super) fn report(&mut self, group: GroupId, found: Option<Found>) {
        if let Some(found) = found
            && let Some(violation) = self.checks.report(self.cx.now(), group, found)
        {
            self.cx.emit(EventKind::Violated(violation));
        }
    }
}

/// What the entry at that place is applied by.
#[inline]
pub(super) fn apply_settings(
    settings: &Settings,
    groups: &[Group],
    (group, index): (GroupId, Index),
) -> ApplySettings {
    ApplySettings {
        rules: groups[group::place(group)].apply_rules.at(index),
        shard_rules: settings.shards.rules,
        session_timeout: settings.clients.session_timeout,
    }
}
