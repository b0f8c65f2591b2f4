//! Arguments that several commands share.

use std::time::Duration;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde_json::{Map, Value};

use crate::chat::{OWN_MEMBERS, Options};
use crate::config::role::Words;
use crate::config::schema::{parse_duration, parse_money};
use crate::config::{Environment, project};
use crate::cost::spent::Spender;
use crate::money::Usd;
use crate::route::strategy::{STRATEGIES, Strategy};
use crate::route::{OnCut, Origin, Policy, PolicyLimits, Set};

/// What to ask.
#[derive(Args, Debug, Clone, Default)]
pub struct PromptArgs {
    /// Words of the prompt; a `-` is where stdin goes
    ///
    /// They are joined by spaces. Stdin follows as a block of its own unless a `-` says where it goes.
    #[arg(value_name = "PROMPT")]
    pub words: Vec<String>,
    /// Add a text file to the prompt; repeatable
    ///
    /// The file becomes a block of its own, with an empty line around it; `-` is stdin.
    #[arg(short, long = "file", value_name = "PATH")]
    pub files: Vec<String>,
    /// Attach an image, PDF, audio or text file; repeatable
    ///
    /// A path, an `https://` address, or `-` for stdin. The content tells what it is, not the name; text becomes a block with
    /// the file's name. The provider fetches an address itself, llmx never does. Models that cannot read it are left out.
    #[arg(short, long = "attach", value_name = "PATH|URL", alias = "attachment")]
    pub attachments: Vec<String>,
    /// Set the system prompt
    #[arg(short, long, value_name = "TEXT")]
    pub system: Option<String>,
    /// What a role makes of what is asked.
    #[arg(skip)]
    pub by_role: Option<Words>,
}

/// Whose money it is.
#[derive(Args, Debug, Clone, Default, PartialEq)]
pub struct SpendArgs {
    /// Mark what is spent with this tag; repeatable
    ///
    /// `llmx cost --by tag` tells it apart, and `budgets.tags` may limit it.
    #[arg(long = "tag", value_name = "KEY=VALUE", value_parser = parse_tag, hide_short_help = true)]
    pub tags: Vec<(String, String)>,
    /// Count what is spent for this project
    ///
    /// A name or a folder, in place of the root of the git repository that the command runs in; `LLMX_PROJECT` does the same.
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    pub project: Option<String>,
    /// Spend although a budget is used up, this once
    #[arg(long, hide_short_help = true)]
    pub yes: bool,
}

