//! What an import has found and added: a row for each tool, what was passed over and why, and the object of `--json`.

use std::collections::BTreeMap;
use std::io;

use serde_json::{Value, json};

use super::Origins;
use super::files::Search;
use crate::cli::cost::SCHEMA;
use crate::cli::report::error_value;
use crate::cost::import::ORIGINS;
use crate::error::Error;
use crate::money::Usd;
use crate::ui::Ui;
use crate::ui::table::Table;

/// The most models that are named.
const SHOWN: usize = 10;

/// Prints a row for each tool.
pub fn table(all: &[Origins], ui: &Ui) -> io::Result<()> {
    let heads = ["tool", "files", "calls", "new", "known", "replaced", "cost", "of unknown price"];
    let mut table = Table::new(heads).whole(&[0]).right(&[1, 2, 3, 4, 5, 6, 7]);
    for Origins { gathered, imported } in all {
        table.row([
            gathered.origin.name.to_owned(),
            gathered.files.to_string(),
            gathered.calls.len().to_string(),
            imported.new.to_string(),
            imported.known.to_string(),
            imported.replaced.to_string(),
            cost(all_of(gathered)).to_string(),
            gathered.unpriced().values().sum::<u64>().to_string(),
        ]);
    }
    if table.is_empty() { Ok(()) } else { ui.table(&table) }
}

fn all_of(gathered: &super::Gathered) -> impl Iterator<Item = Usd> {
    gathered.calls.iter().map(|call| call.sums.cost)
}

fn cost(costs: impl Iterator<Item = Usd>) -> Usd {
    costs.sum()
}

/// Says on stderr what must not be overlooked.
pub fn notes(all: &[Origins], search: &Search, dry_run: bool, ui: &Ui) {
    if all.is_empty() && search.problems.is_empty() {
        let titles = ORIGINS.iter().map(|origin| origin.title).collect::<Vec<_>>().join(", ");
        ui.note(&format!("no logs were found; those of {titles} can be read"));
    }
    for origin in all {
        origin.passed(ui);
        origin.unpriced(ui);
    }
    if let Some(first) = search.strange.first() {
        let (count, path) = (search.strange.len(), first.display());
        ui.note(&format!(
            "{count} {} of no known tool, such as `{path}`",
            if count == 1 { "file is" } else { "files are" }
        ));
    }
    let subscribed: Vec<&str> =
        all.iter().map(|origin| origin.gathered.origin).filter(|origin| origin.subscribed).map(|it| it.title).collect();
    if !subscribed.is_empty() {
        let names = subscribed.join(" and ");
        ui.note(&format!("what {names} cost is counted by the token: what a subscription covers is on no bill"));
    }
    if dry_run && !all.is_empty() {
        ui.note("nothing was added: this was a dry run");
    }
}

impl Origins {
    fn passed(&self, ui: &Ui) {
        let title = self.gathered.origin.title;
        for (why, (passed, path)) in &self.gathered.passed {
            let place = format!("first at {}:{}", path.display(), passed.line);
            let entries = if passed.count == 1 { "entry" } else { "entries" };
            let text = format!("{title}: {} {entries} passed over, {why} ({place})", passed.count);
            if why.is_harmless() { ui.detail(&text) } else { ui.warn(&text) }
        }
    }

    fn unpriced(&self, ui: &Ui) {
        let models = self.gathered.unpriced();
        if models.is_empty() {
            return;
        }
        let mut named: Vec<String> =
            models.iter().map(|((provider, model), calls)| format!("{provider}/{model} ({calls})")).collect();
        let more = named.len().saturating_sub(SHOWN);
        named.truncate(SHOWN);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let title = self.gathered.origin.title;
        ui.warn(&format!("{title}: what these cost is unknown: {}{more}", named.join(", ")));
    }
}

/// The object of `--json`.
pub fn object(all: &[Origins], search: &Search, dry_run: bool, error: Option<&Error>) -> Value {
    let mut object = json!({
        "schema": SCHEMA,
        "dry_run": dry_run,
        "origins": all.iter().map(origin).collect::<Value>(),
        "not_recognised": search.strange,
    });
    if let Some(error) = error {
        object["error"] = error_value(error);
    }
    object
}

fn origin(Origins { gathered, imported }: &Origins) -> Value {
    let unpriced: BTreeMap<_, _> = gathered.unpriced();
    let passed =
        |(why, (passed, path)): (&crate::cost::import::Why, &(crate::cost::import::Passed, std::path::PathBuf))| {
            json!({
                "reason": why.name(),
                "harmless": why.is_harmless(),
                "count": passed.count,
                "first": {"file": path, "line": passed.line},
            })
        };
    json!({
        "origin": gathered.origin.name,
        "files": gathered.files,
        "calls": gathered.calls.len(),
        "new": imported.new,
        "known": imported.known,
        "replaced": imported.replaced,
        "cost": cost(all_of(gathered)),
        "unknown": unpriced.values().sum::<u64>(),
        "unknown_models": unpriced
            .iter()
            .map(|((provider, model), calls)| json!({"provider": provider, "model": model, "calls": calls}))
            .collect::<Value>(),
        "passed_over": gathered.passed.iter().map(passed).collect::<Value>(),
        "unread": gathered
            .problems
            .iter()
            .map(|(path, problem)| json!({"file": path, "problem": problem}))
            .collect::<Value>(),
    })
}
