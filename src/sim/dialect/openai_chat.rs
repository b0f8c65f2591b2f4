//! OpenAI Chat Completions, as the fleet speaks it; Azure's variant tells in addition what its filters found.

use std::time::SystemTime;

use serde_json::{Value, json};

use super::reading::{ask_of, choice_of, count_of, model_in, text_of, texts_of, tools_of};
use super::{Ask, Call, Dialect, End, Event, Framing, Spoken, Stream, Thinking, Trouble};

/// OpenAI and all that are compatible.
pub(super) struct OpenAiChat {
    /// Azure's deployments.
    pub(super) azure: bool,
}

/// When all replies were made: a fixed time keeps them the same from run to run.
pub(super) const CREATED: u64 = 1_780_000_000;

impl Dialect for OpenAiChat {
    fn read(&self, path: &str, body: &Value) -> Ask {
        let effort = body["reasoning_effort"].as_str().or(body["reasoning"]["effort"].as_str());
        let named = text_of(&body["model"]);
        let format = &body["response_format"];
        let ask = ask_of(&Value::Null, &body["messages"]);
        Ask {
            model: if self.azure && named.is_empty() { model_in(path, "/deployments/", &['/']) } else { named },
            stream: body["stream"] == true,
            framing: Framing::Events,
            include_usage: body["stream_options"]["include_usage"] == true,
            max_tokens: count_of(&body["max_completion_tokens"]).or_else(|| count_of(&body["max_tokens"])),
            stop: texts_of(&body["stop"]),
            seed: body["seed"].as_i64(),
            thinking: Thinking::of(effort.is_some_and(|effort| effort != "none"), true),
            json: format["type"].as_str().is_some_and(|kind| kind.starts_with("json")),
            schema: format.pointer("/json_schema/schema").cloned().or(ask.schema),
            tools: tools_of(&body["tools"]),
            choice: choice_of(&body["tool_choice"]),
            ..ask
        }
    }

    fn stream(&self, ask: &Ask, spoken: &Spoken) -> Stream {
        let chunk = |delta: Value, finish: Value| Event::of(self.chunk(ask, spoken, &delta, &finish));
        let thought = |piece: &String| {
            if spoken.shows_thinking {
                vec![chunk(json!({"reasoning_content": piece}), Value::Null)]
            } else {
                Vec::new()
            }
        };
        let call = |(index, call): (usize, &Call)| {
            let delta = |call: Value| chunk(json!({"tool_calls": [call]}), Value::Null);
            let start = json!({"index": index, "id": call.id("call_"), "type": "function",
                               "function": {"name": call.name, "arguments": ""}});
            let pieces = call.pieces.iter().map(|piece| json!({"index": index, "function": {"arguments": piece}}));
            let mut tokens: Vec<Vec<Event>> = pieces.map(|piece| vec![delta(piece)]).collect();
            if let Some(first) = tokens.first_mut() {
                first.insert(0, delta(start));
            }
            tokens
        };
        let mut after = vec![chunk(json!({}), finish(&spoken.end).into())];
        if ask.include_usage {
            let mut last = frame(ask, spoken, "chat.completion.chunk", &json!([]));
            last["usage"] = usage(ask, spoken);
            after.push(Event::of(last));
        }
        after.push(Event::of("[DONE]"));
        let role = chunk(json!({"role": "assistant", "content": "", "refusal": null}), Value::Null);
        Stream {
            before: self.prompt_filter().map(Event::of).into_iter().chain([role]).collect(),
            tokens: (spoken.thinking.iter().map(thought))
                .chain(spoken.text.iter().map(|piece| vec![chunk(json!({"content": piece}), Value::Null)]))
                .chain(spoken.calls.iter().enumerate().flat_map(call))
                .collect(),
            after,
        }
    }

