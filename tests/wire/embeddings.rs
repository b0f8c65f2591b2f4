//! Recorded embeddings: what is read is what the recording says, and what llmx asks is what was asked.

use llmx::failure::Failure;
use llmx::wire::embed::{self, EmbedRequest, Embeddings, Encoding, Format, Purpose};
use serde_json::{Map, Value, json};

use super::recording::{self, Recording};
use super::requests::same_address;
use super::{error, expected_error, leaf_differences, usage_numbers};

/// The recordings' names of the formats.
const WIRES: &[&str] = &["openai-embeddings", "gemini-embed", "cohere-embed", "ollama-embed", "vertex-predict-embed"];

/// Formats of providers that have no row, because they serve no chat, where they are not the plain one.
const WITHOUT_ROW: &[(&str, &str)] = &[("voyage", "voyage-embeddings")];

/// Brings a body into its one form.
type Settle = fn(&mut Value);

/// Members that mean the same to the server, with the reason.
const SAME: &[(&str, Settle)] = &[
    ("llmx always asks for a list, which the older addresses for a single text do not take", |body| {
        if let Some(prompt) = body.as_object_mut().and_then(|members| members.remove("prompt")) {
            body["input"] = prompt;
        }
        if body.get("content").is_some() {
            *body = json!({"requests": [body.take()]});
        }
    }),
    ("a single text is a list of one", |body| {
        if let Some(text @ Value::String(_)) = body.get_mut("input") {
            *text = json!([text.take()]);
        }
    }),
    ("JSON of protocol buffers takes both spellings of a name", |body| {
        for request in body.get_mut("requests").and_then(Value::as_array_mut).into_iter().flatten() {
            let members = request.as_object_mut().into_iter();
            members.for_each(|members| {
                if let Some(length) = members.remove("output_dimensionality") {
                    members.insert("outputDimensionality".to_owned(), length);
                }
            });
        }
    }),
    // `null` asks for what holds without it.
    ("a member that is null is not there", |body| {
        if let Some(members) = body.as_object_mut() {
            members.retain(|_, value| !value.is_null());
        }
    }),
];

fn all() -> Vec<(Recording, &'static Format)> {
    let recorded = recording::all().into_iter().filter(|recording| WIRES.contains(&recording.wire.as_str()));
    let all: Vec<_> = recorded.map(|recording| (format(&recording), recording)).map(|(one, two)| (two, one)).collect();
    let some_of = |wire: &&&str| all.iter().any(|(recording, _)| recording.wire == **wire);
    let without = WIRES.iter().find(|wire| !some_of(wire)).filter(|_| recording::made_with_these());
    assert!(all.is_empty() || without.is_none(), "no recording of {without:?}");
    all
}

/// The format of the row that was proven on this provider, or else the one that the recording names.
fn format(recording: &Recording) -> &'static Format {
    let provider = recording.target().provider;
    let row = (!provider.proven.is_empty()).then(|| embed::of(&provider)).flatten();
    let without = WITHOUT_ROW.iter().find(|(name, _)| *name == recording.provider).map(|(_, format)| *format);
    row.or_else(|| embed::format(without.unwrap_or(&recording.wire))).expect("a format")
}

fn decode(recording: &Recording, format: &Format) -> Result<Embeddings, Failure> {
    if (200..300).contains(&recording.head.status) {
        format.decode(&recording.body)
    } else {
        Err(format.failure(&recording.head, &recording.body))
    }
}

