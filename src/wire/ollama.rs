//! Ollama's own chat format (`ollama-chat`): lines of JSON, the last one with `done`. See
//! <https://github.com/ollama/ollama/blob/main/docs/api.md#generate-a-chat-completion>.
//!
//! Left alone, Ollama silently drops the beginning of a prompt that is longer than its window (`num_ctx`, some thousand
//! tokens unless set). llmx asks it not to: a prompt that does not fit is an error, and the router knows what to do with it.

use serde_json::{Map, Value, json};

use super::framing::{End, Framed, Reader, StreamOf, cut_off, malformed, no_reply, trouble};
use super::lenient::filled_text;
use super::{
    Codec, Decoder, Features, HeaderValue, HttpRequest, ResponseHead, classify, finish, function, merge,
    post_beside_version, set_header,
};
use crate::chat::{AnswerForm, ChatRequest, Event, MediaKind, MediaSource, Message, Part, Role, ToolResult, Usage};
use crate::failure::Failure;
use crate::provider::Target;

/// Members of `options`. Ollama passes over them without a word when they stand beside the messages, where people who
/// write `-o num_ctx=8192` would put them.
const OPTIONS: &[&str] = &[
    "num_ctx",
    "num_keep",
    "num_predict",
    "num_batch",
    "num_gpu",
    "main_gpu",
    "num_thread",
    "use_mmap",
    "seed",
    "temperature",
    "top_k",
    "top_p",
    "min_p",
    "typical_p",
    "tfs_z",
    "repeat_last_n",
    "repeat_penalty",
    "presence_penalty",
    "frequency_penalty",
    "penalize_newline",
    "mirostat",
    "mirostat_tau",
    "mirostat_eta",
    "stop",
];

/// The codec.
pub struct Ollama;

impl Codec for Ollama {
    fn name(&self) -> &'static str {
        "ollama-chat"
    }

    fn features(&self) -> Features {
        Features { streaming: true, tools: true, schema: true, media: &[MediaKind::Image], addresses: &[], usage: true }
    }

    fn encode(&self, target: &Target, request: &ChatRequest) -> HttpRequest {
        // People also know this server by the address of its OpenAI format, which ends with `/v1`.
        let mut encoded = post_beside_version(target, "/api/chat", request.stream, body(target, request));
        if request.stream {
            set_header(&mut encoded.headers, "accept", HeaderValue::Plain("application/x-ndjson".to_owned()));
        }
        encoded
    }

    fn decoder(&self, _target: &Target, head: &ResponseHead) -> Box<dyn Decoder + Send> {
        Box::new(Framed::new(head, ChunkReader::default()))
    }

    fn failure(&self, _target: &Target, head: &ResponseHead, body: &[u8]) -> Failure {
        classify::http_failure(head, body)
    }
}

fn body(target: &Target, request: &ChatRequest) -> Value {
    let mut members = Map::new();
    let mut set = |name: &str, value: Value| members.insert(name.to_owned(), value);
    let system = request.system.iter().map(|text| json!({"role": "system", "content": text}));
    set("model", json!(target.id.model));
    set("messages", system.chain(request.messages.iter().flat_map(turns)).collect());
    // Unsaid, it streams.
    set("stream", json!(request.stream));
    set("truncate", json!(false));
    if !request.tools.is_empty() {
        let choice = request.tool_choice.as_ref();
        set("tools", function::callable(&request.tools, choice).map(function::declared).collect());
    }
    match &request.form {
        Some(AnswerForm::Json) => drop(set("format", json!("json"))),
        Some(AnswerForm::Schema(schema)) => drop(set("format", schema.schema.clone())),
        None => {}
    }
    if let Some(effort) = &request.options.reasoning_effort {
        set("think", think(effort));
    }
    let options = options(request);
    if !options.is_empty() {
        set("options", Value::Object(options));
    }
    let mut body = Value::Object(members);
    merge(&mut body, &placed(&request.options.extra));
    body
}

/// Thinking is on, off, or for some models a degree.
fn think(effort: &str) -> Value {
    match effort {
        "none" | "false" => json!(false),
        "true" => json!(true),
        degree => json!(degree),
    }
}

