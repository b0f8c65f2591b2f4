//! The paired bootstrap: how far a mean difference would wander if other prompts of the same kind had been asked.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::route::chance;
use crate::route::rollout::Interval;

/// How many resamples are drawn; of more than 20,000 prompts fewer, down to 1000.
pub const RESAMPLES: usize = 10_000;

/// How many draws at most. With 100,000 prompts the interval is steady after fewer resamples, and a person is waiting.
const DRAWS: usize = 200_000_000;

/// Fewer resamples have no steady percentiles.
const FEWEST_RESAMPLES: usize = 1000;

/// What is left out on each side of an interval of 95 %.
const TAIL: f64 = 0.025;

/// A figure and where it lies with a confidence of 95 %.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// As it was observed.
    pub value: f64,
    /// Where it lies.
    #[serde(flatten)]
    pub interval: Interval,
}

/// The mean of the differences of prompts, with the percentile interval of the bootstrap. `None` of fewer than two prompts, or
/// clusters, as nothing can be said of others from one.
///
/// `clusters` says which prompts belong together (such as questions on one document), one number for each difference: whole
/// clusters are drawn then, since their prompts are no independent evidence. A list of another length is no clustering.
///
/// The percentile interval, not `BCa`: of pass or fail most differences are ties, the acceleration that one takes from leaving
/// a prompt out is then mostly noise, and where all differences are alike it is not defined. For a mean the two hardly differ.
pub fn mean_interval(differences: &[f64], clusters: Option<&[usize]>, seed: u64) -> Option<Estimate> {
    let groups = groups(differences, clusters.filter(|clusters| clusters.len() == differences.len()));
    let size = u64::from(u32::try_from(groups.len()).ok().filter(|size| *size >= 2)?);
    let resamples = (DRAWS / groups.len()).clamp(FEWEST_RESAMPLES, RESAMPLES);
    let means = (0..resamples as u64).map(|resample| {
        let draws = (0..size).map(|draw| chance::number(seed, resample * size + draw) >> 32);
        // The upper half of a number, spread evenly over the groups.
        mean_of(&groups, draws.map(|half| usize::try_from((half * size) >> 32).unwrap_or_default()))
    });
    let interval = percentiles(means.collect());
    Some(Estimate { value: mean_of(&groups, 0..groups.len()), interval })
}

/// What is drawn as one: the sum of some differences, and how many they are.
pub(super) type Group = (f64, f64);

pub(super) fn groups(differences: &[f64], clusters: Option<&[usize]>) -> Vec<Group> {
    let Some(clusters) = clusters else {
        return differences.iter().map(|difference| (*difference, 1.0)).collect();
    };
    let mut groups = BTreeMap::<usize, Group>::new();
    for (difference, cluster) in differences.iter().zip(clusters) {
        let (sum, count) = groups.entry(*cluster).or_default();
        *sum += difference;
        *count += 1.0;
    }
    groups.into_values().collect()
}

/// The mean over all differences of the groups that were drawn.
pub(super) fn mean_of(groups: &[Group], drawn: impl Iterator<Item = usize>) -> f64 {
    let (sum, count) = drawn.fold((0.0, 0.0), |(sum, count), index| {
        let group = groups[index];
        (sum + group.0, count + group.1)
    });
    sum / count
}

/// The middle 95 % of the means of resamples, interpolated as numpy does.
pub(super) fn percentiles(mut means: Vec<f64>) -> Interval {
    means.sort_by(f64::total_cmp);
    Interval { lower: quantile(&means, TAIL), upper: quantile(&means, 1.0 - TAIL) }
}

/// A quantile of sorted values, which are not empty.
pub(super) fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to the last index")]
    let below = place as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (sorted[above] - sorted[below]) * (place - below as f64)
}
