//! The live view of an answer. On a terminal the answer is Markdown, sanitised, with a spinner before its first word
//! and a visible seam where a provider broke off; elsewhere it passes byte by byte as it came. Reasoning goes to stderr.

use std::io;
use std::time::Instant;

use super::fold::Fold;
use super::markdown::Markdown;
use super::sanitize::{Sanitizer, clean_line};
use super::style::Style;
use super::table::wrapped;
use super::think::{Piece, Thoughts};
use super::{Talk, Ui};

/// How an answer is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AnswerOptions {
    /// No Markdown on a terminal, only sanitised text.
    pub raw: bool,
    /// What is shown of the reasoning.
    pub reasoning: Reasoning,
}

/// What is shown of a model's reasoning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reasoning {
    /// Nothing.
    Hidden,
    /// How long it took, in one line.
    Folded,
    /// All of it, set back.
    #[default]
    Dim,
    /// All of it.
    Full,
}

/// An answer on its way to the user. Errors are those of writing to stdout.
#[derive(Debug)]
pub struct Answer<'ui> {
    ui: &'ui Ui,
    options: AnswerOptions,
    rendering: Rendering,
    /// Thoughts that come in the text.
    thoughts: Thoughts,
    reasoning: Sanitizer,
    /// On a terminal its lines end at words.
    fold: Option<Fold>,
    /// When reasoning that is folded has begun.
    thinks_since: Option<Instant>,
    open: Open,
}

/// What becomes of the text.
#[derive(Debug)]
enum Rendering {
    /// Not a terminal: nothing is changed.
    Exact,
    /// A terminal and `--raw`; whether the last line has ended.
    Raw {
        sanitizer: Sanitizer,
        line_ended: bool,
    },
    Markdown {
        sanitizer: Sanitizer,
        markdown: Box<Markdown>,
    },
}

/// What was written last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    Nothing,
    Text,
    Reasoning,
}

impl<'ui> Answer<'ui> {
    /// A view in which nothing has come yet.
    pub fn new(ui: &'ui Ui, options: AnswerOptions) -> Self {
        let rendering = Rendering::new(ui, options);
        let fold = ui.stderr_is_terminal.then(Fold::default);
        let (thoughts, reasoning) = (Thoughts::default(), Sanitizer::default());
        Self { ui, options, rendering, thoughts, reasoning, fold, thinks_since: None, open: Open::Nothing }
    }

    /// Says who is waited for, with a spinner on stderr that goes away before anything is printed. In the middle of a
    /// line there is no room for one.
    pub fn waiting(&mut self, target: &str) {
        if self.open == Open::Nothing {
            self.ui.wait_for(target);
        }
    }

    /// Takes a piece of the answer.
    pub fn text(&mut self, piece: &str) -> io::Result<()> {
        if !matches!(self.rendering, Rendering::Markdown { .. }) {
            return self.say(piece);
        }
        let pieces = self.thoughts.push(piece);
        pieces.into_iter().try_for_each(|piece| self.take(piece))
    }

    fn take(&mut self, piece: Piece) -> io::Result<()> {
        match piece {
            Piece::Thought(text) => self.reasoning(&text),
            Piece::Text(text) => self.say(&text),
        }
    }

    fn say(&mut self, piece: &str) -> io::Result<()> {
        let shown = self.rendering.push(piece, self.ui);
        self.show(&shown)
    }

    /// Takes a piece of the reasoning.
    pub fn reasoning(&mut self, piece: &str) -> io::Result<()> {
        if self.ui.talk == Talk::Quiet || piece.is_empty() {
            return Ok(());
        }
        match self.options.reasoning {
            Reasoning::Hidden => return Ok(()),
            Reasoning::Folded => {
                self.thinks_since.get_or_insert_with(Instant::now);
                return Ok(());
            }
            Reasoning::Dim | Reasoning::Full => {}
        }
        if self.open == Open::Text && self.shares_screen() {
            self.close_text()?;
            self.ui.out("\n")?;
        }
        let mut shown = String::with_capacity(piece.len());
        self.reasoning.push(piece, &mut shown);
        if let Some(fold) = &mut self.fold {
            let text = std::mem::take(&mut shown);
            fold.push(&text, self.ui.width(), &mut shown);
        }
        self.think(&shown);
        self.open = Open::Reasoning;
        Ok(())
    }

