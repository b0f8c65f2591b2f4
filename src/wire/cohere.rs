//! Cohere Chat v2 (`cohere-v2-chat`). A stream is a message that starts, parts that start, grow and end, and the message's
//! end; a whole reply is the same message at once. See <https://docs.cohere.com/reference/chat>.
//!
//! The plan that a model writes before it calls tools (`tool_plan`) is neither answer nor thinking: what is read of it is
//! nothing, and text beside a turn's tool calls is sent back as the plan.

use serde_json::{Map, Value, json};

use super::framing::{End, Framed, Reader, malformed, no_reply, trouble};
use super::lenient::filled_text;
use super::{Codec, Decoder, Features, HttpRequest, ResponseHead, classify, finish, function, merge, post};
use crate::chat::{
    AnswerForm, ChatRequest, Event, Media, MediaKind, Message, Part, Role, ToolChoice, ToolResult, Usage,
};
use crate::failure::Failure;
use crate::provider::Target;

/// The codec.
pub struct Cohere;

impl Codec for Cohere {
    fn name(&self) -> &'static str {
        "cohere-v2-chat"
    }

    fn features(&self) -> Features {
        Features {
            streaming: true,
            tools: true,
            schema: true,
            media: &[MediaKind::Image],
            addresses: &[MediaKind::Image],
            usage: true,
        }
    }

    fn encode(&self, target: &Target, request: &ChatRequest) -> HttpRequest {
        post(target, "/v2/chat", request.stream, body(target, request))
    }

    fn decoder(&self, _target: &Target, head: &ResponseHead) -> Box<dyn Decoder + Send> {
        Box::new(Framed::new(head, MessageReader::default()))
    }

    fn failure(&self, _target: &Target, head: &ResponseHead, body: &[u8]) -> Failure {
        classify::http_failure(head, body)
    }
}

fn body(target: &Target, request: &ChatRequest) -> Value {
    let mut members = Map::new();
    let system = request.system.iter().map(|text| json!({"role": "system", "content": text}));
    let messages: Value = system.chain(request.messages.iter().flat_map(turns)).collect();
    members.insert("model".to_owned(), json!(target.id.model));
    members.insert("messages".to_owned(), messages);
    members.insert("stream".to_owned(), json!(request.stream));
    tools(request, &mut members);
    let form = request.form.as_ref().map(|form| match form {
        AnswerForm::Json => json!({"type": "json_object"}),
        AnswerForm::Schema(schema) => json!({"type": "json_object", "json_schema": schema.schema}),
    });
    members.extend(form.map(|form| ("response_format".to_owned(), form)));
    options(request, &mut members);
    let mut body = Value::Object(members);
    merge(&mut body, &request.options.extra);
    body
}

fn tools(request: &ChatRequest, members: &mut Map<String, Value>) {
    let choice = request.tool_choice.as_ref();
    let mut set = |name: &str, value: Value| members.insert(name.to_owned(), value);
    if !request.tools.is_empty() {
        set("tools", function::callable(&request.tools, choice).map(function::declared).collect());
    }
    if request.tools.iter().any(|tool| tool.strict.is_some()) {
        set("strict_tools", json!(request.tools.iter().any(|tool| tool.strict == Some(true))));
    }
    match choice {
        Some(ToolChoice::Required | ToolChoice::Named(_)) => drop(set("tool_choice", json!("REQUIRED"))),
        Some(ToolChoice::None) => drop(set("tool_choice", json!("NONE"))),
        // Leaving it to the model has no word.
        Some(ToolChoice::Auto) | None => {}
    }
}

