//! The measures, held to the reference packages and to what they promise of themselves.

use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::route::chance;

/// As near as the references must be.
const NEAR: f64 = 1e-9;

#[derive(Deserialize)]
struct Vectors {
    pairs: Vec<Pair>,
}

#[derive(Deserialize)]
struct Pair {
    of: String,
    left: String,
    right: String,
    chrf: f64,
    rouge_l: f64,
    levenshtein: f64,
    jaccard: f64,
}

fn vectors() -> Vec<Pair> {
    let vectors = include_str!("../../../tests/data/compare/similarity.json");
    serde_json::from_str::<Vectors>(vectors).expect("vectors").pairs
}

#[test]
fn every_measure_equals_its_reference_package_on_texts_of_many_scripts() {
    let pairs = vectors();
    assert!(pairs.len() >= 500, "{} pairs", pairs.len());
    let mut wrong = Vec::new();
    for pair in &pairs {
        let scores = Scores::of(&pair.left, &pair.right);
        let measured = [
            ("chrf", scores.chrf, pair.chrf),
            ("rouge_l", scores.rouge_l.unwrap_or(f64::NAN), pair.rouge_l),
            ("levenshtein", scores.levenshtein.unwrap_or(f64::NAN), pair.levenshtein),
            ("jaccard", scores.jaccard, pair.jaccard),
        ];
        for (measure, ours, reference) in measured {
            if ours.is_nan() || (ours - reference).abs() > NEAR {
                wrong.push(format!("{}: {measure} {ours} for {reference}: {:?} {:?}", pair.of, pair.left, pair.right));
            }
        }
    }
    assert!(wrong.is_empty(), "{} differ\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn text_without_words_has_the_values_that_the_table_says() {
    assert_eq!(Scores::of("", ""), Scores { sim: 1.0, chrf: 0.0, rouge_l: Some(0.0), ..Scores::of("a", "a") });
    let blank = Scores::of(" ", "\u{1c}\n");
    assert_eq!((blank.sim, blank.jaccard, blank.rouge_l_words), (1.0, 1.0, Some(1.0)));
    let one = Scores::of("words", "");
    assert_eq!(
        (one.sim, one.chrf, one.jaccard, one.rouge_l_words, one.levenshtein),
        (0.0, 0.0, 0.0, Some(0.0), Some(0.0))
    );
}

#[test]
fn rouge_of_chinese_is_told_by_the_words_of_unicode_only() {
    assert_eq!(rouge_l("这座桥安全", "这座桥安全"), Some(0.0), "as the reference package has it");
    assert_eq!(rouge_l_words("这座桥安全", "这座桥安全"), Some(1.0));
    assert!(rouge_l_words("这座桥安全", "那座桥安全").is_some_and(|score| (score - 0.8).abs() < NEAR));
}

#[test]
fn a_measure_that_would_take_too_long_is_unknown_and_no_zero() {
    let (left, right) = ("a b ".repeat(120_000), "b c a ".repeat(80_000));
    assert_eq!(rouge_l(&left, &right), None);
    assert_eq!(levenshtein(&left, &right), None);
    let longer = left.clone() + "the end";
    assert!(rouge_l(&left, &longer).is_some_and(|score| score > 0.99));
    let edited = longer.replacen("a b a b a b", "a b a c a b", 1);
    assert!(levenshtein(&left, &edited).is_some_and(|score| score > 0.99), "long texts that are alike are measured");
}

/// A text of this many words, of a vocabulary in which few words are frequent.
fn prose(seed: u64, words: u64) -> String {
    let word = |step| {
        let place = 1_u64 << (chance::number(seed, step) % 10);
        let place = chance::number(seed, step + words) % place;
        format!("{:x}", chance::number(9, place) >> (40 + place % 13))
    };
    (0..words).map(word).collect::<Vec<_>>().join(" ")
}

#[test]
fn likenesses_of_long_texts_are_estimates_near_the_exact_value_and_say_so() {
    let (left, right) = (prose(1, 200_000), prose(2, 200_000));
    let mixed = format!("{}{}", &left[..left.len() / 2], &right[right.len() / 2..]);
    let part = &left[..left.len() / 4];
    let texts = [&*left, &right, &mixed, &left, "a few words", "a few more words", " ", part];
    assert!(texts.iter().map(|text| text.len()).sum::<usize>() > EXACT_BYTES);
    let found = likenesses(&texts);
    assert!(found.approximate);
    for (one, other) in [(0, 1), (0, 2), (1, 2), (4, 5), (0, 6), (0, 7), (7, 1)] {
        let (exact, estimate) = (likeness(texts[one], texts[other]), found.matrix[one][other]);
        assert!((estimate - exact).abs() < 0.02, "{one} {other}: {estimate} for {exact}");
    }
    assert!((found.matrix[0][3] - 1.0).abs() < NEAR);
}

#[test]
fn likenesses_of_all_pairs_are_those_of_each_pair() {
    let pairs = vectors();
    let texts: Vec<&str> = pairs.iter().step_by(9).flat_map(|pair| [pair.left.as_str(), pair.right.as_str()]).collect();
    let found = likenesses(&texts);
    assert!(!found.approximate && texts.len() > 100);
    for (one, row) in found.matrix.iter().enumerate() {
        for (other, found) in row.iter().enumerate() {
            let expected = likeness(texts[one], texts[other]);
            assert!((found - expected).abs() < NEAR, "{found} for {expected}: {:?} {:?}", texts[one], texts[other]);
        }
    }
}

#[test]
fn of_no_text_there_are_no_likenesses() {
    assert_eq!(likenesses(&[]), Likenesses { matrix: Vec::new(), approximate: false });
}

/// Both tables by the book, for short texts.
fn by_the_book(left: &[char], right: &[char]) -> (usize, usize) {
    let mut edits: Vec<usize> = (0..=right.len()).collect();
    let mut common = vec![0; right.len() + 1];
    for (row, one) in left.iter().enumerate() {
        let (edits_above, common_above) = (edits.clone(), common.clone());
        edits[0] = row + 1;
        for (column, other) in right.iter().enumerate() {
            let differs = usize::from(one != other);
            let change = edits_above[column] + differs;
            edits[column + 1] = change.min(edits_above[column + 1] + 1).min(edits[column] + 1);
            let kept = common_above[column] + 1 - differs;
            common[column + 1] = kept.max(common_above[column + 1]).max(common[column]);
        }
    }
    (edits[right.len()], common[right.len()])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn fast_tables_equal_those_by_the_book(left in "[ab]{0,9}[a-d]{0,300}", right in "[ab]{0,9}[a-d]{0,300}") {
        let (left_chars, right_chars): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
        let (edits, common) = by_the_book(&left_chars, &right_chars);
        prop_assert_eq!(super::longest_common::longest_common(&left_chars, &right_chars), Some(common));
        let longer = left_chars.len().max(right_chars.len()).max(1) as f64;
        prop_assert!((levenshtein(&left, &right).unwrap() - (1.0 - edits as f64 / longer)).abs() < NEAR);
    }

    #[test]
    fn a_few_edits_of_a_long_text_are_counted_in_a_narrow_band(
        text in "[a-e]{400,900}", edits in prop::collection::vec((any::<prop::sample::Index>(), "[x-z]{0,3}"), 1..9),
    ) {
        let mut edited: Vec<char> = text.chars().collect();
        for (place, new) in edits {
            let place = place.index(edited.len());
            edited.splice(place..(place + 2).min(edited.len()), new.chars());
        }
        let chars: Vec<char> = text.chars().collect();
        let (edits, common) = by_the_book(&chars, &edited);
        prop_assert_eq!(super::longest_common::longest_common(&chars, &edited), Some(common));
        let expected = 1.0 - edits as f64 / chars.len().max(edited.len()) as f64;
        let edited: String = edited.into_iter().collect();
        prop_assert!((levenshtein(&text, &edited).unwrap() - expected).abs() < NEAR);
    }

    #[test]
    fn any_two_texts_have_scores_from_0_to_1_that_are_the_same_either_way_round(left in "\\PC{0,80}", right in "\\PC{0,80}") {
        let (here, there) = (Scores::of(&left, &right), Scores::of(&right, &left));
        let all = [here.sim, here.chrf, here.jaccard, here.rouge_l.unwrap(), here.rouge_l_words.unwrap(), here.levenshtein.unwrap()];
        prop_assert!(all.iter().all(|score| (0.0..=1.0 + NEAR).contains(score)), "{:?}", all);
        prop_assert!((here.sim - there.sim).abs() < NEAR);
        prop_assert!((here.levenshtein.unwrap() - there.levenshtein.unwrap()).abs() < NEAR);
    }
}
