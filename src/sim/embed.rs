//! Embeddings and lists of models, as the fleet gives them. Vectors are made of the text's parts, so that texts that share
//! words are near each other.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::answer::Dice;
use super::dialect::reading::text_of;
use super::tokens;

/// The length of vectors when none is asked for.
const DIMENSIONS: usize = 256;
/// The longest that is given.
const MOST_DIMENSIONS: usize = 4096;

/// The response to a request for embeddings in that format.
pub fn embeddings(format: &str, model: &str, body: &Value) -> Value {
    let texts = texts_of(body);
    let vectors: Vec<Vec<f32>> = texts.iter().map(|text| vector(text, dimensions(body))).collect();
    let tokens: u64 = texts.iter().map(|text| tokens::count(text)).sum();
    match format {
        "gemini-embed" => {
            json!({"embeddings": vectors.iter().map(|values| json!({"values": values})).collect::<Value>()})
        }
        "vertex-predict-embed" => {
            let one = |(text, values): (&String, &Vec<f32>)| {
                let statistics = json!({"token_count": tokens::count(text), "truncated": false});
                json!({"embeddings": {"values": values, "statistics": statistics}})
            };
            let characters: usize = texts.iter().map(|text| text.chars().count()).sum();
            let predictions: Value = texts.iter().zip(&vectors).map(one).collect();
            json!({"predictions": predictions, "metadata": {"billableCharacterCount": characters}})
        }
        "cohere-embed" => {
            let mut by_type = json!({});
            for kind in body["embedding_types"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                by_type[kind] = vectors.iter().map(|values| typed(values, kind)).collect();
            }
            let meta = json!({"api_version": {"version": "2"}, "billed_units": {"input_tokens": tokens}});
            let id = "00000000-0000-4000-8000-000000000000";
            json!({"id": id, "texts": texts, "embeddings": by_type, "meta": meta, "response_type": "embeddings_by_type"})
        }
        "ollama-embed" => json!({"model": model, "embeddings": vectors, "total_duration": 25_000_000,
                                 "load_duration": 8_000_000, "prompt_eval_count": tokens}),
        _ => {
            let kind = body["encoding_format"].as_str().unwrap_or_default();
            let one = |(index, values): (usize, &Vec<f32>)| json!({"object": "embedding", "index": index, "embedding": typed(values, kind)});
            let data: Value = vectors.iter().enumerate().map(one).collect();
            json!({"object": "list", "data": data, "model": model, "usage": {"prompt_tokens": tokens, "total_tokens": tokens}})
        }
    }
}

/// The list of models in that format.
pub fn models(format: &str, names: &[&str]) -> Value {
    let all = |model: fn(&str) -> Value| names.iter().map(|name| model(name)).collect::<Value>();
    match format {
        "anthropic-models" => {
            let data = all(
                |name| json!({"type": "model", "id": name, "display_name": name, "created_at": "2026-07-24T00:00:00Z"}),
            );
            json!({"data": data, "has_more": false, "first_id": names.first(), "last_id": names.last()})
        }
        "gemini-models" => json!({"models": all(|name| json!({
            "name": format!("models/{name}"), "displayName": name, "inputTokenLimit": 1_048_576, "outputTokenLimit": 65_536,
            "supportedGenerationMethods": ["generateContent", "countTokens"],
        }))}),
        "cohere-models" => json!({"models": all(|name| json!({
            "name": name, "endpoints": ["chat"], "finetuned": false, "context_length": 256_000, "features": ["tools"],
            "default_endpoints": [],
        }))}),
        "ollama-tags" => json!({"models": all(|name| json!({
            "name": name, "model": name, "modified_at": "2026-04-08T20:53:10Z", "size": 3_338_801_804_u64, "digest": "sim",
            "details": {"parent_model": "", "format": "gguf", "family": "sim", "families": ["sim"],
                        "parameter_size": "8B", "quantization_level": "Q4_K_M"},
        }))}),
        "cloudflare-models" => {
            let result = all(|name| {
                let properties = json!([{"property_id": "context_window", "value": "24000"}]);
                json!({"id": name, "source": 1, "name": name, "task": {"name": "Text Generation"}, "properties": properties})
            });
            let info = json!({"count": names.len(), "page": 1, "per_page": 100, "total_count": names.len()});
            json!({"success": true, "result": result, "errors": [], "messages": [], "result_info": info})
        }
        "github-models" => all(|name| json!({"id": name, "name": name, "supported_output_modalities": ["text"]})),
        _ => {
            let data = all(|name| json!({"id": name, "object": "model", "created": 1_780_000_000, "owned_by": "sim"}));
            json!({"object": "list", "data": data})
        }
    }
}

