//! The settings of a run: a form over the table of all settings, and a read-out of what they mean
//! for elections.
//!
//! A run is begun with its settings and keeps them, so the form begins another run. What is typed
//! stays text until it can be read: what can't be says why beside its field, and nothing is lost.

use crate::base::Time;
use crate::run::{ENGINE, Recording};
use crate::sim::settings::{Field, Unit};
use crate::sim::{Settings, SettingsError};
use crate::view::settings::{Group, Row, bounds, groups, says};
use crate::view::stability::{Rating, stability};
use crate::view::unfit;
use crate::view::words::{key, tell};
use crate::web::figure::driver::fresh_seed;
use crate::web::figure::root::Root;
use crate::web::icons::icon;
use crate::web::language::{Words, h, t};
use crate::web::store::*;
use std::collections::BTreeMap;
use std::rc::Rc;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// What was typed, by the name of the setting.
type Draft = BTreeMap<&'static str, String>;

/// What is wrong, by the name of the setting.
type Errors = BTreeMap<&'static str, SettingsError>;

/// The settings that a draft makes of `begun`, and what is wrong with it.
fn read(begun: &Settings, draft: &Draft) -> (Settings, Errors) {
    let (mut settings, mut errors) = (begun.clone(), Errors::new());
    for (name, text) in draft {
        if let Err(error) = settings.set(name, text) {
            errors.insert(name, error);
        }
    }
    if errors.is_empty()
        && let Err(error) = settings.check()
    {
        errors.insert(error.field, error);
    }
    (settings, errors)
}

/// A setting's value for the form.
fn shown(field: &Field, settings: &Settings) -> String {
    match field.number(settings) {
        Some(number) if field.unit != Unit::Switch => field.unit.told(number),
        _ => field.text(settings),
    }
}

/// The dialog.
#[function_component]
pub fn SettingsForm() -> Html {
    let (handle, view) = (use_handle(), use_view());
    let words = &handle.words;
    let recording = use_state(|| handle.record.emit(()));
    let draft = use_state(Draft::new);
    let another = use_state(|| false);
    let begun = &recording.settings;
    let (settings, errors) = read(begun, &draft);
    let start = {
        let (handle, recording) = (handle.clone(), recording.clone());
        let (settings, good, another) = (settings.clone(), errors.is_empty(), *another);
        move |event: SubmitEvent| {
            event.prevent_default();
            if good {
                begin(&handle, &recording, settings.clone(), another);
            } else {
                focus_wrong(&event);
            }
        }
    };
    let defaults = {
        let draft = draft.clone();
        let (usual, rules) = (Settings::default(), begun.clone());
        move |_: MouseEvent| draft.set(back(&rules, &usual))
    };
    let form = Form {
        begun: begun.clone(),
        draft: draft.clone(),
        errors: errors.clone(),
        root: handle.root.clone(),
    };
    let seed = |which: bool, text: String| {
        let (pressed, another) = (*another == which, another.clone());
        html! { <button type="button" aria-pressed={pressed.to_string()} onclick={move |_| another.set(which)}>{ text }</button> }
    };
    let changed = settings != *begun;
    html! {
        <form class="kv-set" novalidate=true onsubmit={start}>
            { readings(words, &settings, errors.len(), &handle.root) }
            { for groups().iter().map(|group| form.group(words, group)) }
            <footer>
                <div class="kv-seg" role="group" aria-label={t!(words, "settings.seed")}>
                    { seed(false, t!(words, "settings.this-seed", seed = &view.seed)) }{ seed(true, t!(words, "settings.another-seed")) }
                </div>
                <button type="button" class="kv-btn" onclick={defaults}>{ icon("restart") }{ h!(words, "settings.back-to-defaults") }</button>
                <button type="submit" class="kv-btn pri">{ icon("play") }{ h!(words, "settings.start-a-new-run") }</button>
                <p class="note">
                    if changed { { h!(words, "settings.with-these-settings-from") } }
                    else { { h!(words, "settings.nothing-is-changed-the") } }
                </p>
            </footer>
        </form>
    }
}

/// The draft that leads from `begun` to the usual settings. The rules stay: they have a panel of
/// their own.
fn back(begun: &Settings, usual: &Settings) -> Draft {
    let all = groups();
    let rows = all.iter().flat_map(|group| &group.rows);
    let fields = rows.flat_map(|row| [Some(row.field), row.upper]).flatten();
    let differ = fields.filter(|field| field.text(begun) != field.text(usual));
    differ
        .map(|field| (field.name, shown(field, usual)))
        .collect()
}

/// Begins the run.
fn begin(handle: &Handle, shown: &Recording, settings: Settings, another: bool) {
    let seed = if another { fresh_seed() } else { shown.seed };
    handle.ui(UiAction::Overlay(None));
    handle.run(Command::Open(Box::new(Recording {
        engine: ENGINE.into(),
        scenario: shown.scenario.clone(),
        settings,
        seed,
        journal: Vec::new(),
        playhead: Time::ZERO,
        hash: None,
    })));
    handle.notice(tell!("first.new-run", seed = seed.to_string()));
}

/// Puts the focus on the first field that is wrong, and opens its group.
fn focus_wrong(event: &SubmitEvent) {
    use wasm_bindgen::JsCast;
    let form = event.target_dyn_into::<web_sys::Element>();
    let wrong = form.and_then(|it| it.query_selector("[aria-invalid=true]").ok().flatten());
    if let Some(wrong) = wrong {
        if let Ok(Some(group)) = wrong.closest("details") {
            let _ = group.set_attribute("open", "");
        }
        let _ = wrong.unchecked_into::<web_sys::HtmlElement>().focus();
    }
}

