//! What earlier requests have shown of a model: how long it takes, how often it fails, how much it says. Kept as small sums
//! that fade with time, in [`Cell`]s: one for all requests to a target, and others for those of one size, hour or sort, and
//! for those of the last hour or so.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::provider::TargetId;

/// Prompts of up to so many tokens are of the sizes 0, 1 and 2; longer ones of size 3.
const SIZES: [u64; 3] = [1_000, 8_000, 32_000];

/// Each bucket of a histogram is this much wider than the one before it.
const RATIO: f64 = 1.15;
/// The first bucket ends at this many seconds.
const SHORTEST: f64 = 0.001;

/// What sort of request it is, as far as that changes how long it takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sort {
    /// Expected tokens of the prompt.
    pub prompt: u64,
    /// The hour of the day in UTC, from 0.
    pub hour: u8,
    /// Asked as a stream.
    pub stream: bool,
    /// Tools are offered.
    pub tools: bool,
}

impl Sort {
    /// The sort of a request with a prompt of that many tokens, at a moment.
    pub fn at(now: Timestamp, prompt: u64, stream: bool, tools: bool) -> Self {
        let hour = now.as_second().div_euclid(3600).rem_euclid(24);
        Self { prompt, hour: u8::try_from(hour).unwrap_or(0), stream, tools }
    }
}

/// Which requests a cell is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CellKey {
    /// All to the target.
    All,
    /// Those of a size of prompt.
    Size(u8),
    /// Those in an hour of the day, UTC.
    Hour(u8),
    /// Those of late, of any sort: what is slow or broken just now shows here within a few requests.
    Recent,
    /// Those in an hour, of a size, streamed or not, with tools or without.
    Exact {
        /// The hour.
        hour: u8,
        /// The size.
        size: u8,
        /// Streamed.
        stream: bool,
        /// With tools.
        tools: bool,
    },
}

impl CellKey {
    /// The cells that a request of that sort is part of, from the widest to the narrowest, and that of late.
    pub fn of(sort: Sort) -> [Self; 5] {
        let (hour, size) = (sort.hour % 24, size(sort.prompt));
        let exact = Self::Exact { hour, size, stream: sort.stream, tools: sort.tools };
        [Self::All, Self::Size(size), Self::Hour(hour), exact, Self::Recent]
    }

    /// All cells that a request in that hour of the day may be part of, whatever its size and shape.
    pub fn in_hour(hour: u8) -> Vec<Self> {
        let sizes = 0..=u8::try_from(SIZES.len()).unwrap_or(u8::MAX);
        let exact = sizes.clone().flat_map(|size| {
            let shapes = [(false, false), (false, true), (true, false), (true, true)];
            shapes.map(|(stream, tools)| Self::Exact { hour, size, stream, tools })
        });
        [Self::All, Self::Hour(hour), Self::Recent].into_iter().chain(sizes.map(Self::Size)).chain(exact).collect()
    }

    /// After this long, half of what a cell holds is forgotten. The narrower a cell, the slower it fills.
    const fn half_life(self) -> Duration {
        match self {
            Self::All | Self::Size(_) => Duration::from_hours(24),
            Self::Hour(_) | Self::Exact { .. } => Duration::from_hours(7 * 24),
            Self::Recent => Duration::from_mins(40),
        }
    }
}

/// As the ledger keeps it.
impl fmt::Display for CellKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => formatter.write_str("all"),
            Self::Size(size) => write!(formatter, "size {size}"),
            Self::Hour(hour) => write!(formatter, "hour {hour}"),
            Self::Recent => formatter.write_str("recent"),
            Self::Exact { hour, size, stream, tools } => {
                write!(formatter, "hour {hour} size {size} stream {} tools {}", u8::from(*stream), u8::from(*tools))
            }
        }
    }
}

/// The size of a prompt, from 0.
fn size(prompt: u64) -> u8 {
    u8::try_from(SIZES.iter().filter(|most| prompt > **most).count()).unwrap_or(u8::MAX)
}

/// What one attempt has shown.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Seen {
    /// It gave no whole answer, and that is the target's doing.
    pub failed: bool,
    /// It works, and withheld its answer: a failure that makes no outage more likely.
    pub withheld: bool,
    /// The answer ended at the limit of its length: whether and when it would have come to its own end is not known.
    pub truncated: bool,
    /// To the first content; `None` when there was none or the attempt failed.
    pub first_token: Option<Duration>,
    /// To the end of a whole answer; of an attempt that failed, the time that was lost with it.
    pub total: Option<Duration>,
    /// Tokens as the provider counted them.
    pub tokens: Option<Counted>,
}

/// Tokens of one answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// All of the prompt.
    pub input: u64,
    /// Of these, read from a cache.
    pub cache_read: u64,
    /// All of the answer, thinking included.
    pub output: u64,
    /// Of these, thinking.
    pub reasoning: u64,
    /// The prompt as it was expected before anybody counted it; 0 when that was not kept.
    pub expected: u64,
}

