//! `llmx log`: what was asked and answered, and what it cost. One file per action.

mod continued;
mod delete;
mod export;
mod list;
mod prune;
pub(super) mod search;
mod select;
mod show;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Context, Done, learned, session};
use crate::chat::{Message, Part};
use crate::config::Paths;
use crate::config::suggest::nearest;
use crate::error::{Error, ErrorKind};
use crate::ledger::record::Spent;
use crate::ledger::{Filter, Ledger, LedgerError, RunDetail};
use crate::money::Usd;

/// The version of the JSON this command prints.
pub(super) const SCHEMA: &str = "llmx.log/1";

/// Find, show, continue, export and delete past prompts and answers
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    list: list::ListArgs,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// List the latest runs, newest first (the default)
    List(list::ListArgs),
    /// Search prompts, system prompts and answers
    Search(search::Args),
    /// Show one run: prompt, attempts, answer
    Show(show::Args),
    /// Go on with a conversation, as `complete -c` does
    ///
    /// The first word is the id of a run, at least 8 characters of one, or `last`; without it the last conversation of this
    /// terminal goes on. All else is as in `llmx complete`, which does the work.
    Continue(Box<continued::ContinueArgs>),
    /// Write runs to a file or stdout, as JSON lines or Markdown
    Export(export::Args),
    /// Delete runs and comparisons; what they cost stays known
    Delete(delete::Args),
    /// Forget old texts and shrink the file; what was spent stays known
    Prune(prune::Args),
    /// List parameters that models rejected, or forget them
    Learned(learned::Args),
}

/// Runs the command.
pub fn run(args: Args, context: &mut Context) -> Done {
    let action = match args.action {
        Some(Action::Continue(continued)) => return continued::run(*continued, context),
        action => action.unwrap_or(Action::List(args.list)),
    };
    // Needs no settings: what was asked can be looked up also while the configuration is broken.
    let open = match &action {
        Action::List(_) | Action::Show(_) | Action::Export(_) => session::ledger_to_read,
        _ => session::open_ledger,
    };
    let mut ledger = open(&Paths::new(&context.environment), context.sim.is_some());
    let done = match &action {
        Action::List(args) => list::run(args, context, &ledger),
        Action::Search(args) => search::run(args, context, &ledger),
        Action::Show(args) => show::run(args, context, &ledger),
        Action::Export(args) => export::run(args, context, &ledger),
        Action::Delete(args) => delete::run(args, context, &mut ledger),
        Action::Prune(args) => prune::run(args, context, &mut ledger),
        Action::Learned(args) => learned::run(args, context, &mut ledger),
        Action::Continue(_) => Ok(()),
    };
    if let Some(warning) = ledger.take_warning() {
        context.ui.warn(&warning);
    }
    done
}

/// The run with that id, the start of one, or the `last` one.
fn find(id: &str, ledger: &Ledger) -> Result<RunDetail, Error> {
    if let Some(run) = ledger.run(id)? {
        return Ok(run);
    }
    let error = Error::new(ErrorKind::Usage, format!("no run `{id}` in the ledger"));
    let length = id.chars().count();
    let known = ledger.find_ids(&Filter::default(), LOOKED_THROUGH)?;
    let beginnings: Vec<String> = known.iter().map(|known| known.chars().take(length).collect()).collect();
    Err(match nearest(id, beginnings.iter().map(String::as_str)) {
        Some(near) if length >= 4 => error.hint(format!("did you mean `{near}`?")),
        _ => error.hint("`llmx log` lists the latest runs, `llmx log search` finds them by their words"),
    })
}

/// Among so many of the latest runs the nearest is looked for.
const LOOKED_THROUGH: usize = 1000;

/// Text from the ledger may come from a model: it may not drive the terminal.
fn print(context: &Context, text: &str) -> Done {
    Ok(context.ui.out_clean(text)?)
}

/// The sum as far as it is known; an unknown part is never passed over.
pub(super) fn cost(spent: Spent, attempts: usize) -> String {
    match spent {
        _ if attempts == 0 => "-".to_owned(),
        Spent { known, unknown: 0 } => known.to_string(),
        Spent { known, .. } if known == Usd::ZERO => "unknown".to_owned(),
        Spent { known, .. } => format!("{known} + unknown"),
    }
}

/// How a run ended, as a word.
fn ending(exit_code: Option<u8>) -> &'static str {
    match exit_code {
        None => "unfinished",
        Some(0) => "ok",
        Some(code) => ErrorKind::from_exit_code(code).name(),
    }
}

pub(super) fn when(milliseconds: i64, zone: &TimeZone) -> String {
    let moment = Timestamp::from_millisecond(milliseconds).unwrap_or_default();
    moment.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}

/// The text in one line of at most `width` characters, without anything that could break the line.
pub(super) fn one_line(text: &str, width: usize) -> String {
    let plain: String = text.chars().map(|each| if each.is_control() { ' ' } else { each }).collect();
    let line = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(width) {
        Some((cut, _)) => format!("{}…", &line[..cut]),
        None => line,
    }
}

pub(super) fn words(message: &Message) -> String {
    let word = |part: &Part| match part {
        Part::Media(media) => Some(format!("[{}]", media.name.as_deref().unwrap_or(&media.media_type))),
        part => part.as_text().map(str::to_owned),
    };
    message.parts.iter().filter_map(word).collect::<Vec<_>>().join("\n\n")
}

const fn role(message: &Message) -> &'static str {
    match message.role {
        crate::chat::Role::User => "user",
        crate::chat::Role::Assistant => "assistant",
    }
}

/// The cost where all of it is known: a part must not pass for the whole.
fn whole(spent: Spent) -> Option<Usd> {
    (spent.unknown == 0).then_some(spent.known)
}

impl From<LedgerError> for Error {
    fn from(error: LedgerError) -> Self {
        let message = error.to_string();
        match error {
            LedgerError::Ambiguous { .. } | LedgerError::TooShort(_) => Self::new(ErrorKind::Usage, message),
            LedgerError::Unavailable(_) => Self::new(ErrorKind::Other, message),
            LedgerError::Read { source, .. }
            | LedgerError::Write { source, .. }
            | LedgerError::Damaged { source, .. } => Self::new(ErrorKind::Other, message).caused_by(source),
        }
    }
}

#[cfg(test)]
mod tests;
