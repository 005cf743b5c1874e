//! Settings as arguments: a flag for each, and `--set NAME=VALUE`.
//!
//! The flags are made of the engine's own table, so that a new setting has one by itself.

use super::{Exit, Unusable, say_json, unusable};
use crate::sim::settings::{FIELDS, Field, Settings, SettingsError, Unit};
use crate::view::settings::form;
use crate::view::{english, unfit, why_not_setting};
use clap::builder::TypedValueParser as _;
use clap::{Arg, ArgAction, ArgMatches, Command, FromArgMatches};
use serde_json::json;
use std::io::Write;

/// Settings that commands have arguments of their own for.
const OWN: &[&str] = &["rules"];

/// The settings that were given, by name, in the order in which they are set.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Given(pub Vec<(String, String)>);

impl Given {
    /// Sets them.
    ///
    /// # Errors
    /// Names the first that can't be.
    pub fn apply(&self, settings: &mut Settings) -> Result<(), SettingsError> {
        let mut all = self.0.iter();
        all.try_for_each(|(name, value)| settings.set(name, value))
    }

    /// Each as `NAME=VALUE`.
    pub fn texts(&self) -> Vec<String> {
        let text = |(name, value): &(String, String)| format!("{name}={value}");
        self.0.iter().map(text).collect()
    }
}

/// A flag: a setting, or both ends of a range.
struct Flag {
    /// The setting's name, as `--set` takes it: `timing.election_timeout`.
    name: String,
    /// The setting; of a range the lower end.
    field: &'static Field,
    /// The upper end of a range.
    upper: Option<&'static Field>,
}

impl Flag {
    fn all() -> impl Iterator<Item = Flag> {
        let plain = FIELDS.iter().filter(|field| !OWN.contains(&field.name));
        plain.filter_map(|field| {
            if let Some((lower, upper)) = field.range() {
                let name = lower.name.trim_end_matches("_min").to_owned();
                return Some(Flag {
                    name,
                    field: lower,
                    upper: Some(upper),
                });
            }
            let mut uppers = FIELDS.iter().filter_map(Field::range);
            let is_lower_end = uppers.any(|(lower, _)| lower.name == field.name);
            (!is_lower_end).then(|| Flag {
                name: field.name.into(),
                field,
                upper: None,
            })
        })
    }

    /// `election-timeout`, `link-loss`: the group goes without saying only of the servers' timing.
    fn long(&self) -> String {
        let name = self.name.trim_start_matches("timing.");
        name.replace(['.', '_'], "-")
    }

    fn value_name(&self) -> &'static str {
        match (self.field.unit, self.upper) {
            (Unit::Time, Some(_)) => "SPAN..SPAN",
            (Unit::Time, None) => "SPAN",
            (Unit::Count, _) => "NUMBER",
            (Unit::Bytes, _) => "BYTES",
            (Unit::Share, _) => "PERCENT",
            (Unit::Switch, _) => "on|off",
            _ => "LIST",
        }
    }

    /// What it means, as a sentence each for the ends of a range.
    fn says(&self) -> String {
        let upper = self.upper.map(|upper| format!(" {}", upper.says()));
        format!("{}{}", self.field.says(), upper.unwrap_or_default())
    }

    fn form(&self) -> String {
        english().text(&form(self.field.unit))
    }

    fn usual(&self) -> String {
        let usual = Settings::default().get(&self.name).unwrap_or_default();
        match usual.as_str() {
            "" => "none".into(),
            _ => usual,
        }
    }

    /// The least and the greatest value, where it is a number.
    fn bounds(&self) -> Option<(String, String)> {
        let upper = self.upper.unwrap_or(self.field);
        let number = self.field.number(&Settings::default());
        number.filter(|_| self.field.unit != Unit::Switch)?;
        let told = |number| self.field.unit.written(number);
        Some((told(self.field.low), told(upper.high)))
    }

    fn arg(&self) -> Arg {
        let bounds = self.bounds();
        let bounds = bounds.map_or(String::new(), |(low, high)| format!("; {low} to {high}"));
        let help = format!("{} [default: {}{bounds}]", self.says(), self.usual());
        let name = self.name.clone();
        let check = move |text: String| {
            let set = Settings::default().set(&name, &text);
            set.map(|()| text)
                .map_err(|error| english().text(&why_not_setting(&error.why)))
        };
        Arg::new(self.name.clone())
            .long(self.long())
            .value_name(self.value_name())
            .help(help.trim_end().to_owned())
            .help_heading("Settings (as the scenario has them, if not given)")
            .hide_short_help(true)
            .allow_negative_numbers(true)
            .value_parser(clap::builder::StringValueParser::new().try_map(check))
    }
}

/// `NAME=VALUE`.
fn pair(text: &str) -> Result<(String, String), String> {
    let why = "write NAME=VALUE, as in link.loss=5%; `kvorum run --settings` lists the names";
    let (name, value) = text.split_once('=').ok_or(why)?;
    let set = Settings::default().set(name, value);
    set.map_err(|error| english().text(&unfit(&error)))?;
    Ok((name.into(), value.into()))
}

