//! Families of tokenizers: how many tokens each makes of what `o200k_base` makes one of. A prior for each, and what the
//! counts of real requests have taught since.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What is taken of a family before anything was learned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prior {
    /// The family's name, as [`of`] gives it.
    pub family: &'static str,
    /// Its tokens for one of `o200k_base`.
    pub factor: f64,
    /// The standard error of the factor's natural logarithm.
    pub doubt: f64,
}

/// Claude's tokenizer up to 4.6, and the one from 4.7 on, which makes about 30 % more tokens.
const CLAUDE: &str = "claude";
const LATE_CLAUDE: &str = "claude-4.7";
/// Models of which the catalogue does not tell.
const UNKNOWN: &str = "unknown";

/// Families with a prior of their own. Measured for Claude, known for `OpenAI`, whose doubt is that of the estimate; for the others
/// by what makers and users publish.
pub const PRIORS: &[Prior] = &[
    Prior { family: "openai", factor: 1.0, doubt: 0.04 },
    Prior { family: CLAUDE, factor: 1.2, doubt: 0.1 },
    Prior { family: LATE_CLAUDE, factor: 1.57, doubt: 0.1 },
    Prior { family: "gemini", factor: 1.05, doubt: 0.1 },
    Prior { family: "llama2", factor: 1.1, doubt: 0.12 },
    Prior { family: "llama3", factor: 1.05, doubt: 0.08 },
    Prior { family: "mistral", factor: 1.05, doubt: 0.12 },
    Prior { family: "qwen", factor: 1.05, doubt: 0.08 },
    Prior { family: "deepseek", factor: 1.05, doubt: 0.1 },
    Prior { family: UNKNOWN, factor: 1.05, doubt: 0.2 },
];

/// What is taken of a family; of one without a row, as much as of an unknown one.
pub fn prior(family: &str) -> &'static Prior {
    let named = |name: &str| PRIORS.iter().find(|prior| prior.family == name);
    named(family).or_else(|| named(UNKNOWN)).unwrap_or(&PRIORS[0])
}

/// The family of a model whose tokenizer the catalogue calls so.
pub fn of<'a>(tokenizer: Option<&'a str>, model: &str) -> &'a str {
    match tokenizer {
        Some("anthropic") => claude(model),
        None if model.contains("claude") => claude(model),
        Some(name) => name,
        None => UNKNOWN,
    }
}

/// A name without a version is taken to be a late one.
fn claude(model: &str) -> &'static str {
    match claude_version(model) {
        Some(version) if version < (4, 7) => CLAUDE,
        _ => LATE_CLAUDE,
    }
}

/// The version in names such as `claude-opus-4-7`, `claude-3-5-sonnet-20241022` and `us.anthropic.claude-sonnet-5-v1:0`.
fn claude_version(model: &str) -> Option<(u64, u64)> {
    let (_, name) = model.rsplit_once("claude")?;
    let from = name.find(|character: char| character.is_ascii_digit())?;
    let mut numbers = name[from..].split(['-', '.']).map(|part| part.parse::<u64>().ok());
    let major = name[from..].split(|character: char| !character.is_ascii_digit()).next()?.parse().ok()?;
    // The part after it is a date in some names.
    let minor = numbers.nth(1).flatten().filter(|minor| *minor < 100);
    Some((major, minor.unwrap_or(0)))
}

/// Shorter prompts teach nothing: the template around them, which differs, is too great a part of them.
const SHORTEST: u64 = 50;
/// A count further from the estimate than this, one way or the other, was not made of the same text.
const FURTHEST: f64 = 4.0;
/// How far the natural logarithm of one count differs from the family's, as a standard deviation, where nothing is known.
const SPREAD: f64 = 0.08;
/// What is assumed of the spread weighs as much as so many counts.
const SPREAD_ASSUMED: f64 = 5.0;
/// A count that is so many times the usual spread away counts as if it were only so far.
const OUTLYING: f64 = 2.0;
/// The spread is never taken to be less, so that a family of very steady counts can still move.
const LEAST_SPREAD: f64 = 0.02;
/// No more counts than this weigh against a new one: tokenizers and texts change.
const MOST: f64 = 200.0;
/// How much more a count weighs than in a plain mean.
const FORGETTING: f64 = 2.0;
/// Standard errors to each side of a band: 90 % lie within.
const BAND: f64 = 1.645;

