//! Golden scripts: the protocol, message by message, in `tests/scripts/`.
//!
//! Each block of commands is followed by what the servers decided, what is on the wire and what
//! waits for a disk. `UPDATE_GOLDENFILES=1` rewrites the scripts; read the diff.

use crate::cluster::{Cluster, log_text, members_text, message_text};
use goldenscript::{Command, Context, Runner};
use kvorum::base::{ClientId, NodeId, Span, Time};
use kvorum::kv::{Applied, ApplySettings, ClientCommand as Append, Operation, Store};
use kvorum::raft::{Input, ProgressState, ReadLevel, Rule, Rules, Timing, Way};
use std::error::Error;
use std::fmt::Write as _;

struct Script {
    cluster: Cluster,
    /// A state machine by itself.
    store: Store,
}

/// A command of the scripts, with its arguments as they stand there.
struct Line {
    name: String,
    words: Vec<String>,
    named: Vec<(String, String)>,
}

impl TryFrom<&Command> for Line {
    type Error = Box<dyn Error>;

    fn try_from(command: &Command) -> Result<Line, Box<dyn Error>> {
        let mut args = command.consume_args();
        let mut line = Line {
            name: command.name.clone(),
            words: Vec::new(),
            named: Vec::new(),
        };
        while let Some((key, value)) = args.next_key() {
            line.named.push((key.to_owned(), value.to_owned()));
        }
        while let Some(word) = args.next_pos() {
            line.words.push(word.to_owned());
        }
        Ok(line)
    }
}

fn id(text: &str) -> Result<NodeId, Box<dyn Error>> {
    Ok(NodeId(text.trim_start_matches('S').parse()?))
}

/// The ids of a list.
fn ids(list: &str) -> Result<Vec<NodeId>, Box<dyn Error>> {
    list.split_whitespace().map(id).collect()
}

impl Line {
    fn get(&self, key: &str) -> Option<&str> {
        self.named
            .iter()
            .find(|(k, _)| k == key)
            .map(|(_, value)| &**value)
    }

    fn number(&self, key: &str) -> Result<Option<u64>, Box<dyn Error>> {
        Ok(self.get(key).map(str::parse).transpose()?)
    }

    fn id(&self) -> Result<NodeId, Box<dyn Error>> {
        id(self.words.first().ok_or("which server?")?)
    }

    fn rules(&self) -> Result<Rules, Box<dyn Error>> {
        // The scripts of the paper's own protocol elect at will.
        let base = match self.get("rules") {
            None => Rules::FIGURE_2,
            Some("all") => Rules::ALL,
            Some(other) => return Err(format!("no rules {other}").into()),
        };
        let names = self.get("without").unwrap_or_default();
        names
            .split(',')
            .filter(|name| !name.is_empty())
            .try_fold(base, |rules, name| {
                let rule = Rule::from_name(name)?;
                Ok(rules.without(rule))
            })
    }
}

