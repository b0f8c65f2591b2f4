//! Anthropic Messages, as the fleet speaks it.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::{Ask, Dialect, End, Framing, Spoken, Stream, Thinking, Trouble, count_of, prompt_of, texts_of};

/// Anthropic.
pub(super) struct Anthropic;

impl Dialect for Anthropic {
    fn read(&self, path: &str, body: &Value) -> Ask {
        // Vertex AI has the model in the path alone.
        let in_path = || path.rsplit('/').next().and_then(|last| last.split(':').next()).unwrap_or_default().to_owned();
        let (prompt, input) = prompt_of(&body["system"], &body["messages"]);
        let thinking = &body["thinking"]["type"];
        let thinks = thinking == "enabled" || thinking == "adaptive" || body["output_config"]["effort"].is_string();
        Ask {
            model: body["model"].as_str().map_or_else(in_path, str::to_owned),
            prompt,
            input,
            stream: body["stream"] == true,
            framing: Framing::Events,
            include_usage: true,
            max_tokens: count_of(&body["max_tokens"]),
            stop: texts_of(&body["stop_sequences"]),
            seed: None,
            thinking: Thinking::of(thinks, body["thinking"]["display"] != "omitted"),
            json: body["output_config"]["format"].is_object(),
        }
    }

    fn stream(&self, ask: &Ask, spoken: &Spoken) -> Stream {
        let mut start = message(ask, spoken, &json!([]), 1);
        (start["stop_reason"], start["stop_sequence"]) = (Value::Null, Value::Null);
        let mut tokens: Vec<String> = spoken.thinking.iter().map(|piece| thought(spoken, piece)).collect();
        tokens.extend(
            spoken.text.iter().map(|piece| delta(text_index(spoken), &json!({"type": "text_delta", "text": piece}))),
        );
        let ping = || "event: ping\ndata: {\"type\": \"ping\"}\n\n".to_owned();
        let mut before = vec![event("message_start", &json!({"message": start}))];
        if shown(spoken) {
            before.extend([open(0, &json!({"type": "thinking", "thinking": "", "signature": ""})), ping()]);
            let last = spoken.thinking.len() - 1;
            tokens[last].push_str(&delta(0, &json!({"type": "signature_delta", "signature": SIGNATURE})));
            tokens[last].push_str(&event("content_block_stop", &json!({"index": 0})));
        }
        if !spoken.text.is_empty() {
            let block = open(text_index(spoken), &json!({"type": "text", "text": ""}));
            if shown(spoken) {
                let first = spoken.thinking.len();
                tokens[first].insert_str(0, &block);
            } else {
                before.extend([block, ping()]);
            }
        }
        Stream { before, tokens, after: ending(ask, spoken) }
    }

    fn whole(&self, ask: &Ask, spoken: &Spoken) -> Value {
        let mut content = Vec::new();
        if shown(spoken) {
            content.push(json!({"type": "thinking", "thinking": spoken.thinking.concat(), "signature": SIGNATURE}));
        }
        if !spoken.text.is_empty() {
            content.push(json!({"type": "text", "text": spoken.text.concat()}));
        }
        let mut body = message(ask, spoken, &content.into(), spoken.output());
        count_thinking(&mut body["usage"], spoken);
        body
    }

    fn trouble(&self, trouble: Trouble, ask: &Ask) -> (u16, Value) {
        let (status, kind, message) = match trouble {
            Trouble::NoKey => (401, "authentication_error", "x-api-key header is required".to_owned()),
            Trouble::BadKey => (401, "authentication_error", "invalid x-api-key".to_owned()),
            Trouble::Permission => (403, "permission_error", PERMISSION.to_owned()),
            Trouble::NotFound => (404, "not_found_error", format!("model: {}", ask.model)),
            Trouble::Invalid => {
                (400, "invalid_request_error", "messages.0: Input does not match the expected shape.".to_owned())
            }
            Trouble::Context => {
                let tokens = ask.input.max(WINDOW + 1);
                (400, "invalid_request_error", format!("prompt is too long: {tokens} tokens > {WINDOW} maximum"))
            }
            Trouble::Quota => (400, "invalid_request_error", QUOTA.to_owned()),
            Trouble::RateLimit(_) => (429, "rate_limit_error", RATE_LIMIT.to_owned()),
            Trouble::ServerError => (500, "api_error", "Internal server error".to_owned()),
            Trouble::Unavailable => (503, "api_error", "Service unavailable".to_owned()),
            Trouble::Overloaded => (529, "overloaded_error", "Overloaded".to_owned()),
        };
        (status, json!({"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_sim"}))
    }

    fn broken_stream(&self, ask: &Ask) -> String {
        let (_, mut error) = self.trouble(Trouble::Overloaded, ask);
        if let Some(error) = error.as_object_mut() {
            error.remove("type");
            error.remove("request_id");
        }
        event("error", &error)
    }

