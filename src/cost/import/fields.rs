//! Members of logged objects, lenient in the form of their values: a database exports numbers as texts, and JSON in JSON.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::money::Usd;

/// A text that is not empty.
pub(super) fn text<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object.get(name)?.as_str().filter(|text| !text.is_empty())
}

/// A count, also in digits.
pub(super) fn count(object: &Value, name: &str) -> Option<u64> {
    match object.get(name)? {
        Value::String(digits) => digits.trim().parse().ok(),
        number => number.as_u64(),
    }
}

/// A member that is JSON, also as the text of it; null when it is neither.
pub(super) fn json<'a>(object: &'a Value, name: &str) -> Cow<'a, Value> {
    match object.get(name) {
        Some(Value::String(text)) => Cow::Owned(serde_json::from_str(text).unwrap_or_default()),
        Some(value) => Cow::Borrowed(value),
        None => Cow::Owned(Value::Null),
    }
}

/// An amount of dollars, rounded to a pico-dollar: tools count in floating point.
pub(super) fn dollars(value: &Value) -> Option<Usd> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_owned(),
        _ => return None,
    };
    let rounded = || Usd::parse(&format!("{:.12}", text.parse::<f64>().ok().filter(|usd| usd.is_finite())?));
    Usd::parse(&text).or_else(rounded)
}

/// A moment; without an offset it is UTC, as databases keep it.
pub(super) fn moment(text: &str) -> Option<Timestamp> {
    let civil = || text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    text.parse().ok().or_else(civil)
}
