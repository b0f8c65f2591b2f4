//! What a wire format needs to be spoken by the fleet ([`Dialect`]), in the words all of them share: what was asked
//! ([`Ask`]), what is said ([`Spoken`]), what is refused ([`Trouble`]). Which format a path belongs to is [`route`]'s table.

mod anthropic;
mod aws;
mod bedrock;
mod cloudflare;
mod cohere;
mod gemini;
mod huggingface;
mod ollama;
mod openai_chat;
mod openai_responses;
pub mod reading;
pub(in crate::sim) mod replicate;
pub mod route;

use std::time::SystemTime;

use serde_json::Value;

pub use super::framing::{Event, Framing};

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

    /// Further headers of a refusal.
    fn trouble_headers(&self, _: Trouble) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// The events with which a stream tells of an error after its 200.
    fn broken_stream(&self, ask: &Ask) -> Vec<Event>;

    /// Status and body of an answer in one piece that failed on the way.
    fn broken_whole(&self, ask: &Ask) -> (u16, Value) {
        (200, self.trouble(Trouble::ServerError, ask).1)
    }

    /// The status of an answer.
    fn status(&self) -> u16 {
        200
    }

    /// The promise of an answer that is to be fetched elsewhere, for formats that answer so.
    fn promise(&self, _: &Ask, _number: u64) -> Option<Value> {
        None
    }

    /// Further headers of a response, with the id of the request, how many came before it, and the current time.
    fn headers(&self, request_id: &str, earlier: u64, now: SystemTime) -> Vec<(&'static str, String)>;
}

/// A request in no provider's format.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a member of some request")]
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
    /// Whether the stream ends with usage (OpenAI).
    pub include_usage: bool,
    /// Whether the answer repeats the prompt (Hugging Face).
    pub echo: bool,
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
    /// The schema that the answer shall fit.
    pub schema: Option<Value>,
    /// Attachments of the last turn.
    pub media: Vec<Media>,
    /// Tools that the model may call.
    pub tools: Vec<Tool>,
    /// Whether it must.
    pub choice: Choice,
    /// What tools answered since the model spoke last.
    pub results: Vec<String>,
    /// Whether the answer is fetched at another address (Replicate).
    pub deferred: bool,
    /// Where the fleet is reached, for answers that name further addresses.
    pub address: String,
}

/// An attachment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Media {
    /// Its media type, or its sort where the format tells no more.
    pub kind: String,
    /// Its size; `None` when it is only an address.
    pub bytes: Option<usize>,
}

/// A tool that was declared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// The JSON Schema of its arguments.
    pub schema: Value,
}

/// Whether a tool must be called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// The model decides.
    #[default]
    Auto,
    /// None may be called.
    None,
    /// One must be.
    Required,
    /// This one must be.
    Named(String),
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
    /// The tools that are called.
    pub calls: Vec<Call>,
    /// Why it ends.
    pub end: End,
}

impl Spoken {
    /// Tokens of the answer, thinking and calls included.
    pub fn output(&self) -> usize {
        self.thinking.len() + self.text.len() + self.calls.iter().map(|call| call.pieces.len()).sum::<usize>()
    }

    /// Whether thinking is sent as text.
    fn thinks_aloud(&self) -> bool {
        self.shows_thinking && !self.thinking.is_empty()
    }

    /// The thinking where it is sent; `None` where it is not.
    fn shown_thinking(&self) -> Option<String> {
        self.thinks_aloud().then(|| self.thinking.concat())
    }
}

/// A tool that is called.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// A number from which its id is made.
    pub number: u64,
    /// The tool's name.
    pub name: String,
    /// The arguments.
    pub arguments: Value,
    /// The same as text, token by token.
    pub pieces: Vec<String>,
}

impl Call {
    /// Its id with that prefix.
    fn id(&self, prefix: &str) -> String {
        format!("{prefix}sim{:016x}", self.number)
    }

    /// Events in which the call comes whole: one for its last token and none for those before.
    fn at_once(&self, event: Event) -> impl Iterator<Item = Vec<Event>> {
        let waits = self.pieces.len().saturating_sub(1);
        std::iter::repeat_n(Vec::new(), waits).chain([vec![event]])
    }
}

/// Why a reply ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The answer is complete.
    Stop,
    /// Tools are called.
    Calls,
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
    pub before: Vec<Event>,
    /// Those of each token, thinking first; none where a token is counted but not sent.
    pub tokens: Vec<Vec<Event>>,
    /// After the last token.
    pub after: Vec<Event>,
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

/// Whether the fleet speaks a wire format. What it does not speak is rehearsed in another.
pub fn speaks(wire: &str) -> bool {
    DIALECTS.iter().any(|(name, ..)| *name == wire)
}

/// Formats of [`crate::wire::CODECS`] by name, each with the base path that its codec adds to.
pub const DIALECTS: &[(&str, &str, &dyn Dialect)] = &[
    ("openai-chat", "/v1", &openai_chat::OpenAiChat { azure: false }),
    ("openai-responses", "/v1", &openai_responses::OpenAiResponses),
    ("anthropic", "/v1", &anthropic::Anthropic { host: anthropic::Host::Own }),
    ("vertex-anthropic", "", &anthropic::Anthropic { host: anthropic::Host::Vertex }),
    ("bedrock-anthropic", "", &anthropic::Anthropic { host: anthropic::Host::Bedrock }),
    ("gemini", "/v1beta", &gemini::Gemini { vertex: false }),
    ("vertex-gemini", "", &gemini::Gemini { vertex: true }),
    ("bedrock-converse", "", &bedrock::Bedrock),
    ("cohere-v2-chat", "", &cohere::Cohere),
    ("ollama-chat", "", &ollama::Ollama),
    ("replicate", "/v1", &replicate::Replicate),
    ("cloudflare-run", "/client/v4/accounts/sim/ai", &cloudflare::Cloudflare),
    ("hf-text-generation", "/hf-inference", &huggingface::HuggingFace),
];

/// The format of that name.
pub fn dialect(wire: &str) -> Option<&'static dyn Dialect> {
    DIALECTS.iter().find(|(name, ..)| *name == wire).map(|(.., dialect)| *dialect)
}

#[cfg(test)]
mod tests;
