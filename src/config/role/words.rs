//! A role's texts with values at their places.

use std::collections::BTreeMap;
use std::fmt;

use super::{INPUT, Role};
use crate::config::layer::did_you_mean;
use crate::config::suggest::nearest;
use crate::template::Template;

/// What a role makes of what is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// The system prompt.
    pub system: Option<String>,
    /// What is asked when nobody asks anything.
    pub input: Option<String>,
    around: Option<Template>,
    values: BTreeMap<String, String>,
}

impl Words {
    /// The prompt. What is asked stands in it as it is: places in it are not filled.
    pub fn prompt(&self, input: &str) -> String {
        let Some(around) = &self.around else { return input.to_owned() };
        let mut values = self.values.clone();
        values.insert(INPUT.to_owned(), input.to_owned());
        // Every other place has a value, or `Role::words` had told it.
        around.fill(&values).unwrap_or_default()
    }
}

/// Why a role's texts cannot be filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfilled {
    /// `input` is given like a variable.
    Input,
    /// There is no such variable.
    Unknown {
        /// What was given.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// Variables without a value.
    Missing(Vec<String>),
}

impl Unfilled {
    /// What to do.
    pub fn hint(&self) -> String {
        match self {
            Self::Input => "give it as words of the prompt or on stdin".to_owned(),
            Self::Unknown { known, .. } if known.is_empty() => "it has no variables".to_owned(),
            Self::Unknown { name, known } => nearest(name, known.iter().map(String::as_str))
                .map_or_else(|| format!("it has: {}", quoted(known)), did_you_mean),
            Self::Missing(names) => {
                let arguments: Vec<String> = names.iter().map(|name| format!("-p {name}=…")).collect();
                format!("give it with `{}`, or a default under `variables` of the role", arguments.join(" "))
            }
        }
    }
}

impl fmt::Display for Unfilled {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input => write!(formatter, "`{INPUT}` is what is asked, and no variable to give with -p"),
            Self::Unknown { name, .. } => write!(formatter, "it has no variable `{name}`"),
            Self::Missing(names) => {
                let verb = if names.len() == 1 { "has" } else { "have" };
                write!(formatter, "{} {verb} no value", quoted(names))
            }
        }
    }
}

impl std::error::Error for Unfilled {}

impl Role {
    /// Whether all that is given has a place.
    pub fn takes(&self, given: &[(String, String)]) -> Result<(), Unfilled> {
        let places = self.places();
        for (name, _) in given {
            if name == INPUT {
                return Err(Unfilled::Input);
            }
            if !places.contains(name.as_str()) {
                let known = places.iter().filter(|place| **place != INPUT).map(ToString::to_string).collect();
                return Err(Unfilled::Unknown { name: name.clone(), known });
            }
        }
        Ok(())
    }

    /// Its texts with these values, over its own defaults. Places in a value are not filled.
    pub fn words(&self, given: &[(String, String)]) -> Result<Words, Unfilled> {
        self.takes(given)?;
        let mut values = self.variables.clone();
        values.extend(given.iter().cloned());
        let missing: Vec<String> =
            self.needed().into_iter().filter(|name| !values.contains_key(*name)).map(str::to_owned).collect();
        if !missing.is_empty() {
            return Err(Unfilled::Missing(missing));
        }
        let input = values.remove(INPUT);
        let system = self.system.as_ref().map(|system| system.fill(&values).unwrap_or_default());
        Ok(Words { system, input, around: self.prompt.clone(), values })
    }
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
