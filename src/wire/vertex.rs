//! Google's Vertex AI: Gemini (`vertex-gemini`) and Claude (`vertex-anthropic`) under the addresses of a project and a
//! location. Bodies and replies are those of the two formats; Claude's body names a version instead of the model.
//!
//! <https://docs.cloud.google.com/vertex-ai/generative-ai/docs/learn/locations>

use serde_json::{Value, json};

use super::{Codec, Decoder, Features, HttpRequest, ResponseHead, anthropic, classify, gemini, post};
use crate::chat::ChatRequest;
use crate::failure::Failure;
use crate::provider::{Provider, Target};

/// The address of the location `global`, which the provider's row has for all of them.
const GLOBAL: &str = "https://aiplatform.googleapis.com";

/// Locations that span several regions have a host of their own shape.
const MULTI_REGIONS: &[&str] = &["us", "eu"];

/// The version of Anthropic's format that Vertex AI speaks, sent in the body.
const ANTHROPIC_VERSION: &str = "vertex-2023-10-16";

/// What the paths of both formats have places for.
const PARAMETERS: &[(&str, Option<&str>)] = &[("project", None), ("location", Some("global"))];

/// The codec for Gemini.
pub struct VertexGemini;

impl Codec for VertexGemini {
    fn name(&self) -> &'static str {
        "vertex-gemini"
    }

    fn features(&self) -> Features {
        gemini::FEATURES
    }

    fn parameters(&self) -> &'static [(&'static str, Option<&'static str>)] {
        PARAMETERS
    }

    fn encode(&self, target: &Target, request: &ChatRequest) -> HttpRequest {
        let method = if request.stream { "streamGenerateContent?alt=sse" } else { "generateContent" };
        post_to(target, "google", method, request.stream, gemini::body(target, request))
    }

    fn decoder(&self, _target: &Target, head: &ResponseHead) -> Box<dyn Decoder + Send> {
        gemini::decoder(head)
    }

    fn failure(&self, _target: &Target, head: &ResponseHead, body: &[u8]) -> Failure {
        classify::http_failure(head, body)
    }
}

/// The codec for Claude.
pub struct VertexAnthropic;

impl Codec for VertexAnthropic {
    fn name(&self) -> &'static str {
        "vertex-anthropic"
    }

    fn features(&self) -> Features {
        anthropic::FEATURES
    }

    fn parameters(&self) -> &'static [(&'static str, Option<&'static str>)] {
        PARAMETERS
    }

    fn encode(&self, target: &Target, request: &ChatRequest) -> HttpRequest {
        let method = if request.stream { "streamRawPredict" } else { "rawPredict" };
        let body = anthropic::body_after("anthropic_version", json!(ANTHROPIC_VERSION), target, request);
        post_to(target, "anthropic", method, request.stream, body)
    }

    fn decoder(&self, _target: &Target, head: &ResponseHead) -> Box<dyn Decoder + Send> {
        anthropic::decoder(head)
    }

    fn failure(&self, _target: &Target, head: &ResponseHead, body: &[u8]) -> Failure {
        classify::http_failure(head, body)
    }
}

fn post_to(target: &Target, publisher: &str, method: &str, stream: bool, body: Value) -> HttpRequest {
    let path =
        format!("/v1/projects/{{project}}/locations/{{location}}/publishers/{publisher}/models/{{model}}:{method}");
    at_location(post(target, &path, stream, body), &target.provider)
}

/// The request, sent to the host that serves the provider's location.
pub(super) fn at_location(request: HttpRequest, provider: &Provider) -> HttpRequest {
    let location = provider.parameters.get("location").map_or("global", String::as_str);
    match request.url.strip_prefix(GLOBAL).filter(|rest| rest.starts_with('/')) {
        Some(rest) => HttpRequest { url: format!("{}{rest}", origin(location)), ..request },
        None => request,
    }
}

