//! Opening a run that somebody shared: from a link, or from a file's text.

use crate::view::Telling;
use crate::web::icons::icon;
use crate::web::language::h;
use crate::web::page::links;
use crate::web::store::*;
use web_sys::HtmlTextAreaElement;
use yew::platform::spawn_local;
use yew::prelude::*;

/// Reads the run of the open overlay and starts it; or says what is wrong, and takes another one.
/// With nothing to read, somebody is about to paste it.
#[function_component]
pub fn Opening() -> Html {
    let (handle, ui) = (use_handle(), use_ui());
    let words = &handle.words.clone();
    let text = match &ui.overlay {
        Some(Overlay::Open(text)) => text.clone(),
        _ => AttrValue::default(),
    };
    let field = use_node_ref();
    let problem = use_state(|| None::<Telling>);
    let open = {
        let problem = problem.setter();
        Callback::from(move |text: String| {
            let (handle, problem) = (handle.clone(), problem.clone());
            spawn_local(async move {
                match links::read(&text).await {
                    Ok(recording) => {
                        handle.ui(UiAction::Overlay(None));
                        handle.ui(UiAction::Started);
                        handle.run(Command::Open(Box::new(recording)));
                    }
                    Err(why) => problem.set(Some(why)),
                }
            });
        })
    };
    {
        let open = open.clone();
        use_effect_with(text.clone(), move |text| {
            if !text.is_empty() {
                open.emit(text.to_string());
            }
        });
    }
    if !text.is_empty() && problem.is_none() {
        return html! { <p role="status">{ h!(words, "share.reading-the-run") }</p> };
    }
    let submit = {
        let field = field.clone();
        move |event: SubmitEvent| {
            event.prevent_default();
            let text = field.cast::<HtmlTextAreaElement>().map(|f| f.value());
            open.emit(text.unwrap_or_default());
        }
    };
    html! {
        <form class="kv-opening" novalidate=true onsubmit={submit}>
            if let Some(why) = &*problem { <p class="err" role="alert">{ icon("octagon") }<span>{ words.say_html(why.clone()) }</span></p> }
            <label><span>{ h!(words, "share.a-link-to-a") }</span>
                <textarea ref={field} rows="5" spellcheck="false" data-focus="first" aria-invalid={problem.is_some().to_string()} />
            </label>
            <button type="submit" class="kv-btn pri">{ icon("play") }{ h!(words, "share.open-it") }</button>
        </form>
    }
}
