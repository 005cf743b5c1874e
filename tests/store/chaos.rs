//! Storms over a store of many shards: whatever breaks, no property does, and it comes to rest.

use super::*;
use kvorum::base::Ratio;
use kvorum::sim::Chaos;

fn storm(seed: u64) -> Run {
    let mut settings = settings(5 + seed as u32 % 4, 2 + seed as u32 % 5);
    settings.shards.split_keys = 60;
    settings.shards.ranges = seed.is_multiple_of(2);
    settings.shards.dead_after = Span::secs(3);
    settings.snapshot_every = 30;
    settings.timing.keep_entries = 5;
    settings.load = 60;
    let often = Ratio(100_000);
    settings.chaos = Chaos {
        crash: often,
        pause: often,
        partition: often,
        cut: often,
        link: often,
        ..settings.chaos
    };
    Run::new(settings, seed)
}

#[test]
fn nothing_breaks_in_a_storm_and_it_comes_to_rest() {
    for seed in 1..=60 {
        println!("seed {seed}");
        let mut run = storm(seed);
        for step in 0..40 {
            run.go(1);
            if step == 10 {
                run.act(Action::AddServer);
            }
        }
        let calm = Action::SetChaos {
            chaos: Chaos::default(),
        };
        run.act(calm);
        run.go(10);
        // With the load the shards would grow, and be split.
        run.act(Action::SetLoad { per_second: 0 });
        run.go(30);
        let before = run.count(|kind| matches!(kind, EventKind::Began { .. }));
        let (_, given_up) = run.ended();
        run.go(20);
        if run.count(|kind| matches!(kind, EventKind::Began { .. })) > before {
            run.story();
            run.compare();
            panic!("it goes on moving");
        }
        if run.ended().1 > given_up {
            run.why_given_up();
            panic!("somebody gave up in the calm");
        }
    }
}
