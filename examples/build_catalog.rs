//! Builds `src/catalog/models.txt` from a file of model facts:
//! `cargo run --example build_catalog -- catalog.json src/catalog/models.txt`.
//!
//! The facts are one JSON object: `as_of`, `sources` (name → snapshot date) and `models`, a list of records. The lines'
//! grammar is told at the top of the table itself; `src/catalog/row.rs` reads it.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;

use serde_json::{Map, Value};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(facts), Some(table)) = (arguments.next(), arguments.next()) else {
        return Err("usage: build_catalog FACTS.json TABLE.txt".into());
    };
    std::fs::write(table, build(&std::fs::read_to_string(facts)?)?)?;
    Ok(())
}

/// The whole table.
fn build(facts: &str) -> Result<String, Box<dyn Error>> {
    let facts: Value = serde_json::from_str(facts)?;
    let records = facts["models"].as_array().ok_or("no list of models")?;
    let sources = sources(&facts);
    let mut lines = BTreeMap::new();
    let mut aliases: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for record in records {
        let (provider, id) = (text(record, "provider")?, text(record, "id")?);
        let fields = fields(record, &sources).map_err(|error| format!("{provider}/{id}: {error}"))?.join(" ");
        for alias in strings(&record["aliases"]) {
            aliases.entry(format!("{provider}/{alias}")).or_default().push(record);
        }
        lines.insert(format!("{provider}/{id}"), fields);
    }
    for (alias, meant) in aliases {
        if !lines.contains_key(&alias)
            && let Some(id) = meant_by(&meant)?
        {
            lines.insert(alias, format!("={id}"));
        }
    }
    let mut table = header(&facts, &sources)?;
    for (key, fields) in lines {
        writeln!(table, "{}", format!("{key} {fields}").trim_end())?;
    }
    Ok(table)
}

/// The id that an alias of these records stands for: of the newest that is still served, if all cost the same. Otherwise it is
/// no name: guessing a price is worse than asking.
fn meant_by<'a>(records: &[&'a Value]) -> Result<Option<&'a str>, Box<dyn Error>> {
    let prices: Vec<Vec<String>> = records.iter().map(|record| prices(record)).collect::<Result<_, _>>()?;
    let newest = records.iter().copied().max_by_key(|record| served_and_newest(record));
    let newest = newest.and_then(|record| record["id"].as_str());
    Ok(newest.filter(|_| prices.iter().all(|price| *price == prices[0])))
}

/// What orders records: those that are no longer served first, then by day and id.
fn served_and_newest(record: &Value) -> (bool, Option<&str>, Option<&str>) {
    (record["status"] != "retired", record["released"].as_str(), record["id"].as_str())
}

/// The letter of each source, in the order of the facts file.
fn sources(facts: &Value) -> Vec<(char, String)> {
    let names = facts["sources"].as_object().into_iter().flat_map(Map::keys);
    ('a'..='z').zip(names.cloned()).collect()
}

fn header(facts: &Value, sources: &[(char, String)]) -> Result<String, Box<dyn Error>> {
    let mut header = format!("# llmx's catalogue of models as of {}\n{GRAMMAR}", text(facts, "as_of")?);
    for (letter, name) in sources {
        let source = &facts["sources"][name];
        let snapshot = source["snapshot"].as_str().or(source["snapshots"][0].as_str()).ok_or("a source has no date")?;
        writeln!(header, "#source {letter} {name} {snapshot}")?;
    }
    Ok(header)
}

const GRAMMAR: &str = "\
# Facts only. One line a model, sorted by bytes; written by examples/build_catalog.rs, read by src/catalog/row.rs.
#   provider/id FIELD FIELD …      or, for another name of the same model:      provider/alias =id
# Prices are US dollars per million tokens. What is absent is unknown, never 0 or false. `can` lists what is known to be
# there, `not` what is known to lack. A price card is INPUT/OUTPUT,UNIT:PRICE,… and then, for every token of a long prompt,
# ;>TOKENS:CARD or ;>=TOKENS:CARD. `dated` cards held FROM..UNTIL (UNTIL itself not included), `hours` cards hold on those
# weekdays (1 is Monday) and hours of UTC. A price of 0 that only one source states is left out: it may mean `not known`.
";

