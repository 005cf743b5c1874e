//! What can happen next in a world: one message arrives, one timer runs out, one server crashes, …

use super::bounds::{Budget, Spending};
use super::local::{Command, Happening};
use super::space::Space;
use super::world::World;
use crate::base::NodeId;
use crate::raft::{Index, Rule};

/// What happens to a server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Choice {
    /// This message arrives, by its number; `again` if it will once more.
    Arrives {
        /// The message.
        message: u32,
        /// Whether it stays under way.
        again: bool,
    },
    /// The election timer runs out.
    TimesOut,
    /// The heartbeat is due.
    Beats,
    /// A command comes.
    Proposes(Command),
    /// A read comes: its number, and the last entry that is committed by then.
    Reads(u64, Index),
    /// It is told to hand over to this server.
    Transfers(NodeId),
    /// It is asked for this change of membership.
    Changes(usize),
    /// It is told to end a joint configuration.
    Leaves,
    /// It compacts its log.
    Compacts,
    /// Its oldest write is durable.
    Syncs,
    /// It crashes with this many parts of its writes on its disk, and starts again.
    Crashes(u32),
    /// It starts again with an empty disk.
    Wiped,
}

impl Choice {
    /// A number of its own.
    fn key(self) -> u32 {
        let (kind, detail) = match self {
            Choice::Arrives { message, .. } => (0, message),
            Choice::TimesOut => (1, 0),
            Choice::Beats => (2, 0),
            Choice::Proposes(command) => (3, command.0.into()),
            Choice::Reads(id, committed) => (4, (id << 16 | committed) as u32),
            Choice::Transfers(to) => (5, to.0),
            Choice::Changes(nth) => (6, nth as u32),
            Choice::Leaves => (7, 0),
            Choice::Compacts => (8, 0),
            Choice::Syncs => (9, 0),
            Choice::Crashes(parts) => (10, parts),
            Choice::Wiped => (11, 0),
        };
        debug_assert!(detail < 1 << 27, "more messages than a step has bits for");
        kind << 28 | detail
    }

    /// What that is to the server.
    pub(super) fn happening(self, local: u32, space: &Space) -> Happening {
        match self {
            Choice::Arrives { message, .. } => {
                Happening::Arrives(space.messages[message as usize].clone())
            }
            Choice::TimesOut => Happening::TimesOut,
            Choice::Beats => Happening::Beats,
            Choice::Proposes(command) => Happening::Proposes(command),
            Choice::Reads(id, committed) => Happening::Reads(id, committed),
            Choice::Transfers(to) => Happening::Transfers(to),
            Choice::Changes(nth) => Happening::Changes(space.bounds.changes[nth].clone()),
            Choice::Leaves => Happening::Leaves,
            Choice::Compacts => Happening::Compacts(space.state(local)),
            Choice::Syncs => Happening::Syncs,
            Choice::Crashes(parts) => Happening::Crashes(parts),
            Choice::Wiped => Happening::Wiped,
        }
    }
}

/// A step that a world can take.
#[derive(Clone, Copy, Debug)]
pub struct Move {
    /// The server's index.
    pub server: u32,
    /// What happens to it.
    pub choice: Choice,
    /// Whether what it writes takes its time.
    pub slow: bool,
    /// What comes of it, by its number.
    pub(super) outcome: u32,
    /// What may still happen then.
    pub(super) budget: Budget,
}

/// Every step that a world can take and that changes anything, in an order that never changes.
pub(super) fn moves(space: &mut Space, world: &World, found: &mut Vec<Move>) {
    found.clear();
    for (at, &message) in world.messages.iter().enumerate() {
        if at > 0 && world.messages[at - 1] == message {
            continue;
        }
        let server = space.letters[message as usize].to;
        let again = false;
        let arrives = Choice::Arrives { message, again };
        add(space, world, (server, arrives, world.budget), found);
        if let Some(budget) = world.budget.spend(Spending::Duplicate) {
            let again = Choice::Arrives {
                message,
                again: true,
            };
            add(space, world, (server, again, budget), found);
        }
    }
    for server in 0..world.locals.len() as u32 {
        for_server(space, world, server, found);
    }
}

/// What can happen to a server but messages.
fn for_server(space: &mut Space, world: &World, server: u32, found: &mut Vec<Move>) {
    let facts = space.facts[world.locals[server as usize] as usize];
    if facts.writes {
        add(space, world, (server, Choice::Syncs, world.budget), found);
    }
    let committed = space.pasts[world.past as usize].committed(&space.chains);
    let spent = |of: Spending| space.bounds.budget.left(of) - world.budget.left(of) + 1;
    let command = Command(spent(Spending::Command) as u8);
    let reads = Choice::Reads(spent(Spending::Read).into(), committed);
    let simple = [
        (Spending::Timeout, Choice::TimesOut, !facts.leads),
        (Spending::Heartbeat, Choice::Beats, facts.leads),
        (Spending::Command, Choice::Proposes(command), facts.leads),
        (Spending::Read, reads, true),
        (Spending::Compaction, Choice::Compacts, true),
        (Spending::Leave, Choice::Leaves, facts.leads),
        // With its bootstrap record on, a server with an empty disk takes no part: as if nothing happened.
        (
            Spending::Wipe,
            Choice::Wiped,
            !space.bounds.rules.has(Rule::BootstrapRecord),
        ),
    ];
    for (of, choice, can) in simple {
        if let Some(budget) = world.budget.spend(of).filter(|_| can) {
            add(space, world, (server, choice, budget), found);
        }
    }
    if let Some(budget) = world.budget.spend(Spending::Crash) {
        for parts in 0..=facts.parts {
            let crashes = Choice::Crashes(parts);
            add(space, world, (server, crashes, budget), found);
        }
    }
    if !facts.leads {
        return;
    }
    if let Some(budget) = world.budget.spend(Spending::Transfer) {
        for to in (0..world.locals.len() as u32).filter(|&to| to != server) {
            let transfers = Choice::Transfers(Space::id(to));
            add(space, world, (server, transfers, budget), found);
        }
    }
    for nth in 0..space.bounds.changes.len() {
        if let Some(budget) = world.budget.change(nth) {
            add(space, world, (server, Choice::Changes(nth), budget), found);
        }
    }
}

/// Adds a step, and once more with slow writes, if it makes any and may.
fn add(
    space: &mut Space,
    world: &World,
    (server, choice, budget): (u32, Choice, Budget),
    found: &mut Vec<Move>,
) {
    let local = world.locals[server as usize];
    let starts_again = matches!(choice, Choice::Crashes(_) | Choice::Wiped);
    let waits = space.facts[local as usize].writes && choice != Choice::Syncs;
    let mut take = |slow: bool, budget: Budget| {
        let happening = |space: &Space| choice.happening(local, space);
        let number = space.step(local, choice.key(), slow, happening);
        let outcome = space.outcome(number);
        let acts = outcome.after != local || !space.sent(&outcome).is_empty();
        if acts && (outcome.waits || !slow) {
            found.push(Move {
                server,
                choice,
                slow,
                outcome: number,
                budget,
            });
        }
    };
    take(false, budget);
    if let Some(slower) = budget.spend(Spending::SlowWrite)
        && !waits
        && !starts_again
    {
        take(true, slower);
    }
}