impl Script {
    fn run_line(&mut self, line: &Line) -> Result<(), Box<dyn Error>> {
        let cluster = &mut self.cluster;
        match &*line.name {
            "cluster" => {
                let mut timing = Timing::default();
                if let Some(window) = line.number("window")? {
                    timing.max_in_flight = window as u32;
                }
                if let Some(batch) = line.number("batch")? {
                    timing.max_batch = batch as u32;
                }
                if let Some(bytes) = line.number("bytes")? {
                    timing.max_in_flight_bytes = bytes as u32;
                }
                if let Some(bytes) = line.number("chunk")? {
                    timing.max_chunk = bytes as u32;
                }
                if let Some(entries) = line.number("keep")? {
                    timing.keep_entries = entries as u32;
                }
                let size = line.number("nodes")?.unwrap_or(3) as u32;
                *cluster = Cluster::with(size, line.rules()?, timing);
            }
            "disk" => {
                let terms: Vec<u64> = line.words[1..]
                    .iter()
                    .map(|t| t.parse())
                    .collect::<Result<_, _>>()?;
                let term = line.number("term")?.unwrap_or(*terms.last().unwrap_or(&0));
                cluster.crash(line.id()?);
                cluster.set_disk(line.id()?, term, &terms);
                cluster.restart(line.id()?);
            }
            "priority" => {
                let numbers = line.words.iter().map(|word| word.parse());
                cluster.priorities = numbers.collect::<Result<_, _>>()?;
                for id in cluster.ids() {
                    cluster.crash(id);
                    cluster.restart(id);
                }
            }
            "campaign" => cluster.campaign(line.id()?),
            "transfer" => {
                let to = id(line.words.get(1).ok_or("to whom?")?)?;
                cluster.step(line.id()?, Input::Transfer(to));
            }
            "propose" => {
                let mut commands = line.words[1..].to_vec();
                cluster.step(line.id()?, Input::Propose(&mut commands));
            }
            "join" => drop(cluster.add_server()),
            "change" => {
                let way = match line.get("way") {
                    None => Way::Shortest,
                    Some("joint") => Way::Joint,
                    Some("stay") => Way::Stay,
                    Some(other) => return Err(format!("no way {other}").into()),
                };
                let learners = line.get("learners").unwrap_or_default();
                let voters = line.get("voters").unwrap_or_default();
                let _answer = cluster.change(line.id()?, &ids(voters)?, &ids(learners)?, way);
            }
            "leave" => drop(cluster.step(line.id()?, Input::LeaveJoint)),
            "full" => drop(cluster.step(line.id()?, Input::DiskFull(true))),
            "free" => drop(cluster.step(line.id()?, Input::DiskFull(false))),
            "wipe" => {
                cluster.crash(line.id()?);
                cluster.wipe(line.id()?);
            }
            "compact" => {
                cluster.compact(line.id()?, line.words.get(1).ok_or("which state?")?);
            }
            "read" => {
                let id = line.words.get(1).ok_or("which number?")?.parse()?;
                let level = match line.words.get(2).map(|word| &**word) {
                    None => ReadLevel::Linearizable,
                    Some("lease") => ReadLevel::Lease,
                    Some("stale") => ReadLevel::Stale,
                    Some(other) => return Err(format!("no level {other}").into()),
                };
                cluster.step(line.id()?, Input::Read { id, level });
            }
            "sync" => {
                let all = line.words.is_empty();
                let ids: Vec<_> = if all {
                    cluster.ids().collect()
                } else {
                    vec![line.id()?]
                };
                ids.into_iter().for_each(|id| while cluster.sync(id) {});
            }
            "deliver" | "lose" => {
                let from = line.get("from").map(id).transpose()?;
                let to = line.get("to").map(id).transpose()?;
                let most = line.number("most")?.unwrap_or(u64::MAX);
                let (chosen, rest) = std::mem::take(&mut cluster.network).into_iter().fold(
                    (Vec::new(), Vec::new()),
                    |(mut chosen, mut rest), message| {
                        let fits = from.is_none_or(|from| message.from.node() == from)
                            && to.is_none_or(|to| message.to.node() == to)
                            && (chosen.len() as u64) < most;
                        if fits {
                            chosen.push(message)
                        } else {
                            rest.push(message)
                        }
                        (chosen, rest)
                    },
                );
                cluster.network = rest;
                if line.name == "deliver" {
                    for message in chosen {
                        cluster.step(message.to.node(), Input::Receive(message));
                    }
                }
            }
            "set_back" => {
                let ms = line.words.first().ok_or("how many ms?")?.parse()?;
                cluster.now -= Span::millis(ms);
            }
            "settle" => cluster.settle(),
            "pass" => {
                let ms = line.words.first().ok_or("how many ms?")?.parse()?;
                cluster.pass(Span::millis(ms));
            }
            "crash" => cluster.crash(line.id()?),
            "restart" => cluster.restart(line.id()?),
            "partition" => {
                let side = line
                    .words
                    .iter()
                    .map(|word| id(word))
                    .collect::<Result<Vec<_>, _>>()?;
                cluster.partition(&side);
            }
            "heal" => cluster.cut.clear(),
            "status" => {}
            other => return Err(format!("no command {other}").into()),
        }
        Ok(())
    }

    /// Applies `append TEXT client= session= number= at=SECONDS timeout=SECONDS` to the store.
    fn append(&mut self, line: &Line) -> Result<String, Box<dyn Error>> {
        let number = |key| Ok::<_, Box<dyn Error>>(line.number(key)?.ok_or(key)?);
        let command = Append {
            client: ClientId(number("client")? as u32),
            session: number("session")? as u32,
            sequence: number("number")?,
            at: Time::ZERO + Span::secs(number("at")?),
            operation: Operation::Append {
                key: "k".into(),
                value: line.words.first().ok_or("append what?")?.as_str().into(),
            },
        };
        let by = ApplySettings {
            session_timeout: Span::secs(number("timeout")?),
            ..ApplySettings::default()
        };
        let Applied {
            ran,
            outcome,
            expired,
            refused: _,
            frozen: _,
        } = self.store.apply(1, &command, by);
        let what = match (ran, outcome, expired) {
            (true, ..) => "runs",
            (_, Some(_), _) => "has run: answered again",
            (.., true) => "is refused: its session has expired",
            _ => "came too late: a later one ran",
        };
        let (sessions, k) = (self.store.sessions().len(), self.store.get("k"));
        let k = k.map_or("", |value| value);
        Ok(format!("{what}; k is \"{k}\", live sessions: {sessions}\n"))
    }

