//! `llmx drill`: rehearses outages of the user's own routes on the simulated fleet, and says who would have answered.

mod clock;
mod outage;
mod rehearse;
mod show;
mod verdict;

use std::rc::Rc;

use clap::Args as ClapArgs;
use clap::builder::PossibleValuesParser;
use jiff::Timestamp;

use super::report::{error_json, told_as_json};
use super::session::Session;
use super::{Context, Done, manual};
use crate::chat::{ChatRequest, Message, Role};
use crate::error::{Error, ErrorKind};
use crate::exec::transport::Transport;
use crate::provider::{Target, TargetId};
use crate::route::{self, Demand, Policy, Rejected, Rejection, Snapshot, decide};
use crate::sim::{Faults, Options};
pub use outage::OUTAGES;
use outage::Outage;
use rehearse::{Played, Scene, Stage};
use verdict::Verdict;

/// What is asked in every rehearsal.
const PROMPT: &str = "Why is the sky blue?";
/// Everything left to chance falls the same way in every drill, so that two drills can be compared.
const SEED: u64 = 0;

/// Rehearse outages of your routes; nothing is sent
///
/// Each provider of each route, those of its canary and of the arms of its split included, goes down, slow, silent, rate limited, and so on, in a simulation on this machine: no key and
/// no network are needed, no money is spent, nothing is written into the ledger. Shown is who would have answered, after how
/// long, and at what cost. Exit code 10 says that a route would not survive an outage.
#[derive(ClapArgs, Debug)]
#[command(after_help = manual::DRILL_EXAMPLES, after_long_help = manual::of_drill())]
pub struct Args {
    /// Routes, aliases or models; all routes by default
    ///
    /// As `-m` of other commands takes them. Without any route in the configuration it is what answers when no model is named.
    #[arg(value_name = "ROUTE")]
    routes: Vec<String>,
    /// Rehearse only this outage; repeatable
    #[arg(long = "fault", value_name = "NAME", hide_possible_values = true)]
    #[arg(value_parser = PossibleValuesParser::new(OUTAGES.iter().map(|outage| outage.name)))]
    faults: Vec<String>,
    /// Count on targets that have no key here
    ///
    /// Without it a target whose key is not found is no fallback, for it could not answer. --sim implies it.
    #[arg(long)]
    assume_keys: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(args: &Args, context: &mut Context) -> Done {
    if context.sim.as_ref().is_some_and(|faults| !faults.rules.is_empty()) {
        let error = Error::new(ErrorKind::Usage, "a drill has its own outages, so `--sim` takes no faults here");
        return Err(error.hint("choose outages with `--fault`"));
    }
    let done = super::block_on(drill(args, context));
    if args.json { told_as_json(done, |error| error_json(show::SCHEMA, error), &context.ui) } else { done }
}

/// A route with how it fared.
pub struct Drilled {
    policy: Policy,
    /// Whom the route tries out first in these rehearsals; `None` for the chain alone.
    trial: Option<OnTrial>,
    /// Targets that are left out for good, and why.
    rejected: Vec<Rejected>,
    /// The rehearsals; the first is the one without any outage.
    played: Vec<Played>,
    verdict: Verdict,
}

/// Who is tried out on a part of the requests, and answers them.
#[derive(Clone)]
struct OnTrial {
    /// `canary` or `arm`.
    what: &'static str,
    target: TargetId,
}

impl OnTrial {
    /// Whom a route tries out. A shadow is none of them: nobody waits for its answer.
    fn all(policy: &Policy) -> Vec<Self> {
        let canary = policy.canary.iter().map(|canary| ("canary", &canary.value.target));
        let arms = policy.split.iter().flat_map(|split| split.value.arms.iter().map(|(target, _)| ("arm", target)));
        canary.chain(arms).map(|(what, target)| Self { what, target: target.clone() }).collect()
    }

