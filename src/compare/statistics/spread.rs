//! The middle and the spread of times, which have long tails: medians, and ratios with their error.

use serde::Serialize;

/// Makes the median absolute deviation of normal values their standard deviation.
const TO_STANDARD_DEVIATION: f64 = 1.482_602_218_505_602;

/// The middle of some values and how far they lie from it, in their unit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// How many values.
    pub count: usize,
    /// Half of them are below, half above.
    pub median: f64,
    /// The median of their distances from the median, not scaled.
    pub mad: f64,
}

impl Spread {
    /// Of values that are finite; others are left out. `None` when there is none.
    pub fn of(values: &[f64]) -> Option<Self> {
        let mut sorted: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
        let median = take_median(&mut sorted)?;
        for value in &mut sorted {
            *value = (*value - median).abs();
        }
        Some(Self { count: sorted.len(), median, mad: take_median(&mut sorted)? })
    }

    /// The standard deviation that such values have if they are normal apart from outliers. `None` of one value.
    pub fn deviation(&self) -> Option<f64> {
        (self.count > 1).then_some(self.mad * TO_STANDARD_DEVIATION)
    }

    /// How many times the other this is, with the spread from call to call as its error. `None` when the other is not above 0.
    pub fn ratio_to(&self, other: &Self) -> Option<Ratio> {
        let error = self.deviation().zip(other.deviation());
        let ratio = Ratio::of(
            (self.median, error.map_or(0.0, |(own, _)| own)),
            (other.median, error.map_or(0.0, |(_, own)| own)),
        )?;
        Some(Ratio { error: error.and(ratio.error), ..ratio })
    }
}

/// How many times one figure is another.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Ratio {
    /// The ratio.
    pub value: f64,
    /// Its standard deviation; `None` when one of the figures has no known spread.
    pub error: Option<f64>,
}

impl Ratio {
    /// The ratio of two independent figures, each with its standard deviation, by the propagation of errors (what hyperfine
    /// prints). `None` when the lower one is not above 0.
    pub fn of(top: (f64, f64), bottom: (f64, f64)) -> Option<Self> {
        let value = Some(top.0 / bottom.0).filter(|value| bottom.0 > 0.0 && value.is_finite())?;
        Some(Self { value, error: Some((top.1 / bottom.0).hypot(value * bottom.1 / bottom.0)) })
    }
}

/// The median, after sorting; between two middle values their mean.
fn take_median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let above = *values.get(values.len() / 2)?;
    let below = values[(values.len() - 1) / 2];
    Some(f64::midpoint(below, above))
}
