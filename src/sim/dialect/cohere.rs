//! Cohere's chat of version 2, as the fleet speaks it.

use std::time::SystemTime;

use serde_json::{Value, json};

use super::reading::{ask_of, choice_of, count_of, text_of, texts_of, tools_of};
use super::{Ask, Call, Dialect, End, Event, Framing, Spoken, Stream, Thinking, Trouble};

/// Cohere.
pub(super) struct Cohere;

impl Dialect for Cohere {
    fn read(&self, _: &str, body: &Value) -> Ask {
        let format = &body["response_format"];
        let schema = ["schema", "json_schema"].iter().find_map(|name| format.get(*name)).cloned();
        let ask = ask_of(&Value::Null, &body["messages"]);
        Ask {
            model: text_of(&body["model"]),
            stream: body["stream"] == true,
            framing: Framing::Events,
            include_usage: true,
            max_tokens: count_of(&body["max_tokens"]),
            stop: texts_of(&body["stop_sequences"]),
            seed: body["seed"].as_i64(),
            thinking: Thinking::of(body["thinking"]["type"] == "enabled", true),
            json: format["type"] == "json_object",
            schema: schema.or(ask.schema),
            tools: tools_of(&body["tools"]),
            choice: choice_of(&body["tool_choice"]),
            ..ask
        }
    }

    fn stream(&self, ask: &Ask, spoken: &Spoken) -> Stream {
        let message = json!({"role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": []});
        let start = json!({"id": id(spoken), "type": "message-start", "delta": {"message": message}});
        let mut tokens = Vec::new();
        let mut index = 0;
        if spoken.thinks_aloud() {
            tokens.extend(content(&mut index, "thinking", &spoken.thinking));
        } else {
            tokens.extend(spoken.thinking.iter().map(|_| Vec::new()));
        }
        if !spoken.text.is_empty() {
            tokens.extend(content(&mut index, "text", &spoken.text));
        }
        for (index, call) in spoken.calls.iter().enumerate() {
            tokens.extend(call_events(index, call));
        }
        // The last block is closed when it is known that nothing follows.
        let mut after: Vec<Event> =
            tokens.last_mut().filter(|events| events.len() > 1).and_then(Vec::pop).into_iter().collect();
        let end = json!({"finish_reason": finish(&spoken.end), "usage": usage(ask, spoken)});
        after.push(event("message-end", json!({"type": "message-end", "delta": end})));
        after.push(Event::of("[DONE]"));
        Stream { before: vec![event("message-start", start)], tokens, after }
    }

    fn whole(&self, ask: &Ask, spoken: &Spoken) -> Value {
        let mut content = Vec::new();
        if let Some(thinking) = spoken.shown_thinking() {
            content.push(json!({"type": "thinking", "thinking": thinking}));
        }
        if !spoken.text.is_empty() {
            content.push(json!({"type": "text", "text": spoken.text.concat()}));
        }
        let mut message = json!({"role": "assistant"});
        if !content.is_empty() {
            message["content"] = content.into();
        }
        if !spoken.calls.is_empty() {
            message["tool_calls"] = spoken.calls.iter().map(|call| tool_call(call, &call.pieces.concat())).collect();
        }
        let finish = finish(&spoken.end);
        json!({"id": id(spoken), "message": message, "finish_reason": finish, "usage": usage(ask, spoken)})
    }

    fn trouble(&self, trouble: Trouble, ask: &Ask) -> (u16, Value) {
        let model = &ask.model;
        let (status, message) = match trouble {
            Trouble::NoKey => (401, "no api key supplied".to_owned()),
            Trouble::BadKey => (401, "invalid api token".to_owned()),
            Trouble::Permission => (403, format!("you are not permitted to use the model '{model}'")),
            Trouble::NotFound => {
                let advice = "make sure the correct model ID was used and that you have access to the model.";
                (404, format!("model '{model}' not found, {advice}"))
            }
            Trouble::Invalid => (400, "invalid request: all elements in messages must have a role.".to_owned()),
            Trouble::Context => {
                let tokens = ask.input.max(WINDOW + 1);
                let message = format!(
                    "too many tokens: total number of tokens in the prompt cannot exceed {WINDOW} - received {tokens}. \
                     Try using a shorter prompt or a smaller max_tokens value."
                );
                (400, message)
            }
            Trouble::Quota => (402, QUOTA.to_owned()),
            Trouble::RateLimit(_) => (429, RATE_LIMIT.to_owned()),
            Trouble::ServerError => {
                (500, "internal server error, this has been reported to our developers.".to_owned())
            }
            Trouble::Unavailable => (503, "the service is currently unavailable, please try again later".to_owned()),
            Trouble::Overloaded => (529, "the service is currently overloaded, please try again later".to_owned()),
        };
        (status, json!({"id": "00000000-0000-4000-8000-000000000000", "message": message}))
    }

