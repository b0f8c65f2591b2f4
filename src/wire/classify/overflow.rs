//! By how much a prompt overflows the window, read out of an error's members or words.

use serde_json::Value;

use crate::failure::Overflow;

/// Words before the window's number.
const BEFORE: &[&str] = &[
    "maximum",
    "max ",
    "limit",
    "context size",
    "context length",
    "context window",
    "window of",
    "allowed",
    "must be",
    "should be",
    "at most",
    "up to",
    "n_ctx",
];

/// Words right before the window's number.
const RIGHT_BEFORE: &[&str] = &["exceeds", "exceed", "more than", "greater than", "than"];

/// Words right after the window's number.
const RIGHT_AFTER: &[&str] = &["maximum", "token limit", "tokens maximum", "token context", "max"];

/// Numbers below this are part of something else: no model has so small a window.
const SMALLEST: u64 = 16;

/// `n_prompt_tokens` and `n_ctx`, as llama.cpp names them.
pub(super) fn of_members(error: &Value) -> Option<Overflow> {
    let count = |name: &str| error.get(name).and_then(Value::as_u64);
    filled(Overflow { needed: count("n_prompt_tokens"), window: count("n_ctx") })
}

/// What the message says, in the many forms in which servers say it.
pub(super) fn of_message(message: &str) -> Option<Overflow> {
    let message = message.to_ascii_lowercase();
    let numbers = numbers(&message);
    let window = after_greater(&message, &numbers).or_else(|| limit(&message, &numbers));
    let window_value = window.map(|index| numbers[index].value);
    let sum = window.and_then(|index| summed(&message, &numbers, index));
    let others = numbers.iter().enumerate().filter(|(index, _)| Some(*index) != window).map(|(_, number)| number.value);
    let needed = window_value.and_then(|window| sum.into_iter().chain(others).filter(|count| *count > window).max());
    filled(Overflow { needed, window: window_value })
}

fn filled(overflow: Overflow) -> Option<Overflow> {
    (overflow.needed.is_some() || overflow.window.is_some()).then_some(overflow)
}

/// A number of the message and where it stands.
struct Number {
    value: u64,
    start: usize,
    end: usize,
}

/// The numbers that stand by themselves. Commas and underscores may part their digits; what is a part of a name or a
/// version is none.
fn numbers(message: &str) -> Vec<Number> {
    let bytes = message.as_bytes();
    let joins = |at: usize| {
        let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
        digit(at) || (matches!(bytes.get(at), Some(b',' | b'_')) && (1..=3).all(|step| digit(at + step)))
    };
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let start = at;
        while joins(at) {
            at += 1;
        }
        let part_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_./".contains(byte);
        let named = start > 0 && part_of_name(&bytes[start - 1]);
        let goes_on = bytes.get(at).is_some_and(|byte| byte.is_ascii_alphabetic() || b"-_".contains(byte))
            || (bytes.get(at) == Some(&b'.') && bytes.get(at + 1).is_some_and(u8::is_ascii_digit));
        let digits: String = message[start..at].chars().filter(char::is_ascii_digit).collect();
        match digits.parse::<u64>() {
            Ok(value) if value >= SMALLEST && !named && !goes_on => found.push(Number { value, start, end: at }),
            _ => {}
        }
    }
    found
}

/// `190000 + 20000 > 200000`: the number after the sign is the window.
fn after_greater(message: &str, numbers: &[Number]) -> Option<usize> {
    let between = |index: usize| &message[numbers[index - 1].end..numbers[index].start];
    (1..numbers.len()).find(|&index| between(index).trim().trim_start_matches("tokens").trim() == ">")
}

