//! Which sentences of two texts belong together: equal ones first, then those between them that share the most words.

use std::cell::OnceCell;
use std::ops::Range;

use super::anchors;
use super::segment::Interner;
use super::{ALIKE, Side};

/// Up to so many pairs of sentences, each is held against each.
const ALL_PAIRS: usize = 1 << 16;
/// Among more, each is held against this many on both sides of where it should stand.
const NEIGHBOURS: usize = 8;
/// A sentence that has this many times the words of another is not held against it.
const TOO_LONG: usize = 8;

/// Sentences of either side that belong together; one side is empty where nothing answers to the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) old: Range<usize>,
    pub(super) new: Range<usize>,
}

/// Groups in order; together they have every sentence of both sides.
pub(super) fn align(old: &Side<'_>, new: &Side<'_>) -> Vec<Group> {
    let mut interner = Interner::default();
    let (old_texts, new_texts) = (texts(old), texts(new));
    let old_ids: Vec<u32> = old_texts.iter().map(|text| interner.id(text)).collect();
    let new_ids: Vec<u32> = new_texts.iter().map(|text| interner.id(text)).collect();
    let anchors = anchors::anchors(&old_ids, &new_ids);
    let mut groups = Vec::new();
    for (old_gap, new_gap, anchor) in anchors::gaps(&anchors, old_ids.len(), new_ids.len()) {
        align_gap(&mut groups, old, old_gap, new, new_gap);
        let Some(anchor) = anchor else { continue };
        groups.extend(
            (0..anchor.length).map(|at| Group {
                old: anchor.old + at..anchor.old + at + 1,
                new: anchor.new + at..anchor.new + at + 1,
            }),
        );
    }
    groups
}

/// The text of each sentence without the blanks at its end.
fn texts<'text>(side: &Side<'text>) -> Vec<&'text str> {
    let mut rest = side.text;
    let mut found = Vec::with_capacity(side.sentences.len());
    for range in &side.sentences {
        let length = side.tokens[range.clone()].iter().map(|token| token.whole.len()).sum();
        let (sentence, after) = rest.split_at(length);
        found.push(sentence.trim_end());
        rest = after;
    }
    found
}

/// The words of a sentence in the order of their numbers, and a mask that tells most strangers apart at once.
struct Bag {
    ids: Vec<u32>,
    mask: u64,
    /// This sentence and the one after it as one; made when it is asked for.
    with_next: OnceCell<Box<Bag>>,
}

impl Bag {
    fn new(side: &Side<'_>, sentence: &Range<usize>) -> Self {
        let ids = |words_only: bool| {
            let tokens = sentence.clone().filter(|at| !words_only || side.tokens[*at].is_word());
            tokens.map(|at| side.ids[at]).collect::<Vec<u32>>()
        };
        let words = ids(true);
        Self::of(if words.is_empty() { ids(false) } else { words })
    }

    fn of(mut ids: Vec<u32>) -> Self {
        ids.sort_unstable();
        let mask = ids.iter().fold(0, |mask, id| mask | 1 << (id % 64));
        Self { ids, mask, with_next: OnceCell::new() }
    }

    /// This sentence and the next one as one.
    fn with(&self, next: &Self) -> &Self {
        self.with_next.get_or_init(|| Box::new(Self::of([self.ids.as_slice(), &next.ids].concat())))
    }

    /// How many words both have. None where one is that much longer that they cannot be alike.
    fn shared(&self, other: &Self) -> usize {
        let (short, long) = (self.ids.len().min(other.ids.len()), self.ids.len().max(other.ids.len()));
        if self.mask & other.mask == 0 || short * TOO_LONG < long {
            return 0;
        }
        let (mut shared, mut rest) = (0, other.ids.as_slice());
        for id in &self.ids {
            while let [first, after @ ..] = rest
                && first < id
            {
                rest = after;
            }
            if let [first, after @ ..] = rest
                && first == id
            {
                shared += 1;
                rest = after;
            }
        }
        shared
    }

    /// What it is worth to pair two sentences that share so many words; nothing when they are too little alike.
    fn worth(&self, other: &Self, shared: usize) -> f64 {
        let likeness = 2.0 * shared as f64 / (self.ids.len() + other.ids.len()).max(1) as f64;
        if likeness < ALIKE { 0.0 } else { likeness * shared as f64 }
    }

    /// Whether half of this sentence's words are among those that were shared.
    const fn is_half(&self, shared: usize) -> bool {
        shared > 0 && 2 * shared >= self.ids.len()
    }
}

/// How a best alignment ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Move {
    SkipOld,
    SkipNew,
    Pair,
    /// Two old sentences became one.
    Joined,
    /// One old sentence became two.
    Split,
}

impl Move {
    /// How many sentences of either side it takes.
    const fn takes(self) -> (usize, usize) {
        match self {
            Self::SkipOld => (1, 0),
            Self::SkipNew => (0, 1),
            Self::Pair => (1, 1),
            Self::Joined => (2, 1),
            Self::Split => (1, 2),
        }
    }
}

/// Aligns what lies between two anchors.
fn align_gap(groups: &mut Vec<Group>, old: &Side<'_>, old_gap: Range<usize>, new: &Side<'_>, new_gap: Range<usize>) {
    let bags = |side: &Side<'_>, gap: &Range<usize>| {
        side.sentences[gap.clone()].iter().map(|sentence| Bag::new(side, sentence)).collect::<Vec<_>>()
    };
    let moves = moves(&bags(old, &old_gap), &bags(new, &new_gap));
    let (mut old_at, mut new_at) = (old_gap.start, new_gap.start);
    for step in moves {
        let (of_old, of_new) = step.takes();
        groups.push(Group { old: old_at..old_at + of_old, new: new_at..new_at + of_new });
        (old_at, new_at) = (old_at + of_old, new_at + of_new);
    }
}

