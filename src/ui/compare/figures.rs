//! Figures as a reader wants them: few digits, the same width for what is alike, `-` for what is unknown.

use std::time::Duration;

use super::ModelView;

/// A time: `0.31s`, `12.3s`, `2m05s`, `1h02m`.
pub(in crate::ui) fn time(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    let whole = time.as_secs();
    match seconds {
        ..9.995 => format!("{seconds:.2}s"),
        ..99.95 => format!("{seconds:.1}s"),
        ..3600.0 => format!("{}m{:02}s", whole / 60, whole % 60),
        _ => format!("{}h{:02}m", whole / 3600, whole / 60 % 60),
    }
}

/// A number with its thousands set apart.
pub(in crate::ui) fn count(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap_or_default()).collect();
    groups.join(",")
}

/// How many times: `2.6`, `31`.
pub(super) fn ratio(ratio: f64) -> String {
    if ratio < 19.95 { format!("{ratio:.1}") } else { format!("{ratio:.0}") }
}

/// A likeness from 0 to 1: `.71`, and `-` for what is none.
pub(super) fn likeness(likeness: f64) -> String {
    if likeness.is_finite() { format!("{likeness:.2}").replace("0.", ".") } else { "-".to_owned() }
}

/// What stands beside a model's name: its time, its tokens, its cost and its likeness, as far as they are known;
/// or why there is no answer.
pub(super) fn remarks(model: &ModelView, is_baseline: bool) -> Vec<String> {
    if let Some(reason) = &model.failure {
        let time = model.total.map(time);
        return time.into_iter().chain([format!("failed: {reason}")]).collect();
    }
    [
        model.total.map(time),
        model.tokens_out.map(|tokens| format!("{} tok", count(tokens))),
        model.cost.clone(),
        model.similarity.filter(|_| !is_baseline).map(|similarity| format!("sim {similarity:.2}")),
    ]
    .into_iter()
    .flatten()
    .collect()
}
