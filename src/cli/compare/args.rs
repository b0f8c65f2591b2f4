//! The arguments of `llmx compare`.

use std::time::Duration;

use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use serde_json::Value;

use crate::cli::args::{SamplingArgs, SpendArgs, member, number};
use crate::cli::manual;
use crate::cli::role::used::RoleArgs;
use crate::compare::dataset::{Format, Range};
use crate::compare::diff::Unit;
use crate::compare::gate::{self, Regression};
use crate::compare::judge;
use crate::config::schema::{parse_duration, parse_money, parse_period};
use crate::money::Usd;
use crate::ui::compare::Layout;

/// Ask several models the same and show what differs
///
/// One prompt, or a file of them, goes to every model at once, each answering for itself. What differs is shown: words, facts,
/// time and money. Every answer is kept as it comes, so a run that was stopped goes on with --resume.
#[derive(ClapArgs, Debug, Clone)]
#[command(after_help = manual::COMPARE_EXAMPLES, after_long_help = manual::of_compare())]
#[command(mut_arg("template", |role| role.hide_short_help(true)), mut_arg("params", |role| role.hide_short_help(true)))]
pub struct Args {
    #[command(subcommand)]
    pub kept: Option<Kept>,
    #[command(flatten)]
    pub asked: AskArgs,
    #[command(flatten)]
    pub rows: RowArgs,
    #[command(flatten)]
    pub checks: CheckArgs,
    #[command(flatten)]
    pub gates: GateArgs,
    #[command(flatten)]
    pub shown: ShowArgs,
    #[command(flatten)]
    pub sampling: CompareSampling,
}

