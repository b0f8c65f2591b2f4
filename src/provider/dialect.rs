//! Where servers of one format put the same thing: the values of quirks that choose among several places.
//!
//! A value is named after the member it writes.

use serde::{Deserialize, Serialize};

/// Where a server is told how hard to think.
///
/// `none` and `off` switch thinking off, `on` leaves the measure to the server, a number is a budget in tokens, and every
/// other word is an effort.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EffortPlace {
    /// `reasoning_effort: "low"`, whatever the word.
    #[default]
    ReasoningEffort,
    /// `reasoning: {effort | max_tokens | enabled}`: `OpenRouter`, Vercel.
    Reasoning,
    /// `enable_thinking: true`, `thinking_budget`: Alibaba.
    EnableThinking,
    /// `thinking: {type: "enabled" | "disabled"}`, without a measure: Moonshot, Xiaomi.
    Thinking,
    /// `thinking: {type}` and an effort beside it as `reasoning_effort`: `DeepSeek`, Z.AI.
    ThinkingEffort,
    /// `chat_template_kwargs: {enable_thinking}`: llama.cpp and other servers that fill in a model's own template.
    ChatTemplateKwargs,
    /// There is no such place.
    Nowhere,
}

/// Where a server takes its earlier thinking back, in a message of the model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThoughtPlace {
    /// `reasoning_content`. `DeepSeek` and Moonshot refuse a tool's result without it; servers that show no thinking never
    /// see it.
    #[default]
    ReasoningContent,
    /// `reasoning`: Groq and Cerebras refuse the other name.
    Reasoning,
    /// `reasoning_details`, a list of what came, sealed or not: `OpenRouter`, Vercel.
    ReasoningDetails,
    /// Parts of the content, of the type `thinking`: Mistral.
    Content,
    /// There is no such place.
    Nowhere,
}

/// How a document is attached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentPlace {
    /// `file: {filename, file_data}`.
    #[default]
    File,
    /// `document_url`, an address or the document itself as a data URL: Mistral.
    DocumentUrl,
    /// `file_url: {url}`, an address or bare base64, with `file_name` beside it: Perplexity.
    FileUrl,
}
