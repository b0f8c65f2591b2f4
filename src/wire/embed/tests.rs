//! Requests by format, responses of every shape, batches.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::failure::FailureClass;
use crate::provider::{Auth, Quirks};
use crate::wire::testing;

fn target(format: &str, base_url: &str) -> Target {
    let target = testing::target(base_url, Auth::Bearer, "m/1", Quirks::default());
    let provider = Provider { embeddings: Some(format.to_owned()), ..Provider::clone(&target.provider) };
    Target { provider: Arc::new(provider), ..target }
}

fn sent(format: &str, base_url: &str, request: &EmbedRequest) -> (String, String) {
    let target = target(format, base_url);
    let encoded = of(&target.provider).expect("a format").encode(&target, request);
    (encoded.url, encoded.body.to_string())
}

#[test]
fn every_format_asks_in_its_own_words() {
    let request = EmbedRequest {
        texts: vec!["a".to_owned()],
        dimensions: Some(8),
        purpose: Some(Purpose::Query),
        extra: Map::from_iter([("user".to_owned(), json!("me"))]),
    };
    let table = [
        ("openai-embeddings", "https://x/v1/embeddings", r#"{"model":"m/1","input":["a"],"dimensions":8,"user":"me"}"#),
        (
            "mistral-embeddings",
            "https://x/v1/embeddings",
            r#"{"model":"m/1","input":["a"],"output_dimension":8,"user":"me"}"#,
        ),
        (
            "perplexity-embeddings",
            "https://x/v1/embeddings",
            r#"{"model":"m/1","input":["a"],"dimensions":8,"user":"me"}"#,
        ),
        (
            "voyage-embeddings",
            "https://x/v1/embeddings",
            r#"{"model":"m/1","input":["a"],"output_dimension":8,"input_type":"query","user":"me"}"#,
        ),
        (
            "nvidia-embeddings",
            "https://x/v1/embeddings",
            r#"{"model":"m/1","input":["a"],"dimensions":8,"input_type":"query","user":"me"}"#,
        ),
        (
            "gemini-embed",
            "https://x/v1/models/m%2F1:batchEmbedContents",
            r#"{"requests":[{"model":"models/m/1","content":{"parts":[{"text":"a"}]},"outputDimensionality":8,"taskType":"RETRIEVAL_QUERY"}],"user":"me"}"#,
        ),
        (
            "cohere-embed",
            "https://x/v2/embed",
            r#"{"model":"m/1","texts":["a"],"output_dimension":8,"input_type":"search_query","embedding_types":["float"],"user":"me"}"#,
        ),
        ("ollama-embed", "https://x/api/embed", r#"{"model":"m/1","input":["a"],"dimensions":8,"user":"me"}"#),
    ];
    for (format, url, body) in table {
        assert_eq!(sent(format, "https://x/v1", &request), (url.to_owned(), body.to_owned()), "{format}");
    }
    let (url, body) = sent("vertex-predict-embed", "https://x", &request);
    assert!(url.ends_with("/publishers/google/models/m%2F1:predict"), "{url}");
    assert_eq!(
        body,
        r#"{"instances":[{"content":"a","task_type":"RETRIEVAL_QUERY"}],"parameters":{"outputDimensionality":8},"user":"me"}"#
    );
}

#[test]
fn nothing_is_sent_that_was_not_said_but_what_a_provider_demands() {
    let request = EmbedRequest { texts: vec!["a".to_owned()], ..EmbedRequest::default() };
    let body = |format| sent(format, "https://x", &request).1;
    assert_eq!(body("openai-embeddings"), r#"{"model":"m/1","input":["a"]}"#);
    assert!(body("cohere-embed").contains(r#""input_type":"search_document""#));
    assert!(body("nvidia-embeddings").contains(r#""input_type":"passage""#));
    assert!(!body("voyage-embeddings").contains("input_type"));
}

#[test]
fn a_deployment_has_its_embeddings_beside_its_chat() {
    let quirks = Quirks {
        path: Some("/openai/deployments/{model}/chat/completions?api-version=1".to_owned()),
        ..Quirks::default()
    };
    let target = testing::target("https://x", Auth::Bearer, "d", quirks);
    let request = EmbedRequest { texts: vec!["a".to_owned()], ..EmbedRequest::default() };
    let encoded = of(&target.provider).expect("a format").encode(&target, &request);
    assert_eq!(encoded.url, "https://x/openai/deployments/d/embeddings?api-version=1");
}

#[test]
fn a_row_says_its_format_or_that_there_is_none() {
    let with = |embeddings: Option<&str>, wire: &str| {
        let provider = testing::target("https://x", Auth::Bearer, "m", Quirks::default()).provider;
        let embeddings = embeddings.map(str::to_owned);
        of(&Provider { embeddings, wire: wire.to_owned(), ..Provider::clone(&provider) }).map(|format| format.name)
    };
    assert_eq!(with(None, "openai-chat"), Some("openai-embeddings"));
    assert_eq!(with(None, "gemini"), Some("gemini-embed"));
    assert_eq!(with(None, "anthropic"), None);
    assert_eq!(with(Some("none"), "openai-chat"), None);
    assert_eq!(with(Some("ollama-embed"), "openai-chat"), Some("ollama-embed"));
}

fn read(format: &str, body: &str) -> Result<Vec<Vec<f32>>, FailureClass> {
    let read = super::format(format).expect("a format").decode(body.as_bytes());
    read.map(|read| read.vectors).map_err(|failure| failure.class)
}

#[test]
fn vectors_are_found_in_every_shape() {
    let vectors = Ok(vec![vec![1.0, -2.0], vec![3.0, 4.5]]);
    for body in [
        r#"{"data":[{"index":1,"embedding":[3,4.5]},{"index":0,"embedding":[1,-2]}]}"#,
        r#"{"data":[{"embedding":"AACAPwAAAMA=","index":0},{"embedding":"AABAQAAAkEA","index":1}]}"#,
        r#"{"embeddings":[[1,-2],[3,4.5]]}"#,
        r#"{"embeddings":[{"values":[1,-2]},{"values":[3,4.5]}]}"#,
        r#"{"embeddings":{"int8":[[1],[2]],"float":[[1,-2],[3,4.5]],"new":7},"texts":["a","b"]}"#,
        r#"{"predictions":[{"embeddings":{"values":[1,-2],"statistics":{"token_count":1}}},{"embeddings":{"values":[3,4.5]}}]}"#,
    ] {
        assert_eq!(read("openai-embeddings", body), vectors, "{body}");
    }
    assert_eq!(read("gemini-embed", r#"{"embedding":{"values":[1]}}"#), Ok(vec![vec![1.0]]));
    assert_eq!(read("perplexity-embeddings", r#"{"data":[{"embedding":"1/8A"}]}"#), Ok(vec![vec![-41.0, -1.0, 0.0]]));
}

#[test]
fn what_is_no_set_of_vectors_is_refused() {
    let protocol = Err(FailureClass::Protocol);
    for body in [
        "{}",
        "[]",
        "<html>",
        r#"{"data":[]}"#,
        r#"{"data":[{"index":0}]}"#,
        r#"{"data":[{"embedding":[]}]}"#,
        r#"{"data":[{"embedding":[1]},{"embedding":[1,2]}]}"#,
        r#"{"data":[{"embedding":["x"]}]}"#,
        r#"{"data":[{"embedding":[1e300]}]}"#,
        r#"{"data":[{"embedding":"AAA!"}]}"#,
        r#"{"data":[{"embedding":"AACAPwA="}]}"#,
        r#"{"data":"soon"}"#,
    ] {
        assert_eq!(read("openai-embeddings", body), protocol, "{body}");
    }
    assert_eq!(read("openai-embeddings", r#"{"data":[{"embedding":[1,"#), Err(FailureClass::IncompleteStream));
    let told = read("openai-embeddings", r#"{"error":{"message":"no","code":"model_not_found"}}"#);
    assert_eq!(told, Err(FailureClass::ModelNotFound));
}

#[test]
fn tokens_and_cost_are_read_where_they_are_told() {
    let usage = |format: &str, body: &str| {
        let usage = super::format(format).expect("a format").decode(body.as_bytes()).expect("vectors").usage;
        (usage.input, usage.cost.map(crate::money::Usd::to_decimal))
    };
    let one = r#""data":[{"embedding":[1]}]"#;
    let plain = |usage: &str| format!("{{{one},\"usage\":{usage}}}");
    assert_eq!(usage("openai-embeddings", &plain(r#"{"prompt_tokens":3,"total_tokens":9}"#)), (Some(3), None));
    assert_eq!(usage("openai-embeddings", &plain(r#"{"total_tokens":9}"#)), (Some(9), None));
    assert_eq!(
        usage("openai-embeddings", &plain(r#"{"cost":{"total_cost":1.4e-7}}"#)),
        (None, Some("0.00000014".to_owned()))
    );
    assert_eq!(usage("ollama-embed", r#"{"embeddings":[[1]],"prompt_eval_count":4}"#), (Some(4), None));
    let counted = r#"{"predictions":[{"embeddings":{"values":[1],"statistics":{"token_count":2}}}]}"#;
    assert_eq!(usage("vertex-predict-embed", counted), (Some(2), None));
    assert_eq!(usage("gemini-embed", r#"{"embeddings":[{"values":[1]}]}"#), (None, None));
}

#[test]
fn texts_are_cut_into_batches_that_a_provider_takes() {
    let format = Format { batch: (2, 5), ..OPENAI };
    let batches = |texts: &[&str]| {
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        format.batches(&texts).into_iter().map(|range| range.len()).collect::<Vec<_>>()
    };
    assert_eq!(batches(&[]), Vec::<usize>::new());
    assert_eq!(batches(&["a", "b", "c"]), [2, 1]);
    assert_eq!(batches(&["abc", "def", "far too long", "g"]), [1, 1, 1, 1]);
    assert_eq!(batches(&["", "", ""]), [2, 1]);
}

#[test]
fn names_are_unique() {
    let mut names: Vec<_> = FORMATS.iter().map(|format| format.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), FORMATS.len());
    assert!(USUAL.iter().all(|(_, name)| super::format(name).is_some()));
}

proptest! {
    #[test]
    fn no_body_makes_it_panic(body in prop::collection::vec(any::<u8>(), 0..200), scraps in prop::collection::vec(SCRAPS, 0..20)) {
        for format in FORMATS {
            let _ = format.decode(&body);
            let _ = format.decode(scraps.concat().as_bytes());
        }
    }

    #[test]
    fn every_text_is_in_one_batch(lengths in prop::collection::vec(0_usize..40, 0..60)) {
        let texts: Vec<String> = lengths.iter().map(|length| "x".repeat(*length)).collect();
        let batches = Format { batch: (7, 50), ..OPENAI }.batches(&texts);
        prop_assert_eq!(batches.into_iter().flatten().collect::<Vec<_>>(), (0..texts.len()).collect::<Vec<_>>());
    }
}

const SCRAPS: &str = r#"\{"data":\[|\{"embeddings":|\{"embedding":|"predictions":|\[|\]|\{|\}|,|1e9|-1|null|"AACAPw=="|"float":|"values":|"index":0|"usage":\{"prompt_tokens":-1\}"#;
