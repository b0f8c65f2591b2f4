//! What is shown of an answer is kept as it comes, so that a process that is killed leaves it behind.

use std::time::Duration;

use jiff::Timestamp;

use super::live::Live;

/// What was shown is kept so often, besides at the end of each block: each piece costs a transaction.
const EVERY: Duration = Duration::from_millis(500);

/// What was kept of an answer, and what was not yet.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pieces: u32,
    text: String,
    kept_at: Option<Timestamp>,
}

impl Draft {
    /// Takes what was shown; returns what is to be kept now. The first words are, for the question is kept with them.
    fn take(&mut self, shown: &str, now: Timestamp) -> Option<String> {
        self.text.push_str(shown);
        let is_due = self.kept_at.is_none_or(|kept_at| now.duration_since(kept_at).unsigned_abs() >= EVERY);
        let block = || self.text.rfind("\n\n").map(|at| at + 2);
        let end = if is_due { Some(self.text.len()) } else { block() };
        let rest = self.text.split_off(end.filter(|end| *end > 0)?);
        self.kept_at = Some(now);
        Some(std::mem::replace(&mut self.text, rest))
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
            self.drop_draft();
            self.draft = Some(Draft::default());
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
}
