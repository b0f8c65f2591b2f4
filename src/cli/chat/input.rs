//! What the user says next: a line, or that it is enough.

use super::block::{self, Typed};
use super::question::Question;
use super::talk::Talk;
use super::{ahead, command};
use crate::cli::signal::Interrupt;
use crate::error::Error;
use crate::ui::editor::{Editor, Line};

/// What was typed.
pub(super) enum Input {
    /// A question or a command.
    Text(String),
    /// The user leaves.
    Leave,
}

/// What happens next.
pub(super) enum Next {
    /// The next line is read.
    Read,
    /// A question is asked.
    Ask(Question),
    /// The last question is asked of other models, of those that are named.
    Compare(Vec<String>),
    /// All but so many of the last turns are summed up.
    Summarize(usize),
    /// The chat ends.
    Leave,
}

/// Waits for a line. Ctrl-C throws away what is typed; where nothing is, a second one leaves. The error is that of a signal
/// that ends the program, or of an input that cannot be read.
pub(super) async fn next(talk: &mut Talk<'_>, editor: &mut Editor, interrupt: &mut Interrupt) -> Result<Input, Error> {
    if let Some(line) = queued(talk) {
        editor.keep(&line);
        let first = line.lines().next().unwrap_or_default();
        let more = line.lines().count().saturating_sub(1);
        let more = if more > 0 { format!(" … and {more} more lines") } else { String::new() };
        talk.ui().out_clean(&format!("{}{first}{more}\n", talk.prompt()))?;
        return Ok(Input::Text(line));
    }
    let mut was_interrupted = false;
    let mut block = String::new();
    loop {
        let prompt = if block.is_empty() { talk.prompt() } else { "... ".to_owned() };
        let mut begun = std::mem::take(&mut talk.begun);
        if begun.is_empty() && block.is_empty() {
            begun = talk.held.pop_front().unwrap_or_default();
        }
        match line(talk, editor, interrupt, (&prompt, &begun)).await? {
            Line::Said(line) => {
                block.push_str(&line);
                if !block::is_open(&block) {
                    return Ok(Input::Text(block));
                }
                block.push('\n');
            }
            Line::Ended if block.is_empty() => return Ok(Input::Leave),
            // The end of the input closes the block.
            Line::Ended => return Ok(Input::Text(block)),
            Line::Interrupted { was_empty: true } if was_interrupted => return Ok(Input::Leave),
            Line::Interrupted { was_empty } => {
                block.clear();
                was_interrupted = was_empty;
                if was_empty {
                    talk.ui().note("Ctrl-C once more leaves, as do Ctrl-D and /exit");
                }
            }
            Line::Failed(error) => {
                return Err(Error::new(crate::error::ErrorKind::Other, "cannot read what is typed").caused_by(error));
            }
        }
    }
}

/// The next line that waits, with those that follow it in its block. A block that is open when there are no more goes on at the
/// prompt.
fn queued(talk: &mut Talk<'_>) -> Option<String> {
    let mut text = talk.queued.pop_front()?;
    while block::is_open(&text) {
        text.push('\n');
        let Some(line) = talk.queued.pop_front() else {
            talk.begun.insert_str(0, &text);
            return None;
        };
        text.push_str(&line);
    }
    Some(text)
}

/// Waits for a line behind a prompt, where `begun` stands already. The error is that of a signal that ends the program.
pub(super) async fn line(
    talk: &Talk<'_>,
    editor: &mut Editor,
    interrupt: &mut Interrupt,
    (prompt, begun): (&str, &str),
) -> Result<Line, Error> {
    let mut resumed = ahead::resumed()?;
    loop {
        tokio::select! {
            line = editor.read(prompt, begun, talk.ui()) => return Ok(line),
            () = interrupt.wait() => {
                if interrupt.is_final() {
                    return Err(Error::interrupted(interrupt.exit_code()).already_told());
                }
                interrupt.rearm();
                talk.ui().ask("\n");
                return Ok(Line::Interrupted { was_empty: true });
            }
            _ = resumed.recv() => if let Some(keyboard) = &talk.keyboard {
                keyboard.take_back_editing(talk.ui());
                editor.redraw();
            },
        }
    }
}

/// Tells what a line asks for, and does it when it is a command.
pub(super) fn understand(talk: &mut Talk<'_>, text: &str) -> Result<Next, Error> {
    match block::read(text) {
        Typed::Nothing => Ok(Next::Read),
        Typed::Words(words) => {
            let question = std::mem::take(&mut talk.pending).saying(words);
            Ok(Next::Ask(talk.worded(question)))
        }
        Typed::Command(name, arguments) => command::run(talk, name, arguments),
    }
}
