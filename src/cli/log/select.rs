//! Which runs are meant, as arguments say it.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::cli::Context;
use crate::cli::args::parse_tag;
use crate::cost::range::{EXAMPLES, named};
use crate::error::{Error, ErrorKind};
use crate::ledger::{Filter, Ledger, Query};
use crate::ui::counted;

/// Which runs.
#[derive(Debug, Default, PartialEq, Eq, clap::Args)]
#[command(next_help_heading = "Which runs")]
pub struct FilterArgs {
    /// Only those in which these words were said
    ///
    /// Words, "phrases", beginnings* and -exclusions, as in `llmx log search`.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    search: Option<String>,
    /// Only those that asked a model with this in its name
    #[arg(short, long, value_name = "NAME")]
    model: Option<String>,
    /// Only those of this command, such as `complete`
    #[arg(long, value_name = "NAME")]
    command: Option<String>,
    /// Only those with this tag; repeatable
    #[arg(long = "tag", value_name = "KEY=VALUE", value_parser = parse_tag)]
    tags: Vec<(String, String)>,
    /// Only those of this project: its path or the end of it
    #[arg(long, value_name = "NAME")]
    project: Option<String>,
    /// Only those of the conversation of this run
    #[arg(long, value_name = "ID")]
    conversation: Option<String>,
    /// Only from this time on, such as `7d` or `2026-11-01`
    ///
    /// A span of the past, `today`, `yesterday`, `week`, `month`, a month, a day, or a day with a time.
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only up to this time; a day or month counts whole
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Only those that did not end well
    #[arg(long)]
    failed: bool,
}

impl FilterArgs {
    /// Nothing is asked for.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What the arguments mean; comparisons are meant only where their command is named.
///
/// Text that is to be searched for is brought into the index first.
pub fn filter(args: &FilterArgs, context: &Context, ledger: &Ledger) -> Result<Filter, Error> {
    let now = Timestamp::now().to_zoned(TimeZone::system());
    let conversation = args.conversation.as_deref().map(|id| super::find(id, ledger)).transpose()?;
    Ok(Filter {
        text: args.search.as_deref().map(|text| query(text, "--search: ", context, ledger)).transpose()?,
        model: args.model.clone(),
        command: args.command.clone(),
        conversation: conversation.map(|run| run.start.conversation),
        since_ms: args.since.as_deref().map(|text| moment(text, false, &now, "--since")).transpose()?,
        until_ms: args.until.as_deref().map(|text| moment(text, true, &now, "--until")).transpose()?,
        is_failed: args.failed,
        has_comparisons: false,
        tags: args.tags.clone(),
        project: args.project.clone(),
    })
}

/// A search, with all in the index that it may find.
pub fn query(text: &str, place: &str, context: &Context, ledger: &Ledger) -> Result<Query, Error> {
    let query = Query::parse(text).map_err(|error| {
        Error::new(ErrorKind::Usage, format!("{place}`{text}`: {error}"))
            .hint("write words, \"phrases\", beginnings* and -exclusions; `llmx log search --help` shows examples")
    })?;
    ledger.index(|left| {
        context.ui.note(&format!("the search learns what was said before: {} to go", counted(left, "message")));
    })?;
    Ok(query)
}

/// A moment in milliseconds since 1970 UTC: the beginning of what a text names, or its end.
fn moment(text: &str, is_end: bool, now: &Zoned, argument: &str) -> Result<i64, Error> {
    let found = named(text, now).map(|(begin, end)| if is_end { end } else { begin });
    let wrong = || Error::new(ErrorKind::Usage, format!("{argument}: `{text}` is no time; write {EXAMPLES}"));
    found.map(Timestamp::as_millisecond).ok_or_else(wrong)
}
