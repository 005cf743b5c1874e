//! What became of a store of many shards, for people: its nodes and its shards at the end of a run.

use crate::view::StoreView;
use std::io::{self, Write};

/// Shards that are printed for people; all of them are for programs.
const MOST_SHARDS: usize = 40;

/// Prints it.
pub(super) fn tell(store: &StoreView, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "\nnode  rack  verdict   replicas  leaders    keys")?;
    for it in &store.nodes {
        let (node, verdict) = (it.node.to_string(), it.verdict.name());
        writeln!(
            out,
            "{node:<5} {:>4}  {verdict:<8} {:>9} {:>8} {:>7}",
            it.rack, it.replicas, it.leaders, it.keys
        )?;
    }
    writeln!(out, "\nshard  leader  members          keys  range")?;
    for it in store.shards.iter().take(MOST_SHARDS) {
        let leader = it.leader.map_or("-".into(), |leader| leader.to_string());
        let members: Vec<_> = it.members.iter().map(ToString::to_string).collect();
        let (group, members) = (it.group.to_string(), members.join(" "));
        writeln!(
            out,
            "{group:<6} {leader:<7} {members:<14} {:>6}  {}",
            it.keys, it.range
        )?;
    }
    if let Some(more @ 1..) = store.shards.len().checked_sub(MOST_SHARDS) {
        writeln!(out, "and {more} more")?;
    }
    writeln!(out, "\n{} operations of the controller", store.operations)
}
