//! The conversation that `--continue` goes on with.

use crate::error::{Error, ErrorKind};
use crate::ledger::{Conversation, Ledger};

/// The conversation of the run with that id, or the last one of this terminal when it is empty.
pub(super) fn conversation(id: &str, ledger: &Ledger) -> Result<Conversation, Error> {
    let found = match id {
        "" => ledger.last_conversation(super::terminal_name().as_deref()),
        id => ledger.conversation(id),
    };
    let missing = || {
        let what = if id.is_empty() {
            "no conversation to continue yet".to_owned()
        } else {
            format!("no conversation `{id}`")
        };
        Error::new(ErrorKind::Usage, what).hint("`llmx log` lists what there is")
    };
    let found = found?.ok_or_else(missing)?;
    if found.messages.is_empty() {
        let message =
            format!("conversation `{}` has nothing to continue: its text was not kept, or it has no answer", found.id);
        return Err(Error::new(ErrorKind::Usage, message).hint("`llmx log` lists what there is"));
    }
    Ok(found)
}
