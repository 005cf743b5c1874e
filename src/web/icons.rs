//! Icons (16 x 16, in the colour of the text) and glyphs (20 x 16, in the colour of a family).
//!
//! Icons stand once in a sprite at the end of the page; an [`icon`] points there. Glyphs are drawn
//! where they are used, because their strokes take the family's and the term's colour.

use crate::view::Glyph;
use wasm_bindgen::JsCast;
use web_sys::{Document, Element};
use yew::prelude::*;

/// An icon by its name in the sprite. Decorative: the control beside it has the name.
pub fn icon(name: &'static str) -> Html {
    html! {
        <svg class="kv-i" viewBox="0 0 16 16" aria-hidden="true"><use href={format!("#i-{name}")} /></svg>
    }
}

/// An icon that is the only thing to tell what it says.
pub fn icon_named(name: &'static str, label: String) -> Html {
    html! {
        <svg class="kv-i" viewBox="0 0 16 16" role="img" aria-label={label}>
            <use href={format!("#i-{name}")} />
        </svg>
    }
}

/// The family of signals that gives a line its colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Family {
    /// Leaders and what they send.
    Repl,
    /// Candidates, votes, timers.
    Elect,
    /// Clients.
    Client,
    /// Broken rules and losses.
    Danger,
    /// Followers, paused and crashed servers.
    Idle,
    /// Everything that is quiet by design: commits, walls.
    Ink,
}

impl Family {
    /// The value of `data-f`.
    pub const fn name(self) -> &'static str {
        match self {
            Family::Repl => "repl",
            Family::Elect => "elect",
            Family::Client => "client",
            Family::Danger => "danger",
            Family::Idle => "idle",
            Family::Ink => "ink",
        }
    }
}

/// The value of `data-t` that gives an element the colours of a term.
pub fn hue(term: u64) -> AttrValue {
    AttrValue::Static(["0", "1", "2", "3", "4", "5"][(term % 6) as usize])
}

/// The picture of an event, in the colour of its family; `term` tints the tiles in it.
pub fn glyph(glyph: Glyph, term: Option<u64>) -> Html {
    let (markup, family) = drawing(glyph);
    html! {
        <svg class="kv-g" data-f={family.name()} data-t={term.map(hue)} viewBox="0 0 20 16" aria-hidden="true">
            { Html::from_html_unchecked(AttrValue::Static(markup)) }
        </svg>
    }
}

/// The family of an event's picture.
pub fn family(glyph: Glyph) -> Family {
    drawing(glyph).1
}

/// The logo: a quorum ring with three of five.
pub fn logo() -> Html {
    use crate::view::geometry::{Point, arc, segment};
    let segments = (0..5).map(|i| {
        let (from, to) = segment(i, 5, 0.05);
        let class = if matches!(i, 0 | 1 | 4) { "on" } else { "off" };
        html! { <path {class} d={arc(Point { x: 10.0, y: 10.0 }, 7.4, from, to)} /> }
    });
    html! {
        <svg class="kv-logo" width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
            { for segments }<circle cx="10" cy="10" r="2.5" />
        </svg>
    }
}

fn drawing(glyph: Glyph) -> (&'static str, Family) {
    match glyph {
        Glyph::Timer => (TIMER, Family::Elect),
        Glyph::VoteRequest => (ASK, Family::Elect),
        Glyph::VoteYes => (YES, Family::Elect),
        Glyph::VoteNo => (NO, Family::Elect),
        Glyph::Crown => (CROWN, Family::Repl),
        Glyph::StepDown => (STEP_DOWN, Family::Idle),
        Glyph::Append => (APPEND, Family::Repl),
        Glyph::Stored => (STORED, Family::Repl),
        Glyph::Refused => (REFUSED, Family::Repl),
        Glyph::Truncated => (TRUNCATED, Family::Danger),
        Glyph::Commit => (COMMIT, Family::Ink),
        Glyph::Apply => (APPLY, Family::Ink),
        Glyph::Request => (REQUEST, Family::Client),
        Glyph::Answer => (ANSWER, Family::Client),
        Glyph::NoAnswer => (NO_ANSWER, Family::Client),
        Glyph::Read => (READ, Family::Client),
        Glyph::Lost => (CROSS, Family::Danger),
        Glyph::Crash => (CROSS, Family::Idle),
        Glyph::Restart => (RESTART, Family::Idle),
        Glyph::Pause => (PAUSE, Family::Idle),
        Glyph::Wall => (WALL, Family::Ink),
        Glyph::Heal => (HEAL, Family::Ink),
        Glyph::Setting => (SETTING, Family::Ink),
        Glyph::Violation => (VIOLATION, Family::Danger),
        Glyph::Members => (MEMBERS, Family::Elect),
        Glyph::Snapshot => (SNAPSHOT, Family::Repl),
        Glyph::Disk => (DISK, Family::Danger),
    }
}

