//! Storms that are after something: each run draws which faults there are, what the servers are set to,
//! and how large everything is.
//!
//! A rule of the protocol is missed in few of all situations, and in most storms none of these comes
//! about. So runs differ as much as they can: much of little in some, a little of everything in others;
//! links without loss, where what is owed can be asked for; windows that are small against what has to be sent;
//! elections that are long against a round trip, or short.

use crate::base::{Draws, Purpose, Ratio, Span};
use crate::raft::{Rules, Timing};
use crate::sim::settings::{ClientSettings, DiskSettings};
use crate::sim::{Chaos, Fault, LinkSettings, ReadMix, Settings};

/// What a run is after.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Aim {
    /// Whatever comes of a few kinds of faults.
    Anything,
    /// One kind of fault that looks at the servers, and nothing else: what is owed can be asked for.
    OneThing,
    /// Leaders that are lost one after the other.
    Leaders,
    /// Leaders that rely on a lease.
    Leases,
    /// Servers that join.
    Newcomers,
}

const AIMS: [Aim; 10] = [
    Aim::Anything,
    Aim::Anything,
    Aim::Anything,
    Aim::Anything,
    Aim::OneThing,
    Aim::OneThing,
    Aim::Leaders,
    Aim::Leaders,
    Aim::Leases,
    Aim::Newcomers,
];

/// What the run from `seed` is made of.
pub(super) fn settings(seed: u64, nodes: Option<u32>, rules: Rules) -> Settings {
    let draws = &mut Draws::new(seed, Purpose::Storm, 0);
    let aim = draws.one_of(&AIMS);
    let chaos = chaos(aim, draws);
    let timing = timing(aim, draws);
    let link = link(aim, draws, timing.election_timeout_min);
    let client_link = client_link(draws, link);
    let disk = disk(draws, timing.election_timeout_min);
    // A lease is only as good as the clocks.
    let lease = match chaos.clock == Ratio::ZERO {
        true => draws.one_of(&[0, 30, 60]),
        false => 0,
    };
    let servers = match aim {
        Aim::Leaders => draws.one_of(&[3, 3, 3, 4, 4, 4, 4, 5, 6]),
        Aim::Leases => draws.one_of(&[3, 3, 4, 5]),
        Aim::Newcomers => draws.one_of(&[2, 3, 3, 3, 4, 5]),
        _ => draws.one_of(&[1, 2, 3, 3, 3, 3, 4, 4, 5, 5, 5, 6, 7]),
    };
    let nodes = nodes.unwrap_or(servers);
    let unequal = draws.below(4) == 0;
    let priorities = (0..nodes).map(|_| draws.below(3) as u8).collect();
    let mut clients = ClientSettings::default();
    if draws.below(3) == 0 {
        clients.session_timeout = Span::millis(500 + draws.below(4_000));
    }
    Settings {
        nodes,
        timing,
        rules,
        link,
        client_link,
        disk,
        clients,
        load: draws.one_of(&[1, 5, 10, 20, 40, 80]),
        reads: ReadMix {
            lease: Ratio::percent(if aim == Aim::Leases { 60 } else { lease }),
            anywhere: Ratio::percent(50),
        },
        chaos,
        priorities: if unequal { priorities } else { Vec::new() },
        snapshot_every: draws.one_of(&[0, 5, 10, 30, 100]),
        keep_removed: draws.below(4) == 0,
        ..Settings::default()
    }
}

/// Few kinds of faults, each rarely or often.
fn chaos(aim: Aim, draws: &mut Draws) -> Chaos {
    let mut chaos = Chaos::default();
    let often = [10, 30, 60, 100];
    let (main, beside): (&[Fault], &[Fault]) = match aim {
        Aim::Anything => return any_chaos(draws),
        Aim::OneThing => (&[draws.one_of(Fault::AIMED)], &[]),
        Aim::Leaders => (
            &[Fault::Depose],
            &[Fault::Former, Fault::Probe, Fault::Surge],
        ),
        Aim::Leases => (
            &[Fault::Usurp],
            &[Fault::Probe, Fault::Drift, Fault::Former],
        ),
        Aim::Newcomers => (&[Fault::Newcomer], &[Fault::Surge]),
    };
    for &fault in main {
        *chaos.rate_mut(fault) = Ratio::percent(draws.one_of(&[60, 100]));
    }
    for &fault in beside {
        if draws.below(4) == 0 {
            *chaos.rate_mut(fault) = Ratio::percent(draws.one_of(&often));
        }
    }
    chaos
}

