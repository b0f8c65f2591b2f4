//! What one answer says otherwise than the baseline: differences in words, in lines, or in JSON, as pieces that read well.
//!
//! Words are compared inside of sentences that belong together ([`align`]), so that a sentence that was written anew stands
//! as one block instead of as confetti, and a difference costs about as much as its text is long, whatever the text.

mod align;
mod anchors;
mod json;
mod pieces;
mod script;
mod segment;

use std::ops::Range;

use serde::{Deserialize, Serialize};

use self::pieces::Pieces;
use self::segment::{Interner, Token};

/// Two sentences that share less than this (words in order that both have, from 0 to 1) are replaced as whole blocks.
const ALIKE: f64 = 0.4;

/// What a difference is told in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// Words, inside of sentences.
    #[default]
    Words,
    /// Whole lines.
    Lines,
    /// Lines of the canonical JSON of both.
    Json,
}

/// Whose a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Both texts have it.
    Equal,
    /// Only the baseline has it.
    Removed,
    /// Only the new text has it.
    Added,
}

/// A stretch of text of one kind; never empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// Whose it is.
    pub kind: Kind,
    /// The text as it stands in its answer.
    pub text: String,
}

/// A text beside its baseline. The pieces that are not removed are the text, those that are not added are the baseline,
/// both to the byte; neighbours differ in kind, and what was removed stands before what was added in its place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diff {
    /// The pieces in order; none when both texts are empty.
    pub pieces: Vec<Piece>,
    /// Words that only the new text has, as [`words`] counts them.
    pub added_words: usize,
    /// Words that only the baseline has.
    pub removed_words: usize,
}

impl Diff {
    /// The difference in words.
    pub fn in_words(baseline: &str, text: &str) -> Self {
        let mut interner = Interner::default();
        let (old, new) = (Side::new(baseline, &mut interner), Side::new(text, &mut interner));
        let mut pieces = Pieces::of_words();
        for group in align::align(&old, &new) {
            let (old_tokens, new_tokens) = (old.tokens_of(&group.old), new.tokens_of(&group.new));
            compare_words(&mut pieces, &old, old_tokens, &new, new_tokens);
        }
        pieces.finish()
    }

    /// The difference in lines.
    pub fn in_lines(baseline: &str, text: &str) -> Self {
        let (old, new): (Vec<_>, Vec<_>) = (segment::lines(baseline).collect(), segment::lines(text).collect());
        let mut interner = Interner::default();
        let old_ids: Vec<u32> = old.iter().map(|line| interner.id(line)).collect();
        let new_ids: Vec<u32> = new.iter().map(|line| interner.id(line)).collect();
        let mut pieces = Pieces::default();
        let (mut from_old, mut from_new) = (0, 0);
        for step in script::script(&old_ids, &new_ids, script::window(old.len() + new.len())) {
            let (to_old, to_new) = (from_old + step.old, from_new + step.new);
            if step.is_equal {
                pieces.equal(&old[from_old..to_old].concat());
            } else {
                pieces.remove(&old[from_old..to_old].concat());
                pieces.add(&new[from_new..to_new].concat());
            }
            (from_old, from_new) = (to_old, to_new);
        }
        pieces.finish()
    }

    /// The difference in lines of the canonical JSON of both: keys sorted, two blanks of indentation, a fence around it
    /// taken away. The pieces give those forms, not the texts. `None` when one of them is not JSON.
    pub fn in_json(baseline: &str, text: &str) -> Option<Self> {
        Some(Self::in_lines(&json::canonical(baseline)?, &json::canonical(text)?))
    }

    /// The difference in this unit. `None` when that is JSON and one of the texts is not.
    pub fn new(unit: Unit, baseline: &str, text: &str) -> Option<Self> {
        match unit {
            Unit::Words => Some(Self::in_words(baseline, text)),
            Unit::Lines => Some(Self::in_lines(baseline, text)),
            Unit::Json => Self::in_json(baseline, text),
        }
    }

    /// Whether both texts are the same.
    pub fn is_empty(&self) -> bool {
        self.pieces.iter().all(|piece| piece.kind == Kind::Equal)
    }
}

/// The words of a text (Unicode's word boundaries): every Chinese, Japanese or Thai character is one, punctuation is none.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    segment::tokens(text).into_iter().filter(Token::is_word).map(|token| token.word)
}

/// The sentences of a text, each with the blanks after it, so that together they are the text. A line end ends a sentence;
/// what is no sentence of its own (`1.`, a bullet, a single word) belongs to what follows on its line.
pub fn sentences(text: &str) -> Vec<&str> {
    let tokens = segment::tokens(text);
    let mut rest = text;
    let mut found = Vec::new();
    for range in segment::sentences(&tokens) {
        let length = tokens[range].iter().map(|token| token.whole.len()).sum();
        let (sentence, after) = rest.split_at(length);
        found.push(sentence);
        rest = after;
    }
    found
}

/// One text, taken apart.
struct Side<'text> {
    text: &'text str,
    tokens: Vec<Token<'text>>,
    /// What word each token is, the blanks after it left aside.
    ids: Vec<u32>,
    /// The tokens of each sentence.
    sentences: Vec<Range<usize>>,
}

impl<'text> Side<'text> {
    fn new(text: &'text str, interner: &mut Interner<'text>) -> Self {
        let tokens = segment::tokens(text);
        let ids = tokens.iter().map(|token| interner.id(token.word)).collect();
        let sentences = segment::sentences(&tokens);
        Self { text, tokens, ids, sentences }
    }

    /// The tokens of consecutive sentences.
    fn tokens_of(&self, sentences: &Range<usize>) -> Range<usize> {
        match self.sentences.get(sentences.clone()) {
            Some([first, .., last]) => first.start..last.end,
            Some([only]) => only.clone(),
            _ => 0..0,
        }
    }
}

/// Tells sentences that belong together apart word by word, or replaces them whole where too little of them is equal.
fn compare_words(
    pieces: &mut Pieces,
    old: &Side<'_>,
    old_range: Range<usize>,
    new: &Side<'_>,
    new_range: Range<usize>,
) {
    let (old_tokens, new_tokens) = (&old.tokens[old_range.clone()], &new.tokens[new_range.clone()]);
    let window = script::window(old.tokens.len() + new.tokens.len());
    let steps = script::script(&old.ids[old_range], &new.ids[new_range], window);
    let steps = if script::likeness(&steps, old_tokens, new_tokens) < ALIKE {
        vec![script::Step::change(old_tokens.len(), new_tokens.len())]
    } else {
        script::tidy(steps, old_tokens, new_tokens)
    };
    let (mut old_rest, mut new_rest) = (old_tokens, new_tokens);
    for step in steps {
        let (old_here, new_here);
        (old_here, old_rest) = old_rest.split_at(step.old);
        (new_here, new_rest) = new_rest.split_at(step.new);
        if step.is_equal {
            old_here.iter().zip(new_here).for_each(|(old, new)| pieces.equal_token(old, new));
        } else {
            for token in old_here {
                pieces.remove(token.whole);
            }
            for token in new_here {
                pieces.add(token.whole);
            }
        }
    }
}

#[cfg(test)]
mod tests;
