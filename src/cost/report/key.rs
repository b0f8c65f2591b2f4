//! What a row is about: a stretch of time or a name.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use super::By;
use super::filter::target;
use crate::cost::range::Range;
use crate::cost::spent::{QUARTER_MS, Spender};

/// What a row is about. Keys stand in the order of time and of the alphabet, with what has no name behind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// A stretch of time.
    Time {
        /// When it begins, in milliseconds since 1970 UTC.
        since_ms: i64,
        /// How it is written: `2026-11-01`, `2026-W44`, `2026-11` or `2026-11-01T10:00+01:00`.
        name: String,
    },
    /// A name.
    Name(String),
    /// A conversation.
    Conversation {
        /// Its id.
        id: String,
        /// What it is about.
        title: String,
        /// When it was last gone on with, in milliseconds since 1970 UTC.
        last_ms: i64,
    },
    /// No name: untagged, without a project, without a route.
    None,
}

impl Key {
    /// What it is called; `None` has no name.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Time { name, .. } | Self::Name(name) | Self::Conversation { id: name, .. } => Some(name),
            Self::None => None,
        }
    }

    /// The stretch of time that a moment belongs to.
    pub(super) fn of_time(by: &By, moment_ms: i64, zone: &TimeZone) -> Self {
        let moment = Timestamp::from_millisecond(moment_ms).unwrap_or_default().to_zoned(zone.clone());
        let (since_ms, name) = match by {
            By::Hour => hour(&moment),
            By::Week => {
                let week = moment.date().iso_week_date();
                let monday = week.date().checked_sub(jiff::Span::new().days(days_since_monday(&moment)));
                (begin(monday.unwrap_or(moment.date()), zone), format!("{}-W{:02}", week.year(), week.week()))
            }
            By::Month => (begin(moment.date().first_of_month(), zone), moment.strftime("%Y-%m").to_string()),
            _ => (begin(moment.date(), zone), moment.date().to_string()),
        };
        Self::Time { since_ms, name }
    }

    /// Who somebody is.
    pub(super) fn of_spender(by: &By, spender: &Spender) -> Self {
        let name = match by {
            By::Model => target(spender),
            By::Provider => spender.provider.clone(),
            By::Route => spender.route.clone(),
            By::Command => spender.command.clone(),
            By::Tags => tags(spender),
            By::Tag(key) => return spender.tags.get(key).map_or(Self::None, |value| Self::Name(value.clone())),
            By::Project => spender.project.clone().unwrap_or_default(),
            By::Conversation | By::Hour | By::Day | By::Week | By::Month => String::new(),
        };
        if name.is_empty() { Self::None } else { Self::Name(name) }
    }
}

/// An hour of the clock with its offset, which tells the two apart that have the same name when clocks go back.
fn hour(moment: &Zoned) -> (i64, String) {
    let into = i64::from(moment.minute()) * 60_000 + i64::from(moment.second()) * 1_000;
    (moment.timestamp().as_millisecond() - into, moment.strftime("%Y-%m-%dT%H:00%:z").to_string())
}

fn begin(date: Date, zone: &TimeZone) -> i64 {
    let day = date.to_datetime(Time::midnight()).to_zoned(zone.clone()).and_then(|day| day.start_of_day());
    day.map_or(i64::MIN, |day| day.timestamp().as_millisecond())
}

fn days_since_monday(moment: &Zoned) -> i64 {
    i64::from(moment.weekday().to_monday_zero_offset())
}

fn tags(spender: &Spender) -> String {
    spender.tags.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(" ")
}

/// All stretches of time that a range touches, in order, those included in which nothing was spent.
pub fn periods(by: &By, range: Range, zone: &TimeZone) -> Vec<Key> {
    let mut keys: Vec<Key> = Vec::new();
    let mut moment = range.since_ms;
    while moment < range.until_ms {
        let key = Key::of_time(by, moment, zone);
        if keys.last() != Some(&key) {
            keys.push(key);
        }
        moment += QUARTER_MS;
    }
    keys
}
