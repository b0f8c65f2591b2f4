//! `llmx chat`: questions and answers in the terminal, until you leave.
//!
//! [`input`] waits for what is typed, [`turn`] asks one question, [`command`] is the table of slash commands, and [`talk`] is
//! what all of them work on.

mod ahead;
mod aside;
mod block;
mod command;
mod commands;
mod compare;
mod completion;
mod fit;
mod history;
mod input;
mod question;
mod role;
mod status;
mod summarize;
mod talk;
mod turn;

use std::cell::RefCell;

use clap::Args as ClapArgs;

use self::input::{Input, Next};
use self::question::Question;
use self::role::Worn;
use self::talk::Talk;
use super::args::{PromptArgs, RouteArgs, SamplingArgs};
use super::role::used::RoleArgs;
use super::session::Session;
use super::signal::Interrupt;
use super::{Context, Done, earlier, manual};
use crate::error::{Error, ErrorKind};
use crate::ledger::Ledger;
use crate::ui::editor::Editor;
use crate::ui::keyboard::Keyboard;

/// Talk with a model in the terminal
#[derive(ClapArgs, Debug)]
#[command(after_help = manual::CHAT_EXAMPLES, after_long_help = manual::of_chat())]
pub struct Args {
    #[command(flatten)]
    prompt: PromptArgs,
    #[command(flatten)]
    role: RoleArgs,
    #[command(flatten)]
    route: RouteArgs,
    /// Continue the last conversation, or the one with ID
    ///
    /// The last one is the last of this terminal, or of all where it has none; `/list` and `llmx log` list the ids.
    #[arg(short, long = "continue", value_name = "ID", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    continued: Option<String>,
    /// Keep neither what is said nor what is typed
    ///
    /// What it cost is kept all the same.
    #[arg(short, long)]
    no_log: bool,
    /// Show answers as the model wrote them
    #[arg(short, long)]
    raw: bool,
    /// Do not show the model's thinking
    #[arg(short = 'R', long)]
    hide_reasoning: bool,
    #[command(flatten)]
    sampling: SamplingArgs,
}

/// The slash commands with what they do, for the manual.
pub fn commands() -> impl Iterator<Item = (String, &'static str)> {
    command::COMMANDS.iter().map(|command| (command::usage(command), command.help))
}

/// Runs the command.
pub fn run(args: Args, context: &mut Context) -> Done {
    super::block_on(open(args, context))
}

async fn open(args: Args, context: &Context) -> Done {
    let (args, worn) = args.in_role(context)?;
    let session = Session::open(context).await?;
    let ledger = RefCell::new(session.open_ledger());
    let done = Box::pin(begin((args, worn), context, &session, &ledger)).await;
    session.tidy(&mut ledger.borrow_mut());
    if let Some(warning) = ledger.borrow_mut().take_warning() {
        context.ui.warn(&warning);
    }
    done
}

async fn begin(
    (args, worn): (Args, Option<Worn>),
    context: &Context,
    session: &Session,
    ledger: &RefCell<Ledger>,
) -> Done {
    earlier::no_id_among_words(args.continued.as_deref(), &args.prompt.words, &ledger.borrow())?;
    let earlier =
        args.continued.as_deref().map(|id| earlier::conversation_or_last(id, &ledger.borrow())).transpose()?;
    let is_last = args.continued.as_deref() == Some("");
    let first = Question::of_arguments(&args.prompt, &context.ui)?;
    let mut talk = Talk::new(args, context, session, ledger);
    talk.role = worn;
    if let Some((keyboard, typed)) = Keyboard::take(&context.ui) {
        talk.keyboard = Some(keyboard);
        talk.typed(typed);
    }
    let is_continued = earlier.is_some();
    if let Some(earlier) = earlier {
        talk.take_up(earlier)?;
    }
    talk.greet()?;
    if is_last {
        talk.tell_passed_over();
    }
    if is_continued {
        talk.show_last()?;
    }
    let first = match first {
        Some((question, true)) => Next::Ask(talk.worded(question)),
        Some((question, false)) => {
            talk.pending = question;
            Next::Read
        }
        None => Next::Read,
    };
    let mut editor = Editor::start(talk.editor_setup(), &context.ui)?;
    let mut interrupt = Interrupt::install()?;
    let done = converse(&mut talk, first, &mut editor, &mut interrupt).await;
    editor.leave(&context.ui);
    talk.part();
    done
}

/// Reads and asks until the user leaves.
async fn converse(talk: &mut Talk<'_>, first: Next, editor: &mut Editor, interrupt: &mut Interrupt) -> Done {
    let mut next = first;
    loop {
        let done = match next {
            Next::Leave => return Ok(()),
            Next::Ask(question) => {
                next = Next::Read;
                let done = Box::pin(turn::ask(talk, question, interrupt)).await;
                talk.session.tidy(&mut talk.ledger.borrow_mut());
                done
            }
            Next::Compare(names) => {
                next = Next::Read;
                let done = Box::pin(compare::compare(talk, &names, editor, interrupt)).await;
                talk.session.tidy(&mut talk.ledger.borrow_mut());
                done
            }
            Next::Summarize(kept) => {
                next = Next::Read;
                let done = Box::pin(summarize::summarize(talk, kept, interrupt)).await;
                talk.session.tidy(&mut talk.ledger.borrow_mut());
                done
            }
            Next::Read => match input::next(talk, editor, interrupt).await? {
                Input::Leave => return Ok(()),
                Input::Text(text) => input::understand(talk, &text).map(|understood| next = understood),
            },
        };
        // Who goes on must know that nothing of it is kept.
        let warning = talk.ledger.borrow_mut().take_warning();
        if let Some(warning) = warning {
            talk.ui().warn(&warning);
        }
        // A script must not go on as if nothing had happened.
        if let Err(error) = done {
            if interrupt.is_final() || !talk.is_at_terminal() {
                return Err(error);
            }
            interrupt.rearm();
            next = Next::Read;
            talk.unqueue();
            talk.ui().error(&with_what_can_be_typed(error, talk));
        }
    }
}

/// The chat goes on after an error: what to do about it can be typed there.
fn with_what_can_be_typed(error: Error, talk: &Talk<'_>) -> Error {
    use ErrorKind as Kind;
    let is_theirs =
        matches!(error.kind, Kind::Auth | Kind::RateLimit | Kind::Provider | Kind::Timeout | Kind::Filtered);
    if !is_theirs || talk.unanswered.is_none() {
        return error;
    }
    error.hint("/retry asks again, `/retry -m MODEL` another model")
}
