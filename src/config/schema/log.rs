//! `[log]` as written: what is kept of what is said, how long, and how much of it.

use std::time::Duration;

use serde::de::{self, Deserializer, Visitor};

use super::value::{self, parse_size};

/// The table; what is `None` was not said.
#[derive(Clone, Copy, Debug, Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogRow {
    /// Whether prompts and answers are kept.
    pub text: Option<bool>,
    /// How long.
    #[serde(deserialize_with = "value::past")]
    pub keep: Option<Duration>,
    /// How large the ledger may become, in bytes.
    #[serde(deserialize_with = "size")]
    pub max_size: Option<u64>,
}

fn size<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    deserializer.deserialize_any(Size).map(Some)
}

struct Size;

impl Visitor<'_> for Size {
    type Value = u64;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a size such as \"500MB\"")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<u64, E> {
        parse_size(text).map_err(E::custom)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<u64, E> {
        Err(E::custom(format!("a size needs a unit: write \"{number}MB\"")))
    }
}
