//! What any front end shows: plain data, the words for it, and where it stands on the stage.
//!
//! Nothing here changes the run. [`build`](build()) makes a [`ClusterView`] of a simulation,
//! [`narrate`](narrate()) a telling of an event, which a catalogue of [`words`] puts into a language,
//! [`geometry`] a place of a node, and [`clients`] checks what the clients were answered. [`settings`] and [`stability`] are about runs that are yet
//! to begin.

pub mod build;
pub mod clients;
pub mod cluster_view;
pub mod doubts;
pub mod geometry;
pub mod leap;
pub mod members;
pub mod narrate;
pub mod settings;
pub mod stability;
mod standstill_view;
pub mod storage_view;
pub mod store_view;
pub mod text;
pub mod words;

pub use crate::sim::Power;
pub use build::build;
pub use clients::{BarEnd, ClientsView};
pub use cluster_view::*;
pub use doubts::doubt;
pub use members::{ConfigurationView, MajorityView, Member, MembersView, ShareView};
pub use narrate::{
    found, glyph, label, left_out, narrate, not_pressed, property_name, reason, refused, stall,
    stopped_by, unfit, unfit_file, waited_since, why_not, why_not_setting,
};
pub use store_view::StoreView;
pub use text::{clean, clip};
pub use words::{Arg, Catalogue, Telling, english, numeral};
