//! Gemini `generateContent`, as the fleet speaks it: at Google AI and on Vertex AI.

use std::time::SystemTime;

use serde_json::{Value, json};

use super::reading::{ask_of, choice_of, count_of, model_in, texts_of, tools_of};
use super::{Ask, Call, Dialect, End, Event, Framing, Spoken, Stream, Thinking, Trouble};

/// Google Gemini.
pub(super) struct Gemini {
    pub(super) vertex: bool,
}

impl Dialect for Gemini {
    fn read(&self, path: &str, body: &Value) -> Ask {
        let config = &body["generationConfig"];
        let thinking = &config["thinkingConfig"];
        let shown = thinking["includeThoughts"] == true;
        let budget = thinking["thinkingBudget"].as_i64().is_some_and(|budget| budget != 0);
        let schema = ["responseJsonSchema", "responseSchema"].iter().find_map(|name| config.get(*name)).cloned();
        let ask = ask_of(&body["systemInstruction"], &body["contents"]);
        Ask {
            model: model_in(path, "/models/", &[':', '?']),
            stream: path.contains(":streamGenerateContent"),
            framing: if path.contains("alt=sse") { Framing::CrlfEvents } else { Framing::Array },
            include_usage: true,
            max_tokens: count_of(&config["maxOutputTokens"]),
            stop: texts_of(&config["stopSequences"]),
            seed: config["seed"].as_i64(),
            thinking: Thinking::of(shown || budget || thinking["thinkingLevel"].is_string(), shown),
            json: config["responseMimeType"] == "application/json",
            schema: schema.or(ask.schema),
            tools: tools_of(&body["tools"]),
            choice: choice_of(&body["toolConfig"]["functionCallingConfig"]),
            ..ask
        }
    }

    fn stream(&self, ask: &Ask, spoken: &Spoken) -> Stream {
        let event = |chunk: Value| match ask.framing {
            Framing::Array => Event::of(format!("{chunk:#}")),
            _ => Event::of(chunk),
        };
        let one = |part: Value, counts| event(chunk(ask, spoken, &part, counts, None));
        let mut tokens: Vec<Vec<Event>> = Vec::with_capacity(spoken.output());
        for (index, piece) in spoken.thinking.iter().enumerate() {
            let part = json!({"text": piece, "thought": true});
            tokens.push(if spoken.shows_thinking { vec![one(part, (index + 1, 0))] } else { Vec::new() });
        }
        for (index, piece) in spoken.text.iter().enumerate() {
            tokens.push(vec![one(json!({"text": piece}), (spoken.thinking.len(), index + 1))]);
        }
        for call in &spoken.calls {
            tokens.extend(call.at_once(one(function_call(call), counts(spoken))));
        }
        let end = chunk(ask, spoken, &json!({"text": ""}), counts(spoken), Some(finish(&spoken.end)));
        Stream { before: Vec::new(), tokens, after: vec![event(end)] }
    }

    fn whole(&self, ask: &Ask, spoken: &Spoken) -> Value {
        let mut body = chunk(ask, spoken, &Value::Null, counts(spoken), Some(finish(&spoken.end)));
        let mut parts = Vec::new();
        if let Some(thinking) = spoken.shown_thinking() {
            parts.push(json!({"text": thinking, "thought": true}));
        }
        if !spoken.text.is_empty() {
            parts.push(json!({"text": spoken.text.concat()}));
        }
        parts.extend(spoken.calls.iter().map(function_call));
        body["candidates"][0]["content"]["parts"] = parts.into();
        body
    }

    fn trouble(&self, trouble: Trouble, ask: &Ask) -> (u16, Value) {
        let model = &ask.model;
        let (code, status, message, details) = match trouble {
            Trouble::NoKey | Trouble::BadKey if self.vertex => {
                (401, "UNAUTHENTICATED", VERTEX_KEY.to_owned(), json!([error_info("ACCESS_TOKEN_TYPE_UNSUPPORTED")]))
            }
            Trouble::Permission if self.vertex => (403, "PERMISSION_DENIED", VERTEX_PERMISSION.to_owned(), json!([])),
            Trouble::NotFound if self.vertex => {
                let message = format!(
                    "Publisher Model `projects/sim/locations/global/publishers/google/models/{model}` was not found or \
                     your project does not have access to it."
                );
                (404, "NOT_FOUND", message, json!([]))
            }
            // Shared capacity: nobody says when to come back.
            Trouble::RateLimit(_) if self.vertex => {
                (429, "RESOURCE_EXHAUSTED", VERTEX_RATE_LIMIT.to_owned(), json!([]))
            }
            Trouble::NoKey => (403, "PERMISSION_DENIED", NO_KEY.to_owned(), json!([])),
            Trouble::BadKey => (400, "INVALID_ARGUMENT", BAD_KEY.to_owned(), json!([error_info("API_KEY_INVALID")])),
            Trouble::Permission => (403, "PERMISSION_DENIED", PERMISSION.to_owned(), json!([])),
            Trouble::NotFound => {
                let message = format!(
                    "models/{model} is not found for API version v1beta, or is not supported for generateContent. \
                     Call ListModels to see the list of available models and their supported methods."
                );
                (404, "NOT_FOUND", message, json!([]))
            }
            Trouble::Invalid => (
                400,
                "INVALID_ARGUMENT",
                "* GenerateContentRequest.contents: contents is not specified\n".to_owned(),
                json!([]),
            ),
            Trouble::Context => {
                let message = format!(
                    "The input token count ({}) exceeds the maximum number of tokens allowed ({WINDOW}).",
                    ask.input.max(WINDOW + 1)
                );
                (400, "INVALID_ARGUMENT", message, json!([]))
            }
            Trouble::Quota => (429, "RESOURCE_EXHAUSTED", QUOTA.to_owned(), json!([quota(model, "Day")])),
            Trouble::RateLimit(wait) => (429, "RESOURCE_EXHAUSTED", QUOTA.to_owned(), rate_limit(model, wait)),
            Trouble::ServerError => (500, "INTERNAL", INTERNAL.to_owned(), json!([])),
            Trouble::Unavailable => (503, "UNAVAILABLE", OVERLOADED.to_owned(), json!([])),
            Trouble::Overloaded => (529, "UNAVAILABLE", OVERLOADED.to_owned(), json!([])),
        };
        let mut error = json!({"code": code, "message": message, "status": status});
        if details != json!([]) {
            error["details"] = details;
        }
        let error = json!({"error": error});
        (code, if ask.stream && ask.framing == Framing::Array { json!([error]) } else { error })
    }

