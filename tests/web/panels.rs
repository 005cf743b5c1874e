//! Feed, guide, transport, inspector and dialogs, mounted with the run of the fixture.

use super::bench::{Page, commands, mount, setting, settle, show};
use super::fixture::{at, cluster, story, told};
use kvorum::base::NodeId;
use kvorum::lesson::scenario::{Prediction, Topic};
use kvorum::raft::Rules;
use kvorum::sim::{Action, EventKind};
use kvorum::view::{MessageView, Telling, Told};
use kvorum::web::components::*;
use kvorum::web::figure::chronicle::Chronicle;
use kvorum::web::page::lessons::Card;
use kvorum::web::page::on_demand::Pieces;
use kvorum::web::store::*;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlButtonElement;
use yew::prelude::*;

/// When S4 was elected.
fn elected(told: &Told) -> bool {
    told.telling.key == "vote.elected" && told.at > at(2_400)
}

#[wasm_bindgen_test]
async fn the_feed_tells_newest_first_and_counts_what_repeats() {
    let mut it = setting(html! { <Feed /> });
    let mut told = told();
    told.retain(|told| told.at >= at(2_400));
    it.story = Rc::new(Story {
        told: Rc::new(told.clone()),
        ..story()
    });
    let page = mount(it).await;
    let lines = page.all(".kv-feed li");
    assert_eq!(
        lines.len(),
        told.len() - 9,
        "heartbeats that the wall stops are one line for each link and while"
    );
    let text = |line: &web_sys::Element| line.text_content().unwrap();
    let first = text(&lines[0]);
    assert!(first.starts_with("2.709"), "{first}");
    let repeated = lines.iter().map(text).filter(|line| line.contains('×'));
    let repeated: Vec<String> = repeated.collect();
    assert_eq!(repeated.len(), 4, "{repeated:?}");
    assert!(repeated[1].contains("×4"), "{repeated:?}");
    assert_eq!(lines[0].class_name(), "now key");
    assert_eq!(
        page.one(".kv-feed [role=log], [role=log]")
            .get_attribute("aria-live")
            .unwrap(),
        "off"
    );
    let link = page.one("a.ref");
    assert!(link.get_attribute("href").unwrap().contains("raft.pdf"));
    // Only the turning points.
    page.saying("button", "All kinds").click();
    settle().await;
    assert_eq!(
        page.all(".kv-feed li").len(),
        told.iter().filter(|t| t.key).count()
    );
    // A click goes there.
    page.saying(".kv-feed li", "leads term 4").click();
    let elected = told.iter().find(|told| elected(told)).unwrap().at;
    assert_eq!(commands(), [Command::Seek(elected)]);
}

#[wasm_bindgen_test]
fn losses_without_end_do_not_push_the_story_out() {
    let scenario = kvorum::lesson::scenario::find("network-partition").unwrap();
    let mut playhead = scenario.start(7).unwrap();
    playhead.advance(at(2_000), || true);
    let leader = playhead.leaderships().last().unwrap().leader;
    let (minority, majority): (Vec<_>, Vec<_>) = (1..=5)
        .map(NodeId)
        .partition(|id| *id == leader || *id == NodeId(leader.0 % 5 + 1));
    let groups = vec![minority, majority];
    playhead.act(Action::partition(groups)).unwrap();
    playhead.advance(at(60_000), || true);
    let story = Chronicle::new(scenario, Rules::FIGURE_2)
        .story(&playhead, Pieces::default().narrator_here());
    let told = |what: &dyn Fn(&EventKind) -> bool| story.told.iter().any(|t| what(&t.kind));
    let oldest = playhead.events().rev().nth(2_048).unwrap();
    assert!(
        oldest.event.at > at(4_000),
        "the wall is older than the window"
    );
    assert!(told(&|kind| matches!(
        kind,
        EventKind::Acted(Action::Partition { .. })
    )));
    let lines = lines(&story.told, true);
    assert!(lines.len() > 5, "{lines:#?}");
    assert!(story.told.is_sorted_by(|a, b| a.seq < b.seq));
    assert!(story.told.len() < 2_700);
}

#[wasm_bindgen_test]
async fn the_feed_reads_markup_and_does_not_run_it() {
    let mut it = setting(html! { <Feed /> });
    let mut story = story();
    let evil = "<script>window.evil = 1</script><img src=x onerror=evil()>";
    let telling = Telling::new("found.violated").with("property", evil);
    let told = Told {
        telling,
        seq: 99,
        ..(*story.told[0]).clone()
    };
    story.told = Rc::new(vec![Rc::new(told)]);
    it.story = Rc::new(story);
    let page = mount(it).await;
    assert!(page.text(".kv-feed li p").contains(evil));
    assert!(page.all(".kv-feed img, .kv-feed script").is_empty());
}

#[wasm_bindgen_test]
async fn the_future_is_faded_after_going_back() {
    let mut it = setting(html! { <Feed /> });
    let mut view = cluster();
    let mut story = story();
    let mut told = told();
    told.truncate(told.iter().position(|told| elected(told)).unwrap() + 1);
    view.now = told.last().unwrap().at;
    story.told = Rc::new(told);
    it.clock.live = false;
    (it.view, it.story) = (Rc::new(view), Rc::new(story));
    let page = mount(it).await;
    assert_eq!(
        page.all("li.future").len(),
        8,
        "two commits, the slow link, and what clients ask and get"
    );
    assert!(page.text("li.now").contains("leads term 4"));
}

