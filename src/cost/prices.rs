//! Prices to be looked at: all cards of a model, how old they are, and what differs between two catalogues.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::catalog::price::{Card, Hours, Window};
use crate::catalog::{Catalog, Mode, Model, Pricing, Rates, Unit};
use crate::money::Rate;

/// Prices that hold together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The way of processing, the region, the hours or the dates that they are for.
    pub card: String,
    /// They hold for prompts above that many tokens; `None` is the base price.
    pub above: Option<u64>,
    /// They begin at that many tokens, not above them.
    pub inclusive: bool,
    /// Dollars per million by unit, as far as the card says.
    pub rates: Vec<(Unit, Rate)>,
}

/// A price that is another one in another catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// `provider/id`.
    pub model: String,
    /// The card, and for long prompts their threshold: `batch above 200000`.
    pub card: String,
    /// The unit or the fee.
    pub unit: String,
    /// Dollars per million tokens, or a fee in dollars; `None` when it has none.
    pub before: Option<String>,
    /// The same in the newer catalogue.
    pub after: Option<String>,
}

/// What differs between the prices of two catalogues.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Models with a price that had none or were not known, in order.
    pub new: Vec<String>,
    /// Models that have no price any more.
    pub gone: Vec<String>,
    /// Prices that changed.
    pub changed: Vec<Change>,
}

/// All cards of a model: the standard one first, then those of other ways of processing, hours, regions and dates.
pub fn rows(pricing: &Pricing) -> Vec<Row> {
    let mut rows = card(Mode::Standard.name(), &pricing.standard);
    rows.extend(pricing.modes.iter().flat_map(|(mode, other)| card(mode.name(), other)));
    rows.extend(pricing.hours.iter().map(|hours| row(hours_in_words(hours), None, &hours.rates)));
    rows.extend(pricing.regions.iter().flat_map(|(region, other)| card(&format!("region {region}"), other)));
    rows.extend(pricing.dated.iter().flat_map(|dated| card(&dated.period(), &dated.card)));
    rows
}

fn card(name: &str, card: &Card) -> Vec<Row> {
    let base = row(name.to_owned(), None, &card.rates);
    let tiers = card
        .tiers
        .iter()
        .map(|tier| Row { inclusive: tier.inclusive, ..row(name.to_owned(), Some(tier.above), &tier.rates) });
    std::iter::once(base).chain(tiers).collect()
}

fn row(card: String, above: Option<u64>, rates: &Rates) -> Row {
    Row { card, above, inclusive: false, rates: rates.own().collect() }
}

fn hours_in_words(hours: &Hours) -> String {
    let windows: Vec<String> = hours.windows.iter().map(window_in_words).collect();
    format!("{} ({} UTC)", hours.name, windows.join("; "))
}

fn window_in_words(window: &Window) -> String {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let name = |day: &i8| usize::try_from(*day).ok().and_then(|day| DAYS.get(day.checked_sub(1)?)).copied();
    let days: Vec<&str> = window.weekdays.iter().filter_map(name).collect();
    let hours = window.hours.iter().map(|(from, until)| {
        let until = until.map_or_else(|| "24:00".to_owned(), |until| until.strftime("%H:%M").to_string());
        format!("{}-{until}", from.strftime("%H:%M"))
    });
    format!("{} {}", days.join(" "), hours.collect::<Vec<_>>().join(", "))
}

/// How many days old a price is; `None` when nobody says when it was read.
pub fn age(pricing: &Pricing, today: Date) -> Option<i32> {
    let read: Date = pricing.date()?.parse().ok()?;
    read.until(today).ok().map(|span| span.get_days())
}

/// What is other in `new` than in `old`, of the models that `wanted` takes.
pub fn difference(old: &Catalog, new: &Catalog, wanted: impl Fn(&str) -> bool) -> Difference {
    let (before, after) = (priced(old, &wanted), priced(new, &wanted));
    let missing = |from: &BTreeMap<String, Pricing>, there: &BTreeMap<String, Pricing>| {
        from.keys().filter(|name| !there.contains_key(*name)).cloned().collect()
    };
    let both = after.iter().filter_map(|(name, after)| Some((name, before.get(name)?, after)));
    Difference {
        new: missing(&after, &before),
        gone: missing(&before, &after),
        changed: both.flat_map(|(name, before, after)| changes(name, before, after)).collect(),
    }
}

