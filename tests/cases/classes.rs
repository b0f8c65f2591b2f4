//! Cases 33 to 42 where they reach the user: what an error or an end means. The tables are beside the classes themselves.

use serde_json::{Value, json};

use super::{corp, told, walk};
use crate::support::answering::replies;
use crate::support::chain::{PROMPT, config};
use crate::support::odd::{STREAM, odd_first, respond, scripted};
use crate::support::parallel::each;
use crate::support::{Answering, Llmx, Server};

#[test]
fn case_33_a_spent_quota_is_asked_once_and_the_next_provider_serves() {
    let bodies = [
        (429, json!({"error": {"code": "insufficient_quota", "message": "You exceeded your current quota"}})),
        (400, json!({"error": {"type": "invalid_request_error", "message": "Your credit balance is too low"}})),
        (402, json!({"error": {"message": "Insufficient Balance"}})),
    ];
    for (status, body) in bodies {
        let spent = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n\r\n{body}", body.to_string().len());
        let server = scripted(respond(spent));
        let (code, object) = told(odd_first(&server, "openai-chat", ""));
        assert_eq!((code, walk(&object)), (0, vec!["odd/m quota_exhausted".into(), "healthy/m complete".to_owned()]));
    }
}

#[test]
fn case_37_an_overflow_inside_a_200_is_an_overflow() {
    let cases = [
        (
            "openai-chat",
            "data: {\"error\":{\"message\":\"too long\",\"type\":\"x\",\"code\":\"context_length_exceeded\"}}\n\n",
        ),
        // LM Studio.
        (
            "openai-chat",
            "event: error\ndata: {\"error\":{\"message\":\"Trying to keep the first 5000 tokens when context the \
             overflows. However, the model is loaded with context length of only 4096 tokens\"}}\n\n",
        ),
        (
            "anthropic",
            "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\
             \"message\":\"prompt is too long: 300 tokens > 200 maximum\"}}\n\n",
        ),
        (
            "gemini",
            "data: {\"error\":{\"code\":400,\"status\":\"INVALID_ARGUMENT\",\"message\":\"The input token count \
             (2000000) exceeds the maximum number of tokens allowed (1048576).\"}}\n\n",
        ),
        (
            "openai-responses",
            "event: error\ndata: {\"type\":\"error\",\"code\":\"context_length_exceeded\",\"message\":\"Your input \
             exceeds the context window of this model.\"}\n\n",
        ),
    ];
    each(&cases, |_, (wire, event)| {
        let server = scripted(respond(format!("{STREAM}{event}")));
        let (code, object) = told(odd_first(&server, wire, ""));
        assert_eq!((code, walk(&object)), (0, vec!["odd/m context_window".into(), "healthy/m complete".to_owned()]));
    });
}

/// The exit code and the object of a run whose answer ends with that word.
fn ends_with(word: &'static str) -> (i32, Value) {
    let server = Answering::start(move |_, _| replies(&json!({"role": "assistant", "content": "Half a"}), word));
    told(Llmx::new().config(&corp(&server, 1)).args(["complete", "hi"]))
}

#[test]
fn case_38_a_failure_told_as_a_finish_is_a_failure_in_the_providers_own_word() {
    let words =
        ["error", "network_error", "MALFORMED_FUNCTION_CALL", "insufficient_system_resource", "TIMEOUT", "OTHER"];
    for word in words {
        let (code, object) = ends_with(word);
        assert_eq!((code, walk(&object)), (9, vec!["corp/m1 incomplete_stream".to_owned()]), "{word}");
        assert_eq!(object["attempts"][0]["error"]["rule"], format!("finish `{word}`"));
    }
}

#[test]
fn case_39_recitation_ends_a_run_as_a_filter() {
    let (code, object) = ends_with("RECITATION");
    assert_eq!((code, walk(&object)), (8, vec!["corp/m1 content_filter".to_owned()]));
}

/// A run whose answer the limit of tokens cut, in that format: what was printed, what was warned of, and its finish.
fn cut_short(wire: &'static str, arguments: &[&str]) -> (String, String, Value) {
    let server = Server::start("short:length");
    let toml = config(&server, &[("short".to_owned(), wire)], "");
    let run = || Llmx::new().config(&toml).args(["complete", PROMPT]).args(arguments);
    let (code, object) = told(run());
    assert_eq!((code, &object["truncated"]), (0, &json!(true)), "{wire}");
    let output = run().run().expect_code(0);
    (output.stdout, output.stderr, object["finish"].clone())
}

#[test]
fn case_40_an_incomplete_response_of_max_output_tokens_is_an_answer_with_a_warning() {
    for arguments in [&[][..], &["-S"]] {
        let (answer, warning, finish) = cut_short("openai-responses", arguments);
        assert!(!answer.is_empty() && warning.contains("token limit"), "{warning}");
        let words = json!([finish["raw"], finish["detail"]]);
        assert!(finish["reason"] == "length" && words.to_string().contains("max_output_tokens"), "{finish}");
    }
}

#[test]
fn case_41_ollamas_length_is_the_limit_of_tokens() {
    for arguments in [&[][..], &["-S"]] {
        let (answer, warning, finish) = cut_short("ollama-chat", arguments);
        assert!(!answer.is_empty() && warning.contains("token limit"), "{warning}");
        assert_eq!((&finish["reason"], &finish["raw"]), (&json!("length"), &json!("length")));
    }
}

#[test]
fn case_42_a_finish_that_nobody_knows_passes_as_it_came() {
    let (code, object) = ends_with("zebra_crossing");
    assert_eq!((code, &object["text"]), (0, &json!("Half a")));
    assert_eq!((&object["finish"]["reason"], &object["finish"]["raw"]), (&json!("other"), &json!("zebra_crossing")));
}
