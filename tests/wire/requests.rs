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
use serde_json::{Map, Value, json};

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

/// In every format.
const SAYS_NOTHING: Difference = Difference {
    reason: "a member that is null says the same as none, and so does an empty list or object beside the messages",
    settle: |sent, recorded| {
        for body in [sent, recorded] {
            without_nulls(body);
            if let Some(members) = body.as_object_mut() {
                members.retain(|_, value| *value != json!([]) && *value != json!({}));
            }
        }
    },
};

fn without_nulls(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(without_nulls);
            members.retain(|_, value| !value.is_null());
        }
        Value::Array(elements) => elements.iter_mut().for_each(without_nulls),
        _ => {}
    }
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

/// Addresses that differ from the built-in row's, by the start of `provider/path`, with the reason.
const OTHER_ADDRESSES: &[(&str, &str)] = &[
    ("anthropic/v1/chat/completions", "Anthropic's compatible endpoint, of which no row is needed"),
    ("azure-openai/models/", "Azure's inference path, which v1 replaces"),
    ("azure-openai/chat/completions", "a resource's address without a path, which is answered with 404"),
    ("huggingface/", "addresses of single hosts behind the router, which takes `model:host` instead"),
    ("ollama/v1/", "the address of its OpenAI format, which the row does not use"),
    ("pollinations/openai", "an address that the provider gives up for the usual one"),
    ("vertex-gemini/v1/publishers/", "Vertex AI for keys, without a project"),
    ("vertex-gemini/v1beta1/publishers/", "as above"),
    ("zai/api/coding/", "the address of Z.AI's coding plan, which is a row of its own"),
];

/// Parts of paths that mean the same as another, with the reason.
const SAME_PATHS: &[(&str, &str, &str)] = &[
    (":embedContent", ":batchEmbedContents", "a list of one text"),
    ("/api/embeddings", "/api/embed", "the older address for a single text"),
];

/// Members of a query that say the same unsaid, with the reason.
const SAME_QUERIES: &[(&str, &str)] = &[
    ("alt", "without it the stream is an array of the same chunks"),
    ("$alt", "enums as numbers: read all the same, but not asked for"),
    ("beta", "an SDK's mark for its beta methods; what is in beta is told by a header"),
    ("api-version", "Azure's address of the version 1 needs none; others are parameters of the row"),
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
    for difference in reader.differences.iter().chain([&SAYS_NOTHING]) {
        (difference.settle)(&mut sent_body, &mut recorded_body);
    }
    let mut differences = leaf_differences(&sent_body, &recorded_body);
    if !same_address(recording, &sent.url, recording.path()) {
        differences.push(format!("path: recorded {}, sent {}", recording.path(), sent.url));
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

/// Whether an address of ours is the recorded one. Gateways and other hosts have paths of their own: of theirs only the
/// method counts, which stands last.
pub fn same_address(recording: &Recording, url: &str, path: &str) -> bool {
    let place = format!("{}{path}", recording.provider);
    let elsewhere = OTHER_ADDRESSES.iter().any(|(other, _)| place.starts_with(other));
    let (sent_host, sent_path) = host_and_path(url);
    let recorded_host = recording.request["host"].as_str().unwrap_or_default();
    // Where the recorder kept no host, it may have been any.
    let same_host = local(sent_host) == local(recorded_host) && recording.request["host_inferred"] != true;
    let ours = meant(sent_path);
    let theirs = meant(path);
    let method = |path: &str| path.rsplit('/').next().map(str::to_owned);
    recording.target().provider.proven.is_empty()
        || elsewhere
        || ours == theirs
        || (!same_host && method(&ours) == method(&theirs))
}

fn host_and_path(url: &str) -> (&str, &str) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').map_or((rest, ""), |at| rest.split_at(at))
}

/// A host without its port; this machine has several names.
fn local(host: &str) -> &str {
    let host = host.split(':').next().unwrap_or_default();
    if host == "localhost" { "127.0.0.1" } else { host }
}

/// A path as it is meant: percent-encoding is a matter of taste, servers answer the same under several versions of their
/// address, and some members of a query say nothing.
fn meant(path: &str) -> String {
    let path = recording::unescaped(path);
    let (path, query) = path.split_once('?').unwrap_or((&path, ""));
    let path = SAME_PATHS.iter().fold(path.to_owned(), |path, (one, other, _)| path.replace(one, other));
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && !is_version(part)).collect();
    let said = |pair: &&str| {
        let name = pair.split('=').next().unwrap_or_default();
        !name.is_empty() && !SAME_QUERIES.iter().any(|(same, _)| *same == name)
    };
    let query: Vec<&str> = query.split('&').filter(said).collect();
    if query.is_empty() { parts.join("/") } else { format!("{}?{}", parts.join("/"), query.join("&")) }
}

/// `v1`, `v1beta`, `v1beta1`, and DeepSeek's `beta`.
fn is_version(part: &str) -> bool {
    let number = part.strip_prefix('v').and_then(|rest| rest.chars().next());
    part == "beta" || (number.is_some_and(|digit| digit.is_ascii_digit()) && part.len() <= 8)
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
