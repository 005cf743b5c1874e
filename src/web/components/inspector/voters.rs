//! Who shall be a member: any change, in one step (section 6).

use super::turn::{buttons, entry};
use crate::base::NodeId;
use crate::raft::Way;
use crate::sim::Action;
use crate::web::icons::icon;
use crate::web::store::*;
use std::collections::BTreeMap;
use yew::prelude::*;

/// What a server can be: the icon, and what is said of it.
const PLACES: [(&str, &str); 3] = [("ballot", "votes"), ("book", "learns"), ("close", "is out")];

/// How to get to other voters: see [`Way`].
const WAYS: [(Way, &str, &str); 3] = [
    (
        Way::Shortest,
        "shortest",
        "One voter more or less in one entry, anything else through a joint configuration",
    ),
    (
        Way::Joint,
        "joint",
        "Through a joint configuration, which the leader leaves by itself",
    ),
    (
        Way::Stay,
        "joint, stay",
        "Into a joint configuration, which stays until somebody leaves it",
    ),
];

/// The members to come: a press on a server turns what it is to be.
#[function_component]
pub fn Voters() -> Html {
    let (handle, view) = (use_handle(), use_view());
    let wanted = use_state(BTreeMap::<NodeId, usize>::new);
    let way = use_state(Way::default);
    let members = &view.members;
    {
        // Once the members are others, what was wanted is done, or was about members that are no more.
        let wanted = wanted.clone();
        use_effect_with(members.index, move |_| wanted.set(BTreeMap::new()));
    }
    let is = |id: NodeId| match id {
        id if members.voters().contains(&id) => 0,
        id if members.learners.contains(&id) => 1,
        _ => 2,
    };
    let shall = |id: NodeId| wanted.get(&id).copied().unwrap_or_else(|| is(id));
    let with = |place| {
        let ids = view.nodes.iter().map(|node| node.id);
        ids.filter(|id| shall(*id) == place).collect::<Vec<_>>()
    };
    let server = |id: NodeId| {
        let (name, says) = PLACES[shall(id)];
        let (wanted, next) = (wanted.clone(), (shall(id) + 1) % PLACES.len());
        let turn = move |_: MouseEvent| {
            let mut all = (*wanted).clone();
            all.insert(id, next);
            wanted.set(all);
        };
        let changed = (shall(id) != is(id)).then_some("pri");
        html! { <button key={id.0} type="button" class={classes!("kv-btn", changed)} onclick={turn}>{ icon(name) }{ format!("{id} {says}") }</button> }
    };
    let by = |(which, says, title): (Way, &'static str, &'static str)| {
        let (pressed, way) = ((*way == which).to_string(), way.clone());
        html! { <button aria-pressed={pressed} {title} onclick={move |_| way.set(which)}>{ says }</button> }
    };
    let change = Action::ChangeMembers {
        voters: with(0),
        learners: with(1),
        way: *way,
    };
    let mut change = entry("ballot", "Change the members", change);
    if view.nodes.iter().all(|node| shall(node.id) == is(node.id)) {
        change.refused = Some("press a server to say what it shall be".to_owned());
    }
    let add = entry("plus", "Add a server", Action::AddServer);
    html! {
        <>
            <h3 class="kv-sech">{ "All members" }</h3>
            <p class="kv-acts" role="group" aria-label="The members to come">{ for view.nodes.iter().map(|node| server(node.id)) }</p>
            <div class="kv-seg" role="group" aria-label="How to get there">{ for WAYS.map(by) }</div>
            { buttons(&handle, [change, add]) }
        </>
    }
}
