//! Tests of the estimate.

use proptest::prelude::*;

use super::exact::LONGEST_BLANK;
use super::*;
use crate::chat::{Message, Role};

const ENGLISH: &str = "The quick brown fox jumps over the lazy dog. It wasn't the first time, and nobody who had \
    watched the old farm for a while expected it to be the last; the dog had long since stopped caring.\n\n";
const CODE: &str = "fn first_at_least(key: &str) -> usize {\n    let (mut low, mut high) = (0, TABLE.len());\n    \
    while low < high {\n        let middle = low.midpoint(high);\n        readNextLine(middle);\n    }\n    low\n}\n";
const JSON: &str = "{\"id\": \"chatcmpl-7\", \"created\": 1763467200, \"usage\": {\"prompt_tokens\": 1234, \
    \"completion_tokens\": 567}, \"choices\": [{\"index\": 0, \"finish_reason\": \"stop\"}]}\n";
const CHINESE: &str = "大型语言模型按令牌收费,因此在发送请求之前估算令牌数量很有用。估算不需要精确,但必须很快。";

fn openai(text: &str) -> Tokens {
    Measure::of_text(text).tokens(Some("openai"), "gpt-5.4")
}

#[test]
fn the_estimate_is_near_the_real_count() {
    for text in [ENGLISH, CODE, JSON, CHINESE] {
        let (real, tokens) = (exact("o200k_base", text).expect("counted"), openai(text));
        let percent = tokens.expected * 100 / real;
        assert!((80..=120).contains(&percent), "{percent} % of {real}: {text}");
        assert!(tokens.at_least <= real);
    }
}

#[test]
fn an_empty_text_has_no_tokens_and_a_word_at_least_one() {
    assert_eq!(openai(""), Tokens::default());
    assert_eq!(openai(" \n\t"), Tokens { expected: 2, at_least: 0 });
    assert_eq!(openai("two words").at_least, 2);
    assert_eq!(openai(&"a".repeat(129)).at_least, 2);
    assert_eq!(openai("--- *** ---").at_least, 0);
}

#[test]
fn every_further_letter_of_a_word_without_end_counts() {
    let long = openai(&"a".repeat(100_000)).expected;
    assert!((10_000..30_000).contains(&long), "{long}");
}

#[test]
fn a_request_adds_its_template() {
    let request = ChatRequest {
        system: Some("Be brief.".to_owned()),
        messages: vec![Message::text(Role::User, "Hello there")],
        ..ChatRequest::default()
    };
    let parts = Measure::of_text("Be brief.").hundredths + Measure::of_text("Hello there").hundredths;
    let measure = Measure::of_request(&request);
    assert_eq!((measure.hundredths, measure.at_least), (parts + 1100, 4));
}

#[test]
fn exact_counts_are_those_of_the_encoding() {
    assert_eq!(exact("cl100k_base", "tiktoken is great!"), Some(6));
    assert_eq!(exact("o200k_base", ""), Some(0));
    assert_eq!(exact("no_base", "x"), None);
}

#[test]
fn exact_refuses_what_would_take_too_long_or_panic() {
    assert_eq!(exact("o200k_base", &"a ".repeat(EXACT_LIMIT / 2 + 1)), None);
    assert_eq!(exact("o200k_base", &format!("{}x", " ".repeat(EXACT_LIMIT - 1))), None);
    let blank = " ".repeat(LONGEST_BLANK);
    assert!(exact("o200k_base", &format!("{blank}x{blank}")).is_some_and(|tokens| tokens > 100));
}

#[test]
fn every_encoding_of_the_catalogue_is_known() {
    let models = crate::catalog::Catalog::builtin();
    let encodings: std::collections::BTreeSet<String> =
        models.models("openai").filter_map(|model| model.encoding).collect();
    assert!(encodings.len() > 2);
    for encoding in encodings {
        assert!(exact(&encoding, "x").is_some(), "{encoding}");
    }
}

proptest! {
    #[test]
    fn the_lower_bound_is_never_above_a_real_count(
        text in prop_oneof![".{0,80}", "([a-z]{0,9}[ /*\n'_0-9A-Zéж漢\u{301}Ⓐ]{1,4}){0,30}"]
    ) {
        for encoding in ["o200k_base", "cl100k_base"] {
            prop_assert!(openai(&text).at_least <= exact(encoding, &text).expect("short"), "{:?}", text);
        }
    }
}
