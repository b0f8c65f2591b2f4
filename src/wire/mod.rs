//! Wire formats: each one pure file that turns a [`ChatRequest`] into an [`HttpRequest`] and bytes into [`Event`]s.
//!
//! Nothing here knows a socket, a clock or a setting. Streamed and unstreamed replies take the same path: a
//! [`Decoder`] is fed bytes, cut anywhere, and the events come out the same.

pub mod anthropic;
#[cfg(feature = "bedrock")]
pub mod bedrock_anthropic;
#[cfg(feature = "bedrock")]
pub mod bedrock_converse;
mod beside;
pub mod classify;
pub mod cloudflare;
pub mod cohere;
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
pub mod replicate;
pub mod retry_after;
#[cfg(feature = "bedrock")]
pub mod sigv4;
pub mod sse;
#[cfg(test)]
mod testing;
mod transcript;
pub mod vertex;

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use crate::chat::{ChatRequest, Event, MediaKind};
use crate::failure::Failure;
use crate::money::Usd;
use crate::provider::{Auth, Provider, Target};
use crate::secret::{REDACTED, Secret};

/// A wire format: its name, how to ask, how to read.
pub trait Codec: Sync {
    /// The name that provider rows use in `wire = "…"`.
    fn name(&self) -> &'static str;

    /// What this format can carry; see [`features`] for what a provider can.
    fn features(&self) -> Features;

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

impl HttpRequest {
    /// The bytes of the body, as they are signed and sent; `None` when there are none.
    pub fn payload(&self) -> Option<String> {
        (!self.body.is_null()).then(|| self.body.to_string())
    }

    /// The secrets that its headers carry.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        self.headers.iter().filter_map(|(_, value)| match value {
            HeaderValue::Plain(_) => None,
            HeaderValue::Secret { secret, .. } => Some(secret),
        })
    }
}

/// As it goes over the wire, with the key hidden and the body laid out.
impl fmt::Display for HttpRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{} {}", self.method, self.url)?;
        for (name, value) in &self.headers {
            match value {
                HeaderValue::Plain(text) => writeln!(formatter, "{name}: {text}")?,
                HeaderValue::Secret { prefix, .. } => writeln!(formatter, "{name}: {prefix}{REDACTED}")?,
            }
        }
        write!(formatter, "\n{:#}", self.body)
    }
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

/// The request all chat formats share: address, headers, key, body. `path` may hold `{model}`; a quirk may replace the path
/// of the row's own format, not that of another format under the same row.
fn post(target: &Target, path: &str, stream: bool, body: Value) -> HttpRequest {
    let provider = &target.provider;
    let own = provider.quirks.path.as_deref().filter(|_| target.wire() == provider.wire);
    let path = own.unwrap_or(path).replace("{model}", &path_segment(&target.id.model));
    let path = provider.fill(&path, path_segment);
    let accept = if stream { "text/event-stream" } else { "application/json" };
    let mut headers = vec![
        ("content-type".to_owned(), HeaderValue::Plain("application/json".to_owned())),
        ("accept".to_owned(), HeaderValue::Plain(accept.to_owned())),
    ];
    for (name, value) in provider_headers(provider) {
        set_header(&mut headers, &name, value);
    }
    HttpRequest { method: "POST", url: address(&provider.base_of(&target.id.model), &path), headers, body }
}

/// What the user sends with every request to a provider. Whatever stands there may be a key; nothing built in does.
fn provider_headers(provider: &Provider) -> Vec<(String, HeaderValue)> {
    let secret = |value: &str| HeaderValue::Secret { prefix: "", secret: Secret::new(header_text(value)) };
    provider.headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), secret(value))).collect()
}

/// As [`post`], for a path that stands beside the versioned paths of a server whose base address may end with `/v1`.
fn post_beside_version(target: &Target, path: &str, stream: bool, body: Value) -> HttpRequest {
    let mut request = post(target, path, stream, body);
    let base = &target.provider.base_url;
    if let Some(root) = base.strip_suffix("/v1").filter(|_| target.provider.quirks.path.is_none()) {
        request.url = request.url.replacen(base, root, 1);
    }
    request
}

/// Base and path in one address. People write the base with the format's version at its end and without: both mean the same.
fn address(base: &str, path: &str) -> String {
    let (base, path) = (base.trim_end_matches('/'), path.trim_start_matches('/'));
    let versioned = matches!(base.rsplit('/').next(), Some("v1" | "v1beta" | "v1beta1"));
    let path = match path.split_once('/') {
        Some(("v1" | "v1beta", rest)) if versioned => rest,
        Some(("v2", rest)) if base.ends_with("/v2") => rest,
        _ => path,
    };
    format!("{base}/{path}")
}

