//! The price engine on worked examples, written down apart from the table, and on vectors that two other calculators agree on.

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::catalog::{Catalog, Model, row};
use crate::chat::{Buckets, Counting, SearchContext, Usage};

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
            9,
            "price=3/15 fees=web_search_per_1k:10",
            Buckets { web_searches: 3, requests: 1, ..tokens(6000, 800) },
            Standard,
            NOON,
            "0.06",
        ),
        (
            14,
            gemini_flash,
            Buckets { audio_in: 5000, audio_cache_read: 15_000, ..tokens(1000, 500) },
            Standard,
            NOON,
            "0.00805",
        ),
        (
            17,
            "price=2/8,reasoning:3,citation:2 fees=web_search_per_1k:5",
            Buckets { reasoning: 73_997, citation: 20_016, web_searches: 18, ..tokens(33, 7163) },
            Standard,
            NOON,
            "0.409393",
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

fn terms(mode: Mode, region: &str) -> Terms<'_> {
    Terms { mode, at: at(NOON), region: Some(region) }
}

#[test]
fn a_region_has_a_factor_on_tokens_but_not_on_fees() {
    let model = priced("price=5/25,cache_read:0.5 fast=10/50 factors=us:1.1,fast:3 fees=web_search_per_1k:10");
    let buckets = Buckets { cache_read: 20_000, web_searches: 1, ..tokens(10_000, 1000) };
    let bill = model.bill_on(&buckets, &terms(Mode::Standard, "us"));
    assert_eq!(bill.total.map(Usd::to_decimal).as_deref(), Some("0.1035"));
    let record = bill.record.expect("a record");
    assert_eq!((record.region.as_deref(), record.factor.as_deref()), (Some("us"), Some("1.1")));
    for usual in ["global", "not_available", "", "mars", "fast"] {
        let bill = model.bill_on(&buckets, &terms(Mode::Standard, usual));
        assert_eq!(bill.total.map(Usd::to_decimal).as_deref(), Some("0.095"), "{usual}");
        assert_eq!(bill.record.expect("a record").region, None, "{usual}");
    }
    let fast = model.bill_on(&tokens(10_000, 0), &terms(Mode::Fast, "us"));
    assert_eq!(fast.total.map(Usd::to_decimal).as_deref(), Some("0.11"), "its card, times the region's factor");
}

#[test]
fn regions_have_cards_of_their_own_or_are_all_dearer() {
    let azure = priced("price=2.5/10,cache_read:1.25 batch=1.25/5 region.eu=2.75/11");
    let bill = azure.bill_on(&Buckets { cache_read: 1000, ..tokens(1000, 0) }, &terms(Mode::Standard, "EU"));
    assert_eq!(bill.total.map(Usd::to_decimal).as_deref(), Some("0.004"), "what the card lacks is as everywhere");
    assert_eq!(azure.bill_on(&tokens(1, 1), &terms(Mode::Batch, "eu")).total, None, "its batch price is not known");
    let vertex = priced("price=3/15 factors=regional_endpoint:1.1 dated=..2026-01-01=6/30");
    let total = |region: &str| vertex.bill_on(&tokens(1000, 0), &terms(Mode::Standard, region)).total;
    assert_eq!(total("europe-west1").map(Usd::to_decimal).as_deref(), Some("0.0033"));
    assert_eq!(total("global").map(Usd::to_decimal).as_deref(), Some("0.003"));
    let openai = priced("price=1/2 factors=region_eu:1.1,region_us:1.1");
    let total = |region: &str| openai.bill_on(&tokens(1000, 0), &terms(Mode::Standard, region)).total;
    assert_eq!(total("eu").map(Usd::to_decimal).as_deref(), Some("0.0011"));
}

#[test]
fn a_factor_stands_in_for_a_mode_without_a_card() {
    let model = priced("price=5/25 factors=fast:6");
    assert_eq!(total(&model, tokens(1000, 0), Mode::Fast, NOON).as_deref(), Some("0.03"));
}

