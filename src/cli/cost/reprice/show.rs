//! Old and new cost beside each other, as a table and as JSON.

use serde_json::{Value, json};

use super::Asked;
use crate::catalog::Catalog;
use crate::cli::Done;
use crate::cli::cost::SCHEMA;
use crate::cost::reprice::{Repriced, Sums};
use crate::money::Usd;
use crate::ui::Ui;
use crate::ui::counted;
use crate::ui::table::Table;

pub(super) fn print(repriced: &Repriced, asked: &Asked, catalog: &Catalog, as_json: bool, ui: &Ui) -> Done {
    if as_json {
        return Ok(ui.out_clean(&format!("{}\n", object(repriced, asked, catalog)))?);
    }
    if repriced.requests == 0 {
        ui.note("the ledger has no such requests");
        return Ok(());
    }
    if !repriced.models.is_empty() {
        ui.table(&table(repriced))?;
    }
    ui.out_words(&words(repriced))?;
    if repriced.imported > 0 {
        ui.note(&format!("{} of {} requests are out of the logs of other tools", repriced.imported, repriced.requests));
    }
    ui.note(&format!("prices of the catalogue of {}; the ledger is left as it is", catalog.as_of()));
    Ok(())
}

fn table(repriced: &Repriced) -> Table {
    let mut table =
        Table::new(["model", "requests", "changed", "old", "new", "difference"]).right(&[1, 2, 3, 4, 5]).whole(&[0]);
    let mut row = |name: &str, sums: &Sums| {
        let [requests, changed] = [sums.requests, sums.changed].map(|count| count.to_string());
        table.row([
            name.to_owned(),
            requests,
            changed,
            sums.old.to_string(),
            sums.new.to_string(),
            signed(sums.difference()),
        ]);
    };
    for (name, sums) in &repriced.models {
        row(name, sums);
    }
    row("total", &repriced.total);
    table
}

/// `+$1.20`, `-$0.05`, or nothing to tell.
fn signed(difference: Usd) -> String {
    match difference.cmp(&Usd::ZERO) {
        std::cmp::Ordering::Equal => "none".to_owned(),
        std::cmp::Ordering::Greater => format!("+{difference}"),
        std::cmp::Ordering::Less => difference.to_string(),
    }
}

/// What the sums leave out.
fn words(repriced: &Repriced) -> String {
    let (newly, cost) = repriced.newly_priced;
    let newly =
        (newly > 0).then(|| format!("{} of unknown cost can be priced now: {cost}\n", counted(newly, "request")));
    let unpriced =
        repriced.unpriced.iter().map(|(why, count)| format!("{} {}\n", counted(*count, "request"), why.words()));
    newly.into_iter().chain(unpriced).collect()
}

fn object(repriced: &Repriced, asked: &Asked, catalog: &Catalog) -> Value {
    let sums = |sums: &Sums| {
        json!({
            "requests": sums.requests,
            "changed": sums.changed,
            "old": sums.old,
            "new": sums.new,
            "difference": sums.difference(),
        })
    };
    let models = repriced.models.iter().map(|(name, of_model)| {
        let mut model = json!({ "model": name });
        if let (Value::Object(model), Value::Object(sums)) = (&mut model, sums(of_model)) {
            model.extend(sums);
        }
        model
    });
    let unpriced: serde_json::Map<String, Value> =
        repriced.unpriced.iter().map(|(why, count)| (why.name().to_owned(), json!(count))).collect();
    json!({
        "schema": SCHEMA,
        "since": asked.since,
        "until": asked.until,
        "at": asked.at,
        "prices": { "as_of": catalog.as_of(), "from": catalog.updated_from() },
        "requests": repriced.requests,
        "imported": repriced.imported,
        "total": sums(&repriced.total),
        "newly_priced": { "requests": repriced.newly_priced.0, "usd": repriced.newly_priced.1 },
        "unpriced": unpriced,
        "models": models.collect::<Vec<_>>(),
    })
}
