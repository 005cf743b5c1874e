//! The states of one key, as numbers.
//!
//! Only values that somebody saw can decide anything. So a state is told by its place among the
//! texts that were seen: the first of them (in their order) that begins with it, and its length.
//! All states that no seen text begins with are one and the same: whatever is appended to them,
//! nobody will ever recognise it. That makes different orders of blind writes equal, which
//! is most of what a search would have to tell apart.

use super::model::Value;
use std::cmp::Ordering;
use std::rc::Rc;

/// The state of a key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct KeyState(pub u64);

impl KeyState {
    /// There is no value.
    pub const ABSENT: KeyState = KeyState(u64::MAX);
    /// A value that nobody ever sees, nor anything that begins with it.
    pub const UNSEEN: KeyState = KeyState(u64::MAX - 1);

    fn new(text: usize, length: usize, integer: bool) -> KeyState {
        assert!(length < 1 << 31, "a value of 2 GiB");
        KeyState((text as u64) << 32 | (length as u64) << 1 | u64::from(integer))
    }

    /// The text that it begins, and its own length.
    fn parts(self) -> Option<(usize, usize)> {
        let parts = ((self.0 >> 32) as usize, (self.0 as u32 >> 1) as usize);
        (self < KeyState::UNSEEN).then_some(parts)
    }
}

/// The texts that were seen, and what follows from them.
#[derive(Clone, Debug)]
pub(super) struct States {
    texts: Vec<Rc<str>>,
    /// Whether anybody appends. Otherwise a state is a whole text or none.
    grows: bool,
}

