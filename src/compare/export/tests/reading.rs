//! What is no comparison of ours is told apart, and never taken for one.

use std::io::{self, BufReader, Read};

use proptest::prelude::*;

use super::super::super::fixtures::{comparison, record, whole};
use super::super::read::up_to;
use super::super::{Format, Problem, read};
use super::{of, two_rows};

fn problem(format: Format, file: &str) -> Problem {
    read(format, file.as_bytes(), |_, _| {}).unwrap_err().problem
}

/// A file with a text in it replaced.
fn changed(format: Format, from: &str, to: &str) -> Problem {
    let file = of(format, &comparison(&["a/one", "b/two"]), &two_rows());
    assert!(file.contains(from), "{file}");
    problem(format, &file.replacen(from, to, 1))
}

#[test]
fn other_json_is_no_comparison() {
    for file in ["{}", "[]", "1", "\"text\"", "null", r#"{"schema":"other/1"}"#, r#"{"schema":7,"models":[]}"#] {
        assert_eq!(problem(Format::Json, file), Problem::NotOurs, "{file}");
        assert_eq!(problem(Format::JsonLines, file), Problem::NotOurs, "{file}");
    }
    assert_eq!(problem(Format::JsonLines, r#"{"prompt":"a row of a data set"}"#), Problem::NotOurs);
    assert_eq!(problem(Format::JsonLines, ""), Problem::NotOurs);
}

#[test]
fn what_is_no_json_says_where() {
    let error = read(Format::Json, "{\"schema\":\n\nhello".as_bytes(), |_, _| {}).unwrap_err();
    assert_eq!(error.line, 3);
    assert!(matches!(error.problem, Problem::Syntax(_)), "{error}");
    assert!(error.to_string().starts_with("line 3: this is no JSON: expected value"), "{error}");
    assert_eq!(problem(Format::Json, ""), Problem::Cut);
}

#[test]
fn a_newer_version_is_named() {
    for format in [Format::Json, Format::JsonLines] {
        let problem = changed(format, "llmx.compare/1", "llmx.compare/2");
        assert_eq!(problem, Problem::Version("llmx.compare/2".to_owned()));
        assert!(problem.to_string().ends_with("use a newer llmx"));
    }
}

#[test]
fn lost_lines_are_noticed() {
    let file = of(Format::JsonLines, &comparison(&["a/one", "b/two"]), &two_rows());
    let lines: Vec<&str> = file.lines().collect();
    let without = |line: usize| [&lines[..line], &lines[line + 1..]].concat().join("\n");
    assert_eq!(problem(Format::JsonLines, &without(3)), Problem::Lost { told: (2, 4), found: (2, 3) });
    assert_eq!(problem(Format::JsonLines, &without(lines.len() - 1)), Problem::Cut);
    assert_eq!(problem(Format::JsonLines, &format!("{file}{}", lines[1])), Problem::TwoHeads);
}

#[test]
fn hostile_values_are_errors_and_no_panic() {
    for format in [Format::Json, Format::JsonLines] {
        let value = |from: &str, to: &str| {
            let problem = changed(format, from, to);
            assert!(matches!(problem, Problem::Value(_)), "{from} {to}: {problem:?}");
        };
        value("\"model_index\":1", "\"model_index\":7");
        value("\"model_index\":1", "\"model_index\":-1");
        value("\"usd\":\"0.0002166\"},\"sim", "\"usd\":\"0.00\\u001b[2J\"},\"sim");
        value("\"total\":400.0", "\"total\":-1.0");
        value("\"total\":400.0", "\"total\":1e300");
        value("\"total\":400.0", "\"total\":null");
        value("\"status\":\"ok\"", "\"status\":\"fine\"");
        value("\"fingerprint\":\"", "\"fingerprint\":\"x");
        assert_eq!(changed(format, "\"row\":0", "\"row\":1"), Problem::OtherRow { row: 1, prompt: 0 });
    }
}

#[test]
fn an_answer_needs_its_prompt() {
    let file = of(Format::JsonLines, &comparison(&["a/one", "b/two"]), &two_rows());
    let lines: Vec<&str> = file.lines().collect();
    assert_eq!(problem(Format::JsonLines, &[lines[0], lines[2]].join("\n")), Problem::NoPrompt);
    assert_eq!(problem(Format::JsonLines, &[lines[0], lines[0]].join("\n")), Problem::TwoHeads);
    assert_eq!(problem(Format::JsonLines, &lines[1..].join("\n")), Problem::NotOurs);
}

#[test]
fn rows_before_the_head_are_refused() {
    let file = r#"{"schema":"llmx.compare/1","prompts":[],"models":[]}"#;
    assert_eq!(problem(Format::Json, file), Problem::Order);
    let twice = r#"{"schema":"llmx.compare/1","models":[],"prompts":[],"prompts":[]}"#;
    assert_eq!(problem(Format::Json, twice), Problem::Order);
}

#[test]
fn what_a_later_version_adds_is_passed_over() {
    let file = of(Format::JsonLines, &comparison(&["a/one", "b/two"]), &two_rows());
    let file = file.replacen('\n', "\n{\"kind\":\"weather\",\"sun\":true}\n", 1);
    assert_eq!(read(Format::JsonLines, file.as_bytes(), |_, _| {}).unwrap().rows, 2);
    let file = of(Format::Json, &comparison(&["a/one", "b/two"]), &two_rows());
    let file = file.replacen("\"attempts\"", "\"new\":[1],\"attempts\"", 1).replacen('{', "{\"new\":{\"a\":[]},", 1);
    assert_eq!(read(Format::Json, file.as_bytes(), |_, _| {}).unwrap().rows, 2);
}

#[test]
fn formats_that_are_only_written_say_so() {
    for format in [Format::Csv, Format::Markdown, Format::Html, Format::Junit] {
        assert_eq!(problem(format, ""), Problem::OneWay);
    }
}

#[test]
fn brackets_without_end_do_not_take_the_stack() {
    let file = format!("{{\"schema\":{}", "[".repeat(1 << 20));
    assert!(read(Format::Json, file.as_bytes(), |_, _| {}).is_err());
    assert!(read(Format::JsonLines, "[".repeat(1 << 20).as_bytes(), |_, _| {}).is_err());
}

/// A text of JSON that never ends.
struct Endless<'a> {
    begin: &'a [u8],
}

impl Read for Endless<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let begun = self.begin.read(buffer)?;
        if begun > 0 {
            return Ok(begun);
        }
        buffer.fill(b' ');
        Ok(buffer.len())
    }
}

