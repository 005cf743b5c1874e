//! What is said of a jump to the next event: how far it went, where that isn't next to nothing.

use super::words::{Telling, tell};
use crate::base::Span;

/// Shorter jumps are steps: nobody wonders where the time went.
const STEP: Span = Span::millis(100);

/// What a jump to the next event is worth saying. `found`: whether there was one; without one the
/// run has gone as far as is looked.
pub fn leap(by: Span, found: bool) -> Option<Telling> {
    let ms = by.0 / 1_000;
    let far = match by {
        by if by < Span::secs(1) => format!("{ms} ms"),
        _ => format!("{}.{:03} s", ms / 1_000, ms % 1_000),
    };
    match found {
        true if by < STEP => None,
        true => Some(tell!("first.leap", far)),
        false => Some(tell!("first.leap-vain", far)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::english;

    #[test]
    fn only_long_jumps_and_vain_ones_are_told() {
        assert_eq!(leap(Span(99_999), true), None);
        let said = |by, found| english().text(&leap(by, found).unwrap());
        let told = said(Span(248_999), true);
        assert!(told.starts_with("248 ms on"), "{told}");
        let told = said(Span::millis(12_345), true);
        assert!(told.starts_with("12.345 s on"), "{told}");
        let told = said(Span::secs(60), false);
        assert_eq!(told, "60.000 s on, and nothing worth telling has happened.");
    }
}
