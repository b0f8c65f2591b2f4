//! What was found in logs: calls, each once, and what was passed over and why.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

use super::Call;

/// What was found in the logs of one origin so far.
#[derive(Debug, Default)]
pub struct Found {
    calls: Vec<Call>,
    /// Where in `calls` an id is.
    places: HashMap<String, usize>,
    /// What was passed over since it was last taken.
    passed: BTreeMap<Why, Passed>,
    /// The states that the counters of each session went through: a session that was forked repeats those of its parent.
    pub(super) sessions: HashMap<String, HashSet<[u64; 5]>>,
}

/// Something that was passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passed {
    /// How often.
    pub count: u64,
    /// The line where it was first, from 1; of a database, the row.
    pub line: u64,
}

/// Why something in a log is no call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// A line, an element or a value is no JSON.
    NotJson,
    /// The log ends in the middle of an entry.
    CutOff,
    /// An entry is longer than any that is read.
    TooLong,
    /// An entry has not the members that it must have.
    Shape,
    /// A call has no id, so it could be counted twice.
    Nameless,
    /// A call has no time, so it has no price.
    Timeless,
    /// Claude Code made the answer up itself.
    Synthetic,
    /// A fork repeats what its parent has done.
    Copied,
    /// A proxy answered out of its own cache.
    FromCache,
}

impl Why {
    /// Nothing is missing because of it.
    pub const fn is_harmless(self) -> bool {
        matches!(self, Self::Synthetic | Self::Copied | Self::FromCache)
    }

    /// The word for JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotJson => "not_json",
            Self::CutOff => "cut_off",
            Self::TooLong => "too_long",
            Self::Shape => "unknown_shape",
            Self::Nameless => "no_id",
            Self::Timeless => "no_time",
            Self::Synthetic => "synthetic",
            Self::Copied => "copied",
            Self::FromCache => "from_cache",
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NotJson => "no JSON",
            Self::CutOff => "cut off in the middle: the log goes on no further",
            Self::TooLong => "longer than 64 MB",
            Self::Shape => "of a shape that llmx does not know",
            Self::Nameless => "without an id",
            Self::Timeless => "without a time that can be read",
            Self::Synthetic => "made up by the tool itself, no model was asked",
            Self::Copied => "copied from the session that was forked, where they count",
            Self::FromCache => "answered out of the proxy's cache, nothing was sent",
        })
    }
}

impl Found {
    /// Takes the calls that were found since they were last taken, in the order in which they began.
    pub fn take_calls(&mut self) -> Vec<Call> {
        self.places.clear();
        std::mem::take(&mut self.calls)
    }

    /// Takes what was passed over since it was last taken.
    pub fn take_passed(&mut self) -> BTreeMap<Why, Passed> {
        std::mem::take(&mut self.passed)
    }

    /// Adds a call. One that is there already has grown: the last word on what it used counts, the first on when it began.
    pub(super) fn add(&mut self, call: Call) {
        match self.places.get(&call.id) {
            None => {
                self.places.insert(call.id.clone(), self.calls.len());
                self.calls.push(call);
            }
            Some(place) => {
                let known = &mut self.calls[*place];
                let Call { usage, duration, failed, rejected, claimed, .. } = call;
                *known = Call { usage, duration, failed, rejected, claimed, ..known.clone() };
            }
        }
    }

    /// Notes that something was passed over.
    pub(super) fn pass_over(&mut self, why: Why, line: u64) {
        self.passed.entry(why).or_insert(Passed { count: 0, line }).count += 1;
    }
}
