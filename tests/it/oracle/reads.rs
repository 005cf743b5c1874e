//! Reads that don't go through the log (section 8; dissertation 6.4).

use super::Model;
use super::line::{Index, Line, Verdict, demand};
use super::server::{Role, Server};

/// What a read goes by: whether a follower asks, and its number or that server's.
fn reader(line: Line<'_>) -> Verdict<(bool, u64)> {
    match line.has("follower") {
        true => Ok((true, line.number("follower")?)),
        false => Ok((false, line.number("id")?)),
    }
}

impl Server {
    /// A leader notes its commit index, which is that of the cluster once it has committed in its term.
    pub fn start_read(&mut self, line: Line<'_>) -> Verdict {
        let index = line.number("index")?;
        demand!(self.role == Role::Leader, "it doesn't lead");
        self.knows_what_is_committed(index)?;
        // Of a read that came in this step a later round has to be answered. Of one that has waited for
        // the first commit of the term it isn't told when it came.
        let cause = line.0["cause"].as_u64();
        let came = self
            .inbox
            .as_ref()
            .is_some_and(|(_, it)| it.kind == "read_index");
        let now = came || cause.is_some() && cause == self.asked;
        let needs = if now { self.round_before + 1 } else { 1 };
        let reads = self.reads.entry(reader(line)?).or_default();
        reads.push((needs, index));
        Ok(())
    }

    fn knows_what_is_committed(&self, index: Index) -> Verdict {
        demand!(
            self.log.at(self.commit) == Some(self.term),
            "it has committed nothing of its term {}",
            self.term
        );
        demand!(index == self.commit, "its commit index is {}", self.commit);
        Ok(())
    }

    /// A majority has answered a round that began after the read: it led all the time.
    pub fn confirm_read(&mut self, line: Line<'_>) -> Verdict {
        demand!(self.role == Role::Leader, "it doesn't lead");
        let reads = self.reads.entry(reader(line)?).or_default();
        demand!(!reads.is_empty(), "nobody asked");
        let (needs, index) = reads.remove(0);
        demand!(
            line.number("index")? >= index,
            "the commit index was {index} when it was asked"
        );
        demand!(
            self.heard_by_majority(needs),
            "no majority has answered round {needs}: {:?}",
            self.heard
        );
        Ok(())
    }

    fn heard_by_majority(&self, round: u64) -> bool {
        let heard = |member: &_| {
            let heard = self.heard.get(member).is_some_and(|it| *it >= round);
            heard || *member == self.me()
        };
        self.members().is_quorum(heard)
    }
}

impl Model {
    /// Dissertation 6.4.1: who has answered a round elects nobody else for a minimum election timeout.
    pub fn read_by_lease(&self, server: &mut Server, line: Line<'_>) -> Verdict {
        demand!(server.role == Role::Leader, "it doesn't lead");
        server.knows_what_is_committed(line.number("index")?)?;
        let mut newest_first = server.rounds.iter().rev();
        let answered = newest_first.find(|(round, _)| server.heard_by_majority(**round));
        let alone = server.members().is_quorum(|it| *it == server.me());
        if self.clocks_are_wrong || alone {
            return Ok(());
        }
        let Some((round, since)) = answered else {
            return Err("no majority has answered any round".to_owned());
        };
        // By true time, where each clock is wrong by no more than it may.
        let lease = self.timeout * 1_000_000 / (1_000_000 + self.drift);
        let ago = line.number("at")? - since;
        demand!(
            ago <= lease,
            "round {round} began {ago} us ago, and the lease is {lease} us"
        );
        Ok(())
    }
}
