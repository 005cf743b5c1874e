//! What a search found: how many worlds, and the way to the broken one as a story.

use super::interrupted;
use crate::base::{Address, GroupId, MemberId, NodeId, Time};
use crate::cli::{Exit, Unusable};
use crate::explore::{Bounds, Broken, Choice, End, Reached, Search, Spending, Standing, Step};
use crate::raft::{CampaignReason, Change, Configuration, Index, Term, Trace, Way};
use crate::run::{ENGINE, RetainedEvent, ServerThen, holders};
use crate::sim::{Event, EventKind, Found, MessageKind, PacketKind, Violation};
use crate::view::text::count;
use crate::view::{self, english, narrate};
use serde::Serialize;
use std::io::Write;
use std::time::Duration;

/// The shortest time, in seconds, from which a rate is told.
const MEASURABLE: f64 = 0.01;

/// What a search came to.
#[derive(Debug, Serialize)]
pub struct Report {
    engine: &'static str,
    servers: u32,
    members: String,
    led: bool,
    budget: Vec<(&'static str, u32)>,
    changes: Vec<String>,
    batch: u32,
    rules_off: Vec<&'static str>,
    worlds: u64,
    steps: u64,
    depth: u32,
    exhausted: bool,
    wall_seconds: f64,
    cpu_seconds: f64,
    /// Absent if it was too short to tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    worlds_per_cpu_second: Option<u64>,
    bytes_per_world: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    violation: Option<Violated>,
    #[serde(skip)]
    end: End,
    #[serde(skip)]
    reached: Reached,
}

/// A broken property, and how it came to that.
#[derive(Debug, Serialize)]
struct Violated {
    property: &'static str,
    says: String,
    story: Vec<Chapter>,
}

/// A step of the story.
#[derive(Debug, Serialize)]
struct Chapter {
    node: NodeId,
    says: String,
    decisions: Vec<String>,
}

impl Report {
    pub fn new(
        bounds: &Bounds,
        search: &mut Search,
        end: End,
        (wall, cpu): (Duration, Duration),
    ) -> Report {
        let reached = search.reached();
        let violation = match &end {
            End::Found(broken) => Some(Violated::new(broken, &search.tale())),
            _ => None,
        };
        let cpu = cpu.as_secs_f64();
        let times = |&of: &Spending| (of.name(), bounds.budget.left(of));
        let budget = Spending::ALL.iter().map(times);
        Report {
            engine: ENGINE,
            servers: bounds.servers,
            members: list(&bounds.members),
            led: bounds.led,
            budget: budget.filter(|it| it.1 > 0).collect(),
            changes: bounds.changes.iter().map(asked).collect(),
            batch: bounds.batch,
            rules_off: bounds.rules.off().map(|rule| rule.name()).collect(),
            worlds: reached.worlds,
            steps: reached.steps,
            depth: reached.depth,
            exhausted: end == End::Exhausted,
            wall_seconds: rounded(wall.as_secs_f64()),
            cpu_seconds: rounded(cpu),
            worlds_per_cpu_second: (cpu >= MEASURABLE)
                .then(|| (reached.worlds as f64 / cpu).round() as u64),
            bytes_per_world: reached.of_worlds.div_ceil(reached.worlds.max(1)),
            violation,
            end,
            reached,
        }
    }

    /// How the command ends.
    pub fn exit(&self) -> Exit {
        match self.end {
            End::Exhausted => Exit::Ok,
            End::Found(_) => Exit::Broken,
            End::Full => Exit::Undecided,
            End::Told => interrupted(&self.reached).unwrap_or(Exit::Undecided),
        }
    }

