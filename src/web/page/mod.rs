//! What there is one of: the start, the address, what is remembered and fetched.
//!
//! [`black_box`] keeps the run outside of the module's memory; [`on_demand`] gets the code that the
//! first screen does without, [`lessons`] the lessons; [`options`] and [`links`] read and write
//! addresses.

pub mod black_box;
pub mod lessons;
pub mod links;
pub(super) mod memory;
pub mod on_demand;
pub mod options;

use super::figure::root::{App, AppProps};
use super::store::Level;
use crate::lesson::Scenario;
use options::Options;

/// Mounts the page into the element with the id `app`, if there is one, with the scenario that
/// its address asks for. If that can't be had, the page opens as a free laboratory and says why.
pub fn start() {
    black_box::install();
    let Some(window) = web_sys::window() else {
        return;
    };
    let mut options = Options::parse(&window.location().search().unwrap_or_default());
    let document = window.document();
    let Some(root) = document.and_then(|document| document.get_element_by_id("app")) else {
        return;
    };
    wasm_bindgen_futures::spawn_local(async move {
        let first = Scenario::opening();
        let id = options.scenario.unwrap_or(&first.id);
        // The first screen and an embed show no story: the first lesson's may come later.
        let early = memory::recall(&options).level == Level::Calm || options.embed;
        let scenario = match id == &*first.id && early {
            true => Ok(first.into()),
            false => lessons::load(id).await,
        };
        let scenario = scenario.unwrap_or_else(|problem| {
            options.problems.push(problem);
            Scenario::lab().into()
        });
        root.set_text_content(None);
        let props = AppProps { options, scenario };
        yew::Renderer::<App>::with_root_and_props(root, props).render();
    });
}
