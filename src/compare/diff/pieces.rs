//! Gathers pieces: neighbours of one kind become one, and what was removed stands before what was added.

use super::segment::Token;
use super::{Diff, Kind, Piece, words};

/// A difference in the making.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    done: Vec<Piece>,
    removed: String,
    added: String,
    /// Blanks that end both sides of a change are told apart from it.
    shares_blanks: bool,
}

impl Pieces {
    /// For words, where `[-one -]{+two +}three` would reach into what follows. Lines have their ends as a part of them.
    pub(super) fn of_words() -> Self {
        Self { shares_blanks: true, ..Self::default() }
    }

    /// Text that both have.
    pub(super) fn equal(&mut self, text: &str) {
        self.settle();
        match self.done.last_mut() {
            Some(piece) if piece.kind == Kind::Equal => piece.text.push_str(text),
            _ => self.push(Kind::Equal, text.to_owned()),
        }
    }

    /// A word that both have; the blanks after it may differ.
    pub(super) fn equal_token(&mut self, old: &Token<'_>, new: &Token<'_>) {
        if old.blanks() == new.blanks() {
            self.equal(new.whole);
        } else {
            self.equal(new.word);
            self.remove(old.blanks());
            self.add(new.blanks());
        }
    }

    /// Text that only the baseline has.
    pub(super) fn remove(&mut self, text: &str) {
        self.removed.push_str(text);
    }

    /// Text that only the new text has.
    pub(super) fn add(&mut self, text: &str) {
        self.added.push_str(text);
    }

    /// The whole difference.
    pub(super) fn finish(mut self) -> Diff {
        self.settle();
        let count = |kind: Kind| {
            let texts = self.done.iter().filter(|piece| piece.kind == kind);
            texts.map(|piece| words(&piece.text).count()).sum()
        };
        Diff { added_words: count(Kind::Added), removed_words: count(Kind::Removed), pieces: self.done }
    }

    /// Ends a change.
    fn settle(&mut self) {
        let mut removed = std::mem::take(&mut self.removed);
        let mut added = std::mem::take(&mut self.added);
        let ends = removed.chars().rev().zip(added.chars().rev());
        let both = ends.take_while(|(old, new)| self.shares_blanks && old == new && old.is_whitespace());
        let shared: usize = both.map(|(blank, _)| blank.len_utf8()).sum();
        removed.truncate(removed.len() - shared);
        let blanks = added.split_off(added.len() - shared);
        self.push(Kind::Removed, removed);
        self.push(Kind::Added, added);
        self.push(Kind::Equal, blanks);
    }

    fn push(&mut self, kind: Kind, text: String) {
        if !text.is_empty() {
            self.done.push(Piece { kind, text });
        }
    }
}
