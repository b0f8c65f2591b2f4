//! Reads what requests of all formats have in common. Formats put the same things into members of other names, so each
//! reader looks for a shape wherever it stands instead of knowing one format.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::{Ask, Choice, Media, Tool};
use crate::sim::tokens;

/// What an attachment counts as tokens, whatever its size.
const MEDIA_TOKENS: u64 = 258;

/// The turns of a request: prompt, attachments, results of tools, tokens, and a schema told in words.
pub fn ask_of(system: &Value, turns: &Value) -> Ask {
    let only = [turns.clone()];
    let turns = turns.as_array().map_or(&only[..], Vec::as_slice);
    let texts: Vec<String> = turns.iter().map(text_of).collect();
    // What came after the model's last turn is what is asked now.
    let begin = turns.iter().rposition(is_model).map_or(0, |at| at + 1).min(turns.len().saturating_sub(1));
    let last = turns.iter().rposition(|turn| !is_model(turn)).map_or(0, |at| at + 1).max(begin + 1).min(turns.len());
    let said = |range: std::ops::Range<usize>| texts.get(range)?.iter().rfind(|text| !text.is_empty()).cloned();
    let prompt = said(begin..texts.len()).or_else(|| said(0..last)).unwrap_or_default();
    let results: Vec<String> = turns.get(begin..).unwrap_or_default().iter().flat_map(results_of).collect();
    let mut media = Vec::new();
    turns.get(begin..).unwrap_or_default().iter().for_each(|turn| find_media(turn, "", &mut media));
    let all = texts.concat() + &text_of(system) + &results.concat();
    let input = tokens::count(&all) + MEDIA_TOKENS * media.len() as u64;
    let schema = told_schema(&all);
    Ask { prompt, input, schema, media, results, ..Ask::default() }
}

fn is_model(turn: &Value) -> bool {
    ["assistant", "model"].iter().any(|role| turn["role"] == *role)
        || ["function_call", "reasoning"].iter().any(|kind| turn["type"] == *kind)
}

/// The text of a member that is a string, an array of parts with `text`, or an object with `parts`.
pub fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().map(text_of).filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n"),
        Value::Object(part) if is_result(part) => String::new(),
        Value::Object(part) => {
            ["text", "parts", "content"].iter().find_map(|name| part.get(*name)).map(text_of).unwrap_or_default()
        }
        _ => String::new(),
    }
}

const RESULTS: &[&str] = &["toolResult", "functionResponse", "function_response"];

fn is_result(part: &Map<String, Value>) -> bool {
    let named = |name: &str, word: &str| part.get(name).is_some_and(|value| value == word);
    named("type", "tool_result")
        || named("type", "function_call_output")
        || named("role", "tool")
        || RESULTS.iter().any(|name| part.contains_key(*name))
}

/// What tools answered in this turn.
fn results_of(turn: &Value) -> Vec<String> {
    match turn {
        Value::Array(parts) => parts.iter().flat_map(results_of).collect(),
        Value::Object(part) if is_result(part) => {
            let inner = RESULTS.iter().find_map(|name| part.get(*name)).unwrap_or(turn);
            let said = ["content", "output", "response"].iter().find_map(|name| inner.get(*name));
            said.map(|said| match text_of(said) {
                text if text.is_empty() => said.to_string(),
                text => text,
            })
            .into_iter()
            .collect()
        }
        Value::Object(part) => {
            ["content", "parts"].iter().filter_map(|name| part.get(*name)).flat_map(results_of).collect()
        }
        _ => Vec::new(),
    }
}

