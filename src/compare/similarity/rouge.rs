//! ROUGE-L: the longest sequence of words that two texts share in the same order, gaps allowed.

use super::longest_common::longest_common;
use super::words::words;

/// ROUGE-L F1 over words of `[a-z0-9]`, from 0 to 1, as it is commonly reported: other scripts have no words for it. 0 when
/// either text has none; `None` beyond [`super::LONGEST_COMMON_CELLS`].
pub fn rouge_l(left: &str, right: &str) -> Option<f64> {
    let (left, right) = (latin(left), latin(right));
    let (left, right): (Vec<_>, Vec<_>) =
        (left.split_ascii_whitespace().collect(), right.split_ascii_whitespace().collect());
    f1(&left, &right)
}

/// ROUGE-L F1 over the words of every script, for display. 1 when neither text has a word, 0 when one has none; `None`
/// beyond [`super::LONGEST_COMMON_CELLS`].
pub fn rouge_l_words(left: &str, right: &str) -> Option<f64> {
    let (left, right) = (left.to_lowercase(), right.to_lowercase());
    let (left, right) = (words(&left), words(&right));
    if left.is_empty() && right.is_empty() { Some(1.0) } else { f1(&left, &right) }
}

/// The text in lower case with a space for whatever is not of `[a-z0-9]` then (the Kelvin sign becomes a `k`).
fn latin(text: &str) -> String {
    let lower = text.chars().flat_map(char::to_lowercase);
    lower.map(|char| if char.is_ascii_alphanumeric() { char } else { ' ' }).collect()
}

fn f1(left: &[&str], right: &[&str]) -> Option<f64> {
    if left.is_empty() || right.is_empty() {
        return Some(0.0);
    }
    let common = longest_common(left, right)? as f64;
    let (precision, recall) = (common / right.len() as f64, common / left.len() as f64);
    Some(if common > 0.0 { 2.0 * precision * recall / (precision + recall) } else { 0.0 })
}
