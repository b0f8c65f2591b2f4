//! Who answers the questions: a person at the terminal, or nobody, for whom the defaults are taken.

use crate::cli::Context;
use crate::error::{Error, ErrorKind};
use crate::ui::ask::{Questions, Wrong};

type Answer<T> = Result<T, Error>;

/// Whoever answers.
pub enum Asker<'a> {
    /// A person.
    Person(Questions<'a>),
    /// Nobody.
    Nobody,
}

impl<'a> Asker<'a> {
    /// A person, unless the defaults are asked for. Without a terminal somebody must say that they will do; only a look at them
    /// needs no saying.
    pub fn new(yes: bool, is_rehearsal: bool, context: &'a Context) -> Answer<Self> {
        if yes {
            return Ok(Self::Nobody);
        }
        match context.ui.questions()? {
            Some(questions) => Ok(Self::Person(questions)),
            None if is_rehearsal => Ok(Self::Nobody),
            None => {
                let error = Error::new(ErrorKind::Usage, "there is no terminal to ask on");
                let error =
                    error.hint("`llmx init --yes` takes every default, `llmx init --dry-run` shows what that is");
                Err(error.hint("or set a key, such as OPENAI_API_KEY: llmx finds it without any configuration"))
            }
        }
    }

    /// Whether a person answers.
    pub fn is_person(&self) -> bool {
        matches!(self, Self::Person(_))
    }

    /// Yes or no.
    pub fn confirm(&self, question: &str, default: bool) -> Answer<bool> {
        match self {
            Self::Person(questions) => Ok(questions.confirm(question, default)?),
            Self::Nobody => Ok(default),
        }
    }

    /// One of a list, by its place.
    pub fn choose(&self, question: &str, items: &[String], default: usize) -> Answer<usize> {
        match self {
            Self::Person(questions) => Ok(questions.choose(question, items, default)?),
            Self::Nobody => Ok(default),
        }
    }

    /// Any of a list, by their places; by default all.
    pub fn pick(&self, question: &str, items: &[String]) -> Answer<Vec<usize>> {
        match self {
            Self::Person(questions) => Ok(questions.pick(question, items)?),
            Self::Nobody => Ok((0..items.len()).collect()),
        }
    }

    /// A line; nobody types an empty one.
    pub fn line(&self, question: &str) -> Answer<String> {
        match self {
            Self::Person(questions) => Ok(questions.line(question)?.trim().to_owned()),
            Self::Nobody => Ok(String::new()),
        }
    }

    /// What a line stands for, asked for until it is right; `None` for an empty one.
    pub fn checked<T>(&self, question: &str, check: impl Fn(&str) -> Result<T, Wrong>) -> Answer<Option<T>> {
        match self {
            Self::Person(questions) => Ok(questions.checked(question, check)?),
            Self::Nobody => Ok(None),
        }
    }

    /// A line that is not shown.
    pub fn hidden(&self, question: &str) -> Answer<String> {
        match self {
            Self::Person(questions) => Ok(questions.hidden(question)?.trim().to_owned()),
            Self::Nobody => Ok(String::new()),
        }
    }
}
