//! How long a provider asks to wait, in all the forms in which providers say so.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::ResponseHead;
use crate::failure::RetryAfter;

/// Headers that hold milliseconds: OpenAI's and Azure's. More exact than `retry-after`, so they come first.
const MILLISECOND_HEADERS: &[&str] = &["retry-after-ms", "x-ms-retry-after-ms"];

/// Words in an error message after which a duration stands (`Please try again in 5.289s`).
const MESSAGE_LEADS: &[&str] = &["try again in ", "retry in ", "retry after ", "wait "];

/// What the headers, else the body, else the message say. Garbage and negative waits count as nothing; absurdly long ones as
/// long ones, since whoever sends them does not want to be asked at once.
pub fn find(head: &ResponseHead, body: &Value, message: Option<&str>) -> Option<RetryAfter> {
    from_headers(head)
        .or_else(|| retry_info(body).map(RetryAfter::In))
        .or_else(|| from_message(message?).map(RetryAfter::In))
}

/// `retry-after-ms`, `x-ms-retry-after-ms`, or `retry-after` with seconds, a fraction, or an HTTP date.
pub fn from_headers(head: &ResponseHead) -> Option<RetryAfter> {
    let milliseconds = MILLISECOND_HEADERS
        .iter()
        .find_map(|name| head.header(name)?.trim().parse::<f64>().ok().and_then(|count| seconds(count / 1000.0)));
    if let Some(delay) = milliseconds {
        return Some(RetryAfter::In(delay));
    }
    let value = head.header("retry-after")?.trim();
    match value.parse::<f64>() {
        Ok(count) => seconds(count).map(RetryAfter::In),
        Err(_) => http_date(value).map(RetryAfter::At),
    }
}

/// Google's `RetryInfo` among `error.details`: `"retryDelay": "12s"`.
fn retry_info(body: &Value) -> Option<Duration> {
    let body = body.get(0).unwrap_or(body);
    let details = body.get("error")?.get("details")?.as_array()?;
    details.iter().find_map(|detail| duration(detail.get("retryDelay")?.as_str()?))
}

/// A duration in the words of an error message.
pub fn from_message(message: &str) -> Option<Duration> {
    // Case changes of non-ASCII letters may move positions; only ASCII is folded.
    let message = message.to_ascii_lowercase();
    MESSAGE_LEADS.iter().find_map(|lead| {
        let rest = &message[message.find(lead)? + lead.len()..];
        let first = rest.split([',', ';', '(']).next()?;
        spoken(first.trim())
    })
}

/// `2m59.56s`, `20ms`, `1 hour`, `30 seconds`: pairs of number and unit, as far as they go.
fn spoken(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut total = None;
    loop {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(rest.len());
        let Ok(count) = rest[..digits].parse::<f64>() else { break };
        rest = rest[digits..].trim_start_matches(' ');
        let letters = rest.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(rest.len());
        let Some(unit) = unit_seconds(&rest[..letters]) else { break };
        total = Some(total.unwrap_or(0.0) + count * unit);
        rest = rest[letters..].trim_start_matches(' ');
    }
    total.and_then(seconds)
}

/// A text that is a duration and nothing else, such as `12s` or `1h2m3.5s`.
pub fn duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    let ends_with_unit = text.ends_with(|letter: char| letter.is_ascii_alphabetic());
    if ends_with_unit { spoken(text) } else { None }
}

fn unit_seconds(unit: &str) -> Option<f64> {
    Some(match unit {
        "ms" | "millisecond" | "milliseconds" => 0.001,
        "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
        "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
        "h" | "hour" | "hours" => 3600.0,
        "d" | "day" | "days" => 86_400.0,
        _ => return None,
    })
}

fn seconds(count: f64) -> Option<Duration> {
    if count.is_finite() && count > RetryAfter::LONGEST.as_secs_f64() {
        return Some(RetryAfter::LONGEST);
    }
    // Rejects NaN, infinity and negative numbers.
    Duration::try_from_secs_f64(count).ok()
}

fn http_date(text: &str) -> Option<Timestamp> {
    httpdate::parse_http_date(text).ok().and_then(|moment| Timestamp::try_from(moment).ok())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const LONGEST: Option<f64> = Some(31.0 * 86_400.0);
    const NOW: &str = "2026-01-01T00:00:00Z";

    fn head(name: &str, value: &str) -> ResponseHead {
        ResponseHead { status: 429, headers: vec![(name.to_owned(), value.to_owned())] }
    }

    #[test]
    fn headers_are_read_in_every_form() {
        let table: &[(&str, &str, Option<f64>)] = &[
            ("retry-after", "0.5", Some(0.5)),
            ("retry-after", "2", Some(2.0)),
            ("retry-after", "30", Some(30.0)),
            ("retry-after", "120", Some(120.0)),
            ("retry-after", "7200", Some(7200.0)),
            ("retry-after", "0", Some(0.0)),
            ("retry-after", " 5 ", Some(5.0)),
            ("retry-after", "Thu, 01 Jan 2026 00:01:00 GMT", Some(60.0)),
            ("retry-after", "Thursday, 01-Jan-26 00:01:00 GMT", Some(60.0)),
            ("retry-after", "Wed, 31 Dec 2025 23:00:00 GMT", None),
            ("retry-after", "Fri, 01 Jan 2100 00:00:00 GMT", LONGEST),
            ("retry-after", "-1", None),
            ("retry-after", "abc", None),
            ("retry-after", "", None),
            ("retry-after", "NaN", None),
            ("retry-after", "inf", None),
            ("retry-after", "1e300", LONGEST),
            ("retry-after", "1000000000", LONGEST),
            ("retry-after-ms", "250", Some(0.25)),
            ("retry-after-ms", "-3", None),
            ("x-ms-retry-after-ms", "1500", Some(1.5)),
        ];
        let now: Timestamp = NOW.parse().expect("a timestamp");
        for (name, value, expected) in table {
            let delay = from_headers(&head(name, value)).and_then(|found| found.delay(now));
            assert_eq!(delay, expected.map(Duration::from_secs_f64), "{name}: {value}");
        }
    }

    #[test]
    fn milliseconds_win_over_seconds() {
        let mut both = head("retry-after", "1");
        both.headers.push(("retry-after-ms".to_owned(), "250".to_owned()));
        assert_eq!(from_headers(&both), Some(RetryAfter::In(Duration::from_millis(250))));
    }

    #[test]
    fn bodies_and_messages_are_read_when_headers_are_silent() {
        let info = json!({"error": {"details": [{"@type": "x"}, {"retryDelay": "12s"}]}});
        let none = ResponseHead::default();
        assert_eq!(find(&none, &info, None), Some(RetryAfter::In(Duration::from_secs(12))));
        assert_eq!(find(&none, &json!([info]), None), Some(RetryAfter::In(Duration::from_secs(12))));
        let table: &[(&str, Option<f64>)] = &[
            ("Please try again in 5.289s. Need more tokens?", Some(5.289)),
            ("Limit 100, please try again in 2m59.56s.", Some(179.56)),
            ("try again in 20ms", Some(0.02)),
            ("Try again in 6 minutes", Some(360.0)),
            ("Please retry in 48.2s.", Some(48.2)),
            ("please retry after 10 seconds", Some(10.0)),
            ("try again in a while", None),
            ("try again in 99999999h", LONGEST),
            ("try again in ", None),
            ("please try again later", None),
        ];
        for (message, expected) in table {
            assert_eq!(from_message(message), expected.map(Duration::from_secs_f64), "{message}");
        }
    }
}
