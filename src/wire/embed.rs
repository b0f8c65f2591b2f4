//! Embeddings: texts in, vectors out. A format is a row of [`FORMATS`]; requests differ in the names of their members,
//! responses in where the vectors lie, which one reader takes from all of them ([`response`]).

mod response;

pub(super) use response::input as counted;
#[cfg(test)]
mod tests;

use std::ops::Range;

use serde_json::{Map, Value, json};

use super::request::beside;
use super::{HttpRequest, ResponseHead, classify, merge, path_segment, vertex};
use crate::chat::Usage;
use crate::failure::Failure;
use crate::provider::{Provider, Target};

/// What to embed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EmbedRequest {
    /// The texts, each of which gets a vector.
    pub texts: Vec<String>,
    /// The length of the vectors; the model's own when not said. Models that have one length alone refuse it.
    pub dimensions: Option<u64>,
    /// What the vectors are for; formats without a word for it are not told.
    pub purpose: Option<Purpose>,
    /// Further members of the body, over what llmx writes.
    pub extra: Map<String, Value>,
}

/// What vectors are for: models that were trained for it place the same text differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A question for which documents are looked for.
    Query,
    /// A document that is to be found.
    Document,
    /// How alike two texts are.
    Similarity,
    /// Sorting into known classes.
    Classification,
    /// Finding groups.
    Clustering,
}

/// One vector for each text, in the order of the texts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Embeddings {
    /// The vectors, all of one length. They need not be of length 1.
    pub vectors: Vec<Vec<f32>>,
    /// How they were written.
    pub encoding: Encoding,
    /// Tokens and cost as reported.
    pub usage: Usage,
    /// The model that the response names.
    pub model: Option<String>,
}

/// How a response writes vectors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// Numbers of JSON.
    #[default]
    Numbers,
    /// Base64 of 32-bit floats, least byte first.
    Floats,
    /// Base64 of signed bytes.
    Bytes,
}

/// A format of embeddings.
#[derive(Debug)]
pub struct Format {
    /// The name that provider rows use in `embeddings = "…"`.
    pub name: &'static str,
    /// The path after the base address; it may hold `{model}` and parameters.
    path: &'static str,
    /// Ends of base addresses that belong to another format of the same provider.
    ends: &'static [&'static str],
    /// How the body is laid out.
    layout: Layout,
    /// The member for the length of vectors.
    dimensions: &'static str,
    /// The member for the purpose, and its words.
    purpose: Option<Words>,
    /// What base64 is in a response.
    base64: Encoding,
    /// The most texts of one request, and their most bytes together: every token has at least one byte.
    batch: (usize, usize),
}

/// How texts stand in the body.
#[derive(Clone, Copy, Debug)]
enum Layout {
    /// A list in this member, beside the model.
    List(&'static str),
    /// Cohere's list, with the type of number that is wanted.
    Typed,
    /// Gemini's list of whole requests.
    Requests,
    /// Vertex AI's list of instances.
    Instances,
}

/// A member and its words for query, document, similarity, classification and clustering.
#[derive(Clone, Copy, Debug)]
struct Words {
    member: &'static str,
    of: [Option<&'static str>; 5],
    /// What to say when nothing was said; `None` says nothing.
    unsaid: Option<Purpose>,
}

const NO_ENDS: &[&str] = &[];

/// OpenAI's own, from which the others of its kind differ in a member or two.
const OPENAI: Format = Format {
    name: "openai-embeddings",
    path: "/embeddings",
    ends: NO_ENDS,
    layout: Layout::List("input"),
    dimensions: "dimensions",
    purpose: None,
    base64: Encoding::Floats,
    // 2048 texts and 300,000 tokens: OpenAI's API reference.
    batch: (2048, 300_000),
};

const GOOGLE_WORDS: [Option<&str>; 5] = [
    Some("RETRIEVAL_QUERY"),
    Some("RETRIEVAL_DOCUMENT"),
    Some("SEMANTIC_SIMILARITY"),
    Some("CLASSIFICATION"),
    Some("CLUSTERING"),
];

/// All formats. A new one is a row here.
pub const FORMATS: &[Format] = &[
    OPENAI,
    Format { name: "mistral-embeddings", dimensions: "output_dimension", batch: (512, 32_000), ..OPENAI },
    // Its chat lies beside the version, its embeddings below; vectors come as signed bytes when nothing is asked for.
    Format {
        name: "perplexity-embeddings",
        path: "/v1/embeddings",
        base64: Encoding::Bytes,
        batch: (512, 100_000),
        ..OPENAI
    },
    Format {
        name: "voyage-embeddings",
        dimensions: "output_dimension",
        purpose: Some(Words {
            member: "input_type",
            of: [Some("query"), Some("document"), None, None, None],
            unsaid: None,
        }),
        batch: (1000, 120_000),
        ..OPENAI
    },
    // Its retrieval models refuse a request that does not say on which side it stands.
    Format {
        name: "nvidia-embeddings",
        purpose: Some(Words {
            member: "input_type",
            of: [Some("query"), Some("passage"), Some("passage"), Some("passage"), Some("passage")],
            unsaid: Some(Purpose::Document),
        }),
        batch: (256, 300_000),
        ..OPENAI
    },
    // Ten texts: Alibaba's model reference.
    Format { name: "dashscope-embeddings", batch: (10, 80_000), ..OPENAI },
    Format {
        name: "gemini-embed",
        path: "/v1beta/models/{model}:batchEmbedContents",
        ends: &["/v1beta/openai"],
        layout: Layout::Requests,
        dimensions: "outputDimensionality",
        purpose: Some(Words { member: "taskType", of: GOOGLE_WORDS, unsaid: None }),
        batch: (100, 200_000),
        ..OPENAI
    },
    Format {
        name: "vertex-predict-embed",
        path: "/v1/projects/{project}/locations/{location}/publishers/google/models/{model}:predict",
        layout: Layout::Instances,
        dimensions: "outputDimensionality",
        purpose: Some(Words { member: "task_type", of: GOOGLE_WORDS, unsaid: None }),
        // 20,000 tokens a request; the Gemini model takes one text.
        batch: (5, 20_000),
        ..OPENAI
    },
    Format {
        name: "cohere-embed",
        path: "/v2/embed",
        ends: &["/compatibility/v1", "/v1", "/v2"],
        layout: Layout::Typed,
        dimensions: "output_dimension",
        purpose: Some(Words {
            member: "input_type",
            // It has no word for similarity: clustering is the one in which both sides are alike.
            of: [
                Some("search_query"),
                Some("search_document"),
                Some("clustering"),
                Some("classification"),
                Some("clustering"),
            ],
            unsaid: Some(Purpose::Document),
        }),
        batch: (96, 200_000),
        ..OPENAI
    },
    Format { name: "ollama-embed", path: "/api/embed", ends: &["/v1", "/api"], batch: (512, 1_000_000), ..OPENAI },
];

/// The formats of providers whose row names none, by the wire format of their chat.
const USUAL: &[(&str, &str)] = &[
    ("openai-chat", "openai-embeddings"),
    ("openai-responses", "openai-embeddings"),
    ("gemini", "gemini-embed"),
    ("vertex-gemini", "vertex-predict-embed"),
    ("cohere-v2-chat", "cohere-embed"),
    ("ollama-chat", "ollama-embed"),
];

/// The format of that name.
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

/// The format of a provider's embeddings: the row's, else the usual one of its wire format. `None` when it has none.
pub fn of(provider: &Provider) -> Option<&'static Format> {
    let usual = || USUAL.iter().find(|(wire, _)| *wire == provider.wire).map(|(_, name)| *name);
    format(provider.embeddings.as_deref().or_else(usual)?)
}

impl Format {
    /// The request for `request` to `target`, without a key.
    pub fn encode(&self, target: &Target, request: &EmbedRequest) -> HttpRequest {
        let provider = &target.provider;
        let mut body = self.body(&target.id.model, request);
        merge(&mut body, &request.extra);
        // Where the chat of a deployment lies at a path of its own, its embeddings lie beside it.
        let moved = provider.quirks.path.as_ref().filter(|path| path.contains("/chat/completions"));
        let moved = moved.map(|path| path.replace("/chat/completions", "/embeddings"));
        let path = moved.as_deref().unwrap_or(self.path).replace("{model}", &path_segment(&target.id.model));
        let request = beside(provider, self.ends, &path, body);
        match self.layout {
            Layout::Instances => vertex::at_location(request, provider),
            Layout::List(_) | Layout::Typed | Layout::Requests => request,
        }
    }

