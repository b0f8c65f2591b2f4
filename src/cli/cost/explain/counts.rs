//! Token counts from a file, priced as a call at some moment would be.

use std::fs::File;
use std::io::Read;

use jiff::Timestamp;
use serde_json::Value;

use super::Args;
use super::item::Item;
use crate::chat::Usage;
use crate::cli::billing::{self, Served};
use crate::cli::cost::model;
use crate::cli::{Context, Done, catalogue, moment};
use crate::config::Settings;
use crate::error::{Error, ErrorKind};
use crate::wire::usage;

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
    let value = parse(&read(file, context)?, file)?;
    let provider = named.provider.as_deref();
    let counts = usage::read(&value, provider).map_err(|unknown| {
        Error::new(ErrorKind::Usage, format!("--usage: `{file}`: {unknown}"))
            .hint("give the usage object of a response, or the whole response")
    })?;
    let counts = billing::counted(counts, &named.model);
    let place = provider.and_then(crate::provider::Provider::place);
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

/// One JSON value, or one in each line.
fn parse(bytes: &[u8], file: &str) -> Result<Value, Error> {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start_matches('\u{FEFF}').trim();
    serde_json::from_str(text).or_else(|error| {
        let lines: Result<Vec<Value>, _> =
            text.lines().filter(|line| !line.trim().is_empty()).map(serde_json::from_str).collect();
        lines.ok().filter(|lines| lines.len() > 1).map(Value::Array).ok_or_else(|| {
            Error::new(ErrorKind::Usage, format!("--usage: `{file}` is no JSON: {error}"))
                .hint("give the usage object of a response, or the whole response")
        })
    })
}
