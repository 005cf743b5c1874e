//! Why an action can't be done, and why a setting or a file can't be.

use crate::lesson::Refused;
use crate::run::{FileError, ScriptError, Unfit};
use crate::sim::{ActionError, SettingsError, WhyNot, WhyNotSetting};
use crate::view::words::{Arg, Telling, tell};

/// Why an action can't be done.
pub fn why_not(why: &WhyNot) -> Telling {
    if let WhyNot::Setting { why } = why {
        return why_not_setting(why);
    }
    let mut telling = Telling::new(format!("why-not.{}", why.name()));
    why.fields(&mut |name, value| telling.put(name, Arg::Text(value.to_string())));
    telling
}

/// Why a setting can't be.
pub fn why_not_setting(why: &WhyNotSetting) -> Telling {
    let mut telling = Telling::new(format!("why-not-setting.{}", why.name()));
    why.fields(&mut |name, value| {
        let value = value.to_string();
        let arg = match name {
            "unit" => Telling::new(format!("setting-form.{value}")).into(),
            "finest" => Telling::new(format!("setting-finest.{value}")).into(),
            _ => Arg::Text(value),
        };
        telling.put(name, arg);
    });
    telling
}

/// The same, with its name: `nodes: 0 is not between 1 and 101`.
pub fn unfit(error: &SettingsError) -> Telling {
    let why = why_not_setting(&error.why);
    tell!("why-not.field", field = error.field, why)
}

/// What is wrong with a recording or with a lesson's file, with the place.
pub fn unfit_file(error: &FileError) -> Telling {
    match &error.why {
        Unfit::Setting(why) => tell!(
            "why-not.field",
            field = &error.field,
            why = why_not_setting(why)
        ),
        Unfit::File(_) => error.to_string().into(),
    }
}

/// The same, with the field that makes it impossible: `node: S2 is crashed`.
pub fn refused(error: &ActionError) -> Telling {
    of_field(error.field.to_owned(), &error.why)
}

/// The same of an action of a script, with its place in the journal.
pub fn left_out(error: &ScriptError) -> Telling {
    match &error.refused {
        Some(refused) => of_field(error.field(), &refused.why),
        None => tell!(
            "why-not.field",
            field = error.field(),
            why = tell!("why-not.missed")
        ),
    }
}

/// The same of an action of a step's button, with its place in the lesson's file.
pub fn not_pressed(refused: &Refused) -> Telling {
    let Refused {
        step,
        action,
        error,
    } = refused;
    let field = format!(
        "steps[{step}].button.actions[{action}].{field}",
        field = error.field
    );
    of_field(field, &error.why)
}

fn of_field(field: String, why: &WhyNot) -> Telling {
    tell!("why-not.field", field, why = why_not(why))
}
