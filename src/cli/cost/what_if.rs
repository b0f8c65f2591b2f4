//! `llmx cost what-if`: what past traffic would have cost on other models.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::SCHEMA;
use crate::catalog::{Kind, Model};
use crate::cli::report::{error_json, told_as_json};
use crate::cli::session::Session;
use crate::cli::{Context, Done, block_on};
use crate::cost::range::{EXAMPLES, Range};
use crate::cost::spent::{Spender, Spending};
use crate::cost::what_if::{Large, Outcome, Past, Reader, Sizes, Traffic};
use crate::error::{Error, ErrorKind};
use crate::ledger::Ledger;
use crate::money::Usd;
use crate::provider::{Target, TargetId};
use crate::route::estimate::{Factors, family};
use crate::route::{Origin, Policy};
use crate::ui::Ui;
use crate::ui::counted;
use crate::ui::table::Table;

/// What a figure rests on, in words that the JSON has too.
const ASSUMED: [&str; 4] = [
    "tokens are those of the ledger times the ratio of both tokenizers, answers and thinking too",
    "what a cache gave would have come from a cache there too, at that model's price; without one, at its price for input",
    "prices are today's standard ones at the same hour of the week; tools, searches and other fees are not in them",
    "images and schemas are not told apart from text: the ledger keeps sums of tokens",
];

/// Arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Price it on this model; repeatable, or with commas
    #[arg(short = 'm', long = "on", value_name = "MODEL", value_delimiter = ',', required = true)]
    on: Vec<String>,
    /// Begin here, such as 7d or 2026-11; 30 days if unsaid
    ///
    /// As `llmx cost` takes it.
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// End here
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Only what was asked of this model; repeatable
    ///
    /// `provider/model`, or the model alone.
    #[arg(long = "model", value_name = "FROM", value_delimiter = ',')]
    from: Vec<String>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Runs the action.
pub fn run(args: &Args, context: &mut Context) -> Done {
    let done = block_on(what_if(args, context));
    if args.json { told_as_json(done, |error| error_json(SCHEMA, error), &context.ui) } else { done }
}

/// A model with what past traffic would have been on it.
struct On {
    target: Target,
    reader: Reader,
    /// `None` when the catalogue does not know the model.
    outcome: Option<Outcome>,
}

async fn what_if(args: &Args, context: &Context) -> Done {
    let now = Timestamp::now();
    let range = range(args, now)?;
    let session = Session::open(context).await?;
    let targets = named(args, &session)?;
    let mut ledger = session.look_at_ledger();
    let factors = ledger.factors().unwrap_or_default();
    let spending = ledger.spending(range.milliseconds())?;
    let readers = readers(args, &spending, &session, &factors);
    if readers.is_empty() {
        return Err(nothing(args, &range));
    }
    let models: Vec<&Model> = targets.iter().filter_map(|target| target.model.as_deref()).collect();
    let large = large(&ledger, &range, &models)?;
    let with_tools = if models.iter().any(|model| model.abilities.tools == Some(false)) {
        ledger.with_tools(range.milliseconds())?
    } else {
        BTreeMap::new()
    };
    let traffic = Traffic { spending: &spending, large: &large, readers: &readers, with_tools: &with_tools };
    let on: Vec<On> = targets.into_iter().map(|target| on(target, &traffic, &factors, now)).collect();
    if let Some(warning) = ledger.take_warning() {
        context.ui.warn(&warning);
    }
    show(args, &range, &traffic.past(), &on, &context.ui)
}

fn range(args: &Args, now: Timestamp) -> Result<Range, Error> {
    Range::read(args.since.as_deref(), args.until.as_deref(), now, &TimeZone::system()).map_err(|error| {
        Error::new(ErrorKind::Usage, format!("--since and --until: {error}")).hint(format!("write times as {EXAMPLES}"))
    })
}

/// The models that the traffic is priced on, each once.
fn named(args: &Args, session: &Session) -> Result<Vec<Target>, Error> {
    let mut targets: Vec<Target> = Vec::new();
    for name in &args.on {
        let id = session.target_named(name, "-m")?;
        if targets.iter().all(|target| target.id != id) {
            targets.extend(of(std::slice::from_ref(&id), session));
        }
    }
    Ok(targets)
}

fn of(ids: &[TargetId], session: &Session) -> Vec<Target> {
    let origin = Origin::Argument("what-if".to_owned());
    session.targets(&Policy::of("what-if".to_owned(), origin, vec![ids.to_vec()]))
}

/// Who takes part, and whose tokens they count in: embeddings, shadows and probes are no traffic that another model would serve.
fn readers(args: &Args, spending: &Spending, session: &Session, factors: &Factors) -> BTreeMap<u32, Reader> {
    let spenders = spending.cells.iter().map(|cell| cell.spender).collect::<BTreeSet<u32>>();
    let chosen = spenders.iter().filter_map(|number| Some((*number, spending.spenders.get(number)?)));
    let wanted = |spender: &Spender| {
        let whole = format!("{}/{}", spender.provider, spender.model);
        args.from.is_empty() || args.from.iter().any(|name| *name == whole || *name == spender.model)
    };
    let counts = |spender: &Spender| !matches!(spender.role.as_str(), "shadow" | "probe");
    let mut readers = BTreeMap::new();
    for (number, spender) in chosen.filter(|(_, spender)| wanted(spender) && counts(spender)) {
        let id = TargetId::new(spender.provider.clone(), spender.model.clone());
        let target = of(&[id], session).pop();
        let model = target.as_ref().and_then(|target| target.model.as_deref());
        if model.is_none_or(|model| model.kind != Kind::Embedding) {
            readers.insert(number, reader(model, &spender.model, factors));
        }
    }
    readers
}

