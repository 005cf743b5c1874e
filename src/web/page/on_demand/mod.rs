//! Code that comes when it is needed: the first screen doesn't wait for what it doesn't show.
//!
//! `cargo xtask dist` cuts the page's module along the functions marked here. What only they can
//! reach becomes a file of its own, which the browser gets when [`OnDemand`] first shows a panel of
//! it. The pieces run in one memory, so a panel is a component like any other: it has the contexts,
//! and it calls whatever it likes. Without the feature `split` (in tests) all of it is there at
//! once.
//!
//! | piece | when | what |
//! | --- | --- | --- |
//! | `embed` | the page is a figure in a post | the figure |
//! | `lab` | the reader leaves the first screen | dock, bench, transport, tools |
//! | `menu` | a thing on the stage is clicked | its quick actions |
//! | `lessons` | a lesson is read | what makes a scenario of its file, ticks off its tasks, and presses its buttons |
//! | `commands` | something is asked of the run, or a key is pressed | what does it |
//! | `narrator` | something is done to the run | the words for what happened |
//! | `reserve` | another run is begun, an answer is in doubt, there is chaos, or members change | the search for an order of the clients' operations; chaos; the operator |
//! | `clients` | that view is opened | the clients' operations and the check of them |
//! | `panels` | the first one is opened | the inspector, the console, what lies over the page |

mod component;
mod cuts;

pub use component::{OnDemand, Props};

use super::black_box;
use super::{lessons, links};
use crate::lesson::Scenario;
use crate::run::{Playhead, Recording};
use crate::sim::{ActionError, Reserve, Simulation};
use crate::view::Telling;
use crate::web::components::*;
use crate::web::figure::chronicle::Chronicle;
use crate::web::figure::driver::commands::Commands;
use crate::web::figure::root::Root;
use js_sys::Promise;
use std::cell::Cell;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

/// A panel whose code comes on demand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Panel {
    /// Guide and feed beside the stage.
    Dock {
        /// Whether it has tabs for the other panels.
        tabs: bool,
    },
    /// The dock of a phone.
    Sheet,
    /// Logs and state machines.
    Bench {
        /// Whether there is room for both.
        both: bool,
    },
    /// The timeline and the clock.
    Transport,
    /// The tools of the stage.
    Tools,
    /// The quick actions of a thing on the stage.
    Menu,
    /// The compact form of a blog post.
    Embed {
        /// Whether it plays as soon as it is in sight.
        autoplay: bool,
    },
    /// The view of the clients' operations.
    Clients,
    /// What the check of them found out.
    Verdict,
    /// The list of keys.
    Help,
    /// The scenarios.
    Gallery,
    /// The list of invariants.
    Invariants,
    /// The inspector.
    Inspector,
    /// The key-value console.
    Console,
    /// Rules and chaos.
    Rules,
    /// A link to the run.
    Share,
    /// Many seeds in the background.
    Sweep,
    /// What another run is to be made of.
    Settings,
    /// Somebody else's run.
    Opening,
}

/// A file of code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Piece {
    Embed,
    Lab,
    Clients,
    Panels,
    Menu,
}

/// What draws the panels of a piece.
type Draw = fn(Panel) -> Html;

/// What is done with the file of a lesson.
#[derive(Clone, Copy)]
pub struct Reader {
    /// Makes a scenario of its text.
    pub parse: fn(&str) -> Result<Scenario, String>,
    /// The run that begins with a simulation of it.
    pub start: fn(&Scenario, Simulation) -> Playhead,
    /// Makes a recording of a text.
    pub run: fn(&str) -> Result<Box<Recording>, Telling>,
    /// Presses the button of the open step.
    pub press: fn(&mut Chronicle, &mut Playhead) -> Result<bool, ActionError>,
}

const fn reads() -> Reader {
    Reader {
        parse: lessons::parse,
        start: Scenario::play,
        run: |text| links::parse(text).map(Box::new),
        press: Chronicle::press,
    }
}

/// Who has the words for what happened in a run.
#[derive(Clone, Copy)]
pub struct Narrator {
    /// Brings the told events up to the playhead.
    pub tell: fn(&mut Chronicle, &Playhead),
    /// Why time stands still for good.
    pub end: fn(&Playhead) -> Telling,
}

const fn narrates() -> Narrator {
    Narrator {
        tell: Chronicle::tell,
        end: crate::web::figure::driver::end::end,
    }
}

