//! The fleet as a client sees it: every wire format, every fault, exact usage, the same words every time.

use std::io::{ErrorKind, Read};
use std::time::Duration;

use llmx::sim::{Ending, Faults, Fleet, Options, Script, Signal};
use serde_json::{Value, json};

use crate::support::http::{BodyEnd, Reply, receive, send};
use crate::support::{Home, Server};

/// How to ask in one wire format, and where its answers keep things.
struct Format {
    wire: &'static str,
    provider: &'static str,
    key: (&'static str, &'static str),
    path: fn(stream: bool) -> &'static str,
    body: fn(prompt: &str, stream: bool) -> Value,
    /// The text of a streamed event or of a whole body.
    text: fn(&Value) -> String,
    /// Prompt tokens and answer tokens of the last event or of a whole body.
    usage: fn(&Value) -> (u64, u64),
    /// The type of an error and its message.
    error: fn(&Value) -> (String, String),
}

const OPENAI: Format = Format {
    wire: "openai-chat",
    provider: "openai",
    key: ("authorization", "Bearer sk-test"),
    path: |_| "/chat/completions",
    body: |prompt, stream| {
        json!({"model": "gpt-4.1-mini", "stream": stream, "stream_options": {"include_usage": true},
               "messages": [{"role": "user", "content": prompt}]})
    },
    text: |event| {
        string(&event["choices"][0]["delta"]["content"]) + &string(&event["choices"][0]["message"]["content"])
    },
    usage: |event| (number(&event["usage"]["prompt_tokens"]), number(&event["usage"]["completion_tokens"])),
    error: |body| (string(&body["error"]["type"]), string(&body["error"]["message"])),
};

const ANTHROPIC: Format = Format {
    wire: "anthropic",
    provider: "anthropic",
    key: ("x-api-key", "sk-ant-test"),
    path: |_| "/messages",
    body: |prompt, stream| {
        json!({"model": "claude-haiku-4-5", "max_tokens": 4096, "stream": stream,
               "messages": [{"role": "user", "content": [{"type": "text", "text": prompt}]}]})
    },
    text: |event| string(&event["delta"]["text"]) + &string(&event["content"][0]["text"]),
    usage: |event| (number(&event["usage"]["input_tokens"]), number(&event["usage"]["output_tokens"])),
    error: |body| (string(&body["error"]["type"]), string(&body["error"]["message"])),
};

const GEMINI: Format = Format {
    wire: "gemini",
    provider: "gemini",
    key: ("x-goog-api-key", "AIza-test"),
    path: |stream| {
        if stream {
            "/models/gemini-2.5-flash:streamGenerateContent?alt=sse"
        } else {
            "/models/gemini-2.5-flash:generateContent"
        }
    },
    body: |prompt, _| json!({"contents": [{"role": "user", "parts": [{"text": prompt}]}]}),
    text: |event| string(&event["candidates"][0]["content"]["parts"][0]["text"]),
    usage: |event| {
        let usage = &event["usageMetadata"];
        (number(&usage["promptTokenCount"]), number(&usage["candidatesTokenCount"]))
    },
    error: |body| (string(&body["error"]["status"]), string(&body["error"]["message"])),
};

const FORMATS: [Format; 3] = [OPENAI, ANTHROPIC, GEMINI];
const PROMPT: &str = "Why is the sky blue?";

fn string(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_default()
}

impl Format {
    fn url(&self, server: &Server, stream: bool) -> String {
        server.base_url(self.provider, self.wire) + (self.path)(stream)
    }

    fn post(&self, server: &Server, stream: bool, body: &Value) -> Reply {
        receive(send("POST", &self.url(server, stream), &[self.key], Some(body)).expect("a connection"))
    }

    fn ask(&self, server: &Server, stream: bool) -> Reply {
        self.post(server, stream, &(self.body)(PROMPT, stream))
    }

    fn streamed_text(&self, reply: &Reply) -> String {
        reply.events().iter().map(self.text).collect()
    }

    /// The pieces of text that arrived.
    fn pieces(&self, reply: &Reply) -> usize {
        reply.events().iter().filter(|event| !(self.text)(event).is_empty()).count()
    }
}

