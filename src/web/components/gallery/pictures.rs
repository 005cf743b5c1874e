//! What the cards of the gallery show: the moment that a lesson is about.
//!
//! A picture is a line of items with semicolons between them, on a sheet of 300 by 132:
//!
//! | item | what |
//! | --- | --- |
//! | `f NAME X Y R TERM PERCENT` | a follower, with what is left of its timer |
//! | `l`, `c NAME X Y R TERM VOTES` | a leader, a candidate, with its ring: `11000` |
//! | `b`, `x NAME X Y R TERM` | a learner, a server that is down |
//! | `t X Y SIZE TERMS UNCOMMITTED LOST` | a log: a digit is an entry; so many at its end |
//! | `m KIND X Y TERM` | a message: `hb`, `ae`, `rv`, `cl`, `sn` |
//! | `k X1 Y1 X2 Y2 CLASS` | a link: `on`, `cut`, `faint` |
//! | `w X`, `d X WIDTH` | a wall, a side without quorum |
//! | `q X Y` | a red cross |
//! | `s X Y WORDS` | words, with `_` for spaces |
//! | `o X Y WIDTH CLASS` | an operation: `write`, `read`, `bad` |
//! | `n Y`, `v X Y1 Y2` | a lane, a dotted line across lanes |
//! | `a X Y` | an arrow |
//! | `u X1 X2 Y CLASS` | a bracket below: `br1`, `br2` |
//! | `p X Y NAME` | a client |

/// The picture of a lesson; an unknown one is a cluster at rest.
pub fn picture(lesson: &str) -> &'static str {
    let found = PICTURES.iter().find(|(id, _)| *id == lesson);
    found.map_or(REST, |(_, picture)| picture)
}

/// The picture beside the first words: a candidate asks, and is answered.
pub const HERO: &str = "k 150 36 214 66 on; k 150 36 190 106 on; k 150 36 110 106 on; k 150 36 86 66 on; m rv 110 55 1; m rv 129 74 1; c S1 150 34 17 1 11000; f S2 214 66 15 1 95; f S3 190 106 15 1 97; f S4 110 106 15 0 34; f S5 86 66 15 0 12";

const REST: &str = "f S1 150 34 14 1 80; f S2 213 68 14 1 95; f S3 189 106 14 1 60; f S4 111 106 14 1 75; f S5 87 68 14 1 90";

