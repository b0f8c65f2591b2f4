//! Why a model would not serve: where it stands in the plan, or what keeps it out of it.

use std::fmt;

use serde::Serialize;

use crate::cli::session::{Occasion, Session};
use crate::error::Error;
use crate::provider::TargetId;
use crate::route::strategy::{Score, Strategy};
use crate::route::{Candidate, Demand, Origin, Plan, Policy, decide};

/// The answer for one model.
#[derive(Debug, Serialize)]
pub struct WhyNot {
    target: TargetId,
    #[serde(flatten)]
    stands: Standing,
}

/// Where a model stands.
#[derive(Debug, Serialize)]
#[serde(tag = "stands", rename_all = "snake_case")]
enum Standing {
    /// It would serve.
    First,
    /// Others of its tier score better.
    Behind { place: usize, first: TargetId, strategy: &'static Strategy, own: Score, best: Score },
    /// Its tier comes after others.
    Later { place: usize, tier: usize, first: TargetId },
    /// It is out.
    Out { reason: String },
    /// The route does not name it; what would be if it did.
    NotNamed { route: String, origin: Origin, if_named: String },
}

/// Where the model of that name stands.
pub fn why_not(
    name: &str,
    session: &Session,
    occasion: &Occasion<'_>,
    demand: &Demand<'_>,
    plan: &Plan,
) -> Result<WhyNot, Error> {
    let target = session.target_named(name, "--why-not")?;
    let place = plan.candidates.iter().position(|candidate| candidate.target == target);
    let stands = match place {
        Some(0) => Standing::First,
        Some(place) => behind(plan, place),
        None => match plan.rejected.iter().find(|rejected| rejected.target == target) {
            Some(rejected) => Standing::Out { reason: rejected.reason.to_string() },
            None => not_named(&target, session, occasion, demand),
        },
    };
    Ok(WhyNot { target, stands })
}

fn behind(plan: &Plan, place: usize) -> Standing {
    let (own, first) = (&plan.candidates[place], &plan.candidates[0]);
    if own.tier != first.tier {
        return Standing::Later { place: place + 1, tier: own.tier + 1, first: first.target.clone() };
    }
    Standing::Behind {
        place: place + 1,
        first: first.target.clone(),
        strategy: plan.strategy.value,
        own: own.score.clone(),
        best: first.score.clone(),
    }
}

/// What would become of it as the last tier of the route.
fn not_named(target: &TargetId, session: &Session, occasion: &Occasion<'_>, demand: &Demand<'_>) -> Standing {
    let policy = Policy { tiers: vec![vec![target.clone()]], ..occasion.policy.clone() };
    let targets = session.targets(&policy);
    let plan = decide(demand, &targets, &policy, &occasion.snapshot(&targets));
    let if_named = match (plan.candidates.first(), plan.rejected.first()) {
        (Some(candidate), _) => format!("it could serve: {}", expected(candidate)),
        (None, Some(rejected)) => format!("it would be out all the same: {}", rejected.reason),
        (None, None) => "nothing is known of it".to_owned(),
    };
    let policy = occasion.policy;
    Standing::NotNamed { route: policy.route.clone(), origin: policy.origin.clone(), if_named }
}

fn expected(candidate: &Candidate) -> String {
    let cost = candidate.forecast.cost.map_or("at an unknown cost".to_owned(), |cost| format!("for about {cost}"));
    format!("{cost}, in about {:.1}s", candidate.forecast.total.expected.as_secs_f64())
}

fn terms(score: &Score) -> String {
    let terms = score.terms.iter().map(|term| format!("{} {:.4}", term.name, term.value));
    let terms = terms.collect::<Vec<_>>().join(", ");
    let note = score.note.as_ref().map(|note| format!("; {note}")).unwrap_or_default();
    format!("{:.4} ({terms}{note})", score.value)
}

/// The weights of a draw, where it has any.
fn weights(own: &Score, best: &Score) -> String {
    let weight = |score: &Score| score.terms.iter().find(|term| term.name == "weight").map(|term| term.value);
    let said = weight(own).zip(weight(best)).map(|(own, best)| format!("; their weights are {own} and {best}"));
    said.unwrap_or_default()
}

impl fmt::Display for WhyNot {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let target = &self.target;
        match &self.stands {
            Standing::First => write!(formatter, "{target} would serve"),
            Standing::Behind { place, first, strategy, .. } if strategy.name == "ordered" => {
                write!(
                    formatter,
                    "{target} is number {place}: {first} stands before it in the file, and the strategy is ordered"
                )
            }
            Standing::Behind { place, first, strategy, own, best } if strategy.draws => write!(
                formatter,
                "{target} is number {place}: the strategy {} draws the order anew for each request, and this time {first} came first{}",
                strategy.name,
                weights(own, best)
            ),
            Standing::Behind { place, first, strategy, own, best } => write!(
                formatter,
                "{target} is number {place}: by the strategy {} its score is {}, and that of {first} is {}; the lowest comes first",
                strategy.name,
                terms(own),
                terms(best)
            ),
            Standing::Later { place, tier, first } => {
                write!(
                    formatter,
                    "{target} is number {place}: its tier {tier} is asked when the tiers before it failed, and {first} serves"
                )
            }
            Standing::Out { reason } => write!(formatter, "{target} is out: {reason}"),
            Standing::NotNamed { route, origin, if_named } => write!(
                formatter,
                "{target} is not in `{route}` ({origin}); if it were, {if_named}. Add it to `tiers`, or ask it with `-m {target}` or `--fallback {target}`"
            ),
        }
    }
}