/// A weighted sum of logarithms: enough for a mean and its spread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Moments {
    /// How many values, faded.
    pub count: f64,
    /// Their sum.
    pub sum: f64,
    /// The sum of their squares.
    pub squares: f64,
}

impl Moments {
    fn add(&mut self, value: f64) {
        if value.is_finite() {
            *self = Self { count: self.count + 1.0, sum: self.sum + value, squares: self.squares + value * value };
        }
    }

    /// What is left of them when only that share counts.
    #[must_use]
    pub fn faded(self, left: f64) -> Self {
        Self { count: self.count * left, sum: self.sum * left, squares: self.squares * left }
    }

    /// The mean and the variance; `None` when there is nothing.
    pub fn mean_and_variance(self) -> Option<(f64, f64)> {
        if self.count <= 0.0 {
            return None;
        }
        let mean = self.sum / self.count;
        Some((mean, (self.squares / self.count - mean * mean).max(0.0)))
    }
}

/// Sums over the requests of one cell.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cell {
    /// When it was last added to.
    pub updated: Timestamp,
    /// Attempts that came to an end of their own, well or not.
    pub requests: f64,
    /// Attempts that failed.
    pub failures: f64,
    /// Logarithm of the seconds to the first content.
    pub first_token: Moments,
    /// Logarithm of the seconds from the first content to the end, for each token of the answer.
    pub each_token: Moments,
    /// Answers that came to their own end and were counted.
    pub counted: f64,
    /// Tokens of prompts, and of these from a cache.
    pub input: f64,
    /// See [`Cell::input`].
    pub cache_read: f64,
    /// Tokens of the answers in [`Cell::counted`], and of these thinking.
    pub output: f64,
    /// See [`Cell::output`].
    pub reasoning: f64,
    /// Answers that a limit cut short, and how far they came: they would have been at least so long.
    pub truncated: f64,
    /// See [`Cell::truncated`].
    pub truncated_output: f64,
    /// Of the prompts that were also expected to be of some size: what they were expected to be, and what they were.
    pub expected: f64,
    /// See [`Cell::expected`].
    pub as_counted: f64,
    /// Seconds that were lost with failed attempts.
    pub lost: f64,
    /// With how many of them.
    pub lost_counted: f64,
    /// Attempts that have failed since the last good answer. It does not fade: time since then says what it is worth.
    pub in_a_row: u32,
    /// When the first of these failed.
    pub failing_since: Timestamp,
    /// How many first contents came within the bounds of each bucket; buckets that are empty are left out. Kept for
    /// [`CellKey::All`] alone.
    pub histogram: Vec<(u16, f64)>,
}

impl Cell {
    /// What is left of it at a later moment, as a share.
    pub fn left(&self, key: CellKey, now: Timestamp) -> f64 {
        let quiet = Duration::try_from(now.duration_since(self.updated)).unwrap_or_default();
        0.5_f64.powf(quiet.as_secs_f64() / key.half_life().as_secs_f64())
    }

    /// It at a later moment, with what is old faded.
    #[must_use]
    pub fn at(&self, key: CellKey, now: Timestamp) -> Self {
        let left = self.left(key, now);
        Self {
            updated: self.updated.max(now),
            requests: self.requests * left,
            failures: self.failures * left,
            first_token: self.first_token.faded(left),
            each_token: self.each_token.faded(left),
            counted: self.counted * left,
            input: self.input * left,
            cache_read: self.cache_read * left,
            output: self.output * left,
            reasoning: self.reasoning * left,
            truncated: self.truncated * left,
            truncated_output: self.truncated_output * left,
            expected: self.expected * left,
            as_counted: self.as_counted * left,
            lost: self.lost * left,
            lost_counted: self.lost_counted * left,
            in_a_row: self.in_a_row,
            failing_since: self.failing_since,
            histogram: self.histogram.iter().map(|(bucket, weight)| (*bucket, weight * left)).collect(),
        }
    }

    /// It with one more attempt. Only whole answers tell how long one takes: failing fast must not look like speed.
    #[must_use]
    pub fn after(&self, key: CellKey, seen: &Seen, now: Timestamp) -> Self {
        let mut cell = self.at(key, now);
        if seen.truncated {
            cell.truncated += 1.0;
        } else {
            cell.requests += 1.0;
        }
        if seen.failed {
            cell.add_failure(seen, now);
            return cell;
        }
        cell.in_a_row = 0;
        if let Some(first) = seen.first_token {
            cell.first_token.add(first.as_secs_f64().max(SHORTEST).ln());
            // Only of all requests together are there enough to tell quantiles; without one, a cell is read in a fraction of the time.
            if key == CellKey::All {
                cell.add_to_histogram(first);
            }
        }
        if let Some(counted) = seen.tokens {
            cell.input += counted.input as f64;
            cell.cache_read += counted.cache_read as f64;
            if seen.truncated {
                cell.truncated_output += counted.output as f64;
            } else {
                cell.counted += 1.0;
                cell.output += counted.output as f64;
                cell.reasoning += counted.reasoning as f64;
            }
            if counted.expected > 0 {
                cell.expected += counted.expected as f64;
                cell.as_counted += counted.input as f64;
            }
            if let (Some(first), Some(total), 1..) = (seen.first_token, seen.total, counted.output) {
                let each = total.saturating_sub(first).as_secs_f64() / counted.output as f64;
                cell.each_token.add(each.max(1e-6).ln());
            }
        }
        cell
    }

