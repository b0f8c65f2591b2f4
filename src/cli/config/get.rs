//! `llmx config get`: one setting in force, or all below a name, with where it was set.

use super::{json_text, text};
use crate::cli::report::{error_json, told_as_json};
use crate::cli::{Context, Done};
use crate::config::edit::{self, Setting};
use crate::config::layer::{Layer, Owner, Source};
use crate::config::problem::sanitised;
use crate::config::show::{Entry, entries, origin_words};
use crate::config::suggest::nearest;
use crate::config::{Problem, Settings};
use crate::error::{Error, ErrorKind};

/// Print a setting in force, and say where it was set
///
/// A text is printed without quotes, everything else as in the file. The name of a table prints all that is set below it.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The setting, such as default or routes.smart.strategy
    #[arg(value_name = "KEY")]
    key: String,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub(super) fn run(args: &Args, context: &Context) -> Done {
    let done = get(args, context);
    if args.json { told_as_json(done, |error| error_json("llmx.config/1", error), &context.ui) } else { done }
}

fn get(args: &Args, context: &Context) -> Done {
    let setting = Setting::parse(&args.key).map_err(|message| Error::new(ErrorKind::Usage, message))?;
    let settings = Settings::load(&context.environment)?;
    let all = entries(&settings, &context.environment, true);
    let found: Vec<Entry> = all.iter().filter(|entry| is_at(entry, &setting.to_string())).cloned().collect();
    if found.is_empty() {
        return Err(not_set(&setting, &all));
    }
    if args.json {
        return Ok(context.ui.out_clean(&json_text(&settings, &found))?);
    }
    match found.as_slice() {
        [one] if one.key == setting.to_string() => {
            let value = one.value.as_str().map_or_else(|| one.value.to_string(), str::to_owned);
            context.ui.out_clean(&format!("{value}\n"))?;
            context.ui.note(&format!("`{setting}`: {}", sanitised(&origin_words(&one.origin))));
            Ok(())
        }
        several => Ok(context.ui.out(&text(several))?),
    }
}

/// Whether an entry is the setting, or one below it.
fn is_at(entry: &Entry, setting: &str) -> bool {
    entry.key.strip_prefix(setting).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn not_set(setting: &Setting, all: &[Entry]) -> Error {
    if let Some(problem) = unknown(setting) {
        let error = Error::new(ErrorKind::Usage, format!("there is no setting `{setting}`"));
        return problem.help.into_iter().fold(error, Error::hint);
    }
    let error = Error::new(ErrorKind::Other, format!("`{setting}` is not set"));
    let name = setting.to_string();
    let near = nearest(&name, all.iter().map(|entry| entry.key.as_str()));
    error.hint(near.map_or_else(
        || format!("`llmx config show` lists what is set; `llmx config set {setting} VALUE` sets it"),
        |near| format!("did you mean `{near}`?"),
    ))
}

/// What is wrong with the name of a setting: what a file is told that holds nothing else.
fn unknown(setting: &Setting) -> Option<Problem> {
    let text = edit::set("", setting, &0.into()).ok()?;
    let layer = Layer::read(Source { path: String::new(), text, owner: Owner::User, open_to_others: false });
    layer.problems.into_iter().find(|problem| problem.message.starts_with("unknown setting"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_unknown_when_a_file_would_be_told_so() {
        for (name, help) in [
            ("defualt", Some("did you mean `default`?")),
            ("routes.r.strategi", Some("did you mean `strategy`?")),
            ("providers.x.base_ulr", Some("did you mean `base_url`?")),
            ("log.kep", Some("did you mean `keep`?")),
            ("default", None),
            ("routes.r.strategy", None),
            ("routes.r.timeout.idle", None),
            ("aliases.anything", None),
            ("budgets.routes.r.daily", None),
        ] {
            let found = unknown(&Setting::parse(name).expect("a name"));
            assert_eq!(found.and_then(|problem| problem.help).as_deref(), help, "{name}");
        }
    }
}