#[test]
fn streamed_and_whole_answers_agree_in_words_and_usage_in_every_format() {
    let server = Server::start("");
    for format in FORMATS {
        let whole = format.ask(&server, false);
        let streamed = format.ask(&server, true);
        assert_eq!((whole.status, streamed.status, streamed.end), (200, 200, BodyEnd::Whole));
        let text = (format.text)(&whole.json());
        assert!(text.contains("blue"), "{text}");
        assert_eq!(format.streamed_text(&streamed), text, "{}", format.wire);
        let pieces = format.pieces(&streamed) as u64;
        let last = streamed.events().into_iter().rfind(|event| (format.usage)(event) != (0, 0)).expect("usage");
        assert_eq!((format.usage)(&last), (PROMPT.len().div_ceil(4) as u64, pieces), "{}", format.wire);
        assert_eq!((format.usage)(&whole.json()), (format.usage)(&last), "{}", format.wire);
    }
}

#[test]
fn every_event_is_a_write_of_its_own() {
    let server = Server::start("");
    for format in FORMATS {
        let reply = format.ask(&server, true);
        let events = reply.body.matches("data: ").count();
        assert!(events > 10);
        assert_eq!(reply.chunks.len(), events, "{}", format.wire);
    }
}

#[test]
fn openai_streams_begin_with_a_role_and_end_with_finish_usage_and_done() {
    let server = Server::start("");
    let reply = OPENAI.ask(&server, true);
    let events = reply.events();
    assert_eq!(events[0]["choices"][0]["delta"]["role"], "assistant");
    let [.., finish, usage] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!((&finish["choices"][0]["finish_reason"], &finish["usage"]), (&json!("stop"), &Value::Null));
    assert_eq!((&usage["choices"], &usage["usage"]["prompt_tokens"]), (&json!([]), &json!(5)));
    assert!(reply.body.ends_with("\n\ndata: [DONE]\n\n"));
    assert!(reply.header("x-request-id").is_some() && reply.header("x-ratelimit-remaining-requests").is_some());
    let mut silent = (OPENAI.body)(PROMPT, true);
    silent["stream_options"] = Value::Null;
    let events = OPENAI.post(&server, true, &silent).events();
    assert!(events.iter().all(|event| event.get("usage").is_none() && event["choices"] != json!([])));
}

#[test]
fn providers_that_know_no_stream_options_count_unasked() {
    let server = Server::start("");
    let lacks = |row: &llmx::provider::Row| {
        row.quirks
            .as_ref()
            .is_some_and(|quirks| quirks.get("no_stream_options").and_then(toml::Value::as_bool) == Some(true))
    };
    let names: Vec<String> =
        llmx::provider::builtin().into_iter().filter(|(_, row)| lacks(row)).map(|(name, _)| name).collect();
    assert!(names.contains(&"mistral".to_owned()), "{names:?}");
    for name in &names {
        let format = Format { provider: name.clone().leak(), ..OPENAI };
        let mut body = (format.body)(PROMPT, true);
        body["stream_options"] = Value::Null;
        let events = format.post(&server, true, &body).events();
        assert_eq!(events.last().map(|last| (format.usage)(last).0), Some(5), "{name}");
    }
}

#[test]
fn a_stream_of_mistral_has_tokens_and_a_cost() {
    let home = Home::new();
    home.llmx()
        .args(["--sim", "complete", "--stream", "-m", "mistral/mistral-large-latest", "Hi"])
        .run()
        .expect_code(0);
    let shown = home.llmx().args(["--sim", "log", "show", "last", "--json"]).run().expect_code(0).stdout;
    let run: Value = serde_json::from_str(&shown).expect("JSON");
    let attempt = &run["run"]["attempts"][0];
    assert!(attempt["tokens"]["output_total"].as_u64().is_some_and(|tokens| tokens > 0), "{attempt}");
    assert!(attempt["cost"].as_str().is_some_and(|cost| cost != "0"), "{attempt}");
}

