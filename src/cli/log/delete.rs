//! `llmx log delete`: runs that are to be gone, with all that was said in them.

use serde_json::json;

use super::select::FilterArgs;
use super::{SCHEMA, export, print};
use crate::cli::{Context, Done};
use crate::error::{Error, ErrorKind};
use crate::ledger::{Deleted, Ledger};
use crate::ui::counted;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  llmx log delete 0199aaaa
  llmx log delete --conversation last
  llmx log delete --search 'passport number' --yes
Comparisons that fit are deleted too, with rows, answers and rulings; `--command compare` means them alone,
`--command complete` and others leave them.")]
pub struct Args {
    /// Ids of runs, or the starts of some
    #[arg(value_name = "ID")]
    pub(super) ids: Vec<String>,
    /// Do not ask
    #[arg(short, long)]
    pub(super) yes: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    pub(super) filter: FilterArgs,
}

/// Runs the command.
pub fn run(args: &Args, context: &Context, ledger: &mut Ledger) -> Done {
    if args.ids.is_empty() && args.filter.is_empty() {
        let error = Error::new(ErrorKind::Usage, "name the runs to delete, or say what they are like");
        return Err(error.hint("`llmx log` lists ids; `llmx log delete --help` shows what else can be said"));
    }
    let ids = export::ids(&args.ids, &args.filter, true, context, ledger)?;
    if !ids.is_empty() {
        confirm(&format!("delete {}?", words(&ledger.would_delete(&ids)?)), args.yes, context)?;
    }
    let deleted = ledger.delete(&ids)?;
    let shrunk = if ids.is_empty() { Ok(()) } else { ledger.shrink() };
    if let Err(error) = shrunk {
        context.ui.warn(&format!("the file is as long as before: {error}; `llmx log prune` tries again"));
    }
    if deleted.busy > 0 {
        context.ui.warn(&format!("{} of another process goes on and was left", counted(deleted.busy, "comparison")));
    }
    if args.json {
        let value =
            json!({ "schema": SCHEMA, "deleted": { "runs": deleted.runs, "comparisons": deleted.comparisons } });
        return print(context, &format!("{value}\n"));
    }
    context.ui.note(&format!("deleted: {}; what they cost stays known", words(&deleted)));
    Ok(())
}

/// `1 run`, `2 runs and 1 comparison`.
fn words(deleted: &Deleted) -> String {
    let (runs, comparisons) = (counted(deleted.runs, "run"), counted(deleted.comparisons, "comparison"));
    match deleted {
        Deleted { comparisons: 0, .. } => runs,
        Deleted { runs: 0, .. } => comparisons,
        _ => format!("{runs} and {comparisons}"),
    }
}

/// Asks whether to do it; where nobody can answer, only `--yes` does.
pub(super) fn confirm(question: &str, yes: bool, context: &Context) -> Done {
    if yes {
        return Ok(());
    }
    let Some(questions) = context.ui.questions()? else {
        let error = Error::new(ErrorKind::Usage, format!("{question} Nobody is here to answer, so nothing was done"));
        return Err(error.hint("say --yes to do it unasked"));
    };
    if questions.confirm(question, false)? { Ok(()) } else { Err(Error::new(ErrorKind::Other, "nothing was done")) }
}
