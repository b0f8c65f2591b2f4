//! What a decoder reports ([`Event`]), and why a model stopped ([`Finish`]).

use serde::Serialize;
use serde_json::Value;

use super::Usage;

/// What a decoder reports, in the order it was received.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The reply has begun; what is `None` was not said. Sent again when a later chunk says more.
    Started {
        /// The provider's id of the reply.
        id: Option<String>,
        /// The model that serves, as the provider names it.
        model: Option<String>,
    },
    /// A piece of the answer.
    Text(String),
    /// A piece of the thinking shown by the provider.
    Reasoning(String),
    /// A piece of a refusal, where the format has a place for it apart from the text.
    Refusal(String),
    /// A tool call, or a further piece of one. Decoders give every call its own `slot`, whatever the provider's indexes.
    ToolCall {
        /// Which call this belongs to, counted from 0 in order of appearance.
        slot: usize,
        /// The provider's id, when this piece brings it.
        id: Option<String>,
        /// The tool's name, when this piece brings it.
        name: Option<String>,
        /// A piece of the JSON text of the arguments, to be appended.
        arguments: String,
    },
    /// Token counts so far; a later one replaces an earlier one.
    Usage(Box<Usage>),
    /// What the answer rests on: a citation, an annotation or a search result, as the provider wrote it.
    Citation(Value),
    /// Log probabilities of a piece of the answer, as the provider wrote them.
    Logprobs(Value),
    /// Why the model stopped. May come before the last [`Event::Usage`]; a later one replaces an earlier one.
    Finished(Finish),
}

impl Event {
    /// Whether this is content in the sense of the commit point and of the first-token limit.
    pub fn is_content(&self) -> bool {
        match self {
            Self::Text(text) | Self::Reasoning(text) | Self::Refusal(text) => !text.is_empty(),
            Self::ToolCall { .. } => true,
            Self::Started { .. } | Self::Usage(_) | Self::Citation(_) | Self::Logprobs(_) | Self::Finished(_) => false,
        }
    }
}

/// Why a model stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finish {
    /// The reason in llmx's words.
    pub reason: FinishReason,
    /// The provider's own word.
    pub raw: String,
    /// The provider's second word, where the format has one (the matched stop sequence, a native reason, …).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// The classes of finish reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FinishReason {
    /// A natural end or a stop sequence.
    Stop,
    /// The token limit cut the answer.
    Length,
    /// The model wants tools run.
    ToolCalls,
    /// The provider's filter cut or withheld the answer.
    ContentFilter,
    /// The model refused.
    Refusal,
    /// The provider failed in the middle and says so here instead of in an error.
    Error,
    /// A word llmx does not know; see [`Finish::raw`].
    Other,
}
