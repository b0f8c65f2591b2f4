//! How each provider of the fleet feels: its pace, whether it wants a key, whether it shows its thinking.

use std::time::Duration;

/// A provider's row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Profile {
    /// The provider's name.
    pub name: &'static str,
    /// Typical time to the first token, in milliseconds.
    pub first_token_ms: u32,
    /// Typical tokens per second after the first.
    pub tokens_per_second: u32,
    /// A server on one's own machine, which wants no key.
    pub keyless: bool,
    /// Shows its thinking as text in the OpenAI format (`reasoning_content`); OpenAI itself only counts it.
    pub shows_thinking: bool,
    /// Ends its streams with usage unasked, as it does not know `stream_options` (OpenAI format).
    pub counts_unasked: bool,
    /// What its list of models names; it answers to any name.
    pub models: &'static [&'static str],
}

/// A pace without chance, for measurements. The default is no waiting at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FixedPace {
    /// When the first token is due.
    pub first_token: Duration,
    /// From one token to the next.
    pub token: Duration,
}

const fn row(
    name: &'static str,
    first_token_ms: u32,
    tokens_per_second: u32,
    models: &'static [&'static str],
) -> Profile {
    Profile {
        name,
        first_token_ms,
        tokens_per_second,
        keyless: false,
        shows_thinking: true,
        counts_unasked: false,
        models,
    }
}

const fn local(name: &'static str, first_token_ms: u32, tokens_per_second: u32) -> Profile {
    Profile { keyless: true, ..row(name, first_token_ms, tokens_per_second, &["llama3.1", "qwen3"]) }
}

/// The known providers. The differences are like the real ones, the scale is smaller so that nobody waits long.
pub const PROFILES: &[Profile] = &[
    Profile { shows_thinking: false, ..row("openai", 280, 110, &["gpt-5.5", "gpt-5.4-mini", "gpt-4.1-mini"]) },
    Profile { shows_thinking: false, ..row("azure", 310, 105, &["gpt-5.4-mini", "gpt-4.1-mini"]) },
    row("anthropic", 340, 85, &["claude-opus-5", "claude-sonnet-5", "claude-haiku-4-5"]),
    row("gemini", 260, 160, &["gemini-3-pro-preview", "gemini-3-flash", "gemini-2.5-flash"]),
    row("groq", 120, 250, &["llama-3.3-70b-versatile", "openai/gpt-oss-120b"]),
    row("cerebras", 130, 250, &["llama-3.3-70b", "gpt-oss-120b"]),
    row("sambanova", 160, 220, &["Meta-Llama-3.3-70B-Instruct"]),
    Profile { counts_unasked: true, ..row("mistral", 220, 120, &["mistral-large-latest", "mistral-small-latest"]) },
    row("fireworks", 190, 150, &["accounts/fireworks/models/llama-v3p3-70b-instruct"]),
    row("together", 240, 120, &["meta-llama/Llama-3.3-70B-Instruct-Turbo"]),
    row("openrouter", 360, 95, &["openai/gpt-5.4-mini", "anthropic/claude-haiku-4-5"]),
    row("xai", 320, 90, &["grok-4.3", "grok-4.1-fast"]),
    Profile { counts_unasked: true, ..row("perplexity", 430, 80, &["sonar", "sonar-pro"]) },
    row("deepseek", 450, 60, &["deepseek-v4-flash", "deepseek-v4-pro"]),
    row("vertex", 300, 140, &["gemini-3-flash", "claude-haiku-4-5"]),
    row("bedrock", 330, 90, &["us.anthropic.claude-haiku-4-5-20251001-v1:0", "us.amazon.nova-2-lite-v1:0"]),
    row("cohere", 300, 100, &["command-a-03-2025", "command-r7b-12-2024"]),
    row("replicate", 420, 70, &["meta/meta-llama-3-70b-instruct"]),
    row("cloudflare", 250, 90, &["@cf/meta/llama-3.3-70b-instruct-fp8-fast"]),
    row("huggingface", 290, 100, &["openai/gpt-oss-120b"]),
    local("ollama", 200, 70),
    local("lmstudio", 210, 65),
    local("llamacpp", 190, 75),
    local("vllm", 150, 140),
    local("litellm", 260, 110),
];

/// A provider that has no row.
const OTHER: Profile = row("", 250, 120, &["sim-large", "sim-small"]);

impl Profile {
    /// The row of that provider.
    pub fn of(provider: &str) -> Self {
        PROFILES.iter().find(|row| row.name == provider).copied().unwrap_or(OTHER)
    }

    /// When the first token is due.
    pub fn first_token(&self) -> Duration {
        Duration::from_millis(self.first_token_ms.into())
    }

    /// The time from one token to the next.
    pub fn token(&self) -> Duration {
        Duration::from_secs(1) / self.tokens_per_second
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_waits_long_and_every_name_is_there_once() {
        for row in PROFILES {
            assert!((120..=450).contains(&row.first_token_ms), "{}", row.name);
            assert!((60..=250).contains(&row.tokens_per_second), "{}", row.name);
            assert_eq!(PROFILES.iter().filter(|other| other.name == row.name).count(), 1, "{}", row.name);
        }
        assert_eq!(Profile::of("corp").token(), Duration::from_secs(1) / 120);
    }
}
