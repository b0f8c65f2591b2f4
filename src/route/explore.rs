//! Trying out within a budget: who does not look best is asked now and then, so that a model that was never seen, or one that
//! has changed, is found. Pure: the chance comes from the request's seed.
//!
//! Half of the budget is for newcomers, those of which next to nothing is known, or no longer: one of them, drawn by lot, is
//! asked with the chance that its part of the budget allows. A prior may be far too pessimistic, and without this nobody
//! would ever know.
//!
//! The other half is for doubt: each target draws a value from what is known of it, as wide as its standard error (Thompson
//! sampling: the less is known of a target and the nearer it is to the best, the more often it draws the best value), and the
//! winner, when it is another than the best, is asked with the chance that this part allows.
//!
//! One that is expected to be worse by the share `w` is allowed a chance of `budget / w`, never above 1. So the expected share
//! by which a request gets worse is at most `explore`, in each decision by itself, whatever the number of targets: the chance
//! that one is drawn, times `budget / w`, times `w`, sums up to no more. "Expected" is by what is known at the moment of the
//! decision: what turns out otherwise is what there was to learn.

use super::breaker::State;
use super::chance;
use super::strategy::{Entrant, Field, Note, Score, Term};

/// A target that is this likely to be down is not tried out.
const DOWN: f64 = 0.25;
/// A target with fewer requests of late is a newcomer.
const NEW: f64 = 2.5;
/// No more of the requests go to newcomers, even where they cost nothing.
const MOST_OFTEN: f64 = 0.25;
/// Steps of chance are taken from here, so that they are none of those that shuffle.
const STEP: u64 = 1 << 32;
/// The step that draws a newcomer; the next two are for the budget.
const LOT: u64 = STEP - 3;

/// How bad a target is expected to be, in doublings, with the standard error of that.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outlook {
    pub loss: f64,
    pub error: f64,
}

/// Puts one that does not look best before all others, if chance and the budget have it so. So many doublings of loss make
/// a request twice as bad.
pub fn explore(field: &Field<'_>, scores: &mut [Score], outlooks: &[Outlook], doublings: f64) {
    let Some(best) = (0..scores.len()).min_by(|one, other| scores[*one].order(&scores[*other])) else { return };
    if field.explore <= 0.0 || scores[best].class > 0 || doublings <= 0.0 {
        return;
    }
    let trial = Trial { field, outlooks, best, doublings };
    let may = |at: usize| at != best && scores[at].class == 0 && may_be_tried(&field.entrants[at]);
    let others: Vec<usize> = (0..scores.len()).filter(|at| may(*at)).collect();
    let tried = trial.newcomer(&others).or_else(|| trial.by_doubt(&others));
    if let Some(at) = tried {
        let first = scores[best].value.next_down();
        put_first(&mut scores[at], first, trial.worse_by(at));
    }
}

struct Trial<'a> {
    field: &'a Field<'a>,
    outlooks: &'a [Outlook],
    best: usize,
    doublings: f64,
}

impl Trial<'_> {
    fn worse_by(&self, at: usize) -> f64 {
        ((self.outlooks[at].loss - self.outlooks[self.best].loss) / self.doublings).exp2() - 1.0
    }

    /// Whether half of the budget allows it, with a number drawn for it.
    fn allows(&self, at: usize, step: u64) -> bool {
        chance::share(self.field.seed, step) * self.worse_by(at) < self.field.explore / 2.0
    }

    fn newcomer(&self, others: &[usize]) -> Option<usize> {
        let new = |at: &&usize| self.field.entrants[**at].forecast.samples < NEW;
        let count = others.iter().filter(new).count();
        let lot = chance::number(self.field.seed, LOT) % count.max(1) as u64;
        let at = *others.iter().filter(new).nth(usize::try_from(lot).ok()?)?;
        let often = chance::share(self.field.seed, LOT + 1) < MOST_OFTEN;
        (often && self.allows(at, LOT + 1)).then_some(at)
    }

    fn by_doubt(&self, others: &[usize]) -> Option<usize> {
        let draw = |at: usize| self.outlooks[at].loss + self.outlooks[at].error * normal(self.field.seed, at as u64);
        let best = draw(self.best);
        let drawn = others.iter().map(|at| (draw(*at), *at)).min_by(|one, other| one.0.total_cmp(&other.0));
        drawn.filter(|(value, at)| *value < best && self.allows(*at, LOT + 2)).map(|(_, at)| at)
    }
}

fn put_first(score: &mut Score, first: f64, worse_by: f64) {
    score.terms.push(Term { name: "explore", value: first - score.value });
    score.value = first;
    score.note = Some(Note::Explored { worse_by });
}

/// One that has just failed is left alone, until its breaker asks for somebody to try.
fn may_be_tried(entrant: &Entrant<'_>) -> bool {
    entrant.forecast.down < DOWN || matches!(entrant.breaker, State::HalfOpen { .. })
}

/// A number from the standard normal distribution (Box and Muller).
fn normal(seed: u64, of: u64) -> f64 {
    let share = |step| chance::share(seed, STEP + 2 * of + step);
    (-2.0 * share(0).max(f64::EPSILON).ln()).sqrt() * (std::f64::consts::TAU * share(1)).cos()
}
