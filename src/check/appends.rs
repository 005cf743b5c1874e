//! What contradicts itself in a history of appends, without a search.
//!
//! As long as nothing replaces the value, it only grows: of any two values that were read, one is
//! a beginning of the other, and the longer one isn't read before the shorter one. And if every
//! value can be taken apart into the texts that were appended, the longest one says in which order
//! that was.
//!
//! Whatever is found here is certain; where nothing is found, the search decides.

use super::model::{Call, Observed, Reply, Value};
use std::collections::BTreeMap;

/// A read that returned, and the text that it found.
#[derive(Clone, Copy, Debug)]
struct Read<'a> {
    text: &'a str,
    invoked: u64,
    returned: u64,
}

/// Whether the operations of a key certainly have no order.
pub(super) fn contradict(history: &[Observed], initial: &[Option<Value>]) -> bool {
    let appends = history.iter().any(|it| matches!(it.call, Call::Append(_)));
    if !appends {
        return false;
    }
    let mut reads: Vec<Read<'_>> = history.iter().filter_map(Read::of).collect();
    reads.sort_by_key(|read| read.text.len());
    let replacers = replacers(history);
    if !replacers.is_empty() {
        return contradict_between(&reads, &replacers);
    }
    if !grow(&reads) {
        return true;
    }
    let [initial] = initial else {
        return false;
    };
    let initial = initial.as_ref().map_or("", |value| value.as_text());
    Growth::of(history, initial).is_some_and(|growth| growth.contradicts(&reads))
}