/// A tag as it is written: `key=value`.
pub fn parse_tag(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() && !value.trim().is_empty() => {
            Ok((key.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err("write `key=value`, such as `team=search`".to_owned()),
    }
}

impl SpendArgs {
    /// Who spends on requests of that command.
    pub fn spender(&self, command: &str, route: &str, environment: &Environment) -> Spender {
        Spender {
            route: route.to_owned(),
            command: command.to_owned(),
            project: project::of(self.project.as_deref(), environment),
            tags: self.tags.iter().cloned().collect(),
            ..Spender::default()
        }
    }

    /// Leaves a policy the budgets that hold for such requests: none with `--yes`.
    pub fn over(&self, mut policy: Policy, environment: &Environment) -> Policy {
        let Spender { route, project, tags, .. } = self.spender("", &policy.route, environment);
        policy.budgets.retain(|set| !self.yes && set.value.scope.covers(&route, project.as_deref(), &tags));
        policy
    }
}

/// Who should answer.
#[derive(Args, Debug, Clone, Default)]
pub struct RouteArgs {
    /// Ask this model, provider, route or alias
    ///
    /// `provider/model`, a provider alone for its default model, or a name from the configuration. Without it `LLMX_MODEL`,
    /// then `default` of the configuration, then the providers whose keys are found, in turn.
    #[arg(short, long, value_name = "NAME")]
    pub model: Option<String>,
    /// Ask this one when all before it failed; repeatable
    #[arg(long, value_name = "NAME", conflicts_with = "no_fallback")]
    pub fallback: Vec<String>,
    /// Ask the first target only
    #[arg(long)]
    pub no_fallback: bool,
    /// Give up after this time, such as 90s or 2m
    ///
    /// The deadline of the whole request, with all further tries and all fallbacks.
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub timeout: Option<Duration>,
    /// Leave out who is expected to cost more, in USD
    ///
    /// For the request with its answer, such as 0.05. Models without a known price are left out too.
    #[arg(long, value_name = "USD", value_parser = parse_money, allow_negative_numbers = true)]
    pub max_cost: Option<Usd>,
    /// Choose in each tier by: ordered, cheapest, fastest, …
    ///
    /// `ordered`, `shuffle`, `weighted`, `cheapest`, `fastest`, `balanced` or `predictive`, in place of the route's own.
    #[arg(long, value_name = "NAME", value_parser = strategies(), hide_possible_values = true, hide_short_help = true)]
    pub strategy: Option<&'static Strategy>,
    /// When shown text breaks off: fail, restart, …
    ///
    /// `fail` stops and says so; `restart` marks the seam and lets the next target answer anew; `continue` lets it go on where
    /// the text broke off; `buffer` holds the beginning back, and fails after it. Text that is still held, as in a pipe, is
    /// replaced without a seam.
    #[arg(long, value_name = "POLICY", value_enum, hide_possible_values = true, hide_short_help = true)]
    pub on_cut: Option<CutPolicy>,
    /// The model of a role, where no argument names one.
    #[arg(skip)]
    pub of_role: Option<Set<String>>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would take them for its own")]
    pub spend: SpendArgs,
}

/// `--on-cut`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum CutPolicy {
    /// Stop and say so
    Fail,
    /// Mark the seam and let the next target answer anew
    Restart,
    /// Let the next target go on where the text broke off
    Continue,
    /// Hold the beginning back, and fail after it
    Buffer,
}

impl From<CutPolicy> for OnCut {
    fn from(policy: CutPolicy) -> Self {
        match policy {
            CutPolicy::Fail => Self::Fail,
            CutPolicy::Restart => Self::Restart,
            CutPolicy::Continue => Self::Continue,
            CutPolicy::Buffer => Self::Buffer,
        }
    }
}

fn strategies() -> impl TypedValueParser<Value = &'static Strategy> {
    let names = STRATEGIES.iter().map(|strategy| clap::builder::PossibleValue::new(strategy.name).help(strategy.does));
    PossibleValuesParser::new(names).try_map(|name| Strategy::named(&name).ok_or("it is no strategy"))
}

impl RouteArgs {
    /// Lays what was given over a policy; the chain is taken elsewhere.
    pub fn over(&self, policy: Policy) -> Policy {
        fn given<T>(value: Option<T>, argument: &str) -> Option<Set<T>> {
            value.map(|value| Set { value, origin: Origin::Argument(argument.to_owned()) })
        }
        let total = given(self.timeout, "--timeout").or(policy.limits.total);
        Policy {
            fallback: policy.fallback && !self.no_fallback,
            limits: PolicyLimits { total, ..policy.limits },
            max_cost: given(self.max_cost, "--max-cost").or(policy.max_cost),
            strategy: given(self.strategy, "--strategy").unwrap_or(policy.strategy),
            on_cut: given(self.on_cut.map(OnCut::from), "--on-cut").unwrap_or(policy.on_cut),
            ..policy
        }
    }
}

