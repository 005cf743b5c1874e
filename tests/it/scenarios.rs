//! The lessons, run to the end by a reader who does what each step asks for.

use kvorum::base::{Span, Time};
use kvorum::lesson::{Guide, Phase, Scenario, library, scenario};
use kvorum::run::Playhead;
use std::rc::Rc;

/// The longest that a step may take.
const STEP: Span = Span::secs(20);

/// How often the reader looks.
const FRAME: Span = Span::millis(2);

pub fn lessons() -> impl Iterator<Item = Rc<Scenario>> {
    let all = scenario::all().into_iter();
    all.filter(|scenario| !scenario.steps.is_empty())
}

/// Runs a lesson to its end; `each` is called every frame.
pub fn read(lesson: &Rc<Scenario>, seed: u64, mut each: impl FnMut(&Playhead)) -> Playhead {
    let mut playhead = lesson.start(seed).expect("a lesson's settings can be");
    let mut guide = Guide::new(lesson.clone()).expect("it has steps");
    loop {
        let began = playhead.now();
        loop {
            each(&playhead);
            match guide.phase(&playhead) {
                Phase::Predict => guide.predict(0),
                Phase::Act => {
                    let acted = guide.press(&mut playhead);
                    acted.unwrap_or_else(|e| panic!("{}, seed {seed}: {e:?}", lesson.id));
                }
                Phase::Watch => {}
                Phase::OffTrack => panic!("{}, seed {seed}: off track", lesson.id),
                Phase::Done => break,
            }
            let until = playhead.now() + FRAME;
            playhead.advance(until, || true);
            assert!(
                playhead.now() < began + STEP,
                "{}, seed {seed}: step {} \"{}\" stays at task {} of {}",
                lesson.id,
                guide.place() + 1,
                guide.step().title,
                guide.done(&playhead),
                guide.step().tasks.len(),
            );
        }
        if !guide.next(&playhead) {
            return playhead;
        }
    }
}

#[test]
fn every_lesson_reaches_its_end_under_any_seed() {
    for lesson in lessons() {
        let tasks = lesson.tasks().count();
        let others = if lesson.only_this_seed { 0 } else { 50 };
        for seed in (0..others).chain([lesson.seed]) {
            let playhead = read(&lesson, seed, |_| {});
            let ticks = playhead.ticks();
            assert_eq!(ticks.len(), tasks, "{}, seed {seed}", lesson.id);
            assert!(ticks.is_sorted_by_key(|tick| (tick.seq, tick.at)));
            let violation = playhead.simulation().violation();
            let broken = violation.map(|violation| violation.property().name());
            assert_eq!(
                broken,
                lesson.breaks.as_deref(),
                "{}, seed {seed}",
                lesson.id
            );
        }
    }
}

#[test]
fn no_map_ever_shows_the_write_of_the_minority() {
    let lesson = scenario::find("network-partition").expect("it exists");
    for seed in 0..20 {
        let playhead = read(&lesson, seed, |playhead| {
            for host in playhead.simulation().hosts() {
                let y = host.store().get("y").map(|y| &**y);
                assert_ne!(y, Some("7"), "seed {seed}, {}", host.id());
            }
        });
        for host in playhead.simulation().hosts() {
            assert_eq!(host.store().get("y").map(|y| &**y), Some("2"));
        }
    }
}

#[test]
fn nobody_waits_while_servers_join_and_leave() {
    let lesson = scenario::find("joining").expect("it exists");
    for seed in 0..20 {
        let playhead = read(&lesson, seed, |playhead| {
            let (simulation, now) = (playhead.simulation(), playhead.now());
            let operations = simulation.clients().flat_map(|it| it.operations());
            for it in operations.filter(|it| it.ended.is_none() || it.outcome.is_none()) {
                let waits = now.since(it.invoked);
                assert!(
                    it.ended.is_none() && waits < Span::millis(200),
                    "seed {seed}: {it:?} at {now}"
                );
            }
        });
        let simulation = playhead.simulation();
        let applied = simulation
            .hosts()
            .iter()
            .map(|host| host.last_applied())
            .max();
        assert!(applied > Some(20), "seed {seed}: {applied:?}");
        assert_eq!(simulation.configuration().voters().len(), 4, "seed {seed}");
    }
}

