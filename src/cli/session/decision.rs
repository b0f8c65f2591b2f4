//! The decision of a command: by the clock or at another moment, by a seed of this process, and by what the ledger remembers.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::cli::trials;
use crate::ledger::Ledger;
use crate::provider::Target;
use crate::route::strategy::Strategy;
use crate::route::{
    Asker, Budget, Demand, Origin, Plan, Policy, Set, Snapshot, Spent, decide, estimate, worth_counting,
};

/// What a decision looks at beside the request.
pub struct Occasion<'a> {
    /// Who could serve.
    pub targets: &'a [Target],
    /// What the user wants.
    pub policy: &'a Policy,
    /// What is remembered.
    pub ledger: &'a Ledger,
    /// The moment to decide for.
    pub at: Timestamp,
    /// Who asks.
    pub asker: Asker,
    /// Count tokens with the models' own tokenizers wherever there is one.
    pub exact: bool,
}

impl Occasion<'_> {
    /// Decides. A tokenizer takes a while to load, so it is used only where its count could change who serves.
    pub fn plan(&self, demand: &Demand<'_>) -> Plan {
        let policy = &*self.policy_now();
        let snapshot = self.snapshot(self.targets);
        let plan = decide(demand, self.targets, policy, &snapshot);
        let encodings = if self.exact { self.encodings() } else { worth_counting(&plan, self.targets) };
        let count = |encoding: String| {
            let count = estimate::exact_request(&encoding, demand.request)?;
            Some((encoding, count))
        };
        let counted: Vec<(String, u64)> = encodings.into_iter().filter_map(count).collect();
        if counted.is_empty() { plan } else { decide(&demand.counted(&counted), self.targets, policy, &snapshot) }
    }

    /// The policy with `predictive` replaced where no back-test has switched it on; who asks for it by an argument has it.
    fn policy_now(&self) -> Cow<'_, Policy> {
        let (policy, strategy) = (self.policy, &self.policy.strategy);
        let asked = matches!(strategy.origin, Origin::Argument(_));
        let on = || self.ledger.state(&predictive_state(&policy.route)).is_ok_and(|kept| kept.is_some());
        if strategy.value.name != "predictive" || asked || on() {
            return Cow::Borrowed(policy);
        }
        let value = Strategy::named("balanced").unwrap_or(strategy.value);
        Cow::Owned(Policy { strategy: Set { value, origin: strategy.origin.clone() }, ..policy.clone() })
    }

    /// What is known of these targets at the moment.
    pub fn snapshot(&self, targets: &[Target]) -> Snapshot {
        let trials = trials::known(self.policy, self.asker.clone(), self.ledger);
        Snapshot { trials, ..snapshot(self.ledger, self.at, targets, &self.policy.budgets) }
    }

    fn encodings(&self) -> Vec<String> {
        let mut all: Vec<String> =
            self.targets.iter().filter_map(|target| target.model.as_deref()?.encoding.clone()).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// What is known of these targets, trials aside.
pub fn snapshot(ledger: &Ledger, at: Timestamp, targets: &[Target], budgets: &[Set<Budget>]) -> Snapshot {
    ledger.snapshot(at, seed(at), &TimeZone::system(), targets, budgets)
}

/// A seed for everything left to chance.
fn seed(now: Timestamp) -> u64 {
    u64::from(std::process::id()) ^ u64::try_from(now.as_nanosecond() & i128::from(u64::MAX)).unwrap_or(0)
}

/// What was spent by now under these budgets.
pub fn spent(ledger: &Ledger, budgets: &[Set<Budget>]) -> Spent {
    ledger.snapshot(Timestamp::now(), 0, &TimeZone::system(), &[], budgets).spent
}

/// Under what it is kept that a back-test has switched `predictive` on for a route.
pub fn predictive_state(route: &str) -> String {
    format!("predictive {route}")
}

/// What to say of a plan whose strategy is not the one that its policy names.
pub fn not_on(policy: &Policy, plan: &Plan) -> Option<String> {
    let route = &policy.route;
    (policy.strategy.value != plan.strategy.value).then(|| {
        format!(
            "predictive is not on for route {route}, which is balanced until `llmx route -m {route} --replay` has shown its back-test"
        )
    })
}
