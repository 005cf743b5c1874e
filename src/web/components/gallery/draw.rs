//! Draws the pictures of [`super::pictures`] with the marks of the stage.

use crate::view::geometry::{Point, arc, segment};
use crate::web::icons::hue;
use yew::prelude::*;

/// The words of an item, taken one by one. Pictures are ours: a missing word is 0.
struct Words<'a>(std::str::SplitWhitespace<'a>);

impl<'a> Words<'a> {
    fn word(&mut self) -> &'a str {
        self.0.next().unwrap_or("")
    }

    fn number(&mut self) -> f64 {
        self.word().parse().unwrap_or(0.0)
    }

    fn term(&mut self) -> u64 {
        self.word().parse().unwrap_or(0)
    }
}

/// The picture.
pub fn draw(picture: &str) -> Html {
    let items = picture.split(';').map(|item| {
        let mut words = Words(item.split_whitespace());
        let kind = words.word();
        match kind {
            "f" | "l" | "c" | "b" | "x" => node(kind, &mut words),
            "t" => log(&mut words),
            "m" => message(&mut words),
            "o" => operation(&mut words),
            _ => line(kind, &mut words),
        }
    });
    html! {
        <svg class="kv-svg th" viewBox="0 0 300 132" lang="en" aria-hidden="true">
            <rect width="300" height="132" fill="url(#p-dots)" />
            { for items }
        </svg>
    }
}

const ORIGIN: Point = Point { x: 0.0, y: 0.0 };

fn node(kind: &str, words: &mut Words) -> Html {
    let (name, x, y, r) = (words.word(), words.number(), words.number(), words.number());
    let (term, rest) = (words.term(), words.word());
    let (role, family) = match kind {
        "l" => ("leader", "repl"),
        "c" => ("candidate", "elect"),
        "b" => ("learner", "move"),
        "x" => ("crashed", "idle"),
        _ => ("follower", "idle"),
    };
    let ring = match kind {
        "l" | "c" => {
            let n = rest.len();
            let part = |(i, vote): (usize, char)| {
                let (from, to) = segment(i, n, 0.045);
                let class = if vote == '1' { "seg on" } else { "seg off" };
                html! { <path {class} d={arc(ORIGIN, r + 6.0, from, to)} /> }
            };
            html! { <>{ for rest.chars().enumerate().map(part) }</> }
        }
        "f" => {
            let left = rest.parse::<f64>().unwrap_or(0.0) / 100.0;
            html! { <><circle class="track" r={(r + 5.0).to_string()} /><path class="tm" d={arc(ORIGIN, r + 5.0, 0.0, left)} /></> }
        }
        _ => html! {},
    };
    html! {
        <g class="kv-mn" data-role={role} data-t={hue(term)} data-f={family} transform={format!("translate({x} {y})")}>
            { ring }
            <circle class="disc" r={r.to_string()} />
            if kind == "x" { <path class="xx" d="M-6 -6L6 6M6 -6L-6 6" /> } else { <text y="4.5">{ name.to_owned() }</text> }
            if kind == "l" {
                <svg x="-9" y={(-r - 24.0).to_string()} width="18" height="18" viewBox="0 0 16 16" class="kv-i cr"><use href="#i-crown" /></svg>
            }
        </g>
    }
}

fn log(words: &mut Words) -> Html {
    let (x, y, size) = (words.number(), words.number(), words.number());
    let terms = words.word();
    let (uncommitted, lost) = (words.number() as usize, words.number() as usize);
    let n = terms.len();
    let tile = |(i, term): (usize, char)| {
        let class = match n - i {
            left if left <= lost => "lost",
            left if left <= uncommitted => "unc",
            _ => "com",
        };
        let at = x + i as f64 * (size + 1.0);
        let (middle, base) = (size / 2.0, size / 2.0 + 3.6);
        html! {
            <g data-t={hue(term.to_digit(10).unwrap_or(0).into())} {class} transform={format!("translate({at} {y})")}>
                <rect width={size.to_string()} height={size.to_string()} rx="2.5" />
                <text x={middle.to_string()} y={base.to_string()}>{ term.to_string() }</text>
            </g>
        }
    };
    let committed = (n - uncommitted.max(lost)) as f64 * (size + 1.0) - 1.0;
    html! {
        <g class="kv-strip">
            { for terms.chars().enumerate().map(tile) }
            <path class="cl" d={format!("M{x} {}h{committed}v-4", y + size + 3.0)} />
        </g>
    }
}

