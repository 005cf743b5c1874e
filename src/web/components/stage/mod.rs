//! The stage: the cluster as a picture that can be taken apart.
//!
//! Yew draws what is there; where it is right now is set on the elements themselves, by
//! [`use_frame`](crate::web::hooks::use_frame). Every thing carries its name in `data-item`, so that one set of listeners on the
//! SVG serves all of them.

mod client;
mod gauge;
mod gesture;
mod ghost;
mod link;
mod menu;
mod message;
mod node;
mod places;
mod plan;
mod plate;
mod side;
mod sparks;
mod tools;
mod walk;

use crate::base::{NodeId, Span};
use crate::raft::Role;
use crate::view::Arg;
use crate::view::geometry::{Area, Point, line, px};
use crate::view::words::tell;
use crate::view::{ClusterView, Power};
use crate::web::hooks::{Shape, use_shape, use_size, use_still, wall};
use crate::web::language::{Words, t};
use crate::web::page::on_demand::{OnDemand, Panel};
use crate::web::store::*;
use client::Capsule;
use gauge::{Joint, JointTag};
use gesture::{Drawing, Gestures, use_gestures};
use ghost::{outline, use_ghosts};
use link::{Counter, Link, Look};
use message::Message;

use node::Node;
use places::{GLIDE, Places};
use plan::{Detail, Sheet, StageLayout};
use side::{SideTitle, WallSlab, WallTag};
use sparks::{Burst, use_sparks};
use std::collections::BTreeMap;
use std::rc::Rc;
use web_sys::{Element, HtmlElement, SvgElement};
use yew::prelude::*;

pub use menu::Menu;
pub use tools::Tools;
pub use walk::{code, focus};
use walk::{find, use_walk};

/// A wall, from edge to edge.
pub type Wall = (Point, Point);

/// More messages than this are shown as counters.
const CROWD: usize = 40;

/// Faster than this, messages are shown as counters.
const FAST: Speed = Speed(500_000);

/// Sets an attribute of an element that may not be there.
pub fn set(element: &NodeRef, name: &str, value: &str) {
    if let Some(element) = element.cast::<Element>() {
        let _ = element.set_attribute(name, value);
    }
}

/// Sets a style through the CSSOM, which a strict policy allows.
pub fn style(element: &NodeRef, name: &str, value: &str) {
    if let Some(element) = element.cast::<HtmlElement>() {
        let _ = element.style().set_property(name, value);
    } else if let Some(element) = element.cast::<SvgElement>() {
        let _ = element.style().set_property(name, value);
    }
}

/// Where something of HTML stands over the stage, in pixels.
#[hook]
pub fn use_pin(at: (f64, f64)) -> NodeRef {
    let pinned = use_node_ref();
    let element = pinned.clone();
    use_effect_with(at, move |(x, y)| {
        style(&element, "left", &(px(*x) + "px"));
        style(&element, "top", &(px(*y) + "px"));
    });
    pinned
}

/// What stands over the stage: the call to action of the first screen, the sentence of an embed.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// It.
    #[prop_or_default]
    pub children: Children,
}

/// Where everything stands, with the servers that a person moved.
#[hook]
fn use_layout(
    view: &Same<ClusterView>,
    sheet: Sheet,
    detail: Detail,
    moved: Same<BTreeMap<NodeId, (f64, f64)>>,
) -> Rc<StageLayout> {
    let key = (
        view.partition.clone(),
        view.nodes.iter().map(|n| n.id).collect::<Vec<_>>(),
        view.members.majorities.len(),
        sheet,
        detail,
        moved,
    );
    use_memo(key, |(.., moved)| {
        let mut plan = StageLayout::new(view, sheet, detail);
        for place in &mut plan.places {
            if let Some((x, y)) = moved.get(&place.node) {
                place.at = Point {
                    x: x * sheet.width,
                    y: y * sheet.height,
                };
            }
        }
        plan
    })
}

/// Servers glide to where they shall stand.
#[hook]
fn use_gliding(places: &Rc<Places>, plan: &Rc<StageLayout>, size: (f64, f64), still: bool) {
    let frames = use_handle().frames.clone();
    let aimed = places.clone();
    use_effect_with((plan.clone(), size), move |(plan, _)| {
        if aimed.aim(plan, wall(), still) {
            frames.keep_up(GLIDE + 50.0);
        }
        frames.again();
    });
    // The first drawing comes before the effect: places have to be known by then.
    places.aim_new(plan, wall(), still);
}

