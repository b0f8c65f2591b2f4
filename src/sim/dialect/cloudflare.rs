//! Cloudflare Workers AI (`run`), as the fleet speaks it. It tells no reason to finish.

use std::time::SystemTime;

use serde_json::{Value, json};

use super::reading::{ask_of, choice_of, count_of, model_in, tools_of};
use super::{Ask, Call, Dialect, Event, Framing, Spoken, Stream, Thinking, Trouble};
use crate::sim::framing::padded;

/// Cloudflare.
pub(super) struct Cloudflare;

impl Dialect for Cloudflare {
    fn read(&self, path: &str, body: &Value) -> Ask {
        let turns = if body["messages"].is_null() { &body["prompt"] } else { &body["messages"] };
        let format = &body["response_format"];
        let ask = ask_of(&Value::Null, turns);
        Ask {
            model: model_in(path, "/run/", &['?']),
            stream: body["stream"] == true,
            framing: Framing::Events,
            include_usage: true,
            max_tokens: count_of(&body["max_tokens"]),
            seed: body["seed"].as_i64(),
            thinking: Thinking::Off,
            json: format.is_object(),
            schema: format.get("json_schema").cloned().or(ask.schema),
            tools: tools_of(&body["tools"]),
            choice: choice_of(&body["tool_choice"]),
            ..ask
        }
    }

    fn stream(&self, ask: &Ask, spoken: &Spoken) -> Stream {
        let event = |data: Value| Event::of(padded(data));
        let call = |(index, call): (usize, &Call)| {
            let delta = |call: Value| event(json!({"tool_calls": [call]}));
            let start = json!({"id": call.id("chatcmpl-tool-"), "type": "function", "index": index, "function": {"name": call.name}});
            let pieces = call.pieces.iter();
            let mut tokens: Vec<Vec<Event>> =
                pieces.map(|piece| vec![delta(json!({"index": index, "function": {"arguments": piece}}))]).collect();
            if let Some(first) = tokens.first_mut() {
                first.insert(0, delta(start));
            }
            tokens
        };
        Stream {
            before: Vec::new(),
            tokens: (spoken.thinking.iter().map(|_| Vec::new()))
                .chain(spoken.text.iter().map(|piece| vec![event(json!({"response": piece}))]))
                .chain(spoken.calls.iter().enumerate().flat_map(call))
                .collect(),
            after: vec![Event::of(json!({"response": "", "usage": usage(ask, spoken)})), Event::of("[DONE]")],
        }
    }

    fn whole(&self, ask: &Ask, spoken: &Spoken) -> Value {
        let text = spoken.text.concat();
        // Asked for JSON, it answers with the value itself.
        let value: Option<Value> = if ask.json { serde_json::from_str(&text).ok() } else { None };
        let mut result = json!({"response": value.unwrap_or_else(|| text.into()), "usage": usage(ask, spoken)});
        if !spoken.calls.is_empty() {
            result["response"] = Value::Null;
            let call = |call: &Call| json!({"name": call.name, "arguments": call.arguments});
            result["tool_calls"] = spoken.calls.iter().map(call).collect();
        }
        json!({"result": result, "success": true, "errors": [], "messages": []})
    }

    fn trouble(&self, trouble: Trouble, ask: &Ask) -> (u16, Value) {
        let model = &ask.model;
        let (status, code, message) = match trouble {
            Trouble::NoKey | Trouble::BadKey => (401, 10_000, "Authentication error".to_owned()),
            Trouble::Permission => (403, 10_023, "Unauthorized to access requested resource".to_owned()),
            Trouble::NotFound => (400, 5007, format!("No such model {model} or task")),
            Trouble::Invalid => (
                400,
                5006,
                "Error: oneOf at '/' not met, 0 matches: required properties at '/' are 'prompt'".to_owned(),
            ),
            Trouble::Context => {
                let tokens = ask.input.max(WINDOW + 1);
                let message = format!(
                    "AiError: The estimated number of input and maximum output tokens ({tokens}) exceeded this model \
                     context window limit ({WINDOW})."
                );
                (413, 5021, message)
            }
            Trouble::Quota => (429, 4006, QUOTA.to_owned()),
            Trouble::RateLimit(_) => (429, 10_429, "Rate limited: too many requests, please slow down".to_owned()),
            Trouble::ServerError => (500, 3043, "AiError: Internal server error".to_owned()),
            Trouble::Unavailable => (503, 3040, "Capacity temporarily exceeded, please try again.".to_owned()),
            Trouble::Overloaded => (529, 3040, "Capacity temporarily exceeded, please try again.".to_owned()),
        };
        let errors = json!([{"message": message, "code": code}]);
        (status, json!({"errors": errors, "success": false, "result": {}, "messages": []}))
    }

    fn broken_stream(&self, ask: &Ask) -> Vec<Event> {
        vec![Event::of(self.trouble(Trouble::ServerError, ask).1)]
    }

    /// A body in one piece waits for the answer, so it has the status of its failure.
    fn broken_whole(&self, ask: &Ask) -> (u16, Value) {
        self.trouble(Trouble::ServerError, ask)
    }

    fn headers(&self, request_id: &str, _: u64, _: SystemTime) -> Vec<(&'static str, String)> {
        vec![("cf-ai-req-id", request_id.to_owned())]
    }
}

const WINDOW: u64 = 24_000;
const QUOTA: &str = "you have used up your daily free allocation of 10,000 neurons, please upgrade to Cloudflare's Workers Paid plan if you would like to continue usage.";

fn usage(ask: &Ask, spoken: &Spoken) -> Value {
    let (input, output) = (ask.input, spoken.output() as u64);
    json!({"prompt_tokens": input, "completion_tokens": output, "total_tokens": input + output})
}
