//! Snapshots (section 7, figure 13).

use super::Model;
use super::line::{Id, Line, Verdict, demand};
use super::server::{Role, Server};

impl Server {
    /// It takes a snapshot of what it has applied.
    pub fn take_snapshot(&mut self, line: Line<'_>) -> Verdict {
        let last = line.id("last")?;
        demand!(
            last.index <= self.applied && self.log.holds(last),
            "it has applied {}",
            self.applied
        );
        self.snapshot = last.index;
        self.changed_but_log();
        Ok(())
    }

    /// A part that continues what it has.
    pub fn store_chunk(&mut self, line: Line<'_>) -> Verdict {
        let message = self.message(&["install_snapshot"])?;
        let known = self.incoming.filter(|(last, _)| *last == message.last);
        let (has, bytes) = (known.map_or(0, |(_, bytes)| bytes), line.number("bytes")?);
        let (first, last, _) = message.part;
        if bytes == last {
            demand!(
                first <= 1 || first == has + 1,
                "it has {has} bytes, and stores from {first} on"
            );
        } else {
            let early = (message.last, has + 1, bytes);
            demand!(
                self.early.contains(&early),
                "it has {has} bytes, and no part that ends with {bytes} came early"
            );
        }
        self.incoming = Some((message.last, bytes));
        let most = self.received.entry(message.last.index).or_default();
        *most = bytes.max(*most);
        Ok(())
    }

    /// A part that doesn't continue what it has.
    pub fn set_chunk_aside(&mut self) -> Verdict {
        let message = self.message(&["install_snapshot"])?;
        let (first, last, _) = message.part;
        self.early.insert((message.last, first, last));
        Ok(())
    }
}

impl Model {
    /// The whole snapshot is there: it replaces the log.
    pub fn install(&mut self, server: &mut Server, line: Line<'_>) -> Verdict {
        let message = server.message(&["install_snapshot"])?;
        let last = line.id("last")?;
        demand!(server.role == Role::Follower, "it is no follower");
        demand!(
            last == message.last,
            "the snapshot ends with {:?}",
            message.last
        );
        let whole = Some((last, message.part.2));
        demand!(
            server.incoming == whole,
            "it has {:?} of {whole:?}",
            server.incoming
        );
        let committed = self.committed.get((last.index as usize).wrapping_sub(1));
        let committed = committed.map(|it| it.of_term);
        demand!(committed == Some(last.term), "{last:?} isn't committed");
        demand!(
            last.index > server.commit,
            "it has committed {} already",
            server.commit
        );
        // The entries that led there.
        let mut terms = Vec::new();
        let mut id = last;
        while id.index > 0 {
            terms.push(id.term);
            let before = self.entries.get(&id);
            let Some(&term) = before else {
                return Err(format!("nobody wrote {id:?}"));
            };
            id = Id {
                term,
                index: id.index - 1,
            };
        }
        terms.reverse();
        server.log.0 = terms;
        (server.commit, server.applied) = (last.index, last.index);
        (server.snapshot, server.incoming) = (last.index, None);
        server.configurations = [(last.index, message.members.clone())].into();
        server.changed(0, Some((last.index, message.members)));
        Ok(())
    }
}
