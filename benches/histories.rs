//! How fast histories are checked: made-up histories of many clients, as they happened and with
//! one read that can't be.
//!
//! `cargo bench --no-default-features --features cli --bench histories` prints the table, in CPU
//! time where the system tells it, medians of five. With `-- FOLDER` it writes the histories there
//! instead, for `kvorum check` and for others.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

use kvorum::base::{Draws, Purpose};
use kvorum::check::{Call, Case, Observed, Reply, Value, Verdict, check};
use kvorum::cli::history::{Given, read};
use std::fmt::Write;
use std::path::Path;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// What the clients do.
#[derive(Clone, Copy, PartialEq)]
enum Mix {
    /// Get, put and append, of values that differ.
    Kv,
    /// Read, write and compare-and-swap of twenty values.
    Register,
}

/// An operation of a client on a key.
type Done = (u64, u64, Observed);

/// `operations` of `clients` on `keys`: every client begins the next one as soon as the last one
/// has returned. They take effect at some time in between.
fn happened(mix: Mix, clients: u64, operations: u64, keys: u64) -> Vec<Done> {
    let mut draws = Draws::new(7, Purpose::Workload, clients);
    let mut free: Vec<u64> = (0..clients).map(|_| draws.below(100)).collect();
    let mut planned = Vec::new();
    for number in 0..operations {
        let client = (number % clients) as usize;
        let invoked = free[client];
        let point = invoked + 1 + draws.below(1_000);
        let returned = point + 1 + draws.below(1_000);
        free[client] = returned + draws.below(20);
        planned.push((point, number, client as u64, invoked, returned));
    }
    planned.sort_unstable();
    let mut values: Vec<Option<Value>> = vec![None; keys as usize];
    let mut done = Vec::new();
    for (_, number, client, invoked, returned) in planned {
        let key = draws.below(keys);
        let value = &mut values[key as usize];
        let kind = draws.below(10);
        let call = match mix {
            _ if kind < 5 => Call::Get,
            Mix::Kv if kind < 8 => Call::Put(Value::text(format!("v{number} "))),
            Mix::Kv => Call::Append(Value::text(format!("a{number} "))),
            Mix::Register if kind < 8 => Call::Put(Value::integer(draws.below(20).into())),
            Mix::Register => Call::Cas {
                expected: Some(Value::integer(draws.below(20).into())),
                value: Value::integer(draws.below(20).into()),
                creates: false,
            },
        };
        let reply = match &call {
            Call::Get => Reply::Found(value.clone()),
            Call::Cas { expected, .. } if expected != value => Reply::Missed,
            _ => Reply::Done,
        };
        let observed = Observed {
            call,
            reply,
            invoked,
            returned: Some(returned),
        };
        *value = observed.run(value.as_ref()).expect("it happened");
        done.push((client, key, observed));
    }
    done
}

/// Makes one read in the last quarter find what the key held long before.
fn corrupt(done: &mut [Done]) {
    let is_read = |(_, _, observed): &Done| matches!(observed.reply, Reply::Found(Some(_)));
    let last = (0..done.len() * 9 / 10)
        .rev()
        .find(|&at| is_read(&done[at]));
    let last = last.expect("a read");
    let (_, key, read) = &done[last];
    let old = done[..last]
        .iter()
        .filter(|other| other.1 == *key && is_read(other) && other.2.reply != read.reply)
        .map(|(_, _, observed)| observed.reply.clone())
        .nth(2);
    done[last].2.reply = old.expect("an older value");
}

fn json(value: Option<&Value>) -> String {
    value.map_or("null".to_owned(), Value::to_string)
}

fn lines(mix: Mix, done: &[Done]) -> String {
    let mut text = String::new();
    for (client, key, observed) in done {
        let [get, put] = match mix {
            Mix::Kv => ["get", "put"],
            Mix::Register => ["read", "write"],
        };
        let (op, input) = match &observed.call {
            Call::Get => (get, "null".to_owned()),
            Call::Put(value) => (put, json(Some(value))),
            Call::Append(value) => ("append", json(Some(value))),
            Call::Delete => ("delete", "null".to_owned()),
            Call::Cas {
                expected, value, ..
            } => (
                "cas",
                format!("[{},{}]", json(expected.as_ref()), json(Some(value))),
            ),
        };
        let output = match &observed.reply {
            Reply::Found(value) => format!("{{\"value\":{}}}", json(value.as_ref())),
            Reply::Missed => "{\"ok\":false}".to_owned(),
            _ => "{\"ok\":true}".to_owned(),
        };
        let (invoke, returned) = (observed.invoked, observed.returned.unwrap_or(0));
        let _ = writeln!(
            text,
            "{{\"client\":{client},\"key\":\"k{key}\",\"op\":\"{op}\",\"input\":{input},\"output\":{output},\"invoke\":{invoke},\"return\":{returned}}}"
        );
    }
    text
}

/// The CPU time of this thread on Linux, else wall time.
fn clock() -> Duration {
    static START: OnceLock<Instant> = OnceLock::new();
    let wall = START.get_or_init(Instant::now).elapsed();
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let on_cpu = told.and_then(|told| told.split(' ').next()?.parse().ok());
    on_cpu.map_or(wall, Duration::from_nanos)
}

/// Milliseconds of CPU time, the median of five runs.
fn time<T>(mut run: impl FnMut() -> T) -> (f64, T) {
    let mut times = Vec::new();
    let mut result = None;
    for _ in 0..5 {
        let start = clock();
        result = Some(run());
        times.push((clock() - start).as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    (times[2], result.expect("it ran"))
}

fn measure(name: &str, text: &str) {
    let (reading, history) =
        time(|| read(text.as_bytes(), Given::default(), |_| {}).expect("usable"));
    let keys: Vec<Case<'_>> = history.keys.values().map(|key| key.case()).collect();
    let (searching, verdicts) = time(|| check(&keys, |_| true));
    let bad = (0..keys.len()).find(|&key| verdicts[key] == Verdict::NotLinearizable);
    let (explaining, size) = time(|| {
        bad.map_or(0, |bad| {
            let why = keys[bad].explain(&mut 1_000_000, || true);
            why.counter_example.len()
        })
    });
    let verdict = match bad {
        Some(_) => format!("not linearizable, {size} operations say why ({explaining:.1} ms)"),
        None => "linearizable".to_owned(),
    };
    println!("{name} | {reading:.1} ms | {searching:.1} ms | {verdict}");
}

fn main() {
    let folder = std::env::args()
        .nth(1)
        .filter(|folder| !folder.starts_with("--"));
    if folder.is_none() {
        println!("history | reading | search | verdict");
    }
    for (mix, what) in [(Mix::Kv, "kv"), (Mix::Register, "register")] {
        for (clients, operations, keys) in [(50, 2_000, 10), (100, 100_000, 1_000), (50, 2_000, 1)]
        {
            for bad in [false, true] {
                let mut done = happened(mix, clients, operations, keys);
                if bad {
                    corrupt(&mut done);
                }
                let text = lines(mix, &done);
                let state = if bad { "corrupted" } else { "valid" };
                let name = format!("{what}-{clients}-{operations}-{keys}-{state}");
                match &folder {
                    Some(folder) => {
                        let path = Path::new(folder).join(name + ".jsonl");
                        std::fs::write(path, text).expect("a folder to write to");
                    }
                    None => measure(&name, &text),
                }
            }
        }
    }
}
