//! Strategies: in which order the targets of a tier are tried. Each is one function, which gives every target a [`Score`],
//! and one row of [`STRATEGIES`]; the lowest score comes first, and equals stay in the order of the file.

use std::fmt;
use std::time::Duration;

use serde::{Serialize, Serializer};

use super::breaker::State;
use super::chance;
use super::explore::{Outlook, explore};
use super::forecast::Forecast;
use super::predict::LEAST_DOLLARS;
use crate::provider::TargetId;

/// A strategy: its name in the configuration, what it does, and how it scores.
pub struct Strategy {
    /// As the configuration names it.
    pub name: &'static str,
    /// What it does, as half a sentence.
    pub does: &'static str,
    /// It looks at requests of the same hour and sort, not only of the same size.
    pub exact: bool,
    /// The order is drawn by lot, anew for each request.
    pub draws: bool,
    /// The settings of a route that it alone, or with few others, looks at.
    pub reads: &'static [&'static str],
    score: fn(&Field<'_>) -> Vec<Score>,
}

/// All strategies.
pub const STRATEGIES: &[Strategy] = &[
    row("ordered", "in the order of the file", |field| each(field, ordered)),
    Strategy { draws: true, ..row("shuffle", "in random order", |field| each(field, shuffle)) },
    Strategy {
        draws: true,
        reads: &["weights"],
        ..row("weighted", "in random order, by `weights`", |field| each(field, weighted))
    },
    Strategy {
        reads: &["max_latency", "explore"],
        ..row("cheapest", "the lowest expected cost of an answer first", cheapest)
    },
    row("fastest", "the shortest expected time to a whole answer first", |field| each(field, fastest)),
    Strategy {
        reads: &["balance"],
        ..row("balanced", "the best mix of cost, time and success first, by `balance`", balanced)
    },
    Strategy {
        exact: true,
        reads: &["balance", "explore"],
        ..row("predictive", "learns from the ledger what will serve best", super::predict::scores)
    },
];

const fn row(name: &'static str, does: &'static str, score: fn(&Field<'_>) -> Vec<Score>) -> Strategy {
    Strategy { name, does, exact: false, draws: false, reads: &[], score }
}

/// The strategy when a route names none.
pub const ORDERED: &Strategy = &STRATEGIES[0];

impl Strategy {
    /// The strategy of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        STRATEGIES.iter().find(|strategy| strategy.name == name)
    }

    /// What it makes of each target of a tier, in the order of the tier.
    pub fn scores(&self, field: &Field<'_>) -> Vec<Score> {
        (self.score)(field)
    }
}

impl fmt::Debug for Strategy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name)
    }
}

impl PartialEq for Strategy {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Serialize for Strategy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name)
    }
}

/// A target of the tier that is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Entrant<'a> {
    /// Which.
    pub target: &'a TargetId,
    /// Its place in the tier as the file has it, from 0.
    pub place: usize,
    /// What is expected of it.
    pub forecast: &'a Forecast,
    /// Where its breaker stands.
    pub breaker: &'a State,
}

/// The tier and what the user wants of it.
#[derive(Clone, Copy, Debug)]
pub struct Field<'a> {
    /// All targets of the tier that are in.
    pub entrants: &'a [Entrant<'a>],
    /// Seed of this request.
    pub seed: u64,
    /// `weights` of the route.
    pub weights: &'a [(TargetId, f64)],
    /// `max_latency` of the route.
    pub max_latency: Option<Duration>,
    /// `balance` of the route.
    pub balance: Balance,
    /// `explore` of the route: the share by which trying out may make requests worse.
    pub explore: f64,
}

/// How much each matters to `balanced` and `predictive`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Balance {
    /// Weight of the cost.
    pub cost: f64,
    /// Weight of the time.
    pub latency: f64,
    /// Weight of failures.
    pub success: f64,
}

impl Balance {
    /// Where the route says nothing: a failure weighs more than money or time.
    pub const DEFAULT: Self = Self { cost: 1.0, latency: 1.0, success: 3.0 };
}