#[test]
fn anthropic_streams_have_their_named_events_in_order() {
    let server = Server::start("");
    let mut body = (ANTHROPIC.body)(PROMPT, true);
    body["thinking"] = json!({"type": "enabled", "budget_tokens": 1024});
    let reply = ANTHROPIC.post(&server, true, &body);
    let mut names: Vec<&str> = reply.body.lines().filter_map(|line| line.strip_prefix("event: ")).collect();
    let types: Vec<String> = reply.events().iter().map(|event| string(&event["type"])).collect();
    assert_eq!(names, types);
    names.dedup();
    let block = ["content_block_start", "content_block_delta", "content_block_stop"];
    let expected =
        [&["message_start", "content_block_start", "ping"], &block[1..], &block, &["message_delta", "message_stop"]];
    assert_eq!(names, expected.concat());
    let events = reply.events();
    assert_eq!(events[0]["message"]["usage"]["input_tokens"], 5);
    assert_eq!(events[1]["content_block"]["type"], "thinking");
    assert!(reply.header("request-id").is_some());
    let reset = reply.header("anthropic-ratelimit-requests-reset").expect("a reset");
    assert!(reset.parse::<jiff::Timestamp>().expect("RFC 3339") > jiff::Timestamp::now());
    let deltas = events
        .iter()
        .filter(|event| ["text_delta", "thinking_delta"].contains(&string(&event["delta"]["type"]).as_str()));
    let total = events.iter().rfind(|event| event["type"] == "message_delta").expect("a message_delta");
    assert_eq!(total["usage"]["output_tokens"], json!(deltas.count()));
    let thoughts = events.iter().filter(|event| event["delta"]["type"] == "thinking_delta").count();
    assert_eq!(total["usage"]["output_tokens_details"]["thinking_tokens"], json!(thoughts));
}

#[test]
fn gemini_streams_are_crlf_events_or_a_json_array_with_usage_on_every_chunk() {
    let server = Server::start("");
    let mut body = (GEMINI.body)(PROMPT, true);
    body["generationConfig"] = json!({"thinkingConfig": {"includeThoughts": true}});
    let reply = GEMINI.post(&server, true, &body);
    let events = reply.events();
    assert_eq!(reply.body.matches("\r\n\r\n").count(), events.len());
    assert!(events.iter().all(|event| event["usageMetadata"]["totalTokenCount"].is_u64()));
    assert_eq!(events[0]["candidates"][0]["content"]["parts"][0]["thought"], true);
    let last = events.last().expect("an event");
    assert_eq!(last["candidates"][0]["finishReason"], "STOP");
    let usage = &last["usageMetadata"];
    let sum = number(&usage["promptTokenCount"])
        + number(&usage["candidatesTokenCount"])
        + number(&usage["thoughtsTokenCount"]);
    assert_eq!((number(&usage["totalTokenCount"]), number(&usage["thoughtsTokenCount"]) > 0), (sum, true));
    let url = server.base_url("gemini", "gemini") + "/models/gemini-2.5-flash:streamGenerateContent";
    let array = receive(send("POST", &url, &[GEMINI.key], Some(&body)).expect("a connection"));
    assert_eq!(array.json().as_array().map(Vec::len), Some(events.len()));
}

#[test]
fn thinking_is_text_where_the_provider_shows_it_and_a_count_everywhere() {
    let server = Server::start("");
    let mut body = (OPENAI.body)(PROMPT, false);
    body["reasoning_effort"] = "low".into();
    let ask = |provider: &str| {
        let url = server.base_url(provider, "openai-chat") + "/chat/completions";
        receive(send("POST", &url, &[OPENAI.key], Some(&body)).expect("a connection")).json()
    };
    let (hidden, shown) = (ask("openai"), ask("deepseek"));
    for reply in [&hidden, &shown] {
        assert!(number(&reply["usage"]["completion_tokens_details"]["reasoning_tokens"]) > 0);
    }
    assert_eq!(hidden["choices"][0]["message"].get("reasoning_content"), None);
    assert!(!string(&shown["choices"][0]["message"]["reasoning_content"]).is_empty());
}

