//! Why an action can't be done.

use crate::lesson::Refused;
use crate::run::ScriptError;
use crate::sim::{ActionError, WhyNot};
use crate::view::words::{Arg, Telling, tell};

/// Why an action can't be done.
pub fn why_not(why: &WhyNot) -> Telling {
    if let WhyNot::Setting { text } = why {
        return text.clone().into();
    }
    let mut telling = Telling::new(format!("why-not.{}", why.name()));
    why.fields(&mut |name, value| telling.put(name, Arg::Text(value.to_string())));
    telling
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
    match why {
        WhyNot::Setting { text } => format!("{field}: {text}").into(),
        why => tell!("why-not.field", field, why = why_not(why)),
    }
}
