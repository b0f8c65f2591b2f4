//! Comparisons that are kept: listed, shown again, and written to files. Nothing is asked.

use std::cell::RefCell;

use serde_json::{Value, json};

use super::args::{Kept, ShowArgs};
use super::outputs::{self, Told};
use super::runner::unkept;
use super::{SCHEMA, present};
use crate::cli::output::STDOUT;
use crate::cli::session::open_ledger;
use crate::cli::{Context, Done};
use crate::compare::export::Format;
use crate::config::Settings;
use crate::ledger::{ComparisonSummary, Ledger};
use crate::ui::table::Table;

impl Kept {
    /// Its name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::List { .. } => "list",
            Self::Show { .. } => "show",
            Self::Export { .. } => "export",
        }
    }

    /// Whether the result is one JSON object.
    pub fn json(&self) -> bool {
        match self {
            Self::List { json, .. } => *json,
            Self::Show { shown, .. } => shown.json,
            Self::Export { .. } => false,
        }
    }
}

/// Runs `list`, `show` or `export`.
pub fn run(kept: &Kept, context: &Context) -> Done {
    let settings = Settings::load(&context.environment)?;
    let store = RefCell::new(open_ledger(&settings.paths, context.sim.is_some()));
    let done = match kept {
        Kept::List { number, json } => list(*number as usize, *json, &store, context),
        Kept::Show { run, shown } => show(run, shown, &store, context),
        Kept::Export { run, outputs } => {
            let shown = ShowArgs { outputs: outputs.clone(), ..ShowArgs::default() };
            export(run, &shown, &store, context)
        }
    };
    if let Some(warning) = store.borrow_mut().take_warning() {
        context.ui.warn(&warning);
    }
    done
}

fn list(number: usize, as_json: bool, store: &RefCell<Ledger>, context: &Context) -> Done {
    let all = store.borrow().comparisons(number).map_err(|error| unkept(&error))?;
    if as_json {
        let runs: Vec<Value> = all.iter().map(summary_json).collect();
        return Ok(context.ui.out_clean(&format!("{}\n", json!({ "schema": "llmx.compare.list/1", "runs": runs })))?);
    }
    if all.is_empty() {
        context.ui.note("there is no comparison yet; `llmx compare -m A -m B \"Why is the sky blue?\"` makes one");
        return Ok(());
    }
    let heads = ["run", "when", "what", "models", "prompts", "answers", "failed", "cost", "state"];
    let mut table = Table::new(heads).right(&[4, 5, 6, 7]).whole(&[0]);
    for summary in &all {
        let comparison = &summary.comparison;
        let state = match &comparison.ended {
            Some(ended) if ended.exit_code == 0 => "done".to_owned(),
            Some(ended) => format!("exit {}", ended.exit_code),
            None => "not ended".to_owned(),
        };
        table.row([
            comparison.id.clone(),
            comparison.created.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string(),
            comparison.spec.title.clone(),
            comparison.spec.models.join(", "),
            summary.rows.to_string(),
            summary.answers.to_string(),
            summary.failed.to_string(),
            cost(summary).unwrap_or_else(|| "-".to_owned()),
            state,
        ]);
    }
    Ok(context.ui.table(&table)?)
}

fn cost(summary: &ComparisonSummary) -> Option<String> {
    (summary.cost.unknown == 0).then(|| summary.cost.known.to_string())
}

fn summary_json(summary: &ComparisonSummary) -> Value {
    let comparison = &summary.comparison;
    json!({
        "run_id": comparison.id,
        "created": comparison.created,
        "title": comparison.spec.title,
        "models": comparison.spec.models,
        "prompts": summary.rows,
        "answers": summary.answers,
        "failed": summary.failed,
        "cost": (summary.cost.unknown == 0).then_some(summary.cost.known),
        "unknown_costs": summary.cost.unknown,
        "ended": comparison.ended.is_some(),
        "exit_code": comparison.ended.as_ref().map(|ended| ended.exit_code),
        "report": SCHEMA,
    })
}

fn show(run: &str, shown: &ShowArgs, store: &RefCell<Ledger>, context: &Context) -> Done {
    for name in &shown.outputs {
        outputs::check(name)?;
    }
    let told = Told::of(outputs::find(run, store)?, None, store)?;
    tell_of_gaps(&told, context);
    present(&told, shown, store, false, context)?;
    told.head.notes.iter().for_each(|note| context.ui.note(note));
    Ok(())
}

fn export(run: &str, shown: &ShowArgs, store: &RefCell<Ledger>, context: &Context) -> Done {
    for name in shown.outputs.iter().filter(|name| *name != STDOUT) {
        outputs::check(name)?;
    }
    let told = Told::of(outputs::find(run, store)?, None, store)?;
    tell_of_gaps(&told, context);
    for name in &shown.outputs {
        match name.as_str() {
            STDOUT => outputs::print(&told, Format::Json, store, &context.ui)?,
            name => told.write_file(name, store, &context.ui)?,
        }
    }
    Ok(())
}

/// A run that has not ended must not pass for a whole one.
fn tell_of_gaps(told: &Told, context: &Context) {
    if told.comparison.ended.is_none() {
        let id = &told.comparison.id;
        context.ui.warn(&format!(
            "this run has not ended: answers may be missing; `llmx compare --resume={id}` goes on with it"
        ));
    }
}
