//! `llmx log search`: runs by what was said in them, the best first.

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::{SCHEMA, cost, list, print, select, when};
use crate::cli::{Context, Done};
use crate::ledger::{Hit, Ledger, Piece};
use crate::ui::Ui;
use crate::ui::sanitize::clean_line;
use crate::ui::style::Style;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  llmx log search borrow checker
  llmx log search '\"borrow checker\" rust* -python'
  llmx log search 東京の天気 -n 5")]
pub struct Args {
    /// Words that must be found, in prompts or answer
    ///
    /// A run fits that holds all of them, in any case, with accents or without. `"a phrase"` is found word by word, `begin*`
    /// by its beginning, and a run with `-word` in it is left out: put these in quotes for the shell, as in the examples.
    #[arg(value_name = "WORDS", required = true)]
    pub(super) words: Vec<String>,
    /// Show so many runs
    #[arg(short = 'n', long, value_name = "N", default_value_t = 10)]
    pub(super) number: usize,
    /// Print one JSON object
    #[arg(long)]
    pub(super) json: bool,
}

/// Runs the command.
pub fn run(args: &Args, context: &Context, ledger: &Ledger) -> Done {
    let text = args.words.join(" ");
    if args.json {
        let query = select::query(&text, "", context, ledger)?;
        let hits = ledger.search(&query, args.number)?;
        let runs: Vec<Value> = hits.iter().map(as_json).collect();
        return print(context, &format!("{}\n", json!({ "schema": SCHEMA, "search": text, "runs": runs })));
    }
    find(&text, args.number, context, ledger)
}

/// Shows the best runs for a text.
pub fn find(text: &str, number: usize, context: &Context, ledger: &Ledger) -> Done {
    let query = select::query(text, "", context, ledger)?;
    let hits = ledger.search(&query, number)?;
    if number == 0 {
        return Ok(());
    }
    if hits.is_empty() {
        context.ui.note("nothing found; beginnings are found with a star, as in `begin*`");
        return Ok(());
    }
    let (zone, ui) = (TimeZone::system(), &context.ui);
    let blocks: Vec<String> = hits.iter().map(|hit| block(hit, &zone, ui)).collect();
    // Each part is clean: only the marks of hits are sequences for the terminal, and they are ours.
    Ok(ui.out(&blocks.join("\n"))?)
}

fn block(hit: &Hit, zone: &TimeZone, ui: &Ui) -> String {
    let run = &hit.run;
    let head = [run.short.clone(), when(run.started_ms, zone), list::outcome(run)];
    let target = run.target.iter().cloned();
    let facts: Vec<String> = target.chain([cost(run.spent, run.attempts)]).collect();
    let width = ui.width();
    let line = |parts: &[String], between: &str, width: usize| {
        let parts: Vec<String> = parts.iter().map(|part| clean_line(part)).collect();
        list::beside(&parts, between, width)
    };
    format!(
        "{}\n  {}\n  {}: {}\n",
        line(&head, "  ", width),
        line(&facts, " · ", width.saturating_sub(2)),
        hit.role,
        marked(&hit.excerpt, ui.color_out)
    )
}

/// The excerpt in one line. Without colour hits stand in brackets.
fn marked(excerpt: &[Piece], color: bool) -> String {
    let piece = |piece: &Piece| {
        let text = clean_line(&piece.text);
        match (piece.is_hit, color) {
            (false, _) => text,
            (true, true) => (Style::YELLOW | Style::BOLD).paint(&text, true),
            (true, false) => format!("[{text}]"),
        }
    };
    excerpt.iter().map(piece).collect()
}

fn as_json(hit: &Hit) -> Value {
    let mut value = list::summary_json(&hit.run);
    value["role"] = json!(hit.role);
    value["excerpt"] = hit.excerpt.iter().map(|piece| json!({ "text": piece.text, "hit": piece.is_hit })).collect();
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hits_are_marked_and_nothing_in_them_drives_the_terminal() {
        let piece = |text: &str, is_hit| Piece { text: text.to_owned(), is_hit };
        let excerpt = [piece("a\n\u{1b}[31m ", false), piece("hit\u{9b}0m", true), piece(" end", false)];
        let plain = marked(&excerpt, false);
        assert!(plain.contains("[hit") && !plain.contains(['\u{1b}', '\u{9b}', '\n']), "{plain:?}");
        let colored = marked(&excerpt, true);
        assert_eq!(colored.matches('\u{1b}').count(), 2, "only the mark itself: {colored:?}");
    }
}
