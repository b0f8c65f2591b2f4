//! `llmx route`: which model would serve this, and why. Sends nothing.

mod explain;
mod replay;
mod report;
mod why_not;

use std::time::Duration;

use clap::Args as ClapArgs;
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::args::{FormArgs, PromptArgs, RouteArgs, SamplingArgs};
use super::form::{Form, Said};
use super::prompt::{self, Stdin};
use super::report::{error_json, told_as_json};
use super::role::used::{Given, RoleArgs};
use super::session::{self, Occasion, Session};
use super::{Context, Done, manual, moment, trials};
use crate::chat::{ChatRequest, Message, Part, Role};
use crate::config::schema::parse_period;
use crate::error::{Error, ErrorKind};
use crate::route::Demand;
use crate::ui::Ui;
pub(super) use explain::{print as explain, tokens};

const SCHEMA: &str = "llmx.route/1";

/// Show which model would serve, and why; nothing is sent
#[derive(ClapArgs, Debug, Clone)]
#[command(after_help = manual::ROUTE_EXAMPLES)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own on the command line")]
pub struct Args {
    #[command(flatten)]
    prompt: PromptArgs,
    #[command(flatten)]
    role: RoleArgs,
    #[command(flatten)]
    route: RouteArgs,
    /// Explain the whole decision
    ///
    /// Every candidate with its score, its expected cost and time with their bounds, where its breaker stands, and every target
    /// that is out with the reason; the limits with where they were set.
    #[arg(short, long)]
    explain: bool,
    /// Decide past requests anew
    ///
    /// The requests of --since, of the route that -m names or of all, are decided by the strategy of --strategy or by the route
    /// of --route, each with what was known before it. What was not seen is estimated from other requests, and it is said how much of
    /// it. With `predictive` it is its back-test, which switches it on for the route when the past supports it.
    #[arg(long, conflicts_with_all = ["explain", "why_not", "at", "exact", "report"], group = "of_the_past")]
    replay: bool,
    /// With --replay: decide as this route
    #[arg(long = "route", value_name = "ROUTE", requires = "replay")]
    as_route: Option<String>,
    /// Report how canary, split and shadow go
    ///
    /// With honest statistics: intervals that hold however often one looks, and "too few to tell" where it is so.
    #[arg(long, conflicts_with_all = ["explain", "why_not", "at", "exact"], group = "of_the_past")]
    report: bool,
    /// With --report, --replay: since when (30d)
    #[arg(long, value_name = "DURATION", value_parser = parse_period, default_value = "30d", hide_default_value = true)]
    #[arg(requires = "of_the_past")]
    since: Duration,
    /// Say why that model would not serve
    #[arg(long, value_name = "MODEL")]
    why_not: Option<String>,
    /// Decide as if it were that time
    ///
    /// A time such as `14:30`, a day, both (`2026-12-24T18:00`), with an offset or `Z`, or a distance from now such as `+2h`.
    /// Prices, ends of models, breakers and habits of the hour are those of that time, as far as they are known now.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    at: Option<String>,
    /// Count tokens with the model's own tokenizer
    ///
    /// Where there is one, and slow to load. Without it tokens are estimated, and counted only where that could change who
    /// serves.
    #[arg(long)]
    exact: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    form: FormArgs,
    #[command(flatten)]
    sampling: SamplingArgs,
}

/// Runs the command.
pub fn run(args: &Args, context: &mut Context) -> Done {
    let done = super::block_on(route(args, context));
    let schema = match (args.replay, args.report) {
        (true, _) => replay::SCHEMA,
        (_, true) => report::SCHEMA,
        _ => SCHEMA,
    };
    if args.json { told_as_json(done, |error| error_json(schema, error), &context.ui) } else { done }
}

impl Args {
    /// The same with the role that they name under them.
    fn with_role(&self, context: &Context) -> Result<Self, Error> {
        let Self { prompt, route, form, sampling, .. } = self.clone();
        let given = Given { prompt, route, form, sampling };
        let Given { prompt, route, form, sampling } = self.role.under(given, &context.environment, &context.ui)?;
        Ok(Self { prompt, route, form, sampling, ..self.clone() })
    }
}

