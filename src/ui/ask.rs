//! Questions to a person at a terminal. Esc and Ctrl-C end a question without an answer, and whichever way it ends, the
//! terminal is as it was before.

mod line;
mod raw;
mod signals;

use std::io::{self, IsTerminal};

use console::{Term, truncate_str};
use dialoguer::{Confirm, MultiSelect, Select};

use self::line::Echo;
use self::raw::Raw;
use self::signals::Caught;
use super::Ui;
use super::sanitize::clean_line;
use super::style::Style;
use crate::error::Error;

/// What stands before an item of a list: the arrow, the box, and room for the cursor.
const BESIDE: usize = 8;

/// A question that was left without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unanswered {
    /// 128 and the number of the signal; of Esc and the end of input that of Ctrl-C.
    pub exit_code: u8,
}

impl From<Unanswered> for Error {
    fn from(unanswered: Unanswered) -> Self {
        Self::interrupted(unanswered.exit_code)
    }
}

/// Why a line is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// In words for who has typed it.
    pub why: String,
    /// The text to be corrected, without what may not be seen.
    pub text: String,
}

type Answer<T> = Result<T, Unanswered>;

/// Somebody who can be asked. While this lives, Ctrl-C ends a question and not the program.
#[derive(Debug)]
pub struct Questions<'a> {
    ui: &'a Ui,
    caught: Caught,
}

impl Ui {
    /// Whether somebody is there to be asked.
    pub fn can_ask(&self) -> bool {
        self.stderr_is_terminal && io::stdin().is_terminal()
    }

    /// Somebody to ask; `None` when nobody is there.
    pub fn questions(&self) -> io::Result<Option<Questions<'_>>> {
        let here = self.can_ask().then(Caught::take).transpose()?;
        Ok(here.map(|caught| Questions { ui: self, caught }))
    }
}

impl Questions<'_> {
    /// Yes or no.
    pub fn confirm(&self, question: &str, default: bool) -> Answer<bool> {
        let confirm = Confirm::new().with_prompt(clean_line(question)).default(default);
        self.ask(|| {
            let answer = confirm.interact_opt();
            if answer.is_err() {
                self.ui.err("\n");
            }
            answer.ok().flatten()
        })
    }

    /// One of a list, told by its place in it; `default` is marked first.
    pub fn choose(&self, question: &str, items: &[String], default: usize) -> Answer<usize> {
        let select = Select::new().with_prompt(clean_line(question)).items(self.fitted(items)).default(default);
        self.ask(|| select.report(false).interact_opt().ok().flatten())
    }

    /// Any number of a list, told by their places in it; all are marked at first.
    pub fn pick(&self, question: &str, items: &[String]) -> Answer<Vec<usize>> {
        let marked = vec![true; items.len()];
        let select = MultiSelect::new().with_prompt(clean_line(question)).items(self.fitted(items)).defaults(&marked);
        self.ask(|| select.report(false).interact_opt().ok().flatten())
    }

    /// A line of text.
    pub fn line(&self, question: &str) -> Answer<String> {
        self.ask(|| self.typed(question, "", Echo::Text, String::clone))
    }

    /// What a line of text stands for; `None` when it is empty. What is wrong with it is said, and it is asked for again, with the
    /// text there to be corrected.
    pub fn checked<T>(&self, question: &str, check: impl Fn(&str) -> Result<T, Wrong>) -> Answer<Option<T>> {
        let mut begun = String::new();
        loop {
            // Of what was wrong, only what may be seen stays on the screen.
            let stays = |typed: &String| check(typed.trim()).err().map_or_else(|| typed.clone(), |wrong| wrong.text);
            let typed = self.ask(|| self.typed(question, &begun, Echo::Text, stays))?;
            match typed.trim() {
                "" => return Ok(None),
                typed => match check(typed) {
                    Ok(meant) => return Ok(Some(meant)),
                    Err(wrong) => {
                        self.ui.note(&wrong.why);
                        begun = wrong.text;
                    }
                },
            }
        }
    }

    /// A line of text that is not shown.
    pub fn hidden(&self, question: &str) -> Answer<String> {
        self.ask(|| self.typed(question, "", Echo::Nothing, String::clone))
    }

    /// A line that begins with a text; when it is done, what `stays` makes of it stays on the screen.
    fn typed(&self, question: &str, begun: &str, echo: Echo, stays: impl Fn(&String) -> String) -> Option<String> {
        self.ui.say("", Style::PLAIN, question);
        let width = self.ui.width();
        let typed = line::read(begun, echo, width, |text| self.ui.err(text)).ok().flatten();
        if let Some(typed) = &typed {
            self.ui.err(&line::redrawn(&stays(typed), echo, width));
        }
        self.ui.err("\n");
        typed
    }

    /// What a list has room for: a line that wraps would not be wiped as a whole.
    fn fitted(&self, items: &[String]) -> Vec<String> {
        let room = self.ui.width().saturating_sub(BESIDE).max(1);
        items.iter().map(|item| truncate_str(&clean_line(item), room, "…").into_owned()).collect()
    }

    /// Asks while the terminal gives every key, unless a signal has come before.
    fn ask<T>(&self, question: impl FnOnce() -> Option<T>) -> Answer<T> {
        let unanswered = || Unanswered { exit_code: self.caught.exit_code() };
        let raw = Raw::begin().map_err(|_| unanswered())?;
        let answer = if self.caught.came() { None } else { question() };
        drop(raw);
        answer.ok_or_else(|| {
            Term::stderr().show_cursor().ok();
            unanswered()
        })
    }
}
