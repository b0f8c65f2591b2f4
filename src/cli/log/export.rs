//! `llmx log export`: runs as JSON lines or Markdown, oldest first.

mod jsonl;
mod markdown;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;

use super::select::{self, FilterArgs};
use crate::cli::output::{How, Output, STDOUT};
use crate::cli::{Context, Done};
use crate::error::{Error, ErrorKind};
use crate::ledger::{Filter, Ledger};
use crate::ui::counted;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  llmx log export last --format md
  llmx log export --since 7d -o week.jsonl
  llmx log export --conversation 0199aaaa --format md -o talk.md")]
pub struct Args {
    /// Ids of runs, or the starts of some; without any, all that fit
    #[arg(value_name = "ID")]
    pub(super) ids: Vec<String>,
    /// Write this format: jsonl or md
    ///
    /// `jsonl` is an object for each run, with what was said, model, tokens, exact cost and times; `md` is for people.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t, hide_possible_values = true)]
    pub(super) format: Format,
    /// Write this file, for you alone, whole or not at all
    ///
    /// `-` is stdout. A link is followed; a device or a pipe is written through.
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Replace the file when there is one
    #[arg(long, requires = "output")]
    pub(super) force: bool,
    #[command(flatten)]
    pub(super) filter: FilterArgs,
}

/// How runs are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// JSON, a line for each run.
    #[default]
    Jsonl,
    /// Markdown.
    #[value(alias = "markdown")]
    Md,
}

/// Runs the command.
pub fn run(args: &Args, context: &Context, ledger: &Ledger) -> Done {
    let ids = ids(&args.ids, &args.filter, false, context, ledger)?;
    if ids.is_empty() {
        let error = Error::new(ErrorKind::Usage, "no run fits, so there is nothing to export");
        return Err(error.hint("`llmx log` lists the latest runs"));
    }
    match args.output.as_deref().filter(|path| *path != Path::new(STDOUT)) {
        Some(path) => {
            let mut output = Output::open(path, How { replace: args.force, private: true })?;
            write(&ids, args.format, ledger, |text| {
                output.write_all(text.as_bytes()).map_err(|error| output.cannot(error))
            })?;
            output.finish()?;
            context.ui.note(&format!("{} written to {}", counted(ids.len(), "run"), path.display()));
            Ok(())
        }
        None => write(&ids, args.format, ledger, |text| Ok(context.ui.out_clean(text)?)),
    }
}

/// The whole ids that arguments mean, oldest first: those that are named, or else those that fit, with comparisons among them
/// or without.
pub(super) fn ids(
    named: &[String],
    filter: &FilterArgs,
    has_comparisons: bool,
    context: &Context,
    ledger: &Ledger,
) -> Result<Vec<String>, Error> {
    if !named.is_empty() && !filter.is_empty() {
        return Err(Error::new(ErrorKind::Usage, "name runs by their ids or say what they are like, not both"));
    }
    let mut ids = if named.is_empty() {
        ledger.find_ids(&Filter { has_comparisons, ..select::filter(filter, context, ledger)? }, usize::MAX)?
    } else {
        named.iter().map(|id| Ok(super::find(id, ledger)?.start.id)).collect::<Result<Vec<_>, Error>>()?
    };
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

fn write(ids: &[String], format: Format, ledger: &Ledger, mut out: impl FnMut(&str) -> Done) -> Done {
    let zone = TimeZone::system();
    let mut conversation = String::new();
    for id in ids {
        // One that another process deletes meanwhile is gone.
        let Some(run) = ledger.run(id)? else { continue };
        let text = match format {
            Format::Jsonl => format!("{}\n", jsonl::line(&run)),
            Format::Md => {
                let is_new = conversation != run.start.conversation;
                conversation.clone_from(&run.start.conversation);
                markdown::section(&run, is_new, &zone)
            }
        };
        out(&text)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
