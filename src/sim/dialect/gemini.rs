//! Gemini `generateContent`, as the fleet speaks it.

use std::time::SystemTime;

use serde_json::{Value, json};

use super::{Ask, Dialect, End, Framing, Spoken, Stream, Thinking, Trouble, count_of, prompt_of, texts_of};

/// Google Gemini.
pub(super) struct Gemini;

impl Dialect for Gemini {
    fn read(&self, path: &str, body: &Value) -> Ask {
        let config = &body["generationConfig"];
        let thinking = &config["thinkingConfig"];
        let (prompt, input) = prompt_of(&body["systemInstruction"], &body["contents"]);
        let shown = thinking["includeThoughts"] == true;
        let budget = thinking["thinkingBudget"].as_i64().is_some_and(|budget| budget != 0);
        Ask {
            model: path.rsplit('/').next().and_then(|last| last.split(':').next()).unwrap_or_default().to_owned(),
            prompt,
            input,
            stream: path.contains(":streamGenerateContent"),
            framing: if path.contains("alt=sse") { Framing::Events } else { Framing::Array },
            include_usage: true,
            max_tokens: count_of(&config["maxOutputTokens"]),
            stop: texts_of(&config["stopSequences"]),
            seed: config["seed"].as_i64(),
            thinking: Thinking::of(shown || budget || thinking["thinkingLevel"].is_string(), shown),
            json: config["responseMimeType"] == "application/json",
        }
    }

    fn stream(&self, ask: &Ask, spoken: &Spoken) -> Stream {
        let mut chunks = Vec::with_capacity(spoken.output());
        for (index, piece) in spoken.thinking.iter().enumerate() {
            let part = json!({"text": piece, "thought": true});
            chunks.push(if spoken.shows_thinking {
                chunk(ask, spoken, &part, (index + 1, 0), None)
            } else {
                Value::Null
            });
        }
        for (index, piece) in spoken.text.iter().enumerate() {
            chunks.push(chunk(ask, spoken, &json!({"text": piece}), (spoken.thinking.len(), index + 1), None));
        }
        let end = chunk(ask, spoken, &json!({"text": ""}), counts(spoken), Some(finish(&spoken.end)));
        let mut frame = framer(ask.framing);
        let tokens = chunks.iter().map(|chunk| if chunk.is_null() { String::new() } else { frame(chunk) }).collect();
        let mut after = vec![frame(&end)];
        if ask.framing == Framing::Array {
            after.push("\n]".to_owned());
        }
        Stream { before: Vec::new(), tokens, after }
    }

    fn whole(&self, ask: &Ask, spoken: &Spoken) -> Value {
        let mut body = chunk(ask, spoken, &Value::Null, counts(spoken), Some(finish(&spoken.end)));
        let mut parts = Vec::new();
        if spoken.shows_thinking && !spoken.thinking.is_empty() {
            parts.push(json!({"text": spoken.thinking.concat(), "thought": true}));
        }
        if !spoken.text.is_empty() {
            parts.push(json!({"text": spoken.text.concat()}));
        }
        body["candidates"][0]["content"]["parts"] = parts.into();
        body
    }

    fn trouble(&self, trouble: Trouble, ask: &Ask) -> (u16, Value) {
        let model = &ask.model;
        let (code, status, message, details) = match trouble {
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
        if ask.stream && ask.framing == Framing::Events {
            "text/event-stream"
        } else {
            "application/json; charset=UTF-8"
        }
    }

    fn broken_stream(&self, ask: &Ask) -> String {
        let error = self.trouble(Trouble::Unavailable, &Ask { stream: false, ..ask.clone() }).1;
        match ask.framing {
            Framing::Events => framer(Framing::Events)(&error),
            Framing::Array => format!("\n,\r\n{error:#}\n]"),
        }
    }

    fn malformed(&self) -> &'static str {
        "data: {\"candidates\": [{\"content\": {\"parts\": [{\"text\": \"\r\n\r\n"
    }

    fn models(&self, names: &[&str]) -> Value {
        let model = |name: &&str| {
            json!({
                "name": format!("models/{name}"),
                "displayName": name,
                "inputTokenLimit": WINDOW,
                "outputTokenLimit": 65_536,
                "supportedGenerationMethods": ["generateContent", "countTokens"],
            })
        };
        json!({"models": names.iter().map(model).collect::<Vec<_>>()})
    }

    fn headers(&self, _: &str, _: u64, _: SystemTime) -> Vec<(&'static str, String)> {
        vec![("vary", "Origin, X-Origin, Referer".to_owned()), ("server", "scaffolding on HTTPServer2".to_owned())]
    }

    fn key(&self, header: &dyn Fn(&str) -> Option<String>) -> Option<String> {
        let bearer = || Some(header("authorization")?.strip_prefix("Bearer ")?.to_owned());
        header("x-goog-api-key").or_else(bearer)
    }
}

const WINDOW: u64 = 1_048_576;
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

/// Frames one chunk after another.
fn framer(framing: Framing) -> impl FnMut(&Value) -> String {
    let mut first = true;
    move |chunk| match framing {
        Framing::Events => format!("data: {chunk}\r\n\r\n"),
        Framing::Array => {
            let comma = if std::mem::take(&mut first) { "[" } else { "\n,\r\n" };
            format!("{comma}{chunk:#}")
        }
    }
}

fn counts(spoken: &Spoken) -> (usize, usize) {
    (spoken.thinking.len(), spoken.text.len())
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
        End::Stop | End::StopSequence(_) => "STOP",
        End::Length => "MAX_TOKENS",
        End::Filter => "SAFETY",
    }
}