#[test]
fn a_row_without_end_is_given_up() {
    for format in [Format::Json, Format::JsonLines] {
        let endless = BufReader::new(Endless { begin: b"{\"schema\":\"llmx.compare/1\"," });
        let error = up_to(100_000, format, endless, &mut |_, _| {}).unwrap_err();
        assert_eq!(error.problem, Problem::TooLong, "{format:?}");
    }
}

#[test]
fn only_a_row_has_a_limit_and_not_the_file() {
    for format in [Format::Json, Format::JsonLines] {
        let rows: Vec<_> = (0..40).map(|index| record(index, &"p".repeat(9_000), vec![whole(0, "t")])).collect();
        let file = of(format, &comparison(&["a/one"]), &rows);
        let mut count = 0;
        assert!(file.len() > 300_000);
        up_to(20_000, format, file.as_bytes(), &mut |_, _| count += 1).unwrap();
        assert_eq!(count, 40, "{format:?}");
    }
}

proptest! {
    #[test]
    fn no_file_makes_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        for format in [Format::Json, Format::JsonLines] {
            let _ = read(format, bytes.as_slice(), |_, _| {});
        }
    }

    #[test]
    fn no_change_of_a_file_makes_a_panic(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        for format in [Format::Json, Format::JsonLines] {
            let mut file = of(format, &comparison(&["a/one", "b/two"]), &two_rows()).into_bytes();
            let at = at.index(file.len());
            file[at] = byte;
            let _ = read(format, file.as_slice(), |_, _| {});
        }
    }
}
