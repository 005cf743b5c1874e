//! The key-value store: what the replicated log is for.
//!
//! A [`Command`] is what stands in the log, an [`Operation`] what a client asks for, an
//! [`Outcome`] what it is answered. The [`Store`] is the state machine: every server applies the
//! same commands in the same order and so holds the same map.

pub mod command;
pub mod encoding;
pub mod session;
pub mod store;

pub use command::{
    Command, FieldError, Key, MAX_KEY, MAX_VALUE, Operation, Outcome, Sequence, SessionNumber,
    Value,
};
pub use encoding::DecodeError;
pub use session::Sessions;
pub use store::{Applied, Store, Stored};