/// The one thing that the Tab key stops at, if it is still there, and how another one gets to be it.
#[hook]
fn use_stop(view: &ClusterView) -> (Item, Callback<FocusEvent>) {
    let handle = use_handle();
    let stop = use_state_eq(|| Item::Node(NodeId(1)));
    let stop_at = if find(&handle.root, &stop, view) {
        (*stop).clone()
    } else {
        Item::Node(NodeId(1))
    };
    let onfocusin = Callback::from(move |event: FocusEvent| {
        if let Some(item) = walk::item_under(event.target()) {
            stop.set(item.clone());
            handle.hover(Some(item));
        }
    });
    (stop_at, onfocusin)
}

/// The stage with its tools, tags and menus.
#[function_component]
pub fn Stage(props: &Props) -> Html {
    let (view, ui, clock, handle) = (use_view(), use_ui(), use_clock(), use_handle());
    let words = &handle.words;
    let story = use_story();
    let (shape, still) = (use_shape(), use_still());
    let (host, svg) = (use_node_ref(), use_node_ref());
    let size = use_size(&host);
    let detail = detail(&ui, shape, view.nodes.len(), size.0);
    let sheet = Sheet::fit(size.0.max(1.0), size.1.max(1.0), detail);
    let places = use_memo((), |()| Places::default());
    let places_ref = Same(places.clone());
    let areas = use_mut_ref(Vec::new);
    let gestures = use_gestures(&svg, &view, sheet, &places_ref, &areas);
    let plan = use_layout(&view, sheet, detail, gestures.moved.clone());
    areas.borrow_mut().clone_from(&plan.sides);
    use_gliding(&places, &plan, size, still);
    let sparks = use_sparks(&view, &story, &places, &plan);
    let ghosts = use_ghosts(&view, &places, &plan.walls);
    let (stop, onfocusin) = use_stop(&view);
    let walk = use_walk(&view, &places_ref);
    let draw = Draw {
        view: &view,
        ui: &ui,
        plan: &plan,
        places: &places_ref,
        stop: &stop,
        detail,
        sheet,
        still,
        timeout: story.timeout,
    };
    let crowded = view.messages.len() > CROWD || clock.speed > FAST && clock.playing;
    let viewbox = format!("0 0 {} {}", px(sheet.width), px(sheet.height));
    html! {
        <main class={classes!("kv-stage", tool_class(ui.tool))} id={handle.root.id("stage")} tabindex="-1" aria-label={t!(words, "stage.cluster")} ref={host.clone()}>
            <svg class="kv-svg" ref={svg.clone()} viewBox={viewbox} role="group" aria-label={sentence(words, &view)} {onfocusin}
                onfocusout={let handle = handle.clone(); move |_| handle.hover(None)}
                onpointerover={gestures.over.clone()} onpointerout={gestures.out.clone()}
                onpointerdown={gestures.down.clone()} onpointermove={gestures.moving.clone()}
                onpointerup={gestures.up.clone()} onpointercancel={gestures.cancel.clone()} onkeydown={walk}>
                <rect width="100%" height="100%" fill="url(#p-dots)" />
                { draw.sides() }
                { draw.links() }
                { draw.stems() }
                { draw.walls(words) }
                if crowded { { draw.counters() } } else { { draw.messages() } }
                <g class="kv-sparks">{ for sparks.iter().map(|s| html! { <Burst key={s.id} at={s.at} angle={s.angle} /> }) }</g>
                { draw.nodes() }
                <>{ for ghosts.iter().map(|ghost| outline(words, ghost)) }</>
                { draw.capsules() }
                { drawing(&gestures) }
            </svg>
            { draw.tags() }
            if !ui.embed && ui.level > Level::Calm {
                <OnDemand panel={Panel::Tools} />
                if let Some(caption) = &gestures.caption { <div class="kv-toolhint stroke" role="status">{ caption }</div> }
            }
            { for props.children.iter() }
            if let Some(item) = &ui.menu { <OnDemand key={code(item)} panel={Panel::Menu} /> }
        </main>
    }
}

const fn tool_class(tool: Tool) -> &'static str {
    match tool {
        Tool::Select => "",
        Tool::Cut => "cutting",
        Tool::Wall => "walling",
    }
}

fn detail(ui: &UiState, shape: Shape, nodes: usize, width: f64) -> Detail {
    if nodes > 7 || ui.level < Level::Panels && !ui.embed {
        Detail::Caption
    } else if ui.embed {
        if width < 560.0 {
            Detail::Strip
        } else {
            Detail::Caption
        }
    } else if shape == Shape::Phone {
        Detail::Strip
    } else {
        Detail::Plate
    }
}

