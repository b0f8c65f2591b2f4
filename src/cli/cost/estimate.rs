//! `llmx cost estimate`: what a prompt, files or a data set will cost, over models. Nothing is asked, unless for a free count.

mod models;
mod prompts;
mod seen;
mod show;

use jiff::Timestamp;

use self::models::Priced;
use self::prompts::Asked;
use super::SCHEMA;
use crate::catalog::{Kind, Model};
use crate::cli::report::{error_json, told_as_json};
use crate::cli::session::{self, Session};
use crate::cli::{Context, Done, block_on};
use crate::compare::dataset::Format;
use crate::config::schema::parse_money;
use crate::cost::estimate::{Answers, Estimate, Prompts, estimate};
use crate::cost::lengths::Lengths;
use crate::money::Usd;
use crate::route::estimate::{Factors, Measure, family};
use crate::route::experience::Sort;
use crate::route::forecast::{Detail, forecast};
use crate::route::{Snapshot, Tokens};

/// Arguments.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own on the command line")]
pub struct Args {
    /// Words of the prompt; a `-` is where stdin goes
    ///
    /// They are joined by spaces. With --data they stand for rows that have no prompt, or around it, where they say
    /// `{{prompt}}`.
    #[arg(value_name = "PROMPT")]
    words: Vec<String>,
    /// Add a text file to the prompt; repeatable
    #[arg(short, long = "file", value_name = "PATH", conflicts_with = "data")]
    files: Vec<String>,
    /// Set the system prompt
    #[arg(short, long, value_name = "TEXT")]
    system: Option<String>,
    /// Every row of this data set is a prompt; `-` is stdin
    ///
    /// As `llmx compare -f` reads it: text, JSON lines, CSV or YAML.
    #[arg(long, value_name = "FILE")]
    data: Option<String>,
    /// Read it as: txt, jsonl, csv or yaml
    #[arg(long, value_name = "FORMAT", requires = "data")]
    format: Option<Format>,
    /// Estimate for these models; repeatable, or with commas
    ///
    /// `provider/model`, a provider, an alias, or a route, which stands for all its models.
    #[arg(short, long = "model", value_name = "NAME", value_delimiter = ',', conflicts_with = "all")]
    models: Vec<String>,
    /// Estimate for all models of the catalogue
    #[arg(short, long)]
    all: bool,
    /// With --all: only of this provider; repeatable
    #[arg(short, long = "provider", value_name = "NAME", requires = "all")]
    providers: Vec<String>,
    /// With --all: only models whose names hold this
    #[arg(long, value_name = "TEXT", requires = "all")]
    search: Vec<String>,
    /// With --all: only up to this price of input, USD/MTok
    #[arg(long, value_name = "USD", value_parser = parse_money, requires = "all")]
    max_price: Option<Usd>,
    /// Take answers to have N tokens, or p50, p90 or p95
    ///
    /// Without it the mean of what the ledger has seen of the model, else of all, else what is usual; `p90` is what nine of ten
    /// answers do not go beyond: of the latest 1000 of the model, or with fewer than 20, if lengths spread as they usually do.
    #[arg(long, value_name = "N", value_parser = length)]
    out_tokens: Option<Length>,
    /// Take this percentage of prompts from a cache
    #[arg(long, value_name = "PERCENT", default_value_t = 0, hide_default_value = true)]
    #[arg(value_parser = clap::value_parser!(u8).range(0..=100))]
    cached: u8,
    /// Count tokens where that can be done for nothing
    ///
    /// With the tokenizers of OpenAI, and at providers that count: prompts are sent there, for up to 20 prompts.
    #[arg(long)]
    exact: bool,
    /// Order by cost or model
    #[arg(
        long,
        value_name = "ORDER",
        value_enum,
        default_value_t,
        hide_possible_values = true,
        hide_default_value = true
    )]
    sort: Order,
    /// Print one JSON object
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Print a table for spreadsheets (RFC 4180)
    #[arg(long)]
    csv: bool,
}

/// In which order models stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Order {
    #[default]
    Cost,
    Model,
}

/// `--out-tokens`.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Length {
    Tokens(u64),
    Quantile {
        percent: usize,
        /// Standard deviations above the median.
        deviations: f64,
    },
}

fn length(text: &str) -> Result<Length, String> {
    match text {
        "p50" => Ok(Length::Quantile { percent: 50, deviations: 0.0 }),
        "p90" => Ok(Length::Quantile { percent: 90, deviations: 1.281_6 }),
        "p95" => Ok(Length::Quantile { percent: 95, deviations: 1.644_9 }),
        _ => text
            .parse()
            .map(Length::Tokens)
            .map_err(|_| format!("`{text}` is no length: write a number of tokens, or p50, p90 or p95")),
    }
}

/// What a model's figures rest on.
struct Row {
    priced: Priced,
    tokens: Counted,
    seen: Lengths,
    estimate: Estimate,
}

/// Tokens of the prompts, and how they were counted.
struct Counted {
    family: String,
    prompts: Prompts,
    /// Who counted exactly.
    by: Option<&'static str>,
    /// Why nobody did, where that was tried.
    problem: Option<String>,
}

/// Runs the action.
pub fn run(args: &Args, context: &mut Context) -> Done {
    let done = block_on(estimated(args, context));
    if args.json { told_as_json(done, |error| error_json(SCHEMA, error), &context.ui) } else { done }
}

