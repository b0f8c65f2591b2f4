//! Intervals of the textbook, with a confidence of 95 %: they hold for somebody who looks once, at a number of requests that
//! was fixed before. Who looks again and again needs [`super::sequential`], whose intervals are wider.

use super::Interval;
use super::moments::{Contrast, FEWEST, Moments};

/// The quantile of the normal distribution that leaves 2.5 % above it.
const Z: f64 = 1.959_963_984_540_054;

/// Where a rate lies; anywhere, without a request.
pub fn rate(failures: u64, requests: u64) -> Interval {
    share(failures.min(requests) as f64 / requests.max(1) as f64, requests)
}

/// Where a share that was observed in so many trials lies (Wilson 1927); unlike the plain normal interval it is sensible at 0
/// and at 1 and with few trials. From 0 to 1 without a trial.
pub fn share(observed: f64, trials: u64) -> Interval {
    if trials == 0 {
        return Interval { lower: 0.0, upper: 1.0 };
    }
    let number = trials as f64;
    let scale = 1.0 + Z * Z / number;
    let middle = (observed + Z * Z / (2.0 * number)) / scale;
    let reach = Z * (observed * (1.0 - observed) / number + Z * Z / (4.0 * number * number)).sqrt() / scale;
    let bounds = Interval::around(middle, reach);
    // Rounding must not put the observed share outside.
    Interval { lower: bounds.lower.max(0.0).min(observed), upper: bounds.upper.min(1.0).max(observed) }
}

/// Where the second rate less the first lies, of failures and requests each (Newcombe 1998: from both Wilson intervals).
pub fn rate_difference(first: (u64, u64), second: (u64, u64)) -> Interval {
    let observed = |(failures, requests): (u64, u64)| failures as f64 / requests.max(1) as f64;
    let (a, b) = (observed(first), observed(second));
    let (around_a, around_b) = (rate(first.0, first.1), rate(second.0, second.1));
    Interval {
        lower: b - a - (b - around_b.lower).hypot(around_a.upper - a),
        upper: b - a + (around_b.upper - b).hypot(a - around_a.lower),
    }
}

/// Where a mean lies; `None` of fewer than [`FEWEST`] values.
pub fn mean(moments: &Moments) -> Option<Interval> {
    let variance = moments.variance().filter(|_| moments.count >= FEWEST)?;
    let count = moments.count as f64;
    Some(Interval::around(moments.mean, student(count - 1.0) * (variance / count).sqrt()))
}

/// Where the difference of two means lies (Welch 1947).
pub fn difference(contrast: Contrast) -> Interval {
    Interval::around(contrast.difference, student(contrast.freedom) * contrast.variance.sqrt())
}

/// The quantile of Student's distribution that leaves 2.5 % above it (Cornish and Fisher's expansion); right to three
/// decimals from nine degrees of freedom on, which is what [`FEWEST`] values have.
fn student(freedom: f64) -> f64 {
    let powers = |odd: [f64; 4]| ((odd[0] * Z * Z + odd[1]) * Z * Z + odd[2]) * Z * Z * Z + odd[3] * Z;
    Z + powers([0.0, 0.0, 1.0, 1.0]) / (4.0 * freedom)
        + powers([0.0, 5.0, 16.0, 3.0]) / (96.0 * freedom.powi(2))
        + powers([3.0, 19.0, 17.0, -15.0]) / (384.0 * freedom.powi(3))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn close(interval: Interval, lower: f64, upper: f64) -> bool {
        (interval.lower - lower).abs() < 5e-4 && (interval.upper - upper).abs() < 5e-4
    }

    #[test]
    fn rates_are_those_of_the_papers() {
        // Newcombe 1998, tables of both papers of that year.
        assert!(close(rate(81, 263), 0.2553, 0.3662), "{:?}", rate(81, 263));
        assert!(close(rate(0, 20), 0.0, 0.1611), "{:?}", rate(0, 20));
        let both = rate_difference((48, 80), (56, 70));
        assert!(close(both, 0.0524, 0.3339), "{both:?}");
    }

    #[test]
    fn students_quantiles_are_those_of_the_tables() {
        for (freedom, quantile) in [(9.0, 2.2622), (20.0, 2.0860), (100.0, 1.9840), (1e9, 1.9600)] {
            assert!((student(freedom) - quantile).abs() < 1e-3, "{freedom}: {}", student(freedom));
        }
    }

    #[test]
    fn a_mean_of_few_values_has_no_bounds() {
        let mut moments = Moments::default();
        (0..9).for_each(|value| moments.take(f64::from(value)));
        assert_eq!(mean(&moments), None);
        moments.take(9.0);
        assert!(mean(&moments).is_some_and(|interval| close(interval, 2.3342, 6.6658)), "{:?}", mean(&moments));
    }

    proptest! {
        #[test]
        fn a_rate_lies_within_its_bounds(requests in 0..10_000_u64, failures in 0..10_000_u64) {
            let bounds = rate(failures, requests);
            prop_assert!(0.0 <= bounds.lower && bounds.lower <= bounds.upper && bounds.upper <= 1.0);
            if requests > 0 {
                prop_assert!(bounds.holds(failures.min(requests) as f64 / requests as f64));
            }
        }
    }
}