#[test]
fn lessons_are_short_and_say_everything() {
    let mut place = 0;
    for lesson in lessons() {
        assert!(lesson.place > place, "{} is out of place", lesson.id);
        place = lesson.place;
        assert!((3..=9).contains(&lesson.steps.len()), "{}", lesson.id);
        let predictions = lesson.steps.iter().filter(|step| step.prediction.is_some());
        assert!(predictions.count() <= 1, "{}", lesson.id);
        for step in &lesson.steps {
            for text in [&step.title, &step.text, &step.done] {
                assert!(
                    !text.is_empty() && text.len() < 260,
                    "{}: {text}",
                    lesson.id
                );
            }
        }
        let mut names: Vec<_> = lesson.tasks().map(|task| &task.name).collect();
        names.sort_unstable();
        names.dedup();
        let tasks = lesson.tasks().count();
        assert_eq!(
            names.len(),
            tasks,
            "{}: two milestones share a name",
            lesson.id
        );
    }
}

#[test]
fn every_file_is_a_lesson_of_its_name() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/www/lessons");
    let files = std::fs::read_dir(folder).expect("the folder").flatten();
    // Beside them stand folders with the lessons in other languages, and what a lesson is made of.
    let files = files.filter(|file| file.path().is_file());
    let files = files.filter(|file| file.file_name() != "scenario.schema.json");
    let mut files: Vec<_> = files
        .filter_map(|file| file.file_name().into_string().ok())
        .collect();
    let mut known: Vec<_> = library::IDS.iter().map(|id| format!("{id}.json")).collect();
    files.sort_unstable();
    known.sort_unstable();
    assert_eq!(files, known);
    assert!(lessons().all(|lesson| library::text(&lesson.id).is_some()));
}

#[test]
fn an_unknown_scenario_is_answered_with_those_that_exist() {
    let error = scenario::find("<script>\u{202e}").expect_err("it doesn't exist");
    let said = error.to_string();
    assert!(
        said.starts_with("scenario: there is no “<script>\\u{202e}”; there are first-"),
        "{said}"
    );
    let all = scenario::all();
    assert!(all.iter().all(|known| said.contains(&*known.id)), "{said}");
    assert!(scenario::find("network-partition").is_ok());
}

#[test]
fn a_reader_who_goes_astray_is_led_back() {
    let lesson = scenario::find("replication").expect("it exists");
    let mut playhead = lesson.start(lesson.seed).expect("it can be");
    let mut guide = Guide::new(lesson).expect("it has steps");
    while guide.phase(&playhead) == Phase::Watch {
        let until = playhead.now() + FRAME;
        playhead.advance(until, || true);
    }
    assert!(guide.next(&playhead));
    assert_eq!(guide.phase(&playhead), Phase::Act);
    let leader = playhead.simulation().leader().expect("it was elected");
    let crash = kvorum::sim::Action::Crash { node: leader };
    playhead.act(crash.clone()).expect("it runs");
    assert_eq!(guide.phase(&playhead), Phase::OffTrack);
    guide.start_again(&mut playhead);
    assert_eq!((guide.phase(&playhead), guide.place()), (Phase::Act, 1));
    assert!(playhead.is_live() && playhead.journal().is_empty());
    assert_eq!(playhead.history().branches().len(), 2);
    assert_eq!(playhead.history().branches()[0].journal()[0].action, crash);
    // Back before the step began: nothing of it can be done there.
    playhead.seek(Time::ZERO);
    assert_eq!(
        (guide.phase(&playhead), guide.done(&playhead)),
        (Phase::OffTrack, 0)
    );
    guide.start_again(&mut playhead);
    assert_eq!(guide.phase(&playhead), Phase::Act);
    // The step before is still done, and nothing happens without its next one being pressed.
    guide.back();
    assert_eq!(guide.phase(&playhead), Phase::Done);
}
