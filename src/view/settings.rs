//! Settings in words: what each is called on a screen, and in which group it stands.

use super::words::Telling;
use crate::sim::settings::{FIELDS, Field, Unit};

/// The settings of one group, in the order of the table.
pub struct Group {
    /// Its name in the table; empty for settings that have none.
    pub name: &'static str,
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

/// All settings in groups, but the rules, which have names and switches of their own, and those of a
/// store of many shards, which the page doesn't show yet.
pub fn groups() -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let ends: Vec<_> = FIELDS.iter().filter_map(Field::range).collect();
    let is = |field: &Field, other: &Field| field.name == other.name;
    let shown = |field: &&Field| field.unit != Unit::Rules && field.parts().0 != "shards";
    let shown = FIELDS.iter().filter(|field| shown(field));
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
                rows: vec![row],
            }),
        }
    }
    groups
}

impl Group {
    /// Its heading.
    pub fn heading(&self) -> Telling {
        let name = if self.name.is_empty() {
            "cluster"
        } else {
            self.name
        };
        Telling::new(format!("setting-group.{name}"))
    }
}

impl Row {
    /// What it is called.
    pub fn label(&self) -> Telling {
        Telling::new(format!("setting-name.{}", self.field.name))
    }
}

/// What a setting means, in a sentence or some.
pub fn says(field: &Field) -> Telling {
    Telling::new(format!("setting.{}", field.name))
}

/// What a value in that unit looks like, for a sentence: `a whole number, as in 1500`.
pub fn form(unit: Unit) -> Telling {
    Telling::new(format!("setting-form.{}", unit.name()))
}

/// The least and the most that a setting may be, in its unit: "1 ms", "3600 s". None where it isn't a
/// number.
pub fn bounds(field: &Field) -> Option<[String; 2]> {
    let number = !matches!(
        field.unit,
        Unit::Switch
            | Unit::Priorities
            | Unit::Rules
            | Unit::ShardRules
            | Unit::Placement
            | Unit::Logs
    );
    let bounds = [field.low, field.high].map(|number| field.unit.told(number));
    number.then_some(bounds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::english;

    #[test]
    fn every_setting_but_the_rules_has_its_row_and_a_name_of_its_own() {
        let groups = groups();
        let mut shown = Vec::new();
        for group in &groups {
            let said = |row: &Row| english().text(&row.label());
            let labels: Vec<_> = group.rows.iter().map(said).collect();
            for (at, label) in labels.iter().enumerate() {
                assert!(!labels[..at].contains(label), "{}: {label}", group.name);
                assert!(!label.contains('_'), "the catalogue has no text {label}");
            }
            for row in &group.rows {
                shown.push(row.field.name);
                shown.extend(row.upper.map(|upper| upper.name));
            }
        }
        shown.push("rules");
        shown.sort_unstable();
        let known = FIELDS.iter().map(|field| field.name);
        let mut known: Vec<_> = known.filter(|name| !name.starts_with("shards.")).collect();
        known.sort_unstable();
        assert_eq!(shown, known);
        assert_eq!(groups[0].name, "");
        assert_eq!(
            bounds(Field::find("timing.heartbeat").unwrap()),
            Some(["1 ms".into(), "3600 s".into()])
        );
    }
}
