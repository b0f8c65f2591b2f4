//! What figures say of rows.

use super::super::check::Outcome::{Failed, Passed};
use super::super::earlier::Earlier;
use super::super::fixtures::{comparison, failed, figures, record, whole};
use super::super::judge::Duel;
use super::super::report::{Met, Transcript};
use super::super::similarity::likeness;
use super::super::statistics::Significance;
use super::super::{State, kept};
use super::*;
use crate::money::Usd;

const MODELS: [&str; 3] = ["a/one", "b/two", "c/three"];

fn close(left: Option<f64>, right: f64) -> bool {
    left.is_some_and(|left| (left - right).abs() < 1e-12)
}

#[test]
fn likeness_is_a_mean_over_prompts_of_means_over_repeats() {
    let rows = [
        record(
            0,
            "p",
            vec![
                whole(0, "one text"),
                whole(0, "another text").repeated(1),
                whole(1, "one text"),
                whole(1, "quite unlike it").repeated(1),
            ],
        ),
        record(1, "q", vec![whole(0, "yes"), whole(1, "no")]),
    ];
    let figures = figures(&comparison(&MODELS[..2]), &rows);
    let first = f64::midpoint(1.0, likeness("another text", "quite unlike it"));
    let expected = f64::midpoint(first, likeness("yes", "no"));
    assert!(close(figures.likeness.of(0, 1), expected) && close(figures.likeness.of(1, 0), expected));
    assert_eq!(figures.likeness.prompts(0, 1), 2);
    assert_eq!(figures.to_baseline.len(), 1);
    assert_eq!((figures.to_baseline[0].model.as_str(), figures.to_baseline[0].prompts), ("b/two", 2));
    assert!(close(Some(figures.to_baseline[0].similarity), expected));
}

#[test]
fn what_failed_or_was_cut_has_no_likeness() {
    let mut cut = whole(2, "the same");
    cut.answer.state = State::Truncated;
    let figures = figures(&comparison(&MODELS), &[record(0, "p", vec![whole(0, "the same"), failed(1), cut])]);
    assert_eq!(
        figures.likeness.matrix,
        [vec![Some(1.0), None, None], vec![None, Some(1.0), None], vec![None, None, Some(1.0)],]
    );
    assert_eq!(figures.likeness.mean(0), None);
    assert_eq!(figures.to_baseline.iter().map(|agreement| agreement.prompts).sum::<usize>(), 0);
}

#[test]
fn a_models_mean_likeness_leaves_itself_out() {
    let rows = [record(0, "p", vec![whole(0, "same"), whole(1, "same"), whole(2, "xyz")])];
    let figures = figures(&comparison(&MODELS), &rows);
    assert!(close(figures.likeness.mean(0), f64::midpoint(1.0, likeness("same", "xyz"))));
}

#[test]
fn cosines_count_prompts_and_not_repeats() {
    let with = |cosine: f64, repeat: u32| kept::KeptAnswer { cosine: Some(cosine), ..whole(1, "t").repeated(repeat) };
    let rows = [record(0, "p", vec![with(1.0, 0), with(0.5, 1)]), record(1, "q", vec![with(0.25, 0)])];
    let figures = figures(&comparison(&MODELS[..2]), &rows);
    assert_eq!(figures.cosines, [None, Some(Cosine { mean: 0.5, prompts: 2 })]);
}

fn judged(first: usize, second: usize, duel: Duel) -> Record {
    let mut row = record(0, "p", Vec::new());
    row.transcripts.push(Transcript { duel: Some(Met { first, second, duel }), ..Transcript::default() });
    row
}

#[test]
fn a_duel_told_the_other_way_round_counts_for_the_same_pair() {
    let rows = [judged(0, 1, Duel::Loss), judged(1, 0, Duel::Win), judged(2, 1, Duel::Win), judged(9, 0, Duel::Win)];
    let figures = figures(&comparison(&MODELS), &rows);
    let seen = figures.duels.iter().map(|pair| (pair.first, pair.second, pair.duels.wins, pair.duels.losses));
    assert_eq!(seen.collect::<Vec<_>>(), [(1, 0, 2, 0), (1, 2, 0, 1)]);
}

#[test]
fn many_duels_are_corrected_for_being_many() {
    let mut rows: Vec<Record> = (0..6).map(|_| judged(1, 0, Duel::Win)).collect();
    let alone = figures(&comparison(&MODELS), &rows);
    assert!(matches!(alone.duels[0].significance, Significance::Different { .. }), "{:?}", alone.duels);
    rows.extend((0..6).map(|_| judged(2, 0, Duel::Win)));
    let both = figures(&comparison(&MODELS), &rows);
    assert_eq!(both.duels[0].adjusted, Some(2.0 * both.duels[0].p));
    assert!(matches!(both.duels[0].significance, Significance::NoDifference { .. }), "{:?}", both.duels);
}

