//! How alike all texts of a list are to each other, in one pass over the sequences of characters of all of them: that is much
//! less work than to compare pair by pair, as most sequences stand in few texts.

use super::chrf::{ORDER, Profile, both_ways, is_full, start};
use crate::route::chance;

/// Up to this many bytes in all texts together, likenesses are exact.
pub const EXACT_BYTES: usize = 4 << 20;

/// Beyond it, how many different sequences of each length are kept of a text.
pub const SAMPLE: usize = 8_192;

/// How alike texts are to each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Likenesses {
    /// What [`super::likeness()`] says of each with each.
    pub matrix: Vec<Vec<f64>>,
    /// Whether it is an estimate from samples, as the texts are long: to about 0.02 between two texts of a megabyte.
    pub approximate: bool,
}

/// How alike all texts are. Up to [`EXACT_BYTES`] together it is exact; beyond, of more than [`SAMPLE`] different sequences of
/// a length a text keeps a sample, which is chosen by the sequence itself, so that all texts keep the same ones.
pub fn likenesses(texts: &[&str]) -> Likenesses {
    let exact = texts.iter().map(|text| text.len()).sum::<usize>() <= EXACT_BYTES;
    let orders = if exact { counted(texts) } else { sampled(texts) };
    let mut matrix = vec![vec![1.0; texts.len()]; texts.len()];
    for one in 0..texts.len() {
        for other in (one + 1..texts.len()).filter(|other| texts[one] != texts[*other]) {
            let shares: Vec<_> = orders.iter().map_while(|order| order.share(one, other)).collect();
            let blank = orders[0].is_blank(one) && orders[0].is_blank(other);
            let likeness = if blank { 1.0 } else { both_ways(&shares) };
            matrix[one][other] = likeness;
            matrix[other][one] = likeness;
        }
    }
    Likenesses { matrix, approximate: orders.iter().any(|order| order.halvings.iter().any(|halvings| *halvings > 0)) }
}

/// A sequence, the text in which it stands, and how often.
type Gram = (u128, usize, u32);

/// What the texts have in common of the sequences of one length.
struct Order {
    /// For each text how often the number of its sequences was halved.
    halvings: Vec<usize>,
    /// For each text how many sequences it has, and how many are left after so many halvings.
    totals: Vec<Vec<u64>>,
    /// For each pair how many they share.
    shared: Vec<Vec<u64>>,
    /// How often the sequence at hand stands in each text, and in which it does.
    counts: Vec<u64>,
    holders: Vec<usize>,
}

impl Order {
    fn new(texts: usize) -> Self {
        Self {
            halvings: vec![0; texts],
            totals: vec![Vec::new(); texts],
            shared: vec![vec![0; texts]; texts],
            counts: vec![0; texts],
            holders: Vec::with_capacity(texts),
        }
    }

    /// Adds a sequence with the texts in which it stands.
    fn add(&mut self, places: impl Iterator<Item = (usize, u32)>) {
        for (text, count) in places {
            if self.counts[text] == 0 {
                self.holders.push(text);
            }
            self.counts[text] += u64::from(count);
        }
        self.holders.sort_unstable();
        for (place, one) in self.holders.iter().enumerate() {
            for other in &self.holders[place + 1..] {
                self.shared[*one][*other] += self.counts[*one].min(self.counts[*other]);
            }
        }
        for text in self.holders.drain(..) {
            self.counts[text] = 0;
        }
    }

    /// Precision and recall of two texts; `None` when one is too short. What both have kept is all of the thinner sample.
    fn share(&self, one: usize, other: usize) -> Option<(f64, f64)> {
        let halvings = self.halvings[one].max(self.halvings[other]);
        let total = |text: usize| self.totals[text].get(halvings).map_or(0.0, |total| *total as f64);
        let shared = self.shared[one][other] as f64;
        let of = |text| if total(text) > 0.0 { shared / total(text) } else { 0.0 };
        (!self.is_blank(one) && !self.is_blank(other)).then(|| (of(one), of(other)))
    }

    fn is_blank(&self, text: usize) -> bool {
        self.totals[text].first().is_none_or(|total| *total == 0)
    }
}

/// All sequences of all texts.
fn counted(texts: &[&str]) -> Vec<Order> {
    let mut grams = Vec::new();
    let mut orders: Vec<Order> = (0..ORDER).map(|_| Order::new(texts.len())).collect();
    for (text, profile) in texts.iter().map(|text| Profile::of(text)).enumerate() {
        grams.extend(profile.grams().iter().map(|gram| (*gram, text)));
        for (order, counts) in orders.iter_mut().enumerate() {
            counts.totals[text] = vec![profile.count(order + 1) as u64];
        }
    }
    // It is made of sorted parts, which a stable sort merges.
    grams.sort_by_key(|(gram, _)| *gram);
    for (order, counts) in orders.iter_mut().enumerate() {
        let order = order + 1;
        let same = |one: &(u128, usize), other: &(u128, usize)| start(one.0, order) == start(other.0, order);
        for run in grams.chunk_by(same).filter(|run| run.len() > 1 && is_full(start(run[0].0, order))) {
            counts.add(run.iter().map(|(_, text)| (*text, 1)));
        }
    }
    orders
}

/// A sample of the sequences of all texts.
fn sampled(texts: &[&str]) -> Vec<Order> {
    let mut orders: Vec<(Order, Vec<Gram>)> = (0..ORDER).map(|_| (Order::new(texts.len()), Vec::new())).collect();
    for (text, profile) in texts.iter().map(|text| Profile::of(text)).enumerate() {
        for (order, (counts, entries)) in orders.iter_mut().enumerate() {
            let kept = counts.sample(text, profile.runs(order + 1));
            entries.extend(kept.into_iter().map(|(gram, count)| (gram, text, count)));
        }
    }
    let add = |(mut counts, mut entries): (Order, Vec<Gram>)| {
        entries.sort_by_key(|(gram, ..)| *gram);
        for run in entries.chunk_by(|one, other| one.0 == other.0).filter(|run| run.len() > 1) {
            counts.add(run.iter().map(|(_, text, count)| (*text, *count)));
        }
        counts
    };
    orders.into_iter().map(add).collect()
}

impl Order {
    /// The sample of a text's sequences; notes how many there are after each halving.
    fn sample(&mut self, text: usize, runs: impl Iterator<Item = (u128, u32)>) -> Vec<(u128, u32)> {
        let mut kept: Vec<_> = runs.collect();
        let mut totals = [0; u64::BITS as usize + 1];
        for (gram, count) in &kept {
            totals[level(*gram)] += u64::from(*count);
        }
        // Those of a level are left after as many halvings.
        for level in (1..totals.len()).rev() {
            totals[level - 1] += totals[level];
        }
        while kept.len() > SAMPLE {
            self.halvings[text] += 1;
            kept.retain(|(gram, _)| level(*gram) >= self.halvings[text]);
        }
        self.totals[text] = totals.to_vec();
        kept.shrink_to_fit();
        kept
    }
}

/// How many halvings a sequence outlasts: half of all sequences one, a quarter two.
fn level(gram: u128) -> usize {
    #[expect(clippy::cast_possible_truncation, reason = "the two halves")]
    let (low, high) = (gram as u64, (gram >> 64) as u64);
    chance::number(low, high).trailing_zeros() as usize
}
