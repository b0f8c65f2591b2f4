//! Recorded requests for text generation at Hugging Face.

use llmx::chat::{ChatRequest, Message, Role};
use serde_json::{Map, Value, json};

use super::conversation::{SAYS_NOTHING, options, take};
use super::{Difference, Reader};
use crate::wire::recording::Recording;

pub const TEXT_GENERATION: Reader = Reader {
    codec: "hf-text-generation",
    read,
    differences: &[
        Difference {
            reason: "the model stands in the address; a copy in the body is not read",
            settle: |_, recorded| drop(recorded.as_object_mut().map(|body| body.remove("model"))),
        },
        Difference {
            reason: "llmx asks for the answer without the prompt in front of it",
            settle: |sent, recorded| {
                if recorded["parameters"].get("return_full_text").is_none() {
                    sent["parameters"].as_object_mut().map(|parameters| parameters.remove("return_full_text"));
                }
            },
        },
        SAYS_NOTHING,
    ],
};

fn read(_: &Recording, mut body: Map<String, Value>) -> ChatRequest {
    body.remove("model");
    let mut parameters = take(&mut body, "parameters", |members| members.as_object().cloned()).unwrap_or_default();
    let prompt = take(&mut body, "inputs", |inputs| inputs.as_str().map(str::to_owned)).unwrap_or_default();
    let mut request = ChatRequest {
        messages: vec![Message::text(Role::User, prompt)],
        stream: take(&mut body, "stream", Value::as_bool).unwrap_or_default(),
        options: options(&mut parameters, "max_new_tokens", "top_p", "stop"),
        ..ChatRequest::default()
    };
    // As `-o 'parameters={"top_k": 50}'` would write it.
    if !parameters.is_empty() {
        body.insert("parameters".to_owned(), json!(parameters));
    }
    request.options.extra = body;
    request
}
