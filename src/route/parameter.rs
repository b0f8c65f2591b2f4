//! The parameters of a request by name, whatever a provider calls them.

use serde_json::{Value, json};

use crate::chat::{ChatRequest, Options};

/// Sampling temperature.
pub const TEMPERATURE: &str = "temperature";
/// The longest answer.
pub const MAX_TOKENS: &str = "max_tokens";
/// How hard to think.
pub const EFFORT: &str = "reasoning_effort";
/// Asking for a stream.
pub const STREAM: &str = "stream";
/// The system prompt.
pub const SYSTEM: &str = "system";
/// The schema of the answer.
pub const SCHEMA: &str = "schema";

/// llmx's name of each parameter and how wire formats call it, in lower case and without underscores. Of a path in a body
/// the longest end that is known counts.
const NAMES: &[(&str, &[&str])] = &[
    (TEMPERATURE, &["temperature"]),
    ("top_p", &["topp", "p"]),
    (MAX_TOKENS, &["maxtokens", "maxcompletiontokens", "maxoutputtokens", "maxnewtokens", "maxgenlen", "numpredict"]),
    ("stop", &["stop", "stopsequences"]),
    ("seed", &["seed", "randomseed"]),
    (
        EFFORT,
        &[
            "reasoningeffort",
            "reasoning",
            "reasoning.effort",
            "outputconfig.effort",
            "thinking",
            "budgettokens",
            "thinkingbudget",
            "thinkinglevel",
            "thinkingconfig",
            "think",
            "effort",
        ],
    ),
    (STREAM, &["stream", "streamoptions", "includeusage"]),
    (SYSTEM, &["system", "systeminstruction", "systemprompt", "preamble", "instructions"]),
    (
        SCHEMA,
        &[
            "schema",
            "responseformat",
            "jsonschema",
            "responseschema",
            "responsejsonschema",
            "outputformat",
            "outputconfig.format",
            "text.format",
            "responsemimetype",
        ],
    ),
];

/// Parameters that a wire format has no place for.
const NO_PLACE: &[(&str, &[&str])] = &[
    ("openai-responses", &["stop", "seed"]),
    ("anthropic", &["seed"]),
    ("vertex-anthropic", &["seed"]),
    ("bedrock-anthropic", &["seed"]),
    ("bedrock-converse", &["seed"]),
    ("hf-text-generation", &[EFFORT]),
];

/// How long the answer may be in tokens, by the option of that name or a member that came by `-o`, all answers together where
/// several are asked for (`n`); `None` when nothing limits it.
pub fn longest_answer(options: &Options) -> Option<u64> {
    let several = options.extra.get("n").and_then(Value::as_u64).unwrap_or(1).max(1);
    let member = options.extra.iter().filter_map(|(name, value)| limit_in(name, value)).max();
    // What came by `-o` stands in the body in place of the option.
    member.or(options.max_tokens).map(|longest| longest.saturating_mul(several))
}

/// The limit that a member of a body sets, itself or within.
fn limit_in(name: &str, value: &Value) -> Option<u64> {
    match value {
        Value::Object(members) => members.iter().filter_map(|(name, value)| limit_in(name, value)).max(),
        _ => value.as_u64().filter(|_| by_name(name) == Some(MAX_TOKENS)),
    }
}

/// The parameters that this wire format has no place for.
pub fn without_place(wire: &str) -> &'static [&'static str] {
    NO_PLACE.iter().find(|(name, _)| *name == wire).map_or(&[], |(_, names)| names)
}

/// llmx's name of what a provider calls so; a member that came by `-o` keeps its own.
pub fn known<'a>(named: &'a str, request: &ChatRequest) -> &'a str {
    if request.options.extra.contains_key(named) {
        return named;
    }
    // `tools[0].x` is about `tools`, and `$.x` about `x`.
    let path = named.trim_start_matches("$.").split('[').next().unwrap_or(named);
    let ends = std::iter::successors(Some(path), |path| path.split_once('.').map(|(_, end)| end));
    let starts = path.split('.');
    ends.chain(starts).find_map(by_name).unwrap_or(named)
}

fn by_name(text: &str) -> Option<&'static str> {
    let plain = plain(text);
    NAMES.iter().find(|(_, names)| names.contains(&plain.as_str())).map(|(name, _)| *name)
}

fn plain(text: &str) -> String {
    text.replace('_', "").to_ascii_lowercase()
}

/// Whether `other` is a further name of that parameter.
pub fn is_other_name(name: &str, other: &str) -> bool {
    name != other && by_name(other) == Some(by_name(name).unwrap_or(name))
}

/// What a parameter is set to.
pub fn value(options: &Options, name: &str) -> Option<Value> {
    own(options, name).or_else(|| options.extra.get(name).cloned())
}

