//! Estimating tokens without a tokenizer: a text is cut into the pieces that tokenizers merge within, and what pieces like
//! these usually cost is added up, in one pass and without allocation. [`exact`](exact::exact) loads a tokenizer.

use std::borrow::Cow;

use crate::chat::{AnswerForm, ChatRequest, Part};
use crate::route::{Tokens, media};

pub mod exact;
pub mod family;
mod pieces;
#[cfg(test)]
mod tests;
mod weights;

pub use exact::{EXACT_LIMIT, exact, exact_request};
pub use family::{Band, Factor, Factors};

/// Tokens of a chat template around one message, and before the answer (`OpenAI` cookbook).
const PER_MESSAGE: u64 = 4;
const BEFORE_ANSWER: u64 = 3;

/// Everything of a request that a tokenizer reads as text: the turns, and what tools and the answer's form are declared
/// with.
fn texts(request: &ChatRequest) -> impl Iterator<Item = Cow<'_, str>> {
    let parts = request.messages.iter().flat_map(|message| &message.parts).filter_map(|part| match part {
        Part::Text(text) => Some(text.as_str()),
        Part::Thought(thought) => Some(thought.text.as_str()),
        Part::ToolCall(call) => Some(call.arguments.as_str()),
        Part::ToolResult(result) => Some(result.content.as_str()),
        Part::Media(_) => None,
    });
    let spoken = request.system.as_deref().into_iter().chain(parts).map(Cow::Borrowed);
    let tools = request.tools.iter().flat_map(|tool| {
        let description = tool.description.as_deref().unwrap_or_default();
        [Cow::Borrowed(description), Cow::Owned(tool.parameters.to_string())]
    });
    let schema = request.form.iter().filter_map(|form| match form {
        AnswerForm::Json => None,
        AnswerForm::Schema(schema) => Some(Cow::Owned(schema.schema.to_string())),
    });
    spoken.chain(tools).chain(schema)
}

/// What a text measures before it is known who reads it: measure once, then ask for each model's [`Measure::tokens`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measure {
    /// Hundredths of a token of `o200k_base`.
    hundredths: u64,
    /// Surely no fewer tokens than this in any tokenizer.
    at_least: u64,
}

impl Measure {
    /// Measures one text.
    ///
    /// The lower bound counts the words between white space that hold a letter or digit, a long one once for every 128
    /// bytes. Tokenizers cut text at white space before they merge anything, so no token reaches over two such words.
    pub fn of_text(text: &str) -> Self {
        let pieces::Sums { hundredths, words } = pieces::read(text);
        Self { hundredths, at_least: words }
    }

    /// A text of that many tokens of `o200k_base`, which nobody has at hand any more.
    pub const fn of_tokens(tokens: u64) -> Self {
        Self { hundredths: tokens.saturating_mul(100), at_least: 0 }
    }

    /// Measures a request with the chat template around it and with its attachments, which count by a rough figure
    /// ([`media::tokens`]). Neither is part of the lower bound.
    pub fn of_request(request: &ChatRequest) -> Self {
        let measures = texts(request).map(|text| Self::of_text(&text));
        let Self { hundredths, at_least } = measures.fold(Self::default(), |sum, measure| Self {
            hundredths: sum.hundredths + measure.hundredths,
            at_least: sum.at_least + measure.at_least,
        });
        let messages = request.messages.len() as u64 + u64::from(request.system.is_some());
        let attached: u64 = media::of(&request.messages).map(media::tokens).sum();
        Self { hundredths: hundredths + 100 * (PER_MESSAGE * messages + BEFORE_ANSWER + attached), at_least }
    }

    /// The same for each of that many requests alike.
    #[must_use]
    pub const fn times(self, count: u64) -> Self {
        Self { hundredths: self.hundredths.saturating_mul(count), at_least: self.at_least.saturating_mul(count) }
    }

    /// Whether a provider's count of a request teaches something of its tokenizer: only where plain text alone is counted.
    pub fn teaches(request: &ChatRequest) -> bool {
        request.tools.is_empty()
            && request.form.is_none()
            && request.messages.iter().flat_map(|message| &message.parts).all(|part| matches!(part, Part::Text(_)))
    }

    /// Hundredths of a token of `o200k_base`: what a provider's count is held against to learn its family's factor.
    pub const fn hundredths(self) -> u64 {
        self.hundredths
    }

    /// The tokens that a model of this tokenizer family ([`Model::tokenizer`](crate::catalog::Model::tokenizer)) reads, as
    /// far as is known without any experience.
    pub fn tokens(self, family: Option<&str>, model: &str) -> Tokens {
        self.by(family::prior(family::of(family, model)).factor)
    }

    /// The same by what was learned.
    pub fn learned(self, family: Option<&str>, model: &str, factors: &Factors) -> Tokens {
        self.by(factors.factor(family::of(family, model)))
    }

    /// The same by a factor. The lower bound holds whatever was learned.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a factor is positive and small")]
    pub fn by(self, factor: f64) -> Tokens {
        let expected = (self.hundredths as f64 * factor / 100.0 - 1e-6).ceil().max(0.0) as u64;
        Tokens { expected: expected.max(self.at_least), at_least: self.at_least }
    }
}