/// Adds what shows the provider who asks: the last step before a request is sent, since a signature is over all of it
/// and over the time.
///
/// Fails with [`FailureClass::Auth`](crate::failure::FailureClass::Auth) when `key` is none of the sort that the provider takes. A header that the user set
/// by that name stays.
pub fn authorize(
    request: &mut HttpRequest,
    provider: &Provider,
    key: Option<&Secret>,
    now: Timestamp,
) -> Result<(), Failure> {
    let Some(key) = key else { return Ok(()) };
    let (name, prefix) = match &provider.auth {
        Auth::Bearer | Auth::Optional => ("authorization", "Bearer "),
        Auth::Header(name) => (name.as_str(), ""),
        Auth::Aws(service) => return authorize_aws(request, provider, service, key, now),
        Auth::None => return Ok(()),
    };
    let name = name.to_ascii_lowercase();
    if !request.headers.iter().any(|(known, _)| *known == name) {
        let secret = Secret::new(header_text(key.expose()));
        request.headers.push((name, HeaderValue::Secret { prefix, secret }));
    }
    Ok(())
}

#[cfg(feature = "bedrock")]
use sigv4::authorize as authorize_aws;

#[cfg(not(feature = "bedrock"))]
fn authorize_aws(_: &mut HttpRequest, _: &Provider, _: &str, _: &Secret, _: Timestamp) -> Result<(), Failure> {
    let message = "this llmx was built without the feature `bedrock`, so it cannot sign requests to AWS";
    Err(Failure::new(crate::failure::FailureClass::Auth, "feature bedrock", message))
}

/// Sets a header, in the place of one of that name.
fn set_header(headers: &mut Vec<(String, HeaderValue)>, name: &str, value: HeaderValue) {
    let name = name.to_ascii_lowercase();
    headers.retain(|(known, _)| *known != name);
    headers.push((name, value));
}

/// A header's value without control characters: a line break would begin a header of its own.
fn header_text(value: &str) -> String {
    value.trim().chars().filter(|letter| !letter.is_control()).collect()
}

/// A text as one segment of a path, percent-encoded where needed.
fn path_segment(text: &str) -> String {
    percent_encoded(text, b"-_.~@")
}

/// A text with everything percent-encoded but letters, digits and the bytes of `plain`.
fn percent_encoded(text: &str, plain: &[u8]) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || plain.contains(&byte);
    let hex = |digit: u8| char::from(b"0123456789ABCDEF"[usize::from(digit & 15)]);
    let mut segment = String::with_capacity(text.len());
    for byte in text.bytes() {
        if plain(byte) {
            segment.push(char::from(byte));
        } else {
            segment.extend(['%', hex(byte >> 4), hex(byte)]);
        }
    }
    segment
}

/// A name with slashes as that many segments of a path.
fn path_segments(text: &str) -> String {
    text.split('/').map(path_segment).collect::<Vec<_>>().join("/")
}

/// Lays `extra` over `body`: objects are merged member by member, everything else is replaced.
fn merge(body: &mut Value, extra: &serde_json::Map<String, Value>) {
    for (name, value) in extra {
        match (body.get_mut(name), value) {
            (Some(known @ Value::Object(_)), Value::Object(members)) => merge(known, members),
            _ => body[name.as_str()] = value.clone(),
        }
    }
}

/// Lays `extra` over `body` for formats whose options stand together in one member: all but the names in `beside` go there.
fn merge_into(body: &mut Value, member: &str, extra: &serde_json::Map<String, Value>, beside: &[&str]) {
    let (outer, inner): (serde_json::Map<_, _>, serde_json::Map<_, _>) =
        extra.clone().into_iter().partition(|(name, _)| beside.contains(&name.as_str()));
    merge(&mut body[member], &inner);
    merge(body, &outer);
}

/// An amount of dollars from a JSON number or text; what is finer than a pico-dollar is rounded.
fn dollars(value: &Value) -> Option<Usd> {
    match value {
        Value::Number(number) => {
            Usd::parse(&number.to_string()).or_else(|| Usd::parse(&format!("{:.12}", number.as_f64()?)))
        }
        Value::String(text) => Usd::parse(text),
        _ => None,
    }
}
