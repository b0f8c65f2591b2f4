//! `llmx log prune`: old texts are forgotten and the file shrinks; what was spent stays known.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use super::delete::confirm;
use super::{SCHEMA, print};
use crate::cli::{Context, Done};
use crate::config::schema::{parse_period, parse_size};
use crate::ledger::{Ledger, Prune, Pruned};
use crate::ui::counted;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  llmx log prune --older-than 90d
  llmx log prune --larger-than 200MB --dry-run
`keep` and `max_size` in `[log]` of the configuration do it once a day.")]
#[command(group(clap::ArgGroup::new("which").required(true).multiple(true).args(["older_than", "larger_than"])))]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own on the command line")]
pub struct Args {
    /// Forget what was said longer ago, such as 90d
    #[arg(long, value_name = "TIME", value_parser = parse_period)]
    pub(super) older_than: Option<Duration>,
    /// Forget the oldest down to this size, such as 200MB
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    pub(super) larger_than: Option<u64>,
    /// Forget single attempts too; only sums stay
    ///
    /// Without it each attempt stays with its tokens and its cost, and `llmx log` goes on to list the runs.
    #[arg(long, requires = "older_than")]
    pub(super) all: bool,
    /// Say what would be forgotten, and leave it
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Do not ask
    #[arg(short, long)]
    pub(super) yes: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(args: &Args, context: &Context, ledger: &mut Ledger) -> Done {
    let now_ms = Timestamp::now().as_millisecond();
    let milliseconds = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
    let before_ms = args.older_than.map(|time| now_ms.saturating_sub(milliseconds(time)));
    let parts = [
        before_ms.map(|_| Prune { before_ms, bytes: None, attempts: args.all }),
        args.larger_than.map(|bytes| Prune { before_ms: None, bytes: Some(bytes), attempts: false }),
    ];
    let parts: Vec<Prune> = parts.into_iter().flatten().collect();
    let mut would = Pruned::default();
    for part in &parts {
        // What is too old goes first, and may be enough.
        would = larger(would, ledger.would_prune(part, now_ms)?);
    }
    if args.dry_run {
        return tell(args, context, &would, ledger, "would be forgotten");
    }
    let is_short = args.larger_than.is_none_or(|most| ledger.file_size() <= most);
    if would == Pruned::default() && is_short {
        return tell(args, context, &would, ledger, "forgotten");
    }
    if would != Pruned::default() {
        let up_to = if args.larger_than.is_some() { "up to about " } else { "" };
        confirm(&format!("forget the text of {up_to}{}?", words(&would)), args.yes, context)?;
    }
    let mut pruned = Pruned::default();
    for part in &parts {
        let more = ledger.prune(part, now_ms)?;
        pruned.runs += more.runs;
        pruned.comparisons += more.comparisons;
        pruned.attempts += more.attempts;
    }
    if let Err(error) = ledger.shrink() {
        context.ui.warn(&format!("the file is as long as before: {error}; its space is used again"));
    }
    tell(args, context, &pruned, ledger, "forgotten")?;
    if let Some(most) = args.larger_than.filter(|most| ledger.file_size() > *most) {
        context.ui.warn(&format!(
            "the ledger is still larger than {}: what is left is what requests cost; `--older-than … --all` forgets that too",
            size(most)
        ));
    }
    Ok(())
}

fn larger(one: Pruned, other: Pruned) -> Pruned {
    Pruned {
        runs: one.runs.max(other.runs),
        comparisons: one.comparisons.max(other.comparisons),
        attempts: one.attempts.max(other.attempts),
    }
}

fn tell(args: &Args, context: &Context, pruned: &Pruned, ledger: &Ledger, what: &str) -> Done {
    if args.json {
        let value = json!({
            "schema": SCHEMA,
            "dry_run": args.dry_run,
            "pruned": { "runs": pruned.runs, "comparisons": pruned.comparisons, "attempts": pruned.attempts },
            "file_bytes": ledger.file_size(),
        });
        return print(context, &format!("{value}\n"));
    }
    let about = if args.dry_run && args.larger_than.is_some() { "up to about " } else { "" };
    context.ui.note(&format!(
        "{what}: {about}the text of {}; the ledger has {}, and what was spent stays known",
        words(pruned),
        size(ledger.file_size())
    ));
    Ok(())
}

fn words(pruned: &Pruned) -> String {
    let mut parts = vec![counted(pruned.runs, "run")];
    if pruned.comparisons > 0 {
        parts.push(counted(pruned.comparisons, "comparison"));
    }
    if pruned.attempts > 0 {
        parts.push(counted(pruned.attempts, "attempt"));
    }
    parts.join(", ")
}

/// A size for people, in decimal units.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{:.0} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_counts_are_said_in_words() {
        assert_eq!(
            (size(0).as_str(), size(1_234_567).as_str(), size(2_500_000_000).as_str()),
            ("0 kB", "1.2 MB", "2.5 GB")
        );
        assert_eq!(words(&Pruned { runs: 1, comparisons: 2, attempts: 0 }), "1 run, 2 comparisons");
    }
}
