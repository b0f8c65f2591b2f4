//! What an A/B split has shown, honestly: each arm's figures with their intervals, and what can be said of their differences,
//! which is often that more requests are needed.
//!
//! Each interval has a confidence of 95 % by itself: of twenty comparisons of arms that do not differ, one may be told as a
//! difference. Sentences rest on the intervals that hold at every look, since a report is looked at whenever it pleases.

#[cfg(test)]
mod tests;
mod words;

use serde::Serialize;

use super::moments::{Contrast, FEWEST};
use super::sequential::rate::{self, Counts};
use super::{Arm, Interval, Measure, Moments, fixed, sequential};

/// One less the confidence of the intervals.
const ALPHA: f64 = 0.05;
/// Failure rates that differ by less than this (one point) count as alike.
const ALIKE_RATE: f64 = 0.01;
/// Times and costs that differ by less than this share count as alike.
const ALIKE_RATIO: f64 = 0.1;

/// What the arms of a split have shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// The figures of each arm, in order.
    pub arms: Vec<Figures>,
    /// Each further arm beside the first, one measure after the other.
    pub comparisons: Vec<Comparison>,
}

/// One arm's figures.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// The arm's name.
    pub name: String,
    /// Requests that have ended.
    pub requests: u64,
    /// Those of them that failed.
    pub failures: u64,
    /// The share that failed, with Wilson's interval.
    pub failure_rate: Option<Figure>,
    /// The typical time to the first token in seconds: the mean of the logarithms, told as a median.
    pub first_token: Option<Figure>,
    /// The typical time to the end of an answer in seconds, likewise.
    pub total: Option<Figure>,
    /// The mean cost of an answer in dollars, of answers whose cost is known.
    pub cost: Option<Figure>,
    /// Answers whose cost is known.
    pub costs_known: u64,
}

/// A figure and how well it is known.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Figure {
    /// The figure.
    pub value: f64,
    /// Its interval for who looks once; `None` of too few values.
    pub interval: Option<Interval>,
}

/// How an arm compares with the first one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// By what.
    pub measure: Measure,
    /// The first arm's name.
    pub first: String,
    /// The other arm's name.
    pub other: String,
    /// How many values there are of the first and the other.
    pub values: (u64, u64),
    /// How they differ, as far as it is known.
    pub change: Option<Change>,
    /// What may be said.
    pub told: Told,
}

/// The other arm's figure less the first one's: of the failure rate as it is, of everything else as a share of the first one's.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Change {
    /// The figure seen.
    pub value: f64,
    /// For who looks once.
    pub fixed: Interval,
    /// For who looks whenever it pleases.
    pub always: Interval,
}

/// What may be said of two arms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "told", rename_all = "snake_case")]
pub enum Told {
    /// They differ.
    Differs,
    /// They differ by less than matters.
    Alike,
    /// There are too few requests to tell.
    TooFew {
        /// Further requests of both arms together that would show it, if the difference seen is the true one.
        more: Option<u64>,
    },
    /// Nothing is known of at least one of them.
    Unknown,
}

impl Report {
    /// The report of arms with their names.
    pub fn of(arms: &[(String, Arm)]) -> Self {
        let mut comparisons = Vec::new();
        if let Some((first, others)) = arms.split_first() {
            comparisons.extend(others.iter().flat_map(|other| compare(first, other)));
        }
        Self { arms: arms.iter().map(|(name, arm)| figures(name, arm)).collect(), comparisons }
    }
}

fn figures(name: &str, arm: &Arm) -> Figures {
    let figure =
        |moments: &Moments| (moments.count > 0).then(|| Figure { value: moments.mean, interval: fixed::mean(moments) });
    let seconds = |moments: &Moments| {
        let log = figure(moments)?;
        Some(Figure { value: log.value.exp(), interval: log.interval.map(|interval| interval.map(f64::exp)) })
    };
    let rate = |value| Figure { value, interval: Some(fixed::rate(arm.failures, arm.requests)) };
    Figures {
        name: name.to_owned(),
        requests: arm.requests,
        failures: arm.failures,
        failure_rate: arm.failure_rate().map(rate),
        first_token: seconds(&arm.first_token),
        total: seconds(&arm.total),
        cost: figure(&arm.cost),
        costs_known: arm.cost.count,
    }
}

fn compare((first, a): &(String, Arm), (other, b): &(String, Arm)) -> [Comparison; 4] {
    let comparison = |measure, values, (change, told)| Comparison {
        measure,
        first: first.clone(),
        other: other.clone(),
        values,
        change,
        told,
    };
    let means = |measure, a: &Moments, b: &Moments, contrast| {
        let values = (a.count, b.count);
        comparison(measure, values, of_means(values, contrast))
    };
    [
        comparison(Measure::Errors, (a.requests, b.requests), of_rates(a, b)),
        means(Measure::FirstToken, &a.first_token, &b.first_token, b.first_token.against(&a.first_token)),
        means(Measure::Total, &a.total, &b.total, b.total.against(&a.total)),
        means(Measure::Cost, &a.cost, &b.cost, b.cost.against_ratio(&a.cost)),
    ]
}

fn of_rates(a: &Arm, b: &Arm) -> (Option<Change>, Told) {
    let Some((first, other)) = a.failure_rate().zip(b.failure_rate()) else { return (None, Told::Unknown) };
    let counts = |arm: &Arm, factor| Counts::new(arm.failures, arm.requests).scaled(factor);
    let always = |factor| rate::difference(counts(a, factor), counts(b, factor), ALPHA);
    let change = Change {
        value: other - first,
        fixed: fixed::rate_difference((a.failures, a.requests), (b.failures, b.requests)),
        always: always(1.0),
    };
    (Some(change), told(a.requests + b.requests, ALIKE_RATE, always))
}

fn of_means((first, other): (u64, u64), contrast: Option<Contrast>) -> (Option<Change>, Told) {
    let Some(contrast) = contrast else {
        let few = (1..FEWEST).contains(&first.min(other));
        return (None, if few { Told::TooFew { more: None } } else { Told::Unknown });
    };
    let always = |factor| sequential::difference(contrast.scaled(factor), ALPHA).map(f64::exp_m1);
    let change = Change {
        value: contrast.difference.exp_m1(),
        fixed: fixed::difference(contrast).map(f64::exp_m1),
        always: always(1.0),
    };
    (Some(change), told(first + other, ALIKE_RATIO, always))
}

/// What may be said of a change, of which `always` tells the interval at so many times the values there are.
fn told(values: u64, alike: f64, always: impl Fn(f64) -> Interval) -> Told {
    let now = always(1.0);
    if !now.holds(0.0) {
        return Told::Differs;
    }
    if now.lower > -alike && now.upper < alike {
        return Told::Alike;
    }
    Told::TooFew { more: missing(values, |factor| !always(factor).holds(0.0)) }
}

/// About how many more values would show what is seen now, in two digits; `None` when a thousand times as many would not.
fn missing(values: u64, shows: impl Fn(f64) -> bool) -> Option<u64> {
    let mut enough = (1..=10).map(|power| f64::from(1_u32 << power)).find(|factor| shows(*factor))?;
    let mut few = enough / 2.0;
    for _ in 0..12 {
        let middle = f64::midpoint(few, enough);
        if shows(middle) {
            enough = middle;
        } else {
            few = middle;
        }
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a positive number; too large saturates"
    )]
    let more = ((enough - 1.0) * values as f64).ceil() as u64;
    let unit = 10_u64.pow(more.max(1).ilog10().saturating_sub(1));
    Some(more.div_ceil(unit).saturating_mul(unit))
}