/// What to do with comparisons that are kept.
#[derive(Subcommand, Debug, Clone)]
pub enum Kept {
    /// List past comparisons
    List {
        /// List so many, the newest first
        #[arg(short, long, value_name = "NUMBER", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
        number: u32,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Show a past comparison again; nothing is asked
    Show {
        /// Its id, the beginning of it, or `last`
        #[arg(value_name = "RUN", default_value = "last")]
        run: String,
        #[command(flatten)]
        shown: ShowArgs,
    },
    /// Write a past comparison to files; nothing is asked
    Export {
        /// Its id, the beginning of it, or `last`
        #[arg(value_name = "RUN", default_value = "last")]
        run: String,
        /// Write it to this file; repeatable
        ///
        /// What kind of file it is is told by its ending: .json, .jsonl, .csv, .md, .html or .junit.xml; `-` is JSON on stdout.
        #[arg(short, long = "output", value_name = "FILE", required = true)]
        outputs: Vec<String>,
    },
}

/// What to ask of whom.
#[derive(ClapArgs, Debug, Clone, Default, PartialEq)]
pub struct AskArgs {
    /// Words of the prompt; a `-` is where stdin goes
    ///
    /// They are joined by spaces; stdin follows as a block of its own. With a data set they stand for rows that have no prompt,
    /// or around it, where they say `{{prompt}}`.
    #[arg(value_name = "PROMPT")]
    pub words: Vec<String>,
    /// Ask these models; repeatable, or with commas
    ///
    /// `provider/model`, a provider, an alias, or a route, which stands for all its models. Without it the models of the route
    /// that `llmx complete` would use.
    #[arg(short, long = "model", value_name = "NAME", value_delimiter = ',')]
    pub models: Vec<String>,
    /// Hold the others against this model; else the first
    #[arg(long, value_name = "NAME")]
    pub baseline: Option<String>,
    /// Set the system prompt
    #[arg(short, long, value_name = "TEXT")]
    pub system: Option<String>,
    /// Give an answer up after this time, such as 90s
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    #[arg(hide_short_help = true)]
    pub timeout: Option<Duration>,
    /// Spend no more than this on the run, in USD
    ///
    /// What it is expected to cost is told first, and nothing is sent when that is more. While it runs, nothing is asked that is
    /// expected to go beyond it even if its answer is twice as long; with --max-tokens, as long as it may be.
    #[arg(long, value_name = "USD", value_parser = parse_money, allow_negative_numbers = true)]
    pub max_cost: Option<Usd>,
    /// Say what would be asked and its cost; send nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Keep neither prompts nor answers
    ///
    /// What each request cost is kept all the same.
    #[arg(short, long, conflicts_with = "resume")]
    pub no_log: bool,
    #[command(flatten)]
    pub role: RoleArgs,
    #[command(flatten)]
    pub spend: SpendArgs,
}

/// Data sets.
#[derive(ClapArgs, Debug, Clone, Default, PartialEq)]
#[command(next_help_heading = "Data sets")]
pub struct RowArgs {
    /// Ask every row of this file; `-` is stdin
    ///
    /// A prompt on each line (.txt), JSON lines, CSV with a header, or a YAML list. Columns `prompt`, `system`, `id`, `expect`,
    /// `reference` and `cluster` have a meaning; all others are variables.
    #[arg(short, long, value_name = "FILE")]
    pub file: Option<String>,
    /// Read it as: txt, jsonl, csv or yaml
    #[arg(long, value_name = "FORMAT", requires = "file")]
    #[arg(hide_short_help = true)]
    pub format: Option<Format>,
    /// Fill `{{name}}` with this value; repeatable
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = variable)]
    pub variables: Vec<(String, String)>,
    /// Only these rows, counted from 0, such as 10:20
    #[arg(long, value_name = "FROM:TO", requires = "file")]
    pub limit: Option<Range>,
    /// Only so many rows, drawn by --seed
    #[arg(long, value_name = "NUMBER", requires = "file", value_parser = clap::value_parser!(u64).range(1..))]
    pub sample: Option<u64>,
    /// Draw and shuffle by this number; 0 if unsaid
    #[arg(long, value_name = "NUMBER", default_value_t = 0, hide_default_value = true)]
    #[arg(hide_short_help = true)]
    pub seed: u64,
    /// Ask everything so often
    #[arg(long, value_name = "NUMBER", default_value_t = 1, hide_default_value = true)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub repeat: u32,
    /// Ask a provider at most so many at once
    ///
    /// A data set begins with 4 at once and goes up to this, or to 16; a rate limit halves it, and what providers say of their
    /// limits is kept to. One prompt asks all at once.
    #[arg(short, long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..))]
    #[arg(hide_short_help = true)]
    pub jobs: Option<u16>,
    /// Ask past prompts of yours from the ledger
    ///
    /// The newest so many of --since, or 20. Their past answers take part as `log` and are the baseline: what would change
    /// with another model.
    #[arg(long, value_name = "NUMBER", num_args = 0..=1, require_equals = true, default_missing_value = "20")]
    #[arg(conflicts_with_all = ["file", "words", "template"], value_parser = clap::value_parser!(u64).range(1..))]
    pub from_log: Option<u64>,
    /// With --from-log: since when (30d)
    #[arg(long, value_name = "DURATION", value_parser = parse_period)]
    #[arg(hide_short_help = true)]
    pub since: Option<Duration>,
    /// Go on with a run that was stopped (the last)
    ///
    /// What was answered is not asked again. --timeout, --max-cost, --dry-run, -j, --against, gates and how the result is shown can be said
    /// anew.
    #[arg(long, value_name = "RUN", num_args = 0..=1, require_equals = true, default_missing_value = "last")]
    #[arg(conflicts_with_all = ["words", "models", "file", "from_log"])]
    pub resume: Option<String>,
    /// With --resume: ask again what failed
    #[arg(long, requires = "resume")]
    #[arg(hide_short_help = true)]
    pub retry_failed: bool,
}

/// What must hold of answers, and who judges them.
#[derive(ClapArgs, Debug, Clone, Default, PartialEq)]
#[command(next_help_heading = "Checks and judges")]
pub struct CheckArgs {
    /// Check every answer; repeatable
    ///
    /// Such as `contains:Paris`, `regex:^\d+$`, `not-refusal`, `max-cost:0.01`; all are listed below.
    #[arg(long = "expect", value_name = "CHECK")]
    pub expect: Vec<String>,
    /// Let the data set's `command:` checks run programs
    #[arg(long, requires = "file")]
    #[arg(hide_short_help = true)]
    pub allow_commands: bool,
    /// Let this model judge the answers
    ///
    /// It compares each answer with the baseline's, in both orders; a win counts only if it holds in both. It judges checks
    /// `judge:…` too. What judging is expected to cost is told first.
    #[arg(long, value_name = "MODEL")]
    pub judge: Option<String>,
    /// What is good: a text, or a file as `@FILE`
    #[arg(long, value_name = "TEXT|@FILE", requires = "judge")]
    #[arg(hide_short_help = true)]
    pub rubric: Option<String>,
    /// How: baseline, pairs, best, grade or checks
    ///
    /// `baseline` compares each with the baseline, `pairs` everybody with everybody, `best` chooses the best of all in one
    /// request, `grade` grades each from 1 to 5 (4 passes), `checks` does none of it and judges checks only.
    #[arg(long, value_name = "MODE", value_enum, requires = "judge", hide_possible_values = true)]
    #[arg(hide_short_help = true)]
    pub judge_mode: Option<JudgeMode>,
    /// Let this model embed answers, to tell how alike
    #[arg(long, value_name = "MODEL")]
    #[arg(hide_short_help = true)]
    pub embed: Option<String>,
    /// Say what got worse since a run or file
    ///
    /// A file is one that `-o` wrote, .json or .jsonl. `last` is the newest comparison that asked the first of these prompts too.
    #[arg(long, value_name = "last|RUN|FILE")]
    pub against: Option<String>,
}

