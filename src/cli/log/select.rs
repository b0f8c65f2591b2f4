//! Which runs are meant, as arguments say it.

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan, Zoned};

use crate::cli::Context;
use crate::cli::args::parse_tag;
use crate::error::{Error, ErrorKind};
use crate::ledger::{Filter, Ledger, Query};

/// Times that can be read.
const TIMES: &str = "`7d`, `36h`, `today`, `2026-11-01` or `2026-11-01T10:00`";

/// Which runs.
#[derive(Debug, Default, PartialEq, Eq, clap::Args)]
#[command(next_help_heading = "Which runs")]
pub struct FilterArgs {
    /// Only those in which these words were said
    ///
    /// Words, "phrases", beginnings* and -exclusions, as in `llmx log search`.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    search: Option<String>,
    /// Only those that asked a model with this in its name
    #[arg(short, long, value_name = "NAME")]
    model: Option<String>,
    /// Only those of this command, such as `complete`
    #[arg(long, value_name = "NAME")]
    command: Option<String>,
    /// Only those with this tag; repeatable
    #[arg(long = "tag", value_name = "KEY=VALUE", value_parser = parse_tag)]
    tags: Vec<(String, String)>,
    /// Only those of this project: its folder, or the end of it
    #[arg(long, value_name = "NAME")]
    project: Option<String>,
    /// Only those of the conversation of this run
    #[arg(long, value_name = "ID")]
    conversation: Option<String>,
    /// Only from this time on, such as `7d` or `2026-11-01`
    ///
    /// A span of the past, `today`, `yesterday`, a day, or a day with a time.
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only up to this time; a day counts whole
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Only those that did not end well
    #[arg(long)]
    failed: bool,
}

impl FilterArgs {
    /// Nothing is asked for.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What the arguments mean. Text that is to be searched for is brought into the index first.
pub fn filter(args: &FilterArgs, context: &Context, ledger: &Ledger) -> Result<Filter, Error> {
    let now = Timestamp::now().to_zoned(TimeZone::system());
    let conversation = args.conversation.as_deref().map(|id| super::find(id, ledger)).transpose()?;
    Ok(Filter {
        text: args.search.as_deref().map(|text| query(text, "--search: ", context, ledger)).transpose()?,
        model: args.model.clone(),
        command: args.command.clone(),
        conversation: conversation.map(|run| run.start.conversation),
        since_ms: args.since.as_deref().map(|text| moment(text, false, &now, "--since")).transpose()?,
        until_ms: args.until.as_deref().map(|text| moment(text, true, &now, "--until")).transpose()?,
        is_failed: args.failed,
        tags: args.tags.clone(),
        project: args.project.clone(),
    })
}

/// A search, with all in the index that it may find.
pub fn query(text: &str, place: &str, context: &Context, ledger: &Ledger) -> Result<Query, Error> {
    let query = Query::parse(text).map_err(|error| {
        Error::new(ErrorKind::Usage, format!("{place}`{text}`: {error}"))
            .hint("write words, \"phrases\", beginnings* and -exclusions; `llmx log search --help` shows examples")
    })?;
    ledger.index(|left| context.ui.note(&format!("the search learns what was said before: {left} messages to go")))?;
    Ok(query)
}

/// A moment in milliseconds since 1970 UTC: the beginning of what a text names, or its end.
fn moment(text: &str, is_end: bool, now: &Zoned, argument: &str) -> Result<i64, Error> {
    let found = named(text, is_end, now).map(Timestamp::as_millisecond);
    found.ok_or_else(|| Error::new(ErrorKind::Usage, format!("{argument}: `{text}` is no time; write {TIMES}")))
}

fn named(text: &str, is_end: bool, now: &Zoned) -> Option<Timestamp> {
    let day = |days_ago: i64| {
        let day = now.checked_sub(days_ago.days()).ok()?.start_of_day().ok()?;
        Some(if is_end { day.tomorrow().ok()?.timestamp() } else { day.timestamp() })
    };
    match text {
        "now" => return Some(now.timestamp()),
        "today" => return day(0),
        "yesterday" => return day(1),
        _ => {}
    }
    if let Ok(date) = text.parse::<jiff::civil::Date>()
        && !text.contains(['T', ' '])
    {
        let date = if is_end { date.tomorrow().ok()? } else { date };
        return date.to_zoned(now.time_zone().clone()).ok()?.start_of_day().ok().map(|day| day.timestamp());
    }
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment);
    }
    if let Ok(local) = text.parse::<jiff::civil::DateTime>() {
        return local.to_zoned(now.time_zone().clone()).ok().map(|moment| moment.timestamp());
    }
    ago(text, now)
}

fn ago(text: &str, now: &Zoned) -> Option<Timestamp> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let number: i64 = number.parse().ok()?;
    let span = match unit {
        "m" => Span::new().try_minutes(number),
        "h" => Span::new().try_hours(number),
        "d" => Span::new().try_days(number),
        "w" => Span::new().try_weeks(number),
        _ => return None,
    };
    now.checked_sub(span.ok()?).ok().map(|then| then.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_counts_whole_and_a_span_is_one_of_the_past() {
        let now: Zoned = "2026-11-11T10:07:00[UTC]".parse().expect("a moment");
        for (text, is_end, expected) in [
            ("today", false, "2026-11-11T00:00:00Z"),
            ("yesterday", true, "2026-11-11T00:00:00Z"),
            ("2026-11-01", false, "2026-11-01T00:00:00Z"),
            ("2026-11-01", true, "2026-11-02T00:00:00Z"),
            ("2026-11-01T10:00", true, "2026-11-01T10:00:00Z"),
            ("2026-11-01T10:00:00+02:00", false, "2026-11-01T08:00:00Z"),
            ("36h", false, "2026-11-09T22:07:00Z"),
            ("2w", false, "2026-10-28T10:07:00Z"),
        ] {
            assert_eq!(named(text, is_end, &now).map(|moment| moment.to_string()), Some(expected.to_owned()), "{text}");
        }
        for text in ["", "5", "d", "2026-13-01", "soon", "99999999999999999999d", "9999999999d", "-5d"] {
            assert_eq!(named(text, false, &now), None, "{text}");
        }
    }
}
