//! Arguments that several commands share, and how they are written.

use crate::base::{Span, UnknownRule};
use crate::kv::{ShardRule, ShardRules};
use crate::raft::{Rule, Rules};
use crate::sim::settings::MAX_NODES;
use std::ops::{Range, RangeInclusive};
use std::path::PathBuf;

/// A span of simulated time: `30s`, `1500ms`, `2m`, `1h`; a bare number is seconds.
pub(super) fn span(text: &str) -> Result<Span, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "us" => 1,
        "ms" => 1_000,
        "s" | "" => 1_000_000,
        "m" => 60_000_000,
        "h" => 3_600_000_000,
        _ => return Err("the unit has to be us (microseconds), ms, s, m or h".into()),
    };
    let number: u64 = digits
        .parse()
        .map_err(|_| "a whole number and a unit, as in 30s")?;
    number
        .checked_mul(unit)
        .map(Span)
        .ok_or_else(|| "too long".into())
}

/// So much memory: `512M`, `2G`; a bare number is bytes.
pub(super) fn bytes(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "" => 0,
        "K" => 10,
        "M" => 20,
        "G" => 30,
        _ => return Err("the unit has to be K, M or G".into()),
    };
    let number: u64 = digits
        .parse()
        .map_err(|_| "a whole number and a unit, as in 2G")?;
    let bytes = number.checked_mul(1 << unit);
    bytes
        .filter(|&bytes| bytes > 0)
        .ok_or_else(|| "too much, or nothing".into())
}

fn whole(text: &str, range: RangeInclusive<u64>) -> Result<u64, String> {
    let number = text.parse().ok().filter(|number| range.contains(number));
    let (least, most) = (range.start(), range.end());
    number.ok_or_else(|| format!("a whole number from {least} to {most} is needed"))
}

/// One seed.
pub(super) fn seed(text: &str) -> Result<u64, String> {
    whole(text, 0..=u64::MAX)
}

/// How many servers.
pub(super) fn nodes(text: &str) -> Result<u32, String> {
    whole(text, 1..=MAX_NODES.into()).map(|nodes| nodes as u32)
}

/// The most threads: as many as a system surely gives.
const MAX_JOBS: u64 = 1_024;

/// How many threads.
pub(super) fn jobs(text: &str) -> Result<usize, String> {
    whole(text, 1..=MAX_JOBS).map(|jobs| jobs as usize)
}

/// Seeds: `0..1000`, the last one not included; a single number is a single seed.
pub(super) fn seeds(text: &str) -> Result<Range<u64>, String> {
    let number = |text: &str| {
        let plain = text.replace('_', "");
        plain
            .parse::<u64>()
            .map_err(|_| format!("\"{text}\" is no whole number from 0 to {}", u64::MAX))
    };
    let Some((from, to)) = text.split_once("..") else {
        let seed = number(text)?;
        let end = seed
            .checked_add(1)
            .ok_or("the last seed of all can't be swept")?;
        return Ok(seed..end);
    };
    let range = number(from)?..number(to)?;
    if range.is_empty() {
        return Err("there is no seed in it; write FIRST..LAST, LAST not included".into());
    }
    Ok(range)
}

/// A part of the seeds: number I of N, counting from 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Shard {
    pub number: u64,
    pub of: u64,
}

/// A shard: `0/4` to `3/4`.
pub(super) fn shard(text: &str) -> Result<Shard, String> {
    let why = || "write I/N with I from 0 to N - 1, as in 0/4".to_owned();
    let (number, of) = text.split_once('/').ok_or_else(why)?;
    let (number, of) = (number.parse().ok(), of.parse().ok());
    let (Some(number), Some(of)) = (number, of) else {
        return Err(why());
    };
    if number >= of {
        return Err(why());
    }
    Ok(Shard { number, of })
}

/// A file to be written. The standard output holds the result: it is none.
pub(super) fn file(text: &str) -> Result<PathBuf, String> {
    match text {
        "-" => Err("a file is needed: the standard output holds the result".into()),
        "" => Err("a file is needed".into()),
        _ => Ok(text.into()),
    }
}

/// Where the laboratory is served: an address to which a fragment can be added.
pub(super) fn site(text: &str) -> Result<String, String> {
    let is_address = text.starts_with("http://") || text.starts_with("https://");
    if !is_address || text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '#') {
        return Err("an address is needed, http:// or https://, without spaces and #".into());
    }
    Ok(text.into())
}