fn message(words: &mut Words) -> Html {
    let (kind, x, y) = (words.word(), words.number(), words.number());
    let term = hue(words.term());
    let (family, body) = match kind {
        "rv" => (
            "elect",
            html! { <path class="fill" d="M0 -9L9 0 0 9 -9 0z" /> },
        ),
        "sn" => (
            "move",
            html! { <><path class="fill" d="M-8 -9H8L15 0 8 9H-8L-15 0z" /><path class="mkk" d="M-6 -3.5H6M-6 0H6M-6 3.5H6" /></> },
        ),
        "cl" => (
            "client",
            html! { <rect class="fill" x="-13" y="-7" width="26" height="14" rx="7" /> },
        ),
        "ae" => (
            "repl",
            html! { <g data-t={term}><rect class="body" x="-9" y="-9" width="18" height="18" rx="4" /><rect class="tile" x="-5" y="-5" width="10" height="10" rx="2" /></g> },
        ),
        _ => ("repl", html! { <circle class="fill" r="4.5" /> }),
    };
    html! { <g class="kv-msg" data-f={family} transform={format!("translate({x} {y})")}>{ body }</g> }
}

fn operation(words: &mut Words) -> Html {
    let (x, y, width, class) = (words.number(), words.number(), words.number(), words.word());
    html! {
        <g class={classes!("kv-op", class.to_owned())}>
            <rect x={x.to_string()} y={y.to_string()} width={width.to_string()} height="18" rx="4" />
        </g>
    }
}

/// Lines, walls and words.
fn line(kind: &str, words: &mut Words) -> Html {
    let (x, y) = match kind {
        "n" => (0.0, words.number()),
        "w" => (words.number(), 0.0),
        _ => (words.number(), words.number()),
    };
    match kind {
        "k" => {
            let (to_x, to_y, class) = (words.number(), words.number(), words.word());
            html! { <path class={classes!("kv-link", class.to_owned())} d={format!("M{x} {y}L{to_x} {to_y}")} /> }
        }
        "w" => {
            let x = (x - 4.5).to_string();
            html! {
                <g class="kv-wall"><rect class="body" x={x.clone()} width="9" height="132" /><rect class="hatch" {x} width="9" height="132" /></g>
            }
        }
        "d" => {
            html! { <rect class="kv-side dead" x={x.to_string()} width={y.to_string()} height="132" /> }
        }
        "q" => {
            html! { <path class="bad" d="M-7 -7L7 7M7 -7L-7 7" transform={format!("translate({x} {y})")} /> }
        }
        "s" => {
            html! { <text class="th" x={x.to_string()} y={y.to_string()}>{ words.word().replace('_', " ") }</text> }
        }
        "n" => html! { <path class="lane" d={format!("M20 {y}H280")} /> },
        "v" => html! { <path class="drop" d={format!("M{x} {y}V{}", words.number())} /> },
        "a" => html! { <path class="arrow" d={format!("M{x} {y}h34m-7 -6l7 6-7 6")} /> },
        "u" => {
            // The second number is where it ends, the third its height.
            let (height, class) = (words.number(), words.word().to_owned());
            html! { <path {class} d={format!("M{x} {}v6H{y}v-6", height - 6.0)} /> }
        }
        "p" => {
            html! {
                <g class="kv-cl" transform={format!("translate({x} {y})")}>
                    <rect width="40" height="28" rx="14" /><text class="id" x="13" y="18">{ words.word().to_owned() }</text>
                </g>
            }
        }
        _ => html! {},
    }
}
