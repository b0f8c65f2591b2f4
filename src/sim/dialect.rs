//! What a wire format needs to be spoken by the fleet ([`Dialect`]), in the words all of them share: what was asked
//! ([`Ask`]), what is said ([`Spoken`]), what is refused ([`Trouble`]).

mod anthropic;
mod gemini;
mod openai_chat;

use std::time::SystemTime;

use serde_json::Value;

/// One wire format, from the server's side. The bytes follow recorded traffic of the providers.
pub trait Dialect: Sync {
    /// Reads a request. `path` is what follows the provider's name.
    fn read(&self, path: &str, body: &Value) -> Ask;

    /// The events of a streamed reply.
    fn stream(&self, ask: &Ask, spoken: &Spoken) -> Stream;

    /// The body of a reply in one piece.
    fn whole(&self, ask: &Ask, spoken: &Spoken) -> Value;

    /// Status and body of a refused request.
    fn trouble(&self, trouble: Trouble, ask: &Ask) -> (u16, Value);

    /// The content type of a refusal.
    fn trouble_type(&self, _: &Ask) -> &'static str {
        "application/json"
    }

    /// The error event that stands in a stream after its 200.
    fn broken_stream(&self, ask: &Ask) -> String;

    /// An event that is no JSON.
    fn malformed(&self) -> &'static str;

    /// The list of models.
    fn models(&self, names: &[&str]) -> Value;

    /// Further headers of a response, with the id of the request, how many came before it, and the current time.
    fn headers(&self, request_id: &str, earlier: u64, now: SystemTime) -> Vec<(&'static str, String)>;

    /// The key in the request's headers.
    fn key(&self, header: &dyn Fn(&str) -> Option<String>) -> Option<String>;
}

/// A request in no provider's format.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ask {
    /// The model.
    pub model: String,
    /// The text of the last turn.
    pub prompt: String,
    /// Tokens of the whole prompt, see [`super::tokens::count`].
    pub input: u64,
    /// Whether a stream is wanted.
    pub stream: bool,
    /// How the stream is framed.
    pub framing: Framing,
    /// Whether the stream shall end with usage (OpenAI).
    pub include_usage: bool,
    /// The most tokens to answer with, thinking included.
    pub max_tokens: Option<usize>,
    /// Texts that end the answer.
    pub stop: Vec<String>,
    /// The request's seed.
    pub seed: Option<i64>,
    /// Whether the model was asked to think.
    pub thinking: Thinking,
    /// Whether the answer shall be JSON.
    pub json: bool,
}

/// Whether a model was asked to think.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Thinking {
    /// No.
    #[default]
    Off,
    /// Yes, without asking for the thinking's text.
    Counted,
    /// Yes, with its text.
    Shown,
}

impl Thinking {
    fn of(thinks: bool, shown: bool) -> Self {
        match (thinks, shown) {
            (false, _) => Self::Off,
            (true, false) => Self::Counted,
            (true, true) => Self::Shown,
        }
    }
}

/// How a stream is framed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Framing {
    /// Server-sent events.
    #[default]
    Events,
    /// A JSON array, element by element (Gemini without `alt=sse`).
    Array,
}

/// A reply in no provider's format.
#[derive(Clone, Debug, PartialEq)]
pub struct Spoken {
    /// A number from which the reply's id is made.
    pub number: u64,
    /// The thinking, token by token.
    pub thinking: Vec<String>,
    /// Whether the thinking is sent as text or only counted.
    pub shows_thinking: bool,
    /// The answer, token by token.
    pub text: Vec<String>,
    /// Why it ends.
    pub end: End,
}

impl Spoken {
    /// Tokens of the answer, thinking included.
    pub fn output(&self) -> usize {
        self.thinking.len() + self.text.len()
    }
}

/// Why a reply ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The answer is complete.
    Stop,
    /// The text that ended it.
    StopSequence(String),
    /// The token limit.
    Length,
    /// The content filter.
    Filter,
}

