//! Where each symbol stands in a sequence, as bits: what the bit-parallel algorithms ask for. Kept sparsely, so that a text
//! of many different symbols takes no more memory than one of few.

use std::collections::HashMap;
use std::hash::Hash;

/// Bits of a word.
pub const WORD: usize = u64::BITS as usize;

/// The places of every symbol of a sequence.
pub struct Occurrences(Vec<Vec<(usize, u64)>>);

impl Occurrences {
    /// Symbols are numbers below `kinds`.
    pub fn of(sequence: &[usize], kinds: usize) -> Self {
        let mut places: Vec<Vec<(usize, u64)>> = vec![Vec::new(); kinds];
        for (place, symbol) in sequence.iter().enumerate() {
            let (word, bit) = (place / WORD, 1 << (place % WORD));
            match places[*symbol].last_mut() {
                Some((last, bits)) if *last == word => *bits |= bit,
                _ => places[*symbol].push((word, bit)),
            }
        }
        Self(places)
    }

    /// The words in which a symbol stands, in their order, with a bit for each place.
    pub fn words(&self, symbol: usize) -> &[(usize, u64)] {
        &self.0[symbol]
    }
}

/// Two sequences as numbers, equal where their items are, without what they have in common at their two ends.
pub struct Middle {
    /// What is left of the first.
    pub left: Vec<usize>,
    /// What is left of the second.
    pub right: Vec<usize>,
    /// How many items were in common at the ends.
    pub ends: usize,
    /// All numbers are below it.
    pub kinds: usize,
}

impl Middle {
    /// Compares the ends of two sequences and numbers what is left.
    pub fn of<T: Copy + Eq + Hash>(left: &[T], right: &[T]) -> Self {
        let prefix = left.iter().zip(right).take_while(|(one, other)| one == other).count();
        let (left, right) = (&left[prefix..], &right[prefix..]);
        let suffix = left.iter().rev().zip(right.iter().rev()).take_while(|(one, other)| one == other).count();
        let mut numbers = HashMap::new();
        let mut number = |items: &[T]| -> Vec<usize> {
            let mut of = |item: &T| {
                let next = numbers.len();
                *numbers.entry(*item).or_insert(next)
            };
            items.iter().map(&mut of).collect()
        };
        let (left, right) = (number(&left[..left.len() - suffix]), number(&right[..right.len() - suffix]));
        Self { left, right, ends: prefix + suffix, kinds: numbers.len() }
    }
}
