//! Counting with the real tokenizers. A tokenizer costs hundreds of milliseconds to load, so this is only for those who ask
//! for it.

use crate::chat::ChatRequest;

use super::{BEFORE_ANSWER, PER_MESSAGE, texts};

/// The longest text that [`exact`] counts, in bytes.
pub const EXACT_LIMIT: usize = 1 << 20;

/// The longest run of white space that [`exact`] takes, in bytes: at a million the tokenizer's pattern overflows its
/// stack and panics, at a hundred thousand it does not.
pub(super) const LONGEST_BLANK: usize = 10_000;

/// The exact tokens of a request's texts in that encoding, with the chat template around them; `None` as for [`exact`].
pub fn exact_request(encoding: &str, request: &ChatRequest) -> Option<u64> {
    let counts: Vec<u64> = texts(request).map(|text| exact(encoding, &text)).collect::<Option<_>>()?;
    Some(counts.iter().map(|count| count + PER_MESSAGE).sum::<u64>() + BEFORE_ANSWER)
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