fn priced(catalog: &Catalog, wanted: impl Fn(&str) -> bool) -> BTreeMap<String, Pricing> {
    let providers = catalog.providers();
    let models = providers.iter().flat_map(|provider| catalog.models(provider));
    let named = models.filter_map(|model: Model| Some((format!("{}/{}", model.provider, model.id), model.pricing?)));
    named.filter(|(name, _)| wanted(name)).collect()
}

fn changes(model: &str, before: &Pricing, after: &Pricing) -> Vec<Change> {
    let (before, after) = (amounts(before), amounts(after));
    let mut keys: Vec<&(String, String)> = before.keys().chain(after.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    let other = keys.into_iter().filter(|key| before.get(*key) != after.get(*key));
    other
        .map(|key| Change {
            model: model.to_owned(),
            card: key.0.clone(),
            unit: key.1.clone(),
            before: before.get(key).cloned(),
            after: after.get(key).cloned(),
        })
        .collect()
}

/// Every amount of a price by card and unit.
fn amounts(pricing: &Pricing) -> BTreeMap<(String, String), String> {
    let rates = rows(pricing).into_iter().flat_map(|row| {
        let card = match row.above {
            Some(above) if row.inclusive => format!("{} from {above}", row.card),
            Some(above) => format!("{} above {above}", row.card),
            None => row.card,
        };
        row.rates.into_iter().map(move |(unit, rate)| ((card.clone(), unit.name().to_owned()), rate.per_million()))
    });
    let fees = pricing.fees.iter().map(|(name, fee)| (("fee".to_owned(), name.clone()), fee.to_decimal()));
    let factors = pricing.factors.iter().map(|(name, factor)| (("factor".to_owned(), name.clone()), factor.clone()));
    rates.chain(fees).chain(factors).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::update::{Origin, catalogue_of};

    fn pricing(provider: &str, id: &str) -> Pricing {
        Catalog::builtin().find(provider, id).and_then(|model| model.pricing).expect("a price")
    }

    #[test]
    fn every_card_of_a_model_is_a_row() {
        let named = |provider, id| {
            let rows = rows(&pricing(provider, id));
            rows.into_iter().map(|row| (row.card, row.above)).collect::<Vec<_>>()
        };
        let gpt = named("openai", "gpt-5.4");
        assert_eq!(gpt[..2], [("standard".to_owned(), None), ("standard".to_owned(), Some(272_000))]);
        assert!(gpt.contains(&("batch".to_owned(), None)), "{gpt:?}");
        let deepseek = named("deepseek", "deepseek-v4-flash");
        assert!(deepseek.iter().any(|(card, _)| card.starts_with("off-peak (Mon ")), "{deepseek:?}");
        assert!(named("anthropic", "claude-sonnet-4-6").contains(&("until 2026-03-13".to_owned(), Some(200_000))));
        assert!(named("azure-openai", "gpt-4o").contains(&("region eu".to_owned(), None)));
    }

    #[test]
    fn an_age_counts_from_the_newest_source() {
        let pricing = pricing("openai", "gpt-5.4");
        assert_eq!(age(&pricing, "2026-11-29".parse().expect("a day")), Some(17));
        assert_eq!(age(&Pricing::default(), "2026-11-29".parse().expect("a day")), None);
    }

    #[test]
    fn two_catalogues_differ_in_what_was_changed() {
        let builtin = Catalog::builtin();
        assert_eq!(difference(&builtin, &builtin, |_| true), Difference::default());
        let text = "# llmx's catalogue of models as of 2026-11-22\n\
                    openai/a price=1/2,cache_read:0.1 batch=0.5/1\nopenai/b price=1/2\n";
        let newer = text.replace("price=1/2,cache_read:0.1", "price=1/3;>100:2/6").replace("openai/b", "openai/c");
        let origin = Origin { name: "a file", today: "2026-11-29" };
        let open = |text: &str| catalogue_of(text, &origin).expect("a catalogue");
        let found = difference(&open(text), &open(&newer), |_| true);
        assert_eq!((found.new, found.gone), (vec!["openai/c".to_owned()], vec!["openai/b".to_owned()]));
        let told: Vec<String> = found
            .changed
            .iter()
            .map(|change| format!("{} {}: {:?} {:?}", change.card, change.unit, change.before, change.after))
            .collect();
        assert_eq!(
            told,
            [
                "standard cache_read: Some(\"0.1\") None",
                "standard output: Some(\"2\") Some(\"3\")",
                "standard above 100 input: None Some(\"2\")",
                "standard above 100 output: None Some(\"6\")",
            ]
        );
    }
}