impl FromArgMatches for Given {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Given, clap::Error> {
        let flags = Flag::all().filter_map(|flag| {
            let value = matches.try_get_one::<String>(&flag.name).ok()??;
            Some((flag.name, value.clone()))
        });
        let set = matches.get_many::<(String, String)>("set");
        let set = set.into_iter().flatten().cloned();
        Ok(Given(flags.chain(set).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Given::from_arg_matches(matches)?;
        Ok(())
    }
}

impl clap::Args for Given {
    fn augment_args(command: Command) -> Command {
        let set = Arg::new("set")
            .long("set")
            .value_name("NAME=VALUE")
            .action(ArgAction::Append)
            .value_parser(pair)
            .help("A setting by its name, as in timing.heartbeat=50ms; may be given several times");
        let command = command.arg(set);
        // A command's own argument goes first: --nodes of a sweep.
        let taken: Vec<_> = command.get_arguments().filter_map(Arg::get_long).collect();
        let taken: Vec<String> = taken.into_iter().map(Into::into).collect();
        let free = Flag::all().filter(|flag| !taken.contains(&flag.long()));
        let args: Vec<_> = free.map(|flag| flag.arg()).collect();
        command.args(args)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Given::augment_args(command)
    }
}

/// Lists all settings.
pub(super) fn list(json: bool, out: &mut impl Write) -> Result<Exit, Unusable> {
    if json {
        let told = Flag::all().map(|flag| {
            let bounds = flag.bounds();
            let (low, high) = bounds.map_or((None, None), |(low, high)| (Some(low), Some(high)));
            json!({
                "name": flag.name,
                "flag": format!("--{}", flag.long()),
                "written_as": flag.form(),
                "default": flag.usual(),
                "least": low,
                "greatest": high,
                "says": flag.says(),
            })
        });
        say_json(out, &json!({ "settings": told.collect::<Vec<_>>() }))?;
        return Ok(Exit::Ok);
    }
    writeln!(
        out,
        "Each is a flag, or --set NAME=VALUE. A range is LEAST..GREATEST, or one value; its ends have\n\
         names of their own, NAME_min and NAME_max. Rules are switched off by --rules.\n"
    )?;
    for flag in Flag::all() {
        let bounds = flag.bounds();
        let bounds = bounds.map_or(String::new(), |(low, high)| {
            format!(", from {low} to {high}")
        });
        let usual = flag.usual();
        writeln!(out, "--{} or {}: {usual}{bounds}", flag.long(), flag.name)?;
        writeln!(out, "    {}", flag.says())?;
        writeln!(out, "    Written as {}.", flag.form())?;
    }
    Ok(Exit::Ok)
}

/// Settings that a sweep can have: those that its runs draw, and those that change nothing of how
/// soon a cluster has to recover.
const IN_SWEEPS: &[&str] = &[
    "load",
    "reads.",
    "chaos.",
    "link.",
    "client_link.",
    "snapshot_every",
    "keep_removed",
    "priorities",
    "timing.max_",
    "timing.keep_entries",
    "clients.session_timeout",
    "limits.",
];

fn is_in_sweeps(name: &str) -> bool {
    IN_SWEEPS.iter().any(|known| name.starts_with(known))
}

/// The settings of a sweep. The help lists those that it can have; for the others there is an error
/// that says why.
#[derive(Clone, Debug, Default)]
pub(super) struct OfSweep(pub Given);

impl FromArgMatches for OfSweep {
    fn from_arg_matches(matches: &ArgMatches) -> Result<OfSweep, clap::Error> {
        Given::from_arg_matches(matches).map(OfSweep)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.0.update_from_arg_matches(matches)
    }
}

impl clap::Args for OfSweep {
    fn augment_args(command: Command) -> Command {
        let others = Flag::all().filter(|flag| !is_in_sweeps(&flag.name));
        let hide = |command: Command, flag: Flag| {
            let is_own = command.get_arguments().any(|it| it.get_id() == &flag.name);
            match is_own && flag.name != "nodes" {
                true => command.mut_arg(flag.name, |it| it.hide(true)),
                false => command,
            }
        };
        others.fold(Given::augment_args(command), hide)
    }

    fn augment_args_for_update(command: Command) -> Command {
        OfSweep::augment_args(command)
    }
}

/// Refuses what a sweep can't have.
///
/// # Errors
/// Names the setting.
pub(super) fn check_for_sweep(given: &Given) -> Result<(), Unusable> {
    for (name, _) in &given.0 {
        let is_end = ["_min", "_max"].iter().any(|end| name.ends_with(end));
        let is_end = is_end && Field::find(name).is_some_and(|it| it.unit == Unit::Time);
        if is_end {
            let stem = &name[..name.len() - 4];
            let why = format!("{name}: give both ends, as in --set {stem}=1ms..5ms");
            return Err(unusable(why));
        }
        if !is_in_sweeps(name) {
            let instead = match name.as_str() {
                "nodes" => "--nodes",
                "rules" => "--rules",
                _ => "`kvorum run`",
            };
            let why = format!(
                "{name}: a sweep keeps to the usual value, because it judges by it how soon a \
                 cluster has to recover; {instead} takes it"
            );
            return Err(unusable(why));
        }
    }
    Ok(())
}