fn options(request: &ChatRequest, members: &mut Map<String, Value>) {
    let options = &request.options;
    let stop = (!options.stop.is_empty()).then(|| json!(options.stop));
    let all = [
        ("max_tokens", options.max_tokens.map(|limit| json!(limit))),
        ("temperature", options.temperature.map(|temperature| json!(temperature))),
        ("p", options.top_p.map(|share| json!(share))),
        ("stop_sequences", stop),
        ("seed", options.seed.map(|seed| json!(seed))),
        ("thinking", options.reasoning_effort.as_deref().map(thinking)),
    ];
    members.extend(all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
}

/// Thinking is on or off, with a budget of tokens if one is named. Degrees of effort are unknown here.
fn thinking(effort: &str) -> Value {
    match (effort, effort.parse::<u64>()) {
        ("none", _) => json!({"type": "disabled"}),
        (_, Ok(budget)) => json!({"type": "enabled", "token_budget": budget}),
        (_, Err(_)) => json!({"type": "enabled"}),
    }
}

/// The messages that a turn becomes: each result of a tool is one of its own.
fn turns(message: &Message) -> Vec<Value> {
    if message.role == Role::Assistant {
        return vec![assistant(message)];
    }
    let mut turns: Vec<Value> = message.tool_results().map(tool_result).collect();
    let content: Vec<Value> = message.parts.iter().filter_map(user_part).collect();
    if turns.is_empty() || !content.is_empty() {
        let content = match message.parts.as_slice() {
            [Part::Text(text)] => json!(text),
            _ => json!(content),
        };
        turns.push(json!({"role": "user", "content": content}));
    }
    turns
}

fn tool_result(result: &ToolResult) -> Value {
    json!({"role": "tool", "tool_call_id": result.call, "content": result.content})
}

fn user_part(part: &Part) -> Option<Value> {
    match part {
        Part::Text(text) => Some(json!({"type": "text", "text": text})),
        Part::Media(media) if media.kind() == MediaKind::Image => Some(image(media)),
        _ => None,
    }
}

fn image(media: &Media) -> Value {
    json!({"type": "image_url", "image_url": {"url": media.address()}})
}

fn assistant(message: &Message) -> Value {
    let calls: Vec<Value> = message.tool_calls().map(function::called).collect();
    let blocks: Vec<Value> = message.parts.iter().filter_map(|part| assistant_part(part, calls.is_empty())).collect();
    let mut turn = json!({"role": "assistant"});
    match message.parts.as_slice() {
        [Part::Text(text)] => turn["content"] = json!(text),
        _ if !blocks.is_empty() => turn["content"] = json!(blocks),
        _ => {}
    }
    if !calls.is_empty() {
        turn["tool_calls"] = json!(calls);
        let plan = message.joined_text();
        if !plan.is_empty() {
            turn["tool_plan"] = json!(plan);
        }
    }
    turn
}

fn assistant_part(part: &Part, with_text: bool) -> Option<Value> {
    match part {
        Part::Text(text) if with_text => Some(json!({"type": "text", "text": text})),
        Part::Thought(thought) if !thought.text.is_empty() => {
            Some(json!({"type": "thinking", "thinking": thought.text}))
        }
        _ => None,
    }
}

/// Reads events and whole messages.
#[derive(Default)]
struct MessageReader {
    /// Tool calls so far.
    calls: usize,
    finished: bool,
    done: bool,
}

impl Reader for MessageReader {
    fn event(&mut self, name: &str, data: &str, events: &mut Vec<Event>) -> Result<(), Failure> {
        if data.trim_ascii() == "[DONE]" {
            self.done = self.finished;
            return Ok(());
        }
        let event: Value = serde_json::from_str(data).map_err(|error| malformed(&error, data, false))?;
        let (delta, message) = (&event["delta"], &event["delta"]["message"]);
        logprobs(&event["logprobs"], events);
        match event["type"].as_str().unwrap_or(name) {
            "message-start" => started(&event["id"], events),
            "content-start" | "content-delta" => content(&message["content"], events),
            "tool-call-start" => self.call(&message["tool_calls"], events),
            "tool-call-delta" => self.arguments(&message["tool_calls"], events),
            "citation-start" => events.extend(cited(&message["citations"])),
            "message-end" => return self.ended(data, delta, events),
            // Errors that end the connection have no event type of their own.
            _ if event.get("message").is_some_and(Value::is_string) => return Err(trouble(data, &event)),
            _ => {}
        }
        Ok(())
    }

    fn whole(&mut self, body: &str, events: &mut Vec<Event>) -> Result<(), Failure> {
        let reply: Value = serde_json::from_str(body).map_err(|error| malformed(&error, body, true))?;
        let message = &reply["message"];
        if !message.is_object() {
            return Err(no_reply(body, &reply));
        }
        started(&reply["id"], events);
        each(&message["content"], |block| content(block, events));
        each(&message["tool_calls"], |call| self.call(call, events));
        each(&message["citations"], |citation| events.extend(cited(citation)));
        each(&reply["logprobs"], |piece| logprobs(piece, events));
        self.ended(body, &reply, events)
    }

    fn end(&self) -> End {
        End::of(self.done, self.finished)
    }
}

impl MessageReader {
    fn call(&mut self, call: &Value, events: &mut Vec<Event>) {
        let called = &call["function"];
        let (id, name) = (filled_text(&call["id"]), filled_text(&called["name"]));
        events.push(Event::ToolCall {
            slot: self.calls,
            id,
            name,
            arguments: function::arguments(&called["arguments"]),
        });
        self.calls += 1;
    }

    fn arguments(&self, call: &Value, events: &mut Vec<Event>) {
        // Calls come one after the other, so a piece belongs to the last one.
        if let Some(slot) = self.calls.checked_sub(1) {
            let arguments = function::arguments(&call["function"]["arguments"]);
            events.push(Event::ToolCall { slot, id: None, name: None, arguments });
        }
    }

    /// `end` holds the reason to finish, the counts and, when the model failed, the words for it.
    fn ended(&mut self, json: &str, end: &Value, events: &mut Vec<Event>) -> Result<(), Failure> {
        events.extend(usage(&end["usage"]).map(|usage| Event::Usage(Box::new(usage))));
        if let Some(word) = end["finish_reason"].as_str() {
            self.finished = true;
            events.push(Event::Finished(finish::finish(word, None, self.calls > 0)));
        }
        match &end["error"] {
            Value::Null => Ok(()),
            error => Err(trouble(json, &json!({"error": error}))),
        }
    }
}

fn started(id: &Value, events: &mut Vec<Event>) {
    events.push(Event::Started { id: id.as_str().map(str::to_owned), model: None });
}

fn content(block: &Value, events: &mut Vec<Event>) {
    let said = |name: &str| block[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    events.extend(said("thinking").map(Event::Reasoning));
    events.extend(said("text").map(Event::Text));
}

/// A citation is an object; Cohere's own clients allow for a list of them.
fn cited(citation: &Value) -> Vec<Event> {
    match citation {
        Value::Object(_) => vec![Event::Citation(citation.clone())],
        Value::Array(several) => several.iter().cloned().map(Event::Citation).collect(),
        _ => Vec::new(),
    }
}

fn logprobs(piece: &Value, events: &mut Vec<Event>) {
    if piece.is_object() {
        events.push(Event::Logprobs(piece.clone()));
    }
}

fn each(list: &Value, take: impl FnMut(&Value)) {
    list.as_array().into_iter().flatten().for_each(take);
}

/// Tokens as the model saw them, else as they are billed, which is far fewer: a chat's template is not billed.
pub(super) fn usage(reported: &Value) -> Option<Usage> {
    let count = |group: &str, name: &str| reported[group][name].as_f64().and_then(whole_number);
    let billed = |name: &str| count("billed_units", name);
    let counts = Usage {
        input: count("tokens", "input_tokens").or_else(|| billed("input_tokens")),
        output: count("tokens", "output_tokens").or_else(|| billed("output_tokens")),
        cache_read: reported["cached_tokens"].as_u64(),
        billed: billed("input_tokens").zip(billed("output_tokens")),
        images: billed("images"),
        ..Usage::default()
    };
    (counts != Usage::default()).then(|| Usage { is_request: true, raw: reported.clone(), ..counts })
}

/// Cohere's counts are numbers of any sort in its own specification.
fn whole_number(number: f64) -> Option<u64> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be in range")]
    (0.0..=1e15).contains(&number).then_some(number as u64)
}

#[cfg(test)]
mod tests;
