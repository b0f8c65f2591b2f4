//! Whether `predictive` would have served better: beside what was done, and beside always the same target first.

use std::fmt;

use serde::Serialize;

use super::outcome::{Outcomes, Run};
use super::report::{Interval, resample};
use super::{Past, Rehearsal, Report, VERSIONS, decisions, rehearsal};
use crate::provider::{Target, TargetId};
use crate::route::strategy::{Balance, Strategy};
use crate::route::{Plan, Policy, Set, predict};

/// With fewer requests, nothing is said.
pub const FEWEST: usize = 200;
/// No more of the outcomes may be assumed.
const MOST_ASSUMED: f64 = 0.1;
/// Resamples.
const ROUNDS: u64 = 400;

/// What the back-test shows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Backtest {
    /// `predictive` beside what was done.
    pub report: Report,
    /// Its mean loss less that of what was done, in doublings ([`predict::loss`]); below 0 it is better.
    pub against_done: Difference,
    /// The single target that would have served best, always asked first: known only afterwards.
    pub best_fixed: Option<TargetId>,
    /// The mean loss of `predictive` less that of this.
    pub against_fixed: Difference,
    /// Whether to switch it on.
    pub verdict: Verdict,
}

/// A difference of mean losses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Difference {
    /// The mean.
    pub mean: f64,
    /// How sure it is.
    pub interval: Interval,
}

/// Whether the past supports switching `predictive` on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// It would have served no worse than what was done.
    Supported,
    /// There are too few requests to tell.
    TooFew {
        /// So many are there.
        requests: usize,
        /// So many are needed.
        needed: usize,
    },
    /// Too much would have gone to targets that were never asked.
    TooMuchAssumed {
        /// The share of it.
        share: f64,
    },
    /// It is not sure that it would have served no worse.
    Unproven,
    /// It would have served worse.
    Worse,
}

/// Decides past requests anew by `predictive`, whatever the policy's own strategy is. `past` is in order of time.
pub fn backtest(past: &[Past], targets: &[Target], policy: &Policy, seed: u64) -> Backtest {
    let strategy = Strategy::named("predictive").unwrap_or(policy.strategy.value);
    let policy = Policy { strategy: Set { value: strategy, origin: policy.strategy.origin.clone() }, ..policy.clone() };
    let outcomes = Outcomes::of(past);
    let plans: Vec<Plan> = decisions(past, targets, &policy, seed).collect();
    let rehearse = |plans: &[Plan]| -> Vec<Rehearsal> {
        plans.iter().enumerate().map(|(at, plan)| rehearsal(&outcomes, at, plan, seed)).collect()
    };
    let rehearsals = rehearse(&plans);
    let done: Vec<[Run; VERSIONS]> = past.iter().map(|past| [Run::of(past); VERSIONS]).collect();
    let typical = Typical::of(&done, policy.balance.value);
    let losses = |rehearsals: &[Rehearsal]| typical.losses(rehearsals.iter().map(|rehearsal| &rehearsal.versions));
    let (predictive, done) = (losses(&rehearsals), typical.losses(done.iter()));
    let fixed = policy.tiers.iter().flatten().map(|id| (id, losses(&rehearse(&always(&plans, id)))));
    let best = fixed.min_by(|(_, one), (_, other)| mean(one).total_cmp(&mean(other)));
    let against_done = Difference::of(&predictive, &done, seed);
    let report = Report::of(past, &rehearsals, seed);
    Backtest {
        verdict: verdict(&report, against_done, policy.explore.value, policy.balance.value),
        report,
        against_done,
        against_fixed: best
            .as_ref()
            .map_or(Difference::default(), |(_, fixed)| Difference::of(&predictive, fixed, seed)),
        best_fixed: best.map(|(id, _)| id.clone()),
    }
}

/// The same plans with always that target first, where it can serve.
fn always(plans: &[Plan], id: &TargetId) -> Vec<Plan> {
    let put_first = |plan: &Plan| {
        let mut plan = plan.clone();
        plan.candidates.sort_by_key(|candidate| candidate.target != *id);
        plan
    };
    plans.iter().map(put_first).collect()
}

