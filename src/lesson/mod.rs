//! Lessons: each a scenario with a story in steps.
//!
//! A lesson is a file of `www/lessons`; [`scenario`] shows one and says what its
//! fields mean. The page fetches a lesson when it is opened; natively they are all built in, so
//! that a test can play each of them under many seeds ([`library`]). A [`guide`] leads a reader through one.
//!
//! In a lesson nothing is scripted but what a reader's button does (a scenario of a store may have a
//! script and assertions instead), and that is said in **roles**: the leader,
//! a follower of it, the side without it. So another seed, with other servers in the roles and
//! other times, tells the same story. An action is written as everywhere else (in the journal, in
//! the JavaScript API), but where a server's number stands, `"@leader"` may stand, or any other
//! role of [`who`]; [`template`] puts the numbers in when the button is pressed.
//!
//! A task is ticked off by a **milestone**, a sentence such as `"some leader settled"`, `"2 with
//! y=7"` or `"on stepped-down leader"`, which [`when`] explains. It is looked at after each event,
//! and only after the tasks before it are done.
//!
//! A lesson that breaks a rule begins with the rule on, shows that it holds, and then switches it
//! off (`{"action": "set_rules", ...}`): the run ends with the violation, and the field `breaks`
//! names the property.

#[cfg(not(feature = "split"))]
pub mod assertion;
pub mod facts;
pub mod guide;
pub mod library;
pub mod scenario;
pub mod template;
pub mod when;
pub mod who;
mod words;

pub use guide::{Guide, Phase, Refused};
pub use scenario::{Button, Prediction, Scenario, Step, Task, Topic};
pub use template::ActionTemplate;
pub use when::When;
pub use who::Who;
