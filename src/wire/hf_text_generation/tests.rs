use super::*;
use crate::chat::FinishReason;
use crate::failure::FailureClass;
use crate::provider::{Auth, Quirks};
use crate::wire::testing::{conversation, decode, stream, target};

#[test]
fn the_router_and_a_server_of_ones_own_have_their_paths() {
    let url = |base: &str, path: Option<&str>| {
        let quirks = Quirks { path: path.map(str::to_owned), ..Quirks::default() };
        TextGeneration.encode(&target(base, Auth::Bearer, "o/m", quirks), &conversation()).url
    };
    let router = "https://router.huggingface.co/hf-inference/models/o/m";
    assert_eq!(url("https://router.huggingface.co/v1", None), router);
    assert_eq!(url("http://127.0.0.1:8080", Some("/")), "http://127.0.0.1:8080/");
}

#[test]
fn the_answer_is_asked_for_without_the_prompt() {
    let mut request = ChatRequest { stream: true, ..conversation() };
    request.options.max_tokens = Some(5);
    request.options.extra = json!({"top_k": 3}).as_object().cloned().unwrap_or_default();
    let body = TextGeneration.encode(&target("https://x", Auth::Bearer, "m", Quirks::default()), &request).body;
    let prompt = "Be brief.\n\nUser: Hi\n\nAssistant: Hello\n\nUser: Ünï?\n\nAssistant:";
    let parameters = json!({"return_full_text": false, "max_new_tokens": 5, "top_k": 3});
    assert_eq!(body, json!({"inputs": prompt, "parameters": parameters, "stream": true}));
}

#[test]
fn tokens_are_read_and_special_ones_passed_over() {
    let (reply, result) = stream(
        &TextGeneration,
        Quirks::default(),
        &[
            r#"{"token":{"text":"Hi","special":false},"generated_text":null,"details":null}"#,
            r#"{"token":{"text":"</s>","special":true},"generated_text":"Hi","details":{"finish_reason":"eos_token","generated_tokens":2}}"#,
        ],
    );
    assert_eq!((reply.text.as_str(), result), ("Hi", Ok(())));
    assert_eq!(reply.finish.map(|finish| finish.reason), Some(FinishReason::Stop));
    assert_eq!(reply.usage.and_then(|usage| usage.output), Some(2));
}

#[test]
fn a_stream_without_details_ends_with_its_whole_text() {
    let token = r#"{"token":{"text":"Hi","special":false},"generated_text":null,"details":null}"#;
    let last = r#"{"token":{"text":"!","special":false},"generated_text":"Hi!","details":null}"#;
    let (reply, result) = stream(&TextGeneration, Quirks::default(), &[token, last]);
    assert_eq!((reply.text.as_str(), result), ("Hi!", Ok(())));
    let (_, result) = stream(&TextGeneration, Quirks::default(), &[token]);
    assert_eq!(result.map_err(|failure| failure.class), Err(FailureClass::IncompleteStream));
}

#[test]
fn a_list_and_a_single_answer_are_read_and_nothing_else_is() {
    for (body, expected) in [
        (r#"[{"generated_text":"Hi"}]"#, Ok(())),
        (r#"{"generated_text":"Hi"}"#, Ok(())),
        (r#"{"error":"Model is overloaded"}"#, Err(FailureClass::Overloaded)),
        (r#"{"x":1}"#, Err(FailureClass::Protocol)),
        (r#"[{"generated_text":"#, Err(FailureClass::IncompleteStream)),
    ] {
        let result = decode(&TextGeneration, Quirks::default(), body).1;
        assert_eq!(result.map_err(|failure| failure.class), expected, "{body}");
    }
}