fn any_chaos(draws: &mut Draws) -> Chaos {
    let mut chaos = Chaos::default();
    let blind = draws.one_of(&[3, 6, 12, 1_000]);
    let aimed = draws.one_of(&[3, 3, 4, 6]);
    for &fault in Fault::ALL {
        let is_aimed = Fault::AIMED.contains(&fault);
        let rates: &[u32] = match is_aimed {
            true => &[10, 30, 60, 100],
            false => &[2, 5, 15, 50],
        };
        let on = draws.below(if is_aimed { aimed } else { blind }) == 0;
        let rate = Ratio::percent(draws.one_of(rates));
        if on {
            *chaos.rate_mut(fault) = rate;
        }
    }
    chaos
}

fn timing(aim: Aim, draws: &mut Draws) -> Timing {
    let shortest = match aim {
        Aim::Leases => draws.one_of(&[150, 250, 500]),
        Aim::Newcomers => draws.one_of(&[60, 100, 150]),
        _ => draws.one_of(&[60, 100, 150, 150, 250, 500]),
    };
    let longest = shortest * draws.one_of(&[5, 6, 8, 8, 16]) / 4;
    let heartbeat = match aim {
        Aim::OneThing | Aim::Newcomers => draws.one_of(&[5, 10]),
        _ => draws.one_of(&[5, 10, 20, 50]).min(shortest / 3),
    };
    let drift = match aim {
        Aim::OneThing | Aim::Newcomers => 1,
        Aim::Leaders => draws.one_of(&[1, 1, 5, 20]),
        _ => draws.one_of(&[1, 5, 20, 40]),
    };
    let narrow = aim == Aim::Newcomers;
    Timing {
        election_timeout_min: Span::millis(shortest),
        election_timeout_max: Span::millis(longest),
        heartbeat: Span::millis(heartbeat),
        max_in_flight: if narrow {
            1
        } else {
            draws.one_of(&[1, 2, 4, 16])
        },
        max_batch: if narrow {
            1
        } else {
            draws.one_of(&[1, 1, 4, 64])
        },
        max_in_flight_bytes: draws.one_of(&[256, 4_096, 1 << 20]),
        max_chunk: if narrow {
            16
        } else {
            draws.one_of(&[16, 64, 256, 1_024])
        },
        keep_entries: draws.one_of(&[0, 0, 3, 10]),
        clock_drift: Ratio::percent(drift),
    }
}

/// A link that an election can bear.
fn link(aim: Aim, draws: &mut Draws, timeout: Span) -> LinkSettings {
    let most = timeout.0 / 8;
    let latency_max = Span(draws.one_of(&[2_000, 5_000, 15_000, 30_000]).min(most));
    // Where anything is lost, nothing is owed.
    let whole = aim != Aim::Anything || draws.below(2) == 0;
    let mut share = |percent: u64| {
        let drawn = draws.below(percent + 1) as u32;
        Ratio::percent(if whole { 0 } else { drawn })
    };
    LinkSettings {
        latency_min: Span::millis(1),
        latency_max,
        loss: share(10),
        duplicate: share(10),
        reorder: draws.below(2) == 1,
    }
}

/// Clients are as far away as servers, or next to them.
fn client_link(draws: &mut Draws, link: LinkSettings) -> LinkSettings {
    match draws.below(2) {
        0 => link,
        _ => LinkSettings {
            latency_max: Span::millis(1),
            ..link
        },
    }
}

fn disk(draws: &mut Draws, timeout: Span) -> DiskSettings {
    let fsync_max = draws.one_of(&[300, 3_000, 20_000]).min(timeout.0 / 8);
    DiskSettings {
        fsync_min: Span(fsync_max / 3),
        fsync_max: Span(fsync_max),
    }
}
