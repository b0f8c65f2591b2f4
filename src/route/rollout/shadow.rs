//! A shadow: a target that is asked the same as another and whose answer nobody sees. Who is asked is a sample with a cap on
//! what it costs in a day.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use crate::money::Usd;
use crate::provider::TargetId;

/// Whom to ask in the shadow of an answer, and how much.
#[derive(Clone, Debug, PartialEq)]
pub struct ShadowPlan {
    /// Who is asked.
    pub target: TargetId,
    /// The share of requests, above 0 and at most 1.
    pub share: f64,
    /// The most that a day's shadows may cost; with nothing, only what is free is asked.
    pub max_cost_per_day: Usd,
    /// How long the end of the process may wait for a shadow; nothing never waits.
    pub max_delay: Duration,
}

/// Why a request has no shadow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum NotShadowed {
    /// It is not among those sampled.
    NotSampled,
    /// What it would cost is not known, so that no cap could hold.
    PriceUnknown,
    /// The day's dollars do not suffice.
    OverCap {
        /// What the day's shadows cost so far.
        spent: Usd,
        /// What this one is expected to cost.
        expected: Usd,
        /// The most they may cost.
        cap: Usd,
    },
}

impl fmt::Display for NotShadowed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSampled => formatter.write_str("not in the sample"),
            Self::PriceUnknown => formatter.write_str("the shadow's price is unknown, so its cap could not be kept"),
            Self::OverCap { spent, expected, cap } => {
                write!(formatter, "{spent} of the day's {cap} is spent, and this would cost about {expected}")
            }
        }
    }
}

/// Whether the request at this place in [0, 1) has a shadow (see [`super::assign::share`]). What has begun and not ended
/// belongs to `spent_today` at its expected cost, or many processes at once would pass the cap together.
pub fn sample(plan: &ShadowPlan, key_share: f64, spent_today: Usd, expected: Option<Usd>) -> Result<(), NotShadowed> {
    if key_share.is_nan() || key_share >= plan.share {
        return Err(NotShadowed::NotSampled);
    }
    let cap = plan.max_cost_per_day;
    match expected {
        None => Err(NotShadowed::PriceUnknown),
        Some(expected) if expected > Usd::ZERO && spent_today + expected > cap => {
            Err(NotShadowed::OverCap { spent: spent_today, expected, cap })
        }
        Some(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plan(share: f64, cap: &str) -> ShadowPlan {
        ShadowPlan {
            target: TargetId::new("gemini", "flash"),
            share,
            max_cost_per_day: usd(cap),
            max_delay: Duration::from_secs(2),
        }
    }

    fn usd(text: &str) -> Usd {
        Usd::parse(text).expect("an amount")
    }

    #[test]
    fn the_sample_is_the_share_below_its_place() {
        let plan = plan(0.01, "0.50");
        assert_eq!(sample(&plan, 0.0099, Usd::ZERO, Some(usd("0.1"))), Ok(()));
        for place in [0.01, 0.5, f64::NAN] {
            assert_eq!(sample(&plan, place, Usd::ZERO, Some(usd("0.1"))), Err(NotShadowed::NotSampled));
        }
    }

    #[test]
    fn an_unknown_price_is_not_shadowed_and_a_free_one_always() {
        let plan = plan(1.0, "0");
        assert_eq!(sample(&plan, 0.3, Usd::ZERO, None), Err(NotShadowed::PriceUnknown));
        assert_eq!(sample(&plan, 0.3, usd("9"), Some(Usd::ZERO)), Ok(()));
    }

    #[test]
    fn over_the_cap_says_so_in_dollars() {
        let not = sample(&plan(1.0, "0.50"), 0.3, usd("0.45"), Some(usd("0.06"))).expect_err("over the cap");
        assert_eq!(not.to_string(), "$0.4500 of the day's $0.5000 is spent, and this would cost about $0.0600");
    }

    proptest! {
        #[test]
        fn a_day_of_shadows_never_costs_more_than_its_cap(costs in proptest::collection::vec(0..100_000_i128, 0..200)) {
            let plan = plan(1.0, "0.000001");
            let mut spent = Usd::ZERO;
            for cost in costs {
                let cost = Usd::from_pico(cost);
                if sample(&plan, 0.0, spent, Some(cost)).is_ok() {
                    spent += cost;
                }
                prop_assert!(spent <= plan.max_cost_per_day);
            }
        }
    }
}
