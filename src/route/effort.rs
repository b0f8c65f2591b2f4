//! How hard a model shall think, from the user's word to one that the model takes.

use crate::catalog::Reasoning;
use crate::wire::effort::EFFORTS;

/// Whether this is a word for an effort, or a number of tokens.
pub fn is_known(word: &str) -> bool {
    place(word).is_some() || word.parse::<u64>().is_ok()
}

/// All words, from the least to the most.
pub fn words() -> impl Iterator<Item = &'static str> {
    EFFORTS.iter().map(|(word, _)| *word)
}

/// The effort that a model takes in the place of `asked`; `None` when `asked` will do or nothing better is known.
pub fn nearest(asked: &str, known: &Reasoning) -> Option<String> {
    match asked.parse::<u64>() {
        Ok(tokens) => nearest_to_budget(tokens, known),
        Err(_) => nearest_to_word(asked, known),
    }
    .filter(|nearest| nearest != asked)
}

fn nearest_to_budget(tokens: u64, known: &Reasoning) -> Option<String> {
    if let Some(range) = known.budget {
        return Some(clamped(tokens, range).to_string());
    }
    // Where the catalogue knows of further words, one it lists may be far off: the usual words are as good a guess.
    let usual = words().map(str::to_owned).filter(|_| known.more_efforts && !known.efforts.is_empty());
    let takes = known.efforts.iter().cloned().chain(usual);
    let distance = |word: &String| place(word).map_or(u64::MAX, |place| EFFORTS[place].1.abs_diff(tokens));
    takes.filter(|word| thinks(word) || tokens == 0).min_by_key(distance)
}

fn nearest_to_word(word: &str, known: &Reasoning) -> Option<String> {
    let asked = place(word)?;
    let listed = |word: &str| known.efforts.iter().any(|effort| effort == word);
    // Thinking that can be switched off has a way of its own to say so.
    if listed(word) || known.more_efforts || (word == "none" && known.optional) {
        return None;
    }
    // Of two as near, the lesser costs less. Where a model takes budgets alone, the wire format writes the word as one.
    let takes = known.efforts.iter().filter(|effort| thinks(effort) || !thinks(word));
    takes.min_by_key(|effort| place(effort).map_or(usize::MAX, |at| at.abs_diff(asked))).cloned()
}

/// Whether a word asks for any thinking: who does is not given none instead.
fn thinks(word: &str) -> bool {
    word != "none"
}

fn clamped(tokens: u64, (least, most): (Option<u64>, Option<u64>)) -> u64 {
    tokens.max(least.unwrap_or(0)).min(most.unwrap_or(u64::MAX))
}

fn place(word: &str) -> Option<usize> {
    EFFORTS.iter().position(|(known, _)| *known == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_for_thinking_is_not_given_none() {
        let coarse = takes(&["none", "high"], None);
        assert_eq!(nearest("low", &coarse).as_deref(), Some("high"));
        assert_eq!(nearest("300", &coarse).as_deref(), Some("high"));
        assert_eq!(nearest("0", &coarse).as_deref(), Some("none"));
        let more = Reasoning { more_efforts: true, ..takes(&["xhigh"], None) };
        assert_eq!(nearest("9000", &more).as_deref(), Some("medium"), "a word that is listed may be far off");
    }

    fn takes(efforts: &[&str], budget: Option<(u64, u64)>) -> Reasoning {
        let budget = budget.map(|(least, most)| (Some(least), Some(most)));
        Reasoning { efforts: efforts.iter().map(ToString::to_string).collect(), budget, ..Reasoning::default() }
    }

    #[test]
    fn a_word_that_is_not_listed_becomes_the_nearest() {
        let plain = takes(&["low", "medium", "high"], None);
        for (asked, nearest_one) in [("xhigh", "high"), ("max", "high"), ("none", "low"), ("minimal", "low")] {
            assert_eq!(nearest(asked, &plain).as_deref(), Some(nearest_one), "{asked}");
        }
        assert_eq!(nearest("medium", &plain), None);
        assert_eq!(nearest("medium", &takes(&["low", "high"], None)).as_deref(), Some("low"));
        assert_eq!(nearest("turbo", &plain), None, "a word that llmx does not know is the provider's affair");
        assert_eq!(nearest("low", &Reasoning::default()), None);
        assert_eq!(nearest("low", &Reasoning { more_efforts: true, ..takes(&["max"], None) }), None);
        assert_eq!(nearest("none", &Reasoning { optional: true, ..plain }), None);
    }

    #[test]
    fn a_number_becomes_one_that_is_taken_or_the_nearest_word() {
        let budget = takes(&[], Some((1024, 24_576)));
        assert_eq!(nearest("medium", &budget), None, "how a word is written is the wire format's affair");
        assert_eq!(nearest("100", &budget).as_deref(), Some("1024"));
        assert_eq!(nearest("4096", &budget), None);
        assert_eq!(nearest("9000", &takes(&["low", "medium", "high"], None)).as_deref(), Some("medium"));
        assert_eq!(nearest("9000", &Reasoning::default()), None);
    }
}