    fn malformed(&self) -> &'static str {
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_de\n\n"
    }

    fn models(&self, names: &[&str]) -> Value {
        let model = |name: &&str| json!({"type": "model", "id": name, "display_name": name, "created_at": "2026-07-24T00:00:00Z"});
        let data: Vec<_> = names.iter().map(model).collect();
        json!({"data": data, "has_more": false, "first_id": names.first(), "last_id": names.last()})
    }

    fn headers(&self, request_id: &str, earlier: u64, now: SystemTime) -> Vec<(&'static str, String)> {
        let reset = jiff::Timestamp::try_from(now + RESET).unwrap_or_default().strftime("%FT%TZ").to_string();
        vec![
            ("request-id", format!("req_{request_id}")),
            ("anthropic-ratelimit-requests-limit", "4000".to_owned()),
            ("anthropic-ratelimit-requests-remaining", 3999_u64.saturating_sub(earlier).to_string()),
            ("anthropic-ratelimit-requests-reset", reset.clone()),
            ("anthropic-ratelimit-tokens-limit", "4800000".to_owned()),
            ("anthropic-ratelimit-tokens-remaining", "4799000".to_owned()),
            ("anthropic-ratelimit-tokens-reset", reset),
        ]
    }

    fn key(&self, header: &dyn Fn(&str) -> Option<String>) -> Option<String> {
        let bearer = || Some(header("authorization")?.strip_prefix("Bearer ")?.to_owned());
        header("x-api-key").or_else(bearer)
    }
}

/// When the rate limits are full again.
const RESET: Duration = Duration::from_mins(1);
const WINDOW: u64 = 200_000;
const SIGNATURE: &str = "c2ltdWxhdGVkIHNpZ25hdHVyZQ==";
const PERMISSION: &str = "Your API key does not have permission to use the specified resource.";
const QUOTA: &str = "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.";
const RATE_LIMIT: &str = "This request would exceed your organization's rate limit of 50 requests per minute.";

fn shown(spoken: &Spoken) -> bool {
    spoken.shows_thinking && !spoken.thinking.is_empty()
}

fn text_index(spoken: &Spoken) -> usize {
    usize::from(shown(spoken))
}

/// An event whose data repeats its name as `type`.
fn event(name: &str, members: &Value) -> String {
    let mut data = json!({"type": name});
    if let (Some(data), Some(members)) = (data.as_object_mut(), members.as_object()) {
        data.extend(members.clone());
    }
    format!("event: {name}\ndata: {data}\n\n")
}

fn open(index: usize, block: &Value) -> String {
    event("content_block_start", &json!({"index": index, "content_block": block}))
}

fn delta(index: usize, delta: &Value) -> String {
    event("content_block_delta", &json!({"index": index, "delta": delta}))
}

fn thought(spoken: &Spoken, piece: &str) -> String {
    if shown(spoken) { delta(0, &json!({"type": "thinking_delta", "thinking": piece})) } else { String::new() }
}

fn ending(ask: &Ask, spoken: &Spoken) -> Vec<String> {
    let (reason, sequence) = stop(&spoken.end);
    let mut after = Vec::new();
    if !spoken.text.is_empty() {
        after.push(event("content_block_stop", &json!({"index": text_index(spoken)})));
    }
    let mut usage = json!({
        "input_tokens": ask.input,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "output_tokens": spoken.output(),
    });
    count_thinking(&mut usage, spoken);
    let delta = json!({"stop_reason": reason, "stop_sequence": sequence});
    after.push(event("message_delta", &json!({"delta": delta, "usage": usage})));
    after.push(event("message_stop", &json!({})));
    after
}

/// The newest models say how many of the answer's tokens were thinking.
fn count_thinking(usage: &mut Value, spoken: &Spoken) {
    if !spoken.thinking.is_empty() {
        usage["output_tokens_details"] = json!({"thinking_tokens": spoken.thinking.len()});
    }
}

fn message(ask: &Ask, spoken: &Spoken, content: &Value, output: usize) -> Value {
    let (reason, sequence) = stop(&spoken.end);
    json!({
        "model": ask.model,
        "id": format!("msg_sim{:016x}", spoken.number),
        "type": "message",
        "role": "assistant",
        "content": content,
        "stop_reason": reason,
        "stop_sequence": sequence,
        "usage": {
            "input_tokens": ask.input,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
            "output_tokens": output,
            "service_tier": "standard",
        },
    })
}

fn stop(end: &End) -> (&'static str, Option<&str>) {
    match end {
        End::Stop => ("end_turn", None),
        End::StopSequence(text) => ("stop_sequence", Some(text)),
        End::Length => ("max_tokens", None),
        End::Filter => ("refusal", None),
    }
}
