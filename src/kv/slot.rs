//! Slots: how keys are spread over shards by a checksum, as Redis Cluster does it.
//!
//! A key's slot is the CRC16 of the key, or of its *tag*, modulo [`SLOTS`]. The tag is what stands between
//! the first `{` and the next `}`, if anything does. Keys with one tag share a slot, and so a shard,
//! whatever becomes of the shards: an operation on several keys needs that.

/// How many slots there are.
pub const SLOTS: u16 = 16_384;

/// The slot of a key, below [`SLOTS`].
pub fn slot(key: &str) -> u16 {
    crc16(tag(key).unwrap_or(key).as_bytes()) % SLOTS
}

/// What stands between the first brace and the next closing one, if anything does.
fn tag(key: &str) -> Option<&str> {
    let (_, behind) = key.split_once('{')?;
    let (tag, _) = behind.split_once('}')?;
    (!tag.is_empty()).then_some(tag)
}

/// CRC-16/XMODEM: polynomial 0x1021, from 0, nothing reflected.
const fn crc16(bytes: &[u8]) -> u16 {
    let mut crc = 0u16;
    let mut at = 0;
    while at < bytes.len() {
        crc = (crc << 8) ^ TABLE[(crc >> 8) as usize ^ bytes[at] as usize];
        at += 1;
    }
    crc
}

/// What each byte does to the checksum.
const TABLE: [u16; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = (byte as u16) << 8;
        let mut bit = 0;
        while bit < 8 {
            let carry = crc >> 15;
            crc = (crc << 1) ^ (carry * 0x1021);
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_published_one() {
        // The check value of CRC-16/XMODEM, and slots that Redis Cluster gives.
        assert_eq!(crc16(b"123456789"), 0x31c3);
        for (key, expected) in [
            ("foo", 12_182),
            ("bar", 5_061),
            ("hello", 866),
            ("somekey", 11_058),
        ] {
            assert_eq!(slot(key), expected, "{key}");
        }
    }

    #[test]
    fn a_tag_decides_where_there_is_one() {
        for key in [
            "foo{hash_tag}",
            "{hash_tag}",
            "a{hash_tag}{b}",
            "{hash_tag}}",
        ] {
            assert_eq!(slot(key), slot("hash_tag"), "{key}");
        }
        for key in ["a{}b", "a{b", "a}b{", "{}{a}"] {
            assert_eq!(slot(key), crc16(key.as_bytes()) % SLOTS, "{key}");
        }
    }
}