    /// The chain behind it.
    fn before(&self, policy: &Policy) -> Policy {
        let rest = policy.tiers.iter().map(|tier| tier.iter().filter(|id| **id != self.target).cloned().collect());
        let tiers = std::iter::once(vec![self.target.clone()]).chain(rest).filter(|tier: &Vec<_>| !tier.is_empty());
        Policy { tiers: tiers.collect(), ..policy.clone() }
    }
}

async fn drill(args: &Args, context: &Context) -> Done {
    let assume = args.assume_keys || context.sim.is_some();
    let none = Faults::default();
    let open = |faults| Session::with(context.environment.clone(), faults, Options::default(), &context.ui);
    let (session, assumed) = (open(None).await?, if assume { Some(open(Some(&none)).await?) } else { None });
    let policies = policies(&args.routes, assumed.as_ref().unwrap_or(&session)).await?;
    drop(assumed);
    let Session { settings, catalog, environment, .. } = session;
    let stage = Rc::new(Stage { settings, catalog, environment, transport: Transport::default(), request: request() });
    let outages: Vec<&Outage> = OUTAGES.iter().filter(|outage| args.chooses(outage)).collect();
    let mut drilled = Vec::new();
    for policy in policies {
        drilled.extend(drill_route(policy, &outages, assume, &stage, context).await?);
    }
    let done = verdict::sum_up(&drilled);
    if args.json {
        context.ui.out_clean(&format!("{}\n", show::json(&drilled)))?;
        return done.map_err(Error::told_as_json);
    }
    show::people(&drilled, &context.ui)?;
    done
}

impl Args {
    fn chooses(&self, outage: &Outage) -> bool {
        self.faults.is_empty() || self.faults.iter().any(|name| name == outage.name)
    }
}

/// What is drilled: the named ones, else all routes of the configuration, else what answers when nothing is named.
async fn policies(names: &[String], session: &Session) -> Result<Vec<Policy>, Error> {
    const ORIGIN: &str = "the command line";
    if !names.is_empty() {
        return names.iter().map(|name| session.resolve(name, ORIGIN)).collect();
    }
    let routes: Vec<Policy> =
        session.settings.routes.keys().map(|name| session.resolve(name, ORIGIN)).collect::<Result<_, _>>()?;
    if routes.is_empty() { Ok(vec![session.default_policy().await?]) } else { Ok(routes) }
}

fn request() -> ChatRequest {
    ChatRequest { messages: vec![Message::text(Role::User, PROMPT)], stream: true, ..ChatRequest::default() }
}

/// The route as it answers: the chain, and each that is tried out with the chain behind it.
async fn drill_route(
    policy: Policy,
    outages: &[&'static Outage],
    assume: bool,
    stage: &Rc<Stage>,
    context: &Context,
) -> Result<Vec<Drilled>, Error> {
    let chain = Policy { canary: None, split: None, shadow: None, ..policy.clone() };
    let mut drilled = Vec::new();
    let mut all_in = policy.split.is_some();
    for trial in OnTrial::all(&policy) {
        let target = trial.target.clone();
        let route = drill_chain(trial.before(&chain), Some(trial), outages, assume, stage, context).await?;
        // Who is out is not tried out: the chain answers.
        if route.rejected.iter().all(|rejected| rejected.target != target) {
            drilled.push(route);
        } else {
            all_in = false;
        }
    }
    // The arms of a split have all requests between them.
    if !all_in {
        drilled.insert(0, drill_chain(chain, None, outages, assume, stage, context).await?);
    }
    Ok(drilled)
}

async fn drill_chain(
    policy: Policy,
    trial: Option<OnTrial>,
    outages: &[&'static Outage],
    assume: bool,
    stage: &Rc<Stage>,
    context: &Context,
) -> Result<Drilled, Error> {
    let targets = stage.targets(&policy, &stage.settings);
    let snapshot = Snapshot::blank(Timestamp::now(), SEED);
    let plan = decide(&Demand::of(&stage.request, false), &targets, &policy, &snapshot);
    let rejected: Vec<Rejected> =
        plan.rejected.into_iter().filter(|rejected| !(assume && is_unready(rejected))).collect();
    let able = |target: &&Target| rejected.iter().all(|rejected| rejected.target != target.id);
    let able: Vec<Target> = targets.iter().filter(able).cloned().collect();
    let scenes: Vec<Scene> = std::iter::once(Scene::healthy()).chain(outage::scenes(outages, &able)).collect();
    context.ui.wait_for(&format!("{}: {} rehearsals", policy.route, scenes.len()));
    let only = Policy { tiers: only(&policy.tiers, &able), ..policy.clone() };
    let played = rehearse::all(stage, only, scenes).await;
    context.ui.stop_waiting();
    let played = played?;
    let verdict = Verdict::of(&played);
    // Where keys are counted on, what else keeps a target out shows only with one.
    let late = played.first().into_iter().flat_map(|healthy| healthy.rejected.iter().cloned());
    let rejected = rejected.into_iter().chain(late).collect();
    Ok(Drilled { policy, trial, rejected, played, verdict })
}

/// Whether nothing but what the user has not set keeps a target from serving.
fn is_unready(rejected: &Rejected) -> bool {
    matches!(rejected.reason, Rejection::KeyMissing { .. } | Rejection::ParameterMissing { .. })
}

fn only(tiers: &[Vec<TargetId>], able: &[Target]) -> Vec<Vec<TargetId>> {
    let of = |tier: &Vec<_>| tier.iter().filter(|id| route::find(able, id).is_some()).cloned().collect();
    tiers.iter().map(of).collect()
}
