//! Prices as tables and as JSON: all cards of a few models, or a line for each of many.

use serde_json::{Map, Value, json};

use super::Priced;
use crate::catalog::{Catalog, Mode, Pricing, Unit};
use crate::cli::cost::SCHEMA;
use crate::cli::{Context, Done};
use crate::cost::prices::{Row, rows};
use crate::money::Rate;
use crate::ui::table::Table;

/// Prints the prices; `in_full` shows every card of each model.
pub(super) fn print(priced: &[Priced], in_full: bool, catalog: &Catalog, context: &Context) -> Done {
    let ui = &context.ui;
    if priced.is_empty() {
        ui.note(
            "there are no such prices; `llmx cost prices MODEL` shows those of a model, `--all` the whole catalogue",
        );
        return Ok(());
    }
    if in_full {
        for (index, priced) in priced.iter().enumerate() {
            let gap = if index > 0 { "\n" } else { "" };
            ui.out_words(&format!("{gap}{}: {}\n", priced.name, standing(priced)))?;
            if let Some(pricing) = &priced.model.pricing {
                ui.table(&cards(pricing))?;
                ui.out_words(&beside(pricing))?;
            }
        }
    } else {
        ui.table(&lines(priced))?;
    }
    let from = catalog.updated_from().map_or_else(|| "built in".to_owned(), |from| format!("from {from}"));
    let users = priced.iter().filter(|priced| priced.is_users()).count();
    let users = if users > 0 { format!("; {users} of your own in force") } else { String::new() };
    ui.note(&format!("dollars per million tokens; catalogue of {} ({from}){users}", catalog.as_of()));
    Ok(())
}

/// Who states a price and how old it is.
fn standing(priced: &Priced) -> String {
    let Some(pricing) = &priced.model.pricing else { return "no price is known".to_owned() };
    if priced.is_users() {
        return "your own price".to_owned();
    }
    match priced.age {
        Some(1) => format!("{}; 1 day old", pricing.source),
        Some(age) => format!("{}; {age} days old", pricing.source),
        None => format!("{}; of unknown age", pricing.source),
    }
}

/// The cards as rows, with a column for each unit that any of them names.
fn cards(pricing: &Pricing) -> Table {
    let rows = rows(pricing);
    let is_used = |unit: Unit| rows.iter().any(|row| row.rates.iter().any(|(known, _)| *known == unit));
    let units: Vec<(Unit, &str)> = Unit::ALL.into_iter().filter(|(unit, _)| is_used(*unit)).collect();
    let heads = ["card", "prompts"].into_iter().chain(units.iter().map(|(_, name)| *name));
    let columns: Vec<usize> = (2..units.len() + 2).collect();
    let mut table = Table::new(heads).right(&columns);
    for row in &rows {
        let rates = units.iter().map(|(unit, _)| rate(row, *unit).map(Rate::per_million).unwrap_or_default());
        table.row([row.card.clone(), prompts(row)].into_iter().chain(rates));
    }
    table
}

fn rate(row: &Row, unit: Unit) -> Option<Rate> {
    row.rates.iter().find(|(known, _)| *known == unit).map(|(_, rate)| *rate)
}

fn prompts(row: &Row) -> String {
    match row.above {
        Some(above) if row.inclusive => format!("from {above}"),
        Some(above) => format!("above {above}"),
        None => "any".to_owned(),
    }
}

/// Fees and factors.
fn beside(pricing: &Pricing) -> String {
    let fees = pricing.fees.iter().map(|(name, fee)| format!("fee {name}: ${}\n", fee.to_decimal()));
    let factors = pricing.factors.iter().map(|(name, factor)| format!("factor {name}: tokens times {factor}\n"));
    fees.chain(factors).collect()
}

/// A line for each model: its standard prices.
fn lines(priced: &[Priced]) -> Table {
    let mut table = Table::new(["model", "input", "output", "cache read", "cards", "read on", "days"])
        .right(&[1, 2, 3, 6])
        .whole(&[0]);
    for priced in priced {
        let Some(pricing) = &priced.model.pricing else { continue };
        let standard = |unit: Unit| pricing.standard.rates.get(unit).map_or_else(|| "?".to_owned(), Rate::per_million);
        let read = if priced.is_users() { "yours" } else { pricing.date().unwrap_or("?") };
        table.row([
            priced.name.clone(),
            standard(Unit::Input),
            standard(Unit::Output),
            standard(Unit::CacheRead),
            further(pricing),
            read.to_owned(),
            priced.age.map_or_else(|| "?".to_owned(), |age| age.to_string()),
        ]);
    }
    table
}

/// What there is beside the standard price, in words.
fn further(pricing: &Pricing) -> String {
    let modes = pricing.modes.iter().map(|(mode, _)| mode.name());
    let others = [
        ("long prompts", !pricing.standard.tiers.is_empty()),
        ("hours", !pricing.hours.is_empty()),
        ("dates", !pricing.dated.is_empty()),
        ("regions", !pricing.regions.is_empty() || pricing.factors.iter().any(|(name, _)| Mode::named(name).is_none())),
        ("fees", !pricing.fees.is_empty()),
    ];
    let others = others.into_iter().filter(|(_, has)| *has).map(|(name, _)| name);
    modes.chain(others).collect::<Vec<_>>().join(", ")
}

/// The prices as JSON: exact decimals of dollars per million tokens.
pub(super) fn object(priced: &[Priced], catalog: &Catalog) -> Value {
    json!({
        "schema": SCHEMA,
        "catalog": { "as_of": catalog.as_of(), "from": catalog.updated_from() },
        "unit": "usd_per_million_tokens",
        "models": priced.iter().map(model).collect::<Vec<_>>(),
    })
}

fn model(priced: &Priced) -> Value {
    let pricing = priced.model.pricing.as_ref();
    let card = |row: &Row| {
        let rates: Map<String, Value> =
            row.rates.iter().map(|(unit, rate)| (unit.name().to_owned(), json!(rate.per_million()))).collect();
        json!({ "card": row.card, "above": row.above, "inclusive": row.inclusive, "prices": rates })
    };
    let fees = |pricing: &Pricing| -> Map<String, Value> {
        pricing.fees.iter().map(|(name, fee)| (name.clone(), json!(fee))).collect()
    };
    let factors = |pricing: &Pricing| -> Map<String, Value> {
        pricing.factors.iter().map(|(name, factor)| (name.clone(), json!(factor))).collect()
    };
    json!({
        "model": priced.name,
        "source": pricing.map(|pricing| pricing.source.as_str()),
        "date": pricing.and_then(Pricing::date),
        "age_days": priced.age,
        "yours": priced.is_users(),
        "cards": pricing.map(|pricing| rows(pricing).iter().map(card).collect::<Vec<_>>()),
        "fees": pricing.map(fees),
        "factors": pricing.map(factors),
    })
}
