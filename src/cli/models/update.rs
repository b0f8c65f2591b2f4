//! `llmx models update`: a newer catalogue from where the user says, checked whole before it takes the old one's place.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use super::SCHEMA;
use crate::catalog::Catalog;
use crate::catalog::update::{LONGEST, Origin, Repriced, Update, read};
use crate::cli::manual::UPDATE_SOURCES;
use crate::cli::report::failure_words;
use crate::cli::unreadable::unreadable;
use crate::cli::{Context, Done, block_on, catalogue};
use crate::config::local::is_exposed;
use crate::config::{self, Paths};
use crate::error::{Error, ErrorKind};
use crate::exec::fetch::{Bounds, whole};
use crate::exec::transport::Transport;
use crate::money::Rate;
use crate::ui::sanitize::clean_line;
use crate::wire::{HeaderValue, HttpRequest};

const BOUNDS: Bounds = Bounds { connect: Duration::from_secs(10), total: Duration::from_mins(2), bytes: LONGEST };

/// The most changes that are named one by one.
const SHOWN: usize = 20;

/// Take a newer catalogue from an address or a file
///
/// It is checked whole; on any error the old one stays. Entries of your own (the file that `catalog` names) always win.
#[derive(Debug, clap::Args)]
#[command(after_help = UPDATE_SOURCES)]
pub struct Args {
    /// An https address, or a file; `-` is stdin
    #[arg(value_name = "FROM", required_unless_present = "reset")]
    from: Option<String>,
    /// Take it though it has lost half of its models or is older
    #[arg(long, conflicts_with = "reset")]
    force: bool,
    /// Go back to the catalogue that is built in
    #[arg(long, conflicts_with = "from")]
    reset: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Runs the command; `as_json` is the `--json` of the list, which may stand before the word `update`.
pub fn run(args: &Args, as_json: bool, context: &mut Context) -> Done {
    if context.sim.is_some() {
        let error = Error::new(ErrorKind::Usage, "a simulation leaves the catalogue as it is");
        return Err(error.hint("leave out `--sim`"));
    }
    let paths = Paths::new(&context.environment);
    let as_json = as_json || args.json;
    match &args.from {
        Some(from) => update(args, from, as_json, &paths, context),
        None => reset(as_json, &paths, context),
    }
}

fn reset(as_json: bool, paths: &Paths, context: &Context) -> Done {
    let removed = config::catalogue::remove(paths)
        .map_err(|error| Error::new(ErrorKind::Other, "cannot remove the stored catalogue").caused_by(error))?;
    let as_of = Catalog::builtin().as_of().to_owned();
    if as_json {
        let object = json!({"schema": SCHEMA, "reset": removed, "catalog": {"as_of": as_of, "from": null}});
        return Ok(context.ui.out(&format!("{object}\n"))?);
    }
    let what = if removed { "the stored catalogue is removed" } else { "there was no stored catalogue" };
    Ok(context.ui.out(&format!("{what}; the built-in one of {as_of} is in use\n"))?)
}

fn update(args: &Args, from: &str, as_json: bool, paths: &Paths, context: &Context) -> Done {
    let (name, text) = fetch(from, context)?;
    let today = Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date().to_string();
    let current = catalogue::stored(paths, &context.ui);
    let origin = Origin { name: &name, today: &today };
    let update = read(&text, &origin, &current, args.force).map_err(|refused| {
        let error = Error::new(ErrorKind::Other, format!("`{from}` is not taken: {refused}"));
        let error = error.hint(format!("the catalogue of {} stays in use", current.as_of()));
        if refused.can_be_forced { error.hint("`--force` takes it all the same") } else { error }
    })?;
    let path = config::catalogue::store(paths, &update.stored)
        .map_err(|error| Error::new(ErrorKind::Other, "cannot store the catalogue").caused_by(error))?;
    if as_json {
        return Ok(context.ui.out_clean(&format!("{}\n", object(&update, &name)))?);
    }
    context.ui.out_clean(&told(&update, &name))?;
    context.ui.detail(&format!("stored as {}", path.display()));
    Ok(())
}

/// What the source is called, and its text.
fn fetch(from: &str, context: &Context) -> Result<(String, String), Error> {
    let is_address = from.contains("://");
    let bytes = if is_address { block_on(download(from))? } else { read_file(from, context)? };
    let text = String::from_utf8(bytes)
        .map_err(|_| Error::new(ErrorKind::Other, format!("`{from}` is not taken: it is not UTF-8")))?;
    let name = if is_address {
        from.split_once("://").and_then(|(_, rest)| rest.split(['/', '?', '#']).next()).unwrap_or_default().to_owned()
    } else {
        Path::new(from).file_name().map_or_else(|| "stdin".to_owned(), |name| name.to_string_lossy().into_owned())
    };
    Ok((if name == "-" { "stdin".to_owned() } else { name }, text))
}

fn read_file(from: &str, context: &Context) -> Result<Vec<u8>, Error> {
    let path = crate::config::paths::expand(from, &context.environment);
    let cannot = |error| unreadable(format!("`{from}`"), &path, error);
    let mut bytes = Vec::new();
    let limit = LONGEST as u64 + 1;
    if from == "-" {
        std::io::stdin().take(limit).read_to_end(&mut bytes).map_err(cannot)?;
    } else {
        File::open(&path).and_then(|file| file.take(limit).read_to_end(&mut bytes)).map_err(cannot)?;
    }
    Ok(bytes)
}

async fn download(from: &str) -> Result<Vec<u8>, Error> {
    let usage = |message: String| Error::new(ErrorKind::Usage, message);
    let lower = from.to_ascii_lowercase();
    if !lower.starts_with("https://") && (!lower.starts_with("http://") || is_exposed(&lower)) {
        return Err(usage("a catalogue comes from an https address, from this machine, or from a file".to_owned()));
    }
    if from.split(['/', '?', '#']).nth(2).is_some_and(|host| host.contains('@')) {
        return Err(usage("an address with a user or a password is not taken".to_owned()));
    }
    let accept = ("accept".to_owned(), HeaderValue::Plain("application/json, text/plain".to_owned()));
    let request =
        HttpRequest { method: "GET", url: from.to_owned(), headers: vec![accept], body: serde_json::Value::Null };
    let failed = |words: String, code: u8| {
        Error::new(ErrorKind::from_exit_code(code), format!("cannot fetch the catalogue: {words}"))
    };
    let response = whole(&Transport::default(), &request, BOUNDS).await;
    let response = response.map_err(|failure| failed(failure_words(&failure), failure.class.rule().exit_code))?;
    if response.is_success() {
        return Ok(response.body);
    }
    let status = response.head.status;
    let moved = response.head.header("location").filter(|_| (300..400).contains(&status));
    let error = failed(format!("HTTP {status}"), ErrorKind::Provider.exit_code());
    Err(moved.map_or(error, |to| error_with_target(status, to)))
}

/// A redirect is told, not followed: what is trusted is the address that the user named.
fn error_with_target(status: u16, to: &str) -> Error {
    let message = format!("cannot fetch the catalogue: HTTP {status}, redirected");
    Error::new(ErrorKind::Provider, message).hint(format!("name the address it points to: {to}"))
}

fn told(update: &Update, name: &str) -> String {
    let Update { format, as_of, stated, models, new, gone, repriced, .. } = update;
    let mut text =
        format!("catalogue of {as_of} from {name} ({format} format, {stated} models): {models} models in all\n");
    let lists = [
        ("new", new.clone()),
        ("gone", gone.clone()),
        ("price changed", repriced.iter().map(Repriced::to_string).collect()),
    ];
    if lists.iter().all(|(_, list)| list.is_empty()) {
        return text + "nothing has changed\n";
    }
    for (what, list) in lists.iter().filter(|(_, list)| !list.is_empty()) {
        text.extend([format!("{what}: {}\n", list.len())]);
        text.extend(list.iter().take(SHOWN).map(|line| format!("  {}\n", clean_line(line))));
        if list.len() > SHOWN {
            text.extend([format!("  … and {} more\n", list.len() - SHOWN)]);
        }
    }
    text
}

impl std::fmt::Display for Repriced {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = |(input, output): (Option<Rate>, Option<Rate>)| {
            let one = |rate: Option<Rate>| rate.map_or_else(|| "unknown".to_owned(), Rate::per_million);
            format!("{}/{}", one(input), one(output))
        };
        write!(formatter, "{} {} -> {}", self.model, shown(self.before), shown(self.after))
    }
}

fn object(update: &Update, name: &str) -> serde_json::Value {
    let rates = |(input, output): (Option<Rate>, Option<Rate>)| json!({"input": input.map(Rate::per_million), "output": output.map(Rate::per_million)});
    let repriced = update.repriced.iter().map(
        |repriced| json!({"name": repriced.model, "before": rates(repriced.before), "after": rates(repriced.after)}),
    );
    json!({
        "schema": SCHEMA,
        "catalog": {"as_of": update.as_of, "from": name, "format": update.format},
        "stated": update.stated,
        "models": update.models,
        "new": update.new,
        "gone": update.gone,
        "repriced": repriced.collect::<serde_json::Value>(),
    })
}
