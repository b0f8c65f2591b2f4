use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;
use crate::cost::spent::{Cell, QUARTER_MS, Request, Spender, Spending};

const EVER: Range = Range { since_ms: i64::MIN, until_ms: i64::MAX };

fn query(by: &str, zone: &TimeZone) -> Query {
    let by = by.split(',').filter(|by| !by.is_empty()).map(|by| by.parse().expect("something to tell apart by"));
    Query { range: EVER, by: by.collect(), filter: Filter::default(), top: None, sort: Sort::Usual, zone: zone.clone() }
}

fn spender(model: &str, route: &str, tags: &[(&str, &str)]) -> Spender {
    let tags = tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let text = str::to_owned;
    let (provider, model) = model.split_once('/').map_or((String::new(), text(model)), |(a, b)| (text(a), text(b)));
    Spender {
        provider,
        model,
        route: text(route),
        command: text("complete"),
        role: text("main"),
        tags,
        ..Spender::default()
    }
}

fn spent(dollars: &str, requests: u64) -> Sums {
    Sums { requests, cost: Usd::parse(dollars).expect("dollars"), ..Sums::default() }
}

/// Cells at these moments, each of the spender with that number.
fn spending(spenders: &[Spender], cells: &[(&str, u32, Sums)]) -> Spending {
    let quarter = |at: &str| at.parse::<Timestamp>().expect("a moment").as_millisecond().div_euclid(QUARTER_MS);
    Spending {
        spenders: (0..).zip(spenders.iter().cloned()).collect(),
        cells: cells
            .iter()
            .map(|(at, spender, sums)| Cell { quarter: quarter(at), spender: *spender, sums: *sums })
            .collect(),
    }
}

fn report(spending: &Spending, query: &Query) -> Report {
    Draft::new(spending, query).finish()
}

/// Rows as `a/b $cost`, then the rest.
fn told(report: &Report) -> Vec<String> {
    let name =
        |row: &Row| row.keys.iter().map(|key| key.name().unwrap_or("-").to_owned()).collect::<Vec<_>>().join(" ");
    let rows = report.rows.iter().map(|row| format!("{} {}", name(row), row.figures.sums.cost.to_decimal()));
    rows.chain(report.other.as_ref().map(|other| format!("other {}", other.figures.sums.cost.to_decimal()))).collect()
}

#[track_caller]
fn expect_times(zone: &str, by: &str, expected: &[(&str, &[&str])]) {
    let zone = TimeZone::posix(zone).expect("a time zone");
    let moments: Vec<&str> = expected.iter().flat_map(|(_, moments)| moments.iter().copied()).collect();
    let cells: Vec<_> = moments.iter().map(|at| (*at, 0, spent("1", 1))).collect();
    let told = told(&report(&spending(&[spender("a/b", "", &[])], &cells), &query(by, &zone)));
    let expected: Vec<String> = expected.iter().map(|(name, moments)| format!("{name} {}", moments.len())).collect();
    assert_eq!(told, expected);
}

const BERLIN: &str = "CET-1CEST,M3.5.0,M10.5.0/3";

#[test]
fn a_day_of_25_hours_and_one_of_23_are_one_day_each() {
    expect_times(
        BERLIN,
        "day",
        &[
            ("2026-03-28", &["2026-03-28T22:45:00Z"]),
            ("2026-03-29", &["2026-03-28T23:00:00Z", "2026-03-29T21:45:00Z"]),
            ("2026-03-30", &["2026-03-29T22:00:00Z"]),
            ("2026-10-25", &["2026-10-24T22:00:00Z", "2026-10-25T22:45:00Z"]),
            ("2026-10-26", &["2026-10-25T23:00:00Z"]),
        ],
    );
}

#[test]
fn an_hour_that_comes_twice_is_two_and_in_the_order_of_time() {
    expect_times(
        BERLIN,
        "hour",
        &[
            ("2026-10-25T01:00+02:00", &["2026-10-24T23:15:00Z"]),
            ("2026-10-25T02:00+02:00", &["2026-10-25T00:00:00Z", "2026-10-25T00:45:00Z"]),
            ("2026-10-25T02:00+01:00", &["2026-10-25T01:00:00Z"]),
            ("2026-10-25T03:00+01:00", &["2026-10-25T02:00:00Z"]),
        ],
    );
    // Clocks that change by half an hour.
    expect_times(
        "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
        "hour",
        &[
            ("2026-04-05T01:00+11:00", &["2026-04-04T14:00:00Z", "2026-04-04T14:45:00Z"]),
            ("2026-04-05T01:00+10:30", &["2026-04-04T15:00:00Z"]),
            ("2026-04-05T02:00+10:30", &["2026-04-04T15:30:00Z"]),
        ],
    );
}

