//! Levenshtein distance over code points, 64 cells at a time (Myers 1999, Hyyrö 2003), in a band about the diagonal that
//! doubles until the distance is within it.

use super::occurrences::{Middle, Occurrences, WORD};

/// How many blocks of 64 cells may be computed: enough for two texts of 40,000 characters that have nothing in common, and for
/// longer ones that are alike (a megabyte with 1,000 edits).
pub const EDIT_BLOCKS: usize = 60_000_000;

/// 1 less the number of edits divided by the length of the longer text, in code points. 1 when both are empty; `None` when
/// it takes more than [`EDIT_BLOCKS`].
pub fn levenshtein(left: &str, right: &str) -> Option<f64> {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let longer = left.len().max(right.len());
    if longer == 0 {
        return Some(1.0);
    }
    Some(1.0 - distance(&left, &right)? as f64 / longer as f64)
}

fn distance(left: &[char], right: &[char]) -> Option<usize> {
    let middle = Middle::of(left, right);
    let (short, long) = (middle.left.len().min(middle.right.len()), middle.left.len().max(middle.right.len()));
    if short == 0 {
        return Some(long);
    }
    let occurrences = Occurrences::of(&middle.left, middle.kinds);
    let mut band = (long - short).max(WORD);
    let mut blocks = 0_usize;
    loop {
        let height = (2 * band / WORD + 2).min(middle.left.len().div_ceil(WORD));
        blocks = blocks.saturating_add(height.saturating_mul(middle.right.len()));
        if blocks > EDIT_BLOCKS {
            return None;
        }
        let edits = Column::new(middle.left.len(), band).edits(&occurrences, &middle.right, band);
        if edits <= band || band >= long {
            return Some(edits);
        }
        // What a band gives is a way to edit, if not the shortest, so no wider one is needed.
        band = (4 * band).min(edits);
    }
}

/// One column of the table of distances, of which only the differences between neighbours are kept.
struct Column {
    rows: usize,
    blocks: Vec<Block>,
    /// The distance in the last row that has a block.
    last: usize,
}

/// 64 rows of a column: a bit for each row that is one more than the row above, and for each that is one less.
#[derive(Clone, Copy)]
struct Block {
    more: u64,
    less: u64,
}

/// Which rows gained over the last column, and which lost.
#[derive(Clone, Copy)]
struct Change {
    gained: u64,
    lost: u64,
}

impl Column {
    /// The first column as far down as the band goes: each row is one more than the row above.
    fn new(rows: usize, band: usize) -> Self {
        let mut column = Self { rows, blocks: Vec::with_capacity(rows.div_ceil(WORD)), last: 0 };
        column.reach(band);
        column
    }

    /// Adds blocks until the row is in one of them. Below the band nothing is known, and one more than the row above is the
    /// most that a row can be.
    fn reach(&mut self, row: usize) {
        while self.blocks.len() * WORD < row.min(self.rows) {
            self.last += (self.rows - self.blocks.len() * WORD).min(WORD);
            self.blocks.push(Block { more: u64::MAX, less: 0 });
        }
    }

    /// Goes through all columns. The number is right when it is at most the band, and may be too high otherwise.
    fn edits(mut self, occurrences: &Occurrences, symbols: &[usize], band: usize) -> usize {
        for (column, symbol) in symbols.iter().enumerate() {
            self.reach(column + 1 + band);
            let first = column.saturating_sub(band) / WORD;
            let mut words = occurrences.words(*symbol);
            words = &words[words.partition_point(|(word, _)| *word < first)..];
            // Above the band nothing is known, and 1 is the most that a row can gain.
            let mut change = Change { gained: 1 << (WORD - 1), lost: 0 };
            for (place, block) in self.blocks.iter_mut().enumerate().skip(first) {
                let equal = match words {
                    [(word, bits), rest @ ..] if *word == place => {
                        words = rest;
                        *bits
                    }
                    _ => 0,
                };
                change = block.advance(equal, change);
            }
            let last = (self.rows.min(self.blocks.len() * WORD) - 1) % WORD;
            self.last += usize::from(change.gained >> last & 1 == 1);
            self.last -= usize::from(change.lost >> last & 1 == 1);
        }
        self.last
    }
}

impl Block {
    /// Takes the block to the next column, given the rows at which the symbols are equal and the change of the block above.
    fn advance(&mut self, equal: u64, above: Change) -> Change {
        let (gained, lost) = (above.gained >> (WORD - 1), above.lost >> (WORD - 1));
        let vertical = equal | self.less;
        let equal = equal | lost;
        let horizontal = ((equal & self.more).wrapping_add(self.more) ^ self.more) | equal;
        let change = Change { gained: self.less | !(horizontal | self.more), lost: self.more & horizontal };
        let (up, down) = (change.gained << 1 | gained, change.lost << 1 | lost);
        *self = Self { more: down | !(vertical | up), less: up & vertical };
        change
    }
}
