//! The request that llmx makes of a conversation is the one that was recorded, member by member.
//!
//! A reader of this folder, one per format, takes a recorded request apart into the [`ChatRequest`] that a user of llmx would
//! have made; what the vocabulary has no word for goes where `-o key=value` would put it. The codec then makes a request of
//! that, and both are compared. Where they may differ is written down as a [`Difference`], with the reason.

mod anthropic;
#[cfg(feature = "bedrock")]
mod bedrock;
mod cloudflare;
mod cohere;
mod conversation;
mod gemini;
mod hf_text_generation;
mod ollama;
mod openai_chat;
mod openai_responses;
mod replicate;
mod vertex;

use std::collections::BTreeMap;

use llmx::chat::ChatRequest;
use llmx::wire::codec;
use serde_json::{Map, Value};

use super::recording::{self, Recording};

/// How recorded requests of one codec are read.
pub struct Reader {
    /// The codec's name.
    pub codec: &'static str,
    /// The conversation of a recorded body.
    pub read: fn(&Recording, Map<String, Value>) -> ChatRequest,
    /// Where the two bodies may differ.
    pub differences: &'static [Difference],
}

/// A difference that means nothing.
pub struct Difference {
    /// Why it means nothing.
    pub reason: &'static str,
    /// Brings both bodies, sent and recorded, into one form.
    pub settle: fn(sent: &mut Value, recorded: &mut Value),
}

/// One line per codec.
const READERS: &[Reader] = &[
    openai_chat::READER,
    openai_responses::READER,
    anthropic::READER,
    gemini::READER,
    vertex::GEMINI,
    vertex::ANTHROPIC,
    #[cfg(feature = "bedrock")]
    bedrock::CONVERSE,
    #[cfg(feature = "bedrock")]
    bedrock::INVOKE,
    cohere::COHERE,
    ollama::OLLAMA,
    replicate::REPLICATE,
    cloudflare::CLOUDFLARE,
    hf_text_generation::TEXT_GENERATION,
];

/// Recorded requests that no client would mean, by name, with the reason.
const NOT_MEANT: &[(&str, &str)] = &[];

/// Addresses that differ from the built-in row's, by provider or by the start of `provider/path`, with the reason.
const OTHER_ADDRESSES: &[(&str, &str)] = &[
    ("anthropic/v1/chat/completions", "Anthropic's compatible endpoint, of which no row is needed"),
    ("azure-openai/models/chat/completions", "Azure's inference path, which v1 replaces"),
    ("azure-openai/chat/completions", "a resource's address without a path, which is answered with 404"),
    ("huggingface/hf-inference/", "addresses of single hosts behind the router, which takes `model:host` instead"),
    ("huggingface/together/", "as above"),
    ("huggingface/hyperbolic/", "as above"),
    ("llamacpp/chat/completions", "llama.cpp answers with `/v1` and without"),
    ("novita/v3/openai/", "the older of two addresses of the same"),
    ("pollinations", "an address that the provider gives up for the usual one"),
    ("zai/api/coding/", "the address of Z.AI's coding plan, which is a row of its own"),
    ("ollama/v1/", "the address of its OpenAI format, which the row does not use"),
];

/// Parts of paths that mean the same as another, with the reason.
const SAME_PATHS: &[(&str, &str, &str)] = &[
    ("?beta=true", "", "an SDK's mark for its beta methods; what is in beta is told by a header"),
    ("/api/v1/messages", "/v1/messages", "a gateway in Anthropic's place, whose base address ends in `/api`"),
    ("?$alt=json;enum-encoding=int", "", "enums as numbers: read all the same, but not asked for"),
    ("?alt=sse", "", "without it the stream is an array of the same chunks"),
    (
        "/v1beta1/projects/",
        "/v1/projects/",
        "Vertex AI serves what llmx sends under both versions; v1 is the stable one",
    ),
];

