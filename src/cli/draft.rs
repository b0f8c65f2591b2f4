//! What is shown of an answer is kept as it comes, so that a process that is killed leaves it behind.

use std::time::Duration;

use jiff::Timestamp;

use super::live::Live;
use crate::secret::{self, Secret};

/// What was shown is kept so often, besides at the end of each block: each piece costs a transaction.
const EVERY: Duration = Duration::from_millis(500);

/// What was kept of an answer, and what was not yet.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pieces: u32,
    text: String,
    kept_at: Option<Timestamp>,
    /// What must not be kept.
    keys: Vec<Secret>,
}

impl Draft {
    /// A draft of which nothing was kept, and in which none of these keys is to be.
    pub(super) fn without(keys: Vec<Secret>) -> Self {
        Self { keys, ..Self::default() }
    }

    /// Takes what was shown; returns what is to be kept now. The first words are, for the question is kept with them.
    fn take(&mut self, shown: &str, now: Timestamp) -> Option<String> {
        self.text.push_str(shown);
        let is_due = self.kept_at.is_none_or(|kept_at| now.duration_since(kept_at).unsigned_abs() >= EVERY);
        let block = || self.text.rfind("\n\n").map(|at| at + 2);
        let end = if is_due { Some(self.text.len()) } else { block() };
        let end = end.map(|end| secret::settled(&self.keys, &self.text[..end]));
        let rest = self.text.split_off(end.filter(|end| *end > 0)?);
        self.kept_at = Some(now);
        let mut kept = std::mem::replace(&mut self.text, rest);
        secret::hide(&self.keys, &mut kept);
        Some(kept)
    }
}

impl Live<'_> {
    /// Takes what was shown, and keeps it as it comes.
    pub(super) fn draft(&mut self, shown: &str) {
        let Some(draft) = self.draft.as_mut().filter(|_| self.keep_text) else { return };
        if let Some(text) = draft.take(shown, Timestamp::now()) {
            self.ledger.borrow_mut().draft(&self.run, draft.pieces, &text);
            draft.pieces += 1;
        }
    }

    /// Another answer takes the place of what was shown, or the whole of it is kept.
    pub(super) fn drop_draft(&mut self) {
        if let Some(draft) = self.draft.take_if(|draft| draft.pieces > 0) {
            drop(draft);
            self.ledger.borrow_mut().forget_draft(&self.run);
        }
    }

    /// What comes now is another answer.
    pub(super) fn begin_draft_anew(&mut self) {
        if self.draft.is_some() {
            let keys = self.draft.as_mut().map(|draft| std::mem::take(&mut draft.keys)).unwrap_or_default();
            self.drop_draft();
            self.draft = Some(Draft::without(keys));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_words_each_block_and_what_came_in_half_a_second_are_kept() {
        let (mut draft, begin) = (Draft::default(), Timestamp::UNIX_EPOCH);
        let mut take = |shown: &str, ms: u64| draft.take(shown, begin + Duration::from_millis(ms));
        assert_eq!(take("", 0), None);
        assert_eq!(take("A long", 0).as_deref(), Some("A long"));
        assert_eq!(take(" paragraph", 100), None);
        assert_eq!(take(".\n\nMore", 200).as_deref(), Some(" paragraph.\n\n"));
        assert_eq!(take(" of", 699), None);
        assert_eq!(take(" it", 700).as_deref(), Some("More of it"));
        assert_eq!(take(" all", 1199), None);
    }

    #[test]
    fn a_key_is_in_no_piece_also_when_it_comes_in_two() {
        let key = "sk-0123456789abcdef";
        let (mut draft, mut kept) = (Draft::without(vec![Secret::new(key)]), String::new());
        for (second, piece) in ["it is ", "sk-01234", "56789abcdef", " and sk-", "no"].into_iter().enumerate() {
            let now = Timestamp::from_second(i64::try_from(second).expect("small")).expect("a time");
            kept.extend(draft.take(piece, now));
        }
        assert_eq!(kept, "it is (redacted) and sk-no");
    }
}
