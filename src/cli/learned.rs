//! `llmx log learned`: which parameters providers rejected, so that they are left out before they are sent; and how to forget it.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Context, Done};
use crate::error::{Error, ErrorKind};
use crate::ledger::Ledger;
use crate::ledger::record::Lesson;
use crate::ui::table::Table;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Forget it, of NAME or all
    ///
    /// NAME is a provider or `provider/model`. Forgotten or not, a lesson ends after 30 days.
    #[arg(long, value_name = "NAME", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    forget: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(args: &Args, context: &Context, ledger: &mut Ledger) -> Done {
    if let Some(name) = &args.forget {
        return forget(name, context, ledger);
    }
    let lessons = ledger.lessons(Timestamp::now().as_millisecond())?;
    if args.json {
        let lessons: Vec<Value> = lessons.iter().map(as_json).collect();
        return Ok(context
            .ui
            .out_clean(&format!("{}\n", json!({ "schema": super::log::SCHEMA, "learned": lessons })))?);
    }
    if lessons.is_empty() {
        context.ui.note("nothing learned yet: no provider has rejected a parameter");
        return Ok(());
    }
    let mut table = Table::new(["target", "parameter", "rejected", "now", "on"]).whole(&[0, 1]);
    for lesson in &lessons {
        table.row([
            format!("{}/{}", lesson.provider, lesson.model),
            lesson.parameter.clone(),
            lesson.value.clone().unwrap_or_else(|| "any value".to_owned()),
            lesson.instead.clone().unwrap_or_else(|| "left out".to_owned()),
            lesson.day(),
        ]);
    }
    Ok(context.ui.table(&table)?)
}

fn forget(name: &str, context: &Context, ledger: &mut Ledger) -> Done {
    let (provider, model) = match name.split_once('/') {
        _ if name.is_empty() => (None, None),
        Some((provider, model)) => (Some(provider), Some(model)),
        None => (Some(name), None),
    };
    let forgotten = ledger.forget(provider, model)?;
    if forgotten == 0 && provider.is_some() {
        let error = Error::new(ErrorKind::Usage, format!("nothing was learned of `{name}`"));
        return Err(error.hint("`llmx log learned` lists what there is"));
    }
    context.ui.note(&format!("forgotten: {forgotten}"));
    Ok(())
}

fn as_json(lesson: &Lesson) -> Value {
    json!({
        "target": format!("{}/{}", lesson.provider, lesson.model),
        "parameter": lesson.parameter,
        "value": lesson.value,
        "instead": lesson.instead,
        "learned_ms": lesson.learned_ms,
    })
}
