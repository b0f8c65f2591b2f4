//! Which time a report is about, from what people write: `7d`, `today`, `2026-11`, `2026-11-01T10:00`.
//!
//! A name stands for a stretch of time: `--since` takes its beginning and `--until` its end, so that `--since 2026-11 --until
//! 2026-11` is all of November. What reports call their rows can be written too.

use std::fmt;

use jiff::civil::{Date, DateTime, ISOWeekDate, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp, ToSpan, Zoned};

use super::spent::QUARTER_MS;

/// A stretch of time in whole quarters of an hour: from `since` on, up to but without `until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// Its beginning, in milliseconds since 1970 UTC.
    pub since_ms: i64,
    /// Its end.
    pub until_ms: i64,
}

/// Why a range is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RangeError {
    /// The text is no time.
    Unreadable(String),
    /// It ends before it begins.
    Backwards,
}

/// The days that are looked at where nobody says another time.
pub const USUAL_DAYS: i64 = 30;

/// Times that can be read, for errors and help.
pub const EXAMPLES: &str =
    "`7d`, `36h`, `today`, `yesterday`, `week`, `month`, `2026-11`, `2026-11-01` or `2026-11-01T10:00`";

impl Range {
    /// The time from the beginning of `since` to the end of `until`; without the latter to `now`, without the former the
    /// [`USUAL_DAYS`] up to the end. Parts of a quarter count whole.
    pub fn read(since: Option<&str>, until: Option<&str>, now: Timestamp, zone: &TimeZone) -> Result<Self, RangeError> {
        let (since, until) = bounds(since, until, now, zone)?;
        let until = until.unwrap_or(now);
        let since = since.or_else(|| usual_beginning(until, zone)).ok_or(RangeError::Backwards)?;
        Self::between(since, until).ok_or(RangeError::Backwards)
    }

    /// `None` when nothing lies between.
    fn between(since: Timestamp, until: Timestamp) -> Option<Self> {
        let (since, until) = (since.as_millisecond(), until.as_millisecond());
        let since_ms = since.div_euclid(QUARTER_MS) * QUARTER_MS;
        // What happens at this very moment belongs to it.
        let until_ms = (until.div_euclid(QUARTER_MS) + i64::from(until.rem_euclid(QUARTER_MS) > 0)) * QUARTER_MS;
        (since < until).then_some(Self { since_ms, until_ms })
    }

    /// From its first millisecond up to, but without, its end.
    pub const fn milliseconds(self) -> std::ops::Range<i64> {
        self.since_ms..self.until_ms
    }

    /// The range in words: `2026-11-01 00:00 to 2026-11-29 12:15 (Europe/Berlin)`.
    pub fn words(self, zone: &TimeZone) -> String {
        let written = |ms| local(ms, zone).strftime("%Y-%m-%d %H:%M").to_string();
        format!("{} to {} ({})", written(self.since_ms), written(self.until_ms), zone_name(zone, self.until_ms))
    }

    /// Whether a moment lies in it.
    pub const fn holds(&self, moment_ms: i64) -> bool {
        self.since_ms <= moment_ms && moment_ms < self.until_ms
    }
}

/// The beginning of `since` and the end of `until`, where they are said.
pub fn bounds(
    since: Option<&str>,
    until: Option<&str>,
    now: Timestamp,
    zone: &TimeZone,
) -> Result<(Option<Timestamp>, Option<Timestamp>), RangeError> {
    let now = now.to_zoned(zone.clone());
    let named = |text: &str| named(text, &now).ok_or_else(|| RangeError::Unreadable(text.to_owned()));
    let since = since.map(named).transpose()?.map(|(beginning, _)| beginning);
    let until = until.map(named).transpose()?.map(|(_, end)| end);
    match (since, until) {
        (Some(since), Some(until)) if since >= until => Err(RangeError::Backwards),
        bounds => Ok(bounds),
    }
}

/// A moment in a time zone.
pub fn local(moment_ms: i64, zone: &TimeZone) -> Zoned {
    Timestamp::from_millisecond(moment_ms).unwrap_or_default().to_zoned(zone.clone())
}

/// What a time zone is called: its name, or where it has none, its offset at that moment.
pub fn zone_name(zone: &TimeZone, moment_ms: i64) -> String {
    let offset = || local(moment_ms, zone).strftime("%:z").to_string();
    zone.iana_name().map_or_else(offset, str::to_owned)
}

