//! What a checkpoint of a run takes that it shares with no other one.
//!
//! `cargo bench --no-default-features --bench checkpoints` keeps 50 checkpoints, 100 ms apart, of
//! servers that only exchange heartbeats, and prints the bytes that the allocator handed out for each
//! beyond the run itself. `-- sizes` prints, too, of which sizes the allocations are.

use kvorum::base::Time;
use kvorum::sim::{Settings, Simulation};
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

/// Allocations of this size and above count together.
const LARGE: usize = 1 << 16;

/// Live allocations by their size, and the bytes of the large ones.
static LIVE: [AtomicI64; LARGE] = [const { AtomicI64::new(0) }; LARGE];
static LARGE_BYTES: AtomicI64 = AtomicI64::new(0);

/// The system's allocator, counted.
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn count(size: usize, change: i64) {
    match LIVE.get(size) {
        Some(live) => live.fetch_add(change, Relaxed),
        None => LARGE_BYTES.fetch_add(change * size as i64, Relaxed),
    };
}

// SAFETY: the system's allocator does all of it; beside it only counters change.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 1);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        count(layout.size(), -1);
        unsafe { System.dealloc(place, layout) }
    }
}

/// Live allocations by their size, and the bytes of the large ones.
struct Live {
    small: Vec<i64>,
    large: i64,
}

impl Live {
    /// What is live now; this itself is.
    fn now() -> Live {
        let mut small = vec![0; LARGE];
        for (copy, live) in small.iter_mut().zip(&LIVE) {
            *copy = live.load(Relaxed);
        }
        let large = LARGE_BYTES.load(Relaxed);
        Live { small, large }
    }

    /// How many of which size there are more than `before`, which was live already and isn't counted.
    fn since(&self, before: &Live) -> (Vec<(usize, i64)>, i64) {
        let grown = self.small.iter().zip(&before.small);
        let grown = grown.map(|(after, before)| after - before).enumerate();
        let itself = (LARGE * size_of::<i64>()) as i64;
        let large = self.large - before.large - itself;
        (grown.filter(|&(_, count)| count != 0).collect(), large)
    }
}

/// How many checkpoints are kept.
const KEPT: usize = 50;

fn main() {
    let by_size = std::env::args().any(|it| it == "sizes");
    println!("servers | bytes of a checkpoint");
    for nodes in [5, 25, 101] {
        let settings = Settings {
            nodes,
            ..Settings::default()
        };
        let mut simulation = Simulation::new(settings, 42).expect("good settings");
        let mut now = 10_000;
        simulation.run_until(Time::from_millis(now));
        let mut kept = Vec::with_capacity(KEPT);
        let before = Live::now();
        for _ in 0..KEPT {
            kept.push(simulation.clone());
            now += 100;
            simulation.run_until(Time::from_millis(now));
        }
        let (mut grown, large) = Live::now().since(&before);
        let bytes = |&(size, count): &(usize, i64)| size as i64 * count;
        let each = |bytes: i64| bytes / KEPT as i64;
        println!(
            "{nodes} | {}",
            each(grown.iter().map(bytes).sum::<i64>() + large)
        );
        if by_size {
            grown.sort_by_key(|it| -bytes(it));
            for it in grown.iter().filter(|it| each(bytes(it).abs()) >= 100) {
                let of_each = it.1 as f64 / KEPT as f64;
                println!("    {of_each} of {}: {}", it.0, each(bytes(it)));
            }
            println!("    larger: {}", each(large));
        }
    }
}