    /// What the body of a response with the status 2xx holds.
    pub fn decode(&self, body: &[u8]) -> Result<Embeddings, Failure> {
        response::read(body, self.base64)
    }

    /// What a response with another status means.
    pub fn failure(&self, head: &ResponseHead, body: &[u8]) -> Failure {
        classify::http_failure(head, body)
    }

    /// The texts in as few requests as the provider takes. A text that is too long by itself is sent by itself.
    pub fn batches(&self, texts: &[String]) -> Vec<Range<usize>> {
        let (most_texts, most_bytes) = self.batch;
        let mut batches: Vec<Range<usize>> = Vec::new();
        let mut bytes = 0;
        for (at, text) in texts.iter().enumerate() {
            match batches.last_mut() {
                Some(batch) if batch.len() < most_texts && bytes + text.len() <= most_bytes => batch.end = at + 1,
                _ => {
                    batches.push(at..at + 1);
                    bytes = 0;
                }
            }
            bytes += text.len();
        }
        batches
    }

    fn body(&self, model: &str, request: &EmbedRequest) -> Value {
        let dimensions = request.dimensions.map(|count| (self.dimensions, json!(count)));
        let purpose = self.purpose.and_then(|words| words.say(request.purpose));
        let said = || dimensions.clone().into_iter().chain(purpose.clone());
        match self.layout {
            Layout::List(member) => object([("model", json!(model)), (member, json!(request.texts))], said()),
            Layout::Typed => {
                let types = [("model", json!(model)), ("texts", json!(request.texts))];
                object(types, said().chain([("embedding_types", json!(["float"]))]))
            }
            Layout::Requests => {
                let model = json!(format!("models/{model}"));
                let content = |text: &String| json!({"parts": [{"text": text}]});
                let one = |text| object([("model", model.clone()), ("content", content(text))], said());
                json!({"requests": request.texts.iter().map(one).collect::<Value>()})
            }
            Layout::Instances => {
                let one = |text: &String| object([("content", json!(text))], purpose.clone());
                let instances = request.texts.iter().map(one).collect::<Value>();
                let parameters = dimensions.map(|dimensions| ("parameters", object([dimensions], None)));
                object([("instances", instances)], parameters)
            }
        }
    }
}

impl Words {
    fn say(self, purpose: Option<Purpose>) -> Option<(&'static str, Value)> {
        let purpose = purpose.or(self.unsaid)?;
        Some((self.member, json!(self.of[purpose as usize]?)))
    }
}

fn object<'a, const N: usize>(
    members: [(&'a str, Value); N],
    more: impl IntoIterator<Item = (&'a str, Value)>,
) -> Value {
    members.into_iter().chain(more).map(|(name, value)| (name.to_owned(), value)).collect()
}