/// `--judge-mode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum JudgeMode {
    /// Each answer against the baseline's, in both orders
    Baseline,
    /// Every two answers, in both orders
    Pairs,
    /// The best of all, in one request
    Best,
    /// Each by itself, from 1 to 5
    Grade,
    /// Only checks that say `judge:`
    Checks,
}

impl JudgeMode {
    /// What the judge is asked beside checks.
    pub fn mode(self) -> Option<judge::Mode> {
        match self {
            Self::Baseline => Some(judge::Mode::AgainstBaseline),
            Self::Pairs => Some(judge::Mode::EveryPair),
            Self::Best => Some(judge::Mode::SelectBest),
            Self::Grade => Some(judge::Mode::Pointwise),
            Self::Checks => None,
        }
    }
}

/// What ends with exit code 10.
#[derive(ClapArgs, Debug, Clone, Default, PartialEq)]
#[command(next_help_heading = "Gates: exit code 10")]
#[expect(clippy::struct_field_names, reason = "the flags are called so")]
pub struct GateArgs {
    /// When a model passes less than this
    #[arg(long, value_name = "RATE", value_parser = gate::rate)]
    pub fail_under: Option<f64>,
    /// When a prompt that passed fails now
    ///
    /// Or, with a number, when the share that passes fell by more than so many percentage points. Needs --against.
    #[arg(long, value_name = "POINTS", num_args = 0..=1, require_equals = true, default_missing_value = "any")]
    #[arg(requires = "against")]
    pub fail_on_regression: Option<Regression>,
    /// When answers are less alike
    ///
    /// The others' and the baseline's, on average, from 0 to 1; 0.5 if unsaid.
    #[arg(long, value_name = "SIMILARITY", num_args = 0..=1, require_equals = true, default_missing_value = "0.5")]
    #[arg(value_parser = gate::similarity)]
    pub fail_on_disagreement: Option<f64>,
}

/// How the result is shown.
#[derive(ClapArgs, Debug, Clone, Default, PartialEq, Eq)]
#[command(next_help_heading = "Output")]
pub struct ShowArgs {
    /// Lay answers out as: auto, columns, stack, diff, table
    ///
    /// `auto` puts them beside each other where each has 36 columns, else below each other; `diff` shows what differs from the
    /// baseline; `table` shows no answers, as a data set does unless told otherwise.
    #[arg(
        long,
        value_name = "LAYOUT",
        value_enum,
        default_value_t,
        hide_possible_values = true,
        hide_default_value = true
    )]
    pub layout: Layout,
    /// Tell differences in: words, lines or json
    #[arg(
        long,
        value_name = "UNIT",
        value_enum,
        default_value_t,
        hide_possible_values = true,
        hide_default_value = true
    )]
    #[arg(hide_short_help = true)]
    pub diff: UnitArg,
    /// Draw with ASCII only
    #[arg(long)]
    #[arg(hide_short_help = true)]
    pub ascii: bool,
    /// Write the result to this file too; repeatable
    ///
    /// What kind of file it is is told by its ending: .json, .jsonl, .csv, .md, .html or .junit.xml.
    #[arg(short, long = "output", value_name = "FILE")]
    pub outputs: Vec<String>,
    /// Print one JSON object
    #[arg(long, conflicts_with = "jsonl")]
    pub json: bool,
    /// Print a line of JSON for each answer, as it comes
    #[arg(long)]
    pub jsonl: bool,
}

impl Args {
    /// Why what was said beside `list`, `show` or `export` makes no sense; they take their own arguments behind them.
    pub fn beside_kept(&self) -> Option<&'static str> {
        let Self { asked, rows, .. } = self;
        let asks = !asked.words.is_empty() || !asked.models.is_empty() || rows.file.is_some() || rows.resume.is_some();
        let shows = self.shown.is_given();
        match () {
            () if asks => Some("it asks nothing; a prompt that begins with its name goes in quotes, or behind `--`"),
            () if shows => Some("its own options stand behind it"),
            () => None,
        }
    }
}