fn options(request: &ChatRequest) -> Map<String, Value> {
    let options = &request.options;
    let stop = (!options.stop.is_empty()).then(|| json!(options.stop));
    let all = [
        ("num_predict", options.max_tokens.map(|limit| json!(limit))),
        ("temperature", options.temperature.map(|temperature| json!(temperature))),
        ("top_p", options.top_p.map(|share| json!(share))),
        ("seed", options.seed.map(|seed| json!(seed))),
        ("stop", stop),
    ];
    all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// Further members, each where Ollama looks for it.
fn placed(extra: &Map<String, Value>) -> Map<String, Value> {
    let (inner, mut outer): (Map<_, _>, Map<_, _>) =
        extra.clone().into_iter().partition(|(name, _)| OPTIONS.contains(&name.as_str()));
    if !inner.is_empty() {
        let mut options = json!({"options": inner});
        merge(&mut options, &outer);
        outer.extend(options.get_mut("options").map(|options| ("options".to_owned(), options.take())));
    }
    outer
}

/// The messages that a turn becomes: each result of a tool is one of its own.
fn turns(message: &Message) -> Vec<Value> {
    if message.role == Role::Assistant {
        return vec![assistant(message)];
    }
    let mut turns: Vec<Value> = message.tool_results().map(tool_result).collect();
    let images: Vec<&str> = message.parts.iter().filter_map(image).collect();
    let text = message.joined_text();
    if turns.is_empty() || !text.is_empty() || !images.is_empty() {
        let mut turn = json!({"role": "user", "content": text});
        if !images.is_empty() {
            turn["images"] = json!(images);
        }
        turns.push(turn);
    }
    turns
}

/// An image's base64 text. An address is sent as it is: Ollama fetches none, and says so.
fn image(part: &Part) -> Option<&str> {
    match part {
        Part::Media(media) if media.kind() == MediaKind::Image => match &media.source {
            MediaSource::Base64(text) | MediaSource::Url(text) => Some(text),
        },
        _ => None,
    }
}

fn tool_result(result: &ToolResult) -> Value {
    let mut turn = json!({"role": "tool", "content": result.content});
    for (name, value) in [("tool_name", &result.name), ("tool_call_id", &result.call)] {
        if let Some(value) = value {
            turn[name] = json!(value);
        }
    }
    turn
}

fn assistant(message: &Message) -> Value {
    let mut turn = json!({"role": "assistant", "content": message.joined_text()});
    let mut thinking = String::new();
    let mut calls = Vec::new();
    for part in &message.parts {
        match part {
            Part::Thought(thought) => thinking.push_str(&thought.text),
            Part::ToolCall(call) => {
                let mut made = function::called(call);
                // Arguments that are no JSON cannot be sent here; the text itself is the best that is left of them.
                made["function"]["arguments"] = call.parsed().unwrap_or_else(|| json!(call.arguments));
                calls.push(made);
            }
            _ => {}
        }
    }
    if !thinking.is_empty() {
        turn["thinking"] = json!(thinking);
    }
    if !calls.is_empty() {
        turn["tool_calls"] = json!(calls);
    }
    turn
}

/// Reads lines and whole replies, which have the same members.
#[derive(Default)]
struct ChunkReader {
    started: bool,
    /// Tool calls so far.
    calls: usize,
    done: bool,
}

impl Reader for ChunkReader {
    const STREAM: StreamOf = StreamOf::Lines;

    fn event(&mut self, _name: &str, data: &str, events: &mut Vec<Event>) -> Result<(), Failure> {
        let chunk: Value = serde_json::from_str(data).map_err(|error| malformed(&error, data, false))?;
        self.chunk(data, &chunk, events)
    }

    fn whole(&mut self, body: &str, events: &mut Vec<Event>) -> Result<(), Failure> {
        let chunk: Value = serde_json::from_str(body).map_err(|error| malformed(&error, body, true))?;
        self.chunk(body, &chunk, events)?;
        match chunk["message"] {
            _ if self.done => Ok(()),
            Value::Object(_) => Err(cut_off()),
            _ => Err(no_reply(body, &chunk)),
        }
    }

    fn end(&self) -> End {
        End::of(self.done, false)
    }
}

impl ChunkReader {
    fn chunk(&mut self, json: &str, chunk: &Value, events: &mut Vec<Event>) -> Result<(), Failure> {
        if chunk.get("error").is_some_and(|error| !error.is_null()) {
            return Err(trouble(json, chunk));
        }
        if let Some(model) = chunk["model"].as_str().filter(|_| !self.started) {
            self.started = true;
            events.push(Event::Started { id: None, model: Some(model.to_owned()) });
        }
        let message = &chunk["message"];
        let said = |name: &str| message[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        events.extend(said("thinking").map(Event::Reasoning));
        events.extend(said("content").map(Event::Text));
        let calls = message["tool_calls"].as_array().into_iter().flatten();
        calls.for_each(|call| self.call(call, events));
        events.extend(chunk["logprobs"].as_array().into_iter().flatten().cloned().map(Event::Logprobs));
        if chunk["done"] == true {
            self.done = true;
            events.extend(usage(chunk).map(|usage| Event::Usage(Box::new(usage))));
            let word = chunk["done_reason"].as_str().unwrap_or_default();
            events.push(Event::Finished(finish::finish(word, None, self.calls > 0)));
        }
        Ok(())
    }

    /// Calls come whole, and older servers give them no id.
    fn call(&mut self, call: &Value, events: &mut Vec<Event>) {
        let arguments = function::arguments(&call["function"]["arguments"]);
        let (id, name) = (filled_text(&call["id"]), filled_text(&call["function"]["name"]));
        events.push(Event::ToolCall { slot: self.calls, id, name, arguments });
        self.calls += 1;
    }
}

/// The counts of the last line, where there are any: a prompt that was cached may not be counted.
pub(super) fn usage(chunk: &Value) -> Option<Usage> {
    let counts =
        Usage { input: chunk["prompt_eval_count"].as_u64(), output: chunk["eval_count"].as_u64(), ..Usage::default() };
    let measures = chunk
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, _)| name.ends_with("_count") || name.ends_with("_duration"));
    let raw = measures.map(|(name, value)| (name.clone(), value.clone())).collect();
    (counts != Usage::default()).then(|| Usage { is_request: true, raw: Value::Object(raw), ..counts })
}

#[cfg(test)]
mod tests;
