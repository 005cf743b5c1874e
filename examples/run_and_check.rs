//! A whole cluster under faults, checked while it runs.
//!
//! `cargo run --no-default-features --example run_and_check`
//!
//! The simulation watches the properties of the protocol, and whether an order of the clients'
//! operations explains what they were told. The same settings and seed always give the same hash.

use kvorum::base::{Ratio, Span, Time};
use kvorum::sim::{Action, Chaos, EventKind, Settings, Simulation};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let settings = Settings {
        load: 50,
        chaos: Chaos::all(Ratio::percent(5)),
        ..Settings::default()
    };
    let mut run = Simulation::new(settings, 42)?;
    run.keep_events(true);
    run.run_until(Time::from_millis(20_000));
    // Nobody breaks anything any more; clients ask no more either.
    for action in [
        Action::SetChaos {
            chaos: Chaos::default(),
        },
        Action::Heal,
        Action::SetLoad { per_second: 0 },
    ] {
        run.apply(action)?;
    }
    run.run_until(run.now() + Span::secs(10));

    let mut events = Vec::new();
    run.take_events(&mut events);
    let count =
        |wanted: fn(&EventKind) -> bool| events.iter().filter(|it| wanted(&it.kind)).count();
    let crashes = count(|kind| matches!(kind, EventKind::Crashed { .. }));
    let answers = count(|kind| matches!(kind, EventKind::Returned { .. }));
    println!(
        "{} events, {crashes} crashes, {answers} answers, hash {:016x}",
        events.len(),
        run.hash()
    );
    match run.violation() {
        None => println!("No property was broken."),
        Some(violation) => println!("{} was broken: {violation:?}", violation.property().name()),
    }
    println!("Answers whose order isn't settled: {}", run.undecided());
    Ok(())
}