/// Where a target stands in its tier, and of what that is made.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Score {
    /// Those that a strategy would rather not have come behind all others, whatever their value: 0 first.
    pub class: u8,
    /// The lower the better.
    pub value: f64,
    /// What it is made of.
    pub terms: Vec<Term>,
    /// What else there is to say of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Note>,
}

/// One term of a score.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Term {
    /// What it is.
    pub name: &'static str,
    /// How much.
    pub value: f64,
}

/// Why a strategy ranks a target as it does, where the value alone does not tell.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "note", rename_all = "snake_case")]
pub enum Note {
    /// Its price is not known.
    PriceUnknown,
    /// Its expected time may be above the limit.
    TooSlow {
        /// The upper bound, in milliseconds.
        upper_ms: u64,
        /// The limit, in milliseconds.
        limit_ms: u64,
    },
    /// It has no weight.
    NoWeight,
    /// It is tried although it does not look best, to learn more of it.
    Explored {
        /// How much worse it is expected to be, as a share.
        worse_by: f64,
    },
}

impl fmt::Display for Note {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PriceUnknown => formatter.write_str("its price is unknown, so it comes last"),
            Self::TooSlow { upper_ms, limit_ms } => {
                let seconds = |ms: &u64| *ms as f64 / 1000.0;
                write!(formatter, "may take {:.1}s, and the limit is {}s", seconds(upper_ms), seconds(limit_ms))
            }
            Self::NoWeight => formatter.write_str("it has no weight, so it comes last"),
            Self::Explored { worse_by } => {
                write!(formatter, "tried to learn more of it; expected to be {:.0} % worse", worse_by * 100.0)
            }
        }
    }
}

impl Score {
    /// A score of one term.
    pub fn of(name: &'static str, value: f64) -> Self {
        Self { value, terms: vec![Term { name, value }], ..Self::default() }
    }

    /// The same behind all others, for that reason.
    #[must_use]
    pub fn last(self, note: Note) -> Self {
        Self { class: 1, note: Some(note), ..self }
    }

    /// Whether it comes before another: no number at all never wins.
    pub fn order(&self, other: &Self) -> std::cmp::Ordering {
        let value = |score: &Self| if score.value.is_nan() { f64::INFINITY } else { score.value };
        self.class.cmp(&other.class).then(value(self).total_cmp(&value(other)))
    }
}

/// As the file has it.
fn ordered(entrant: &Entrant<'_>, _: &Field<'_>) -> Score {
    Score { value: entrant.place as f64, ..Score::default() }
}

fn chance_of(entrant: &Entrant<'_>, field: &Field<'_>) -> f64 {
    // Above 0, since its logarithm is taken.
    chance::share(field.seed, entrant.place as u64).max(f64::EPSILON)
}

fn shuffle(entrant: &Entrant<'_>, field: &Field<'_>) -> Score {
    Score::of("draw", chance_of(entrant, field))
}

/// Each target draws a time until it is its turn, shorter by its weight: the first is drawn by weight, and so is each next
/// among the rest (Efraimidis and Spirakis, 2006).
fn weighted(entrant: &Entrant<'_>, field: &Field<'_>) -> Score {
    let weight = field.weights.iter().find(|(target, _)| target == entrant.target).map_or(1.0, |(_, weight)| *weight);
    if weight <= 0.0 {
        return Score::of("weight", 0.0).last(Note::NoWeight);
    }
    let value = -chance_of(entrant, field).ln() / weight;
    Score { value, terms: vec![Term { name: "weight", value: weight }], ..Score::default() }
}

/// Dollars of a forecast; `None` when unknown.
pub fn dollars(forecast: &Forecast) -> Option<f64> {
    forecast.cost.map(|cost| cost.pico() as f64 / 1e12)
}

