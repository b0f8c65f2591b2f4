//! Arguments that several commands share.

use std::time::Duration;

use clap::Args;
use serde_json::{Map, Value};

use crate::chat::Options;

/// What to ask.
#[derive(Args, Debug, Clone, Default)]
pub struct PromptArgs {
    /// The prompt; words are joined by spaces, and a `-` among them says where stdin goes
    #[arg(value_name = "PROMPT")]
    pub words: Vec<String>,
    /// Add a text file as its own block (repeatable; `-` is stdin)
    #[arg(short, long = "file", value_name = "PATH")]
    pub files: Vec<String>,
    /// System prompt
    #[arg(short, long, value_name = "TEXT")]
    pub system: Option<String>,
}

/// Who should answer.
#[derive(Args, Debug, Clone, Default)]
pub struct RouteArgs {
    /// A route, an alias, `provider/model` or a provider
    #[arg(short, long, value_name = "NAME")]
    pub model: Option<String>,
    /// Who answers when the others fail: a further tier of the chain (repeatable)
    #[arg(long, value_name = "NAME", conflicts_with = "no_fallback")]
    pub fallback: Vec<String>,
    /// Try the first target only
    #[arg(long)]
    pub no_fallback: bool,
    /// Deadline of the whole request, such as `90s` or `2m`
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub timeout: Option<Duration>,
}

/// How the model should answer. Nothing is sent that was not given.
#[derive(Args, Debug, Clone, Default)]
#[command(next_help_heading = "Sampling")]
pub struct SamplingArgs {
    /// Sampling temperature
    #[arg(long, value_name = "NUMBER", alias = "temp")]
    pub temperature: Option<f64>,
    /// Nucleus sampling share
    #[arg(long, value_name = "NUMBER", alias = "topp")]
    pub top_p: Option<f64>,
    /// The most tokens to answer with
    #[arg(long, value_name = "TOKENS", value_parser = clap::value_parser!(u64).range(1..))]
    pub max_tokens: Option<u64>,
    /// A text that ends the answer (repeatable)
    #[arg(long, value_name = "TEXT")]
    pub stop: Vec<String>,
    /// Seed, for providers that take one
    #[arg(long, value_name = "NUMBER")]
    pub seed: Option<i64>,
    /// How hard to think, in the provider's words: `low`, `medium`, `high`, …
    #[arg(long, value_name = "EFFORT")]
    pub reasoning_effort: Option<String>,
    /// Any further member of the request body: `key=value`, the value as JSON or else as text (repeatable)
    #[arg(short, long = "option", value_name = "KEY=VALUE", value_parser = member)]
    pub options: Vec<(String, Value)>,
}

impl SamplingArgs {
    /// As the vocabulary has it.
    pub fn options(&self) -> Options {
        Options {
            temperature: self.temperature,
            top_p: self.top_p,
            max_tokens: self.max_tokens,
            stop: self.stop.clone(),
            seed: self.seed,
            reasoning_effort: self.reasoning_effort.clone(),
            extra: self.options.iter().cloned().collect::<Map<_, _>>(),
        }
    }
}

/// Reads `key=value`.
fn member(text: &str) -> Result<(String, Value), String> {
    let (key, value) = text.split_once('=').filter(|(key, _)| !key.is_empty()).ok_or("expected KEY=VALUE")?;
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
    Ok((key.to_owned(), value))
}

/// Reads a duration such as `250ms`, `1.5s`, `2m` or `1h`.
pub fn duration(text: &str) -> Result<Duration, String> {
    let units = [("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3600.0)];
    let parsed = units.iter().find_map(|(unit, seconds)| {
        let number: f64 = text.strip_suffix(unit)?.trim().parse().ok()?;
        Duration::try_from_secs_f64(number * seconds).ok()
    });
    let parsed = parsed.filter(|duration| !duration.is_zero());
    parsed.ok_or_else(|| "expected a duration such as `250ms`, `90s`, `2m` or `1h`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(duration("1.5s"), Ok(Duration::from_millis(1500)));
        assert_eq!(duration("2m"), Ok(Duration::from_mins(2)));
        for wrong in ["", "5", "s", "-1s", "0s", "NaNs", "infs", "1e99h", "5 weeks"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_option_is_json_or_else_text() {
        assert_eq!(member("top_k=5"), Ok(("top_k".to_owned(), Value::from(5))));
        assert_eq!(member("user=ann"), Ok(("user".to_owned(), Value::from("ann"))));
        assert_eq!(member("a=b=c"), Ok(("a".to_owned(), Value::from("b=c"))));
        assert!(member("=5").is_err() && member("top_k").is_err());
    }
}