#[test]
fn a_zone_three_quarters_of_an_hour_off_has_its_own_days_and_hours() {
    let nepal = "<+0545>-5:45";
    let days: [(&str, &[&str]); 2] =
        [("2026-11-01", &["2026-11-01T18:00:00Z"]), ("2026-11-02", &["2026-11-01T18:15:00Z", "2026-11-02T18:00:00Z"])];
    expect_times(nepal, "day", &days);
    let hours: [(&str, &[&str]); 2] = [
        ("2026-11-01T23:00+05:45", &["2026-11-01T17:15:00Z", "2026-11-01T18:00:00Z"]),
        ("2026-11-02T00:00+05:45", &["2026-11-01T18:15:00Z"]),
    ];
    expect_times(nepal, "hour", &hours);
}

#[test]
fn a_week_begins_on_monday_and_has_the_year_of_its_thursday() {
    expect_times(
        "UTC0",
        "week",
        &[
            ("2025-W52", &["2025-12-28T23:45:00Z"]),
            ("2026-W01", &["2025-12-29T00:00:00Z", "2026-01-04T23:45:00Z"]),
            ("2026-W53", &["2026-12-31T12:00:00Z", "2027-01-03T12:00:00Z"]),
        ],
    );
    expect_times(BERLIN, "month", &[("2026-10", &["2026-10-31T22:45:00Z"]), ("2026-11", &["2026-10-31T23:00:00Z"])]);
}

fn some() -> Spending {
    let spenders = [
        spender("openai/gpt", "fast", &[("team", "search"), ("env", "prod")]),
        spender("azure/gpt", "fast", &[("team", "ads")]),
        spender("openai/mini", "", &[]),
    ];
    let unknown = Sums { requests: 2, unknown: 2, ..Sums::default() };
    let cells = [
        ("2026-11-01T10:00:00Z", 0, spent("3", 1)),
        ("2026-11-01T10:15:00Z", 0, spent("0.5", 4)),
        ("2026-11-01T10:15:00Z", 1, spent("2", 1)),
        ("2026-11-02T10:00:00Z", 2, spent("0.25", 9)),
        ("2026-11-02T10:00:00Z", 2, unknown),
    ];
    spending(&spenders, &cells)
}

#[test]
fn rows_are_told_apart_by_everything_that_is_asked_for() {
    for (by, expected) in [
        ("", vec![" 5.75"]),
        ("model", vec!["openai/gpt 3.5", "azure/gpt 2", "openai/mini 0.25"]),
        ("provider", vec!["openai 3.75", "azure 2"]),
        ("route", vec!["fast 5.5", "- 0.25"]),
        ("command,project", vec!["complete - 5.75"]),
        ("tag", vec!["env=prod team=search 3.5", "team=ads 2", "- 0.25"]),
        ("tag:team", vec!["search 3.5", "ads 2", "- 0.25"]),
        ("provider,day", vec!["openai 2026-11-01 3.5", "azure 2026-11-01 2", "openai 2026-11-02 0.25"]),
        ("day,provider", vec!["2026-11-01 azure 2", "2026-11-01 openai 3.5", "2026-11-02 openai 0.25"]),
    ] {
        assert_eq!(told(&report(&some(), &query(by, &TimeZone::UTC))), expected, "{by}");
    }
}

#[test]
fn the_dearest_are_kept_and_the_rest_is_one_row() {
    let of = |by, top, sort| {
        let report = report(&some(), &Query { top: Some(top), sort, ..query(by, &TimeZone::UTC) });
        let other = report.other.as_ref().and_then(|other| other.rows);
        (told(&report), other, report.total.sums.cost.to_decimal())
    };
    let total = "5.75".to_owned();
    let lines = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
    assert_eq!(of("model", 1, Sort::Usual), (lines(&["openai/gpt 3.5", "other 2.25"]), Some(2), total.clone()));
    assert_eq!(of("model", 2, Sort::Name).0, lines(&["azure/gpt 2", "openai/gpt 3.5", "other 0.25"]));
    assert_eq!(of("model", 1, Sort::Requests).0, lines(&["openai/mini 0.25", "other 5.5"]));
    assert_eq!(of("day", 1, Sort::Usual).0, lines(&["2026-11-01 5.5", "other 0.25"]));
    assert_eq!(of("model", 3, Sort::Usual).1, None);
    assert_eq!(of("model", 0, Sort::Usual), (lines(&["other 5.75"]), Some(3), total));
}

