//! The interface's own state. Never cluster data.

use super::language::{Language, Words};
use super::store::{Item, Same};
use crate::base::NodeId;
use crate::view::Telling;
use std::rc::Rc;
use yew::prelude::*;

/// How much is on the screen. Each level adds; nothing moves.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Level {
    /// Stage, one sentence, one thing to do.
    #[default]
    Calm,
    /// And the guide, the timeline, the speed.
    Guided,
    /// And plates, logs, state machines, events.
    Panels,
    /// And the inspector.
    Expert,
}

impl Level {
    /// All of them.
    pub const ALL: [Level; 4] = [Level::Calm, Level::Guided, Level::Panels, Level::Expert];
}

/// What the page shows above the clock: the views share it, with the selection and the timeline.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum View {
    /// The servers and what goes between them.
    #[default]
    Cluster,
    /// The clients' operations, and whether one order explains them.
    Clients,
}

impl View {
    /// Its name in links.
    pub const fn name(self) -> &'static str {
        match self {
            View::Cluster => "cluster",
            View::Clients => "clients",
        }
    }

    /// The view of that name.
    pub fn parse(name: &str) -> Option<View> {
        [View::Cluster, View::Clients]
            .into_iter()
            .find(|view| view.name() == name)
    }
}

/// What the pointer does on the stage.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Tool {
    /// Select and move.
    #[default]
    Select,
    /// Cut links with a stroke.
    Cut,
    /// Draw a wall.
    Wall,
}

/// Light or dark.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Theme {
    /// As the system says.
    #[default]
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// Its name in links and in the storage.
    pub const fn name(self) -> &'static str {
        match self {
            Theme::Auto => "auto",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    /// The theme of that name.
    pub fn parse(name: &str) -> Option<Theme> {
        [Theme::Auto, Theme::Light, Theme::Dark]
            .into_iter()
            .find(|t| t.name() == name)
    }
}

/// A panel of the dock; on a phone, of the sheet.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Tab {
    /// The lesson's card, and the feed below it where there is room.
    #[default]
    Guide,
    /// The feed alone.
    Events,
    /// The inspector.
    Inspect,
    /// The key-value console.
    Console,
    /// Rules and chaos.
    Rules,
    /// The logs (phone; the other bench instrument on a laptop).
    Logs,
    /// The state machines (phone; the other bench instrument on a laptop).
    Maps,
}

/// Something that lies over the page and takes the keyboard until it is closed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Overlay {
    /// The list of keys.
    Help,
    /// The list of scenarios.
    Scenarios,
    /// The list of invariants.
    Invariants,
    /// A link to this run.
    Share,
    /// Many seeds in the background.
    Sweep,
    /// What another run is to be made of.
    Settings,
    /// Somebody else's run: a link's fragment, or nothing yet.
    Open(AttrValue),
}

/// A passing message at the bottom left.
#[derive(Clone, PartialEq, Debug)]
pub struct Notice {
    /// What it says.
    pub text: Same<Telling>,
    /// It stays, and it is red.
    pub bad: bool,
    /// It offers to take the last action back.
    pub undo: bool,
    /// It offers the settings of the run, to begin another one with.
    pub settings: bool,
}

impl Notice {
    /// A sentence that goes away by itself.
    pub fn plain(text: impl Into<Telling>) -> Notice {
        Notice {
            text: Same::from(text.into()),
            bad: false,
            undo: false,
            settings: false,
        }
    }

    /// A sentence that stays until it is closed.
    pub fn bad(text: impl Into<Telling>) -> Notice {
        Notice {
            bad: true,
            ..Notice::plain(text)
        }
    }
}

/// What the interface remembers.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct UiState {
    /// How much is on the screen.
    pub level: Level,
    /// What is shown above the clock.
    pub view: View,
    /// What the pointer does on the stage.
    pub tool: Tool,
    /// Servers typed for one side of a wall.
    pub side: Vec<NodeId>,
    /// Light or dark.
    pub theme: Theme,
    /// The language that is wanted.
    pub language: Language,
    /// The words of the language that the figure speaks.
    pub words: Words,
    /// What is selected: the inspector shows it.
    pub selected: Option<Item>,
    /// What is pointed at or focused: lit up everywhere.
    pub hovered: Option<Item>,
    /// Whose quick actions are open.
    pub menu: Option<Item>,
    /// The open panel of the dock.
    pub tab: Tab,
    /// Which instrument a one-column bench shows: [`Tab::Logs`] or [`Tab::Maps`].
    pub bench: Tab,
    /// What lies over the page.
    pub overlay: Option<Overlay>,
    /// Whose match and next indexes the logs show; `None`: the newest leader's.
    pub seen_by: Option<NodeId>,
    /// The server that the console talks to; `None`: the leader.
    pub ask: Option<NodeId>,
    /// Counts the requests to type a request: the console takes the focus when it grows.
    pub asked: u32,
    /// Counts the requests to turn a server's clock or disk: the inspector goes there when it grows.
    pub turned: u32,
    /// Only key events in the feed.
    pub key_events: bool,
    /// The guide was sent away.
    pub guide_off: bool,
    /// The compact form of a blog post.
    pub embed: bool,
    /// The passing message.
    pub notice: Option<Notice>,
}

impl UiState {
    /// Whether this thing is pointed at, here or anywhere else.
    pub fn lit(&self, item: &Item) -> bool {
        self.hovered.as_ref() == Some(item)
    }

