//! Checks as they are written, and what they say of answers.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::compare::Timing;
use crate::money::Usd;

fn answer(text: &str) -> Answer {
    let timing = Timing {
        first_token: Some(Duration::from_millis(400)),
        first_piece: Some(Duration::from_millis(300)),
        total: Duration::from_millis(1500),
    };
    Answer {
        row: 0,
        model: 0,
        repeat: 0,
        state: State::Whole,
        text: text.to_owned(),
        served: None,
        timing: Some(timing),
        tokens: None,
        cost: Usd::parse("0.002"),
        verdicts: Vec::new(),
    }
}

fn ready(check: &str) -> Ready {
    Check::parse(check).expect("a check").ready(&BTreeMap::new()).expect("no variable")
}

fn verdict(check: &str, answer: &Answer) -> Verdict {
    ready(check).ask(answer, None, |question| panic!("it asks {question:?}")).expect("the request did not fail")
}

fn outcome(check: &str, text: &str) -> Outcome {
    verdict(check, &answer(text)).outcome
}

/// Every line holds, and turned round it does not; and the other way for the second text.
#[test]
fn each_kind_tells_what_holds_from_what_does_not() {
    for (check, holds, fails) in [
        ("contains:Paris", "It is Paris.", "It is paris."),
        ("icontains:PARIS", "It is paris.", "It is Rome."),
        ("icontains:größe", "Die GRÖSSE… GRÖßE", "klein"),
        ("equals: Paris ", "\n Paris\n", "Paris."),
        ("starts-with:The", "  The end", "At The end"),
        ("ends-with:end.", "The end.\n", "The end. No"),
        ("regex:^a.c$", "abc", "abbc"),
        ("regex:(?i)a:b", "x A:B y", "ab"),
        ("number:40..50", "it is 42", "42, or rather 60"),
        ("number:=3.14±0.01", "π is 3.1416", "π is 3"),
        ("json", "{\"a\": [1]}", "{\"a\": [1}"),
        ("json", "```json\n[1]\n```", "Sure: ```json\n[1]\n```"),
        ("finish:stop", "a", ""),
        ("max-cost:0.002", "a", ""),
        ("max-cost:$0.0021", "a", ""),
        ("max-time:1.5s", "a", ""),
        ("max-first-token:400ms", "a", ""),
    ] {
        assert_eq!(outcome(check, holds), Outcome::Passed, "{check}: {holds}");
        assert_eq!(outcome(&format!("not-{check}"), holds), Outcome::Failed, "not-{check}: {holds}");
        if !fails.is_empty() {
            assert_eq!(outcome(check, fails), Outcome::Failed, "{check}: {fails}");
            assert_eq!(outcome(&format!("not-{check}"), fails), Outcome::Passed, "not-{check}: {fails}");
        }
    }
}

#[test]
fn a_limit_that_is_passed_fails_and_says_both_figures() {
    let reason = |check: &str| {
        let verdict = verdict(check, &answer("a"));
        assert_eq!(verdict.outcome, Outcome::Failed, "{check}");
        verdict.reason
    };
    assert_eq!(reason("max-cost:0.001999999999"), "it cost $0.002, and the limit is $0.001999999999");
    assert_eq!(reason("max-time:1499ms"), "it took 1.5s, and the limit is 1.499s");
    assert_eq!(reason("max-first-token:0.3s"), "its first text came after 0.4s, and the limit is 0.3s");
}

#[test]
fn what_was_not_measured_is_never_a_pass() {
    let mut unmeasured = answer("a");
    (unmeasured.cost, unmeasured.timing) = (None, None);
    for check in ["max-cost:1", "max-time:1h", "max-first-token:1h", "similar:0.1"] {
        for check in [check.to_owned(), format!("not-{check}")] {
            let verdict = verdict(&check, &unmeasured);
            assert_eq!(verdict.outcome, Outcome::Unknown, "{check}");
            assert!(!verdict.passed() && !verdict.reason.is_empty());
        }
    }
}

