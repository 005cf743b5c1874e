//! A store of many shards: what it takes beside the groups that serve them.

mod administer;
mod births;
mod drain;
mod founding;
mod merging;
mod process;
mod routing;
mod steps;