    /// Whether this thing is selected.
    pub fn chosen(&self, item: &Item) -> bool {
        self.selected.as_ref() == Some(item)
    }
}

/// A change of the interface's state.
#[derive(Clone, PartialEq, Debug)]
pub enum UiAction {
    /// Light up.
    Hover(Option<Item>),
    /// Select.
    Select(Option<Item>),
    /// Open the quick actions of a thing, or close them.
    Menu(Option<Item>),
    /// Select a thing and show it in the inspector.
    Inspect(Item),
    /// Show the inspector where a server's clock and disk can be turned.
    Turn(NodeId),
    /// Show more or less.
    Level(Level),
    /// The clock was started: the first screen makes room.
    Started,
    /// One level up.
    More,
    /// One level down.
    Less,
    /// Show this view.
    View(View),
    /// Take this tool.
    Tool(Tool),
    /// Put this server on the typed side of the wall, or back.
    Side(NodeId),
    /// Light or dark.
    Theme(Theme),
    /// Say it in this language.
    Language(Language),
    /// The words of that language are here.
    Words(Words),
    /// Open a panel.
    Tab(Tab),
    /// Open a panel of the dock, from wherever the reader is.
    Show(Tab),
    /// Open or close what lies over the page.
    Overlay(Option<Overlay>),
    /// Whose indexes the logs show.
    SeenBy(Option<NodeId>),
    /// Open the console for a request to this server, or to the leader.
    Ask(Option<NodeId>),
    /// All events, or key events only.
    KeyEvents(bool),
    /// Send the guide away, or call it back.
    Guide(bool),
    /// Say something in passing, or take it away with an empty text.
    Notice(Notice),
    /// Escape: close the innermost thing that is open, then clear the selection.
    Escape,
}

impl UiState {
    /// Opens this panel of the dock, from wherever the reader is.
    fn show(&mut self, tab: Tab) {
        self.level = self.level.max(Level::Panels);
        self.tab = tab;
    }

    fn inspect(&mut self, item: Item) {
        self.selected = Some(item);
        self.menu = None;
        self.show(Tab::Inspect);
    }

    /// Opens the menu of this thing, which is selected by that, or closes what is open.
    fn open_menu(&mut self, item: Option<Item>) {
        if item.is_some() {
            self.selected = item.clone();
        }
        self.menu = item;
    }

    /// Clicked servers change sides.
    fn change_side(&mut self, node: NodeId) {
        match self.side.iter().position(|n| *n == node) {
            Some(at) => drop(self.side.remove(at)),
            None => self.side.push(node),
        }
    }

    fn take_tool(&mut self, tool: Tool) {
        self.tool = tool;
        self.side.clear();
        self.menu = None;
    }

    fn look_at(&mut self, view: View) {
        self.view = view;
        self.menu = None;
        if view == View::Clients {
            self.show(Tab::Guide);
        }
    }

    fn ask(&mut self, node: Option<NodeId>) {
        self.ask = node;
        self.asked += 1;
        self.menu = None;
        self.show(Tab::Console);
    }

    /// Closes the innermost thing that is open, or else clears the selection.
    fn escape(&mut self) {
        self.side.clear();
        if self.overlay.take().is_none()
            && self.menu.take().is_none()
            && std::mem::take(&mut self.tool) == Tool::Select
        {
            self.selected = None;
        }
    }
}

impl Reducible for UiState {
    type Action = UiAction;

    fn reduce(self: Rc<Self>, action: UiAction) -> Rc<Self> {
        let mut next = (*self).clone();
        match action {
            UiAction::Hover(item) => next.hovered = item,
            UiAction::Select(item) => next.selected = item,
            UiAction::Menu(item) => next.open_menu(item),
            UiAction::Inspect(item) => next.inspect(item),
            UiAction::Turn(node) => {
                next.turned += 1;
                next.inspect(Item::Node(node));
            }
            UiAction::Level(level) => next.level = level,
            UiAction::Started => next.level = next.level.max(Level::Guided),
            UiAction::More => next.level = Level::ALL[(self.level as usize + 1).min(3)],
            UiAction::Less => next.level = Level::ALL[(self.level as usize).saturating_sub(1)],
            UiAction::View(view) => next.look_at(view),
            UiAction::Tool(tool) => next.take_tool(tool),
            UiAction::Side(node) => next.change_side(node),
            UiAction::Theme(theme) => next.theme = theme,
            UiAction::Language(language) => next.language = language,
            UiAction::Words(words) => next.words = words,
            UiAction::Tab(tab) => {
                next.tab = tab;
                if matches!(tab, Tab::Logs | Tab::Maps) {
                    next.bench = tab;
                }
            }
            UiAction::Show(tab) => next.show(tab),
            UiAction::Overlay(overlay) => {
                next.overlay = overlay;
                next.menu = None;
            }
            UiAction::SeenBy(node) => next.seen_by = node,
            UiAction::Ask(node) => next.ask(node),
            UiAction::KeyEvents(only) => next.key_events = only,
            UiAction::Guide(on) => next.guide_off = !on,
            UiAction::Notice(notice) => {
                next.notice = (!notice.text.key.is_empty()).then_some(notice);
            }
            UiAction::Escape => next.escape(),
        }
        // An unchanged state keeps its pointer, so that nobody is drawn again.
        if next == *self { self } else { Rc::new(next) }
    }
}
