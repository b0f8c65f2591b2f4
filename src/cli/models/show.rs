//! The list as a table, as blocks where the terminal is narrow, and as JSON.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::SCHEMA;
use super::gather::{Gathered, Live, Row};
use crate::catalog::price::Unit;
use crate::catalog::{Abilities, Kind, Model};
use crate::cli::report::error_value;
use crate::cli::route::tokens;
use crate::cli::session::Session;
use crate::cli::{Context, Done};
use crate::error::Error;
use crate::money::Rate;
use crate::ui::sanitize::clean_line;
use crate::ui::table::Table;

/// An ability: how to find it, its word, its letter.
type Ability = (fn(Abilities) -> Option<bool>, &'static str, char);

const ABILITIES: &[Ability] = &[
    (|can| can.tools, "tools", 't'),
    (|can| can.json_schema, "schema", 's'),
    (|can| can.reasoning, "reasoning", 'r'),
    (|can| can.vision, "vision", 'v'),
    (|can| can.pdf, "pdf", 'p'),
];

/// How much is said of each model.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Words {
    /// Abilities by their words.
    Long,
    /// Abilities by their letters.
    Short,
}

/// Prints the rows: abilities in words where they fit, else in letters, else each model as a block of two lines.
pub fn print(gathered: &Gathered, session: &Session, context: &Context) -> Done {
    let ui = &context.ui;
    let now = Timestamp::now();
    // Columns in a file or pipe are always the same.
    let with_notes = !ui.stdout_is_terminal || gathered.rows.iter().any(|row| !notes(row).is_empty());
    let table = |words| table(&gathered.rows, words, with_notes, now);
    let (long, width) = (table(Words::Long), ui.width());
    let short = (ui.stdout_is_terminal && !long.fits(width)).then(|| table(Words::Short));
    match &short {
        None => ui.table(&long)?,
        Some(short) if short.fits(width) => ui.table(short)?,
        Some(_) => ui.out_clean(&blocks(&gathered.rows, now))?,
    }
    let letters = if short.is_some() { legend() } else { String::new() };
    ui.note(&format!("{}{letters}", sources(gathered, session)));
    Ok(())
}

fn sources(gathered: &Gathered, session: &Session) -> String {
    let catalog = &session.catalog;
    let from = catalog.updated_from().map_or("built in".to_owned(), |from| format!("updated from {from}"));
    let models = if gathered.rows.len() == 1 { "model" } else { "models" };
    format!("{} {models}; dollars per million tokens; catalogue of {} ({from})", gathered.rows.len(), catalog.as_of())
}

fn legend() -> String {
    let letters = ABILITIES.iter().map(|(_, word, letter)| format!("{letter} {word}"));
    format!("\ncan: {}; ? unknown", letters.collect::<Vec<_>>().join(", "))
}

fn table(rows: &[Row], words: Words, with_notes: bool, now: Timestamp) -> Table {
    let heads = ["model", "window", "can", "input", "output", "priced"];
    let mut table =
        Table::new(heads.into_iter().chain(with_notes.then_some("note"))).whole(&[0, 2, 5]).right(&[1, 3, 4]);
    for row in rows {
        let mut cells = facts(row, words, now).to_vec();
        cells.insert(0, row.name());
        cells.extend(with_notes.then(|| notes(row)));
        table.row(cells);
    }
    table
}

/// Window, abilities, input, output, date of the price; every one is there, so that columns can be counted.
fn facts(row: &Row, words: Words, now: Timestamp) -> [String; 5] {
    let model = &row.model;
    let unknown = if words == Words::Short { "?" } else { "unknown" };
    let or_unknown = |text: Option<String>| text.unwrap_or_else(|| unknown.to_owned());
    let (input, output) = prices(model, now);
    let output = match (model.kind, output) {
        // Vectors are no tokens.
        (Kind::Embedding, None) => "-".to_owned(),
        (_, output) => or_unknown(output.map(dollars)),
    };
    [
        or_unknown(window(model).map(tokens)),
        or_unknown(abilities(model.abilities, words)),
        or_unknown(input.map(dollars)),
        output,
        or_unknown(priced(model)),
    ]
}

