//! What `[routes.x]` may hold, as written. Settings of later versions are known by name, so that using one is a clear
//! error instead of a guess.

use std::time::Duration;

use serde::de::{self, Deserialize, Deserializer};

use crate::route::OnCut;

/// One route as written; what is `None` was not said.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RouteRow {
    /// The fallback chain.
    pub tiers: Vec<Tier>,
    strategy: Option<Ordered>,
    /// Limits of time.
    pub timeout: Timeouts,
    /// Further tries on the same target.
    pub retries: Option<Retries>,
    /// What to do when a stream breaks after text was shown.
    pub on_cut: Option<Cut>,
    max_latency: Option<Later>,
    hedge: Option<Later>,
    canary: Option<Later>,
    shadow: Option<Later>,
}

/// One tier: a model, or several of which the strategy picks.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(untagged, expecting = "expected a model such as \"openai/gpt-5.4-mini\", or a list of models")]
pub enum Tier {
    /// A tier of one.
    One(String),
    /// A tier of several.
    Several(Vec<String>),
}

impl Tier {
    /// The names in the tier.
    pub fn names(&self) -> &[String] {
        match self {
            Self::One(name) => std::slice::from_ref(name),
            Self::Several(names) => names,
        }
    }
}

/// The limits of a route.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Timeouts {
    /// To a connection.
    pub connect: Option<Time>,
    /// To the first content.
    pub first_token: Option<Time>,
    /// Between two signs of life.
    pub idle: Option<Time>,
    /// For one attempt.
    pub attempt: Option<Time>,
    /// For the whole request.
    pub total: Option<Time>,
}

/// A duration such as `"5s"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Time(pub Duration);

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Time;
            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("a duration such as \"5s\"")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Time, E> {
                parse_duration(text).map(Time).map_err(E::custom)
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Time, E> {
                Err(E::custom(format!("a duration needs a unit: write \"{number}s\" or \"{number}ms\"")))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// Reads `250ms`, `5s`, `1.5s`, `2m` or `1h`: more than nothing, at most a day.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    const DAY: Duration = Duration::from_hours(24);
    let wrong = || format!("`{text}` is no duration; write a number and a unit, such as `250ms`, `5s`, `2m` or `1h`");
    let split = text.find(|character: char| !character.is_ascii_digit() && character != '.').ok_or_else(wrong)?;
    let (number, unit) = text.split_at(split);
    let seconds = match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return Err(wrong()),
    };
    let number: f64 = number.parse().map_err(|_| wrong())?;
    let duration = Duration::try_from_secs_f64(number * seconds).map_err(|_| wrong())?;
    if duration.is_zero() || duration > DAY {
        return Err(format!("`{text}` is out of range; a duration is more than nothing and at most `24h`"));
    }
    Ok(duration)
}

/// How often the same target may be tried again.
#[derive(Clone, Copy, Debug)]
pub struct Retries(pub u32);

impl<'de> Deserialize<'de> for Retries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u32::try_from(i64::deserialize(deserializer)?) {
            Ok(number) if number <= 10 => Ok(Self(number)),
            _ => Err(de::Error::custom("`retries` is a number from 0 to 10")),
        }
    }
}

/// `on_cut` in the words of the file.
#[derive(Clone, Copy, Debug)]
pub struct Cut(pub OnCut);

impl<'de> Deserialize<'de> for Cut {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "fail" => Ok(Self(OnCut::Fail)),
            "restart" => Ok(Self(OnCut::Restart)),
            later @ ("continue" | "buffer") => Err(not_yet(&format!("on_cut = \"{later}\""))),
            other => Err(de::Error::unknown_variant(other, &["fail", "restart"])),
        }
    }
}

/// The only strategy of this version.
#[derive(Clone, Copy, Debug)]
struct Ordered;

impl<'de> Deserialize<'de> for Ordered {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "ordered" => Ok(Self),
            later @ ("shuffle" | "weighted" | "cheapest" | "fastest" | "balanced" | "predictive") => {
                Err(not_yet(&format!("strategy = \"{later}\"")))
            }
            other => Err(de::Error::unknown_variant(other, &["ordered"])),
        }
    }
}

/// A setting of a later version: any value is an error.
#[derive(Clone, Copy, Debug)]
pub struct Later;

impl<'de> Deserialize<'de> for Later {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(not_yet("this setting"))
    }
}

fn not_yet<E: de::Error>(what: &str) -> E {
    E::custom(format!("{what} is not available in this version"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit_and_a_range() {
        for (text, milliseconds) in [("250ms", 250), ("5s", 5000), ("1.5s", 1500), ("2m", 120_000), ("24h", 86_400_000)]
        {
            assert_eq!(parse_duration(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
        for text in ["", "5", "s", "5 s", "-5s", "5d", "1.2.3s", "0s", "0.0ms", "25h", "99999999999999999999h", "٣s"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }
}