#[test]
fn a_failed_request_is_not_checked_and_nothing_is_asked_for_it() {
    let state = State::Failed { class: "timeout".to_owned(), message: String::new() };
    let failed = Answer { state, ..answer("") };
    for check in ["not-contains:x", "not-refusal", "command:true", "max-cost:1"] {
        assert_eq!(ready(check).ask(&failed, None, |question| panic!("it asks {question:?}")), None, "{check}");
    }
}

#[test]
fn what_a_check_cannot_know_it_asks() {
    for (check, expected) in [
        ("json-schema:out/person.json", Question::Schema("out/person.json")),
        ("command:grep -q x", Question::Command("grep -q x")),
        ("judge:it is polite: very", Question::Judge("it is polite: very")),
        ("refusal", Question::Refusal),
        ("similar:0.8", Question::Likeness("the reference")),
    ] {
        let check = ready(check);
        assert_eq!(check.question(&answer("a"), Some("the reference")), Some(expected));
        let unanswered = check.judge(&answer("a"), None).expect("the request did not fail");
        assert_eq!(unanswered.outcome, Outcome::Unknown);
        let nonsense = check.judge(&answer("a"), Some(Finding::unknown("nonsense"))).expect("it did not fail");
        assert_eq!((nonsense.outcome, nonsense.reason.as_str()), (Outcome::Unknown, "nonsense"));
    }
    let told = |check: &str, holds| ready(check).judge(&answer("a"), Some(Finding::new(holds, "so"))).expect("judged");
    assert!(told("command:x", true).passed() && told("not-command:x", false).passed());
    assert_eq!(told("judge:x", false).reason, "so");
}

#[test]
fn likeness_is_held_to_its_threshold_and_kept_as_a_score() {
    let told = |check: &str, score| {
        let found = Some(Finding::likeness(score));
        let verdict = ready(check).judge(&answer("a"), found).expect("judged");
        (verdict.outcome, verdict.score)
    };
    assert_eq!(told("similar:0.8", 0.8), (Outcome::Passed, Some(0.8)));
    assert_eq!(told("similar:0.8", 0.79), (Outcome::Failed, Some(0.79)));
    assert_eq!(told("not-similar:0.8", 0.79), (Outcome::Passed, Some(0.79)));
    assert_eq!(told("not-similar:0.8", f64::NAN), (Outcome::Unknown, None));
}

#[test]
fn a_refusal_that_the_provider_marks_needs_no_question() {
    let withheld = Answer { state: State::Refused, ..answer("") };
    assert!(verdict("refusal", &withheld).passed() && verdict("finish:refusal", &withheld).passed());
    assert_eq!(verdict("not-refusal", &withheld).outcome, Outcome::Failed);
    let cut = Answer { state: State::Truncated, ..answer("{\"a\":") };
    assert!(verdict("finish:length", &cut).passed() && !verdict("finish:stop", &cut).passed());
    assert_eq!(verdict("json", &cut).outcome, Outcome::Failed);
}

#[test]
fn a_row_fills_the_variables_of_a_check() {
    let check = Check::parse("contains:{{capital}} of {{country}}").expect("a check");
    assert_eq!(check.variables().into_iter().collect::<Vec<_>>(), ["capital", "country"]);
    let mut values: BTreeMap<String, String> = [("capital".to_owned(), "Paris".to_owned())].into();
    let error = check.ready(&values).expect_err("a value is missing");
    assert!(error.to_string().contains("`{{country}}` has no value"), "{error}");
    values.insert("country".to_owned(), "{{capital}}".to_owned());
    let verdict = check.ready(&values).expect("filled").judge(&answer("Paris of {{capital}}"), None).expect("judged");
    assert!(verdict.passed());
    assert_eq!(verdict.check, "contains:{{capital}} of {{country}}");
    let empty = Check::parse("contains:{{x}}").expect("a check").ready(&[("x".to_owned(), " ".to_owned())].into());
    assert!(matches!(empty.expect_err("it would always hold").problem, CheckProblem::NoArgument("TEXT")));
}