/// The texts of a request in any format.
fn texts_of(body: &Value) -> Vec<String> {
    let list = ["input", "texts", "requests", "instances", "content", "inputs"].iter().find_map(|name| body.get(*name));
    match list {
        Some(Value::Array(items)) => items.iter().map(text_of).collect(),
        Some(one) => vec![text_of(one)],
        None => Vec::new(),
    }
}

fn dimensions(body: &Value) -> usize {
    let names = ["dimensions", "output_dimension", "outputDimensionality", "output_dimensionality"];
    let places = [body, &body["requests"][0], &body["parameters"]];
    let said = places.iter().find_map(|place| names.iter().find_map(|name| place[*name].as_u64()));
    said.and_then(|count| usize::try_from(count).ok()).unwrap_or(DIMENSIONS).clamp(1, MOST_DIMENSIONS)
}

/// A vector of length 1 for a text: words and their groups of three letters each choose a direction.
pub fn vector(text: &str, dimensions: usize) -> Vec<f32> {
    let mut values = vec![0_f32; dimensions];
    let mut add = |part: &str, weight: f32| {
        let mut dice = Dice::new(&[part], 0);
        let at = usize::try_from(dice.roll() % dimensions as u64).unwrap_or(0);
        values[at] += if dice.roll() & 1 == 0 { weight } else { -weight };
    };
    for word in text.to_lowercase().split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()) {
        add(word, 1.0);
        let letters: Vec<char> = format!("^{word}$").chars().collect();
        letters.windows(3).for_each(|three| add(&three.iter().collect::<String>(), 0.5));
    }
    let length = values.iter().map(|value| value * value).sum::<f32>().sqrt();
    if length > 0.0 {
        for value in &mut values {
            *value /= length;
        }
    } else {
        values[0] = 1.0;
    }
    values
}

/// A vector in that encoding or type of number.
fn typed(values: &[f32], kind: &str) -> Value {
    match kind {
        "base64" => STANDARD.encode(values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>()).into(),
        #[expect(clippy::cast_possible_truncation, reason = "values are between -1 and 1")]
        "int8" => values.iter().map(|value| (value * 127.0) as i64).collect(),
        _ => values.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn likeness(one: &str, other: &str) -> f32 {
        vector(one, 256).iter().zip(vector(other, 256)).map(|(a, b)| a * b).sum()
    }

    #[test]
    fn similar_texts_are_near_each_other_and_all_have_the_length_one() {
        let near = likeness("The cat sat on the mat", "A cat sits on a mat");
        let far = likeness("The cat sat on the mat", "Interest rates rose sharply");
        assert!(near > far + 0.2, "{near} {far}");
        assert!((likeness("same", "same") - 1.0).abs() < 1e-5 && (likeness("", "") - 1.0).abs() < 1e-5);
    }

    #[test]
    fn every_format_holds_a_vector_for_each_text() {
        for (format, body, place) in [
            ("openai-embeddings", json!({"input": ["a", "b"], "dimensions": 8}), "/data/1/embedding"),
            (
                "gemini-embed",
                json!({"requests": [{"content": {"parts": [{"text": "a"}]}, "outputDimensionality": 8},
                                                 {"content": {"parts": [{"text": "b"}]}}]}),
                "/embeddings/1/values",
            ),
            (
                "vertex-predict-embed",
                json!({"instances": [{"content": "a"}, {"content": "b"}],
                                            "parameters": {"outputDimensionality": 8}}),
                "/predictions/1/embeddings/values",
            ),
            (
                "cohere-embed",
                json!({"texts": ["a", "b"], "embedding_types": ["float"], "output_dimension": 8}),
                "/embeddings/float/1",
            ),
            ("ollama-embed", json!({"input": ["a", "b"], "dimensions": 8}), "/embeddings/1"),
        ] {
            let response = embeddings(format, "m", &body);
            let vector = response.pointer(place).and_then(Value::as_array).map(Vec::len);
            assert_eq!(vector, Some(8), "{format}: {response}");
        }
        let packed = embeddings("", "m", &json!({"input": "a", "encoding_format": "base64", "dimensions": 8}));
        let text = packed["data"][0]["embedding"].as_str().expect("base64");
        assert_eq!(STANDARD.decode(text).expect("base64").len(), 32);
    }
}
