//! `llmx init`: from nothing to a first answer. It looks for keys, model servers and other tools' settings, asks for what is
//! missing, tests what it finds, and writes all of it at the end or nothing.

mod asker;
mod chain;
mod draft;
mod imports;
mod keys;
mod names;
mod server;

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::contact::{Asked, Meaning, Whom, ask_all, in_use, listening, whom};
use super::installed::Piece;
use super::session::Session;
use super::{Context, Done, block_on, catalogue, installed, manual};
use crate::catalog::Kind;
use crate::config::Settings;
use crate::config::resolve::nothing_usable;
use crate::error::{Error, ErrorKind};
use crate::exec::contact::Reached;
use crate::provider::{Auth, TargetId};
use crate::route::Policy;
use crate::sim;
use crate::ui::Ui;
use crate::ui::checklist::{Mark, Point};
use crate::wire::models::{Listed, Sort};
use asker::Asker;
use draft::Draft;

/// Set llmx up: find keys, test them, write a configuration
///
/// Looks for keys in the environment, model servers on this machine, and the settings of aichat, llm, mods and LiteLLM; asks
/// for what is missing; tests each key with a request that costs nothing. At the end it writes a commented configuration that
/// only you can read, and completions and manual pages for your shell. Whoever leaves before has changed nothing.
#[derive(ClapArgs, Debug)]
#[command(after_help = manual::INIT_EXAMPLES)]
pub struct Args {
    /// Take every default and ask nothing
    #[arg(short, long)]
    yes: bool,
    /// Print what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Also read this file of another tool; repeatable
    #[arg(long, value_name = "FILE")]
    from: Vec<PathBuf>,
    /// Only install completions and manual pages
    #[arg(long, conflicts_with = "from")]
    completions: bool,
}

/// Runs the command.
pub fn run(args: &Args, context: &mut Context) -> Done {
    let done = block_on(set_up(args, context));
    done.map_err(|error| match error.kind {
        ErrorKind::Interrupted => Error { message: "left before the end, so nothing was changed".to_owned(), ..error },
        _ => error,
    })
}

async fn set_up(args: &Args, context: &Context) -> Done {
    let asker = Asker::new(args.yes, args.dry_run || context.sim.is_some(), context)?;
    let mut draft = Draft::begin(context)?;
    if !args.completions {
        fill(args, &asker, &mut draft).await?;
    }
    offer_shell(&asker, &mut draft)?;
    if context.sim.is_some() || args.dry_run {
        context.ui.out_clean(&draft.preview())?;
        let why = if context.sim.is_some() { "simulated" } else { "--dry-run" };
        context.ui.note(&format!("{why}: nothing was written; `llmx init` does it in earnest"));
        return Ok(());
    }
    finish(&asker, &draft, context)
}

/// Fills the draft: what is there, what other tools have, what is typed, and who answers.
async fn fill(args: &Args, asker: &Asker<'_>, draft: &mut Draft<'_>) -> Done {
    let context = draft.context;
    context.ui.note(&format!("This sets llmx up. Settings go to {}.", draft.path().display()));
    if asker.is_person() {
        context.ui.note("Esc or Ctrl-C leaves everything as it is.");
    }
    if context.sim.is_some() {
        context.ui.note("Simulated: every key works, nobody is asked, and nothing is written.");
    }
    let settings = draft.settings()?;
    let catalog = catalogue::open(&settings, &context.ui)?;
    let mut names = in_use(&settings, &context.environment, &catalog);
    // A default that is set does not make the other keys less.
    names.extend(settings.unasked(&context.environment).map(|(provider, ..)| provider.name.clone()));
    if context.sim.is_none() {
        names.extend(listening(&settings).await);
    }
    let mut found = if context.sim.is_some() && !has_keys(&settings, &names, context) {
        rehearse(draft).await?
    } else {
        test(draft, &names).await?
    };
    let imported = imports::offer(args, asker, draft)?;
    let taken = test(draft, &imported.providers).await?;
    let settings = draft.settings()?;
    for name in &taken.rejected {
        let has_key = settings.provider(name).is_some_and(|provider| provider.auth != Auth::None);
        let why = if has_key { "its key does not work" } else { "it wants a key" };
        context.ui.note(&format!("{name} is not taken over: {why}"));
        draft.drop_provider(name)?;
    }
    found.add(taken);
    imported.names.take(draft)?;
    let typed = keys::ask(asker, draft, &found).await?;
    found.usable.extend(typed);
    if found.usable.is_empty() {
        found.usable = found.nobody(asker)?;
    }
    chain::choose(found.usable, &imported.defaults, asker, draft)
}

/// Who can be asked for answers.
#[derive(Clone, Debug)]
struct Usable {
    /// The model to ask.
    target: TargetId,
    /// It is the first of so many that are listed, for want of a better reason.
    out_of: Option<usize>,
}

/// What a test has shown.
#[derive(Default)]
struct Tested {
    /// Who can be asked for answers.
    usable: Vec<Usable>,
    /// Whose key was rejected.
    rejected: Vec<String>,
    /// Who could not be reached, and which model would be asked.
    unreached: Vec<Usable>,
}

impl Tested {
    fn add(&mut self, other: Self) {
        self.usable.extend(other.usable);
        self.rejected.extend(other.rejected);
        self.unreached.extend(other.unreached);
    }

