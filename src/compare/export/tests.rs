//! What holds of files: each format apart, and what all of them do.

mod csv;
mod junit;
mod markdown;
mod reading;
mod round_trip;

use std::io;

use super::super::check::Outcome::{Failed, Passed};
use super::super::digest::report_head;
use super::super::earlier::Earlier;
use super::super::fixtures::{comparison, failed, figures, record, whole};
use super::super::kept::{Comparison, Record};
use super::{Format, Report, write};

const ALL: [Format; 6] = [Format::Json, Format::JsonLines, Format::Csv, Format::Markdown, Format::Html, Format::Junit];

/// The file of a comparison of these models.
fn of(format: Format, comparison: &Comparison, records: &[Record]) -> String {
    let figures = figures(comparison, records);
    let head = report_head(comparison, &figures, None);
    let report = Report { comparison, figures: &figures, head: &head, changes: None };
    let mut file = Vec::new();
    write(format, &report, records.iter().cloned().map(Ok), &mut file).unwrap();
    String::from_utf8(file).unwrap()
}

/// Two models on two prompts: one answer passes, one fails, one is of unknown cost, one is not there.
fn two_rows() -> Vec<Record> {
    vec![
        record(
            0,
            "capital of France?",
            vec![
                whole(0, "Paris").told(400, "0.0002166").checked("contains:Paris", Passed),
                whole(1, "Lyon, \"=1+1\"\nor so").told(1210, "").checked("contains:Paris", Failed),
            ],
        ),
        record(1, "=SUM(A1)", vec![whole(0, "=2+5").told(300, "0.1"), failed(1)]),
    ]
}

#[test]
fn the_ending_of_a_name_tells_the_format() {
    let formats = ["a.json", "A.JSONL", "a.csv", "d/a.md", "a.html", "a.junit.xml"].map(Format::of_file);
    assert_eq!(formats, ALL.map(Ok));
    assert_eq!(Format::of_file("a.xml"), Ok(Format::Junit));
    let error = Format::of_file("a.txt").unwrap_err().to_string();
    assert_eq!(error, "`a.txt` tells no format; let it end in .json, .jsonl, .csv, .md, .html or .junit.xml");
}

#[test]
fn a_row_that_cannot_be_had_ends_every_format_with_its_error() {
    let comparison = comparison(&["a/one", "b/two"]);
    let figures = figures(&comparison, &two_rows());
    let head = report_head(&comparison, &figures, None);
    let report = Report { comparison: &comparison, figures: &figures, head: &head, changes: None };
    for format in ALL {
        let rows = [Ok(two_rows().remove(0)), Err(io::Error::other("the disk is gone"))];
        let error = write(format, &report, rows, &mut Vec::new()).unwrap_err();
        assert_eq!(error.to_string(), "the disk is gone", "{format:?}");
    }
}

#[test]
fn every_format_takes_a_comparison_without_rows_or_models() {
    for format in ALL {
        assert!(!of(format, &comparison(&[]), &[]).is_empty(), "{format:?}");
        assert!(!of(format, &comparison(&["a/one"]), &[]).is_empty(), "{format:?}");
    }
}

#[test]
fn json_tells_money_exactly_and_what_is_unknown_as_null() {
    let file = of(Format::Json, &comparison(&["a/one", "b/two"]), &two_rows());
    let json: serde_json::Value = serde_json::from_str(&file).unwrap();
    assert_eq!(json["schema"], "llmx.compare/1");
    assert_eq!(json["baseline"], "a/one");
    assert_eq!(json["price_db"]["version"], "2026-11-20");
    assert_eq!(json["seed"], "18446744073709551615");
    assert_eq!(json["totals"]["usd"], "0.1002166");
    assert_eq!(json["totals"]["unknown_cost_rows"], 1);
    assert_eq!(json["totals"]["wall_ms"], 3110.0);
    assert_eq!(json["pairs"][0]["measure"], "passes");
    assert_eq!((&json["pairs"][0]["wins"], &json["pairs"][0]["losses"]), (&0.into(), &1.into()));
    let results = &json["prompts"][0]["results"];
    assert_eq!(results[0]["cost"]["usd"], "0.0002166");
    assert_eq!(results[0]["timing_ms"], serde_json::json!({"ttft": 100.0, "ttft_any": 80.0, "total": 400.0}));
    assert_eq!((&results[0]["passed"], &results[1]["passed"]), (&true.into(), &false.into()));
    assert!(results[1]["cost"].is_null() && results[1]["usage"].is_null() && results[0]["sim_to_baseline"].is_null());
    assert!(results[1]["sim_to_baseline"]["chrf"].is_number() && results[1]["sim_to_baseline"]["embed"].is_null());
    let missing = &json["prompts"][1]["results"][1];
    assert_eq!((&missing["status"], &missing["error"]["class"]), (&"failed".into(), &"rate_limit".into()));
    assert!(missing["passed"].is_null() && missing["finish"].is_null() && missing["timing_ms"].is_null());
}

#[test]
fn json_lines_are_a_head_a_line_for_each_prompt_and_answer_and_an_end() {
    let file = of(Format::JsonLines, &comparison(&["a/one", "b/two"]), &two_rows());
    let kinds = file.lines().map(|line| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        line["kind"].as_str().unwrap().to_owned()
    });
    assert_eq!(kinds.collect::<Vec<_>>(), ["head", "prompt", "result", "result", "prompt", "result", "result", "end"]);
}

#[test]
fn what_got_worse_is_marked_in_every_format_that_can() {
    let comparison = comparison(&["a/one"]);
    let mut earlier = Earlier::default();
    earlier.take(&comparison.spec.models, &record(0, "p", vec![whole(0, "x").checked("c", Passed)]));
    let rows = [record(0, "p", vec![whole(0, "y").checked("c", Failed)])];
    let figures = figures(&comparison, &rows);
    let changes = earlier.changes(&figures.judged).unwrap();
    let head = report_head(&comparison, &figures, Some(&changes));
    let report = Report { comparison: &comparison, figures: &figures, head: &head, changes: Some(&changes) };
    let marks = [
        "\"regressed\":true",
        "\"regressed\":true",
        ",true,",
        "**worse than in the earlier run**",
        "\"regressed\":true",
        "type=\"regression\"",
    ];
    for (format, mark) in ALL.into_iter().zip(marks) {
        let mut file = Vec::new();
        write(format, &report, rows.iter().cloned().map(Ok), &mut file).unwrap();
        assert!(String::from_utf8(file).unwrap().contains(mark), "{format:?}");
    }
}
