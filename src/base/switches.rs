//! Tables of rules that can be switched off, each by its name.

use std::fmt;

/// A name that no rule has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnknownRule {
    /// What was asked for.
    pub name: String,
    /// The names that there are.
    pub known: Vec<&'static str>,
}

impl fmt::Display for UnknownRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name: String = self.name.chars().take(40).collect();
        let known = self.known.join(", ");
        write!(f, "there is no rule “{name}”; there are {known}")
    }
}

impl std::error::Error for UnknownRule {}

/// Makes an enumeration of rules, and the set of them that is off.
///
/// The set is written by name, `{"off": ["persist-vote"]}`: a number would mean other rules once there
/// are more.
macro_rules! switches {
    (
        $(#[$of_rule:meta])*
        pub enum $Rule:ident;
        $(#[$of_set:meta])*
        pub struct $Rules:ident;
        $($(#[doc = $doc:literal])+ $rule:ident = $name:literal,)+
    ) => {
        $(#[$of_rule])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "&'static str")]
        #[repr(u8)]
        pub enum $Rule {
            $($(#[doc = $doc])+ $rule,)+
        }

        impl $Rule {
            /// Every rule, in the order of the table.
            pub const ALL: &[$Rule] = &[$($Rule::$rule),+];

            /// The name in scenario files, links and on the command line.
            pub const fn name(self) -> &'static str {
                match self {
                    $($Rule::$rule => $name,)+
                }
            }

            /// What it demands, and where that is from: its documentation.
            pub const fn says(self) -> &'static str {
                match self {
                    $($Rule::$rule => concat!($($doc),+),)+
                }
            }

            /// The rule of that name.
            ///
            /// # Errors
            /// There is no such rule; the error lists those that there are.
            pub fn from_name(name: &str) -> Result<$Rule, $crate::base::UnknownRule> {
                let rule = $Rule::ALL.iter().copied().find(|rule| rule.name() == name);
                rule.ok_or_else(|| $crate::base::UnknownRule {
                    name: name.into(),
                    known: $Rule::ALL.iter().map(|rule| rule.name()).collect(),
                })
            }
        }

        impl TryFrom<String> for $Rule {
            type Error = $crate::base::UnknownRule;

            fn try_from(name: String) -> Result<$Rule, Self::Error> {
                $Rule::from_name(&name)
            }
        }

        impl From<$Rule> for &'static str {
            fn from(rule: $Rule) -> &'static str {
                rule.name()
            }
        }

        $(#[$of_set])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
        #[serde(from = "Off", into = "Off")]
        pub struct $Rules {
            off: u32,
        }

        /// The written form of the set.
        #[derive(serde::Serialize, serde::Deserialize)]
        #[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
        #[serde(deny_unknown_fields)]
        struct Off {
            off: Vec<$Rule>,
        }

        impl From<Off> for $Rules {
            fn from(names: Off) -> $Rules {
                names.off.into_iter().fold($Rules::ALL, $Rules::without)
            }
        }

        impl From<$Rules> for Off {
            fn from(rules: $Rules) -> Off {
                let off = rules.off().collect();
                Off { off }
            }
        }

        impl $crate::base::Fold for $Rules {
            fn fold(&self, digest: &mut $crate::base::Digest) {
                self.off.fold(digest);
            }
        }

        impl $Rules {
            /// Every rule on.
            pub const ALL: $Rules = $Rules { off: 0 };

            /// The same rules, but without `rule`.
            #[must_use]
            pub const fn without(self, rule: $Rule) -> $Rules {
                $Rules {
                    off: self.off | 1 << rule as u8,
                }
            }

            /// The same rules, with `rule`.
            #[must_use]
            pub const fn with(self, rule: $Rule) -> $Rules {
                $Rules {
                    off: self.off & !(1 << rule as u8),
                }
            }

            /// These rules, without those that a text names: `-pre-vote,-check-quorum`. With `all` among
            /// them, every rule but those.
            ///
            /// # Errors
            /// There is no such rule; the error lists those that there are.
            pub fn but(self, text: &str) -> Result<$Rules, $crate::base::UnknownRule> {
                let names = text.split(',').map(str::trim).filter(|n| !n.is_empty());
                let (all, names): (Vec<_>, Vec<_>) = names.partition(|name| *name == "all");
                let start = if all.is_empty() { self } else { $Rules::ALL };
                names.into_iter().try_fold(start, |rules, name| {
                    let rule = $Rule::from_name(name.strip_prefix('-').unwrap_or(name))?;
                    Ok(rules.without(rule))
                })
            }

            /// Whether `rule` holds.
            pub const fn has(self, rule: $Rule) -> bool {
                self.off & 1 << rule as u8 == 0
            }

            /// The rules that are off, in the order of the table.
            pub fn off(self) -> impl Iterator<Item = $Rule> {
                let all = $Rule::ALL.iter().copied();
                all.filter(move |&rule| !self.has(rule))
            }
        }
    };
}

pub(crate) use switches;
