//! What a file is, by what stands in it: for hints, and before something is overwritten.

use super::{check, history, link, series};
use serde_json::Value;

/// What a file can be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// Nothing stands in it.
    Empty,
    /// A run, for `kvorum replay`.
    Recording,
    /// What a sweep found.
    Report,
    /// A scenario.
    Lesson,
    /// The events of a run.
    Trace,
    /// The operations of clients, for `kvorum check`.
    History,
    /// What was measured, interval by interval.
    Series,
    /// A link that holds a run.
    Link,
    /// JSON, but a list.
    List,
    /// A picture of a history, as `kvorum check --svg` draws it.
    Picture,
    /// A page with such pictures, as `kvorum check --html` makes it.
    Pictures,
    /// A web page, or another picture.
    Page,
    /// Something else.
    Other,
}

impl Kind {
    /// What it is, for a sentence.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Empty => "an empty file",
            Kind::Recording => "the recording of a run",
            Kind::Report => "the report of a sweep",
            Kind::Lesson => "a lesson",
            Kind::Trace => "a trace of events",
            Kind::History => "a history of clients",
            Kind::Series => "a series of figures",
            Kind::Link => "a link that holds a run",
            Kind::List => "a list",
            Kind::Picture => "a picture of a history",
            Kind::Pictures => "a page with pictures of a history",
            Kind::Page => "a web page",
            Kind::Other => "something else",
        }
    }

    /// What it is and what to do with it, where something else was expected.
    pub const fn hint(self) -> Option<&'static str> {
        Some(match self {
            Kind::Empty => "the file is empty",
            Kind::Recording => "this is the recording of a run: `kvorum replay` takes it",
            Kind::Report => {
                "this is the report of a sweep: `kvorum replay` takes the file that its \
                 first_failure names, or the link there"
            }
            Kind::Lesson => "this is a lesson: `kvorum run` takes it",
            Kind::Trace => {
                "this is a trace of events; what can be replayed is a recording \
                 (`kvorum run --record`)"
            }
            Kind::History => "this is a history of clients: `kvorum check` takes it",
            Kind::Series => "this is a series of figures; what can be replayed is a recording",
            Kind::Link => "this is a link that holds a run: `kvorum replay` takes it",
            Kind::List => "this is a list; one object is expected",
            Kind::Picture | Kind::Pictures => "this is a picture of a history",
            Kind::Page => "this is a web page",
            Kind::Other => return None,
        })
    }
}

/// What a text is.
pub(super) fn kind(text: &str) -> Kind {
    let text = text.trim_start_matches('\u{feff}').trim();
    match text.as_bytes().first() {
        None => Kind::Empty,
        _ if history::is_edn(text.as_bytes()) => Kind::History,
        Some(b'[') => Kind::List,
        Some(b'<') if text.starts_with(check::SVG) => Kind::Picture,
        Some(b'<') if text.starts_with(check::HTML) => Kind::Pictures,
        Some(b'<') => Kind::Page,
        Some(b'{') => {
            let first = text.lines().next().unwrap_or_default();
            // Lines of their own; or the object goes on over several.
            let object = serde_json::from_str(first).or_else(|_| serde_json::from_str(text));
            object.map_or(Kind::Other, |object| of_object(&object))
        }
        _ if text.starts_with(series::HEAD) => Kind::Series,
        _ if link::holds_run(text) => Kind::Link,
        _ => Kind::Other,
    }
}

fn of_object(object: &Value) -> Kind {
    let has = |names: &[&str]| names.iter().all(|name| object.get(name).is_some());
    match () {
        () if has(&["sweep", "runs", "failures"]) => Kind::Report,
        () if has(&["seed", "playhead"]) => Kind::Recording,
        () if has(&["id", "steps", "title"]) => Kind::Lesson,
        () if has(&["seq", "at", "event"]) || has(&["trace", "engine"]) => Kind::Trace,
        () if has(&["from_us", "metric", "value"]) => Kind::Series,
        () if has(&["tag", "event"]) => Kind::Trace,
        () if has(&["client", "op"]) || has(&["leader", "term"]) => Kind::History,
        () if has(&["mark", "at"]) || has(&["initial"]) => Kind::History,
        () => Kind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_what_stands_in_it() {
        let lesson = include_str!("../../www/lessons/replication.json");
        for (text, expected) in [
            ("", Kind::Empty),
            (" \n", Kind::Empty),
            ("{\"seed\":\"1\",\n\"playhead\":2}", Kind::Recording),
            ("{\"sweep\":{},\"runs\":1,\"failures\":0}", Kind::Report),
            (lesson, Kind::Lesson),
            (
                "{\"seq\":0,\"at\":1,\"event\":\"heal\"}\n{\"se",
                Kind::Trace,
            ),
            (
                "{\"trace\":1,\"engine\":\"x\",\"seed\":\"1\"}\n",
                Kind::Trace,
            ),
            ("{\"client\":1,\"op\":\"put\"}\n", Kind::History),
            ("\u{feff}{\"leader\":\"S1\",\"term\":1}\n", Kind::History),
            (
                "from_us,until_us,of,metric,value\n0,1000000,reads,begun,3\n",
                Kind::Series,
            ),
            (
                "{\"from_us\":0,\"until_us\":1,\"of\":\"S1\",\"metric\":\"node.keys\",\"value\":3}\n",
                Kind::Series,
            ),
            ("[{\"seed\":\"1\"}]", Kind::List),
            ("<!doctype html>", Kind::Page),
            ("<svg xmlns=\"http://www.w3.org/2000/svg\">", Kind::Page),
            ("{:type :invoke, :f :read}", Kind::History),
            ("[{:type :invoke, :f :read}]", Kind::History),
            ("; a comment\n{:f :read}", Kind::History),
            ("#jepsen.history.Op{:index 0, :type :ok}", Kind::History),
            ("(1 2)", Kind::Other),
            (":)", Kind::Other),
            ("# notes", Kind::Other),
            ("{\"name\":\"x\"}", Kind::Other),
            ("{", Kind::Other),
            ("dear diary", Kind::Other),
        ] {
            assert_eq!(kind(text), expected, "{text}");
        }
    }
}