/// The fields of one line.
fn fields(record: &Value, sources: &[(char, String)]) -> Result<Vec<String>, Box<dyn Error>> {
    let mut fields = Vec::new();
    for word in ["kind", "status"] {
        fields.extend(record[word].as_str().filter(|word| *word != "chat").map(str::to_owned));
    }
    if strings(&record["endpoints"]).eq(["responses"]) {
        fields.push("responses-only".to_owned());
    }
    for name in ["context", "max_input", "max_output"] {
        fields.extend(record[name].as_u64().map(|tokens| format!("{name}={tokens}")));
    }
    for (name, key) in [("released", "released"), ("ends", "deprecates")] {
        fields.extend(record[key].as_str().map(|date| format!("{name}={date}")));
    }
    fields.extend(abilities(record));
    fields.extend(tokenizer(&record["tokenizer"]));
    fields.extend(reasoning(&record["reasoning_options"]));
    let prices = prices(record)?;
    if !prices.is_empty() {
        fields.extend(prices);
        let known = strings(&record["sources"]).filter_map(|name| sources.iter().find(|(_, known)| *known == name));
        fields.push(format!("source={}", known.map(|(letter, _)| letter).collect::<String>()));
    }
    Ok(fields)
}

/// `can=…` and `not=…`. Where the flag is silent, the list of modalities speaks. Nothing asks whether a model is known to
/// lack audio or video, so that is left out.
fn abilities(record: &Value) -> Vec<String> {
    const ABILITIES: [(&str, &str, &str); 10] = [
        ("tools", "tools", ""),
        ("json_schema", "json_schema", ""),
        ("reasoning", "reasoning", ""),
        ("vision", "vision", "image"),
        ("pdf", "pdf", "pdf"),
        ("audio", "audio_in", "audio"),
        ("video", "video_in", "video"),
        ("temperature", "temperature_allowed", ""),
        ("system", "system_message", ""),
        ("streaming", "streaming", ""),
    ];
    let modalities = record["modalities"]["in"].as_array();
    let known = |flag: &str, modality: &str| {
        let listed = modalities.filter(|_| !modality.is_empty());
        record["caps"][flag].as_bool().or(listed.map(|listed| listed.iter().any(|input| input == modality)))
    };
    let list = |field: &str, wanted: bool| {
        let names = ABILITIES.iter().filter(|(_, flag, modality)| known(flag, modality) == Some(wanted));
        let names = names.map(|(name, ..)| *name).filter(|name| wanted || !["audio", "video"].contains(name));
        let names: Vec<&str> = names.collect();
        (!names.is_empty()).then(|| format!("{field}={}", names.join(",")))
    };
    [list("can", true), list("not", false)].into_iter().flatten().collect()
}

fn tokenizer(tokenizer: &Value) -> Option<String> {
    let family = tokenizer["family"].as_str()?;
    let encoding = tokenizer["encoding"].as_str().map(|encoding| format!(":{encoding}")).unwrap_or_default();
    Some(format!("tokenizer={family}{encoding}"))
}

fn reasoning(options: &Value) -> Vec<String> {
    let mut fields = Vec::new();
    for (key, end) in [("efforts", ""), ("efforts_at_least", ",…")] {
        let efforts: Vec<&str> = strings(&options[key]).collect();
        if !efforts.is_empty() {
            fields.push(format!("efforts={}{end}", efforts.join(",")));
        }
    }
    if let Some(budget) = options["budget_tokens"].as_object() {
        let bound = |name: &str| budget.get(name).and_then(Value::as_u64).map(|tokens| tokens.to_string());
        fields.push(format!("budget={}..{}", bound("min").unwrap_or_default(), bound("max").unwrap_or_default()));
    }
    for (key, word) in [("toggle", "reasoning-optional"), ("always_on", "reasoning-always")] {
        fields.extend((options[key] == true).then(|| word.to_owned()));
    }
    fields
}

/// The fields of prices; none where the price is not known.
fn prices(record: &Value) -> Result<Vec<String>, Box<dyn Error>> {
    if !record["price"].is_object() || record["zero_price"] == "unconfirmed" {
        return Ok(Vec::new());
    }
    let inclusive = record["tiers_inclusive"] == true;
    let standard = card(&record["price"], &record["tiers"], inclusive)?;
    let mut fields = vec![format!("price={standard}")];
    for mode in ["batch", "flex", "priority", "fast", "ultrafast"] {
        if record[mode].is_object() {
            fields.push(format!("{mode}={}", card(&record[mode], &record[mode]["tiers"], inclusive)?));
        }
    }
    for period in list(&record["schedule"]) {
        let card = card(&period["price"], &Value::Null, inclusive)?;
        fields.push(format!("hours={}{}={card}", text(period, "name")?, windows(period)));
    }
    for dated in list(&record["price_history"]) {
        let (from, until) = (dated["from"].as_str().unwrap_or(""), dated["until"].as_str().unwrap_or(""));
        fields.push(format!(
            "dated={from}..{until}={}",
            card(&dated["price"], &dated_tiers(&dated["price"])?, inclusive)?
        ));
    }
    for (region, price) in record["regions"].as_object().into_iter().flatten() {
        fields.push(format!("region.{region}={}", card(price, &price["tiers"], inclusive)?));
    }
    fields.extend(named("factors", &record["multipliers"]));
    fields.extend(named("fees", &record["fees"]));
    Ok(fields)
}

