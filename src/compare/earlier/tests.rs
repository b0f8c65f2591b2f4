//! What two runs say of each other.

use super::super::check::Outcome::{self, Failed, Passed};
use super::super::fixtures::{failed, record, whole};
use super::super::statistics::Significance;
use super::*;

fn names(models: &[&str]) -> Vec<String> {
    models.iter().map(|model| (*model).to_owned()).collect()
}

/// A run of one model, as prompts and how it did on them, in this order.
fn run(model: &str, prompts: &[(&str, Outcome)]) -> Judged {
    let mut judged = Judged::default();
    for (index, (prompt, outcome)) in prompts.iter().enumerate() {
        judged.take(&names(&[model]), &record(index, prompt, vec![whole(0, "t").checked("contains:x", *outcome)]));
    }
    judged
}

fn earlier(judged: Judged) -> Earlier {
    Earlier { judged }
}

#[test]
fn rows_are_known_again_in_another_order() {
    let then = earlier(run("m", &[("a", Passed), ("b", Failed), ("c", Passed)]));
    let now = run("m", &[("c", Passed), ("a", Failed), ("b", Passed)]);
    let changes = then.changes(&now).unwrap();
    let (name, since) = &changes.models[0];
    assert_eq!((name.as_str(), since.compared, &since.regressed, &since.improved), ("m", 3, &vec![1], &vec![2]));
    assert!(changes.has_regressed(0, Fingerprint::of(["a"])));
    assert!(!changes.has_regressed(0, Fingerprint::of(["b"])) && !changes.has_regressed(1, Fingerprint::of(["a"])));
    assert_eq!(changes.notes, []);
}

#[test]
fn a_request_that_failed_is_no_regression() {
    let then = earlier(run("m", &[("a", Passed)]));
    let mut now = Judged::default();
    now.take(&names(&["m"]), &record(0, "a", vec![failed(0)]));
    let changes = then.changes(&now).unwrap();
    assert_eq!((changes.models[0].1.regressed.len(), changes.models[0].1.missing), (0, 1));
    assert_eq!(changes.models[0].1.before, None);
}

#[test]
fn many_regressions_are_more_than_chance() {
    let prompts: Vec<String> = (0..8).map(|number| format!("p{number}")).collect();
    let all = |outcome| prompts.iter().map(|prompt| (prompt.as_str(), outcome)).collect::<Vec<_>>();
    let changes = earlier(run("m", &all(Passed))).changes(&run("m", &all(Failed))).unwrap();
    assert!(matches!(changes.models[0].1.significance, Significance::Different { .. }));
}

#[test]
fn runs_of_other_prompts_are_not_compared() {
    let error = earlier(run("m", &[("a", Passed), ("b", Passed)])).changes(&run("m", &[("c", Passed)])).unwrap_err();
    assert_eq!(error, NothingCommon::Prompts { then: 2, now: 1 });
    assert!(error.to_string().starts_with("no prompt is the same as in the earlier run (2 prompts then, 1 now)"));
}

#[test]
fn runs_of_other_models_are_not_compared() {
    let error = earlier(run("m", &[("a", Passed)])).changes(&run("n", &[("a", Passed)])).unwrap_err();
    assert_eq!(error, NothingCommon::Models { then: names(&["m"]), now: names(&["n"]) });
    assert!(error.to_string().contains("`m` then, `n` now"));
}

#[test]
fn an_earlier_run_without_rows_says_so() {
    assert_eq!(Earlier::default().changes(&run("m", &[("a", Passed)])), Err(NothingCommon::Empty));
}

#[test]
fn what_only_one_run_has_is_told() {
    let mut then = run("m", &[("a", Passed), ("b", Passed)]);
    then.take(&names(&["m", "old"]), &record(2, "c", vec![whole(0, "t").checked("contains:x", Passed)]));
    let mut now = Judged::default();
    for (index, prompt) in ["a", "d"].into_iter().enumerate() {
        let row = record(index, prompt, vec![whole(0, "t").checked("equals:x", Passed)]);
        now.take(&names(&["m", "new"]), &row);
    }
    let changes = earlier(then).changes(&now).unwrap();
    let told: Vec<String> = changes.notes.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "not asked in the earlier run: `new`",
            "asked only in the earlier run: `old`",
            "1 prompt is not in the earlier run",
            "2 prompts of the earlier run are not in this one",
            "1 prompt had other checks in the earlier run",
        ]
    );
    assert_eq!(changes.models[0].1.compared, 1);
    assert_eq!(changes.models[0].1.missing, 0, "a prompt that was not asked is not missing");
}

#[test]
fn rows_that_ask_the_same_are_one_prompt() {
    let then = earlier(run("m", &[("a", Passed), ("a", Passed)]));
    let changes = then.changes(&run("m", &[("b", Passed), ("a", Failed), ("a", Failed)])).unwrap();
    assert_eq!((changes.models[0].1.compared, &changes.models[0].1.regressed), (1, &vec![1]));
}

#[test]
fn a_past_answer_of_a_model_does_not_stand_for_its_present_one() {
    let mut now = Judged::default();
    let answers = vec![whole(0, "t").checked("c", Passed), whole(1, "t").checked("c", Failed)];
    now.take(&names(&["m", "m"]), &record(0, "a", answers));
    let changes = earlier(run("m", &[("a", Passed)])).changes(&now).unwrap();
    assert_eq!(changes.models.len(), 1);
    assert!(changes.has_regressed(1, Fingerprint::of(["a"])) && !changes.has_regressed(0, Fingerprint::of(["a"])));
}
