//! The report's sentences.

use std::fmt;

use super::{ALIKE_RATE, ALIKE_RATIO, Comparison, Told};
use crate::route::rollout::interval::Interval;
use crate::route::rollout::{Measure, interval};

/// How a measure is told: when the other arm has less of it, when it has more, and when both have the same.
fn words(measure: Measure) -> (&'static str, &'static str, &'static str) {
    match measure {
        Measure::Errors => ("'s failure rate is {} lower", "'s failure rate is {} higher", " fails as often as"),
        Measure::FirstToken => ("'s first token is {} earlier", "'s first token is {} later", " starts as fast as"),
        Measure::Total => (" is {} faster", " is {} slower", " is as fast as"),
        Measure::Cost => (" is {} cheaper", " is {} dearer", " costs as much as"),
    }
}

/// A change of a measure in its unit.
fn amount(measure: Measure, text: &str) -> String {
    match measure {
        // A difference of percentages is no percentage.
        Measure::Errors => text.replace(" %", " points"),
        _ => text.to_owned(),
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { measure, first, other, values: (n, m), change, told } = self;
        let (less, more, same) = words(*measure);
        match (told, change) {
            (Told::Differs, Some(change)) => {
                let Interval { lower, upper } = change.always;
                let (sentence, range) = if change.value < 0.0 {
                    (less, Interval { lower: -upper, upper: -lower })
                } else {
                    (more, change.always)
                };
                let by = amount(*measure, &interval::percent(change.value.abs()));
                write!(formatter, "{other}{} ({})", sentence.replace("{}", &by), amount(*measure, &range.percent()))
            }
            (Told::Alike, _) => {
                let within = if *measure == Measure::Errors { ALIKE_RATE } else { ALIKE_RATIO };
                write!(formatter, "{other}{same} {first}, within {}", amount(*measure, &interval::percent(within)))
            }
            (Told::TooFew { more }, _) => {
                write!(formatter, "{measure} of {other}: too few to tell: {n} and {m} {}", counted(*measure))?;
                more.map_or(Ok(()), |more| write!(formatter, "; at this rate about {more} more"))
            }
            (Told::Unknown, _) | (Told::Differs, None) => {
                write!(formatter, "{measure} of {other}: nothing to compare with {first}")
            }
        }
    }
}

/// What the values of a measure are.
fn counted(measure: Measure) -> &'static str {
    match measure {
        Measure::Errors => "requests",
        Measure::FirstToken | Measure::Total => "answers",
        Measure::Cost => "answers of known cost",
    }
}
