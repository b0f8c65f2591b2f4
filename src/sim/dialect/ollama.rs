//! Ollama's own chat, as the fleet speaks it: a line for each token, arguments of tools as objects.

use std::time::SystemTime;

use serde_json::{Value, json};

use super::reading::{ask_of, count_of, text_of, texts_of, tools_of};
use super::{Ask, Call, Choice, Dialect, End, Event, Framing, Spoken, Stream, Thinking, Trouble};

/// Ollama.
pub(super) struct Ollama;

/// When all replies were made.
const CREATED: &str = "2026-05-28T20:26:40.000000Z";

impl Dialect for Ollama {
    fn read(&self, _: &str, body: &Value) -> Ask {
        let options = &body["options"];
        let thinks = body["think"] == true || body["think"].is_string();
        let ask = ask_of(&Value::Null, &body["messages"]);
        Ask {
            model: text_of(&body["model"]),
            // It streams unless told not to.
            stream: body["stream"] != false,
            framing: Framing::Lines,
            include_usage: true,
            max_tokens: count_of(&options["num_predict"]),
            stop: texts_of(&options["stop"]),
            seed: options["seed"].as_i64(),
            thinking: Thinking::of(thinks, true),
            json: body["format"] == "json" || body["format"].is_object(),
            schema: Some(body["format"].clone()).filter(Value::is_object).or(ask.schema),
            tools: tools_of(&body["tools"]),
            choice: Choice::Auto,
            ..ask
        }
    }

    fn stream(&self, ask: &Ask, spoken: &Spoken) -> Stream {
        let line = |message: Value| {
            Event::of(json!({"model": ask.model, "created_at": CREATED, "message": message, "done": false}))
        };
        let said = |name: &str, piece: &String| {
            let mut message = json!({"role": "assistant", "content": ""});
            message[name] = piece.as_str().into();
            vec![line(message)]
        };
        let thought = |piece: &String| if spoken.shows_thinking { said("thinking", piece) } else { Vec::new() };
        let call = |(index, call): (usize, &Call)| {
            let message = json!({"role": "assistant", "content": "", "tool_calls": [tool_call(index, call)]});
            call.at_once(line(message)).collect::<Vec<_>>()
        };
        Stream {
            before: Vec::new(),
            tokens: (spoken.thinking.iter().map(thought))
                .chain(spoken.text.iter().map(|piece| said("content", piece)))
                .chain(spoken.calls.iter().enumerate().flat_map(call))
                .collect(),
            after: vec![Event::of(last(ask, spoken, &json!({"role": "assistant", "content": ""})))],
        }
    }

    fn whole(&self, ask: &Ask, spoken: &Spoken) -> Value {
        let mut message = json!({"role": "assistant", "content": spoken.text.concat()});
        if let Some(thinking) = spoken.shown_thinking() {
            message["thinking"] = thinking.into();
        }
        if !spoken.calls.is_empty() {
            message["tool_calls"] =
                spoken.calls.iter().enumerate().map(|(index, call)| tool_call(index, call)).collect();
        }
        last(ask, spoken, &message)
    }

    fn trouble(&self, trouble: Trouble, ask: &Ask) -> (u16, Value) {
        let model = &ask.model;
        let (status, message) = match trouble {
            Trouble::NoKey | Trouble::BadKey => (401, "unauthorized".to_owned()),
            Trouble::Permission => (403, "this model requires a subscription, upgrade for access".to_owned()),
            Trouble::NotFound => (404, format!("model '{model}' not found")),
            Trouble::Invalid => (
                400,
                "json: cannot unmarshal string into Go struct field ChatRequest.messages of type []api.Message"
                    .to_owned(),
            ),
            Trouble::Context => (400, "the input length exceeds the context length".to_owned()),
            Trouble::Quota => (402, "you have reached your weekly usage limit, upgrade for higher limits".to_owned()),
            Trouble::RateLimit(_) => (429, "too many concurrent requests".to_owned()),
            Trouble::ServerError => (500, "llama runner process has terminated: exit status 2".to_owned()),
            Trouble::Unavailable | Trouble::Overloaded => {
                let status = if trouble == Trouble::Overloaded { 529 } else { 503 };
                (status, "server busy, please try again. maximum pending requests exceeded".to_owned())
            }
        };
        (status, json!({"error": message}))
    }

    fn broken_stream(&self, ask: &Ask) -> Vec<Event> {
        vec![Event::of(self.trouble(Trouble::ServerError, ask).1)]
    }

    fn headers(&self, _: &str, _: u64, _: SystemTime) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}

fn tool_call(index: usize, call: &Call) -> Value {
    json!({"id": call.id("call_"), "function": {"index": index, "name": call.name, "arguments": call.arguments}})
}

/// The last line, or the only one: durations are in nanoseconds.
fn last(ask: &Ask, spoken: &Spoken, message: &Value) -> Value {
    json!({
        "model": ask.model,
        "created_at": CREATED,
        "message": message,
        "done": true,
        "done_reason": if spoken.end == End::Length { "length" } else { "stop" },
        "total_duration": 700_000_000,
        "load_duration": 60_000_000,
        "prompt_eval_count": ask.input,
        "prompt_eval_duration": 40_000_000,
        "eval_count": spoken.output(),
        "eval_duration": 600_000_000,
    })
}
