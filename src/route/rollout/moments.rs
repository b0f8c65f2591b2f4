//! Number, mean and spread of a figure, taken one value at a time: all that a comparison of means needs.

use serde::{Deserialize, Serialize};

/// Fewer values tell too little of their own spread to compare their mean with another.
pub const FEWEST: u64 = 10;

/// The sufficient statistics of a roughly normal figure. The mean and the squares around it are held, not plain sums, since
/// the sums of costs that are all alike would leave nothing but rounding as their spread (Welford 1962).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Moments {
    /// How many values were seen.
    pub count: u64,
    /// Their mean; 0 when there is none.
    pub mean: f64,
    /// The sum of their squared distances from the mean.
    pub squares: f64,
}

impl Moments {
    /// Takes one more value; what is not finite is left out.
    pub fn take(&mut self, value: f64) {
        if !value.is_finite() {
            return;
        }
        self.count += 1;
        let before = value - self.mean;
        self.mean += before / self.count as f64;
        self.squares += before * (value - self.mean);
    }

    /// The variance of the figure; `None` of fewer than two values.
    pub fn variance(&self) -> Option<f64> {
        (self.count >= 2).then(|| self.squares.max(0.0) / (self.count - 1) as f64)
    }

    /// How this mean compares with another's; `None` when either has fewer than [`FEWEST`] values.
    pub fn against(&self, other: &Self) -> Option<Contrast> {
        if self.count.min(other.count) < FEWEST {
            return None;
        }
        let (own, others) = (self.count as f64, other.count as f64);
        let (a, b) = (self.variance()? / own, other.variance()? / others);
        let variance = a + b;
        let (least, most) = (own.min(others) - 1.0, own + others - 2.0);
        let welch = variance * variance / (a * a / (own - 1.0) + b * b / (others - 1.0));
        Some(Contrast {
            difference: self.mean - other.mean,
            variance,
            freedom: if welch.is_finite() { welch.clamp(least, most) } else { least },
            size: own * others / (own + others),
        })
    }

    /// How the logarithm of this mean compares with that of another's, for figures such as costs whose ratio counts; `None`
    /// too when a mean is not above 0. The spread follows from the delta method. Costs are skewed, and a few of them that
    /// lack the rare large one have too small a mean and too small a spread at once: so both sides count as uneven as the
    /// more uneven one is.
    pub fn against_ratio(&self, other: &Self) -> Option<Contrast> {
        let uneven = |moments: &Self| Some(moments.variance()? / (moments.mean * moments.mean));
        let relative = uneven(self)?.max(uneven(other)?);
        let log = |moments: &Self| Self {
            count: moments.count,
            mean: moments.mean.ln(),
            squares: relative * (moments.count - 1) as f64,
        };
        let (own, others) = (log(self), log(other));
        (own.mean.is_finite() && others.mean.is_finite() && relative.is_finite()).then(|| own.against(&others))?
    }
}

/// The difference of two means, with what is known of its error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contrast {
    /// The first mean less the second.
    pub difference: f64,
    /// The variance of that difference, each side with its own spread (Welch 1947).
    pub variance: f64,
    /// Degrees of freedom of the variance (Welch-Satterthwaite).
    pub freedom: f64,
    /// The effective number of values: the product of both numbers by their sum.
    pub size: f64,
}

impl Contrast {
    /// The same difference as it would be known from `factor` times as many values.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        Self { variance: self.variance / factor, freedom: self.freedom * factor, size: self.size * factor, ..self }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(values: &[f64]) -> Moments {
        let mut moments = Moments::default();
        for value in values {
            moments.take(*value);
        }
        moments
    }

    #[test]
    fn costs_that_are_all_alike_have_no_spread() {
        assert!(of(&[0.1; 1000]).variance().expect("enough values") < 1e-30);
        assert_eq!(of(&[3.0]).variance(), None);
    }

    #[test]
    fn what_is_no_number_is_left_out() {
        assert_eq!(of(&[1.0, f64::NAN, f64::INFINITY, 3.0]), of(&[1.0, 3.0]));
    }

    #[test]
    fn nothing_is_told_of_few_values_nor_of_a_ratio_to_nothing() {
        let (few, ten, free) = (of(&[1.0; 9]), of(&[1.0; 10]), of(&[0.0; 10]));
        assert_eq!(ten.against(&few), None);
        assert_eq!(few.against_ratio(&ten), None);
        assert_eq!((ten.against_ratio(&free), free.against_ratio(&ten)), (None, None));
        assert!(ten.against_ratio(&ten).is_some_and(|contrast| contrast.difference == 0.0));
    }

    #[test]
    fn two_equal_sides_have_the_freedom_of_both() {
        let (low, high) = (of(&[1.0, 3.0].repeat(5)), of(&[3.0, 5.0].repeat(5)));
        let contrast = low.against(&high).expect("enough values");
        let close = |value: f64, expected: f64| (value - expected).abs() < 1e-9;
        assert!(close(contrast.difference, -2.0) && close(contrast.variance, 2.0 / 9.0), "{contrast:?}");
        assert!(close(contrast.freedom, 18.0) && close(contrast.size, 5.0), "{contrast:?}");
        let alike = of(&[1.0; 10]).against(&of(&[1.0; 90])).expect("enough values");
        assert!(alike.variance == 0.0 && close(alike.freedom, 9.0), "{alike:?}");
    }

    proptest! {
        #[test]
        fn moments_are_those_of_the_textbook(values in proptest::collection::vec(-1e3..1e3_f64, 2..60)) {
            let moments = of(&values);
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            let squares = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
            prop_assert!((moments.mean - mean).abs() < 1e-9);
            prop_assert!((moments.squares - squares).abs() < 1e-6 * (1.0 + squares));
        }
    }
}
