//! What a call costs. A model's [`Pricing`] holds price cards; mode, date, hour, region and prompt length choose the rates, and
//! the bill is a plain sum of disjoint counts times rates, in integer pico-dollars.

mod bill;

use jiff::Zoned;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::money::{Factor, Rate, Usd};

pub use bill::{Bill, Line, PriceRecord, Terms};

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

    /// The units that have a price of their own, with it.
    pub fn own(&self) -> impl Iterator<Item = (Unit, Rate)> {
        Unit::ALL.into_iter().filter_map(|(unit, _)| Some((unit, self.0[unit as usize]?)))
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Every mode with its name in the table and in JSON.
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::Standard, "standard"),
        (Self::Batch, "batch"),
        (Self::Flex, "flex"),
        (Self::Priority, "priority"),
        (Self::Fast, "fast"),
        (Self::Ultrafast, "ultrafast"),
    ];

    /// The mode's name.
    pub const fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// The mode of that name in the table or in a response's service tier (`default` at OpenAI, `on_demand` at Groq,
    /// `ON_DEMAND_FLEX` at Vertex AI). Who leaves the choice to the provider is served as usual.
    pub fn named(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let name = name.strip_prefix("on_demand_").unwrap_or(&name);
        let usual = USUAL.contains(&name).then_some(Self::Standard);
        usual.or_else(|| Self::ALL.iter().find(|(_, known)| *known == name).map(|(mode, _)| *mode))
    }
}

