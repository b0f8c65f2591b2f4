//! `predictive`: what will serve best, learned from the ledger. It looks at requests of the same target, size, hour, and
//! sort, and at those of the last minutes ([`Detail::Exact`](super::forecast::Detail)), and counts on what may fail.
//!
//! # What is best
//!
//! The loss of a request is, with the weights of the route's `balance`,
//!
//! ```text
//! cost · log2(dollars of all its attempts) + latency · log2(seconds until its answer) + success · (attempts that failed)
//! ```
//!
//! that is, in doublings: at equal weights, twice the price is as bad as twice the wait, for a short question as for a long
//! one. A sum of dollars and seconds would need the worth of a second, which nobody has told, and large requests would drown
//! the small ones. The same is the score of `balanced`; this one adds what is known of the moment, and what a failure leads to.
//!
//! The expected loss of asking a target first: its own dollars and (typical) seconds; and with the chance that it fails, the
//! weight of a failure and the best other target after the time that was lost. A failure never makes a target look better,
//! even where the other would have been the better one.

use super::explore::{Outlook, explore};
use super::forecast::Forecast;
use super::strategy::{Balance, Field, Note, Score, Term, dollars};

/// A free model must not make all others infinitely dear.
pub const LEAST_DOLLARS: f64 = 1e-5;
/// Nothing takes less.
const LEAST_SECONDS: f64 = 1e-3;

/// The loss of a request whose attempts took that much together, `failed` of them in vain; see the head of this file.
pub fn loss(balance: Balance, dollars: f64, seconds: f64, failed: f64) -> f64 {
    let money = balance.cost * dollars.max(LEAST_DOLLARS).log2();
    money + balance.latency * seconds.max(LEAST_SECONDS).log2() + balance.success * failed
}

/// What it makes of each target.
pub fn scores(field: &Field<'_>) -> Vec<Score> {
    let balance = field.balance;
    let hopes: Vec<Option<Hope>> = field.entrants.iter().map(|entrant| Hope::of(entrant.forecast, balance)).collect();
    let rescue = Rescue::find(&hopes, balance);
    let least = |read: fn(&Hope) -> f64| hopes.iter().flatten().map(read).fold(f64::INFINITY, f64::min);
    let (best_cost, best_time) = (least(|hope| hope.cost), least(|hope| hope.time));
    let mut outlooks = Vec::with_capacity(hopes.len());
    let mut scores = Vec::with_capacity(hopes.len());
    for (at, hope) in hopes.iter().enumerate() {
        let Some(hope) = hope else {
            scores.push(Score::default().last(Note::PriceUnknown));
            outlooks.push(Outlook::default());
            continue;
        };
        let a_failure = hope.a_failure(rescue.of(at), balance);
        let terms = vec![
            Term { name: "cost", value: hope.cost - best_cost },
            Term { name: "latency", value: hope.time - best_time },
            Term { name: "failures", value: (1.0 - hope.success) * a_failure },
        ];
        let loss = terms.iter().map(|term| term.value).sum();
        scores.push(Score { value: loss, terms, ..Score::default() });
        outlooks.push(Outlook { loss, error: Hope::error(field.entrants[at].forecast, a_failure, balance) });
    }
    explore(field, &mut scores, &outlooks, balance.cost + balance.latency);
    scores
}

/// What is hoped of a target, in doublings.
#[derive(Clone, Copy)]
struct Hope {
    cost: f64,
    time: f64,
    success: f64,
    seconds: f64,
    lost: f64,
}

impl Hope {
    fn of(forecast: &Forecast, balance: Balance) -> Option<Self> {
        let seconds = forecast.total.typical.as_secs_f64().max(LEAST_SECONDS);
        Some(Self {
            cost: balance.cost * dollars(forecast)?.max(LEAST_DOLLARS).log2(),
            time: balance.latency * seconds.log2(),
            success: forecast.success * (1.0 - forecast.down),
            seconds,
            lost: forecast.lost.as_secs_f64(),
        })
    }

    /// By how much a failure is worse than an answer.
    fn a_failure(&self, rescue: Option<&Self>, balance: Balance) -> f64 {
        // With nobody else, the user asks again.
        let next = rescue.unwrap_or(self);
        let late = balance.latency * (self.lost + next.seconds).log2();
        let then = next.cost + late + balance.success * (1.0 - next.success);
        balance.success + (then - self.cost - self.time).max(0.0)
    }

    /// The standard error of the whole.
    fn error(forecast: &Forecast, a_failure: f64, balance: Balance) -> f64 {
        let doubt = forecast.doubt;
        let money = balance.cost * doubt.cost / std::f64::consts::LN_2;
        let time = balance.latency * doubt.time / std::f64::consts::LN_2;
        (money.powi(2) + time.powi(2) + (a_failure * doubt.success).powi(2)).sqrt()
    }
}

/// Who answers when another fails: the best by itself, and the next for the best.
struct Rescue {
    best: Option<(usize, Hope)>,
    second: Option<(usize, Hope)>,
}

impl Rescue {
    fn find(hopes: &[Option<Hope>], balance: Balance) -> Self {
        let alone = |hope: &Hope| hope.cost + hope.time + balance.success * (1.0 - hope.success);
        let (mut best, mut second) = (None::<(usize, Hope)>, None::<(usize, Hope)>);
        for (at, hope) in hopes.iter().enumerate().filter_map(|(at, hope)| Some((at, (*hope)?))) {
            if best.is_none_or(|(_, known)| alone(&hope) < alone(&known)) {
                (best, second) = (Some((at, hope)), best);
            } else if second.is_none_or(|(_, known)| alone(&hope) < alone(&known)) {
                second = Some((at, hope));
            }
        }
        Self { best, second }
    }

    fn of(&self, target: usize) -> Option<&Hope> {
        let other = if self.best.is_some_and(|(at, _)| at == target) { &self.second } else { &self.best };
        other.as_ref().map(|(_, hope)| hope)
    }
}

#[cfg(test)]
mod tests;
