//! What a call costs. A model's [`Pricing`] holds price cards; mode, date, hour and prompt length choose the rates, and the
//! bill is a plain sum of disjoint token counts times rates, in integer pico-dollars.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::chat::Buckets;
use crate::money::{Rate, Usd};

use super::Model;

/// What is priced by the token. The order is that of [`Unit::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Prompt text.
    Input,
    /// Answer text.
    Output,
    /// Prompt read from a cache.
    CacheRead,
    /// Prompt written to a cache for five minutes, or for the provider's only time.
    CacheWrite5m,
    /// Prompt written to a cache for an hour.
    CacheWrite1h,
    /// Prompt written to a cache for twelve hours.
    CacheWrite12h,
    /// Thinking.
    Reasoning,
    /// Audio in the prompt.
    AudioIn,
    /// Audio in the answer.
    AudioOut,
    /// Audio read from a cache.
    AudioCacheRead,
    /// Images in the prompt.
    ImageIn,
    /// Images in the answer.
    ImageOut,
    /// Images read from a cache.
    ImageCacheRead,
    /// Video in the prompt.
    VideoIn,
    /// Citations (Perplexity).
    Citation,
}

impl Unit {
    /// Every unit with its name in the table and on bills.
    pub const ALL: [(Self, &'static str); 15] = [
        (Self::Input, "input"),
        (Self::Output, "output"),
        (Self::CacheRead, "cache_read"),
        (Self::CacheWrite5m, "cache_write_5m"),
        (Self::CacheWrite1h, "cache_write_1h"),
        (Self::CacheWrite12h, "cache_write_12h"),
        (Self::Reasoning, "reasoning"),
        (Self::AudioIn, "audio_in"),
        (Self::AudioOut, "audio_out"),
        (Self::AudioCacheRead, "audio_cache_read"),
        (Self::ImageIn, "image_in"),
        (Self::ImageOut, "image_out"),
        (Self::ImageCacheRead, "image_cache_read"),
        (Self::VideoIn, "video_in"),
        (Self::Citation, "citation"),
    ];

    /// The unit's name.
    pub const fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// The unit of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(unit, _)| *unit)
    }

    /// The unit whose price holds where this one has none of its own.
    const fn falls_back_to(self) -> Option<Self> {
        match self {
            Self::Input | Self::Output => None,
            Self::CacheWrite1h | Self::CacheWrite12h => Some(Self::CacheWrite5m),
            Self::AudioCacheRead | Self::ImageCacheRead => Some(Self::CacheRead),
            Self::CacheRead | Self::CacheWrite5m | Self::AudioIn | Self::ImageIn | Self::VideoIn | Self::Citation => {
                Some(Self::Input)
            }
            Self::Reasoning | Self::AudioOut | Self::ImageOut => Some(Self::Output),
        }
    }
}

/// A price for each unit that has one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rates([Option<Rate>; Unit::ALL.len()]);

impl Rates {
    /// The price of a unit; without one of its own, of the unit it falls back to. `None` is unknown.
    pub fn get(&self, unit: Unit) -> Option<Rate> {
        self.0[unit as usize].or_else(|| self.get(unit.falls_back_to()?))
    }

    /// Sets the price of a unit.
    pub const fn set(&mut self, unit: Unit, rate: Rate) {
        self.0[unit as usize] = Some(rate);
    }

    /// These prices, and those of `base` where these have none.
    #[must_use]
    fn over(mut self, base: &Self) -> Self {
        for (rate, base) in self.0.iter_mut().zip(base.0) {
            *rate = rate.or(base);
        }
        self
    }
}

/// Prices of one way of processing, with what long prompts cost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Card {
    /// The base prices.
    pub rates: Rates,
    /// Prices of long prompts, shortest first.
    pub tiers: Vec<Tier>,
}

/// Prices that hold for *every* token of a request whose prompt is long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tier {
    /// The threshold in prompt tokens, cached ones included.
    pub above: u64,
    /// The tier starts at the threshold, not above it (xAI).
    pub inclusive: bool,
    /// The prices; what is missing keeps the base price.
    pub rates: Rates,
}

impl Tier {
    const fn holds(&self, prompt: u64) -> bool {
        prompt > self.above || (self.inclusive && prompt == self.above)
    }
}

