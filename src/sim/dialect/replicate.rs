//! Replicate's predictions, as the fleet speaks it: an answer is promised, then fetched as a stream or by asking again.

use std::time::SystemTime;

use serde_json::{Value, json};

use super::reading::{ask_of, count_of, model_in, texts_of};
use super::{Ask, Dialect, End, Event, Framing, Spoken, Stream, Trouble};

/// Replicate.
pub(super) struct Replicate;

const CREATED: &str = "2026-05-28T20:26:40.000000000Z";

impl Dialect for Replicate {
    fn read(&self, path: &str, body: &Value) -> Ask {
        let input = &body["input"];
        let named = |text: String| text.trim_end_matches("/predictions").to_owned();
        let version = || body["version"].as_str().unwrap_or_default().to_owned();
        let model = ["/models/", "/deployments/"].iter().map(|before| named(model_in(path, before, &['?'])));
        let model = model.into_iter().find(|model| !model.is_empty()).unwrap_or_else(version);
        let turns = if input["messages"].is_null() { &input["prompt"] } else { &input["messages"] };
        let limit = ["max_tokens", "max_new_tokens", "max_completion_tokens"];
        Ask {
            model,
            stream: body["stream"] == true,
            framing: Framing::Events,
            max_tokens: limit.iter().find_map(|name| count_of(&input[name])),
            stop: texts_of(&input["stop_sequences"])
                .iter()
                .flat_map(|text| text.split(','))
                .map(str::to_owned)
                .collect(),
            seed: input["seed"].as_i64(),
            deferred: true,
            ..ask_of(&input["system_prompt"], turns)
        }
    }

    fn stream(&self, _: &Ask, spoken: &Spoken) -> Stream {
        let output = |piece: &String| vec![Event::named("output", piece)];
        let end = if spoken.end == End::Filter { failure(FLAGGED) } else { vec![Event::named("done", "{}")] };
        Stream {
            before: Vec::new(),
            tokens: spoken.thinking.iter().map(|_| Vec::new()).chain(spoken.text.iter().map(output)).collect(),
            after: end,
        }
    }

    fn whole(&self, ask: &Ask, spoken: &Spoken) -> Value {
        let mut body = prediction(ask, spoken.number, "succeeded");
        body["output"] = spoken.text.clone().into();
        body["metrics"] = json!({
            "input_token_count": ask.input, "output_token_count": spoken.output(), "predict_time": 0.7, "total_time": 0.8,
        });
        if spoken.end == End::Filter {
            (body["status"], body["error"]) = ("failed".into(), FLAGGED.into());
        }
        body
    }

    fn trouble(&self, trouble: Trouble, ask: &Ask) -> (u16, Value) {
        let (status, title, detail) = match trouble {
            Trouble::NoKey | Trouble::BadKey => {
                (401, "Unauthenticated", "You did not pass a valid authentication token".to_owned())
            }
            Trouble::Permission => (403, "Forbidden", "You do not have permission to run this model.".to_owned()),
            Trouble::NotFound => (404, "Not found", "The requested resource could not be found.".to_owned()),
            Trouble::Invalid => (422, "Input validation failed", "- input: prompt is required\n".to_owned()),
            Trouble::Context => {
                let tokens = ask.input.max(WINDOW + 1);
                let detail = format!(
                    "- input.prompt: the prompt has {tokens} tokens, the model's maximum context length is {WINDOW}\n"
                );
                (422, "Input validation failed", detail)
            }
            Trouble::Quota => (402, "Insufficient credit", QUOTA.to_owned()),
            Trouble::RateLimit(_) => (429, "", "Request was throttled. Expected available in 1 second.".to_owned()),
            Trouble::ServerError => (500, "Internal server error", "An unexpected error occurred.".to_owned()),
            Trouble::Unavailable => (503, "Service unavailable", "The service is temporarily unavailable.".to_owned()),
            Trouble::Overloaded => (529, "Service overloaded", "The service is temporarily overloaded.".to_owned()),
        };
        let mut body = json!({"title": title, "detail": detail, "status": status});
        if let Some(body) = body.as_object_mut().filter(|_| title.is_empty()) {
            body.remove("title");
        }
        (status, body)
    }

    fn trouble_type(&self, _: &Ask) -> &'static str {
        "application/problem+json"
    }

    fn broken_stream(&self, _: &Ask) -> Vec<Event> {
        failure(FAILED)
    }

    fn broken_whole(&self, ask: &Ask) -> (u16, Value) {
        let mut body = prediction(ask, 0, "failed");
        body["error"] = FAILED.into();
        (self.status(), body)
    }

    fn status(&self) -> u16 {
        201
    }

    fn promise(&self, ask: &Ask, number: u64) -> Option<Value> {
        ask.deferred.then(|| prediction(ask, number, "starting"))
    }

    fn headers(&self, _: &str, earlier: u64, _: SystemTime) -> Vec<(&'static str, String)> {
        vec![("ratelimit-remaining", 599_u64.saturating_sub(earlier).to_string()), ("ratelimit-reset", "1".to_owned())]
    }
}

const WINDOW: u64 = 4096;
const FAILED: &str = "Prediction failed: director: unexpected error handling prediction (E6716)";
const FLAGGED: &str = "The input or output was flagged as sensitive. Please try again with different inputs. (E005)";
const QUOTA: &str = "You have insufficient credit to run this model. Go to https://replicate.com/account/billing#billing to purchase credit.";

/// The id of the prediction with that number.
pub(in crate::sim) fn id(number: u64) -> String {
    format!("sim{number:016x}")
}

/// The host of streams is another one, which takes no key.
pub(in crate::sim) const STREAM_HOST: &str = "replicate-streams";

fn failure(message: &str) -> Vec<Event> {
    vec![Event::named("error", json!({"detail": message})), Event::named("done", json!({"reason": "error"}))]
}

/// A prediction as it is reported.
pub(in crate::sim) fn prediction(ask: &Ask, number: u64, status: &str) -> Value {
    let id = id(number);
    let api = ask.address.as_str();
    let origin = api.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
    let mut urls =
        json!({"cancel": format!("{api}/v1/predictions/{id}/cancel"), "get": format!("{api}/v1/predictions/{id}")});
    if ask.stream {
        urls["stream"] = format!("{origin}/{STREAM_HOST}/v1/streams/{id}").into();
    }
    json!({
        "id": id,
        "model": ask.model,
        "version": "sim",
        "input": {"prompt": ask.prompt},
        "logs": "",
        "error": null,
        "status": status,
        "created_at": CREATED,
        "urls": urls,
        "stream": ask.stream,
    })
}