/// Two rings that overlap: the old majority and the new one.
const MEMBERS: &str =
    r#"<circle class="g-l b" cx="7.5" cy="8" r="5"/><circle class="g-l" cx="12.5" cy="8" r="5"/>"#;
const TIMER: &str =
    r#"<path class="g-l b" d="M10 2a6 6 0 106 6"/><path class="g-l" d="M10 4.6V8h3"/>"#;
const ASK: &str = r#"<path class="g-f" d="M10 1l7 7-7 7-7-7z"/><path class="g-k" d="M8.3 6.6a1.75 1.75 0 112.6 1.5c-.6.35-.9.7-.9 1.3M10 11.4v.1"/>"#;
const YES: &str = r#"<path class="g-o" d="M10 1.5L16.5 8 10 14.5 3.5 8z"/><path class="g-l" d="M7.4 8.2l1.9 1.9 3.4-3.8"/>"#;
const NO: &str = r#"<path class="g-o" d="M10 1.5L16.5 8 10 14.5 3.5 8z"/><path class="g-l" d="M7.9 5.9l4.2 4.2m0-4.2l-4.2 4.2"/>"#;
const CROWN: &str = r#"<path class="g-f" d="M3.5 13L2.7 4.6 7 7.6l3-5 3 5 4.3-3-.8 8.4z"/>"#;
const APPEND: &str = r#"<rect class="g-o" x="1.5" y="3" width="17" height="10" rx="2.5"/><rect class="g-t" x="4" y="5.3" width="5.4" height="5.4" rx="1"/><rect class="g-t" x="10.6" y="5.3" width="5.4" height="5.4" rx="1"/>"#;
const STORED: &str = r#"<rect class="g-o" x="3.5" y="3" width="13" height="10" rx="5"/><path class="g-l" d="M7.4 8.2l1.9 1.9 3.4-3.8"/>"#;
const REFUSED: &str = r#"<rect class="g-o" x="3.5" y="3" width="13" height="10" rx="5"/><path class="g-l" d="M8 6l4 4m0-4l-4 4"/>"#;
const COMMIT: &str =
    r#"<path class="g-l b" d="M3 12.5h10V3.5"/><path class="g-f" d="M13 3.2h5l-1.6 2 1.6 2h-5z"/>"#;
