//! Words as Unicode has them (UAX #29), in lower case: an ideograph is a word, `1,985` and `don't` are one each.

use std::collections::HashSet;

use unicode_segmentation::UnicodeSegmentation;

/// The words of a text that is in lower case already.
pub fn words(lower: &str) -> Vec<&str> {
    lower.unicode_words().collect()
}

/// How many of all different words two texts both have, from 0 to 1. 1 when neither has a word.
pub fn jaccard(left: &str, right: &str) -> f64 {
    let (left, right) = (left.to_lowercase(), right.to_lowercase());
    let (left, right): (HashSet<&str>, HashSet<&str>) =
        (left.unicode_words().collect(), right.unicode_words().collect());
    let shared = left.intersection(&right).count();
    let all = left.len() + right.len() - shared;
    if all == 0 { 1.0 } else { shared as f64 / all as f64 }
}
