//! The colours of `www/styles/tokens.css`: texts can be read on every surface, and what colour
//! tells apart stays apart for those who see colours differently.
//!
//! Contrast is WCAG 2's (4.5 for texts, 3 for graphics). Difference is CIEDE2000's, after the
//! simulation of protanopia, deuteranopia and tritanopia by Machado, Oliveira and Fernandes (2009).
#![allow(clippy::disallowed_methods, reason = "colours are no part of a run")]

use std::collections::BTreeMap;
use std::fs;

type Triple = [f64; 3];

/// Which colours a person tells apart: a matrix on linear RGB.
const SIGHTS: [(&str, [Triple; 3]); 4] = [
    (
        "trichromacy",
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
    ),
    (
        "protanopia",
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ],
    ),
    (
        "deuteranopia",
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ],
    ),
    (
        "tritanopia",
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ],
    ),
];

/// The colours of one theme, by their names without `--kv-`.
struct Theme {
    name: &'static str,
    colors: BTreeMap<String, Triple>,
}

impl Theme {
    /// Linear RGB, each from 0 to 1.
    fn color(&self, name: &str) -> Triple {
        *self
            .colors
            .get(name)
            .unwrap_or_else(|| panic!("tokens.css has no --kv-{name}"))
    }

    fn contrast(&self, a: &str, b: &str) -> f64 {
        let light = |name| {
            let [r, g, b] = self.color(name);
            0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05
        };
        let (a, b): (f64, f64) = (light(a), light(b));
        a.max(b) / a.min(b)
    }

    /// The smallest difference that anyone sees between two colours, and who sees that one.
    fn difference(&self, a: &str, b: &str) -> (f64, &'static str) {
        let seen = |matrix, name| lab(simulated(matrix, self.color(name)));
        SIGHTS
            .iter()
            .map(|(sight, matrix)| (ciede2000(seen(matrix, a), seen(matrix, b)), *sight))
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .expect("some sight")
    }
}

/// `light-dark(#RRGGBB, #RRGGBB)` and plain `#RRGGBB` tokens of the style sheet.
fn themes() -> [Theme; 2] {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/www/styles/tokens.css");
    let css = fs::read_to_string(path).expect(path);
    let read = |name, at: usize| {
        let tokens = css.split("--kv-").skip(1).filter_map(|token| {
            let (name, value) = token.split_once(':')?;
            let value = value.split(';').next()?.trim();
            let shades = match value.strip_prefix("light-dark(") {
                Some(both) => both.strip_suffix(')')?.split(',').collect(),
                None => vec![value, value],
            };
            Some((name.to_owned(), linear(shades.get(at)?.trim())?))
        });
        Theme {
            name,
            colors: tokens.collect(),
        }
    };
    [read("light", 0), read("dark", 1)]
}

/// Linear RGB of `#RRGGBB`.
fn linear(hex: &str) -> Option<Triple> {
    let digits = hex.strip_prefix('#').filter(|digits| digits.len() == 6)?;
    let mut color = [0.0; 3];
    for (at, channel) in color.iter_mut().enumerate() {
        let byte = u8::from_str_radix(digits.get(2 * at..2 * at + 2)?, 16).ok()?;
        let c = f64::from(byte) / 255.0;
        *channel = if c <= 0.04045 {
            c / 12.92
        } else {
            ((c + 0.055) / 1.055).powf(2.4)
        };
    }
    Some(color)
}

fn simulated(matrix: &[Triple; 3], color: Triple) -> Triple {
    matrix.map(|row| dot(row, color).clamp(0.0, 1.0))
}