#[test]
fn the_limit_of_tokens_and_stop_texts_are_kept_exactly() {
    let server = Server::start("");
    let mut body = (OPENAI.body)(PROMPT, true);
    body["max_tokens"] = 7.into();
    let reply = OPENAI.post(&server, true, &body);
    assert_eq!(OPENAI.pieces(&reply), 7);
    let events = reply.events();
    assert_eq!(events[events.len() - 2]["choices"][0]["finish_reason"], "length");
    let mut body = (ANTHROPIC.body)(PROMPT, false);
    body["max_tokens"] = 7.into();
    let whole = ANTHROPIC.post(&server, false, &body).json();
    assert_eq!((&whole["stop_reason"], &whole["usage"]["output_tokens"]), (&json!("max_tokens"), &json!(7)));
    body["max_tokens"] = 4096.into();
    body["stop_sequences"] = json!([" blue"]);
    let whole = ANTHROPIC.post(&server, false, &body).json();
    assert_eq!((&whole["stop_reason"], &whole["stop_sequence"]), (&json!("stop_sequence"), &json!(" blue")));
    assert!(!string(&whole["content"][0]["text"]).contains(" blue"));
    let mut body = (GEMINI.body)(PROMPT, false);
    body["generationConfig"] = json!({"maxOutputTokens": 7});
    let whole = GEMINI.post(&server, false, &body).json();
    let candidate = &whole["candidates"][0];
    assert_eq!((&candidate["finishReason"], (GEMINI.usage)(&whole).1), (&json!("MAX_TOKENS"), 7));
}

#[test]
fn the_same_question_has_the_same_bytes_in_two_fleets() {
    let body = |server: &Server| OPENAI.ask(server, true).body;
    assert_eq!(body(&Server::start("")), body(&Server::start("")));
    let seeds = Options { instant: true, seed: 9, ..Options::default() };
    assert_ne!(body(&Server::start("")), body(&Server::with("", seeds)));
}

#[test]
fn a_missing_or_wrong_key_is_refused_in_each_providers_own_words() {
    let server = Server::start("");
    let refused = |format: &Format, key: &[(&str, &str)]| {
        let body = (format.body)(PROMPT, true);
        let reply = receive(send("POST", &format.url(&server, true), key, Some(&body)).expect("a connection"));
        let (kind, message) = (format.error)(&reply.json());
        (reply.status, kind, message)
    };
    let all = FORMATS.map(|format| (refused(&format, &[]), refused(&format, &[(format.key.0, "Bearer bad-key")])));
    let [openai, anthropic, gemini] = &all;
    assert!(openai.0.0 == 401 && openai.0.2.starts_with("You didn't provide an API key"), "{openai:?}");
    assert!(openai.1.0 == 401 && openai.1.2.starts_with("Incorrect API key provided"), "{openai:?}");
    assert_eq!(
        (anthropic.0.0, anthropic.0.1.as_str(), anthropic.1.2.as_str()),
        (401, "authentication_error", "invalid x-api-key")
    );
    assert_eq!((gemini.0.0, gemini.1.0, gemini.1.1.as_str()), (403, 400, "INVALID_ARGUMENT"));
    let local = server.base_url("ollama", "openai-chat") + "/chat/completions";
    let body = (OPENAI.body)(PROMPT, false);
    assert_eq!(receive(send("POST", &local, &[], Some(&body)).expect("a connection")).status, 200);
}

#[test]
fn models_are_listed_in_each_format_and_other_paths_are_not_found() {
    let server = Server::start("");
    let get = |provider: &str, wire: &str, headers: &[(&str, &str)]| {
        receive(send("GET", &(server.base_url(provider, wire) + "/models"), headers, None).expect("a connection"))
            .json()
    };
    assert_eq!(get("openai", "openai-chat", &[OPENAI.key])["data"][0]["object"], "model");
    let anthropic = get("anthropic", "anthropic", &[ANTHROPIC.key, ("anthropic-version", "2023-06-01")]);
    assert_eq!(anthropic["data"][0]["type"], "model");
    assert!(string(&get("gemini", "gemini", &[GEMINI.key])["models"][0]["name"]).starts_with("models/"));
    let down = Server::start("openai:cut@3,openai:down");
    let url = down.base_url("openai", "openai-chat") + "/models";
    assert_eq!(receive(send("GET", &url, &[OPENAI.key], None).expect("a connection")).status, 503);
    let url = server.base_url("openai", "openai-chat") + "/completions";
    assert_eq!(receive(send("POST", &url, &[OPENAI.key], None).expect("a connection")).status, 404);
}