impl States {
    pub fn new<'a>(seen: impl Iterator<Item = &'a Value>, grows: bool) -> States {
        let mut texts: Vec<Rc<str>> = seen.map(|value| value.as_text().clone()).collect();
        texts.sort_unstable();
        texts.dedup();
        States { texts, grows }
    }

    /// The number of classes: whole texts, as a text and as an integer, and absence.
    pub fn classes(&self) -> usize {
        self.texts.len() * 2 + 1
    }

    /// The class of a state that somebody may see as it is.
    pub fn class(&self, state: KeyState) -> Option<usize> {
        if state == KeyState::ABSENT {
            return Some(self.texts.len() * 2);
        }
        let (text, length) = state.parts()?;
        (self.texts[text].len() == length).then_some(text * 2 + (state.0 & 1) as usize)
    }

    /// The text of a class; `None` for an integer and for absence.
    pub fn class_text(&self, class: usize) -> Option<&str> {
        let is_text = class.is_multiple_of(2) && class < self.texts.len() * 2;
        is_text.then(|| &*self.texts[class / 2])
    }

    /// The state of a value.
    pub fn of(&self, value: Option<&Value>) -> KeyState {
        let Some(value) = value else {
            return KeyState::ABSENT;
        };
        let wanted = value.as_text();
        let at = self.texts.partition_point(|text| text < wanted);
        let fits = self.texts.get(at).is_some_and(|text| {
            text.starts_with(&**wanted) && (self.grows || text.len() == wanted.len())
        });
        if fits {
            KeyState::new(at, wanted.len(), value.is_integer())
        } else {
            KeyState::UNSEEN
        }
    }

    /// The state with `more` behind it.
    pub fn append(&self, state: KeyState, more: &str) -> KeyState {
        let (text, length) = match state.parts() {
            Some(parts) => parts,
            None if state == KeyState::UNSEEN => return KeyState::UNSEEN,
            None => (0, 0),
        };
        let old = match state {
            KeyState::ABSENT => &[],
            _ => &self.texts[text].as_bytes()[..length],
        };
        // The first text that isn't less than both together. Mostly it is the same as before.
        let more = more.as_bytes();
        let less = |other: &Rc<str>| {
            let (head, tail) = other.as_bytes().split_at(other.len().min(length));
            head.cmp(old).then_with(|| tail.cmp(more)) == Ordering::Less
        };
        let rest = self.texts.get(text..).unwrap_or_default();
        let at = match rest.first() {
            Some(first) if !less(first) => text,
            _ => text + rest.partition_point(less),
        };
        let fits = self.texts.get(at).is_some_and(|text| {
            let text = text.as_bytes();
            text.starts_with(old) && text[length..].starts_with(more)
        });
        if fits {
            KeyState::new(at, length + more.len(), false)
        } else {
            KeyState::UNSEEN
        }
    }

    /// The text of a state; `None` for absence and for what nobody sees.
    pub fn text(&self, state: KeyState) -> Option<&str> {
        let (text, length) = state.parts()?;
        self.texts[text].get(..length)
    }

    /// The texts, as such, that begin with `state`.
    pub fn grown(&self, state: KeyState) -> impl Iterator<Item = KeyState> {
        let (first, start) = match (state.parts(), self.text(state)) {
            (Some((first, _)), Some(start)) => (first, start),
            _ => (self.texts.len(), ""),
        };
        let texts = self.texts[first..].iter().zip(first..);
        texts
            .take_while(move |(text, _)| text.starts_with(start))
            .map(|(text, at)| KeyState::new(at, text.len(), false))
    }

    /// Whether appending alone may lead from `state` to `goal`.
    pub fn may_grow_into(&self, state: KeyState, goal: KeyState) -> bool {
        match (state.parts(), goal.parts()) {
            _ if state == goal => true,
            // What has grown is a text.
            _ if goal != KeyState::ABSENT && goal.0 & 1 == 1 => false,
            _ if state == KeyState::ABSENT => true,
            (Some((text, length)), Some((goal, end))) => {
                let start = |text: usize| &self.texts[text].as_bytes()[..length];
                length <= end && start(text) == start(goal)
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(texts: &[&str], grows: bool) -> States {
        let values: Vec<_> = texts.iter().map(|&text| Value::text(text)).collect();
        States::new(values.iter(), grows)
    }

    #[test]
    fn each_text_that_can_be_seen_has_one_number() {
        let states = seen(&["ab", "abc", "b", "abd"], true);
        let of = |text: &str| states.of(Some(&Value::text(text)));
        for (start, more) in [("", "a"), ("a", "b"), ("ab", "c"), ("ab", "d"), ("", "b")] {
            assert_eq!(
                states.append(of(start), more),
                of(&format!("{start}{more}"))
            );
            assert_ne!(of(&format!("{start}{more}")), KeyState::UNSEEN);
        }
        assert_eq!(states.append(KeyState::ABSENT, "ab"), of("ab"));
        assert_eq!(states.append(of("ab"), "e"), KeyState::UNSEEN);
        assert_eq!(states.append(of("b"), "c"), KeyState::UNSEEN);
        assert_eq!(states.append(KeyState::UNSEEN, ""), KeyState::UNSEEN);
        assert_eq!(of("c"), KeyState::UNSEEN);
        assert_ne!(of("ab"), of("abc"));
    }

    #[test]
    fn integers_are_not_their_texts() {
        let (one, text) = (Value::integer(1), Value::text("1"));
        let states = States::new([&one, &text].into_iter(), true);
        assert_ne!(states.of(Some(&one)), states.of(Some(&text)));
        assert_ne!(
            states.class(states.of(Some(&one))),
            states.class(states.of(Some(&text)))
        );
        let appended = states.append(states.of(Some(&one)), "");
        assert_eq!(appended, states.of(Some(&text)));
    }

    #[test]
    fn without_appends_beginnings_are_nothing() {
        let states = seen(&["ab"], false);
        assert_eq!(states.of(Some(&Value::text("a"))), KeyState::UNSEEN);
        assert_ne!(states.of(Some(&Value::text("ab"))), KeyState::UNSEEN);
    }

    #[test]
    fn growing_leads_to_longer_texts_only() {
        let states = seen(&["ab", "abc", "b"], true);
        let of = |text: &str| states.of(Some(&Value::text(text)));
        assert!(states.may_grow_into(of("a"), of("abc")));
        assert!(states.may_grow_into(KeyState::ABSENT, of("b")));
        assert!(!states.may_grow_into(of("b"), of("abc")));
        assert!(!states.may_grow_into(of("abc"), of("ab")));
        assert!(!states.may_grow_into(KeyState::UNSEEN, of("ab")));
        assert!(!states.may_grow_into(of("a"), KeyState::ABSENT));
        let integers = States::new([&Value::integer(12)].into_iter(), true);
        let twelve = integers.of(Some(&Value::integer(12)));
        assert!(integers.may_grow_into(twelve, twelve));
        assert!(!integers.may_grow_into(integers.of(Some(&Value::integer(1))), twelve));
        assert!(!integers.may_grow_into(KeyState::ABSENT, twelve));
    }
}
