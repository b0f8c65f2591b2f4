//! `llmx complete`: one prompt in, one answer out.

use std::cell::RefCell;

use clap::Args as ClapArgs;
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::args::{FormArgs, PromptArgs, RouteArgs, SamplingArgs};
use super::asking::Asking;
use super::ending::Ending;
use super::form::{Form, Said};
use super::live::{Delivery, Live};
use super::role::used::{Given, RoleArgs};
use super::schema::Fit;
use super::session::{self, Occasion, Session};
use super::signal::Interrupt;
use super::{Context, Done, earlier, manual, report, trials};
use crate::chat::{ChatRequest, Message, Role};
use crate::cost::spent::Spender;
use crate::error::{Error, ErrorKind};
use crate::exec::{Job, Judge, Run, prepare};
use crate::failure::Failure;
use crate::ledger::Ledger;
use crate::ledger::record::RunStart;
use crate::route::{self, Demand, OnCut, Origin, Plan, Set, adapt};
use crate::ui::Ui;
use crate::ui::answer::{Answer, AnswerOptions, Reasoning};

/// Ask a model once and print its answer
#[derive(ClapArgs, Debug, Clone)]
#[command(after_help = manual::COMPLETE_EXAMPLES, after_long_help = manual::of_complete())]
pub struct Args {
    #[command(flatten)]
    prompt: PromptArgs,
    #[command(flatten)]
    role: RoleArgs,
    #[command(flatten)]
    route: RouteArgs,
    /// Continue the last conversation, or the one with ID
    ///
    /// The last one is the last of this terminal; `llmx log` lists the ids.
    #[arg(short, long = "continue", value_name = "ID", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    continued: Option<String>,
    /// Keep neither prompt nor answer in the ledger
    ///
    /// What it cost is kept all the same.
    #[arg(short, long)]
    no_log: bool,
    /// Ask once more when the answer does not fit --schema
    ///
    /// The model is shown its answer and what is wrong with it. `repair = true` of the configuration does the same.
    #[arg(long)]
    repair: bool,
    /// Print the HTTP request and send nothing
    ///
    /// The key is hidden.
    #[arg(long)]
    dry_run: bool,
    /// How the answer is printed.
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    form: FormArgs,
    #[command(flatten)]
    sampling: SamplingArgs,
    /// What the answer is for.
    #[arg(skip)]
    pub(super) purpose: Purpose,
}

/// What an answer is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To be read.
    #[default]
    Reading,
    /// To stand on the command line of a shell.
    CommandLine,
}

impl Purpose {
    /// What the ledger calls the command.
    const fn command(self) -> &'static str {
        match self {
            Self::Reading => "complete",
            Self::CommandLine => "shell",
        }
    }
}

/// What is printed, and when.
#[derive(ClapArgs, Debug, Clone, Default)]
#[command(next_help_heading = "Output")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own on the command line")]
pub(super) struct OutputArgs {
    /// Print text as it comes, also into a pipe
    ///
    /// A stream that breaks after text was printed then ends with exit code 9.
    #[arg(long, conflicts_with_all = ["no_stream", "json", "jsonl", "extract", "schema"])]
    pub(super) stream: bool,
    /// Print nothing before the answer is whole
    #[arg(short = 'S', long)]
    pub(super) no_stream: bool,
    /// Print the answer as the model wrote it
    ///
    /// Without Markdown on a terminal, and without a newline added at the end.
    #[arg(short, long)]
    pub(super) raw: bool,
    /// Print only the first fenced code block
    ///
    /// The whole answer when there is none.
    #[arg(short = 'x', long, conflicts_with = "schema")]
    pub(super) extract: bool,
    /// Say who served, the tokens, cost and time
    #[arg(short, long)]
    pub(super) usage: bool,
    /// Do not show the model's thinking
    #[arg(short = 'R', long)]
    pub(super) hide_reasoning: bool,
    /// Print one JSON object, also on failure
    #[arg(long, conflicts_with = "jsonl")]
    pub(super) json: bool,
    /// Print events as they come, each a line of JSON
    #[arg(long)]
    pub(super) jsonl: bool,
}

impl Args {
    /// The words of the prompt.
    pub(super) fn words(&mut self) -> &mut Vec<String> {
        &mut self.prompt.words
    }

    /// Continues the conversation with that id, or the last one when it is empty, unless another is named.
    pub(super) fn go_on_with(&mut self, id: String) {
        self.continued.get_or_insert(id);
    }

