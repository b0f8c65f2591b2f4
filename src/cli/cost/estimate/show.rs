//! An estimate as a table, as JSON and for spreadsheets.

use serde_json::{Value, json};

use super::{Args, Row, SCHEMA};
use crate::cli::Done;
use crate::cli::cost::named;
use crate::csv::line;
use crate::error::Error;
use crate::money::Usd;
use crate::ui::Ui;
use crate::ui::counted;
use crate::ui::table::Table;

/// Shows it as it was asked for.
pub fn show(args: &Args, rows: &[Row], prompts: usize, ui: &Ui) -> Done {
    if args.json {
        let models = rows.iter().map(object).collect::<Vec<Value>>();
        let object = json!({ "schema": SCHEMA, "prompts": prompts, "cached_percent": args.cached, "models": models });
        return Ok(ui.out_clean(&format!("{object}\n"))?);
    }
    if args.csv {
        return Ok(ui.out_clean(&csv(rows)?)?);
    }
    ui.table(&table(rows))?;
    if prompts > 1 {
        ui.note(&format!("{prompts} prompts; figures are of all together"));
    }
    let unknown = rows.iter().filter(|row| row.estimate.cost_usd.is_none()).count();
    if unknown > 0 {
        ui.note(&format!("{} without a known price", counted(unknown, "model")));
    }
    ui.note("nine times in ten the cost lies from low to high, as far as tokenizers and lengths of answers are known");
    Ok(())
}

fn table(rows: &[Row]) -> Table {
    let heads = ["model", "tokens in", "tokens out", "cost", "low", "high", "price of", "note"];
    // A column of notes that says nothing would take the room of the others.
    let notes = rows.iter().any(|row| !row.notes().is_empty());
    let heads = heads.into_iter().take(if notes { 8 } else { 7 });
    let mut table = Table::new(heads).right(&[1, 2, 3, 4, 5]).whole(&[0, 1, 2, 3, 4, 5, 6]);
    for row in rows {
        let it = &row.estimate;
        let money = |usd: Option<Usd>| usd.map_or_else(|| "unknown".to_owned(), |usd| usd.to_string());
        let near = if row.tokens.by.is_some() { "" } else { "~" };
        let cells = [
            row.priced.target.id.to_string(),
            format!("{near}{}", it.tokens_in),
            format!("~{}", it.tokens_out),
            money(it.cost_usd),
            money(it.low_usd),
            money(it.high_usd),
            row.priced.day().unwrap_or_default().to_owned(),
            row.notes().join("; "),
        ];
        table.row(cells.into_iter().take(if notes { 8 } else { 7 }));
    }
    table
}

fn object(row: &Row) -> Value {
    let band = row.tokens.prompts.doubt;
    let mut object = json!({
        "model": row.priced.target.id,
        "tokenizer": row.tokens.family,
        "factor": band.map(|band| band.expected),
        "exact": row.tokens.by,
    });
    let estimate = json!(row.estimate);
    if let (Some(object), Some(estimate)) = (object.as_object_mut(), estimate.as_object()) {
        object.extend(estimate.clone());
    }
    object["answers_seen"] = json!(row.seen.count());
    object["price_date"] = json!(row.priced.day());
    object["price_source"] = json!(row.priced.source);
    object["notes"] = json!(row.notes());
    object
}

/// An empty cell is unknown.
fn csv(rows: &[Row]) -> Result<String, Error> {
    let heads =
        ["model", "tokens_in", "exact", "tokens_out", "cost_usd", "low_usd", "high_usd", "price_source", "notes"];
    let mut out = Vec::new();
    line(&heads.map(str::to_owned), &mut out)?;
    for row in rows {
        let it = &row.estimate;
        let money = |usd: Option<Usd>| usd.map(Usd::to_decimal).unwrap_or_default();
        let cells = [
            named(&row.priced.target.id.to_string()),
            it.tokens_in.to_string(),
            row.tokens.by.unwrap_or_default().to_owned(),
            it.tokens_out.to_string(),
            money(it.cost_usd),
            money(it.low_usd),
            money(it.high_usd),
            named(row.priced.source.as_deref().unwrap_or_default()),
            named(&row.notes().join("; ")),
        ];
        line(&cells, &mut out)?;
    }
    Ok(String::from_utf8_lossy(&out).into_owned())
}
