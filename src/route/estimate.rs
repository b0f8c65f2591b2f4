//! Estimating tokens without a tokenizer: characters are counted by class, one pass and no allocation. A tokenizer costs
//! hundreds of milliseconds to load, so [`exact`] is only for those who ask for it.

use std::borrow::Cow;

use crate::chat::{AnswerForm, ChatRequest, Part};
use crate::route::{Tokens, media};

/// The longest text that [`exact`] counts, in bytes.
pub const EXACT_LIMIT: usize = 1 << 20;

/// The longest run of white space that [`exact`] takes, in bytes: at a million the tokenizer's pattern overflows its
/// stack and panics, at a hundred thousand it does not.
const LONGEST_BLANK: usize = 10_000;

/// No vocabulary in use holds a token of more bytes: `o200k_base` and `cl100k_base` go up to 128.
const LONGEST_TOKEN: u64 = 128;

/// Tokens of a chat template around one message, and before the answer (`OpenAI` cookbook).
const PER_MESSAGE: u64 = 4;
const BEFORE_ANSWER: u64 = 3;

/// The exact tokens of a request's texts in that encoding, with the chat template around them; `None` as for [`exact`].
pub fn exact_request(encoding: &str, request: &ChatRequest) -> Option<u64> {
    let counts: Vec<u64> = texts(request).map(|text| exact(encoding, &text)).collect::<Option<_>>()?;
    Some(counts.iter().map(|count| count + PER_MESSAGE).sum::<u64>() + BEFORE_ANSWER)
}

/// Everything of a request that a tokenizer reads as text: the turns, and what tools and the answer's form are declared
/// with.
fn texts(request: &ChatRequest) -> impl Iterator<Item = Cow<'_, str>> {
    let parts = request.messages.iter().flat_map(|message| &message.parts).filter_map(|part| match part {
        Part::Text(text) => Some(text.as_str()),
        Part::Thought(thought) => Some(thought.text.as_str()),
        Part::ToolCall(call) => Some(call.arguments.as_str()),
        Part::ToolResult(result) => Some(result.content.as_str()),
        Part::Media(_) => None,
    });
    let spoken = request.system.as_deref().into_iter().chain(parts).map(Cow::Borrowed);
    let tools = request.tools.iter().flat_map(|tool| {
        let description = tool.description.as_deref().unwrap_or_default();
        [Cow::Borrowed(description), Cow::Owned(tool.parameters.to_string())]
    });
    let schema = request.form.iter().filter_map(|form| match form {
        AnswerForm::Json => None,
        AnswerForm::Schema(schema) => Some(Cow::Owned(schema.schema.to_string())),
    });
    spoken.chain(tools).chain(schema)
}

/// What a text measures before it is known who reads it: measure once, then ask for each model's [`Measure::tokens`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measure {
    /// Hundredths of a token of `o200k_base`.
    hundredths: u64,
    /// Surely no fewer tokens than this in any tokenizer.
    at_least: u64,
}

impl Measure {
    /// Measures one text.
    ///
    /// The lower bound counts the words between white space that hold a letter or digit, a long one once for every 128
    /// bytes. Tokenizers cut text at white space before they merge anything, so no token reaches over two such words.
    pub fn of_text(text: &str) -> Self {
        let mut scan = Scan::default();
        for character in text.chars() {
            scan.take(character);
        }
        scan.end_word();
        Self { hundredths: scan.hundredths, at_least: scan.words }
    }

    /// A text of that many tokens of `o200k_base`, which nobody has at hand any more.
    pub const fn of_tokens(tokens: u64) -> Self {
        Self { hundredths: tokens.saturating_mul(100), at_least: 0 }
    }

    /// Measures a request with the chat template around it and with its attachments, which count by a rough figure
    /// ([`media::tokens`]). Neither is part of the lower bound.
    pub fn of_request(request: &ChatRequest) -> Self {
        let measures = texts(request).map(|text| Self::of_text(&text));
        let Self { hundredths, at_least } = measures.fold(Self::default(), |sum, measure| Self {
            hundredths: sum.hundredths + measure.hundredths,
            at_least: sum.at_least + measure.at_least,
        });
        let messages = request.messages.len() as u64 + u64::from(request.system.is_some());
        let attached: u64 = media::of(&request.messages).map(media::tokens).sum();
        Self { hundredths: hundredths + 100 * (PER_MESSAGE * messages + BEFORE_ANSWER + attached), at_least }
    }

    /// The tokens that a model of this tokenizer family ([`Model::tokenizer`](crate::catalog::Model::tokenizer)) reads.
    pub fn tokens(self, family: Option<&str>, model: &str) -> Tokens {
        let expected = (self.hundredths * factor(family, model)).div_ceil(100 * 100);
        Tokens { expected: expected.max(self.at_least), at_least: self.at_least }
    }
}

/// How many tokens a family makes of what `o200k_base` makes 100 of. Measured for Claude; for the others between 100 and
/// 110 by what their makers and users publish.
fn factor(family: Option<&str>, model: &str) -> u64 {
    match family {
        Some("anthropic") => claude_factor(model),
        None if model.contains("claude") => claude_factor(model),
        Some("openai") => 100,
        Some("llama2") => 110,
        _ => 105,
    }
}

/// Claude 4.7 brought a tokenizer that makes about 30 % more tokens. A name without a version is taken to be a late one.
fn claude_factor(model: &str) -> u64 {
    match claude_version(model) {
        Some(version) if version < (4, 7) => 120,
        _ => 157,
    }
}

