//! Lessons are fetched when they are opened: `lessons/ID.json` beside the page, and the list of
//! all of them, `lessons/index.json`, which `cargo xtask dist` makes of the files.

use super::black_box;
use super::on_demand::Pieces;
use crate::base::json;
use crate::lesson::Scenario;
use crate::lesson::scenario::{LAB, Topic};
use crate::run::recording::check_id;
use crate::view::clean;
use js_sys::JsString;
use serde::Deserialize;
use std::borrow::Cow;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, RequestCache, RequestInit, Response};

/// What the list says of a lesson.
#[derive(Clone, PartialEq, Debug, Deserialize)]
pub struct Card {
    /// Its name in links.
    pub id: Rc<str>,
    /// The heading that it belongs to.
    pub topic: Topic,
    /// Where the story is from.
    pub source: Rc<str>,
    /// How much one has to know: 1 to 3.
    pub level: u8,
    /// How long it takes to read.
    pub minutes: u8,
    /// Its title.
    pub title: Rc<str>,
    /// One sentence.
    pub summary: Rc<str>,
    /// The seed when nobody names one.
    pub seed: u64,
    /// How many steps.
    pub steps: u32,
}

/// A scenario, by its id.
///
/// # Errors
/// Says which file can't be had, or where it is wrong.
pub async fn load(id: &str, pieces: &Pieces) -> Result<Rc<Scenario>, String> {
    if id == LAB {
        return Ok(Rc::new(Scenario::lab()));
    }
    // What isn't checked here might be another file's address.
    check_id(id).map_err(|wrong| wrong.within("scenario").to_string())?;
    let file = format!("lessons/{id}.json");
    let reader = pieces.reader().await?;
    let lesson = (reader.parse)(&fetch(&file).await?);
    lesson.map(Rc::new).map_err(|e| format!("{file}: {e}"))
}

/// A lesson's file, with texts that are fit to be shown.
///
/// # Errors
/// Says where the file is wrong.
pub fn parse(text: &str) -> Result<Scenario, String> {
    let mut scenario = Scenario::parse(text).map_err(|error| error.to_string())?;
    scenario.texts().into_iter().for_each(fit);
    Ok(scenario)
}

/// Shows a mark for each character that can't be seen.
fn fit(text: &mut Rc<str>) {
    if let Cow::Owned(clean) = clean(text) {
        *text = clean.into();
    }
}

/// What there is to choose from: the lessons in their order, then the free laboratory.
///
/// # Errors
/// Says that the list can't be had, or where it is wrong.
pub async fn cards() -> Result<Rc<Vec<Card>>, String> {
    let file = "lessons/index.json";
    let text = fetch(file).await?;
    let cards = json::parse(&text).and_then(|list| {
        let mut cards = list.read::<Vec<Card>>()?;
        for (at, card) in cards.iter_mut().enumerate() {
            check_id(&card.id).map_err(|wrong| wrong.within(&format!("[{at}].id")))?;
            let texts = [&mut card.source, &mut card.title, &mut card.summary];
            texts.into_iter().for_each(fit);
        }
        Ok(cards)
    });
    let mut cards = cards.map_err(|e| format!("{file}: {e}"))?;
    let handle = Scenario::lab();
    cards.push(Card {
        id: handle.id,
        topic: handle.topic,
        source: handle.source,
        level: handle.level,
        minutes: handle.minutes,
        title: handle.title,
        summary: handle.summary,
        seed: handle.seed,
        steps: 0,
    });
    Ok(Rc::new(cards))
}

/// A file beside the page. The browser asks the server whether its copy is still the newest.
pub(super) async fn fetch(file: &str) -> Result<String, String> {
    let get = async {
        let init = RequestInit::new();
        init.set_cache(RequestCache::NoCache);
        init.set_signal(Some(&AbortSignal::timeout_with_u32(black_box::PATIENCE)));
        let window = web_sys::window().ok_or(JsValue::UNDEFINED)?;
        let answer = JsFuture::from(window.fetch_with_str_and_init(file, &init)).await?;
        let answer: Response = answer.unchecked_into();
        if !answer.ok() {
            return Ok(Err(format!("the server answers {}", answer.status())));
        }
        let text: JsString = JsFuture::from(answer.text()?).await?.unchecked_into();
        Ok(Ok(String::from(text)))
    };
    let answer: Result<_, JsValue> = get.await;
    let answer = answer.unwrap_or_else(|_| Err("the server can't be reached".into()));
    answer.map_err(|why| format!("{file} can't be loaded: {why}. Reload the page to try again"))
}
