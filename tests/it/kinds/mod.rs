//! One event of every kind.

mod membership;
mod network;
mod shards;
mod storage;

use crate::found::every_found;
pub use crate::support::put;
use kvorum::base::{ClientId, GroupId, NodeId, Ratio, Span, Time};
use kvorum::kv::Outcome;
use kvorum::raft::{CampaignReason, DropReason, EntryId, Refusal, Rules, Trace};
use kvorum::sim::{
    Action, Chaos, DiskError, Doubt, EventKind, Failed, Limit, LinkSettings, MessageKind, Stop,
    Violation,
};

pub const S1: NodeId = NodeId(1);
pub const S2: NodeId = NodeId(2);
pub const AT: EntryId = EntryId { index: 9, term: 4 };
const GROUP: GroupId = GroupId::FIRST;

pub fn traces() -> Vec<Trace> {
    let (term, from, to) = (4, S2, 9);
    let mut traces = vec![
        Trace::TermAdopted { term, from },
        Trace::FollowsLeader { leader: S2, term },
        Trace::BecameLeader {
            term,
            last: AT,
            votes: 3,
        },
        Trace::PreVoteGranted { to: S2, term },
        Trace::LeaseRead {
            id: 1,
            index: 9,
            left: Span::millis(40),
        },
        Trace::StaleRead { id: 1, index: 9 },
        Trace::Resigned {
            term,
            heard: 2,
            needed: 3,
        },
        Trace::ToldToLead { to: S2, term },
        Trace::TransferAborted { to: S2, term },
        Trace::NotOwnTerm { id: AT, term: 5 },
        Trace::ReadStarted { id: 1, index: 9 },
        Trace::ReadConfirmed { id: 1, index: 9 },
        Trace::Matched {
            peer: S2,
            match_index: 9,
        },
        Trace::Truncated {
            from: 8,
            to,
            ours: 3,
            theirs: 4,
            leader: S2,
        },
    ];
    traces.extend(storage::traces());
    for yes in [true, false] {
        traces.extend([
            Trace::SteppedDown {
                term,
                was_leader: yes,
                because_of: S2,
            },
            Trace::ElectionStarted {
                term,
                last: AT,
                why: if yes {
                    CampaignReason::Told
                } else {
                    CampaignReason::TimedOut
                },
            },
            Trace::VoteCounted {
                from,
                term,
                granted: yes,
                votes: 2,
                needed: 3,
            },
            Trace::Appended {
                first: 9,
                last: 9,
                term,
                noop: yes,
            },
            Trace::WentBack {
                peer: S2,
                from: 9,
                to: 8,
                lost: yes,
            },
            Trace::Committed {
                from: 8,
                to,
                as_leader: yes,
            },
            Trace::Committed {
                from: 6,
                to,
                as_leader: yes,
            },
            Trace::Stored {
                from,
                first: if yes { 9 } else { 7 },
                last: 9,
            },
            Trace::AppendRefused {
                from,
                prev_log: AT,
                ours: yes.then_some(3),
                last: 7,
            },
            Trace::PreVoteCounted {
                from,
                term,
                granted: yes,
                votes: 2,
                needed: 3,
            },
            Trace::VoteGranted {
                to: if yes { S1 } else { S2 },
                term,
                theirs: AT,
                ours: EntryId::START,
            },
        ]);
    }
    let (theirs, ours) = (EntryId { index: 4, term: 3 }, EntryId { index: 5, term: 3 });
    let refusals = [
        Refusal::OldTerm { ours: 5 },
        Refusal::AlreadyVoted {
            for_whom: NodeId(3),
        },
        Refusal::LogBehind { theirs, ours },
        Refusal::HearsLeader { leader: None },
        Refusal::HearsLeader { leader: Some(S1) },
        Refusal::HearsLeader { leader: Some(S2) },
        Refusal::LowerPriority { theirs: 1, ours: 2 },
    ];
    traces.extend(refusals.map(|why| Trace::VoteRefused { to: S2, term, why }));
    traces.extend(refusals.map(|why| Trace::PreVoteRefused { to: S2, term, why }));
    let causes = [
        CampaignReason::TimedOut,
        CampaignReason::Told,
        CampaignReason::PreVotes,
        CampaignReason::Transfer { from: S2 },
    ];
    for why in causes {
        let last = AT;
        traces.push(Trace::ElectionStarted { term, last, why });
        traces.push(Trace::PreVoteStarted { term, last, why });
    }
    traces.extend([0, 1, 2].map(|behind| Trace::TransferStarted {
        to: S2,
        term,
        behind,
    }));
    traces.extend(membership::traces());
    let (follower, index) = (S2, 9);
    traces.push(Trace::ReadAsked { follower, index });
    traces.push(Trace::ReadAnswered { follower, index });
    for reads in [1, 3] {
        let leader = S2;
        traces.push(Trace::ReadsForwarded { leader, reads });
        traces.push(Trace::ReadsConfirmed {
            leader,
            index,
            reads,
        });
    }
    let odd = [
        DropReason::OldTerm,
        DropReason::Stranger,
        DropReason::NotExpected,
        DropReason::Stale,
        DropReason::SecondLeader,
        DropReason::Superseded,
        DropReason::Impossible,
        DropReason::DiskFull,
    ];
    traces.extend(odd.map(|why| Trace::Dropped { from, term, why }));
    traces
}