#[test]
fn every_recorded_response_reads_as_it_must() {
    let mut wrong = Vec::new();
    for (recording, format) in all() {
        let expect = &recording.expect;
        let differ = match decode(&recording, format) {
            Ok(read) => vec![
                (json!(read.model), expect["model"].clone()),
                (usage_numbers(&read.usage), expect["usage"].clone()),
                (shape(&read), shape_expected(&expect["embeddings"])),
                (numbers_are(&read, &expect["embeddings"]["first"]), json!(true)),
                (Value::Null, expect["error"].clone()),
            ],
            Err(failure) => vec![(error(&failure), expected_error(&recording))],
        };
        let differ = differ.into_iter().filter(|(read, expected)| read != expected);
        wrong.extend(differ.map(|(read, expected)| format!("{}: expected {expected}, read {read}", recording.name)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn shape(read: &Embeddings) -> Value {
    let encoding = match read.encoding {
        Encoding::Numbers => "json",
        Encoding::Floats => "base64 float32",
        Encoding::Bytes => "base64 int8",
    };
    json!({"count": read.vectors.len(), "dims": read.vectors.first().map(Vec::len), "encoding": encoding})
}

fn shape_expected(expect: &Value) -> Value {
    json!({"count": expect["count"], "dims": expect["dims"], "encoding": expect["encoding"]})
}

/// The recording states them with six decimals or more; vectors are 32-bit floats.
fn numbers_are(read: &Embeddings, first: &Value) -> Value {
    let near = |(number, expected): (&f32, &Value)| {
        expected.as_f64().is_some_and(|expected| (f64::from(*number) - expected).abs() < 0.000_000_6)
    };
    json!(read.vectors.iter().take(1).flatten().zip(first.as_array().into_iter().flatten()).all(near))
}

#[test]
fn every_request_is_the_recorded_one() {
    let mut wrong = Vec::new();
    for (recording, format) in all() {
        let mut recorded = recording.request["body"].clone();
        for (_, settle) in SAME {
            settle(&mut recorded);
        }
        let Value::Object(body) = recorded.clone() else { continue };
        let sent = format.encode(&recording.target(), &request(&recording, body));
        let mut sent_body = sent.body;
        for (_, settle) in SAME {
            settle(&mut sent_body);
        }
        let mut differ = leaf_differences(&sent_body, &recorded);
        if !same_address(&recording, &sent.url, recording.path()) {
            differ.push(format!("path: recorded {}, sent {}", recording.path(), sent.url));
        }
        wrong.extend(differ.into_iter().map(|difference| format!("{}: {difference}", recording.name)));
    }
    let settled: Vec<_> = SAME.iter().map(|(reason, _)| reason).collect();
    assert!(wrong.is_empty(), "beside {settled:?}:\n{}", wrong.join("\n"));
}

/// The request that a user would have made: what the vocabulary has no word for is further.
fn request(recording: &Recording, mut body: Map<String, Value>) -> EmbedRequest {
    // A deployment's address names the model; another name in the body is a member that the user set.
    if body.get("model").is_some_and(|model| *model == recording.model()) {
        body.remove("model");
    }
    let first = |member: &str| body.get(member)?.get(0).cloned();
    let of_each = first("requests").or_else(|| first("instances")).unwrap_or_default();
    let mut request = EmbedRequest::default();
    for (member, place) in [("requests", "/content/parts/0/text"), ("instances", "/content")] {
        for one in taken(&mut body, member, |items| texts(items, place)).into_iter().flatten() {
            request.texts.push(one);
        }
    }
    for member in ["input", "texts"] {
        request.texts.extend(taken(&mut body, member, |items| texts(items, "")).into_iter().flatten());
    }
    let parameters = body.get_mut("parameters").and_then(Value::as_object_mut);
    let length = parameters.and_then(|parameters| taken(parameters, "outputDimensionality", Value::as_u64));
    request.dimensions = ["outputDimensionality", "output_dimensionality"]
        .iter()
        .find_map(|name| of_each.get(*name)?.as_u64())
        .or(length)
        .or_else(|| ["dimensions", "output_dimension"].iter().find_map(|name| taken(&mut body, name, Value::as_u64)));
    request.purpose = ["taskType", "task_type"]
        .iter()
        .find_map(|name| purpose(of_each.get(*name)?))
        .or_else(|| taken(&mut body, "input_type", purpose));
    request.extra = body;
    request
}

/// Takes a member out that can be said; another stays.
fn taken<T>(body: &mut Map<String, Value>, name: &str, read: impl Fn(&Value) -> Option<T>) -> Option<T> {
    let value = read(body.get(name)?)?;
    body.remove(name);
    Some(value)
}

/// The text at a place of each item, if all of them have one: tokens and images are no texts.
fn texts(items: &Value, place: &str) -> Option<Vec<String>> {
    let text = |item: &Value| item.pointer(place)?.as_str().map(str::to_owned);
    items.as_array()?.iter().map(text).collect()
}

fn purpose(word: &Value) -> Option<Purpose> {
    let word = word.as_str()?.to_lowercase();
    let known = [
        ("query", Purpose::Query),
        ("document", Purpose::Document),
        ("passage", Purpose::Document),
        ("similarity", Purpose::Similarity),
        ("classification", Purpose::Classification),
        ("clustering", Purpose::Clustering),
    ];
    known.iter().find(|(part, _)| word.contains(part)).map(|(_, purpose)| *purpose)
}
