//! The command line: one file per command with its arguments and its `run`.

mod alerts;
pub mod args;
mod asking;
mod attach;
mod billing;
mod catalogue;
mod chat;
mod compare;
mod complete;
pub mod completion;
mod config;
mod contact;
mod cost;
mod doctor;
mod draft;
mod drill;
mod earlier;
mod ending;
mod extract;
mod form;
mod gate;
mod health;
pub mod help;
mod init;
mod installed;
mod learned;
mod live;
mod log;
pub mod manual;
mod models;
mod moment;
mod observed;
mod output;
pub mod pages;
pub mod prompt;
mod report;
mod role;
mod route;
mod schema;
mod session;
mod shadow;
pub mod shell;
mod signal;
mod tools;
mod trials;
mod unreadable;
pub mod usage;

use clap::{Args, Parser, Subcommand};

use crate::config::{Environment, variables};
use crate::error::{Error, ErrorKind};
use crate::sim::Faults;
use crate::ui::{ColorChoice, Talk, Ui};

/// Talk to any language model through a router that explains itself
#[derive(Parser, Debug)]
#[command(name = "llmx", version, propagate_version = true, max_term_width = 100, disable_help_subcommand = true)]
#[command(after_help = manual::first_step(), after_long_help = manual::of_llmx())]
pub struct Cli {
    #[command(flatten)]
    global: GlobalArgs,
    #[command(subcommand)]
    command: Command,
}

/// Options of every command.
#[derive(Args, Debug)]
#[command(next_help_heading = "Everywhere")]
struct GlobalArgs {
    /// Say nothing but errors on stderr
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Say more on stderr
    #[arg(short, long, global = true)]
    verbose: bool,
    /// Use colour: auto, always or never
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t, hide_possible_values = true)]
    #[arg(hide_default_value = true)]
    color: ColorChoice,
    /// Simulate all providers, with these FAULTS
    ///
    /// A fleet on this machine answers in their place: no key, no network, no money. With FAULTS it rehearses an outage,
    /// such as `openai:500`, `anthropic:cut@6` or `*:slow=3s`, several with commas; `llmx help simulation` lists them.
    #[arg(long, global = true, value_name = "FAULTS", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    sim: Option<String>,
}

#[derive(Subcommand, Debug)]
enum Command {
    Chat(Box<chat::Args>),
    Complete(Box<complete::Args>),
    Compare(Box<compare::Args>),
    Route(Box<route::Args>),
    Models(models::Args),
    Init(init::Args),
    Config(config::Args),
    Doctor(doctor::Args),
    #[command(alias = "roles")]
    Role(role::Args),
    Cost(Box<cost::Args>),
    Log(Box<log::Args>),
    Health(health::Args),
    Drill(drill::Args),
    Shell(shell::Args),
    Help(help::Args),
}

/// What every command works with.
#[derive(Debug)]
pub struct Context {
    /// Where to print.
    pub ui: Ui,
    /// The process's surroundings.
    pub environment: Environment,
    /// The faults of the simulated fleet, when it stands in for the providers.
    pub sim: Option<Faults>,
    /// The arguments of the process, without its name.
    pub arguments: Vec<String>,
}

/// What a command returns.
pub type Done = Result<(), Error>;

/// Runs the command line in the process's surroundings and returns the exit code.
pub fn run(cli: Cli, environment: Environment) -> u8 {
    let talk = match (cli.global.quiet, cli.global.verbose) {
        (true, _) => Talk::Quiet,
        (_, true) => Talk::Verbose,
        _ => Talk::Normal,
    };
    let ui = Ui::new(talk, cli.global.color, |name| environment.get(name));
    let sim = match faults(cli.global.sim.as_deref(), &environment) {
        Ok(sim) => sim,
        Err(error) => return ended(error, &ui),
    };
    let mut context = Context { ui, environment, sim, arguments: arguments() };
    let done = match cli.command {
        Command::Chat(args) => chat::run(*args, &mut context),
        Command::Complete(args) => complete::run(&args, &mut context),
        Command::Compare(args) => compare::run(&args, &mut context),
        Command::Route(args) => route::run(&args, &mut context),
        Command::Models(args) => models::run(&args, &mut context),
        Command::Init(args) => init::run(&args, &mut context),
        Command::Config(args) => config::run(&args, &mut context),
        Command::Doctor(args) => doctor::run(&args, &mut context),
        Command::Role(args) => role::run(&args, &mut context),
        Command::Cost(args) => cost::run(&args, &mut context),
        Command::Log(args) => log::run(*args, &mut context),
        Command::Health(args) => health::run(&args, &mut context),
        Command::Drill(args) => drill::run(&args, &mut context),
        Command::Shell(args) => shell::run(&args, &mut context),
        Command::Help(args) => help::run(&args, &context),
    };
    match done {
        Ok(()) => 0,
        Err(error) => ended(error, &context.ui),
    }
}

