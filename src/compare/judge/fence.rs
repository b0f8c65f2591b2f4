//! The fence around a text that is judged, so that it cannot speak as the judge's instructions.

use crate::route::chance;

/// A key that none of the texts contains, and that cannot be foretold while they are written: it hangs on all of them.
pub(super) fn key(seed: u64, texts: &[&str]) -> String {
    let state = texts.iter().fold(seed, |state, text| {
        let chunks = text.as_bytes().chunks(8);
        chunks.fold(chance::number(state, text.len() as u64), |state, chunk| {
            let word = chunk.iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
            chance::number(state, word)
        })
    });
    absent(state, texts)
}

/// The first key from here on that none of the texts contains.
pub(super) fn absent(mut state: u64, texts: &[&str]) -> String {
    loop {
        let key = format!("{state:016x}");
        if !texts.iter().any(|text| text.contains(&key)) {
            return key;
        }
        state = chance::number(state, 1);
    }
}

/// A text in its fence.
pub(super) fn fenced(name: &str, text: &str, key: &str) -> String {
    format!("<<<{key} {name}\n{text}\n{key}>>>\n")
}
