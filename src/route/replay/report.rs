//! What a replay shows, with how sure that is: each figure has an interval from resampling the requests (bootstrap).

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::outcome::{Run, Source};
use super::{Past, Rehearsal, VERSIONS};
use crate::provider::TargetId;
use crate::route::chance;
use crate::route::rollout::fixed;

/// Resamples.
const ROUNDS: u64 = 400;

/// A range that holds a figure with 95 % confidence, as far as the requests of the past speak for others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

impl Interval {
    /// The middle 95 % of these.
    pub(super) fn of(mut values: Vec<f64>) -> Self {
        values.retain(|value| value.is_finite());
        values.sort_by(f64::total_cmp);
        let at = |share: f64| values.get(place(share, values.len())).copied().unwrap_or_default();
        Self { low: at(0.025), high: at(0.975) }
    }
}

/// A figure of what was, and of what would have been.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Figure {
    /// What was.
    pub before: f64,
    /// What would have been.
    pub after: f64,
    /// How sure that is.
    pub interval: Interval,
    /// By which share it would have been more; less, when below 0.
    pub change: f64,
    /// How sure that is.
    pub change_interval: Interval,
}

/// How often a target was, and would have been, asked first.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shift {
    /// Which.
    pub target: TargetId,
    /// Was.
    pub before: usize,
    /// Would have been.
    pub after: usize,
}

/// What another policy would have changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    /// Requests that were looked at.
    pub requests: usize,
    /// Of these, the share that would have gone to another target first.
    pub switched: f64,
    /// Requests whose outcome is known: the same targets were asked then.
    pub observed: usize,
    /// Requests whose outcome is estimated.
    pub estimated: usize,
    /// From that many other requests to these targets.
    pub estimated_from: usize,
    /// Requests whose outcome is assumed: a target was never asked.
    pub assumed: usize,
    /// Requests whose cost is known, before and after: `dollars` speaks of them.
    pub priced: usize,
    /// Dollars of all these.
    pub dollars: Figure,
    /// Seconds until an answer: half took no longer.
    pub p50_seconds: Figure,
    /// One in twenty took longer.
    pub p95_seconds: Figure,
    /// The share that was answered.
    pub answered: Figure,
    /// Who was asked first, the most frequent of the new ones first.
    pub targets: Vec<Shift>,
}

/// A request before and after.
#[derive(Clone, Copy)]
struct Pair<'a> {
    before: Run,
    after: &'a [Run; VERSIONS],
}

impl Report {
    pub(super) fn of(past: &[Past], rehearsals: &[Rehearsal], seed: u64) -> Self {
        let pairs: Vec<Pair<'_>> = past
            .iter()
            .zip(rehearsals)
            .map(|(past, rehearsal)| Pair { before: Run::of(past), after: &rehearsal.versions })
            .collect();
        let known = |run: &Run| run.dollars.is_some();
        let priced: Vec<Pair<'_>> =
            pairs.iter().copied().filter(|pair| known(&pair.before) && pair.after.iter().all(known)).collect();
        let of = |source| rehearsals.iter().filter(|rehearsal| rehearsal.source == source).count();
        let switched = past.iter().zip(rehearsals).filter(|(past, rehearsal)| first(past) != rehearsal.first.as_ref());
        Self {
            requests: past.len(),
            switched: share(switched.count(), past.len()),
            observed: of(Source::Observed),
            estimated: of(Source::Estimated),
            estimated_from: sources(past, rehearsals),
            assumed: of(Source::Assumed),
            priced: priced.len(),
            dollars: figure(&priced, seed, |runs| runs.iter().filter_map(|run| run.dollars).sum()),
            p50_seconds: figure(&pairs, seed, |runs| quantile(runs, 0.5)),
            p95_seconds: figure(&pairs, seed, |runs| quantile(runs, 0.95)),
            answered: doubted(
                figure(&pairs, seed, |runs| share(runs.iter().filter(|run| run.answered).count(), runs.len())),
                of(Source::Observed) + of(Source::Estimated).min(sources(past, rehearsals)),
            ),
            targets: shifts(past, rehearsals),
        }
    }
}

/// A share of answers that rests on so many requests. Few of them, or none, may all have gone well by chance, which resampling
/// them does not show.
fn doubted(figure: Figure, seen: usize) -> Figure {
    let failed = ((1.0 - figure.after) * seen as f64).round();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a part of a count")]
    let rate = fixed::rate(failed as u64, seen as u64);
    let Interval { low, high } = figure.interval;
    let interval = Interval { low: low.min(1.0 - rate.upper).max(0.0), high: high.max(1.0 - rate.lower).min(1.0) };
    Figure { interval, ..figure }
}

fn first(past: &Past) -> Option<&TargetId> {
    past.attempts.first().map(|attempt| &attempt.target)
}

/// Requests to the targets that others would have gone to: what estimates rest on.
fn sources(past: &[Past], rehearsals: &[Rehearsal]) -> usize {
    let estimated = rehearsals.iter().filter(|rehearsal| rehearsal.source == Source::Estimated);
    let to: std::collections::HashSet<&TargetId> = estimated.filter_map(|rehearsal| rehearsal.first.as_ref()).collect();
    past.iter().filter(|past| past.attempts.iter().any(|attempt| to.contains(&attempt.target))).count()
}

