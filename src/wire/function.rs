//! Tools in the form that OpenAI began and others took over: `{"type": "function", "function": {…}}`.

use serde_json::{Value, json};

use crate::chat::{Tool, ToolCall, ToolChoice};

/// A tool's declaration.
pub(super) fn declared(tool: &Tool) -> Value {
    let mut function = json!({"name": tool.name});
    if let Some(description) = &tool.description {
        function["description"] = json!(description);
    }
    if !tool.parameters.is_null() {
        function["parameters"] = tool.parameters.clone();
    }
    json!({"type": "function", "function": function})
}

/// The tools that may be called: where one is demanded by name and the format has no word for that, it is the only one.
pub(super) fn callable<'a>(tools: &'a [Tool], choice: Option<&'a ToolChoice>) -> impl Iterator<Item = &'a Tool> {
    tools.iter().filter(move |tool| match choice {
        Some(ToolChoice::Named(name)) => tool.name == *name,
        _ => true,
    })
}

/// Whether a tool must be called, in that form.
pub(super) fn choice(choice: &ToolChoice) -> Value {
    match choice {
        ToolChoice::Auto => json!("auto"),
        ToolChoice::None => json!("none"),
        ToolChoice::Required => json!("required"),
        ToolChoice::Named(name) => json!({"type": "function", "function": {"name": name}}),
    }
}

/// The JSON text of arguments, which come as a text, an object, or not at all.
pub(super) fn arguments(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        object => object.to_string(),
    }
}

/// A call that the model made, its arguments as JSON text.
pub(super) fn called(call: &ToolCall) -> Value {
    let arguments = if call.arguments.trim().is_empty() { "{}" } else { &call.arguments };
    let mut made = json!({"type": "function", "function": {"name": call.name, "arguments": arguments}});
    if let Some(id) = &call.id {
        made["id"] = json!(id);
    }
    made
}
