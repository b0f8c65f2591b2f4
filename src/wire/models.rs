//! Lists of models, as providers give them. A format is a row of [`FORMATS`]; what the lists tell of a model is read by one
//! table of places ([`facts`]), whoever tells it.

mod facts;
#[cfg(test)]
mod tests;

use serde_json::Value;

use super::framing::{malformed, no_reply};
use super::request::beside;
use super::{HeaderValue, HttpRequest, ResponseHead, classify, path_segment};
use crate::catalog::Model;
use crate::failure::{Failure, FailureClass};
use crate::provider::Provider;

/// One model of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// What the list tells of it; its `id` is what goes on the wire, its `kind` counts only where [`Listed::sort`] says so.
    pub model: Model,
    /// What it is for.
    pub sort: Sort,
}

/// What a model is for, as far as the list tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// The list does not tell.
    Unknown,
    /// Text or vectors: `kind` of the model says which.
    Known,
    /// Neither text nor vectors: images, speech, ranking, …
    Other,
}

/// One response of a list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// The models, in the provider's order.
    pub models: Vec<Listed>,
    /// What to ask for the next page with; `None` after the last.
    pub next: Option<String>,
}

/// A format of lists.
#[derive(Debug)]
pub struct Format {
    /// The name that provider rows use in `models = "…"`.
    pub name: &'static str,
    /// The path after the base address, with its query.
    path: &'static str,
    /// Ends of base addresses that belong to another format of the same provider.
    ends: &'static [&'static str],
    /// A header that must be there.
    header: Option<(&'static str, &'static str)>,
    /// The members that may hold a model's id, first one first.
    id: &'static [&'static str],
    /// How to go on.
    paging: Paging,
}

/// How a list goes on.
#[derive(Clone, Copy, Debug)]
enum Paging {
    /// The response holds a token for this parameter.
    Token { member: &'static str, parameter: &'static str },
    /// While `has_more` is true, the last id goes into this parameter.
    LastId(&'static str),
    /// Pages have numbers.
    Number(&'static str),
}

/// OpenAI's own, in which most servers list theirs.
const OPENAI: Format = Format {
    name: "openai-models",
    path: "/models",
    ends: &[],
    header: None,
    id: &["id", "name"],
    paging: Paging::LastId("after"),
};

/// All formats. A new one is a row here.
pub const FORMATS: &[Format] = &[
    OPENAI,
    Format {
        name: "anthropic-models",
        path: "/v1/models?limit=1000",
        header: Some(("anthropic-version", "2023-06-01")),
        paging: Paging::LastId("after_id"),
        ..OPENAI
    },
    Format {
        name: "gemini-models",
        path: "/v1beta/models?pageSize=1000",
        ends: &["/v1beta/openai"],
        id: &["name"],
        paging: Paging::Token { member: "nextPageToken", parameter: "pageToken" },
        ..OPENAI
    },
    Format {
        name: "cohere-models",
        path: "/v1/models?page_size=1000",
        ends: &["/compatibility/v1", "/v1", "/v2"],
        id: &["name", "id"],
        paging: Paging::Token { member: "next_page_token", parameter: "page_token" },
        ..OPENAI
    },
    Format { name: "ollama-tags", path: "/api/tags", ends: &["/v1", "/api"], id: &["name", "model"], ..OPENAI },
    // Ids are of no use there: a model is asked for by its name.
    Format {
        name: "cloudflare-models",
        path: "/accounts/{account}/ai/models/search?per_page=100",
        id: &["name"],
        paging: Paging::Number("page"),
        ..OPENAI
    },
    Format { name: "pollinations-models", ends: &["/openai", "/v1"], id: &["name", "id"], ..OPENAI },
    Format { name: "perplexity-models", path: "/v1/models", ..OPENAI },
    Format { name: "github-models", path: "/catalog/models", ends: &["/inference"], ..OPENAI },
];

/// The formats of providers whose row names none, by the wire format of their chat.
const USUAL: &[(&str, &str)] = &[
    ("openai-chat", "openai-models"),
    ("openai-responses", "openai-models"),
    ("anthropic", "anthropic-models"),
    ("gemini", "gemini-models"),
    ("cohere-v2-chat", "cohere-models"),
    ("ollama-chat", "ollama-tags"),
];

/// The format of that name.
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

/// The format of a provider's list: the row's, else the usual one of its wire format. `None` when it has none.
pub fn of(provider: &Provider) -> Option<&'static Format> {
    let usual = || USUAL.iter().find(|(wire, _)| *wire == provider.wire).map(|(_, name)| *name);
    format(provider.models.as_deref().or_else(usual)?)
}

impl Format {
    /// The request for a page of the list, without a key; `None` asks for the first.
    pub fn encode(&self, provider: &Provider, page: Option<&str>) -> HttpRequest {
        let parameter = match self.paging {
            Paging::Token { parameter, .. } | Paging::LastId(parameter) | Paging::Number(parameter) => parameter,
        };
        let mut path = self.path.to_owned();
        if let Some(page) = page {
            path.push(if path.contains('?') { '&' } else { '?' });
            path.extend([parameter, "=", &path_segment(page)]);
        }
        let mut request = beside(provider, self.ends, &path, Value::Null);
        if let Some((name, value)) = self.header
            && !request.headers.iter().any(|(known, _)| known == name)
        {
            request.headers.push((name.to_owned(), HeaderValue::Plain(value.to_owned())));
        }
        request
    }

    /// What the body of a response with the status 2xx lists.
    pub fn decode(&self, body: &[u8]) -> Result<Page, Failure> {
        let text = String::from_utf8_lossy(body);
        let text = text.trim_start_matches('\u{FEFF}').trim();
        if text.is_empty() {
            return Err(Failure::new(FailureClass::Protocol, "empty body", "the response is empty"));
        }
        let body: Value = serde_json::from_str(text).map_err(|error| malformed(&error, text, true))?;
        let list = [&body["data"], &body["models"], &body["result"], &body].into_iter().find_map(Value::as_array);
        let Some(list) = list else {
            return Err(no_reply(text, &body));
        };
        let models = list.iter().filter_map(|entry| self.listed(entry)).collect();
        Ok(Page { models, next: self.next(&body) })
    }

    /// What a response with another status means.
    pub fn failure(&self, head: &ResponseHead, body: &[u8]) -> Failure {
        let failure = classify::http_failure(head, body);
        if failure.class != FailureClass::ModelNotFound {
            return failure;
        }
        let words = failure.message.as_deref().map(|words| format!(": {words}")).unwrap_or_default();
        let message = format!("there is no list of models at this address{words}");
        Failure { class: FailureClass::Protocol, message: Some(message), ..failure }
    }

    fn listed(&self, entry: &Value) -> Option<Listed> {
        let named = |member: &&str| entry[member].as_str().filter(|id| !id.is_empty());
        let id = entry.as_str().or_else(|| self.id.iter().find_map(named))?;
        // Gemini lists resources, and answers to their bare names.
        let id = id.strip_prefix("models/").unwrap_or(id);
        Some(facts::read(id, entry))
    }

    fn next(&self, body: &Value) -> Option<String> {
        let text = |name: &str| body[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        match self.paging {
            Paging::Token { member, .. } => text(member),
            Paging::LastId(_) => text("last_id").filter(|_| body["has_more"] == true),
            Paging::Number(_) => {
                let number = |name: &str| body["result_info"][name].as_u64();
                let is_full = number("count")? > 0 && number("count")? >= number("per_page")?;
                is_full.then_some(number("page")?.saturating_add(1).to_string())
            }
        }
    }
}
