//! Settings in words: what each is called on a screen, and in which group it stands.

use crate::sim::settings::{FIELDS, Field, Unit};

/// The settings of one group, in the order of the table.
pub struct Group {
    /// Its name in the table; empty for settings that have none.
    pub name: &'static str,
    /// Its heading.
    pub heading: String,
    /// Its rows: a setting, or the lower and the upper end of a range.
    pub rows: Vec<Row>,
}

/// A row of a form.
#[derive(Clone, Copy)]
pub struct Row {
    /// The setting; of a range, the lower end.
    pub field: &'static Field,
    /// The upper end, if it is a range.
    pub upper: Option<&'static Field>,
}

/// All settings but the rules, which have names and switches of their own, in groups.
pub fn groups() -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let ends: Vec<_> = FIELDS.iter().filter_map(Field::range).collect();
    let is = |field: &Field, other: &Field| field.name == other.name;
    let shown = FIELDS.iter().filter(|field| field.unit != Unit::Rules);
    for field in shown.filter(|field| !ends.iter().any(|(_, upper)| is(field, upper))) {
        let (name, _) = field.parts();
        let range = ends.iter().find(|(lower, _)| is(field, lower));
        let row = Row {
            field,
            upper: range.map(|(_, upper)| *upper),
        };
        match groups.iter_mut().find(|group| group.name == name) {
            Some(group) => group.rows.push(row),
            None => groups.push(Group {
                name,
                heading: heading(name),
                rows: vec![row],
            }),
        }
    }
    groups
}

fn heading(group: &str) -> String {
    match group {
        "" => "The cluster".into(),
        "timing" => "Timing of the servers".into(),
        "link" => "Network between servers".into(),
        "client_link" => "Network of the clients".into(),
        "disk" => "Disks".into(),
        "clients" => "Clients".into(),
        "reads" => "Reads of the load".into(),
        "chaos" => "Random faults, by chance a second".into(),
        other => in_words(other),
    }
}

impl Row {
    /// What it is called.
    pub fn label(&self) -> String {
        match self.field.name {
            "nodes" => "Servers".into(),
            "timing.max_in_flight" => "Messages under way to a follower".into(),
            "timing.max_batch" => "Entries in a message".into(),
            "timing.max_in_flight_bytes" => "Bytes under way to a follower".into(),
            "timing.max_chunk" => "Bytes of a snapshot in a message".into(),
            "timing.keep_entries" => "Entries kept behind a snapshot".into(),
            "timing.clock_drift" => "Clock drift that is assumed".into(),
            "link.duplicate" | "client_link.duplicate" => "Duplicated messages".into(),
            "link.loss" | "client_link.loss" => "Lost messages".into(),
            "link.reorder" | "client_link.reorder" => "Messages may overtake others".into(),
            "clients.timeout" => "Timeout of a try".into(),
            "clients.max_attempts" => "Tries".into(),
            "load" => "Load, operations a second".into(),
            "snapshot_every" => "Entries between snapshots".into(),
            "keep_removed" => "Removed servers stay on".into(),
            "reads.lease" => "By lease".into(),
            "reads.anywhere" => "Of the others, at any server".into(),
            "start" => "Logs at the start".into(),
            name => {
                let name = name.rsplit('.').next().unwrap_or(name);
                in_words(name.strip_suffix("_min").unwrap_or(name))
            }
        }
    }
}

/// A name as a heading: `election_timeout` is "Election timeout".
fn in_words(name: &str) -> String {
    let mut text = name.replace('_', " ");
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}

/// What a setting may be, in its unit: "1 ms to 3600 s". None where it isn't a number.
pub fn bounds(field: &Field) -> Option<String> {
    let number = !matches!(
        field.unit,
        Unit::Switch | Unit::Priorities | Unit::Rules | Unit::Logs
    );
    let [low, high] = [field.low, field.high].map(|number| field.unit.told(number));
    number.then(|| format!("{low} to {high}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_but_the_rules_has_its_row_and_a_name_of_its_own() {
        let groups = groups();
        let mut shown = Vec::new();
        for group in &groups {
            let labels: Vec<_> = group.rows.iter().map(Row::label).collect();
            for (at, label) in labels.iter().enumerate() {
                assert!(!labels[..at].contains(label), "{}: {label}", group.name);
                assert!(!label.contains('_'), "{label}");
            }
            for row in &group.rows {
                shown.push(row.field.name);
                shown.extend(row.upper.map(|upper| upper.name));
            }
        }
        shown.push("rules");
        shown.sort_unstable();
        let mut known: Vec<_> = FIELDS.iter().map(|field| field.name).collect();
        known.sort_unstable();
        assert_eq!(shown, known);
        assert_eq!(groups[0].name, "");
        assert_eq!(
            bounds(Field::find("timing.heartbeat").unwrap()).as_deref(),
            Some("1 ms to 3600 s")
        );
    }
}
