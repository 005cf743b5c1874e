//! The key-value console: any operation, on any key, to any server.
//!
//! What is typed is data: it goes into an [`Operation`] as it is and comes back as text. A field
//! that the store would refuse is named beside the form before anything is sent.

use super::words::{clip, seconds};
use crate::base::NodeId;
use crate::base::order::sort_by_key;
use crate::kv::{Operation, Outcome};
use crate::raft::ReadLevel;
use crate::sim::{Action, ActionError};
use crate::view::clients::outlook;
use crate::view::words::key;
use crate::view::{ClientOperationView, ClusterView, label, refused};
use crate::web::icons::icon;
use crate::web::language::{Words, h, t};
use crate::web::store::{Handle, Item, Same, use_handle, use_root, use_ui, use_view, use_words};
use std::rc::Rc;
use web_sys::{HtmlElement, HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

/// Answers that the history shows at most.
const HISTORY: usize = 30;

/// What the form holds.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Draft {
    /// The operation's name.
    pub op: Op,
    /// The key.
    pub key: String,
    /// The value.
    pub value: String,
    /// What a compare-and-swap expects; `None`: that the key is absent.
    pub expected: Option<String>,
    /// How much a read asks for.
    pub level: ReadLevel,
}

/// The operations that the console offers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Op {
    /// Set.
    #[default]
    Put,
    /// Read.
    Get,
    /// Add at the end.
    Append,
    /// Remove.
    Delete,
    /// Set if it is what is expected.
    Cas,
}

/// How much a read may ask for, and what it costs.
const LEVELS: [(ReadLevel, &str); 3] = [
    (ReadLevel::Linearizable, key!("console.linearizable")),
    (ReadLevel::Lease, key!("console.lease")),
    (ReadLevel::Stale, key!("console.stale")),
];

impl Op {
    const ALL: [(Op, &str); 5] = [
        (Op::Put, key!("console.op-put")),
        (Op::Get, key!("console.op-get")),
        (Op::Append, key!("console.op-append")),
        (Op::Delete, key!("console.op-delete")),
        (Op::Cas, key!("console.op-cas")),
    ];

    fn has_value(self) -> bool {
        matches!(self, Op::Put | Op::Append | Op::Cas)
    }
}

impl Draft {
    /// The operation that the form describes.
    ///
    /// # Errors
    /// The field that the store refuses, and why.
    pub fn operation(&self) -> Result<Operation, ActionError> {
        let key: Rc<str> = self.key.as_str().into();
        let value = || Rc::<str>::from(self.value.as_str());
        let operation = match self.op {
            Op::Put => Operation::Put {
                key,
                value: value(),
            },
            Op::Get => Operation::Get {
                key,
                level: self.level,
            },
            Op::Append => Operation::Append {
                key,
                value: value(),
            },
            Op::Delete => Operation::Delete { key },
            Op::Cas => Operation::Cas {
                key,
                expected: self.expected.as_deref().map(Into::into),
                value: value(),
            },
        };
        match operation.check() {
            Ok(()) => Ok(operation),
            Err(error) => Err(error.into()),
        }
    }
}

/// The console.
#[function_component]
pub fn Console() -> Html {
    let words = &use_words();
    let heading = use_root().id("h-console");
    html! {
        <section class="kv-console" aria-labelledby={heading.clone()}>
            <div class="kv-ph"><h2 id={heading}>{ h!(words, "console.requests") }</h2><span class="sub">{ h!(words, "console.to-the-key-value") }</span></div>
            <Form />
            <History />
        </section>
    }
}

/// What the form holds between two drawings.
#[derive(Clone)]
struct Sheet {
    draft: UseStateHandle<Draft>,
    /// What the store would refuse.
    error: UseStateHandle<Option<ActionError>>,
    /// Whom to ask; `None`: the leader.
    target: UseStateHandle<Option<NodeId>>,
    key_field: NodeRef,
}

/// The form's state. Whoever asks for the console finds its first field chosen.
#[hook]
fn use_sheet() -> Sheet {
    let ui = use_ui();
    let sheet = Sheet {
        draft: use_state(|| Draft {
            key: "x".into(),
            value: "1".into(),
            ..Draft::default()
        }),
        error: use_state(|| None),
        target: use_state(|| ui.ask),
        key_field: use_node_ref(),
    };
    let (key_field, target, ask) = (sheet.key_field.clone(), sheet.target.clone(), ui.ask);
    use_effect_with(ui.asked, move |asked| {
        target.set(ask);
        if *asked > 0
            && let Some(field) = key_field.cast::<HtmlInputElement>()
        {
            field.focus().ok();
            field.select();
        }
    });
    sheet
}

