//! Rollouts: a canary that grows while the evidence is good, an A/B split with a report, a shadow that is asked and not
//! shown. Pure: who is asked follows from a key, time is an argument, and what must outlive the process is plain data.

pub mod arm;
pub mod assign;
pub mod canary;
pub mod fixed;
pub mod interval;
pub mod moments;
pub mod report;
pub mod sequential;
pub mod shadow;

pub use arm::{Arm, Seen};
pub use canary::{CanaryPlan, CanaryState, Measure, Verdict};
pub use interval::Interval;
pub use moments::Moments;
pub use report::Report;
pub use shadow::{NotShadowed, ShadowPlan};

#[cfg(test)]
mod tests;
