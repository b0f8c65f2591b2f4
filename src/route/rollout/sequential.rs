//! Bounds that hold at every look. An interval of a textbook holds once, at a sample size fixed before; a canary is looked at
//! after every request, and looking until a textbook test alarms finds an alarm in the end. Here the chance that the truth
//! is *ever* outside is at most `alpha`, by Ville's inequality: a mixture of likelihood ratios is a fair bet against the
//! truth, and a fair bet reaches `1 / alpha` with a chance of at most `alpha` (Robbins 1970; Howard, Ramdas and others
//! 2021, "Time-uniform, nonparametric, nonasymptotic confidence sequences"; Johari, Pekelis and Walsh 2015, "Always
//! valid inference").

pub mod rate;

use super::Interval;
use super::moments::Contrast;

/// The effect that [`difference`] is tuned for, in standard deviations of one value: times of models with and without a
/// problem are about that far apart. Bounds hold whatever this is.
const EFFECT: f64 = 1.0;

/// Where the difference of two means of roughly normal figures lies, with a confidence of `1 - alpha` at all looks together;
/// unbounded as long as the values are too few to bound it.
///
/// The mixture is that of the two-sample t-test, in which the difference in standard deviations is normal around 0 and the
/// common mean and spread, being unknown, have the right Haar prior (Gönen, Johnson, Lu and Westfall 2005; its validity at
/// all looks: Lai 1976, Wang and Ramdas 2024). With ν degrees of freedom, effective size N and g = 1 + N · [`EFFECT`]²:
///
/// ```text
/// M(Δ) = √(1/g) · ((1 + t²/ν) / (1 + t²/(ν g)))^((ν + 1)/2)          t = (difference − Δ) / √variance
/// M(Δ) < 1/alpha   ⇔   t² < ν (K − 1) / (1 − K/g)                    K = (√g / alpha)^(2/(ν + 1)), if K < g
/// ```
///
/// It is exact for equal spreads. With Welch's variance and degrees of freedom in their place, as here, it is an
/// approximation, good from [`FEWEST`](super::moments::FEWEST) values of each side on; the tests hold it to its level with
/// unequal spreads, unequal numbers and skewed costs.
pub fn difference(contrast: Contrast, alpha: f64) -> Interval {
    let Contrast { difference, variance, freedom, size } = contrast;
    let g = 1.0 + size * EFFECT * EFFECT;
    let k = ((0.5 * g.ln() - alpha.ln()) * 2.0 / (freedom + 1.0)).exp();
    let most = freedom * (k - 1.0) / (1.0 - k / g);
    if k < g && most.is_finite() { Interval::around(difference, (variance * most).sqrt()) } else { Interval::UNKNOWN }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn few_values_bound_no_difference() {
        let few = Contrast { difference: 3.0, variance: 1e-6, freedom: 2.0, size: 1.0 };
        assert_eq!(difference(few, 0.05), Interval::UNKNOWN);
        assert_eq!(difference(Contrast { freedom: 0.0, ..few }, 0.05), Interval::UNKNOWN);
        let sure = difference(few.scaled(50.0), 0.05);
        assert!(sure.lower > 2.9 && sure.upper < 3.1, "{sure:?}");
    }

    proptest! {
        #[test]
        fn more_values_bound_a_difference_more_closely(variance in 1e-9..1e3_f64, size in 5.0..1e4_f64) {
            let contrast = Contrast { difference: 0.0, variance, freedom: 2.0 * size, size };
            prop_assert!(difference(contrast.scaled(2.0), 0.05).upper < difference(contrast, 0.05).upper);
        }
    }
}