/// The moves of a best alignment from the beginning to the end of both sides.
fn moves(old: &[Bag], new: &[Bag]) -> Vec<Move> {
    if old.is_empty() || new.is_empty() {
        let skip = if old.is_empty() { Move::SkipNew } else { Move::SkipOld };
        return vec![skip; old.len() + new.len()];
    }
    Table::new(old, new).moves()
}

/// The worth of the best alignment of every beginning of the old side with those beginnings of the new side that are near.
struct Table<'bags> {
    old: &'bags [Bag],
    new: &'bags [Bag],
    /// How far from its place a sentence is looked for.
    reach: usize,
    /// How the best alignment of each cell ends, row by row.
    moves: Vec<Move>,
    /// The cells of the last three rows, the last one first.
    rows: [Vec<Cell>; 3],
}

#[derive(Clone, Copy)]
struct Cell {
    /// What the best alignment of these beginnings is worth.
    worth: f64,
    /// The words that the last sentences of both share.
    shared: usize,
}

/// A cell that is not looked at.
const UNSEEN: Cell = Cell { worth: f64::NEG_INFINITY, shared: 0 };

impl<'bags> Table<'bags> {
    /// Fills the table. Neither side may be empty.
    fn new(old: &'bags [Bag], new: &'bags [Bag]) -> Self {
        let reach = if old.len().saturating_mul(new.len()) <= ALL_PAIRS {
            new.len()
        } else {
            // A row must touch the next one, however many new sentences there are for each old one.
            NEIGHBOURS.max(new.len() / old.len() + 2)
        };
        let mut table = Self { old, new, reach, moves: Vec::new(), rows: [const { Vec::new() }; 3] };
        table.moves.reserve((old.len() + 1) * table.width());
        for row in 0..=old.len() {
            table.rows.rotate_right(1);
            table.rows[0].clear();
            for column in table.columns(row) {
                let (cell, how) = table.best(row, column);
                table.rows[0].push(cell);
                table.moves.push(how);
            }
        }
        table
    }

    fn width(&self) -> usize {
        (2 * self.reach + 1).min(self.new.len() + 1)
    }

    /// The columns that a row has cells for.
    fn columns(&self, row: usize) -> Range<usize> {
        let place = row * self.new.len() / self.old.len();
        let first = place.saturating_sub(self.reach).min(self.new.len() + 1 - self.width());
        first..first + self.width()
    }

    /// The cell so many rows above and columns before this one.
    fn cell(&self, row: usize, column: usize, above: usize, before: usize) -> Cell {
        let place = || {
            let columns = self.columns(row.checked_sub(above)?);
            let at = column.checked_sub(before)?.checked_sub(columns.start)?;
            self.rows[above].get(at).copied()
        };
        place().unwrap_or(UNSEEN)
    }

    /// The best alignment of a beginning of either side, and how it ends.
    fn best(&self, row: usize, column: usize) -> (Cell, Move) {
        let (Some(above), Some(before)) = (row.checked_sub(1), column.checked_sub(1)) else {
            return (Cell { worth: 0.0, shared: 0 }, if column == 0 { Move::SkipOld } else { Move::SkipNew });
        };
        let (old, new) = (&self.old[above], &self.new[before]);
        let shared = old.shared(new);
        let offers = [
            (self.split(row, column, shared), Move::Split),
            (self.joined(row, column, shared), Move::Joined),
            (old.worth(new, shared), Move::Pair),
            (0.0, Move::SkipOld),
            (0.0, Move::SkipNew),
        ];
        let mut best = (UNSEEN, Move::SkipNew);
        for (gain, how) in offers {
            let (of_old, of_new) = how.takes();
            let worth = self.cell(row, column, of_old, of_new).worth + gain;
            let is_skip = matches!(how, Move::SkipOld | Move::SkipNew);
            if worth > best.0.worth && (is_skip || gain > 0.0) {
                best = (Cell { worth, shared }, how);
            }
        }
        best
    }

    /// What it is worth to hold the last old sentence against the last two new ones, of which it must have half each.
    fn split(&self, row: usize, column: usize, shared: usize) -> f64 {
        let [.., before, last] = &self.new[..column] else { return 0.0 };
        if !last.is_half(shared) || !before.is_half(self.cell(row, column, 0, 1).shared) {
            return 0.0;
        }
        let (old, both) = (&self.old[row - 1], before.with(last));
        old.worth(both, old.shared(both))
    }

    /// What it is worth to hold the last two old sentences, half of each at least, against the last new one.
    fn joined(&self, row: usize, column: usize, shared: usize) -> f64 {
        let [.., before, last] = &self.old[..row] else { return 0.0 };
        if !last.is_half(shared) || !before.is_half(self.cell(row, column, 1, 0).shared) {
            return 0.0;
        }
        let (new, both) = (&self.new[column - 1], before.with(last));
        both.worth(new, both.shared(new))
    }

    /// The moves from the beginning to the end.
    fn moves(&self) -> Vec<Move> {
        let (mut row, mut column) = (self.old.len(), self.new.len());
        let mut moves = Vec::new();
        while row > 0 || column > 0 {
            let at = column.checked_sub(self.columns(row).start).map(|at| row * self.width() + at);
            let how = at.and_then(|at| self.moves.get(at)).copied().unwrap_or(Move::SkipNew);
            let (of_old, of_new) = how.takes();
            debug_assert!(of_old <= row && of_new <= column, "a move stays inside of the table");
            (row, column) = (row.saturating_sub(of_old), column.saturating_sub(of_new));
            moves.push(how);
        }
        moves.reverse();
        moves
    }
}
