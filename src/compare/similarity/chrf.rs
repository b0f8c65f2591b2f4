//! chrF: what two texts share of their sequences of one to six characters, white space left out.

use std::iter::repeat_n;

/// The longest sequence of characters that is counted.
pub(super) const ORDER: usize = 6;

/// Bits of a character in a sequence: six of them fill a `u128`, so that sequences are compared exactly.
const BITS: usize = 21;

/// All bits of a sequence.
const WINDOW: u128 = (1 << (BITS * ORDER)) - 1;

/// How much recall counts beside precision, squared.
const BETA_SQUARED: f64 = 4.0;

/// chrF of a hypothesis with one reference, from 0 to 1. 0 when either text is blank.
pub fn chrf(hypothesis: &str, reference: &str) -> f64 {
    Profile::of(hypothesis).chrf(&Profile::of(reference))
}

/// How alike two texts are, from 0 to 1, the same in both directions: the mean of chrF either way round, as chrF weighs what
/// is missing more than what is added. Equal texts are 1, blank ones too.
pub fn likeness(left: &str, right: &str) -> f64 {
    if left == right { 1.0 } else { Profile::of(left).likeness(&Profile::of(right)) }
}

/// The sequences of characters of one text, made once to be compared with many. Takes 16 bytes for a character.
#[derive(Clone, Debug)]
pub struct Profile {
    /// The longest sequence at each character, sorted: a number of [`BITS`] for each character, the first one highest. Those
    /// of every length are its beginnings, which are sorted too.
    grams: Vec<u128>,
}

impl Profile {
    /// The profile of a text.
    pub fn of(text: &str) -> Self {
        // One more than the code point, as 0 stands for "no character": it fills the sequences at the end.
        let symbols = text.chars().filter(|char| !is_space(*char)).map(|char| u128::from(u32::from(char)) + 1);
        let mut window = 0;
        let windows = symbols.chain(repeat_n(0, ORDER - 1)).map(|symbol| {
            window = (window << BITS | symbol) & WINDOW;
            window
        });
        let mut grams: Vec<u128> = windows.skip(ORDER - 1).collect();
        grams.sort_unstable();
        Self { grams }
    }

    /// chrF of this text with the other one as reference.
    pub fn chrf(&self, reference: &Self) -> f64 {
        f_score(&self.shares(reference))
    }

    /// The mean of chrF either way round; 1 when both are blank.
    pub fn likeness(&self, other: &Self) -> f64 {
        if self.grams.is_empty() && other.grams.is_empty() { 1.0 } else { both_ways(&self.shares(other)) }
    }

    /// Precision and recall for each length that both texts have sequences of.
    fn shares(&self, reference: &Self) -> Vec<(f64, f64)> {
        let share = |order| {
            let (here, there) = (self.count(order), reference.count(order));
            let shared = matches(self.runs(order), reference.runs(order)) as f64;
            (here > 0 && there > 0).then(|| (shared / here as f64, shared / there as f64))
        };
        (1..=ORDER).map_while(share).collect()
    }

    /// How many sequences of a length there are.
    pub(super) fn count(&self, order: usize) -> usize {
        (self.grams.len() + 1).saturating_sub(order)
    }

    /// The longest sequences, sorted.
    pub(super) fn grams(&self) -> &[u128] {
        &self.grams
    }

    /// The different sequences of a length in their order, with how often they stand there.
    pub(super) fn runs(&self, order: usize) -> impl Iterator<Item = (u128, u32)> + '_ {
        let runs = self.grams.chunk_by(move |left, right| start(*left, order) == start(*right, order));
        let counted = runs.map(move |run| (start(run[0], order), u32::try_from(run.len()).unwrap_or(u32::MAX)));
        counted.filter(|(gram, _)| is_full(*gram))
    }
}

/// The sequence of this length that a longest one begins with.
pub(super) fn start(gram: u128, order: usize) -> u128 {
    gram >> (BITS * (ORDER - order))
}

/// Whether it has its last character: at the end of a text the longer ones do not.
pub(super) fn is_full(gram: u128) -> bool {
    gram & ((1 << BITS) - 1) != 0
}

/// The mean of the F-score either way round.
pub(super) fn both_ways(shares: &[(f64, f64)]) -> f64 {
    let turned: Vec<_> = shares.iter().map(|(precision, recall)| (*recall, *precision)).collect();
    f64::midpoint(f_score(shares), f_score(&turned))
}

/// White space as Python's `str.split` knows it: the four separators of ASCII too.
fn is_space(char: char) -> bool {
    char.is_whitespace() || matches!(char, '\u{1c}'..='\u{1f}')
}

/// How many sequences two sorted lists share, each counted as often as it stands in both.
fn matches(mut left: impl Iterator<Item = (u128, u32)>, mut right: impl Iterator<Item = (u128, u32)>) -> u64 {
    let mut shared = 0;
    let (mut here, mut there) = (left.next(), right.next());
    while let (Some((gram, count)), Some((other, others))) = (here, there) {
        if gram == other {
            shared += u64::from(count.min(others));
        }
        if gram <= other {
            here = left.next();
        }
        if other <= gram {
            there = right.next();
        }
    }
    shared
}

/// The F-score of mean precision and mean recall. An order that one text is too short for does not count.
fn f_score(shares: &[(f64, f64)]) -> f64 {
    let orders = shares.len().max(1) as f64;
    let precision = shares.iter().map(|(precision, _)| precision).sum::<f64>() / orders;
    let recall = shares.iter().map(|(_, recall)| recall).sum::<f64>() / orders;
    if precision + recall > 0.0 {
        (1.0 + BETA_SQUARED) * precision * recall / (BETA_SQUARED * precision + recall)
    } else {
        0.0
    }
}