    /// Prints it for people.
    pub fn tell(&self, out: &mut impl Write) -> Result<(), Unusable> {
        if let Some(violated) = &self.violation {
            violated.tell(self, out)?;
        }
        let worlds = count(self.worlds, "world");
        let depth = self.depth;
        match self.end {
            End::Exhausted => writeln!(
                out,
                "No property is broken. {worlds} within the bounds, all that there are, were seen; the longest way to one has {depth} steps."
            )?,
            End::Found(_) => writeln!(
                out,
                "\nFound after {worlds}; no way of fewer than {depth} steps leads to such a world."
            )?,
            End::Full | End::Told => writeln!(
                out,
                "No property is broken in {worlds}, among them all to which {depth} steps lead. There are more: not exhausted."
            )?,
        }
        let rate = self.worlds_per_cpu_second.map_or(String::new(), |rate| {
            format!(", {} a second of it", count(rate, "world"))
        });
        writeln!(
            out,
            "{} in {} s ({} s of CPU{rate}), {} bytes a world, engine {}",
            count(self.steps, "step"),
            self.wall_seconds,
            self.cpu_seconds,
            self.bytes_per_world,
            self.engine
        )?;
        Ok(())
    }
}

impl Violated {
    fn new(broken: &Broken, steps: &[Step]) -> Violated {
        let violation = Violation {
            at: Time::ZERO,
            group: GroupId::FIRST,
            found: found(broken, steps),
        };
        Violated {
            property: broken.property(),
            says: english().text(&view::found(&violation)),
            story: steps.iter().map(Chapter::of).collect(),
        }
    }

