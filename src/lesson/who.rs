//! Roles: which servers a story means.
//!
//! A role is a list of words, and each word narrows the set of servers, which begins with all of
//! them: `follower with x=1` are the servers that run, don't lead, and hold the write x = 1.
//! Where one server is needed, the first of the set (by number) is meant.
//!
//! | word | the servers that … |
//! | --- | --- |
//! | `S3` | are this one |
//! | `any` | are in the cluster |
//! | `up`, `down`, `paused` | run, crashed, are suspended |
//! | `leader` | leads the highest term of all who lead |
//! | `old-leader` | leads the lowest term of all who lead: of two, the one that was replaced |
//! | `leading`, `candidate`, `follower` | lead; stand for election; run and don't lead |
//! | `following` | take the `leader` for the leader; it does so itself |
//! | `latest`, `later` | are in the highest term; in a higher term than the `old-leader` |
//! | `settled` | have committed an entry of their own term |
//! | `level`, `behind` | have a log that ends where the leader's ends; that ends before |
//! | `throttled` | get no more entries until they answer: the leader's window for them is full |
//! | `majority`, `minority` | stand on a side of the partition whose voters are a quorum; are none |
//! | `with x=1`, `durable x=1` | hold that write; have it on disk |
//! | `committed x=1`, `shows x=1` | know that write committed; have it in their map |
//! | `applied` | have applied their whole log |
//! | `voter`, `learner` | are so by the leader's configuration; without a leader, by the longest log |
//! | `joint` | go by a joint configuration themselves |
//! | `retired` | are no members any more, and switched off for good |
//! | `refusing` | run, and take no part, because their disk can't be trusted |
//! | `compacted` | have a snapshot in place of the log's beginning |
//! | `term 8`, `log 10` | are in that term; have a log that ends at that index |
//! | `not WORD` | aren't what the word says |
//! | `rest` | weren't named earlier in the same action: the other side of a partition |
//! | `#2` | come second among those that the words before leave |

use super::words::{Words, Write, unknown};
use crate::base::{JsonError, MemberId, NodeId};
use crate::kv::{Command, Operation};
use crate::raft::{Entry, Index, Log, Payload, Raft, Role, Term};
use crate::sim::{Host, Power, Simulation};

/// A role.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Who {
    words: Vec<Word>,
    /// The place in the set, from 1; `None`: all of it.
    nth: Option<usize>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Word {
    Any,
    Is(NodeId),
    Power(Power),
    Leader,
    OldLeader,
    Leading,
    Candidate,
    Follower,
    Following,
    Latest,
    Later,
    Settled,
    Level,
    Behind,
    Throttled,
    Side { quorum: bool },
    Applied,
    With(Write),
    Durable(Write),
    Committed(Write),
    Shows(Write),
    Voter,
    Learner,
    Joint,
    Retired,
    Refusing,
    Compacted,
    Term(Term),
    Last(Index),
    Not(Box<Word>),
    Rest,
}

/// What may stand in a role, for errors.
pub(crate) const WORDS: &str = "one of S1, any, up, down, paused, leader, old-leader, leading, candidate, \
    follower, following, latest, later, settled, level, behind, throttled, majority, minority, applied, with x=1, \
    durable x=1, committed x=1, shows x=1, voter, learner, joint, \
    retired, refusing, compacted, term 8, log 10, not, rest, #2";

impl Who {
    /// Reads a role, up to a word that connects it to something else.
    pub(super) fn read(words: &mut Words<'_>) -> Result<Who, JsonError> {
        let mut who = Who {
            words: Vec::new(),
            nth: None,
        };
        while let Some(word) = words.inside() {
            if who.nth.is_some() {
                return Err(unknown(word, "nothing more after a place such as #2"));
            }
            match word.strip_prefix('#').map(str::parse) {
                Some(Ok(nth @ 1..)) => who.nth = Some(nth),
                _ => who.words.push(Word::read(word, words)?),
            }
        }
        if who.words.is_empty() {
            return Err(JsonError::new(format!("a role is missing: {WORDS}")));
        }
        Ok(who)
    }

    /// The servers that it means now, by number. `named` are those named earlier in the action.
    pub fn find(&self, simulation: &Simulation, named: &[NodeId]) -> Vec<NodeId> {
        let fits = self.fitting(simulation, named);
        match self.nth {
            None => fits.collect(),
            Some(nth) => fits.skip(nth - 1).take(1).collect(),
        }
    }