/// A price card: `INPUT/OUTPUT,UNIT:PRICE;>TOKENS:…`.
fn card(price: &Value, tiers: &Value, inclusive: bool) -> Result<String, Box<dyn Error>> {
    let mut card = rates(price)?;
    for tier in list(tiers) {
        let above = tier["above"].as_u64().ok_or("a tier without its threshold")?;
        write!(card, ";>{}{above}:{}", if inclusive { "=" } else { "" }, rates(tier)?)?;
    }
    Ok(card)
}

fn rates(price: &Value) -> Result<String, Box<dyn Error>> {
    let mut rates = rate(&price["input"]).ok_or("a price without input")?;
    if let Some(output) = rate(&price["output"]) {
        write!(rates, "/{output}")?;
    }
    for (key, value) in price.as_object().into_iter().flatten() {
        let unit = match key.as_str() {
            "input" | "output" | "above" | "tiers" => continue,
            key if key.starts_with("tier@") => continue,
            "cached_read" => "cache_read",
            "audio_cached_read" => "audio_cache_read",
            "image_cached_read" => "image_cache_read",
            unit => unit,
        };
        write!(rates, ",{unit}:{}", rate(value).ok_or("a price that is no number")?)?;
    }
    Ok(rates)
}

/// The members `tier@TOKENS.UNIT` of a dated price as a list of tiers.
fn dated_tiers(price: &Value) -> Result<Value, Box<dyn Error>> {
    let mut tiers: BTreeMap<u64, Map<String, Value>> = BTreeMap::new();
    for (key, value) in price.as_object().into_iter().flatten() {
        if let Some((above, unit)) = key.strip_prefix("tier@").and_then(|key| key.split_once('.')) {
            let tier = tiers.entry(above.parse()?).or_default();
            tier.insert("above".to_owned(), above.parse::<u64>()?.into());
            tier.insert(unit.to_owned(), value.clone());
        }
    }
    Ok(Value::Array(tiers.into_values().map(Value::Object).collect()))
}

/// `/DAYS@HOURS,HOURS` for each window; midnight as an end is 24:00.
fn windows(period: &Value) -> String {
    let window = |window: &Value| {
        let days = list(&window["weekdays"]).iter().map(Value::to_string).collect::<String>();
        let hours: Vec<String> = strings(&window["hours_utc"]).map(until_midnight).collect();
        format!("/{}@{}", if days.is_empty() { "1234567" } else { &days }, hours.join(","))
    };
    list(&period["windows"]).iter().map(window).collect()
}

fn until_midnight(hours: &str) -> String {
    hours.strip_suffix("-00:00").map_or_else(|| hours.to_owned(), |start| format!("{start}-24:00"))
}

/// `FIELD=NAME:NUMBER,…`, the members of members with both names.
fn named(field: &str, numbers: &Value) -> Option<String> {
    let mut pairs = Vec::new();
    for (name, value) in numbers.as_object()? {
        match number(value) {
            Some(number) => pairs.push(format!("{name}:{number}")),
            None => pairs.extend(
                value.as_object()?.iter().filter_map(|(part, value)| Some(format!("{name}.{part}:{}", number(value)?))),
            ),
        }
    }
    Some(format!("{field}={}", pairs.join(",")))
}

/// Dollars per million tokens, rounded to what llmx counts in: a pico-dollar a token. Only converted currencies are finer.
fn rate(value: &Value) -> Option<String> {
    let number = number(value)?;
    let is_finer = number.split_once('.').is_some_and(|(_, decimals)| decimals.len() > 6);
    Some(if is_finer { format!("{:.6}", value.as_f64()?).trim_end_matches('0').to_owned() } else { number })
}

/// A number in plain decimal notation.
fn number(value: &Value) -> Option<String> {
    match value.as_u64() {
        Some(whole) => Some(whole.to_string()),
        None => value.as_f64().map(|number| number.to_string()),
    }
}