/// What was learned of one family: a mean of logarithms that no single count can move far.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Factor {
    /// The natural logarithm of the factor by what was learned alone.
    mean: f64,
    /// The variance of one count about it.
    variance: f64,
    /// How many counts it rests on.
    counts: f64,
}

/// A figure with what it may as well be.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Band {
    /// At the lower end.
    pub low: f64,
    /// Expected.
    pub expected: f64,
    /// At the upper end.
    pub high: f64,
}

impl Default for Factor {
    fn default() -> Self {
        Self { mean: 0.0, variance: SPREAD * SPREAD, counts: 0.0 }
    }
}

impl Factor {
    /// Learns from a prompt of plain text: its measure in hundredths of a token of `o200k_base`, and the provider's count of its
    /// tokens. Neither a count that cannot be of the same text nor a very short prompt teaches anything.
    #[must_use]
    pub fn learn(self, prior: &Prior, hundredths: u64, actual: u64) -> Self {
        let seen = (actual as f64 * 100.0 / hundredths as f64).ln();
        if hundredths < 100 * SHORTEST || actual == 0 || seen.abs() > FURTHEST.ln() {
            return self;
        }
        let (mean, doubt) = self.estimate(prior);
        let spread = self.variance.sqrt().max(LEAST_SPREAD);
        // As long as the family itself is in doubt, a count may well be far away.
        let reach = OUTLYING * spread.hypot(doubt);
        let step = (seen - mean).clamp(-reach, reach);
        let counts = (self.counts + 1.0).min(MOST);
        let taken = mean + step;
        // The first counts could not move it as far as they should have, so they are forgotten somewhat sooner.
        let moved = self.mean + (taken - self.mean) * (FORGETTING / (counts + FORGETTING - 1.0));
        // What a first count says of the spread is mostly that the prior was off.
        let off = (seen - moved).clamp(-OUTLYING * spread, OUTLYING * spread);
        let variance = self.variance + (off * off - self.variance) / (counts + SPREAD_ASSUMED);
        Self { mean: moved, variance, counts }
    }

    /// The natural logarithm of the factor, and its standard error.
    fn estimate(&self, prior: &Prior) -> (f64, f64) {
        let own = 1.0 / (prior.doubt * prior.doubt);
        let learned = self.counts / self.variance.max(LEAST_SPREAD * LEAST_SPREAD);
        let mean = (prior.factor.ln() * own + self.mean * learned) / (own + learned);
        (mean, (own + learned).sqrt().recip())
    }

    /// Tokens for one of `o200k_base`.
    pub fn factor(&self, prior: &Prior) -> f64 {
        self.estimate(prior).0.exp()
    }

    /// The same with what it may as well be for one prompt: the doubt about the family, and how much prompts differ.
    pub fn band(&self, prior: &Prior) -> Band {
        let (mean, doubt) = self.estimate(prior);
        let wide = BAND * self.variance.sqrt().hypot(doubt);
        Band { low: (mean - wide).exp(), expected: mean.exp(), high: (mean + wide).exp() }
    }

    /// How many counts it rests on, at most a few hundred.
    pub const fn counts(&self) -> f64 {
        self.counts
    }
}

/// What was learned of all families, by name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Factors(BTreeMap<String, Factor>);

impl Factors {
    /// What was learned of these families.
    pub fn new(learned: impl IntoIterator<Item = (String, Factor)>) -> Self {
        Self(learned.into_iter().collect())
    }

    /// What was learned of a family; nothing as yet of most.
    pub fn of(&self, family: &str) -> Factor {
        self.0.get(family).copied().unwrap_or_default()
    }

    /// Tokens of a family for one of `o200k_base`.
    pub fn factor(&self, family: &str) -> f64 {
        self.of(family).factor(prior(family))
    }

    /// The same with what it may as well be.
    pub fn band(&self, family: &str) -> Band {
        self.of(family).band(prior(family))
    }
}

#[cfg(test)]
mod tests;
