//! Anchors: what stands once in either sequence, in the same order (patience diff), with what is equal around it. They take
//! long sequences apart in n log n, before anything slower looks at what lies between.

use std::ops::Range;

/// A run that is equal on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Anchor {
    pub(super) old: usize,
    pub(super) new: usize,
    pub(super) length: usize,
}

/// Equal runs in order, at least the common beginning and end, without overlap.
pub(super) fn anchors(old: &[u32], new: &[u32]) -> Vec<Anchor> {
    let mut found: Vec<Anchor> = Vec::new();
    let (mut old_from, mut new_from) = (0, 0);
    let ends = [(old.len(), new.len())];
    for (old_at, new_at) in rising(&unique_pairs(old, new)).into_iter().chain(ends) {
        if old_at < old_from || new_at < new_from {
            continue;
        }
        // The gap before this point: what is equal from its beginning, and then what is equal before its end.
        let (gap, new_gap) = (&old[old_from..old_at], &new[new_from..new_at]);
        let head = gap.iter().zip(new_gap).take_while(|(old, new)| old == new).count();
        let tail =
            gap[head..].iter().rev().zip(new_gap[head..].iter().rev()).take_while(|(old, new)| old == new).count();
        push(&mut found, Anchor { old: old_from, new: new_from, length: head });
        let at_end = usize::from(old_at < old.len() && new_at < new.len());
        push(&mut found, Anchor { old: old_at - tail, new: new_at - tail, length: tail + at_end });
        (old_from, new_from) = (old_at + at_end, new_at + at_end);
    }
    found
}

/// What lies between the anchors, as ranges of either side, each followed by the anchor that ends it (if any).
pub(super) fn gaps(
    anchors: &[Anchor],
    old: usize,
    new: usize,
) -> impl Iterator<Item = (Range<usize>, Range<usize>, Option<Anchor>)> {
    let mut from = (0, 0);
    anchors.iter().copied().map(Some).chain([None]).map(move |anchor| {
        let (old_to, new_to) = anchor.map_or((old, new), |anchor| (anchor.old, anchor.new));
        let gap = (from.0..old_to, from.1..new_to, anchor);
        from = anchor.map_or((old, new), |anchor| (anchor.old + anchor.length, anchor.new + anchor.length));
        gap
    })
}

/// Appends a run, as part of the last one where it continues that.
fn push(found: &mut Vec<Anchor>, anchor: Anchor) {
    match found.last_mut() {
        _ if anchor.length == 0 => {}
        Some(last) if last.old + last.length == anchor.old && last.new + last.length == anchor.new => {
            last.length += anchor.length;
        }
        _ => found.push(anchor),
    }
}

/// Where what stands exactly once in either sequence stands in both, by its place in the old one.
fn unique_pairs(old: &[u32], new: &[u32]) -> Vec<(usize, usize)> {
    let (old, new) = (unique(old), unique(new));
    let mut rest = new.iter().peekable();
    let mut pairs = Vec::new();
    for (id, at) in old {
        while rest.next_if(|(other, _)| *other < id).is_some() {}
        if let Some((_, new_at)) = rest.next_if(|(other, _)| *other == id) {
            pairs.push((at, *new_at));
        }
    }
    pairs.sort_unstable();
    pairs
}

/// What stands exactly once in a sequence, with its place, in the order of the numbers.
fn unique(ids: &[u32]) -> Vec<(u32, usize)> {
    let mut places: Vec<(u32, usize)> = ids.iter().copied().zip(0..).collect();
    places.sort_unstable();
    let is_single = |run: &&[(u32, usize)]| run.len() == 1;
    places.chunk_by(|(one, _), (other, _)| one == other).filter(is_single).map(|run| run[0]).collect()
}

/// The longest chain of pairs that rises on both sides.
fn rising(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    // The pair that ends the best chain of each length, and for each pair the one before it in its chain.
    let mut tops: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    for (at, (_, new)) in pairs.iter().enumerate() {
        let length = tops.partition_point(|top| pairs[*top].1 < *new);
        before.push(length.checked_sub(1).map(|shorter| tops[shorter]));
        if length == tops.len() {
            tops.push(at);
        } else {
            tops[length] = at;
        }
    }
    let mut chain: Vec<_> = std::iter::successors(tops.last().copied(), |at| before[*at]).map(|at| pairs[at]).collect();
    chain.reverse();
    chain
}