/// The version in names such as `claude-opus-4-7`, `claude-3-5-sonnet-20241022` and `us.anthropic.claude-sonnet-5-v1:0`.
fn claude_version(model: &str) -> Option<(u64, u64)> {
    let (_, name) = model.rsplit_once("claude")?;
    let from = name.find(|character: char| character.is_ascii_digit())?;
    let mut numbers = name[from..].split(['-', '.']).map(|part| part.parse::<u64>().ok());
    let major = name[from..].split(|character: char| !character.is_ascii_digit()).next()?.parse().ok()?;
    // The part after it is a date in some names.
    let minor = numbers.nth(1).flatten().filter(|minor| *minor < 100);
    Some((major, minor.unwrap_or(0)))
}

/// Classes of characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Class {
    Lower,
    Upper,
    Digit,
    #[default]
    Space,
    Newline,
    Underscore,
    Punctuation,
    Han,
    Kana,
    Hangul,
    Pictograph,
    Other,
}

impl Class {
    fn of(character: char) -> Self {
        match character {
            'a'..='z' => Self::Lower,
            'A'..='Z' => Self::Upper,
            '0'..='9' => Self::Digit,
            '\n' => Self::Newline,
            '_' => Self::Underscore,
            '\u{3040}'..='\u{30ff}' => Self::Kana,
            '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}' => {
                Self::Han
            }
            '\u{1100}'..='\u{11ff}' | '\u{ac00}'..='\u{d7af}' => Self::Hangul,
            '\u{1f000}'..='\u{1faff}' => Self::Pictograph,
            _ if character.is_whitespace() => Self::Space,
            _ if character.is_ascii() => Self::Punctuation,
            _ => Self::Other,
        }
    }
}

/// Where a scan stands.
#[derive(Default)]
struct Scan {
    hundredths: u64,
    words: u64,
    previous: Class,
    /// Characters of the present run of letters, of digits or of one other class.
    run: u64,
    /// Bytes of the present word and whether it holds a letter or digit.
    word: (u64, bool),
}

impl Scan {
    fn take(&mut self, character: char) {
        let class = Class::of(character);
        self.run = if kin(class, self.previous) { self.run + 1 } else { 1 };
        self.hundredths += self.cost(class);
        self.previous = class;
        if character.is_whitespace() {
            self.end_word();
        } else {
            self.word.0 += character.len_utf8() as u64;
            self.word.1 |= character.is_alphanumeric();
        }
    }

    fn end_word(&mut self) {
        let (bytes, counts) = std::mem::take(&mut self.word);
        self.words += if counts { bytes.div_ceil(LONGEST_TOKEN) } else { 0 };
    }

    /// Hundredths of a token that a further character costs: coefficients of a least-squares fit against `o200k_base` on
    /// 506 source and text files. Runs longer than any in such files cost more as they go on.
    fn cost(&self, class: Class) -> u64 {
        let starts = self.run == 1;
        match class {
            Class::Upper if self.previous == Class::Lower => 154,
            Class::Lower | Class::Upper if starts => 104,
            Class::Lower | Class::Upper if self.run > 15 && self.run.is_multiple_of(5) => 100,
            Class::Digit if self.run % 3 == 1 => 154,
            Class::Punctuation if starts => 71,
            Class::Newline if starts => 136,
            Class::Punctuation | Class::Newline | Class::Space if self.run.is_multiple_of(64) => 100,
            Class::Underscore => 37,
            Class::Han => 70,
            Class::Kana => 81,
            Class::Hangul => 88,
            Class::Pictograph => 100,
            Class::Other => 38,
            _ => 0,
        }
    }
}

/// Whether two neighbours belong to one run.
fn kin(class: Class, previous: Class) -> bool {
    use Class::{Lower, Newline, Space, Upper};
    class == previous || matches!((class, previous), (Lower | Upper, Lower | Upper) | (Newline | Space, Newline))
}

/// Counts tokens with the real tokenizer; `None` for an unknown encoding, for texts above [`EXACT_LIMIT`] and for those
/// that are blank over thousands of characters.
///
/// The first call for an encoding takes about 0.2 s and 40 MB: never call it before an answer is shown.
pub fn exact(encoding: &str, text: &str) -> Option<u64> {
    let longest_blank = text.split(|character: char| !character.is_whitespace()).map(str::len).max();
    if text.len() > EXACT_LIMIT || longest_blank > Some(LONGEST_BLANK) {
        return None;
    }
    let tokenizer = match encoding {
        "o200k_base" => tiktoken_rs::o200k_base_singleton(),
        "o200k_harmony" => tiktoken_rs::o200k_harmony_singleton(),
        "cl100k_base" => tiktoken_rs::cl100k_base_singleton(),
        "p50k_base" => tiktoken_rs::p50k_base_singleton(),
        "r50k_base" => tiktoken_rs::r50k_base_singleton(),
        _ => return None,
    };
    Some(tokenizer.count_ordinary(text) as u64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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
    fn claude_reads_more_tokens_and_late_claude_more_again() {
        let factors = [
            ("claude-opus-4-6", 120),
            ("claude-3-5-sonnet-20241022", 120),
            ("claude-opus-4-20250514", 120),
            ("anthropic.claude-v2:1", 120),
            ("anthropic/claude-haiku-4.5", 120),
            ("us.anthropic.claude-opus-4-7-v1:0", 157),
            ("claude-sonnet-5-v1:0", 157),
            ("claude-sonnet-5@default", 157),
            ("claude-haiku-5-5", 157),
            ("claude-opus-latest", 157),
        ];
        for (model, expected) in factors {
            assert_eq!(factor(Some("anthropic"), model), expected, "{model}");
            assert_eq!(factor(None, model), expected, "{model}");
        }
        assert_eq!(factor(Some("anthropic"), "9"), 157);
        assert_eq!((factor(Some("openai"), "claude"), factor(None, "mystery")), (100, 105));
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
}
