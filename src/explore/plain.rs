//! The plain search, with nothing clever in it: worlds are kept whole. What makes the real one smaller is
//! held against it.

use super::bounds::{Bounds, Reductions, Spending};
use super::choice::{Choice, moves};
use super::local::{Happening, Local};
use super::search::{End, Search};
use super::space::Space;
use super::world::World;
use crate::base::NodeId;
use crate::raft::{Change, Configuration, Effects, Fingerprint, Rule, Way};
use std::collections::{BTreeMap, BTreeSet};

/// A world in full, by the fingerprints of its parts under one naming of the servers.
type Picture = (Vec<[u64; 2]>, Vec<[u64; 2]>, [u64; 2], u64);

/// All worlds within bounds, in the order in which they are found.
fn all(bounds: &Bounds) -> (Search, Vec<World>) {
    let mut search = Search::new(bounds.clone()).expect("there are such worlds");
    let key = |it: &World| {
        (
            it.locals.clone(),
            it.past,
            it.budget.packed(),
            it.messages.clone(),
        )
    };
    let mut worlds = vec![search.first.clone()];
    let mut seen = BTreeSet::from([key(&search.first)]);
    let (mut at, mut found) = (0, Vec::new());
    while let Some(world) = worlds.get(at).cloned() {
        moves(&mut search.space, &world, &mut found);
        for step in &found {
            let next = search.after(&world, step).expect("nothing is broken");
            if seen.insert(key(&next)) {
                worlds.push(next);
            }
        }
        at += 1;
    }
    (search, worlds)
}

fn print_at(prints: &[u64], nth: usize) -> [u64; 2] {
    [prints[nth], prints[prints.len() / 2 + nth]]
}

/// A world with the servers renamed in the `nth` way.
fn picture(space: &Space, world: &World, nth: usize) -> Picture {
    let of = |prints: &[u64]| print_at(prints, nth);
    let mut locals: Vec<_> = world
        .locals
        .iter()
        .map(|&it| of(space.local_print(it)))
        .collect();
    let mut messages: Vec<_> = world
        .messages
        .iter()
        .map(|&it| of(space.message_print(it)))
        .collect();
    locals.sort_unstable();
    messages.sort_unstable();
    (
        locals,
        messages,
        of(space.past_print(world.past)),
        world.budget.packed(),
    )
}

/// The same world, whatever its servers are called.
fn nameless(space: &Space, world: &World) -> Picture {
    let ways = 0..space.names.len();
    let pictures = ways.map(|nth| picture(space, world, nth));
    pictures.min().expect("one renaming changes nothing")
}

/// A world without what can do nothing any more.
fn tidied(space: &mut Space, world: &World) -> World {
    let facts: Vec<_> = world
        .locals
        .iter()
        .map(|&it| space.facts[it as usize])
        .collect();
    let dead = |&message: &u32| {
        let to = space.letters[message as usize].to as usize;
        space.is_dead(message, &facts[to])
    };
    let mut messages = world.messages.clone();
    messages.retain(|message| !dead(message));
    let floor = facts.iter().map(|it| it.settled).min().unwrap_or(0);
    World {
        messages,
        past: space.settle(world.past, floor),
        ..world.clone()
    }
}

fn searched(bounds: &Bounds) -> (u64, u64, u32) {
    let mut search = Search::new(bounds.clone()).expect("there are such worlds");
    assert_eq!(search.run(u64::MAX, u32::MAX, |_| true), End::Exhausted);
    let reached = search.reached();
    (reached.worlds, reached.steps, reached.depth)
}

fn ids(ids: &[u32]) -> Vec<NodeId> {
    ids.iter().copied().map(NodeId).collect()
}

/// Worlds in which there is something of everything.
fn samples() -> Vec<Bounds> {
    let change = |voters: &[u32], learners: &[u32], way| Change {
        voters: ids(voters),
        learners: ids(learners),
        way,
    };
    let led = |servers| Bounds {
        led: true,
        batch: 1,
        ..Bounds::new(servers)
    };
    let changing = Bounds {
        members: Configuration::new(ids(&[1])).with_learners(ids(&[2])),
        changes: vec![
            change(&[1, 2], &[], Way::Shortest),
            change(&[2], &[], Way::Stay),
        ],
        ..led(2)
    };
    let mut asking = Bounds::new(3).with(Spending::Timeout, 1);
    asking.rules = asking.rules.with(Rule::PreVote);
    let one = |bounds: Bounds, often: &[Spending]| {
        let once = |bounds: Bounds, of: &Spending| bounds.with(*of, 1);
        often.iter().fold(bounds, once)
    };
    use Spending::*;
    vec![
        one(Bounds::new(3), &[Timeout, Crash]),
        one(Bounds::new(2), &[Crash]).with(Timeout, 2),
        one(led(3), &[Command, SlowWrite, Crash]),
        one(led(3), &[Command, Duplicate]),
        one(led(2), &[Read, Timeout]),
        one(led(3), &[Read]),
        one(led(2), &[Command, Compaction, Crash, Heartbeat]),
        one(led(3), &[Transfer]),
        one(changing, &[Timeout, Leave]),
        asking,
    ]
}

