//! Which format a data set has.

use std::str::FromStr;

/// The format of a data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A prompt on each line; blank lines do not count, and `#` is no comment.
    Text,
    /// JSON on each line: an object, or a text that is the prompt.
    JsonLines,
    /// A header and records with commas, semicolons or tabs between their values, in quotes where needed (RFC 4180).
    Csv,
    /// One YAML list of texts or mappings.
    Yaml,
}

impl Format {
    /// The format that a file's name tells by its ending; `None` for other endings.
    pub fn of_file(name: &str) -> Option<Self> {
        name.rsplit_once('.').and_then(|(_, ending)| ending.to_ascii_lowercase().parse().ok())
    }
}

impl FromStr for Format {
    /// The names that there are.
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "txt" | "text" => Ok(Self::Text),
            "jsonl" | "ndjson" => Ok(Self::JsonLines),
            "csv" | "tsv" => Ok(Self::Csv),
            "yaml" | "yml" => Ok(Self::Yaml),
            _ => Err("txt, jsonl, csv or yaml"),
        }
    }
}
