//! Asking again, differently, or on: `/retry`, `/undo`, `/edit`, `/continue`, `/summarize`.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use uuid::Uuid;

use crate::cli::chat::command::wrong;
use crate::cli::chat::input::Next;
use crate::cli::chat::question::Question;
use crate::cli::chat::summarize;
use crate::cli::chat::talk::Talk;
use crate::cli::config::open_editor;
use crate::error::{Error, ErrorKind};
use crate::ledger::Turn;
use crate::route::adapt::GO_ON;
use crate::ui::counted;

/// Asks the last question again, this once of another model; what was said to it is taken back.
pub fn retry(talk: &mut Talk<'_>, arguments: &str) -> Result<Next, Error> {
    let words: Vec<&str> = arguments.split_whitespace().collect();
    let model = match words[..] {
        [] => None,
        ["-m" | "--model", model] => Some(model),
        [model] if !model.starts_with('-') => Some(model),
        _ => return Err(wrong("write `/retry` or `/retry -m MODEL`")),
    };
    if let Some(model) = model {
        talk.session.resolve(model, "/retry -m")?;
    }
    let question = if let Some(question) = talk.unanswered.take() {
        question
    } else {
        let turn = talk.conversation.turns.last().ok_or_else(|| wrong("nothing was asked yet"))?;
        let question = Question::again(turn);
        take_back(talk, 1)?;
        question
    };
    Ok(Next::Ask(question.of_model(model)))
}

/// Takes the last turns back: they are no longer sent. What they cost stays known.
pub fn undo(talk: &mut Talk<'_>, count: &str) -> Result<Next, Error> {
    let count = match count {
        "" => 1,
        count => {
            count.parse().ok().filter(|count| *count > 0).ok_or_else(|| wrong("write how many, such as `/undo 2`"))?
        }
    };
    if talk.unanswered.take().is_some() {
        talk.ui().remark("the question without an answer is taken back");
        return Ok(Next::Read);
    }
    let all = talk.conversation.turns.len();
    if count > all && all > 0 {
        return Err(wrong(format!("this conversation has {}", counted(all, "turn"))));
    }
    let taken = take_back(talk, count)?;
    let Some(first) = taken.first() else { return Err(wrong("there is nothing to take back")) };
    let rest = match taken.len() {
        1 => String::new(),
        count => format!(" and what followed, {}", counted(count, "turn")),
    };
    let words = Question::again(first).text();
    let begin: String = words.lines().next().unwrap_or_default().chars().take(60).collect();
    talk.ui().remark(&format!("taken back: “{begin}”{rest}"));
    Ok(Next::Read)
}

/// Takes so many turns out of the conversation, here and in the ledger.
fn take_back(talk: &mut Talk<'_>, count: usize) -> Result<Vec<Turn>, Error> {
    let turns = &talk.conversation.turns;
    if talk.keeps() && talk.conversation.is_begun {
        let runs: Vec<String> =
            turns[turns.len().saturating_sub(count)..].iter().map(|turn| turn.run.clone()).collect();
        talk.ledger.borrow_mut().take_back(&talk.conversation.id, &runs)?;
    }
    let before = talk.conversation.summaries.len();
    let taken = talk.conversation.take_back(count);
    if talk.conversation.summaries.len() < before {
        talk.ui()
            .note("what was summed up is no longer there as it was: the turns before it are sent in their own words");
    }
    Ok(taken)
}

/// Goes on with the last answer.
pub fn go_on(talk: &mut Talk<'_>, _: &str) -> Result<Next, Error> {
    if talk.conversation.turns.is_empty() {
        return Err(wrong("there is no answer to go on with"));
    }
    Ok(Next::Ask(Question::of(GO_ON)))
}

/// Has all but the last turns summed up, or takes the summary away.
pub fn sum_up(talk: &mut Talk<'_>, kept: &str) -> Result<Next, Error> {
    match kept {
        "" => Ok(Next::Summarize(summarize::KEPT)),
        "off" => summarize::off(talk).map(|()| Next::Read),
        kept => kept
            .parse()
            .map(Next::Summarize)
            .map_err(|_| wrong("write how many turns stay as they are, such as `/summarize 4`, or `/summarize off`")),
    }
}

/// Writes the next question in the user's editor, or the last one anew.
pub fn edit(talk: &mut Talk<'_>, text: &str) -> Result<Next, Error> {
    let has_editor = ["VISUAL", "EDITOR"].into_iter().any(|name| talk.session.environment.get(name).is_some());
    // The usual one takes the terminal for granted.
    if !talk.is_at_terminal() && !has_editor {
        return Err(wrong("there is no terminal for an editor"));
    }
    let is_last = text == "last";
    let before = match (is_last, &talk.unanswered, talk.conversation.turns.last()) {
        (false, ..) => text.to_owned(),
        (true, Some(question), _) => question.text(),
        (true, None, Some(turn)) => Question::again(turn).text(),
        (true, None, None) => return Err(wrong("nothing was asked yet")),
    };
    let written = written(talk, &before)?;
    let written = written.trim_end();
    if written.trim().is_empty() || is_last && written == before.trim_end() {
        talk.ui().remark("nothing new was written, so nothing is asked");
        return Ok(Next::Read);
    }
    let is_worded = is_last && talk.unanswered.take().is_none();
    if is_worded {
        take_back(talk, 1)?;
    }
    let question = std::mem::take(&mut talk.pending).saying(written);
    // A turn that was asked has the role's words in it already.
    Ok(Next::Ask(if is_worded { question } else { talk.worded(question) }))
}

/// What the user's editor makes of a text.
fn written(talk: &Talk<'_>, text: &str) -> Result<String, Error> {
    let cannot =
        |error: io::Error| Error::new(ErrorKind::Other, "cannot keep the file for the editor").caused_by(error);
    let scratch = Scratch::with(text).map_err(cannot)?;
    let keyboard = talk.keyboard.as_ref();
    keyboard.inspect(|keyboard| keyboard.lend());
    let edited = open_editor(&talk.session.environment, &scratch.0);
    keyboard.inspect(|keyboard| keyboard.take_back());
    edited?;
    fs::read_to_string(&scratch.0).map_err(cannot)
}

/// A file for one look of its owner alone.
struct Scratch(PathBuf);

impl Scratch {
    fn with(text: &str) -> io::Result<Self> {
        let path = std::env::temp_dir().join(format!("llmx-{}.md", Uuid::now_v7()));
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        let scratch = Self(path);
        file.write_all(text.as_bytes())?;
        Ok(scratch)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        fs::remove_file(&self.0).ok();
    }
}
