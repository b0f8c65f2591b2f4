//! Embeddings through the transport: batches, counts that do not fit, refusals, keys.

use std::sync::Arc;

use llmx::exec::embed::embed;
use llmx::exec::transport::Transport;
use llmx::failure::{Failure, FailureClass};
use llmx::provider::{KeyState, Row, Target, TargetId};
use llmx::secret::Secret;
use llmx::sim::{Options, Script};
use llmx::wire::embed::{EmbedRequest, Embeddings};
use serde_json::{Value, json};

use crate::support::Server;

/// Ten texts are what this format sends at once.
const FORMAT: &str = "dashscope-embeddings";

fn vectors(count: usize, usage: &Value) -> String {
    let data: Vec<Value> = (0..count).map(|index| json!({"index": index, "embedding": [index, 1]})).collect();
    json!({"data": data, "usage": usage}).to_string()
}

/// Embeds so many texts with a server that gives this response to each request.
fn embedded(texts: usize, status: &str, body: &str) -> Result<Embeddings, Failure> {
    let head = format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\nconnection: close\r\n");
    let script = Script::default().read_request().send(format!("{head}content-length: {}\r\n\r\n{body}", body.len()));
    let server =
        Server::with("", Options { scripts: vec![("corp".to_owned(), script)], instant: true, ..Options::default() });
    let row = Row {
        base_url: Some(server.base_url("corp", "openai-chat")),
        embeddings: Some(FORMAT.to_owned()),
        ..Row::default()
    };
    let provider = Arc::new(row.into_provider("corp", &|_| None).expect("a provider"));
    let target =
        Target { id: TargetId::new("corp", "m"), provider, model: None, key: KeyState::NotNeeded, keys: Vec::new() };
    let request = EmbedRequest { texts: vec!["text".to_owned(); texts], ..EmbedRequest::default() };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(embed(&Transport::default(), &target, Some(&Secret::new("the-key")), &request))
}

#[test]
fn many_texts_are_embedded_in_batches_and_their_usage_is_summed() {
    let whole = embedded(20, "200 OK", &vectors(10, &json!({"prompt_tokens": 7}))).expect("vectors");
    assert_eq!((whole.vectors.len(), whole.usage.input), (20, Some(14)));
    assert_eq!(whole.vectors[13], [3.0, 1.0]);
    let uncounted = embedded(20, "200 OK", &vectors(10, &Value::Null)).expect("vectors");
    assert_eq!(uncounted.usage.input, None);
    assert_eq!(embedded(0, "200 OK", "").expect("nothing to ask").vectors.len(), 0);
}

#[test]
fn too_few_vectors_are_a_failure() {
    let failure = embedded(3, "200 OK", &vectors(2, &Value::Null)).expect_err("too few");
    assert_eq!(
        (failure.class, failure.message.as_deref()),
        (FailureClass::Protocol, Some("2 vectors came for 3 texts"))
    );
}

#[test]
fn a_refusal_is_told_without_the_key() {
    let body = r#"{"error":{"message":"Incorrect API key provided: the-key","code":"invalid_api_key"}}"#;
    let failure = embedded(1, "401 Unauthorized", body).expect_err("refused");
    assert_eq!((failure.class, failure.status), (FailureClass::Auth, Some(401)));
    assert!(!failure.message.expect("words").contains("the-key"));
}
