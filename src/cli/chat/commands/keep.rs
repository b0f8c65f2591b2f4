//! What is taken along: `/save`, `/copy`, `/export`.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use super::attach;
use super::clipboard;
use crate::cli::chat::command::wrong;
use crate::cli::chat::input::Next;
use crate::cli::chat::question::Question;
use crate::cli::chat::talk::Talk;
use crate::cli::output::{How, Output};
use crate::cli::{extract, log};
use crate::error::Error;
use crate::ledger::Turn;
use crate::ui::sanitize::clean;

fn last<'a>(talk: &'a Talk<'_>) -> Result<&'a Turn, Error> {
    talk.conversation.turns.last().ok_or_else(|| wrong("there is no answer yet"))
}

/// Writes the last answer to a file that is not there yet.
pub fn save(talk: &mut Talk<'_>, typed: &str) -> Result<Next, Error> {
    let path = attach::path(talk, typed)?;
    write(&path, &with_line_end(&last(talk)?.answer))?;
    talk.ui().remark(&format!("the last answer is in {}", path.display()));
    Ok(Next::Read)
}

/// Writes the conversation as Markdown, to a file or on the screen.
pub fn export(talk: &mut Talk<'_>, typed: &str) -> Result<Next, Error> {
    if talk.conversation.turns.is_empty() {
        return Err(wrong("there is nothing to export yet"));
    }
    let page = page(talk);
    if typed.is_empty() {
        talk.ui().out_clean(&page)?;
        return Ok(Next::Read);
    }
    let path = attach::path(talk, typed)?;
    write(&path, &page)?;
    talk.ui().remark(&format!("the conversation is in {}", path.display()));
    Ok(Next::Read)
}

/// Puts the last answer, or a code block of it, into the clipboard.
pub fn copy(talk: &mut Talk<'_>, number: &str) -> Result<Next, Error> {
    let answer = &last(talk)?.answer;
    let (what, text) = if number.is_empty() {
        ("the last answer".to_owned(), answer.clone())
    } else {
        let blocks = extract::blocks(answer);
        let number: usize = number.parse().map_err(|_| wrong("write the number of a code block, such as `/copy 1`"))?;
        let block = number.checked_sub(1).and_then(|index| blocks.get(index));
        let missing = || wrong(format!("the last answer has no code block {number}; it has {}", blocks.len()));
        (format!("code block {number}"), block.ok_or_else(missing)?.clone())
    };
    let how = clipboard::copy(&text, talk)?;
    talk.ui().remark(&format!("{what} is in the clipboard ({} characters, {how})", text.chars().count()));
    Ok(Next::Read)
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    if path.exists() {
        return Err(wrong(format!("`{}` is there already; name another file", path.display())));
    }
    let mut output = Output::open(path, How { replace: false, private: true })?;
    output.write_all(text.as_bytes()).map_err(|error| output.cannot(error))?;
    output.finish()
}

fn with_line_end(text: &str) -> String {
    if text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") }
}

/// The conversation for people: who said what, in order.
fn page(talk: &Talk<'_>) -> String {
    let mut page = String::new();
    let title = talk.conversation.title.as_deref().unwrap_or("Conversation");
    writeln!(page, "# {}\n", clean(title)).ok();
    if let Some(system) = &talk.system {
        writeln!(page, "## System\n\n{}\n", clean(system)).ok();
    }
    for turn in &talk.conversation.turns {
        let who = turn.served_by.as_deref().unwrap_or("Answer");
        let mark = if turn.is_whole { "" } else { "\n*(stopped here)*\n" };
        let (question, answer) = (clean(&log::words(&Question::again(turn).sent())), clean(&turn.answer));
        writeln!(page, "## You\n\n{question}\n\n## {}\n\n{}\n{mark}", clean(who), answer.trim_end()).ok();
    }
    page
}
