//! `llmx models`: which models there are, what they can do and what they cost.

mod gather;
mod show;
mod update;

use super::manual::MODELS_EXAMPLES;
use super::report::{error_json, failure_words, told_as_json};
use super::session::Session;
use super::{Context, Done, block_on};
use crate::error::{Error, ErrorKind};
use gather::{Gathered, Unanswered};

/// The version of the JSON this command prints.
const SCHEMA: &str = "llmx.models/1";

/// List models with windows, abilities and prices
///
/// Of the providers whose key is found, that are configured, or that run on this machine. Facts are the catalogue's; prices
/// are US dollars per million tokens. What nobody knows is `?` or `unknown`, never 0.
#[derive(Debug, clap::Args)]
#[command(after_help = MODELS_EXAMPLES)]
pub struct Args {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    list: ListArgs,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    Update(update::Args),
}

#[derive(Debug, clap::Args)]
struct ListArgs {
    /// Only models whose names hold all these texts
    #[arg(value_name = "TEXT")]
    words: Vec<String>,
    /// The same, for texts that begin with a dash
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    search: Vec<String>,
    /// Only models of this provider; repeatable
    ///
    /// Also of one without a key.
    #[arg(short, long = "provider", value_name = "NAME")]
    providers: Vec<String>,
    /// All models of the catalogue, retired ones too
    #[arg(short, long)]
    all: bool,
    /// Ask the providers; mark what is new or gone
    ///
    /// A model is `new` when the provider lists it and the catalogue does not know it, `gone` when it is the other way round.
    #[arg(short, long)]
    live: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

impl ListArgs {
    fn wants(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        let mut words = self.words.iter().chain(&self.search).flat_map(|text| text.split_whitespace());
        words.all(|word| name.contains(&word.to_lowercase()))
    }

    fn is_filtered(&self) -> bool {
        !self.words.is_empty() || !self.search.is_empty()
    }
}

/// Runs the command.
pub fn run(args: &Args, context: &mut Context) -> Done {
    match &args.action {
        Some(Action::Update(update_args)) => update::run(update_args, args.list.json, context),
        None => {
            let done = block_on(list(&args.list, context));
            if args.list.json { told_as_json(done, |error| error_json(SCHEMA, error), &context.ui) } else { done }
        }
    }
}

async fn list(args: &ListArgs, context: &Context) -> Done {
    let session = Session::open(context).await?;
    let mut gathered = gather::gather(args, &session).await?;
    gathered.rows.retain(|row| args.wants(&row.name()));
    let retired = if args.all { 0 } else { gathered.leave_out_retired() };
    let error = failed(&gathered.unanswered, context).or_else(|| unasked(args, &gathered));
    if args.json {
        let object = show::object(&gathered, &session, error.as_ref());
        context.ui.out_clean(&format!("{object}\n"))?;
        return error.map_or(Ok(()), |error| Err(error.told_as_json()));
    }
    if gathered.rows.is_empty() {
        nothing(args, &gathered, retired, context);
    } else {
        show::print(&gathered, &session, context)?;
        notes(args, &gathered, retired, context);
    }
    error.map_or(Ok(()), Err)
}

/// The error of the first provider that did not answer; those of the others are told at once.
fn failed(unanswered: &[Unanswered], context: &Context) -> Option<Error> {
    let (first, others) = unanswered.split_first()?;
    for Unanswered { provider, failure } in others {
        context.ui.warn(&format!("`{provider}` gave no list: {}", failure_words(failure)));
    }
    let Unanswered { provider, failure } = first;
    let kind = ErrorKind::from_exit_code(failure.class.rule().exit_code);
    Some(Error::new(kind, format!("`{provider}` gave no list: {}", failure_words(failure))))
}

/// The error when a provider was named to be asked and has no list; one that was not named is only noted.
fn unasked(args: &ListArgs, gathered: &Gathered) -> Option<Error> {
    let name = gathered.listless.first().filter(|_| args.live && !args.providers.is_empty())?;
    let message = format!("`{name}` has no list of models that can be asked for");
    Some(Error::new(ErrorKind::Usage, message).hint("without `--live`, the catalogue's models of it are shown"))
}

/// Why the list is empty, and what to do.
fn nothing(args: &ListArgs, gathered: &Gathered, retired: usize, context: &Context) {
    let ui = &context.ui;
    if retired > 0 {
        ui.note(&format!("only {retired} retired models match; `--all` shows them"));
    } else if args.is_filtered() {
        let wider = if args.all { "" } else { "; `--all` searches the whole catalogue" };
        ui.note(&format!("no model matches{wider}"));
    } else if gathered.unanswered.is_empty() && unasked(args, gathered).is_none() {
        let wider = if args.live { "" } else { "; `--live` asks the provider" };
        ui.note(&format!("the catalogue knows no model of {}{wider}", gathered.names.join(", ")));
    }
}

/// What a reader of the list should know beside it.
fn notes(args: &ListArgs, gathered: &Gathered, retired: usize, context: &Context) {
    let ui = &context.ui;
    if retired > 0 {
        ui.note(&format!("{retired} retired models are left out; `--all` shows them"));
    }
    if gathered.others > 0 {
        ui.note(&format!("{} listed models for images, speech and the like are left out", gathered.others));
    }
    for name in gathered.unlisted.iter().filter(|_| !args.is_filtered()) {
        ui.note(&format!("`{name}`: the catalogue knows no model of it; `--live` asks it"));
    }
    for name in &gathered.listless {
        ui.note(&format!("`{name}` has no list to ask for; what is shown is the catalogue's"));
    }
}
