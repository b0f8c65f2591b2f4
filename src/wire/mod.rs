//! Wire formats: each one pure file that turns a [`ChatRequest`] into an [`HttpRequest`] and bytes into [`Event`]s.
//!
//! Nothing here knows a socket, a clock or a setting. Streamed and unstreamed replies take the same path: a
//! [`Decoder`] is fed bytes, cut anywhere, and the events come out the same.

pub mod anthropic;
mod authorize;
#[cfg(feature = "bedrock")]
pub mod bedrock_anthropic;
#[cfg(feature = "bedrock")]
pub mod bedrock_converse;
pub mod classify;
pub mod cloudflare;
pub mod cohere;
pub mod count;
pub mod effort;
pub mod embed;
#[cfg(feature = "bedrock")]
pub mod event_stream;
pub mod finish;
pub mod framing;
mod function;
pub mod gemini;
pub mod google_token;
pub mod hf_text_generation;
mod lenient;
pub mod models;
pub mod ndjson;
pub mod ollama;
pub mod openai_chat;
pub mod openai_responses;
pub mod quota;
pub mod replicate;
mod request;
pub mod retry_after;
#[cfg(feature = "bedrock")]
pub mod sigv4;
pub mod sse;
#[cfg(test)]
mod testing;
mod transcript;
pub mod usage;
pub mod vertex;

use std::time::Duration;

use serde_json::Value;

pub use self::authorize::authorize;
pub use self::request::{HeaderValue, HttpRequest};
use self::request::{
    merge, merge_into, path_segment, path_segments, post, post_beside_version, provider_headers, set_header,
};
use crate::chat::{ChatRequest, Event, MediaKind};
use crate::failure::Failure;
use crate::money::Usd;
use crate::provider::{Provider, Target, places};

/// A wire format: its name, how to ask, how to read.
pub trait Codec: Sync {
    /// The name that provider rows use in `wire = "…"`.
    fn name(&self) -> &'static str;

    /// What this format can carry; see [`features`] for what a provider can.
    fn features(&self) -> Features;

    /// The parameters that its own path has places for, each with what stands there when nobody says.
    fn parameters(&self) -> &'static [(&'static str, Option<&'static str>)] {
        &[]
    }

    /// The HTTP request for `request` to `target`, without a key: see [`authorize`]. What [`Codec::features`] does not
    /// name is left out.
    fn encode(&self, target: &Target, request: &ChatRequest) -> HttpRequest;

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

    /// The request whose response goes on where this one ended; asked for after a [`Decoder::finish`] that went well. The
    /// bytes of that response are pushed into this same decoder.
    fn follow(&mut self) -> Option<Follow> {
        None
    }

    /// Asked after a body that ended too early: whether [`Decoder::follow`] can bring the rest all the same.
    fn recover(&mut self) -> bool {
        false
    }

    /// The request that stops an answer which is no longer wanted, for providers that go on when the connection is closed.
    fn cancel(&self) -> Option<HttpRequest> {
        None
    }
}

/// A further request of the same attempt.
#[derive(Clone, Debug)]
pub struct Follow {
    /// The request, without a key. A key is added only for the host that the first request went to.
    pub request: HttpRequest,
    /// How long to wait before it is sent.
    pub after: Duration,
    /// The answer is whole without it: it only adds counts, is not waited for long, and must not fail the attempt.
    pub optional: bool,
    /// The member of the earlier answer that named the address, for words.
    pub place: &'static str,
}

/// What a wire format can carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a column of its own in the table of providers")]
pub struct Features {
    /// Answers can be streamed.
    pub streaming: bool,
    /// Tools can be declared and calls read.
    pub tools: bool,
    /// A JSON Schema for the answer has a place of its own. Without one the router has it told in the system prompt.
    pub schema: bool,
    /// Sorts of attachments it has a place for. Whether a model can read them is another matter.
    pub media: &'static [MediaKind],
    /// Sorts of attachments that it takes by their address, too; the provider fetches them.
    pub addresses: &'static [MediaKind],
    /// Tokens are reported.
    pub usage: bool,
}

/// All wire formats. A new one is a file and a line here.
pub const CODECS: &[&dyn Codec] = &[
    &openai_chat::OpenAiChat,
    &openai_responses::OpenAiResponses,
    &anthropic::Anthropic,
    &gemini::Gemini,
    &vertex::VertexGemini,
    &vertex::VertexAnthropic,
    #[cfg(feature = "bedrock")]
    &bedrock_converse::BedrockConverse,
    #[cfg(feature = "bedrock")]
    &bedrock_anthropic::BedrockAnthropic,
    &cohere::Cohere,
    &ollama::Ollama,
    &replicate::Replicate,
    &cloudflare::Cloudflare,
    &hf_text_generation::TextGeneration,
];

/// The codec of that name.
pub fn codec(name: &str) -> Option<&'static dyn Codec> {
    CODECS.iter().copied().find(|codec| codec.name() == name)
}

/// What a provider can carry in the wire format of that name: what the format has a place for, and the server too. `None`
/// when there is no such format.
pub fn features(provider: &Provider, wire: &str) -> Option<Features> {
    let features = codec(wire)?.features();
    Some(Features { schema: features.schema && !provider.quirks.no_schema, ..features })
}

/// The parameters that the paths of a provider's formats have places for, as [`Codec::parameters`] has them.
pub fn parameters(provider: &Provider) -> Vec<(&str, Option<&'static str>)> {
    let own = provider.quirks.path.as_deref();
    let replaced = own.into_iter().flat_map(places).filter(|name| *name != "model").map(|name| (name, None));
    let wires = own.is_none().then_some(&provider.wire).into_iter();
    let wires = wires.chain(provider.wires.iter().map(|(_, wire)| wire));
    replaced.chain(wires.filter_map(|wire| codec(wire)).flat_map(|codec| codec.parameters().iter().copied())).collect()
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

/// An amount of dollars from a JSON number or text; what is finer than a pico-dollar is rounded.
fn dollars(value: &Value) -> Option<Usd> {
    let amount = match value {
        Value::Number(number) => {
            Usd::parse(&number.to_string()).or_else(|| Usd::parse(&format!("{:.12}", number.as_f64()?)))
        }
        Value::String(text) => Usd::parse(text),
        _ => None,
    };
    // No provider pays for being asked.
    amount.filter(|amount| amount.pico() >= 0)
}