    /// Recorded: the end of the message tells of the error.
    fn broken_stream(&self, _: &Ask) -> Vec<Event> {
        let end = json!({"finish_reason": "ERROR", "usage": {}, "error": FAILED});
        vec![event("message-end", json!({"type": "message-end", "delta": end})), Event::of("[DONE]")]
    }

    fn broken_whole(&self, ask: &Ask) -> (u16, Value) {
        self.trouble(Trouble::ServerError, ask)
    }

    fn headers(&self, _: &str, earlier: u64, _: SystemTime) -> Vec<(&'static str, String)> {
        vec![
            ("x-endpoint-monthly-call-limit", "1000".to_owned()),
            ("x-trial-endpoint-call-limit", "40".to_owned()),
            ("x-trial-endpoint-call-remaining", 39_u64.saturating_sub(earlier).to_string()),
        ]
    }
}

const WINDOW: u64 = 256_000;
const FAILED: &str = "No valid response generated. Try updating messages";
const QUOTA: &str = "You have reached your billing limit. Please raise it or add a payment method at https://dashboard.cohere.com/billing to go on.";
const RATE_LIMIT: &str = "You are using a Trial key, which is limited to 40 API calls / minute. You can continue to use the Trial key for free or upgrade to a Production key with higher rate limits at 'https://dashboard.cohere.com/api-keys'.";

fn id(spoken: &Spoken) -> String {
    let number = spoken.number;
    format!("{:08x}-0000-4000-8000-{:012x}", number >> 32, number & 0xffff_ffff)
}

fn event(name: &'static str, data: Value) -> Event {
    Event::named(name, data)
}

/// A block of text or thinking. Moves `index` on.
fn content(index: &mut usize, kind: &str, pieces: &[String]) -> Vec<Vec<Event>> {
    let at = std::mem::replace(index, *index + 1);
    let of = |name: &'static str, content: Value| {
        event(name, json!({"type": name, "index": at, "delta": {"message": {"content": content}}}))
    };
    let delta = |piece: &String| vec![of("content-delta", json!({(kind): piece}))];
    let mut tokens: Vec<Vec<Event>> = pieces.iter().map(delta).collect();
    if let Some(first) = tokens.first_mut() {
        first.insert(0, of("content-start", json!({"type": kind, (kind): ""})));
    }
    if let Some(last) = tokens.last_mut() {
        last.push(event("content-end", json!({"type": "content-end", "index": at})));
    }
    tokens
}

fn tool_call(call: &Call, arguments: &str) -> Value {
    let id = call.id(&format!("{}_", call.name));
    json!({"id": id, "type": "function", "function": {"name": call.name, "arguments": arguments}})
}

fn call_events(index: usize, call: &Call) -> Vec<Vec<Event>> {
    let of = |name: &'static str, calls: Value| {
        event(name, json!({"type": name, "index": index, "delta": {"message": {"tool_calls": calls}}}))
    };
    let delta = |piece: &String| vec![of("tool-call-delta", json!({"function": {"arguments": piece}}))];
    let mut tokens: Vec<Vec<Event>> = call.pieces.iter().map(delta).collect();
    if let Some(first) = tokens.first_mut() {
        first.insert(0, of("tool-call-start", tool_call(call, "")));
    }
    if let Some(last) = tokens.last_mut() {
        last.push(event("tool-call-end", json!({"type": "tool-call-end", "index": index})));
    }
    tokens
}

/// What is billed is less than what the model read: its own frame around the prompt is free.
fn usage(ask: &Ask, spoken: &Spoken) -> Value {
    let billed = json!({"input_tokens": ask.input, "output_tokens": spoken.output()});
    json!({"billed_units": billed, "tokens": billed, "cached_tokens": 0})
}

const fn finish(end: &End) -> &'static str {
    match end {
        End::Stop => "COMPLETE",
        End::Calls => "TOOL_CALL",
        End::StopSequence(_) => "STOP_SEQUENCE",
        End::Length => "MAX_TOKENS",
        End::Filter => "ERROR_TOXIC",
    }
}