    /// What the block decided, and what it leaves to do.
    fn report(&mut self) -> Result<String, Box<dyn Error>> {
        let mut text = String::new();
        for (node, trace) in self.cluster.traces.drain(..) {
            writeln!(text, "{node} {trace:?}")?;
        }
        for (node, read) in self.cluster.reads.drain(..) {
            writeln!(text, "{node} {read:?}")?;
        }
        for id in self.cluster.ids() {
            for write in &self.cluster.machine(id).pending {
                write!(text, "{id} is writing")?;
                if let Some(hard_state) = write.hard_state {
                    let voted = hard_state
                        .voted_for
                        .map_or("nobody".into(), |id| id.to_string());
                    write!(text, " term {} vote {voted}", hard_state.current_term)?;
                }
                if let Some(compaction) = &write.snapshot {
                    let last = compaction.snapshot.last.index;
                    write!(text, " snapshot through {last}")?;
                }
                if let Some(append) = &write.append {
                    let last = append.first + append.entries.len() - 1;
                    write!(text, " entries {}..{last}", append.first)?;
                }
                writeln!(text, ", then sends {}", write.after().len())?;
            }
        }
        for message in &self.cluster.network {
            writeln!(text, "{}", message_text(message))?;
        }
        Ok(text)
    }

    fn status(&mut self) -> Result<String, Box<dyn Error>> {
        let mut text = String::new();
        for id in self.cluster.ids() {
            let Some(raft) = &self.cluster.machine(id).raft else {
                writeln!(text, "{id} is down")?;
                continue;
            };
            let (role, term, commit) = (raft.role(), raft.current_term(), raft.commit_index());
            let log = log_text(raft.log());
            write!(
                text,
                "{id} {role:?} term {term} commit {commit} log [{log}]"
            )?;
            if raft.configuration_index() > 0 {
                write!(text, " of {}", members_text(raft.configuration()))?;
            }
            if let Some(snapshot) = raft.snapshot() {
                let state = String::from_utf8_lossy(&snapshot.state);
                write!(text, " snapshot {:?}", state)?;
            }
            if let Some(incoming) = raft.incoming() {
                let (received, total) = (incoming.received(), incoming.total);
                write!(text, " receiving {received} of {total} bytes")?;
            }
            writeln!(text)?;
            for peer in raft.peers() {
                let state = match peer.state {
                    ProgressState::Probe { waiting } => {
                        if waiting {
                            "probe, waits"
                        } else {
                            "probe"
                        }
                    }
                    ProgressState::Replicate => "replicate",
                    ProgressState::Snapshot => "snapshot",
                };
                let (id, match_index, next, flying) =
                    (peer.id, peer.match_index, peer.next_index, peer.in_flight());
                writeln!(
                    text,
                    "  {id} match {match_index} next {next} {state}, {flying} in flight"
                )?;
            }
        }
        Ok(text)
    }
}

impl Runner for Script {
    type Command = Line;

    fn run(&mut self, line: &Line, _: &Context) -> Result<String, Box<dyn Error>> {
        if line.name == "append" {
            return self.append(line);
        }
        self.run_line(line)?;
        if line.name == "status" {
            self.status()
        } else {
            Ok(String::new())
        }
    }

    fn end_block(&mut self, _: &goldenscript::Block) -> Result<String, Box<dyn Error>> {
        self.report()
    }
}

#[test]
fn scripts_say_what_the_protocol_does() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scripts");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("tests/scripts exists")
        .map(|entry| entry.expect("a readable folder").path())
        .collect();
    paths.sort();
    assert!(paths.len() >= 8, "golden scripts are missing");
    for path in paths {
        let mut script = Script {
            cluster: Cluster::new(3),
            store: Store::default(),
        };
        goldenscript::run(&mut script, &path).expect("the script can be run");
    }
}
