//! Health on paper: a table as wide as the terminal allows, what went wrong below it, or one JSON object.

use std::io;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::gather::{Row, View};
use super::probe::{Found, Probed};
use super::probe_json;
use crate::cli::report::{failure_words, shortened};
use crate::cli::route::tokens;
use crate::ledger::{Hour, Percentiles};
use crate::route::breaker::{State, Subject};
use crate::route::quota::Quota;
use crate::ui::Ui;
use crate::ui::table::Table;

pub const SCHEMA: &str = "llmx.health/1";

/// Heights of a bar, from few to most requests of the row.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Nothing was asked.
const NOBODY: char = '·';
/// More failed than did not.
const FAILED: char = 'x';
/// The most bars of a row.
const MOST_BARS: i64 = 24;
/// Those where there is less room.
const FEW_BARS: i64 = 12;
/// Milliseconds of an hour.
const HOUR: i64 = 3_600_000;

/// Shows it to people.
pub fn people(view: &View, probed: &[Probed], ui: &Ui) -> io::Result<()> {
    if view.rows.is_empty() {
        ui.note("nothing was asked within that time, and there is no route");
        return Ok(());
    }
    ui.out(&page(view, probed, ui))
}

/// The whole page, sanitised.
pub fn page(view: &View, probed: &[Probed], ui: &Ui) -> String {
    let mut parts = Vec::new();
    if !probed.is_empty() {
        parts.push(ui.drawn(&probes(probed)));
    }
    let tables = [(3, MOST_BARS), (2, FEW_BARS), (1, FEW_BARS)].map(|(times, bars)| table(view, times, bars));
    let width = ui.width();
    let fits = |table: &&Table| !ui.stdout_is_terminal || table.fits(width);
    parts.push(tables.iter().find(fits).map_or_else(|| ui.drawn(&table(view, 3, FEW_BARS)), |table| ui.drawn(table)));
    let notes = notes(view);
    if !notes.is_empty() {
        parts.push(ui.drawn(&notes));
    }
    parts.join("\n")
}

/// The table, with the first so many percentiles and at most so many bars.
fn table(view: &View, percentiles: usize, bars: i64) -> Table {
    let times_of = |what: &str| format!("{what} {}", ["p50", "p95", "p99"][..percentiles].join(" "));
    let hours = format!("last {}", span(view.now, view.since));
    let [target, state_head, failed] = ["target", "state", "failed"].map(str::to_owned);
    let mut table = Table::new([target, state_head, failed, times_of("first"), times_of("all"), hours])
        .whole(&[0])
        .right(&[2, 3, 4]);
    for row in &view.rows {
        let health = &row.health;
        let failed: u64 = health.failures.values().sum();
        let share = if health.attempts == 0 { String::new() } else { format!("{failed}/{}", health.attempts) };
        table.row([
            health.target.to_string(),
            state(row, view.now),
            share,
            times(health.first_token, percentiles),
            times(health.total, percentiles),
            sparkline(&health.hours, view, bars),
        ]);
    }
    table
}

fn state(row: &Row, now: Timestamp) -> String {
    match &row.state {
        State::Closed if row.health.attempts == 0 => "not asked".to_owned(),
        State::Closed => "ok".to_owned(),
        State::Open { until, .. } => format!("open {}", span(*until, now)),
        State::HalfOpen { .. } => "half-open".to_owned(),
        State::Probed { .. } => "on trial".to_owned(),
    }
}

fn times(of: Option<Percentiles>, percentiles: usize) -> String {
    let Some(of) = of else { return String::new() };
    let shown = [of.p50, of.p95, of.p99].map(|ms| seconds(Duration::from_millis(ms)));
    shown[..percentiles].join(" ")
}

/// Three digits at most.
fn seconds(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    match seconds {
        0.0..0.995 => format!("{seconds:.2}"),
        0.995..9.95 => format!("{seconds:.1}"),
        _ => format!("{seconds:.0}"),
    }
}

/// The time between two moments, in its largest unit.
fn span(later: Timestamp, earlier: Timestamp) -> String {
    let seconds = later.duration_since(earlier).as_secs().max(0);
    match seconds {
        0..100 => format!("{seconds}s"),
        100..6_000 => format!("{}m", (seconds + 30) / 60),
        6_000..172_800 => format!("{}h", (seconds + 1_800) / 3_600),
        _ => format!("{}d", (seconds + 43_200) / 86_400),
    }
}

/// How much was asked over the time that is looked at, as bars.
fn sparkline(hours: &[Hour], view: &View, most: i64) -> String {
    let hour = |moment: Timestamp| moment.as_millisecond().div_euclid(HOUR);
    let (first, last) = (hour(view.since), hour(view.now));
    let all = (last - first + 1).max(1);
    let count = all.min(most);
    let mut bars = vec![(0, 0); usize::try_from(count).unwrap_or(1)];
    for each in hours {
        let place = usize::try_from((each.hour - first) * count / all).unwrap_or(0);
        if let Some((attempts, failed)) = bars.get_mut(place) {
            *attempts += each.attempts;
            *failed += each.failed;
        }
    }
    let highest = bars.iter().map(|(attempts, _)| *attempts).max().unwrap_or(0);
    bars.into_iter().map(|(attempts, failed)| bar(attempts, failed, highest)).collect()
}

fn bar(attempts: u64, failed: u64, highest: u64) -> char {
    match attempts {
        0 => NOBODY,
        _ if failed * 2 > attempts => FAILED,
        _ => {
            let top = BARS.len() as u64;
            let height = (attempts * top).div_ceil(highest.max(1)).clamp(1, top);
            usize::try_from(height - 1).ok().and_then(|at| BARS.get(at).copied()).unwrap_or(BARS[0])
        }
    }
}