#[test]
fn models_of_unknown_price_are_named() {
    let of = |filter| report(&some(), &Query { filter, ..query("day", &TimeZone::UTC) });
    let all = of(Filter::default());
    assert_eq!((all.total.sums.unknown, all.unknown_models), (2, vec!["openai/mini".to_owned()]));
    let some = of(Filter { routes: vec!["fast".to_owned()], ..Filter::default() });
    assert_eq!((some.total.sums.unknown, some.unknown_models), (0, Vec::new()));
}

#[test]
fn a_filter_lets_any_of_a_list_pass_and_wants_all_of_the_lists() {
    let list = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>();
    let tags = |tags: &[&str]| -> Vec<(String, String)> {
        tags.iter()
            .filter_map(|text| text.split_once('='))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect()
    };
    let none = Filter::default;
    for (filter, expected) in [
        (none(), "5.75"),
        (Filter { models: list(&["gpt"]), ..none() }, "5.5"),
        (Filter { models: list(&["azure/gpt", "mini"]), ..none() }, "2.25"),
        (Filter { models: list(&["gpt"]), providers: list(&["openai"]), ..none() }, "3.5"),
        (Filter { commands: list(&["compare"]), ..none() }, "0"),
        (Filter { tags: tags(&["team=search", "team=ads"]), ..none() }, "5.5"),
        (Filter { tags: tags(&["team=search", "env=test"]), ..none() }, "0"),
        (Filter { projects: list(&["x"]), ..none() }, "0"),
        (Filter { imported: Some(false), ..none() }, "5.75"),
        (Filter { imported: Some(true), ..none() }, "0"),
    ] {
        let report = report(&some(), &Query { filter: filter.clone(), ..query("day", &TimeZone::UTC) });
        assert_eq!(report.total.sums.cost.to_decimal(), expected, "{filter:?}");
    }
    let project = Spender { project: Some("/home/me/site".to_owned()), ..Spender::default() };
    for (name, holds) in [("site", true), ("/home/me/site", true), ("ite", false), ("me", false)] {
        assert_eq!(Filter { projects: list(&[name]), ..none() }.holds(&project), holds, "{name}");
    }
}

#[test]
fn percentiles_are_those_of_the_requests_of_a_row() {
    let (spending, query) = (some(), Query { top: Some(1), ..query("model", &TimeZone::UTC) });
    let mut draft = Draft::new(&spending, &query);
    let quarter = spending.cells[0].quarter;
    for (spender, cost, total_ms) in
        [(0, Some(10), 100), (0, Some(30), 300), (0, None, 900), (1, Some(5), 50), (9, Some(1), 1)]
    {
        draft.sample(&Request { quarter, spender, cost: cost.map(Usd::from_pico), total_ms });
    }
    let report = draft.finish();
    let (cost, time) = (report.rows[0].figures.cost.expect("costs"), report.rows[0].figures.time_ms.expect("times"));
    assert_eq!((cost.p50.pico(), cost.p99.pico()), (10, 30), "an unknown cost is none of them");
    assert_eq!((time.p50, time.p95), (300, 900));
    let other = report.other.expect("a rest").figures;
    assert_eq!(other.time_ms.map(|time| time.p50), Some(50));
    let all = report.total;
    assert_eq!((all.cost.map(|cost| cost.p50.pico()), all.time_ms.map(|time| time.p50)), (Some(10), Some(100)));
}

#[test]
fn all_periods_are_listed_those_without_spending_too() {
    let at = |text: &str| text.parse::<Timestamp>().expect("a moment").as_millisecond();
    let zone = TimeZone::posix(BERLIN).expect("a time zone");
    let range = Range { since_ms: at("2026-10-24T12:00:00Z"), until_ms: at("2026-10-26T23:00:00Z") };
    let named =
        |by| periods(&by, range, &zone).iter().filter_map(|key| key.name().map(str::to_owned)).collect::<Vec<_>>();
    assert_eq!(named(By::Day), ["2026-10-24", "2026-10-25", "2026-10-26"]);
    assert_eq!(named(By::Week), ["2026-W43", "2026-W44"]);
    assert_eq!(named(By::Hour).len(), 10 + 25 + 24);
}

#[test]
fn what_rows_are_told_apart_by_is_read_as_it_is_written() {
    for by in ["hour", "day", "week", "month", "model", "provider", "route", "command", "tag", "tag:team", "project"] {
        assert_eq!(by.parse::<By>().expect("read").to_string(), by);
    }
    assert!("days".parse::<By>().expect_err("unknown").contains("day, week"));
    assert!("tag:".parse::<By>().is_err());
}

