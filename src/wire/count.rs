//! Counts of a prompt's tokens by the provider, where it gives them free of charge. A format is a row of [`FORMATS`]: the
//! request is that of a chat, at another place and without what only an answer needs.

use serde_json::{Map, Value, json};

use super::{HttpRequest, ResponseHead, classify, codec, framing};
use crate::chat::ChatRequest;
use crate::failure::{Failure, FailureClass};
use crate::provider::Target;

/// A format of counts.
#[derive(Debug)]
pub struct Format {
    /// The wire format of the chat.
    wire: &'static str,
    /// How the address of a chat ends, and what stands there instead.
    ends: (&'static str, &'static str),
    /// The members of the chat's body that count.
    members: &'static [&'static str],
    /// The member in which they stand, beside the model; `None` leaves them where they are.
    within: Option<&'static str>,
    /// The member of the response that holds the count.
    count: &'static str,
}

/// All formats. A new one is a row here.
pub const FORMATS: &[Format] = &[
    Format {
        wire: "anthropic",
        ends: ("/messages", "/messages/count_tokens"),
        members: &["model", "system", "messages", "tools", "tool_choice", "thinking"],
        within: None,
        count: "input_tokens",
    },
    Format {
        wire: "gemini",
        ends: (":generateContent", ":countTokens"),
        members: &["systemInstruction", "contents", "tools", "toolConfig"],
        within: Some("generateContentRequest"),
        count: "totalTokens",
    },
    Format {
        wire: "vertex-gemini",
        ends: (":generateContent", ":countTokens"),
        members: &["systemInstruction", "contents", "tools"],
        within: None,
        count: "totalTokens",
    },
];

/// The format in which a target's provider counts; `None` when it has none.
pub fn of(target: &Target) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.wire == target.wire())
}

impl Format {
    /// The request for the count of `request`'s tokens, without a key; `None` when the chat's own lies at a place of its own.
    pub fn encode(&self, target: &Target, request: &ChatRequest) -> Option<HttpRequest> {
        let whole = ChatRequest { stream: false, ..request.clone() };
        let mut encoded = codec(self.wire)?.encode(target, &whole);
        let (address, query) =
            encoded.url.split_once('?').map_or((encoded.url.as_str(), None), |(address, query)| (address, Some(query)));
        let (end, instead) = self.ends;
        let mut url = format!("{}{instead}", address.strip_suffix(end)?);
        if let Some(query) = query {
            url.extend(["?", query]);
        }
        let counted: Map<String, Value> = encoded
            .body
            .as_object()?
            .iter()
            .filter(|(name, _)| self.members.contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        encoded.url = url;
        encoded.body = match self.within {
            None => Value::Object(counted),
            Some(member) => {
                let model = target.id.model.strip_prefix("models/").unwrap_or(&target.id.model);
                let mut within = json!({ "model": format!("models/{model}") });
                if let Some(within) = within.as_object_mut() {
                    within.extend(counted);
                }
                json!({ member: within })
            }
        };
        Some(encoded)
    }

    /// The count in the body of a response with the status 2xx.
    pub fn decode(&self, body: &[u8]) -> Result<u64, Failure> {
        let text = String::from_utf8_lossy(body);
        let value: Value = serde_json::from_str(&text).map_err(|error| framing::malformed(&error, &text, true))?;
        value[self.count].as_u64().ok_or_else(|| {
            Failure::new(FailureClass::Protocol, "count", format!("the response has no `{}`", self.count))
        })
    }

    /// What a response with another status means.
    pub fn failure(&self, head: &ResponseHead, body: &[u8]) -> Failure {
        classify::http_failure(head, body)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::chat::{Message, Options, Role};
    use crate::provider::{KeyState, Row, TargetId};

    fn target(wire: &str, base: &str, model: &str) -> Target {
        let row = Row { base_url: Some(base.to_owned()), wire: Some(wire.to_owned()), ..Row::default() };
        let provider = Arc::new(row.into_provider("corp", &|_| None).expect("a provider"));
        Target { id: TargetId::new("corp", model), provider, model: None, key: KeyState::NotNeeded, keys: Vec::new() }
    }

    fn request() -> ChatRequest {
        ChatRequest {
            system: Some("Be brief.".to_owned()),
            messages: vec![Message::text(Role::User, "Hi")],
            stream: true,
            options: Options { max_tokens: Some(9), temperature: Some(0.5), ..Options::default() },
            ..ChatRequest::default()
        }
    }

    #[test]
    fn anthropic_counts_beside_its_messages() {
        let target = target("anthropic", "https://host.example", "claude-x");
        let encoded = of(&target).and_then(|format| format.encode(&target, &request())).expect("a request");
        assert_eq!(encoded.url, "https://host.example/v1/messages/count_tokens");
        let members: Vec<&str> = encoded.body.as_object().expect("an object").keys().map(String::as_str).collect();
        assert!(
            members.contains(&"messages") && members.contains(&"system") && members.contains(&"model"),
            "{members:?}"
        );
        assert!(!members.contains(&"max_tokens") && !members.contains(&"temperature") && !members.contains(&"stream"));
    }

    #[test]
    fn gemini_counts_a_whole_request() {
        let target = target("gemini", "https://host.example", "gemini-x");
        let encoded = of(&target).and_then(|format| format.encode(&target, &request())).expect("a request");
        assert_eq!(encoded.url, "https://host.example/v1beta/models/gemini-x:countTokens");
        let within = &encoded.body["generateContentRequest"];
        assert_eq!(within["model"], "models/gemini-x");
        assert!(within["contents"].is_array() && within["generationConfig"].is_null(), "{within}");
    }

    #[test]
    fn a_count_is_read_and_its_want_is_told() {
        assert_eq!(FORMATS[0].decode(b"{\"input_tokens\": 14}").expect("a count"), 14);
        assert_eq!(FORMATS[1].decode(b"{\"totalTokens\": 3, \"cachedContentTokenCount\": 1}").expect("a count"), 3);
        for body in ["{}", "{\"input_tokens\": -1}", "[]", "", "{\"input"] {
            assert!(FORMATS[0].decode(body.as_bytes()).is_err(), "{body}");
        }
    }

    #[test]
    fn others_do_not_count() {
        assert!(of(&target("openai-chat", "https://host.example", "m")).is_none());
    }
}
