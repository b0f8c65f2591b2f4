//! The price engine on worked examples, written down apart from the table, and on vectors that two other calculators agree on.

use proptest::prelude::*;

use super::*;
use crate::catalog::{Catalog, row};
use crate::chat::{Counting, Usage};

const NOON: &str = "2026-11-18T12:00:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().expect("a timestamp")
}

/// A model with those price fields, in the table's grammar.
fn priced(fields: &str) -> Model {
    row::parse("p", "m", fields, &crate::catalog::table::Table::default()).expect("price fields")
}

fn total(model: &Model, buckets: Buckets, mode: Mode, moment: &str) -> Option<String> {
    model.bill(&buckets, mode, at(moment)).total.map(Usd::to_decimal)
}

fn tokens(input: u64, output: u64) -> Buckets {
    Buckets { input, output, ..Buckets::default() }
}

#[test]
fn worked_examples_come_out_exactly() {
    use Mode::{Batch, Flex, Priority, Standard};
    let gpt_5 = "price=1.25/10,cache_read:0.125 batch=0.625/5,cache_read:0.0625 flex=0.625/5,cache_read:0.0625 \
                 priority=2.5/20,cache_read:0.25";
    let gpt_5_4 = "price=2.5/15,cache_read:0.25;>272000:5/22.5,cache_read:0.5";
    let sonnet_4_5 = "price=3/15,cache_read:0.3,cache_write_5m:3.75,cache_write_1h:6";
    let sonnet_4_6 = "price=3/15 dated=..2026-03-13=3/15;>200000:6/22.5";
    let gemini_pro = "price=1.25/10,cache_read:0.125;>200000:2.5/15,cache_read:0.25";
    let gemini_flash = "price=0.3/2.5,audio_in:1,audio_cache_read:0.1";
    let grok = "price=2/6,cache_read:0.3;>=200000:4/12";
    let deepseek = "price=0.3/1.2,cache_read:0.006 \
                    hours=off-peak/12345@00:00-01:00,04:00-06:00,10:00-24:00/67@00:00-24:00=0.15/0.6,cache_read:0.003";
    let thought = Buckets { input: 2000, cache_read: 8000, reasoning: 1200, ..tokens(0, 300) };
    let peak = Buckets { cache_read: 60_000, ..tokens(40_000, 2000) };
    let examples = [
        (1, "price=2.5/10", tokens(1000, 500), Standard, NOON, "0.0075"),
        (2, gpt_5, thought, Standard, NOON, "0.0185"),
        (3, gpt_5, thought, Flex, NOON, "0.00925"),
        (3, gpt_5, thought, Batch, NOON, "0.00925"),
        (3, gpt_5, thought, Priority, NOON, "0.037"),
        (4, gpt_5_4, Buckets { cache_read: 100_000, ..tokens(200_000, 2000) }, Standard, NOON, "1.095"),
        (5, gpt_5_4, tokens(272_000, 2000), Standard, NOON, "0.71"),
        (
            6,
            "price=0.2/1.2,cache_read:0.02,cache_write_5m:0.25",
            Buckets { cache_read: 20_000, cache_write_5m: 25_000, ..tokens(5000, 1000) },
            Standard,
            NOON,
            "0.00885",
        ),
        (
            7,
            sonnet_4_5,
            Buckets { cache_read: 50_000, cache_write_5m: 6000, cache_write_1h: 4000, ..tokens(2000, 1500) },
            Standard,
            NOON,
            "0.09",
        ),
        (8, sonnet_4_6, tokens(250_000, 2000), Standard, NOON, "0.78"),
        (8, sonnet_4_6, tokens(250_000, 2000), Standard, "2026-03-01T12:00:00Z", "1.545"),
        (11, gemini_pro, Buckets { reasoning: 3200, ..tokens(5000, 800) }, Standard, NOON, "0.04625"),
        (
            12,
            gemini_pro,
            Buckets { cache_read: 100_000, reasoning: 4000, ..tokens(150_000, 1000) },
            Standard,
            NOON,
            "0.475",
        ),
        (13, gemini_flash, Buckets { audio_in: 20_000, ..tokens(1000, 500) }, Standard, NOON, "0.02155"),
        (15, grok, Buckets { cache_read: 1000, reasoning: 900, ..tokens(3000, 300) }, Standard, NOON, "0.0135"),
        (16, grok, tokens(200_000, 1000), Standard, NOON, "0.812"),
        (
            17, // Without its fees and citations, which are not billed by the token buckets.
            "price=2/8,reasoning:3,citation:2",
            Buckets { reasoning: 73_997, ..tokens(33, 7163) },
            Standard,
            NOON,
            "0.279361",
        ),
        (18, deepseek, peak, Standard, "2026-11-18T02:00:00Z", "0.01476"),
        (18, deepseek, peak, Standard, NOON, "0.00738"),
        (18, deepseek, peak, Standard, "2026-11-22T02:00:00Z", "0.00738"),
    ];
    for (number, fields, buckets, mode, moment, expected) in examples {
        assert_eq!(
            total(&priced(fields), buckets, mode, moment).as_deref(),
            Some(expected),
            "example {number}, {moment}"
        );
    }
}

