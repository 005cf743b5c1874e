//! What is said, apart from the language in which it is said.
//!
//! A [`Telling`] names a text by its key and brings what stands in its gaps. A [`Catalogue`] has
//! the texts of one language, from `www/lang/en.json` and its like, and makes words of a telling.
//! So nothing else in this crate puts a sentence together, and a further language is a file.
//!
//! A text is plain, but for `{gap}`, where an argument goes, and `**strong**`. Nothing else in it
//! means anything, and an argument is never read as a text: what users type can't become a gap.
//! Where a number decides between forms, the text is an object: `by` names the number, and the forms
//! have the names that Unicode's plural rules give them (`one`, `other`).

mod catalogue;
mod telling;

pub use catalogue::{Catalogue, english, plural_forms};
pub use telling::{Arg, Telling, numeral};
pub(crate) use telling::{key, tell};