#[test]
fn a_search_costs_its_fee_and_one_without_a_known_fee_is_unknown() {
    let sonar = priced(
        "price=1/1 fees=request_per_1k:12,web_search_per_1k:8,web_search_per_1k_by_context.high:12,\
         web_search_per_1k_by_context.low:5,web_search_per_1k_by_context.medium:8",
    );
    let asked = |search_context| Buckets { requests: 1, search_context, ..tokens(1000, 0) };
    assert_eq!(total(&sonar, asked(Some(SearchContext::High)), Mode::Standard, NOON).as_deref(), Some("0.013"));
    assert_eq!(total(&sonar, asked(Some(SearchContext::Low)), Mode::Standard, NOON).as_deref(), Some("0.006"));
    let flat = priced("price=1/1 fees=request_per_1k:5,image_in_each:0.001");
    let seen = Buckets { images: 2, ..asked(None) };
    assert_eq!(total(&flat, seen, Mode::Standard, NOON).as_deref(), Some("0.008"));
    let bill = priced("price=1/1").bill(&Buckets { web_searches: 2, ..seen }, Mode::Standard, at(NOON));
    let lines: Vec<_> = bill.lines.iter().map(|line| (&*line.unit, line.count, line.cost.is_some())).collect();
    assert_eq!((bill.total, lines), (None, vec![("input", 1000, true), ("web_search", 2, false)]));
}

#[test]
fn what_a_cache_saved_may_be_less_than_nothing() {
    let model = priced("price=3/15,cache_read:0.3,cache_write_5m:3.75,cache_write_1h:6");
    let saved = |buckets: Buckets| model.bill(&buckets, Mode::Standard, at(NOON)).saved.expect("known").to_decimal();
    assert_eq!(saved(Buckets { cache_read: 10_000, ..tokens(5, 5) }), "0.027");
    assert_eq!(saved(Buckets { cache_write_5m: 4000, cache_write_1h: 1000, ..tokens(5, 5) }), "-0.006");
    assert_eq!(saved(tokens(5, 5)), "0");
    assert_eq!(Model::default().bill(&tokens(1, 1), Mode::Standard, at(NOON)).saved, None);
}

#[test]
fn a_bill_is_read_back_as_it_was_written() {
    let model = priced("price=2/4,cache_read:0.2;>5:3/6 factors=us:1.1 fees=web_search_per_1k:10 source=a");
    let buckets = Buckets { web_searches: 1, cache_read: 3, ..tokens(10, 1) };
    let bill = model.bill_on(&buckets, &terms(Mode::Standard, "us"));
    let json = serde_json::to_string(&bill).expect("json");
    assert_eq!(serde_json::from_str::<Bill>(&json).expect("a bill"), bill);
    assert_eq!(bill.record.and_then(|record| record.date).as_deref(), Some("2026-11-12"));
}

#[test]
fn every_factor_of_the_table_is_exact_on_every_price_of_its_model() {
    let catalog = Catalog::builtin();
    let models: Vec<Model> = catalog.providers().iter().flat_map(|provider| catalog.models(provider)).collect();
    let with_factors = models.iter().filter_map(|model| Some((model, model.pricing.as_ref()?)));
    let mut seen = 0;
    for (model, pricing) in with_factors.filter(|(_, pricing)| !pricing.factors.is_empty()) {
        for (name, _) in &pricing.factors {
            let region = name.strip_prefix("region_").unwrap_or(name);
            let ways = pricing.modes.iter().map(|(mode, _)| *mode).chain([Mode::Standard]);
            for (mode, prompt) in ways.flat_map(|mode| [(mode, 1), (mode, 999_999)]) {
                let chosen = pricing.choose(prompt, &terms(mode, region));
                assert!(chosen.is_some(), "{}/{}: {name} {mode:?}", model.provider, model.id);
                seen += 1;
            }
        }
    }
    assert!(seen > 100, "{seen}");
}