/// What the settings mean.
fn readings(words: &Words, settings: &Settings, errors: usize, root: &Root) -> Html {
    let line = |rating: Rating, what: &str, says: &str| {
        let (class, mark, word) = match rating {
            Rating::Good => ("good", "check", key!("settings.good")),
            Rating::Tight => ("tight", "clock", key!("settings.tight")),
            Rating::Bad => ("bad", "octagon", key!("settings.bad")),
        };
        html! {
            <li key={what.to_owned()} {class}>{ icon(mark) }<p><b>{ what.to_owned() }</b>
                <span class="kv-sr">{ format!(" ({})", words.label(word)) }</span>{ ". " }{ says.to_owned() }</p></li>
        }
    };
    let heading = root.id("h-stability");
    html! {
        <section class="reads" aria-labelledby={heading.clone()}>
            <h3 class="kv-sech" id={heading}>{ h!(words, "settings.stability") }</h3>
            <div role="status"><ul>
                if errors == 0 {
                    { for stability(settings).iter().map(|it| line(it.rating, &words.text(&it.what), &words.text(&it.says))) }
                } else {
                    { line(Rating::Bad, &t!(words, "settings.no-run"), &t!(words, "settings.cannot-be", n = errors)) }
                }
            </ul></div>
        </section>
    }
}

/// What the rows need.
struct Form {
    begun: Settings,
    draft: UseStateHandle<Draft>,
    errors: Errors,
    root: Rc<Root>,
}

impl Form {
    fn group(&self, words: &Words, group: &Group) -> Html {
        let fields = || {
            group
                .rows
                .iter()
                .flat_map(|row| [Some(row.field), row.upper])
        };
        let wrong = fields()
            .flatten()
            .any(|it| self.errors.contains_key(it.name));
        // What most people look for first stands open.
        let open = wrong || matches!(group.name, "" | "timing" | "link");
        html! {
            <details key={group.name} {open}>
                <summary>{ words.html(&group.heading()) }</summary>
                { for group.rows.iter().map(|row| self.row(words, row)) }
            </details>
        }
    }

    /// The id of what is said to be wrong with a field.
    fn error_id(&self, field: &Field) -> AttrValue {
        self.root.id(format!("error-{}", field.name))
    }

    fn row(&self, words: &Words, row: &Row) -> Html {
        let (field, label) = (row.field, words.text(&row.label()));
        let (usual, hint) = (
            Settings::default(),
            self.root.id(format!("hint-{}", field.name)),
        );
        let default = match row.upper {
            None => shown(field, &usual),
            Some(upper) => t!(
                words,
                "settings.from-to",
                low = shown(field, &usual),
                high = shown(upper, &usual)
            ),
        };
        let default = if default.is_empty() {
            t!(words, "settings.none")
        } else {
            default
        };
        let allowed = match bounds(field) {
            None => t!(words, "settings.default", default),
            Some([low, high]) => t!(words, "settings.bounds", low, high, default),
        };
        let inputs = match row.upper {
            None if field.unit == Unit::Switch => self.switch(field, &label, &hint),
            None => self.input(field, &label, &hint),
            Some(upper) => html! { <>
                { self.input(field, &t!(words, "settings.shortest", label = &label), &hint) }
                <i aria-hidden="true">{ h!(words, "settings.to") }</i>
                { self.input(upper, &t!(words, "settings.longest", label = &label), &hint) }
            </> },
        };
        let ends = [Some(field), row.upper];
        let errors = ends.into_iter().flatten().filter_map(|it| {
            let error = self.errors.get(it.name)?;
            Some(html! { <p class="err" role="alert" id={self.error_id(it)}>{ words.say_html(unfit(error)) }</p> })
        });
        html! {
            <div class="row" key={field.name}>
                <b>{ label }</b>
                <div class="in">{ inputs }</div>
                <p id={hint}>{ words.html(&says(field)) }<small>{ " " }{ allowed }</small></p>
                { for errors }
            </div>
        }
    }

    fn text(&self, field: &Field) -> String {
        let typed = self.draft.get(field.name).cloned();
        typed.unwrap_or_else(|| shown(field, &self.begun))
    }

    fn set(&self, field: &'static Field) -> Callback<String> {
        let draft = self.draft.clone();
        Callback::from(move |text: String| {
            let mut next = (*draft).clone();
            next.insert(field.name, text);
            draft.set(next);
        })
    }

    fn input(&self, field: &'static Field, label: &str, hint: &str) -> Html {
        let (set, wrong) = (self.set(field), self.errors.contains_key(field.name));
        let about = match wrong {
            true => format!("{} {hint}", self.error_id(field)),
            false => hint.to_owned(),
        };
        let wide = matches!(field.unit, Unit::Priorities | Unit::Logs);
        html! {
            <input name={field.name} class={wide.then_some("wide")} value={self.text(field)} aria-label={label.to_owned()}
                autocomplete="off" spellcheck="false" aria-invalid={wrong.to_string()} aria-describedby={about}
                data-focus={(field.name == "nodes").then_some("first")}
                oninput={move |e: InputEvent| set.emit(e.target_unchecked_into::<HtmlInputElement>().value())} />
        }
    }

    fn switch(&self, field: &'static Field, label: &str, hint: &str) -> Html {
        let on = self.text(field) == "on";
        let set = self.set(field);
        let flip = move |_: MouseEvent| set.emit(if on { "off" } else { "on" }.into());
        html! {
            <button type="button" class="kv-sw" role="switch" name={field.name} aria-checked={on.to_string()}
                aria-label={label.to_owned()} aria-describedby={hint.to_owned()} onclick={flip}>
                <i class={classes!("kv-switch", on.then_some("on"))}></i>
            </button>
        }
    }
}
