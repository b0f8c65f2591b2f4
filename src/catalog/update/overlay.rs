//! Lays the facts of a public format over a table, line by line, in the table's own grammar.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::catalog::foreign::{Facts, Price, Stated};
use crate::catalog::price::Unit;
use crate::catalog::row;
use crate::catalog::table::{Entry, TITLE, Table};

/// The order of fields in a line; prices follow, and a field of another name keeps its place at the end.
const ORDER: &[&str] = &[
    "kind",
    "status",
    "responses-only",
    "context",
    "max_input",
    "max_output",
    "released",
    "ends",
    "can",
    "not",
    "tokenizer",
    "efforts",
    "budget",
    "reasoning-optional",
    "reasoning-always",
];

/// The text of `base` with `facts` over it; prices that they change are marked as from `source`.
pub(super) fn laid_over(base: &Table, facts: &Facts, source: &str, today: &str) -> String {
    let letter = ('a'..='z').find(|letter| base.source(*letter).is_none()).unwrap_or('z');
    let mut lines: BTreeMap<String, String> =
        base.starting_with("").map(|(key, entry)| (key.to_owned(), line(entry))).collect();
    for (key, stated) in facts {
        let (known, is_alias) = fields(base, key);
        let new = merged(base, key, known, stated, letter);
        // Another name of a model stays one as long as it is said to be the same.
        if !(is_alias && new == known) {
            lines.insert(key.clone(), new);
        }
    }
    let mut text = String::with_capacity(base.text().len() * 5 / 4);
    for comment in base.comments() {
        match comment.strip_prefix(TITLE) {
            Some(_) => writeln!(text, "{TITLE}{today}"),
            None => writeln!(text, "{comment}"),
        }
        .ok();
    }
    writeln!(text, "#source {letter} {source}").ok();
    for (key, fields) in lines {
        writeln!(text, "{}", format!("{key} {fields}").trim_end()).ok();
    }
    text
}

fn line(entry: Entry<'_>) -> String {
    match entry {
        Entry::Model(fields) => fields.to_owned(),
        Entry::Alias(id) => format!("={id}"),
    }
}

/// The fields that a key has now, and whether it is another model's name.
fn fields<'a>(base: &'a Table, key: &str) -> (&'a str, bool) {
    match base.find(key) {
        Some(Entry::Model(fields)) => (fields, false),
        Some(Entry::Alias(id)) => {
            let provider = key.split('/').next().unwrap_or_default();
            match base.find(&format!("{provider}/{id}")) {
                Some(Entry::Model(fields)) => (fields, true),
                _ => ("", false),
            }
        }
        None => ("", false),
    }
}

/// The name under which a field is replaced.
fn name(field: &str) -> &str {
    match field.split_once('=') {
        Some((name, _)) => name,
        None if ["embedding", "completion"].contains(&field) => "kind",
        None if ["beta", "deprecated", "retired"].contains(&field) => "status",
        None => field,
    }
}

fn is_price(field: &str) -> bool {
    !ORDER.contains(&name(field))
}

fn merged(base: &Table, key: &str, known: &str, stated: &Stated, letter: char) -> String {
    let mut fields: Vec<String> = known.split_ascii_whitespace().map(str::to_owned).collect();
    let words = [stated.kind, stated.status].into_iter().flatten().map(str::to_owned);
    let days = [("released", &stated.released), ("ends", &stated.ends)];
    let days = days.into_iter().filter_map(|(name, day)| Some(format!("{name}={}", day.as_ref()?)));
    for field in words.chain(windows(known, stated)).chain(days) {
        match fields.iter().position(|known| name(known) == name(&field)) {
            Some(at) => fields[at] = field,
            None => fields.push(field),
        }
    }
    fields.retain(|field| !["can", "not"].contains(&name(field)));
    fields.extend(abilities(known, stated));
    if let Some(price) = stated.price.as_ref().filter(|price| !is_same(base, key, known, price)) {
        fields.retain(|field| !is_price(field));
        fields.extend(card_fields(price));
        fields.push(format!("source={letter}"));
    }
    fields.sort_by_key(|field| ORDER.iter().position(|known| *known == name(field)).unwrap_or(ORDER.len()));
    fields.join(" ")
}

/// The windows as stated. A longest prompt is no whole window where the known one holds just that prompt and the answer.
fn windows(known: &str, stated: &Stated) -> impl Iterator<Item = String> {
    let count = |name: &str| value(known, name).and_then(|value| value.parse::<u64>().ok());
    let max_output = stated.max_output.or(count("max_output"));
    let sum = stated.context.zip(max_output).and_then(|(input, output)| input.checked_add(output));
    let (context, max_input) = match stated.max_input {
        None if sum.is_some() && sum == count("context") => (None, stated.context),
        max_input => (stated.context, max_input),
    };
    let counts = [("context", context), ("max_input", max_input), ("max_output", stated.max_output)];
    counts.into_iter().filter_map(|(name, count)| Some(format!("{name}={}", count?)))
}

fn value<'a>(fields: &'a str, wanted: &str) -> Option<&'a str> {
    fields.split_ascii_whitespace().find_map(|field| field.strip_prefix(wanted)?.strip_prefix('='))
}

/// `can=…` and `not=…` with what is stated over what is known.
fn abilities(known: &str, stated: &Stated) -> Vec<String> {
    let list = |field: &str, wanted: bool| {
        let names = value(known, field).into_iter().flat_map(|names| names.split(','));
        let kept = names.filter(|name| stated.abilities.iter().all(|(stated, has)| stated != name || *has == wanted));
        let mut names: Vec<&str> = kept.collect();
        for (name, _) in stated.abilities.iter().filter(|(_, has)| *has == wanted) {
            if !names.contains(name) {
                names.push(name);
            }
        }
        (!names.is_empty()).then(|| format!("{field}={}", names.join(",")))
    };
    [list("can", true), list("not", false)].into_iter().flatten().collect()
}

/// Whether the price that is known asks the same for input and output: then all that is known beside holds on.
fn is_same(base: &Table, key: &str, known: &str, price: &Price) -> bool {
    let (provider, id) = key.split_once('/').unwrap_or_default();
    let pricing = row::parse(provider, id, known, base).and_then(|model| model.pricing);
    let is_nothing = |rate: &Option<crate::money::Rate>| rate.is_none_or(|rate| rate.pico() == 0);
    pricing.is_some_and(|pricing| {
        let rates = pricing.standard.rates;
        let output = rates.get(Unit::Output);
        rates.get(Unit::Input) == Some(price.input)
            && (output == price.output || is_nothing(&output) && is_nothing(&price.output))
    })
}

fn card_fields(price: &Price) -> Vec<String> {
    let modes = price.modes.iter().map(|(mode, card)| format!("{mode}={}", rates(card)));
    std::iter::once(format!("price={}", card(price))).chain(modes).collect()
}

fn card(price: &Price) -> String {
    let tiers = price.tiers.iter().map(|(above, tier)| format!(";>{above}:{}", rates(tier)));
    std::iter::once(rates(price)).chain(tiers).collect()
}

fn rates(price: &Price) -> String {
    let output = price.output.map(|rate| format!("/{}", rate.per_million())).unwrap_or_default();
    let units = price.units.iter().map(|(unit, rate)| format!(",{unit}:{}", rate.per_million()));
    std::iter::once(price.input.per_million()).chain([output]).chain(units).collect()
}
