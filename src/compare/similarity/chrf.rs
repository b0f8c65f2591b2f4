//! chrF: what two texts share of their sequences of one to six characters, white space left out.

use std::iter::repeat_n;

use crate::route::chance;

/// The longest sequence of characters that is counted.
const ORDER: usize = 6;

/// Bits of a character in a sequence: six of them fill a `u128`, so that sequences are compared exactly.
const BITS: usize = 21;

/// All bits of a sequence.
const WINDOW: u128 = (1 << (BITS * ORDER)) - 1;

/// How much recall counts beside precision, squared.
const BETA_SQUARED: f64 = 4.0;

/// How many different sequences of each length [`Profile::sketch`] keeps.
pub const SKETCH_GRAMS: usize = 8_192;

/// chrF of a hypothesis with one reference, from 0 to 1. 0 when either text is blank.
pub fn chrf(hypothesis: &str, reference: &str) -> f64 {
    Profile::of(hypothesis).chrf(&Profile::of(reference))
}

/// How alike two texts are, from 0 to 1, the same in both directions: the mean of chrF either way round, as chrF weighs what
/// is missing more than what is added. Equal texts are 1, blank ones too.
pub fn likeness(left: &str, right: &str) -> f64 {
    if left == right { 1.0 } else { Profile::of(left).likeness(&Profile::of(right)) }
}

/// The sequences of characters of one text, made once to be compared with many.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Characters that are no white space.
    length: usize,
    grams: Grams,
}

/// A sequence is a number of [`BITS`] for each character, the first one highest.
#[derive(Clone, Debug)]
enum Grams {
    /// The longest sequence at each character, sorted. Those of every length are its prefixes, which are sorted too.
    All(Vec<u128>),
    /// For each length the sequences that were kept, sorted, with how often they stand there, and how often the number of
    /// sequences was halved.
    Sketch(Vec<(u32, Vec<(u128, u32)>)>),
}

impl Profile {
    /// The profile of a text; comparing two of these is exact. Takes 16 bytes of memory for a character.
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
        let length = grams.len();
        Self { length, grams: Grams::All(grams) }
    }

    /// A small profile of a long text: of sequences with more than [`SKETCH_GRAMS`] different ones, a sample that is chosen
    /// by the sequence itself, so that two texts keep the same ones. What it gives is an estimate then.
    pub fn sketch(text: &str) -> Self {
        let whole = Self::of(text);
        let orders = (1..=ORDER).map(|order| {
            let mut kept: Vec<_> = whole.runs(order).collect();
            let mut halvings = 0;
            while kept.len() > SKETCH_GRAMS {
                halvings += 1;
                kept.retain(|(gram, _)| is_kept(*gram, halvings));
            }
            kept.shrink_to_fit();
            (halvings, kept)
        });
        Self { length: whole.length, grams: Grams::Sketch(orders.collect()) }
    }

    /// Whether comparing it gives an estimate.
    pub fn is_approximate(&self) -> bool {
        matches!(&self.grams, Grams::Sketch(orders) if orders.iter().any(|(halvings, _)| *halvings > 0))
    }

    /// chrF of this text with the other one as reference.
    pub fn chrf(&self, reference: &Self) -> f64 {
        f_score(&self.shares(reference))
    }

    /// The mean of chrF either way round; 1 when both are blank.
    pub fn likeness(&self, other: &Self) -> f64 {
        if self.length == 0 && other.length == 0 {
            return 1.0;
        }
        let shares = self.shares(other);
        let turned: Vec<_> = shares.iter().map(|(precision, recall)| (*recall, *precision)).collect();
        f64::midpoint(f_score(&shares), f_score(&turned))
    }

    /// Precision and recall for each length that both texts have sequences of.
    fn shares<'a>(&'a self, reference: &'a Self) -> Vec<(f64, f64)> {
        let longest = ORDER.min(self.length).min(reference.length);
        let share = |order| {
            let halvings = self.halvings(order).max(reference.halvings(order));
            let sampled = |profile: &'a Self| profile.runs(order).filter(move |(gram, _)| is_kept(*gram, halvings));
            let shared = matches(sampled(self), sampled(reference)) as f64;
            let of = |profile: &'a Self| match halvings {
                0 => (profile.length + 1 - order) as f64,
                _ => sampled(profile).map(|(_, count)| f64::from(count)).sum::<f64>().max(1.0),
            };
            (shared / of(self), shared / of(reference))
        };
        (1..=longest).map(share).collect()
    }

    fn halvings(&self, order: usize) -> u32 {
        match &self.grams {
            Grams::All(_) => 0,
            Grams::Sketch(orders) => orders[order - 1].0,
        }
    }

    /// The different sequences of a length in their order, with how often they stand there.
    fn runs(&self, order: usize) -> Box<dyn Iterator<Item = (u128, u32)> + '_> {
        match &self.grams {
            Grams::Sketch(orders) => Box::new(orders[order - 1].1.iter().copied()),
            Grams::All(grams) => {
                let cut = BITS * (ORDER - order);
                let runs = grams.chunk_by(move |left, right| left >> cut == right >> cut);
                let counted = runs.map(move |run| (run[0] >> cut, u32::try_from(run.len()).unwrap_or(u32::MAX)));
                Box::new(counted.filter(|(gram, _)| gram & ((1 << BITS) - 1) != 0))
            }
        }
    }
}

/// White space as Python's `str.split` knows it: the four separators of ASCII too.
fn is_space(char: char) -> bool {
    char.is_whitespace() || matches!(char, '\u{1c}'..='\u{1f}')
}

/// Whether a sequence is in the sample after so many halvings; each sample is a part of the one before.
fn is_kept(gram: u128, halvings: u32) -> bool {
    #[expect(clippy::cast_possible_truncation, reason = "the two halves")]
    let (low, high) = (gram as u64, (gram >> 64) as u64);
    halvings == 0 || chance::number(low, high).trailing_zeros() >= halvings
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