fn guide(done: bool, predicted: Option<usize>) -> GuideView {
    GuideView {
        step: 1,
        steps: 3,
        title: "Cut it in half".into(),
        text: "Two here, three there.".into(),
        tasks: vec![
            TaskView {
                text: "Cut".into(),
                done: true,
            },
            TaskView {
                text: "Elect".into(),
                done,
            },
        ],
        done,
        off_track: false,
        prediction: Some(Rc::new(Prediction {
            question: "Who wins?".into(),
            choices: vec!["Two".into(), "Three".into()],
            answer: 1,
            because: "Three are a majority of five.".into(),
        })),
        predicted,
        button: Some("Cut the network".into()),
    }
}

async fn card(guide: GuideView) -> Page {
    let mut it = setting(html! { <Guide /> });
    it.story = Rc::new(Story {
        guide: Some(guide),
        ..story()
    });
    mount(it).await
}

#[wasm_bindgen_test]
async fn the_guide_asks_before_its_button_works() {
    let page = card(guide(false, None)).await;
    let button = |text: &str| {
        page.saying(".kv-acts button", text)
            .unchecked_into::<HtmlButtonElement>()
    };
    assert_eq!(page.all(".kv-tasks .done").len(), 1);
    assert!(button("Cut the network").disabled());
    page.saying(".choices button", "Two").click();
    assert_eq!(commands(), [Command::Predict(0)]);
    let page = card(guide(false, Some(0))).await;
    assert!(page.text(".because").contains("majority"));
    page.saying(".kv-acts button", "Cut the network").click();
    page.saying(".kv-acts button", "Back").click();
    assert_eq!(commands(), [Command::PressStep, Command::Step(0)]);
    let page = card(guide(true, Some(1))).await;
    page.saying(".kv-acts button.pri", "Next").click();
    assert_eq!(commands(), [Command::Step(2)]);
}

#[wasm_bindgen_test]
async fn the_guide_leads_back_to_its_story() {
    let page = card(GuideView {
        off_track: true,
        ..guide(false, Some(1))
    })
    .await;
    page.saying(".kv-acts button.pri", "Back to step 2").click();
    assert_eq!(commands(), [Command::StartStepAgain]);
}

#[wasm_bindgen_test]
async fn the_transport_drives_the_clock() {
    let page = show(html! { <Transport /> }).await;
    assert_eq!(page.text("output"), "2.712");
    assert!(page.text(".kv-speed").contains("1 s = 50 ms"));
    let newest: HtmlButtonElement = page.one("[aria-label='To newest (End)']").unchecked_into();
    assert!(newest.disabled(), "it is the newest moment");
    page.click(".kv-play").await;
    page.click("[aria-label='Previous event (,)']").await;
    page.fill("input[type=range]", "4").await;
    assert_eq!(
        commands(),
        [
            Command::Play,
            Command::Previous,
            Command::Speed(Speed::STEPS[4])
        ]
    );
}

#[wasm_bindgen_test]
async fn the_seed_is_always_shown() {
    let long = u64::MAX.to_string();
    let shapes = [
        html! { <FirstRun /> },
        html! { <Embed autoplay={false} /> },
        html! { <Thumb /> },
        html! { <Transport /> },
    ];
    for shape in shapes {
        let mut it = setting(shape);
        let mut view = cluster();
        view.seed = long.clone();
        it.view = Rc::new(view);
        let page = mount(it).await;
        let seed = page.one(".kv-seed");
        let text = format!("seed {long}");
        assert_eq!(seed.text_content(), Some(text.clone()));
        assert_eq!(seed.get_attribute("title"), Some(text));
    }
}

#[wasm_bindgen_test]
async fn the_speed_label_states_the_true_ratio() {
    let mut it = setting(html! { <Transport /> });
    it.clock = Clock {
        playing: true,
        speed: Speed(20_000_000),
        actual: Some(Speed(3_000_000)),
        live: true,
    };
    let page = mount(it).await;
    assert!(
        page.text(".kv-speed").contains("1 s = 3 s"),
        "{}",
        page.text(".kv-speed")
    );
}

#[wasm_bindgen_test]
async fn the_timeline_shows_two_leaders_as_two_rows() {
    let mut it = setting(html! { <Transport /> });
    it.clock.speed = Speed(25_000);
    let page = mount(it).await;
    let slider = page.one("[role=slider]");
    let spoken = slider.get_attribute("aria-valuetext").unwrap();
    assert_eq!(spoken, "2.712 seconds, S1 leads term 3, S4 leads term 4");
    let rows: Vec<_> = page
        .all(".rib rect")
        .iter()
        .map(|r| r.get_attribute("y").unwrap())
        .collect();
    assert_eq!(rows.len(), 2);
    assert_ne!(rows[0], rows[1]);
    let folded: Vec<_> = page
        .all(".fold text")
        .iter()
        .map(|t| t.text_content().unwrap())
        .collect();
    assert_eq!(folded, ["1", "2"], "terms before the window");
    assert!(
        page.one(".head")
            .get_attribute("transform")
            .unwrap()
            .starts_with("translate(")
    );
    page.press("[role=slider]", "ArrowLeft").await;
    assert_eq!(commands(), [Command::Previous]);
}

