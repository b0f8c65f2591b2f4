//! How fast the OpenAI decoder is, beside `serde_json` alone on the same bytes: megabytes per second and time per token.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use llmx::provider::{KeyState, Target, TargetId, builtin};
use llmx::wire::{ResponseHead, codec};

const TOKENS: u32 = 50_000;
const ROUNDS: u32 = 10;
/// About what one read of a socket gives.
const CHUNK: usize = 16 * 1024;

fn main() {
    let body = stream();
    let typed = best(|| {
        for line in body.lines().filter_map(|line| line.strip_prefix("data: ")) {
            if let Ok(chunk) = serde_json::from_str::<serde::de::IgnoredAny>(line) {
                black_box(chunk);
            }
        }
    });
    let valued = best(|| {
        for line in body.lines().filter_map(|line| line.strip_prefix("data: ")) {
            if let Ok(chunk) = serde_json::from_str::<serde_json::Value>(line) {
                black_box(chunk);
            }
        }
    });
    let decoded = best(|| decode(body.as_bytes()));
    for (name, time) in
        [("openai-chat decoder", decoded), ("serde_json, skipped", typed), ("serde_json, values", valued)]
    {
        let rate = body.len() as f64 / 1e6 / time.as_secs_f64();
        println!("{name:22} {rate:7.0} MB/s {:7.0} ns/token", time.as_secs_f64() * 1e9 / f64::from(TOKENS));
    }
}

fn best(mut run: impl FnMut()) -> Duration {
    let times = (0..ROUNDS).map(|_| {
        let start = Instant::now();
        run();
        start.elapsed()
    });
    times.min().unwrap_or_default()
}

fn decode(body: &[u8]) {
    let Some(codec) = codec("openai-chat") else { return };
    let headers = vec![("content-type".to_owned(), "text/event-stream".to_owned())];
    let mut decoder = codec.decoder(&target(), &ResponseHead { status: 200, headers });
    let mut events = Vec::new();
    for chunk in body.chunks(CHUNK) {
        if decoder.push(chunk, &mut events).is_err() {
            return;
        }
        black_box(&events);
        events.clear();
    }
}

fn stream() -> String {
    let chunk = |delta: &str, finish: &str| {
        format!(
            "data: {{\"id\":\"chatcmpl-9kPQd0rOqCq1Yzt1k6dWq\",\"object\":\"chat.completion.chunk\",\"created\":1786984329,\
             \"model\":\"gpt-5.4-mini-2026-03-05\",\"service_tier\":\"default\",\"system_fingerprint\":\"fp_49c5j0a323\",\
             \"choices\":[{{\"index\":0,\"delta\":{delta},\"logprobs\":null,\"finish_reason\":{finish}}}],\"usage\":null}}\n\n"
        )
    };
    let mut body = String::new();
    for number in 0..TOKENS {
        body += &chunk(&format!("{{\"content\":\" word{number}\"}}"), "null");
    }
    body + &chunk("{}", "\"stop\"") + "data: [DONE]\n\n"
}

fn target() -> Target {
    let rows = builtin();
    let (name, row) = rows.into_iter().find(|(name, _)| name == "openai").expect("built in");
    let row = row.into_provider(&name, &|_| None).expect("a provider");
    Target {
        id: TargetId::new("openai", "gpt-5.4-mini"),
        provider: Arc::new(row),
        model: None,
        key: KeyState::NotNeeded,
        keys: Vec::new(),
    }
}
