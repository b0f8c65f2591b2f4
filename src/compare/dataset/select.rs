//! Which rows of a data set are taken: a range of them, and a sample that is the same for the same seed.

use std::collections::BTreeSet;
use std::str::FromStr;

use crate::route::chance;

/// Rows from `start` to before `end`, counted from 0: `10:20`, `:20`, `10:`. A number alone is how many of the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The first row.
    pub start: usize,
    /// The row after the last; `None` for all that follow.
    pub end: Option<usize>,
}

impl Range {
    /// Whether a row is in it.
    pub fn contains(&self, index: usize) -> bool {
        index >= self.start && self.end.is_none_or(|end| index < end)
    }
}

impl FromStr for Range {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |text: &str| {
            let told = || {
                format!("`{text}` is no row; write `10:20` (from 0, the last one not included), `:20`, `10:` or `20`")
            };
            if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().map_err(|_| told()) } else { Err(told()) }
        };
        let open = |text: &str| if text.is_empty() { Ok(None) } else { number(text).map(Some) };
        let range = match text.trim().split_once(':') {
            Some((start, end)) => Self { start: open(start.trim())?.unwrap_or_default(), end: open(end.trim())? },
            None => Self { start: 0, end: Some(number(text.trim())?) },
        };
        match range.end {
            Some(end) if end <= range.start => {
                Err(format!("`{}` holds no row: its end is not behind its start", text.trim()))
            }
            _ => Ok(range),
        }
    }
}

/// Rows drawn by a seed: those whose number, hashed with it, is lowest. So a larger sample holds the smaller one, and a file
/// that grows at its end keeps most of it. Takes 8 bytes for each row drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// In the order of the file.
    indices: Vec<usize>,
}

impl Sample {
    /// Draws `size` of these rows; all of them when there are fewer.
    pub fn draw(indices: impl IntoIterator<Item = usize>, size: usize, seed: u64) -> Self {
        let mut lowest = BTreeSet::new();
        for index in indices {
            lowest.insert((chance::number(seed, index as u64), index));
            if lowest.len() > size {
                lowest.pop_last();
            }
        }
        let mut indices: Vec<usize> = lowest.into_iter().map(|(_, index)| index).collect();
        indices.sort_unstable();
        Self { indices }
    }

    /// Whether a row was drawn.
    pub fn contains(&self, index: usize) -> bool {
        self.indices.binary_search(&index).is_ok()
    }

    /// How many were drawn.
    pub fn len(&self) -> usize {
        self.indices.len()
    }

    /// Whether none was drawn.
    pub fn is_empty(&self) -> bool {
        self.indices.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_range_is_read_as_slices_are() {
        let range = |text: &str| text.parse::<Range>().map(|range| (range.start, range.end)).map_err(|_| ());
        assert_eq!(range("10:20"), Ok((10, Some(20))));
        assert_eq!(range(":20"), Ok((0, Some(20))));
        assert_eq!(range("10:"), Ok((10, None)));
        assert_eq!(range(":"), Ok((0, None)));
        assert_eq!(range(" 20 "), Ok((0, Some(20))));
        for wrong in ["-1:5", "5:-1", "a:b", "5:5", "9:3", "0", "", "1:2:3", "1.5", "99999999999999999999", "+1:"] {
            assert_eq!(range(wrong), Err(()), "{wrong}");
        }
        let range: Range = "2:4".parse().expect("a range");
        assert_eq!((0..6).filter(|index| range.contains(*index)).collect::<Vec<_>>(), [2, 3]);
    }

    #[test]
    fn a_sample_is_the_same_in_every_version() {
        assert_eq!(Sample::draw(0..100, 5, 7).indices, [1, 31, 44, 71, 84]);
    }

    #[test]
    fn every_row_is_drawn_equally_often() {
        let mut counts = [0_u32; 50];
        for seed in 0..2000 {
            let sample = Sample::draw(0..50, 10, seed);
            assert_eq!(sample.len(), 10);
            for index in sample.indices {
                counts[index] += 1;
            }
        }
        // 400 each, and a standard deviation of 18.
        assert!(counts.iter().all(|count| (320..480).contains(count)), "{counts:?}");
    }

    proptest! {
        #[test]
        fn a_sample_is_stable_and_grows_by_adding(rows in 0_usize..200, size in 0_usize..50, more in 0_usize..50, seed: u64) {
            let small = Sample::draw(0..rows, size, seed);
            prop_assert_eq!(&small, &Sample::draw((0..rows).rev(), size, seed));
            prop_assert_eq!(small.len(), size.min(rows));
            prop_assert_eq!(small.is_empty(), size.min(rows) == 0);
            let large = Sample::draw(0..rows, size + more, seed);
            prop_assert!(small.indices.is_sorted());
            prop_assert!((0..rows).all(|index| !small.contains(index) || large.contains(index)));
        }
    }
}