/// What a parameter of the vocabulary is set to, not what stands under that name in the body by `-o`.
pub fn own(options: &Options, name: &str) -> Option<Value> {
    match name {
        TEMPERATURE => options.temperature.map(Value::from),
        "top_p" => options.top_p.map(Value::from),
        MAX_TOKENS => options.max_tokens.map(Value::from),
        "stop" => (!options.stop.is_empty()).then(|| json!(options.stop)),
        "seed" => options.seed.map(Value::from),
        EFFORT => options.reasoning_effort.as_deref().map(Value::from),
        _ => None,
    }
}

/// Takes a parameter out and gives what it was set to.
pub fn take(options: &mut Options, name: &str) -> Option<Value> {
    let value = value(options, name);
    match name {
        TEMPERATURE => options.temperature = None,
        "top_p" => options.top_p = None,
        MAX_TOKENS => options.max_tokens = None,
        "stop" => options.stop.clear(),
        "seed" => options.seed = None,
        EFFORT => options.reasoning_effort = None,
        _ => {}
    }
    let extra = options.extra.shift_remove(name);
    value.or(extra)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::chat::{Message, Role};
    use crate::provider::{KeyState, Row, Target, TargetId};
    use crate::wire;

    #[test]
    fn the_longest_answer_is_limited_by_whichever_member_reaches_the_provider() {
        let longest = |extra: Value, max_tokens: Option<u64>| {
            let Value::Object(extra) = extra else { return None };
            longest_answer(&Options { max_tokens, extra, ..Options::default() })
        };
        assert_eq!(longest(json!({}), None), None);
        assert_eq!(longest(json!({"top_k": 5}), Some(7)), Some(7));
        assert_eq!(longest(json!({"max_completion_tokens": 90}), Some(7)), Some(90));
        assert_eq!(longest(json!({"generationConfig": {"maxOutputTokens": 80}}), None), Some(80));
        assert_eq!(longest(json!({"max_tokens": 10, "n": 5}), None), Some(50));
    }

    #[test]
    fn a_parameter_is_known_by_any_providers_name() {
        let mut request = ChatRequest::default();
        for (named, name) in [
            ("max_completion_tokens", MAX_TOKENS),
            ("generationConfig.maxOutputTokens", MAX_TOKENS),
            ("maxTokens", MAX_TOKENS),
            ("reasoning.effort", EFFORT),
            ("thinking.budget_tokens", EFFORT),
            ("$.temperature", TEMPERATURE),
            ("response_format.json_schema.schema", SCHEMA),
            ("stream_options.include_usage", STREAM),
            ("stop_sequences[0]", "stop"),
            ("top_k", "top_k"),
            ("", ""),
        ] {
            assert_eq!(known(named, &request), name, "{named}");
        }
        request.options.extra.insert("thinking".to_owned(), json!({}));
        assert_eq!(known("thinking", &request), "thinking");
        assert!(is_other_name(MAX_TOKENS, "max_completion_tokens") && !is_other_name(MAX_TOKENS, "messages"));
        assert!(!is_other_name(MAX_TOKENS, MAX_TOKENS));
    }

    /// A codec leaves out what its format has no place for: the plan must know of it.
    #[test]
    fn what_a_wire_format_has_no_place_for_is_known() {
        let all = Options {
            temperature: Some(0.5),
            top_p: Some(0.5),
            max_tokens: Some(5),
            stop: vec!["x".to_owned()],
            seed: Some(5),
            reasoning_effort: Some("low".to_owned()),
            ..Options::default()
        };
        for codec in wire::CODECS {
            let row =
                Row { base_url: Some("https://x".to_owned()), wire: Some(codec.name().to_owned()), ..Row::default() };
            let target = Target {
                id: TargetId::new("p", "m"),
                provider: Arc::new(row.into_provider("p", &|_| None).expect("a provider")),
                model: None,
                key: KeyState::NotNeeded,
                keys: Vec::new(),
            };
            let body = |options: &Options| {
                let messages = vec![Message::text(Role::User, "Hi")];
                let request = ChatRequest { messages, options: options.clone(), ..ChatRequest::default() };
                codec.encode(&target, &request).body
            };
            for name in [TEMPERATURE, "top_p", MAX_TOKENS, "stop", "seed", EFFORT] {
                let mut without = all.clone();
                take(&mut without, name);
                let is_left_out = body(&all) == body(&without);
                assert_eq!(is_left_out, without_place(codec.name()).contains(&name), "{}: {name}", codec.name());
            }
        }
    }

    #[test]
    fn what_is_taken_out_is_gone() {
        let mut options = Options { temperature: Some(0.5), stop: vec!["x".to_owned()], ..Options::default() };
        options.extra.insert("top_k".to_owned(), json!(5));
        assert_eq!(take(&mut options, "temperature"), Some(json!(0.5)));
        assert_eq!(take(&mut options, "stop"), Some(json!(["x"])));
        assert_eq!(take(&mut options, "top_k"), Some(json!(5)));
        assert_eq!(take(&mut options, "seed"), None);
        assert_eq!(options, Options::default());
    }
}