#[test]
fn every_request_is_the_recorded_one() {
    let mut wrong = Vec::new();
    for recording in recording::all() {
        let reader = READERS.iter().find(|reader| Some(reader.codec) == recording.codec());
        let meant = !NOT_MEANT.iter().any(|(name, _)| *name == recording.name) && !is_plain_prompt(&recording);
        if let (Some(reader), true, Value::Object(body)) = (reader, meant, &recording.request["body"]) {
            let differences = differences(reader, &recording, body);
            wrong.extend(differences.into_iter().map(|difference| format!("{}: {difference}", recording.name)));
        }
    }
    let settled: Vec<_> = READERS.iter().flat_map(|reader| reader.differences).map(|known| known.reason).collect();
    assert!(wrong.is_empty(), "{} differences beside {settled:?}:\n{}", wrong.len(), wrong.join("\n"));
}

/// The format of Anthropic's models on Bedrock before Messages: replies in it are read, requests are never written.
fn is_plain_prompt(recording: &Recording) -> bool {
    let body = &recording.request["body"];
    recording.codec() == Some("bedrock-anthropic") && body.get("prompt").is_some() && body.get("messages").is_none()
}

fn differences(reader: &Reader, recording: &Recording, body: &Map<String, Value>) -> Vec<String> {
    let codec = codec(reader.codec).expect("a codec");
    let sent = codec.encode(&recording.target(), &(reader.read)(recording, body.clone()));
    let (mut sent_body, mut recorded_body) = (sent.body, Value::Object(body.clone()));
    for difference in reader.differences {
        (difference.settle)(&mut sent_body, &mut recorded_body);
    }
    let mut differences = leaf_differences(&sent_body, &recorded_body);
    let recorded_path = recording.request["path"].as_str().unwrap_or_default();
    let place = format!("{}{recorded_path}", recording.provider);
    let known = OTHER_ADDRESSES.iter().any(|(other, _)| *other == recording.provider || place.starts_with(other));
    let path =
        sent.url.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..])).unwrap_or_default();
    if !recording.target().provider.proven.is_empty() && !known && !same_path(path, recorded_path) {
        differences.push(format!("path: recorded {recorded_path}, sent {path}"));
    }
    differences
}

/// Where two bodies differ, by path.
pub fn leaf_differences(sent: &Value, recorded: &Value) -> Vec<String> {
    let (sent_leaves, recorded_leaves) = (leaves(sent), leaves(recorded));
    let mut all: Vec<&String> = sent_leaves.keys().chain(recorded_leaves.keys()).collect();
    all.sort();
    all.dedup();
    let differ = all.into_iter().filter(|path| sent_leaves.get(*path) != recorded_leaves.get(*path));
    let told = |value: Option<&String>| value.map_or("nothing".to_owned(), |value| value.chars().take(200).collect());
    differ
        .map(|path| {
            format!("{path}: recorded {}, sent {}", told(recorded_leaves.get(path)), told(sent_leaves.get(path)))
        })
        .collect()
}

/// Paths are compared as they are meant: percent-encoding is a matter of taste.
fn same_path(sent: &str, recorded: &str) -> bool {
    let meant = |path: &str| {
        let path = recording::unescaped(path);
        SAME_PATHS.iter().fold(path, |path, (one, other, _)| path.replace(one, other))
    };
    meant(sent) == meant(recorded)
}

/// The values of a body that have no members, by their paths. Whole numbers are the same with and without a fraction.
fn leaves(body: &Value) -> BTreeMap<String, String> {
    fn walk(path: &str, value: &Value, leaves: &mut BTreeMap<String, String>) {
        match value {
            Value::Object(members) if !members.is_empty() => {
                members.iter().for_each(|(name, value)| walk(&format!("{path}/{name}"), value, leaves));
            }
            Value::Array(elements) if !elements.is_empty() => {
                elements.iter().enumerate().for_each(|(at, value)| walk(&format!("{path}/{at}"), value, leaves));
            }
            Value::Number(number) => {
                leaves.insert(
                    path.to_owned(),
                    number.as_f64().map_or_else(|| number.to_string(), |number| number.to_string()),
                );
            }
            leaf => {
                leaves.insert(path.to_owned(), leaf.to_string());
            }
        }
    }
    let mut found = BTreeMap::new();
    walk("", body, &mut found);
    found
}
