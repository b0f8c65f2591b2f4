//! Recorded lists of models: what is read is what the recording says, and what llmx asks is what was asked.

use llmx::wire::models::{self, Format};
use serde_json::{Value, json};

use super::recording::{self, Recording};
use super::requests::same_address;
use super::{error, expected_error};

/// The recordings' names of the formats.
const WIRES: &[&str] =
    &["openai-models", "gemini-models", "cohere-models", "ollama-tags", "cloudflare-models", "pollinations-models"];

fn all() -> Vec<(Recording, &'static Format)> {
    let recorded = recording::all().into_iter().filter(|recording| WIRES.contains(&recording.wire.as_str()));
    let all: Vec<_> = recorded.map(|recording| (format(&recording), recording)).map(|(one, two)| (two, one)).collect();
    let some_of = |wire: &&&str| all.iter().any(|(recording, _)| recording.wire == **wire);
    let without = WIRES.iter().find(|wire| !some_of(wire)).filter(|_| recording::made_with_these());
    assert!(all.is_empty() || without.is_none(), "no recording of {without:?}");
    all
}

/// The format that the recording names; of OpenAI's there are variants, of which the row that was proven has its own.
fn format(recording: &Recording) -> &'static Format {
    let provider = recording.target().provider;
    let has_variants = recording.wire == "openai-models" && !provider.proven.is_empty();
    let row = has_variants.then(|| models::of(&provider)).flatten();
    row.or_else(|| models::format(&recording.wire)).expect("a format")
}

#[test]
fn every_recorded_list_reads_as_it_must() {
    let mut wrong = Vec::new();
    for (recording, format) in all() {
        let expect = &recording.expect["models"];
        let page = format.decode(&recording.body).ok().filter(|_| (200..300).contains(&recording.head.status));
        let (read, expected) = if let Some(page) = page {
            let ids: Vec<&str> = page.models.iter().map(|listed| listed.model.id.as_str()).collect();
            let bare = |id: &Value| json!(id.as_str().map(|id| id.strip_prefix("models/").unwrap_or(id)));
            let bare: Value = expect["ids"].as_array().into_iter().flatten().map(bare).collect();
            (
                json!({"count": ids.len(), "ids": ids, "next_page": page.next}),
                // Gemini's lists hold resources, `models/ID`; the ID is what is asked for.
                json!({"count": expect["count"], "ids": bare, "next_page": expect["next_page"]}),
            )
        } else {
            let failure = format.failure(&recording.head, &recording.body);
            (error(&failure), expected_error(&recording))
        };
        if read != expected {
            wrong.push(format!("{}: expected {expected}, read {read}", recording.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_request_is_the_recorded_one() {
    let mut wrong = Vec::new();
    for (recording, format) in all() {
        let sent = format.encode(&recording.target().provider, None);
        assert_eq!((sent.method, &sent.body), ("GET", &Value::Null), "{}", recording.name);
        // Which part of a list is wanted, and how many models a page holds, is the client's choice.
        if !same_address(&recording, without_query(&sent.url), without_query(recording.path())) {
            wrong.push(format!("{}: recorded {}, sent {}", recording.name, recording.path(), sent.url));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn without_query(address: &str) -> &str {
    address.split('?').next().unwrap_or_default()
}

#[test]
fn what_rich_lists_tell_is_read() {
    let told = |provider: &str, id: &str| {
        let lists = all();
        let (recording, format) = lists.iter().find(|(recording, _)| recording.provider == provider)?;
        let page = format.decode(&recording.body).ok()?;
        page.models.into_iter().find(|listed| listed.model.id == id)
    };
    if recording::directory().is_none() || !recording::made_with_these() {
        return;
    }
    let openrouter = told("openrouter", "openai/gpt-5-nano").expect("listed").model;
    assert!(openrouter.context.is_some() && openrouter.pricing.is_some() && openrouter.abilities.tools == Some(true));
    let anthropic = told("anthropic", "claude-opus-5").expect("listed").model;
    assert_eq!((anthropic.context, anthropic.max_output), (Some(1_000_000), Some(128_000)));
    assert_eq!((anthropic.abilities.vision, anthropic.abilities.reasoning), (Some(true), Some(true)));
}
