//! Counting global allocator. Counts only between `start` and `stop`; live and peak bytes are
//! relative to `start`. Single-threaded use: counters are plain relaxed loads and stores.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering::Relaxed};

pub struct Counting;

static ON: AtomicBool = AtomicBool::new(false);
static CALLS: AtomicI64 = AtomicI64::new(0);
static BYTES: AtomicI64 = AtomicI64::new(0);
static LIVE: AtomicI64 = AtomicI64::new(0);
static PEAK: AtomicI64 = AtomicI64::new(0);

#[inline]
fn bump(c: &AtomicI64, d: i64) -> i64 {
    let v = c.load(Relaxed) + d;
    c.store(v, Relaxed);
    v
}

#[cold]
fn note(calls: i64, grown: i64, bytes: i64) {
    bump(&CALLS, calls);
    bump(&BYTES, bytes);
    let live = bump(&LIVE, grown);
    if live > PEAK.load(Relaxed) {
        PEAK.store(live, Relaxed);
    }
}

unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, l: Layout) -> *mut u8 {
        if ON.load(Relaxed) {
            note(1, l.size() as i64, l.size() as i64);
        }
        unsafe { System.alloc(l) }
    }
    unsafe fn alloc_zeroed(&self, l: Layout) -> *mut u8 {
        if ON.load(Relaxed) {
            note(1, l.size() as i64, l.size() as i64);
        }
        unsafe { System.alloc_zeroed(l) }
    }
    unsafe fn dealloc(&self, p: *mut u8, l: Layout) {
        if ON.load(Relaxed) {
            note(0, -(l.size() as i64), 0);
        }
        unsafe { System.dealloc(p, l) }
    }
    unsafe fn realloc(&self, p: *mut u8, l: Layout, new: usize) -> *mut u8 {
        if ON.load(Relaxed) {
            note(1, new as i64 - l.size() as i64, new as i64);
        }
        unsafe { System.realloc(p, l, new) }
    }
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// alloc + alloc_zeroed + realloc calls.
    pub calls: i64,
    /// Bytes requested by those calls.
    pub bytes: i64,
    /// Bytes live now, relative to `start`.
    pub live: i64,
    /// Highest `live` seen.
    pub peak: i64,
}

pub fn start() {
    for c in [&CALLS, &BYTES, &LIVE, &PEAK] {
        c.store(0, Relaxed);
    }
    ON.store(true, Relaxed);
}

pub fn stop() -> Counts {
    ON.store(false, Relaxed);
    Counts {
        calls: CALLS.load(Relaxed),
        bytes: BYTES.load(Relaxed),
        live: LIVE.load(Relaxed),
        peak: PEAK.load(Relaxed),
    }
}
