//! Amazon Bedrock Converse (`bedrock-converse`): one format for the models of many vendors. A stream is AWS messages of
//! content blocks that start, grow and stop; a whole reply is the same blocks in a list.

mod reply;
mod request;

use serde_json::Value;

use self::reply::{Block, Chunk, ToolUse, Whole};
use super::framing::{End, Framed, Reader, malformed, reported, unknown_shape};
use super::lenient::Text;
use super::{
    Codec, Decoder, Features, HeaderValue, HttpRequest, ResponseHead, classify, finish, post, set_header, usage,
};
use crate::chat::{ChatRequest, Event, MediaKind, Usage};
use crate::failure::Failure;
use crate::provider::Target;

/// The content type of a stream.
pub(super) const EVENT_STREAM: &str = "application/vnd.amazon.eventstream";

/// The codec.
pub struct BedrockConverse;

impl Codec for BedrockConverse {
    fn name(&self) -> &'static str {
        "bedrock-converse"
    }

    fn features(&self) -> Features {
        let media = &[MediaKind::Image, MediaKind::Document, MediaKind::Audio, MediaKind::Video];
        Features { streaming: true, tools: true, schema: true, media, addresses: &[], usage: true }
    }

    fn encode(&self, target: &Target, request: &ChatRequest) -> HttpRequest {
        let path = if request.stream { "/model/{model}/converse-stream" } else { "/model/{model}/converse" };
        let mut encoded = post(target, path, request.stream, request::body(target, request));
        if request.stream {
            set_header(&mut encoded.headers, "accept", HeaderValue::Plain(EVENT_STREAM.to_owned()));
        }
        encoded
    }

    fn decoder(&self, _target: &Target, head: &ResponseHead) -> Box<dyn Decoder + Send> {
        let usage = Usage { counting: usage::converse::COUNTING, ..Usage::default() };
        Box::new(Framed::new(head, ConverseReader { usage, ..ConverseReader::default() }))
    }

    fn failure(&self, _target: &Target, head: &ResponseHead, body: &[u8]) -> Failure {
        classify::http_failure(head, body)
    }
}

/// Reads messages of a stream and whole replies.
#[derive(Default)]
struct ConverseReader {
    usage: Usage,
    slots: usize,
    /// The calls so far, each with the number of its block.
    calls: Vec<(Option<u64>, usize)>,
    finished: bool,
    done: bool,
}

impl Reader for ConverseReader {
    fn event(&mut self, name: &str, data: &str, events: &mut Vec<Event>) -> Result<(), Failure> {
        let chunk: Chunk<'_> = serde_json::from_str(data).map_err(|error| malformed(&error, data, false))?;
        let index = chunk.index.0;
        match name {
            "messageStart" => events.push(Event::Started { id: None, model: None }),
            "contentBlockStart" => chunk.start.iter().for_each(|block| self.block(index, block, events)),
            "contentBlockDelta" => chunk.delta.iter().for_each(|delta| self.delta(index, delta, events)),
            "messageStop" => self.finish(&chunk.stop_reason, events),
            "metadata" => {
                self.count(chunk.usage.as_ref(), chunk.service_tier.as_ref(), events);
                self.done = self.finished;
            }
            _ => {}
        }
        Ok(())
    }

    fn whole(&mut self, body: &str, events: &mut Vec<Event>) -> Result<(), Failure> {
        let reply: Whole<'_> = serde_json::from_str(body).map_err(|error| malformed(&error, body, true))?;
        let Some(message) = reply.output.and_then(|output| output.message) else {
            let value: Value = serde_json::from_str(body).unwrap_or_default();
            let has_words = ["message", "Message", "error"].iter().any(|name| value.get(name).is_some());
            return Err(if has_words { reported(body, &value) } else { unknown_shape(body) });
        };
        events.push(Event::Started { id: None, model: None });
        for block in message.content.iter().flatten() {
            self.block(None, block, events);
        }
        self.count(reply.usage.as_ref(), reply.service_tier.as_ref(), events);
        self.finish(&reply.stop_reason, events);
        Ok(())
    }

    fn end(&self) -> End {
        End::of(self.done, self.finished)
    }
}

impl ConverseReader {
    /// A whole block, or the start of one. Calls of tools that Bedrock runs itself, and their results, are passed over.
    fn block(&mut self, index: Option<u64>, block: &Block<'_>, events: &mut Vec<Event>) {
        content(block, events);
        let Some(call) = block.tool_use.as_ref().filter(|call| call.kind.filled() != Some("server_tool_use")) else {
            return;
        };
        let slot = self.slots;
        self.slots += 1;
        self.calls.push((index, slot));
        let owned = |text: &Text<'_>| text.filled().map(str::to_owned);
        let arguments = call.input.0.clone().into_owned();
        events.push(Event::ToolCall { slot, id: owned(&call.id), name: owned(&call.name), arguments });
    }

    fn delta(&mut self, index: Option<u64>, delta: &Block<'_>, events: &mut Vec<Event>) {
        content(delta, events);
        let call = self.calls.iter().rfind(|(known, _)| *known == index);
        if let (Some(ToolUse { input, .. }), Some((_, slot))) = (&delta.tool_use, call)
            && !input.0.is_empty()
        {
            let arguments = input.0.clone().into_owned();
            events.push(Event::ToolCall { slot: *slot, id: None, name: None, arguments });
        }
    }

    fn finish(&mut self, reason: &Text<'_>, events: &mut Vec<Event>) {
        if let Some(word) = reason.filled() {
            self.finished = true;
            events.push(Event::Finished(finish::finish(word, None, self.slots > 0)));
        }
    }

    fn count(&mut self, usage: Option<&Value>, tier: Option<&Value>, events: &mut Vec<Event>) {
        let Some(raw @ Value::Object(_)) = usage else { return };
        let counts = usage::with_tier(usage::converse::read(raw), tier.and_then(|tier| tier.get("type")?.as_str()));
        self.usage.update(counts);
        events.push(Event::Usage(Box::new(self.usage.clone())));
    }
}

/// What a block or a piece of one says beside tool calls.
fn content(block: &Block<'_>, events: &mut Vec<Event>) {
    let text = |text: &Text<'_>| text.filled().map(|text| Event::Text(text.to_owned()));
    events.extend(text(&block.text));
    if let Some(thought) = &block.reasoning_content {
        let whole = thought.reasoning_text.as_ref().map(|whole| &whole.text);
        let texts = [Some(&thought.text), whole].into_iter().flatten().filter_map(Text::filled);
        events.extend(texts.map(|text| Event::Reasoning(text.to_owned())));
    }
    events.extend(block.citation.iter().cloned().map(Event::Citation));
    if let Some(cited) = &block.citations_content {
        events.extend(cited.content.iter().flatten().filter_map(|piece| text(&piece.text)));
        events.extend(cited.citations.iter().flatten().cloned().map(Event::Citation));
    }
}

#[cfg(test)]
mod tests;
