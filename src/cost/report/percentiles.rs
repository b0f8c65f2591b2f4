//! Exact percentiles by nearest rank.

use serde::Serialize;

/// The values below which, or at which, so many of a hundred lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Percentiles<Value> {
    /// Half.
    pub p50: Value,
    /// 95 of 100.
    pub p95: Value,
    /// 99 of 100.
    pub p99: Value,
}

impl<Value> Percentiles<Value> {
    /// The same of other values.
    pub fn map<Other>(self, of: impl Fn(Value) -> Other) -> Percentiles<Other> {
        Percentiles { p50: of(self.p50), p95: of(self.p95), p99: of(self.p99) }
    }
}

impl<Value: Copy + Ord> Percentiles<Value> {
    /// Those of these values, which end up in another order; `None` of none.
    pub fn of(values: &mut [Value]) -> Option<Self> {
        let count = values.len();
        let mut from = 0;
        // What lies below one percentile need not be looked at for the next.
        let mut at = |percent: usize| {
            let place = (count * percent).div_ceil(100).checked_sub(1)?;
            let value = *values[from..].select_nth_unstable(place - from).1;
            from = place;
            Some(value)
        };
        Some(Self { p50: at(50)?, p95: at(95)?, p99: at(99)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_value_that_was_there() {
        for (mut values, expected) in [
            (vec![], None),
            (vec![7], Some((7, 7, 7))),
            (vec![2, 1], Some((1, 2, 2))),
            ((1..=100).rev().collect(), Some((50, 95, 99))),
            ((1..=101).collect(), Some((51, 96, 100))),
            ((1..=20).collect(), Some((10, 19, 20))),
        ] {
            assert_eq!(Percentiles::of(&mut values).map(|of| (of.p50, of.p95, of.p99)), expected);
        }
    }
}