    fn tell(&self, report: &Report, out: &mut impl Write) -> Result<(), Unusable> {
        let begins = if report.led {
            "S1 leads term 1, and its first entry is committed everywhere."
        } else {
            "Nobody has a term or an entry yet."
        };
        writeln!(out, "{begins}\n")?;
        for (number, chapter) in (1..).zip(&self.story) {
            writeln!(out, "{number:>3}. {}", chapter.says)?;
            for decision in &chapter.decisions {
                writeln!(out, "       {decision}")?;
            }
        }
        writeln!(out, "\n{} is broken: {}", self.property, self.says)?;
        Ok(())
    }
}

impl Chapter {
    fn of(step: &Step) -> Chapter {
        let decisions = step.traces.iter().map(|&trace| {
            let node = step.node;
            let group = GroupId::FIRST;
            sentence(step, EventKind::Traced { node, group, trace })
        });
        Chapter {
            node: step.node,
            says: says(step),
            decisions: decisions.collect(),
        }
    }
}

/// What is told of an event in a world without clocks.
fn sentence(step: &Step, kind: EventKind) -> String {
    let servers = (1..).map(NodeId).zip(&step.servers);
    let server = |(id, standing): (NodeId, &Standing)| ServerThen {
        id,
        term: standing.term,
        leader: standing.leads,
    };
    let event = Event {
        seq: 0,
        at: Time::ZERO,
        cause: None,
        kind,
    };
    let mut retained = RetainedEvent::bare(event, servers.map(server).collect());
    if let EventKind::Traced { trace, .. } = &mut retained.event.kind {
        let index = match trace {
            // Nobody tells it, but in the laboratory.
            Trace::ElectionStarted { why, .. } | Trace::PreVoteStarted { why, .. }
                if *why == CampaignReason::Told =>
            {
                *why = CampaignReason::TimedOut;
                0
            }
            Trace::Matched { match_index, .. } => *match_index,
            Trace::Committed { to, .. } => *to,
            Trace::NotOwnTerm { id, .. } => id.index,
            _ => 0,
        };
        retained.entry = step.raft.log().entry_id(index).filter(|_| index > 0);
        retained.holders = holders(&step.raft, index);
    }
    narrate(&retained).sentence()
}

/// What happens in a step.
fn says(step: &Step) -> String {
    let node = step.node;
    let mut says = match step.choice {
        Choice::Arrives { .. } => arrives(step),
        Choice::TimesOut => format!("The election timer of {node} runs out."),
        Choice::Beats => format!("The heartbeat of {node} is due."),
        Choice::Proposes(command) => format!("Command {} comes to {node}.", command.0),
        Choice::Reads(id, committed) => {
            format!("Read {id} comes to {node}; by now #{committed} is committed.")
        }
        Choice::Transfers(to) => format!("{node} is told to hand over to {to}."),
        Choice::Changes(_) => {
            let change = step.change.as_ref().map_or(String::new(), asked);
            format!("{node} is asked to change the members to {change}.")
        }
        Choice::Leaves => format!("{node} is told to end the joint configuration."),
        Choice::Compacts => format!("{node} compacts its log."),
        Choice::Syncs => format!("The oldest write of {node} is durable."),
        Choice::Crashes(0) => format!("{node} crashes, and starts again from its disk."),
        Choice::Crashes(1) => format!(
            "{node} crashes with the first part of what it was writing on its disk, and starts again."
        ),
        Choice::Crashes(parts) => format!(
            "{node} crashes with the first {parts} parts of what it was writing on its disk, and starts again."
        ),
        Choice::Wiped => format!("{node} loses its disk, and starts again with an empty one."),
    };
    if matches!(step.choice, Choice::Arrives { again: true, .. }) {
        says.push_str(" It will arrive once more.");
    }
    if step.slow {
        says.push_str(" What it writes takes its time.");
    }
    says
}

fn arrives(step: &Step) -> String {
    let Some(message) = &step.message else {
        return String::new();
    };
    let kind = MessageKind::of(message);
    let delivered = EventKind::Delivered {
        message: 0,
        from: Address::Node(message.from.node()),
        to: Address::Node(message.to.node()),
        kind: PacketKind::Message {
            group: GroupId::FIRST,
            kind,
        },
    };
    sentence(step, delivered)
}

fn names(ids: &[NodeId]) -> String {
    let names: Vec<_> = ids.iter().map(NodeId::to_string).collect();
    names.join(", ")
}

fn list(members: &Configuration) -> String {
    lists(
        &MemberId::nodes(members.voters()),
        &MemberId::nodes(members.learners()),
    )
}

fn lists(voters: &[NodeId], learners: &[NodeId]) -> String {
    match learners {
        [] => names(voters),
        _ => format!("{}, learning {}", names(voters), names(learners)),
    }
}

fn asked(change: &Change) -> String {
    let way = match change.way {
        Way::Shortest => "",
        Way::Joint => ", through a joint configuration",
        Way::Stay => ", into a joint configuration that stays",
    };
    format!("{}{way}", lists(&change.voters, &change.learners))
}

fn rounded(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

/// The same finding in the laboratory's words.
fn found(broken: &Broken, steps: &[Step]) -> Found {
    match *broken {
        Broken::TwoLeaders {
            term,
            first,
            second,
        } => Found::TwoLeaders {
            term,
            first,
            second,
        },
        Broken::LeaderRewrote {
            leader,
            term,
            from,
            last,
        } => Found::LeaderRewrote {
            leader,
            term,
            from,
            last,
        },
        Broken::LogsDiffer { node, id } => Found::LogsDiffer { node, id },
        Broken::LeaderLacks {
            leader,
            term,
            committed,
        } => Found::LeaderLacks {
            leader,
            term,
            committed,
            committed_in: committed_in(steps, committed.index).unwrap_or(committed.term),
        },
        Broken::CommittedDiffer { node, other, index } => {
            Found::AppliedDiffer { node, other, index }
        }
        _ => decided_wrongly(broken),
    }
}

/// The same, where the rest of the way says nothing more.
fn decided_wrongly(broken: &Broken) -> Found {
    match *broken {
        Broken::NotDurable {
            leader,
            term,
            index,
            durable,
            voters,
        } => Found::NoMajority {
            leader,
            term,
            index: Some(index),
            durable,
            voters,
        },
        Broken::StaleRead {
            node,
            index,
            committed,
        } => Found::ReadBehind {
            node,
            index,
            committed,
        },
        Broken::QuorumsApart {
            leader,
            term,
            index,
            committed,
        } => Found::QuorumsApart {
            leader,
            term,
            index,
            committed,
        },
        Broken::LeaderOutside {
            leader,
            term,
            index,
        } => Found::LeaderOutside {
            leader,
            term,
            index,
        },
        _ => unreachable!("the others are told above"),
    }
}

/// The term in which a leader committed an entry, on the way there.
fn committed_in(steps: &[Step], index: Index) -> Option<Term> {
    let commits = |trace: &Trace| matches!(trace, Trace::Committed { to, as_leader: true, .. } if *to >= index);
    let step = steps.iter().find(|step| step.traces.iter().any(commits))?;
    let standing = step.servers.get(step.node.0 as usize - 1)?;
    Some(standing.term)
}
