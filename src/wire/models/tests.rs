//! Requests page by page, and lists of every shape.

use proptest::prelude::*;

use super::*;
use crate::catalog::Kind;
use crate::catalog::price::Unit;
use crate::failure::FailureClass;
use crate::provider::{Auth, Quirks};
use crate::wire::testing;

fn asked(name: &str, base_url: &str, page: Option<&str>) -> String {
    let provider = testing::target(base_url, Auth::Bearer, "m", Quirks::default()).provider;
    format(name).expect("a format").encode(&provider, page).url
}

#[test]
fn every_page_has_its_address() {
    for (name, base, first, second) in [
        ("openai-models", "https://x/v1", "https://x/v1/models", "https://x/v1/models?after=a%2Fb"),
        (
            "anthropic-models",
            "https://x",
            "https://x/v1/models?limit=1000",
            "https://x/v1/models?limit=1000&after_id=a%2Fb",
        ),
        (
            "gemini-models",
            "https://x",
            "https://x/v1beta/models?pageSize=1000",
            "https://x/v1beta/models?pageSize=1000&pageToken=a%2Fb",
        ),
        (
            "cohere-models",
            "https://x/compatibility/v1",
            "https://x/v1/models?page_size=1000",
            "https://x/v1/models?page_size=1000&page_token=a%2Fb",
        ),
        ("ollama-tags", "http://x:1/v1", "http://x:1/api/tags", "http://x:1/api/tags?after=a%2Fb"),
        (
            "cloudflare-models",
            "https://x/v4",
            "https://x/v4/accounts/{account}/ai/models/search?per_page=100",
            "https://x/v4/accounts/{account}/ai/models/search?per_page=100&page=a%2Fb",
        ),
        ("github-models", "https://x/inference", "https://x/catalog/models", "https://x/catalog/models?after=a%2Fb"),
    ] {
        assert_eq!(asked(name, base, None), first);
        assert_eq!(asked(name, base, Some("a/b")), second);
    }
}

#[test]
fn anthropic_is_told_the_version() {
    let provider = testing::target("https://x", Auth::Bearer, "m", Quirks::default()).provider;
    let request = format("anthropic-models").expect("a format").encode(&provider, None);
    let headers = testing::headers(&request);
    assert!(headers.contains(&"anthropic-version: 2023-06-01".to_owned()), "{headers:?}");
    assert!(!headers.iter().any(|header| header.starts_with("content-type")), "{headers:?}");
}

fn page(name: &str, body: &str) -> Result<(Vec<String>, Option<String>), FailureClass> {
    let page = format(name).expect("a format").decode(body.as_bytes()).map_err(|failure| failure.class)?;
    Ok((page.models.into_iter().map(|listed| listed.model.id).collect(), page.next))
}