#[test]
fn rows_of_one_cluster_are_drawn_together() {
    let rows: Vec<Record> = (0..8)
        .map(|index| {
            let outcome = if index < 4 { Passed } else { Failed };
            let answers = vec![whole(0, "x").checked("c", Failed), whole(1, "y").checked("c", outcome)];
            let mut row = record(index, &format!("p{index}"), answers);
            row.row.cluster = Some(if index < 4 { "left" } else { "right" }.to_owned());
            row
        })
        .collect();
    let difference = |rows: &[Record]| {
        let figures = figures(&comparison(&MODELS[..2]), rows);
        figures.summary.models[1].against.unwrap().passes.unwrap().difference.unwrap().interval
    };
    let clustered = difference(&rows);
    assert_eq!((clustered.lower, clustered.upper), (0.0, 1.0));
    let mut alone = rows;
    for row in &mut alone {
        row.row.cluster = None;
    }
    assert!(difference(&alone).lower > 0.0);
}

#[test]
fn a_head_says_what_is_known_and_no_more() {
    let comparison = comparison(&MODELS[..2]);
    let rows = [record(
        0,
        "p",
        vec![
            whole(0, "x").told(400, "0.0002166").checked("contains:x", Passed),
            whole(1, "y").checked("contains:x", Failed),
        ],
    )];
    let head = report_head(&comparison, &figures(&comparison, &rows), None);
    assert_eq!(head.command, r"llmx compare -m a/one,b/two 'it'\''s here'");
    assert_eq!((head.models[0].cost, head.models[0].total_ms), (Usd::parse("0.0002166"), Some(400.0)));
    assert_eq!((head.models[0].passed, head.models[0].checked), (1, 1));
    assert_eq!((head.models[0].input, head.models[1].total_ms), (None, None));
    assert_eq!(head.totals.wall_ms, Some(3110.0));
    assert_eq!(head.notes, ["one row left out"]);
    assert_eq!(head.pairs.len(), 1);
    assert_eq!(head.pairs[0].verdict, "too few to tell (1 prompt differs, it takes 6)");
    assert!(!head.pairs[0].told);
}

#[test]
fn an_unknown_cost_makes_no_sum() {
    let comparison = comparison(&MODELS[..1]);
    let rows = [record(0, "p", vec![whole(0, "x").told(400, "not known")])];
    let head = report_head(&comparison, &figures(&comparison, &rows), None);
    assert_eq!((head.models[0].cost, head.totals.cost, head.totals.cost_unknown), (None, None, 1));
}

#[test]
fn a_run_that_has_not_ended_says_so() {
    let comparison = Comparison { ended: None, ..comparison(&MODELS[..1]) };
    let head = report_head(&comparison, &figures(&comparison, &[]), None);
    assert_eq!(head.notes, ["the run has not ended: rows may be missing"]);
    assert_eq!(head.totals.wall_ms, None);
}

#[test]
fn a_row_names_only_facts_that_differ() {
    let comparison = comparison(&MODELS);
    let row = record(
        0,
        "p",
        vec![whole(0, "It opened in 1985."), whole(1, "It opened in 1987."), whole(2, "The opening year was 1985.")],
    );
    let shown = report_row(&comparison, &row, None);
    assert_eq!(shown.differences.len(), 1, "{:?}", shown.differences);
    assert!(shown.differences[0].starts_with("b/two: ") && shown.differences[0].contains("1985 / 1987"));
    assert_eq!(shown.answers[0].similarity, None);
    let chrf = super::super::similarity::chrf("It opened in 1987.", "It opened in 1985.");
    assert!(close(shown.answers[1].similarity, chrf));
}

#[test]
fn an_answer_is_held_against_the_baseline_of_its_own_repeat() {
    let comparison = comparison(&MODELS[..2]);
    let row = record(
        0,
        "p",
        vec![
            whole(0, "red"),
            whole(0, "blue").repeated(1),
            whole(1, "blue"),
            whole(1, "blue").repeated(1),
            whole(1, "blue").repeated(2),
        ],
    );
    let shown = report_row(&comparison, &row, None);
    let similarities: Vec<Option<f64>> = shown.answers.iter().map(|answer| answer.similarity).collect();
    assert!(similarities[2] < Some(0.5) && close(similarities[3], 1.0));
    assert_eq!(similarities[4], None);
}

#[test]
fn an_answer_that_got_worse_is_marked() {
    let comparison = comparison(&MODELS[..1]);
    let mut earlier = Earlier::default();
    earlier.take(&comparison.spec.models, &record(4, "p", vec![whole(0, "x").checked("c", Passed)]));
    let now = record(0, "p", vec![whole(0, "y").checked("c", Failed)]);
    let figures = figures(&comparison, std::slice::from_ref(&now));
    let changes = earlier.changes(&figures.judged).unwrap();
    assert!(report_row(&comparison, &now, Some(&changes)).answers[0].regressed);
    assert!(!report_row(&comparison, &now, None).answers[0].regressed);
    let notes = report_head(&comparison, &figures, Some(&changes)).notes;
    assert_eq!(notes[1], "a/one, since the earlier run: 1 worse and 0 better of 1 prompts");
}

#[test]
fn an_answer_that_was_cut_is_told_from_one_that_is_whole() {
    let comparison = comparison(&["a/one", "b/two"]);
    let mut cut = whole(1, "The sky is");
    cut.answer.state = State::Truncated;
    let row = |answers| report_row(&comparison, &record(0, "Why?", answers), None).differences;
    let line = "not all ended alike; cut by the limit of tokens: b/two; whole: a/one";
    assert_eq!(row(vec![whole(0, "The sky is blue."), cut.clone()]), [line]);
    assert!(row(vec![whole(0, "The sky is blue."), whole(1, "The sky is blue.")]).is_empty());
}
