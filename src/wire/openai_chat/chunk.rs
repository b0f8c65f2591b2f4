//! The members of a Chat Completions reply or chunk that llmx reads. Texts are borrowed from the bytes.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::chat::Event;
use crate::wire::lenient::{Arguments, Index, Text};

#[derive(serde::Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct Chunk<'a> {
    #[serde(default)]
    pub(super) id: Text<'a>,
    #[serde(default)]
    pub(super) model: Text<'a>,
    #[serde(default)]
    pub(super) object: Text<'a>,
    #[serde(default)]
    pub(super) service_tier: Text<'a>,
    #[serde(default)]
    pub(super) choices: Choices<'a>,
    #[serde(default)]
    pub(super) usage: Option<Value>,
    #[serde(default)]
    pub(super) x_groq: Option<Value>,
    /// Addresses of sources (Perplexity, xAI).
    #[serde(default)]
    pub(super) citations: Option<Value>,
    /// Sources with titles and dates (Perplexity).
    #[serde(default)]
    pub(super) search_results: Option<Value>,
    #[serde(default)]
    pub(super) error: Option<Value>,
}

/// The first choice. Others, of requests for several, are passed over without being kept.
#[derive(Default)]
pub(super) struct Choices<'a> {
    pub(super) present: bool,
    pub(super) first: Option<Choice<'a>>,
}

#[derive(serde::Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct Choice<'a> {
    #[serde(default)]
    index: Index,
    #[serde(default)]
    pub(super) delta: Option<Message<'a>>,
    #[serde(default)]
    pub(super) message: Option<Message<'a>>,
    #[serde(default)]
    pub(super) logprobs: Option<Value>,
    #[serde(default)]
    pub(super) finish_reason: Text<'a>,
    #[serde(default)]
    pub(super) native_finish_reason: Text<'a>,
}

/// A whole message, or a piece of one.
#[derive(serde::Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct Message<'a> {
    #[serde(default)]
    pub(super) content: Content<'a>,
    #[serde(default)]
    pub(super) reasoning_content: Text<'a>,
    #[serde(default)]
    pub(super) reasoning: Text<'a>,
    #[serde(default)]
    pub(super) reasoning_details: Option<Vec<ReasoningDetail<'a>>>,
    #[serde(default)]
    pub(super) refusal: Text<'a>,
    #[serde(default)]
    pub(super) annotations: Option<Value>,
    #[serde(default)]
    pub(super) tool_calls: Option<Vec<ToolCallPiece<'a>>>,
    #[serde(default)]
    pub(super) function_call: Option<Function<'a>>,
}

#[derive(serde::Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct ReasoningDetail<'a> {
    #[serde(default)]
    pub(super) text: Text<'a>,
    #[serde(default)]
    pub(super) summary: Text<'a>,
}

#[derive(serde::Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct ToolCallPiece<'a> {
    #[serde(default)]
    pub(super) index: Index,
    #[serde(default)]
    pub(super) id: Text<'a>,
    #[serde(default)]
    pub(super) function: Option<Function<'a>>,
    /// A tool that takes free text instead of JSON.
    #[serde(default)]
    pub(super) custom: Option<Custom<'a>>,
}

#[derive(Default, serde::Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct Function<'a> {
    #[serde(default)]
    pub(super) name: Text<'a>,
    #[serde(default)]
    pub(super) arguments: Arguments<'a>,
}

#[derive(serde::Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct Custom<'a> {
    #[serde(default)]
    pub(super) name: Text<'a>,
    #[serde(default)]
    pub(super) input: Text<'a>,
}

/// What a model says: a text, or (Mistral) a list of parts.
#[derive(Default)]
pub(super) enum Content<'a> {
    #[default]
    Nothing,
    Text(Cow<'a, str>),
    Parts(Vec<Part<'a>>),
}

#[derive(serde::Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct Part<'a> {
    #[serde(default)]
    text: Text<'a>,
    #[serde(default)]
    thinking: Thinking<'a>,
    #[serde(default)]
    refusal: Text<'a>,
}

/// Thinking is content of its own inside a part: a text or a list of parts.
#[derive(Default)]
struct Thinking<'a>(Option<Box<Content<'a>>>);

impl Part<'_> {
    pub(super) fn report(&self, events: &mut Vec<Event>) {
        match self.thinking.0.as_deref() {
            Some(Content::Text(text)) if !text.is_empty() => events.push(Event::Reasoning(text.as_ref().to_owned())),
            Some(Content::Parts(parts)) => {
                let texts = parts.iter().filter_map(|part| part.text.filled());
                events.extend(texts.map(|text| Event::Reasoning(text.to_owned())));
            }
            _ => {}
        }
        events.extend(self.text.filled().map(|text| Event::Text(text.to_owned())));
        events.extend(self.refusal.filled().map(|text| Event::Refusal(text.to_owned())));
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Thinking<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Content::deserialize(deserializer).map(|content| Self(Some(Box::new(content))))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Choices<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ChoicesVisitor)
    }
}

struct ChoicesVisitor;

impl<'de> Visitor<'de> for ChoicesVisitor {
    type Value = Choices<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of choices")
    }
    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Choices::default())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut first = None;
        while let Some(choice) = items.next_element::<Option<Choice<'de>>>()? {
            first = first.or(choice.filter(|choice| choice.index.0.unwrap_or(0) == 0));
        }
        Ok(Choices { present: true, first })
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Content<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ContentVisitor)
    }
}

struct ContentVisitor;

impl<'de> Visitor<'de> for ContentVisitor {
    type Value = Content<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a text or a list of parts")
    }
    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Content::Text(Cow::Borrowed(text)))
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Content::Text(Cow::Owned(text.to_owned())))
    }
    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Content::Nothing)
    }
    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Content::Text(Cow::Owned(number.to_string())))
    }
    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Content::Text(Cow::Owned(number.to_string())))
    }
    fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Content::Text(Cow::Owned(number.to_string())))
    }
    fn visit_bool<E: Error>(self, truth: bool) -> Result<Self::Value, E> {
        Ok(Content::Text(Cow::Borrowed(if truth { "true" } else { "false" })))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut parts = Vec::new();
        while let Some(part) = items.next_element::<Part<'de>>()? {
            parts.push(part);
        }
        Ok(Content::Parts(parts))
    }
    /// Some servers answer in JSON mode with the object itself.
    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Self::Value, A::Error> {
        let object = Value::deserialize(serde::de::value::MapAccessDeserializer::new(members))?;
        Ok(Content::Text(Cow::Owned(object.to_string())))
    }
}
