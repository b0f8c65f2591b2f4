//! `llmx cost`: what was spent, from the ledger to the screen, to JSON and to CSV.

use std::path::Path;
use std::sync::Arc;

use llmx::money::Usd;
use serde_json::Value;

use crate::support::{Home, Llmx, Terminal};

/// A home in which three prompts were answered and one was not.
fn spent() -> Arc<Home> {
    let home = Home::new();
    for (model, more) in
        [("openai", "--tag=team=search"), ("openai", "--tag=team==ads()"), ("anthropic", "--no-stream")]
    {
        home.llmx().args(["complete", "--sim", "-m", model, more, "why?"]).run().expect_code(0);
    }
    home.llmx().args(["complete", "--sim=openai:500", "-m", "openai", "why?"]).run();
    home
}

fn cost(home: &Arc<Home>, arguments: &[&str]) -> Llmx {
    home.llmx().args(["cost", "--sim"]).args(arguments)
}

fn json(home: &Arc<Home>, arguments: &[&str]) -> Value {
    let output = cost(home, arguments).arg("--json").run().expect_code(0);
    serde_json::from_str(&output.stdout).expect("one JSON object")
}

fn usd(value: &Value) -> Usd {
    value.as_str().and_then(Usd::parse).expect("an exact amount of money")
}

#[test]
fn an_empty_ledger_says_so_and_what_to_type() {
    let home = Home::new();
    let output = home.llmx().arg("cost").run().expect_code(0);
    assert_eq!(output.stdout, "");
    for part in ["the ledger is empty", "llmx complete", "llmx cost import"] {
        assert!(output.stderr.contains(part), "{}", output.stderr);
    }
    let output = home.llmx().args(["cost", "--json"]).run().expect_code(0);
    let report: Value = serde_json::from_str(&output.stdout).expect("one JSON object");
    assert_eq!((&report["rows"], &report["total"]["cost"]), (&serde_json::json!([]), &Value::from("0")));
    assert_eq!(report["simulated"], false);
}

#[test]
fn rows_are_what_the_log_says_and_the_total_is_their_sum() {
    let home = spent();
    let log = home.llmx().args(["log", "--sim", "--json"]).run().expect_code(0);
    let log: Value = serde_json::from_str(&log.stdout).expect("one JSON object");
    let runs = log["runs"].as_array().expect("runs");
    let logged: Usd = runs.iter().map(|run| usd(&run["cost"])).sum();
    assert!(logged > Usd::ZERO);
    for by in ["day", "model", "hour,provider", "tag", "tag:team", "command,route,project"] {
        let report = json(&home, &["--by", by]);
        let rows = report["rows"].as_array().expect("rows");
        assert_eq!(rows.iter().map(|row| usd(&row["cost"])).sum::<Usd>(), logged, "{by}");
        assert_eq!(usd(&report["total"]["cost"]), logged, "{by}");
        let requests: u64 = rows.iter().filter_map(|row| row["requests"].as_u64()).sum();
        assert_eq!(Some(requests), report["total"]["requests"].as_u64(), "{by}");
        assert!(requests > report["total"]["failures"].as_u64().expect("failures"), "{by}");
    }
    let report = json(&home, &["--by", "model", "--provider", "anthropic"]);
    assert_eq!((&report["schema"], &report["simulated"]), (&Value::from("llmx.cost/1"), &Value::from(true)));
    let share = &report["rows"][0];
    assert_eq!((share["share"].as_f64(), report["rows"].as_array().map(Vec::len)), (Some(1.0), Some(1)));
    assert_eq!(share["cost_per_request"]["p99"], share["cost"], "of one request");
    let top = json(&home, &["--by", "tag:team", "--top", "1"]);
    assert_eq!((&top["other"]["rows"], usd(&top["total"]["cost"])), (&Value::from(2), logged));
}

#[test]
fn a_spreadsheet_gets_exact_money_and_no_formula() {
    let home = spent();
    let table = cost(&home, &["--by", "tag:team", "--sort", "name", "--csv"]).run().expect_code(0).stdout;
    let lines: Vec<&str> = table.split("\r\n").collect();
    assert!(lines[0].starts_with("tag:team,requests,failures,"), "{table}");
    assert!(lines[1].starts_with("'=ads(),1,0,0,"), "{table}");
    let (report, place) =
        (json(&home, &["--by", "tag:team", "--sort", "name"]), lines[0].split(',').position(|head| head == "cost_usd"));
    for (line, row) in lines[1..].iter().zip(report["rows"].as_array().expect("rows")) {
        assert_eq!(line.split(',').nth(place.expect("a column")), row["cost"].as_str());
    }
    assert_eq!(lines.len(), 5, "{table}");
}

