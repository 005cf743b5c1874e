//! One event of every kind that has to do with packets.

use super::{GROUP, S1, S2, messages};
use kvorum::base::{Address, ClientId};
use kvorum::sim::{EventKind, Loss, PacketKind};

pub fn events() -> Vec<EventKind> {
    let message = 7;
    let losses = [
        Loss::Random,
        Loss::Cut,
        Loss::Partition,
        Loss::Down,
        Loss::Dropped,
        Loss::Overflow,
        Loss::Refused,
    ];
    let mut events = vec![EventKind::Duplicated { message, copy: 8 }];
    let servers = messages()
        .into_iter()
        .map(|kind| PacketKind::Message { group: GROUP, kind });
    let servers = servers.map(|kind| (Address::from(S1), Address::from(S2), kind));
    let (client, sequence) = (ClientId(2), 1);
    let request = |attempt| PacketKind::Request {
        group: GROUP,
        client,
        sequence,
        attempt,
    };
    let answer = |done| PacketKind::Answer {
        client,
        sequence,
        attempt: 1,
        done,
    };
    let requests = [1, 2].map(|attempt| (client.into(), S1.into(), request(attempt)));
    let answers = [true, false].map(|done| (S1.into(), client.into(), answer(done)));
    let round = 3;
    let asks = [true, false].map(|change| PacketKind::MemberRequest { round, change });
    let asks = asks.map(|kind| (Address::Operator, S1.into(), kind));
    let told = [true, false].map(|leads| PacketKind::MemberReply { round, leads });
    let told = told.map(|kind| (S1.into(), Address::Operator, kind));
    let map = PacketKind::MapRequest {
        client,
        sequence,
        attempt: 1,
    };
    let to_servers = [
        (client.into(), map),
        (S2.into(), PacketKind::NodeReport { groups: 3 }),
        (
            S2.into(),
            PacketKind::Step {
                group: GROUP,
                operation: 4,
            },
        ),
        (S2.into(), PacketKind::Bury { group: GROUP }),
        (Address::Operator, PacketKind::Drain { node: S2 }),
        (S2.into(), PacketKind::Dismiss),
    ];
    let to_servers = to_servers.map(|(from, kind)| (from, Address::from(S1), kind));
    let others = requests.into_iter().chain(answers).chain(asks).chain(told);
    let others = others.chain(to_servers);
    for (from, to, kind) in servers.chain(others) {
        events.push(EventKind::Sent {
            message,
            from,
            to,
            kind,
        });
        events.push(EventKind::Delivered {
            message,
            from,
            to,
            kind,
        });
        events.extend(losses.map(|why| EventKind::Lost {
            message,
            from,
            to,
            kind,
            why,
        }));
    }
    events
}
