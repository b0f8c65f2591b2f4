//! Recorded predictions of Replicate.

use llmx::chat::{ChatRequest, Message, Role};
use serde_json::{Map, Value, json};

use super::Reader;
use super::conversation::{options, take};
use crate::wire::recording::Recording;

pub const REPLICATE: Reader = Reader { codec: "replicate", read, differences: &[] };

fn read(_: &Recording, mut body: Map<String, Value>) -> ChatRequest {
    let mut input = take(&mut body, "input", |input| input.as_object().cloned()).unwrap_or_default();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let prompt = take(&mut input, "prompt", text).unwrap_or_default();
    body.remove("version");
    let mut request = ChatRequest {
        system: take(&mut input, "system_prompt", text),
        messages: vec![Message::text(Role::User, prompt)],
        stream: body.remove("stream") == Some(json!(true)),
        options: options(&mut input, "max_tokens", "top_p", "stop_sequences"),
        ..ChatRequest::default()
    };
    // What is particular to a model, as `-o 'input={"top_k": 50}'` would write it.
    if !input.is_empty() {
        body.insert("input".to_owned(), Value::Object(input));
    }
    request.options.extra = body;
    request
}
