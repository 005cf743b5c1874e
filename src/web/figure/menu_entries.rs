//! What can be done to a thing: the entries of its menu, and the same by keyboard.

use super::store::*;
use crate::base::order::sort;
use crate::base::{NodeId, Ratio, Span};
use crate::raft::Role;
use crate::sim::{Action, LinkSettings, Settings};
use crate::view::{ClusterView, Member, Power};

/// One entry of a menu.
#[derive(Clone, PartialEq, Debug)]
pub struct MenuEntry {
    /// Its icon.
    pub icon: &'static str,
    /// What it says.
    pub label: String,
    /// Its key: a capital letter, with a leading `⇧` for Shift; `⏎` for Enter.
    pub key: &'static str,
    /// Why it can't be done now, as far as the picture tells.
    pub refused: Option<String>,
    /// What it does.
    pub what: What,
}

/// What an entry does.
#[derive(Clone, PartialEq, Debug)]
pub enum What {
    /// To the simulation.
    Do(Vec<Action>),
    /// To the interface.
    Show(UiAction),
}

impl MenuEntry {
    fn new(
        icon: &'static str,
        label: impl Into<String>,
        key: &'static str,
        what: What,
    ) -> MenuEntry {
        MenuEntry {
            icon,
            label: label.into(),
            key,
            refused: None,
            what,
        }
    }

    fn act(
        icon: &'static str,
        label: impl Into<String>,
        key: &'static str,
        action: Action,
    ) -> MenuEntry {
        MenuEntry::new(icon, label, key, What::Do(vec![action]))
    }

    fn only_if(self, may: bool, otherwise: impl Into<String>) -> MenuEntry {
        let refused = (!may).then(|| otherwise.into());
        MenuEntry { refused, ..self }
    }

    /// Why it can't be done now, by the picture or by the run itself.
    pub fn refusal(&self, handle: &Handle) -> Option<String> {
        let What::Do(actions) = &self.what else {
            return self.refused.clone();
        };
        let first = actions.first()?;
        let by_run = || handle.look(|run| run.simulation().check_action(first).err())?;
        self.refused.clone().or_else(|| Some(by_run()?.why))
    }

    /// Does it.
    pub fn run(&self, handle: &Handle) {
        match &self.what {
            What::Do(actions) => actions.iter().for_each(|a| handle.act(a.clone())),
            What::Show(action) => handle.ui(action.clone()),
        }
    }
}

/// Everything that can be done to `item`; empty if it is gone.
pub fn menu_entries(item: &Item, view: &ClusterView) -> Vec<MenuEntry> {
    let mut menu_entries = match item {
        Item::Node(id) => node(*id, view),
        Item::Message(id) if view.messages.iter().any(|m| m.id == *id) => vec![
            MenuEntry::act("crash", "Drop", "D", Action::Drop { message: *id }),
            MenuEntry::act(
                "clock",
                "Delay 50 ms",
                "L",
                Action::Delay {
                    message: *id,
                    by: Span::millis(50),
                },
            ),
            MenuEntry::act("copy", "Duplicate", "U", Action::Duplicate { message: *id }),
            MenuEntry::act(
                "toend",
                "Deliver now",
                "N",
                Action::DeliverNow { message: *id },
            ),
        ],
        Item::Link(a, b) => link(*a, *b, view),
        Item::Wall if view.partition.is_some() => {
            vec![MenuEntry::act("link", "Heal", "H", Action::Heal)]
        }
        _ => Vec::new(),
    };
    if !menu_entries.is_empty() && *item != Item::Wall {
        let inspect = What::Show(UiAction::Inspect(item.clone()));
        menu_entries.push(MenuEntry::new("eye", "Inspect", "⏎", inspect));
    }
    menu_entries
}

/// The entry with that key.
pub fn by_key(item: &Item, view: &ClusterView, key: &str, shift: bool) -> Option<MenuEntry> {
    let wanted = format!(
        "{}{}",
        if shift { "⇧" } else { "" },
        key.to_ascii_uppercase()
    );
    menu_entries(item, view)
        .into_iter()
        .find(|d| d.refused.is_none() && d.key == wanted)
}

