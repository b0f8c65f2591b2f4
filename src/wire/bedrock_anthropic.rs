//! Anthropic Messages through Bedrock's `InvokeModel` (`bedrock-anthropic`): the body is Anthropic's with its version inside
//! and without model and stream, which the path says; a stream is AWS messages that hold Anthropic's events in base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

use super::anthropic::{Anthropic, COUNTING, MessageReader, reader};
use super::bedrock_converse::EVENT_STREAM;
use super::framing::{End, Framed, Reader, malformed};
use super::lenient::{Index, Text};
use super::{Codec, Decoder, Features, HeaderValue, HttpRequest, ResponseHead, classify, finish, post, set_header};
use crate::chat::{ChatRequest, Event, Usage};
use crate::failure::{Failure, FailureClass};
use crate::provider::Target;

/// The version of the format on Bedrock.
const VERSION: &str = "bedrock-2023-05-31";

/// The codec.
pub struct BedrockAnthropic;

impl Codec for BedrockAnthropic {
    fn name(&self) -> &'static str {
        "bedrock-anthropic"
    }

    fn features(&self) -> Features {
        Anthropic.features()
    }

    fn encode(&self, target: &Target, request: &ChatRequest) -> HttpRequest {
        let plain = Anthropic.encode(target, request);
        let mut body = json!({"anthropic_version": VERSION});
        if let (Value::Object(members), Value::Object(plain)) = (&mut body, plain.body) {
            members.extend(plain.into_iter().filter(|(name, _)| name != "model" && name != "stream"));
        }
        let way = if request.stream { "invoke-with-response-stream" } else { "invoke" };
        let mut encoded = post(target, &format!("/model/{{model}}/{way}"), request.stream, body);
        if request.stream {
            set_header(&mut encoded.headers, "accept", HeaderValue::Plain(EVENT_STREAM.to_owned()));
        }
        encoded
    }

    fn decoder(&self, _target: &Target, head: &ResponseHead) -> Box<dyn Decoder + Send> {
        let seen = Usage { counting: COUNTING, ..Usage::default() };
        let reader =
            InvokeReader { inner: reader(), seen, in_head: Metrics::of_head(head), finished: false, done: false };
        Box::new(Framed::new(head, reader))
    }

    fn failure(&self, _target: &Target, head: &ResponseHead, body: &[u8]) -> Failure {
        classify::http_failure(head, body)
    }
}

/// The payload of a message of a stream.
#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
struct Payload<'a> {
    #[serde(default)]
    bytes: Text<'a>,
}

/// What Bedrock adds to an event or a whole reply, and the members of the format before Messages, which old models speak.
#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
struct Additions<'a> {
    #[serde(default, rename = "amazon-bedrock-invocationMetrics")]
    metrics: Option<Metrics>,
    #[serde(default, rename = "type")]
    kind: Text<'a>,
    #[serde(default)]
    completion: Option<Text<'a>>,
    #[serde(default)]
    stop_reason: Text<'a>,
}

/// Bedrock's own counts of tokens. They say nothing that the model does not say, and count where it says nothing.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
struct Metrics {
    #[serde(default, rename = "inputTokenCount")]
    input: Index,
    #[serde(default, rename = "outputTokenCount")]
    output: Index,
    #[serde(default, rename = "cacheReadInputTokenCount")]
    cache_read: Index,
    #[serde(default, rename = "cacheWriteInputTokenCount")]
    cache_write: Index,
}

impl Metrics {
    /// As headers tell them with a reply that is not streamed.
    fn of_head(head: &ResponseHead) -> Self {
        let header = |name: &str| head.header(&format!("x-amzn-bedrock-{name}-token-count"));
        let count = |name: &str| Index(header(name).and_then(|count| count.trim().parse().ok()));
        Self {
            input: count("input"),
            output: count("output"),
            cache_read: count("cache-read-input"),
            cache_write: count("cache-write-input"),
        }
    }

    /// Fills what `usage` does not say; whether there was anything.
    fn fill(self, usage: &mut Usage) -> bool {
        let mut filled = false;
        let mut fill = |known: &mut Option<u64>, count: Index| {
            filled |= known.is_none() && count.0.is_some();
            *known = known.or(count.0);
        };
        fill(&mut usage.input, self.input);
        fill(&mut usage.output, self.output);
        fill(&mut usage.cache_read, self.cache_read);
        fill(&mut usage.cache_write, self.cache_write);
        filled
    }
}

/// Unwraps what Bedrock wraps and hands it to the reader of Anthropic's format.
struct InvokeReader {
    inner: MessageReader,
    /// The usage so far.
    seen: Usage,
    in_head: Metrics,
    /// The end of a reply in the format before Messages.
    finished: bool,
    done: bool,
}

impl Reader for InvokeReader {
    fn event(&mut self, _name: &str, data: &str, events: &mut Vec<Event>) -> Result<(), Failure> {
        let payload: Payload<'_> = serde_json::from_str(data).map_err(|error| malformed(&error, data, false))?;
        let Some(wrapped) = payload.bytes.filled() else { return Ok(()) };
        let not_base64 =
            || Failure::new(FailureClass::Protocol, "base64", "a piece of the stream is not the base64 it should be");
        let bytes = STANDARD.decode(wrapped).map_err(|_| not_base64())?;
        let json = String::from_utf8_lossy(&bytes);
        let additions: Additions<'_> = serde_json::from_str(&json).map_err(|error| malformed(&error, &json, false))?;
        if additions.completion.is_some() && additions.kind.filled().is_none() {
            self.completion(&additions, events);
            self.done = additions.metrics.is_some();
        } else {
            self.pass_on(events, |inner, events| inner.event("", &json, events))?;
        }
        self.fill(additions.metrics.unwrap_or_default(), events);
        Ok(())
    }

    fn whole(&mut self, body: &str, events: &mut Vec<Event>) -> Result<(), Failure> {
        let additions: Additions<'_> = serde_json::from_str(body).map_err(|error| malformed(&error, body, true))?;
        if additions.completion.is_some() {
            self.completion(&additions, events);
        } else {
            self.pass_on(events, |inner, events| inner.whole(body, events))?;
        }
        self.fill(additions.metrics.unwrap_or_default(), events);
        self.fill(self.in_head, events);
        Ok(())
    }

    fn end(&self) -> End {
        match End::of(self.done, self.finished) {
            End::Open => self.inner.end(),
            end => end,
        }
    }
}

impl InvokeReader {
    fn pass_on(
        &mut self,
        events: &mut Vec<Event>,
        read: impl FnOnce(&mut MessageReader, &mut Vec<Event>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let before = events.len();
        let result = read(&mut self.inner, events);
        let usage = events[before..].iter().rev().find_map(|event| match event {
            Event::Usage(usage) => Some(Usage::clone(usage)),
            _ => None,
        });
        self.seen = usage.unwrap_or_else(|| std::mem::take(&mut self.seen));
        result
    }

    fn completion(&mut self, said: &Additions<'_>, events: &mut Vec<Event>) {
        let text = said.completion.as_ref().and_then(Text::filled);
        events.extend(text.map(|text| Event::Text(text.to_owned())));
        if let Some(word) = said.stop_reason.filled() {
            self.finished = true;
            events.push(Event::Finished(finish::finish(word, None, false)));
        }
    }

    fn fill(&mut self, metrics: Metrics, events: &mut Vec<Event>) {
        if metrics.fill(&mut self.seen) {
            events.push(Event::Usage(Box::new(self.seen.clone())));
        }
    }
}

#[cfg(test)]
mod tests;
