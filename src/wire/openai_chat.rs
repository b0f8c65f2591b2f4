//! OpenAI Chat Completions (`openai-chat`), as dozens of servers speak it, each with its own deviations.
//!
//! Streamed chunks and whole replies have the same members but for `delta` and `message`, so one reader takes both.

mod chunk;
pub(super) mod encode;
pub(super) mod messages;
mod tools;

use serde_json::Value;

use self::chunk::{Choice, Chunk, Content, Message};
use self::tools::ToolCalls;
use super::framing::{End, Framed, Reader, malformed, no_reply, reported};
use super::lenient::Text;
use super::{Codec, Decoder, Features, HttpRequest, ResponseHead, classify, finish, post, usage};
use crate::chat::{ChatRequest, Counting, Event, MediaKind, Usage};
use crate::failure::Failure;
use crate::provider::Target;

/// `OpenAI` itself takes no films; Alibaba, `OpenRouter`, vLLM and others take them as `video_url`.
const MEDIA: &[MediaKind] = &[MediaKind::Image, MediaKind::Document, MediaKind::Audio, MediaKind::Video];

/// The codec.
pub struct OpenAiChat;

impl Codec for OpenAiChat {
    fn name(&self) -> &'static str {
        "openai-chat"
    }

    fn features(&self) -> Features {
        Features {
            streaming: true,
            tools: true,
            schema: true,
            media: MEDIA,
            addresses: &[MediaKind::Image],
            usage: true,
        }
    }

    fn encode(&self, target: &Target, request: &ChatRequest) -> HttpRequest {
        post(target, "/chat/completions", request.stream, encode::body(target, request))
    }

    fn decoder(&self, target: &Target, head: &ResponseHead) -> Box<dyn Decoder + Send> {
        let reasoning_outside_output = target.provider.quirks.reasoning_outside_output;
        let counting = Counting { reasoning_outside_output, ..Counting::default() };
        let usage = Usage { counting, ..Usage::default() };
        Box::new(Framed::new(head, ChatReader { usage, ..ChatReader::default() }))
    }

    fn failure(&self, _target: &Target, head: &ResponseHead, body: &[u8]) -> Failure {
        classify::http_failure(head, body)
    }
}

/// Reads chunks and whole replies.
#[derive(Default)]
pub(super) struct ChatReader {
    id: Option<String>,
    model: Option<String>,
    tools: ToolCalls,
    usage: Usage,
    /// The tier that a chunk has named.
    tier: Option<String>,
    /// A usage in its usual place has been seen, so that Groq's second place no longer counts.
    usage_seen: bool,
    /// The last list of sources: Perplexity and xAI repeat the whole of it with every chunk.
    sources: Option<Vec<Value>>,
    finished: bool,
    done: bool,
}

impl Reader for ChatReader {
    fn event(&mut self, name: &str, data: &str, events: &mut Vec<Event>) -> Result<(), Failure> {
        if data.trim_ascii() == "[DONE]" {
            self.tools.close(events);
            self.done = true;
            return Ok(());
        }
        self.read(data, name == "error", false, events)
    }

    fn whole(&mut self, body: &str, events: &mut Vec<Event>) -> Result<(), Failure> {
        self.read(body, false, true, events)?;
        self.tools.close(events);
        Ok(())
    }

    fn end(&self) -> End {
        End::of(self.done, self.finished)
    }
}

impl ChatReader {
    fn read(&mut self, json: &str, is_error: bool, whole: bool, events: &mut Vec<Event>) -> Result<(), Failure> {
        let mut chunk: Chunk<'_> = serde_json::from_str(json).map_err(|error| malformed(&error, json, whole))?;
        self.start(&chunk, events);
        if let Some(choice) = &chunk.choices.first {
            self.choice(choice, whole, events);
        }
        self.sources(&mut chunk, events);
        self.usage(&chunk, events);
        let reply = chunk.choices.present || chunk.usage.is_some() || chunk.x_groq.is_some();
        let names_error = chunk.error.as_ref().is_some_and(says_something) || chunk.object.filled() == Some("error");
        if !is_error && !names_error && (reply || !whole) {
            // A chunk of a stream without choices, say only with annotations, is nothing to fail over.
            return Ok(());
        }
        let body: Value = serde_json::from_str(json).map_err(|error| malformed(&error, json, whole))?;
        Err(if is_error || names_error { reported(json, &body) } else { no_reply(json, &body) })
    }

