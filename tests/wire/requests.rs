//! The request that llmx makes of a conversation is the one that was recorded, member by member.
//!
//! A reader of this folder, one per format, takes a recorded request apart into the [`ChatRequest`] that a user of llmx would
//! have made; what the vocabulary has no word for goes where `-o key=value` would put it. The codec then makes a request of
//! that, and both are compared. Where they may differ is written down as a [`Difference`], with the reason.

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
const READERS: &[Reader] = &[];

/// Recorded requests that no client would mean, by name, with the reason.
const NOT_MEANT: &[(&str, &str)] = &[];

/// Addresses that differ from the built-in row's, by provider, with the reason.
const OTHER_ADDRESSES: &[(&str, &str)] = &[];

#[test]
fn every_request_is_the_recorded_one() {
    let mut wrong = Vec::new();
    for recording in recording::all() {
        let reader = READERS.iter().find(|reader| Some(reader.codec) == recording.codec());
        let meant = !NOT_MEANT.iter().any(|(name, _)| *name == recording.name);
        if let (Some(reader), true, Value::Object(body)) = (reader, meant, &recording.request["body"]) {
            let differences = differences(reader, &recording, body);
            wrong.extend(differences.into_iter().map(|difference| format!("{}: {difference}", recording.name)));
        }
    }
    let settled: Vec<_> = READERS.iter().flat_map(|reader| reader.differences).map(|known| known.reason).collect();
    assert!(wrong.is_empty(), "{} differences beside {settled:?}:\n{}", wrong.len(), wrong.join("\n"));
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
    let known = OTHER_ADDRESSES.iter().any(|(provider, _)| *provider == recording.provider);
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
    recording::unescaped(sent) == recording::unescaped(recorded)
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
