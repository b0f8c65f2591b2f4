//! What is asked in one turn: words, text files and attachments, as they are sent and as they are kept.

use crate::chat::{Message, Part, Role};
use crate::cli::args::PromptArgs;
use crate::cli::attach::{self, Attached};
use crate::cli::prompt;
use crate::config::role::Words;
use crate::error::Error;
use crate::ledger::Turn;
use crate::ui::Ui;

/// A question.
#[derive(Clone, Debug, Default)]
pub(super) struct Question {
    text: String,
    files: Vec<String>,
    attached: Vec<Attached>,
    /// A turn that was asked before: its words stand for all.
    again: Option<Vec<Part>>,
    /// What a role makes of it.
    role: Option<Box<Words>>,
    /// Who is asked this once.
    pub model: Option<String>,
}

impl Question {
    /// A question of words alone.
    pub fn of(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// The question of a turn, to be asked again.
    pub fn again(turn: &Turn) -> Self {
        let parts = turn.question.iter().filter(|message| message.role == Role::User);
        Self { again: Some(parts.flat_map(|message| message.parts.clone()).collect()), ..Self::default() }
    }

    /// What the arguments ask, and whether it is a whole question: files and attachments alone go with the first one.
    pub fn of_arguments(args: &PromptArgs, ui: &Ui) -> Result<Option<(Self, bool)>, Error> {
        let mut question = Self::of(args.words.join(" "));
        args.files.iter().try_for_each(|path| question.add_file(path).map(drop))?;
        question.attached = attach::read_all(&args.attachments, ui)?;
        let has_words = !question.text.trim().is_empty();
        Ok((has_words || !question.is_empty()).then_some((question, has_words)))
    }

    /// Adds a text file; whether there is anything in it.
    pub fn add_file(&mut self, path: &str) -> Result<bool, Error> {
        let text = prompt::read_file(path)?;
        let has_text = !text.trim().is_empty();
        self.files.extend(has_text.then_some(text));
        Ok(has_text)
    }

    /// Adds attachments.
    pub fn attach(&mut self, attached: Vec<Attached>) {
        self.attached.extend(attached);
    }

    /// The question with these words.
    pub fn saying(mut self, text: impl Into<String>) -> Self {
        self.text = text.into();
        self
    }

    /// The question for that model, this once.
    pub fn of_model(self, model: Option<&str>) -> Self {
        Self { model: model.map(str::to_owned), ..self }
    }

    /// The question in the words of a role.
    pub fn by_role(self, role: Option<Words>) -> Self {
        Self { role: role.map(Box::new), ..self }
    }

    /// Whether nothing is asked.
    pub fn is_empty(&self) -> bool {
        self.text.trim().is_empty() && self.files.is_empty() && self.attached.is_empty() && self.again.is_none()
    }

    /// Its words, without files and attachments.
    pub fn text(&self) -> String {
        match &self.again {
            Some(parts) => Message { role: Role::User, parts: parts.clone() }.joined_text(),
            None => self.text.clone(),
        }
    }

    /// The turn as it is sent: attachments first, as their readers want it.
    pub fn sent(&self) -> Message {
        self.message(|attached| attached.iter().map(|attached| attached.part.clone()).collect())
    }

    /// The same as the ledger keeps it.
    pub fn kept(&self, ui: &Ui) -> Message {
        self.message(|attached| attach::for_the_ledger(attached, ui))
    }

    fn message(&self, parts: impl FnOnce(&[Attached]) -> Vec<Part>) -> Message {
        let parts = self.again.clone().unwrap_or_else(|| {
            let mut parts = parts(&self.attached);
            let words = prompt::compose(std::slice::from_ref(&self.text), &self.files, None);
            let words = if let Some(role) = &self.role { role.prompt(&words) } else { words };
            parts.extend((!words.is_empty()).then_some(Part::Text(words)));
            parts
        });
        Message { role: Role::User, parts }
    }
}
