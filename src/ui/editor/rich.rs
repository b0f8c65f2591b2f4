//! The line editor of a terminal: history, search, completion, several lines, keys of emacs or vi.

use std::borrow::Cow;
use std::io;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender};

use rustyline::completion::{Completer, FilenameCompleter};
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{
    Cmd, ColorMode, CompletionType, Config, Context, EditMode, Event, EventHandler, ExternalPrinter, Helper, KeyCode,
    KeyEvent, Modifiers, hint::Hinter,
};
use tokio::sync::mpsc::UnboundedSender;

use super::paste::Pastes;
use super::{Complete, Completion, Line, Redraw, Request, Setup};
use crate::ui::style::Style;

/// So many lines are kept.
const HISTORY: usize = 1000;

type Rustyline = rustyline::Editor<Rules, FileHistory>;

/// Reads lines as long as they are asked for.
pub(super) fn serve(
    mut setup: Setup,
    color: bool,
    asked: &Receiver<Request>,
    say: &UnboundedSender<Line>,
    give: &Sender<Redraw>,
) {
    let history = setup.history.clone();
    let may_keep = std::mem::replace(&mut setup.may_keep, Box::new(|_| false));
    let lines = Lines { path: history.as_deref(), may_keep };
    let pastes = Pastes::default();
    let mut editor = match editor(setup, color, &pastes) {
        Ok(editor) => editor,
        Err(error) => {
            say.send(Line::Failed(told(error))).ok();
            return;
        }
    };
    if let Some(path) = &history {
        // Without its history the editor is as good as new.
        editor.load_history(path).ok();
    }
    if let Ok(mut printer) = editor.create_external_printer() {
        // A line that is printed above it lets the editor draw its own again.
        let redraw = move || drop(printer.print(String::new()));
        give.send(Box::new(redraw)).ok();
    }
    super::serve(asked, say, |request| match request {
        Request::Line { prompt, begun } => Some(read(&mut editor, &prompt, &begun, color, &pastes, &lines)),
        Request::Keep(line) => {
            lines.add(&mut editor, &line);
            None
        }
    });
}

fn editor(setup: Setup, color: bool, pastes: &Pastes) -> rustyline::Result<Rustyline> {
    let config = Config::builder()
        .max_history_size(HISTORY)?
        .history_ignore_dups(true)?
        // Who begins a line with a blank does not want it kept.
        .history_ignore_space(true)
        .completion_type(CompletionType::List)
        .edit_mode(if setup.is_vi { EditMode::Vi } else { EditMode::Emacs })
        .color_mode(if color { ColorMode::Forced } else { ColorMode::Disabled })
        .build();
    let mut editor = Rustyline::with_config(config)?;
    editor.set_helper(Some(Rules { is_open: setup.is_open, words: setup.words, files: FilenameCompleter::new() }));
    let paste = || EventHandler::Conditional(Box::new(pastes.clone()));
    editor.bind_sequence(Event::Any, paste());
    editor.bind_sequence(KeyEvent(KeyCode::Enter, Modifiers::ALT), Cmd::Newline);
    editor.bind_sequence(KeyEvent::ctrl('J'), EventHandler::Conditional(Box::new(Newline(pastes.clone()))));
    Ok(editor)
}

/// Ctrl-J begins another line; in a paste it is the end of one.
struct Newline(Pastes);

impl rustyline::ConditionalEventHandler for Newline {
    fn handle(
        &self,
        event: &Event,
        count: rustyline::RepeatCount,
        is_positive: bool,
        context: &rustyline::EventContext<'_>,
    ) -> Option<Cmd> {
        self.0.handle(event, count, is_positive, context).or(Some(Cmd::Newline))
    }
}

fn read(editor: &mut Rustyline, prompt: &str, begun: &str, color: bool, pastes: &Pastes, lines: &Lines<'_>) -> Line {
    let styled = Style::CYAN.paint(prompt, color);
    let begun = pastes.shown(begun.to_owned());
    let line = match editor.readline_with_initial(&(prompt, styled.as_str()), (&begun, "")) {
        Ok(line) => line,
        Err(ReadlineError::Interrupted) => return Line::Interrupted { was_empty: false },
        Err(ReadlineError::Eof) => return Line::Ended,
        Err(error) => return Line::Failed(told(error)),
    };
    if let Some(interrupted) = pastes.interrupted() {
        return Line::Interrupted { was_empty: interrupted.was_empty };
    }
    let (whole, is_pasted) = pastes.whole(&line);
    // A name of a paste means nothing the next time.
    if !is_pasted {
        lines.add(editor, &line);
    }
    Line::Said(whole)
}

/// The lines that were typed before.
struct Lines<'a> {
    path: Option<&'a Path>,
    may_keep: Box<dyn Fn(&str) -> bool + Send>,
}

impl Lines<'_> {
    /// Adds a line to those that can be found again. A history that cannot be written is no reason to stop a chat.
    fn add(&self, editor: &mut Rustyline, line: &str) {
        if (self.may_keep)(line)
            && editor.add_history_entry(line).unwrap_or(false)
            && let Some(path) = self.path
        {
            editor.append_history(path).ok();
        }
    }
}

fn told(error: ReadlineError) -> io::Error {
    match error {
        ReadlineError::Io(error) => error,
        error => io::Error::other(error.to_string()),
    }
}

/// What the editor asks of us.
struct Rules {
    is_open: fn(&str) -> bool,
    words: Box<dyn Complete>,
    files: FilenameCompleter,
}

impl Helper for Rules {}

impl Hinter for Rules {
    type Hint = String;
}

impl Highlighter for Rules {
    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _is_default: bool) -> Cow<'b, str> {
        Cow::Borrowed(prompt)
    }
}

impl Validator for Rules {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let is_open = (self.is_open)(context.input());
        Ok(if is_open { ValidationResult::Incomplete } else { ValidationResult::Valid(None) })
    }
}

impl Completer for Rules {
    type Candidate = String;

    fn complete(&self, line: &str, at: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        match self.words.complete(line, at) {
            Completion::Words(start, words) => Ok((start, words)),
            Completion::Files => {
                let (start, found) = self.files.complete_path(line, at)?;
                Ok((start, found.into_iter().map(|pair| pair.replacement).collect()))
            }
        }
    }
}
