//! Who shall be a member: any change, in one step (section 6).

use super::turn::{buttons, entry};
use crate::base::NodeId;
use crate::raft::Way;
use crate::sim::Action;
use crate::view::Telling;
use crate::view::words::key;
use crate::web::icons::icon;
use crate::web::language::{h, t};
use crate::web::store::*;
use std::collections::BTreeMap;
use yew::prelude::*;

/// What a server can be: the icon, and what is said of it.
const PLACES: [(&str, &str); 3] = [
    ("ballot", key!("inspect.votes")),
    ("book", key!("inspect.learns")),
    ("close", key!("inspect.is-out")),
];

/// How to get to other voters: see [`Way`].
const WAYS: [(Way, &str, &str); 3] = [
    (
        Way::Shortest,
        key!("inspect.shortest"),
        key!("inspect.shortest-how"),
    ),
    (Way::Joint, key!("inspect.joint"), key!("inspect.joint-how")),
    (Way::Stay, key!("inspect.stay"), key!("inspect.stay-how")),
];

/// The members to come: a press on a server turns what it is to be.
#[function_component]
pub fn Voters() -> Html {
    let (handle, view) = (use_handle(), use_view());
    let words = &handle.words;
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
        html! { <button key={id.0} type="button" class={classes!("kv-btn", changed)} onclick={turn}>{ icon(name) }{ words.html(&Telling::new(says).with("node", id)) }</button> }
    };
    let by = |(which, says, title): (Way, &'static str, &'static str)| {
        let (pressed, way) = ((*way == which).to_string(), way.clone());
        html! { <button aria-pressed={pressed} title={words.label(title)} onclick={move |_| way.set(which)}>{ words.label(says) }</button> }
    };
    let change = Action::ChangeMembers {
        voters: with(0),
        learners: with(1),
        way: *way,
    };
    let mut change = entry("ballot", key!("inspect.change"), change);
    if view.nodes.iter().all(|node| shall(node.id) == is(node.id)) {
        change.refused = Some(Telling::new(key!("inspect.press-a-server")));
    }
    let add = entry("plus", key!("inspect.add"), Action::AddServer);
    html! {
        <>
            <h3 class="kv-sech">{ h!(words, "inspect.all-members") }</h3>
            <p class="kv-acts" role="group" aria-label={t!(words, "inspect.the-members-to-come")}>{ for view.nodes.iter().map(|node| server(node.id)) }</p>
            <div class="kv-seg" role="group" aria-label={t!(words, "inspect.how-to-get-there")}>{ for WAYS.map(by) }</div>
            { buttons(words, &handle, [change, add]) }
        </>
    }
}
