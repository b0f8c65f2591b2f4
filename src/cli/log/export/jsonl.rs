//! A run as one line of JSON: what was said, as messages in the order in which they were said, and what is known of it.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::cli::log::{SCHEMA, ending, role, whole, words};
use crate::ledger::RunDetail;

/// The run as an object.
pub fn line(run: &RunDetail) -> Value {
    let (start, end, spent) = (&run.start, run.end.as_ref(), run.spent());
    let counted = || run.attempts.iter().filter_map(|attempt| attempt.end.as_ref()?.buckets);
    let tokens = |count: fn(&crate::ledger::record::StoredBuckets) -> u64| {
        counted().next().map(|_| counted().map(|buckets| count(&buckets)).fold(0, u64::saturating_add))
    };
    let moment = |milliseconds: i64| Timestamp::from_millisecond(milliseconds).ok().map(|moment| moment.to_string());
    json!({
        "schema": SCHEMA,
        "id": start.id,
        "conversation": start.conversation,
        "started": moment(start.started_ms),
        "ended": end.and_then(|end| moment(end.ended_ms)),
        "command": start.command,
        "route": start.route,
        "model": end.and_then(|end| end.served_by.as_deref()),
        "outcome": ending(end.map(|end| end.exit_code)),
        "exit_code": end.map(|end| end.exit_code),
        "finish": end.and_then(|end| end.finish.as_deref()),
        "attempts": run.attempts.len(),
        "input_tokens": tokens(|buckets| buckets.input_total),
        "output_tokens": tokens(|buckets| buckets.output_total),
        "cost": whole(spent),
        "unknown_costs": spent.unknown,
        "project": start.project,
        "tags": start.tags,
        "text_kept": start.keep_text,
        "messages": messages(run),
    })
}

fn messages(run: &RunDetail) -> Vec<Value> {
    let said = |role: &str, content: &str| json!({ "role": role, "content": content });
    let mut messages: Vec<Value> = run.start.system.iter().map(|system| said("system", system)).collect();
    messages.extend(run.start.messages.iter().map(|message| said(role(message), &words(message))));
    if let Some(end) = run.end.as_ref().filter(|end| !end.answer.is_empty() || !end.reasoning.is_empty()) {
        let mut answer = said("assistant", &end.answer);
        if !end.reasoning.is_empty() {
            answer["reasoning"] = json!(end.reasoning);
        }
        messages.push(answer);
    }
    messages
}