/// The picture in one sentence: the stage's name for those who can't see it.
pub fn sentence(words: &Words, view: &ClusterView) -> String {
    let list = |nodes: &[NodeId]| match nodes {
        [] => tell!("stage.nobody").into(),
        nodes => Arg::from(nodes),
    };
    let leaders: Vec<Arg> = view
        .nodes
        .iter()
        .filter(|n| n.role == Role::Leader && n.power == Power::Up)
        .map(|n| tell!("stage.leads", node = n.id, term = n.term).into())
        .collect();
    let leaders = if leaders.is_empty() {
        tell!("stage.nobody-leads").into()
    } else {
        Arg::Clauses(leaders)
    };
    match &view.partition {
        Some(partition) => {
            let sides = partition.sides.iter().map(|s| list(&s.nodes)).collect();
            t!(words, "stage.partition", sides = Arg::Sides(sides), leaders)
        }
        None => t!(words, "stage.servers", n = view.nodes.len(), leaders),
    }
}

/// What the parts of the picture are drawn from.
struct Draw<'a> {
    view: &'a ClusterView,
    ui: &'a UiState,
    plan: &'a StageLayout,
    places: &'a Same<Places>,
    stop: &'a Item,
    detail: Detail,
    sheet: Sheet,
    still: bool,
    timeout: Span,
}