#[test]
fn a_prediction_is_promised_then_streamed_polled_or_cancelled() {
    let server = Server::start("");
    let key = ("authorization", "Bearer r8-test");
    let models = server.base_url("replicate", "replicate") + "/models/meta/llama/predictions";
    let create = |stream: bool, headers: &[(&str, &str)]| {
        let body = json!({"input": {"prompt": PROMPT}, "stream": stream});
        let reply = receive(send("POST", &models, headers, Some(&body)).expect("a connection"));
        assert_eq!(reply.status, 201, "{}", reply.body);
        reply.json()
    };
    let fetch = |method: &str, url: &Value, headers: &[(&str, &str)]| {
        receive(send(method, url.as_str().expect("an address"), headers, None).expect("a connection"))
    };
    let promised = create(true, &[key]);
    assert_eq!((&promised["status"], &promised["model"]), (&json!("starting"), &json!("meta/llama")));
    let stream = fetch("GET", &promised["urls"]["stream"], &[]);
    let pieces: Vec<&str> = stream.body.lines().filter_map(|line| line.strip_prefix("data: ")).collect();
    assert!(stream.body.ends_with("event: done\ndata: {}\n\n") && pieces.len() > 10, "{}", stream.body);
    let polled = fetch("GET", &promised["urls"]["get"], &[key]).json();
    assert_eq!(polled["status"], "succeeded");
    let output: String = polled["output"].as_array().into_iter().flatten().map(string).collect();
    assert!(output.contains("blue"), "{output}");
    assert_eq!(fetch("POST", &promised["urls"]["cancel"], &[key]).json()["status"], "canceled");
    assert_eq!(fetch("GET", &promised["urls"]["get"], &[key]).json()["status"], "canceled");
    let waited = create(false, &[key, ("prefer", "wait")]);
    assert!(waited["status"] == "succeeded" && waited["metrics"]["output_token_count"].is_u64(), "{waited}");
    // The stream lies at another host.
    assert_eq!(server.count("replicate"), 5);
}

#[test]
fn azure_tells_what_its_filters_found_before_the_answer() {
    let server = Server::start("");
    let url = server.base_url("azure", "") + "/openai/deployments/gpt-4.1-mini/chat/completions?api-version=2024-02-01";
    let body = json!({"stream": true, "messages": [{"role": "user", "content": PROMPT}]});
    let events = receive(send("POST", &url, &[("api-key", "test")], Some(&body)).expect("a connection")).events();
    assert_eq!(events[0]["choices"], json!([]));
    assert_eq!(events[0]["prompt_filter_results"][0]["content_filter_results"]["hate"]["severity"], "safe");
    assert_eq!(server.requests()[0].model, "gpt-4.1-mini");
}

#[test]
fn refusals_have_their_status_and_words() {
    // Fault, then status and a part of the body for OpenAI, Anthropic, Gemini.
    let table = [
        ("500", [(500, "server_error"), (500, "api_error"), (500, "INTERNAL")]),
        ("down", [(503, "overloaded"), (503, "api_error"), (503, "UNAVAILABLE")]),
        ("529", [(529, "overloaded"), (529, "overloaded_error"), (529, "UNAVAILABLE")]),
        ("429", [(429, "rate_limit_exceeded"), (429, "rate_limit_error"), (429, "PerMinute")]),
        ("401", [(401, "invalid_api_key"), (401, "authentication_error"), (400, "API_KEY_INVALID")]),
        ("403", [(403, "unsupported_country"), (403, "permission_error"), (403, "PERMISSION_DENIED")]),
        ("gone", [(404, "model_not_found"), (404, "not_found_error"), (404, "is not found for API version")]),
        ("400", [(400, "invalid_type"), (400, "does not match"), (400, "INVALID_ARGUMENT")]),
        (
            "context",
            [(400, "context_length_exceeded"), (400, "prompt is too long"), (400, "exceeds the maximum number")],
        ),
        ("quota", [(429, "insufficient_quota"), (400, "credit balance is too low"), (429, "PerDay")]),
        ("html", [(200, "<html>"); 3]),
        ("html503", [(503, "<html>"); 3]),
    ];
    for (fault, expected) in table {
        let server = Server::start(fault);
        for (format, (status, words)) in FORMATS.iter().zip(expected) {
            for stream in [true, false] {
                let reply = format.ask(&server, stream);
                assert_eq!(reply.status, status, "{fault} {}", format.wire);
                assert!(reply.body.contains(words), "{fault}: {}", reply.body);
            }
        }
    }
}

