//! Predictions that are created, followed to where their output is, and cancelled when it is no longer wanted; through
//! the binary, against servers on loopback.

use rustix::process::Signal as Kill;
use serde_json::{Value, json};

use crate::support::chain::{CANARY, PROMPT, nothing_leaked};
use crate::support::loopback::{Answer, Call, Loopback};
use crate::support::{Llmx, Running};

const CREATE: &str = "POST /v1/models/o/n/predictions";
const STREAM: &str = "event: output\ndata: Blue\n\nevent: output\ndata:  light\n\nevent: done\ndata: {}\n\n";

fn prediction(status: &str, more: &Value) -> Answer {
    let mut body = json!({"id": "1", "model": "o/n", "status": status});
    body.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
    Answer::Whole(if status == "starting" { 201 } else { 200 }, body.to_string())
}

/// The addresses of a prediction at the server that was asked for it. `stream` is where its events are, if anywhere.
fn urls(call: &Call, stream: Option<&str>) -> Value {
    let base = format!("http://{}/v1/predictions/1", call.header("host").expect("a host"));
    json!({"urls": {"get": base, "cancel": format!("{base}/cancel"), "stream": stream}})
}

/// A provider whose predictions are streamed at that address, and have these last words.
fn provider(stream: Option<String>, rest: fn(&Call) -> Answer) -> Loopback {
    Loopback::start(move |call| match call.line().as_str() {
        CREATE => prediction("starting", &urls(call, stream.as_deref())),
        _ => rest(call),
    })
}

fn counted(call: &Call) -> Answer {
    let metrics = json!({"metrics": {"input_token_count": 7, "output_token_count": 2}});
    if call.method == "GET" { prediction("succeeded", &metrics) } else { prediction("canceled", &json!({})) }
}

fn asking(provider: &Loopback) -> Llmx {
    let config = format!(
        "default = \"r/o/n\"\n[providers.r]\nwire = \"replicate\"\nbase_url = \"{}\"\napi_key = \"{CANARY}\"\n\
         headers = {{ x-team = \"{CANARY}\" }}\n",
        provider.url()
    );
    Llmx::new().config(&config).args(["complete", "--no-fallback", PROMPT])
}

fn key(call: &Call) -> Option<&str> {
    call.header("authorization")
}

#[test]
fn a_stream_elsewhere_is_read_without_the_key_and_then_counted_with_it() {
    let streams = Loopback::start(|_| Answer::Stream(STREAM.to_owned()));
    let provider = provider(Some(streams.url() + "/s/1"), counted);
    let output = asking(&provider).arg("--json").run().expect_code(0);
    let answer: Value = serde_json::from_str(&output.stdout).expect("JSON");
    assert_eq!(answer["text"], "Blue light", "{answer}");
    assert_eq!(answer["usage"]["input"], 7, "{answer}");
    assert_eq!(provider.lines(), [CREATE, "GET /v1/predictions/1"]);
    let create = &provider.calls()[0];
    assert_eq!(create.body, json!({"input": {"prompt": PROMPT}, "stream": true}));
    let bearer = format!("Bearer {CANARY}");
    assert!(provider.calls().iter().all(|call| key(call) == Some(&bearer) && call.header("x-team") == Some(CANARY)));
    let streamed = &streams.calls()[0];
    assert_eq!((streamed.line().as_str(), key(streamed), streamed.header("x-team")), ("GET /s/1", None, None));
    assert!(streamed.headers.iter().all(|(_, value)| !value.contains(CANARY)));
    nothing_leaked(&output);
}

#[test]
fn without_a_stream_the_prediction_is_asked_for_until_it_has_ended() {
    let provider = Loopback::start(|call| match call.line().as_str() {
        CREATE => prediction("starting", &urls(call, None)),
        _ => prediction("succeeded", &json!({"output": ["Blue", " light"]})),
    });
    let output = asking(&provider).arg("--no-stream").run().expect_code(0);
    assert_eq!(output.stdout, "Blue light\n");
    assert_eq!(provider.lines(), [CREATE, "GET /v1/predictions/1"]);
}

#[test]
fn counts_that_do_not_come_fail_no_answer() {
    let streams = Loopback::start(|_| Answer::Stream(STREAM.to_owned()));
    let provider = provider(Some(streams.url()), |_| Answer::Whole(500, "{}".to_owned()));
    let output = asking(&provider).arg("--stream").run().expect_code(0);
    assert_eq!(output.stdout, "Blue light\n");
}

#[test]
fn a_prediction_that_failed_is_told_in_its_own_words_and_not_cancelled() {
    let provider = provider(None, |_| prediction("failed", &json!({"error": "CUDA out of memory"})));
    let output = asking(&provider).run();
    assert_ne!(output.code, 0);
    assert!(output.stderr.contains("CUDA out of memory"), "{}", output.stderr);
    assert!(!provider.lines().iter().any(|line| line.ends_with("/cancel")), "{:?}", provider.lines());
}

/// Waits for the cancellation, which must come with the key.
fn cancelled(provider: &Loopback, running: Running, code: i32) {
    let call = provider.wait("POST /v1/predictions/1/cancel");
    assert_eq!(key(&call), Some(format!("Bearer {CANARY}").as_str()));
    nothing_leaked(&running.finish().expect_code(code));
}

