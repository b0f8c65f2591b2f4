//! Consensus of a handful of answers, by example.

use super::*;
use crate::compare::facts::Stance;

fn answer(text: &str) -> Answer {
    crate::compare::fixtures::whole(0, text).answer
}

fn in_state(text: &str, state: State) -> Answer {
    Answer { state, ..answer(text) }
}

fn failed() -> Answer {
    in_state("", State::Failed { class: "rate_limit".to_owned(), message: "429".to_owned() })
}

fn of(answers: &[Answer]) -> Option<Consensus> {
    Consensus::of(&answers.iter().collect::<Vec<_>>())
}

fn of_texts(texts: &[&str]) -> Consensus {
    of(&texts.iter().map(|text| answer(text)).collect::<Vec<_>>()).expect("two texts or more")
}

const BRIDGE: &str =
    "The old bridge across the river opened in 1985 after three years of work, and it is safe to cross.";
const SAME: &str = "The old bridge across the river was opened in 1985 after three years of work and is safe to cross.";
const ALSO: &str = "After three years of work the old bridge across the river opened in 1985. It is safe to cross.";
const REFUSAL: &str = "I'm sorry, but I can't help with that.";

fn near(one: f64, other: f64) -> bool {
    (one - other).abs() < 1e-9
}

#[test]
fn the_agreement_is_the_mean_of_all_pairs_and_says_what_it_is_without_the_outlier() {
    let found = of_texts(&[BRIDGE, SAME, ALSO, REFUSAL]);
    let pairs = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)];
    let mean = pairs.iter().map(|(one, other)| found.similarity[*one][*other]).sum::<f64>() / 6.0;
    assert!(near(found.agreement, mean));
    assert!(near(found.means[3], (0..3).map(|one| found.similarity[3][one]).sum::<f64>() / 3.0));
    assert_eq!(found.clusters, [vec![0, 1, 2], vec![3]]);
    let outlier = found.outlier.expect("an outlier");
    assert_eq!((outlier.answer, outlier.reason.to_string().as_str()), (3, "refusal"));
    let three = (found.similarity[0][1] + found.similarity[0][2] + found.similarity[1][2]) / 3.0;
    assert!(near(outlier.agreement_without, three) && three > 0.7 && found.agreement < 0.5);
    assert_eq!(found.claims.refused, [3]);
    assert!(!found.approximate);
}

#[test]
fn an_answer_that_failed_or_is_blank_takes_no_part() {
    let found = of(&[answer(BRIDGE), failed(), answer(" \n"), answer(SAME)]).expect("two texts");
    assert_eq!(found.compared, [0, 3]);
    assert_eq!(found.likeness(0, 1), None);
    assert!(found.likeness(0, 3).is_some_and(|likeness| near(likeness, found.agreement)));
    assert!(found.mean(3).is_some() && found.mean(1).is_none());
    assert_eq!(found.outlier, None, "of two nobody stands apart");
    assert_eq!(of(&[answer(BRIDGE), failed()]), None);
    assert_eq!(of(&[]), None);
    let refused = of(&[answer(BRIDGE), answer(SAME), in_state("", State::Refused)]).expect("two texts");
    assert_eq!(refused.claims.refused, [2], "a refusal without a text is one");
}

#[test]
fn one_other_number_among_texts_that_are_alike_stands_apart() {
    let other = BRIDGE.replace("1985", "1987");
    let found = of_texts(&[BRIDGE, &other, SAME, ALSO]);
    assert_eq!(found.clusters.len(), 1, "by their words they are one group");
    let outlier = found.outlier.expect("an outlier");
    assert_eq!((outlier.answer, outlier.reason.to_string().as_str()), (1, "differs in numbers (1987, others 1985)"));
    let said: Vec<_> =
        found.claims.numbers.iter().map(|claim| (claim.value.as_str(), claim.said_by.as_slice())).collect();
    assert_eq!(said, [("1985", &[0, 2, 3][..]), ("1987", &[1])]);
}

#[test]
fn one_negation_among_texts_that_are_alike_stands_apart_in_any_place() {
    let negated = BRIDGE.replace("is safe", "is not safe");
    for place in 0..3 {
        let mut texts = vec![BRIDGE, SAME];
        texts.insert(place, &negated);
        let outlier = of_texts(&texts).outlier.expect("an outlier");
        assert_eq!(outlier.answer, place);
        assert_eq!(outlier.reason.to_string(), "differs in a negation (not safe, others is safe)");
    }
}