/// When the usual days up to that moment began, that of the last moment included.
fn usual_beginning(until: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let last = until.checked_sub(SignedDuration::from_nanos(1)).ok()?.to_zoned(zone.clone());
    Some(last.checked_sub((USUAL_DAYS - 1).days()).ok()?.start_of_day().ok()?.timestamp())
}

/// The stretch of time that a text names: its beginning and its end, which is the same for a moment.
pub fn named(text: &str, now: &Zoned) -> Option<(Timestamp, Timestamp)> {
    let today = now.date();
    let monday = |date: Date| date.checked_sub(i64::from(date.weekday().to_monday_zero_offset()).days()).ok();
    match text {
        "now" => Some((now.timestamp(), now.timestamp())),
        "today" => dates(today, 1.day(), now),
        "yesterday" => dates(today.yesterday().ok()?, 1.day(), now),
        "week" => dates(monday(today)?, 1.week(), now),
        "month" => dates(today.first_of_month(), 1.month(), now),
        "year" => dates(today.first_of_year(), 1.year(), now),
        _ if text.contains(['T', ' ']) => written_moment(text, now),
        _ if text.contains('-') => written_dates(text, now),
        _ => ago(text, now).map(|then| (then, then)),
    }
}

/// From the beginning of a day on.
fn dates(first: Date, length: Span, now: &Zoned) -> Option<(Timestamp, Timestamp)> {
    let begin = |date: Date| date.to_zoned(now.time_zone().clone()).ok()?.start_of_day().ok();
    Some((begin(first)?.timestamp(), begin(first.checked_add(length).ok()?)?.timestamp()))
}

/// `2026-11-01`, `2026-11` or `2026-W44`.
fn written_dates(text: &str, now: &Zoned) -> Option<(Timestamp, Timestamp)> {
    let (year, rest) = text.split_once('-')?;
    if let Some(week) = rest.strip_prefix('W') {
        let monday = ISOWeekDate::new(year.parse().ok()?, week.parse().ok()?, Weekday::Monday).ok()?;
        return dates(monday.date(), 1.week(), now);
    }
    if rest.len() == 2 && year.len() == 4 {
        return dates(Date::new(year.parse().ok()?, rest.parse().ok()?, 1).ok()?, 1.month(), now);
    }
    // What follows a date would be passed over.
    let is_whole = year.len() == 4 && rest.len() == 5;
    dates(text.parse().ok().filter(|_| is_whole)?, 1.day(), now)
}

/// `2026-11-01T10:00`, also with a blank, in the user's time zone or with an offset of its own.
fn written_moment(text: &str, now: &Zoned) -> Option<(Timestamp, Timestamp)> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some((at, at));
    }
    // What follows a time would be passed over; a date alone is no moment.
    let is_civil = |text: &str| text.contains(':') && !text.contains('[');
    let local: DateTime = text.parse().ok().filter(|_| is_civil(text))?;
    let at = local.to_zoned(now.time_zone().clone()).ok()?.timestamp();
    Some((at, at))
}

/// So long before now. A day is one of the calendar: the same time of day, whatever the clocks did meanwhile.
fn ago(text: &str, now: &Zoned) -> Option<Timestamp> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let number: i64 = number.parse().ok()?;
    let then = match unit {
        "m" => now.checked_sub(SignedDuration::from_secs(number.checked_mul(60)?)),
        "h" => now.checked_sub(SignedDuration::from_secs(number.checked_mul(3_600)?)),
        "d" => now.checked_sub(Span::new().try_days(number).ok()?),
        "w" => now.checked_sub(Span::new().try_weeks(number).ok()?),
        _ => return None,
    };
    then.ok().map(|then| then.timestamp())
}