impl Sheet {
    /// Takes what was typed into the draft.
    fn edit(&self, change: fn(&mut Draft, String)) -> Callback<String> {
        let (draft, error) = (self.draft.clone(), self.error.clone());
        Callback::from(move |text: String| {
            let mut next = (*draft).clone();
            change(&mut next, text);
            draft.set(next);
            error.set(None);
        })
    }

    /// The same for a choice from a list.
    fn choose(&self, change: fn(&mut Draft, String)) -> Callback<Event> {
        let edit = self.edit(change);
        Callback::from(move |e: Event| {
            edit.emit(e.target_unchecked_into::<HtmlSelectElement>().value());
        })
    }

    fn submit(&self, handle: &Handle) -> Callback<SubmitEvent> {
        let (sheet, handle) = (self.clone(), handle.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            match sheet.draft.operation() {
                Ok(operation) => {
                    sheet.error.set(None);
                    handle.act(Action::Request {
                        operation,
                        to: *sheet.target,
                        attempts: 0,
                    });
                }
                Err(refused) => {
                    focus(&sheet.key_field, refused.field);
                    sheet.error.set(Some(refused));
                }
            }
        })
    }

    /// Whom to ask.
    fn target(&self, words: &Words, view: &ClusterView) -> Html {
        let target = self.target.clone();
        let to = *target;
        let onchange = move |event: Event| {
            let chosen = event.target_unchecked_into::<HtmlSelectElement>();
            target.set(chosen.value().parse().ok().map(NodeId));
        };
        html! {
            <label class="to"><span>{ h!(words, "console.send-to") }</span>
                <select {onchange}>
                    <option value="" selected={to.is_none()}>{ h!(words, "console.the-leader") }</option>
                    { for view.nodes.iter().map(|n| html! {
                        <option key={n.id.0} value={n.id.0.to_string()} selected={to == Some(n.id)}>{ n.id.to_string() }</option>
                    }) }
                </select>
            </label>
        }
    }

    /// How much a read asks for.
    fn level(&self, words: &Words) -> Html {
        let onchange = self.choose(|d, text| d.level = LEVELS[text.parse().unwrap_or(0)].0);
        html! {
            <label class="level"><span>{ h!(words, "console.read") }</span>
                <select {onchange}>
                    { for LEVELS.iter().enumerate().map(|(i, (level, name))| html! {
                        <option key={i} value={i.to_string()} selected={*level == self.draft.level}>{ words.label(name) }</option>
                    }) }
                </select>
            </label>
        }
    }

    /// The switch of a compare-and-swap: whether the key is expected to be absent.
    fn absent(&self, words: &Words) -> Html {
        let draft = self.draft.clone();
        let absent = draft.expected.is_none();
        let onchange = move |_: Event| {
            draft.set(Draft {
                expected: draft.expected.is_none().then(String::new),
                ..(*draft).clone()
            });
        };
        html! {
            <label class="absent"><input type="checkbox" checked={absent} {onchange} />{ h!(words, "console.only-if-the-key") }</label>
        }
    }
}

#[function_component]
fn Form() -> Html {
    let (handle, view, sheet) = (use_handle(), use_view(), use_sheet());
    let words = &handle.words;
    let (draft, error) = (&*sheet.draft, &*sheet.error);
    let error_id = handle.root.id("ask-error");
    let field = |name: &'static str, label, value: &str, change, node| {
        let bad = error.as_ref().is_some_and(|error| error.field == name);
        let bad = bad.then(|| error_id.clone());
        field(name, label, value, bad, change, node)
    };
    let onchange = sheet.choose(|d, text| d.op = Op::ALL[text.parse().unwrap_or(0)].0);
    html! {
        <form class="kv-ask" novalidate=true onsubmit={sheet.submit(&handle)}>
            <label class="op"><span>{ h!(words, "console.operation") }</span>
                <select {onchange}>
                    { for Op::ALL.iter().enumerate().map(|(i, (o, name))| html! {
                        <option key={i} value={i.to_string()} selected={*o == draft.op}>{ words.label(name) }</option>
                    }) }
                </select>
            </label>
            { sheet.target(words, &view) }
            if draft.op == Op::Get {
                { sheet.level(words) }
            }
            { field("key", t!(words, "console.key"), &draft.key, sheet.edit(|d, text| d.key = text), sheet.key_field.clone()) }
            if draft.op == Op::Cas {
                if let Some(expected) = &draft.expected {
                    { field("expected", t!(words, "console.expected"), expected, sheet.edit(|d, text| d.expected = Some(text)), NodeRef::default()) }
                }
                { sheet.absent(words) }
            }
            if draft.op.has_value() {
                { field("value", t!(words, "console.value"), &draft.value, sheet.edit(|d, text| d.value = text), NodeRef::default()) }
            }
            <button type="submit" class="kv-btn pri">{ icon("send") }{ h!(words, "console.send") }</button>
            <p class="err" id={error_id.clone()} role="alert">{ error.as_ref().map(|error| words.say_html(refused(error))) }</p>
        </form>
    }
}