impl<'a> Read<'a> {
    fn of(observed: &'a Observed) -> Option<Read<'a>> {
        let text = match (&observed.call, &observed.reply) {
            (Call::Get, Reply::Found(found)) => found.as_ref().map_or("", |value| value.as_text()),
            _ => return None,
        };
        Some(Read {
            text,
            invoked: observed.invoked,
            returned: observed.returned?,
        })
    }
}

/// When something may have replaced the value, in the order of its invocation.
fn replacers(history: &[Observed]) -> Vec<[u64; 2]> {
    let replaces = |it: &&Observed| match (&it.call, &it.reply) {
        (Call::Get | Call::Append(_), _) => false,
        (_, reply) => !matches!(reply, Reply::Missed | Reply::Absent),
    };
    let replacers = history.iter().filter(replaces);
    let mut replacers: Vec<_> = replacers
        .map(|it| [it.invoked, it.deadline().unwrap_or(u64::MAX)])
        .collect();
    replacers.sort_unstable();
    replacers
}

/// Whether values that were read contradict each other though nothing replaced the value from the
/// invocation of the first to the return of the last of them.
fn contradict_between(reads: &[Read<'_>], replacers: &[[u64; 2]]) -> bool {
    // What lies between two replacers, both not included: equal times are concurrent.
    let mut gaps: Vec<[Option<u64>; 2]> = Vec::new();
    let mut busy_until = None;
    for &[invoked, returned] in replacers {
        if busy_until.is_none_or(|until| until < invoked) {
            gaps.push([busy_until, Some(invoked)]);
        }
        busy_until = busy_until.max(Some(returned));
    }
    gaps.push([busy_until, None]);
    let mut parts: BTreeMap<usize, Vec<Read<'_>>> = BTreeMap::new();
    for &read in reads {
        let gap = gaps.partition_point(|[after, _]| after.is_none_or(|after| after < read.invoked));
        let Some(gap) = gap.checked_sub(1) else {
            continue;
        };
        if gaps[gap][1].is_none_or(|until| read.returned < until) {
            parts.entry(gap).or_default().push(read);
        }
    }
    parts.values().any(|reads| !grow(reads))
}

/// Whether each value, from the shortest to the longest, is a beginning of the next one that
/// wasn't read only after it.
fn grow(reads: &[Read<'_>]) -> bool {
    let mut latest = 0;
    let mut invoked_of_shorter = 0;
    for (at, read) in reads.iter().enumerate() {
        if let Some(before) = at.checked_sub(1).map(|at| reads[at]) {
            if !read.text.starts_with(before.text) {
                return false;
            }
            if before.text.len() < read.text.len() {
                invoked_of_shorter = latest;
            }
        }
        if read.returned < invoked_of_shorter {
            return false;
        }
        latest = latest.max(read.invoked);
    }
    true
}

/// What was appended, and how texts fall apart into it.
struct Growth<'a> {
    initial: &'a str,
    /// Each text, with those who appended it. None is a beginning of another one.
    texts: Vec<(&'a str, Vec<&'a Observed>)>,
}

impl<'a> Growth<'a> {
    /// `None` if a value may fall apart in several ways.
    fn of(history: &'a [Observed], initial: &'a str) -> Option<Growth<'a>> {
        let mut texts: BTreeMap<&str, Vec<&Observed>> = BTreeMap::new();
        for it in history {
            if let Call::Append(text) = &it.call {
                texts.entry(text.as_text()).or_default().push(it);
            }
        }
        let texts: Vec<_> = texts.into_iter().collect();
        let is_one = |pair: &[(&str, Vec<&Observed>)]| !pair[1].0.starts_with(pair[0].0);
        let falls_apart_in_one_way = !texts[0].0.is_empty() && texts.windows(2).all(is_one);
        falls_apart_in_one_way.then_some(Growth { initial, texts })
    }

    /// The numbers of the texts that make up a value, and where each ends. `None`: it isn't made
    /// up of them.
    fn take_apart(&self, value: &str) -> Option<Vec<(usize, usize)>> {
        let mut parts = Vec::new();
        let mut end = self.initial.len();
        value.strip_prefix(self.initial)?;
        while end < value.len() {
            let rest = &value[end..];
            let at = self.texts.partition_point(|(text, _)| *text <= rest);
            let at = at.checked_sub(1)?;
            let text = self.texts[at].0;
            rest.strip_prefix(text)?;
            end += text.len();
            parts.push((at, end));
        }
        Some(parts)
    }

    /// Whether values, which are beginnings of each other from the shortest on, can't have come
    /// about by these appends.
    fn contradicts(&self, reads: &[Read<'_>]) -> bool {
        let Some(longest) = reads.last() else {
            return false;
        };
        // An absent key holds less than the initial value.
        let Some(parts) = self.take_apart(longest.text) else {
            return true;
        };
        let is_whole = |read: &Read<'_>| {
            read.text.len() == self.initial.len()
                || parts
                    .binary_search_by_key(&read.text.len(), |it| it.1)
                    .is_ok()
        };
        if !reads.iter().all(is_whole) {
            return true;
        }
        let mut counts = vec![0; self.texts.len()];
        for &(text, _) in &parts {
            counts[text] += 1;
            if counts[text] > self.texts[text].1.len() {
                return true;
            }
        }
        !self.is_in_time(reads, &parts)
    }

    /// Whether nothing returned before something was invoked that the longest value puts before
    /// it: its appends, each followed by the reads of so much, and at last what it doesn't hold.
    /// Texts that were appended several times aren't looked at.
    fn is_in_time(&self, reads: &[Read<'_>], parts: &[(usize, usize)]) -> bool {
        let once = |text: usize| match &self.texts[text].1[..] {
            [only] => Some(*only),
            _ => None,
        };
        let mut latest = 0;
        let mut reads = reads.iter().peekable();
        let mut places = [(None, self.initial.len())]
            .into_iter()
            .chain(parts.iter().map(|&(text, end)| (Some(text), end)));
        let are_in_time = places.all(|(text, end)| {
            if let Some(append) = text.and_then(once) {
                if append.deadline().is_some_and(|until| until < latest) {
                    return false;
                }
                latest = latest.max(append.invoked);
            }
            let before = latest;
            while let Some(read) = reads.next_if(|read| read.text.len() == end) {
                if read.returned < before {
                    return false;
                }
                latest = latest.max(read.invoked);
            }
            true
        });
        let mut is_held = vec![false; self.texts.len()];
        for &(text, _) in parts {
            is_held[text] = true;
        }
        let late = self.texts.iter().zip(is_held);
        let late = late.filter(|(text, is_held)| !is_held && text.1.len() == 1);
        let mut late = late.filter_map(|((_, appends), _)| appends[0].deadline());
        are_in_time && late.all(|until| until >= latest)
    }
}