    /// How many servers it means now.
    pub fn count(&self, simulation: &Simulation) -> usize {
        let fits = self.fitting(simulation, &[]).count();
        self.nth.map_or(fits, |nth| usize::from(fits >= nth))
    }

    /// Whether it means this server now.
    pub fn is(&self, simulation: &Simulation, node: NodeId) -> bool {
        match (self.nth, simulation.host(node)) {
            (None, Some(host)) => self
                .words
                .iter()
                .all(|word| word.fits(simulation, host, &[])),
            (_, None) => false,
            (Some(_), _) => self.find(simulation, &[]).contains(&node),
        }
    }

    fn fitting(&self, simulation: &Simulation, named: &[NodeId]) -> impl Iterator<Item = NodeId> {
        let fits = move |host: &&Host| {
            let mut words = self.words.iter();
            words.all(|word| word.fits(simulation, host, named))
        };
        simulation.hosts().iter().filter(fits).map(Host::id)
    }
}

impl Word {
    fn read(word: &str, words: &mut Words<'_>) -> Result<Word, JsonError> {
        Ok(match word {
            "any" => Word::Any,
            "up" => Word::Power(Power::Up),
            "down" => Word::Power(Power::Crashed),
            "paused" => Word::Power(Power::Paused),
            "leader" => Word::Leader,
            "old-leader" => Word::OldLeader,
            "leading" => Word::Leading,
            "candidate" => Word::Candidate,
            "follower" => Word::Follower,
            "following" => Word::Following,
            "latest" => Word::Latest,
            "later" => Word::Later,
            "settled" => Word::Settled,
            "level" => Word::Level,
            "behind" => Word::Behind,
            "throttled" => Word::Throttled,
            "majority" => Word::Side { quorum: true },
            "minority" => Word::Side { quorum: false },
            "applied" => Word::Applied,
            "durable" => Word::Durable(words.write(word)?),
            "with" => Word::With(words.write(word)?),
            "committed" => Word::Committed(words.write(word)?),
            "shows" => Word::Shows(words.write(word)?),
            "voter" => Word::Voter,
            "learner" => Word::Learner,
            "joint" => Word::Joint,
            "retired" => Word::Retired,
            "refusing" => Word::Refusing,
            "compacted" => Word::Compacted,
            "term" => Word::Term(words.number(word)?),
            "log" => Word::Last(words.number(word)?),
            "rest" => Word::Rest,
            "not" => {
                let next = words.inside().unwrap_or_default();
                Word::Not(Box::new(Word::read(next, words)?))
            }
            _ => match word.strip_prefix('S').map(str::parse) {
                Some(Ok(id)) => Word::Is(NodeId(id)),
                _ => return Err(unknown(word, WORDS)),
            },
        })
    }

    fn fits(&self, simulation: &Simulation, host: &Host, named: &[NodeId]) -> bool {
        match self {
            Word::Any => return true,
            Word::Is(id) => return host.id() == *id,
            Word::Power(power) => return host.power() == *power,
            Word::Not(word) => return !word.fits(simulation, host, named),
            Word::Rest => return !named.contains(&host.id()),
            Word::Voter => return simulation.configuration().has_voter_on(host.id()),
            Word::Learner => return simulation.configuration().has_learner_on(host.id()),
            Word::Retired => return host.is_retired(),
            Word::Refusing => return host.refuses().is_some(),
            Word::Side { quorum } => return side_has_quorum(simulation, host) == Some(*quorum),
            Word::Shows(write) => {
                let found = host.store().get(&write.key);
                return found.is_some_and(|found| *found == write.value);
            }
            Word::Durable(write) => return find(host.volume().log(), write).is_some(),
            _ => {}
        }
        let Some(raft) = host.raft() else {
            return false;
        };
        let leader = || newest_leader(simulation);
        let log = raft.log();
        match self {
            Word::Leader => leader().is_some_and(|it| it.id() == raft.id()),
            Word::OldLeader => oldest_leader(simulation).is_some_and(|it| it.id() == raft.id()),
            Word::Leading => raft.is_leader(),
            Word::Candidate => raft.role() == Role::Candidate,
            Word::Follower => !raft.is_leader(),
            Word::Following => leader().is_some_and(|it| raft.leader() == Some(it.id())),
            Word::Latest => running(simulation).all(|it| it.current_term() <= raft.current_term()),
            Word::Later => {
                oldest_leader(simulation).is_some_and(|it| it.current_term() < raft.current_term())
            }
            Word::Settled => log.term_at(raft.commit_index()) == Some(raft.current_term()),
            Word::Level => leader().is_some_and(|it| it.last() == raft.last()),
            Word::Throttled => leader().is_some_and(|it| {
                let mut peers = it.peers().iter();
                let most = it.config().timing.max_in_flight;
                peers.any(|peer| peer.id == raft.id() && peer.in_flight() >= most)
            }),
            Word::Behind => leader().is_some_and(|it| raft.last() < it.last()),
            Word::Applied => host.last_applied() == log.last_index(),
            Word::With(write) => find(log, write).is_some(),
            Word::Committed(write) => {
                find(log, write).is_some_and(|index| index <= raft.commit_index())
            }
            Word::Joint => raft.configuration().is_joint(),
            Word::Compacted => raft.snapshot().is_some(),
            Word::Term(term) => raft.current_term() == *term,
            Word::Last(index) => log.last_index() == *index,
            _ => false,
        }
    }
}

