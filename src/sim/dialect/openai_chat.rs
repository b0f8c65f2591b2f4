//! OpenAI Chat Completions, as the fleet speaks it.

use std::time::SystemTime;

use serde_json::{Value, json};

use super::{Ask, Dialect, End, Framing, Spoken, Stream, Thinking, Trouble, count_of, prompt_of, text_of, texts_of};

/// OpenAI and all that are compatible.
pub(super) struct OpenAiChat;

/// When all replies were made: a fixed time keeps them the same from run to run.
const CREATED: u64 = 1_780_000_000;

impl Dialect for OpenAiChat {
    fn read(&self, _: &str, body: &Value) -> Ask {
        let effort = body["reasoning_effort"].as_str().or(body["reasoning"]["effort"].as_str());
        let (prompt, input) = prompt_of(&Value::Null, &body["messages"]);
        Ask {
            model: text_of(&body["model"]),
            prompt,
            input,
            stream: body["stream"] == true,
            framing: Framing::Events,
            include_usage: body["stream_options"]["include_usage"] == true,
            max_tokens: count_of(&body["max_completion_tokens"]).or_else(|| count_of(&body["max_tokens"])),
            stop: texts_of(&body["stop"]),
            seed: body["seed"].as_i64(),
            thinking: Thinking::of(effort.is_some_and(|effort| effort != "none"), true),
            json: body["response_format"]["type"].as_str().is_some_and(|kind| kind.starts_with("json")),
        }
    }

