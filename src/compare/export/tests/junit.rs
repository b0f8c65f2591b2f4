//! The XML is well formed, says what failed, and holds nothing that XML forbids.

use proptest::prelude::*;

use super::super::super::check::Outcome::{Failed, Passed, Unknown};
use super::super::super::digest::report_head;
use super::super::super::fixtures::{comparison, figures, record, whole};
use super::super::junit::in_parts;
use super::super::{Format, Report};
use super::{of, two_rows};

/// Reads XML as strictly as its grammar has it for what we write, and gives the names of its elements in their order.
fn elements(xml: &str) -> Vec<String> {
    let forbidden = |next: char| matches!(next, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\r' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    assert!(!xml.contains(forbidden), "{xml:?}");
    let body = xml.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").unwrap();
    let (mut open, mut names) = (Vec::new(), Vec::new());
    let mut parts = body.split('<');
    assert_eq!(parts.next(), Some(""));
    for part in parts {
        let (tag, text) = part.split_once('>').expect("a tag ends");
        assert!(!text.contains('>'), "{text}");
        references(text);
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name));
            continue;
        }
        let closed = tag.strip_suffix('/');
        let (name, attributes) = closed.unwrap_or(tag).split_once(' ').unwrap_or((closed.unwrap_or(tag), ""));
        let pieces: Vec<&str> = attributes.split('"').collect();
        assert!(pieces.len() % 2 == 1 && pieces.last() == Some(&""), "{tag}");
        assert!(pieces.iter().step_by(2).all(|piece| piece.is_empty() || piece.ends_with('=')), "{tag}");
        pieces.iter().skip(1).step_by(2).for_each(|value| {
            assert!(!value.contains(['\n', '\t']), "{value:?}");
            references(value);
        });
        names.push(name.to_owned());
        if closed.is_none() {
            open.push(name.to_owned());
        }
    }
    assert!(open.is_empty());
    names
}

/// Every `&` begins a reference that we write.
fn references(text: &str) {
    for after in text.split('&').skip(1) {
        let known = ["amp;", "lt;", "gt;", "quot;", "#13;", "#9;", "#10;"];
        assert!(known.iter().any(|reference| after.starts_with(reference)), "{text}");
    }
}

fn count(names: &[String], name: &str) -> usize {
    names.iter().filter(|found| *found == name).count()
}

#[test]
fn a_failed_check_is_a_failure_and_a_failed_request_an_error() {
    let xml = of(Format::Junit, &comparison(&["a/one", "b/two"]), &two_rows());
    let names = elements(&xml);
    assert_eq!((count(&names, "testsuite"), count(&names, "testcase")), (2, 4));
    assert_eq!((count(&names, "failure"), count(&names, "error"), count(&names, "skipped")), (1, 1, 0));
    assert!(
        xml.contains("<testsuite name=\"a/one\" tests=\"2\" failures=\"0\" errors=\"0\" skipped=\"0\" time=\"0.700\"")
    );
    assert!(
        xml.contains("<testsuite name=\"b/two\" tests=\"2\" failures=\"1\" errors=\"1\" skipped=\"0\" time=\"1.210\"")
    );
    assert!(xml.contains("timestamp=\"2026-11-22T16:00:00\""));
    assert!(xml.contains("<failure type=\"check\" message=\"contains:Paris: it is not there\">"));
    assert!(xml.contains("<error type=\"rate_limit\" message=\"429 &lt;slow down&gt;\">1 request\n429"));
}

#[test]
fn a_check_that_cannot_be_told_is_skipped_unless_another_failed() {
    let answers = vec![
        whole(0, "x").checked("a", Passed).checked("b", Unknown),
        whole(0, "x").repeated(1).checked("b", Unknown).checked("c", Failed),
    ];
    let mut comparison = comparison(&["a/one"]);
    comparison.spec.repeats = 2;
    let xml = of(Format::Junit, &comparison, &[record(0, "p", answers)]);
    assert!(xml.contains("name=\"p1 #1\" time=\"0.000\"><skipped message=\"b: it is not there\"/>"), "{xml}");
    assert!(
        xml.contains("name=\"p1 #2\" time=\"0.000\"><failure type=\"check\" message=\"c: it is not there\">"),
        "{xml}"
    );
}

#[test]
fn what_xml_forbids_is_replaced() {
    let mut row = record(0, "p", vec![whole(0, "")]);
    row.row.id = "a\u{0}\u{1b}\u{fffe}\u{ffff}\u{85}é\r\n".to_owned();
    let xml = of(Format::Junit, &comparison(&["a/one"]), &[row]);
    assert!(xml.contains("name=\"a\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{85}é&#13;&#10;\""), "{xml}");
}

#[test]
fn a_long_run_has_several_suites_of_a_model() {
    let comparison = comparison(&["a/one", "b/two"]);
    let rows: Vec<_> = (0..100).map(|index| record(index, "p", vec![whole(0, "x"), whole(1, "y")])).collect();
    let figures = figures(&comparison, &rows);
    let head = report_head(&comparison, &figures, None);
    let report = Report { comparison: &comparison, figures: &figures, head: &head, changes: None };
    let mut xml = Vec::new();
    in_parts(5_000, &report, rows.iter().cloned().map(Ok), &mut xml).unwrap();
    let xml = String::from_utf8(xml).unwrap();
    let names = elements(&xml);
    assert_eq!(count(&names, "testcase"), 200);
    assert!(count(&names, "testsuite") > 4 && xml.matches(" tests=\"0\"").count() == 0);
}

proptest! {
    #[test]
    fn every_text_makes_well_formed_xml(records in super::round_trip::records()) {
        let names = elements(&of(Format::Junit, &comparison(&["a/one", "b<&\"\u{0}", "c/three"]), &records));
        prop_assert_eq!(count(&names, "testcase"), records.iter().map(|record| record.answers.len()).sum::<usize>());
    }
}
