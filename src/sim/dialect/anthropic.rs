//! Anthropic Messages, as the fleet speaks it: at Anthropic's own address, on Vertex AI, and on Bedrock in AWS frames.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::reading::{ask_of, choice_of, count_of, model_in, text_of, texts_of, tools_of};
use super::{Ask, Call, Dialect, End, Event, Framing, Spoken, Stream, Thinking, Trouble, aws, gemini};

/// Anthropic's models.
pub(super) struct Anthropic {
    pub(super) host: Host,
}

/// Who serves them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Host {
    Own,
    Vertex,
    Bedrock,
}

impl Dialect for Anthropic {
    fn read(&self, path: &str, body: &Value) -> Ask {
        let thinking = &body["thinking"]["type"];
        let thinks = thinking == "enabled" || thinking == "adaptive" || body["output_config"]["effort"].is_string();
        let (model, stream, framing) = match self.host {
            Host::Own => (text_of(&body["model"]), body["stream"] == true, Framing::Events),
            Host::Vertex => (model_in(path, "/models/", &[':']), path.contains(":streamRawPredict"), Framing::Events),
            Host::Bedrock => {
                (model_in(path, "/model/", &['/']), path.ends_with("/invoke-with-response-stream"), Framing::Chunks)
            }
        };
        let format = &body["output_config"]["format"];
        let ask = ask_of(&body["system"], &body["messages"]);
        Ask {
            model,
            stream,
            framing,
            include_usage: true,
            max_tokens: count_of(&body["max_tokens"]),
            stop: texts_of(&body["stop_sequences"]),
            thinking: Thinking::of(thinks, body["thinking"]["display"] != "omitted"),
            json: format.is_object(),
            schema: format.get("schema").cloned().or(ask.schema),
            tools: tools_of(&body["tools"]),
            choice: choice_of(&body["tool_choice"]),
            ..ask
        }
    }

    fn stream(&self, ask: &Ask, spoken: &Spoken) -> Stream {
        let mut start = message(ask, spoken, &json!([]), 1);
        (start["stop_reason"], start["stop_sequence"]) = (Value::Null, Value::Null);
        let mut before = vec![event("message_start", &json!({"message": start}))];
        let mut tokens: Vec<Vec<Event>> = Vec::new();
        let mut index = 0;
        if spoken.thinks_aloud() {
            let block = json!({"type": "thinking", "thinking": "", "signature": ""});
            let seal = delta(index, &json!({"type": "signature_delta", "signature": SIGNATURE}));
            let pieces = spoken.thinking.iter().map(|piece| json!({"type": "thinking_delta", "thinking": piece}));
            tokens.extend(Self::block(&mut index, &block, pieces, Some(seal)));
        } else {
            tokens.extend(spoken.thinking.iter().map(|_| Vec::new()));
        }
        if !spoken.text.is_empty() {
            let pieces = spoken.text.iter().map(|piece| json!({"type": "text_delta", "text": piece}));
            tokens.extend(Self::block(&mut index, &json!({"type": "text", "text": ""}), pieces, None));
        }
        for call in &spoken.calls {
            let block = json!({"type": "tool_use", "id": self.call_id(call), "name": call.name, "input": {}});
            let pieces = call.pieces.iter().map(|piece| json!({"type": "input_json_delta", "partial_json": piece}));
            tokens.extend(Self::block(&mut index, &block, pieces, None));
        }
        // The first block opens before its first token comes.
        if let Some(first) = tokens.iter_mut().find(|events| !events.is_empty()) {
            before.extend([first.remove(0), event_of("ping", &json!({"type": "ping"}))]);
        }
        let mut after = ending(ask, spoken);
        // The last block is closed when it is known that nothing follows.
        if let Some(last) = tokens.last_mut().filter(|events| events.len() > 1) {
            after.splice(0..0, last.pop());
        }
        Stream { before, tokens, after }
    }

    fn whole(&self, ask: &Ask, spoken: &Spoken) -> Value {
        let mut content = Vec::new();
        if let Some(thinking) = spoken.shown_thinking() {
            content.push(json!({"type": "thinking", "thinking": thinking, "signature": SIGNATURE}));
        }
        if !spoken.text.is_empty() {
            content.push(json!({"type": "text", "text": spoken.text.concat()}));
        }
        for call in &spoken.calls {
            let (id, name, input) = (self.call_id(call), &call.name, &call.arguments);
            content.push(json!({"type": "tool_use", "id": id, "name": name, "input": input}));
        }
        let mut body = message(ask, spoken, &content.into(), spoken.output());
        count_thinking(&mut body["usage"], spoken);
        body
    }