fn shifts(past: &[Past], rehearsals: &[Rehearsal]) -> Vec<Shift> {
    let mut counts: BTreeMap<&TargetId, (usize, usize)> = BTreeMap::new();
    for (past, rehearsal) in past.iter().zip(rehearsals) {
        if let Some(target) = first(past) {
            counts.entry(target).or_default().0 += 1;
        }
        if let Some(target) = &rehearsal.first {
            counts.entry(target).or_default().1 += 1;
        }
    }
    let shift =
        |(target, (before, after)): (&TargetId, (usize, usize))| Shift { target: target.clone(), before, after };
    let mut shifts: Vec<Shift> = counts.into_iter().map(shift).collect();
    shifts.sort_by_key(|shift| std::cmp::Reverse((shift.after, shift.before)));
    shifts
}

/// A figure over all requests, and its intervals over resamples of them.
fn figure(pairs: &[Pair<'_>], seed: u64, of: impl Fn(&mut [Run]) -> f64) -> Figure {
    let mut before: Vec<Run> = pairs.iter().map(|pair| pair.before).collect();
    let (mut afters, mut changes) = (Vec::new(), Vec::new());
    let was = of(&mut before);
    let mut after = before.clone();
    for round in 0..ROUNDS {
        before.clear();
        after.clear();
        for (pair, version) in resample(pairs.len(), seed, round).map(|(at, version)| (&pairs[at], version)) {
            before.push(pair.before);
            after.push(pair.after[version]);
        }
        let (one, other) = (of(&mut before), of(&mut after));
        afters.push(other);
        changes.push(other / one - 1.0);
    }
    let versions =
        (0..VERSIONS).map(|version| of(&mut pairs.iter().map(|pair| pair.after[version]).collect::<Vec<_>>()));
    let after = versions.sum::<f64>() / VERSIONS as f64;
    let change = if was > 0.0 { after / was - 1.0 } else { 0.0 };
    Figure { before: was, after, interval: Interval::of(afters), change, change_interval: Interval::of(changes) }
}

/// As many places as there are, drawn with replacement, each with one of the versions of what would have come of it.
pub(super) fn resample(count: usize, seed: u64, round: u64) -> impl Iterator<Item = (usize, usize)> {
    let seed = chance::number(seed, round);
    (0..count as u64).map(move |step| {
        let number = chance::number(seed, step);
        let at = (number >> 8) % (count as u64);
        (usize::try_from(at).unwrap_or(0), usize::try_from(number % VERSIONS as u64).unwrap_or(0))
    })
}

fn quantile(runs: &mut [Run], share: f64) -> f64 {
    let at = place(share, runs.len());
    if runs.is_empty() {
        return 0.0;
    }
    runs.select_nth_unstable_by(at, |one, other| one.seconds.total_cmp(&other.seconds)).1.seconds
}

/// Where in a sorted list that share of it ends.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a length")]
fn place(share: f64, length: usize) -> usize {
    ((share * length as f64).ceil() as usize).clamp(1, length.max(1)) - 1
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// A change as words: `12 % less (5–19 %)`; or with signs, when it is not sure which way it goes.
struct Change(f64, Interval, &'static str, &'static str);

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(change, Interval { low, high }, less, more) = *self;
        let percent = |share: f64| 100.0 * share;
        if high < 0.0 {
            let (low, high) = (percent(-high), percent(-low));
            return write!(formatter, "{:.0} % {less} ({low:.0}–{high:.0} %)", percent(-change));
        }
        if low > 0.0 {
            return write!(formatter, "{:.0} % {more} ({:.0}–{:.0} %)", percent(change), percent(low), percent(high));
        }
        let word = if change < 0.0 { less } else { more };
        let (low, high) = (percent(low), percent(high));
        write!(
            formatter,
            "{:.0} % {word} (from {low:+.0} % to {high:+.0} %: no sure difference)",
            percent(change.abs())
        )
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.requests == 0 {
            return formatter.write_str("no requests to look at");
        }
        let percent = |count: usize| 100.0 * share(count, self.requests);
        let changed = 100.0 * self.switched;
        writeln!(formatter, "{} requests; {changed:.0} % would have gone to another target first", self.requests)?;
        let cost = Change(self.dollars.change, self.dollars.change_interval, "less", "more");
        match self.priced {
            0 => writeln!(formatter, "what they cost is unknown")?,
            priced if priced < self.requests => {
                writeln!(formatter, "cost {cost}, of the {priced} requests whose cost is known")?;
            }
            _ => writeln!(formatter, "cost {cost}")?,
        }
        for (figure, what) in [(&self.p50_seconds, "half of the answers"), (&self.p95_seconds, "the slowest of twenty")]
        {
            let change = Change(figure.change, figure.change_interval, "sooner", "later");
            writeln!(formatter, "{what}: {:.1} s instead of {:.1} s, {change}", figure.after, figure.before)?;
        }
        let answered = &self.answered;
        let Interval { low, high } = answered.interval;
        let shares = [answered.after, low, high, answered.before].map(|share| 100.0 * share);
        writeln!(
            formatter,
            "answered: {:.1} % ({:.1}–{:.1} %) instead of {:.1} %",
            shares[0], shares[1], shares[2], shares[3]
        )?;
        write!(formatter, "{:.0} % of it observed", percent(self.observed))?;
        if self.estimated > 0 {
            let from = self.estimated_from;
            write!(formatter, ", {:.0} % estimated from {from} other requests", percent(self.estimated))?;
        }
        if self.assumed > 0 {
            write!(formatter, ", {:.0} % assumed: a target was never asked", percent(self.assumed))?;
        }
        Ok(())
    }
}
