//! One side of a comparison: what was seen of it, as the few figures that tests and reports need.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Moments;
use crate::money::Usd;

/// A shorter time counts as this: its logarithm must stay finite, and no clock of a provider is finer.
const SHORTEST: Duration = Duration::from_millis(1);

/// What was seen of an arm since its stage began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Arm {
    /// Requests that have ended, well or not.
    pub requests: u64,
    /// Those of them that failed.
    pub failures: u64,
    /// Natural logarithm of the seconds to the first token, of answers.
    pub first_token: Moments,
    /// Natural logarithm of the seconds to the end, of answers.
    pub total: Moments,
    /// Dollars, of answers whose cost is known.
    pub cost: Moments,
}

/// What was seen of one request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// It gave no whole answer.
    pub failed: bool,
    /// Time to the first token, where there was one.
    pub first_token: Option<Duration>,
    /// Time to the end of the answer.
    pub total: Option<Duration>,
    /// What it cost; `None` when that is unknown.
    pub cost: Option<Usd>,
}

impl Arm {
    /// Takes one more request. A failure counts as that and nothing else: most are quick and free, and neither must make an
    /// arm look fast or cheap.
    pub fn observe(&mut self, seen: &Seen) {
        self.requests += 1;
        if seen.failed {
            self.failures += 1;
            return;
        }
        let log = |time: Duration| time.max(SHORTEST).as_secs_f64().ln();
        seen.first_token.into_iter().for_each(|time| self.first_token.take(log(time)));
        seen.total.into_iter().for_each(|time| self.total.take(log(time)));
        seen.cost.into_iter().for_each(|cost| self.cost.take(cost.pico() as f64 / 1e12));
    }

    /// The share of requests that failed; `None` before the first.
    pub fn failure_rate(&self) -> Option<f64> {
        (self.requests > 0).then(|| self.failures as f64 / self.requests as f64)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_unknown_cost_is_not_counted_as_nothing() {
        let mut arm = Arm::default();
        let seen = Seen { cost: Usd::parse("0.02"), total: Some(Duration::ZERO), ..Seen::default() };
        arm.observe(&seen);
        arm.observe(&Seen { cost: None, ..seen });
        assert_eq!((arm.requests, arm.cost.count, arm.cost.mean), (2, 1, 0.02));
        assert!((arm.total.mean - 0.001_f64.ln()).abs() < 1e-12, "a time of nothing has a logarithm");
    }

    proptest! {
        #[test]
        fn failures_change_no_time_and_no_cost(times in proptest::collection::vec((any::<bool>(), any::<u32>()), 0..50)) {
            let (mut all, mut answers) = (Arm::default(), Arm::default());
            for (failed, milliseconds) in times {
                let time = Some(Duration::from_millis(milliseconds.into()));
                let seen = Seen { failed, first_token: time, total: time, cost: Some(Usd::from_pico(milliseconds.into())) };
                all.observe(&seen);
                if !failed {
                    answers.observe(&seen);
                }
            }
            prop_assert_eq!(Arm { requests: answers.requests, failures: 0, ..all }, answers);
            prop_assert_eq!(all.requests - all.failures, answers.requests);
        }
    }
}