/// Any counts.
fn any_buckets() -> impl Strategy<Value = Buckets> {
    any::<([u32; 12], [u8; 5])>().prop_map(|(tokens, others)| {
        let (tokens, others) = (tokens.map(u64::from), others.map(u64::from));
        Buckets {
            input: tokens[0],
            cache_read: tokens[1],
            cache_write_5m: tokens[2],
            cache_write_1h: tokens[3],
            audio_in: tokens[4],
            output: tokens[5],
            reasoning: tokens[6],
            audio_out: tokens[7],
            audio_cache_read: tokens[8],
            image_in: tokens[9],
            video_in: tokens[10],
            citation: tokens[11],
            requests: others[0],
            web_searches: others[1],
            file_searches: others[2],
            images: others[3],
            audio_seconds: others[4],
            ..Buckets::default()
        }
    })
}

const RICH: &str = "price=2/9,cache_read:1,audio_in:5;>100000:3/12 batch=1/4 factors=us:1.1,fast:6 \
                    hours=x/135@01:00-24:00=0.1 dated=..2026-01-01=1/1 dated=2027-06-01..=4/18 \
                    fees=web_search_per_1k:10,file_search_per_1k:2.5,request_per_1k:5,image_in_each:0.001,audio_in_per_second:0.0001";

proptest! {
    #[test]
    fn lines_sum_up_to_the_total(
        buckets in any_buckets(), mode in 0..6_usize, us: bool, second in -9_000_000_000_i64..9_000_000_000,
    ) {
        let moment = Timestamp::from_second(second).expect("in range");
        let terms = Terms { mode: Mode::ALL[mode].0, at: moment, region: us.then_some("us") };
        let bill = priced(RICH).bill_on(&buckets, &terms);
        let sum: Option<Usd> = bill.lines.iter().map(|line| line.cost).sum();
        prop_assert_eq!(bill.total, sum.filter(|_| bill.record.is_some()));
        for line in &bill.lines {
            prop_assert_eq!(line.cost, line.rate.map(|rate| rate * line.count));
        }
    }

    #[test]
    fn a_price_that_starts_later_changes_nothing_before(
        buckets in any_buckets(), mode in 0..6_usize, before in 0_i64..40_000, days in 1_i64..40_000,
    ) {
        let day = |days: i64| Timestamp::from_second(days * 86_400).expect("in range");
        let mut model = priced(RICH);
        let terms = Terms { mode: Mode::ALL[mode].0, at: day(before), region: None };
        let bill = model.bill_on(&buckets, &terms);
        let from = Some(day(before + days).to_zoned(TimeZone::UTC).date());
        let card = priced("price=77/88").pricing.expect("a price").standard;
        for place in [0, 1] {
            let dated = Dated { from, until: None, card: card.clone() };
            model.pricing.as_mut().expect("a price").dated.insert(place, dated);
            prop_assert_eq!(&model.bill_on(&buckets, &terms), &bill);
        }
    }

    #[test]
    fn any_counts_are_billed_without_a_panic(input: u64, cache_read: u64, output: u64, reasoning: u64, second in -9_000_000_000_i64..9_000_000_000) {
        let model = priced("price=2/9,cache_read:1;>100:3/12 dated=..2026-01-01=1/1 hours=x/135@01:00-24:00=0.1");
        let buckets = Buckets { cache_read, reasoning, ..tokens(input, output) };
        let moment = Timestamp::from_second(second).expect("in range");
        let bill = model.bill(&buckets, Mode::Standard, moment);
        prop_assert_eq!(bill.total, bill.lines.iter().map(|line| line.cost).sum());
    }
}

#[test]
fn a_tier_that_leaves_the_choice_to_the_provider_is_the_standard_one() {
    for tier in ["auto", "default", "standard", "standard_only", "on_demand", "ON_DEMAND", "TRAFFIC_TYPE_UNSPECIFIED"] {
        assert_eq!(Mode::named(tier), Some(Mode::Standard), "{tier}");
    }
    assert_eq!(Mode::named("scale"), None);
}