/// The servers that run, as the protocol sees them.
fn running(simulation: &Simulation) -> impl Iterator<Item = &Raft<Command>> {
    simulation.hosts().iter().filter_map(Host::raft)
}

fn leaders(simulation: &Simulation) -> impl Iterator<Item = &Raft<Command>> {
    running(simulation).filter(|raft| raft.is_leader())
}

fn newest_leader(simulation: &Simulation) -> Option<&Raft<Command>> {
    leaders(simulation).max_by_key(|raft| raft.current_term())
}

fn oldest_leader(simulation: &Simulation) -> Option<&Raft<Command>> {
    leaders(simulation).min_by_key(|raft| raft.current_term())
}

/// Whether the voters on the server's side of the partition are a quorum, running or not; `None` if there is no partition.
fn side_has_quorum(simulation: &Simulation, host: &Host) -> Option<bool> {
    let partition = simulation.network().partition()?;
    let mut groups = partition.groups.iter();
    let side = groups.find(|group| group.contains(&host.id().into()))?;
    let votes = |id: MemberId| Some(side.contains(&id.node().into()));
    let tally = simulation.configuration().tally(simulation.rules(), votes);
    Some(tally.won())
}

/// Entries of a log's end that are looked at: lessons have short logs, but somebody may let the
/// clients run wild.
const WINDOW: Index = 256;

/// Where this log holds the write, if it does.
fn find(log: &Log<Command>, write: &Write) -> Option<Index> {
    let last = log.last_index();
    let first = last.saturating_sub(WINDOW) + 1;
    (first..=last).rev().find(|&index| {
        let entry = log.entry(index);
        entry.is_some_and(|entry| carries(entry, write))
    })
}

fn carries(entry: &Entry<Command>, write: &Write) -> bool {
    match &entry.payload {
        Payload::Command(Command::Client(command)) => writes(&command.operation, write),
        _ => false,
    }
}

/// Whether the operation is that write: a put, an append or a compare-and-swap of the value.
pub(super) fn writes(operation: &Operation, write: &Write) -> bool {
    match operation {
        Operation::Put { key, value }
        | Operation::Append { key, value }
        | Operation::Cas { key, value, .. } => (key, value) == (&write.key, &write.value),
        Operation::Get { .. } | Operation::Delete { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Time;
    use crate::sim::{Action, Settings};

    #[test]
    fn a_side_is_judged_by_its_voters() {
        let settings = Settings {
            nodes: 3,
            ..Settings::default()
        };
        let mut simulation = Simulation::new(settings, 1).expect("the settings can be");
        let mut act = |action| simulation.apply(action).expect("it can be done");
        act(Action::AddServer);
        act(Action::AddServer);
        let ids = |ids: &[u32]| ids.iter().copied().map(NodeId).collect::<Vec<_>>();
        let groups = vec![ids(&[1, 2]), ids(&[3, 4, 5])];
        act(Action::partition(groups));
        simulation.run_until(Time::from_millis(3_000));
        let find = |text| {
            let who = Who::read(&mut Words::new(text)).expect("it is a role");
            who.find(&simulation, &[])
        };
        assert_eq!(find("majority"), ids(&[1, 2]));
        assert_eq!(find("minority"), ids(&[3, 4, 5]));
        assert_eq!(find("learner"), ids(&[4, 5]));
    }
}
