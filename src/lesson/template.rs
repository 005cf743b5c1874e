//! What a step's button does: actions whose servers are still roles.
//!
//! An action is written as in the journal, and a text that begins with `@` takes the place of a
//! number:
//!
//! - `"@leader"`, or any [role](super::who): its first server. As an item of a list (the groups of
//!   a partition), all of its servers.
//! - `"@each down"`: the action is done once for each server of the role.
//! - `"@message append-entries from leader to S2"`: the message under way of that kind (`append-entries`,
//!   `heartbeat`, `append-entries-reply`, `request-vote`, `request-vote-reply` ...), the oldest first; `from` and `to` may be
//!   left out.
//!
//! ```json
//! { "action": "partition", "groups": [["@leader", "@follower #1"], ["@rest"]] }
//! ```

use super::facts;
use super::who::Who;
use super::words::Words;
use crate::base::{Json, JsonError, NodeId};
use crate::sim::{Action, Simulation};
use serde::Deserialize;

/// An action with roles.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(try_from = "Json")]
pub struct ActionTemplate(Json);

/// What an `@` text means.
enum Meant {
    Servers(Who),
    Message {
        kind: &'static str,
        from: Option<Who>,
        to: Option<Who>,
    },
}

/// Marks a role whose servers each get an action of their own.
const EACH: &str = "each ";

impl TryFrom<Json> for ActionTemplate {
    type Error = JsonError;

    /// Every role must be one, and with servers in their places it must be an action.
    fn try_from(form: Json) -> Result<ActionTemplate, JsonError> {
        let mut wrong = None;
        let dressed = fill(&form, &mut |text| {
            wrong = Meant::read(text).err().or(wrong.take());
            vec![1]
        });
        if let Some(wrong) = wrong {
            return Err(wrong);
        }
        if let Some(form) = dressed {
            form.read::<Action>()?;
        }
        Ok(ActionTemplate(form))
    }
}

impl ActionTemplate {
    /// The actions that it is now: none if nobody has the role.
    pub fn actions(&self, simulation: &Simulation) -> Vec<Action> {
        let mut each = None;
        fill(&self.0, &mut |text| {
            if text.starts_with(EACH) {
                each = Some(Meant::find(text, simulation, &[]));
            }
            vec![1]
        });
        let times = each.map_or(vec![None], |each| each.into_iter().map(Some).collect());
        let actions = times.into_iter().filter_map(|this| {
            let mut named = Vec::new();
            let form = fill(&self.0, &mut |text| {
                let found = match this {
                    Some(this) if text.starts_with(EACH) => vec![this],
                    _ => Meant::find(text, simulation, &named),
                };
                named.extend(found.iter().map(|&id| NodeId(id as u32)));
                found
            });
            form?.read().ok()
        });
        actions.collect()
    }
}

/// The same form with numbers in the places of `@` texts; `None` if a number is needed and none
/// is found.
fn fill(form: &Json, find: &mut impl FnMut(&str) -> Vec<u64>) -> Option<Json> {
    let role = |form: &Json| match form {
        Json::Text(text) => text.strip_prefix('@').map(str::to_owned),
        _ => None,
    };
    Some(match form {
        Json::Text(_) => match role(form) {
            Some(text) => Json::Number(*find(&text).first()?),
            None => form.clone(),
        },
        Json::List(items) => {
            let mut list = Vec::new();
            for item in items {
                match role(item) {
                    Some(text) => list.extend(find(&text).into_iter().map(Json::Number)),
                    None => list.push(fill(item, find)?),
                }
            }
            Json::List(list)
        }
        Json::Object(fields) => {
            let mut object = Vec::new();
            for (name, value) in fields {
                object.push((name.clone(), fill(value, find)?));
            }
            Json::Object(object)
        }
        _ => form.clone(),
    })
}

impl Meant {
    fn read(text: &str) -> Result<Meant, JsonError> {
        let mut words = Words::new(text.strip_prefix(EACH).unwrap_or(text));
        let meant = if words.take("message") {
            let kind = facts::known("message", words.inside(), facts::HOWS)?;
            let mut end = |word| {
                let there = words.take(word);
                there.then(|| Who::read(&mut words)).transpose()
            };
            let (from, to) = (end("from")?, end("to")?);
            Meant::Message { kind, from, to }
        } else {
            Meant::Servers(Who::read(&mut words)?)
        };
        words.end()?;
        Ok(meant)
    }

    /// The numbers of the servers, or of the messages, that it means now.
    fn find(text: &str, simulation: &Simulation, named: &[NodeId]) -> Vec<u64> {
        match Meant::read(text) {
            Ok(Meant::Servers(who)) => {
                let found = who.find(simulation, named).into_iter();
                found.map(|node| node.0.into()).collect()
            }
            Ok(Meant::Message { kind, from, to }) => {
                let is = |who: &Option<Who>, node| {
                    let who = who.as_ref();
                    who.is_none_or(|who| who.is(simulation, node))
                };
                let meant = simulation.messages().filter(|(flight, message)| {
                    flight.kind().inner_name() == kind
                        && is(&from, message.from.node())
                        && is(&to, message.to.node())
                });
                let mut found: Vec<u64> = meant.map(|(flight, _)| flight.id).collect();
                found.sort_unstable();
                found
            }
            Err(_) => Vec::new(),
        }
    }
}
