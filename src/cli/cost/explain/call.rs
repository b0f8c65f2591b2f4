//! A call of the ledger: what each of its attempts cost, by the prices of its time.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::item::{Item, cost_of, dollars};
use crate::catalog::{Bill, Catalog, Mode};
use crate::chat::Buckets;
use crate::cli::billing::{self, Served};
use crate::cli::cost::{SCHEMA, model};
use crate::cli::{Context, Done, catalogue, session};
use crate::config::{Paths, Settings};
use crate::error::{Error, ErrorKind};
use crate::ledger::record::{AttemptOutcome, CostSource};
use crate::ledger::{AttemptDetail, RunDetail};
use crate::money::Usd;
use crate::wire::usage;

pub(super) fn explain(id: &str, as_json: bool, context: &Context) -> Done {
    let ledger = session::ledger_to_read(&Paths::new(&context.environment), context.sim.is_some());
    let run = ledger.run(id)?.ok_or_else(|| {
        Error::new(ErrorKind::Usage, format!("no run `{id}` in the ledger"))
            .hint("`llmx log` lists the latest runs")
            .hint("`llmx cost explain --usage FILE --model M` explains token counts of a call elsewhere")
    })?;
    // What was charged can be explained also while the configuration is broken: only what no bill was kept of needs prices.
    let prices = Settings::load(&context.environment).ok().and_then(|settings| {
        let catalog = catalogue::open(&settings, &context.ui).ok()?;
        Some((settings, catalog))
    });
    let items: Vec<Item> = run.attempts.iter().map(|attempt| item(attempt, prices.as_ref())).collect();
    if as_json {
        return Ok(context.ui.out_clean(&format!("{}\n", object(&run, &items)))?);
    }
    if items.is_empty() {
        context.ui.note(&format!("run `{}` asked nobody", run.short));
        return Ok(());
    }
    for (index, (attempt, item)) in run.attempts.iter().zip(&items).enumerate() {
        if items.len() > 1 {
            let gap = if index > 0 { "\n" } else { "" };
            context.ui.out(&format!("{gap}attempt {}, {}: ", attempt.start.number, outcome(attempt).name()))?;
        }
        item.print(&context.ui)?;
    }
    if items.len() > 1 {
        let spent = run.spent();
        let more = if spent.unknown > 0 { format!(" and {} of unknown cost", spent.unknown) } else { String::new() };
        context.ui.out(&format!("\nall attempts: {}{more}\n", dollars(Some(spent.known))))?;
    }
    Ok(())
}

fn outcome(attempt: &AttemptDetail) -> AttemptOutcome {
    attempt.end.as_ref().map_or(AttemptOutcome::Started, |end| end.outcome)
}

/// An attempt with the bill that was kept of it, else with one by the prices in use.
fn item(attempt: &AttemptDetail, prices: Option<&(Settings, Catalog)>) -> Item {
    let start = &attempt.start;
    let at = Timestamp::from_millisecond(start.started_ms).unwrap_or_default();
    let name = format!("{}/{}", start.provider, start.model);
    let end = attempt.end.as_ref();
    let kept: Option<Bill> = end.and_then(|end| serde_json::from_str(end.price.as_deref()?).ok());
    let (settings, catalog) = prices.map(|(settings, catalog)| (settings, catalog)).unzip();
    let provider = settings.and_then(|settings| settings.provider(&start.provider));
    let raw: Option<Value> = end.and_then(|end| serde_json::from_str(end.usage_raw.as_deref()?).ok());
    let counts = raw.and_then(|raw| usage::read(&raw, provider.map(AsRef::as_ref)).ok());
    let mode = kept.as_ref().and_then(|bill| bill.record.as_ref()).map(|record| record.mode);
    let served = Served { at, mode, region: provider.and_then(|provider| provider.place()) };
    let named = settings
        .zip(catalog)
        .and_then(|(settings, catalog)| model::at(&start.provider, &start.model, settings, catalog));
    let bill = kept.or_else(|| billing::of_usage(counts.as_ref()?, Some(&named?.model), &served).bill);
    let buckets = counts.as_ref().and_then(crate::chat::Usage::billed_buckets);
    let buckets = buckets.or_else(|| end.and_then(|end| end.buckets.as_ref()).map(Buckets::from));
    let usd = end.and_then(|end| end.cost_pico).map(|pico| Usd::from_pico(pico.into()));
    let source = match end {
        Some(end) => end.cost_source,
        None if attempt.maybe_billed => CostSource::Unknown,
        None => CostSource::NotBilled,
    };
    let inconsistent = buckets.is_some_and(|buckets| buckets.inconsistent);
    let told = counts.as_ref().map(|counts| billing::mode(counts, &served).unwrap_or_default());
    let mode = mode.or(told).unwrap_or(Mode::Standard).name().to_owned();
    Item { model: name, at, mode, buckets, cost: cost_of(bill, usd, source, inconsistent) }
}

fn object(run: &RunDetail, items: &[Item]) -> Value {
    let attempts = run.attempts.iter().zip(items).map(|(attempt, item)| {
        let mut value = json!({
            "number": attempt.start.number,
            "outcome": outcome(attempt),
            "maybe_billed": attempt.maybe_billed,
        });
        if let (Value::Object(value), Value::Object(members)) = (&mut value, item.members()) {
            value.extend(members);
        }
        value
    });
    let spent = run.spent();
    json!({
        "schema": SCHEMA,
        "call": run.start.id,
        "at": Timestamp::from_millisecond(run.start.started_ms).ok(),
        "usd": (spent.unknown == 0).then_some(spent.known),
        "known_usd": spent.known,
        "unknown_attempts": spent.unknown,
        "attempts": attempts.collect::<Vec<_>>(),
    })
}