/// Other words for [`Mode::Standard`].
const USUAL: &[&str] = &["default", "on_demand", "auto", "standard_only", "traffic_type_unspecified"];

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
    /// Standard prices in a region where they differ.
    pub regions: Vec<(String, Card)>,
    /// Factors on the prices of tokens (`us`, `region_eu`, …) as decimal numbers.
    pub factors: Vec<(String, String)>,
    /// Fees beside tokens in dollars (`web_search_per_1k`, …).
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

    /// The dates in words, such as `until 2026-03-13`.
    pub fn period(&self) -> String {
        let edge = |word: &str, date: Option<Date>| date.map(|date| format!("{word} {date}"));
        let edges = [edge("from", self.from), edge("until", self.until)];
        edges.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

impl Pricing {
    /// The prices that hold for a request with that many prompt tokens; `None` when they are not known.
    fn choose(&self, prompt: u64, terms: &Terms<'_>) -> Option<Chosen> {
        let at = terms.at.to_zoned(TimeZone::UTC);
        // Of several that hold, the last that began: a price that is announced later does not change an earlier one.
        let dated = self.dated.iter().filter(|dated| dated.holds(at.date())).max_by_key(|dated| dated.from);
        let place = terms.region.map_or(Place::Usual, |region| self.place(region));
        // Cards of other modes and regions belong to the price of today; what they were or will be is not known.
        let chosen = match (terms.mode, place, dated) {
            (Mode::Standard, Place::Card(_, card), None) => self.of_region(card, prompt)?,
            (Mode::Standard, Place::Usual | Place::Factor(..), Some(dated)) => {
                Chosen { period: Some(dated.period()), ..Chosen::of(dated.card.at(prompt)) }
            }
            (Mode::Standard, Place::Usual | Place::Factor(..), None) => self.at_hour(prompt, &at),
            (mode, Place::Usual | Place::Factor(..), None) => self.of_mode(mode, prompt)?,
            (_, Place::Card(..), _) | (_, _, Some(_)) => return None,
        };
        Some(match place {
            Place::Usual => chosen,
            Place::Card(region, _) => Chosen { region: Some(region.to_owned()), ..chosen },
            Place::Factor(region, factor) => Chosen { region: Some(region.to_owned()), ..chosen.times(factor)? },
        })
    }

    fn at_hour(&self, prompt: u64, at: &Zoned) -> Chosen {
        let weekday = at.weekday().to_monday_one_offset();
        let now = |hours: &&Hours| hours.windows.iter().any(|window| window.holds(weekday, at.time()));
        match (self.standard.at(prompt), self.hours.iter().find(now)) {
            ((rates, None), Some(hours)) => {
                Chosen { period: Some(hours.name.clone()), ..Chosen::of((hours.rates.over(&rates), None)) }
            }
            (standard, _) => Chosen::of(standard),
        }
    }

    /// A mode has a card of its own, or else a factor on the standard one.
    fn of_mode(&self, mode: Mode, prompt: u64) -> Option<Chosen> {
        if let Some((_, card)) = self.modes.iter().find(|(known, _)| *known == mode) {
            return Some(Chosen::of(card.at(prompt)));
        }
        let factor = self.factor(mode.name())?;
        Chosen::of(self.standard.at(prompt)).times(factor)
    }

    /// What a region's card lacks is as everywhere, but for long prompts: of those it must say what they cost.
    fn of_region(&self, card: &Card, prompt: u64) -> Option<Chosen> {
        let (usual, tier) = self.standard.at(prompt);
        let (rates, own_tier) = card.at(prompt);
        (tier == own_tier).then(|| Chosen::of((rates.over(&usual), tier)))
    }

    /// What a region is to the prices.
    fn place<'a>(&'a self, region: &'a str) -> Place<'a> {
        if let Some((name, card)) = self.regions.iter().find(|(name, _)| name.eq_ignore_ascii_case(region)) {
            return Place::Card(name, card);
        }
        let lower = region.to_ascii_lowercase();
        let own = self.factor(&lower).or_else(|| self.factor(&format!("region_{lower}")));
        let regional = || self.factor(REGIONAL).filter(|_| !EVERYWHERE.contains(&lower.as_str()));
        let is_mode = Mode::named(&lower).is_some();
        own.filter(|_| !is_mode).or_else(regional).map_or(Place::Usual, |factor| Place::Factor(region, factor))
    }

    fn factor(&self, name: &str) -> Option<&str> {
        self.factors.iter().find(|(known, _)| known == name).map(|(_, factor)| factor.as_str())
    }

    /// The regions that have prices of their own, when that one has none; `None` when it has, or is the whole world.
    pub fn regions_without(&self, region: &str) -> Option<Vec<&str>> {
        let lower = region.to_ascii_lowercase();
        if EVERYWHERE.contains(&lower.as_str()) || !matches!(self.place(region), Place::Usual) {
            return None;
        }
        let factors = self.factors.iter().map(|(name, _)| name.strip_prefix("region_").unwrap_or(name));
        let factors = factors.filter(|name| Mode::named(name).is_none() && *name != REGIONAL);
        let mut names: Vec<&str> = self.regions.iter().map(|(name, _)| name.as_str()).chain(factors).collect();
        names.sort_unstable();
        names.dedup();
        Some(names)
    }

    /// A fee in dollars, by its name in the table.
    pub fn fee(&self, name: &str) -> Option<Usd> {
        self.fees.iter().find(|(known, _)| known == name).map(|(_, fee)| *fee)
    }

    /// The day on which the newest of its sources was read, `YYYY-MM-DD`; `None` when no source tells.
    pub fn date(&self) -> Option<&str> {
        let words = self.source.split([' ', ',']);
        words.filter(|word| word.len() == 10 && word.parse::<Date>().is_ok()).max()
    }
}

/// The factor of any region that is not the whole world.
const REGIONAL: &str = "regional_endpoint";

/// Names of no region in particular.
const EVERYWHERE: &[&str] = &["", "global", "not_available"];

/// What a region is to a model's prices.
#[derive(Clone, Copy)]
enum Place<'a> {
    /// The usual prices hold there.
    Usual,
    /// It has prices of its own.
    Card(&'a str, &'a Card),
    /// All prices of tokens are so many times the usual ones.
    Factor(&'a str, &'a str),
}

/// The prices of a request, and why these.
#[derive(Clone, Debug, Default)]
struct Chosen {
    rates: Rates,
    tier: Option<u64>,
    period: Option<String>,
    region: Option<String>,
    factor: Option<String>,
}

impl Chosen {
    fn of((rates, tier): (Rates, Option<u64>)) -> Self {
        Self { rates, tier, ..Self::default() }
    }

    /// The same times a factor; `None` when it is no number.
    fn times(mut self, factor: &str) -> Option<Self> {
        let number = Factor::parse(factor)?;
        for rate in self.rates.0.iter_mut().flatten() {
            *rate = rate.times(number)?;
        }
        self.factor = Some(match self.factor {
            Some(before) => format!("{before}*{factor}"),
            None => factor.to_owned(),
        });
        Some(self)
    }
}

#[cfg(test)]
mod tests;
