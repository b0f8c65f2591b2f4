//! A run in figures: what is in them, and what is left out.

use std::time::Duration;

use proptest::prelude::*;

use super::super::check::{Outcome, Verdict};
use super::super::statistics::{Side, Significance};
use super::super::{State, Timing};
use super::*;
use crate::chat::Buckets;
use crate::money::Usd;

fn verdict(outcome: Outcome, score: Option<f64>) -> Verdict {
    Verdict { check: "contains:Paris".to_owned(), outcome, reason: String::new(), score }
}

/// A whole answer that took a second and cost a cent.
fn answer(row: usize, model: usize, repeat: u32, passed: bool) -> Answer {
    let outcome = if passed { Outcome::Passed } else { Outcome::Failed };
    Answer {
        row,
        model,
        repeat,
        state: State::Whole,
        text: "Paris".to_owned(),
        served: None,
        timing: Some(timing(1000)),
        tokens: Some(Buckets { input: 10, output: 20, reasoning: 5, ..Buckets::default() }),
        cost: Usd::parse("0.01"),
        verdicts: vec![verdict(outcome, None)],
    }
}

fn timing(milliseconds: u64) -> Timing {
    let first = Some(Duration::from_millis(milliseconds / 2));
    Timing { first_token: first, first_piece: first, total: Duration::from_millis(milliseconds) }
}

fn failure(row: usize, model: usize) -> Answer {
    let state = State::Failed { class: "rate_limit".to_owned(), message: "slow down".to_owned() };
    Answer { state, timing: Some(timing(90_000)), tokens: None, cost: None, ..answer(row, model, 0, true) }
}

fn fold(answers: impl IntoIterator<Item = Answer>) -> Fold {
    let mut fold = Fold::new(vec!["base".to_owned(), "other".to_owned(), "third".to_owned()], 0, 7);
    answers.into_iter().for_each(|answer| fold.take(&answer));
    fold
}

fn against(summary: &Summary, model: usize) -> Against {
    summary.models[model].against.expect("a comparison")
}

#[test]
fn nothing_asked_gives_no_figures() {
    let summary = fold([]).finish();
    let model = &summary.models[1];
    assert_eq!((model.passes, model.score, model.flakiness, model.total_seconds), (None, None, None, None));
    assert_eq!(
        model.against.map(|against| (against.cost_ratio, against.speed_ratio, against.passes)),
        Some((None, None, None))
    );
    assert_eq!(Fold::new(vec!["base".to_owned()], 9, 7).finish().models[0].against, None);
}

#[test]
fn a_failed_answer_is_counted_apart_and_in_no_other_figure() {
    let summary = fold([answer(0, 0, 0, true), answer(1, 0, 0, false), failure(2, 0), failure(3, 0)]).finish();
    let base = &summary.models[0];
    assert_eq!((base.counts.whole, base.counts.failed, base.counts.all()), (2, 2, 4));
    assert_eq!(base.errors, BTreeMap::from([("rate_limit".to_owned(), 2)]));
    let rate = base.passes.expect("a rate");
    assert_eq!((rate.prompts, rate.passed, rate.rate.to_bits()), (2, 1, 0.5_f64.to_bits()));
    assert_eq!(base.total_seconds.map(|spread| (spread.count, spread.median)), Some((2, 1.0)));
    assert_eq!(base.tokens, Tokens { input: 20, output: 50, reasoning: 10, unknown: 0 });
}

#[test]
fn an_unknown_cost_is_counted_and_no_zero() {
    let never_asked = Answer { timing: None, ..failure(3, 0) };
    let summary =
        fold([answer(0, 0, 0, true), Answer { cost: None, ..answer(1, 0, 0, true) }, failure(2, 0), never_asked])
            .finish();
    assert_eq!(summary.models[0].cost, Spending { known: Usd::parse("0.01").expect("a cent"), unknown: 2 });
    let json = serde_json::to_value(&summary).expect("JSON");
    assert_eq!(json["models"][0]["cost"], serde_json::json!({"usd": "0.01", "unknown": 2}));
}

#[test]
fn without_a_check_nothing_passes() {
    let unchecked = Answer { verdicts: Vec::new(), ..answer(0, 0, 0, true) };
    assert_eq!(fold([unchecked]).finish().models[0].passes, None);
}

#[test]
fn a_check_that_cannot_be_told_is_no_pass_and_is_counted() {
    let untold = Answer { verdicts: vec![verdict(Outcome::Unknown, None)], ..answer(0, 0, 0, true) };
    let failed_too = vec![verdict(Outcome::Unknown, None), verdict(Outcome::Failed, None)];
    let failed = Answer { verdicts: failed_too, ..answer(2, 0, 0, true) };
    let rate = fold([untold, answer(1, 0, 0, true), failed]).finish().models[0].passes.expect("a rate");
    assert_eq!((rate.passed, rate.unknown, rate.answers), (1, 1, 3));
}