    /// The same with the role that they name under them.
    fn with_role(&self, context: &Context) -> Result<Self, Error> {
        let Self { prompt, route, form, sampling, .. } = self.clone();
        let given = Given { prompt, route, form, sampling };
        let Given { prompt, route, form, sampling } = self.role.under(given, &context.environment, &context.ui)?;
        let args = Self { prompt, route, form, sampling, ..self.clone() };
        args.check().map_err(|message| Error::new(ErrorKind::Usage, message))?;
        Ok(args)
    }

    /// What makes no sense together; the parser knows no schema of a role.
    fn check(&self) -> Result<(), &'static str> {
        let Self { output, .. } = self;
        match self.form.schema {
            None if self.repair => Err("--repair needs --schema, or a role that has one"),
            Some(_) if output.stream => Err("--stream cannot be used with a schema, which only a whole answer can fit"),
            Some(_) if output.extract => Err("--extract cannot be used with a schema: all of the answer must fit it"),
            _ => Ok(()),
        }
    }
}

/// Runs the command.
pub fn run(args: &Args, context: &mut Context) -> Done {
    let done = super::block_on(complete(args, context));
    let (json, lines) = (args.output.json, args.output.jsonl);
    if json || lines { report::told_as_json(done, |error| nothing_asked(error, lines), &context.ui) } else { done }
}

/// An error before anybody was asked, for `--json` and as a line of its own for `--jsonl`.
fn nothing_asked(error: &Error, is_line: bool) -> Value {
    let mut object = report::error_json("llmx.complete/1", error);
    if is_line {
        object["type"] = json!("done");
    }
    object["attempts"] = json!([]);
    object
}

async fn complete(args: &Args, context: &Context) -> Done {
    let args = &args.with_role(context)?;
    let session = Session::open(context).await?;
    let ledger = RefCell::new(session.open_ledger());
    let done = Box::pin(complete_with(args, context, &session, &ledger)).await;
    session.tidy(&mut ledger.borrow_mut());
    if let Some(warning) = ledger.borrow_mut().take_warning() {
        context.ui.warn(&warning);
    }
    done
}

async fn complete_with(args: &Args, context: &Context, session: &Session, ledger: &RefCell<Ledger>) -> Done {
    let asked = ask(args, session, &ledger.borrow(), &context.ui)?;
    let mut policy = session.policy(&args.route).await?;
    policy.on_cut = on_cut(args, policy.on_cut, &context.ui);
    let targets = session.targets(&policy);
    let demand = Demand::of(&asked.request, args.form.strict);
    let id = Uuid::now_v7().to_string();
    let conversation = asked.conversation.clone().unwrap_or_else(|| id.clone());
    let whose = trials::asker(id.clone(), Some(conversation), &session.environment);
    let at = Timestamp::now();
    let plan =
        Occasion { targets: &targets, policy: &policy, ledger: &ledger.borrow(), at, asker: whose, exact: false }
            .plan(&demand);
    session.tell_of(&plan, &context.ui);
    session::tell_of_budgets(&plan, &policy, &ledger.borrow(), &context.ui);
    if let Some(note) = session::not_on(&policy, &plan) {
        context.ui.detail(&note);
    }
    if plan.candidates.is_empty() {
        return Err(session.nothing_left(&plan, &targets, &policy, &demand));
    }
    let spender = args.route.spend.spender(args.purpose.command(), &plan.route, &session.environment);
    let asking = Asking {
        ui: &context.ui,
        session,
        ledger,
        policy: &policy,
        targets: &targets,
        plan: &plan,
        request: &asked.request,
        judge: asked.fit.as_ref().map(|fit| fit as &dyn Judge),
        drafts: false,
    };
    let gate = asking.gate(spender.clone());
    let job = asking.job(&gate);
    if args.dry_run {
        return dry_run(&job, session, &context.ui).await;
    }
    let start = run_start(args, session, &plan, &asked, id, spender, &context.ui);
    let show = |live: &mut Live<'_>, run: &Run, interrupted: u8| {
        let when_cut = "allow more with --max-tokens, fail with --strict";
        let (output, form, ui) = (&args.output, &args.form, &context.ui);
        let ending = Ending {
            output,
            form,
            purpose: args.purpose,
            when_cut,
            when_broken: None,
            ui,
            session,
            job: &job,
            start: &start,
            run,
        };
        let done = ending.show(live, interrupted);
        let exit_code = done.as_ref().err().map_or(0, Error::exit_code);
        (done, ending.run_end(exit_code))
    };
    Box::pin(asking.carry_out(&job, &start, delivery(args, &context.ui), &mut Interrupt::install()?, show)).await
}

