//! The only place that prints. Data goes to stdout through [`Ui::out`], all talk to stderr; text that came from
//! elsewhere is sanitised on its way to a terminal.
//!
//! A prompt's answer is shown by [`answer`], which renders [`markdown`]; [`table`] draws what commands list.

pub mod answer;
pub mod ask;
mod board;
pub mod checklist;
mod clipboard;
pub mod compare;
pub mod cost;
mod counted;
pub mod editor;
mod fold;
pub mod keyboard;
pub mod markdown;
mod page;
pub mod sanitize;
mod spinner;
pub mod style;
pub mod table;
mod think;
pub mod typed;
pub mod watch;

use std::borrow::Cow;
use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use self::board::Board;
use self::checklist::Point;
pub use self::counted::counted;
use self::fold::folded;
use self::sanitize::clean;
use self::spinner::Spinner;
use self::style::Style;
use self::table::Table;
use self::typed::Below;
use crate::error::Error;

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ColorChoice {
    /// On a terminal that wants it.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How much talk there is on stderr.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Talk {
    /// Errors only.
    Quiet,
    /// Notices and warnings.
    #[default]
    Normal,
    /// Also what usually needs no saying.
    Verbose,
}

/// The width where nobody says another.
const USUAL_WIDTH: usize = 80;

/// Stdout and stderr with what is known of them.
#[expect(clippy::struct_excessive_bools, reason = "independent facts about two streams")]
pub struct Ui {
    /// How much talk there is.
    pub talk: Talk,
    /// Stdout is a terminal.
    pub stdout_is_terminal: bool,
    /// Stderr is a terminal.
    pub stderr_is_terminal: bool,
    /// Colour and styles on stdout.
    pub color_out: bool,
    /// Colour and styles on stderr.
    pub color_err: bool,
    /// The terminal understands no escape sequences.
    is_dumb: bool,
    streams: Mutex<Streams>,
}

/// Where bytes go, the spinner that must be gone before they do, and the lines that must make way for them.
struct Streams {
    spinner: Option<Spinner>,
    board: Option<Board>,
    /// What is typed while an answer comes.
    below: Option<Below>,
    out: Box<dyn Write + Send>,
    err: Box<dyn Write + Send>,
}

