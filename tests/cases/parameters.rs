//! Cases 54 and 55: what a provider does not take as it was said is said in its way.

use std::sync::Arc;

use llmx::chat::{AnswerForm, ChatRequest, Message, Options, Part, Role, Schema, Tool, ToolCall, ToolResult};
use llmx::provider::{KeyState, Target, TargetId, builtin};
use llmx::wire::codec;
use serde_json::{Value, json};

use super::corp;
use crate::support::answering::{refuses, says};
use crate::support::{Answering, Home};

#[test]
fn case_54_every_parameter_that_is_refused_is_mended_once_in_one_run() {
    let server = Answering::start(|_, body| match body {
        _ if body.get("max_tokens").is_some() => refuses("max_tokens", Some("max_completion_tokens")),
        _ if body.get("temperature").is_some() => refuses("temperature", None),
        _ if body.get("stop").is_some() => refuses("stop", None),
        _ => says("hello"),
    });
    let home = Home::new();
    home.write_config(&corp(&server, 1));
    let options = ["--max-tokens", "50", "--temperature", "1", "--stop", "END"];
    let output = home.llmx().args(["complete", "hi"]).args(options).run().expect_code(0);
    let sent = server.requests();
    assert_eq!((sent.len(), output.stdout.as_str()), (4, "hello\n"), "{}", output.stderr);
    assert_eq!(sent[3]["max_completion_tokens"], 50);
    for words in ["max_tokens is sent as max_completion_tokens", "temperature is left out", "stop is left out"] {
        assert!(output.stderr.contains(words), "{words}: {}", output.stderr);
    }
    home.llmx().args(["complete", "hi"]).args(options).run().expect_code(0);
    assert_eq!(server.requests().len(), 5, "the next run knows all three");
}

/// The body for a model of a built-in provider.
fn body(provider: &str, request: &ChatRequest) -> Value {
    let (name, row) = builtin().into_iter().find(|(name, _)| name == provider).expect("built in");
    let provider = row.into_provider(&name, &|_| None).expect("a sound row");
    let id = TargetId::new(name, "m");
    let target = Target { id, provider: Arc::new(provider), model: None, key: KeyState::NotNeeded, keys: Vec::new() };
    codec(target.wire()).expect("a codec").encode(&target, request).body
}

#[test]
fn case_55_each_provider_is_sent_what_it_demands() {
    let schema = json!({"type": "object", "additionalProperties": false, "required": ["a"],
                        "properties": {"a": {"$ref": "#/$defs/a"}}, "$defs": {"a": {"type": "integer"}}});
    let form = Schema { name: "answer".to_owned(), schema: schema.clone(), strict: Some(true), ..Schema::default() };
    let id = Some("call_0123456789abcdef".to_owned());
    let call = ToolCall { id: id.clone(), name: "f".to_owned(), arguments: "{}".to_owned(), seal: None };
    let result = ToolResult { call: id, name: None, content: "4".to_owned(), is_error: false };
    let request = ChatRequest {
        messages: vec![
            Message { role: Role::Assistant, parts: vec![Part::ToolCall(call)] },
            Message { role: Role::User, parts: vec![Part::ToolResult(result)] },
        ],
        tools: vec![Tool { name: "f".to_owned(), parameters: schema.clone(), ..Tool::default() }],
        form: Some(AnswerForm::Schema(form)),
        options: Options { seed: Some(7), max_tokens: Some(9), ..Options::default() },
        stream: true,
        ..ChatRequest::default()
    };
    let mistral = body("mistral", &request);
    let (called, answered) = (&mistral["messages"][0]["tool_calls"][0]["id"], &mistral["messages"][1]["tool_call_id"]);
    let nine = called.as_str().is_some_and(|id| id.len() == 9 && id.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    assert!(nine && called == answered, "{mistral}");
    assert_eq!((&mistral["random_seed"], mistral.get("seed"), mistral.get("stream_options")), (&json!(7), None, None));
    let named = &mistral["response_format"]["json_schema"];
    assert_eq!((&named["name"], &named["strict"], &named["schema"]), (&json!("answer"), &json!(true), &schema));
    // `parameters` and `responseSchema` know neither `$ref` nor `additionalProperties`; these two take a schema whole.
    let gemini = body("gemini", &request);
    assert_eq!(gemini["tools"][0]["functionDeclarations"][0]["parametersJsonSchema"], schema, "{gemini}");
    assert_eq!(gemini["generationConfig"]["responseJsonSchema"], schema, "{gemini}");
    let openai = body("openai", &request);
    assert_eq!((&openai["max_completion_tokens"], openai.get("max_tokens")), (&json!(9), None));
    let cerebras = body("cerebras", &request);
    assert_eq!((&cerebras["max_tokens"], &cerebras["seed"]), (&json!(9), &json!(7)), "{cerebras}");
}