#[test]
fn a_rate_limit_says_when_to_come_back_in_the_form_asked_for() {
    let header = |fault: &str, name: &str| OPENAI.ask(&Server::start(fault), true).header(name).map(str::to_owned);
    assert_eq!(header("429", "retry-after"), None);
    assert_eq!(header("429=2", "retry-after").as_deref(), Some("2"));
    assert_eq!(header("429=0.5", "retry-after").as_deref(), Some("0.5"));
    assert_eq!(header("429=250ms", "retry-after-ms").as_deref(), Some("250"));
    let date = httpdate::parse_http_date(&header("429=date", "retry-after").expect("a date")).expect("an HTTP date");
    let ahead = date.duration_since(std::time::SystemTime::now()).unwrap_or_default();
    assert!(ahead <= Duration::from_secs(2));
    let gemini = GEMINI.ask(&Server::start("429=0.5"), true);
    assert!(
        gemini.header("retry-after").is_none() && gemini.body.contains("\"retryDelay\":\"0.5s\""),
        "{}",
        gemini.body
    );
}

#[test]
fn streams_break_after_exactly_so_many_tokens() {
    for (fault, end) in [("cut@6", BodyEnd::Cut), ("reset@6", BodyEnd::Reset), ("cut@0", BodyEnd::Cut)] {
        let server = Server::start(fault);
        for format in FORMATS {
            let reply = format.ask(&server, true);
            let pieces = if fault.ends_with('0') { 0 } else { 6 };
            assert_eq!((format.pieces(&reply), reply.end), (pieces, end), "{fault} {}", format.wire);
        }
        assert!(server.requests().iter().all(|seen| seen.ending == Ending::Broken));
    }
}

#[test]
fn whole_bodies_break_too() {
    for (fault, end) in [("cut", BodyEnd::Cut), ("reset", BodyEnd::Reset), ("malformed", BodyEnd::Whole)] {
        let server = Server::start(fault);
        for format in FORMATS {
            let reply = format.ask(&server, false);
            assert_eq!((reply.status, reply.end), (200, end), "{fault} {}", format.wire);
            assert!(serde_json::from_str::<Value>(&reply.body).is_err());
        }
    }
}

#[test]
fn an_error_event_ends_the_stream_inside_its_200() {
    let server = Server::start("error@3");
    for (format, kind) in FORMATS.iter().zip(["server_error", "overloaded_error", "UNAVAILABLE"]) {
        let reply = format.ask(&server, true);
        assert_eq!((reply.status, reply.end, format.pieces(&reply)), (200, BodyEnd::Whole, 3));
        let events = reply.events();
        assert_eq!((format.error)(events.last().expect("an event")).0, kind);
        let whole = format.ask(&server, false);
        assert!(whole.status == 200 && whole.json()["error"].is_object());
    }
}

#[test]
fn a_malformed_event_stands_in_an_otherwise_whole_stream() {
    let (sound, broken) = (Server::start(""), Server::start("malformed@3"));
    for format in FORMATS {
        let reply = format.ask(&broken, true);
        assert_eq!(format.streamed_text(&reply), format.streamed_text(&format.ask(&sound, true)));
        let lines = reply.body.lines().filter_map(|line| line.strip_prefix("data: "));
        let malformed = lines.filter(|data| *data != "[DONE]" && serde_json::from_str::<Value>(data).is_err());
        assert_eq!(malformed.count(), 1, "{}", format.wire);
    }
}