async fn estimated(args: &Args, context: &Context) -> Done {
    let now = Timestamp::now();
    let session = Session::open(context).await?;
    let asked = Asked::read(args, &context.ui)?;
    let measures = asked.measures()?;
    let priced = models::chosen(args, &session, now).await?;
    let mut ledger = session.look_at_ledger();
    let factors = ledger.factors().unwrap_or_default();
    let targets: Vec<_> = priced.iter().map(|priced| priced.target.clone()).collect();
    let known = session::snapshot(&ledger, now, &targets, &[]);
    let seen = seen::of(&priced, &ledger, &session.catalog);
    let mut rows = Vec::with_capacity(priced.len());
    let mut counts = prompts::Counts::default();
    for (priced, seen) in priced.into_iter().zip(seen) {
        let exact = if args.exact { counts.of(&priced.target, &asked, &session).await? } else { None };
        let tokens = counted(&priced, &measures, exact, &factors);
        rows.push(row(args, priced, tokens, seen, &known));
    }
    order(&mut rows, args.sort);
    if let Some(warning) = ledger.take_warning() {
        context.ui.warn(&warning);
    }
    show::show(args, &rows, measures.len(), &context.ui)
}

fn row(args: &Args, priced: Priced, tokens: Counted, seen: Lengths, known: &Snapshot) -> Row {
    let nothing = Model::default();
    let model = priced.target.model.as_deref().unwrap_or(&nothing);
    let answers = answers(args, &priced, &tokens.prompts, &seen, known);
    let estimate = estimate(model, &tokens.prompts, answers, f64::from(args.cached) / 100.0, known.now);
    Row { priced, tokens, seen, estimate }
}

fn counted(priced: &Priced, measures: &[Measure], exact: Option<prompts::Exact>, factors: &Factors) -> Counted {
    let target = &priced.target;
    let tokenizer = target.model.as_deref().and_then(|model| model.tokenizer.as_deref());
    let family = family::of(tokenizer, &target.id.model).to_owned();
    match exact {
        Some(prompts::Exact::Counted { by, tokens }) => {
            Counted { family, prompts: Prompts { tokens, doubt: None }, by: Some(by), problem: None }
        }
        other => {
            let band = factors.band(&family);
            let tokens = measures.iter().map(|measure| {
                let Tokens { expected, .. } = measure.by(band.expected);
                expected
            });
            let prompts = Prompts { tokens: tokens.collect(), doubt: Some(band) };
            let problem = other.and_then(|exact| match exact {
                prompts::Exact::Refused(problem) => Some(problem),
                prompts::Exact::Counted { .. } => None,
            });
            Counted { family, prompts, by: None, problem }
        }
    }
}

/// How long the answers of a model are taken to be.
fn answers(args: &Args, priced: &Priced, prompts: &Prompts, seen: &Lengths, known: &Snapshot) -> Answers {
    if priced.target.model.as_deref().is_some_and(|model| model.kind == Kind::Embedding) {
        return Answers::Said(0);
    }
    if let Some(Length::Tokens(tokens)) = args.out_tokens {
        return Answers::Said(tokens);
    }
    as_seen(args, seen).unwrap_or_else(|| as_usual(args, priced, prompts, seen, known))
}

/// `None` where too little was seen.
fn as_seen(args: &Args, seen: &Lengths) -> Option<Answers> {
    if let Some(Length::Quantile { percent, .. }) = args.out_tokens {
        return seen.quantile(percent).map(Answers::Said);
    }
    let (low, high) = (seen.quantile(5)? as f64, seen.quantile(95)? as f64);
    Some(Answers::Seen { mean: seen.mean()?, low, high, count: seen.count() })
}

fn as_usual(args: &Args, priced: &Priced, prompts: &Prompts, seen: &Lengths, known: &Snapshot) -> Answers {
    let mean_prompt = prompts.tokens.iter().sum::<u64>() / prompts.tokens.len().max(1) as u64;
    let sort = Sort::at(known.now, mean_prompt, true, false);
    let expected = forecast(&priced.target, &known.experience, sort, None, Detail::Size, known.now);
    // What is assumed weighs as much as an answer does.
    let mean = seen.with_imports(expected.output_tokens, 1.0 + expected.samples);
    match args.out_tokens {
        Some(Length::Quantile { deviations, .. }) => Answers::Quantile { mean, deviations },
        _ => Answers::Usual { mean, doubt: expected.doubt.cost },
    }
}

/// What is unknown comes last.
fn order(rows: &mut [Row], by: Order) {
    let name = |row: &Row| row.priced.target.id.to_string();
    match by {
        Order::Model => rows.sort_by_key(name),
        Order::Cost => rows.sort_by_key(|row| (row.estimate.cost_usd.is_none(), row.estimate.cost_usd, name(row))),
    }
}

impl Row {
    /// What a reader must know of it beside the figures.
    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let model = self.priced.target.model.as_deref();
        if model.is_none() {
            notes.push("unknown to the catalogue".to_owned());
        }
        let window = model.and_then(|model| model.context.or(model.max_input));
        if let (count @ 1.., Some(window)) = (self.estimate.too_long, window) {
            let prompts = if count == 1 { "1 prompt does".to_owned() } else { format!("{count} prompts do") };
            notes.push(format!("{prompts} not fit its window of {window} tokens"));
        }
        if let (true, Some(most)) = (self.estimate.cut, model.and_then(|model| model.max_output)) {
            notes.push(format!("it answers with at most {most} tokens"));
        }
        notes.extend(self.tokens.problem.clone());
        notes
    }
}
