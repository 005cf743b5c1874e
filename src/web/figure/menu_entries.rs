//! What can be done to a thing: the entries of its menu, and the same by keyboard.

use super::store::*;
use crate::base::order::sort;
use crate::base::{NodeId, Ratio, Span};
use crate::raft::Role;
use crate::sim::{Action, LinkSettings, Settings};
use crate::view::words::{key, tell};
use crate::view::{ClusterView, Member, NodeView, Power, Telling, why_not};

/// One entry of a menu.
#[derive(Clone, PartialEq, Debug)]
pub struct MenuEntry {
    /// Its icon.
    pub icon: &'static str,
    /// What it says: a key of the catalogue.
    pub label: &'static str,
    /// Between whom, if the label names them.
    pub ends: Option<(NodeId, NodeId)>,
    /// Its key: a capital letter, with a leading `⇧` for Shift; `⏎` for Enter.
    pub key: &'static str,
    /// Why it can't be done now, as far as the picture tells.
    pub refused: Option<Telling>,
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
    fn new(icon: &'static str, label: &'static str, key: &'static str, what: What) -> MenuEntry {
        MenuEntry {
            icon,
            label,
            ends: None,
            key,
            refused: None,
            what,
        }
    }

    fn act(
        icon: &'static str,
        label: &'static str,
        key: &'static str,
        action: Action,
    ) -> MenuEntry {
        MenuEntry::new(icon, label, key, What::Do(vec![action]))
    }

    fn only_if(self, may: bool, otherwise: Telling) -> MenuEntry {
        let refused = (!may).then_some(otherwise);
        MenuEntry { refused, ..self }
    }

    /// What it says.
    pub fn says(&self) -> Telling {
        let label = Telling::new(self.label);
        match self.ends {
            Some((a, b)) => label.with("a", a).with("b", b),
            None => label,
        }
    }

    /// Why it can't be done now, by the picture or by the run itself.
    pub fn refusal(&self, handle: &Handle) -> Option<Telling> {
        let What::Do(actions) = &self.what else {
            return self.refused.clone();
        };
        let first = actions.first()?;
        let by_run = || Some(why_not(&handle.look.why_not(first)?.why));
        self.refused.clone().or_else(by_run)
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
            MenuEntry::act(
                "crash",
                key!("menu.drop"),
                "D",
                Action::Drop { message: *id },
            ),
            MenuEntry::act(
                "clock",
                key!("menu.delay-50-ms"),
                "L",
                Action::Delay {
                    message: *id,
                    by: Span::millis(50),
                },
            ),
            MenuEntry::act(
                "copy",
                key!("menu.duplicate"),
                "U",
                Action::Duplicate { message: *id },
            ),
            MenuEntry::act(
                "toend",
                key!("menu.deliver-now"),
                "N",
                Action::DeliverNow { message: *id },
            ),
        ],
        Item::Link(a, b) => link(*a, *b, view),
        Item::Wall if view.partition.is_some() => {
            vec![MenuEntry::act("link", key!("menu.heal"), "H", Action::Heal)]
        }
        _ => Vec::new(),
    };
    if !menu_entries.is_empty() && *item != Item::Wall {
        let inspect = What::Show(UiAction::Inspect(item.clone()));
        menu_entries.push(MenuEntry::new("eye", key!("menu.inspect"), "⏎", inspect));
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
        MenuEntry::act(
            "restart",
            key!("menu.restart"),
            "X",
            Action::Restart { node: id },
        )
    } else {
        MenuEntry::act("crash", key!("menu.crash"), "X", Action::Crash { node: id })
    };
    let pause = if node.power == Power::Paused {
        MenuEntry::act(
            "play",
            key!("menu.resume"),
            "P",
            Action::Resume { node: id },
        )
    } else {
        MenuEntry::act(
            "pausebars",
            key!("menu.pause"),
            "P",
            Action::Pause { node: id },
        )
    };
    let (word, isolate) = isolate(id, view);
    let leads = node.role == Role::Leader && node.power == Power::Up;
    let mut menu_entries = vec![
        crash,
        pause,
        MenuEntry::act("island", word, "I", isolate),
        MenuEntry::act("bolt", key!("menu.time-out-now"), "T", Action::time_out(id))
            .only_if(!leads, tell!("why-not.leads-no-timer", node = id)),
    ];
    menu_entries.extend(roles(id, node, view));
    let remove = Action::RemoveServer { node: id };
    let turn = What::Show(UiAction::Turn(id));
    let ask = What::Show(UiAction::Ask(Some(id)));
    menu_entries.extend([
        MenuEntry::act("close", key!("menu.remove"), "⇧X", remove),
        MenuEntry::act(
            "compact",
            key!("menu.compact-its-log"),
            "Z",
            Action::compact(id),
        ),
        MenuEntry::new("disk", key!("menu.members-clock-disk"), "K", turn),
        MenuEntry::new("send", key!("menu.send-a-request"), "R", ask),
    ]);
    menu_entries
}

/// What makes something else of a server.
fn roles(id: NodeId, node: &NodeView, view: &ClusterView) -> Vec<MenuEntry> {
    let mut menu_entries = Vec::new();
    if view.leader != Some(id) {
        let from = view.leader.unwrap_or(id);
        let transfer = Action::transfer(from, id);
        menu_entries.push(
            MenuEntry::act("crown", key!("menu.move-leadership-here"), "Y", transfer)
                .only_if(view.leader.is_some(), tell!("menu.nobody-leads")),
        );
    }
    if node.member != Member::Voter {
        let promote = Action::PromoteServer { node: id };
        menu_entries.push(MenuEntry::act(
            "ballot",
            key!("menu.make-it-a-voter"),
            "U",
            promote,
        ));
    }
    if view.members.majorities.len() > 1 {
        let leave = Action::LeaveJoint;
        menu_entries.push(MenuEntry::act(
            "ballot",
            key!("menu.leave-the-joint-configuration"),
            "L",
            leave,
        ));
    }
    if node.disk.refuses.is_some() {
        let rejoin = Action::RejoinServer { node: id };
        menu_entries.push(MenuEntry::act(
            "restart",
            key!("menu.rejoin-under-a-new-id"),
            "N",
            rejoin,
        ));
    }
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
        return (key!("menu.isolate"), divide(groups));
    }
    if let Some(largest) = groups.iter_mut().max_by_key(|g| g.len()) {
        largest.push(id);
    }
    (key!("menu.let-it-rejoin"), divide(groups))
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
            key!("menu.cut-both-ways"),
            "C",
            both(&|from, to| Action::cut(from, to)),
        )
        .only_if(cut != (true, true), tell!("menu.it-is-cut")),
        MenuEntry {
            ends: Some((a, b)),
            ..MenuEntry::act("right", key!("menu.cut-one-way"), "⇧C", Action::cut(a, b))
        }
        .only_if(!cut.0, tell!("menu.it-is-cut")),
        MenuEntry::new("slow", key!("menu.slow-it-down"), "S", set(slow)),
        MenuEntry::new("dice", key!("menu.lose-some"), "O", set(lossy)),
        MenuEntry::new(
            "link",
            key!("menu.restore"),
            "H",
            both(&|from, to| Action::restore(from, to)),
        )
        .only_if(
            known(a, b).is_some() || known(b, a).is_some(),
            tell!("menu.it-is-as-the-network-is"),
        ),
    ]
}
