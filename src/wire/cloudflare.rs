//! Cloudflare Workers AI (`cloudflare-run`): a model's own inputs and outputs in one envelope, mostly a chat. See
//! <https://developers.cloudflare.com/api/resources/ai/methods/run/>.
//!
//! Older models answer `{response, tool_calls, usage}` and give no reason to finish; newer ones answer as OpenAI Chat
//! Completions do, in the same envelope.

use serde_json::{Map, Value, json};

use super::framing::{End, Framed, Reader, malformed, reported, trouble, unknown_shape};
use super::lenient::filled_text;
use super::openai_chat::ChatReader;
use super::{Codec, Decoder, Features, HttpRequest, ResponseHead, classify, function, merge, path_segments, post};
use crate::chat::{AnswerForm, ChatRequest, Event, MediaKind, Message, Part, Role, ToolResult};
use crate::failure::Failure;
use crate::provider::Target;

/// The codec.
pub struct Cloudflare;

impl Codec for Cloudflare {
    fn name(&self) -> &'static str {
        "cloudflare-run"
    }

    fn features(&self) -> Features {
        Features { streaming: true, tools: true, schema: true, media: &[MediaKind::Image], addresses: &[], usage: true }
    }

    fn parameters(&self) -> &'static [(&'static str, Option<&'static str>)] {
        &[("account", None)]
    }

    fn encode(&self, target: &Target, request: &ChatRequest) -> HttpRequest {
        // An answer that must be JSON is refused in a stream.
        let stream = request.stream && request.form.is_none();
        let path = format!("/accounts/{{account}}/ai/run/{}", path_segments(&target.id.model));
        post(target, &path, stream, body(request, stream))
    }

    fn decoder(&self, _target: &Target, head: &ResponseHead) -> Box<dyn Decoder + Send> {
        Box::new(Framed::new(head, RunReader::default()))
    }

    fn failure(&self, _target: &Target, head: &ResponseHead, body: &[u8]) -> Failure {
        classify::http_failure(head, body)
    }
}

fn body(request: &ChatRequest, stream: bool) -> Value {
    let options = &request.options;
    let system = request.system.iter().map(|text| json!({"role": "system", "content": text}));
    let messages: Value = system.chain(request.messages.iter().flat_map(turns)).collect();
    let tools = request.tools.iter().map(function::declared).collect::<Value>();
    let stop = (!options.stop.is_empty()).then(|| json!(options.stop));
    let form = request.form.as_ref().map(|form| match form {
        AnswerForm::Json => json!({"type": "json_object"}),
        AnswerForm::Schema(schema) => json!({"type": "json_schema", "json_schema": schema.schema}),
    });
    let all = [
        ("messages", Some(messages)),
        ("stream", stream.then(|| json!(true))),
        ("tools", (!request.tools.is_empty()).then_some(tools)),
        ("tool_choice", request.tool_choice.as_ref().map(function::choice)),
        ("response_format", form),
        ("max_tokens", options.max_tokens.map(|limit| json!(limit))),
        ("temperature", options.temperature.map(|temperature| json!(temperature))),
        ("top_p", options.top_p.map(|share| json!(share))),
        ("stop", stop),
        ("seed", options.seed.map(|seed| json!(seed))),
        ("reasoning_effort", options.reasoning_effort.as_ref().map(|effort| json!(effort))),
    ];
    let members: Map<String, Value> =
        all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
    let mut body = Value::Object(members);
    merge(&mut body, &options.extra);
    body
}

/// The messages that a turn becomes: each result of a tool is one of its own.
fn turns(message: &Message) -> Vec<Value> {
    if message.role == Role::Assistant {
        return vec![assistant(message)];
    }
    let mut turns: Vec<Value> = message.tool_results().map(tool_result).collect();
    let images: Vec<Value> = message.parts.iter().filter_map(image).collect();
    let text = message.joined_text();
    if !images.is_empty() {
        let said = json!({"type": "text", "text": text});
        let parts: Vec<Value> = std::iter::once(said).chain(images).collect();
        turns.push(json!({"role": "user", "content": parts}));
    } else if turns.is_empty() || !text.is_empty() {
        turns.push(json!({"role": "user", "content": text}));
    }
    turns
}