impl fmt::Display for RangeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(text) => write!(formatter, "`{text}` is no time; write {EXAMPLES}"),
            Self::Backwards => formatter.write_str("it begins after it ends"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Its clocks go back on 2026-10-25 and forward on 2026-03-29.
    fn berlin() -> TimeZone {
        TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a time zone")
    }

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a moment")
    }

    #[track_caller]
    fn expect(since: &str, until: Option<&str>, zone: &TimeZone, expected: (&str, &str)) {
        let range = Range::read(Some(since), until, at("2026-11-11T10:07:00Z"), zone).expect("a range");
        let moment = |ms| Timestamp::from_millisecond(ms).expect("a moment").to_string();
        assert_eq!((moment(range.since_ms), moment(range.until_ms)), (expected.0.to_owned(), expected.1.to_owned()));
    }

    #[test]
    fn a_name_is_a_stretch_of_time_in_the_users_time_zone() {
        let now = "2026-11-11T10:15:00Z";
        for (since, until, from, to) in [
            ("today", None, "2026-11-10T23:00:00Z", now),
            ("yesterday", Some("yesterday"), "2026-11-09T23:00:00Z", "2026-11-10T23:00:00Z"),
            ("week", None, "2026-11-08T23:00:00Z", now),
            ("month", Some("now"), "2026-10-31T23:00:00Z", now),
            ("year", None, "2025-12-31T23:00:00Z", now),
            ("2026-10", Some("2026-10"), "2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z"),
            ("2026-W44", Some("2026-W44"), "2026-10-25T23:00:00Z", "2026-11-01T23:00:00Z"),
            ("2026-10-25", Some("2026-10-25"), "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"),
            ("2026-11-01T10:00", None, "2026-11-01T09:00:00Z", now),
            ("2026-11-01 10:00", None, "2026-11-01T09:00:00Z", now),
            ("2026-11-01T10:00+05:45", Some("2026-11-01T10:01+05:45"), "2026-11-01T04:15:00Z", "2026-11-01T04:30:00Z"),
        ] {
            expect(since, until, &berlin(), (from, to));
        }
    }

    #[test]
    fn a_span_goes_back_from_now_by_whole_quarters_of_an_hour() {
        let now = "2026-11-11T10:15:00Z";
        for (since, from) in [
            ("30m", "2026-11-11T09:30:00Z"),
            ("36h", "2026-11-09T22:00:00Z"),
            ("7d", "2026-11-04T10:00:00Z"),
            // The same time of day before the clocks went back.
            ("4w", "2026-10-14T09:00:00Z"),
        ] {
            expect(since, None, &berlin(), (from, now));
        }
        expect("2d", Some("1d"), &TimeZone::UTC, ("2026-11-09T10:00:00Z", "2026-11-10T10:15:00Z"));
    }

    #[test]
    fn without_a_beginning_it_is_thirty_whole_days() {
        let nepal = TimeZone::posix("<+0545>-5:45").expect("a time zone");
        let since = |until| {
            let range = Range::read(None, until, at("2026-11-11T10:07:00Z"), &nepal).expect("a range");
            Timestamp::from_millisecond(range.since_ms).expect("a moment")
        };
        assert_eq!(since(None), at("2026-10-12T18:15:00Z"));
        assert_eq!(since(Some("2026-09-30")), at("2026-08-31T18:15:00Z"));
        let range = Range::read(None, None, at("2026-11-11T10:07:00Z"), &nepal).expect("a range");
        assert!(range.holds(range.since_ms) && !range.holds(range.until_ms));
    }

    #[test]
    fn what_is_no_time_is_told_with_examples() {
        let read = |since, until| Range::read(Some(since), until, at("2026-11-11T10:07:00Z"), &TimeZone::UTC);
        for text in [
            "",
            "soon",
            "7",
            "7y",
            "-7d",
            "2026-13",
            "2026-11-31",
            "2026-W54",
            "2026-11-01T25:00",
            "9999999999999d",
            "2026-11-01 ",
            "2026-11-01 soon",
            "2026-11-01 10:00 soon",
            "2026-11-01T10:00 soon",
            "2026-11-01T10:00[Europe/Berlin]",
            "2026-11-01T",
            "2026-11-01Z",
            "2026-11-01[UTC]",
            "ü",
        ] {
            let error = read(text, None).expect_err(text);
            assert_eq!(error, RangeError::Unreadable(text.to_owned()));
            assert!(error.to_string().contains("`7d`"), "{error}");
        }
        assert_eq!(read("7d", Some("later")), Err(RangeError::Unreadable("later".to_owned())));
        for (since, until) in [("2026-12-01", None), ("today", Some("yesterday")), ("now", None)] {
            assert_eq!(read(since, until), Err(RangeError::Backwards), "{since}");
        }
    }
}
