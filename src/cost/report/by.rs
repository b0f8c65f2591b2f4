//! What rows are told apart by.

use std::fmt;
use std::str::FromStr;

/// What rows are told apart by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// The hour of the clock; one that comes twice is two.
    Hour,
    /// The day.
    Day,
    /// The week, from Monday on.
    Week,
    /// The month.
    Month,
    /// Provider and model.
    Model,
    /// The provider.
    Provider,
    /// The route.
    Route,
    /// The command, or of an import where it comes from.
    Command,
    /// All tags together: a request with two of them is in one row.
    Tags,
    /// The value of one tag.
    Tag(String),
    /// The conversation.
    Conversation,
    /// The project.
    Project,
}

/// All that have no argument, by name.
const NAMES: [(&str, By); 11] = [
    ("hour", By::Hour),
    ("day", By::Day),
    ("week", By::Week),
    ("month", By::Month),
    ("model", By::Model),
    ("provider", By::Provider),
    ("route", By::Route),
    ("command", By::Command),
    ("tag", By::Tags),
    ("conversation", By::Conversation),
    ("project", By::Project),
];

impl By {
    /// Whether it is a stretch of time.
    pub const fn is_time(&self) -> bool {
        matches!(self, Self::Hour | Self::Day | Self::Week | Self::Month)
    }
}

impl FromStr for By {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(name) = text.strip_prefix("tag:").filter(|name| !name.is_empty()) {
            return Ok(Self::Tag(name.to_owned()));
        }
        let found = NAMES.iter().find(|(name, _)| *name == text).map(|(_, by)| by.clone());
        found.ok_or_else(|| {
            let names: Vec<&str> = NAMES.iter().map(|(name, _)| *name).collect();
            format!("write {} or tag:NAME", names.join(", "))
        })
    }
}

impl fmt::Display for By {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(name) => write!(formatter, "tag:{name}"),
            by => formatter.write_str(NAMES.iter().find(|(_, named)| named == by).map_or("", |(name, _)| name)),
        }
    }
}
