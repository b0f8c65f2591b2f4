//! Anthropic Messages (`anthropic`). A stream is content blocks that start, grow and stop; a whole reply is the same
//! blocks in a list.

mod encode;

use serde_json::{Value, json};

pub(super) use self::encode::{body, body_after};
use super::framing::{End, Framed, Reader, malformed, reported, unknown_shape};
use super::lenient::{Index, Text};
pub(super) use super::usage::anthropic::COUNTING;
use super::{Codec, Decoder, Features, HeaderValue, HttpRequest, ResponseHead, classify, finish, post, usage};
use crate::chat::{ChatRequest, Event, MediaKind, Usage};
use crate::failure::Failure;
use crate::provider::Target;

/// The version of the format, sent with every request.
const VERSION: &str = "2023-06-01";

/// The codec.
pub struct Anthropic;

impl Codec for Anthropic {
    fn name(&self) -> &'static str {
        "anthropic"
    }

    fn features(&self) -> Features {
        FEATURES
    }

    fn encode(&self, target: &Target, request: &ChatRequest) -> HttpRequest {
        let mut encoded = post(target, "/v1/messages", request.stream, body(target, request));
        if !encoded.headers.iter().any(|(name, _)| name == "anthropic-version") {
            super::set_header(&mut encoded.headers, "anthropic-version", HeaderValue::Plain(VERSION.to_owned()));
        }
        encoded
    }

    fn decoder(&self, _target: &Target, head: &ResponseHead) -> Box<dyn Decoder + Send> {
        decoder(head)
    }

    fn failure(&self, _target: &Target, head: &ResponseHead, body: &[u8]) -> Failure {
        classify::http_failure(head, body)
    }
}

/// A reader of Anthropic's events and messages.
pub(super) fn reader() -> MessageReader {
    let usage = Usage { counting: COUNTING, raw: json!({}), ..Usage::default() };
    MessageReader { usage, ..MessageReader::default() }
}

/// What a Messages body has a place for.
pub(super) const FEATURES: Features = Features {
    streaming: true,
    tools: true,
    schema: true,
    media: &[MediaKind::Image, MediaKind::Document],
    addresses: &[MediaKind::Image, MediaKind::Document],
    usage: true,
};

/// A decoder of messages, for all places that speak the format.
pub(super) fn decoder(head: &ResponseHead) -> Box<dyn Decoder + Send> {
    Box::new(Framed::new(head, reader()))
}

/// An event of a stream, or a whole message: their members do not clash.
#[derive(serde::Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
struct Message<'a> {
    #[serde(default, rename = "type")]
    kind: Text<'a>,
    #[serde(default)]
    index: Index,
    /// In the first event of a stream: what a whole message says at its top.
    #[serde(default, rename = "message")]
    start: Option<Box<Message<'a>>>,
    #[serde(default)]
    content_block: Option<Block<'a>>,
    #[serde(default)]
    delta: Option<Delta<'a>>,
    #[serde(default)]
    usage: Option<Value>,
    #[serde(default)]
    id: Text<'a>,
    #[serde(default)]
    model: Text<'a>,
    #[serde(default)]
    content: Option<Vec<Block<'a>>>,
    #[serde(default)]
    stop_reason: Text<'a>,
    #[serde(default)]
    stop_sequence: Text<'a>,
}

#[derive(serde::Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
struct Block<'a> {
    #[serde(default, rename = "type")]
    kind: Text<'a>,
    #[serde(default)]
    text: Text<'a>,
    #[serde(default)]
    thinking: Text<'a>,
    #[serde(default)]
    id: Text<'a>,
    #[serde(default)]
    name: Text<'a>,
    #[serde(default)]
    input: Option<Value>,
    #[serde(default)]
    citations: Option<Value>,
}

#[derive(serde::Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
struct Delta<'a> {
    #[serde(default)]
    text: Text<'a>,
    #[serde(default)]
    thinking: Text<'a>,
    #[serde(default)]
    partial_json: Text<'a>,
    #[serde(default)]
    citation: Option<Value>,
    #[serde(default)]
    stop_reason: Text<'a>,
    #[serde(default)]
    stop_sequence: Text<'a>,
}

/// Reads events and whole messages.
#[derive(Default)]
pub(super) struct MessageReader {
    usage: Usage,
    slots: usize,
    open: Vec<OpenCall>,
    finished: bool,
    done: bool,
}

/// A tool call whose block has not stopped.
struct OpenCall {
    index: Option<u64>,
    slot: usize,
    /// The arguments that came with the start; they count when no piece follows.
    input: String,
}

