//! Why a target is in or out: the reasons are variants, their words are `Display`.

use std::fmt;

use serde::Serialize;

use super::adapt::Change;
use super::media::Size;

/// Something to know of a target that will be tried.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Chosen {
    /// Its place in the chain.
    InOrder,
    /// The catalogue does not know it: window, abilities and price are unknown.
    NotInCatalogue,
    /// The provider has announced its end.
    Ends {
        /// `YYYY-MM-DD`.
        day: String,
    },
    /// Its announced end has passed; it may still answer.
    Ended {
        /// `YYYY-MM-DD`.
        day: String,
    },
}

/// Why a target will not be tried.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Rejection {
    /// No key was found.
    KeyMissing {
        /// Where it was looked for.
        tried: Vec<String>,
    },
    /// Its address is not complete.
    ParameterMissing {
        /// What is missing, such as `region`.
        name: String,
        /// The variables it was looked for in.
        tried: Vec<String>,
    },
    /// It cannot do what the request needs.
    AbilityMissing {
        /// What it lacks.
        ability: &'static str,
    },
    /// Its wire format cannot carry what the request holds.
    NoPlace {
        /// The wire format.
        wire: String,
        /// What it has no place for.
        what: &'static str,
    },
    /// The provider takes no attachment of that size.
    AttachmentTooLarge {
        /// What the limit is for.
        what: Size,
        /// Bytes, as they would be sent.
        size: u64,
        /// The most that the provider takes.
        limit: u64,
    },
    /// It would be asked something else than what was asked for, and `--strict` takes no such answer.
    ChangeNeeded {
        /// The change.
        change: Change,
    },
    /// The prompt does not fit.
    WindowTooSmall {
        /// The prompt has at least this many tokens.
        needed: u64,
        /// The window.
        window: u64,
    },
}

impl fmt::Display for Chosen {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InOrder => formatter.write_str("next in the chain"),
            Self::Ends { day } => write!(formatter, "the provider ends it on {day}"),
            Self::Ended { day } => write!(formatter, "the provider announced its end for {day}"),
            Self::NotInCatalogue => formatter.write_str("not in the catalogue: window and price unknown"),
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeyMissing { tried } if tried.is_empty() => {
                formatter.write_str("no key: none is set (`api_key`; or `auth = \"none\"` if the server takes none)")
            }
            Self::KeyMissing { tried } => write!(formatter, "no key: looked in {}", tried.join(", ")),
            Self::ParameterMissing { name, tried } if tried.is_empty() => {
                write!(formatter, "`{name}` of its address is not known")
            }
            Self::ParameterMissing { name, tried } => {
                write!(formatter, "`{name}` of its address is not known: looked in {}", tried.join(", "))
            }
            Self::AbilityMissing { ability } => write!(formatter, "lacks: {ability}"),
            Self::NoPlace { wire, what } => write!(formatter, "its wire format `{wire}` has no place for {what}"),
            Self::AttachmentTooLarge { what, size, limit } => {
                let what = match what {
                    Size::Image => "an image",
                    Size::Request => "all attachments",
                };
                let mb = |bytes: u64| bytes as f64 / f64::from(1 << 20);
                write!(
                    formatter,
                    "attachments too large: {what} would take {:.1} MB as sent, and it takes {:.0} MB",
                    mb(*size),
                    mb(*limit)
                )
            }
            Self::ChangeNeeded { change } => write!(formatter, "only with a change that --strict rules out: {change}"),
            Self::WindowTooSmall { needed, window } => {
                write!(formatter, "context window too small: at least {needed} tokens needed, {window} there")
            }
        }
    }
}