    fn stream(&self, ask: &Ask, spoken: &Spoken) -> Stream {
        let with_usage = |mut chunk: Value, usage: Value| {
            if ask.include_usage {
                chunk["usage"] = usage;
            }
            event(&chunk)
        };
        let chunk = |delta: Value, finish: Value| {
            let choice = json!({"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish});
            with_usage(frame(ask, spoken, "chat.completion.chunk", &json!([choice])), Value::Null)
        };
        let thought = |piece: &String| {
            if spoken.shows_thinking { chunk(json!({"reasoning_content": piece}), Value::Null) } else { String::new() }
        };
        let mut after = vec![chunk(json!({}), finish(&spoken.end).into())];
        if ask.include_usage {
            after.push(with_usage(frame(ask, spoken, "chat.completion.chunk", &json!([])), usage(ask, spoken)));
        }
        after.push("data: [DONE]\n\n".to_owned());
        Stream {
            before: vec![chunk(json!({"role": "assistant", "content": "", "refusal": null}), Value::Null)],
            tokens: (spoken.thinking.iter().map(thought))
                .chain(spoken.text.iter().map(|piece| chunk(json!({"content": piece}), Value::Null)))
                .collect(),
            after,
        }
    }

    fn whole(&self, ask: &Ask, spoken: &Spoken) -> Value {
        let mut message =
            json!({"role": "assistant", "content": spoken.text.concat(), "refusal": null, "annotations": []});
        if spoken.shows_thinking && !spoken.thinking.is_empty() {
            message["reasoning_content"] = spoken.thinking.concat().into();
        }
        let choice = json!({"index": 0, "message": message, "logprobs": null, "finish_reason": finish(&spoken.end)});
        let mut body = frame(ask, spoken, "chat.completion", &json!([choice]));
        body["usage"] = usage(ask, spoken);
        body
    }

    fn trouble(&self, trouble: Trouble, ask: &Ask) -> (u16, Value) {
        let model = &ask.model;
        let (status, kind, code, param, message) = match trouble {
            Trouble::NoKey => (401, "invalid_request_error", None, None, NO_KEY.to_owned()),
            Trouble::BadKey => (401, "invalid_request_error", Some("invalid_api_key"), None, BAD_KEY.to_owned()),
            Trouble::Permission => {
                (403, "request_forbidden", Some("unsupported_country_region_territory"), None, REGION.to_owned())
            }
            Trouble::NotFound => {
                let message = format!("The model `{model}` does not exist or you do not have access to it.");
                (404, "invalid_request_error", Some("model_not_found"), None, message)
            }
            Trouble::Invalid => {
                (400, "invalid_request_error", Some("invalid_type"), Some("messages"), INVALID.to_owned())
            }
            Trouble::Context => {
                let message = format!(
                    "This model's maximum context length is {WINDOW} tokens. However, your messages resulted in {} \
                     tokens. Please reduce the length of the messages.",
                    ask.input.max(WINDOW + 1)
                );
                (400, "invalid_request_error", Some("context_length_exceeded"), Some("messages"), message)
            }
            Trouble::Quota => (429, "insufficient_quota", Some("insufficient_quota"), None, QUOTA.to_owned()),
            Trouble::RateLimit(wait) => (429, "requests", Some("rate_limit_exceeded"), None, rate_limit(model, wait)),
            Trouble::ServerError => (500, "server_error", None, None, SERVER_ERROR.to_owned()),
            Trouble::Unavailable => (503, "server_error", None, None, OVERLOADED.to_owned()),
            Trouble::Overloaded => (529, "server_error", None, None, OVERLOADED.to_owned()),
        };
        (status, json!({"error": {"message": message, "type": kind, "param": param, "code": code}}))
    }

    fn broken_stream(&self, ask: &Ask) -> String {
        event(&self.trouble(Trouble::ServerError, ask).1)
    }

    fn malformed(&self) -> &'static str {
        "data: {\"id\":\"chatcmpl-sim\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{\"cont\n\n"
    }

    fn models(&self, names: &[&str]) -> Value {
        let model = |name: &&str| json!({"id": name, "object": "model", "created": CREATED, "owned_by": "sim"});
        json!({"object": "list", "data": names.iter().map(model).collect::<Vec<_>>()})
    }

    fn headers(&self, request_id: &str, earlier: u64, _: SystemTime) -> Vec<(&'static str, String)> {
        vec![
            ("x-request-id", format!("req_{request_id}")),
            ("openai-version", "2020-10-01".to_owned()),
            ("x-ratelimit-limit-requests", "5000".to_owned()),
            ("x-ratelimit-limit-tokens", "2000000".to_owned()),
            ("x-ratelimit-remaining-requests", 4999_u64.saturating_sub(earlier).to_string()),
            ("x-ratelimit-remaining-tokens", "1999900".to_owned()),
            ("x-ratelimit-reset-requests", "12ms".to_owned()),
            ("x-ratelimit-reset-tokens", "3ms".to_owned()),
        ]
    }

    fn key(&self, header: &dyn Fn(&str) -> Option<String>) -> Option<String> {
        let bearer = header("authorization").and_then(|value| Some(value.strip_prefix("Bearer ")?.to_owned()));
        bearer.or_else(|| header("api-key"))
    }
}

const WINDOW: u64 = 128_000;
const NO_KEY: &str = "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).";
const BAD_KEY: &str =
    "Incorrect API key provided: bad-****. You can find your API key at https://platform.openai.com/account/api-keys.";
const REGION: &str = "Country, region, or territory not supported";
const INVALID: &str = "Invalid type for 'messages': expected an array of objects, but got a string instead.";
const QUOTA: &str = "You exceeded your current quota, please check your plan and billing details. For more information on this error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.";
const SERVER_ERROR: &str = "The server had an error while processing your request. Sorry about that!";
const OVERLOADED: &str = "The engine is currently overloaded, please try again later";

fn rate_limit(model: &str, wait: Option<u64>) -> String {
    let again = wait.map(|millis| format!(" Please try again in {millis}ms.")).unwrap_or_default();
    format!(
        "Rate limit reached for {model} in organization org-sim on requests per min (RPM): Limit 3, Used 3, Requested 1.{again}"
    )
}

fn event(data: &Value) -> String {
    format!("data: {data}\n\n")
}

/// What all chunks and bodies of one reply share.
fn frame(ask: &Ask, spoken: &Spoken, object: &str, choices: &Value) -> Value {
    json!({
        "id": format!("chatcmpl-sim{:016x}", spoken.number),
        "object": object,
        "created": CREATED,
        "model": ask.model,
        "service_tier": "default",
        "system_fingerprint": null,
        "choices": choices,
    })
}

const fn finish(end: &End) -> &'static str {
    match end {
        End::Stop | End::StopSequence(_) => "stop",
        End::Length => "length",
        End::Filter => "content_filter",
    }
}

fn usage(ask: &Ask, spoken: &Spoken) -> Value {
    json!({
        "prompt_tokens": ask.input,
        "completion_tokens": spoken.output(),
        "total_tokens": ask.input + spoken.output() as u64,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": spoken.thinking.len(),
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    })
}