fn text<'a>(record: &'a Value, key: &str) -> Result<&'a str, Box<dyn Error>> {
    record[key].as_str().ok_or_else(|| format!("`{key}` is missing").into())
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn strings(value: &Value) -> impl Iterator<Item = &str> {
    list(value).iter().filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_becomes_one_line_and_its_alias_another() {
        let facts = r#"{"as_of": "2026-11-22", "sources": {"somewhere": {"snapshot": "2026-11-20"}}, "models": [{
            "provider": "p", "id": "m-1", "kind": "chat", "status": "beta", "context": 1000, "aliases": ["m"],
            "endpoints": ["responses"], "caps": {"tools": true, "temperature_allowed": false}, "sources": ["somewhere"],
            "modalities": {"in": ["text", "image"], "out": ["text"]}, "tokenizer": {"family": "openai", "encoding": null},
            "reasoning_options": {"efforts_at_least": ["low"], "budget_tokens": {"min": 1}, "toggle": true},
            "price": {"input": 0.2, "output": 1e-3, "cached_read": 0.02}, "tiers_inclusive": true,
            "tiers": [{"above": 200, "input": 4, "output": 12}], "batch": {"input": 0.1},
            "price_history": [{"from": null, "until": "2026-01-01", "price": {"input": 1, "output": 2, "tier@9.input": 3}}],
            "schedule": [{"name": "night", "windows": [{"hours_utc": ["22:00-00:00"]}], "price": {"input": 0.1}}],
            "fees": {"by_context": {"low": 5}}}]}"#;
        let table = build(facts).expect("a table");
        let lines: Vec<&str> = table.lines().filter(|line| !line.starts_with("# ")).collect();
        assert_eq!(
            lines,
            [
                "#source a somewhere 2026-11-20",
                "p/m =m-1",
                "p/m-1 beta responses-only context=1000 can=tools,vision not=pdf,temperature tokenizer=openai \
                 efforts=low,… budget=1.. reasoning-optional price=0.2/0.001,cache_read:0.02;>=200:4/12 batch=0.1 \
                 hours=night/1234567@22:00-24:00=0.1 dated=..2026-01-01=1/2;>=9:3 fees=by_context.low:5 source=a",
            ]
        );
    }

    #[test]
    fn a_lone_zero_is_no_price_and_an_ambiguous_alias_no_name() {
        let facts = r#"{"as_of": "2026-11-22", "sources": {}, "models": [
            {"provider": "p", "id": "a", "aliases": ["x"], "zero_price": "unconfirmed", "price": {"input": 0, "output": 0}},
            {"provider": "p", "id": "b", "aliases": ["x"], "zero_price": "free", "price": {"input": 0, "output": 0}}]}"#;
        let table = build(facts).expect("a table");
        let lines: Vec<&str> = table.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(lines, ["p/a", "p/b price=0/0 source="]);
    }

    #[test]
    fn an_alias_of_records_with_one_price_is_the_newest_that_is_served() {
        let facts = r#"{"as_of": "2026-11-22", "sources": {}, "models": [
            {"provider": "p", "id": "m-1", "aliases": ["m"], "released": "2026-01-01", "price": {"input": 1, "output": 2}},
            {"provider": "p", "id": "m-2", "aliases": ["m"], "released": "2026-02-01", "price": {"input": 1, "output": 2}},
            {"provider": "p", "id": "m-3", "aliases": ["m"], "status": "retired", "released": "2026-03-01", "price": {"input": 1, "output": 2}},
            {"provider": "p", "id": "n-1", "aliases": ["n"], "price": {"input": 1, "output": 2}},
            {"provider": "p", "id": "n-2", "aliases": ["n"], "price": {"input": 1, "output": 3}}]}"#;
        let table = build(facts).expect("a table");
        let aliases: Vec<&str> = table.lines().filter(|line| !line.starts_with('#') && line.contains(" =")).collect();
        assert_eq!(aliases, ["p/m =m-2"]);
    }

    #[test]
    fn converted_prices_are_rounded_to_a_pico_dollar_a_token() {
        let rounded = |number: f64| rate(&number.into()).expect("a number");
        assert_eq!(
            [0.041_666_666_67, 1.142_857_143, 0.003_625, 2.0].map(rounded),
            ["0.041667", "1.142857", "0.003625", "2"]
        );
    }

    /// The facts are not part of the repository: they are looked for in `LLMX_CATALOG` or in a folder beside it.
    #[test]
    fn the_committed_table_is_what_the_facts_give() {
        let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/catalog");
        let folder = std::env::var("LLMX_CATALOG").unwrap_or_else(|_| beside.to_owned());
        let Ok(facts) = std::fs::read_to_string(format!("{folder}/catalog.json")) else { return };
        assert!(
            build(&facts).expect("a table") == include_str!("../src/catalog/models.txt"),
            "run build_catalog again"
        );
    }
}
