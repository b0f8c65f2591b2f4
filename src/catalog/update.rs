//! A newer table in the place of the embedded one: made of a text that the user names ([`read`]), stored as a text of the
//! table's own form with a seal in its first line, and opened again ([`open`]). Pure; whoever calls keeps the file.

mod overlay;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use super::foreign::FORMATS;
use super::price::Unit;
use super::table::{Entry, TITLE, Table, split};
use super::{Catalog, Model, row};
use crate::money::Rate;

/// The longest text that is taken, in bytes. The public ones have two million.
pub const LONGEST: usize = 32 * 1024 * 1024;

/// How the first line of a stored text begins.
const SEAL: &str = "#update ";

/// Where a new table comes from.
#[derive(Clone, Debug)]
pub struct Origin<'a> {
    /// What to call the source: the host of an address, the name of a file.
    pub name: &'a str,
    /// Today, `YYYY-MM-DD`: the day on which a source without a date of its own was read.
    pub today: &'a str,
}

/// A table to be stored, and what it changes.
#[derive(Clone, Debug)]
pub struct Update {
    /// The text to store, seal and all.
    pub stored: String,
    /// The source's format: `llmx`, `litellm` or `models.dev`.
    pub format: &'static str,
    /// The day whose facts it holds.
    pub as_of: String,
    /// Models that the source states.
    pub stated: usize,
    /// Models of the whole new table.
    pub models: usize,
    /// Models that were not known before, as `provider/id`.
    pub new: Vec<String>,
    /// Models that are no longer known.
    pub gone: Vec<String>,
    /// Models whose price for input or output changed.
    pub repriced: Vec<Repriced>,
}

/// A changed price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repriced {
    /// `provider/id`.
    pub model: String,
    /// Input and output before.
    pub before: (Option<Rate>, Option<Rate>),
    /// Input and output now.
    pub after: (Option<Rate>, Option<Rate>),
}

/// Why a text is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// What is wrong with it.
    pub message: String,
    /// Whether it is taken when the user insists.
    pub can_be_forced: bool,
}

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Refused {}

fn refused(message: impl Into<String>) -> Refused {
    Refused { message: message.into(), can_be_forced: false }
}

/// What the seal of a stored text says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Seal {
    /// The embedded table's day when it was made.
    over: String,
    /// Models that its source stated.
    stated: usize,
    /// Bytes after the first line, and their hash.
    bytes: usize,
    hash: u64,
    /// The source's name.
    from: String,
}

/// How a stored text opens.
#[derive(Debug)]
pub enum Opened {
    /// It holds.
    Catalog(Box<Catalog>),
    /// The embedded table is newer: llmx itself was updated since.
    Outdated,
}

/// Makes a table of a source's text. `current` is what holds now, without the user's own entries.
///
/// A table of llmx's own takes the embedded one's place; facts in a public format are laid over the embedded table: a price
/// that differs replaces the model's whole block of prices, so that no two price lists are mixed.
pub fn read(text: &str, origin: &Origin<'_>, current: &Catalog, force: bool) -> Result<Update, Refused> {
    if text.len() > LONGEST {
        return Err(refused(format!("it is longer than {} MiB", LONGEST >> 20)));
    }
    let text = text.trim_start_matches('\u{FEFF}');
    let (format, table, stated) = if text.trim_start().starts_with('#') { own(text)? } else { foreign(text, origin)? };
    let update = changes(format, &table, stated, origin, &current.table);
    check_size(&update, current, force)?;
    Ok(update)
}

/// The catalogue that a source's text holds, to be looked at beside the one in use.
pub fn catalogue_of(text: &str, origin: &Origin<'_>) -> Result<Catalog, Refused> {
    match open(read(text, origin, &Catalog::builtin(), true)?.stored) {
        Ok(Opened::Catalog(catalog)) => Ok(*catalog),
        Ok(Opened::Outdated) => Ok(Catalog::builtin()),
        Err(damaged) => Err(refused(damaged)),
    }
}

/// Opens a stored text. An error says why it is damaged.
pub fn open(stored: String) -> Result<Opened, String> {
    let (first, text) = stored.split_once('\n').ok_or("it has no second line")?;
    let seal = Seal::parse(first).ok_or("its first line is no seal of llmx")?;
    if text.len() != seal.bytes || hash(text.as_bytes()) != seal.hash {
        return Err("it is not as llmx wrote it".to_owned());
    }
    let start = first.len() + 1;
    let table = Table::after(stored, start);
    let embedded = Table::default();
    if seal.over != embedded.as_of() && table.as_of() < embedded.as_of() {
        return Ok(Opened::Outdated);
    }
    Ok(Opened::Catalog(Box::new(Catalog { table, from: Some(seal.from), stated: seal.stated, ..Catalog::default() })))
}

/// A table in llmx's own form, checked line by line.
fn own(text: &str) -> Result<(&'static str, Table, usize), Refused> {
    // A table that llmx stored may be handed on, seal and all.
    let text = if text.starts_with(SEAL) { text.split_once('\n').map_or("", |(_, rest)| rest) } else { text };
    if !text.starts_with(TITLE) {
        return Err(refused(format!("its first line is not `{TITLE}DATE`")));
    }
    // A text that came through Windows holds the same facts.
    let table = Table::of(text.replace("\r\n", "\n"));
    if table.as_of().parse::<jiff::civil::Date>().is_err() {
        return Err(refused(format!("`{}` is no day", table.as_of())));
    }
    let models = check(&table)?;
    Ok(("llmx", table, models))
}

