//! The list of keys: every one that works, and none that doesn't.

use crate::view::words::key;
use crate::web::store::use_words;
use yew::prelude::*;

/// What it does (a key of the catalogue), and the keys for it.
type Keys = (&'static str, &'static [&'static str]);

/// Groups of keys, with their headings.
pub const KEYS: &[(&str, &[Keys])] = &[
    (
        key!("help.time"),
        &[
            (key!("help.play-pause"), &["Space"]),
            (key!("help.next-previous-event"), &[".", ","]),
            (key!("help.the-same-kind-of-event"), &["Shift .", "Shift ,"]),
            (key!("help.to-start-to-newest"), &["Home", "End"]),
            (key!("help.slower-faster"), &["[", "]"]),
            (key!("help.undo-the-last-action"), &["Ctrl Z"]),
        ],
    ),
    (
        key!("help.stage"),
        &[
            (key!("help.select-a-server"), &["1", "…", "9"]),
            (key!("help.walk-the-stage"), &["←", "↑", "→", "↓"]),
            (key!("help.quick-actions"), &["Enter"]),
            (key!("help.select-cut-wall"), &["V", "C", "W"]),
            (
                key!("help.wall-one-side-by-number"),
                &["W", "1", "2", "Enter"],
            ),
            (key!("help.heal-the-network"), &["H"]),
            (key!("help.add-a-server"), &["A"]),
        ],
    ),
    (
        key!("help.selected-server"),
        &[
            (key!("help.crash-restart"), &["X"]),
            (key!("help.pause-resume"), &["P"]),
            (key!("help.isolate"), &["I"]),
            (key!("help.time-out-now"), &["T"]),
            (key!("help.send-a-request-through-it"), &["R"]),
            (key!("help.to-the-other-side-of-the-wall"), &["M"]),
            (key!("help.move-the-leadership-to-it"), &["Y"]),
            (key!("help.make-it-a-voter"), &["U"]),
            (key!("help.remove-it"), &["Shift X"]),
            (key!("help.compact-its-log"), &["Z"]),
            (key!("help.rejoin-under-a-new-id"), &["N"]),
            (key!("help.leave-a-joint-configuration"), &["L"]),
            (key!("help.members-clock-disk-priority"), &["K"]),
        ],
    ),
    (
        key!("help.selected-message"),
        &[
            (key!("help.next-previous-message"), &["J", "Shift J"]),
            (key!("help.drop"), &["D"]),
            (key!("help.delay-50-ms"), &["L"]),
            (key!("help.duplicate"), &["U"]),
            (key!("help.deliver-now"), &["N"]),
        ],
    ),
    (
        key!("help.selected-link"),
        &[
            (key!("help.cut-both-ways"), &["C"]),
            (key!("help.cut-one-way"), &["Shift C"]),
            (key!("help.slow-it-down"), &["S"]),
            (key!("help.lose-some"), &["O"]),
            (key!("help.restore"), &["H"]),
        ],
    ),
    (
        key!("help.page"),
        &[
            (key!("help.send-a-request"), &["R"]),
            (key!("help.clients-back-to-the-cluster"), &["Q"]),
            (key!("help.more-panels-fewer"), &["E", "Shift E"]),
            (key!("help.choose-a-scenario"), &["G"]),
            (key!("help.settings-of-a-run"), &["S"]),
            (key!("help.close-clear-the-selection"), &["Esc"]),
            (key!("help.this-list"), &["?"]),
        ],
    ),
];

/// The list of keys.
#[function_component]
pub fn Help() -> Html {
    let words = &use_words();
    html! {
        <div class="kv-help">
            { for KEYS.iter().map(|(heading, keys)| html! {
                <section key={*heading}>
                    <h3>{ words.label(heading) }</h3>
                    <dl class="kv-keys">
                        { for keys.iter().map(|(what, keys)| html! {
                            <div><dt>{ words.label(what) }</dt><dd>{ for keys.iter().map(|k| html! { <kbd>{ *k }</kbd> }) }</dd></div>
                        }) }
                    </dl>
                </section>
            }) }
        </div>
    }
}
