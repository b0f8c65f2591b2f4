//! Which format a request is in, told by its path: a provider may speak several.

use super::{DIALECTS, Dialect};

/// What a request wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// An answer.
    Chat,
    /// The list of models, in this format.
    Models(&'static str),
    /// Vectors, in this format.
    Embeddings(&'static str),
    /// The tokens of a prompt, in this member.
    Count(&'static str),
    /// An answer that was promised, as a stream (Replicate).
    Follow,
    /// How far a promised answer is (Replicate).
    Poll,
    /// The end of a promised answer (Replicate).
    Cancel,
}

/// How a path looks: begins of its last segments, ends, or parts.
enum Looks {
    Ends(&'static str),
    Holds(&'static str),
    Both(&'static str, &'static str),
}

use Endpoint::{Cancel, Chat, Count, Embeddings, Follow, Models, Poll};
use Looks::{Both, Ends, Holds};

/// Paths, the most telling first: how they look, their format, what they want.
const PATHS: &[(Looks, &str, Endpoint)] = &[
    (Both("/deployments/", "/chat/completions"), "azure", Chat),
    (Ends("/chat/completions"), "openai-chat", Chat),
    (Ends("/responses"), "openai-responses", Chat),
    (Ends("/messages"), "anthropic", Chat),
    (Ends("/messages/count_tokens"), "anthropic", Count("input_tokens")),
    (Ends(":countTokens"), "gemini", Count("totalTokens")),
    (Both("/publishers/", ":generateContent"), "vertex-gemini", Chat),
    (Both("/publishers/", ":streamGenerateContent"), "vertex-gemini", Chat),
    (Ends(":generateContent"), "gemini", Chat),
    (Ends(":streamGenerateContent"), "gemini", Chat),
    (Ends(":rawPredict"), "vertex-anthropic", Chat),
    (Ends(":streamRawPredict"), "vertex-anthropic", Chat),
    (Ends("/converse"), "bedrock-converse", Chat),
    (Ends("/converse-stream"), "bedrock-converse", Chat),
    (Ends("/invoke"), "bedrock-anthropic", Chat),
    (Ends("/invoke-with-response-stream"), "bedrock-anthropic", Chat),
    (Ends("/v2/chat"), "cohere-v2-chat", Chat),
    (Ends("/api/chat"), "ollama-chat", Chat),
    (Ends("/predictions"), "replicate", Chat),
    (Holds("/streams/"), "replicate", Follow),
    (Both("/predictions/", "/cancel"), "replicate", Cancel),
    (Holds("/predictions/"), "replicate", Poll),
    (Holds("/run/"), "cloudflare-run", Chat),
    (Holds("/hf-inference/models/"), "hf-text-generation", Chat),
    (Ends("/generate"), "hf-text-generation", Chat),
    (Ends("/generate_stream"), "hf-text-generation", Chat),
    (Ends("/chat"), "openai-chat", Chat),
    (Ends(":batchEmbedContents"), "gemini", Embeddings("gemini-embed")),
    (Ends(":embedContent"), "gemini", Embeddings("gemini-embed")),
    (Ends(":predict"), "vertex-gemini", Embeddings("vertex-predict-embed")),
    (Ends("/api/embed"), "ollama-chat", Embeddings("ollama-embed")),
    (Ends("/embed"), "cohere-v2-chat", Embeddings("cohere-embed")),
    (Ends("/embeddings"), "openai-chat", Embeddings("openai-embeddings")),
    (Ends("/api/tags"), "ollama-chat", Models("ollama-tags")),
    (Ends("/models/search"), "cloudflare-run", Models("cloudflare-models")),
    (Ends("/catalog/models"), "openai-chat", Models("github-models")),
    (Both("/v1beta", "/models"), "gemini", Models("gemini-models")),
    (Ends("/models"), "openai-chat", Models("openai-models")),
];

/// The format and endpoint that a path after the provider's name stands for. `anthropic` says whether the request carries
/// Anthropic's version header, which alone tells its list of models from others.
pub fn route(path: &str, anthropic: bool) -> Option<(&'static dyn Dialect, Endpoint)> {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let looks = |looks: &Looks| match looks {
        Ends(end) => path.ends_with(end),
        Holds(part) => path.contains(part),
        Both(part, end) => path.contains(part) && path.ends_with(end),
    };
    let (_, format, endpoint) = PATHS.iter().find(|(known, ..)| looks(known))?;
    let (format, endpoint) = match endpoint {
        Models("openai-models") if anthropic => ("anthropic", Models("anthropic-models")),
        // Cohere's list lies where OpenAI's does; the name of the parameter is its own.
        Models("openai-models") if query.contains("page_size=") => ("cohere-v2-chat", Models("cohere-models")),
        _ => (*format, *endpoint),
    };
    Some((by_name(format)?, endpoint))
}

fn by_name(format: &str) -> Option<&'static dyn Dialect> {
    if format == "azure" {
        return Some(&super::openai_chat::OpenAiChat { azure: true });
    }
    DIALECTS.iter().find(|(name, ..)| *name == format).map(|(.., dialect)| *dialect)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(path: &str, anthropic: bool) -> Option<Endpoint> {
        route(path, anthropic).map(|(_, endpoint)| endpoint)
    }

    #[test]
    fn the_path_tells_the_format_whatever_stands_before_it() {
        for path in [
            "/v1/chat/completions",
            "/messages",
            "/v1/v1/messages?beta=true",
            "/models/m:streamGenerateContent?alt=sse",
            "/openai/deployments/d/chat/completions?api-version=1",
            "/v1/projects/p/locations/l/publishers/anthropic/models/c@1:streamRawPredict",
            "/model/a%3A0/converse-stream",
            "/v1/models/meta/llama/predictions",
            "/client/v4/accounts/a/ai/run/@cf/meta/llama",
        ] {
            assert_eq!(endpoint(path, false), Some(Chat), "{path}");
        }
        assert_eq!(endpoint("/v1/predictions/x/cancel", false), Some(Cancel));
        assert_eq!(endpoint("/v1/completions", false), None);
        assert_eq!(endpoint("/v1/messages/count_tokens", true), Some(Count("input_tokens")));
        assert_eq!(endpoint("/v1beta/models/m:countTokens", false), Some(Count("totalTokens")));
    }

    #[test]
    fn lists_are_told_apart_by_version_header_and_parameter() {
        for (path, anthropic, format) in [
            ("/v1/models?limit=1000", true, "anthropic-models"),
            ("/v1beta/models", true, "gemini-models"),
            ("/v1/models?page_size=1000", false, "cohere-models"),
            ("/v1/models", false, "openai-models"),
            ("/api/tags", false, "ollama-tags"),
        ] {
            assert_eq!(endpoint(path, anthropic), Some(Models(format)), "{path}");
        }
    }

    #[test]
    fn every_codec_has_its_dialect_and_every_path_its_format() {
        let spoken: Vec<_> = DIALECTS.iter().map(|(name, ..)| *name).collect();
        for codec in crate::wire::CODECS {
            assert!(spoken.contains(&codec.name()), "{}", codec.name());
        }
        assert!(PATHS.iter().all(|(_, format, _)| by_name(format).is_some()));
    }
}