#[test]
fn repeats_are_averaged_within_their_prompt() {
    // One prompt of ten repeats must not outweigh another of one.
    let many = (0..10).map(|repeat| answer(0, 0, repeat, repeat < 3));
    let base = fold(many.chain([answer(1, 0, 0, true)])).finish().models[0].clone();
    let rate = base.passes.expect("a rate");
    assert!((rate.rate - 0.65).abs() < 1e-12, "{rate:?}");
    assert_eq!((rate.prompts, rate.answers), (2, 11));
    assert_eq!(base.flakiness, Some(Flakiness { prompts: 1, flaky: 1.0, every: 0.0 }));
}

#[test]
fn prompts_whose_repeats_all_pass_are_counted_for_pass_n() {
    let answers = [(0, true), (0, true), (1, true), (1, false), (2, false), (2, false), (3, true), (3, true)];
    let base = fold(answers.map(|(row, passed)| answer(row, 0, 0, passed))).finish().models[0].clone();
    assert_eq!(base.flakiness, Some(Flakiness { prompts: 4, flaky: 0.25, every: 0.5 }));
}

#[test]
fn a_tie_of_repeats_is_no_pass() {
    let share = |passed, judged| Share { passed, judged };
    assert!(share(2, 3).passes() && !share(1, 2).passes() && !share(0, 0).passes());
    assert!(share(1, 2).is_flaky() && !share(2, 2).is_flaky() && !share(0, 2).is_flaky());
}

#[test]
fn only_prompts_that_both_answered_are_compared() {
    // The baseline alone answers a dear and slow one, and must not look dearer and slower for it.
    let slow = Answer { timing: Some(timing(60_000)), cost: Usd::parse("5"), ..answer(1, 0, 0, true) };
    let other = Answer { timing: Some(timing(500)), cost: Usd::parse("0.001"), ..answer(0, 1, 0, false) };
    let summary = fold([answer(0, 0, 0, true), slow, other, failure(1, 1)]).finish();
    let found = against(&summary, 1);
    assert!(found.cost_ratio.is_some_and(|ratio| (ratio - 0.1).abs() < 1e-12), "{found:?}");
    assert!(found.speed_ratio.is_some_and(|ratio| (ratio.value - 2.0).abs() < 1e-12 && ratio.error.is_none()));
    assert_eq!(found.passes.map(|passes| (passes.wins, passes.losses, passes.ties)), Some((0, 1, 0)));
    assert_eq!(found.to_string(), "10.0x cheaper, 2.0x faster");
}

#[test]
fn the_words_turn_with_the_ratio() {
    let slower = Answer { timing: Some(timing(1250)), cost: Usd::parse("0.03"), ..answer(0, 1, 0, true) };
    let free = Answer { cost: Some(Usd::ZERO), timing: None, ..answer(0, 2, 0, true) };
    let summary = fold([answer(0, 0, 0, true), slower, free]).finish();
    let alike = fold([answer(0, 0, 0, true), answer(0, 1, 0, true)]).finish();
    assert_eq!(against(&alike, 1).to_string(), "same cost, same speed");
    assert_eq!(against(&summary, 1).to_string(), "3.0x dearer, 1.25x slower");
    assert_eq!(against(&summary, 2).to_string(), "free");
}

#[test]
fn a_speed_ratio_has_the_spread_of_the_calls_as_its_error() {
    let timed =
        |model, repeat, milliseconds| Answer { timing: Some(timing(milliseconds)), ..answer(0, model, repeat, true) };
    let base = [900, 1000, 1100].map(|milliseconds| timed(0, 0, milliseconds));
    let other = [480, 500, 520].map(|milliseconds| timed(1, 0, milliseconds));
    let third = [1980, 2000, 2020].map(|milliseconds| timed(2, 0, milliseconds));
    let summary = fold(base.into_iter().chain(other).chain(third)).finish();
    assert_eq!(against(&summary, 1).to_string(), "same cost, 2.0 ± 0.3x faster");
    assert_eq!(against(&summary, 2).to_string(), "same cost, 2.0 ± 0.3x slower");
}

/// Rows on which the first model passes and the second does not, or the other way round.
fn split(model: usize, wins: usize, losses: usize) -> Vec<Answer> {
    let pair = |row, won: bool| [answer(row, 0, 0, !won), answer(row, model, 0, won)];
    (0..wins + losses).flat_map(|row| pair(row, row < wins)).collect()
}

#[test]
fn five_prompts_are_too_few_and_six_tell() {
    let told = |wins, losses| against(&fold(split(1, wins, losses)).finish(), 1).passes.expect("pairs").significance;
    assert_eq!(told(5, 0), Significance::TooFew { differing: 5 });
    assert_eq!(told(6, 0), Significance::Different { p: 0.031_25, better: Side::Candidate });
    assert_eq!(told(0, 6), Significance::Different { p: 0.031_25, better: Side::Baseline });
}

