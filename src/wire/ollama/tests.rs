use super::*;
use crate::chat::{Media, Schema, Tool, ToolCall};
use crate::failure::FailureClass;
use crate::provider::{Auth, Quirks};
use crate::wire::testing::{conversation, decode, target};

fn sent(request: &ChatRequest) -> Value {
    Ollama.encode(&target("http://127.0.0.1:11434", Auth::None, "m", Quirks::default()), request).body
}

#[test]
fn the_address_of_the_openai_format_leads_to_the_own_one() {
    for base in ["http://127.0.0.1:11434", "http://127.0.0.1:11434/v1"] {
        let target = target(base, Auth::None, "m", Quirks::default());
        assert_eq!(Ollama.encode(&target, &conversation()).url, "http://127.0.0.1:11434/api/chat");
    }
}

#[test]
fn options_stand_where_ollama_looks_for_them() {
    let mut request = conversation();
    request.options.max_tokens = Some(5);
    let extra = json!({"num_ctx": 8192, "keep_alive": "10m", "options": {"top_k": 3}});
    request.options.extra = extra.as_object().cloned().unwrap_or_default();
    let body = sent(&request);
    assert_eq!(body["options"], json!({"num_predict": 5, "num_ctx": 8192, "top_k": 3}));
    assert_eq!((&body["keep_alive"], body.get("num_ctx")), (&json!("10m"), None));
    assert_eq!(body["stream"], json!(false), "unsaid, it would stream");
}

#[test]
fn case_36_a_prompt_that_does_not_fit_is_to_be_an_error() {
    assert_eq!(sent(&conversation())["truncate"], json!(false));
    let head = ResponseHead { status: 400, ..ResponseHead::default() };
    let target = target("http://x", Auth::None, "m", Quirks::default());
    for words in ["the input length exceeds the context length", "input length exceeds the context length"] {
        let failure = Ollama.failure(&target, &head, json!({"error": words}).to_string().as_bytes());
        assert_eq!(failure.class, FailureClass::ContextWindow, "{words}");
    }
}

#[test]
fn effort_is_on_off_or_a_degree_and_a_schema_is_the_format() {
    for (effort, expected) in [("none", json!(false)), ("true", json!(true)), ("high", json!("high"))] {
        let mut request = conversation();
        request.options.reasoning_effort = Some(effort.to_owned());
        assert_eq!(sent(&request)["think"], expected);
    }
    let schema = Schema { schema: json!({"type": "object"}), ..Schema::default() };
    let form = |form| sent(&ChatRequest { form: Some(form), ..conversation() })["format"].clone();
    assert_eq!((form(AnswerForm::Json), form(AnswerForm::Schema(schema))), (json!("json"), json!({"type": "object"})));
}

#[test]
fn images_arguments_and_results_have_this_formats_shapes() {
    let source = MediaSource::Base64("QQ==".to_owned());
    let media = Media { media_type: "image/png".to_owned(), name: None, source };
    let call = ToolCall { name: "f".to_owned(), arguments: "{\"x\":1}".to_owned(), ..ToolCall::default() };
    let result = ToolResult { name: Some("f".to_owned()), content: "2".to_owned(), ..ToolResult::default() };
    let turn = |role, part| Message { role, parts: vec![part] };
    let messages = vec![
        Message { role: Role::User, parts: vec![Part::Text("What?".to_owned()), Part::Media(media)] },
        turn(Role::Assistant, Part::ToolCall(call)),
        turn(Role::User, Part::ToolResult(result)),
    ];
    let tools = vec![Tool { name: "f".to_owned(), ..Tool::default() }];
    let body = sent(&ChatRequest { messages, tools, ..ChatRequest::default() });
    assert_eq!(body["messages"][0], json!({"role": "user", "content": "What?", "images": ["QQ=="]}));
    assert_eq!(body["messages"][1]["tool_calls"][0]["function"], json!({"name": "f", "arguments": {"x": 1}}));
    assert_eq!(body["messages"][2], json!({"role": "tool", "content": "2", "tool_name": "f"}));
    assert_eq!(body["tools"], json!([{"type": "function", "function": {"name": "f"}}]));
}

#[test]
fn lines_are_read_as_they_come_and_one_body_too() {
    let last = r#""message":{"content":"!"},"done":true,"done_reason":"stop","eval_count":2"#;
    let lines = format!("{{\"model\":\"m\",\"message\":{{\"content\":\"Hi\"}},\"done\":false}}\n\n{{{last}}}\n");
    let laid_out = format!("{{\n \"model\": \"m\",\n {}\n}}", last.replace("\"!\"", "\"Hi!\""));
    for body in [lines, laid_out] {
        let (reply, result) = decode(&Ollama, Quirks::default(), &body);
        assert_eq!((reply.text.as_str(), result), ("Hi!", Ok(())), "{body}");
        let usage = reply.usage.expect("counted");
        assert_eq!((usage.input, usage.output), (None, Some(2)), "a prompt from the cache is not counted");
    }
}

#[test]
fn calls_without_ids_are_calls_of_their_own() {
    let call = |name: &str| json!({"function": {"name": name, "arguments": {"x": 1}}});
    let body =
        json!({"message": {"content": "", "tool_calls": [call("f"), call("f")]}, "done": true, "done_reason": "stop"});
    let (reply, _) = decode(&Ollama, Quirks::default(), &body.to_string());
    assert_eq!(reply.tool_calls.len(), 2);
    assert_eq!(reply.tool_calls[1].parsed(), Some(json!({"x": 1})));
    assert_eq!(reply.finish.map(|finish| finish.reason), Some(crate::chat::FinishReason::ToolCalls));
}

#[test]
fn case_47_an_error_in_the_middle_and_a_cut_are_failures() {
    let said = "{\"message\":{\"content\":\"Hi\"},\"done\":false}\n";
    for (rest, class) in [
        ("{\"error\":\"an error was encountered while running the model\"}\n", FailureClass::ServerError),
        ("{\"error\":\"unexpected EOF\"}", FailureClass::ServerError),
        ("{\"message\":{\"content\":\"", FailureClass::IncompleteStream),
        ("", FailureClass::IncompleteStream),
        ("oops\n", FailureClass::Protocol),
    ] {
        let (reply, result) = decode(&Ollama, Quirks::default(), &format!("{said}{rest}"));
        assert_eq!(result.map_err(|failure| failure.class), Err(class), "{rest}");
        assert_eq!(reply.text, "Hi");
    }
}