/// The code of a page that has come so far, for all figures of the page.
pub struct Pieces {
    drawing: Cell<[Option<Draw>; 5]>,
    reader: Cell<Option<Reader>>,
    commands: Cell<Option<Commands>>,
    narrator: Cell<Option<Narrator>>,
    reserve: Cell<Option<Reserve>>,
}

impl Default for Pieces {
    /// What comes with the first load.
    fn default() -> Pieces {
        Pieces {
            drawing: Cell::default(),
            reader: Cell::new(cuts::READER),
            commands: Cell::new(cuts::COMMANDS),
            narrator: Cell::new(cuts::NARRATOR),
            reserve: Cell::new(cuts::RESERVE),
        }
    }
}

impl Pieces {
    /// What a run needs in a doubt about an answer to a client, under chaos and to change the members; gets it first.
    ///
    /// # Errors
    /// It can't be had. It may be tried again.
    pub async fn reserve(&self) -> Result<Reserve, String> {
        let reserve = cuts::reserve().await.map_err(missing)?;
        self.reserve.set(Some(reserve));
        Ok(reserve)
    }

    /// The same, if it is here.
    pub fn reserve_here(&self) -> Option<Reserve> {
        self.reserve.get()
    }

    /// Gets what does the commands and the keys that aren't the clock's.
    ///
    /// # Errors
    /// It can't be had. It may be tried again.
    pub async fn commands(&self) -> Result<Commands, String> {
        let commands = cuts::commands().await.map_err(missing)?;
        self.commands.set(Some(commands));
        Ok(commands)
    }

    /// What does the commands and the keys that aren't the clock's, if it is here.
    pub fn commands_here(&self) -> Option<Commands> {
        self.commands.get()
    }

    /// Gets who tells what happened.
    ///
    /// # Errors
    /// It can't be had. It may be tried again.
    pub async fn narrator(&self) -> Result<Narrator, String> {
        let narrator = cuts::narrator().await.map_err(missing)?;
        self.narrator.set(Some(narrator));
        Ok(narrator)
    }

    /// Who tells what happened, if it is here.
    pub fn narrator_here(&self) -> Option<Narrator> {
        self.narrator.get()
    }

    /// What reads lessons; gets it first.
    ///
    /// # Errors
    /// It can't be had. It may be tried again.
    pub async fn reader(&self) -> Result<Reader, String> {
        let reader = cuts::lessons().await.map_err(missing)?;
        self.reader.set(Some(reader));
        Ok(reader)
    }

    /// The start of a scenario's run; its settings were checked when it was read. Who has read no lesson has none
    /// whose tasks are to be ticked off.
    pub fn begin(&self, scenario: &Scenario, seed: u64) -> Playhead {
        let settings = scenario.settings.clone();
        let start = Simulation::of_checked(settings, seed, self.reserve_here());
        match self.reader.get() {
            Some(reader) => (reader.start)(scenario, start),
            None => Playhead::of(start),
        }
    }

    /// Presses the button of the open step of a lesson that was read.
    ///
    /// # Errors
    /// Names what makes its action impossible now.
    pub fn press(
        &self,
        chronicle: &mut Chronicle,
        playhead: &mut Playhead,
    ) -> Result<bool, ActionError> {
        let press = self.reader.get().map(|reader| reader.press);
        press.map_or(Ok(false), |press| press(chronicle, playhead))
    }

    /// What draws the panels of a piece, if it is here.
    fn drawing(&self, piece: Piece) -> Option<Draw> {
        self.drawing.get()[piece as usize]
    }

    /// Gets a piece; whether that worked. After a failure it may be tried again.
    async fn load(&self, piece: Piece) -> Option<Draw> {
        let draw = match styles().await {
            Err(_) => None,
            Ok(()) => match piece {
                Piece::Embed => cuts::embed().await.ok(),
                Piece::Lab => cuts::lab().await.ok(),
                Piece::Clients => cuts::clients().await.ok(),
                Piece::Panels => cuts::panels().await.ok(),
                Piece::Menu => cuts::menu().await.ok(),
            },
        };
        if draw.is_none() {
            black_box::piece_missing();
        }
        let mut here = self.drawing.get();
        here[piece as usize] = draw;
        self.drawing.set(here);
        draw
    }
}

/// Says that a piece can't be had, to the page as well.
fn missing(why: impl ToString) -> String {
    black_box::piece_missing();
    why.to_string()
}

