//! The report as a table for spreadsheets: a line for each row, then one for the rest where there is one. An empty cell is
//! unknown, and a name that there is not.

use std::io;

use crate::cli::cost::named;
use crate::cost::report::{By, Figures, Key, Percentiles, Query, Report};
use crate::csv::line;
use crate::money::Usd;

const FIGURES: [&str; 18] = [
    "requests",
    "failures",
    "failed_cost_usd",
    "input_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "output_tokens",
    "reasoning_tokens",
    "uncounted_requests",
    "cost_usd",
    "unknown_costs",
    "saved_usd",
    "cost_p50_usd",
    "cost_p95_usd",
    "cost_p99_usd",
    "ms_p50",
    "ms_p95",
    "ms_p99",
];

/// The table. Of the rest, the first name is `other` and the row is told by it alone.
pub fn table(report: &Report, query: &Query) -> io::Result<String> {
    let has_titles = query.by.contains(&By::Conversation);
    let mut heads: Vec<String> = query.by.iter().map(|by| named(&by.to_string())).collect();
    heads.extend(has_titles.then(|| "title".to_owned()));
    let names = heads.len();
    heads.extend(FIGURES.map(str::to_owned));
    let mut out = Vec::new();
    line(&heads, &mut out)?;
    for row in &report.rows {
        let cells: Vec<String> = row.keys.iter().flat_map(cells).chain(figures(&row.figures)).collect();
        line(&cells, &mut out)?;
    }
    if let Some(other) = &report.other {
        let mut cells = vec!["(other)".to_owned()];
        cells.resize(names, String::new());
        cells.extend(figures(&other.figures));
        line(&cells, &mut out)?;
    }
    String::from_utf8(out).map_err(io::Error::other)
}

fn cells(key: &Key) -> Vec<String> {
    match key {
        Key::Conversation { id, title, .. } => vec![named(id), named(title)],
        key => vec![named(key.name().unwrap_or_default())],
    }
}

fn figures(figures: &Figures) -> [String; FIGURES.len()] {
    let sums = &figures.sums;
    let cost =
        |of: fn(&Percentiles<Usd>) -> Usd| figures.cost.as_ref().map(of).map(Usd::to_decimal).unwrap_or_default();
    let time = |of: fn(&Percentiles<u64>) -> u64| {
        figures.time_ms.as_ref().map(of).map(|ms| ms.to_string()).unwrap_or_default()
    };
    [
        sums.requests.to_string(),
        sums.failures.to_string(),
        sums.failed_cost.to_decimal(),
        sums.input.to_string(),
        sums.cache_read.to_string(),
        sums.cache_write.to_string(),
        sums.output.to_string(),
        sums.reasoning.to_string(),
        sums.uncounted.to_string(),
        figures.known_cost().map(Usd::to_decimal).unwrap_or_default(),
        sums.unknown.to_string(),
        sums.saved.to_decimal(),
        cost(|of| of.p50),
        cost(|of| of.p95),
        cost(|of| of.p99),
        time(|of| of.p50),
        time(|of| of.p95),
        time(|of| of.p99),
    ]
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::cost::range::Range;
    use crate::cost::report::{Filter, Other, Row, Sort};
    use crate::cost::spent::Sums;

    #[test]
    fn names_are_no_formulas_and_money_is_exact() {
        let sums = Sums { requests: 1, cost: Usd::from_pico(1), saved: Usd::from_pico(-7), ..Sums::default() };
        let row = |keys| Row { keys, figures: Figures::from(sums) };
        let report = Report {
            rows: vec![
                row(vec![Key::Name("=cmd()".to_owned()), Key::None]),
                row(vec![Key::Name("a,b".to_owned()), Key::None]),
                row(vec![Key::Name("\u{200b}=x\x1b[2J\ny".to_owned()), Key::None]),
            ],
            other: Some(Other { rows: Some(2), figures: sums.into() }),
            ..Report::default()
        };
        let query = Query {
            range: Range { since_ms: 0, until_ms: 1 },
            by: vec![By::Tag("team".to_owned()), By::Project],
            filter: Filter::default(),
            top: None,
            sort: Sort::Usual,
            zone: TimeZone::UTC,
        };
        let table = table(&report, &query).expect("written");
        let lines: Vec<&str> = table.split("\r\n").collect();
        assert!(lines[0].starts_with("tag:team,project,requests,"), "{}", lines[0]);
        let figures = "1,0,0,0,0,0,0,0,0,0.000000000001,0,-0.000000000007,,,,,,";
        assert_eq!(
            lines[1..],
            [
                format!("'=cmd(),,{figures}"),
                format!("\"a,b\",,{figures}"),
                format!("'=x^[[2J y,,{figures}"),
                format!("(other),,{figures}"),
                String::new()
            ]
        );
    }
}
