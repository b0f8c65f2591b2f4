//! What differs between two tables of prices.

use serde_json::{Value, json};

use crate::catalog::Catalog;
use crate::cli::Done;
use crate::cli::cost::SCHEMA;
use crate::cost::prices::{Change, Difference};
use crate::ui::Ui;
use crate::ui::sanitize::clean_line;
use crate::ui::table::Table;

/// The most models that are named one by one.
const SHOWN: usize = 20;

/// Prints the difference; `old` and `new` are the tables.
pub(super) fn print(difference: &Difference, old: &Catalog, new: &Catalog, as_json: bool, ui: &Ui) -> Done {
    if as_json {
        return Ok(ui.out_clean(&format!("{}\n", object(difference, old, new)))?);
    }
    for (what, names) in [("new", &difference.new), ("gone", &difference.gone)] {
        if names.is_empty() {
            continue;
        }
        let listed: Vec<String> = names.iter().take(SHOWN).map(|name| format!("  {}\n", clean_line(name))).collect();
        let listed = listed.concat();
        let more = names.len().saturating_sub(SHOWN);
        let more = if more > 0 { format!("  … and {more} more\n") } else { String::new() };
        ui.out(&format!("{what}: {}\n{listed}{more}\n", names.len()))?;
    }
    if difference.changed.is_empty() {
        let other = !difference.new.is_empty() || !difference.gone.is_empty();
        ui.out(if other { "no other price differs\n" } else { "no price differs\n" })?;
    } else {
        ui.table(&table(&difference.changed))?;
    }
    ui.note(&format!("from the catalogue of {} to that of {}", old.as_of(), new.as_of()));
    Ok(())
}

fn table(changes: &[Change]) -> Table {
    let mut table = Table::new(["model", "card", "unit", "before", "after"]).right(&[3, 4]).whole(&[0]);
    for change in changes {
        let amount = |amount: &Option<String>| amount.clone().unwrap_or_else(|| "none".to_owned());
        let (before, after) = (amount(&change.before), amount(&change.after));
        table.row([change.model.clone(), change.card.clone(), change.unit.clone(), before, after]);
    }
    table
}

fn object(difference: &Difference, old: &Catalog, new: &Catalog) -> Value {
    let changed = difference.changed.iter().map(|change| {
        json!({
            "model": change.model,
            "card": change.card,
            "unit": change.unit,
            "before": change.before,
            "after": change.after,
        })
    });
    let table = |catalog: &Catalog| json!({ "as_of": catalog.as_of(), "from": catalog.updated_from() });
    json!({
        "schema": SCHEMA,
        "old": table(old),
        "prices": table(new),
        "new": difference.new,
        "gone": difference.gone,
        "changed": changed.collect::<Vec<_>>(),
    })
}