/// The longest prompt.
fn window(model: &Model) -> Option<u64> {
    model.max_input.or(model.context)
}

/// The abilities that are there; `-` when all are known to lack, `None` when nothing is known.
fn abilities(can: Abilities, words: Words) -> Option<String> {
    let known: Vec<(bool, &str, char)> =
        ABILITIES.iter().filter_map(|(find, word, letter)| Some((find(can)?, *word, *letter))).collect();
    let there = known.iter().filter(|(has, ..)| *has);
    let text = match words {
        Words::Long => there.map(|(_, word, _)| *word).collect::<Vec<_>>().join(","),
        Words::Short => there.map(|(_, _, letter)| *letter).collect(),
    };
    (!known.is_empty()).then(|| if text.is_empty() { "-".to_owned() } else { text })
}

/// The standard prices of this moment for a short prompt.
fn prices(model: &Model, now: Timestamp) -> (Option<Rate>, Option<Rate>) {
    let rates = model.rates(0, now);
    rates.map_or((None, None), |rates| (rates.get(Unit::Input), rates.get(Unit::Output)))
}

/// Dollars per million tokens, exact, with two decimals at least.
fn dollars(rate: Rate) -> String {
    let text = rate.per_million();
    match text.split_once('.') {
        None => format!("{text}.00"),
        Some((_, decimals)) if decimals.len() == 1 => format!("{text}0"),
        Some(_) => text,
    }
}

/// The day on which the price was last stated; `user` for the user's own.
fn priced(model: &Model) -> Option<String> {
    let source = &model.pricing.as_ref()?.source;
    let days = source.split([' ', ',']).filter(|word| word.parse::<jiff::civil::Date>().is_ok());
    let day = days.max().map(str::to_owned);
    Some(day.unwrap_or_else(|| if source == "user" { "yours".to_owned() } else { "just now".to_owned() }))
}

