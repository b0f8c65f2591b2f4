//! Chance without a generator: numbers that look random and depend on nothing but their arguments, so that a plan can be
//! made again.

/// A number that looks random: `SplitMix64` of a seed and a step.
pub const fn number(seed: u64, step: u64) -> u64 {
    let mut state = seed.wrapping_add(step.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

/// The same as a share, from 0 to below 1.
pub fn share(seed: u64, step: u64) -> f64 {
    f64::from(u32::try_from(number(seed, step) >> 32).unwrap_or(u32::MAX)) / (f64::from(u32::MAX) + 1.0)
}

/// The numbers below `count` in an order that depends on the seed (Fisher and Yates).
pub fn shuffled(count: usize, seed: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    for place in (1..count).rev() {
        let other = number(seed, place as u64) % (place as u64 + 1);
        order.swap(place, usize::try_from(other).unwrap_or_default());
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_spread_evenly_and_the_same_for_the_same_arguments() {
        let shares: Vec<f64> = (0..10_000).map(|step| share(7, step)).collect();
        assert!(shares.iter().all(|share| (0.0..1.0).contains(share)));
        let mean = shares.iter().sum::<f64>() / 10_000.0;
        assert!((0.48..0.52).contains(&mean), "{mean}");
        assert!((share(7, 3) - shares[3]).abs() < f64::EPSILON);
        assert_ne!(number(7, 3), number(8, 3));
    }
}