/// What an answer costs, failed tries included: who fails often must not look cheap.
///
/// How long a model's answers are is assumed until some were seen, and a model that was assumed to be dear would never be
/// asked: within the budget of `explore`, dearer ones are tried, the less the more of their answers were counted.
fn cheapest(field: &Field<'_>) -> Vec<Score> {
    let mut scores = each(field, cost_of_an_answer);
    let outlook = |(score, entrant): (&Score, &Entrant<'_>)| {
        let forecast = entrant.forecast;
        let error = forecast.doubt.cost.hypot(forecast.doubt.success / chance_of_answer(forecast));
        Outlook { loss: score.value.max(LEAST_DOLLARS).log2(), error: error / std::f64::consts::LN_2 }
    };
    let outlooks: Vec<Outlook> = scores.iter().zip(field.entrants).map(outlook).collect();
    explore(field, &mut scores, &outlooks, 1.0);
    scores
}

fn cost_of_an_answer(entrant: &Entrant<'_>, field: &Field<'_>) -> Score {
    let forecast = entrant.forecast;
    let Some(cost) = dollars(forecast) else {
        return Score::default().last(Note::PriceUnknown);
    };
    let score = Score {
        value: cost / chance_of_answer(forecast),
        terms: vec![Term { name: "cost", value: cost }, Term { name: "success", value: forecast.success }],
        ..Score::default()
    };
    let upper = forecast.total.upper;
    match field.max_latency.filter(|limit| upper > *limit) {
        None => score,
        // Among those that may be too slow, the fastest is the next best.
        Some(limit) => Score { value: upper.as_secs_f64(), ..score }.last(Note::TooSlow {
            upper_ms: u64::try_from(upper.as_millis()).unwrap_or(u64::MAX),
            limit_ms: u64::try_from(limit.as_millis()).unwrap_or(u64::MAX),
        }),
    }
}

/// Never so near to nothing that dividing by it tells nothing.
fn chance_of_answer(forecast: &Forecast) -> f64 {
    forecast.success.max(0.01)
}

/// How long an answer takes, failed tries included.
fn fastest(entrant: &Entrant<'_>, _: &Field<'_>) -> Score {
    let forecast = entrant.forecast;
    let total = forecast.total.expected.as_secs_f64();
    Score {
        value: total / chance_of_answer(forecast),
        terms: vec![
            Term { name: "first_token", value: forecast.first_token.expected.as_secs_f64() },
            Term { name: "total", value: total },
            Term { name: "success", value: forecast.success },
        ],
        ..Score::default()
    }
}

/// The weighted sum of: the cost and the time as multiples of the tier's best, in doublings; and the share of failures.
fn balanced(field: &Field<'_>) -> Vec<Score> {
    let least = |read: fn(&Forecast) -> Option<f64>| {
        field.entrants.iter().filter_map(|entrant| read(entrant.forecast)).fold(f64::INFINITY, f64::min)
    };
    let (best_cost, best_time) = (least(dollars), least(|forecast| Some(forecast.total.expected.as_secs_f64())));
    // A free model must not make all others infinitely dear.
    let doublings = |value: f64, best: f64, least: f64| (value.max(least) / best.max(least)).log2();
    each(field, |entrant, field| {
        let (forecast, balance) = (entrant.forecast, field.balance);
        let Some(cost) = dollars(forecast) else {
            return Score::default().last(Note::PriceUnknown);
        };
        let cost = balance.cost * doublings(cost, best_cost, 1e-5);
        let latency = balance.latency * doublings(forecast.total.expected.as_secs_f64(), best_time, 1e-3);
        let failures = balance.success * (1.0 - forecast.success);
        Score {
            value: cost + latency + failures,
            terms: vec![
                Term { name: "cost", value: cost },
                Term { name: "latency", value: latency },
                Term { name: "failures", value: failures },
            ],
            ..Score::default()
        }
    })
}

/// Scores that look at one target at a time.
fn each(field: &Field<'_>, score: impl Fn(&Entrant<'_>, &Field<'_>) -> Score) -> Vec<Score> {
    field.entrants.iter().map(|entrant| score(entrant, field)).collect()
}

#[cfg(test)]
mod tests;
