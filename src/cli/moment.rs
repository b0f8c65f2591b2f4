//! A moment as people write it.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::config::schema::parse_period;

/// Reads `+2h`, `14:30`, `2026-12-24`, `2026-12-24T18:00` or a time with an offset; without one it is the user's own.
pub fn read(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    read_in(text.trim(), now, &TimeZone::system())
}

/// Reads a moment of the past: as [`read`] does, or how long ago it was, such as `30d`.
pub fn past(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    let ago = parse_period(text.trim()).ok().and_then(|period| SignedDuration::try_from(period).ok());
    ago.map_or_else(|| read(text, now), |ago| now.checked_sub(ago).map_err(|_| format!("`{text}` is no time")))
}

fn read_in(text: &str, now: Timestamp, zone: &TimeZone) -> Result<Timestamp, String> {
    let wrong = || format!("`{text}` is no time");
    if let Some(distance) = text.strip_prefix(['+', '-']) {
        let distance = SignedDuration::try_from(parse_period(distance)?).map_err(|_| wrong())?;
        let moved = if text.starts_with('-') { now.checked_sub(distance) } else { now.checked_add(distance) };
        return moved.map_err(|_| wrong());
    }
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok(moment);
    }
    // A time is also read from the end of a date with one.
    let civil = if let (false, Ok(time)) = (text.contains('-'), text.parse::<Time>()) {
        now.to_zoned(zone.clone()).date().to_datetime(time)
    } else if let Ok(day) = text.parse::<Date>().or_else(|_| text.parse::<DateTime>().map(DateTime::date))
        && !text.contains(':')
    {
        day.to_datetime(Time::midnight())
    } else {
        text.parse::<DateTime>().map_err(|_| wrong())?
    };
    civil.to_zoned(zone.clone()).map(|zoned| zoned.timestamp()).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        let now: Timestamp = "2026-11-29T10:00:00Z".parse().expect("a moment");
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        let told = |text: &str| read_in(text, now, &zone).map(|moment| moment.to_string());
        for (text, expected) in [
            ("+2h", "2026-11-29T12:00:00Z"),
            ("-30m", "2026-11-29T09:30:00Z"),
            ("-2d", "2026-11-27T10:00:00Z"),
            ("-3w", "2026-11-08T10:00:00Z"),
            ("2026-11-01 10:00", "2026-11-01T08:00:00Z"),
            ("14:30", "2026-11-29T12:30:00Z"),
            ("2026-12-24", "2026-12-23T22:00:00Z"),
            ("2026-12-24T18:00", "2026-12-24T16:00:00Z"),
            ("2026-12-24 18:00", "2026-12-24T16:00:00Z"),
            ("2026-12-24T18:00:00Z", "2026-12-24T18:00:00Z"),
            ("2026-12-24T18:00:00+05:00", "2026-12-24T13:00:00Z"),
        ] {
            assert_eq!(told(text), Ok(expected.to_owned()), "{text}");
        }
        for text in ["", "soon", "+", "+2", "25:00", "2026-13-01", "2026-12-24T", "\u{1b}[31m"] {
            assert!(told(text).is_err(), "{text}");
        }
    }
}