/// What is asked: the whole request, and what of it is new.
struct Asked {
    request: ChatRequest,
    said: Said,
    conversation: Option<String>,
    fit: Option<Fit>,
}

fn ask(args: &Args, session: &Session, ledger: &Ledger, ui: &Ui) -> Result<Asked, Error> {
    earlier::no_id_among_words(args.continued.as_deref(), &args.prompt.words, ledger)?;
    let earlier = args.continued.as_deref().map(|id| earlier::conversation(id, ledger)).transpose()?;
    let Form { request, fit } = Form::read(&args.form, &args.sampling)?;
    let fit = fit.map(|fit| fit.repaired(args.repair || session.settings.repair.value));
    let said = Said::read(&args.prompt, ui)?;
    let (conversation, system, mut messages) = match earlier {
        Some(earlier) => (Some(earlier.id), earlier.system, earlier.messages),
        None => (None, None, Vec::new()),
    };
    messages.push(Message { role: Role::User, parts: said.parts() });
    let system = args.prompt.system.clone().or(system);
    let request = ChatRequest { system, messages, stream: !args.output.no_stream, ..request };
    Ok(Asked { request, said, conversation, fit })
}

/// What to do when a stream breaks. Text in a pipe cannot be unsaid, so there a restart would only garble it.
fn on_cut(args: &Args, wanted: Set<OnCut>, ui: &Ui) -> Set<OnCut> {
    if args.output.stream && !ui.stdout_is_terminal && wanted.value == OnCut::Restart {
        return Set { value: OnCut::Fail, origin: Origin::Argument("--stream".to_owned()) };
    }
    wanted
}

fn run_start(
    args: &Args,
    session: &Session,
    plan: &Plan,
    asked: &Asked,
    id: String,
    Spender { project, tags, .. }: Spender,
    ui: &Ui,
) -> RunStart {
    let keep_text = session.settings.store_prompts.value && !args.no_log;
    let said = || session.without_keys(Message { role: Role::User, parts: asked.said.kept(ui) });
    RunStart {
        conversation: asked.conversation.clone().unwrap_or_else(|| id.clone()),
        id,
        started_ms: Timestamp::now().as_millisecond(),
        command: args.purpose.command().to_owned(),
        route: plan.route.clone(),
        system: asked.request.system.clone().filter(|_| keep_text).map(|system| session.text_without_keys(system)),
        messages: if keep_text { vec![said()] } else { Vec::new() },
        keep_text,
        // `-c` goes on with what was read, not with what was put on the line.
        terminal: super::terminal_name().filter(|_| args.purpose == Purpose::Reading),
        arm: trials::arm(plan),
        project,
        tags,
    }
}

/// Prints the request that would be sent first.
async fn dry_run(job: &Job<'_>, session: &Session, ui: &Ui) -> Done {
    let first = job.plan.candidates.first();
    let found = first.and_then(|first| Some((first, route::find(job.targets, &first.target)?)));
    let (first, target) = found.ok_or_else(|| Error::new(ErrorKind::Other, "there is nothing to send"))?;
    for change in &first.changes {
        ui.note(&format!("{}: {change}", first.target));
    }
    let cannot = |failure: Failure| {
        let kind = ErrorKind::from_exit_code(failure.class.rule().exit_code);
        Error::new(kind, report::failure_words(&failure))
    };
    let key = session.key_at_hand(&target.provider).await.map_err(cannot)?;
    let (_, request) = prepare(target, &adapt::apply(job.request, &first.changes), key.as_ref()).map_err(cannot)?;
    Ok(ui.out_clean(&format!("{request}\n"))?)
}

fn delivery<'ui>(args: &Args, ui: &'ui Ui) -> Delivery<'ui> {
    let output = &args.output;
    if output.jsonl {
        return Delivery::Lines;
    }
    let reasoning = if output.hide_reasoning { Reasoning::Hidden } else { Reasoning::Dim };
    let answer = Answer::new(ui, AnswerOptions { raw: output.raw, reasoning });
    let as_it_comes = output.stream || ui.stdout_is_terminal;
    let judged = args.form.schema.is_some();
    if as_it_comes && !output.no_stream && !output.json && !output.extract && !judged {
        Delivery::Streamed(answer)
    } else {
        Delivery::Held(answer)
    }
}