    /// Answers that were counted, and their tokens without thinking.
    const fn said(&self) -> (f64, f64) {
        (self.counted, self.output - self.reasoning)
    }

    fn add_failure(&mut self, seen: &Seen, now: Timestamp) {
        self.failures += 1.0;
        if !seen.withheld {
            if self.in_a_row == 0 {
                self.failing_since = now;
            }
            self.in_a_row = self.in_a_row.saturating_add(1);
        }
        if let Some(lost) = seen.total {
            self.lost += lost.as_secs_f64();
            self.lost_counted += 1.0;
        }
    }

    fn add_to_histogram(&mut self, time: Duration) {
        let bucket = bucket(time);
        match self.histogram.binary_search_by_key(&bucket, |(bucket, _)| *bucket) {
            Ok(at) => self.histogram[at].1 += 1.0,
            Err(at) => self.histogram.insert(at, (bucket, 1.0)),
        }
    }

    /// The time within which that share of first contents came; `None` when fewer than `fewest` were seen.
    pub fn quantile(&self, share: f64, fewest: f64) -> Option<Duration> {
        let all: f64 = self.histogram.iter().map(|(_, weight)| weight).sum();
        if all < fewest || all <= 0.0 {
            return None;
        }
        let mut sum = 0.0;
        let reached = self.histogram.iter().find(|(_, weight)| {
            sum += weight;
            sum >= share * all
        });
        reached.or(self.histogram.last()).map(|(bucket, _)| end_of(*bucket))
    }
}

fn bucket(time: Duration) -> u16 {
    let bucket = (time.as_secs_f64().max(SHORTEST) / SHORTEST).log(RATIO).floor();
    // The logarithm of a positive number of seconds is far from these ends.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the range")]
    let bucket = bucket.clamp(0.0, 1000.0) as u16;
    bucket
}

fn end_of(bucket: u16) -> Duration {
    Duration::from_secs_f64(SHORTEST * RATIO.powi(i32::from(bucket) + 1))
}

/// All cells that matter for a decision.
#[derive(Clone, Debug, Default)]
pub struct Experience {
    targets: HashMap<TargetId, Cells>,
    /// Of all targets: answers that were counted, and their tokens without thinking.
    answers: (f64, f64),
}

/// The cells of one target. Their keys are in order and by themselves, where looking one up touches few of them.
#[derive(Clone, Debug, Default)]
pub struct Cells {
    keys: Vec<CellKey>,
    cells: Vec<Cell>,
}

impl Cells {
    /// One of them as it was when it was last added to.
    pub fn get(&self, key: CellKey) -> Option<&Cell> {
        self.cells.get(self.keys.binary_search(&key).ok()?)
    }

    fn insert(&mut self, key: CellKey, cell: Cell) {
        match self.keys.binary_search(&key) {
            Ok(at) => self.cells[at] = cell,
            Err(at) => {
                self.keys.insert(at, key);
                self.cells.insert(at, cell);
            }
        }
    }
}

impl Experience {
    /// Adds a cell.
    pub fn insert(&mut self, target: TargetId, key: CellKey, cell: Cell) {
        let cells = self.targets.entry(target).or_default();
        if key == CellKey::All {
            let before = cells.get(key).map_or((0.0, 0.0), Cell::said);
            let after = cell.said();
            self.answers = (self.answers.0 + after.0 - before.0, self.answers.1 + after.1 - before.1);
        }
        cells.insert(key, cell);
    }

    /// Answers that were counted, of whatever target, and their tokens without thinking: how long they are depends on what
    /// this user asks no less than on the model.
    pub const fn answers(&self) -> (f64, f64) {
        self.answers
    }

    /// All of a target's cells; `None` for one that was never seen.
    pub fn of(&self, target: &TargetId) -> Option<&Cells> {
        self.targets.get(target)
    }

    /// A target's cell as it was when it was last added to.
    pub fn cell(&self, target: &TargetId, key: CellKey) -> Option<&Cell> {
        self.of(target)?.get(key)
    }

    /// Adds what an attempt has shown to all the cells that it is part of: for simulations and replays, which keep no ledger.
    pub fn learn(&mut self, target: &TargetId, sort: Sort, seen: &Seen, now: Timestamp) {
        for key in CellKey::of(sort) {
            let after = |cell: &Cell| cell.after(key, seen, now);
            let cell = self.cell(target, key).map_or_else(|| after(&Cell::default()), after);
            self.insert(target.clone(), key, cell);
        }
    }
}

#[cfg(test)]
mod tests;
