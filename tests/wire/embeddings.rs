//! Recorded embeddings: what is read is what the recording says, and what llmx asks is what was asked.

use llmx::failure::Failure;
use llmx::wire::embed::{self, EmbedRequest, Embeddings, Encoding, Format, Purpose};
use serde_json::{Map, Value, json};

use super::recording::{self, Recording};
use super::{error, expected_error, leaf_differences, usage_numbers};

/// The recordings' names of the formats.
const WIRES: &[&str] = &["openai-embeddings", "gemini-embed", "cohere-embed", "ollama-embed", "vertex-predict-embed"];

/// Formats of providers that have no row, because they serve no chat, where they are not the plain one.
const WITHOUT_ROW: &[(&str, &str)] = &[("voyage", "voyage-embeddings")];

/// Tells a recorded path; brings a body into its one form.
type IsKnown = fn(&str) -> bool;
type Settle = fn(&mut Value);

/// Recorded paths that differ from the row's, with the reason.
const OTHER_ADDRESSES: &[(IsKnown, &str)] = &[
    (|path| path.ends_with("/v1/embed"), "Cohere's version 2 takes the same members and gives the same vectors"),
    (|path| path.ends_with(":predict"), "Vertex AI's beta, with or without a project, takes the same members"),
    (|path| path.contains("/deployments/"), "Azure's path names a deployment, and the body names whatever it likes"),
];

/// Members that mean the same to the server, with the reason.
const SAME: &[(&str, Settle)] = &[
    ("a single text is a list of one", |body| {
        if let Some(text @ Value::String(_)) = body.get_mut("input") {
            *text = json!([text.take()]);
        }
    }),
    ("JSON of protocol buffers takes both spellings of a name", |body| {
        for request in body.get_mut("requests").and_then(Value::as_array_mut).into_iter().flatten() {
            let members = request.as_object_mut().expect("a request");
            if let Some(length) = members.remove("output_dimensionality") {
                members.insert("outputDimensionality".to_owned(), length);
            }
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
    for wire in WIRES {
        assert!(all.is_empty() || all.iter().any(|(recording, _)| recording.wire == *wire), "no recording of {wire}");
    }
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
    json!({"count": read.vectors.len(), "dims": read.vectors[0].len(), "encoding": encoding})
}

fn shape_expected(expect: &Value) -> Value {
    json!({"count": expect["count"], "dims": expect["dims"], "encoding": expect["encoding"]})
}

/// The recording states them with six decimals or more; vectors are 32-bit floats.
fn numbers_are(read: &Embeddings, first: &Value) -> Value {
    let near = |(number, expected): (&f32, &Value)| {
        (f64::from(*number) - expected.as_f64().expect("a number")).abs() < 0.000_000_6
    };
    json!(read.vectors[0].iter().zip(first.as_array().expect("numbers")).all(near))
}

#[test]
fn every_request_is_the_recorded_one() {
    let mut wrong = Vec::new();
    for (recording, format) in all() {
        let Value::Object(body) = recording.request["body"].clone() else { continue };
        let target = recording.target();
        let sent = format.encode(&target, &request(&recording, body));
        let (mut sent_body, mut recorded) = (sent.body, recording.request["body"].clone());
        for (_, settle) in SAME {
            settle(&mut sent_body);
            settle(&mut recorded);
        }
        let mut differ = leaf_differences(&sent_body, &recorded);
        let path = recording.request["path"].as_str().unwrap_or_default();
        let known = OTHER_ADDRESSES.iter().any(|(is_known, _)| is_known(path));
        if !target.provider.proven.is_empty() && !known && !sent.url.ends_with(path) {
            differ.push(format!("path: recorded {path}, sent {}", sent.url));
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
    let mut request = EmbedRequest::default();
    if let Some(Value::Array(requests)) = body.remove("requests") {
        for one in &requests {
            request.texts.push(one["content"]["parts"][0]["text"].as_str().expect("a text").to_owned());
            let length = ["outputDimensionality", "output_dimensionality"].iter().find_map(|name| one[name].as_u64());
            request.dimensions = length;
            request.purpose = purpose(&one["taskType"]);
        }
    }
    if let Some(Value::Array(instances)) = body.remove("instances") {
        for one in &instances {
            request.texts.push(one["content"].as_str().expect("a text").to_owned());
            request.purpose = purpose(&one["task_type"]);
        }
        let parameters = body.remove("parameters").unwrap_or_default();
        request.dimensions = parameters["outputDimensionality"].as_u64();
    }
    for member in ["input", "texts"] {
        match body.remove(member) {
            Some(Value::Array(texts)) => {
                request.texts.extend(texts.iter().map(|text| text.as_str().expect("a text").to_owned()));
            }
            Some(Value::String(text)) => request.texts.push(text),
            _ => {}
        }
    }
    for member in ["dimensions", "output_dimension"] {
        if body.get(member).is_some_and(Value::is_u64) {
            request.dimensions = body.remove(member).and_then(|length| length.as_u64());
        }
    }
    if let Some(word) = body.remove("input_type") {
        request.purpose = purpose(&word);
    }
    request.extra = body;
    request
}

fn purpose(word: &Value) -> Option<Purpose> {
    let word = word.as_str()?.to_lowercase();
    let known = [
        ("query", Purpose::Query),
        ("document", Purpose::Document),
        ("similarity", Purpose::Similarity),
        ("classification", Purpose::Classification),
        ("clustering", Purpose::Clustering),
    ];
    Some(known.iter().find(|(part, _)| word.contains(part)).expect("a purpose").1)
}