/// What stands in where a loss has nothing to go by: a cost that is unknown, an answer that never came.
struct Typical {
    balance: Balance,
    dollars: f64,
    seconds: f64,
}

impl Typical {
    fn of(runs: &[[Run; VERSIONS]], balance: Balance) -> Self {
        let mean = |read: fn(&Run) -> Option<f64>| {
            let known: Vec<f64> = runs.iter().filter_map(|versions| read(&versions[0])).collect();
            known.iter().sum::<f64>() / known.len().max(1) as f64
        };
        let dollars = mean(|run| run.dollars.filter(|_| run.answered));
        Self { balance, dollars, seconds: mean(|run| Some(run.seconds).filter(|_| run.answered)) }
    }

    /// Who gets no answer has to ask again: one more failure, and the usual price and wait.
    fn loss(&self, run: &Run) -> f64 {
        let again = if run.answered { 0.0 } else { 1.0 };
        let dollars = run.dollars.unwrap_or(self.dollars) + again * self.dollars;
        let seconds = run.seconds + again * self.seconds;
        predict::loss(self.balance, dollars, seconds, f64::from(run.failed) + again)
    }

    fn losses<'a>(&self, runs: impl Iterator<Item = &'a [Run; VERSIONS]>) -> Vec<[f64; VERSIONS]> {
        runs.map(|versions| std::array::from_fn(|version| self.loss(&versions[version]))).collect()
    }
}

fn mean(losses: &[[f64; VERSIONS]]) -> f64 {
    losses.iter().flatten().sum::<f64>() / (losses.len() * VERSIONS).max(1) as f64
}

impl Difference {
    fn of(one: &[[f64; VERSIONS]], other: &[[f64; VERSIONS]], seed: u64) -> Self {
        let count = one.len().max(1) as f64;
        let round = |round| {
            let sum: f64 =
                resample(one.len(), seed, round).map(|(at, version)| one[at][version] - other[at][version]).sum();
            sum / count
        };
        Self { mean: mean(one) - mean(other), interval: Interval::of((0..ROUNDS).map(round).collect()) }
    }
}

/// What trying out may cost is not held against it.
fn verdict(report: &Report, difference: Difference, explore: f64, balance: Balance) -> Verdict {
    let assumed = report.assumed as f64 / report.requests.max(1) as f64;
    let allowed = (1.0 + explore).log2() * (balance.cost + balance.latency);
    if report.requests < FEWEST {
        Verdict::TooFew { requests: report.requests, needed: FEWEST }
    } else if assumed > MOST_ASSUMED {
        Verdict::TooMuchAssumed { share: assumed }
    } else if difference.interval.high <= allowed {
        Verdict::Supported
    } else if difference.interval.low > allowed {
        Verdict::Worse
    } else {
        Verdict::Unproven
    }
}

impl Verdict {
    /// Whether it may be switched on.
    pub const fn supports(self) -> bool {
        matches!(self, Self::Supported)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Supported => formatter.write_str("the past supports it: it would have served no worse"),
            Self::TooFew { requests, needed } => {
                write!(formatter, "too few requests to tell: {requests}, and {needed} are needed")
            }
            Self::TooMuchAssumed { share } => write!(
                formatter,
                "not known: {:.0} % would have gone to targets that were never asked; ask them now and then first, with \
                 `strategy = \"shuffle\"` or `weights`",
                100.0 * share
            ),
            Self::Unproven => formatter.write_str("not proven: it may have served worse"),
            Self::Worse => formatter.write_str("the past speaks against it: it would have served worse"),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Interval { low, high } = self.interval;
        write!(formatter, "{:+.2} doublings of cost and time ({low:+.2} to {high:+.2}; below 0 is better)", self.mean)
    }
}

impl fmt::Display for Backtest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{}", self.report)?;
        writeln!(formatter, "beside what was done: {}", self.against_done)?;
        if let Some(fixed) = &self.best_fixed {
            writeln!(formatter, "beside always {fixed} first, the best in hindsight: {}", self.against_fixed)?;
        }
        self.verdict.fmt(formatter)
    }
}
