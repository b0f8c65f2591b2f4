//! The signed-rank test of Wilcoxon: two models, the same prompts, a score for each.

use std::f64::consts::FRAC_1_SQRT_2;

/// Up to so many differences the exact distribution is used; scipy draws the same line.
const EXACT_UP_TO: usize = 50;

/// Up to so many it is used with ties or zeros, too.
const EXACT_WITH_TIES_UP_TO: usize = 13;

/// How the ranks of the differences fall on both sides of zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SignedRank {
    /// The sum of the ranks of what lies above zero.
    pub above: f64,
    /// The sum of the ranks of what lies below zero.
    pub below: f64,
    /// How many differences are not zero.
    pub differing: usize,
    /// How likely chance alone is as uneven as this, or more so; two-sided, 1 when nothing differs.
    pub p: f64,
}

/// The test of paired differences. Differences of zero are dropped, as Wilcoxon did (`zero_method="wilcox"`), and so is what is
/// not finite. Equal to `scipy.stats.wilcoxon(differences)`: exact up to 50 differences without ties or zeros and up to 13
/// with, else the normal approximation with the correction for ties and none for continuity.
pub fn signed_rank(differences: &[f64]) -> SignedRank {
    let finite: Vec<f64> = differences.iter().copied().filter(|value| value.is_finite()).collect();
    let ranks = Ranks::of(&finite);
    let apart = ranks.tied == 0.0 && ranks.doubled.len() == finite.len();
    let p = if finite.len() <= if apart { EXACT_UP_TO } else { EXACT_WITH_TIES_UP_TO } {
        ranks.exact()
    } else {
        ranks.approximate()
    };
    let total: usize = ranks.doubled.iter().sum();
    let half = |doubled: usize| doubled as f64 / 2.0;
    SignedRank { above: half(ranks.above), below: half(total - ranks.above), differing: ranks.doubled.len(), p }
}

/// The ranks of what is not zero, by size. Ties share their middle rank, so all are held doubled: whole numbers.
pub(super) struct Ranks {
    doubled: Vec<usize>,
    /// The doubled sum of what lies above zero.
    above: usize,
    /// The sum of t³ - t over the sizes t of all ties.
    tied: f64,
}

impl Ranks {
    pub(super) fn of(differences: &[f64]) -> Self {
        let mut sorted: Vec<f64> = differences.iter().copied().filter(|value| *value != 0.0).collect();
        sorted.sort_by(|one, other| one.abs().total_cmp(&other.abs()));
        let (mut doubled, mut above, mut tied) = (Vec::with_capacity(sorted.len()), 0, 0.0);
        for equal in sorted.chunk_by(|one, other| one.abs().total_cmp(&other.abs()).is_eq()) {
            let rank = 2 * doubled.len() + 1 + equal.len();
            let size = equal.len() as f64;
            above += rank * equal.iter().filter(|value| **value > 0.0).count();
            tied += size.powi(3) - size;
            doubled.extend(std::iter::repeat_n(rank, equal.len()));
        }
        Self { doubled, above, tied }
    }

    /// From the distribution of the sum when every sign is a fair coin, whatever the ties.
    pub(super) fn exact(&self) -> f64 {
        let total: usize = self.doubled.iter().sum();
        let mut chances = vec![0.0; total + 1];
        chances[0] = 1.0;
        for rank in &self.doubled {
            for sum in (0..=total).rev() {
                let without = chances[sum];
                let with = sum.checked_sub(*rank).map_or(0.0, |rest| chances[rest]);
                chances[sum] = f64::midpoint(without, with);
            }
        }
        let low: f64 = chances[..=self.above].iter().sum();
        let high: f64 = chances[self.above..].iter().sum();
        (2.0 * low.min(high)).min(1.0)
    }

    /// From the normal distribution, whose variance is less where there are ties.
    pub(super) fn approximate(&self) -> f64 {
        let count = self.doubled.len() as f64;
        let variance = (count * (count + 1.0) * (2.0 * count + 1.0) - self.tied / 2.0) / 24.0;
        if variance <= 0.0 {
            return 1.0;
        }
        let distance = self.above as f64 / 2.0 - count * (count + 1.0) / 4.0;
        libm::erfc(distance.abs() / variance.sqrt() * FRAC_1_SQRT_2)
    }
}
