//! Which servers can be exchanged: every way to rename them that leaves the bounds as they are.

use super::bounds::Bounds;
use crate::base::{MemberId, NodeId};
use crate::raft::Configuration;

/// The most ways that are looked at: each costs a sum for every component of a world. Of more, those are
/// kept that leave the first servers alone.
pub const MOST: usize = 24;

/// How many there may be: those that lack are filled up by the first one, which changes nothing.
const SIZES: [usize; 4] = [1, 2, 6, MOST];

/// A new name for each server, by the old one.
pub type Names = Vec<NodeId>;

/// Every way to rename the servers that nothing in the bounds tells apart, beginning with the one that
/// changes nothing.
pub fn renamings(bounds: &Bounds) -> Vec<Names> {
    let mut fixed = u32::from(bounds.led);
    if !bounds.reductions.symmetry {
        fixed = bounds.servers;
    }
    loop {
        let mut found = Vec::new();
        let mut names = vec![NodeId(0)];
        permute(bounds, fixed, &mut names, &mut found);
        if let Some(&size) = SIZES.iter().find(|&&size| found.len() <= size) {
            found.resize(size, found[0].clone());
            return found;
        }
        fixed += 1;
    }
}

/// Completes `names` in every way that counts; the first `fixed` servers keep theirs.
fn permute(bounds: &Bounds, fixed: u32, names: &mut Names, found: &mut Vec<Names>) {
    let next = names.len() as u32;
    if next > bounds.servers {
        if keeps(bounds, names) {
            found.push(names.clone());
        }
        return;
    }
    for name in (1..=bounds.servers).map(NodeId) {
        let free = !names[1..].contains(&name);
        if free && (next > fixed || name.0 == next) {
            names.push(name);
            permute(bounds, fixed, names, found);
            names.pop();
        }
    }
}

fn keeps(bounds: &Bounds, names: &Names) -> bool {
    let set = |ids: &[NodeId]| Configuration::new(ids.iter().copied());
    let renamed = |ids: &[NodeId]| Configuration::new(ids.iter().map(|id| names[id.0 as usize]));
    let same = |ids: &[NodeId]| renamed(ids) == set(ids);
    let changes = &bounds.changes;
    let lists = changes.iter().flat_map(|it| [&it.voters, &it.learners]);
    let mut lists = lists.into_iter();
    // Who is taken in gets a generation, by the order in which a change names them.
    let is_founder = |id: &NodeId| bounds.members.member_on(*id).is_some();
    let joins = |id: &NodeId| !is_founder(id) && names[id.0 as usize] != *id;
    lists.clone().flatten().all(|id| !joins(id))
        && same(&MemberId::nodes(bounds.members.voters()))
        && same(&MemberId::nodes(bounds.members.learners()))
        && lists.all(|it| same(it))
}