/// Checks every line of a table and counts its models.
fn check(table: &Table) -> Result<usize, Refused> {
    let comments = table.comments().count();
    let mut before = "";
    let mut models = 0;
    for (number, line) in table.text().lines().enumerate().skip(comments) {
        let wrong = |what: &str| refused(format!("line {}: {what}", number + 1));
        let (key, entry) = split(line);
        let Some((provider, id)) = key.split_once('/').filter(|(provider, id)| !provider.is_empty() && !id.is_empty())
        else {
            return Err(wrong("it does not begin with `provider/id`"));
        };
        if key <= before {
            return Err(wrong(&format!("`{key}` is not in its place: lines are sorted, and each stands once")));
        }
        before = key;
        match entry {
            Entry::Alias(meant) => match table.find(&format!("{provider}/{meant}")) {
                Some(Entry::Model(_)) => {}
                _ => return Err(wrong(&format!("`{meant}` is no model of `{provider}`"))),
            },
            Entry::Model(fields) => {
                if row::parse(provider, id, fields, table).is_none() {
                    return Err(wrong(&format!("`{key}` has a field or a price that llmx does not understand")));
                }
                models += 1;
            }
        }
    }
    if models == 0 {
        return Err(refused("it holds no model"));
    }
    Ok(models)
}

/// Facts in a public format, laid over the embedded table.
fn foreign(text: &str, origin: &Origin<'_>) -> Result<(&'static str, Table, usize), Refused> {
    let root: Value = serde_json::from_str(text)
        .map_err(|error| refused(format!("it is neither a table of llmx nor JSON: {error}")))?;
    let Some(format) = FORMATS.iter().find(|format| (format.fits)(&root)) else {
        let known: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
        return Err(refused(format!("it is JSON, but of none of the formats {}", known.join(", "))));
    };
    let (name, facts) = (format.name, (format.read)(&root));
    let facts = facts.map_err(|error| refused(format!("{error} ({name} format)")))?;
    if facts.is_empty() {
        return Err(refused(format!("it holds no model ({name} format)")));
    }
    let source = format!("{} ({name}) {}", origin.name, origin.today);
    let table = Table::of(overlay::laid_over(&Table::default(), &facts, &source, origin.today));
    check(&table)?;
    Ok((name, table, facts.len()))
}

/// What is new, gone and changed, and the text to store.
fn changes(format: &'static str, table: &Table, stated: usize, origin: &Origin<'_>, current: &Table) -> Update {
    let (before, after) = (prices(current), prices(table));
    let missing = |from: &Prices, there: &Prices| -> Vec<String> {
        from.keys().filter(|key| !there.contains_key(*key)).cloned().collect()
    };
    let repriced = after.iter().filter_map(|(model, after)| {
        let before = *before.get(model)?;
        (before != *after).then(|| Repriced { model: model.clone(), before, after: *after })
    });
    let text = table.text();
    let seal = Seal {
        over: Table::default().as_of().to_owned(),
        stated,
        bytes: text.len(),
        hash: hash(text.as_bytes()),
        from: origin.name.replace(char::is_control, ""),
    };
    Update {
        stored: format!("{seal}\n{text}"),
        format,
        as_of: table.as_of().to_owned(),
        stated,
        models: after.len(),
        new: missing(&after, &before),
        gone: missing(&before, &after),
        repriced: repriced.collect(),
    }
}

/// Input and output price by key.
type Prices = BTreeMap<String, (Option<Rate>, Option<Rate>)>;

fn prices(table: &Table) -> Prices {
    let models = table.starting_with("").filter_map(|(key, entry)| match entry {
        Entry::Model(fields) => {
            let (provider, id) = key.split_once('/')?;
            Some((key.to_owned(), standard(row::parse(provider, id, fields, table)?)))
        }
        Entry::Alias(_) => None,
    });
    models.collect()
}

fn standard(model: Model) -> (Option<Rate>, Option<Rate>) {
    let rates = model.pricing.map(|pricing| pricing.standard.rates);
    rates.map_or((None, None), |rates| (rates.get(Unit::Input), rates.get(Unit::Output)))
}

/// A source that lost half of its models, or is older than what is known, is more likely broken than right.
fn check_size(update: &Update, current: &Catalog, force: bool) -> Result<(), Refused> {
    let forced = |message: String| if force { Ok(()) } else { Err(Refused { message, can_be_forced: true }) };
    let before = match update.format {
        "llmx" => prices(&current.table).len(),
        _ => current.stated,
    };
    if update.stated * 2 < before {
        forced(format!("it holds {} models where there were {before}", update.stated))?;
    }
    if update.as_of.as_str() < current.as_of() {
        forced(format!("it is of {}, and the catalogue in use is of {}", update.as_of, current.as_of()))?;
    }
    Ok(())
}

impl Seal {
    fn parse(line: &str) -> Option<Self> {
        let mut seal = Self::default();
        let (facts, from) = line.strip_prefix(SEAL)?.split_once(" from=")?;
        from.clone_into(&mut seal.from);
        for (name, value) in facts.split(' ').filter_map(|fact| fact.split_once('=')) {
            match name {
                "over" => value.clone_into(&mut seal.over),
                "models" => seal.stated = value.parse().ok()?,
                "bytes" => seal.bytes = value.parse().ok()?,
                "hash" => seal.hash = u64::from_str_radix(value, 16).ok()?,
                _ => {}
            }
        }
        Some(seal)
    }
}

impl fmt::Display for Seal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { over, stated, bytes, hash, from } = self;
        write!(formatter, "{SEAL}over={over} models={stated} bytes={bytes} hash={hash:016x} from={from}")
    }
}

/// A hash against accidents, word by word since it is computed at every start.
fn hash(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    let step = |hash: u64, word: &[u8; 8]| {
        (hash.rotate_left(5) ^ u64::from_le_bytes(*word)).wrapping_mul(0x517c_c1b7_2722_0a95)
    };
    words.iter().chain([&last]).fold(0, step)
}