#[test]
fn an_interrupt_cancels_the_prediction() {
    let streams = Loopback::start(|_| Answer::Begun("event: output\ndata: Blue\n\n".to_owned()));
    let provider = provider(Some(streams.url() + "/s/1"), counted);
    let running = asking(&provider).arg("--stream").spawn();
    running.wait_stdout("Blue");
    running.signal(Kill::INT);
    cancelled(&provider, running, 130);
    assert_eq!(provider.lines(), [CREATE, "POST /v1/predictions/1/cancel"]);
}

#[test]
fn a_cancellation_that_is_not_answered_holds_nobody_up() {
    let streams = Loopback::start(|_| Answer::Begun("event: output\ndata: Blue\n\n".to_owned()));
    let provider = provider(Some(streams.url() + "/s/1"), |_| Answer::Silence);
    let running = asking(&provider).arg("--stream").spawn();
    running.wait_stdout("Blue");
    running.signal(Kill::INT);
    cancelled(&provider, running, 130);
}

#[test]
fn a_limit_that_passes_and_a_stream_that_breaks_cancel_the_prediction() {
    let begun = "event: output\ndata: Blue\n\n".to_owned();
    let (silent, broken) = (begun.clone(), begun);
    let silent = Loopback::start(move |_| Answer::Begun(silent.clone()));
    let broken = Loopback::start(move |_| Answer::Stream(broken.clone()));
    for (streams, arguments) in [(&silent, ["--timeout", "500ms"]), (&broken, ["--timeout", "20s"])] {
        let provider = provider(Some(streams.url() + "/s/1"), |_| Answer::Whole(404, "{}".to_owned()));
        let running = asking(&provider).args(["--stream"]).args(arguments).spawn();
        let call = provider.wait("POST /v1/predictions/1/cancel");
        assert!(key(&call).is_some());
        assert_ne!(running.finish().code, 0);
    }
}

#[test]
fn a_stream_that_breaks_is_completed_from_the_prediction() {
    let streams = Loopback::start(|_| Answer::Stream("event: output\ndata: Blue\n\n".to_owned()));
    let provider = provider(Some(streams.url()), |_| prediction("succeeded", &json!({"output": ["Blue", " light"]})));
    assert_eq!(asking(&provider).arg("--stream").run().expect_code(0).stdout, "Blue light\n");
    assert_eq!(provider.lines(), [CREATE, "GET /v1/predictions/1"]);
}

#[test]
fn an_address_of_the_answer_that_is_not_there_is_told_as_such() {
    let nowhere = || Answer::Whole(404, json!({"detail": "Not found."}).to_string());
    let streams = Loopback::start(move |_| nowhere());
    for (stream, place) in [(Some(streams.url()), "`urls.stream`"), (None, "`urls.get`")] {
        let provider = provider(stream, |_| Answer::Whole(404, "{}".to_owned()));
        let output = asking(&provider).run();
        assert_ne!(output.code, 0);
        assert!(output.stderr.contains(place) && output.stderr.contains("404"), "{}", output.stderr);
        assert!(!output.stderr.contains("model not found") && !output.stderr.contains("-m"), "{}", output.stderr);
    }
}

#[test]
fn trouble_with_one_poll_is_asked_again() {
    let polls = std::sync::atomic::AtomicUsize::new(0);
    let provider = Loopback::start(move |call| match call.line().as_str() {
        CREATE => prediction("starting", &urls(call, None)),
        _ if polls.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 0 => Answer::Whole(502, "{}".to_owned()),
        _ => prediction("succeeded", &json!({"output": ["Blue", " light"]})),
    });
    assert_eq!(asking(&provider).arg("--no-stream").run().expect_code(0).stdout, "Blue light\n");
    assert_eq!(provider.lines(), [CREATE, "GET /v1/predictions/1", "GET /v1/predictions/1"]);
}

#[test]
fn an_address_that_is_not_encrypted_is_not_asked() {
    let provider = provider(Some("http://stream.example/s/1".to_owned()), counted);
    let output = asking(&provider).arg("--stream").run();
    assert_ne!(output.code, 0);
    assert!(output.stderr.contains("neither encrypted nor on the same machine"), "{}", output.stderr);
    assert!(provider.lines().contains(&"POST /v1/predictions/1/cancel".to_owned()), "{:?}", provider.lines());
}

#[test]
fn ollama_is_found_where_its_own_variable_says_and_asked_in_its_own_format() {
    let lines = "{\"model\":\"l\",\"message\":{\"content\":\"Blue\"},\"done\":false}\n\
                 {\"model\":\"l\",\"message\":{\"content\":\"!\"},\"done\":true,\"done_reason\":\"stop\"}\n";
    let server = Loopback::start(|call| match call.line().as_str() {
        "GET /api/tags" => Answer::Whole(200, json!({"models": [{"name": "llama3.2:3b"}]}).to_string()),
        _ => Answer::Stream(lines.to_owned()),
    });
    let run = Llmx::new().env("OLLAMA_HOST", server.host().replace("127.0.0.1", "0.0.0.0"));
    let output = run.args(["complete", "--stream", PROMPT, "-u"]).run().expect_code(0);
    assert_eq!(output.stdout, "Blue!\n");
    assert!(output.stderr.contains("ollama/llama3.2:3b"), "{}", output.stderr);
    let chat = server.wait("POST /api/chat");
    assert_eq!(chat.body["model"], "llama3.2:3b");
}