#[test]
fn empty_filtered_and_truncated_answers_say_so_in_their_own_words() {
    let finish = |format: &Format, fault: &str| {
        let reply = format.ask(&Server::start(fault), true);
        let words = ["\"finish_reason\":\"", "\"stop_reason\":\"", "\"finishReason\":\""];
        let after = words.iter().find_map(|word| reply.body.rsplit_once(word)).expect("a finish").1;
        (after.split('"').next().unwrap_or_default().to_owned(), format.pieces(&reply) > 0)
    };
    let finishes = |fault: &str| FORMATS.map(|format| finish(&format, fault));
    let expected = |words: [&str; 3], text| words.map(|word| (word.to_owned(), text));
    assert_eq!(finishes("empty"), expected(["stop", "end_turn", "STOP"], false));
    assert_eq!(finishes("filter"), expected(["content_filter", "refusal", "SAFETY"], true));
    assert_eq!(finishes("length"), expected(["length", "max_tokens", "MAX_TOKENS"], true));
}

#[test]
fn a_fault_for_a_share_of_requests_hits_the_same_ones_in_every_fleet_of_the_seed() {
    let statuses = |faults: &str, seed| -> Vec<u16> {
        let server = Server::with(faults, Options { instant: true, seed, ..Options::default() });
        (0..30).map(|_| OPENAI.ask(&server, false).status).collect()
    };
    let first = statuses("openai:500~30%", 1);
    let hit = first.iter().filter(|status| **status == 500).count();
    assert!((3..=15).contains(&hit) && first.iter().all(|status| [200, 500].contains(status)), "{first:?}");
    assert_eq!(statuses("openai:500~30%", 1), first);
    assert_ne!(statuses("openai:500~30%", 2), first);
    // Those that the share spares go on to the next rule.
    let spared = statuses("openai:500~30%,*:503", 1).iter().filter(|status| **status == 503).count();
    assert_eq!(spared, 30 - hit);
}

#[test]
fn faults_end_after_their_times_and_the_next_one_takes_over() {
    let server = Server::start("openai:500x2,openai:529x1");
    let statuses: Vec<u16> = (0..4).map(|_| OPENAI.ask(&server, true).status).collect();
    assert_eq!(statuses, [500, 500, 529, 200]);
    assert_eq!(ANTHROPIC.ask(&server, true).status, 200);
    assert_eq!((server.count("openai"), server.count("anthropic"), server.count("groq")), (4, 1, 0));
}

#[test]
fn a_refusing_provider_does_not_take_connections() {
    let server = Server::start("anthropic:refuse");
    let body = (ANTHROPIC.body)(PROMPT, true);
    let error = send("POST", &ANTHROPIC.url(&server, true), &[ANTHROPIC.key], Some(&body)).expect_err("no connection");
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    assert_eq!(OPENAI.ask(&server, true).status, 200);
}

#[test]
fn a_client_that_leaves_a_hanging_or_silent_answer_is_noticed() {
    for fault in ["hang", "stall@2", "slow=60s"] {
        let server = Server::start(fault);
        for format in FORMATS {
            let body = (format.body)(PROMPT, true);
            let mut stream =
                send("POST", &format.url(&server, true), &[format.key], Some(&body)).expect("a connection");
            server.wait("the request arrives", |traffic| traffic.to(format.provider).count() == 1);
            if fault != "hang" {
                let mut first = [0];
                stream.read_exact(&mut first).expect("a first byte");
            }
            assert_eq!(server.requests().last().map(|seen| seen.ending), Some(Ending::Open));
            drop(stream);
            server.wait_disconnect(format.provider);
        }
        server.wait("all connections end", |traffic| traffic.connections == 0);
    }
}

#[test]
fn requests_are_remembered_with_their_body_and_key_but_no_key_header() {
    let server = Server::start("");
    for format in FORMATS {
        assert_eq!(format.ask(&server, true).status, 200);
    }
    let seen = server.requests();
    let keys: Vec<_> = seen.iter().map(|seen| seen.key.as_ref().map_or("", |key| key.expose()).to_owned()).collect();
    assert_eq!(keys, ["sk-test", "sk-ant-test", "AIza-test"]);
    assert_eq!(
        seen.iter().map(|seen| seen.model.as_str()).collect::<Vec<_>>(),
        ["gpt-4.1-mini", "claude-haiku-4-5", "gemini-2.5-flash"]
    );
    assert_eq!(seen[0].body["messages"][0]["content"], PROMPT);
    assert!(seen.iter().all(|seen| seen.ending == Ending::Complete));
    assert!(!format!("{seen:?}").contains("test\""), "{seen:?}");
}

