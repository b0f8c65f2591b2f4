//! `llmx cost import`: usage logs of other tools, each call once, so that reports show the whole bill.

mod files;
mod gather;
mod price;
mod show;

use std::path::PathBuf;

use crate::cli::report::{error_json, told_as_json};
use crate::cli::session::open_ledger;
use crate::cli::{Context, Done, catalogue, manual};
use crate::config::Settings;
use crate::cost::import::Origin;
use crate::error::{Error, ErrorKind};
use crate::ledger::{Imported, Ledger};
use gather::Gathered;

/// Read the usage logs of other tools
///
/// Every call is counted once, however often it is read, so that `llmx cost` shows the whole bill. Without a PATH the usual
/// places of the tool are looked through, without a tool those of all. Prompts and answers are not copied.
#[derive(Debug, clap::Args)]
#[command(after_help = manual::IMPORT_EXAMPLES, after_long_help = manual::of_cost_import())]
pub struct Args {
    /// A tool (claude-code, codex, llm, litellm), or the first PATH
    #[arg(value_name = "ORIGIN")]
    origin: Option<String>,
    /// Log files, or directories of them
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Only say what would be added
    #[arg(long)]
    dry_run: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// What was found of one tool and what became of it.
struct Origins {
    gathered: Gathered,
    imported: Imported,
}

/// Runs the action.
pub fn run(args: &Args, context: &mut Context) -> Done {
    let done = import(args, context);
    if args.json { told_as_json(done, |error| error_json(super::SCHEMA, error), &context.ui) } else { done }
}

fn import(args: &Args, context: &Context) -> Done {
    let settings = Settings::load(&context.environment)?;
    let catalog = catalogue::open(&settings, &context.ui)?;
    let (origin, paths) = asked(args, context)?;
    let search = files::search(origin, &paths, &context.environment);
    let mut ledger = open_ledger(&settings.paths, context.sim.is_some());
    let mut all = Vec::new();
    for (origin, files) in &search.found {
        let gathered = gather::of(origin, files, &catalog);
        let imported = write(&mut ledger, &gathered, args.dry_run)?;
        all.push(Origins { gathered, imported });
    }
    if let Some(warning) = ledger.take_warning() {
        context.ui.warn(&warning);
    }
    let error = problem(&search, &all, origin, &paths);
    if args.json {
        context.ui.out_clean(&format!("{}\n", show::object(&all, &search, args.dry_run, error.as_ref())))?;
    } else {
        show::table(&all, &context.ui)?;
        show::notes(&all, &search, args.dry_run, &context.ui);
    }
    match error {
        Some(error) => Err(Error { told_as_json: args.json, ..error }),
        None => Ok(()),
    }
}

/// The tool and the paths that were asked for: the first word is either.
fn asked(args: &Args, context: &Context) -> Result<(Option<&'static Origin>, Vec<PathBuf>), Error> {
    let Some(word) = &args.origin else { return Ok((None, Vec::new())) };
    let within = |path: &PathBuf| context.environment.working_directory.join(path);
    let paths: Vec<PathBuf> = args.paths.iter().map(within).collect();
    if let Some(origin) = Origin::named(word) {
        return Ok((Some(origin), paths));
    }
    let first = within(&PathBuf::from(word));
    if !first.exists() {
        let message = format!("`{word}` is no file, and no tool whose logs are read");
        let names = crate::cost::import::ORIGINS.iter().map(|origin| origin.name);
        let meant = crate::config::suggest::nearest(word, names.clone());
        let hint = match meant {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("the tools are {}", names.collect::<Vec<_>>().join(", ")),
        };
        return Err(Error::new(ErrorKind::Usage, message).hint(hint));
    }
    Ok((None, std::iter::once(first).chain(paths).collect()))
}

fn write(ledger: &mut Ledger, gathered: &Gathered, dry_run: bool) -> Result<Imported, Error> {
    let done = if dry_run { ledger.foresee_import(&gathered.calls) } else { ledger.import(&gathered.calls) };
    done.map_err(|error| Error::new(ErrorKind::Other, "the calls cannot be kept").caused_by(error))
}

/// What was asked for and did not come: a file that cannot be read, or nothing where something was named.
fn problem(
    search: &files::Search,
    all: &[Origins],
    origin: Option<&'static Origin>,
    paths: &[PathBuf],
) -> Option<Error> {
    let unread = all.iter().flat_map(|origin| &origin.gathered.problems).chain(&search.problems);
    let words: Vec<String> = unread.map(|(path, problem)| format!("`{}`: {problem}", path.display())).collect();
    if let [first, rest @ ..] = words.as_slice() {
        let message = match rest.len() {
            0 => format!("not everything was read: {first}"),
            others => format!("not everything was read: {first}; and {others} more"),
        };
        return Some(Error::new(ErrorKind::Other, message));
    }
    let origin = origin.filter(|_| search.found.is_empty() && paths.is_empty())?;
    let error = Error::new(ErrorKind::Usage, format!("there are no logs of {} here", origin.title));
    Some(match search.looked.as_slice() {
        [] => error.hint(format!("name its export: `llmx cost import {} spend-logs.csv`", origin.name)),
        looked => {
            let places: Vec<String> = looked.iter().map(|path| format!("`{}`", path.display())).collect();
            error.hint(format!("they were looked for in {}; name another place behind the tool", places.join(", ")))
        }
    })
}
