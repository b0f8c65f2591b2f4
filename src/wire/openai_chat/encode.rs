//! The body of a Chat Completions request: the options, each under the name that the server wants.

use serde_json::{Map, Value, json};

use super::messages::messages;
use crate::chat::{AnswerForm, ChatRequest, Schema, Tool};
use crate::provider::{EffortPlace, Target};
use crate::wire::{effort, function, merge};

pub(super) fn body(target: &Target, request: &ChatRequest) -> Value {
    let options = &request.options;
    let quirks = &target.provider.quirks;
    let mut body = Map::new();
    let mut set = |name: &str, value: Value| drop(body.insert(name.to_owned(), value));
    set("model", json!(target.id.model));
    set("messages", messages(quirks, request));
    if request.stream {
        set("stream", json!(true));
        if !quirks.no_stream_options {
            set("stream_options", json!({"include_usage": true}));
        }
    }
    if let Some(limit) = options.max_tokens {
        set(quirks.max_tokens_field.as_deref().unwrap_or("max_tokens"), json!(limit));
    }
    if let Some(temperature) = options.temperature {
        set("temperature", json!(temperature));
    }
    if let Some(share) = options.top_p {
        set("top_p", json!(share));
    }
    if !options.stop.is_empty() {
        set("stop", json!(options.stop));
    }
    if let Some(seed) = options.seed {
        set(quirks.seed_field.as_deref().unwrap_or("seed"), json!(seed));
    }
    if !request.tools.is_empty() {
        set("tools", request.tools.iter().map(tool).collect());
    }
    if let Some(choice) = &request.tool_choice {
        set("tool_choice", function::choice(choice));
    }
    if let Some(form) = &request.form {
        set("response_format", response_format(form));
    }
    if let Some(effort) = &options.reasoning_effort {
        // A switch has no degrees: what a word amounts to goes beside it.
        let is_switch = quirks.effort == EffortPlace::EnableThinking;
        let budget = effort::budget_of(target, effort).filter(|tokens| is_switch && *tokens > 0);
        body.extend(thinking(quirks.effort, &budget.map_or_else(|| effort.clone(), |tokens| tokens.to_string())));
    }
    let mut body = Value::Object(body);
    merge(&mut body, &options.extra);
    body
}

fn tool(tool: &Tool) -> Value {
    let mut declared = function::declared(tool);
    if let Some(strict) = tool.strict {
        declared["function"]["strict"] = json!(strict);
    }
    declared
}

fn response_format(form: &AnswerForm) -> Value {
    match form {
        AnswerForm::Json => json!({"type": "json_object"}),
        AnswerForm::Schema(schema) => json!({"type": "json_schema", "json_schema": named_schema(schema)}),
    }
}

/// A schema with its name, as Chat Completions and Responses both want it.
pub(in crate::wire) fn named_schema(schema: &Schema) -> Map<String, Value> {
    let mut named = Map::new();
    named.insert("name".to_owned(), json!(schema.name));
    named.extend(schema.description.as_ref().map(|text| ("description".to_owned(), json!(text))));
    named.insert("schema".to_owned(), schema.schema.clone());
    named.extend(schema.strict.map(|strict| ("strict".to_owned(), json!(strict))));
    named
}

/// How hard to think, in the terms that servers share.
enum Effort<'a> {
    Off,
    On,
    Budget(u64),
    Word(&'a str),
}

impl<'a> Effort<'a> {
    fn read(word: &'a str) -> Self {
        match word {
            "none" | "off" => Self::Off,
            "on" => Self::On,
            word => word.parse().map_or(Self::Word(word), Self::Budget),
        }
    }
}

/// The members that say how hard to think.
fn thinking(place: EffortPlace, word: &str) -> Map<String, Value> {
    let effort = Effort::read(word);
    let on = !matches!(effort, Effort::Off);
    let members = match (place, effort) {
        (EffortPlace::Nowhere, _) => json!({}),
        (EffortPlace::ReasoningEffort, _) => json!({"reasoning_effort": word}),
        (EffortPlace::Reasoning, Effort::Budget(tokens)) => json!({"reasoning": {"max_tokens": tokens}}),
        (EffortPlace::Reasoning, _) if matches!(word, "on" | "off") => json!({"reasoning": {"enabled": on}}),
        (EffortPlace::Reasoning, _) => json!({"reasoning": {"effort": word}}),
        (EffortPlace::EnableThinking, Effort::Budget(tokens)) => {
            json!({"enable_thinking": true, "thinking_budget": tokens})
        }
        (EffortPlace::EnableThinking, _) => json!({"enable_thinking": on}),
        (EffortPlace::ThinkingEffort, Effort::Word(word)) => {
            json!({"thinking": {"type": "enabled"}, "reasoning_effort": word})
        }
        (EffortPlace::Thinking | EffortPlace::ThinkingEffort, _) => {
            json!({"thinking": {"type": if on { "enabled" } else { "disabled" }}})
        }
        (EffortPlace::ChatTemplateKwargs, Effort::Word(word)) => {
            json!({"chat_template_kwargs": {"enable_thinking": true, "reasoning_effort": word}})
        }
        (EffortPlace::ChatTemplateKwargs, _) => json!({"chat_template_kwargs": {"enable_thinking": on}}),
    };
    match members {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests;
