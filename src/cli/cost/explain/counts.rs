//! Token counts from a file, priced as a call at some moment would be.

use std::fs::File;
use std::io::Read;

use jiff::Timestamp;
use serde_json::Value;

use super::Args;
use super::item::Item;
use crate::chat::Usage;
use crate::cli::billing::{self, Served};
use crate::cli::cost::model::{self, Named};
use crate::cli::{Context, Done, catalogue, moment};
use crate::config::Settings;
use crate::error::{Error, ErrorKind};
use crate::provider::Provider;
use crate::wire::usage::{self, Unread};

/// The longest file that is read, in bytes: whole responses may hold long answers.
const LONGEST: u64 = 64 * 1024 * 1024;

pub(super) fn explain(file: &str, args: &Args, context: &Context) -> Done {
    let now = Timestamp::now();
    let at = args.at.as_deref().map_or(Ok(now), |text| moment::read(text, now)).map_err(|message| {
        Error::new(ErrorKind::Usage, format!("--at: {message}"))
            .hint("write `2026-11-18T02:00:00Z`, `2026-11-18 02:00`, a day, or a distance such as `-2h`")
    })?;
    let settings = Settings::load(&context.environment)?;
    let catalog = catalogue::open(&settings, &context.ui)?;
    let named = model::named(args.model.as_deref().unwrap_or_default(), &settings, &catalog)?;
    if let Some(region) = &args.region {
        priced_in(region, &named)?;
    }
    let value = parse(&read(file, context)?, file)?;
    let provider = named.provider.as_deref();
    let counts = counts(&value, provider, file)?;
    let counts = billing::counted(counts, &named.model);
    let place = provider.and_then(Provider::place);
    let served = Served { at, mode: args.mode, region: args.region.as_deref().or(place) };
    // What is asked for comes before what the response says.
    let counts = if args.region.is_some() { Usage { region: None, ..counts } } else { counts };
    let cost = billing::of_usage(&counts, Some(&named.model), &served);
    let item = Item::of_counts(&named.name, &counts, &served, cost);
    if args.json {
        return Ok(context.ui.out_clean(&format!("{}\n", item.object()))?);
    }
    item.print(&context.ui)
}

fn counts(value: &Value, provider: Option<&Provider>, file: &str) -> Result<Usage, Error> {
    let wrong = |what: String| Error::new(ErrorKind::Usage, format!("--usage: `{file}`: {what}"));
    if let Some((name, number)) = usage::wrong_count(value) {
        return Err(wrong(format!("`{name}` is {number}")).hint("a count is a whole number that is not below 0"));
    }
    usage::read(value, provider).map_err(|unread| match unread {
        Unread::SeveralCalls(_) => wrong(unread.to_string()).hint("explain one call at a time"),
        Unread::UnknownShape(_) => {
            wrong(unread.to_string()).hint("give the usage object of a response, or the whole response")
        }
    })
}

/// A region that is asked for must be one that the model's prices know: its usual price would look like that of the region.
fn priced_in(region: &str, named: &Named) -> Result<(), Error> {
    let Some(others) = named.model.pricing.as_ref().and_then(|pricing| pricing.regions_without(region)) else {
        return Ok(());
    };
    let error = Error::new(ErrorKind::Usage, format!("--region: `{}` has no price in `{region}`", named.name));
    Err(match others.as_slice() {
        [] => error.hint("leave it out: the same price holds everywhere"),
        others => error.hint(format!("there are {}; without `--region` the usual price holds", others.join(", "))),
    })
}

fn read(file: &str, context: &Context) -> Result<Vec<u8>, Error> {
    let cannot = |error: std::io::Error| {
        Error::new(ErrorKind::Usage, format!("--usage: cannot read `{file}`"))
            .caused_by(error)
            .hint("name a file of JSON, or `-` for stdin")
    };
    let mut bytes = Vec::new();
    if file == "-" {
        std::io::stdin().take(LONGEST + 1).read_to_end(&mut bytes).map_err(cannot)?;
    } else {
        let path = crate::config::paths::expand(file, &context.environment);
        File::open(path).and_then(|file| file.take(LONGEST + 1).read_to_end(&mut bytes)).map_err(cannot)?;
    }
    if bytes.len() as u64 > LONGEST {
        return Err(Error::new(ErrorKind::Usage, format!("--usage: `{file}` is longer than {} MiB", LONGEST >> 20)));
    }
    Ok(bytes)
}

/// One JSON value, or several one after the other.
fn parse(bytes: &[u8], file: &str) -> Result<Value, Error> {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start_matches('\u{FEFF}').trim();
    let values: Result<Vec<Value>, _> = serde_json::Deserializer::from_str(text).into_iter().collect();
    let wrong = |what: String| {
        Error::new(ErrorKind::Usage, format!("--usage: `{file}` is no JSON{what}"))
            .hint("give the usage object of a response, or the whole response")
    };
    let mut values = values.map_err(|error| wrong(format!(": {error}")))?;
    match values.len() {
        0 => Err(wrong(": it is empty".to_owned())),
        1 => Ok(values.remove(0)),
        _ => Ok(Value::Array(values)),
    }
}