fn dot(a: Triple, b: Triple) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// CIE L*a*b* of linear RGB, under D65.
fn lab(rgb: Triple) -> Triple {
    let f = |t: f64| {
        if t > 0.008856 {
            t.cbrt()
        } else {
            7.787 * t + 16.0 / 116.0
        }
    };
    let x = f(dot([0.4124564, 0.3575761, 0.1804375], rgb) / 0.95047);
    let y = f(dot([0.2126729, 0.7151522, 0.0721750], rgb));
    let z = f(dot([0.0193339, 0.1191920, 0.9503041], rgb) / 1.08883);
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

/// CIEDE2000 between two colours in L*a*b*, with the names of its definition.
fn ciede2000([l1, a1, b1]: Triple, [l2, a2, b2]: Triple) -> f64 {
    let seventh = |c: f64| (c.powi(7) / (c.powi(7) + 25f64.powi(7))).sqrt();
    let g = 0.5 * (1.0 - seventh((a1.hypot(b1) + a2.hypot(b2)) / 2.0));
    let (a1, a2) = (a1 * (1.0 + g), a2 * (1.0 + g));
    let (c1, c2) = (a1.hypot(b1), a2.hypot(b2));
    let hue = |a: f64, b: f64| b.atan2(a).to_degrees().rem_euclid(360.0);
    let (h1, h2) = (hue(a1, b1), hue(a2, b2));

    let gray = c1 * c2 == 0.0;
    let turn = match h2 - h1 {
        _ if gray => 0.0,
        turn if turn > 180.0 => turn - 360.0,
        turn if turn < -180.0 => turn + 360.0,
        turn => turn,
    };
    let (dl, dc) = (l2 - l1, c2 - c1);
    let dh = 2.0 * (c1 * c2).sqrt() * (turn.to_radians() / 2.0).sin();

    let (l, c) = ((l1 + l2) / 2.0, (c1 + c2) / 2.0);
    let h = if gray { h1 + h2 } else { h1 + turn / 2.0 };
    let cos = |degrees: f64| degrees.to_radians().cos();
    let t = 1.0 - 0.17 * cos(h - 30.0) + 0.24 * cos(2.0 * h) + 0.32 * cos(3.0 * h + 6.0)
        - 0.20 * cos(4.0 * h - 63.0);
    let from_middle = (l - 50.0).powi(2);
    let (sl, sc, sh) = (
        1.0 + 0.015 * from_middle / (20.0 + from_middle).sqrt(),
        1.0 + 0.045 * c,
        1.0 + 0.015 * c * t,
    );
    let blue = (-((h.rem_euclid(360.0) - 275.0) / 25.0).powi(2)).exp();
    let rt = -2.0 * seventh(c) * (60.0 * blue).to_radians().sin();
    let (l, c, h) = (dl / sl, dc / sc, dh / sh);
    (l * l + c * c + h * h + rt * c * h).sqrt()
}

fn terms() -> Vec<String> {
    (1..=6).map(|term| format!("term-{term}")).collect()
}

/// Asserts `(needed, what is drawn, what it is drawn on)` in both themes.
fn assert_contrasts(pairs: impl IntoIterator<Item = (f64, String, String)>) {
    let themes = themes();
    for (needed, front, back) in pairs {
        for theme in &themes {
            let contrast = theme.contrast(&front, &back);
            assert!(
                contrast >= needed,
                "{front} on {back} has a contrast of {contrast:.2} in the {} theme",
                theme.name
            );
        }
    }
}

/// Asserts that everyone sees a difference of `needed` between the two of each pair.
fn assert_apart(needed: f64, pairs: &[(String, String)]) {
    for theme in themes() {
        for (a, b) in pairs {
            let (difference, sight) = theme.difference(a, b);
            assert!(
                difference >= needed,
                "{a} and {b} differ by {difference:.1} with {sight} in the {} theme",
                theme.name
            );
        }
    }
}

/// Every pair of two of the names.
fn pairs(names: &[String]) -> Vec<(String, String)> {
    let after = |at: usize| names[at + 1..].iter();
    (0..names.len())
        .flat_map(|at| after(at).map(move |b| (names[at].clone(), b.clone())))
        .collect()
}

#[test]
fn texts_can_be_read() {
    let on = |needed: f64, fronts: &[&str], backs: &[&str]| {
        let pair = |front: &str, back: &str| (needed, front.to_owned(), back.to_owned());
        let all = fronts
            .iter()
            .flat_map(|f| backs.iter().map(move |b| pair(f, b)));
        all.collect::<Vec<_>>()
    };
    let sheets = ["panel", "stage", "raised"];
    let families = ["repl", "client", "move", "danger", "idle", "elect-ink"];
    assert_contrasts(on(
        4.5,
        &["ink", "ink-2", "ink-3"],
        &["panel", "paper", "stage", "raised", "sunken"],
    ));
    assert_contrasts(on(4.5, &families, &sheets));
    assert_contrasts(on(3.0, &["line-2", "elect"], &sheets));
    assert_contrasts(on(4.5, &["on-ink"], &["ink"]));
    assert_contrasts(on(4.5, &["danger"], &["danger-wash"]));
    for term in terms() {
        assert_contrasts(on(4.5, &["on-term"], &[&term]));
        assert_contrasts(on(4.5, &[&format!("{term}-ink")], &sheets));
    }
}

#[test]
fn terms_look_different() {
    let terms = terms();
    assert_apart(7.0, &pairs(&terms));
    let next = terms.iter().cycle().skip(1).cloned();
    assert_apart(10.0, &terms.iter().cloned().zip(next).collect::<Vec<_>>());
}

#[test]
fn kinds_of_signals_look_different() {
    let families = ["repl", "elect", "client", "move", "danger", "idle"];
    assert_apart(9.0, &pairs(&families.map(str::to_owned)));
}

/// Pairs from the test data of Sharma, Wu and Dalal (2005), table 1.
#[test]
fn the_difference_is_that_of_the_standard() {
    for (a, b, expected) in [
        ([50.0, 2.6772, -79.7751], [50.0, 0.0, -82.7485], 2.0425),
        ([50.0, 2.5, 0.0], [73.0, 25.0, -18.0], 27.1492),
        (
            [60.2574, -34.0099, 36.2677],
            [60.4626, -34.1751, 39.4387],
            1.2644,
        ),
        (
            [22.7233, 20.0904, -46.6940],
            [23.0331, 14.9730, -42.5619],
            2.0373,
        ),
        (
            [2.0776, 0.0795, -1.1350],
            [0.9033, -0.0636, -0.5514],
            0.9082,
        ),
    ] {
        let found = ciede2000(a, b);
        assert!((found - expected).abs() < 0.0001, "{found}, not {expected}");
    }
    let [light, dark] = themes();
    assert_eq!(light.contrast("paper", "paper"), 1.0);
    assert_ne!(light.color("paper"), dark.color("paper"));
}
