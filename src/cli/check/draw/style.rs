//! What a figure looks like: colours, texts that fit, round times.

/// The width of a letter of a label.
pub(super) const LETTER: f64 = 6.7;

/// A text for markup. What can't be seen is left out.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\n' | '\t' => out.push(' '),
            '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            '\u{fffe}' | '\u{ffff}' => {}
            _ if c.is_control() => {}
            _ => out.push(c),
        }
    }
    out
}

/// A text that is `room` wide at most; nothing if hardly anything of it fits.
pub(super) fn clipped(text: &str, room: f64) -> String {
    let fits = (room / LETTER).max(0.0) as usize;
    let letters = text.chars().count();
    match fits {
        _ if letters <= fits => text.to_owned(),
        0..4 => String::new(),
        _ => text.chars().take(fits - 1).chain(['…']).collect(),
    }
}

/// Round times, about ten of them.
pub(super) fn ticks(first: u64, last: u64) -> Vec<u64> {
    let wanted = ((last - first) / 8).max(1);
    let mut step: u64 = 1;
    while step < wanted {
        let next = [2, 5, 10].map(|by| step.saturating_mul(by));
        match next.into_iter().find(|&next| next >= wanted) {
            Some(next) => step = next,
            None => step = next[2],
        }
    }
    let start = first.div_ceil(step).saturating_mul(step);
    let mut ticks = Vec::new();
    let mut next = Some(start);
    while let Some(time) = next.filter(|&time| time <= last && ticks.len() < 20) {
        ticks.push(time);
        next = time.checked_add(step);
    }
    ticks
}

/// The hatching of what has no answer.
pub(super) const DEFS: &str = "<defs><pattern id=\"kv-hatch\" width=\"6\" height=\"6\" \
patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">\
<rect width=\"6\" height=\"6\" class=\"paper\"/><path class=\"hatch\" d=\"M0 0V6\"/></pattern></defs>\n";

/// The look, light and dark.
pub(super) const STYLE: &str = ".kvorum{--ink:#16181d;--soft:#5c6675;--line:#dde1e7;--paper:#fff;\
--client:#00594e;--bad:#b80a2e;--wash:#fcebee;--term:#d6a5cb;--mark:#f3c969;\
font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif}\
@media(prefers-color-scheme:dark){.kvorum{--ink:#edf0f5;--soft:#98a0ae;--line:#2b3340;\
--paper:#12161d;--client:#2fd3ab;--bad:#ff5a5f;--wash:#32151a;--term:#b98aae;--mark:#c99a2e}}\
.kvorum .paper{fill:var(--paper)}.kvorum .line{stroke:var(--line);fill:none}\
.kvorum .grid{stroke:var(--line);stroke-dasharray:1 4;fill:none}\
.kvorum .hatch{stroke:var(--client);stroke-width:2.5;opacity:.55}\
.kvorum text{fill:var(--ink);font-size:12px}.kvorum .title{font-size:19px;font-weight:650}\
.kvorum .title.bad{fill:var(--bad)}.kvorum .told,.kvorum .note{fill:var(--soft)}\
.kvorum .told{font-size:13.5px}.kvorum .client{font-weight:600;font-size:12.5px}\
.kvorum .tick{fill:var(--soft);text-anchor:middle;font-size:11px}\
.kvorum .label,.kvorum .text{font:11px ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace}\
.kvorum .op rect{stroke:var(--client);stroke-width:1.5}\
.kvorum .write rect{fill:var(--client)}.kvorum .read rect{fill:var(--paper)}\
.kvorum .unknown rect{fill:url(#kv-hatch);stroke-dasharray:4 2}\
.kvorum .op.stuck rect{fill:var(--bad);stroke:var(--bad)}\
.kvorum .op.stuck .label{fill:var(--bad);font-weight:700}.kvorum .dim{opacity:.38}\
.kvorum circle{fill:var(--paper);stroke:var(--ink);stroke-width:1.5}\
.kvorum .stuck circle{stroke:var(--bad)}\
.kvorum .sign{text-anchor:middle;font-size:10.5px;font-weight:700}.kvorum .small{font-size:8.5px}\
.kvorum .stuck .sign,.kvorum .item.stuck .text{fill:var(--bad)}\
.kvorum .leader rect{fill:var(--term);fill-opacity:.5}.kvorum .leader text{font-weight:600}\
.kvorum .mark rect{fill:var(--mark);fill-opacity:.45}.kvorum .instant rect{fill-opacity:1}";