/// The events of a streamed reply.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stream {
    /// Before the first token.
    pub before: Vec<String>,
    /// One per token, thinking first; empty where a token is counted but not sent.
    pub tokens: Vec<String>,
    /// After the last token.
    pub after: Vec<String>,
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// No key was sent.
    NoKey,
    /// The key is wrong.
    BadKey,
    /// The key may not do this.
    Permission,
    /// The model does not exist.
    NotFound,
    /// The request is wrong.
    Invalid,
    /// The prompt is too long.
    Context,
    /// Credit or daily quota is spent.
    Quota,
    /// Too many requests, with the wait in milliseconds when it is said.
    RateLimit(Option<u64>),
    /// 500.
    ServerError,
    /// 503.
    Unavailable,
    /// 529.
    Overloaded,
}

/// Formats of [`crate::wire::CODECS`] by name, each with the base path that its codec adds to.
pub const DIALECTS: &[(&str, &str, &dyn Dialect)] = &[
    ("openai-chat", "/v1", &openai_chat::OpenAiChat),
    ("anthropic", "/v1", &anthropic::Anthropic),
    ("gemini", "/v1beta", &gemini::Gemini),
];

/// What a request wants, told by its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// An answer.
    Chat,
    /// The list of models.
    Models,
}

/// The format and endpoint that a path after the provider's name stands for. The list of models looks alike in all
/// formats, so `anthropic` (whether the request carries Anthropic's version header) and the path's version decide.
pub fn route(path: &str, anthropic: bool) -> Option<(&'static dyn Dialect, Endpoint)> {
    let path = path.split('?').next().unwrap_or(path);
    if path.ends_with("/chat/completions") {
        Some((&openai_chat::OpenAiChat, Endpoint::Chat))
    } else if path.ends_with("/messages") {
        Some((&anthropic::Anthropic, Endpoint::Chat))
    } else if path.ends_with(":generateContent") || path.ends_with(":streamGenerateContent") {
        Some((&gemini::Gemini, Endpoint::Chat))
    } else if path.ends_with("/models") && anthropic {
        Some((&anthropic::Anthropic, Endpoint::Models))
    } else if path.ends_with("/models") && path.contains("/v1beta") {
        Some((&gemini::Gemini, Endpoint::Models))
    } else if path.ends_with("/models") {
        Some((&openai_chat::OpenAiChat, Endpoint::Models))
    } else {
        None
    }
}

/// The text of a member that is a string, an array of parts with `text`, or an object with `parts`.
fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().map(text_of).collect::<Vec<_>>().join("\n"),
        Value::Object(part) => {
            ["text", "parts", "content"].iter().find_map(|name| part.get(*name)).map(text_of).unwrap_or_default()
        }
        _ => String::new(),
    }
}

/// The texts of a member that is a string or an array of strings.
fn texts_of(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// The last turn's text, and the tokens of all turns and the system prompt.
fn prompt_of(system: &Value, turns: &Value) -> (String, u64) {
    let turns: Vec<String> = turns.as_array().into_iter().flatten().map(text_of).collect();
    let all = turns.iter().map(String::as_str).collect::<String>() + &text_of(system);
    (turns.last().cloned().unwrap_or_default(), super::tokens::count(&all))
}

/// A member that is a count.
fn count_of(value: &Value) -> Option<usize> {
    value.as_u64().and_then(|count| usize::try_from(count).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_tells_the_format_whatever_stands_before_it() {
        let endpoint = |path, anthropic| route(path, anthropic).map(|(_, endpoint)| endpoint);
        for path in [
            "/v1/chat/completions",
            "/messages",
            "/v1/v1/messages?beta=true",
            "/models/m:streamGenerateContent?alt=sse",
        ] {
            assert_eq!(endpoint(path, false), Some(Endpoint::Chat), "{path}");
        }
        for path in ["/v1/models?limit=1000", "/v1beta/models"] {
            assert_eq!(endpoint(path, true), Some(Endpoint::Models), "{path}");
        }
        assert_eq!(endpoint("/v1/embeddings", false), None);
    }

    #[test]
    fn every_dialect_has_its_codec() {
        assert!(DIALECTS.iter().all(|(name, ..)| crate::wire::codec(name).is_some()));
    }
}