fn actions() -> Vec<Action> {
    let (node, from, to, message) = (S1, S1, S2, 7);
    let link = LinkSettings {
        loss: Ratio::percent(2),
        duplicate: Ratio(5_000),
        ..LinkSettings::default()
    };
    let rough = Chaos {
        crash: Ratio::percent(1),
        ..Chaos::default()
    };
    let (operation, ms) = (put("y", "2"), Span::millis);
    let mut actions = vec![
        Action::Request {
            operation: operation.clone(),
            to: None,
            attempts: 0,
        },
        Action::Request {
            operation,
            to: Some(S1),
            attempts: 1,
        },
        Action::SetLoad { per_second: 0 },
        Action::SetLoad { per_second: 1 },
        Action::Crash { node },
        Action::Restart { node },
        Action::Pause { node },
        Action::Resume { node },
        Action::time_out(node),
        Action::transfer(from, to),
        Action::JumpClock { node, by: 40_000 },
        Action::JumpClock { node, by: -500 },
        Action::partition(vec![vec![S1, S2], (3..=9).map(NodeId).collect()]),
        Action::Heal,
        Action::cut(from, to),
        Action::restore(from, to),
        Action::set_link(from, to, link),
        Action::SetNetwork { link },
        Action::SetClientNetwork { link },
        Action::SetDisk {
            node,
            fsync_min: ms(1),
            fsync_max: Span::micros(1_500),
        },
        Action::Drop { message },
        Action::Delay {
            message,
            by: ms(40),
        },
        Action::Duplicate { message },
        Action::DeliverNow { message },
        Action::SetChaos { chaos: rough },
        Action::SetChaos {
            chaos: Chaos::default(),
        },
    ];
    for (skew, drift) in [(0, 0), (1_500, 0), (-40_000, 0), (0, 200_000), (7, -1_250)] {
        actions.push(Action::SetClock { node, skew, drift });
    }
    actions.push(Action::set_priority(node, 3));
    actions.extend([Rules::FIGURE_2, Rules::ALL].map(|rules| Action::SetRules { rules }));
    actions
}

fn messages() -> Vec<MessageKind> {
    let term = 4;
    let mut kinds = vec![
        MessageKind::RequestVote { term },
        MessageKind::AppendEntries {
            term,
            first: 8,
            last: 9,
        },
        MessageKind::Heartbeat {
            term,
            leader_commit: 9,
        },
        MessageKind::RequestPreVote { term },
        MessageKind::TimeoutNow { term },
        MessageKind::ReadIndex { term },
        MessageKind::ReadIndexReply { term, index: 9 },
    ];
    kinds.extend(storage::messages());
    for yes in [true, false] {
        kinds.push(MessageKind::RequestVoteReply { term, granted: yes });
        kinds.push(MessageKind::RequestPreVoteReply { term, granted: yes });
        kinds.push(MessageKind::AppendEntriesReply {
            term,
            success: yes,
            index: 9,
        });
    }
    kinds
}