#[test]
fn a_time_that_cannot_be_read_is_told_with_examples() {
    let home = Home::new();
    for (arguments, part) in [
        (["--since", "soon"], "`--since`: `soon` is no time; write `7d`"),
        (["--until", "later"], "`--until`: `later` is no time; write `7d`"),
        (["--since", "2999-01-01"], "it begins after it ends"),
        (["--by", "days"], "day, week"),
        (["--tag", "team"], "key=value"),
        (["--by", "conversation,day"], "stands alone"),
    ] {
        let output = cost(&home, &arguments).run().expect_code(2);
        assert!(output.stderr.contains(part), "{arguments:?}\n{}", output.stderr);
    }
    let output = cost(&home, &["--since", "today", "--until", "yesterday", "--json"]).run().expect_code(2);
    let error: Value = serde_json::from_str(&output.stdout).expect("one JSON object");
    assert_eq!((&error["schema"], &error["error"]["code"]), (&Value::from("llmx.cost/1"), &Value::from("usage")));
    let misplaced = cost(&home, &["--by", "day", "prices"]).run().expect_code(2);
    assert!(misplaced.stderr.contains("behind its name"), "{}", misplaced.stderr);
    home.llmx().args(["cost", "--sim", "budget"]).run().expect_code(0);
}

#[test]
fn where_nothing_was_spent_it_says_when_something_was() {
    let home = spent();
    let output = cost(&home, &["--since", "2020", "--until", "2020-02"]).run();
    assert_eq!(output.expect_code(2).stdout, "", "a year alone is no time");
    let output = cost(&home, &["--since", "2020-01", "--until", "2020-02", "--by", "day"]).run().expect_code(0);
    assert_eq!(output.stdout, "");
    for part in ["nothing was spent from 2020-01-01 00:00 to 2020-03-01 00:00", "`llmx cost --since 20"] {
        assert!(output.stderr.contains(part), "{}", output.stderr);
    }
}

#[test]
fn days_begin_in_the_users_time_zone() {
    let home = Home::new();
    let zone = |name: &str| {
        let output = home.llmx().env("TZ", name).args(["cost", "--json", "--since", "2026-03", "--until", "2026-03"]);
        let report: Value = serde_json::from_str(&output.run().expect_code(0).stdout).expect("one JSON object");
        [&report["zone"], &report["since"], &report["until"]].map(|value| value.as_str().expect("a text").to_owned())
    };
    let berlin = ["2026-03-01T00:00:00+01:00", "2026-04-01T00:00:00+02:00"];
    let found = zone("CET-1CEST,M3.5.0,M10.5.0/3");
    assert_eq!(found[1..], berlin);
    // Only where the system keeps a table of zones.
    if Path::new("/usr/share/zoneinfo/Europe/Berlin").exists() {
        assert_eq!(zone("Europe/Berlin"), ["Europe/Berlin", berlin[0], berlin[1]]);
    }
}

#[test]
fn a_narrow_terminal_gets_bars_and_every_line_fits() {
    let home = spent();
    let shown = |columns: u16, more: &[&str]| {
        let (code, raw) = Terminal::start(cost(&home, &["--color", "never"]).args(more), 60, columns).finish();
        let text = String::from_utf8(raw).expect("text").replace('\r', "");
        assert_eq!(code, 0, "{text}");
        text
    };
    for columns in [40, 60, 100] {
        let text = shown(columns, &[]);
        let page = text.split("next:").next().expect("a page");
        for part in ["this month", "total", "█", "simulated: no money was spent"] {
            assert!(page.replace('\n', " ").contains(part), "{columns}: {part}\n{text}");
        }
        assert!(page.lines().all(|line| line.chars().count() <= usize::from(columns)), "{columns}\n{text}");
    }
    let ascii = shown(60, &["--ascii"]);
    assert!(ascii.is_ascii() && ascii.contains('#'), "{ascii}");
    assert!(!shown(60, &["--no-chart"]).contains('█'));
    let coloured = Terminal::start(cost(&home, &[]).env("NO_COLOR", "1"), 60, 60).finish().1;
    assert!(!coloured.contains(&b'\x1b'), "NO_COLOR is honoured");
    let piped = cost(&home, &["--by", "model"]).run().expect_code(0).stdout;
    assert!(!piped.contains(['─', '█', '\x1b']) && piped.contains("simulated"), "{piped}");
}