impl Card {
    /// The prices for a prompt of that many tokens, and the threshold of the tier they come from.
    fn at(&self, prompt: u64) -> (Rates, Option<u64>) {
        match self.tiers.iter().filter(|tier| tier.holds(prompt)).max_by_key(|tier| tier.above) {
            Some(tier) => (tier.rates.over(&self.rates), Some(tier.above)),
            None => (self.rates, None),
        }
    }
}

/// Ways of processing, each with a price card of its own: they are no fixed factor apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// What is served when nothing is asked for.
    #[default]
    Standard,
    /// Within a day.
    Batch,
    /// Slower and cheaper.
    Flex,
    /// Sooner and dearer.
    Priority,
    /// Faster output (Anthropic).
    Fast,
    /// Faster still (OpenAI).
    Ultrafast,
}

impl Mode {
    /// The mode of that name in the table or in a response's service tier (`default` at OpenAI, `on_demand` at Groq).
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "standard" | "default" | "on_demand" => Some(Self::Standard),
            "batch" => Some(Self::Batch),
            "flex" => Some(Self::Flex),
            "priority" => Some(Self::Priority),
            "fast" => Some(Self::Fast),
            "ultrafast" => Some(Self::Ultrafast),
            _ => None,
        }
    }
}

/// All that is known of a model's prices.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pricing {
    /// The card of [`Mode::Standard`].
    pub standard: Card,
    /// The cards of other modes. A mode that is not here is not offered, or its price is not known.
    pub modes: Vec<(Mode, Card)>,
    /// Prices at certain hours.
    pub hours: Vec<Hours>,
    /// Standard prices of other dates, past and announced.
    pub dated: Vec<Dated>,
    /// Standard prices in a region where they differ. Never applied by [`Model::bill`].
    pub regions: Vec<(String, Card)>,
    /// Factors on the token price (`us`, `region_eu`, …) as decimal numbers. Never applied by [`Model::bill`].
    pub factors: Vec<(String, String)>,
    /// Fees beside tokens in dollars (`web_search_per_1k`, …). Never applied by [`Model::bill`].
    pub fees: Vec<(String, Usd)>,
    /// Who states the prices and when they were read.
    pub source: String,
}

/// Standard prices at certain hours of the week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hours {
    /// What the provider calls them (`off-peak`).
    pub name: String,
    /// When they hold.
    pub windows: Vec<Window>,
    /// The prices; what is missing keeps the standard price.
    pub rates: Rates,
}

/// Hours of certain weekdays, in UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// Days of the week, 1 is Monday.
    pub weekdays: Vec<i8>,
    /// From and until (not included); `None` is the day's end.
    pub hours: Vec<(Time, Option<Time>)>,
}

/// Standard prices that held, or will hold, between two dates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dated {
    /// The first day (UTC); `None` is since ever.
    pub from: Option<Date>,
    /// The first day on which they no longer hold; `None` is for good.
    pub until: Option<Date>,
    /// The prices.
    pub card: Card,
}

/// Which prices a bill rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PriceRecord {
    /// The catalogue's entry, `provider/id`.
    pub model: String,
    /// The way of processing.
    pub mode: Mode,
    /// The threshold of the long-prompt tier that applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<u64>,
    /// The hours or dates that applied (`off-peak`, `until 2026-03-13`), where the prices are not the usual ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<String>,
    /// Who states the prices and when they were read.
    pub source: String,
}

/// What one call costs, line by line.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bill {
    /// The sum; `None` when a line's price is unknown, or when there is no price at all.
    pub total: Option<Usd>,
    /// The lines; units of which nothing was used are left out.
    pub lines: Vec<Line>,
    /// The prices it rests on; `None` when the model has none for that mode at that time.
    pub record: Option<PriceRecord>,
}

/// One line of a bill.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    /// What is counted (`input`, `cache_read`, …).
    pub unit: &'static str,
    /// How many.
    pub count: u64,
    /// Dollars per million, exact; `None` when unknown.
    #[serde(serialize_with = "per_million")]
    pub rate: Option<Rate>,
    /// `count` times `rate`.
    pub cost: Option<Usd>,
}

#[expect(clippy::ref_option, reason = "serde calls it with a reference to the field")]
fn per_million<S: serde::Serializer>(rate: &Option<Rate>, serializer: S) -> Result<S::Ok, S::Error> {
    match rate {
        Some(rate) => serializer.serialize_str(&rate.per_million()),
        None => serializer.serialize_none(),
    }
}

