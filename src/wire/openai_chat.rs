//! OpenAI Chat Completions (`openai-chat`), as dozens of servers speak it, each with its own deviations.
//!
//! Streamed chunks and whole replies have the same members but for `delta` and `message`, so one reader takes both.

mod chunk;
mod tools;
mod usage;

use serde_json::{Map, Value, json};

use self::chunk::{Choice, Chunk, Content, Message};
use self::tools::ToolCalls;
use super::framing::{End, Framed, Reader, malformed, reported, unknown_shape};
use super::lenient::Text;
use super::{Codec, Decoder, Features, HttpRequest, ResponseHead, classify, finish, merge, post};
use crate::chat::{ChatRequest, Event, Role, Usage};
use crate::failure::Failure;
use crate::provider::Target;

/// The codec.
pub struct OpenAiChat;

impl Codec for OpenAiChat {
    fn name(&self) -> &'static str {
        "openai-chat"
    }

    fn features(&self) -> Features {
        Features { streaming: true, tools: false, schema: false, media: &[], usage: true }
    }

    fn encode(&self, target: &Target, request: &ChatRequest) -> HttpRequest {
        post(target, "/chat/completions", request.stream, body(target, request))
    }

    fn decoder(&self, target: &Target, head: &ResponseHead) -> Box<dyn Decoder + Send> {
        let counting = usage::counting(target.provider.quirks.reasoning_outside_output);
        let usage = Usage { counting, ..Usage::default() };
        Box::new(Framed::new(head, ChatReader { usage, ..ChatReader::default() }))
    }

    fn failure(&self, _target: &Target, head: &ResponseHead, body: &[u8]) -> Failure {
        classify::http_failure(head, body)
    }
}

fn body(target: &Target, request: &ChatRequest) -> Value {
    let options = &request.options;
    let quirks = &target.provider.quirks;
    let mut members = Map::new();
    let mut set = |name: &str, value: Value| members.insert(name.to_owned(), value);
    set("model", json!(target.id.model));
    set("messages", messages(request));
    if request.stream {
        set("stream", json!(true));
        if !quirks.no_stream_options {
            set("stream_options", json!({"include_usage": true}));
        }
    }
    if let Some(limit) = options.max_tokens {
        set(quirks.max_tokens_field.as_deref().unwrap_or("max_tokens"), json!(limit));
    }
    if let Some(temperature) = options.temperature {
        set("temperature", json!(temperature));
    }
    if let Some(share) = options.top_p {
        set("top_p", json!(share));
    }
    if !options.stop.is_empty() {
        set("stop", json!(options.stop));
    }
    if let Some(seed) = options.seed {
        set("seed", json!(seed));
    }
    if let Some(effort) = &options.reasoning_effort {
        set("reasoning_effort", json!(effort));
    }
    let mut body = Value::Object(members);
    merge(&mut body, &options.extra);
    body
}

fn messages(request: &ChatRequest) -> Value {
    let system = request.system.iter().map(|text| json!({"role": "system", "content": text}));
    let turns = request.messages.iter().map(|message| {
        let role = match message.role {
            Role::User => "user",
            Role::Assistant => "assistant",
        };
        json!({"role": role, "content": message.joined_text()})
    });
    system.chain(turns).collect()
}

/// Reads chunks and whole replies.
#[derive(Default)]
pub(super) struct ChatReader {
    id: Option<String>,
    model: Option<String>,
    tools: ToolCalls,
    usage: Usage,
    /// A usage in its usual place has been seen, so that Groq's second place no longer counts.
    usage_seen: bool,
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
        let chunk: Chunk<'_> = serde_json::from_str(json).map_err(|error| malformed(&error, json, whole))?;
        self.start(&chunk, events);
        if let Some(choice) = &chunk.choices.first {
            self.choice(choice, whole, events);
        }
        self.usage(&chunk, events);
        let reply = chunk.choices.present || chunk.usage.is_some() || chunk.x_groq.is_some();
        let names_error = chunk.error.as_ref().is_some_and(says_something) || chunk.object.filled() == Some("error");
        if !is_error && !names_error && (reply || !whole) {
            // A chunk of a stream without choices, say only with annotations, is nothing to fail over.
            return Ok(());
        }
        let body: Value = serde_json::from_str(json).map_err(|error| malformed(&error, json, whole))?;
        let has_words = ["error", "errors", "message", "detail"].iter().any(|name| body.get(name).is_some());
        if is_error || names_error || has_words { Err(reported(json, &body)) } else { Err(unknown_shape(json)) }
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

    fn choice(&mut self, choice: &Choice<'_>, whole: bool, events: &mut Vec<Event>) {
        // Perplexity sends both: in a stream the message repeats all deltas, in a whole reply the delta is empty.
        let (first, second) = if whole { (&choice.message, &choice.delta) } else { (&choice.delta, &choice.message) };
        if let Some(message) = first.as_ref().or(second.as_ref()) {
            self.message(message, events);
        }
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
        self.tools.take(message, events);
    }

    fn usage(&mut self, chunk: &Chunk<'_>, events: &mut Vec<Event>) {
        if self.usage.service_tier.is_none() {
            self.usage.service_tier = chunk.service_tier.filled().map(str::to_owned);
        }
        let second_place = || chunk.x_groq.as_ref().and_then(|groq| groq.get("usage")).filter(|_| !self.usage_seen);
        let Some(counts) = chunk.usage.as_ref().or_else(second_place).and_then(usage::read) else { return };
        self.usage_seen |= chunk.usage.is_some();
        let counting = self.usage.counting;
        self.usage.update(Usage { counting, ..counts });
        events.push(Event::Usage(Box::new(self.usage.clone())));
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