    fn trouble_type(&self, ask: &Ask) -> &'static str {
        // Recorded: a refused `alt=sse` request is called an event stream and holds plain JSON.
        if ask.stream && ask.framing == Framing::CrlfEvents {
            "text/event-stream"
        } else {
            "application/json; charset=UTF-8"
        }
    }

    fn broken_stream(&self, ask: &Ask) -> Vec<Event> {
        let (_, error) = self.trouble(Trouble::Unavailable, &Ask { stream: false, ..ask.clone() });
        vec![if ask.framing == Framing::Array { Event::of(format!("{error:#}")) } else { Event::of(error) }]
    }

    fn headers(&self, _: &str, _: u64, _: SystemTime) -> Vec<(&'static str, String)> {
        headers()
    }
}

/// The headers of Google's front end.
pub(super) fn headers() -> Vec<(&'static str, String)> {
    vec![("vary", "Origin, X-Origin, Referer".to_owned()), ("server", "scaffolding on HTTPServer2".to_owned())]
}

const WINDOW: u64 = 1_048_576;
const SIGNATURE: &str = "c2ltdWxhdGVkIHNpZ25hdHVyZQ==";
const VERTEX_KEY: &str = "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.";
const VERTEX_PERMISSION: &str = "Permission 'aiplatform.endpoints.predict' denied on resource '//aiplatform.googleapis.com/projects/sim/locations/global' (or it may not exist).";
const VERTEX_RATE_LIMIT: &str = "Resource exhausted. Please try again later. Please refer to https://cloud.google.com/vertex-ai/generative-ai/docs/error-code-429 for more details.";
const NO_KEY: &str = "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.";
const BAD_KEY: &str = "API key not valid. Please pass a valid API key.";
const PERMISSION: &str = "Your API key does not have permission to use this model.";
const QUOTA: &str = "You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits.";
const INTERNAL: &str = "An internal error has occurred. Please retry or report in https://developers.generativeai.google/guide/troubleshooting";
const OVERLOADED: &str = "The model is overloaded. Please try again later.";

fn error_info(reason: &str) -> Value {
    json!({
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason,
        "domain": "googleapis.com",
        "metadata": {"service": "generativelanguage.googleapis.com"},
    })
}

fn quota(model: &str, per: &str) -> Value {
    json!({
        "@type": "type.googleapis.com/google.rpc.QuotaFailure",
        "violations": [{
            "quotaMetric": "generativelanguage.googleapis.com/generate_content_free_tier_requests",
            "quotaId": format!("GenerateRequestsPer{per}PerProjectPerModel-FreeTier"),
            "quotaDimensions": {"location": "global", "model": model},
            "quotaValue": "50",
        }],
    })
}

fn rate_limit(model: &str, wait: Option<u64>) -> Value {
    let mut details = vec![quota(model, "Minute")];
    if let Some(millis) = wait {
        let delay = std::time::Duration::from_millis(millis).as_secs_f64();
        details.push(json!({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": format!("{delay}s")}));
    }
    details.into()
}

fn counts(spoken: &Spoken) -> (usize, usize) {
    (spoken.thinking.len(), spoken.output() - spoken.thinking.len())
}

fn function_call(call: &Call) -> Value {
    json!({"functionCall": {"name": call.name, "args": call.arguments}, "thoughtSignature": SIGNATURE})
}

/// A chunk with the counts of thought and answer tokens so far, which stand beside each other in this format.
fn chunk(ask: &Ask, spoken: &Spoken, part: &Value, counts: (usize, usize), finish: Option<&str>) -> Value {
    let (thoughts, answer) = counts;
    let mut candidate = json!({"content": {"parts": [part], "role": "model"}, "index": 0});
    if let Some(finish) = finish {
        candidate["finishReason"] = finish.into();
    }
    let mut usage = json!({
        "promptTokenCount": ask.input,
        "candidatesTokenCount": answer,
        "totalTokenCount": ask.input + (thoughts + answer) as u64,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": ask.input}],
    });
    if thoughts > 0 {
        usage["thoughtsTokenCount"] = thoughts.into();
    }
    json!({
        "candidates": [candidate],
        "usageMetadata": usage,
        "modelVersion": ask.model,
        "responseId": format!("sim{:016x}", spoken.number),
    })
}

const fn finish(end: &End) -> &'static str {
    match end {
        End::Stop | End::Calls | End::StopSequence(_) => "STOP",
        End::Length => "MAX_TOKENS",
        End::Filter => "SAFETY",
    }
}
