//! The line after an answer: who served, the tokens, the cost, the time, and what else is to be known of it.

use crate::cli::report::{self, RunCost};
use crate::exec::Attempt;
use crate::route::Plan;

/// `openai/gpt-5.4-mini · 12 in, 34 out · $0.00022 · 1.2 s`.
pub(super) fn line(attempt: &Attempt, cost: RunCost, plan: &Plan, left_out: usize) -> String {
    let first = plan.candidates.first().map(|first| &first.target).filter(|first| **first != attempt.target);
    let mut parts = vec![
        report::served_by(attempt),
        report::tokens_words(attempt.reply.usage.as_ref()),
        cost.to_string(),
        format!("{:.1} s", attempt.timing.total.as_secs_f64()),
    ];
    parts.extend(first.map(|first| format!("in place of {first}")));
    parts.extend((left_out > 0).then(|| format!("without the {left_out} oldest turns")));
    parts.join(" · ")
}