impl Panel {
    const fn piece(self) -> Piece {
        match self {
            Panel::Embed { .. } => Piece::Embed,
            Panel::Dock { .. } | Panel::Sheet | Panel::Bench { .. } => Piece::Lab,
            Panel::Transport | Panel::Tools => Piece::Lab,
            Panel::Menu => Piece::Menu,
            Panel::Clients | Panel::Verdict => Piece::Clients,
            _ => Piece::Panels,
        }
    }

    /// The class of what keeps its place meanwhile.
    const fn place(self) -> &'static str {
        match self {
            Panel::Dock { .. } => "kv-dock",
            Panel::Sheet => "kv-sheet",
            Panel::Bench { .. } => "kv-bench",
            Panel::Transport => "kv-transport",
            Panel::Tools => "kv-tools",
            Panel::Menu => "kv-pop",
            Panel::Embed { .. } => "kv-embed",
            Panel::Clients => "kv-stage",
            _ => "",
        }
    }
}

/// Lets the browser get the style sheets that stand in the page but aren't for the first screen.
async fn styles() -> Result<(), JsValue> {
    let document = web_sys::window().and_then(|window| window.document());
    let links = document.and_then(|document| document.query_selector_all(LATER).ok());
    let links: Vec<Element> = links
        .into_iter()
        .flat_map(|links| (0..links.length()).filter_map(move |i| links.item(i)?.dyn_into().ok()))
        .collect();
    let coming = links.into_iter().map(get_style);
    for sheet in coming.collect::<Vec<_>>() {
        sheet.await?;
    }
    Ok(())
}

/// Style sheets that aren't here yet.
const LATER: &str = "link[rel=stylesheet][disabled]";

/// Asks for a style sheet at once; the answer is when it is here.
fn get_style(link: Element) -> impl Future<Output = Result<(), JsValue>> {
    let outcome = Promise::new(&mut |done, failed| {
        let late = failed.clone();
        for (event, then) in [("load", done), ("error", failed)] {
            let _ = link.add_event_listener_with_callback(event, &then);
        }
        if let Some(window) = web_sys::window() {
            let patience = black_box::PATIENCE as i32;
            let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(&late, patience);
        }
    });
    let asked = link.remove_attribute("disabled");
    async move {
        asked?;
        let got = JsFuture::from(outcome).await;
        if got.is_err() {
            // Another try asks for it again.
            link.set_attribute("disabled", "")?;
        }
        got.map(drop)
    }
}

/// Moves the focus to what a panel in a dialog of the figure is about, unless the reader has moved it
/// already. The attribute `autofocus` is for pages that load: of one that comes later, the browser
/// may complain.
pub fn focus_first(root: &Root) {
    let Some(wanted) = root.find("dialog [data-focus=first]") else {
        return;
    };
    let untouched = match root.focused() {
        Some(element) => element.matches("dialog > header .x, body") == Ok(true),
        None => true,
    };
    if untouched {
        let _ = wanted.unchecked_into::<HtmlElement>().focus();
    }
}

fn draw_embed(panel: Panel) -> Html {
    let autoplay = panel == Panel::Embed { autoplay: true };
    html! { <Embed {autoplay} /> }
}

fn draw_lab(panel: Panel) -> Html {
    match panel {
        Panel::Dock { tabs } => html! { <Dock {tabs} /> },
        Panel::Sheet => html! { <Sheet /> },
        Panel::Bench { both } => html! { <Bench {both} /> },
        Panel::Tools => html! { <Tools /> },
        _ => html! { <Transport /> },
    }
}

fn draw_clients(panel: Panel) -> Html {
    match panel {
        Panel::Clients => html! { <Clients /> },
        _ => html! { <Verdict /> },
    }
}

fn draw_menu(_: Panel) -> Html {
    html! { <Menu /> }
}

fn draw_panel(panel: Panel) -> Html {
    match panel {
        Panel::Help => html! { <Help /> },
        Panel::Gallery => html! { <Gallery /> },
        Panel::Rules => html! { <RulesAndChaos /> },
        Panel::Share => html! { <Share /> },
        Panel::Sweep => html! { <Sweep /> },
        Panel::Settings => html! { <SettingsForm /> },
        Panel::Opening => html! { <Opening /> },
        Panel::Invariants => html! { <Invariants /> },
        Panel::Inspector => html! { <Inspector /> },
        _ => html! { <Console /> },
    }
}
