//! A slider over steps.

use web_sys::HtmlInputElement;
use yew::prelude::*;

/// What a slider shows.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What it is called.
    pub label: AttrValue,
    /// What it does.
    pub title: AttrValue,
    /// What can be chosen, in order.
    pub steps: &'static [i32],
    /// What is.
    pub at: i32,
    /// What is counted.
    pub unit: &'static str,
    /// What is called with the choice.
    pub set: Callback<i32>,
}

/// A slider over steps; it acts when it is let go.
#[function_component]
pub fn Dial(props: &Props) -> Html {
    let Props {
        steps, at, unit, ..
    } = *props;
    let moving = use_state(|| None::<i32>);
    let input = use_node_ref();
    let value = moving.unwrap_or(at);
    let step = steps.iter().rposition(|s| *s <= value).unwrap_or(0);
    use_effect_with(step, {
        let input = input.clone();
        move |step| {
            if let Some(input) = input.cast::<web_sys::HtmlElement>() {
                let share = *step as f64 / (steps.len() - 1) as f64;
                let _ = input.style().set_property("--v", &share.to_string());
            }
        }
    });
    let chosen = move |event: &Event| {
        let input: HtmlInputElement = event.target_unchecked_into();
        let step = input.value().parse::<usize>().unwrap_or(0);
        steps[step.min(steps.len() - 1)]
    };
    let oninput = {
        let moving = moving.clone();
        move |event: InputEvent| moving.set(Some(chosen(&event)))
    };
    let onchange = {
        let set = props.set.clone();
        move |event: Event| {
            moving.set(None);
            set.emit(chosen(&event));
        }
    };
    let text = format!("{value} {unit}");
    html! {
        <label class="kv-dial" title={&props.title}>
            <span>{ &props.label }</span>
            <input type="range" class="kv-slider" ref={input} min="0" max={(steps.len() - 1).to_string()} value={step.to_string()}
                aria-valuetext={text.clone()} {oninput} {onchange} />
            <output>{ text }</output>
        </label>
    }
}