impl Ui {
    /// Looks at the process's stdout and stderr. `variable` gives the value of an environment variable that is set and not
    /// empty; asked for are `NO_COLOR`, `CLICOLOR_FORCE` and `TERM`. `--color` wins over `NO_COLOR`, and that over the others.
    pub fn new<'env>(talk: Talk, color: ColorChoice, variable: impl Fn(&str) -> Option<&'env str>) -> Self {
        let stdout_is_terminal = io::stdout().is_terminal();
        let stderr_is_terminal = io::stderr().is_terminal();
        let is_dumb = variable("TERM") == Some("dumb");
        let forced = variable("CLICOLOR_FORCE").is_some_and(|value| value != "0");
        let wants = |terminal: bool| match color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => variable("NO_COLOR").is_none() && (forced || terminal && !is_dumb),
        };
        Self {
            talk,
            stdout_is_terminal,
            stderr_is_terminal,
            color_out: wants(stdout_is_terminal),
            color_err: wants(stderr_is_terminal),
            is_dumb,
            streams: Mutex::new(Streams {
                spinner: None,
                board: None,
                below: None,
                out: Box::new(io::stdout()),
                err: Box::new(io::stderr()),
            }),
        }
    }

    /// The same, writing elsewhere.
    #[cfg(test)]
    #[must_use]
    pub fn with_streams(self, out: impl Write + Send + 'static, err: impl Write + Send + 'static) -> Self {
        let streams =
            Mutex::new(Streams { spinner: None, board: None, below: None, out: Box::new(out), err: Box::new(err) });
        Self { streams, ..self }
    }

    /// The columns of the terminal as they are at this moment, 80 where there is none; never 0.
    pub fn width(&self) -> usize {
        let size = |is_terminal: bool, terminal: fn() -> console::Term| {
            if is_terminal { terminal().size_checked() } else { None }
        };
        size(self.stdout_is_terminal, console::Term::stdout)
            .or_else(|| size(self.stderr_is_terminal, console::Term::stderr))
            .map_or(USUAL_WIDTH, |(_rows, columns)| usize::from(columns).max(1))
    }

    /// Writes data to stdout, byte by byte as it is, and flushes it.
    pub fn out(&self, data: &str) -> io::Result<()> {
        let mut streams = self.streams();
        let data = self.framed(&mut streams, data, self.stdout_is_terminal);
        streams.beside(|out, _| {
            out.write_all(data.as_bytes())?;
            out.flush()
        })
    }

    /// Writes data that came from elsewhere to stdout: as it is to a file or pipe, sanitised to a terminal.
    pub fn out_clean(&self, data: &str) -> io::Result<()> {
        if self.stdout_is_terminal { self.out(&clean(data)) } else { self.out(data) }
    }

    /// Writes sentences that came from elsewhere to stdout: as they are to a file or pipe; to a terminal sanitised, in lines
    /// that end at words.
    pub fn out_words(&self, text: &str) -> io::Result<()> {
        if self.stdout_is_terminal { self.out(&folded(&clean(text), self.width())) } else { self.out(text) }
    }

    /// Writes a table to stdout: fitted to a terminal, one line for each row elsewhere.
    pub fn table(&self, table: &Table) -> io::Result<()> {
        self.out(&self.drawn(table))
    }

    /// The table as [`Ui::table`] writes it.
    pub fn drawn(&self, table: &Table) -> String {
        table.render(self.stdout_is_terminal.then(|| self.width()), self.color_out)
    }

    /// Writes what was looked at to stdout, below a heading.
    pub fn points(&self, heading: &str, points: &[Point]) -> io::Result<()> {
        let heading = Style::BOLD.paint(heading, self.color_out);
        let width = self.stdout_is_terminal.then(|| self.width());
        self.out(&format!("{heading}\n{}", checklist::drawn(points, width, self.color_out)))
    }

    /// Says what was looked at on stderr.
    pub fn note_points(&self, points: &[Point]) {
        if self.talk >= Talk::Normal {
            let width = self.stderr_is_terminal.then(|| self.width());
            self.err(&checklist::drawn(points, width, self.color_err));
        }
    }

    /// Whether stdout is a terminal on which a page can be drawn anew.
    pub fn can_redraw(&self) -> bool {
        self.stdout_is_terminal && !self.is_dumb
    }

    /// Says something worth knowing on stderr.
    pub fn note(&self, text: &str) {
        if self.talk >= Talk::Normal {
            self.say("", Style::PLAIN, text);
        }
    }

    /// Says on stderr, set back, what belongs to the answer before it.
    pub fn remark(&self, text: &str) {
        if self.talk >= Talk::Normal {
            let text = clean(text);
            let text = if self.stderr_is_terminal { folded(&text, self.width()) } else { text };
            self.err(&format!("{}\n", Style::DIM.paint(&text, self.color_err)));
        }
    }

    /// Asks on stderr for a line, which is typed behind it.
    pub fn ask(&self, prompt: &str) {
        self.err(&clean(prompt));
    }

    /// Shows a table on stderr, fitted to a terminal.
    pub fn note_table(&self, table: &Table) {
        if self.talk >= Talk::Normal {
            let width = self.stderr_is_terminal.then(|| self.width());
            self.err(&table.render(width, self.color_err));
        }
    }

    /// Says something only `--verbose` asks for.
    pub fn detail(&self, text: &str) {
        if self.talk >= Talk::Verbose {
            self.say("", Style::PLAIN, text);
        }
    }

    /// Warns on stderr.
    pub fn warn(&self, text: &str) {
        if self.talk >= Talk::Normal {
            self.say("warning:", Style::YELLOW | Style::BOLD, &format!(" {text}"));
        }
    }

    /// Prints the error that ends the program, also under `--quiet`.
    pub fn error(&self, error: &Error) {
        if !error.silent {
            let text = error.to_string();
            let rest = text.strip_prefix("error:").unwrap_or(&text);
            self.say("error:", Style::RED | Style::BOLD, rest);
        }
    }

    /// Shows on stderr who is waited for, until anything is printed. Only where somebody watches.
    pub fn wait_for(&self, target: &str) {
        let spinner = self.can_show_progress().then(|| Spinner::start(sanitize::clean_line(target)));
        self.streams().spinner = spinner.flatten();
    }

    /// Whether somebody watches progress on stderr.
    pub fn can_show_progress(&self) -> bool {
        self.stderr_is_terminal && !self.is_dumb && self.talk > Talk::Quiet
    }

    /// Shows these lines on stderr, in the place of those that it showed before. They are sanitised and fit the width; call it
    /// only where [`Ui::can_show_progress`].
    pub fn show_progress(&self, lines: &[String]) {
        self.streams().board.get_or_insert_with(Board::new).show(lines);
    }

    /// Removes what [`Ui::show_progress`] shows.
    pub fn end_progress(&self) {
        self.streams().board = None;
    }

    /// Removes what [`Ui::wait_for`] shows.
    pub fn stop_waiting(&self) {
        drop(self.streams());
    }

    fn say(&self, prefix: &str, style: Style, text: &str) {
        let mut text = format!("{prefix}{}", clean(text));
        if self.stderr_is_terminal {
            text = folded(&text, self.width());
        }
        let rest = text.strip_prefix(prefix).unwrap_or(&text);
        self.err(&format!("{}{rest}\n", style.paint(prefix, self.color_err)));
    }

    /// Writes sanitised text to stderr. Stderr that cannot be written leaves nobody to tell, so its errors are dropped.
    fn err(&self, text: &str) {
        let mut streams = self.streams();
        let text = self.framed(&mut streams, text, self.stderr_is_terminal);
        streams.beside(|_, err| err.write_all(text.as_bytes()).and_then(|()| err.flush())).ok();
    }

    /// What is written for a text while somebody types below it.
    fn framed<'a>(&self, streams: &mut Streams, text: &'a str, is_terminal: bool) -> Cow<'a, str> {
        match streams.below.as_mut().filter(|_| is_terminal) {
            Some(below) => Cow::Owned(below.framed(text, self.width(), self.color_out)),
            None => Cow::Borrowed(text),
        }
    }

    /// The streams, with the spinner gone.
    fn streams(&self) -> MutexGuard<'_, Streams> {
        let mut streams = self.lock();
        streams.spinner = None;
        streams
    }

    fn lock(&self) -> MutexGuard<'_, Streams> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Streams {
    /// Writes with the lines of progress out of the way.
    fn beside<T>(&mut self, work: impl FnOnce(&mut dyn Write, &mut dyn Write) -> T) -> T {
        let Self { board, out, err, .. } = self;
        match board {
            Some(board) => board.beside(|| work(out, err)),
            None => work(out, err),
        }
    }
}

impl fmt::Debug for Ui {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Ui").field("talk", &self.talk).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