impl Reader for MessageReader {
    fn event(&mut self, name: &str, data: &str, events: &mut Vec<Event>) -> Result<(), Failure> {
        let event: Message<'_> = serde_json::from_str(data).map_err(|error| malformed(&error, data, false))?;
        match event.kind.filled().unwrap_or(name) {
            "message_start" => event.start.iter().for_each(|message| self.message(message, events)),
            "message" => self.message(&event, events),
            "content_block_start" => {
                event.content_block.iter().for_each(|block| self.block(event.index.0, block, events));
            }
            "content_block_delta" => event.delta.iter().for_each(|delta| self.delta(event.index.0, delta, events)),
            "content_block_stop" => self.close(event.index.0, events),
            "message_delta" => {
                self.count(event.usage.as_ref(), events);
                if let Some(delta) = &event.delta {
                    self.finish(&delta.stop_reason, &delta.stop_sequence, events);
                }
            }
            "message_stop" => self.done = true,
            "error" => return Err(reported(data, &serde_json::from_str(data).unwrap_or_default())),
            _ => {}
        }
        Ok(())
    }

    fn whole(&mut self, body: &str, events: &mut Vec<Event>) -> Result<(), Failure> {
        let message: Message<'_> = serde_json::from_str(body).map_err(|error| malformed(&error, body, true))?;
        if message.content.is_none() {
            let body_value: Value = serde_json::from_str(body).unwrap_or_default();
            let names_error = ["error", "errors", "detail"].iter().any(|name| body_value.get(name).is_some());
            return Err(if names_error { reported(body, &body_value) } else { unknown_shape(body) });
        }
        self.message(&message, events);
        Ok(())
    }

    fn end(&self) -> End {
        End::of(self.done, self.finished)
    }
}

impl MessageReader {
    /// A whole message, or the empty one that a stream starts with.
    fn message(&mut self, message: &Message<'_>, events: &mut Vec<Event>) {
        let text = |said: &Text<'_>| said.filled().map(str::to_owned);
        events.push(Event::Started { id: text(&message.id), model: text(&message.model) });
        for block in message.content.iter().flatten() {
            self.block(None, block, events);
            self.close(None, events);
        }
        self.count(message.usage.as_ref(), events);
        self.finish(&message.stop_reason, &message.stop_sequence, events);
    }

    /// Blocks of tools that the provider runs itself, of their results, and of hidden thinking are passed over.
    fn block(&mut self, index: Option<u64>, block: &Block<'_>, events: &mut Vec<Event>) {
        match block.kind.filled() {
            Some("text") => {
                events.extend(block.text.filled().map(|text| Event::Text(text.to_owned())));
                let citations = block.citations.as_ref().and_then(Value::as_array).into_iter().flatten();
                events.extend(citations.cloned().map(Event::Citation));
            }
            Some("thinking") => events.extend(block.thinking.filled().map(|text| Event::Reasoning(text.to_owned()))),
            Some("tool_use") => {
                let slot = self.slots;
                self.slots += 1;
                let owned = |text: &Text<'_>| text.filled().map(str::to_owned);
                let (id, name) = (owned(&block.id), owned(&block.name));
                events.push(Event::ToolCall { slot, id, name, arguments: String::new() });
                let input = block.input.as_ref().filter(|input| !input.is_null()).map(Value::to_string);
                let input = input.filter(|input| input != "{}").unwrap_or_default();
                self.open.push(OpenCall { index, slot, input });
            }
            _ => {}
        }
    }

    fn delta(&mut self, index: Option<u64>, delta: &Delta<'_>, events: &mut Vec<Event>) {
        events.extend(delta.text.filled().map(|text| Event::Text(text.to_owned())));
        events.extend(delta.thinking.filled().map(|text| Event::Reasoning(text.to_owned())));
        events.extend(delta.citation.clone().filter(Value::is_object).map(Event::Citation));
        let open = self.open.iter_mut().rfind(|call| call.index == index);
        if let (Some(call), Some(piece)) = (open, delta.partial_json.filled()) {
            call.input.clear();
            events.push(arguments(call.slot, piece.to_owned()));
        }
    }

    fn close(&mut self, index: Option<u64>, events: &mut Vec<Event>) {
        if let Some(at) = self.open.iter().rposition(|call| call.index == index) {
            let call = self.open.swap_remove(at);
            events.extend((!call.input.is_empty()).then(|| arguments(call.slot, call.input)));
        }
    }

    fn finish(&mut self, reason: &Text<'_>, sequence: &Text<'_>, events: &mut Vec<Event>) {
        if let Some(word) = reason.filled() {
            self.finished = true;
            events.push(Event::Finished(finish::finish(word, sequence.0.as_deref(), self.slots > 0)));
        }
    }

    /// `message_delta` counts over `message_start`; what it leaves out stays.
    fn count(&mut self, usage: Option<&Value>, events: &mut Vec<Event>) {
        let Some(Value::Object(members)) = usage else { return };
        let counting = self.usage.counting;
        let counts = usage.map(usage::anthropic::read).unwrap_or_default();
        self.usage.update(Usage { counting, ..counts });
        if let Value::Object(raw) = &mut self.usage.raw {
            raw.extend(
                members.iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| (name.clone(), value.clone())),
            );
        }
        // Which event tells of the tier and which of the speed is not said.
        self.usage.service_tier = usage::tier(&self.usage.raw);
        events.push(Event::Usage(Box::new(self.usage.clone())));
    }
}

fn arguments(slot: usize, arguments: String) -> Event {
    Event::ToolCall { slot, id: None, name: None, arguments }
}

#[cfg(test)]
mod tests;