/// How the model should answer. Nothing is sent that was not given.
#[derive(Args, Debug, Clone, Default)]
#[command(next_help_heading = "Sampling")]
pub struct SamplingArgs {
    /// Set the sampling temperature
    #[arg(long, value_name = "NUMBER", alias = "temp", value_parser = number, allow_negative_numbers = true)]
    pub temperature: Option<f64>,
    /// Set the share of nucleus sampling
    #[arg(long, value_name = "NUMBER", alias = "topp", value_parser = number, allow_negative_numbers = true)]
    pub top_p: Option<f64>,
    /// Answer with at most so many tokens
    #[arg(long, value_name = "TOKENS", value_parser = tokens, allow_negative_numbers = true)]
    pub max_tokens: Option<u64>,
    /// End the answer at this text; repeatable
    #[arg(long, value_name = "TEXT")]
    pub stop: Vec<String>,
    /// Set the seed, where there is one
    #[arg(long, value_name = "NUMBER", value_parser = seed, allow_negative_numbers = true, hide_short_help = true)]
    pub seed: Option<i64>,
    /// Think so hard: none, low, medium, high, …
    ///
    /// `none`, `minimal`, `low`, `medium`, `high`, `xhigh`, `max`, or a number of thinking tokens. A model that does not take
    /// it gets the nearest that it takes, and standard error says so. Other words are sent as they are.
    #[arg(long, value_name = "EFFORT")]
    pub reasoning_effort: Option<String>,
    /// Set any member of the body; repeatable
    ///
    /// `key=value` sets that member of the request's body; the value is JSON, or else text.
    #[arg(short, long = "option", value_name = "KEY=VALUE", value_parser = member)]
    pub options: Vec<(String, Value)>,
}

/// Of what form the answer must be.
#[derive(Args, Debug, Clone, Default)]
#[command(next_help_heading = "Form of the answer")]
pub struct FormArgs {
    /// Answer with JSON that fits this schema
    ///
    /// A file, a JSON Schema in place, or a short form: `name, age int, tags [str], bio: a short one`; in brackets for a list
    /// of such. Nothing is printed before the answer is whole and fits; else the exit code is 9, and it is kept in the ledger.
    #[arg(long, value_name = "SCHEMA")]
    pub schema: Option<String>,
    /// Let the model call these tools; none is run
    ///
    /// A file or JSON in place: a list of `{name, description, parameters}`, or in OpenAI's or Anthropic's form. An answer of
    /// calls alone is printed as a line of JSON for each; --json has them as `tool_calls`.
    #[arg(long, value_name = "TOOLS")]
    pub tools: Option<String>,
    /// Call: auto, none, required, or a tool's name
    #[arg(long, value_name = "CHOICE", requires = "tools", hide_short_help = true)]
    pub tool_choice: Option<String>,
    /// Take only what was asked for, in full
    ///
    /// An answer that the token limit cut is a failure with exit code 9 and is not printed. A model that would have to be asked
    /// something else, such as without the temperature that was given, is left out.
    #[arg(long)]
    pub strict: bool,
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

/// What to use instead of a member that is llmx's own.
fn own_way(member: &str) -> &'static str {
    match member {
        "model" => "name the model with -m",
        "stream" => "use --no-stream",
        _ => "give the prompt as words, files or stdin",
    }
}

/// Reads a number that can be sent: JSON has neither `nan` nor `inf`.
fn tokens(text: &str) -> Result<u64, String> {
    text.parse()
        .ok()
        .filter(|tokens| *tokens > 0)
        .ok_or_else(|| "expected a whole number above 0, such as `500`".to_owned())
}

fn seed(text: &str) -> Result<i64, String> {
    text.parse().map_err(|_| "expected a whole number, such as `42`".to_owned())
}

pub(super) fn number(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|number: &f64| number.is_finite())
        .ok_or_else(|| "expected a number such as `0.7`".to_owned())
}

/// Reads `key=value`.
pub(super) fn member(text: &str) -> Result<(String, Value), String> {
    let (key, value) = text.split_once('=').filter(|(key, _)| !key.is_empty()).ok_or("expected KEY=VALUE")?;
    if OWN_MEMBERS.contains(&key) {
        return Err(format!("`{key}` is llmx's own member of the request: {}", own_way(key)));
    }
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
    Ok((key.to_owned(), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_is_json_or_else_text() {
        assert_eq!(member("top_k=5"), Ok(("top_k".to_owned(), Value::from(5))));
        assert_eq!(member("user=ann"), Ok(("user".to_owned(), Value::from("ann"))));
        assert_eq!(member("a=b=c"), Ok(("a".to_owned(), Value::from("b=c"))));
        assert!(member("model=other").is_err() && member("stream=false").is_err());
        assert!(number("nan").is_err() && number("inf").is_err() && number("-0.5") == Ok(-0.5));
        assert!(member("=5").is_err() && member("top_k").is_err());
    }
}