/// What there is to know beside the figures: who is left alone and why, what failed, what is left of limits.
fn notes(view: &View) -> Table {
    let mut table = Table::new(["of", "note"]).whole(&[0]);
    for (subject, state) in &view.breakers {
        table.row([subject.to_string(), standing(state, view.now)]);
    }
    for row in &view.rows {
        let name = row.health.target.to_string();
        if row.state != State::Closed && matches!(row.subject, Subject::Target(_)) {
            table.row([name.clone(), standing(&row.state, view.now)]);
        }
        if let Some(failures) = failures(row, view.now) {
            table.row([name.clone(), failures]);
        }
        for quota in &row.quotas {
            table.row([name.clone(), left(quota, view.now)]);
        }
    }
    table
}

fn standing(state: &State, now: Timestamp) -> String {
    let words = |class: &str| class.replace('_', " ");
    match state {
        State::Closed => "ok".to_owned(),
        State::Open { until, class } => format!("left alone until {} after {}", clock(*until, now), words(class)),
        State::HalfOpen { class } => format!("the next request tries it again after {}", words(class)),
        State::Probed { class, .. } => format!("a process is trying it again after {}", words(class)),
    }
}

fn failures(row: &Row, now: Timestamp) -> Option<String> {
    let classes = row.health.failures.iter().map(|(class, count)| format!("{count} {}", class.replace('_', " ")));
    let classes = classes.collect::<Vec<_>>().join(", ");
    let last = row.health.last_failure.as_ref()?;
    let ago = Timestamp::from_millisecond(last.started_ms).map(|then| span(now, then)).unwrap_or_default();
    let status = last.status.map(|status| format!("HTTP {status}"));
    let words = status.into_iter().chain(last.message.as_deref().map(shortened)).collect::<Vec<_>>().join(": ");
    let words = if words.is_empty() { last.class.replace('_', " ") } else { words };
    Some(format!("failed: {classes}; the last {ago} ago: {words}"))
}

fn left(quota: &Quota, now: Timestamp) -> String {
    let of = quota.limit.map(|limit| format!(" of {}", tokens(limit))).unwrap_or_default();
    format!("{}{of} {} left until {}", tokens(quota.remaining), quota.of.name(), clock(quota.resets, now))
}

/// The time of day here; with the day when that is another one.
fn clock(moment: Timestamp, now: Timestamp) -> String {
    let (moment, now) = (moment.to_zoned(TimeZone::system()), now.to_zoned(TimeZone::system()));
    let form = if moment.date() == now.date() { "%H:%M:%S" } else { "%H:%M:%S on %Y-%m-%d" };
    moment.strftime(form).to_string()
}

fn probes(probed: &[Probed]) -> Table {
    let mut table = Table::new(["probe of", "result", "first", "all", "cost"]).whole(&[0]).right(&[2, 3, 4]);
    for probed in probed {
        let (result, times) = match &probed.found {
            Found::Answered { first, total } => ("answered".to_owned(), Some((first.unwrap_or(*total), *total))),
            Found::Failed(failure) => (failure_words(failure), None),
            Found::Stopped => ("stopped".to_owned(), None),
            Found::NotSent(reason) => (format!("not sent: {reason}"), None),
            Found::Busy => ("not sent: another process is trying it just now".to_owned(), None),
        };
        let (first, all) = times.map_or_else(Default::default, |(first, all)| (seconds(first), seconds(all)));
        let cost = probed.cost.as_ref().map(|cost| cost.usd.map_or("unknown".to_owned(), |usd| usd.to_string()));
        table.row([probed.target.to_string(), result, first, all, cost.unwrap_or_default()]);
    }
    table
}

/// One JSON object.
pub fn json(view: &View, probed: &[Probed]) -> Value {
    let target = |row: &Row| {
        let mut object = json!(row.health);
        object["state"] = json!(row.state);
        object["quotas"] = json!(row.quotas);
        object["probe"] = probe_json(probed, &row.health.target);
        object
    };
    let breaker = |(subject, state): &(Subject, State)| json!({ "subject": subject.to_string(), "state": state });
    json!({
        "schema": SCHEMA,
        "at": view.now.to_string(),
        "since": view.since.to_string(),
        "simulated": view.simulated,
        "targets": view.rows.iter().map(target).collect::<Vec<_>>(),
        "breakers": view.breakers.iter().map(breaker).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(hours: i64) -> View {
        let moment = |hour: i64| Timestamp::from_millisecond(hour * HOUR).expect("a moment");
        View { now: moment(hours), since: moment(0), simulated: false, rows: Vec::new(), breakers: Vec::new() }
    }

    #[test]
    fn bars_tell_how_much_was_asked_and_when_it_went_wrong() {
        let hour = |hour, attempts, failed| Hour { hour, attempts, failed };
        let hours = [hour(0, 8, 0), hour(1, 1, 0), hour(3, 4, 3), hour(4, 4, 2)];
        assert_eq!(sparkline(&hours, &view(5), 24), "█▁·x▄·");
        assert_eq!(sparkline(&[hour(0, 1, 0), hour(47, 2, 0)], &view(47), 12), "▄··········█");
        assert_eq!(sparkline(&[], &view(0), 24), "·");
    }

    #[test]
    fn times_have_three_digits_and_spans_one_unit() {
        assert_eq!(
            [50, 994, 1_200, 42_000].map(|ms| seconds(Duration::from_millis(ms))),
            ["0.05", "0.99", "1.2", "42"]
        );
        let spans = [0, 99, 125, 7_200, 172_800]
            .map(|seconds| span(Timestamp::from_second(seconds).expect("a moment"), Timestamp::UNIX_EPOCH));
        assert_eq!(spans, ["0s", "99s", "2m", "2h", "2d"]);
    }
}