/// Puts the focus on the field that was refused.
fn focus(inside: &NodeRef, field: &str) {
    let form = inside
        .cast::<web_sys::Element>()
        .and_then(|e| e.closest("form").ok().flatten());
    let found = form.and_then(|f| {
        f.query_selector(&format!("[name='{field}']"))
            .ok()
            .flatten()
    });
    if let Some(element) = found.and_then(|e| wasm_bindgen::JsCast::dyn_into::<HtmlElement>(e).ok())
    {
        element.focus().ok();
    }
}

fn field(
    name: &'static str,
    label: String,
    value: &str,
    bad: Option<AttrValue>,
    change: Callback<String>,
    node: NodeRef,
) -> Html {
    html! {
        <label class={name}><span>{ label }</span>
            <input ref={node} {name} value={value.to_owned()} autocomplete="off" spellcheck="false"
                aria-invalid={bad.is_some().to_string()} aria-describedby={bad}
                oninput={move |e: InputEvent| change.emit(e.target_unchecked_into::<HtmlInputElement>().value())} />
        </label>
    }
}

/// What became of an operation: a word for the style, and a sentence.
pub fn outcome(words: &Words, operation: &ClientOperationView) -> (&'static str, String) {
    let took = |end: crate::base::Time| end.since(operation.invoked).0 / 1_000;
    let tries = |text: String| match operation.attempts {
        0 | 1 => text,
        n => t!(words, "console.try", text, n),
    };
    let text = |value: &Option<Rc<str>>| match value {
        None => t!(words, "inspect.absent"),
        Some(v) if v.is_empty() => "\"\"".to_owned(),
        Some(v) => clip(v, 40),
    };
    match (&operation.outcome, operation.ended) {
        (None, None) => {
            let since = seconds(operation.invoked);
            (
                "waits",
                tries(t!(words, "console.waits", since, node = operation.node)),
            )
        }
        (None, Some(end)) => {
            let (tries, ms) = (operation.attempts, took(end));
            let knows = operation.failed.map(outlook);
            ("gone", t!(words, "console.gave-up", tries, ms, knows))
        }
        (Some(outcome), end) => {
            let ms = end.map_or(0, took);
            let what = match outcome {
                Outcome::Found { value } => text(value),
                Outcome::Done => t!(words, "console.done"),
                Outcome::Differs { found } => t!(words, "console.not-done", value = text(found)),
            };
            (
                "done",
                tries(t!(
                    words,
                    "console.answered",
                    what,
                    ms,
                    node = operation.node
                )),
            )
        }
    }
}

/// The operations of all clients, newest first.
fn newest(view: &ClusterView) -> Vec<(Item, String, Rc<ClientOperationView>)> {
    let all = view.clients.iter().flat_map(|c| {
        let named =
            move |o: &Rc<ClientOperationView>| (Item::Client(c.id), c.id.to_string(), o.clone());
        c.operations.iter().map(named)
    });
    let mut all: Vec<_> = all.collect();
    sort_by_key(&mut all, |(_, _, o)| {
        std::cmp::Reverse((o.invoked, o.sequence))
    });
    all.truncate(HISTORY);
    all
}

#[function_component]
fn History() -> Html {
    let words = &use_words();
    let view = use_view();
    let rows = newest(&view);
    if rows.is_empty() {
        return html! { <p class="kv-none">{ h!(words, "console.no-requests-yet-what") }</p> };
    }
    html! {
        <ol class="kv-ops" aria-label={t!(words, "console.requests-newest-first")}>
            { for rows.into_iter().map(|(item, client, operation)| {
                let key = format!("{client}.{}", operation.sequence);
                html! { <Request {key} {item} {client} operation={Same(operation)} /> }
            }) }
        </ol>
    }
}

#[derive(Properties, PartialEq)]
struct RequestProps {
    item: Item,
    client: String,
    operation: Same<ClientOperationView>,
}

#[function_component]
fn Request(props: &RequestProps) -> Html {
    let handle = use_handle();
    let words = &handle.words;
    let (class, text) = outcome(words, &props.operation);
    let item = props.item.clone();
    let enter = {
        let handle = handle.clone();
        move |_: PointerEvent| handle.hover(Some(item.clone()))
    };
    let mark = match class {
        "done" => icon("check"),
        "gone" => icon("close"),
        _ => icon("clock"),
    };
    html! {
        <li {class} onpointerenter={enter} onpointerleave={move |_: PointerEvent| handle.hover(None)}>
            <b>{ &props.client }</b>
            <code>{ label(&props.operation.operation) }</code>
            <span>{ text }</span>
            { mark }
        </li>
    }
}
