//! What is shown of an answer is kept as it comes, so that a process that is killed leaves it behind.

use super::live::Live;

/// Without an empty line so much is kept at the latest, in bytes: each piece costs a transaction.
const LONGEST: usize = 1024;

/// What was kept of an answer, and what was not yet.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pieces: u32,
    text: String,
}

impl Live<'_> {
    /// Takes what was shown, and keeps whole blocks of it.
    pub(super) fn draft(&mut self, shown: &str) {
        let Some(draft) = self.draft.as_mut().filter(|_| self.keep_text) else { return };
        draft.text.push_str(shown);
        let block = draft.text.rfind("\n\n").map(|at| at + 2);
        let line = || draft.text.rfind('\n').filter(|at| *at >= LONGEST).map(|at| at + 1);
        if let Some(end) = block.or_else(line) {
            let rest = draft.text.split_off(end);
            self.ledger.borrow_mut().draft(&self.run, draft.pieces, &draft.text);
            draft.pieces += 1;
            draft.text = rest;
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
