//! Reads vectors from the response of any format: their places do not overlap. Numbers are read straight into vectors, so
//! that a hostile body costs no more memory than a few times its length.

use std::fmt;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::de::{Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{Embeddings, Encoding};
use crate::chat::Usage;
use crate::failure::{Failure, FailureClass};
use crate::wire::framing::{malformed, reported, unknown_shape};

/// The members of all formats.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Body {
    /// OpenAI and its kind.
    data: Option<Many>,
    /// Ollama, Gemini, Cohere.
    embeddings: Option<Many>,
    /// Gemini, asked for one.
    embedding: Option<Vector>,
    /// Vertex AI.
    predictions: Option<Many>,
    model: Value,
    usage: Value,
    #[serde(rename = "usageMetadata")]
    usage_metadata: Value,
    meta: Value,
    prompt_eval_count: Value,
    error: Value,
}

/// A list of vectors, or Cohere's lists by type of number.
#[derive(Default)]
struct Many(Vec<Vector>);

/// One vector, bare or in an object that tells more of it.
#[derive(Default)]
struct Vector {
    written: Option<Written>,
    index: Option<u64>,
    tokens: Option<u64>,
}

enum Written {
    Numbers(Vec<f32>),
    Base64(String),
}

/// With and without the padding at its end.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Cohere's types of number, the most exact first.
const TYPES: &[&str] = &["float", "base64", "int8", "uint8", "binary", "ubinary"];

pub(super) fn read(body: &[u8], base64_is: Encoding) -> Result<Embeddings, Failure> {
    let text = String::from_utf8_lossy(body);
    let text = text.trim_start_matches('\u{FEFF}');
    let body: Body = serde_json::from_str(text).map_err(|error| malformed(&error, text, true))?;
    let lists = [body.data, body.embeddings, body.predictions, body.embedding.map(|one| Many(vec![one]))];
    let Some(Many(mut vectors)) = lists.into_iter().flatten().find(|list| !list.0.is_empty()) else {
        let whole = || serde_json::from_str(text).unwrap_or(Value::Null);
        return Err(if body.error.is_null() { unknown_shape(text) } else { reported(text, &whole()) });
    };
    if vectors.iter().all(|vector| vector.index.is_some()) {
        vectors.sort_by_key(|vector| vector.index);
    }
    let counted: Option<u64> =
        vectors.iter().map(|vector| vector.tokens).try_fold(0_u64, |sum, tokens| Some(sum.saturating_add(tokens?)));
    let reports = [&body.usage, &body.usage_metadata, &body.meta];
    let raw = reports.into_iter().find(|report| !report.is_null()).cloned().unwrap_or_default();
    let input = input(&raw).or_else(|| body.prompt_eval_count.as_u64()).or(counted);
    let cost = crate::wire::usage::cost(&raw);
    let encoding = match vectors.first().and_then(|vector| vector.written.as_ref()) {
        Some(Written::Base64(_)) => base64_is,
        _ => Encoding::Numbers,
    };
    let numbers = vectors.into_iter().map(|vector| numbers(vector.written, base64_is));
    let vectors = numbers.collect::<Option<Vec<Vec<f32>>>>().filter(|vectors| is_sound(vectors));
    let vectors = vectors.ok_or_else(|| protocol("vectors that are empty, of several lengths or no numbers"))?;
    let model = body.model.as_str().filter(|name| !name.is_empty()).map(str::to_owned);
    Ok(Embeddings { vectors, encoding, usage: Usage { input, cost, is_request: true, raw, ..Usage::default() }, model })
}

/// Prompt tokens; some count nothing else and report only the total.
pub(in crate::wire) fn input(report: &Value) -> Option<u64> {
    let places =
        ["/prompt_tokens", "/input_tokens", "/promptTokenCount", "/billed_units/input_tokens", "/total_tokens"];
    places.iter().find_map(|place| report.pointer(place)?.as_u64())
}

fn is_sound(vectors: &[Vec<f32>]) -> bool {
    let length = vectors.first().map_or(0, Vec::len);
    length > 0 && vectors.iter().all(|vector| vector.len() == length && vector.iter().all(|number| number.is_finite()))
}

fn numbers(written: Option<Written>, base64_is: Encoding) -> Option<Vec<f32>> {
    match written? {
        Written::Numbers(numbers) => Some(numbers),
        Written::Base64(text) => {
            let bytes = BASE64.decode(&text).ok()?;
            match base64_is {
                Encoding::Bytes => Some(bytes.into_iter().map(|byte| f32::from(byte.cast_signed())).collect()),
                _ if bytes.len().is_multiple_of(4) => {
                    let (floats, _) = bytes.as_chunks::<4>();
                    Some(floats.iter().map(|float| f32::from_le_bytes(*float)).collect())
                }
                _ => None,
            }
        }
    }
}

fn protocol(message: &str) -> Failure {
    Failure::new(FailureClass::Protocol, "embeddings", format!("the response has {message}"))
}

impl<'de> Deserialize<'de> for Many {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ManyVisitor;
        impl<'de> Visitor<'de> for ManyVisitor {
            type Value = Many;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a list of vectors")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Many, A::Error> {
                let mut vectors = Vec::new();
                while let Some(vector) = items.next_element()? {
                    vectors.push(vector);
                }
                Ok(Many(vectors))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut types: A) -> Result<Many, A::Error> {
                let mut best = (TYPES.len(), Many::default());
                while let Some(name) = types.next_key::<String>()? {
                    match TYPES.iter().position(|known| *known == name) {
                        Some(rank) if rank < best.0 => {
                            if let Some(list) = types.next_value::<Option<Many>>()? {
                                best = (rank, list);
                            }
                        }
                        _ => drop(types.next_value::<IgnoredAny>()?),
                    }
                }
                Ok(best.1)
            }
        }
        deserializer.deserialize_any(ManyVisitor)
    }
}

impl<'de> Deserialize<'de> for Vector {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct VectorVisitor;
        impl<'de> Visitor<'de> for VectorVisitor {
            type Value = Vector;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a vector")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Vector, E> {
                Ok(Vector { written: Some(Written::Base64(text.to_owned())), ..Vector::default() })
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vector, A::Error> {
                let mut numbers = Vec::new();
                while let Some(number) = items.next_element::<f32>()? {
                    numbers.push(number);
                }
                Ok(Vector { written: Some(Written::Numbers(numbers)), ..Vector::default() })
            }
            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Vector, A::Error> {
                let mut vector = Vector::default();
                while let Some(name) = members.next_key::<String>()? {
                    match name.as_str() {
                        "embedding" | "embeddings" | "values" => {
                            let inner: Vector = members.next_value()?;
                            vector.tokens = vector.tokens.or(inner.tokens);
                            vector.written = inner.written.or(vector.written);
                        }
                        "index" => vector.index = members.next_value::<Value>()?.as_u64(),
                        "statistics" => vector.tokens = members.next_value::<Value>()?["token_count"].as_u64(),
                        _ => drop(members.next_value::<IgnoredAny>()?),
                    }
                }
                if vector.written.is_none() {
                    return Err(A::Error::custom("an object without a vector"));
                }
                Ok(vector)
            }
        }
        deserializer.deserialize_any(VectorVisitor)
    }
}