fn notes(row: &Row) -> String {
    let model = &row.model;
    let kind = match model.kind {
        Kind::Chat => None,
        Kind::Embedding => Some("embeddings".to_owned()),
        Kind::Completion => Some("completion".to_owned()),
    };
    let ends = model.deprecates.as_ref().map(|day| format!("ends {day}"));
    let status = match (model.status.as_deref(), ends) {
        (Some("retired"), _) => Some("retired".to_owned()),
        (Some("deprecated"), Some(ends)) => Some(format!("deprecated, {ends}")),
        (Some(status), _) => Some(status.to_owned()),
        (None, _) => None,
    };
    let live = match row.live {
        Some(Live::New) => Some("new"),
        Some(Live::Gone) => Some("gone"),
        Some(Live::Listed) | None => None,
    };
    let all = [live.map(str::to_owned), kind, status];
    all.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Each model in two lines, or three where there is something to note.
fn blocks(rows: &[Row], now: Timestamp) -> String {
    let mut text = String::new();
    for row in rows {
        let [window, can, input, output, priced] = facts(row, Words::Short, now);
        writeln!(text, "{}\n  {window} {can} {input}/{output} {priced}", clean_line(&row.name())).ok();
        let notes = notes(row);
        if !notes.is_empty() {
            writeln!(text, "  {notes}").ok();
        }
    }
    text
}

/// The object of `--json`.
pub fn object(gathered: &Gathered, session: &Session, error: Option<&Error>) -> Value {
    let catalog = &session.catalog;
    let now = Timestamp::now();
    let unanswered = gathered
        .unanswered
        .iter()
        .map(|unanswered| json!({"provider": unanswered.provider, "failure": unanswered.failure}));
    let mut object = json!({
        "schema": SCHEMA,
        "simulated": session.simulated(),
        "catalog": {"as_of": catalog.as_of(), "from": catalog.updated_from()},
        "models": gathered.rows.iter().map(|row| row_json(row, now)).collect::<Value>(),
        "unanswered": unanswered.collect::<Value>(),
    });
    if let Some(error) = error {
        object["error"] = error_value(error);
    }
    object
}

fn row_json(row: &Row, now: Timestamp) -> Value {
    let model = &row.model;
    let can = &model.abilities;
    let live = row.live.map(|live| match live {
        Live::Listed => "listed",
        Live::New => "new",
        Live::Gone => "gone",
    });
    json!({
        "name": row.name(),
        "provider": row.provider,
        "model": model.id,
        "kind": model.kind,
        "status": model.status,
        "usable": row.usable,
        "from_user": row.is_users,
        "live": live,
        "context": model.context,
        "max_input": model.max_input,
        "max_output": model.max_output,
        "abilities": {
            "tools": can.tools,
            "json_schema": can.json_schema,
            "reasoning": can.reasoning,
            "vision": can.vision,
            "pdf": can.pdf,
            "temperature": can.temperature,
            "system": can.system,
        },
        "released": model.released,
        "ends": model.deprecates,
        "price": price_json(model, now),
    })
}

/// Exact decimals of dollars per million tokens, by unit, at this moment; `null` when unknown.
fn price_json(model: &Model, now: Timestamp) -> Value {
    let (Some(pricing), Some(rates)) = (&model.pricing, model.rates(0, now)) else { return Value::Null };
    let per_million = |unit: Unit| rates.get(unit).map(Rate::per_million);
    json!({
        "unit": "usd_per_million_tokens",
        "input": per_million(Unit::Input),
        "output": per_million(Unit::Output),
        "cache_read": per_million(Unit::CacheRead),
        "cache_write": per_million(Unit::CacheWrite5m),
        "long_prompts_from": pricing.standard.tiers.iter().map(|tier| tier.above).min(),
        "source": pricing.source,
        "date": priced(model).filter(|day| day.starts_with(|first: char| first.is_ascii_digit())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;

    fn row(provider: &str, id: &str) -> Row {
        let model =
            Catalog::builtin().find(provider, id).unwrap_or_else(|| Model { id: id.to_owned(), ..Model::default() });
        Row { provider: provider.to_owned(), model, usable: true, is_users: false, live: None }
    }

    #[test]
    fn what_is_unknown_is_never_0() {
        let unknown = row("nobody", "x");
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(facts(&unknown, Words::Short, now), ["?"; 5]);
        assert_eq!(facts(&unknown, Words::Long, now), ["unknown"; 5]);
        assert_eq!(row_json(&unknown, now)["price"], Value::Null);
        assert_eq!(row_json(&unknown, now)["abilities"]["tools"], Value::Null);
    }

    #[test]
    fn prices_have_two_decimals_at_least_and_all_that_count() {
        let shown = |text: &str| dollars(Rate::parse_per_million(text).expect("a price"));
        assert_eq!(["0", "2.5", "15", "0.003625"].map(shown), ["0.00", "2.50", "15.00", "0.003625"]);
    }

    #[test]
    fn notes_tell_what_is_special() {
        assert_eq!(notes(&row("openai", "gpt-4o")), "");
        assert_eq!(notes(&row("openai", "gpt-4o-2024-05-13")), "deprecated, ends 2026-10-23");
        assert_eq!(notes(&row("openai", "gpt-4o-audio-preview")), "retired");
        let new = Row { live: Some(Live::New), ..row("openai", "text-embedding-3-small") };
        assert_eq!(notes(&new), "new, embeddings");
    }

    #[test]
    fn no_block_is_wider_than_a_narrow_terminal_but_for_its_name() {
        let rows = [row("openai", "gpt-5.4"), row("openai", "gpt-4o-2024-05-13"), row("nobody", "x")];
        let blocks = blocks(&rows, Timestamp::UNIX_EPOCH);
        assert!(blocks.lines().all(|line| line.chars().count() <= 40), "{blocks}");
    }

    #[test]
    fn a_name_makes_no_line_of_its_own() {
        let blocks = blocks(&[row("nobody", "x\nopenai/gpt-5.4")], Timestamp::UNIX_EPOCH);
        assert!(blocks.starts_with("nobody/x openai/gpt-5.4\n"), "{blocks}");
    }

    #[test]
    fn a_price_has_the_latest_day_of_its_sources() {
        assert_eq!(priced(&row("openai", "gpt-4o").model).as_deref(), Some("2026-11-12"));
    }
}