#[test]
fn the_answer_that_is_most_like_all_others_may_be_the_one_that_negates() {
    let negated = BRIDGE.replace("is safe", "is not safe");
    let found = of_texts(&[SAME, &negated, ALSO]);
    assert!(found.means[1] > found.means[0] && found.means[1] > found.means[2], "{:?}", found.means);
    assert_eq!(found.outlier.map(|outlier| outlier.answer), Some(1));
}

#[test]
fn who_alone_says_no_stands_apart() {
    let found = of_texts(&[
        &format!("Yes. {BRIDGE}"),
        &format!("Yes, {SAME}"),
        &format!("No. {BRIDGE}"),
        &format!("Yes: {ALSO}"),
    ]);
    assert_eq!(found.outlier.map(|outlier| outlier.reason), Some(Reason::Stance { says: Stance::No }));
    assert_eq!((found.claims.yes, found.claims.no, found.claims.neither), (vec![0, 1, 3], vec![2], vec![]));
}

#[test]
fn a_cut_a_foreign_and_a_long_answer_are_told_apart() {
    let reason = |last: Answer| {
        let found = of(&[answer(BRIDGE), answer(SAME), answer(ALSO), last]).expect("a consensus");
        let outlier = found.outlier.expect("an outlier");
        assert_eq!(outlier.answer, 3);
        outlier.reason.to_string()
    };
    assert_eq!(reason(in_state("Let me think about this one", State::Truncated)), "truncated");
    assert_eq!(reason(answer("这座老桥建成了，通行很安全。")), "another script");
    assert_eq!(
        reason(answer("Quite unlike all that was said before by anybody whose words are kept here. ".repeat(8).trim())),
        "6.2x as long"
    );
    assert_eq!(
        reason(answer("Crossing it poses few hazards; construction finished during President Reagan's second term.")),
        "other words"
    );
}

#[test]
fn where_all_differ_or_two_groups_are_equal_nobody_stands_apart() {
    let others = ["Quartz glows", "Seven minus a half?", "fn main() {}"];
    let found = of_texts(&others);
    assert_eq!((found.clusters.len(), found.outlier), (3, None));
    let found = of_texts(&[BRIDGE, BRIDGE, "Quartz glows by night", "Quartz glows at nights"]);
    assert_eq!((found.clusters.len(), found.outlier), (2, None));
    assert_eq!(of_texts(&[BRIDGE, BRIDGE, BRIDGE]).outlier, None);
    assert!(near(of_texts(&[BRIDGE, BRIDGE]).agreement, 1.0));
}

#[test]
fn json_is_told_by_validity_and_keys() {
    let found = of_texts(&[
        r#"{"name": "Ada", "born": 1815}"#,
        r#"{"born": 1815, "name": "Ada"}"#,
        "```json\n{\"name\": \"Ada\"}\n```",
        "{\"name\": ",
    ]);
    assert_eq!(found.claims.json_valid, [0, 1, 2]);
    assert_eq!(found.claims.json_invalid, [3]);
    assert_eq!(found.claims.same_keys, [0, 1]);
}

#[test]
fn a_number_without_a_unit_joins_the_only_unit_that_is_named() {
    let found = of_texts(&["It is 5 km.", "It is 5.", "It is 5 km long, of 7 m.", "It is 7 kg and 7."]);
    let said: Vec<_> = found
        .claims
        .numbers
        .iter()
        .map(|claim| (claim.value.as_str(), claim.unit.as_deref(), claim.said_by.len()))
        .collect();
    assert_eq!(said, [("5", Some("km"), 3), ("7", Some("m"), 1), ("7", Some("kg"), 1), ("7", None, 1)]);
}

#[test]
fn many_long_answers_are_estimated_and_that_is_said() {
    let text = |from: usize| {
        let letters =
            |digits: String| digits.chars().map(|digit| char::from(b'a' + digit as u8 - b'0')).collect::<String>();
        let word = |number: usize| {
            let digits = (number * 7919 % 10_007).to_string();
            if number.is_multiple_of(40) { digits } else { letters(digits) }
        };
        (from..from + 50_000).map(word).collect::<Vec<_>>().join(" ")
    };
    let answers: Vec<Answer> = (0..18).map(|place| answer(&text(place * 1_000))).collect();
    let found = of(&answers).expect("a consensus");
    assert!(found.approximate);
    assert!(found.claims.more_numbers > 0 && found.claims.numbers.len() == MOST_CLAIMS);
    let exact = crate::compare::similarity::likeness(&answers[0].text, &answers[8].text);
    assert!((found.similarity[0][8] - exact).abs() < 0.02, "{} for {exact}", found.similarity[0][8]);
}