    /// Marks that the answer so far was cut off: ends what is open and prints `notice` as a line that cannot be missed.
    /// What comes after is a new answer from its beginning.
    pub fn seam(&mut self, notice: &str) -> io::Result<()> {
        self.close()?;
        if !self.ui.stdout_is_terminal {
            self.ui.warn(notice);
            return Ok(());
        }
        let line = wrapped(&format!("── {} ──", clean_line(notice)), self.ui.width(), 0);
        let line = (Style::BOLD | Style::YELLOW).paint(&line, self.ui.color_out);
        self.ui.out(&format!("\n{line}\n\n"))
    }

    /// Ends the answer and shows what was held. On a terminal the cursor is at the beginning of a line afterwards; elsewhere
    /// nothing is added.
    pub fn finish(&mut self) -> io::Result<()> {
        self.close()
    }

    /// Ends the answer where the user stopped it, as far as stdout still takes it.
    pub fn interrupted(&mut self) {
        self.close().ok();
    }

    fn think(&self, shown: &str) {
        let style = if self.options.reasoning == Reasoning::Dim { Style::DIM } else { Style::PLAIN };
        if !shown.is_empty() {
            self.ui.err(&style.paint(shown, self.ui.color_err));
        }
    }

    fn show(&mut self, shown: &str) -> io::Result<()> {
        if shown.is_empty() {
            return Ok(());
        }
        self.close_reasoning();
        self.open = Open::Text;
        self.ui.out(shown)
    }

    fn close(&mut self) -> io::Result<()> {
        self.ui.stop_waiting();
        if let Some(piece) = self.thoughts.finish() {
            self.take(piece)?;
        }
        let closed = self.close_text();
        self.close_reasoning();
        closed
    }

    fn close_text(&mut self) -> io::Result<()> {
        let fresh = Rendering::new(self.ui, self.options);
        let rest = std::mem::replace(&mut self.rendering, fresh).finish();
        let shown = self.show(&rest);
        if self.open == Open::Text {
            self.open = Open::Nothing;
        }
        shown
    }

    /// Reasoning is set apart from what follows by an empty line.
    fn close_reasoning(&mut self) {
        if let Some(since) = self.thinks_since.take().filter(|_| self.open != Open::Text) {
            self.ui.remark(&format!("thought for {} s\n", since.elapsed().as_secs_f64().round()));
        }
        if self.open == Open::Reasoning {
            self.reasoning.finish();
            let mut last = String::new();
            if let Some(fold) = &mut self.fold {
                fold.finish(self.ui.width(), &mut last);
            }
            self.think(&last);
            self.ui.err("\n\n");
            self.open = Open::Nothing;
        }
    }

    fn shares_screen(&self) -> bool {
        self.ui.stdout_is_terminal && self.ui.stderr_is_terminal
    }
}

/// An answer that is dropped half-way leaves no spinner behind.
impl Drop for Answer<'_> {
    fn drop(&mut self) {
        self.ui.stop_waiting();
    }
}

impl Rendering {
    fn new(ui: &Ui, options: AnswerOptions) -> Self {
        let sanitizer = Sanitizer::default();
        match (ui.stdout_is_terminal, options.raw) {
            (false, _) => Self::Exact,
            (true, true) => Self::Raw { sanitizer, line_ended: true },
            (true, false) => Self::Markdown { sanitizer, markdown: Box::new(Markdown::new(ui.width(), ui.color_out)) },
        }
    }

    fn push(&mut self, piece: &str, ui: &Ui) -> String {
        let mut text = String::with_capacity(piece.len());
        match self {
            Self::Exact => text.push_str(piece),
            Self::Raw { sanitizer, line_ended } => {
                sanitizer.push(piece, &mut text);
                *line_ended = if text.is_empty() { *line_ended } else { text.ends_with('\n') };
            }
            Self::Markdown { sanitizer, markdown } => {
                sanitizer.push(piece, &mut text);
                markdown.set_width(ui.width());
                text = markdown.push(&text);
            }
        }
        text
    }

    fn finish(self) -> String {
        match self {
            Self::Exact | Self::Raw { line_ended: true, .. } => String::new(),
            Self::Raw { .. } => "\n".to_owned(),
            Self::Markdown { mut markdown, .. } => markdown.finish(),
        }
    }
}

#[cfg(test)]
mod tests;