async fn route(args: &Args, context: &Context) -> Done {
    let args = &args.with_role(context)?;
    let now = Timestamp::now();
    let at = args.at.as_deref().map_or(Ok(now), |text| moment::read(text, now)).map_err(|message| {
        Error::new(ErrorKind::Usage, format!("--at: {message}"))
            .hint("write a time, a day, both, or a distance such as `+2h`")
    })?;
    let session = Session::open(context).await?;
    if args.report {
        let policy = session.policy(&args.route).await?;
        return report::print(&policy, args.since, args.json, &session, &context.ui);
    }
    if args.replay {
        return replay(args, &session, &context.ui).await;
    }
    let request = request(args, context)?;
    let policy = session.policy(&args.route).await?;
    let targets = session.targets(&policy);
    let demand = Demand::of(&request, args.form.strict);
    let mut ledger = session.foresee_ledger();
    let asker = trials::asker(Uuid::now_v7().to_string(), None, &session.environment);
    let occasion = Occasion { targets: &targets, policy: &policy, ledger: &ledger, at, asker, exact: args.exact };
    let plan = occasion.plan(&demand);
    if let Some(note) = session::not_on(&policy, &plan) {
        context.ui.note(&note);
    }
    let why_not = args.why_not.as_ref().map(|name| why_not::why_not(name, &session, &occasion, &demand, &plan));
    let why_not = why_not.transpose()?;
    if let Some(warning) = ledger.take_warning() {
        context.ui.warn(&warning);
    }
    if args.json {
        let target = plan.candidates.first().map(|candidate| &candidate.target);
        let mut object = json!({ "schema": SCHEMA, "target": target, "at": at.to_string(), "plan": plan });
        if let Some(why_not) = &why_not {
            object["why_not"] = json!(why_not);
        }
        context.ui.out_clean(&format!("{object}\n"))?;
    } else {
        if args.explain {
            explain::print(&plan, at, &context.ui)?;
        }
        match (&why_not, plan.candidates.first()) {
            (Some(why_not), _) => context.ui.out_clean(&format!("{why_not}\n"))?,
            (None, Some(first)) if !args.explain => context.ui.out_clean(&format!("{}\n", first.target))?,
            _ => {}
        }
    }
    if plan.candidates.is_empty() && why_not.is_none() {
        let error = session.nothing_left(&plan, &targets, &policy, &demand);
        return Err(if args.json { error.told_as_json() } else { error });
    }
    Ok(())
}

async fn replay(args: &Args, session: &Session, ui: &Ui) -> Done {
    let of = session.policy(&args.route).await?;
    let as_route = RouteArgs { model: args.as_route.clone(), ..args.route.clone() };
    let policy = if args.as_route.is_some() { session.policy(&as_route).await? } else { of.clone() };
    let of = args.route.model.as_ref().map(|_| of.route.as_str());
    replay::print(&replay::Order { of, since: args.since, policy: &policy, json: args.json }, session, ui)
}

/// A route can be asked for without any prompt.
fn request(args: &Args, context: &Context) -> Result<ChatRequest, Error> {
    let Form { request, .. } = Form::read(&args.form, &args.sampling)?;
    let prompt = &args.prompt;
    let named = !prompt.words.is_empty() || !prompt.files.is_empty() || !prompt.attachments.is_empty();
    let role = prompt.by_role.clone().unwrap_or_default();
    let parts = if named {
        Said::read(prompt, &context.ui)?.parts()
    } else {
        let said = match prompt::read_stdin(false)? {
            Stdin::Text(text) => Some(text),
            Stdin::Nothing | Stdin::Silent => role.input.clone(),
        };
        let worded = role.prompt(&said.unwrap_or_default());
        Some(worded).filter(|text| !text.is_empty()).into_iter().map(Part::Text).collect()
    };
    let turn = (!parts.is_empty()).then_some(Message { role: Role::User, parts });
    let messages = turn.into_iter().collect();
    // As `complete` asks unless it is told otherwise.
    Ok(ChatRequest { system: args.prompt.system.clone(), messages, stream: true, ..request })
}