impl Draw<'_> {
    fn lit(&self, item: &Item) -> bool {
        self.ui.lit(item) || self.ui.chosen(item)
    }

    fn open(&self, item: &Item) -> bool {
        self.ui.menu.as_ref() == Some(item)
    }

    fn sides(&self) -> Html {
        let Some(partition) = &self.view.partition else {
            let beside = self.detail == Detail::Strip;
            return html! { <Joint members={self.view.members.clone()} {beside} /> };
        };
        let sides = partition.sides.iter().zip(&self.plan.sides).enumerate();
        html! {
            <>{ for sides.map(|(i, (side, area))| html! {
                <g key={i}>
                    if !side.has_quorum {
                        <rect class="kv-side dead" x={px(area.x)} y={px(area.y)}
                            width={px(area.width)} height={px(area.height)} />
                    }
                    <SideTitle side={side.clone()} area={self.below_tools(*area)}
                        sentence={self.detail != Detail::Strip} />
                </g>
            }) }</>
        }
    }

    /// The area that is left for a side's title, where the tools stand in its way.
    fn below_tools(&self, area: Area) -> Area {
        let (tools, title) = (180.0 / self.sheet.scale, 240.0);
        let shown = !self.ui.embed && self.ui.level > Level::Calm && self.detail != Detail::Strip;
        let hidden = area.y < 1.0 && area.x + area.width > self.sheet.width - 1.0;
        let drop = shown && hidden && area.width < tools + title;
        let y = if drop {
            area.y + 44.0 / self.sheet.scale
        } else {
            area.y
        };
        Area { y, ..area }
    }

    /// At rest, the links of leaders and candidates; always, the links that are not as the others.
    fn links(&self) -> Html {
        let ids: Vec<NodeId> = self.view.nodes.iter().map(|n| n.id).collect();
        let apart = |a, b| {
            self.view.partition.as_ref().is_some_and(|p| {
                !p.sides
                    .iter()
                    .any(|s| s.nodes.contains(&a) && s.nodes.contains(&b))
            })
        };
        let speaks = |id: NodeId| {
            let node = self.view.nodes.iter().find(|n| n.id == id);
            node.is_some_and(|n| n.power == Power::Up && n.role != Role::Follower)
        };
        let mut links = Vec::new();
        for (i, &a) in ids.iter().enumerate() {
            for &b in &ids[i + 1..] {
                let item = Item::Link(a, b);
                let look = match link::look(a, b, self.view) {
                    Some(look) => look,
                    None if apart(a, b) => continue,
                    None if speaks(a) || speaks(b) => Look::Plain,
                    None if self.ui.tool == Tool::Cut || self.lit(&item) => Look::Faint,
                    None => continue,
                };
                links.push(html! {
                    <Link key={code(&item)} {a} {b} {look} places={self.places.clone()} lit={self.lit(&item)}
                        stop={*self.stop == item} open={self.open(&item)} />
                });
            }
        }
        html! { <g class="kv-links">{ for links }</g> }
    }

    fn stems(&self) -> Html {
        let stems = client::capsules(self.view)
            .into_iter()
            .filter(|(_, o, nth)| *nth == 0 && o.ended.is_none() && self.detail == Detail::Plate);
        html! {
            <>{ for stems.filter_map(|(_, operation, _)| {
                let place = self.plan.place(operation.node)?;
                let (from, to) = client::stem(place, self.sheet, self.plan);
                Some(html! {
                    <path key={operation.node.0} class="kv-link client"
                        d={line(from, to)} />
                })
            }) }</>
        }
    }

    fn walls(&self, words: &Words) -> Html {
        let stop = *self.stop == Item::Wall;
        let name = sentence(words, self.view);
        html! {
            <>{ for self.plan.walls.iter().enumerate().map(|(i, wall)| html! {
                <WallSlab key={i} ends={*wall} stop={stop && i == 0} name={name.clone()} lit={self.lit(&Item::Wall)} />
            }) }</>
        }
    }

    fn messages(&self) -> Html {
        html! {
            <g class="kv-msgs">{ for self.view.messages.iter().map(|m| {
                let item = Item::Message(m.id);
                html! {
                    <Message key={m.id} message={Same(m.clone())} places={self.places.clone()}
                        walls={self.plan.walls.clone()} lit={self.lit(&item)} stop={*self.stop == item}
                        open={self.open(&item)} still={self.still} />
                }
            }) }</g>
        }
    }

    fn counters(&self) -> Html {
        let mut counts = BTreeMap::new();
        for message in &self.view.messages {
            *counts.entry((message.from, message.to)).or_insert(0_usize) += 1;
        }
        html! {
            <>{ for counts.into_iter().map(|((from, to), count)| html! {
                <Counter key={format!("{from}{to}")} {from} {to} {count} places={self.places.clone()} />
            }) }</>
        }
    }

    fn nodes(&self) -> Html {
        let heir = |id| self.view.nodes.iter().any(|n| n.transfers_to == Some(id));
        // Where many stand close together, followers go without a caption.
        let many = self.view.nodes.len() > 5 && self.sheet.height > 0.9 * self.sheet.width;
        html! {
            <g class={classes!("kv-nodes", many.then_some("many"))}>{ for self.view.nodes.iter().map(|n| {
                let item = Item::Node(n.id);
                let plate = self.plan.place(n.id).map_or(plan::Beside::Below, |p| p.plate);
                let invite = self.ui.embed && self.view.leader == Some(n.id) && self.view.partition.is_none();
                html! {
                    <Node key={n.id.0} node={Same(n.clone())} quorum={self.view.quorum} places={self.places.clone()}
                        detail={self.detail} {plate} lit={self.lit(&item)} stop={*self.stop == item}
                        open={self.open(&item)} {invite} heir={heir(n.id)} timeout={self.timeout} />
                }
            }) }</g>
        }
    }

    fn capsules(&self) -> Html {
        if self.detail == Detail::Strip {
            return html! {};
        }
        let plated = self.detail == Detail::Plate;
        html! {
            <>{ for client::capsules(self.view).into_iter().filter_map(|(id, operation, nth)| {
                let item = Item::Client(id);
                let place = self.plan.place(operation.node)?;
                let offset = client::offset(place, nth, self.sheet, self.plan, plated);
                Some(html! {
                    <Capsule key={id.0} {id} operation={Same(operation)} {offset} places={self.places.clone()}
                        lit={self.lit(&item)} stop={*self.stop == item} />
                })
            }) }</>
        }
    }

    /// What is written over the picture in HTML.
    fn tags(&self) -> Html {
        let (Some(partition), Some(wall)) = (&self.view.partition, self.plan.walls.first()) else {
            // One that isn't committed can't be left yet; the leader leaves most of them by itself.
            let members = &self.view.members;
            let waits = members.majorities.len() > 1 && members.committed && !self.ui.embed;
            return html! { if waits { <JointTag scale={self.sheet.scale} short={self.detail == Detail::Strip} /> } };
        };
        html! { <WallTag since={partition.since} ends={*wall} scale={self.sheet.scale} short={self.detail == Detail::Strip} /> }
    }
}

/// The stroke of a tool, while it is drawn.
fn drawing(gestures: &Gestures) -> Html {
    match &gestures.drawing {
        Some(Drawing { tool, path }) if path.len() > 1 => {
            let mut d = String::new();
            for (i, p) in path.iter().enumerate() {
                d += &format!("{}{} {}", if i == 0 { 'M' } else { 'L' }, px(p.x), px(p.y));
            }
            let class = if *tool == Tool::Wall { "wall" } else { "cut" };
            html! { <path class={classes!("kv-stroke", class)} {d} /> }
        }
        _ => html! {},
    }
}
