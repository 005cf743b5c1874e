//! The sweep panel: [`fleet`] has the workers, [`panel`] shows what comes of them.

mod fleet;
mod panel;

pub use panel::Sweep;