/// The texts of a member that is a string or an array of strings.
pub fn texts_of(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// A member that is a count.
pub fn count_of(value: &Value) -> Option<usize> {
    value.as_u64().and_then(|count| usize::try_from(count).ok())
}

/// The tools that a request declares: objects with a name, however deep they stand. Tools that the provider runs itself
/// have a type of their own and are passed over.
pub fn tools_of(value: &Value) -> Vec<Tool> {
    const SCHEMAS: &[&str] =
        &["/parameters", "/input_schema", "/inputSchema/json", "/parametersJsonSchema", "/parameter_definitions"];
    match value {
        Value::Array(items) => items.iter().flat_map(tools_of).collect(),
        Value::Object(tool) => match tool.get("name").and_then(Value::as_str) {
            Some(_) if tool.get("type").is_some_and(|kind| kind != "function" && kind != "custom") => Vec::new(),
            Some(name) => {
                let schema = SCHEMAS.iter().find_map(|place| value.pointer(place)).cloned().unwrap_or_default();
                vec![Tool { name: name.to_owned(), schema }]
            }
            None => tool.values().flat_map(tools_of).collect(),
        },
        _ => Vec::new(),
    }
}

/// What a request says about calling tools.
pub fn choice_of(value: &Value) -> Choice {
    let mut words = Vec::new();
    collect_words(value, &mut words);
    let name = ["/name", "/function/name", "/tool/name", "/allowedFunctionNames/0", "/allowed_function_names/0"];
    if let Some(name) = name.iter().find_map(|place| value.pointer(place)?.as_str()) {
        return Choice::Named(name.to_owned());
    }
    let says = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    if says(&["required", "any"]) {
        Choice::Required
    } else if says(&["none"]) {
        Choice::None
    } else {
        Choice::Auto
    }
}

fn collect_words(value: &Value, words: &mut Vec<String>) {
    match value {
        Value::String(text) => words.push(text.to_lowercase()),
        Value::Object(members) => {
            for (name, value) in members {
                words.push(name.to_lowercase());
                collect_words(value, words);
            }
        }
        _ => {}
    }
}

/// Finds attachments: bytes as base64 with their media type, or addresses. `place` is the member that holds `value`.
fn find_media(value: &Value, place: &str, found: &mut Vec<Media>) {
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    let mut see = |kind: &str, data: Option<&str>| {
        let bytes = data.map(|data| STANDARD.decode(data).map_or(data.len() * 3 / 4, |bytes| bytes.len()));
        found.push(Media { kind: kind.to_owned(), bytes });
    };
    match value {
        Value::String(data) if place == "images" => see("image", Some(data)),
        Value::String(url) => {
            if let Some((kind, data)) = url.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,")) {
                see(kind, Some(data));
            } else if ["url", "image_url", "file_url", "fileUri", "file_uri"].contains(&place) {
                see(if place.starts_with("file") { "document" } else { "image" }, None);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| find_media(item, place, found)),
        Value::Object(part) if is_result(part) => {}
        Value::Object(part) => {
            let kind = text("media_type").or(text("mimeType")).or(text("mime_type"));
            let bytes = value.pointer("/source/bytes").and_then(Value::as_str);
            match (kind, text("data"), text("format"), bytes) {
                (Some(kind), Some(data), ..) => see(kind, Some(data)),
                (None, _, Some(format), Some(data)) => see(&format!("{place}/{format}"), Some(data)),
                (None, Some(data), Some(format), None) => see(&format!("audio/{format}"), Some(data)),
                _ => part.iter().for_each(|(name, value)| find_media(value, name, found)),
            }
        }
        _ => {}
    }
}

/// A JSON Schema that stands in the words of a prompt: where a format has no place for one, it is told.
fn told_schema(text: &str) -> Option<Value> {
    if !text.to_lowercase().contains("schema") {
        return None;
    }
    let schema = |at: usize| {
        let value = serde_json::Deserializer::from_str(&text[at..]).into_iter::<Value>().next()?.ok()?;
        ["properties", "$schema", "type", "enum"].iter().any(|name| value.get(*name).is_some()).then_some(value)
    };
    // A schema in prose begins early; a text full of braces is no reason to try each of them.
    text.match_indices('{').take(20).find_map(|(at, _)| schema(at))
}

/// What percent-encoding stands for.
pub fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        let hex = after.get(..2).filter(|_| *byte == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        let coded = hex.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(coded.unwrap_or(*byte));
        rest = if coded.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The model in a path such as `/models/NAME:generateContent` or `/model/NAME/converse`.
pub fn model_in(path: &str, before: &str, after: &[char]) -> String {
    let rest = path.split_once(before).map_or("", |(_, rest)| rest);
    decoded(rest.split(after).next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_last_turns_after_the_models_own_are_the_prompt_and_the_results() {
        let turns = json!([
            {"role": "user", "content": "What is the weather?"},
            {"role": "assistant", "content": null, "tool_calls": [{"id": "1"}]},
            {"role": "tool", "tool_call_id": "1", "content": "15 degrees"},
        ]);
        let ask = ask_of(&Value::Null, &turns);
        assert_eq!((ask.prompt.as_str(), ask.results), ("What is the weather?", vec!["15 degrees".to_owned()]));
        let turns = json!([{"role": "user", "parts": [{"text": "a"}]}, {"role": "model", "parts": [{"text": "b"}]},
                           {"role": "user", "parts": [{"functionResponse": {"response": {"x": 1}}}, {"text": "c"}]}]);
        let ask = ask_of(&Value::Null, &turns);
        assert_eq!((ask.prompt.as_str(), ask.results), ("c", vec!["{\"x\":1}".to_owned()]));
        assert_eq!(ask_of(&Value::Null, &json!("just a text")).prompt, "just a text");
        assert_eq!(ask_of(&Value::Null, &json!([])).prompt, "");
    }

    #[test]
    fn attachments_are_found_in_every_format() {
        let table = [
            json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}),
            json!({"type": "input_image", "image_url": "data:image/png;base64,AAAA"}),
            json!({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}}),
            json!({"inlineData": {"mimeType": "image/png", "data": "AAAA"}}),
            json!({"image": {"format": "png", "source": {"bytes": "AAAA"}}}),
        ];
        for part in table {
            let ask = ask_of(&Value::Null, &json!([{"role": "user", "content": [{"text": "look"}, part]}]));
            assert_eq!(ask.media, [Media { kind: "image/png".to_owned(), bytes: Some(3) }], "{part}");
            assert_eq!(ask.prompt, "look");
        }
        let ask = ask_of(&Value::Null, &json!([{"role": "user", "content": "look", "images": ["AAAA"]}]));
        assert_eq!(ask.media[0].kind, "image");
        let far =
            json!([{"role": "user", "content": [{"type": "image", "source": {"type": "url", "url": "https://x/y"}}]}]);
        assert_eq!(ask_of(&Value::Null, &far).media[0].bytes, None);
    }

    #[test]
    fn tools_and_choices_are_found_in_every_format() {
        let schema = json!({"type": "object"});
        let table = [
            json!([{"type": "function", "function": {"name": "f", "parameters": schema}}]),
            json!([{"type": "function", "name": "f", "parameters": schema}]),
            json!([{"name": "f", "input_schema": schema}, {"type": "web_search_20250305", "name": "web_search"}]),
            json!([{"functionDeclarations": [{"name": "f", "parametersJsonSchema": schema}]}]),
            json!([{"toolSpec": {"name": "f", "inputSchema": {"json": schema}}}]),
        ];
        for tools in table {
            assert_eq!(tools_of(&tools), [Tool { name: "f".to_owned(), schema: schema.clone() }], "{tools}");
        }
        for (value, choice) in [
            (json!("required"), Choice::Required),
            (json!({"type": "any"}), Choice::Required),
            (json!({"mode": "ANY"}), Choice::Required),
            (json!({"any": {}}), Choice::Required),
            (json!("NONE"), Choice::None),
            (json!({"auto": {}}), Choice::Auto),
            (json!(null), Choice::Auto),
            (json!({"type": "function", "function": {"name": "f"}}), Choice::Named("f".to_owned())),
            (json!({"tool": {"name": "f"}}), Choice::Named("f".to_owned())),
            (json!({"mode": "ANY", "allowedFunctionNames": ["f"]}), Choice::Named("f".to_owned())),
        ] {
            assert_eq!(choice_of(&value), choice, "{value}");
        }
    }

    #[test]
    fn a_schema_told_in_words_is_found() {
        let ask = ask_of(&json!("Answer with JSON that fits this schema: {\"type\":\"object\"}."), &json!("hi {x}"));
        assert_eq!(ask.schema, Some(json!({"type": "object"})));
        assert_eq!(ask_of(&Value::Null, &json!("a schema {of} things")).schema, None);
    }

    #[test]
    fn models_in_paths_are_decoded() {
        assert_eq!(model_in("/model/a.b-v1%3A0/converse", "/model/", &['/']), "a.b-v1:0");
        assert_eq!(model_in("/v1/models/m:generateContent", "/models/", &[':']), "m");
        assert_eq!(decoded("100%"), "100%");
    }

    proptest::proptest! {
        #[test]
        fn no_request_panics(text in ".{0,80}") {
            let value = serde_json::from_str(&text).unwrap_or(Value::String(text));
            let _ = (ask_of(&value, &value), tools_of(&value), choice_of(&value));
        }
    }
}