fn reader(model: Option<&Model>, name: &str, factors: &Factors) -> Reader {
    let family = family::of(model.and_then(|model| model.tokenizer.as_deref()), name).to_owned();
    Reader { band: factors.band(&family), family }
}

fn large(ledger: &Ledger, range: &Range, models: &[&Model]) -> Result<Vec<Large>, Error> {
    let mut large = Vec::new();
    ledger.large_requests(range.milliseconds(), Sizes::for_models(models.iter().copied()), &mut |request| {
        large.push(request);
    })?;
    Ok(large)
}

fn on(target: Target, traffic: &Traffic<'_>, factors: &Factors, now: Timestamp) -> On {
    let reader = reader(target.model.as_deref(), &target.id.model, factors);
    let outcome = target.model.as_deref().map(|model| traffic.on(model, &reader, now));
    On { target, reader, outcome }
}

fn nothing(args: &Args, range: &Range) -> Error {
    let of = if args.from.is_empty() { String::new() } else { format!(" of {}", args.from.join(", ")) };
    let words = range.words(&TimeZone::system());
    Error::new(ErrorKind::Usage, format!("the ledger holds no request{of} in that time ({words})"))
        .hint("`llmx cost --by model` shows what there is; `--since 365d` looks further back")
}

impl On {
    fn cost(&self) -> Option<Usd> {
        self.outcome.as_ref()?.cost_usd
    }

    /// What could not have been served, in words.
    fn misfits(&self) -> Vec<String> {
        let Some(outcome) = &self.outcome else { return vec!["unknown to the catalogue".to_owned()] };
        let counts = [
            (outcome.too_long, "longer than its window"),
            (outcome.cut, "answers longer than it gives"),
            (outcome.without_tools, "with tools, which it lacks"),
        ];
        counts.into_iter().filter(|(count, _)| *count > 0).map(|(count, words)| format!("{count} {words}")).collect()
    }

    fn object(&self, past: &Past) -> Value {
        let mut object =
            json!({ "model": self.target.id, "tokenizer": self.reader.family, "factor": self.reader.band.expected });
        let outcome = json!(self.outcome);
        if let (Some(object), Some(outcome)) = (object.as_object_mut(), outcome.as_object()) {
            object.extend(outcome.clone());
        } else {
            object["cost_usd"] = Value::Null;
        }
        object["difference_usd"] = json!(self.cost().map(|cost| more(cost, past.cost_usd)));
        object["misfits"] = json!(self.misfits());
        object
    }
}

fn show(args: &Args, range: &Range, past: &Past, on: &[On], ui: &Ui) -> Done {
    if args.json {
        let models: Vec<Value> = on.iter().map(|on| on.object(past)).collect();
        let [since, until] = [range.since_ms, range.until_ms].map(|ms| Timestamp::from_millisecond(ms).ok());
        let object = json!({
            "schema": SCHEMA, "since": since, "until": until, "past": past, "models": models, "assumed": ASSUMED,
        });
        return Ok(ui.out_clean(&format!("{object}\n"))?);
    }
    let heads = ["model", "tokens in", "tokens out", "cost", "low", "high", "difference", "misfits"];
    let mut table = Table::new(heads).right(&[1, 2, 3, 4, 5, 6]).whole(&[0]);
    let [none, unknown] = [String::new, || "unknown".to_owned()];
    let was = if past.unknown > 0 {
        format!("{} + {} unknown", past.cost_usd, past.unknown)
    } else {
        past.cost_usd.to_string()
    };
    table.row([
        "as it was".to_owned(),
        past.input.to_string(),
        past.output.to_string(),
        was,
        none(),
        none(),
        none(),
        none(),
    ]);
    for on in on {
        let money = |pick: fn(&Outcome) -> Option<Usd>| {
            on.outcome.as_ref().and_then(pick).map_or_else(unknown, |usd| usd.to_string())
        };
        let tokens =
            |pick: fn(&Outcome) -> u64| on.outcome.as_ref().map_or_else(unknown, |it| format!("~{}", pick(it)));
        table.row([
            on.target.id.to_string(),
            tokens(|it| it.input),
            tokens(|it| it.output),
            money(|it| it.cost_usd),
            money(|it| it.low_usd),
            money(|it| it.high_usd),
            on.cost().map_or_else(unknown, |cost| difference(cost, past.cost_usd)),
            on.misfits().join("; "),
        ]);
    }
    ui.table(&table)?;
    let requests = past.requests - past.uncounted.min(past.requests);
    ui.note(&format!("{}, {}", counted(requests, "request"), range.words(&TimeZone::system())));
    if past.uncounted > 0 {
        let are = if past.uncounted == 1 { "is" } else { "are" };
        let requests = counted(past.uncounted, "request");
        ui.note(&format!("{requests} without counts of tokens {are} in no row of a model"));
    }
    for words in ASSUMED {
        ui.note(&format!("assumed: {words}"));
    }
    Ok(())
}

fn more(cost: Usd, was: Usd) -> Usd {
    Usd::from_pico(cost.pico().saturating_sub(was.pico()))
}

fn difference(cost: Usd, was: Usd) -> String {
    let more = more(cost, was);
    let sign = if more < Usd::ZERO { "" } else { "+" };
    format!("{sign}{more}")
}
