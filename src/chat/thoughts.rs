//! Thoughts that stand in the text of an answer, before it, as models without another place for them write them.

/// What begins them.
pub const OPEN: &str = "<think>";
/// What ends them.
pub const CLOSE: &str = "</think>";

/// An answer without the thoughts that stand before it: what a model has thought is not told to it again, as the makers of such
/// models ask (DeepSeek's API guide, "Reasoning Model").
pub fn without(answer: &str) -> &str {
    let rest = answer.trim_start().strip_prefix(OPEN).and_then(|rest| rest.split_once(CLOSE));
    rest.map(|(_, answer)| answer.trim_start()).filter(|answer| !answer.is_empty()).unwrap_or(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_is_sent_again_has_no_thoughts_before_it() {
        assert_eq!(without("<think>hm</think>\n\nYes."), "Yes.");
        for whole in ["Yes.", "<think>hm</think>", "<think>hm", "a <think>b</think> c"] {
            assert_eq!(without(whole), whole);
        }
    }
}
