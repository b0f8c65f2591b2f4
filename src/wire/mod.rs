//! Wire formats: each one pure file that turns a [`ChatRequest`] into an [`HttpRequest`] and bytes into [`Event`]s.
//!
//! Nothing here knows a socket, a clock or a setting. Streamed and unstreamed replies take the same path: a
//! [`Decoder`] is fed bytes, cut anywhere, and the events come out the same.

pub mod anthropic;
pub mod classify;
pub mod finish;
pub mod framing;
pub mod gemini;
mod lenient;
pub mod openai_chat;
pub mod retry_after;
pub mod sse;

use serde_json::Value;

use crate::chat::{ChatRequest, Event};
use crate::failure::Failure;
use crate::provider::Target;
use crate::secret::Secret;

/// A wire format: its name, how to ask, how to read.
pub trait Codec: Sync {
    /// The name that provider rows use in `wire = "…"`.
    fn name(&self) -> &'static str;

    /// The HTTP request for `request` to `target`; the key, when there is one, goes into a [`HeaderValue::Secret`].
    fn encode(&self, target: &Target, key: Option<&Secret>, request: &ChatRequest) -> HttpRequest;

    /// A decoder for one response with the status 2xx. `head` tells stream from whole body by its content type.
    fn decoder(&self, target: &Target, head: &ResponseHead) -> Box<dyn Decoder + Send>;

    /// What a response with a status other than 2xx means. `body` holds at most the first 64 KiB.
    fn failure(&self, target: &Target, head: &ResponseHead, body: &[u8]) -> Failure;
}

/// Reads one response.
pub trait Decoder {
    /// Takes the next bytes of the body and appends what they complete to `events`.
    ///
    /// After an `Err` the decoder is spent; events that came before the error are in `events` all the same.
    fn push(&mut self, bytes: &[u8], events: &mut Vec<Event>) -> Result<(), Failure>;

    /// Takes the end of the body. Fails with `incomplete_stream` when the format's own end was never seen.
    fn finish(&mut self, events: &mut Vec<Event>) -> Result<(), Failure>;

    /// Whether the format's own end has been seen, so that the connection need not be read further.
    fn is_done(&self) -> bool;
}

/// All wire formats. A new one is a file and a line here.
pub const CODECS: &[&dyn Codec] = &[&openai_chat::OpenAiChat, &anthropic::Anthropic, &gemini::Gemini];

/// The codec of that name.
pub fn codec(name: &str) -> Option<&'static dyn Codec> {
    CODECS.iter().copied().find(|codec| codec.name() == name)
}

/// A request as data: what `--dry-run` prints is what is sent.
#[derive(Clone, Debug)]
pub struct HttpRequest {
    /// `POST` for all chat formats.
    pub method: &'static str,
    /// The whole address. Keys never go here.
    pub url: String,
    /// Header names in lower case with their values.
    pub headers: Vec<(String, HeaderValue)>,
    /// The JSON body; `Null` sends none.
    pub body: Value,
}

/// A header's value, secret or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeaderValue {
    /// May be printed.
    Plain(String),
    /// `prefix` may be printed, the secret may not.
    Secret {
        /// What stands before the key, such as `Bearer `.
        prefix: &'static str,
        /// The key.
        secret: Secret,
    },
}

/// Status and headers of a response.
#[derive(Clone, Debug, Default)]
pub struct ResponseHead {
    /// HTTP status.
    pub status: u16,
    /// Header names in lower case with their values.
    pub headers: Vec<(String, String)>,
}

impl ResponseHead {
    /// The first value of a header, by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The provider's id of the request.
    pub fn request_id(&self) -> Option<&str> {
        ["x-request-id", "request-id", "x-amzn-requestid", "apim-request-id"].iter().find_map(|name| self.header(name))
    }
}