#[test]
fn fingerprints_tell_worlds_apart() {
    for (at, bounds) in samples().into_iter().enumerate() {
        let plain = Bounds {
            reductions: Reductions::NONE,
            ..bounds
        };
        let (_, worlds) = all(&plain);
        assert_eq!(searched(&plain).0, worlds.len() as u64, "sample {at}");
    }
}

#[test]
fn what_was_computed_once_needs_no_second_time() {
    for (at, bounds) in samples().into_iter().enumerate() {
        let mut anew = bounds.clone();
        anew.reductions.memory = false;
        assert_eq!(searched(&anew), searched(&bounds), "sample {at}");
    }
}

#[test]
fn exchanging_servers_leaves_no_world_out() {
    let mut smaller = 0;
    for (at, bounds) in samples().into_iter().enumerate() {
        let (search, worlds) = all(&bounds);
        let orbits: BTreeSet<_> = worlds
            .iter()
            .map(|it| nameless(&search.space, it))
            .collect();
        let found = searched(&bounds).0;
        assert_eq!(found, orbits.len() as u64, "sample {at}");
        smaller += u32::from(found < worlds.len() as u64);
    }
    assert!(
        smaller >= 4,
        "only {smaller} samples have servers to exchange"
    );
}

#[test]
fn forgetting_messages_leaves_no_world_out() {
    for (at, bounds) in samples().into_iter().enumerate() {
        let mut keeping = bounds.clone();
        keeping.reductions = Reductions {
            symmetry: false,
            memory: true,
            forgetting: false,
        };
        let (mut search, worlds) = all(&keeping);
        search.space.bounds.reductions.forgetting = true;
        let tidied: BTreeSet<_> = worlds
            .iter()
            .map(|world| {
                let tidied = tidied(&mut search.space, world);
                picture(&search.space, &tidied, 0)
            })
            .collect();
        keeping.reductions.forgetting = true;
        let (search, worlds) = all(&keeping);
        let found: BTreeSet<_> = worlds
            .iter()
            .map(|it| picture(&search.space, it, 0))
            .collect();
        assert_eq!(found.len(), worlds.len(), "sample {at}");
        assert!(
            found == tidied,
            "sample {at}: {} and {}",
            found.len(),
            tidied.len()
        );
    }
}

/// Two states with one fingerprint do the same, whatever happens to them.
#[test]
fn a_fingerprint_has_all_that_matters() {
    let mut twins = 0;
    for bounds in samples() {
        let (search, worlds) = all(&bounds);
        let space = &search.space;
        let mut seen: BTreeMap<[u64; 2], Vec<(String, Local)>> = BTreeMap::new();
        let reached: BTreeSet<_> = worlds.iter().flat_map(|it| it.locals.clone()).collect();
        for &local in &reached {
            for happening in happenings(space, local) {
                let (after, _) = stepped(&space.locals[local as usize], happening);
                let written = format!("{after:?}");
                let alike = seen.entry(after.fingerprint(&[])).or_default();
                if alike.len() < 3 && alike.iter().all(|it| it.0 != written) {
                    alike.push((written, after));
                }
            }
        }
        for alike in seen.into_values().filter(|alike| alike.len() > 1) {
            twins += 1;
            let number = space.number(&alike[0].1);
            for happening in number.map_or(Vec::new(), |local| happenings(space, local)) {
                let outcome = |it: &(String, Local)| {
                    let (after, sent) = stepped(&it.1, happening.clone());
                    (after.fingerprint(&[]), sent)
                };
                assert!(
                    alike.iter().all(|it| outcome(it) == outcome(&alike[0])),
                    "{happening:?}"
                );
            }
        }
    }
    assert!(twins > 100, "only {twins} states come in two forms");
}

/// All that can happen to a server, in any world.
fn happenings(space: &Space, local: u32) -> Vec<Happening> {
    let id = space.locals[local as usize].raft.id();
    let arriving = (0..).zip(&space.messages).filter(|it| it.1.to == id);
    let arrives = arriving.map(|(message, _)| Choice::Arrives {
        message,
        again: false,
    });
    let simple = [
        Choice::TimesOut,
        Choice::Beats,
        Choice::Proposes(super::Command(9)),
        Choice::Compacts,
        Choice::Leaves,
        Choice::Syncs,
        Choice::Crashes(0),
        Choice::Crashes(1),
    ];
    // A PreVote has a number of its own, which says nothing but that it is a later one.
    let asks = space.bounds.rules.has(Rule::PreVote);
    let choices = arrives
        .chain(simple)
        .filter(|&it| !asks || it != Choice::TimesOut);
    choices.map(|it| it.happening(local, space)).collect()
}

fn stepped(local: &Local, happening: Happening) -> (Local, BTreeSet<[u64; 2]>) {
    let mut after = local.clone();
    let mut effects = Effects {
        quiet: true,
        ..Effects::default()
    };
    after.step(happening, false, &mut effects);
    let sent = effects.messages.iter().map(|it| it.fingerprint(&[]));
    (after, sent.collect())
}