    fn trouble(&self, trouble: Trouble, ask: &Ask) -> (u16, Value) {
        match self.host {
            Host::Bedrock => return aws::trouble(trouble, ask),
            // What stands before the model is Google's, the model's own errors are Anthropic's.
            Host::Vertex if !matches!(trouble, Trouble::Invalid | Trouble::Context | Trouble::Overloaded) => {
                return gemini::Gemini { vertex: true }.trouble(trouble, ask);
            }
            _ => {}
        }
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

    fn trouble_headers(&self, trouble: Trouble) -> Vec<(&'static str, String)> {
        if self.host == Host::Bedrock { aws::trouble_headers(trouble) } else { Vec::new() }
    }

    fn broken_stream(&self, _: &Ask) -> Vec<Event> {
        if self.host == Host::Bedrock {
            return vec![aws::exception()];
        }
        vec![event("error", &json!({"error": {"type": "overloaded_error", "message": "Overloaded"}}))]
    }

    fn broken_whole(&self, ask: &Ask) -> (u16, Value) {
        let (status, body) = self.trouble(Trouble::ServerError, ask);
        (if self.host == Host::Bedrock { status } else { 200 }, body)
    }

    fn headers(&self, request_id: &str, earlier: u64, now: SystemTime) -> Vec<(&'static str, String)> {
        match self.host {
            Host::Own => {}
            Host::Vertex => return gemini::headers(),
            Host::Bedrock => return aws::headers(request_id),
        }
        let reset = jiff::Timestamp::try_from(now + RESET).unwrap_or_default().strftime("%FT%TZ").to_string();
        vec![
            ("request-id", format!("req_{request_id}")),
            ("anthropic-ratelimit-requests-limit", "4000".to_owned()),
            ("anthropic-ratelimit-requests-remaining", (3999 - earlier % 1000).to_string()),
            ("anthropic-ratelimit-requests-reset", reset.clone()),
            ("anthropic-ratelimit-tokens-limit", "4800000".to_owned()),
            ("anthropic-ratelimit-tokens-remaining", "4799000".to_owned()),
            ("anthropic-ratelimit-tokens-reset", reset),
        ]
    }
}

impl Anthropic {
    /// A content block: its opening with the first piece, its end with the last. Moves `index` on.
    fn block(
        index: &mut usize,
        block: &Value,
        pieces: impl Iterator<Item = Value>,
        seal: Option<Event>,
    ) -> Vec<Vec<Event>> {
        let at = std::mem::replace(index, *index + 1);
        let mut tokens: Vec<Vec<Event>> = pieces.map(|piece| vec![delta(at, &piece)]).collect();
        if let Some(first) = tokens.first_mut() {
            first.insert(0, event("content_block_start", &json!({"index": at, "content_block": block})));
        }
        if let Some(last) = tokens.last_mut() {
            last.extend(seal);
            last.push(event("content_block_stop", &json!({"index": at})));
        }
        tokens
    }

    fn call_id(&self, call: &Call) -> String {
        call.id(match self.host {
            Host::Own => "toolu_",
            Host::Vertex => "toolu_vrtx_",
            Host::Bedrock => "toolu_bdrk_",
        })
    }
}

/// When the rate limits are full again.
const RESET: Duration = Duration::from_mins(1);
const WINDOW: u64 = 200_000;
const SIGNATURE: &str = "c2ltdWxhdGVkIHNpZ25hdHVyZQ==";
const PERMISSION: &str = "Your API key does not have permission to use the specified resource.";
const QUOTA: &str = "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.";
const RATE_LIMIT: &str = "This request would exceed your organization's rate limit of 50 requests per minute.";

/// An event whose data repeats its name as `type`.
fn event(name: &'static str, members: &Value) -> Event {
    let mut data = json!({"type": name});
    if let (Some(data), Some(members)) = (data.as_object_mut(), members.as_object()) {
        data.extend(members.clone());
    }
    event_of(name, &data)
}

fn event_of(name: &'static str, data: &Value) -> Event {
    Event::named(name, data)
}

fn delta(index: usize, delta: &Value) -> Event {
    event("content_block_delta", &json!({"index": index, "delta": delta}))
}

fn ending(ask: &Ask, spoken: &Spoken) -> Vec<Event> {
    let (reason, sequence) = stop(&spoken.end);
    let mut usage = json!({
        "input_tokens": ask.input,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "output_tokens": spoken.output(),
    });
    count_thinking(&mut usage, spoken);
    let delta = json!({"stop_reason": reason, "stop_sequence": sequence});
    vec![event("message_delta", &json!({"delta": delta, "usage": usage})), event("message_stop", &json!({}))]
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
        End::Calls => ("tool_use", None),
        End::Length => ("max_tokens", None),
        End::Filter => ("refusal", None),
    }
}
