//! Rates at every look: where one lies, and where the difference of two lies.

use std::f64::consts::{PI, TAU};

use crate::route::rollout::Interval;

/// So many halvings reach what a rate of 64 bits can tell.
const HALVINGS: usize = 55;

/// How many requests failed and how many did not. They need not be whole numbers, to foresee what more requests would show.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Counts {
    failures: f64,
    successes: f64,
}

impl Counts {
    /// So many failures among the requests.
    pub fn new(failures: u64, requests: u64) -> Self {
        Self { failures: failures as f64, successes: requests.saturating_sub(failures) as f64 }
    }

    /// The same rate from `factor` times as many requests.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        Self { failures: self.failures * factor, successes: self.successes * factor }
    }

    /// The share that failed; 0 of nothing.
    fn observed(self) -> f64 {
        self.failures / (self.failures + self.successes).max(f64::MIN_POSITIVE)
    }

    /// The logarithm of the chance of what was seen, in the order it was seen, mixed over all rates with the prior Beta(½, ½).
    fn mixture(self) -> f64 {
        let Self { failures, successes } = self;
        log_gamma(failures + 0.5) + log_gamma(successes + 0.5) - log_gamma(failures + successes + 1.0) - PI.ln()
    }

    /// The logarithm of the same chance at this rate.
    fn likelihood(self, rate: f64) -> f64 {
        // No count of an impossible thing is no evidence; rounding may put a rate just outside [0, 1].
        let log = |count: f64, share: f64| if count > 0.0 { count * share.max(0.0).ln() } else { 0.0 };
        log(self.failures, rate) + log(self.successes, 1.0 - rate)
    }
}

/// The logarithm of the evidence (an e-process) that the rate is *above* `limit`: the least evidence against any rate up to
/// the limit. It exceeds `ln(1 / alpha)` at any time with a chance of at most `alpha` when the rate is no higher.
pub fn above(limit: f64, counts: Counts) -> f64 {
    counts.mixture() - counts.likelihood(limit.min(counts.observed()))
}

/// Where the rate lies, with a confidence of `1 - alpha` at all looks together: every rate whose evidence against it, the
/// mixture by its own likelihood, is small.
///
/// ```text
/// ln M(p) = ln B(s + ½, f + ½) − ln π − s ln p − f ln(1 − p)        s failures, f successes
/// M(p) < 1 / alpha
/// ```
pub fn bounds(counts: Counts, alpha: f64) -> Interval {
    // ln M(p) is convex with its least value at the observed rate, so what it does not exclude is an interval.
    let (mixture, observed) = (counts.mixture(), counts.observed());
    let excluded = |rate| mixture - counts.likelihood(rate) >= -alpha.ln();
    Interval {
        lower: if counts.failures > 0.0 { edge(0.0, observed, excluded) } else { 0.0 },
        upper: if counts.successes > 0.0 { edge(1.0, observed, excluded) } else { 1.0 },
    }
}

/// Where the second rate less the first lies, with a confidence of `1 - alpha` at all looks together. The evidence against a
/// difference δ is that against the pair of rates that fits best among all with it (universal inference: Wasserman, Ramdas
/// and Balakrishnan 2020):
///
/// ```text
/// ln M(δ) = ln mixture₁ + ln mixture₂ − max over p of (ln likelihood₁(p) + ln likelihood₂(p + δ))
/// ```
pub fn difference(first: Counts, second: Counts, alpha: f64) -> Interval {
    let mixture = first.mixture() + second.mixture();
    let excluded = |difference| mixture - best_likelihood(first, second, difference) >= -alpha.ln();
    let observed = second.observed() - first.observed();
    Interval { lower: edge(-1.0, observed, excluded), upper: edge(1.0, observed, excluded) }
}

/// The logarithm of the evidence that the second rate is *higher* than the first: the least against any pair of which it is
/// not. It exceeds `ln(1 / alpha)` when and only when [`difference`] lies above 0.
pub fn higher(first: Counts, second: Counts) -> f64 {
    let nearest = (second.observed() - first.observed()).min(0.0);
    first.mixture() + second.mixture() - best_likelihood(first, second, nearest)
}

