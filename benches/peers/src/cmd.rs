//! The command and the state machine shared by every engine.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::BuildHasherDefault;

/// Size of every command on the wire.
pub const CMD_LEN: usize = 100;
/// Distinct keys written.
pub const KEYS: u64 = 10_000;

/// splitmix64: the only source of randomness in the harness.
#[inline]
pub fn mix(mut z: u64) -> u64 {
    z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Command number `seq`: 8 bytes key, 8 bytes sequence number, 84 bytes payload.
pub fn make(seq: u64) -> Vec<u8> {
    let mut v = Vec::with_capacity(CMD_LEN);
    v.extend_from_slice(&(mix(seq) % KEYS).to_le_bytes());
    v.extend_from_slice(&seq.to_le_bytes());
    v.resize(CMD_LEN, seq as u8);
    v
}

/// The state machine: key -> last value, with a running digest of the apply order.
#[derive(Default)]
pub struct Kv {
    map: HashMap<u64, Vec<u8>, BuildHasherDefault<DefaultHasher>>,
    pub applied: u64,
    pub digest: u64,
}

impl Kv {
    #[inline]
    pub fn apply(&mut self, cmd: &[u8]) {
        let key = u64::from_le_bytes(cmd[..8].try_into().unwrap());
        let seq = u64::from_le_bytes(cmd[8..16].try_into().unwrap());
        let slot = self.map.entry(key).or_default();
        slot.clear();
        slot.extend_from_slice(&cmd[8..]);
        self.applied += 1;
        self.digest = mix(self.digest ^ seq);
    }
    pub fn len(&self) -> usize {
        self.map.len()
    }
    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }
}