    fn whole(&self, ask: &Ask, spoken: &Spoken) -> Value {
        let content = if spoken.calls.is_empty() { spoken.text.concat().into() } else { Value::Null };
        let mut message = json!({"role": "assistant", "content": content, "refusal": null, "annotations": []});
        if let Some(thinking) = spoken.shown_thinking() {
            message["reasoning_content"] = thinking.into();
        }
        let call = |call: &Call| {
            let function = json!({"name": call.name, "arguments": call.pieces.concat()});
            json!({"id": call.id("call_"), "type": "function", "function": function})
        };
        if !spoken.calls.is_empty() {
            message["tool_calls"] = spoken.calls.iter().map(call).collect();
        }
        let mut choice =
            json!({"index": 0, "message": message, "logprobs": null, "finish_reason": finish(&spoken.end)});
        if self.azure {
            choice["content_filter_results"] = filter_results();
        }
        let mut body = frame(ask, spoken, "chat.completion", &json!([choice]));
        body["usage"] = usage(ask, spoken);
        if let Some(Value::Object(prompt)) = self.prompt_filter() {
            body["prompt_filter_results"] = prompt["prompt_filter_results"].clone();
        }
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
        if let (true, Some((code, message))) = (self.azure, azure_words(trouble)) {
            return (status, json!({"error": {"code": code, "message": message}}));
        }
        (status, json!({"error": {"message": message, "type": kind, "param": param, "code": code}}))
    }

    fn broken_stream(&self, ask: &Ask) -> Vec<Event> {
        vec![Event::of(self.trouble(Trouble::ServerError, ask).1)]
    }

    fn headers(&self, request_id: &str, earlier: u64, _: SystemTime) -> Vec<(&'static str, String)> {
        vec![
            ("x-request-id", format!("req_{request_id}")),
            ("openai-version", "2020-10-01".to_owned()),
            ("x-ratelimit-limit-requests", "5000".to_owned()),
            ("x-ratelimit-limit-tokens", "2000000".to_owned()),
            ("x-ratelimit-remaining-requests", (4999 - earlier % 1000).to_string()),
            ("x-ratelimit-remaining-tokens", "1999900".to_owned()),
            ("x-ratelimit-reset-requests", "12ms".to_owned()),
            ("x-ratelimit-reset-tokens", "3ms".to_owned()),
        ]
    }
}

impl OpenAiChat {
    fn chunk(&self, ask: &Ask, spoken: &Spoken, delta: &Value, finish: &Value) -> Value {
        let mut choice = json!({"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish});
        if self.azure {
            choice["content_filter_results"] = filter_results();
        }
        let mut chunk = frame(ask, spoken, "chat.completion.chunk", &json!([choice]));
        if ask.include_usage {
            chunk["usage"] = Value::Null;
        }
        chunk
    }

    /// What Azure's filters say of the prompt, in a chunk of its own.
    fn prompt_filter(&self) -> Option<Value> {
        let results = json!([{"prompt_index": 0, "content_filter_results": filter_results()}]);
        let chunk =
            json!({"choices": [], "created": 0, "id": "", "model": "", "object": "", "prompt_filter_results": results});
        self.azure.then_some(chunk)
    }
}

fn filter_results() -> Value {
    let safe = json!({"filtered": false, "severity": "safe"});
    json!({"hate": safe, "self_harm": safe, "sexual": safe, "violence": safe})
}

/// Code and message where Azure has words of its own.
fn azure_words(trouble: Trouble) -> Option<(&'static str, &'static str)> {
    Some(match trouble {
        Trouble::NoKey | Trouble::BadKey => ("401", AZURE_KEY),
        Trouble::NotFound => ("DeploymentNotFound", AZURE_DEPLOYMENT),
        Trouble::RateLimit(_) => ("429", AZURE_RATE_LIMIT),
        _ => return None,
    })
}

const AZURE_KEY: &str = "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource.";
const AZURE_DEPLOYMENT: &str = "The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again.";
const AZURE_RATE_LIMIT: &str = "Requests to the ChatCompletions_Create Operation under Azure OpenAI API have exceeded call rate limit of your current pricing tier.";
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
        End::Calls => "tool_calls",
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
