//! Values as people write them: durations, amounts of money, shares, weights. Each is checked where it stands, so that what
//! is wrong is told with its place.

use std::fmt;
use std::time::Duration;

use serde::de::{self, Deserialize, Deserializer, Visitor};

use crate::money::Usd;

const DAY: Duration = Duration::from_hours(24);
const MONTH: Duration = Duration::from_hours(30 * 24);
const PAST: Duration = Duration::from_hours(24 * 3653);

/// A duration of at most a day.
pub fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    deserializer.deserialize_any(Time { longest: DAY }).map(Some)
}

/// A duration of at most thirty days.
pub fn long_time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    deserializer.deserialize_any(Time { longest: MONTH }).map(Some)
}

/// A span of the past, of at most ten years.
pub fn past<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    deserializer.deserialize_any(Time { longest: PAST }).map(Some)
}

struct Time {
    longest: Duration,
}

impl Visitor<'_> for Time {
    type Value = Duration;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a duration such as \"5s\"")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Duration, E> {
        parse_up_to(text, self.longest).map_err(E::custom)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Duration, E> {
        Err(E::custom(format!("a duration needs a unit: write \"{number}s\" or \"{number}ms\"")))
    }
}

/// Reads `250ms`, `5s`, `1.5s`, `2m` or `1h`: more than nothing, at most a day.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    parse_up_to(text, DAY)
}

/// Reads a span of the past, such as `24h` or `30d`, of at most ten years.
pub fn parse_period(text: &str) -> Result<Duration, String> {
    parse_up_to(text, PAST)
}

/// The smallest size of a ledger that can be kept, in bytes: an empty one takes a part of it.
const SMALLEST: f64 = 1e6;

/// Reads a size such as `200MB`, `1.5GB` or `64MiB`: at least one megabyte, in bytes.
pub fn parse_size(text: &str) -> Result<u64, String> {
    let wrong = || format!("`{text}` is no size; write a number and a unit, such as `200MB` or `1.5GB`");
    let split = text.find(|character: char| !character.is_ascii_digit() && character != '.').ok_or_else(wrong)?;
    let (number, unit) = text.split_at(split);
    let bytes = match unit.trim_start().to_ascii_lowercase().as_str() {
        "b" => 1.0,
        "k" | "kb" => 1e3,
        "kib" => 1024.0,
        "m" | "mb" => 1e6,
        "mib" => 1024.0 * 1024.0,
        "g" | "gb" => 1e9,
        "gib" => 1024.0 * 1024.0 * 1024.0,
        "t" | "tb" => 1e12,
        _ => return Err(wrong()),
    };
    let size = number.parse::<f64>().map_err(|_| wrong())? * bytes;
    if !(SMALLEST..=1e15).contains(&size) {
        return Err(format!("`{text}` is out of range; it is at least `1MB` and at most `1000TB`"));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is within the range above")]
    Ok(size as u64)
}

fn parse_up_to(text: &str, longest: Duration) -> Result<Duration, String> {
    let (most, units) = if longest == DAY {
        ("24h".to_owned(), "`250ms`, `5s`, `2m` or `1h`")
    } else {
        (format!("{}d", longest.as_secs() / DAY.as_secs()), "`30m`, `12h` or `2d`")
    };
    let wrong = || format!("`{text}` is no duration; write a number and a unit, such as {units}");
    let split = text.find(|character: char| !character.is_ascii_digit() && character != '.').ok_or_else(wrong)?;
    let (number, unit) = text.split_at(split);
    let seconds = match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        "d" => 86400.0,
        "w" => 7.0 * 86400.0,
        _ => return Err(wrong()),
    };
    let number: f64 = number.parse().map_err(|_| wrong())?;
    let duration = Duration::try_from_secs_f64(number * seconds).map_err(|_| wrong())?;
    if duration.is_zero() || duration > longest {
        return Err(format!("`{text}` is out of range; it is more than nothing and at most `{most}`"));
    }
    Ok(duration)
}

/// An amount of dollars above 0, as a number or as a text such as `"$0.05"`.
pub fn money<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Usd>, D::Error> {
    deserializer.deserialize_any(Money { read: parse_money }).map(Some)
}

/// The same, or nothing at all.
pub fn money_or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Usd, D::Error> {
    let read = |text: &str| match Usd::parse(text) {
        Some(Usd::ZERO) => Ok(Usd::ZERO),
        _ => parse_money(text),
    };
    deserializer.deserialize_any(Money { read })
}

struct Money {
    read: fn(&str) -> Result<Usd, String>,
}

impl Visitor<'_> for Money {
    type Value = Usd;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an amount of dollars such as 0.05")
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Usd, E> {
        self.visit_str(&number.to_string())
    }

    // The shortest text of a float is what the user wrote, so 0.2 stays exactly 0.2.
    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Usd, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Usd, E> {
        (self.read)(text).map_err(E::custom)
    }
}