const APPLY: &str = r#"<rect class="g-o" x="3" y="2.5" width="14" height="11" rx="2"/><path class="g-l b" d="M3.5 12.5h13"/>"#;
const REQUEST: &str = r#"<rect class="g-f" x="1.5" y="3" width="17" height="10" rx="5"/><path class="g-k" d="M5.5 8h8m-2.6-2.6L13.5 8l-2.6 2.6"/>"#;
const ANSWER: &str = r#"<rect class="g-o" x="1.5" y="3" width="17" height="10" rx="5"/><path class="g-l" d="M7.2 8.2l1.9 1.9 3.6-4"/>"#;
const SNAPSHOT: &str = r#"<rect class="g-o" x="3" y="2.5" width="14" height="11" rx="2"/><path class="g-l" d="M6 6h8M6 8.5h8M6 11h5"/>"#;
const DISK: &str = r#"<path class="g-l" d="M4 4.5v7c0 1.4 2.7 2.5 6 2.5s6-1.1 6-2.5v-7"/><path class="g-o" d="M10 2c3.3 0 6 1.1 6 2.5S13.3 7 10 7 4 5.900 4 4.500 6.700 2 10 2z"/><path class="g-l" d="M10 9v2M10 12.500v.1"/>"#;
const CROSS: &str = r#"<path class="g-l b" d="M5.5 3.5l9 9m0-9l-9 9"/>"#;
const PAUSE: &str = r#"<path class="g-l bb" d="M7.5 3v10M12.5 3v10"/>"#;
const WALL: &str = r#"<path class="g-l b" d="M10 1v14"/><path class="g-l" d="M7 4l6-2.5M7 8l6-2.5M7 12l6-2.5M7 15.5l6-2.5"/>"#;
const VIOLATION: &str = r#"<path class="g-f" d="M7.2 1h5.6L17 5.2v5.6L12.8 15H7.2L3 10.8V5.2z"/><path class="g-k b" d="M10 4.3v4.4M10 11.3v.2"/>"#;
const STEP_DOWN: &str = r#"<path class="g-o" d="M3.5 13L2.7 4.6 7 7.6l3-5 3 5 4.3-3-.8 8.4z"/><path class="g-l" d="M2 15L18 1"/>"#;
const TRUNCATED: &str = r#"<rect class="g-o" x="3" y="3" width="14" height="10" rx="2" stroke-dasharray="2.4 2"/><path class="g-l b" d="M1.5 8h17"/>"#;
const NO_ANSWER: &str = r#"<rect class="g-o" x="1.5" y="3" width="17" height="10" rx="5" stroke-dasharray="2.4 2"/><path class="g-l" d="M8 6l4 4m0-4l-4 4"/>"#;
const READ: &str = r#"<rect class="g-o" x="1.5" y="3" width="17" height="10" rx="5"/><path class="g-l" d="M5.5 8s1.7-2.5 4.5-2.5S14.5 8 14.5 8s-1.7 2.5-4.5 2.5S5.5 8 5.5 8z"/>"#;
const RESTART: &str = r#"<path class="g-l b" d="M14.5 4.5A6 6 0 1 0 16 8"/><path class="g-l b" d="M15.5 1.5v3.5H12"/>"#;
const HEAL: &str = r#"<circle class="g-o" cx="4.5" cy="8" r="2.5"/><circle class="g-o" cx="15.5" cy="8" r="2.5"/><path class="g-l b" d="M7 8h6"/>"#;
const SETTING: &str = r#"<path class="g-l" d="M3 5h14M3 11h14"/><circle class="g-o" cx="7" cy="5" r="2"/><circle class="g-o" cx="13" cy="11" r="2"/>"#;

/// Puts the sprite and the patterns into the document, or the shadow tree, of `element`: once for all
/// figures in it.
pub fn place_sprite(element: &Element) {
    let tree = element.get_root_node();
    let body = tree.dyn_ref::<Document>().and_then(Document::body);
    // A shadow root finds and takes elements by the same methods as an element.
    let parent: Element = match body {
        Some(body) => body.unchecked_into(),
        None => tree.unchecked_into(),
    };
    if let (Ok(None), Some(document)) = (
        parent.query_selector(".kv-sprite"),
        element.owner_document(),
    ) && let Ok(sprite) = document.create_element("div")
    {
        sprite.set_inner_html(SPRITE);
        let _ = parent.append_child(&sprite);
    }
}