fn image(part: &Part) -> Option<Value> {
    match part {
        Part::Media(media) if media.kind() == MediaKind::Image => {
            Some(json!({"type": "image_url", "image_url": {"url": media.address()}}))
        }
        _ => None,
    }
}

fn tool_result(result: &ToolResult) -> Value {
    let mut turn = json!({"role": "tool", "content": result.content});
    for (name, value) in [("tool_call_id", &result.call), ("name", &result.name)] {
        if let Some(value) = value {
            turn[name] = json!(value);
        }
    }
    turn
}

fn assistant(message: &Message) -> Value {
    let mut turn = json!({"role": "assistant", "content": message.joined_text()});
    let calls: Vec<Value> = message.tool_calls().map(function::called).collect();
    if !calls.is_empty() {
        turn["tool_calls"] = json!(calls);
    }
    turn
}

/// Reads chunks and whole results.
#[derive(Default)]
struct RunReader {
    /// Reads models that answer as OpenAI's do.
    chat: ChatReader,
    /// The index that the provider gave each tool call.
    calls: Vec<Option<u64>>,
    done: bool,
}

impl Reader for RunReader {
    fn event(&mut self, name: &str, data: &str, events: &mut Vec<Event>) -> Result<(), Failure> {
        if data.trim_ascii() == "[DONE]" {
            self.done = true;
            return self.chat.event(name, data, events);
        }
        let chunk: Value = serde_json::from_str(data).map_err(|error| malformed(&error, data, false))?;
        if chunk.get("choices").is_some() {
            return self.chat.event(name, data, events);
        }
        if says_failure(&chunk) {
            return Err(trouble(data, &chunk));
        }
        self.result(&chunk, events);
        Ok(())
    }

    fn whole(&mut self, body: &str, events: &mut Vec<Event>) -> Result<(), Failure> {
        let envelope: Value = serde_json::from_str(body).map_err(|error| malformed(&error, body, true))?;
        if says_failure(&envelope) {
            return Err(reported(body, &envelope));
        }
        // A worker that stands between may hand on the result alone.
        let result = envelope.get("result").unwrap_or(&envelope);
        if result.get("choices").is_some() {
            return self.chat.whole(&result.to_string(), events);
        }
        if ["response", "tool_calls", "usage"].iter().all(|name| result.get(name).is_none()) {
            return Err(unknown_shape(body));
        }
        self.result(result, events);
        Ok(())
    }

    fn end(&self) -> End {
        if self.done { End::Done } else { self.chat.end() }
    }
}

impl RunReader {
    fn result(&mut self, result: &Value, events: &mut Vec<Event>) {
        match &result["response"] {
            Value::Null => {}
            Value::String(text) if text.is_empty() => {}
            Value::String(text) => events.push(Event::Text(text.clone())),
            // A token that reads as a number or a truth value comes as one, and an answer in JSON as the JSON itself.
            other => events.push(Event::Text(other.to_string())),
        }
        let calls = result["tool_calls"].as_array().into_iter().flatten();
        calls.for_each(|call| self.call(call, events));
        events.extend(super::usage::chat::read(&result["usage"], false).map(|usage| Event::Usage(Box::new(usage))));
    }

    /// A whole call with its members at the top, or a piece of one as OpenAI sends them.
    fn call(&mut self, call: &Value, events: &mut Vec<Event>) {
        let called = call.get("function").unwrap_or(call);
        let arguments = function::arguments(&called["arguments"]);
        let index = call["index"].as_u64();
        let known = index.and_then(|_| self.calls.iter().rposition(|known| *known == index));
        let slot = known.unwrap_or_else(|| {
            self.calls.push(index);
            self.calls.len() - 1
        });
        events.push(Event::ToolCall {
            slot,
            id: filled_text(&call["id"]),
            name: filled_text(&called["name"]),
            arguments,
        });
    }
}

/// Whether a body under status 200 tells a failure.
fn says_failure(body: &Value) -> bool {
    let told = |name: &str| match &body[name] {
        Value::Null | Value::Bool(false) => false,
        Value::Array(errors) => !errors.is_empty(),
        Value::String(text) => !text.is_empty(),
        _ => true,
    };
    body["success"] == false || told("errors") || told("error")
}

#[cfg(test)]
mod tests;