fn any_sums() -> impl Strategy<Value = Sums> {
    (0..5_u64, 0..3_u64, 0..1_000_u64, 0..1_000_i128, -50..50_i128).prop_map(
        |(requests, unknown, tokens, cost, saved)| Sums {
            requests,
            failures: requests / 2,
            unknown,
            uncounted: unknown / 2,
            input: tokens,
            cache_read: tokens / 3,
            cache_write: tokens / 5,
            output: tokens / 2,
            reasoning: tokens / 7,
            cost: Usd::from_pico(cost),
            failed_cost: Usd::from_pico(cost / 2),
            saved: Usd::from_pico(saved),
        },
    )
}

/// Quarters around a change of clocks.
const FIRST_QUARTER: i64 = 1_992_500;

fn any_spending() -> impl Strategy<Value = Spending> {
    let spenders = [
        spender("openai/gpt", "fast", &[("team", "search"), ("env", "prod")]),
        spender("azure/gpt", "fast", &[("team", "ads")]),
        spender("openai/mini", "", &[]),
        Spender { project: Some("/p".to_owned()), imported: true, ..spender("mini", "", &[("env", "prod")]) },
    ];
    let cell = (0..400_i64, 0..4_u32, any_sums());
    let cell = cell.prop_map(|(quarter, spender, sums)| Cell { quarter: FIRST_QUARTER + quarter, spender, sums });
    proptest::collection::vec(cell, 0..60)
        .prop_map(move |cells| Spending { spenders: (0..).zip(spenders.iter().cloned()).collect(), cells })
}

fn any_by() -> impl Strategy<Value = String> {
    let names = ["hour", "day", "week", "month", "model", "provider", "route", "command", "tag", "tag:team", "project"];
    proptest::sample::subsequence(names.to_vec(), 0..4).prop_shuffle().prop_map(|names| names.join(","))
}

fn sum<'sums>(all: impl Iterator<Item = &'sums Sums>) -> Sums {
    let mut total = Sums::default();
    all.for_each(|sums| total += *sums);
    total
}

fn by_keys(reports: &[&Report]) -> BTreeMap<Vec<Key>, String> {
    let mut rows: BTreeMap<Vec<Key>, Sums> = BTreeMap::new();
    for row in reports.iter().flat_map(|report| &report.rows) {
        *rows.entry(row.keys.clone()).or_default() += row.figures.sums;
    }
    rows.into_iter().map(|(keys, sums)| (keys, format!("{sums:?}"))).collect()
}

proptest! {
    #[test]
    fn rows_are_exactly_the_total(spending in any_spending(), by in any_by(), top in proptest::option::of(0..6_usize)) {
        let zone = TimeZone::posix(BERLIN).expect("a time zone");
        let report = report(&spending, &Query { top, ..query(&by, &zone) });
        let rows = report.rows.iter().map(|row| &row.figures.sums);
        let rows = rows.chain(report.other.as_ref().map(|other| &other.figures.sums));
        prop_assert_eq!(sum(rows), report.total.sums);
        prop_assert_eq!(sum(spending.cells.iter().map(|cell| &cell.sums)), report.total.sums);
        prop_assert!(top.is_none_or(|top| report.rows.len() <= top));
    }

    #[test]
    fn two_parts_of_the_time_are_the_whole(spending in any_spending(), by in any_by(), at in 0..400_i64) {
        let cut = (FIRST_QUARTER + at) * QUARTER_MS;
        let whole = query(&by, &TimeZone::UTC);
        let first = Query { range: Range { until_ms: cut, ..EVER }, ..whole.clone() };
        let second = Query { range: Range { since_ms: cut, ..EVER }, ..whole.clone() };
        let (first, second) = (report(&spending, &first), report(&spending, &second));
        let whole = report(&spending, &whole);
        prop_assert_eq!(by_keys(&[&first, &second]), by_keys(&[&whole]));
        prop_assert_eq!(sum([&first.total.sums, &second.total.sums].into_iter()), whole.total.sums);
    }

    #[test]
    fn the_order_of_cells_does_not_matter(spending in any_spending(), by in any_by(), top in 0..6_usize, sort in 0..5_usize) {
        let sort = [Sort::Usual, Sort::Cost, Sort::Requests, Sort::Tokens, Sort::Name][sort];
        let query = Query { top: Some(top), sort, ..query(&by, &TimeZone::UTC) };
        let mut other = spending.clone();
        other.cells.reverse();
        other.cells.sort_by_key(|cell| cell.sums.cost);
        prop_assert_eq!(report(&spending, &query), report(&other, &query));
    }
}
