//! What the address of the page asks for: `?scenario=`, `?seed=`, `?rules=`, `?theme=`, `?embed`,
//! `?level=`, `?view=`, `?lang=`.

use crate::lesson::scenario;
use crate::raft::Rules;
use crate::web::language::Language;
use crate::web::store::{Level, Theme, View};
use web_sys::UrlSearchParams;

/// What was asked for, and what was wrong with some of them.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Options {
    /// The scenario's id, one of those that there are.
    pub scenario: Option<&'static str>,
    /// The seed.
    pub seed: Option<u64>,
    /// Rules that are off, as [`Rules::but`] takes them.
    pub rules: Option<String>,
    /// Light or dark.
    pub theme: Option<Theme>,
    /// How much to show.
    pub level: Option<Level>,
    /// What to show above the clock.
    pub view: Option<View>,
    /// In which language.
    pub language: Option<Language>,
    /// The compact form.
    pub embed: bool,
    /// Play as soon as the figure is in sight.
    pub autoplay: bool,
    /// One sentence for each field that makes no sense; the page goes on without it.
    pub problems: Vec<String>,
}

/// Reads a seed.
///
/// # Errors
/// A sentence that names the field.
pub fn seed(text: &str) -> Result<u64, String> {
    text.trim().parse().map_err(|_| {
        let text: String = text.chars().take(40).collect();
        format!(
            "seed: “{text}” is not a whole number from 0 to {}",
            u64::MAX
        )
    })
}

impl Options {
    /// Reads the query of an address, with or without its question mark.
    pub fn parse(search: &str) -> Options {
        let mut options = Options::default();
        let Ok(params) = UrlSearchParams::new_with_str(search) else {
            return options;
        };
        for pair in params.entries().into_iter().flatten() {
            let pair = js_sys::Array::from(&pair);
            let text = |i| pair.get(i).as_string().unwrap_or_default();
            if let Err(problem) = options.take(&text(0), &text(1)) {
                options.problems.push(problem);
            }
        }
        options
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), String> {
        let quoted: String = value.chars().take(40).collect();
        match name {
            "scenario" => self.scenario = Some(scenario::known(value).map_err(|e| e.to_string())?),
            "seed" => self.seed = Some(seed(value)?),
            "rules" => {
                Rules::ALL
                    .but(value)
                    .map_err(|why| format!("rules: {why}"))?;
                self.rules = Some(value.to_owned());
            }
            "theme" => {
                let theme = Theme::parse(value);
                self.theme =
                    Some(theme.ok_or(format!("theme: “{quoted}” is none of auto, light, dark"))?);
            }
            "level" => {
                let level = value
                    .parse()
                    .ok()
                    .and_then(|n: usize| Level::ALL.get(n).copied());
                self.level =
                    Some(level.ok_or(format!("level: “{quoted}” is not a number from 0 to 3"))?);
            }
            "view" => {
                let view = View::parse(value);
                self.view =
                    Some(view.ok_or(format!("view: “{quoted}” is neither cluster nor clients"))?);
            }
            "lang" => {
                let language = Language::parse(value);
                self.language =
                    Some(language.ok_or(format!("lang: “{quoted}” is none of en, zh-Hans"))?);
            }
            "embed" => match value {
                "" | "1" | "true" => self.embed = true,
                _ => {
                    return Err(format!(
                        "embed: “{quoted}” is not understood; it stands alone: ?embed"
                    ));
                }
            },
            "autoplay" => match value {
                "visible" => self.autoplay = true,
                _ => {
                    return Err(format!(
                        "autoplay: “{quoted}” is not understood; there is only “visible”"
                    ));
                }
            },
            _ => {
                let name: String = name.chars().take(40).collect();
                return Err(format!(
                    "{name}: there is no such option; there are scenario, seed, rules, theme, level, view, lang, embed, autoplay"
                ));
            }
        }
        Ok(())
    }
}
