//! What fires a gate, and what leaves it undecided.

use proptest::prelude::*;

use super::super::check::{Outcome, Verdict};
use super::super::summary::{Fold, Passes, Share, regressions};
use super::super::{Answer, State};
use super::*;

/// A run of one model: each prompt passed, failed the check, or was never answered.
fn run(answers: &[Option<bool>]) -> Summary {
    let mut fold = Fold::new(vec!["m".to_owned()], 0, 1);
    for (row, passed) in answers.iter().enumerate() {
        let state = match passed {
            Some(_) => State::Whole,
            None => State::Failed { class: "network".to_owned(), message: String::new() },
        };
        let outcome = if *passed == Some(true) { Outcome::Passed } else { Outcome::Failed };
        let verdicts = vec![Verdict { check: "json".to_owned(), outcome, reason: String::new(), score: None }];
        let (text, served) = (String::new(), None);
        fold.take(&Answer {
            row,
            model: 0,
            repeat: 0,
            state,
            text,
            served,
            timing: None,
            tokens: None,
            cost: None,
            verdicts,
        });
    }
    fold.finish()
}

fn passes(rows: &[bool]) -> Passes {
    rows.iter().map(|passed| Share { passed: u32::from(*passed), judged: 1 }).enumerate().collect()
}

fn decide(
    gates: Gates,
    summary: &Summary,
    changes: &[(String, Regressions)],
    agreements: &[Agreement],
) -> (Decision, String) {
    let ruling = gates.decide(&Evidence { summary, regressions: changes, agreements }).expect("a gate");
    (ruling.decision, ruling.findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}

fn under(bound: f64, answers: &[Option<bool>]) -> (Decision, String) {
    decide(Gates { under: Some(bound), ..Gates::default() }, &run(answers), &[], &[])
}

fn regressed(allowed: Regression, before: &[bool], now: &[bool]) -> (Decision, String) {
    let changes = [("m".to_owned(), regressions(&passes(before), &passes(now)))];
    decide(Gates { regression: Some(allowed), ..Gates::default() }, &run(&[]), &changes, &[])
}

fn alike(bound: f64, agreements: &[Agreement]) -> (Decision, String) {
    decide(Gates { disagreement: Some(bound), ..Gates::default() }, &run(&[]), &[], agreements)
}

#[test]
fn a_rate_below_its_bound_fires_and_says_the_interval() {
    let (decision, words) = under(0.9, &[Some(true), Some(true), Some(true), Some(false)]);
    assert_eq!(decision, Decision::Failed);
    assert_eq!(words, "`m`: 75 % of 4 prompts passed (30–95 % likely), asked for 90 %");
    assert_eq!(under(0.75, &[Some(true), Some(true), Some(true), Some(false)]).0, Decision::Passed);
}

#[test]
fn what_failed_to_be_answered_neither_fires_a_gate_nor_counts_for_it() {
    let (decision, words) = under(1.0, &[Some(true), None, None]);
    assert_eq!(decision, Decision::Passed);
    assert!(words.ends_with("; 2 answers failed and do not count"), "{words}");
    assert!(under(1.0, &[Some(true), None]).1.ends_with("; 1 answer failed and does not count"));
}

#[test]
fn a_run_in_which_everything_failed_is_undecided_and_no_pass() {
    assert_eq!(under(0.0, &[None, None]), (Decision::Undecided, "`m`: nothing to judge: 2 answers failed".to_owned()));
    assert_eq!(under(0.0, &[]), (Decision::Undecided, "`m`: nothing was asked".to_owned()));
    assert_eq!(regressed(Regression::AnyPrompt, &[true, true], &[]).0, Decision::Undecided);
    assert_eq!(regressed(Regression::Points(100.0), &[], &[true]).0, Decision::Undecided);
    assert_eq!(
        alike(0.0, &[Agreement { model: "m".to_owned(), similarity: f64::NAN, prompts: 0 }]).0,
        Decision::Undecided
    );
    assert_eq!(alike(0.0, &[]), (Decision::Undecided, "there is no model to compare".to_owned()));
}

#[test]
fn any_prompt_that_regressed_fires_even_if_others_improved() {
    let (decision, words) = regressed(Regression::AnyPrompt, &[true, false, false], &[false, true, true]);
    assert_eq!(decision, Decision::Failed);
    assert_eq!(
        words,
        "`m`: 1 prompt passed before and failed now (none may), 2 the other way; 33.33 % passed before, 66.67 % now"
    );
    assert_eq!(regressed(Regression::AnyPrompt, &[true, false], &[true, false]).0, Decision::Passed);
}

#[test]
fn points_are_lost_by_the_rate_and_the_bound_itself_is_no_loss() {
    let before = [true; 10];
    let now: Vec<bool> = (0..10).map(|row| row > 0).collect();
    assert_eq!(regressed(Regression::Points(9.9), &before, &now).0, Decision::Failed);
    assert_eq!(regressed(Regression::Points(10.0), &before, &now).0, Decision::Passed);
    assert_eq!(regressed(Regression::Points(0.0), &[true, false], &[false, true]).0, Decision::Passed);
}

#[test]
fn a_prompt_without_an_answer_now_is_no_regression() {
    let (decision, words) = regressed(Regression::AnyPrompt, &[true, true], &[true]);
    assert_eq!(decision, Decision::Passed);
    assert!(words.ends_with("; 1 prompt has no judged answer now and does not count"), "{words}");
}

#[test]
fn answers_less_alike_than_asked_for_fire() {
    let agreement = |similarity| [Agreement { model: "m".to_owned(), similarity, prompts: 3 }];
    let words = "`m`: similarity to the baseline 0.412 over 3 prompts, asked for 0.5";
    assert_eq!(alike(DISAGREEMENT, &agreement(0.412)), (Decision::Failed, words.to_owned()));
    assert_eq!(alike(DISAGREEMENT, &agreement(0.5)).0, Decision::Passed);
}

#[test]
fn the_worst_finding_decides_and_no_gate_decides_nothing() {
    let gates = Gates { under: Some(0.5), disagreement: Some(0.5), regression: None };
    let run = run(&[Some(true)]);
    assert_eq!(decide(gates, &run, &[], &[]).0, Decision::Undecided);
    let apart = [Agreement { model: "m".to_owned(), similarity: 0.1, prompts: 1 }];
    assert_eq!(decide(gates, &run, &[], &apart).0, Decision::Failed);
    let unknown = Agreement { model: "n".to_owned(), similarity: 0.0, prompts: 0 };
    assert_eq!(decide(gates, &run, &[], &[apart[0].clone(), unknown]).0, Decision::Failed);
    assert_eq!(Gates::default().decide(&Evidence { summary: &run, regressions: &[], agreements: &[] }), None);
}

#[test]
fn bounds_are_read_as_people_write_them() {
    assert_eq!((rate("0.9"), rate("90%"), rate("1"), rate(" 87.5 % ")), (Ok(0.9), Ok(0.9), Ok(1.0), Ok(0.875)));
    assert_eq!(rate("90").expect_err("no share"), "say a share from 0 to 1; did you mean `90%`?");
    assert_eq!((similarity("0.5"), similarity("50%")), (Ok(0.5), Ok(0.5)));
    for (text, points) in [("2", 2.0), ("2.5pp", 2.5), ("3%", 3.0), ("0", 0.0)] {
        assert_eq!(text.parse(), Ok(Regression::Points(points)));
    }
    assert_eq!("any".parse(), Ok(Regression::AnyPrompt));
    for wrong in ["", "-1", "nan", "inf", "1e-3", "101", "101%", "..", "0,9", "%"] {
        assert!(rate(wrong).is_err() && similarity(wrong).is_err() && wrong.parse::<Regression>().is_err(), "{wrong}");
    }
}

proptest! {
    #[test]
    fn whatever_is_written_a_bound_is_a_share_or_an_error(text in "\\PC{0,12}|[0-9.%p ]{0,8}") {
        prop_assert!(rate(&text).is_ok_and(|share| (0.0..=1.0).contains(&share)) || rate(&text).is_err());
        if let Ok(Regression::Points(points)) = text.parse() {
            prop_assert!((0.0..=100.0).contains(&points));
        }
    }
}
