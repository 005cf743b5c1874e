//! What an ambush does once its moment has come.

use super::Begun;
use super::aimed::{add_voter, hold, once, reshape, reshape_by_one, serving, write_large};
use crate::base::{Draws, NodeId, Span};
use crate::sim::action::Action;
use crate::sim::disk_record::DiskFault;
use crate::sim::host::Host;
use crate::sim::network::InFlight;
use crate::sim::simulation::Simulation;

macro_rules! drawn {
    ($(#[doc = $of:literal])+ $name:ident { $($(#[doc = $doc:literal])+ $one:ident,)+ }) => {
        $(#[doc = $of])+
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub(super) enum $name {
            $($(#[doc = $doc])+ $one,)+
        }

        impl $name {
            const ALL: &[$name] = &[$($name::$one),+];

            pub(super) fn drawn(draws: &mut Draws) -> $name {
                $name::ALL[draws.below($name::ALL.len() as u64) as usize]
            }
        }
    };
}

pub(super) use drawn;

/// How soon after it was added a server shall vote.
const ADDED_FOR: Span = Span::millis(20);

/// The most packets that one deed holds, copies or drops: copies of copies would be without end.
const HELD: usize = 24;

drawn! {
    /// What is done then.
    Deed {
        /// It crashes.
        Crash,
        /// Another one crashes.
        CrashAnother,
        /// Everybody crashes.
        CrashAll,
        /// It pauses.
        Pause,
        /// Another one pauses.
        PauseAnother,
        /// It stands alone.
        Isolate,
        /// It stands with one other.
        IsolateTwo,
        /// The servers fall into two groups.
        Split,
        /// It hears nobody.
        Deafen,
        /// Nobody hears it.
        Mute,
        /// It and another one don't hear each other.
        Part,
        /// What it has sent is late.
        HoldSent,
        /// What it has sent is late, and copies aren't.
        CopySent,
        /// What goes to it is late.
        HoldComing,
        /// What it has sent is lost.
        DropSent,
        /// The power fails in its next sync.
        Tear,
        /// Its disk is full.
        Fill,
        /// It loses its disk.
        Wipe,
        /// Its fsync is slow.
        Slow,
        /// The members change.
        Reshape,
        /// It hands over, or is handed over to.
        Transfer,
        /// It takes a snapshot.
        Compact,
        /// Whoever leads stands alone.
        IsolateLeader,
        /// It and whoever leads don't hear each other.
        PartFromLeader,
        /// It crashes, and starts at once.
        Blink,
        /// All but it and whoever leads crash, and start at once.
        BlinkOthers,
        /// The leader's clock runs as slow as it may, and all others as fast.
        Drift,
        /// One voter comes or goes.
        ReshapeByOne,
        /// A server joins, and votes as soon as it may.
        AddVoter,
        /// A client writes something large.
        WriteLarge,
    }
}

/// A deed, and what it is done with.
pub(super) struct Striking<'a> {
    pub run: &'a Simulation,
    pub draws: &'a mut Draws,
    /// The server that is in the moment.
    pub node: NodeId,
    /// How long it lasts.
    pub lasts: Span,
}

impl Striking<'_> {
    fn lasting(&self, actions: Vec<(Action, Action)>) -> Begun {
        let ended = |(action, ending)| (action, Some(ending));
        Begun {
            actions: actions.into_iter().map(ended).collect(),
            lasts: self.lasts,
        }
    }

    fn others(&self) -> Vec<NodeId> {
        let others = serving(self.run).map(Host::id);
        others.filter(|&id| id != self.node).collect()
    }

    fn another(&mut self) -> Option<NodeId> {
        let others = self.others();
        let at = self.draws.below(others.len() as u64) as usize;
        others.get(at).copied()
    }

    fn crash(&self, nodes: Vec<NodeId>) -> Begun {
        let crash = |node| (Action::Crash { node }, Action::Restart { node });
        self.lasting(nodes.into_iter().map(crash).collect())
    }

    fn pause(&self, node: NodeId) -> Begun {
        self.lasting(vec![(Action::Pause { node }, Action::Resume { node })])
    }

    fn part(&self, ours: Vec<NodeId>, theirs: Vec<NodeId>) -> Option<Begun> {
        let empty = ours.is_empty() || theirs.is_empty();
        let groups = Action::partition([ours, theirs]);
        (!empty).then(|| self.lasting(vec![(groups, Action::Heal)]))
    }

    /// Cuts those links that nothing was done to.
    fn cut(&self, links: impl Iterator<Item = (NodeId, NodeId)>) -> Begun {
        let network = self.run.network();
        let untouched = |&(from, to): &(NodeId, NodeId)| {
            !network.is_cut(from, to) && network.own_settings(from, to).is_none()
        };
        let cut = |(from, to)| (Action::cut(from, to), Action::restore(from, to));
        self.lasting(links.filter(untouched).map(cut).collect())
    }

    fn disk(&self, fault: DiskFault, ending: Action) -> Begun {
        let node = self.node;
        self.lasting(vec![(Action::Disk { node, fault }, ending)])
    }

    /// What is under way from the server, or to it, in the order of its numbers.
    fn under_way(&self, coming: bool) -> Vec<&InFlight> {
        let node = self.node.into();
        let counts = |flight: &&InFlight| match coming {
            true => flight.packet.to == node,
            false => flight.packet.from == node,
        };
        let mut found: Vec<_> = self.run.packets().filter(counts).collect();
        found.sort_by_key(|flight| flight.id);
        found.truncate(HELD);
        found
    }

    fn hold(&self, coming: bool, copies: bool) -> Begun {
        let held = self.under_way(coming).into_iter();
        once(
            held.flat_map(|flight| hold(flight, self.lasts, copies))
                .collect(),
        )
    }

    fn slow(&self) -> Begun {
        let (node, usual) = (self.node, self.run.settings.disk);
        let set = |fsync_min, fsync_max| Action::SetDisk {
            node,
            fsync_min,
            fsync_max,
        };
        let slow = usual.fsync_max * 20;
        self.lasting(vec![(
            set(slow, slow * 4),
            set(usual.fsync_min, usual.fsync_max),
        )])
    }

    fn transfer(&mut self) -> Option<Begun> {
        let leader = self.run.leader()?;
        let to = match leader == self.node {
            true => self.another()?,
            false => self.node,
        };
        Some(once(vec![Action::transfer(leader, to)]))
    }

    /// Everybody but these.
    fn all_but(&self, these: &[NodeId]) -> Vec<NodeId> {
        let all = serving(self.run).map(Host::id);
        all.filter(|id| !these.contains(id)).collect()
    }

    fn part_from_leader(&self) -> Option<Begun> {
        let (node, leader) = (self.node, self.run.leader()?);
        let links = [(node, leader), (leader, node)];
        let lasts = self.run.settings.timing.election_timeout_max * 4;
        let cut = Striking {
            run: self.run,
            draws: &mut self.draws.clone(),
            node,
            lasts,
        };
        (leader != node).then(|| cut.cut(links.into_iter()))
    }

    fn blink(&self, nodes: Vec<NodeId>) -> Begun {
        let lasts = Span::ZERO;
        Begun {
            lasts,
            ..self.crash(nodes)
        }
    }

    /// Clocks as far apart as they may be, none of which leaps.
    fn drift(&self) -> Option<Begun> {
        let (run, leader) = (self.run, self.run.leader()?);
        let bound = run.settings.timing.clock_drift.0 as i32;
        let set = |host: &Host| Action::SetClock {
            node: host.id(),
            skew: host.clock().skew(run.now()),
            drift: if host.id() == leader { -bound } else { bound },
        };
        Some(once(serving(run).map(set).collect()))
    }

    /// What that deed comes to now.
    pub fn does(&mut self, deed: Deed) -> Option<Begun> {
        let node = self.node;
        Some(match deed {
            Deed::Crash => self.crash(vec![node]),
            Deed::CrashAnother => {
                let another = self.another()?;
                self.crash(vec![another])
            }
            Deed::CrashAll => self.crash(serving(self.run).map(Host::id).collect()),
            Deed::Pause => self.pause(node),
            Deed::PauseAnother => {
                let another = self.another()?;
                self.pause(another)
            }
            Deed::Isolate => self.part(vec![node], self.others())?,
            Deed::IsolateTwo => {
                let (another, mut others) = (self.another()?, self.others());
                others.retain(|&id| id != another);
                self.part(vec![node, another], others)?
            }
            Deed::Split => {
                let coins = self.draws.word();
                let is_ours = |id: &NodeId| coins >> (id.0 % 64) & 1 == 1;
                let all = serving(self.run).map(Host::id);
                let (ours, theirs) = all.partition(is_ours);
                self.part(ours, theirs)?
            }
            Deed::Deafen => self.cut(self.others().into_iter().map(|id| (id, node))),
            Deed::Mute => self.cut(self.others().into_iter().map(|id| (node, id))),
            Deed::Part => {
                let another = self.another()?;
                self.cut([(node, another), (another, node)].into_iter())
            }
            Deed::HoldSent => self.hold(false, false),
            Deed::CopySent => self.hold(false, true),
            Deed::HoldComing => self.hold(true, false),
            Deed::DropSent => {
                let sent = self.under_way(false).into_iter();
                once(sent.map(|it| Action::Drop { message: it.id }).collect())
            }
            Deed::Tear => self.disk(DiskFault::Tear, Action::Restart { node }),
            Deed::Fill => {
                let fault = DiskFault::Free;
                self.disk(DiskFault::Fill, Action::Disk { node, fault })
            }
            Deed::Wipe => self.disk(DiskFault::Wipe, Action::Restart { node }),
            Deed::Slow => self.slow(),
            Deed::Reshape => once(vec![reshape(self.run, self.draws)?]),
            Deed::Transfer => self.transfer()?,
            Deed::Compact => once(vec![Action::compact(node)]),
            Deed::IsolateLeader => {
                let leader = self.run.leader()?;
                self.part(vec![leader], self.all_but(&[leader]))?
            }
            Deed::PartFromLeader => self.part_from_leader()?,
            Deed::Blink => self.blink(vec![node]),
            Deed::BlinkOthers => self.blink(self.all_but(&[node, self.run.leader()?])),
            Deed::Drift => self.drift()?,
            Deed::ReshapeByOne => once(vec![reshape_by_one(self.run, self.draws)?]),
            Deed::AddVoter => Begun {
                actions: vec![add_voter(self.run)?],
                lasts: ADDED_FOR,
            },
            Deed::WriteLarge => once(vec![write_large(self.run, self.draws)]),
        })
    }
}
