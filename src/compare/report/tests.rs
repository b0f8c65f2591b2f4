//! What holds of the written page, without a browser.

use std::time::Duration;

use base64::Engine;
use proptest::prelude::*;
use ring::digest::{SHA256, digest};

use super::*;
use crate::chat::Buckets;
use crate::compare::check::{Outcome, Verdict};
use crate::compare::{Answer, State, Timing};
use crate::money::Usd;

fn head(title: &str) -> ReportHead {
    ReportHead {
        title: title.to_owned(),
        command: "llmx compare -m a -m b hello".to_owned(),
        created: "2026-11-22T16:00:00Z".parse().unwrap(),
        prices: "2026-11-20".to_owned(),
        seed: u64::MAX.to_string(),
        models: vec![ModelFigures { name: "a".to_owned(), cost: Usd::parse("0.00217"), ..ModelFigures::default() }],
        baseline: 0,
        checks: Vec::new(),
        totals: Totals::default(),
        agreement: Vec::new(),
        disagree_below: 0.4,
        pairs: Vec::new(),
        notes: Vec::new(),
    }
}

fn row(prompt: &str) -> ReportRow {
    ReportRow { id: "1".to_owned(), prompt: prompt.to_owned(), ..ReportRow::default() }
}

fn written(head: &ReportHead, rows: Vec<ReportRow>) -> String {
    let mut page = Vec::new();
    html(head, rows.into_iter().map(Ok), &mut page).unwrap();
    String::from_utf8(page).unwrap()
}

/// What stands between two marks.
fn between<'a>(page: &'a str, before: &str, after: &str) -> &'a str {
    page.split_once(before).unwrap().1.split_once(after).unwrap().0
}

/// The values of a block of data.
fn values(page: &str, id: &str) -> Vec<serde_json::Value> {
    let block = between(page, &format!("<script type=\"application/json\" id=\"{id}\">\n"), "</script>");
    block.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn the_policy_names_exactly_the_style_and_the_script_of_the_page() {
    let page = written(&head("t"), vec![row("p")]);
    let policy = between(&page, "Content-Security-Policy\" content=\"", "\"");
    let source = |text: &str| {
        let hash = base64::engine::general_purpose::STANDARD.encode(digest(&SHA256, text.as_bytes()));
        format!("'sha256-{hash}'")
    };
    let style = source(between(&page, "<style>", "</style>"));
    let script = source(between(&page, "<script>", "</script>"));
    let expected =
        format!("default-src 'none'; style-src {style}; script-src {script}; base-uri 'none'; form-action 'none'; ");
    assert_eq!(policy, format!("{expected}require-trusted-types-for 'script'; trusted-types 'none'"));
}

#[test]
fn the_page_names_no_other_place_and_reads_no_markup() {
    let page = written(&head("t"), Vec::new());
    let page = page.replace("'http://www.w3.org/2000/svg'", "");
    let forbidden = [
        "://",
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "Function(",
        "@import",
        "url(",
        "fetch(",
    ];
    for word in forbidden {
        assert!(!page.contains(word), "{word}");
    }
}

#[test]
fn a_title_cannot_open_an_element() {
    let page = written(&head("</title><script>alert(1)</script>&amp;"), Vec::new());
    let expected = "&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;";
    assert_eq!(between(&page, "<title>", "</title>"), expected);
    assert_eq!(values(&page, "head")[0]["title"], "</title><script>alert(1)</script>&amp;");
}

#[test]
fn money_and_seeds_stay_exact() {
    let head = &values(&written(&head("t"), Vec::new()), "head")[0];
    assert_eq!(head["models"][0]["cost"], "0.00217");
    assert_eq!(head["seed"], "18446744073709551615");
}

/// Takes what is written where a test can look at it meanwhile.
struct Shared<'a>(&'a std::cell::RefCell<Vec<u8>>);
impl Write for Shared<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_row_is_written_before_the_next_is_asked_for() {
    let out = std::cell::RefCell::new(Vec::new());
    let rows = (0..3).map(|at| {
        let so_far = String::from_utf8(out.borrow().clone()).unwrap();
        assert_eq!(so_far.matches("\"prompt\"").count(), at);
        Ok(row("p"))
    });
    html(&head("t"), rows, &mut Shared(&out)).unwrap();
    assert_eq!(values(&String::from_utf8(out.take()).unwrap(), "rows").len(), 3);
}

#[test]
fn a_row_that_cannot_be_had_ends_the_writing_with_its_error() {
    let rows = [Ok(row("p")), Err(io::Error::other("the disk is gone")), Ok(row("q"))];
    let mut page = Vec::new();
    let error = html(&head("t"), rows, &mut page).unwrap_err();
    assert_eq!(error.to_string(), "the disk is gone");
    assert!(!String::from_utf8(page).unwrap().contains("</html>"));
}

#[test]
fn an_answer_brings_all_that_it_knows() {
    let answer = Answer {
        row: 3,
        model: 1,
        repeat: 2,
        state: State::Failed { class: "timeout".to_owned(), message: "no token for 30 s".to_owned() },
        text: "half".to_owned(),
        served: None,
        timing: Some(Timing { first_token: None, first_piece: None, total: Duration::from_micros(1500) }),
        tokens: Some(Buckets { input: 5, cache_read: 2, output: 3, reasoning: 4, ..Buckets::default() }),
        cost: None,
        verdicts: vec![Verdict {
            check: "c".to_owned(),
            outcome: Outcome::Unknown,
            reason: String::new(),
            score: None,
        }],
    };
    let mut row = row("p");
    row.answers.push(ReportAnswer::from(&answer));
    let written = &values(&written(&head("t"), vec![row]), "rows")[0]["answers"][0];
    let expected = serde_json::json!({
        "model": 1, "repeat": 2, "state": "failed", "class": "timeout", "message": "no token for 30 s", "text": "half",
        "first_ms": null, "total_ms": 1.5, "input": 7, "output": 7, "reasoning": 4, "cost": null, "similarity": null,
        "verdicts": [{"check": "c", "outcome": "unknown"}], "regressed": false
    });
    assert_eq!(*written, expected);
}

proptest! {
    #[test]
    fn no_text_can_leave_its_block(text in "(\\PC|[<>&/!\\-\u{0}\u{2028}\u{2029}\u{202e}\r\n\"\\\\]|</script>|<!--|<script){0,40}") {
        let page = written(&head("t"), vec![row(&text)]);
        let block = between(&page, "id=\"rows\">\n", "</script>");
        let stands_out = block.contains(['<', '>', '&', '\u{2028}', '\u{2029}']);
        prop_assert!(!stands_out, "{}", block);
        prop_assert_eq!(&values(&page, "rows")[0]["prompt"], &text);
    }
}