const PICTURES: &[(&str, &str)] = &[
    (
        "first-election",
        "f S1 150 34 14 0 80; f S2 213 68 14 0 6; f S3 189 106 14 0 60; f S4 111 106 14 0 45; f S5 87 68 14 0 90",
    ),
    (
        "replication",
        "k 92 58 196 36 on; k 92 66 196 96 on; m ae 142 47 1; m ae 150 82 1; l S1 68 62 18 1 111; f S2 218 36 14 1 90; f S3 218 98 14 1 85; t 38 104 15 1111 1 0",
    ),
    (
        "network-partition",
        "d 0 118; w 122; l S1 62 56 18 3 11000; l S4 172 56 18 4 00111; f S3 248 38 13 4 80; f S5 248 96 13 4 60; t 26 94 15 2333 2 0; t 140 94 15 2344 0 0",
    ),
    (
        "split-vote",
        "k 92 46 208 46 faint; m rv 136 46 4; m rv 158 76 4; c S1 76 46 16 4 1001; c S2 224 46 16 4 0110; f S4 116 104 13 4 90; f S3 188 104 13 4 80",
    ),
    (
        "leader-crash",
        "k 86 66 150 66 cut; x S1 76 66 20 2; f S2 226 66 18 2 10; t 44 98 15 122 1 0; t 202 98 15 122 1 0; m ae 152 66 2",
    ),
    (
        "commit-point",
        "d 0 96; w 100; l S1 52 52 17 2 100; t 22 92 15 1222 0 0; f S2 160 44 15 2 60; f S3 240 44 15 2 12; t 132 92 15 1222 1 0; t 214 92 15 122 0 0",
    ),
    (
        "figure-7",
        "t 62 12 13 1114455666 0 0; t 62 34 13 111445566 0 0; t 62 52 13 1114 0 0; t 62 70 13 11144556666 0 1; t 62 88 13 111445566677 0 2; t 62 106 13 11122233333 0 8; s 22 23 S8; s 26 45 a; s 26 63 b; s 26 81 c; s 26 99 d; s 26 117 f",
    ),
    (
        "figure-8",
        "t 74 10 17 124 2 0; t 74 32 17 12 1 0; t 74 54 17 12 1 0; t 74 76 17 1 0 0; t 74 98 17 13 1 0; a 146 62; t 196 10 17 13 0 0; t 196 32 17 13 0 0; t 196 54 17 13 0 0; t 196 76 17 13 0 0; t 196 98 17 13 0 0",
    ),
    (
        "no-op",
        "l S2 66 66 20 4 111; t 112 42 22 223 1 0; a 186 53; t 112 78 22 2234 0 0; s 112 122 waits_for_its_own_term",
    ),
    (
        "vote-restriction",
        "c S5 70 60 19 5 10110; t 32 102 15 12 0 0; m rv 150 60 5; f S2 230 42 14 4 40; f S3 230 100 14 4 30; t 148 94 13 1234 0 2",
    ),
    (
        "forgotten-vote",
        "c S1 56 46 16 3 101; c S3 244 46 16 3 011; f S2 150 62 18 3 70; k 76 50 128 58 on; k 224 50 172 58 on; m rv 102 54 3; m rv 198 54 3; s 128 104 vote?; q 150 116",
    ),
    (
        "late-append",
        "l S1 56 54 17 2 111; f S2 244 54 17 2 80; k 78 54 222 54 on; m ae 118 54 1; m ae 186 54 2; t 192 94 15 11222 0 3; s 92 84 late",
    ),
    (
        "stale-read",
        "n 34; n 70; n 106; o 62 24 86 write; o 176 60 44 bad; o 226 96 40 read; v 198 78 116; s 22 39 c1; s 22 75 c2; s 22 111 c3",
    ),
    (
        "lease-and-drift",
        "d 0 118; w 122; l S1 58 52 18 2 100; l S3 190 52 18 3 011; f S2 254 84 13 3 70; s 24 122 lease_0.3_s; s 140 122 clock_too_fast",
    ),
    (
        "duplicate-request",
        "m cl 112 46 1; m cl 112 88 1; k 62 66 196 66 on; l S1 222 66 20 2 111; p 24 52 c1; s 136 40 +1; s 136 106 +1_again?",
    ),
    (
        "disruptive-rejoin",
        "d 192 108; w 188; l S1 54 46 17 2 111; f S2 132 42 13 2 80; f S3 100 102 13 2 70; c S4 246 66 18 6 1000; s 214 116 term_6",
    ),
    (
        "cloudflare-2020",
        "k 86 96 214 96 on; k 92 84 140 40 cut; k 160 44 206 82 on; c S1 150 34 15 6 101; c S2 74 98 15 5 011; f S3 226 98 15 6 40; q 114 60",
    ),
    (
        "omission",
        "k 80 42 150 42 on; k 150 42 220 42 on; k 80 42 80 100 on; k 220 42 220 100 on; c S2 80 42 14 5 11010; f S1 150 42 14 4 50; l S3 220 42 14 4 11101; f S4 80 104 13 5 70; f S5 220 104 13 4 80",
    ),
    (
        "half-deaf-leader",
        "l S1 64 58 19 3 100; k 90 50 210 36 on; k 210 50 92 64 cut; k 90 74 210 96 on; m hb 150 43 3; m hb 150 85 3; q 150 58; f S2 232 38 14 3 95; f S3 232 98 14 3 92",
    ),
    (
        "bad-timing",
        "c S1 64 58 16 7 100; c S2 150 44 16 8 010; c S3 236 58 16 9 001; m rv 106 52 7; m rv 194 52 8; s 92 112 term_7,_8,_9,_…",
    ),
    (
        "slow-follower",
        "l S1 58 62 18 2 111; k 82 62 214 62 on; m ae 112 62 2; m ae 140 62 2; m ae 168 62 2; f S3 238 62 16 2 90; t 28 100 13 12222 0 0; t 214 100 13 12 0 0; s 120 98 window_full",
    ),
    (
        "install-snapshot",
        "l S1 64 62 20 5 111; b S3 238 62 17 5; k 92 62 212 62 on; m sn 152 62 5; t 34 104 15 4555 0 0",
    ),
    (
        "joining",
        "l S1 56 50 14 2 111; f S2 104 50 14 2 80; f S3 152 50 14 2 70; b S4 206 50 14 2; b S5 254 50 14 2; m sn 180 100 2; m ae 232 100 2; k 64 100 250 100 faint",
    ),
    (
        "naive-membership",
        "l S1 56 46 14 2 11; f S2 104 46 14 2 60; l S3 172 46 14 2 111; f S4 216 46 14 2 70; f S5 260 46 14 2 80; u 36 124 84 br1; u 148 282 84 br2; s 56 108 old; s 196 108 new; q 138 92",
    ),
    (
        "joint-consensus",
        "l S1 56 46 14 2 111; f S2 104 46 14 2 70; f S3 152 46 14 2 70; b S4 206 46 14 2; b S5 254 46 14 2; u 36 172 80 br1; u 36 274 102 br2; s 94 100 old; s 146 124 new",
    ),
    (
        "single-server-bug",
        "l S1 62 50 17 2 100; l S5 238 50 17 3 110; t 34 92 15 112 1 0; t 210 92 15 113 1 0; q 150 60; s 120 108 two_changes",
    ),
    (
        "removed-leader",
        "l S1 66 62 19 3 01111; u 126 284 96 br1; f S2 146 58 13 3 70; f S3 186 58 13 3 80; f S4 226 58 13 3 60; f S5 266 58 13 3 75; s 176 122 new",
    ),
    (
        "empty-voter",
        "l S1 56 50 15 2 1101; f S2 116 50 14 2 70; x S3 176 50 14 2; f S4 240 50 14 2 80; t 36 92 13 1222 2 0; t 98 92 13 1222 2 0; s 218 102 empty",
    ),
    (
        "even-cluster",
        "d 0 300; w 150; l S1 46 46 15 2 1100; f S2 104 92 15 2 80; c S3 196 46 15 3 0110; f S4 254 92 15 2 50",
    ),
    (
        "three-way",
        "d 0 300; w 100; w 200; l S1 50 34 12 2 111000000; f S2 30 92 12 2 60; f S3 70 92 12 2 70; f S4 130 92 12 2 50; f S5 170 92 12 2 60; c S6 150 34 12 3 000111000; f S7 250 34 12 2 40; f S8 230 92 12 2 70; f S9 270 92 12 2 30",
    ),
    (
        "majority-lost",
        "f S1 56 50 15 3 10; f S2 104 50 15 3 30; x S3 160 50 15 3; x S4 208 50 15 3; x S5 256 50 15 3; u 36 124 84 br1; s 56 108 2_of_5",
    ),
    (
        "torn-write",
        "x S2 66 62 20 3; t 118 50 24 1233 0 1; s 118 106 half_a_record; q 208 62",
    ),
    (
        "break-consensus",
        "f S1 62 46 16 3 80; f S2 238 46 16 3 70; t 40 86 22 12 0 0; t 216 86 22 13 0 0; q 150 62",
    ),
    (
        "lab",
        "k 92 50 196 40 faint; k 92 60 196 92 faint; k 218 52 218 84 faint; l S1 72 54 17 2 111; f S2 218 38 14 2 80; f S3 218 100 14 2 90; m hb 146 45 2; m ae 150 78 2; p 24 94 c1",
    ),
];