fn node(id: NodeId, view: &ClusterView) -> Vec<MenuEntry> {
    let Some(node) = view.nodes.iter().find(|n| n.id == id) else {
        return Vec::new();
    };
    let crash = if node.power == Power::Crashed {
        MenuEntry::act("restart", "Restart", "X", Action::Restart { node: id })
    } else {
        MenuEntry::act("crash", "Crash", "X", Action::Crash { node: id })
    };
    let pause = if node.power == Power::Paused {
        MenuEntry::act("play", "Resume", "P", Action::Resume { node: id })
    } else {
        MenuEntry::act("pausebars", "Pause", "P", Action::Pause { node: id })
    };
    let (word, isolate) = isolate(id, view);
    let leads = node.role == Role::Leader && node.power == Power::Up;
    let mut menu_entries = vec![
        crash,
        pause,
        MenuEntry::act("island", word, "I", isolate),
        MenuEntry::act("bolt", "Time out now", "T", Action::time_out(id))
            .only_if(!leads, format!("{id} leads and has no election timer")),
    ];
    if view.leader != Some(id) {
        let from = view.leader.unwrap_or(id);
        let transfer = Action::transfer(from, id);
        menu_entries.push(
            MenuEntry::act("crown", "Move leadership here", "Y", transfer)
                .only_if(view.leader.is_some(), "nobody leads"),
        );
    }
    if node.member != Member::Voter {
        let promote = Action::PromoteServer { node: id };
        menu_entries.push(MenuEntry::act("ballot", "Make it a voter", "U", promote));
    }
    if view.members.majorities.len() > 1 {
        let leave = Action::LeaveJoint;
        menu_entries.push(MenuEntry::act(
            "ballot",
            "Leave the joint configuration",
            "L",
            leave,
        ));
    }
    if node.disk.refuses.is_some() {
        let rejoin = Action::RejoinServer { node: id };
        menu_entries.push(MenuEntry::act(
            "restart",
            "Rejoin under a new id",
            "N",
            rejoin,
        ));
    }
    let remove = Action::RemoveServer { node: id };
    let turn = What::Show(UiAction::Turn(id));
    let ask = What::Show(UiAction::Ask(Some(id)));
    menu_entries.extend([
        MenuEntry::act("close", "Remove", "⇧X", remove),
        MenuEntry::act("compact", "Compact its log", "Z", Action::compact(id)),
        MenuEntry::new("disk", "Members, clock, disk…", "K", turn),
        MenuEntry::new("send", "Send a request", "R", ask),
    ]);
    menu_entries
}

/// The sides of the network, without empty ones.
pub fn sides(view: &ClusterView) -> Vec<Vec<NodeId>> {
    match &view.partition {
        Some(partition) => partition.sides.iter().map(|s| s.nodes.clone()).collect(),
        None => vec![view.nodes.iter().map(|n| n.id).collect()],
    }
}

/// The action that makes these the sides: healing, if there is only one left.
pub fn divide(mut groups: Vec<Vec<NodeId>>) -> Action {
    groups.retain(|g| !g.is_empty());
    for group in &mut groups {
        sort(group);
    }
    if groups.len() < 2 {
        Action::Heal
    } else {
        Action::partition(groups)
    }
}

/// Cuts one server off from all others; one that is alone already goes to the largest side.
fn isolate(id: NodeId, view: &ClusterView) -> (&'static str, Action) {
    let mut groups = sides(view);
    let alone = groups.contains(&vec![id]);
    for group in &mut groups {
        group.retain(|n| *n != id);
    }
    if !alone {
        groups.push(vec![id]);
        return ("Isolate", divide(groups));
    }
    if let Some(largest) = groups.iter_mut().max_by_key(|g| g.len()) {
        largest.push(id);
    }
    ("Let it rejoin", divide(groups))
}

/// Moves a server to the side with this number, as the view counts them.
pub fn move_to(id: NodeId, side: usize, view: &ClusterView) -> Option<Action> {
    let mut groups = sides(view);
    if groups.get(side).is_none_or(|g| g.contains(&id)) {
        return None;
    }
    for group in &mut groups {
        group.retain(|n| *n != id);
    }
    groups[side].push(id);
    Some(divide(groups))
}

/// Whether the link is cut in this direction.
pub fn is_cut(from: NodeId, to: NodeId, view: &ClusterView) -> bool {
    view.links
        .iter()
        .any(|l| l.from == from && l.to == to && l.cut)
}

fn link(a: NodeId, b: NodeId, view: &ClusterView) -> Vec<MenuEntry> {
    let both = |act: &dyn Fn(NodeId, NodeId) -> Action| What::Do(vec![act(a, b), act(b, a)]);
    let known = |from, to| view.links.iter().find(|l| l.from == from && l.to == to);
    let base = known(a, b)
        .and_then(|l| l.settings)
        .unwrap_or(Settings::default().link);
    let slow = LinkSettings {
        latency_min: base.latency_min + Span::millis(50),
        latency_max: base.latency_max + Span::millis(50),
        ..base
    };
    let lossy = LinkSettings {
        loss: Ratio::percent(30),
        ..base
    };
    let cut = (is_cut(a, b, view), is_cut(b, a, view));
    let set = |link| both(&move |from, to| Action::set_link(from, to, link));
    vec![
        MenuEntry::new(
            "unlink",
            "Cut both ways",
            "C",
            both(&|from, to| Action::cut(from, to)),
        )
        .only_if(cut != (true, true), "it is cut"),
        MenuEntry::act(
            "right",
            format!("Cut {a} to {b} only"),
            "⇧C",
            Action::cut(a, b),
        )
        .only_if(!cut.0, "it is cut"),
        MenuEntry::new("slow", "Slow it down", "S", set(slow)),
        MenuEntry::new("dice", "Lose some", "O", set(lossy)),
        MenuEntry::new(
            "link",
            "Restore",
            "H",
            both(&|from, to| Action::restore(from, to)),
        )
        .only_if(
            known(a, b).is_some() || known(b, a).is_some(),
            "it is as the network is",
        ),
    ]
}