/// Reads `0.05` or `$0.05`: more than nothing, exactly.
pub fn parse_money(text: &str) -> Result<Usd, String> {
    let amount = Usd::parse(text.strip_prefix('$').unwrap_or(text));
    match amount {
        Some(amount) if amount > Usd::ZERO => Ok(amount),
        Some(_) => Err(format!("`{text}` is too little: write an amount of dollars above 0, such as 0.05")),
        None => Err(format!("`{text}` is no amount: write dollars with at most 12 decimals, such as 0.05")),
    }
}

/// A number within limits, whole or not.
struct Number {
    what: &'static str,
    fits: fn(f64) -> bool,
}

impl Visitor<'_> for Number {
    type Value = f64;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.what)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<f64, E> {
        self.visit_f64(number as f64)
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<f64, E> {
        let wrong = || E::custom(format!("expected {}, found {number}", self.what));
        (number.is_finite() && (self.fits)(number)).then_some(number).ok_or_else(wrong)
    }
}

const WEIGHT: Number = Number { what: "a weight, which is 0 or more", fits: |weight| weight >= 0.0 };
const SHARE: Number = Number { what: "a share from 0 to 1", fits: |share| (0.0..=1.0).contains(&share) };
const HALF: Number = Number { what: "a share from 0 to 0.5", fits: |share| (0.0..=0.5).contains(&share) };
const SOME_SHARE: Number = Number { what: "a share above 0, up to 1", fits: |share| share > 0.0 && share <= 1.0 };
const RATE: Number = Number { what: "a share between 0 and 1, such as 0.02", fits: |share| share > 0.0 && share < 1.0 };
const SLOWDOWN: Number =
    Number { what: "how many times the baseline's time, at least 1, such as 1.25", fits: |times| times >= 1.0 };

/// A number that is not negative.
pub fn weight<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    deserializer.deserialize_any(WEIGHT).map(Some)
}

/// A number from 0 to 1.
pub fn share<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    deserializer.deserialize_any(SHARE).map(Some)
}

/// A number from 0 to 0.5.
pub fn half<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    deserializer.deserialize_any(HALF).map(Some)
}

/// A number above 0 and up to 1.
pub fn some_share<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    deserializer.deserialize_any(SOME_SHARE).map(Some)
}

/// A number above 0 and below 1.
pub fn rate<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    deserializer.deserialize_any(RATE).map(Some)
}

/// A number of times, at least 1.
pub fn slowdown<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    deserializer.deserialize_any(SLOWDOWN).map(Some)
}

/// How often the same target may be tried again.
pub fn retries<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    match u32::try_from(i64::deserialize(deserializer)?) {
        Ok(number) if number <= 10 => Ok(Some(number)),
        _ => Err(de::Error::custom("`retries` is a number from 0 to 10")),
    }
}

/// [`weight`] where it stands in a list or table.
#[derive(Clone, Copy, Debug)]
pub struct Weight(pub f64);

impl<'de> Deserialize<'de> for Weight {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WEIGHT).map(Self)
    }
}

/// [`some_share`] where it stands in a list or table.
#[derive(Clone, Copy, Debug)]
pub struct Share(pub f64);

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SOME_SHARE).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit_and_a_range() {
        for (text, milliseconds) in
            [("250ms", 250), ("5s", 5000), ("1.5s", 1500), ("2m", 120_000), ("24h", 86_400_000), ("1d", 86_400_000)]
        {
            assert_eq!(parse_duration(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
        for text in ["", "5", "s", "5 s", "-5s", "5d", "1.2.3s", "0s", "0.0ms", "25h", "99999999999999999999h", "٣s"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
        assert_eq!(parse_up_to("30d", MONTH), Ok(MONTH));
        assert!(parse_up_to("31d", MONTH).is_err_and(|told| told.contains("at most `30d`")));
    }

    #[test]
    fn sizes_have_a_unit_and_a_range() {
        for (text, bytes) in [
            ("200MB", 200_000_000),
            ("1.5gb", 1_500_000_000),
            ("64 MiB", 64 << 20),
            ("1000k", 1_000_000),
            ("1000TB", 10_u64.pow(15)),
        ] {
            assert_eq!(parse_size(text), Ok(bytes), "{text}");
        }
        for text in ["", "5", "MB", "-1MB", "1.2.3MB", "1XB", "0MB", "999kB", "1e9GB", "1001TB", "٣MB"] {
            assert!(parse_size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn money_is_read_exactly_and_is_more_than_nothing() {
        for (text, pico) in
            [("0.05", 50_000_000_000), ("$0.05", 50_000_000_000), ("1e-12", 1), ("5.00", 5 * 10_i128.pow(12))]
        {
            assert_eq!(parse_money(text), Ok(Usd::from_pico(pico)), "{text}");
        }
        for (text, word) in [
            ("0", "too little"),
            ("-5", "too little"),
            ("$-5", "too little"),
            ("", "no amount"),
            ("5 USD", "no amount"),
            ("inf", "no amount"),
            ("0.0000000000001", "no amount"),
            ("$$1", "no amount"),
        ] {
            assert!(parse_money(text).is_err_and(|told| told.contains(word)), "{text}");
        }
    }
}