#[test]
fn lists_are_found_in_every_shape() {
    let list = |ids: &[&str], next: Option<&str>| {
        Ok((ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>(), next.map(str::to_owned)))
    };
    for (name, body, expected) in [
        ("openai-models", r#"{"data":[{"id":"a"},{"name":"b"},{"id":""},{},7]}"#, list(&["a", "b"], None)),
        ("openai-models", r#"[{"id":"a"},"b"]"#, list(&["a", "b"], None)),
        ("openai-models", r#"{"data":[]}"#, list(&[], None)),
        ("openai-models", r#"{"data":[{"id":"a"}],"has_more":true,"last_id":"a"}"#, list(&["a"], Some("a"))),
        ("openai-models", r#"{"data":[{"id":"a"}],"has_more":false,"last_id":"a"}"#, list(&["a"], None)),
        ("gemini-models", r#"{"models":[{"name":"models/a"}],"nextPageToken":"t"}"#, list(&["a"], Some("t"))),
        ("gemini-models", r#"{"models":[{"name":"a"}],"nextPageToken":""}"#, list(&["a"], None)),
        ("ollama-tags", r#"{"models":[{"name":"a:1b","model":"x"}]}"#, list(&["a:1b"], None)),
        (
            "cloudflare-models",
            r#"{"result":[{"id":"u","name":"@cf/a"}],"result_info":{"count":1,"page":1,"per_page":1}}"#,
            list(&["@cf/a"], Some("2")),
        ),
        ("openai-models", "{}", Err(FailureClass::Protocol)),
        ("openai-models", "<html>", Err(FailureClass::Protocol)),
        ("openai-models", " ", Err(FailureClass::Protocol)),
        ("openai-models", r#"{"error":{"type":"authentication_error"}}"#, Err(FailureClass::Auth)),
        ("openai-models", r#"{"data":[{"id""#, Err(FailureClass::IncompleteStream)),
    ] {
        assert_eq!(page(name, body), expected, "{body}");
    }
}

#[test]
fn a_list_that_is_not_there_is_no_missing_model() {
    let failure = |status, body: &[u8]| OPENAI.failure(&ResponseHead { status, headers: Vec::new() }, body);
    let missing = failure(404, b"{\"error\":{\"message\":\"Not Found\"}}");
    let words = "there is no list of models at this address: Not Found";
    assert_eq!((missing.class, missing.message.as_deref()), (FailureClass::Protocol, Some(words)));
    assert_eq!(failure(401, b"").class, FailureClass::Auth);
}

fn told(entry: &str) -> Listed {
    let page = format("openai-models").expect("a format").decode(format!("[{entry}]").as_bytes()).expect("a list");
    page.models.into_iter().next().expect("a model")
}

#[test]
fn prices_count_only_where_their_unit_is_known() {
    let rates = |entry: &str| {
        let pricing = told(&format!(r#"{{"id":"m",{entry}}}"#)).model.pricing?;
        let rate = |unit| pricing.standard.rates.get(unit).map(crate::money::Rate::per_million);
        Some((rate(Unit::Input)?, rate(Unit::Output)))
    };
    let price = |input: &str, output: &str| Some((input.to_owned(), Some(output.to_owned())));
    assert_eq!(rates(r#""pricing":{"prompt":"0.0000001","completion":"0.0000005"}"#), price("0.1", "0.5"));
    assert_eq!(rates(r#""pricing":{"input":10,"output":50.5,"unit":"usd_per_1m_tokens"}"#), price("10", "50.5"));
    assert_eq!(
        rates(r#""model_spec":{"pricing":{"input":{"usd":0.182},"output":{"usd":0.373}}}"#),
        price("0.182", "0.373")
    );
    for unknown in [
        r#""pricing":{"input":10,"output":50}"#,
        r#""pricing":{"prompt":"0","completion":"0"}"#,
        r#""pricing":{"prompt":"-1","completion":"-1"}"#,
        r#""pricing":{"prompt":"cheap"}"#,
        r#""pricing":null"#,
    ] {
        assert_eq!(rates(unknown), None, "{unknown}");
    }
}

#[test]
fn what_a_model_is_for_is_told_by_its_list_or_its_name() {
    for (entry, sort, kind) in [
        (r#"{"id":"gpt-9"}"#, Sort::Unknown, Kind::Chat),
        (r#"{"id":"text-embedding-9"}"#, Sort::Known, Kind::Embedding),
        (r#"{"id":"whisper-1"}"#, Sort::Other, Kind::Chat),
        (r#"{"id":"m","type":"model"}"#, Sort::Unknown, Kind::Chat),
        (r#"{"id":"m","type":"embedding"}"#, Sort::Known, Kind::Embedding),
        (r#"{"id":"m","endpoints":["rerank"]}"#, Sort::Other, Kind::Chat),
        (r#"{"id":"m","endpoints":["embed","chat"]}"#, Sort::Known, Kind::Chat),
        (r#"{"id":"m","supportedGenerationMethods":["embedContent"]}"#, Sort::Known, Kind::Embedding),
        (r#"{"id":"m","capabilities":{"completion_chat":false}}"#, Sort::Other, Kind::Chat),
    ] {
        let listed = told(entry);
        assert_eq!((listed.sort, listed.model.kind), (sort, kind), "{entry}");
    }
}

#[test]
fn abilities_are_known_to_be_there_known_to_lack_or_unknown() {
    let tools = |entry: &str| told(entry).model.abilities.tools;
    assert_eq!(tools(r#"{"id":"m","supported_parameters":["tools"]}"#), Some(true));
    assert_eq!(tools(r#"{"id":"m","supported_parameters":[]}"#), Some(false));
    assert_eq!(tools(r#"{"id":"m"}"#), None);
    assert_eq!(
        told(r#"{"id":"m","deprecation":"2027-01-02T00:00:00Z"}"#).model.deprecates.as_deref(),
        Some("2027-01-02")
    );
    assert_eq!(told(r#"{"id":"m","deprecation":"soon, maybe"}"#).model.deprecates, None);
    assert_eq!(told(r#"{"id":"m","context_length":0,"max_model_len":9}"#).model.context, None);
}

proptest! {
    #[test]
    fn no_body_makes_it_panic(body in prop::collection::vec(any::<u8>(), 0..200), scraps in prop::collection::vec(SCRAPS, 0..20)) {
        for format in FORMATS {
            let _ = format.decode(&body);
            let _ = format.decode(scraps.concat().as_bytes());
        }
    }
}

const SCRAPS: &str = r#"\{"data":\[|\{"id":"é"|"pricing":\{"prompt":"9e99"\}|"deprecation":"é€漢字漢字"|\[|\]|\{|\}|,|1e9|-1|null|"result_info":\{"count":18446744073709551615,"per_page":0,"page":18446744073709551615\}"#;
