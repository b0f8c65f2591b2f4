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

impl<Value: Copy + Ord> Percentiles<Value> {
    /// Those of these values, which end up in another order; `None` of none.
    pub fn of(values: &mut [Value]) -> Option<Self> {
        let mut at = |percent: usize| {
            let rank = (values.len() * percent).div_ceil(100);
            let place = rank.checked_sub(1)?;
            Some(*values.select_nth_unstable(place).1)
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
