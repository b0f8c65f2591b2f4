//! Hugging Face's text generation, as the fleet speaks it: a plain prompt goes on, and the answer repeats it unless told
//! not to.

use std::time::SystemTime;

use serde_json::{Value, json};

use super::reading::{ask_of, count_of, model_in, texts_of};
use super::{Ask, Dialect, End, Event, Framing, Spoken, Stream, Trouble};

/// Servers of text-generation-inference.
pub(super) struct HuggingFace;

impl Dialect for HuggingFace {
    fn read(&self, path: &str, body: &Value) -> Ask {
        let parameters = &body["parameters"];
        Ask {
            model: model_in(path, "/models/", &['?']),
            stream: body["stream"] == true || path.ends_with("/generate_stream"),
            framing: Framing::TightEvents,
            echo: parameters["return_full_text"] != false,
            max_tokens: count_of(&parameters["max_new_tokens"]),
            stop: texts_of(&parameters["stop"]),
            seed: parameters["seed"].as_i64(),
            ..ask_of(&Value::Null, &body["inputs"])
        }
    }

    fn stream(&self, ask: &Ask, spoken: &Spoken) -> Stream {
        let count = spoken.text.len();
        let token = |(index, piece): (usize, &String)| {
            let last = index + 1 == count;
            let text = json!({"id": index, "text": piece, "logprob": -0.5, "special": false});
            let whole = if last { spoken.text.concat().into() } else { Value::Null };
            let details = if last { details(ask, spoken) } else { Value::Null };
            vec![Event::of(json!({"index": index + 1, "token": text, "generated_text": whole, "details": details}))]
        };
        let mut tokens: Vec<Vec<Event>> = spoken.text.iter().enumerate().map(token).collect();
        let after = if tokens.is_empty() {
            let end = json!({"id": 2, "text": "</s>", "logprob": -0.1, "special": true});
            vec![Event::of(json!({"index": 1, "token": end, "generated_text": "", "details": details(ask, spoken)}))]
        } else {
            Vec::new()
        };
        tokens.splice(0..0, spoken.thinking.iter().map(|_| Vec::new()));
        Stream { before: Vec::new(), tokens, after }
    }

    fn whole(&self, ask: &Ask, spoken: &Spoken) -> Value {
        let prompt = if ask.echo { ask.prompt.as_str() } else { "" };
        json!([{"generated_text": prompt.to_owned() + &spoken.text.concat()}])
    }

    fn trouble(&self, trouble: Trouble, ask: &Ask) -> (u16, Value) {
        let model = &ask.model;
        let (status, kind, message) = match trouble {
            Trouble::NoKey | Trouble::BadKey => (401, "", "Invalid username or password.".to_owned()),
            Trouble::Permission => (403, "", PERMISSION.to_owned()),
            Trouble::NotFound => (404, "", format!("Model {model} does not exist")),
            Trouble::Invalid => (422, "validation", "Input validation error: `inputs` cannot be empty".to_owned()),
            Trouble::Context => {
                let tokens = ask.input.max(WINDOW + 1);
                let message = format!(
                    "Input validation error: `inputs` tokens + `max_new_tokens` must be <= {WINDOW}. Given: {tokens} \
                     `inputs` tokens and 100 `max_new_tokens`"
                );
                (422, "validation", message)
            }
            Trouble::Quota => (402, "", QUOTA.to_owned()),
            Trouble::RateLimit(_) => (429, "", "Rate limit reached. Please log in or use a HF access token".to_owned()),
            Trouble::ServerError => (500, "generation", "Request failed during generation: Server error".to_owned()),
            Trouble::Unavailable => (503, "overloaded", format!("Model {model} is currently loading")),
            Trouble::Overloaded => (529, "overloaded", "Model is overloaded".to_owned()),
        };
        let mut body = json!({"error": message});
        if !kind.is_empty() {
            body["error_type"] = kind.into();
        }
        (status, body)
    }

    fn broken_stream(&self, ask: &Ask) -> Vec<Event> {
        vec![Event::of(self.trouble(Trouble::ServerError, ask).1)]
    }

    fn headers(&self, request_id: &str, _: u64, _: SystemTime) -> Vec<(&'static str, String)> {
        vec![("x-request-id", request_id.to_owned()), ("x-compute-type", "sim".to_owned())]
    }
}

const WINDOW: u64 = 4096;
const PERMISSION: &str =
    "This authentication method does not have sufficient permissions to call Inference Providers on behalf of user sim";
const QUOTA: &str = "You have exceeded your monthly included credits for Inference Providers. Subscribe to PRO to get 20x more monthly included credits.";

fn details(ask: &Ask, spoken: &Spoken) -> Value {
    let reason = match spoken.end {
        End::Stop | End::Calls | End::Filter => "eos_token",
        End::StopSequence(_) => "stop_sequence",
        End::Length => "length",
    };
    json!({"finish_reason": reason, "generated_tokens": spoken.output(), "seed": ask.seed, "input_length": ask.input})
}
