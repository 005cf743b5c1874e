//! The list of keys: every one that works, and none that doesn't.

use yew::prelude::*;

/// What it does, and the keys for it.
type Keys = (&'static str, &'static [&'static str]);

/// Groups of keys, with their headings.
pub const KEYS: &[(&str, &[Keys])] = &[
    (
        "Time",
        &[
            ("Play, pause", &["Space"]),
            ("Next, previous event", &[".", ","]),
            ("The same kind of event", &["Shift .", "Shift ,"]),
            ("To start, to newest", &["Home", "End"]),
            ("Slower, faster", &["[", "]"]),
            ("Undo the last action", &["Ctrl Z"]),
        ],
    ),
    (
        "Stage",
        &[
            ("Select a server", &["1", "…", "9"]),
            ("Walk the stage", &["←", "↑", "→", "↓"]),
            ("Quick actions", &["Enter"]),
            ("Select, cut, wall", &["V", "C", "W"]),
            ("Wall: one side by number", &["W", "1", "2", "Enter"]),
            ("Heal the network", &["H"]),
            ("Add a server", &["A"]),
        ],
    ),
    (
        "Selected server",
        &[
            ("Crash, restart", &["X"]),
            ("Pause, resume", &["P"]),
            ("Isolate", &["I"]),
            ("Time out now", &["T"]),
            ("Send a request through it", &["R"]),
            ("To the other side of the wall", &["M"]),
            ("Move the leadership to it", &["Y"]),
            ("Make it a voter", &["U"]),
            ("Remove it", &["Shift X"]),
            ("Compact its log", &["Z"]),
            ("Rejoin under a new id", &["N"]),
            ("Leave a joint configuration", &["L"]),
            ("Members, clock, disk, priority", &["K"]),
        ],
    ),
    (
        "Selected message",
        &[
            ("Next, previous message", &["J", "Shift J"]),
            ("Drop", &["D"]),
            ("Delay 50 ms", &["L"]),
            ("Duplicate", &["U"]),
            ("Deliver now", &["N"]),
        ],
    ),
    (
        "Selected link",
        &[
            ("Cut both ways", &["C"]),
            ("Cut one way", &["Shift C"]),
            ("Slow it down", &["S"]),
            ("Lose some", &["O"]),
            ("Restore", &["H"]),
        ],
    ),
    (
        "Page",
        &[
            ("Send a request", &["R"]),
            ("Clients, back to the cluster", &["Q"]),
            ("More panels, fewer", &["E", "Shift E"]),
            ("Choose a scenario", &["G"]),
            ("Settings of a run", &["S"]),
            ("Close, clear the selection", &["Esc"]),
            ("This list", &["?"]),
        ],
    ),
];

/// The list of keys.
pub fn help() -> Html {
    html! {
        <div class="kv-help">
            { for KEYS.iter().map(|(heading, keys)| html! {
                <section key={*heading}>
                    <h3>{ *heading }</h3>
                    <dl class="kv-keys">
                        { for keys.iter().map(|(what, keys)| html! {
                            <div><dt>{ *what }</dt><dd>{ for keys.iter().map(|k| html! { <kbd>{ *k }</kbd> }) }</dd></div>
                        }) }
                    </dl>
                </section>
            }) }
        </div>
    }
}