#[test]
fn many_models_are_looked_at_together_but_not_with_those_that_tell_nothing() {
    let base = (0..6).map(|row| answer(row, 0, 0, false));
    let sixes =
        |models: &'static [usize]| models.iter().flat_map(|model| (0..6).map(|row| answer(row, *model, 0, true)));
    let both = fold(base.clone().chain(sixes(&[1, 2]))).finish();
    assert_eq!(against(&both, 1).passes.expect("pairs").significance, Significance::NoDifference { p: 0.0625 });
    let third = (0..5).map(|row| answer(row, 2, 0, true));
    let one = fold(base.chain(sixes(&[1])).chain(third)).finish();
    assert_eq!(against(&one, 2).passes.expect("pairs").adjusted, None);
    assert_eq!(against(&one, 1).passes.expect("pairs").adjusted, Some(0.031_25));
}

fn scored(row: usize, model: usize, score: f64) -> Answer {
    Answer { verdicts: vec![verdict(Outcome::Passed, Some(score))], ..answer(row, model, 0, true) }
}

#[test]
fn scores_are_compared_by_prompt_and_rounding_is_a_tie() {
    let pairs = (0..8_u8).flat_map(|row| {
        let score = f64::from(row) / 10.0;
        [scored(row.into(), 0, score), scored(row.into(), 1, score + 0.1 + 0.2 - if row == 0 { 0.3 } else { 0.0 })]
    });
    let summary = fold(pairs).finish();
    let found = against(&summary, 1).scores.expect("scores");
    assert_eq!((found.wins, found.losses, found.ties), (7, 0, 1));
    assert!((found.p - 0.015_625).abs() < 1e-12, "{found:?}");
    let difference = found.difference.expect("an interval");
    assert!((difference.value - 0.2625).abs() < 1e-9 && difference.interval.holds(difference.value), "{difference:?}");
    assert!(summary.models[1].score.is_some_and(|score| (score.mean - 0.6125).abs() < 1e-9 && score.prompts == 8));
}

#[test]
fn means_that_differ_by_rounding_alone_are_a_tie() {
    // In binary a third of 2.1 is not quite 0.7.
    let repeats = [0.2, 0.9, 1.0].map(|score| scored(0, 0, score));
    let found = against(&fold(repeats.into_iter().chain([scored(0, 1, 0.7)])).finish(), 1).scores.expect("scores");
    assert_eq!((found.wins, found.losses, found.ties), (0, 0, 1));
}

#[test]
fn a_row_without_a_cluster_stands_alone() {
    let answers = (0..9).flat_map(|row| [answer(row, 0, 0, row % 2 == 0), answer(row, 1, 0, true)]);
    let found = against(&fold(answers).clustered(BTreeMap::from([(0, 0)])).finish(), 1);
    assert!(found.passes.expect("pairs").difference.is_some(), "{found:?}");
}

#[test]
fn prompts_of_one_cluster_give_a_wider_interval() {
    let answers = || (0..40).flat_map(|row| [answer(row, 0, 0, row % 7 == 0), answer(row, 1, 0, row < 20)]);
    let width = |fold: Fold| {
        let interval = against(&fold.finish(), 1).passes.expect("pairs").difference.expect("an interval").interval;
        interval.upper - interval.lower
    };
    let clusters = (0..40).map(|row| (row, row / 10)).collect();
    assert!(width(fold(answers()).clustered(clusters)) > 1.5 * width(fold(answers())));
}

#[test]
fn regressions_are_those_that_passed_before() {
    let run = |passed: &[(usize, bool)]| fold(passed.iter().map(|(row, passed)| answer(*row, 1, 0, *passed))).passes(1);
    let before = run(&[(0, true), (1, true), (2, false), (3, false), (4, true)]);
    let now = run(&[(0, true), (1, false), (2, true), (3, false), (9, false)]);
    let found = regressions(&before, &now);
    assert_eq!((found.regressed, found.improved), (vec![1], vec![2]));
    assert_eq!((found.compared, found.missing, found.before, found.now), (4, 1, Some(0.5), Some(0.5)));
    assert_eq!(found.significance, Significance::TooFew { differing: 2 });
    assert_eq!(regressions(&before, &Passes::new()).before, None);
}

#[test]
fn an_answer_of_no_known_model_is_left_out() {
    assert_eq!(fold([answer(0, 17, 0, true)]).finish(), fold([]).finish());
}

proptest! {
    // Each case draws some ten thousand resamples.
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_order_of_answers_does_not_matter(
        (scores, order) in proptest::collection::vec((0..5_usize, 0..3_usize, 0.0..1.0_f64), 1..40)
            .prop_flat_map(|scores| (Just(scores.clone()), Just(scores).prop_shuffle()))
    ) {
        let run = |scores: &[(usize, usize, f64)]| {
            let answers = scores.iter().map(|(row, model, score)| scored(*row, *model, *score));
            serde_json::to_string(&fold(answers).finish()).expect("JSON")
        };
        prop_assert_eq!(run(&scores), run(&order));
    }
}
