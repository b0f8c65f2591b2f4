//! Who serves a model, when a log names the model alone.

use crate::catalog;

/// The provider when nothing tells it.
pub(super) const UNKNOWN: &str = "unknown";

/// How a model's name begins, and whose it is.
const BY_NAME: &[(&str, &str)] = &[
    ("anthropic.claude", "bedrock"),
    ("apac.anthropic.", "bedrock"),
    ("au.anthropic.", "bedrock"),
    ("eu.anthropic.", "bedrock"),
    ("global.anthropic.", "bedrock"),
    ("jp.anthropic.", "bedrock"),
    ("us.anthropic.", "bedrock"),
    ("claude-", "anthropic"),
    ("chatgpt-", "openai"),
    ("codex-", "openai"),
    ("ft:gpt-", "openai"),
    ("gpt-", "openai"),
    ("o1", "openai"),
    ("o3", "openai"),
    ("o4-", "openai"),
    ("text-embedding-", "openai"),
    ("gemini-", "gemini"),
    ("grok-", "xai"),
    ("deepseek-", "deepseek"),
    ("codestral-", "mistral"),
    ("magistral-", "mistral"),
    ("mistral-", "mistral"),
    ("command-", "cohere"),
];

/// The catalogue's provider and the model without it. What a log says of the provider wins; then a provider before a slash,
/// then the model's name.
pub(super) fn named(provider: Option<&str>, model: &str) -> (String, String) {
    let own = |(provider, model): (&str, &str)| (catalog::provider_called(provider), model.to_owned());
    match (provider.filter(|provider| !provider.is_empty()), model.split_once('/')) {
        (Some(provider), Some((before, rest))) if before == provider => own((provider, rest)),
        (Some(provider), _) => own((provider, model)),
        (None, Some(split)) => own(split),
        (None, None) => (by_name(model).to_owned(), model.to_owned()),
    }
}

fn by_name(model: &str) -> &'static str {
    // Vertex AI writes the date behind an `@`.
    if model.starts_with("claude-") && model.contains('@') {
        return "vertex";
    }
    BY_NAME.iter().find(|(start, _)| model.starts_with(start)).map_or(UNKNOWN, |(_, provider)| provider)
}