#[test]
fn tokens_come_at_the_pace_of_the_profile() {
    let server = Server::with("", Options::default());
    let mut body = (OPENAI.body)(PROMPT, true);
    body["max_tokens"] = 20.into();
    let url = server.base_url("groq", "openai-chat") + "/chat/completions";
    let start = std::time::Instant::now();
    let reply = receive(send("POST", &url, &[OPENAI.key], Some(&body)).expect("a connection"));
    // At least 0.85 of 120 ms, and 19 times 4 ms.
    assert!(start.elapsed() >= Duration::from_millis(102 + 76), "{:?}", start.elapsed());
    assert_eq!(OPENAI.pieces(&reply), 20);
}

#[test]
fn a_script_controls_every_byte() {
    let signal = Signal::default();
    let script = Script::default().read_request().send("HTTP/1.1 200 OK\r\n\r\nab").wait(&signal).send("c").reset();
    let options = Options { scripts: vec![("odd".to_owned(), script)], ..Options::default() };
    let server = Server::with("", options);
    let url = server.base_url("odd", "openai-chat") + "/chat/completions";
    let mut stream = send("POST", &url, &[OPENAI.key], Some(&json!({"model": "m"}))).expect("a connection");
    let mut bytes = vec![0; "HTTP/1.1 200 OK\r\n\r\nab".len()];
    stream.read_exact(&mut bytes).expect("the first part");
    assert!(bytes.ends_with(b"ab"));
    signal.raise();
    let mut rest = Vec::new();
    let error = stream.read_to_end(&mut rest).expect_err("a reset");
    assert_eq!((rest.as_slice(), error.kind()), (b"c".as_slice(), ErrorKind::ConnectionReset));
    server.wait("the exchange ends", |traffic| traffic.to("odd").all(|seen| seen.ending == Ending::Broken));
    assert_eq!(server.requests()[0].body, json!({"model": "m"}));
    let stream = send("POST", &url, &[OPENAI.key], None).expect("a second connection");
    server.wait("it is read", |traffic| traffic.to("odd").count() == 2);
    drop(stream);
    server.wait_disconnect("odd");
}

#[test]
fn many_tokens_can_be_served_in_one_go() {
    for format in FORMATS {
        let script = Script::tokens(format.wire, 5_000).expect("a known format");
        let options = Options { scripts: vec![(format.provider.to_owned(), script)], ..Options::default() };
        let reply = format.ask(&Server::with("", options), true);
        assert_eq!((format.pieces(&reply), reply.end), (5_000, BodyEnd::Whole), "{}", format.wire);
    }
}

#[test]
fn a_fleet_takes_its_connections_with_it() {
    let server = Server::start("hang");
    let body = (OPENAI.body)(PROMPT, true);
    let mut stream = send("POST", &OPENAI.url(&server, true), &[OPENAI.key], Some(&body)).expect("a connection");
    server.wait("the request arrives", |traffic| traffic.connections == 1 && !traffic.requests.is_empty());
    drop(server);
    let mut rest = Vec::new();
    let ended = stream.read_to_end(&mut rest).map_err(|error| error.kind());
    assert!(matches!(ended, Ok(0) | Err(ErrorKind::ConnectionReset)), "{ended:?}");
}

/// The program's own way of using the fleet: in one process and one thread with the client.
#[tokio::test(flavor = "current_thread")]
async fn a_fleet_lives_in_the_same_thread_as_its_client() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let options = Options { instant: true, ..Options::default() };
    let fleet = Fleet::start(&Faults::default(), options).await.expect("a fleet");
    let url = fleet.base_url("openai", "openai-chat");
    let address = url.trim_start_matches("http://").trim_end_matches("/openai/v1");
    let mut stream = tokio::net::TcpStream::connect(address).await.expect("a connection");
    let request = "GET /openai/v1/models HTTP/1.1\r\nhost: sim\r\nauthorization: Bearer k\r\nconnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.expect("the request is taken");
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await.expect("an answer");
    assert!(reply.starts_with("HTTP/1.1 200 OK\r\n"), "{reply}");
    assert_eq!(fleet.counts().get("openai"), Some(&1));
    fleet.wait(|traffic| traffic.connections == 0).await;
    assert_eq!(fleet.active_connections(), 0);
}