impl Args {
    /// What makes no sense together; the parser cannot say it, as it drops what an argument requires when that is ruled out.
    pub fn check(&self, plain: &Self) -> Result<(), &'static str> {
        let Self { asked, rows, checks, shown, .. } = self;
        if rows.resume.is_some() && self.asks_anew(plain) {
            return Err(
                "--resume goes on with what was asked: beside it stand only --timeout, --max-cost, --dry-run, -j, \
                        --retry-failed, --against, gates, and how the result is shown",
            );
        }
        match () {
            () if rows.retry_failed && rows.resume.is_none() => Err("--retry-failed needs --resume"),
            () if rows.since.is_some() && rows.from_log.is_none() => Err("--since needs --from-log"),
            () if asked.dry_run && !shown.outputs.is_empty() => Err("--dry-run has no result that -o could write"),
            () if asked.dry_run && shown.jsonl => Err("--dry-run has no answers that --jsonl could print"),
            () if asked.dry_run && checks.against.is_some() => {
                Err("--dry-run has nothing to hold --against another run")
            }
            () => Ok(()),
        }
    }

    /// Whether anything is said that a run that goes on has said already.
    fn asks_anew(&self, plain: &Self) -> bool {
        let asked = AskArgs { timeout: None, max_cost: None, dry_run: false, ..self.asked.clone() };
        let rows = RowArgs { resume: None, retry_failed: false, jobs: None, ..self.rows.clone() };
        let checks = CheckArgs { against: None, ..self.checks.clone() };
        asked != plain.asked || rows != plain.rows || checks != plain.checks || self.sampling != plain.sampling
    }
}

impl ShowArgs {
    /// Whether anything of it was said.
    pub fn is_given(&self) -> bool {
        *self != Self::default()
    }
}

impl GateArgs {
    /// Whether there is any.
    pub fn is_given(&self) -> bool {
        *self != Self::default()
    }
}

/// `--diff`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum UnitArg {
    /// Words
    #[default]
    Words,
    /// Lines
    Lines,
    /// Members of JSON
    Json,
}

impl From<UnitArg> for Unit {
    fn from(unit: UnitArg) -> Self {
        match unit {
            UnitArg::Words => Self::Words,
            UnitArg::Lines => Self::Lines,
            UnitArg::Json => Self::Json,
        }
    }
}

/// How models are to answer; what is not given is not sent.
#[derive(ClapArgs, Debug, Clone, Default, PartialEq)]
#[command(next_help_heading = "Sampling (sent only when given)")]
pub struct CompareSampling {
    /// Set the sampling temperature
    #[arg(long, value_name = "NUMBER", alias = "temp", value_parser = number, allow_negative_numbers = true)]
    #[arg(hide_short_help = true)]
    pub temperature: Option<f64>,
    /// Set the share of nucleus sampling
    #[arg(long, value_name = "NUMBER", alias = "topp", value_parser = number, allow_negative_numbers = true)]
    #[arg(hide_short_help = true)]
    pub top_p: Option<f64>,
    /// Answer with at most so many tokens
    #[arg(long, value_name = "TOKENS", value_parser = clap::value_parser!(u64).range(1..))]
    #[arg(hide_short_help = true)]
    pub max_tokens: Option<u64>,
    /// End the answer at this text; repeatable
    #[arg(long, value_name = "TEXT")]
    #[arg(hide_short_help = true)]
    pub stop: Vec<String>,
    /// Think so hard: none, low, medium, high, …
    #[arg(long, value_name = "EFFORT")]
    #[arg(hide_short_help = true)]
    pub reasoning_effort: Option<String>,
    /// Set any member of the body; repeatable
    #[arg(long = "option", value_name = "KEY=VALUE", value_parser = member)]
    #[arg(hide_short_help = true)]
    pub options: Vec<(String, Value)>,
}

impl From<&CompareSampling> for SamplingArgs {
    fn from(sampling: &CompareSampling) -> Self {
        let CompareSampling { temperature, top_p, max_tokens, stop, reasoning_effort, options } = sampling.clone();
        Self { temperature, top_p, max_tokens, stop, seed: None, reasoning_effort, options }
    }
}

/// Reads `name=value`.
fn variable(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    if crate::template::is_name(name) {
        Ok((name.to_owned(), value.to_owned()))
    } else {
        Err(format!("`{name}` is no name of a variable: letters, digits, `_`, `-` and `.`"))
    }
}