#[wasm_bindgen_test]
async fn another_branch_can_be_shown() {
    let mut it = setting(html! { <Transport /> });
    let mut story = story();
    story.branches.push(BranchView {
        id: 1,
        name: "Crash S4".into(),
        forked_at: Some(at(2500)),
        end: at(2600),
    });
    it.story = Rc::new(story);
    let page = mount(it).await;
    let choice: web_sys::HtmlSelectElement = page.one(".kv-branch select").unchecked_into();
    choice.set_value("1");
    page.send(".kv-branch select", "change").await;
    assert_eq!(commands(), [Command::Switch(1)]);
    assert_eq!(page.all(".kv-tlsvg .branch").len(), 1);
}

async fn inspect(item: Item) -> Page {
    let mut it = setting(html! { <Inspector /> });
    it.ui.selected = Some(item);
    mount(it).await
}

#[wasm_bindgen_test]
async fn the_inspector_looks_into_things() {
    let page = inspect(Item::Node(NodeId(4))).await;
    assert_eq!(page.text("h2"), "S4, leader of term 4");
    let all = page.text(".kv-insp");
    for part in ["commitIndex9", "match 9, next 11", "hears 3 of 5"] {
        assert!(all.contains(part), "{part} is not in {all}");
    }
    let entries = |m: &&Rc<MessageView>| m.to == NodeId(5) && !m.entries.is_empty();
    let append = cluster().messages.iter().find(entries).unwrap().id;
    let page = inspect(Item::Message(append)).await;
    assert!(
        page.text(".kv-insp").contains("prevLogIndex9"),
        "{}",
        page.text(".kv-insp")
    );
    let page = inspect(Item::Entry(9, 4)).await;
    let all = page.text(".kv-insp");
    for part in [
        "committed, on 3 of 5",
        "S1another entry, of term 3",
        "S5stored",
        "S2not there",
    ] {
        assert!(all.contains(part), "{part} is not in {all}");
    }
    let page = inspect(Item::Message(1)).await;
    assert!(page.text(".kv-insp").contains("gone"));
}

#[wasm_bindgen_test]
async fn scenarios_load_with_a_seed_or_say_what_is_wrong_with_it() {
    let card = |id: &str| Card {
        id: id.into(),
        topic: Topic::Start,
        source: "paper 5.2".into(),
        level: 1,
        minutes: 3,
        title: "A title".into(),
        summary: "A sentence.".into(),
        seed: 9,
        steps: 6,
    };
    let cards = Rc::new(vec![card("first-election"), card("network-partition")]);
    let page = show(html! { <Gallery {cards} /> }).await;
    assert_eq!(page.all(".kv-cards li").len(), 2);
    assert!(page.text("[aria-current] h4").contains("you are here"));
    page.click("li:first-child a").await;
    let (scenario, seed) = ("first-election".into(), Some("9".into()));
    assert_eq!(commands(), [Command::Load { scenario, seed }]);
    page.fill("[name=seed]", "twelve").await;
    page.send("form", "submit").await;
    assert!(
        page.text(".err").starts_with("seed:"),
        "{}",
        page.text(".err")
    );
    page.fill("[name=seed]", "18446744073709551615").await;
    page.send("form", "submit").await;
    page.saying("button", "New seed").click();
    let scenario = String::from("network-partition");
    let seed = Some("18446744073709551615".into());
    assert_eq!(
        commands()[1..],
        [
            Command::Load {
                scenario: scenario.clone(),
                seed
            },
            Command::Load {
                scenario,
                seed: None
            },
        ]
    );
}

#[wasm_bindgen_test]
async fn a_notice_can_be_closed_and_a_bad_one_stays() {
    let mut it = setting(html! { <Toast /> });
    it.ui.notice = Some(Notice::bad("State Machine Safety broken at 6.114 s"));
    let page = mount(it).await;
    assert!(page.text(".kv-toast.bad").contains("6.114 s"));
    page.click("[aria-label=Close]").await;
    assert!(page.all(".kv-toast").is_empty());
}

#[wasm_bindgen_test]
async fn the_sheet_of_the_phone_snaps_to_three_heights() {
    let page = show(html! { <Sheet /> }).await;
    let height = || page.one(".kv-sheet").class_name();
    assert_eq!(height(), "kv-sheet middle");
    page.click(".grabber").await;
    assert_eq!(height(), "kv-sheet high");
    page.click(".grabber").await;
    assert_eq!(height(), "kv-sheet low");
    page.saying("[role=tab]", "Events").click();
    settle().await;
    assert_eq!(height(), "kv-sheet middle", "an opened panel is seen");
    page.press(".grabber", "ArrowDown").await;
    assert_eq!(height(), "kv-sheet low");
}
