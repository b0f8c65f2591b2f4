//! The report as one JSON object. Money is an exact decimal text of dollars; what is unknown is `null`.
//! A `cost` is the sum of what is known, beside the count of what is not; where nothing is known it is `null`.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::cli::cost::SCHEMA;
use crate::cost::range::{local, zone_name};
use crate::cost::report::{By, Figures, Filter, Key, Query, Report};

/// The object's text.
pub fn object(report: &Report, query: &Query, simulated: bool) -> serde_json::Result<String> {
    let (range, zone) = (query.range, &query.zone);
    let moment = |ms| local(ms, zone).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string();
    let by: Vec<String> = query.by.iter().map(By::to_string).collect();
    let total = &report.total;
    serde_json::to_string(&Object {
        schema: SCHEMA,
        since: moment(range.since_ms),
        until: moment(range.until_ms),
        zone: zone_name(zone, range.until_ms),
        simulated,
        filter: filter(&query.filter),
        rows: report
            .rows
            .iter()
            .map(|row| Line { about: About::Keys(&by, &row.keys), figures: &row.figures, total })
            .collect(),
        other: report.other.as_ref().map(|other| Line {
            about: About::Rows(other.rows),
            figures: &other.figures,
            total,
        }),
        total: Line { about: About::All, figures: total, total },
        unknown: json!({ "count": total.sums.unknown, "models": report.unknown_models }),
        by: &by,
    })
}

#[derive(Serialize)]
struct Object<'report> {
    schema: &'static str,
    since: String,
    until: String,
    zone: String,
    simulated: bool,
    filter: Value,
    by: &'report [String],
    rows: Vec<Line<'report>>,
    other: Option<Line<'report>>,
    total: Line<'report>,
    unknown: Value,
}

/// A row. Written as it goes: there may be ten thousand.
struct Line<'report> {
    about: About<'report>,
    figures: &'report Figures,
    total: &'report Figures,
}

/// What a row is about.
enum About<'report> {
    All,
    /// A name for each thing that rows are told apart by.
    Keys(&'report [String], &'report [Key]),
    /// So many rows.
    Rows(Option<usize>),
}

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        match self.about {
            About::All => {}
            About::Keys(by, keys) => by.iter().zip(keys).try_for_each(|(by, key)| of_key(&mut object, by, key))?,
            About::Rows(rows) => object.serialize_entry("rows", &rows)?,
        }
        of_figures(&mut object, self.figures, self.total)?;
        object.end()
    }
}

fn of_key<M: SerializeMap>(object: &mut M, by: &str, key: &Key) -> Result<(), M::Error> {
    object.serialize_entry(by, &key.name())?;
    if let Key::Conversation { title, last_ms, .. } = key {
        object.serialize_entry("title", title)?;
        object.serialize_entry("last_ms", last_ms)?;
    }
    Ok(())
}

fn of_figures<M: SerializeMap>(object: &mut M, figures: &Figures, total: &Figures) -> Result<(), M::Error> {
    #[derive(Serialize)]
    struct Tokens {
        input: u64,
        cache_read: u64,
        cache_write: u64,
        output: u64,
        reasoning: u64,
    }
    let sums = &figures.sums;
    let tokens = Tokens {
        input: sums.input,
        cache_read: sums.cache_read,
        cache_write: sums.cache_write,
        output: sums.output,
        reasoning: sums.reasoning,
    };
    object.serialize_entry("requests", &sums.requests)?;
    object.serialize_entry("failures", &sums.failures)?;
    object.serialize_entry("failed_cost", &sums.failed_cost)?;
    object.serialize_entry("tokens", &tokens)?;
    object.serialize_entry("uncounted", &sums.uncounted)?;
    object.serialize_entry("cost", &figures.known_cost())?;
    object.serialize_entry("unknown", &sums.unknown)?;
    object.serialize_entry("saved", &sums.saved)?;
    object.serialize_entry("share", &figures.share(total))?;
    object.serialize_entry("cost_per_request", &figures.cost)?;
    object.serialize_entry("ms_per_request", &figures.time_ms)
}

fn filter(filter: &Filter) -> Value {
    let tags: Vec<String> = filter.tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
    json!({
        "model": filter.models,
        "provider": filter.providers,
        "route": filter.routes,
        "command": filter.commands,
        "project": filter.projects,
        "tag": tags,
        "imported": filter.imported,
    })
}