/// The logarithm of the highest likelihood of two rates that lie so far apart.
fn best_likelihood(first: Counts, second: Counts, difference: f64) -> f64 {
    let slope = |counts: Counts, rate: f64| counts.failures / rate - counts.successes / (1.0 - rate);
    // The likelihood is concave, so its slope falls.
    let (mut low, mut high) = ((-difference).max(0.0), (1.0 - difference).min(1.0));
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if slope(first, middle) + slope(second, middle + difference) > 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    let rate = f64::midpoint(low, high);
    first.likelihood(rate) + second.likelihood(rate + difference)
}

/// Where what is excluded ends, between a point that is and one that is not; on the side of what is.
fn edge(mut outside: f64, mut inside: f64, excluded: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(outside, inside);
        if excluded(middle) {
            outside = middle;
        } else {
            inside = middle;
        }
    }
    outside
}

/// ln Γ(x) for x > 0, by Stirling's series; off by less than 10⁻¹⁰.
fn log_gamma(mut x: f64) -> f64 {
    let mut below = 0.0;
    while x < 12.0 {
        below += x.ln();
        x += 1.0;
    }
    let square = 1.0 / (x * x);
    (x - 0.5) * x.ln() - x + 0.5 * TAU.ln() + (1.0 / 12.0 - square * (1.0 / 360.0 - square / 1260.0)) / x - below
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_gamma_function_is_that_of_the_tables() {
        assert!((log_gamma(0.5) - 0.5 * PI.ln()).abs() < 1e-10);
        assert!(log_gamma(1.0).abs() < 1e-10);
        assert!((log_gamma(11.0) - 3_628_800_f64.ln()).abs() < 1e-10);
        assert!((log_gamma(100.5) - 361.435_540_467_777_5).abs() < 1e-9, "{}", log_gamma(100.5));
    }

    #[test]
    fn without_requests_a_rate_may_be_anything() {
        let nothing = Counts::new(0, 0);
        assert_eq!(bounds(nothing, 0.05), Interval { lower: 0.0, upper: 1.0 });
        assert_eq!(difference(nothing, nothing, 0.05), Interval { lower: -1.0, upper: 1.0 });
        assert!(above(0.02, nothing).abs() < 1e-9);
    }

    #[test]
    fn twenty_requests_without_a_failure_do_not_show_two_percent() {
        let none = bounds(Counts::new(0, 20), 0.05);
        assert!(none.lower == 0.0 && (0.2..0.25).contains(&none.upper), "{none:?}");
        let many = bounds(Counts::new(0, 400), 0.05);
        assert!((0.01..0.02).contains(&many.upper), "{many:?}");
    }

    #[test]
    fn half_of_ten_is_more_than_none_of_ninety() {
        let found = difference(Counts::new(0, 90), Counts::new(5, 10), 0.004);
        assert!(found.lower > 0.0 && found.holds(0.5), "{found:?}");
        assert!(difference(Counts::new(80, 100), Counts::new(20, 20), 0.004).holds(0.0));
    }

    fn counts() -> impl Strategy<Value = Counts> {
        (0..100_000_u64, 0..100_000_u64).prop_map(|(a, b)| Counts::new(a.min(b), a.max(b)))
    }

    proptest! {
        #[test]
        fn bounds_hold_the_observed_rate_and_agree_with_the_evidence(counts in counts(), limit in 0.001..0.999_f64) {
            let found = bounds(counts, 0.05);
            prop_assert!(found.holds(counts.observed()));
            prop_assert!(found.lower >= 0.0 && found.upper <= 1.0);
            prop_assert!(bounds(counts, 0.01).lower <= found.lower);
            // Away from the bound itself, where rounding decides.
            if (found.lower - limit).abs() > 1e-9 {
                prop_assert_eq!(above(limit, counts) >= 20_f64.ln(), found.lower > limit);
            }
        }

        #[test]
        fn a_difference_holds_what_is_seen_and_turns_round_with_its_sides(first in counts(), second in counts()) {
            let (there, back) = (difference(first, second, 0.05), difference(second, first, 0.05));
            prop_assert!(there.holds(second.observed() - first.observed()));
            if there.lower.abs() > 1e-9 {
                prop_assert_eq!(higher(first, second) >= 20_f64.ln(), there.lower > 0.0);
            }
            prop_assert!((there.lower + back.upper).abs() < 1e-6 && (there.upper + back.lower).abs() < 1e-6);
        }
    }
}