/// The first number with words of a limit about it.
fn limit(message: &str, numbers: &[Number]) -> Option<usize> {
    (0..numbers.len()).find(|&index| {
        let from = index.checked_sub(1).map_or(0, |before| numbers[before].end);
        let before = &message[from..numbers[index].start];
        // Words of the sentence before say nothing of this number.
        let before = before.rsplit(['.', ';']).next().unwrap_or(before);
        let after = message[numbers[index].end..].trim_start_matches([' ', ')', ']']);
        BEFORE.iter().any(|words| before.contains(words)) && !before.contains("exceeded by")
            || RIGHT_BEFORE.iter().any(|words| before.trim_end_matches([' ', ':', '(']).ends_with(words))
            || RIGHT_AFTER.iter().any(|words| after.starts_with(words))
    })
}

/// What is added up right before the window's number.
fn summed(message: &str, numbers: &[Number], window: usize) -> Option<u64> {
    let plus = |index: usize| message[numbers[index - 1].end..numbers[index].start].trim() == "+";
    (1..window).find(|&index| plus(index)).map(|index| numbers[index - 1].value.saturating_add(numbers[index].value))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_numbers_are_read_in_a_score_of_wordings() {
        for (message, needed, window) in [
            (
                "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
                Some(9000),
                8192,
            ),
            (
                "This model's maximum context length is 16385 tokens. However, you requested 17000 tokens (13000 in the messages, 4000 in the completion).",
                Some(17000),
                16385,
            ),
            (
                "This endpoint's maximum context length is 131,072 tokens. However, you requested about 200,001 tokens",
                Some(200_001),
                131_072,
            ),
            ("prompt is too long: 3333404 tokens > 200000 maximum", Some(3_333_404), 200_000),
            (
                "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000, decrease input length",
                Some(210_000),
                200_000,
            ),
            (
                "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
                Some(40000),
                32768,
            ),
            (
                "Please reduce the length of the messages or completion. Current length is 9000 while limit is 8192",
                Some(9000),
                8192,
            ),
            (
                "request (2009 tokens) exceeds the available context size (512 tokens), try increasing it",
                Some(2009),
                512,
            ),
            (
                "The input token count (2000000) exceeds the maximum number of tokens allowed (1048576).",
                Some(2_000_000),
                1_048_576,
            ),
            (
                "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 `inputs` tokens and 100 `max_new_tokens`",
                Some(5000),
                4096,
            ),
            ("prompt tokens (300) exceed model maximum (200)", Some(300), 200),
            (
                "Trying to keep the first 5000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens",
                Some(5000),
                4096,
            ),
            ("Input too long: 9000 input tokens, limit is 8192", Some(9000), 8192),
            ("Range of input length should be [1, 30720]", None, 30720),
            (
                "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
                Some(537_812),
                131_072,
            ),
            (
                "too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 5000.",
                Some(5000),
                4081,
            ),
            (
                "Requested token count exceeds the model's maximum context length of 4096 tokens. You requested a total of 5000 tokens",
                Some(5000),
                4096,
            ),
            ("gpt-4-0613 with 2024-10-21: maximum context length of 8192 tokens", None, 8192),
        ] {
            let found = of_message(message).unwrap_or_else(|| panic!("nothing in {message}"));
            assert_eq!((found.needed, found.window), (needed, Some(window)), "{message}");
        }
    }

    #[test]
    fn a_message_without_a_limit_tells_nothing() {
        for message in [
            "The length of all messages is too long",
            "Input is too long for requested model.",
            "500",
            "size limit exceeded by 11326 tokens",
        ] {
            assert_eq!(of_message(message), None, "{message}");
        }
    }

    proptest! {
        #[test]
        fn any_message_is_read_without_a_panic(pieces in prop::collection::vec(prop::sample::select(vec![
            "12345", "99999999999999999999999", "1,000", ",", "_", ".", " > ", " + ", "limit is ", "maximum", "ä€", "(", "-", "tokens ",
        ]), 0..12), noise in ".{0,12}") {
            let found = of_message(&format!("{}{noise}", pieces.concat()));
            prop_assert!(found.is_none_or(|found| found.needed.is_none() || found.needed > found.window));
        }
    }
}
