//! What is shown: the ledger's rows of those who were asked, the targets of the routes, and where each stands just now.

use jiff::Timestamp;

use crate::cli::session::Session;
use crate::error::Error;
use crate::ledger::{Health, TargetHealth};
use crate::provider::TargetId;
use crate::route::breaker::{State, Subject};
use crate::route::quota::Quota;
use crate::route::{Origin, Policy, Snapshot};

/// Whom the user wants to see.
pub struct Chosen {
    /// Models by name: those that were named, else those of all routes.
    pub targets: Vec<TargetId>,
    /// Providers that were named: all that was asked there counts.
    providers: Vec<String>,
    /// Nobody else is shown.
    only: bool,
}

impl Chosen {
    fn shows(&self, target: &TargetId) -> bool {
        !self.only || self.targets.contains(target) || self.providers.contains(&target.provider)
    }

    fn shows_provider(&self, name: &str) -> bool {
        let named = self.targets.iter().any(|target| target.provider == name);
        !self.only || named || self.providers.iter().any(|known| known == name)
    }
}

/// Those who were named, or those of all routes, or those who answer when nothing is named.
pub fn chosen(names: &[String], session: &Session) -> Result<Chosen, Error> {
    let mut chosen = Chosen { targets: Vec::new(), providers: Vec::new(), only: !names.is_empty() };
    let mut policies: Vec<Policy> = Vec::new();
    let routes = session.settings.routes.keys();
    let names: Vec<&String> = if chosen.only { names.iter().collect() } else { routes.collect() };
    for name in &names {
        if session.settings.provider(name).is_some() {
            chosen.providers.push((*name).clone());
        }
        match session.resolve(name, "the command line") {
            Ok(policy) => policies.push(policy),
            // A provider without a default model has a history all the same.
            Err(_) if chosen.providers.contains(name) => {}
            Err(error) => return Err(error),
        }
    }
    if names.is_empty() {
        policies.extend(session.usual_policy()?);
    }
    for id in policies.iter().flat_map(Policy::named) {
        if !chosen.targets.contains(id) {
            chosen.targets.push(id.clone());
        }
    }
    Ok(chosen)
}

/// What is shown.
pub struct View {
    /// The moment.
    pub now: Timestamp,
    /// How far back it reaches.
    pub since: Timestamp,
    /// Answers were simulated.
    pub simulated: bool,
    /// One for each model, by name.
    pub rows: Vec<Row>,
    /// Breakers of providers and keys that are not closed.
    pub breakers: Vec<(Subject, State)>,
}

/// One model at one provider.
pub struct Row {
    /// How it has done.
    pub health: TargetHealth,
    /// Where it stands just now.
    pub state: State,
    /// Whose breaker says so.
    pub subject: Subject,
    /// What is left of the provider's limits, as it said last.
    pub quotas: Vec<Quota>,
}

impl View {
    /// What the ledger says, of whom the user wants to see.
    pub fn new(health: Health, chosen: &Chosen, session: &Session, since: Timestamp, now: Timestamp) -> Self {
        let mut known: Vec<TargetHealth> =
            health.targets.into_iter().filter(|known| chosen.shows(&known.target)).collect();
        for target in &chosen.targets {
            if known.iter().all(|known| known.target != *target) {
                known.push(never_asked(target.clone()));
            }
        }
        known.sort_by(|one, other| one.target.cmp(&other.target));
        let ids = known.iter().map(|known| known.target.clone()).collect();
        let targets = session.targets(&Policy::of("health", Origin::BuiltIn, vec![ids]));
        let breakers = health.breakers.iter().map(|watched| (watched.subject.clone(), watched.breaker.state(now)));
        let apart = breakers.filter(|(subject, state)| *state != State::Closed && of_many(subject, chosen)).collect();
        let quotas = health.quotas;
        let snapshot = Snapshot::blank(now, 0).with_breakers(health.breakers);
        let row = |health: TargetHealth| {
            let found = crate::route::find(&targets, &health.target).map(|target| snapshot.standing(target));
            let (subject, state) = found.unwrap_or_else(|| (Subject::Target(health.target.clone()), State::Closed));
            let of_it = quotas.iter().filter(|quota| quota.target == health.target && quota.resets > now);
            Row { state, subject, quotas: of_it.cloned().collect(), health }
        };
        Self { now, since, simulated: session.simulated(), rows: known.into_iter().map(row).collect(), breakers: apart }
    }
}

/// Whether a subject has no row of its own, and is of interest.
fn of_many(subject: &Subject, chosen: &Chosen) -> bool {
    match subject {
        Subject::Provider(provider) | Subject::Key { provider, .. } => chosen.shows_provider(provider),
        Subject::Target(_) => false,
    }
}

fn never_asked(target: TargetId) -> TargetHealth {
    TargetHealth {
        target,
        attempts: 0,
        answered: 0,
        failures: std::collections::BTreeMap::new(),
        first_token: None,
        total: None,
        last_failure: None,
        hours: Vec::new(),
    }
}