/// Tells of a command line that cannot be understood and returns the exit code.
pub fn wrong_usage(error: &clap::Error, environment: &Environment) -> u8 {
    let error = usage::told(error, &arguments());
    ended(error, &Ui::new(Talk::Normal, ColorChoice::Auto, |name| environment.get(name)))
}

/// Tells of the error that ends the program, in JSON too when that is asked for and was not done yet; returns the exit code.
fn ended(error: Error, ui: &Ui) -> u8 {
    let words = arguments();
    let told = match usage::json_form(&words) {
        Some(form) => report::told_as_json(Err(error), |error| form.object(error), ui),
        None => Err(error),
    };
    told.map_or_else(
        |error| {
            ui.error(&error);
            error.exit_code()
        },
        |()| 0,
    )
}

/// The arguments of the process, without its name.
fn arguments() -> Vec<String> {
    std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect()
}

/// The arguments of `compare` in a command line that was kept; the error is that of the parser.
fn parse_compare(arguments: &[String]) -> Result<compare::Args, String> {
    let words = std::iter::once("llmx").chain(arguments.iter().map(String::as_str));
    match Cli::try_parse_from(words).map_err(|error| error.to_string())?.command {
        Command::Compare(args) => Ok(*args),
        _ => Err("they are no comparison".to_owned()),
    }
}

/// The arguments of `complete` in a command line of our own; the error is that of the parser.
fn parse_complete(arguments: &[&str]) -> Result<complete::Args, String> {
    let words = ["llmx", "complete"].iter().chain(arguments);
    match Cli::try_parse_from(words).map_err(|error| error.to_string())?.command {
        Command::Complete(args) => Ok(*args),
        _ => Err("they are no prompt".to_owned()),
    }
}

const FAULTS_HINT: &str = "`llmx help simulation` tells what each of them does";

/// The faults to rehearse, when the fleet is asked for by `--sim` or `LLMX_SIM`. `LLMX_SIM=0` does not ask for it.
fn faults(argument: Option<&str>, environment: &Environment) -> Result<Option<Faults>, Error> {
    let (text, place) = match (argument, environment.get(variables::SIM)) {
        (Some(text), _) => (text, "--sim"),
        (None, Some("0") | None) => return Ok(None),
        (None, Some("1")) => ("", variables::SIM),
        (None, Some(text)) => (text, variables::SIM),
    };
    let faults =
        text.parse().map_err(|error| Error::new(ErrorKind::Usage, format!("{place}: {error}")).hint(FAULTS_HINT))?;
    Ok(Some(faults))
}

/// Runs a command that waits for things, on this thread.
fn block_on<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::new(ErrorKind::Other, "cannot start the runtime").caused_by(error))?;
    let done = runtime.block_on(work);
    // A name look-up that hangs in a thread of its own must not hold up the end.
    runtime.shutdown_background();
    done
}

/// The terminal this process belongs to, so that parallel shells do not continue each other's conversations.
fn terminal_name() -> Option<String> {
    let name = |fd: &dyn std::os::fd::AsFd| rustix::termios::ttyname(fd.as_fd(), Vec::new()).ok();
    let name = name(&std::io::stdin()).or_else(|| name(&std::io::stderr()))?;
    name.into_string().ok()
}
