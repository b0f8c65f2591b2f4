//! The length of the longest common subsequence, 64 cells at a time (Hyyrö 2004), skipping words that cannot change.

use std::hash::Hash;

use super::occurrences::{Middle, Occurrences, WORD};

/// The largest product of two lengths, equal ends left out, that the longest common subsequence is computed for: two texts
/// of 185,000 words each, about a megabyte of English.
pub const LONGEST_COMMON_CELLS: usize = 1 << 35;

/// How many items two sequences have in common in the same order. `None` beyond [`LONGEST_COMMON_CELLS`].
pub fn longest_common<T: Copy + Eq + Hash>(left: &[T], right: &[T]) -> Option<usize> {
    let middle = Middle::of(left, right);
    if middle.left.len().saturating_mul(middle.right.len()) > LONGEST_COMMON_CELLS {
        return None;
    }
    let occurrences = Occurrences::of(&middle.left, middle.kinds);
    // A 0 is a place of the left sequence at which the longest subsequence with what was seen of the right one grows.
    let mut row = vec![u64::MAX; middle.left.len().div_ceil(WORD)];
    for symbol in &middle.right {
        advance(&mut row, occurrences.words(*symbol));
    }
    let grown: usize = row.iter().map(|word| word.count_zeros() as usize).sum();
    Some(middle.ends + grown)
}

/// Adds one item of the right sequence, which stands in these words of the left one: in each stretch up to a 0, the 0 moves
/// to the first place where the item stands. A stretch may go on in the next words: that is the carry.
fn advance(row: &mut [u64], words: &[(usize, u64)]) {
    let mut carry = false;
    let mut next = 0;
    for (word, bits) in words {
        if carry && next < *word {
            carry = carried(&mut row[next..*word]);
        }
        carry = step(&mut row[*word], *bits, carry);
        next = word + 1;
    }
    if carry {
        carried(&mut row[next..]);
    }
}

/// Takes a carry through words where the item does not stand, until a 0 takes it; whether it comes out at the end.
fn carried(words: &mut [u64]) -> bool {
    match words.iter_mut().find(|word| **word != u64::MAX) {
        Some(word) => step(word, 0, true),
        None => true,
    }
}

fn step(word: &mut u64, bits: u64, carry: bool) -> bool {
    let (sum, over) = word.overflowing_add(*word & bits);
    let (sum, over_again) = sum.overflowing_add(u64::from(carry));
    *word = sum | (*word & !bits);
    over | over_again
}
