//! A run as Markdown for people. What was said stands in fences that nothing in it can end, so that it is read as it was and
//! makes no heading, link or markup of its own.

use std::fmt::Write as _;

use jiff::tz::TimeZone;

use crate::cli::log::{cost, ending, one_line, role, when, whole, words};
use crate::ledger::RunDetail;
use crate::money::Usd;
use crate::ui::sanitize::clean;

/// The run as a section; the first of a conversation has the conversation's heading.
pub fn section(run: &RunDetail, is_new: bool, zone: &TimeZone) -> String {
    let (start, end) = (&run.start, run.end.as_ref());
    let mut text = String::new();
    if is_new {
        writeln!(text, "# Conversation {}\n", code(&start.conversation)).ok();
    }
    let model = end.and_then(|end| end.served_by.as_deref()).map_or_else(|| "nobody".to_owned(), code);
    let spent = run.spent();
    let exact = |usd: Usd| serde_json::json!(usd).as_str().map(|usd| format!("${usd}"));
    let cost = whole(spent).and_then(exact).unwrap_or_else(|| cost(spent, run.attempts.len()));
    writeln!(text, "## {}\n", when(start.started_ms, zone)).ok();
    writeln!(text, "- run: {}", code(&start.id)).ok();
    writeln!(text, "- answered by: {model}").ok();
    writeln!(text, "- outcome: {}", ending(end.map(|end| end.exit_code))).ok();
    writeln!(text, "- cost: {cost}\n").ok();
    let mut said = |title: &str, words: &str| {
        if !words.is_empty() {
            writeln!(text, "### {title}\n\n{}", fenced(words)).ok();
        }
    };
    said("system", start.system.as_deref().unwrap_or_default());
    for message in &start.messages {
        said(role(message), &words(message));
    }
    if let Some(end) = end {
        said("reasoning", &end.reasoning);
        said(if end.exit_code == 0 { "answer" } else { "partial answer" }, &end.answer);
    }
    if !start.keep_text {
        text.push_str("(what was said was not kept)\n\n");
    }
    text
}

/// The text in a fence that is longer than any run of backticks in it.
fn fenced(text: &str) -> String {
    let text = clean(text);
    let fence = "`".repeat(longest_run(&text).max(2) + 1);
    format!("{fence}text\n{}\n{fence}\n", text.trim_end_matches('\n'))
}

/// A name in backticks.
fn code(name: &str) -> String {
    format!("`{}`", one_line(name, usize::MAX).replace('`', "'"))
}

fn longest_run(text: &str) -> usize {
    text.split(|character| character != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_ends_its_fence() {
        assert_eq!(fenced("plain"), "```text\nplain\n```\n");
        assert_eq!(fenced("a\n```rust\nx\n```\n\n"), "````text\na\n```rust\nx\n```\n````\n");
        assert_eq!(fenced("``````"), "```````text\n``````\n```````\n");
        assert!(!fenced("\u{1b}]0;title\u{7}").contains('\u{1b}'));
    }
}