#[test]
fn the_table_gives_the_same_for_its_models() {
    let find = |provider, id| Catalog::builtin().find(provider, id).expect("known");
    let long = tokens(250_000, 2000);
    let sonnet = find("anthropic", "claude-sonnet-4-6");
    assert_eq!(total(&sonnet, long, Mode::Standard, NOON).as_deref(), Some("0.78"));
    assert_eq!(total(&sonnet, long, Mode::Standard, "2026-03-01T12:00:00Z").as_deref(), Some("1.545"));
    let deepseek = find("deepseek", "deepseek-v4-flash");
    let bill = deepseek.bill(&tokens(1000, 0), Mode::Standard, at("2026-11-22T02:00:00Z"));
    assert_eq!(bill.record.and_then(|record| record.period).as_deref(), Some("off-peak"));
}

#[test]
fn an_unknown_price_is_never_zero() {
    let bare = Model::default().bill(&tokens(10, 10), Mode::Standard, at(NOON));
    assert_eq!((bare.total, bare.record), (None, None));
    assert_eq!(bare.lines.iter().map(|line| (line.count, line.cost)).collect::<Vec<_>>(), [(10, None), (10, None)]);
    assert_eq!(total(&Model::default(), tokens(0, 0), Mode::Standard, NOON), None);
    let no_output = priced("price=1");
    assert_eq!(total(&no_output, tokens(10, 1), Mode::Standard, NOON), None);
    assert_eq!(total(&no_output, tokens(10, 0), Mode::Standard, NOON).as_deref(), Some("0.00001"));
    assert_eq!(total(&priced("price=0/0"), tokens(10, 1), Mode::Standard, NOON).as_deref(), Some("0"));
}

#[test]
fn a_mode_without_a_card_is_unknown_and_so_is_a_mode_on_other_dates() {
    let model = priced("price=2/4 flex=1/2 dated=..2026-01-01=8/8 dated=2027-01-01..=9/9");
    assert_eq!(total(&model, tokens(10, 0), Mode::Batch, NOON), None);
    assert_eq!(total(&model, tokens(10, 0), Mode::Flex, NOON).as_deref(), Some("0.00001"));
    assert_eq!(total(&model, tokens(10, 0), Mode::Flex, "2025-12-31T23:59:59Z"), None);
    assert_eq!(total(&model, tokens(10, 0), Mode::Standard, "2025-12-31T23:59:59Z").as_deref(), Some("0.00008"));
    assert_eq!(total(&model, tokens(10, 0), Mode::Standard, "2026-01-01T00:00:00Z").as_deref(), Some("0.00002"));
    assert_eq!(total(&model, tokens(10, 0), Mode::Standard, "2027-01-01T00:00:00Z").as_deref(), Some("0.00009"));
}

#[test]
fn prices_without_one_of_their_own_fall_back() {
    let all = Buckets {
        cache_read: 1,
        cache_write_5m: 1,
        cache_write_1h: 1,
        audio_in: 1,
        reasoning: 1,
        audio_out: 1,
        ..tokens(1, 1)
    };
    let rates = |fields: &str| {
        let bill = priced(fields).bill(&all, Mode::Standard, at(NOON));
        bill.lines.iter().map(|line| line.rate.map_or(-1, |rate| rate.pico() / 1_000_000)).collect::<Vec<_>>()
    };
    // input, cache read, write for 5 minutes, for an hour, audio in, output, reasoning, audio out
    assert_eq!(rates("price=2/9"), [2, 2, 2, 2, 2, 9, 9, 9]);
    assert_eq!(rates("price=2/9,cache_write_5m:3"), [2, 2, 3, 3, 2, 9, 9, 9]);
    assert_eq!(
        rates("price=2/9,cache_read:1,cache_write_1h:4,audio_in:5,audio_out:7,reasoning:8"),
        [2, 1, 2, 4, 5, 9, 8, 7]
    );
}