fn machine_events() -> Vec<EventKind> {
    let (node, group) = (S1, GROUP);
    let mut events = vec![
        EventKind::Applied {
            node,
            group,
            id: AT,
        },
        EventKind::Paused { node },
        EventKind::Joined { node },
        EventKind::Retired { node },
        EventKind::ChangeAbandoned,
        EventKind::Rejoined {
            node: S2,
            was: S1,
            why: DiskError::NotBootstrapped,
        },
    ];
    for last in [AT, EntryId::START] {
        events.push(EventKind::Synced {
            node,
            group,
            term: 4,
            last,
        });
        events.push(EventKind::Restarted { node, group, last });
    }
    for some in [0, 1, 3] {
        events.push(EventKind::Crashed {
            node,
            lost_from: (some > 0).then_some(some),
        });
        events.push(EventKind::Resumed {
            node,
            waiting: some as u32,
        });
    }
    events
}

fn client_events() -> Vec<EventKind> {
    let (client, sequence, node) = (ClientId(2), 1, S1);
    let doubt = |why| Failed::Indefinite { why };
    let gave_up = |failed| EventKind::GaveUp {
        client,
        sequence,
        failed,
    };
    let mut events = vec![
        EventKind::Invoked {
            client,
            sequence,
            operation: put("y", "2"),
        },
        EventKind::TimedOut {
            client,
            sequence,
            node,
        },
        gave_up(Failed::Definite),
        gave_up(doubt(Doubt::Unanswered)),
        gave_up(doubt(Doubt::LeadershipLost)),
        gave_up(doubt(Doubt::SessionExpired)),
        gave_up(doubt(Doubt::MaybeCopied)),
        EventKind::SessionExpired {
            client,
            sequence,
            node: S1,
        },
        EventKind::Asked {
            client,
            sequence,
            node,
            attempt: 1,
        },
        EventKind::Asked {
            client,
            sequence,
            node,
            attempt: 2,
        },
        EventKind::Redirected {
            client,
            sequence,
            node,
            hint: None,
            appended: false,
        },
        EventKind::Redirected {
            client,
            sequence,
            node,
            hint: Some(S2),
            appended: true,
        },
        EventKind::Returned {
            client,
            sequence,
            node,
            outcome: Outcome::Done,
        },
    ];
    for value in [None, Some("2".into())] {
        let found = Outcome::Found {
            value: value.clone(),
        };
        events.push(EventKind::Returned {
            client,
            sequence,
            node,
            outcome: found,
        });
        let differs = Outcome::Differs { found: value };
        events.push(EventKind::Returned {
            client,
            sequence,
            node,
            outcome: differs,
        });
    }
    events
}

fn violations() -> Vec<EventKind> {
    let violation = |found| {
        EventKind::Violated(Violation {
            at: Time::ZERO,
            group: GROUP,
            found,
        })
    };
    every_found().into_iter().map(violation).collect()
}

/// One event of every kind, and more of those that are told in several ways.
pub fn every_kind() -> Vec<EventKind> {
    let traced = |trace| EventKind::Traced {
        node: S1,
        group: GROUP,
        trace,
    };
    let mut kinds: Vec<EventKind> = traces().into_iter().map(traced).collect();
    let actions = || actions().into_iter().chain(membership::actions());
    kinds.extend(actions().map(EventKind::Acted));
    kinds.extend(actions().map(EventKind::ChaosActed));
    kinds.extend(network::events());
    kinds.extend(machine_events());
    kinds.extend(storage::events());
    kinds.extend(storage::actions().into_iter().map(EventKind::Acted));
    kinds.extend(client_events());
    kinds.extend(shards::events());
    kinds.extend(violations());
    let stopped = |limit: Limit| {
        EventKind::Stopped(Stop {
            at: Time::ZERO,
            limit,
            allowed: 1_000,
            found: 1_234_567,
        })
    };
    kinds.extend(Limit::ALL.map(stopped));
    kinds
}
