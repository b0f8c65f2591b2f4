//! The conversation that `--continue` goes on with.

use crate::error::{Error, ErrorKind};
use crate::ledger::{Conversation, Ledger};

/// So many characters of an id are shown at least.
const SHORTEST: usize = 8;

/// The same for somebody who sees which one it is: without one of this terminal, which may have been opened just now, it is the
/// last of all.
pub(super) fn conversation_or_last(id: &str, ledger: &Ledger) -> Result<Conversation, Error> {
    let has_own = || ledger.last_conversation(super::terminal_name().as_deref()).is_ok_and(|found| found.is_some());
    let anywhere = if id.is_empty() && !has_own() { ledger.last_conversation(None)? } else { None };
    anywhere.map_or_else(|| conversation(id, ledger), Ok)
}

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

/// An error where the id of a conversation stands as the first word of a prompt: `-c ID` is written for `-c=ID`, and the id would
/// be asked in another conversation.
pub(super) fn no_id_among_words(continued: Option<&str>, words: &[String], ledger: &Ledger) -> Result<(), Error> {
    let is_like_one = |word: &&String| {
        word.len() >= SHORTEST && word.chars().all(|character| character.is_ascii_hexdigit() || character == '-')
    };
    let Some(word) = words.first().filter(is_like_one).filter(|_| continued == Some("")) else { return Ok(()) };
    if !matches!(ledger.conversation(word), Ok(Some(_))) {
        return Ok(());
    }
    let message = format!("`{word}` is the id of a conversation, and stands here as the prompt");
    Err(Error::new(ErrorKind::Usage, message).hint(format!("`-c={word}` goes on with that conversation")))
}
