//! The passing message, at the bottom left. It goes after six seconds; a bad one stays.

use crate::web::icons::icon;
use crate::web::language::{h, t};
use crate::web::store::{Command, Notice, Overlay, UiAction, use_handle, use_ui};
use std::time::Duration;
use yew::platform::{spawn_local, time::sleep};
use yew::prelude::*;

const SHOWN: Duration = Duration::from_secs(6);

/// The passing message.
#[function_component]
pub fn Toast() -> Html {
    let (handle, ui) = (use_handle(), use_ui());
    let words = &handle.words.clone();
    let shown = use_mut_ref(|| 0_u32);
    let close = {
        let handle = handle.clone();
        Callback::from(move |()| handle.ui(UiAction::Notice(Notice::plain(""))))
    };
    {
        let (shown, close) = (shown.clone(), close.clone());
        use_effect_with(ui.notice.clone(), move |notice| {
            *shown.borrow_mut() += 1;
            if notice.as_ref().is_some_and(|n| !n.bad) {
                let mine = *shown.borrow();
                spawn_local(async move {
                    sleep(SHOWN).await;
                    // Another message may have taken the place.
                    if *shown.borrow() == mine {
                        close.emit(());
                    }
                });
            }
        });
    }
    let undo = {
        let (handle, close) = (handle.clone(), close.clone());
        move |_: MouseEvent| {
            handle.run(Command::Undo);
            close.emit(());
        }
    };
    let settings = {
        let close = close.clone();
        move |_: MouseEvent| {
            close.emit(());
            handle.ui(UiAction::Overlay(Some(Overlay::Settings)));
        }
    };
    html! {
        <div class="kv-toasts" role="status" aria-live="polite">
            if let Some(notice) = &ui.notice {
                <div class={classes!("kv-toast", notice.bad.then_some("bad"))}>
                    if notice.bad { { icon("octagon") } }
                    <span>{ words.html(&notice.text) }</span>
                    if notice.undo { <button type="button" onclick={undo}>{ h!(words, "first.undo") }</button> }
                    if notice.settings { <button type="button" onclick={settings}>{ h!(words, "first.settings") }</button> }
                    <button type="button" class="x" aria-label={t!(words, "first.close")} onclick={move |_| close.emit(())}>{ icon("close") }</button>
                </div>
            }
        </div>
    }
}
