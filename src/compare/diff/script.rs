//! From one sequence to the other: equal runs and changes, by Myers' algorithm between anchors, tidied so that they read well.

use similar::{Algorithm, DiffTag, capture_diff_slices};

use super::anchors;
use super::segment::Token;

/// The most that Myers' algorithm does for two texts, as their length times the window it sees at once. Its time grows with
/// the square of what differs in a window.
const EFFORT: usize = 1 << 25;

/// How much of two texts with so many tokens together Myers' algorithm sees at once. Answers of usual length fit whole.
pub(super) fn window(tokens: usize) -> usize {
    (EFFORT / tokens.max(1)).clamp(64, 4096)
}

/// A stretch of both sequences: equal, or a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) is_equal: bool,
    /// How much of the old sequence it takes.
    pub(super) old: usize,
    /// How much of the new one; the same where it is equal.
    pub(super) new: usize,
}

impl Step {
    pub(super) const fn equal(length: usize) -> Self {
        Self { is_equal: true, old: length, new: length }
    }

    pub(super) const fn change(old: usize, new: usize) -> Self {
        Self { is_equal: false, old, new }
    }

    const fn is_nothing(self) -> bool {
        self.old == 0 && self.new == 0
    }
}

/// Steps that lead from `old` to `new`; equal runs and changes take turns.
/// What is longer than a window and has no anchors is cut into windows.
pub(super) fn script(old: &[u32], new: &[u32], window: usize) -> Vec<Step> {
    let mut steps = Vec::new();
    if old.len() + new.len() <= window {
        windows(&mut steps, old, new, window);
        return steps;
    }
    let anchors = anchors::anchors(old, new);
    for (old_gap, new_gap, anchor) in anchors::gaps(&anchors, old.len(), new.len()) {
        windows(&mut steps, &old[old_gap], &new[new_gap], window);
        push(&mut steps, Step::equal(anchor.map_or(0, |anchor| anchor.length)));
    }
    steps
}

/// Runs Myers' algorithm on as many windows as the two sequences need.
fn windows(steps: &mut Vec<Step>, old: &[u32], new: &[u32], window: usize) {
    let count = (old.len() + new.len()).div_ceil(window);
    let part = |length: usize, index: usize| length * index / count..length * (index + 1) / count;
    for index in 0..count {
        let (old, new) = (&old[part(old.len(), index)], &new[part(new.len(), index)]);
        for operation in capture_diff_slices(Algorithm::Myers, old, new) {
            let (tag, old, new) = operation.as_tag_tuple();
            let is_equal = tag == DiffTag::Equal;
            push(steps, Step { is_equal, old: old.len(), new: new.len() });
        }
    }
}

/// Appends a step, as part of the last one where that is of the same kind.
fn push(steps: &mut Vec<Step>, step: Step) {
    match steps.last_mut() {
        _ if step.is_nothing() => {}
        Some(last) if last.is_equal == step.is_equal => {
            last.old += step.old;
            last.new += step.new;
        }
        _ => steps.push(step),
    }
}

/// Takes equal runs into the changes around them that are no longer than what changes on either side of them: a `the` that
/// two different sentences share is no likeness, and a text of such crumbs cannot be read.
pub(super) fn tidy(steps: Vec<Step>, old: &[Token<'_>], new: &[Token<'_>]) -> Vec<Step> {
    // Each step with its weight: the letters of the longer side.
    let mut kept: Vec<(Step, usize)> = Vec::with_capacity(steps.len());
    let (mut old_rest, mut new_rest) = (old, new);
    for step in steps {
        let (old_here, new_here);
        (old_here, old_rest) = old_rest.split_at(step.old);
        (new_here, new_rest) = new_rest.split_at(step.new);
        kept.push((step, letters(old_here).max(letters(new_here))));
        while let [.., (before, left), (run, weight), (after, right)] = kept[..] {
            if after.is_equal || weight > left.min(right) {
                break;
            }
            let whole = Step::change(before.old + run.old + after.old, before.new + run.new + after.new);
            kept.truncate(kept.len() - 3);
            kept.push((whole, left + weight + right));
        }
    }
    kept.into_iter().map(|(step, _)| step).collect()
}

/// How long the words are; a sign between them counts for nothing.
fn letters(tokens: &[Token<'_>]) -> usize {
    tokens.iter().filter(|token| token.is_word()).map(|token| token.word.len()).sum()
}

/// How much of the words of both sides is equal, from 0 to 1. Two sides without words are alike.
pub(super) fn likeness(steps: &[Step], old: &[Token<'_>], new: &[Token<'_>]) -> f64 {
    let words = |tokens: &[Token<'_>]| tokens.iter().filter(|token| token.is_word()).count();
    let mut rest = old;
    let mut equal = 0;
    for step in steps {
        let here;
        (here, rest) = rest.split_at(step.old);
        equal += if step.is_equal { words(here) } else { 0 };
    }
    match words(old) + words(new) {
        0 => 1.0,
        all => 2.0 * equal as f64 / all as f64,
    }
}
