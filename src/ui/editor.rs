//! Where a person types: a line editor on a terminal ([`rich`]), plain lines elsewhere ([`plain`]).
//!
//! It reads in a thread of its own, so that signals are heard while it waits for keys. Nothing is read before it is asked for:
//! what is typed meanwhile waits in the terminal.

mod paste;
mod plain;
mod rich;

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::Builder;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::Ui;

/// Narrower or lower windows have no room for an editor.
const FEWEST_COLUMNS: usize = 8;
const FEWEST_ROWS: usize = 2;

/// What came of asking for a line.
#[derive(Debug)]
pub enum Line {
    /// This was said; it may be of several lines.
    Said(String),
    /// Ctrl-C: what was typed is thrown away.
    Interrupted {
        /// Nothing was.
        was_empty: bool,
    },
    /// Ctrl-D, or the end of the input.
    Ended,
    /// The input cannot be read.
    Failed(io::Error),
}

/// What a word can be completed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Completion {
    /// These words, in the place of what stands from there on, in bytes.
    Words(usize, Vec<String>),
    /// Names of files.
    Files,
}

/// Knows what words can be completed to.
pub trait Complete: Send {
    /// What the word may become that ends at `at`, in bytes.
    fn complete(&self, line: &str, at: usize) -> Completion;
}

/// How lines are read.
pub struct Setup {
    /// The file that lines are kept in for the next time; `None` keeps none.
    pub history: Option<PathBuf>,
    /// Whether a line may be kept there.
    pub may_keep: Box<dyn Fn(&str) -> bool + Send>,
    /// Keys are those of vi.
    pub is_vi: bool,
    /// Whether what was typed goes on in another line.
    pub is_open: fn(&str) -> bool,
    /// What words can be completed to.
    pub words: Box<dyn Complete>,
}

/// What is asked for.
enum Request {
    /// A line.
    Line {
        prompt: String,
        /// What stands there already.
        begun: String,
    },
    /// To keep a line that was typed elsewhere with those that were typed here.
    Keep(String),
}

/// Reads lines, one at a time.
pub struct Editor {
    ask: Sender<Request>,
    lines: UnboundedReceiver<Line>,
    /// A line was asked for and has not come.
    is_waiting: bool,
    is_rich: bool,
    /// What draws the line anew, once the editor has given it.
    redraw: Option<Redraw>,
    redraws: Receiver<Redraw>,
}

/// Draws the line that is edited anew.
type Redraw = Box<dyn FnMut() + Send>;

impl Editor {
    /// Begins to read stdin. Fails when there is no thread for it.
    pub fn start(setup: Setup, ui: &Ui) -> io::Result<Self> {
        let (ask, asked) = channel();
        let (say, lines) = unbounded_channel();
        let (give, redraws) = channel();
        let is_rich = ui.can_edit();
        let color = ui.color_out;
        let serve = move || {
            if is_rich {
                rich::serve(setup, color, &asked, &say, &give);
            } else {
                plain::serve(&asked, &say);
            }
        };
        Builder::new().name("editor".to_owned()).spawn(serve)?;
        Ok(Self { ask, lines, is_waiting: false, is_rich, redraw: None, redraws })
    }

    /// The next line, typed behind a prompt; `begun` is what stands there already. When this is dropped before the line has
    /// come, the next call waits for that same line.
    pub async fn read(&mut self, prompt: &str, begun: &str, ui: &Ui) -> Line {
        if !self.is_rich && io::stdin().is_terminal() {
            ui.ask(prompt);
        }
        if !self.is_waiting {
            let request = Request::Line { prompt: prompt.to_owned(), begun: begun.to_owned() };
            if self.ask.send(request).is_err() {
                return Line::Ended;
            }
            self.is_waiting = true;
        }
        let line = self.lines.recv().await.unwrap_or(Line::Ended);
        self.is_waiting = false;
        line
    }

    /// Draws the line anew, after another program has written on the screen.
    pub fn redraw(&mut self) {
        self.redraw = self.redraw.take().or_else(|| self.redraws.try_recv().ok());
        if let Some(redraw) = self.redraw.as_mut().filter(|_| self.is_waiting) {
            redraw();
        }
    }

    /// Leaves a line that was not ended, so that what follows has a line of its own.
    pub fn leave(self, ui: &Ui) {
        if self.is_waiting && self.is_rich {
            ui.ask("\n");
            ui.forget_pastes();
        }
    }

    /// Keeps a line that was typed while none was asked for.
    pub fn keep(&self, line: &str) {
        self.ask.send(Request::Keep(line.to_owned())).ok();
    }
}

/// Answers each request with a line until nobody asks any more.
fn serve(asked: &Receiver<Request>, say: &UnboundedSender<Line>, mut answer: impl FnMut(Request) -> Option<Line>) {
    while let Ok(request) = asked.recv() {
        if answer(request).is_some_and(|line| say.send(line).is_err()) {
            return;
        }
    }
}

impl Ui {
    /// Whether lines can be edited: on a terminal that does as it is told and is not too small.
    pub(super) fn can_edit(&self) -> bool {
        let has_room = console::Term::stdout()
            .size_checked()
            .is_none_or(|(rows, columns)| usize::from(rows) >= FEWEST_ROWS && usize::from(columns) >= FEWEST_COLUMNS);
        self.can_redraw() && io::stdin().is_terminal() && has_room
    }
}