const SPRITE: &str = r##"<svg class="kv-sprite" width="0" height="0" aria-hidden="true"><defs>
<symbol id="i-crown" viewBox="0 0 16 16"><path d="M2 12.6 1.2 4.6 5 7.4 8 2.6l3 4.8 3.8-2.8-.8 8z" fill="currentColor" stroke="none"/></symbol>
<symbol id="i-ballot" viewBox="0 0 16 16"><path d="M2.5 5.5h11v8h-11z"/><path d="M5 5.5V2.2h6v3.3M6 9.6l1.5 1.5L10.4 8"/></symbol>
<symbol id="i-book" viewBox="0 0 16 16"><path d="M8 4.2C6.6 2.9 4.5 2.6 2 2.6v10c2.5 0 4.6.4 6 1.7 1.4-1.3 3.5-1.7 6-1.7v-10c-2.5 0-4.6.3-6 1.6zM8 4.2v10"/></symbol>
<symbol id="i-compact" viewBox="0 0 16 16"><path d="M2.5 6h11M2.5 10h11M8 .8V4M6.3 2.6L8 4.3l1.7-1.7M8 15.2V12M6.3 13.4L8 11.7l1.7 1.7"/></symbol>
<symbol id="i-follower" viewBox="0 0 16 16"><circle cx="8" cy="8" r="4.6"/></symbol>
<symbol id="i-crash" viewBox="0 0 16 16"><path d="M3.5 3.5l9 9m0-9l-9 9" stroke-width="2.2"/></symbol>
<symbol id="i-pausebars" viewBox="0 0 16 16"><path d="M5.2 3v10M10.8 3v10" stroke-width="2.6"/></symbol>
<symbol id="i-play" viewBox="0 0 16 16"><path d="M4.5 2.5v11l9-5.5z" fill="currentColor" stroke="none"/></symbol>
<symbol id="i-stepf" viewBox="0 0 16 16"><path d="M4 3v10l6.5-5zM12.5 3v10" fill="currentColor"/></symbol>
<symbol id="i-stepb" viewBox="0 0 16 16"><path d="M12 3v10L5.5 8zM3.5 3v10" fill="currentColor"/></symbol>
<symbol id="i-tostart" viewBox="0 0 16 16"><path d="M13 3v10L8 8zM8 3v10L3 8zM2.2 3v10" fill="currentColor"/></symbol>
<symbol id="i-toend" viewBox="0 0 16 16"><path d="M3 3v10l5-5zM8 3v10l5-5zM13.8 3v10" fill="currentColor"/></symbol>
<symbol id="i-cursor" viewBox="0 0 16 16"><path d="M3.5 2l9 6.2-4.3.8-2 4.2z" fill="currentColor" stroke-linejoin="round"/></symbol>
<symbol id="i-cut" viewBox="0 0 16 16"><circle cx="4" cy="4.3" r="1.9"/><circle cx="4" cy="11.7" r="1.9"/><path d="M5.6 5.4L14 11.5M5.6 10.6L14 4.5"/></symbol>
<symbol id="i-wall" viewBox="0 0 16 16"><path d="M6 1.5h4v13H6zM6 5l4-2.5M6 9l4-3.5M6 13l4-3.5"/></symbol>
<symbol id="i-plus" viewBox="0 0 16 16"><path d="M8 3v10M3 8h10"/></symbol>
<symbol id="i-send" viewBox="0 0 16 16"><path d="M2 8h9M8 4.5L11.5 8 8 11.5M14 3v10"/></symbol>
<symbol id="i-share" viewBox="0 0 16 16"><path d="M8 10V2M5 4.6L8 1.8l3 2.8M3.5 8v6h9V8"/></symbol>
<symbol id="i-moon" viewBox="0 0 16 16"><path d="M13 9.6A5.6 5.6 0 016.4 3 5.6 5.6 0 1013 9.6z"/></symbol>
<symbol id="i-sun" viewBox="0 0 16 16"><circle cx="8" cy="8" r="3"/><path d="M8 1.2v1.7M8 13.1v1.7M1.2 8h1.7M13.1 8h1.7M3.2 3.2l1.2 1.2M11.6 11.6l1.2 1.2M12.8 3.2l-1.2 1.2M4.4 11.6l-1.2 1.2"/></symbol>
<symbol id="i-help" viewBox="0 0 16 16"><path d="M5.6 6a2.4 2.4 0 113.7 2c-.8.5-1.3.9-1.3 1.9M8 12.4v.2" stroke-width="1.7"/></symbol>
<symbol id="i-menu" viewBox="0 0 16 16"><path d="M2.5 4.5h11M2.5 8h11M2.5 11.5h11"/></symbol>
<symbol id="i-down" viewBox="0 0 16 16"><path d="M4 6.2L8 10l4-3.8"/></symbol>
<symbol id="i-right" viewBox="0 0 16 16"><path d="M6.2 4L10 8l-3.8 4"/></symbol>
<symbol id="i-close" viewBox="0 0 16 16"><path d="M4 4l8 8m0-8l-8 8"/></symbol>
<symbol id="i-fork" viewBox="0 0 16 16"><circle cx="4" cy="3.5" r="1.6"/><circle cx="4" cy="12.5" r="1.6"/><circle cx="12" cy="5.5" r="1.6"/><path d="M4 5.2v5.6M4 9.5c0-2.5 8-.6 8-2.3"/></symbol>
<symbol id="i-check" viewBox="0 0 16 16"><path d="M3 8.5l3.3 3.3L13 4.8" stroke-width="1.9"/></symbol>
<symbol id="i-octagon" viewBox="0 0 16 16"><path d="M5.3 1.5h5.4l3.8 3.8v5.4l-3.8 3.8H5.3l-3.8-3.8V5.3z"/><path d="M8 4.6v4.2M8 11.2v.2" stroke-width="1.9"/></symbol>
<symbol id="i-shield" viewBox="0 0 16 16"><path d="M8 1.6l5.4 2v4c0 3.3-2.2 5.6-5.4 6.8-3.2-1.2-5.4-3.5-5.4-6.8v-4z"/><path d="M5.6 7.9l1.8 1.8 3.1-3.5"/></symbol>
<symbol id="i-bolt" viewBox="0 0 16 16"><path d="M9 1.5L3.5 9H8l-1 5.5L12.5 7H8z" fill="currentColor" stroke-linejoin="round"/></symbol>
<symbol id="i-clock" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6"/><path d="M8 4.5V8l2.4 1.6"/></symbol>
<symbol id="i-disk" viewBox="0 0 16 16"><ellipse cx="8" cy="4" rx="5" ry="2"/><path d="M3 4v8c0 1.1 2.2 2 5 2s5-.9 5-2V4M3 8c0 1.1 2.2 2 5 2s5-.9 5-2"/></symbol>
<symbol id="i-link" viewBox="0 0 16 16"><circle cx="3.5" cy="8" r="1.8"/><circle cx="12.5" cy="8" r="1.8"/><path d="M5.3 8h5.4"/></symbol>
<symbol id="i-unlink" viewBox="0 0 16 16"><circle cx="3" cy="8" r="1.8"/><circle cx="13" cy="8" r="1.8"/><path d="M4.8 8h1.7M9.5 8h1.7M6.7 5.5l2.6 5"/></symbol>
<symbol id="i-eye" viewBox="0 0 16 16"><path d="M1.5 8S4 3.8 8 3.8 14.5 8 14.5 8 12 12.2 8 12.2 1.5 8 1.5 8z"/><circle cx="8" cy="8" r="1.9"/></symbol>
<symbol id="i-dice" viewBox="0 0 16 16"><rect x="2.5" y="2.5" width="11" height="11" rx="2.4"/><path d="M5.6 5.6v.1M10.4 10.4v.1M8 8v.1M10.4 5.6v.1M5.6 10.4v.1" stroke-width="2" /></symbol>
<symbol id="i-island" viewBox="0 0 16 16"><circle cx="8" cy="8" r="2.4"/><circle cx="8" cy="8" r="6" stroke-dasharray="2.6 2.2"/></symbol>
<symbol id="i-gauge" viewBox="0 0 16 16"><path d="M2.3 11.5a6 6 0 1111.4 0M8 9.5l2.8-3.4"/></symbol>
<symbol id="i-grid" viewBox="0 0 16 16"><path d="M2.5 2.5h4.5v4.5H2.5zM9 2.5h4.5v4.5H9zM2.5 9h4.5v4.5H2.5zM9 9h4.5v4.5H9z"/></symbol>
<symbol id="i-search" viewBox="0 0 16 16"><circle cx="7" cy="7" r="4.3"/><path d="M10.2 10.2L14 14"/></symbol>
<symbol id="i-copy" viewBox="0 0 16 16"><rect x="5.5" y="5.5" width="8" height="8" rx="1.5"/><path d="M10.5 3.5v-1h-8v8h1"/></symbol>
<symbol id="i-slow" viewBox="0 0 16 16"><path d="M2 12c2-6 4-6 6-3s4 3 6-3"/><path d="M11 5.5L14 6l-.8 2.9"/></symbol>
<symbol id="i-target" viewBox="0 0 16 16"><circle cx="8" cy="8" r="5.8"/><circle cx="8" cy="8" r="2"/></symbol>
<symbol id="i-diverge" viewBox="0 0 16 16"><path d="M3 6h10M3 10h10M10.5 2.5l-5 11"/></symbol>
<symbol id="i-auto" viewBox="0 0 16 16"><circle cx="8" cy="8" r="5.5"/><path d="M8 2.5a5.5 5.5 0 010 11z" fill="currentColor"/></symbol>
<symbol id="i-restart" viewBox="0 0 16 16"><path d="M12.6 4.6A5.6 5.6 0 1013.6 8M13 1.8v3.2H9.8"/></symbol>
<pattern id="p-hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0V6" class="pt"/></pattern>
<pattern id="p-wall" width="9" height="9" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)"><path d="M0 0V9" class="pw"/></pattern>
<pattern id="p-off" width="10" height="10" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0V10" class="po"/></pattern>
<pattern id="p-open" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0V7" class="po2"/></pattern>
<pattern id="p-dots" width="20" height="20" patternUnits="userSpaceOnUse"><circle cx="10" cy="10" r="1" class="pd"/></pattern>
</defs></svg>"##;
