//! What was spent in a quarter of an hour, and who spent it: the smallest sums that reports are made of.
//!
//! All time zones in use lie whole quarters of an hour apart, so days, weeks and months of any of them are whole quarters.

use std::collections::BTreeMap;
use std::ops::{AddAssign, SubAssign};

use crate::money::Usd;

/// Milliseconds in a quarter of an hour.
pub const QUARTER_MS: i64 = 15 * 60 * 1000;

/// Who spends: everything that reports can tell apart, conversations aside.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spender {
    /// The provider's name.
    pub provider: String,
    /// The model that was asked for, without its provider.
    pub model: String,
    /// The route that was asked for; empty for imports.
    pub route: String,
    /// The command (`complete`, …), or of an import where it comes from (`claude-code`, …).
    pub command: String,
    /// What the request was for: `main`, `hedge`, `shadow`, `probe` or `canary`.
    pub role: String,
    /// The project: the root of the git repository, or what the user named.
    pub project: Option<String>,
    /// `--tag k=v`.
    pub tags: BTreeMap<String, String>,
    /// Read from another tool's log.
    pub imported: bool,
}

/// Sums over requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Requests that were sent to a provider: every attempt of a run counts.
    pub requests: u64,
    /// Of these, those that gave no whole answer.
    pub failures: u64,
    /// Requests that may have been billed an unknown amount.
    pub unknown: u64,
    /// Requests of which the provider reported no token counts.
    pub uncounted: u64,
    /// Prompt tokens, those of caches included.
    pub input: u64,
    /// Of these, read from a cache.
    pub cache_read: u64,
    /// Of these, written to a cache.
    pub cache_write: u64,
    /// Answer tokens, reasoning included.
    pub output: u64,
    /// Of these, reasoning.
    pub reasoning: u64,
    /// Known costs.
    pub cost: Usd,
    /// Of these, what requests cost that gave no whole answer.
    pub failed_cost: Usd,
    /// What caches have saved: what prompt tokens would have cost without a cache, less what they did cost. Below nothing
    /// when more was paid for writing than was saved by reading.
    pub saved: Usd,
}

/// What one spender spent in one quarter of an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The quarter, counted from 1970 UTC: milliseconds since then over [`QUARTER_MS`], rounded down.
    pub quarter: i64,
    /// The spender's number in [`Spending::spenders`].
    pub spender: u32,
    /// What was spent.
    pub sums: Sums,
}

/// One request, as far as it matters for percentiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// The quarter of an hour in which it was sent, as in [`Cell::quarter`].
    pub quarter: i64,
    /// The spender's number in [`Spending::spenders`].
    pub spender: u32,
    /// What it cost; `None` is unknown.
    pub cost: Option<Usd>,
    /// How long it took, in milliseconds.
    pub total_ms: u64,
}

/// What was spent between two moments.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spending {
    /// Who spent, by number.
    pub spenders: BTreeMap<u32, Spender>,
    /// What, in no order.
    pub cells: Vec<Cell>,
}

impl AddAssign for Sums {
    fn add_assign(&mut self, other: Self) {
        self.combine(&other, u64::saturating_add, i128::saturating_add);
    }
}

/// What was added may be taken back: a call that was imported has grown.
impl SubAssign for Sums {
    fn sub_assign(&mut self, other: Self) {
        self.combine(&other, u64::saturating_sub, i128::saturating_sub);
    }
}

impl Sums {
    fn combine(&mut self, other: &Self, count: fn(u64, u64) -> u64, amount: fn(i128, i128) -> i128) {
        for (sum, more) in [
            (&mut self.requests, other.requests),
            (&mut self.failures, other.failures),
            (&mut self.unknown, other.unknown),
            (&mut self.uncounted, other.uncounted),
            (&mut self.input, other.input),
            (&mut self.cache_read, other.cache_read),
            (&mut self.cache_write, other.cache_write),
            (&mut self.output, other.output),
            (&mut self.reasoning, other.reasoning),
        ] {
            *sum = count(*sum, more);
        }
        for (sum, more) in
            [(&mut self.cost, other.cost), (&mut self.failed_cost, other.failed_cost), (&mut self.saved, other.saved)]
        {
            *sum = Usd::from_pico(amount(sum.pico(), more.pico()));
        }
    }
}