impl Window {
    fn holds(&self, weekday: i8, time: Time) -> bool {
        let within = |(from, until): &(Time, Option<Time>)| *from <= time && until.is_none_or(|until| time < until);
        self.weekdays.contains(&weekday) && self.hours.iter().any(within)
    }
}

impl Dated {
    fn holds(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day < until)
    }

    fn period(&self) -> String {
        let edge = |word: &str, date: Option<Date>| date.map(|date| format!("{word} {date}"));
        let edges = [edge("from", self.from), edge("until", self.until)];
        edges.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

impl Pricing {
    /// The prices of a request with that many prompt tokens, the tier's threshold, and the period when not the usual one.
    fn choose(&self, prompt: u64, mode: Mode, at: Timestamp) -> Option<(Rates, Option<u64>, Option<String>)> {
        if self.dated.is_empty() && self.hours.is_empty() && mode == Mode::Standard {
            let (rates, tier) = self.standard.at(prompt);
            return Some((rates, tier, None));
        }
        let at = at.to_zoned(TimeZone::UTC);
        let dated = self.dated.iter().find(|dated| dated.holds(at.date()));
        if mode != Mode::Standard {
            // Cards of other modes belong to the price of today; what they were or will be is not known.
            let (_, card) = self.modes.iter().find(|(known, _)| *known == mode && dated.is_none())?;
            let (rates, tier) = card.at(prompt);
            return Some((rates, tier, None));
        }
        if let Some(dated) = dated {
            let (rates, tier) = dated.card.at(prompt);
            return Some((rates, tier, Some(dated.period())));
        }
        let weekday = at.weekday().to_monday_one_offset();
        let now = |hours: &&Hours| hours.windows.iter().any(|window| window.holds(weekday, at.time()));
        match (self.standard.at(prompt), self.hours.iter().find(now)) {
            ((rates, None), Some(hours)) => Some((hours.rates.over(&rates), None, Some(hours.name.clone()))),
            ((rates, tier), _) => Some((rates, tier, None)),
        }
    }
}

impl Model {
    /// What a call with those token counts costs.
    ///
    /// Tiers are all or nothing on the whole prompt. A mode without a card, and a model without a price, give a bill
    /// whose total is unknown. Fees, regions and factors are not applied.
    pub fn bill(&self, buckets: &Buckets, mode: Mode, at: Timestamp) -> Bill {
        let pricing = self.pricing.as_ref();
        let chosen = pricing.and_then(|pricing| pricing.choose(buckets.input_total(), mode, at));
        let (rates, tier, period) = chosen.clone().unwrap_or_default();
        let lines: Vec<Line> = counts(buckets).map(|(unit, count)| line(unit, count, rates.get(unit))).collect();
        Bill {
            total: chosen.as_ref().and_then(|_| lines.iter().map(|line| line.cost).sum()),
            lines,
            record: chosen.zip(pricing).map(|(_, pricing)| PriceRecord {
                model: format!("{}/{}", self.provider, self.id),
                mode,
                tier,
                period,
                source: pricing.source.clone(),
            }),
        }
    }

    /// The standard prices for a prompt of that many tokens; `None` when there are none.
    pub fn rates(&self, prompt: u64, at: Timestamp) -> Option<Rates> {
        let (rates, ..) = self.pricing.as_ref()?.choose(prompt, Mode::Standard, at)?;
        Some(rates)
    }
}

/// The units that were used, with how many.
fn counts(buckets: &Buckets) -> impl Iterator<Item = (Unit, u64)> {
    let counts = [
        (Unit::Input, buckets.input),
        (Unit::CacheRead, buckets.cache_read),
        (Unit::CacheWrite5m, buckets.cache_write_5m),
        (Unit::CacheWrite1h, buckets.cache_write_1h),
        (Unit::AudioIn, buckets.audio_in),
        (Unit::Output, buckets.output),
        (Unit::Reasoning, buckets.reasoning),
        (Unit::AudioOut, buckets.audio_out),
    ];
    counts.into_iter().filter(|(_, count)| *count > 0)
}

fn line(unit: Unit, count: u64, rate: Option<Rate>) -> Line {
    Line { unit: unit.name(), count, rate, cost: rate.map(|rate| rate * count) }
}

#[cfg(test)]
mod tests;
