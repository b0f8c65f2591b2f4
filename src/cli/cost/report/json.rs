//! The report as one JSON object. Money is an exact decimal text of dollars; what is unknown is `null`.
//! A `cost` is the sum of what is known, beside the count of what is not; where nothing is known it is `null`.

use serde_json::{Map, Value, json};

use crate::cli::cost::SCHEMA;
use crate::cost::range::{local, zone_name};
use crate::cost::report::{By, Figures, Filter, Key, Query, Report};

/// The object.
pub fn object(report: &Report, query: &Query, simulated: bool) -> Value {
    let (range, zone) = (query.range, &query.zone);
    let moment = |ms| local(ms, zone).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string();
    let rows = report.rows.iter().map(|row| {
        let mut object = keys(&query.by, &row.keys);
        object.extend(figures(&row.figures, &report.total));
        Value::Object(object)
    });
    let other = report.other.as_ref().map(|other| {
        let mut object = Map::from_iter([("rows".to_owned(), json!(other.rows))]);
        object.extend(figures(&other.figures, &report.total));
        object
    });
    json!({
        "schema": SCHEMA,
        "since": moment(range.since_ms),
        "until": moment(range.until_ms),
        "zone": zone_name(zone, range.until_ms),
        "simulated": simulated,
        "filter": filter(&query.filter),
        "by": query.by.iter().map(By::to_string).collect::<Vec<_>>(),
        "rows": rows.collect::<Vec<_>>(),
        "other": other,
        "total": figures(&report.total, &report.total),
        "unknown": { "count": report.total.sums.unknown, "models": report.unknown_models },
    })
}

/// What a row is about: a name for each thing that rows are told apart by.
fn keys(by: &[By], keys: &[Key]) -> Map<String, Value> {
    let mut object = Map::new();
    for (by, key) in by.iter().zip(keys) {
        object.insert(by.to_string(), json!(key.name()));
        if let Key::Conversation { title, last_ms, .. } = key {
            object.insert("title".to_owned(), json!(title));
            object.insert("last_ms".to_owned(), json!(last_ms));
        }
    }
    object
}

fn figures(figures: &Figures, total: &Figures) -> Map<String, Value> {
    let sums = &figures.sums;
    let value = json!({
        "requests": sums.requests,
        "failures": sums.failures,
        "failed_cost": sums.failed_cost,
        "tokens": {
            "input": sums.input,
            "cache_read": sums.cache_read,
            "cache_write": sums.cache_write,
            "output": sums.output,
            "reasoning": sums.reasoning,
        },
        "uncounted": sums.uncounted,
        "cost": figures.known_cost(),
        "unknown": sums.unknown,
        "saved": sums.saved,
        "share": figures.share(total),
        "cost_per_request": figures.cost,
        "ms_per_request": figures.time_ms,
    });
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
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