    /// Why nobody can be asked; a person may go on with those who cannot be reached just now.
    fn nobody(&self, asker: &Asker<'_>) -> Result<Vec<Usable>, Error> {
        const NEXT: &str = "`llmx doctor` tells more, and what to do";
        if !self.unreached.is_empty() {
            if asker.confirm("Nobody can be reached. Go on?", false)? {
                return Ok(self.unreached.clone());
            }
            return Err(Error::new(ErrorKind::Provider, "nobody who was found can be reached").hint(NEXT));
        }
        if !self.rejected.is_empty() {
            let names = self.rejected.join(", ");
            return Err(Error::new(ErrorKind::Auth, format!("no key that was found works: {names}")).hint(NEXT));
        }
        let nothing = nothing_usable();
        let hints = nothing.hints.into_iter().filter(|hint| !hint.contains("llmx init"));
        Err(hints.fold(Error::new(ErrorKind::Config, nothing.message), Error::hint))
    }
}

/// Asks the providers of these names, and says what came of it.
async fn test(draft: &Draft<'_>, names: &BTreeSet<String>) -> Result<Tested, Error> {
    if names.is_empty() {
        return Ok(Tested::default());
    }
    let places = whom(&draft.settings()?, &draft.context.environment, names);
    let session = session(draft).await?;
    // The fleet gives everybody a key; who has none is not asked.
    let mut all = whom(&session.settings, &session.environment, names);
    all.retain(|whom| places.iter().any(|place| place.provider.name == whom.provider.name));
    outcome(&session, all, &draft.context.ui).await
}

/// Whether any of these has a key of its own, or needs none.
fn has_keys(settings: &Settings, names: &BTreeSet<String>, context: &Context) -> bool {
    !whom(settings, &context.environment, names).is_empty()
}

/// Asks those of the fleet that would answer unasked: for a rehearsal nobody needs a key.
async fn rehearse(draft: &Draft<'_>) -> Result<Tested, Error> {
    let session = session(draft).await?;
    let usual = session.usual_policy()?;
    let names = usual.iter().flat_map(Policy::named).map(|target| target.provider.clone()).collect();
    let all = whom(&session.settings, &session.environment, &names);
    outcome(&session, all, &draft.context.ui).await
}

/// A session with what the draft says.
async fn session(draft: &Draft<'_>) -> Result<Session, Error> {
    let context = draft.context;
    let settings = draft.settings()?;
    let catalog = catalogue::open(&settings, &context.ui)?;
    let (environment, options) = (context.environment.clone(), sim::Options::default());
    Session::over(settings, catalog, environment, context.sim.as_ref(), options).await
}

/// Asks all of them, and says what came of it.
async fn outcome(session: &Session, all: Vec<Whom>, ui: &Ui) -> Result<Tested, Error> {
    let asked = ask_all(session, all, ui).await?;
    let mut tested = Tested::default();
    for asked in asked {
        ui.note_points(&[point(&asked, session.simulated())]);
        let name = &asked.whom.provider.name;
        match asked.meaning() {
            Some(Meaning::Key) => tested.rejected.push(name.clone()),
            Some(Meaning::Network | Meaning::Certificate) => tested.unreached.extend(target(&asked)),
            None | Some(Meaning::Passing) => tested.usable.extend(target(&asked)),
        }
    }
    Ok(tested)
}

fn point(asked: &Asked, simulated: bool) -> Point {
    let mark = match asked.meaning() {
        None => Mark::Ok,
        Some(Meaning::Passing) => Mark::Warning,
        Some(_) => Mark::Trouble,
    };
    let words = asked.words();
    Point::new(mark, if simulated { format!("{words} (simulated)") } else { words })
}

/// The model to ask of a provider: its default, else the first of its list.
fn target(asked: &Asked) -> Option<Usable> {
    let provider = &asked.whom.provider;
    let usable = |model: &str, out_of| Usable { target: TargetId::new(provider.name.clone(), model), out_of };
    if let Some(model) = &provider.default_model {
        return Some(usable(model, None));
    }
    let is_own = provider.local || provider.keys_url.is_none();
    match &asked.contact.answer {
        Ok(Reached::Key(listing) | Reached::Open(listing)) if is_own => {
            let for_chat = |listed: &&Listed| listed.sort != Sort::Other && listed.model.kind == Kind::Chat;
            let models: Vec<&Listed> = listing.models.iter().filter(for_chat).collect();
            models.first().map(|first| usable(&first.model.id, Some(models.len())))
        }
        _ => None,
    }
}

/// Offers what the shell and `man` should know, as far as it is not there already.
fn offer_shell(asker: &Asker<'_>, draft: &mut Draft<'_>) -> Done {
    let environment = &draft.context.environment;
    let shell = installed::shell(environment);
    let completions = shell.and_then(|shell| installed::completions(shell, environment));
    let pages = installed::manual_pages(environment)?;
    let differs = |piece: &Piece| !std::fs::read_to_string(&piece.path).is_ok_and(|text| text == piece.text);
    let pieces: Vec<Piece> = completions.iter().cloned().chain(pages).filter(differs).collect();
    if pieces.is_empty() {
        return Ok(());
    }
    let question = match shell {
        Some(shell) => format!("Install completions ({}), man pages?", shell.name()),
        None => "Install manual pages?".to_owned(),
    };
    if asker.confirm(&question, true)? {
        let next = shell.zip(completions).and_then(|(shell, piece)| installed::next_step(shell, &piece.path));
        draft.install(pieces, next);
    }
    Ok(())
}

/// Asks once more, writes, and says what comes next.
fn finish(asker: &Asker<'_>, draft: &Draft<'_>, context: &Context) -> Done {
    if !draft.is_changed() {
        context.ui.note("Nothing is left to change.");
        return Ok(());
    }
    if asker.is_person() {
        context.ui.note(&format!("\nThis is written:\n{}", draft.preview()));
        if !asker.confirm("Write it?", true)? {
            context.ui.note("Nothing was written.");
            return Ok(());
        }
    }
    context.ui.note_points(&draft.write()?);
    context.ui.note("Next: `llmx chat`, or `llmx complete \"Hello\"`; `llmx doctor` says whether all is well.");
    Ok(())
}
