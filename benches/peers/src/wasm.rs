//! wasm32-unknown-unknown entry points, driven by `wasm/run.mjs` under node.

use crate::Tuning;
use crate::cases::{self, Row};
use crate::engines::{floor::Floor, kvorum::Kvorum, omni::Omni, raft_rs::RaftRs};

unsafe extern "C" {
    /// Milliseconds from any origin.
    fn now_ms() -> f64;
}

fn clock() -> f64 {
    unsafe { now_ms() / 1000.0 }
}

/// Fixed-seed randomness for `rand::thread_rng` inside raft-rs.
fn fixed(buf: &mut [u8]) -> Result<(), getrandom::Error> {
    for (i, b) in buf.iter_mut().enumerate() {
        *b = i as u8;
    }
    Ok(())
}
getrandom::register_custom_getrandom!(fixed);

static mut ROWS: Vec<Row> = Vec::new();
static mut NAME: [u8; 64] = [0; 64];

/// Buffer JS writes the case name to.
#[unsafe(no_mangle)]
pub extern "C" fn name_ptr() -> *mut u8 {
    &raw mut NAME as *mut u8
}

/// Runs a case; returns the number of rows, or -1.
#[unsafe(no_mangle)]
pub extern "C" fn run(name_len: usize, imp: u32, n: u32) -> i32 {
    let case = unsafe {
        let p = &raw const NAME as *const u8;
        std::str::from_utf8(std::slice::from_raw_parts(p, name_len)).unwrap()
    };
    let r = match imp {
        0 => cases::run::<Floor>(case, n, Tuning::Default, clock),
        1 => cases::run::<Floor>(case, n, Tuning::Batch, clock),
        2 => cases::run::<RaftRs>(case, n, Tuning::Default, clock),
        3 => cases::run::<RaftRs>(case, n, Tuning::Batch, clock),
        4 => cases::run::<RaftRs>(case, n, Tuning::Lazy, clock),
        5 => cases::run::<Omni>(case, n, Tuning::Default, clock),
        6 => cases::run::<Omni>(case, n, Tuning::Batch, clock),
        7 => cases::run::<Kvorum>(case, n, Tuning::Default, clock),
        8 => cases::run::<Kvorum>(case, n, Tuning::Batch, clock),
        9 => cases::run::<Kvorum>(case, n, Tuning::Lazy, clock),
        _ => None,
    };
    match r {
        Some(rows) => unsafe {
            let k = rows.len() as i32;
            *(&raw mut ROWS) = rows;
            k
        },
        None => -1,
    }
}

fn rows() -> &'static [Row] {
    unsafe { &*(&raw const ROWS) }
}
#[unsafe(no_mangle)]
pub extern "C" fn row_name_ptr(i: usize) -> *const u8 {
    rows()[i].0.as_ptr()
}
#[unsafe(no_mangle)]
pub extern "C" fn row_name_len(i: usize) -> usize {
    rows()[i].0.len()
}
#[unsafe(no_mangle)]
pub extern "C" fn row_value(i: usize) -> f64 {
    rows()[i].1
}