#[test]
fn a_wrong_check_says_where_and_what() {
    for (check, at, words) in [
        ("contians:Paris", 1, "no check is called \"contians\""),
        ("not-not-json", 1, "no check is called \"not-json\""),
        ("Paris", 1, "no check is called \"Paris\""),
        (":x", 1, "it has no name"),
        ("", 1, "it has no name"),
        ("contains", 1, "it needs TEXT behind a colon"),
        ("contains: ", 10, "it needs TEXT"),
        ("json:x", 6, "it takes nothing"),
        ("regex: a(", 8, "unclosed group"),
        ("regex:(\\pL{1000}){1000}", 7, "too large"),
        ("number:many", 8, "`many` is no number"),
        ("number:5..1", 8, "lower one comes first"),
        ("similar:80", 9, "from 0 to 1"),
        ("similar:NaN", 9, "from 0 to 1"),
        ("max-cost:cheap", 10, "an amount of dollars"),
        ("max-cost:-1", 10, "an amount of dollars"),
        ("max-time:2", 10, "with its unit"),
        ("max-time:0s", 10, "above 0"),
        ("finish:early", 8, "`length`"),
        ("command:rm {{file}}", 9, "takes no variables"),
    ] {
        let error = Check::parse(check).expect_err(check);
        assert!(error.to_string().contains(words), "{check}: {error}");
        assert_eq!(error.at, at, "{check}");
    }
}

#[test]
fn reasons_are_short_and_on_one_line() {
    let long = answer(&"\u{1b}[31m\nünd ".repeat(200_000));
    for check in
        ["contains:x", "equals:x", "starts-with:x", "ends-with:x", "regex:x", "json", "not-contains:ü", "number:1"]
    {
        let verdict = verdict(check, &long);
        assert_eq!(verdict.outcome, Outcome::Failed, "{check}");
        assert!(verdict.reason.chars().count() < 160, "{check}: {}", verdict.reason);
        assert!(!verdict.reason.contains(char::is_control), "{check}: {}", verdict.reason);
    }
    assert_eq!(verdict("contains:x", &answer("")).reason, "it says nothing, without \"x\"");
    assert_eq!(verdict("not-contains:b", &answer("abc")).reason, "it says \"abc\", with \"b\"");
    assert_eq!(verdict("contains:b", &answer("abc")).reason, "");
}

#[test]
fn hostile_answers_take_linear_time() {
    let deep = answer(&"[".repeat(1 << 20));
    assert_eq!(verdict("json", &deep).outcome, Outcome::Failed);
    assert_eq!(verdict("regex:(a+)+$", &answer(&"a".repeat(1 << 18))).outcome, Outcome::Passed);
    assert_eq!(verdict("regex:(x+x+)+y", &answer(&"x".repeat(1 << 18))).outcome, Outcome::Failed);
}

#[test]
fn names_are_unique_and_none_hides_another() {
    for (index, kind) in KINDS.iter().enumerate() {
        assert!(!kind.name.starts_with("not-") && !kind.help.is_empty());
        assert!(KINDS[index + 1..].iter().all(|other| other.name != kind.name), "{}", kind.name);
    }
}

proptest! {
    #[test]
    fn no_check_and_no_answer_make_it_panic(
        name in prop::sample::select(KINDS.iter().map(|kind| kind.name).collect::<Vec<_>>()),
        negated: bool,
        argument in "\\PC{0,12}",
        text in "\\PC{0,40}",
    ) {
        let check = format!("{}{name}:{argument}", if negated { "not-" } else { "" });
        if let Ok(check) = Check::parse(&check)
            && let Ok(ready) = check.ready(&BTreeMap::new())
        {
            ready.ask(&answer(&text), Some("x"), |_| Finding::unknown("nobody knows"));
        }
    }

    #[test]
    fn any_text_is_a_check_or_an_error(text in "\\PC{0,30}") {
        if let Err(error) = Check::parse(&text) {
            prop_assert!(error.at >= 1 && error.at <= text.chars().count() + 1);
        }
    }
}
