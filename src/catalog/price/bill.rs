//! The bill of a call: what was counted, line by line, at the rates that its terms choose.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Chosen, Mode, Pricing, Rates, Unit};
use crate::catalog::Model;
use crate::chat::Buckets;
use crate::money::{Rate, Usd};

/// On what terms a call is served, as far as its price depends on them.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// The way of processing.
    pub mode: Mode,
    /// When the request was made: its price is that of this moment.
    pub at: Timestamp,
    /// Where it is processed, in the provider's word; `None` and `global` have the usual price.
    pub region: Option<&'a str>,
}

/// Which prices a bill rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceRecord {
    /// The catalogue's entry, `provider/id`.
    pub model: String,
    /// The way of processing.
    pub mode: Mode,
    /// The threshold of the long-prompt tier that applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<u64>,
    /// The hours or dates that applied (`off-peak`, `until 2026-03-13`), where the prices are not the usual ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<String>,
    /// The region whose prices applied, where they are not the usual ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The factor on the prices of tokens, a decimal number; the rates of the lines have it in them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub factor: Option<String>,
    /// Who states the prices and when they were read.
    pub source: String,
    /// The day on which the newest source was read, `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
}

/// What one call costs, line by line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bill {
    /// The sum; `None` when a line's price is unknown, or when there is no price at all.
    pub total: Option<Usd>,
    /// The lines; units of which nothing was used are left out.
    pub lines: Vec<Line>,
    /// What a cache has saved: what its tokens would have cost as input, less what reading and writing them did cost. Below
    /// nothing when writing cost more than reading saved; `None` when a price is unknown.
    #[serde(default)]
    pub saved: Option<Usd>,
    /// The prices it rests on; `None` when the model has none on those terms.
    pub record: Option<PriceRecord>,
}

/// One line of a bill.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// What is counted (`input`, `cache_read`, `web_search`, …).
    pub unit: Cow<'static, str>,
    /// How many.
    pub count: u64,
    /// Dollars per million of that unit, exact; `None` when unknown.
    #[serde(serialize_with = "per_million", deserialize_with = "from_per_million")]
    pub rate: Option<Rate>,
    /// `count` times `rate`.
    pub cost: Option<Usd>,
}

#[expect(clippy::ref_option, reason = "serde calls it with a reference to the field")]
fn per_million<S: Serializer>(rate: &Option<Rate>, serializer: S) -> Result<S::Ok, S::Error> {
    match rate {
        Some(rate) => serializer.serialize_str(&rate.per_million()),
        None => serializer.serialize_none(),
    }
}

fn from_per_million<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Rate>, D::Error> {
    let text: Option<String> = Option::deserialize(deserializer)?;
    let wrong = || serde::de::Error::custom("a rate is dollars per million, as a decimal number in a string");
    text.map(|text| Rate::parse_per_million(&text).ok_or_else(wrong)).transpose()
}

impl Model {
    /// What a call with those counts costs where no region has a price of its own.
    pub fn bill(&self, buckets: &Buckets, mode: Mode, at: Timestamp) -> Bill {
        self.bill_on(buckets, &Terms { mode, at, region: None })
    }

    /// What a call with those counts costs on those terms.
    ///
    /// Tiers are all or nothing on the whole prompt; a region's factor is on tokens only, never on fees. A mode without a
    /// card, and a model without a price, give a bill whose total is unknown.
    pub fn bill_on(&self, buckets: &Buckets, terms: &Terms<'_>) -> Bill {
        let pricing = self.pricing.as_ref();
        let chosen = pricing.and_then(|pricing| pricing.choose(buckets.input_total(), terms));
        let rates = chosen.as_ref().map(|chosen| chosen.rates).unwrap_or_default();
        let tokens = counts(buckets).map(|(unit, count)| line(unit.name(), count, rates.get(unit)));
        let lines: Vec<Line> = tokens.chain(fees(buckets, pricing)).collect();
        Bill {
            total: chosen.as_ref().and_then(|_| lines.iter().map(|line| line.cost).sum()),
            saved: chosen.as_ref().and_then(|_| saved(buckets, &rates)),
            lines,
            record: chosen.zip(pricing).map(|(chosen, pricing)| self.record(chosen, pricing, terms.mode)),
        }
    }

    fn record(&self, chosen: Chosen, pricing: &Pricing, mode: Mode) -> PriceRecord {
        PriceRecord {
            model: format!("{}/{}", self.provider, self.id),
            mode,
            tier: chosen.tier,
            period: chosen.period,
            region: chosen.region,
            factor: chosen.factor,
            source: pricing.source.clone(),
            date: pricing.date().map(str::to_owned),
        }
    }

