//! A line of a trace, as docs/trace.md describes it.

use serde_json::Value;

pub type Term = u64;
pub type Index = u64;
pub type Node = u64;

/// Whether a step may be, or why not.
pub type Verdict<T = ()> = Result<T, String>;

/// Refuses a step unless something holds.
macro_rules! demand {
    ($holds:expr, $($why:tt)+) => {
        if !$holds {
            return Err(format!($($why)+));
        }
    };
}
pub(super) use demand;

/// An entry: where it stands and who wrote it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Id {
    // By term first: section 5.4.1.
    pub term: Term,
    pub index: Index,
}

/// A member of the cluster: its server, and which member on that server it is.
pub type Member = (Node, u64);

/// Who is a member.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Members {
    pub voters: Vec<Member>,
    pub outgoing: Vec<Member>,
    pub learners: Vec<Member>,
}

impl Members {
    /// Whether those for whom `has` holds are a majority, of a joint configuration one of either half.
    pub fn is_quorum(&self, has: impl Fn(&Member) -> bool) -> bool {
        let halves = [&self.voters, &self.outgoing];
        let halves = halves.into_iter().take(if self.is_joint() { 2 } else { 1 });
        let mut enough =
            halves.map(|half| half.iter().filter(|it| has(it)).count() * 2 > half.len());
        enough.all(|it| it)
    }

    pub fn is_joint(&self) -> bool {
        !self.outgoing.is_empty()
    }

    pub fn votes(&self, member: &Member) -> bool {
        self.voters.contains(member) || self.outgoing.contains(member)
    }
}

/// A line.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a>(pub &'a Value);

impl<'a> Line<'a> {
    pub fn word(self, name: &str) -> &'a str {
        self.0[name].as_str().unwrap_or_default()
    }

    pub fn has(self, name: &str) -> bool {
        !self.0[name].is_null()
    }

    pub fn number(self, name: &str) -> Verdict<u64> {
        let number = self.0[name].as_u64();
        number.ok_or_else(|| format!("{name} is no number in {}", self.0))
    }

    pub fn number_or(self, name: &str, other: u64) -> u64 {
        self.0[name].as_u64().unwrap_or(other)
    }

    pub fn flag(self, name: &str) -> bool {
        self.0[name] == true
    }

    pub fn inside(self, name: &str) -> Line<'a> {
        Line(&self.0[name])
    }

    pub fn list(self, name: &str) -> impl Iterator<Item = Line<'a>> {
        self.0[name].as_array().into_iter().flatten().map(Line)
    }

    pub fn id(self, name: &str) -> Verdict<Id> {
        let it = self.inside(name);
        let (term, index) = (it.number("term")?, it.number("index")?);
        Ok(Id { term, index })
    }

    pub fn members(self) -> Verdict<Members> {
        let of = |name| {
            let each = self.list(name);
            let each = each.map(|it| Ok((it.number("node")?, it.number("generation")?)));
            each.collect::<Verdict<Vec<Member>>>()
        };
        Ok(Members {
            voters: of("voters")?,
            outgoing: of("outgoing")?,
            learners: of("learners")?,
        })
    }
}

/// A message between servers.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Message {
    pub kind: String,
    pub from: Member,
    pub to: Member,
    pub term: Term,
    /// Of a candidate.
    pub last: Id,
    pub prev: Id,
    pub terms: Vec<Term>,
    pub configurations: Vec<(Index, Members)>,
    pub commit: Index,
    pub round: u64,
    pub disk: u64,
    pub yes: bool,
    /// What an answer speaks of: an index, or a snapshot's.
    pub index: Index,
    /// Of a part of a snapshot: its first and last byte and how many there are.
    pub part: (u64, u64, u64),
    pub members: Members,
}

impl Message {
    /// The message that a line speaks of, if it speaks of one between servers.
    pub fn of(line: Line<'_>) -> Verdict<Option<Message>> {
        let kind = line.inside("kind");
        if kind.word("packet") != "message" || kind.has("group") {
            return Ok(None);
        }
        let mut it = Message {
            kind: kind.word("type").to_owned(),
            from: (line.number("from")?, line.number_or("from_generation", 1)),
            to: (line.number("to")?, line.number_or("to_generation", 1)),
            term: kind.number("term")?,
            round: line.number_or("round", 0),
            disk: line.number_or("disk", 0),
            yes: kind.flag("granted") || kind.flag("success"),
            ..Message::default()
        };
        match it.kind.as_str() {
            "request_vote" | "request_pre_vote" => it.last = line.id("last")?,
            "append_entries" | "heartbeat" => it.read_entries(line)?,
            "append_entries_reply" | "read_index_reply" => it.index = kind.number("index")?,
            "install_snapshot" => {
                let (index, term) = (kind.number("last")?, line.number("last_term")?);
                it.last = Id { term, index };
                it.part = (
                    kind.number("from")?,
                    kind.number("to")?,
                    kind.number("total")?,
                );
                it.members = line.inside("members").members()?;
            }
            "install_snapshot_reply" => {
                it.index = kind.number("last")?;
                it.part.1 = kind.number("bytes")?;
            }
            _ => {}
        }
        Ok(Some(it))
    }

    fn read_entries(&mut self, line: Line<'_>) -> Verdict {
        (self.prev, self.commit) = (line.id("prev")?, line.number("commit")?);
        for run in line.list("terms") {
            let (term, entries) = (run.number("term")?, run.number("entries")?);
            self.terms.extend((0..entries).map(|_| term));
        }
        for named in line.list("configurations") {
            self.configurations
                .push((named.number("index")?, named.members()?));
        }
        let kind = line.inside("kind");
        if self.kind == "append_entries" {
            let (first, last) = (kind.number("first")?, kind.number("last")?);
            demand!(
                first == self.prev.index + 1 && last == self.through(),
                "the terms aren't those of entries {first} to {last}"
            );
        }
        Ok(())
    }

    /// The index of its last entry, or of the one before if it has none.
    pub fn through(&self) -> Index {
        self.prev.index + self.terms.len() as u64
    }

    /// The term of an entry that it carries, or of the one before.
    pub fn term_at(&self, index: Index) -> Option<Term> {
        if index == self.prev.index {
            return Some(self.prev.term);
        }
        let place = index.checked_sub(self.prev.index + 1)?;
        self.terms.get(place as usize).copied()
    }
}