/// Rules as [`Rules::but`] takes them, the protocol's and the store's: the text, if it makes sense.
pub(super) fn rules(text: &str) -> Result<String, String> {
    but(text, Rules::ALL, ShardRules::ALL).map(|_| text.to_owned())
}

/// Those rules without the ones that the text names; with `all` in it, every rule but those.
pub(super) fn but(
    text: &str,
    rules: Rules,
    shard_rules: ShardRules,
) -> Result<(Rules, ShardRules), String> {
    let of_store = |name: &&str| ShardRule::from_name(name.trim_start_matches('-')).is_ok();
    let names = text.split(',').map(str::trim);
    let (store, protocol): (Vec<_>, Vec<_>) = names.partition(of_store);
    let shard_rules = match protocol.contains(&"all") {
        true => ShardRules::ALL,
        false => shard_rules,
    };
    let unknown = |why: UnknownRule| {
        let known: Vec<_> = ShardRule::ALL.iter().map(|rule| rule.name()).collect();
        format!("{why}; of a store of many shards, {}", known.join(", "))
    };
    let rules = rules.but(&protocol.join(",")).map_err(unknown)?;
    let shard_rules = shard_rules
        .but(&store.join(","))
        .map_err(|it| it.to_string())?;
    Ok((rules, shard_rules))
}

/// The names of the rules that are off.
pub(super) fn rules_off(
    rules: Rules,
    shard_rules: ShardRules,
) -> impl Iterator<Item = &'static str> {
    let of_store = shard_rules.off().map(ShardRule::name);
    rules.off().map(Rule::name).chain(of_store)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_read_or_refused() {
        assert_eq!(span("30s"), Ok(Span::secs(30)));
        assert_eq!(span("7"), Ok(Span::secs(7)));
        assert_eq!(span("1500ms"), Ok(Span::millis(1_500)));
        for bad in [
            "",
            "s",
            "-1s",
            "1.5s",
            "3 s",
            "3d",
            "99999999999999999999s",
            "18446744073709551615h",
        ] {
            assert!(span(bad).is_err(), "{bad}");
        }
        assert_eq!(bytes("2G"), Ok(2 << 30));
        assert_eq!(bytes("512M"), Ok(512 << 20));
        for bad in ["", "G", "0", "-1M", "2T", "1.5G", "18446744073709551615K"] {
            assert!(bytes(bad).is_err(), "{bad}");
        }
        assert_eq!(seeds("0..1_000"), Ok(0..1_000));
        assert_eq!(seeds("7"), Ok(7..8));
        for bad in [
            "",
            "..",
            "5..5",
            "9..3",
            "a..b",
            "-1..3",
            "18446744073709551615",
        ] {
            assert!(seeds(bad).is_err(), "{bad}");
        }
        assert_eq!(shard("3/4"), Ok(Shard { number: 3, of: 4 }));
        for bad in ["4/4", "0/0", "1", "a/b", "-1/2"] {
            assert!(shard(bad).is_err(), "{bad}");
        }
        assert_eq!(file("a.json"), Ok("a.json".into()));
        assert!(file("-").is_err() && file("").is_err());
        for good in ["http://127.0.0.1:8080/", "https://x.example/y/?a=b"] {
            assert_eq!(site(good).as_deref(), Ok(good));
        }
        for bad in ["", "foo bar", "x.example", "https://x/y#z", "http://a b/"] {
            assert!(site(bad).is_err(), "{bad}");
        }
        assert_eq!(rules("all,-persist-log").as_deref(), Ok("all,-persist-log"));
        let error = rules("persist-nothing").unwrap_err();
        assert!(
            error.contains("persist-log") && error.contains("tombstone"),
            "{error}"
        );
        let start = (Rules::ALL.without(Rule::PreVote), ShardRules::ALL);
        let of_both = but("-tombstone, persist-log", start.0, start.1);
        let without = (
            start.0.without(Rule::PersistLog),
            start.1.without(ShardRule::Tombstone),
        );
        assert_eq!(of_both, Ok(without));
        let all = but("all", without.0, without.1);
        assert_eq!(all, Ok((Rules::ALL, ShardRules::ALL)));
    }
}
