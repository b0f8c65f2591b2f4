//! Trying out within a budget: who does not look best is asked now and then, so that a model that was never seen, or one that
//! has changed, is found. Pure: the chance comes from the request's seed.
//!
//! Each target draws a value from what is known of it, as wide as its doubt (Thompson sampling: the less is known of a
//! target and the nearer it is to the best, the more often it draws the best value). When another than the best wins, and is
//! expected to be worse by the share `w`, it is asked with the chance `explore / w`, never above 1. So the expected share by
//! which a request gets worse is at most `explore`, in each decision by itself, whatever the number of targets: the chance
//! that one wins, times `explore / w`, times `w`, sums up to no more. "Expected" is by what is known at the moment of the
//! decision: what turns out otherwise is what there was to learn.

use super::breaker::State;
use super::chance;
use super::strategy::{Entrant, Field, Note, Score, Term};

/// A target that is this likely to be down is not tried out.
const DOWN: f64 = 0.25;
/// Steps of chance are taken from here, so that they are none of those that shuffle.
const STEP: u64 = 1 << 32;

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
    let draw = |at: usize| outlooks[at].loss + outlooks[at].error * normal(field.seed, at as u64);
    let may = |at: &usize| *at == best || (scores[*at].class == 0 && may_be_tried(&field.entrants[*at]));
    let drawn = (0..scores.len()).filter(may).map(|at| (draw(at), at)).min_by(|one, other| one.0.total_cmp(&other.0));
    let Some((_, winner)) = drawn.filter(|(_, at)| *at != best) else { return };
    let worse_by = ((outlooks[winner].loss - outlooks[best].loss) / doublings).exp2() - 1.0;
    if chance::share(field.seed, STEP - 1) * worse_by < field.explore {
        let first = scores[best].value.next_down();
        put_first(&mut scores[winner], first, worse_by);
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