#[test]
fn a_tier_counts_cached_tokens_and_keeps_base_prices_it_lacks() {
    let model = priced("price=2/9,cache_read:1;>100:3/12;>200:4/16,cache_read:2");
    let bill = |cached| model.bill(&Buckets { cache_read: cached, ..tokens(1, 0) }, Mode::Standard, at(NOON));
    let tier = |bill: &Bill| bill.record.as_ref().and_then(|record| record.tier);
    let read = |bill: &Bill| bill.lines[1].rate.map(Rate::per_million);
    assert_eq!((tier(&bill(99)), read(&bill(99)).as_deref()), (None, Some("1")));
    assert_eq!((tier(&bill(100)), read(&bill(100)).as_deref()), (Some(100), Some("1")));
    assert_eq!((tier(&bill(200)), read(&bill(200)).as_deref()), (Some(200), Some("2")));
}

#[test]
fn a_bill_as_json_names_its_prices() {
    let model = priced("price=2/4,cache_read:0.2;>5:3/6 source=a");
    let bill = model.bill(&tokens(10, 1), Mode::Standard, at(NOON));
    let json = serde_json::to_value(&bill).expect("json");
    assert_eq!(json["total"], "0.000036");
    assert_eq!(json["lines"][0], serde_json::json!({"unit": "input", "count": 10, "rate": "3", "cost": "0.00003"}));
    assert_eq!((json["record"]["model"].as_str(), json["record"]["tier"].as_u64()), (Some("p/m"), Some(5)));
    assert!(json["record"]["source"].as_str().is_some_and(|source| source.contains("20")));
}

#[test]
fn estimates_use_the_standard_price_of_the_day() {
    let model = priced("price=2/4;>1000:3/6");
    let cost = |prompt, unit, count: u64| Some((model.rates(prompt, at(NOON))?.get(unit)? * count).to_decimal());
    assert_eq!(cost(1000, Unit::Input, 1000).as_deref(), Some("0.002"));
    assert_eq!(cost(1001, Unit::Input, 1001).as_deref(), Some("0.003003"));
    assert_eq!(cost(1001, Unit::Output, 1000).as_deref(), Some("0.006"));
    assert_eq!(Model::default().rates(1, at(NOON)), None);
}

/// The vectors are not part of the repository: they are looked for in `LLMX_CATALOG` or in a folder beside it.
#[test]
fn vectors_of_other_calculators_agree() {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/catalog");
    let folder = std::env::var("LLMX_CATALOG").unwrap_or_else(|_| beside.to_owned());
    let Ok(text) = std::fs::read_to_string(format!("{folder}/cost-vectors.json")) else { return };
    let file: serde_json::Value = serde_json::from_str(&text).expect("json");
    let vectors = file["vectors"].as_array().expect("vectors");
    assert!(!vectors.is_empty());
    for vector in vectors {
        let text = |key: &str| vector[key].as_str().expect("a text");
        let model = Catalog::builtin().find(text("provider"), text("model")).expect("known");
        let mode = Mode::named(text("mode")).expect("a mode");
        let buckets = vector_usage(&vector["usage"]).buckets().expect("counted");
        let total = model.bill(&buckets, mode, at(text("at"))).total.expect("a price");
        let billed = (total.to_decimal(), total.rounded(8));
        assert_eq!(billed, (text("usd_exact").to_owned(), text("usd").to_owned()), "vector {}", vector["n"]);
        assert!(!buckets.inconsistent);
    }
}

/// A vector's counts are totals that include their parts.
fn vector_usage(usage: &serde_json::Value) -> Usage {
    let count = |key: &str| usage[key].as_u64();
    let write_1h = count("cache_write_1h_tokens");
    Usage {
        input: count("input_tokens"),
        cache_read: count("cached_tokens"),
        cache_write: Some(count("cache_write_5m_tokens").unwrap_or(0) + write_1h.unwrap_or(0)),
        cache_write_1h: write_1h,
        output: count("output_tokens"),
        reasoning: count("reasoning_tokens"),
        audio_in: count("audio_input_tokens"),
        audio_out: count("audio_output_tokens"),
        counting: Counting::default(),
        ..Usage::default()
    }
}

proptest! {
    #[test]
    fn any_counts_are_billed_without_a_panic(input: u64, cache_read: u64, output: u64, reasoning: u64, second in -9_000_000_000_i64..9_000_000_000) {
        let model = priced("price=2/9,cache_read:1;>100:3/12 dated=..2026-01-01=1/1 hours=x/135@01:00-24:00=0.1");
        let buckets = Buckets { cache_read, reasoning, ..tokens(input, output) };
        let moment = Timestamp::from_second(second).expect("in range");
        let bill = model.bill(&buckets, Mode::Standard, moment);
        prop_assert_eq!(bill.total, bill.lines.iter().map(|line| line.cost).sum());
    }
}