    /// Reports id and model when they are learned. Azure's first chunk has both empty.
    fn start(&mut self, chunk: &Chunk<'_>, events: &mut Vec<Event>) {
        let learned = |known: &Option<String>, said: &Text<'_>| known.is_none() && said.filled().is_some();
        if learned(&self.id, &chunk.id) || learned(&self.model, &chunk.model) {
            self.id = self.id.take().or_else(|| chunk.id.filled().map(str::to_owned));
            self.model = self.model.take().or_else(|| chunk.model.filled().map(str::to_owned));
            events.push(Event::Started { id: self.id.clone(), model: self.model.clone() });
        }
    }

    /// Reports the sources of the answer that are new. Results of a search say more than the bare addresses beside them.
    fn sources(&mut self, chunk: &mut Chunk<'_>, events: &mut Vec<Event>) {
        let told = [chunk.search_results.take(), chunk.citations.take()];
        let Some(sources) = told.into_iter().flatten().find_map(filled_list) else { return };
        let known = self.sources.take().unwrap_or_default();
        let new = sources.iter().filter(|source| !known.contains(source));
        events.extend(new.map(|source| Event::Citation(source.clone())));
        self.sources = Some(sources);
    }

    fn choice(&mut self, choice: &Choice<'_>, whole: bool, events: &mut Vec<Event>) {
        // Perplexity sends both: in a stream the message repeats all deltas, in a whole reply the delta is empty.
        let (first, second) = if whole { (&choice.message, &choice.delta) } else { (&choice.delta, &choice.message) };
        if let Some(message) = first.as_ref().or(second.as_ref()) {
            self.message(message, events);
        }
        events.extend(choice.logprobs.clone().map(Event::Logprobs));
        // An empty word ends nothing while a stream runs, but in a whole reply it is all that was said.
        let word = if whole { choice.finish_reason.0.as_deref() } else { choice.finish_reason.filled() };
        if let Some(word) = word {
            self.tools.close(events);
            self.finished = true;
            let finish = finish::finish(word, choice.native_finish_reason.filled(), self.tools.any());
            events.push(Event::Finished(finish));
        }
    }

    fn message(&mut self, message: &Message<'_>, events: &mut Vec<Event>) {
        // The same thinking may stand in two or three places; the first that says something counts.
        if let Some(thinking) = message.reasoning_content.filled().or_else(|| message.reasoning.filled()) {
            events.push(Event::Reasoning(thinking.to_owned()));
        } else {
            let details = message.reasoning_details.iter().flatten();
            let thoughts = details.filter_map(|detail| detail.text.filled().or_else(|| detail.summary.filled()));
            events.extend(thoughts.map(|text| Event::Reasoning(text.to_owned())));
        }
        match &message.content {
            Content::Nothing => {}
            Content::Text(text) if text.is_empty() => {}
            Content::Text(text) => events.push(Event::Text(text.as_ref().to_owned())),
            Content::Parts(parts) => parts.iter().for_each(|part| part.report(events)),
        }
        if let Some(refusal) = message.refusal.filled() {
            events.push(Event::Refusal(refusal.to_owned()));
        }
        let annotations = message.annotations.clone().and_then(filled_list);
        events.extend(annotations.into_iter().flatten().map(Event::Citation));
        self.tools.take(message, events);
    }

    fn usage(&mut self, chunk: &Chunk<'_>, events: &mut Vec<Event>) {
        if self.tier.is_none() {
            self.tier = chunk.service_tier.filled().map(str::to_owned);
        }
        let second_place = || chunk.x_groq.as_ref().and_then(|groq| groq.get("usage")).filter(|_| !self.usage_seen);
        let read = |counts: &Value| usage::chat::read(counts, self.usage.counting.reasoning_outside_output);
        let Some(counts) = chunk.usage.as_ref().or_else(second_place).and_then(read) else { return };
        self.usage_seen |= chunk.usage.is_some();
        let tier = self.tier.as_deref().filter(|_| counts.service_tier.is_none());
        self.usage.update(usage::with_tier(counts, tier));
        events.push(Event::Usage(Box::new(self.usage.clone())));
    }
}

/// The elements of a list that has some.
fn filled_list(value: Value) -> Option<Vec<Value>> {
    match value {
        Value::Array(elements) if !elements.is_empty() => Some(elements),
        _ => None,
    }
}

/// Whether an `error` member is an error: some servers send it empty with every chunk.
fn says_something(error: &Value) -> bool {
    match error {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Object(members) => !members.is_empty(),
        _ => true,
    }
}

#[cfg(test)]
mod tests;