/// The origin that serves a location. An address that the user set is left as it is.
fn origin(location: &str) -> String {
    let sound = location.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    match location {
        "global" | "" => GLOBAL.to_owned(),
        _ if !sound => GLOBAL.to_owned(),
        _ if MULTI_REGIONS.contains(&location) => format!("https://aiplatform.{location}.rep.googleapis.com"),
        region => format!("https://{region}-aiplatform.googleapis.com"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::chat::{Message, Role};
    use crate::provider::{KeyState, TargetId, builtin};
    use crate::wire::embed::{self, EmbedRequest};
    use crate::wire::testing::text;

    fn vertex(location: Option<&'static str>) -> Provider {
        let (_, row) = builtin().into_iter().find(|(name, _)| name == "vertex").expect("the row");
        let variable = |name: &str| match name {
            "GOOGLE_CLOUD_PROJECT" => Some("my-project".to_owned()),
            "GOOGLE_CLOUD_LOCATION" => location.map(str::to_owned),
            _ => None,
        };
        row.into_provider("vertex", &variable).expect("sound")
    }

    fn encode(provider: Provider, model: &str, stream: bool) -> HttpRequest {
        let id = TargetId::new("vertex", model);
        let target =
            Target { id, provider: Arc::new(provider), model: None, key: KeyState::NotNeeded, keys: Vec::new() };
        let request = ChatRequest { messages: vec![Message::text(Role::User, "Hi")], stream, ..ChatRequest::default() };
        crate::wire::codec(target.wire()).expect("a codec").encode(&target, &request)
    }

    #[test]
    fn gemini_is_asked_under_project_and_location() {
        let request = encode(vertex(None), "gemini-3-flash", false);
        let expected = "https://aiplatform.googleapis.com/v1/projects/my-project/locations/global/publishers/google/models/gemini-3-flash:generateContent";
        assert_eq!(request.url, expected);
        assert_eq!(text(&request.body), r#"{"contents":[{"role":"user","parts":[{"text":"Hi"}]}]}"#);
        let url = encode(vertex(None), "gemini-3-flash", true).url;
        assert!(url.ends_with(":streamGenerateContent?alt=sse"), "{url}");
    }

    #[test]
    fn claude_is_asked_with_a_version_and_without_a_model() {
        let request = encode(vertex(Some("us-east5")), "claude-sonnet-4-5@20250929", true);
        let expected = "https://us-east5-aiplatform.googleapis.com/v1/projects/my-project/locations/us-east5/publishers/anthropic/models/claude-sonnet-4-5@20250929:streamRawPredict";
        assert_eq!(request.url, expected);
        let expected = r#"{"anthropic_version":"vertex-2023-10-16","max_tokens":8192,"messages":[{"role":"user","content":"Hi"}],"stream":true}"#;
        assert_eq!(text(&request.body), expected);
        assert!(encode(vertex(None), "claude-x", false).url.ends_with("/claude-x:rawPredict"));
    }

    #[test]
    fn the_location_decides_the_host() {
        for (location, expected) in [
            ("global", "https://aiplatform.googleapis.com/"),
            ("europe-west4", "https://europe-west4-aiplatform.googleapis.com/"),
            ("eu", "https://aiplatform.eu.rep.googleapis.com/"),
        ] {
            let provider = vertex(Some(location));
            let url = encode(provider.clone(), "gemini-3-flash", false).url;
            assert!(url.starts_with(expected), "{location}: {url}");
            let id = TargetId::new("vertex", "text-embedding-005");
            let format = embed::of(&provider).expect("a format of embeddings");
            let target =
                Target { id, provider: Arc::new(provider), model: None, key: KeyState::NotNeeded, keys: Vec::new() };
            let url = format.encode(&target, &EmbedRequest::default()).url;
            assert!(url.starts_with(expected), "{location}: {url}");
        }
    }

    #[test]
    fn an_address_that_the_user_set_stays() {
        let moved = Provider { base_url: "http://127.0.0.1:1/v1beta1".to_owned(), ..vertex(Some("us-east5")) };
        let url = encode(moved, "gemini-3-flash", false).url;
        let expected = "http://127.0.0.1:1/v1beta1/projects/my-project/locations/us-east5/publishers/google/models/";
        assert!(url.starts_with(expected), "{url}");
    }
}
