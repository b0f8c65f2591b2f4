//! What is asked ([`ChatRequest`]), in no provider's format.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ToolCall;

/// One request to a model, in no provider's format.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChatRequest {
    /// The system prompt.
    pub system: Option<String>,
    /// The turns so far, oldest first; the last one is what is asked.
    pub messages: Vec<Message>,
    /// Tools that the model may call. llmx runs none: calls are reported as data.
    pub tools: Vec<Tool>,
    /// Whether a tool must be called; `None` leaves it to the provider.
    pub tool_choice: Option<ToolChoice>,
    /// The form that the answer must have; `None` asks for plain text.
    pub form: Option<AnswerForm>,
    /// Sampling and length. What is `None` is not sent: reasoning models reject what they do not know.
    pub options: Options,
    /// Whether to ask for a stream.
    pub stream: bool,
}

/// A tool as data.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// What it does, for the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// JSON Schema of the arguments; `Null` when it takes none.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub parameters: Value,
    /// Whether the provider must hold arguments to the schema; `None` is not sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strict: Option<bool>,
}

/// Whether a tool must be called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToolChoice {
    /// The model decides.
    Auto,
    /// None may be called.
    None,
    /// One at least must be called.
    Required,
    /// This one must be called.
    Named(String),
}

/// The form that an answer must have.
#[derive(Clone, Debug, PartialEq)]
pub enum AnswerForm {
    /// Any JSON object.
    Json,
    /// JSON that fits a schema.
    Schema(Schema),
}

/// A JSON Schema with the name that some providers demand.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schema {
    /// Letters, digits, `_` and `-`.
    pub name: String,
    /// What the answer is, for the model.
    pub description: Option<String>,
    /// The schema.
    pub schema: Value,
    /// Whether the provider must hold the answer to the schema; `None` is not sent.
    pub strict: Option<bool>,
}

/// Members of a body that would make the request another one than was decided, priced and recorded: never [`Options::extra`].
pub const OWN_MEMBERS: &[&str] = &["model", "messages", "contents", "stream"];

/// Sampling options, each sent only when given.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Options {
    /// Sampling temperature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// Nucleus sampling share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_p: Option<f64>,
    /// The most tokens to answer with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u64>,
    /// Texts that end the answer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stop: Vec<String>,
    /// Seed for providers that take one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<i64>,
    /// How hard to think, in the provider's words (`low`, `medium`, `high`, …).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning_effort: Option<String>,
    /// Further body members (`-o key=value`), merged into the request as they are.
    #[serde(skip_serializing_if = "serde_json::Map::is_empty")]
    pub extra: serde_json::Map<String, Value>,
}

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The person or script.
    User,
    /// The model.
    Assistant,
}

/// One turn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said, in order.
    pub parts: Vec<Part>,
}

impl Message {
    /// A turn of plain text.
    pub fn text(role: Role, text: impl Into<String>) -> Self {
        Self { role, parts: vec![Part::Text(text.into())] }
    }

    /// The texts of the turn, with an empty line between.
    pub fn joined_text(&self) -> String {
        let texts: Vec<_> = self.parts.iter().filter_map(Part::as_text).collect();
        texts.join("\n\n")
    }

    /// The tools that were called in this turn.
    pub fn tool_calls(&self) -> impl Iterator<Item = &ToolCall> {
        self.parts.iter().filter_map(|part| if let Part::ToolCall(call) = part { Some(call) } else { None })
    }

    /// What tools answered in this turn.
    pub fn tool_results(&self) -> impl Iterator<Item = &ToolResult> {
        self.parts.iter().filter_map(|part| if let Part::ToolResult(result) = part { Some(result) } else { None })
    }
}

/// One piece of a turn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Plain text.
    Text(String),
    /// An image, a document or a recording; turns of the user only.
    Media(Media),
    /// Earlier thinking of the model, given back to the provider that wrote it; turns of the model only.
    Thought(Thought),
    /// A tool that the model called; turns of the model only.
    ToolCall(ToolCall),
    /// What a tool answered; turns of the user only.
    ToolResult(ToolResult),
}

impl Part {
    /// The text of a piece that is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// An attachment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Media {
    /// Its media type, told by its content: `image/png`, `application/pdf`, …
    pub media_type: String,
    /// What it is called, where the format has a place for a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where its bytes are.
    pub source: MediaSource,
}

impl Media {
    /// What sort of attachment it is.
    pub fn kind(&self) -> MediaKind {
        match self.media_type.split('/').next() {
            Some("image") => MediaKind::Image,
            Some("audio") => MediaKind::Audio,
            Some("video") => MediaKind::Video,
            _ => MediaKind::Document,
        }
    }

    /// Its address; bytes are a `data:` address (RFC 2397).
    pub fn address(&self) -> String {
        match &self.source {
            MediaSource::Base64(data) => format!("data:{};base64,{data}", self.media_type),
            MediaSource::Url(url) => url.clone(),
        }
    }
}

/// Where the bytes of an attachment are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaSource {
    /// Here, as base64 text: every format wants them so.
    Base64(String),
    /// At an address that the provider fetches itself.
    Url(String),
}

/// Sorts of attachments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaKind {
    /// A picture.
    Image,
    /// A PDF or another document.
    Document,
    /// A recording of sound.
    Audio,
    /// A film.
    Video,
}

/// Thinking that a provider wants to see again. What it sealed is given back as it came.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Thought {
    /// The provider's id of it (Responses).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The thinking as shown; empty when it was hidden.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// The provider's seal: a signature (Anthropic, Gemini), encrypted content (Responses), redacted data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seal: Option<String>,
}

/// What a tool answered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ToolResult {
    /// The id of the call it answers; `None` where the provider gave none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<String>,
    /// The tool's name, for formats that match by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The answer.
    pub content: String,
    /// The tool failed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_error: bool,
}
