//! What is known of the world at the moment of a decision ([`Snapshot`]): read from the ledger once, and nothing else is looked at.

use std::collections::HashMap;

use jiff::Timestamp;

use super::adapt::Lesson;
use super::breaker::{Breaker, State, Subject, Watched};
use super::estimate::Factors;
use super::experience::Experience;
use super::policy::{Budget, Period, Scope};
use super::quota::Quota;
use super::trial::Trials;
use crate::money::Usd;
use crate::provider::{KeyMark, Target};

/// What is known of the world at the moment of the decision.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The moment: prices have dates, models have ends.
    pub now: Timestamp,
    /// Seed for everything left to chance (jitter).
    pub seed: u64,
    /// Parameters that were rejected earlier, by whom.
    pub lessons: Vec<Lesson>,
    /// Breakers that have something to tell.
    pub breakers: HashMap<Subject, Breaker>,
    /// What providers said is left of their limits.
    pub quotas: Vec<Quota>,
    /// How earlier requests went.
    pub experience: Experience,
    /// What was spent.
    pub spent: Spent,
    /// How many tokens families of tokenizers make of a text.
    pub factors: Factors,
    /// How far the route's trials are.
    pub trials: Trials,
}

/// What was spent, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spent {
    /// Under each budget in its present period.
    pub taken: HashMap<(Scope, Period), Taken>,
    /// In the last days by hedging, and in all.
    pub hedged: Usd,
    /// See [`Spent::hedged`].
    pub all: Usd,
    /// In the present day by shadows, with what those may have cost whose cost is unknown.
    pub shadowed: Usd,
}

/// What is taken of a budget.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// By requests that have ended.
    pub spent: Usd,
    /// What those under way may cost.
    pub under_way: Usd,
}

impl Spent {
    /// Under that budget in its present period, with what requests under way may cost.
    pub fn within(&self, budget: &Budget) -> Usd {
        let taken = self.taken.get(&(budget.scope.clone(), budget.period)).copied().unwrap_or_default();
        taken.spent + taken.under_way
    }
}

impl Snapshot {
    /// One that knows nothing of the past.
    pub fn blank(now: Timestamp, seed: u64) -> Self {
        Self {
            now,
            seed,
            lessons: Vec::new(),
            breakers: HashMap::new(),
            quotas: Vec::new(),
            experience: Experience::default(),
            spent: Spent::default(),
            factors: Factors::default(),
            trials: Trials::default(),
        }
    }

    /// The same with these breakers.
    #[must_use]
    pub fn with_breakers(self, breakers: impl IntoIterator<Item = Watched>) -> Self {
        Self { breakers: breakers.into_iter().map(|watched| (watched.subject, watched.breaker)).collect(), ..self }
    }

    fn state(&self, subject: &Subject) -> State {
        self.breakers.get(subject).map_or(State::Closed, |breaker| breaker.state(self.now))
    }

    /// Whose breaker stands against a target most, and how. Keys count together: one that works is enough.
    pub fn standing(&self, target: &Target) -> (Subject, State) {
        let id = Subject::Target(target.id.clone());
        if self.breakers.is_empty() {
            return (id, State::Closed);
        }
        let key = |mark: &KeyMark| Subject::Key { provider: target.id.provider.clone(), key: mark.clone() };
        let best_key =
            target.keys.iter().map(key).map(|key| (self.state(&key), key)).min_by_key(|(state, _)| rank(state));
        let provider = Subject::Provider(target.id.provider.clone());
        let others = [provider, id].map(|subject| (self.state(&subject), subject));
        let worst = others.into_iter().chain(best_key).max_by_key(|(state, _)| rank(state));
        worst.map_or((Subject::Target(target.id.clone()), State::Closed), |(state, subject)| (subject, state))
    }

    /// The keys of a target that may be tried, those whose breaker is closed first.
    pub fn keys(&self, target: &Target) -> Vec<KeyMark> {
        let state =
            |mark: &KeyMark| self.state(&Subject::Key { provider: target.id.provider.clone(), key: mark.clone() });
        let mut keys: Vec<&KeyMark> = target.keys.iter().collect();
        keys.sort_by_key(|mark| rank(&state(mark)));
        keys.into_iter().cloned().collect()
    }
}

/// How much a state stands against a try; among open ones, the later the more.
fn rank(state: &State) -> (u8, i64) {
    match state {
        State::Closed => (0, 0),
        State::HalfOpen { .. } => (1, 0),
        State::Probed { until, .. } => (2, until.as_millisecond()),
        State::Open { until, .. } => (3, until.as_millisecond()),
    }
}
