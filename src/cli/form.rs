//! From arguments to the request: what is said in this turn, and of what form the answer must be.

use super::args::{FormArgs, PromptArgs, SamplingArgs};
use super::attach::{self, Attached};
use super::schema::{self, Fit};
use super::{prompt, tools};
use crate::chat::{AnswerForm, ChatRequest, Part};
use crate::error::Error;
use crate::ui::Ui;

/// A request without its turns, and what its answer is held to.
#[derive(Debug, Default)]
pub struct Form {
    /// Tools, form and options; neither system prompt nor turns.
    pub request: ChatRequest,
    /// The schema that the answer must fit.
    pub fit: Option<Fit>,
}

impl Form {
    /// Reads the arguments and the files that they name.
    pub fn read(form: &FormArgs, sampling: &SamplingArgs) -> Result<Self, Error> {
        let tools = form.tools.as_deref().map(tools::read).transpose()?.unwrap_or_default();
        let tool_choice = form.tool_choice.as_deref().map(|word| tools::choice(word, &tools)).transpose()?;
        let (schema, fit) = form.schema.as_deref().map(schema::read).transpose()?.unzip();
        let fit = fit.map(|fit: Fit| fit.or_calls(!tools.is_empty()));
        let form = schema.map(AnswerForm::Schema);
        let request = ChatRequest { tools, tool_choice, form, options: sampling.options(), ..ChatRequest::default() };
        Ok(Self { request, fit })
    }
}

/// What is said in this turn.
#[derive(Debug, Default)]
pub struct Said {
    attached: Vec<Attached>,
    prompt: Option<Part>,
}

impl Said {
    /// Reads the arguments, the files that they name, and stdin.
    pub fn read(args: &PromptArgs, ui: &Ui) -> Result<Self, Error> {
        prompt::check_stdin(args)?;
        let attached = attach::read_all(&args.attachments, ui)?;
        let prompt = prompt::gather(args, ui)?;
        Ok(Self { attached, prompt: (!prompt.is_empty()).then_some(Part::Text(prompt)) })
    }

    /// Attachments first, as their readers want it, then the prompt.
    pub fn parts(&self) -> Vec<Part> {
        self.attached.iter().map(|attached| &attached.part).chain(&self.prompt).cloned().collect()
    }

    /// The same as the ledger keeps it.
    pub fn kept(&self, ui: &Ui) -> Vec<Part> {
        let mut parts = attach::for_the_ledger(&self.attached, ui);
        parts.extend(self.prompt.clone());
        parts
    }
}
