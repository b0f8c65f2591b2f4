//! What a route tries out, between runs: who asks, where a canary stands, and what a run adds to it.

use jiff::Timestamp;

use super::alerts::Alert;
use super::billing::Cost;
use crate::config::Environment;
use crate::exec::{Attempt, End, Outcome, Run};
use crate::ledger::Ledger;
use crate::money::Usd;
use crate::route::rollout::canary::{Side, Status, advance};
use crate::route::rollout::{CanaryPlan, CanaryState, Seen, Verdict};
use crate::route::{Asker, Plan, Policy, Trial, Trials, breaker};

/// Who asks, as far as this process knows. `request` is this request's alone.
pub fn asker(request: String, conversation: Option<String>, environment: &Environment) -> Asker {
    Asker {
        request,
        conversation,
        terminal: super::terminal_name(),
        project: std::env::current_dir().ok().map(|path| path.display().to_string()),
        user: Some(user(environment)),
    }
}

/// Who the user of the machine is, whether or not a variable says so: services and containers set none.
fn user(environment: &Environment) -> String {
    let named = environment.get("USER").or_else(|| environment.get("LOGNAME")).map(str::to_owned);
    named.unwrap_or_else(|| format!("uid {}", rustix::process::getuid().as_raw()))
}

/// What is known of the trials of a route.
pub fn known(policy: &Policy, asker: Asker, ledger: &Ledger) -> Trials {
    let kept = policy.canary.as_ref().and_then(|_| ledger.state(&name(policy)).ok().flatten());
    Trials { asker, canary: kept.and_then(|text| serde_json::from_str(&text).ok()) }
}

/// Under what a canary's state is kept: beside another target than before, it begins anew.
fn name(policy: &Policy) -> String {
    let baseline = policy.tiers.iter().flatten().next().map(ToString::to_string).unwrap_or_default();
    format!("canary {} beside {baseline}", policy.route)
}

/// The arm of an experiment that a run is part of, as the ledger keeps it.
pub fn arm(plan: &Plan) -> Option<String> {
    match plan.trial.as_ref()? {
        Trial::Canary { target, chosen, .. } => {
            Some(format!("canary {target}: {}", if *chosen { "in" } else { "out" }))
        }
        Trial::Split { name, arm, .. } => Some(format!("{name}: {arm}")),
    }
}

/// What a run has shown of the first target of its plan; `None` when it was the user's or the request's own fault.
pub fn seen(run: &Run, costs: &[Cost], plan: &Plan) -> Option<Seen> {
    let canary = matches!(plan.trial, Some(Trial::Canary { chosen: true, .. }));
    let of_first: Vec<(&Attempt, Option<Usd>)> = run
        .attempts
        .iter()
        .zip(costs.iter().map(|cost| cost.usd).chain(std::iter::repeat(None)))
        .filter(|(attempt, _)| attempt.candidate == 0)
        .collect();
    let (last, cost) = *of_first.last()?;
    match &last.outcome {
        Outcome::Cancelled => None,
        // What the one that is tried out rejects, others may take.
        Outcome::Failed(failure) if !canary && !breaker::counts(failure.class) => None,
        Outcome::Failed(_) => Some(Seen { failed: true, ..Seen::default() }),
        Outcome::Complete => Some(Seen {
            failed: !matches!(run.end, End::Served),
            first_token: last.timing.first_content,
            total: Some(last.timing.total),
            cost,
        }),
    }
}

/// What becomes of the canary of a route.
pub struct Step {
    /// What to say of it; nothing while it stays as it is.
    pub note: Option<String>,
    /// What the user may want to be told.
    pub alert: Option<Alert>,
}

/// Adds what a run has shown to the canary of its route, and takes the canary's next step.
pub fn step(plan: &Plan, policy: &Policy, seen: Option<Seen>, ledger: &mut Ledger) -> Option<Step> {
    let canary: &CanaryPlan = &policy.canary.as_ref()?.value;
    let Some(Trial::Canary { chosen, .. }) = &plan.trial else { return None };
    let (seen, side) = (seen?, if *chosen { Side::Canary } else { Side::Baseline });
    let mut verdict = None;
    let changed = ledger.change_state(&name(policy), |kept| {
        let now = Timestamp::now();
        let stored = kept.and_then(|text| serde_json::from_str(&text).ok());
        let mut state = CanaryState::resume(canary, stored, now);
        if state.status == Status::Running {
            state.observe(side, &seen);
            let (next, told) = advance(canary, state, now);
            (state, verdict) = (next, Some(told));
        }
        serde_json::to_string(&state).ok()
    });
    changed.ok()?;
    let (route, target) = (policy.route.clone(), canary.target.clone());
    Some(match verdict? {
        Verdict::Stay { .. } => Step { note: None, alert: None },
        Verdict::RolledBack { why } => Step {
            note: Some(format!("canary {target} of route {route} rolled back: {why}")),
            alert: Some(Alert::CanaryRolledBack { route, target, why: why.to_string() }),
        },
        verdict => Step { note: Some(format!("canary {target} of route {route} {verdict}")), alert: None },
    })
}