    /// The standard prices for a prompt of that many tokens; `None` when there are none.
    pub fn rates(&self, prompt: u64, at: Timestamp) -> Option<Rates> {
        let terms = Terms { mode: Mode::Standard, at, region: None };
        Some(self.pricing.as_ref()?.choose(prompt, &terms)?.rates)
    }
}

/// The units of tokens that were used, with how many.
fn counts(buckets: &Buckets) -> impl Iterator<Item = (Unit, u64)> {
    let counts = [
        (Unit::Input, buckets.input),
        (Unit::CacheRead, buckets.cache_read),
        (Unit::CacheWrite5m, buckets.cache_write_5m),
        (Unit::CacheWrite1h, buckets.cache_write_1h),
        (Unit::CacheWrite12h, buckets.cache_write_12h),
        (Unit::AudioIn, buckets.audio_in),
        (Unit::AudioCacheRead, buckets.audio_cache_read),
        (Unit::ImageIn, buckets.image_in),
        (Unit::ImageCacheRead, buckets.image_cache_read),
        (Unit::VideoIn, buckets.video_in),
        (Unit::Output, buckets.output),
        (Unit::Reasoning, buckets.reasoning),
        (Unit::AudioOut, buckets.audio_out),
        (Unit::ImageOut, buckets.image_out),
        (Unit::Citation, buckets.citation),
    ];
    counts.into_iter().filter(|(_, count)| *count > 0)
}

/// Fees of what was used beside tokens. A search whose fee nobody knows has a line without a price; a request, an image or a
/// second of audio without a fee costs nothing but its tokens.
fn fees(buckets: &Buckets, pricing: Option<&Pricing>) -> Vec<Line> {
    let fee = |name: &str| pricing.and_then(|pricing| pricing.fee(name));
    let each_of = |name: &str, number: i128| fee(name).and_then(|fee| rate_of(fee, number));
    let by_context =
        buckets.search_context.and_then(|size| each_of(&format!("web_search_per_1k_by_context.{}", size.name()), 1000));
    // Where the fee of a request depends on what its search took in, it is not known without that.
    let is_by_context = fee("web_search_per_1k_by_context.low").is_some();
    let (request, searches) = match by_context {
        Some(rate) => (Some(rate), 0),
        None if is_by_context => (None, buckets.web_searches),
        None => (each_of("request_per_1k", 1000), buckets.web_searches),
    };
    let known = [
        ("request", buckets.requests, request),
        ("image", buckets.images, each_of("image_in_each", 1)),
        ("audio_second", buckets.audio_seconds, each_of("audio_in_per_second", 1)),
    ];
    let searches = [
        ("web_search", searches, each_of("web_search_per_1k", 1000)),
        ("file_search", buckets.file_searches, each_of("file_search_per_1k", 1000)),
    ];
    let known = known.into_iter().filter(|(_, _, rate)| rate.is_some());
    let used = known.chain(searches).filter(|(_, count, _)| *count > 0);
    used.map(|(unit, count, rate)| line(unit, count, rate)).collect()
}

/// The price of one where `number` cost `fee`; `None` when that is finer than a pico-dollar.
fn rate_of(fee: Usd, number: i128) -> Option<Rate> {
    let pico = fee.pico();
    (pico % number == 0).then(|| i64::try_from(pico / number).ok().map(Rate::from_pico))?
}

fn saved(buckets: &Buckets, rates: &Rates) -> Option<Usd> {
    let cached = [
        (Unit::CacheRead, Unit::Input, buckets.cache_read),
        (Unit::AudioCacheRead, Unit::AudioIn, buckets.audio_cache_read),
        (Unit::ImageCacheRead, Unit::ImageIn, buckets.image_cache_read),
        (Unit::CacheWrite5m, Unit::Input, buckets.cache_write_5m),
        (Unit::CacheWrite1h, Unit::Input, buckets.cache_write_1h),
        (Unit::CacheWrite12h, Unit::Input, buckets.cache_write_12h),
    ];
    let used = cached.into_iter().filter(|(.., count)| *count > 0);
    used.map(|(unit, otherwise, count)| Some(rates.get(otherwise)? * count - rates.get(unit)? * count)).sum()
}

fn line(unit: &'static str, count: u64, rate: Option<Rate>) -> Line {
    Line { unit: Cow::Borrowed(unit), count, rate, cost: rate.map(|rate| rate * count) }
}
