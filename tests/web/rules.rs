//! The panel "Rules and chaos".

use crate::bench::{commands, mount, setting, settle, show};
use kvorum::base::Ratio;
use kvorum::raft::{Rule, Rules};
use kvorum::sim::{Action, Chaos, Fault};
use kvorum::web::components::{Bar, RulesAndChaos, says};
use kvorum::web::store::Command;
use std::rc::Rc;
use wasm_bindgen_test::wasm_bindgen_test;
use yew::html;

#[wasm_bindgen_test]
fn every_rule_says_what_it_demands_and_where_that_is_from() {
    for rule in Rule::ALL {
        let says = says(rule.says());
        assert!(says.text.ends_with('.'), "{}: {}", rule.name(), says.text);
        assert!(!says.text.contains("  "), "{}: {}", rule.name(), says.text);
        let known = says.source.starts_with("figure ")
            || says
                .source
                .trim_start_matches("diss. ")
                .starts_with(|c: char| c.is_ascii_digit());
        assert!(known, "{}: {:?}", rule.name(), says.source);
    }
}

#[wasm_bindgen_test]
async fn a_switch_begins_a_run_with_the_rule_off_or_on() {
    let page = show(html! { <RulesAndChaos /> }).await;
    assert_eq!(page.all("[role=switch]").len(), Rule::ALL.len());
    assert!(page.text(".state").contains("rules are off"));
    page.click("[role=switch][aria-labelledby=rule-persist-vote]")
        .await;
    page.click("[role=switch][aria-labelledby=rule-pre-vote]")
        .await;
    let without = Rules::FIGURE_2.without(Rule::PersistVote);
    let with = Rules::FIGURE_2.with(Rule::PreVote);
    assert_eq!(commands(), [Command::Rules(without), Command::Rules(with)]);
}

#[wasm_bindgen_test]
async fn chaos_is_set_by_fault_and_by_weather() {
    let page = show(html! { <RulesAndChaos /> }).await;
    page.saying("button", "Chaos").click();
    settle().await;
    assert!(page.all(".dials input").len() >= Fault::ALL.len());
    page.saying("button", "rough").click();
    let chaos = kvorum::run::sweep::Profile::Rough.chaos();
    assert_eq!(commands(), [Command::Act(Action::SetChaos { chaos })]);
    page.fill(".kv-dial input", "4").await;
    page.send(".kv-dial input", "change").await;
    let mut chaos = Chaos::default();
    *chaos.rate_mut(Fault::ALL[0]) = Ratio::percent(5);
    assert_eq!(commands()[1..], [Command::Act(Action::SetChaos { chaos })]);
}

#[wasm_bindgen_test]
async fn the_bar_names_the_rules_that_are_off() {
    let mut it = setting(html! { <Bar /> });
    it.ui.level = kvorum::web::store::Level::Panels;
    let page = mount(it.clone()).await;
    assert!(
        page.all(".kv-off").is_empty(),
        "figure 2 is what the lesson is about"
    );
    let mut story = (*it.story).clone();
    story.weather.rules = Rules::ALL.without(Rule::PersistLog);
    it.story = Rc::new(story);
    let page = mount(it).await;
    assert_eq!(page.text(".kv-off"), "persist-log off");
}
