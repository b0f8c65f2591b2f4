//! Reads one line of the table; its grammar is told at the table's top.

use jiff::civil::{Date, Time};

use crate::money::{Rate, Usd};

use super::price::{Card, Dated, Hours, Mode, Pricing, Rates, Tier, Unit, Window};
use super::table::Table;
use super::{Kind, Model};

/// The model that a line's fields tell of; `None` when a field is not understood. `table` has the names of the sources.
pub(super) fn parse(provider: &str, id: &str, fields: &str, table: &Table) -> Option<Model> {
    let mut model = Model { provider: provider.to_owned(), id: id.to_owned(), ..Model::default() };
    let mut pricing = None;
    for field in fields.split_ascii_whitespace() {
        match field.split_once('=') {
            None => word(&mut model, field)?,
            Some((name, value)) => {
                if !fact(&mut model, name, value)? {
                    price(pricing.get_or_insert_default(), name, value, table)?;
                }
            }
        }
    }
    model.pricing = pricing;
    Some(model)
}

fn word(model: &mut Model, word: &str) -> Option<()> {
    match word {
        "embedding" => model.kind = Kind::Embedding,
        "completion" => model.kind = Kind::Completion,
        "beta" | "deprecated" | "retired" => model.status = Some(word.to_owned()),
        "responses-only" => model.responses_only = true,
        "reasoning-optional" => model.reasoning.optional = true,
        "reasoning-always" => model.reasoning.always = true,
        _ => return None,
    }
    Some(())
}

/// Takes a field that is no price; `Some(false)` when it is one, `None` when its value is not understood.
fn fact(model: &mut Model, name: &str, value: &str) -> Option<bool> {
    match name {
        "context" => model.context = Some(value.parse().ok()?),
        "max_input" => model.max_input = Some(value.parse().ok()?),
        "max_output" => model.max_output = Some(value.parse().ok()?),
        "released" => model.released = Some(value.to_owned()),
        "ends" => model.deprecates = Some(value.to_owned()),
        "can" => value.split(',').try_for_each(|name| ability(model, name, true))?,
        "not" => value.split(',').try_for_each(|name| ability(model, name, false))?,
        "tokenizer" => {
            let (family, encoding) = value.split_once(':').map_or((value, None), |(one, two)| (one, Some(two)));
            (model.tokenizer, model.encoding) = (Some(family.to_owned()), encoding.map(str::to_owned));
        }
        "efforts" => {
            let (efforts, more) = value.strip_suffix(",…").map_or((value, false), |efforts| (efforts, true));
            model.reasoning.efforts = efforts.split(',').map(str::to_owned).collect();
            model.reasoning.more_efforts = more;
        }
        "budget" => {
            let (least, most) = value.split_once("..")?;
            model.reasoning.budget = Some((least.parse().ok(), most.parse().ok()));
        }
        _ => return Some(false),
    }
    Some(true)
}

fn ability(model: &mut Model, name: &str, has: bool) -> Option<()> {
    let abilities = &mut model.abilities;
    let slot = match name {
        "tools" => &mut abilities.tools,
        "json_schema" => &mut abilities.json_schema,
        "reasoning" => &mut abilities.reasoning,
        "vision" => &mut abilities.vision,
        "pdf" => &mut abilities.pdf,
        "temperature" => &mut abilities.temperature,
        "system" => &mut abilities.system,
        "streaming" => &mut abilities.streaming,
        "audio" | "video" => &mut None,
        _ => return None,
    };
    *slot = Some(has);
    let medium = [("vision", "image"), ("pdf", "pdf"), ("audio", "audio"), ("video", "video")];
    model
        .input
        .extend(medium.iter().filter(|(ability, _)| has && *ability == name).map(|(_, input)| (*input).to_owned()));
    Some(())
}

fn price(pricing: &mut Pricing, name: &str, value: &str, table: &Table) -> Option<()> {
    match name {
        "price" => pricing.standard = card(value)?,
        "hours" => pricing.hours.push(hours(value)?),
        "dated" => pricing.dated.push(dated(value)?),
        "factors" => {
            let factors = pairs(value).map(|(name, factor)| (name.to_owned(), factor.to_owned()));
            pricing.factors = factors.collect();
        }
        "fees" => {
            let fees = pairs(value).map(|(name, fee)| Some((name.to_owned(), Usd::parse(fee)?)));
            pricing.fees = fees.collect::<Option<_>>()?;
        }
        "source" => {
            let sources: Option<Vec<&str>> = value.chars().map(|letter| table.source(letter)).collect();
            pricing.source = sources?.join(", ");
        }
        _ => match name.strip_prefix("region.") {
            Some(region) => pricing.regions.push((region.to_owned(), card(value)?)),
            None => pricing.modes.push((Mode::named(name)?, card(value)?)),
        },
    }
    Some(())
}

fn pairs(list: &str) -> impl Iterator<Item = (&str, &str)> {
    list.split(',').filter_map(|pair| pair.split_once(':'))
}

/// `RATES;>TOKENS:RATES;>=TOKENS:RATES`.
fn card(text: &str) -> Option<Card> {
    let (base, tiers) = text.split_once(';').unwrap_or((text, ""));
    let tier = |text: &str| {
        let (above, rates_text) = text.strip_prefix('>')?.split_once(':')?;
        let (above, inclusive) = above.strip_prefix('=').map_or((above, false), |above| (above, true));
        Some(Tier { above: above.parse().ok()?, inclusive, rates: rates(rates_text)? })
    };
    let tiers = tiers.split(';').filter(|tier| !tier.is_empty()).map(tier).collect::<Option<_>>()?;
    Some(Card { rates: rates(base)?, tiers })
}

/// `INPUT/OUTPUT,UNIT:PRICE,…`; the output may be missing.
fn rates(text: &str) -> Option<Rates> {
    let mut rates = Rates::default();
    let (plain, units) = text.split_once(',').unwrap_or((text, ""));
    let (input, output) = plain.split_once('/').map_or((plain, None), |(input, output)| (input, Some(output)));
    rates.set(Unit::Input, rate(input)?);
    if let Some(output) = output {
        rates.set(Unit::Output, rate(output)?);
    }
    for pair in units.split(',').filter(|pair| !pair.is_empty()) {
        let (unit, price) = pair.split_once(':')?;
        rates.set(Unit::named(unit)?, rate(price)?);
    }
    Some(rates)
}

/// A price is never below nothing.
fn rate(text: &str) -> Option<Rate> {
    Rate::parse_per_million(text).filter(|rate| rate.pico() >= 0)
}

/// `NAME/DAYS@HH:MM-HH:MM,…/…=RATES`.
fn hours(text: &str) -> Option<Hours> {
    let (when, prices) = text.split_once('=')?;
    let (name, windows) = when.split_once('/')?;
    let windows = windows.split('/').map(window).collect::<Option<_>>()?;
    Some(Hours { name: name.to_owned(), windows, rates: rates(prices)? })
}

fn window(text: &str) -> Option<Window> {
    let (days, hours) = text.split_once('@')?;
    let weekdays = days.chars().map(|day| day.to_digit(10).and_then(|day| i8::try_from(day).ok()));
    let hours = hours.split(',').map(|range| {
        let (from, until) = range.split_once('-')?;
        let until = if until == "24:00" { None } else { Some(time(until)?) };
        Some((time(from)?, until))
    });
    Some(Window { weekdays: weekdays.collect::<Option<_>>()?, hours: hours.collect::<Option<_>>()? })
}

fn time(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

/// `FROM..UNTIL=CARD`; either date may be missing.
fn dated(text: &str) -> Option<Dated> {
    let (dates, prices) = text.split_once('=')?;
    let (from, until) = dates.split_once("..")?;
    let date = |text: &str| if text.is_empty() { Some(None) } else { text.parse::<Date>().ok().map(Some) };
    Some(Dated { from: date(from)?, until: date(until)?, card: card(prices)? })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_is_read_in_full() {
        let model = parse(
            "p",
            "m",
            "embedding beta responses-only context=10 max_input=8 max_output=4 released=2026-01-02 ends=2027-01-02 \
             can=tools,vision,audio not=pdf,temperature tokenizer=openai:o200k_base efforts=low,high,… budget=1..9 \
             reasoning-optional price=1/2,cache_read:0.1;>100:2/4;>=200:3/6 batch=0.5/1 \
             hours=night/67@00:00-24:00/1@22:30-23:00=0.1 dated=..2026-01-01=4/5 region.eu=2/3 factors=us:1.1 \
             fees=search:10 source=a",
            &Table::default(),
        )
        .expect("a line");
        assert_eq!((model.kind, model.status.as_deref(), model.responses_only), (Kind::Embedding, Some("beta"), true));
        assert_eq!((model.context, model.max_input, model.max_output), (Some(10), Some(8), Some(4)));
        assert_eq!((model.released.as_deref(), model.deprecates.as_deref()), (Some("2026-01-02"), Some("2027-01-02")));
        let abilities = model.abilities;
        assert_eq!((abilities.tools, abilities.vision, abilities.reasoning), (Some(true), Some(true), None));
        assert_eq!((abilities.pdf, abilities.temperature), (Some(false), Some(false)));
        assert_eq!(model.input, ["image", "audio"]);
        assert_eq!((model.tokenizer.as_deref(), model.encoding.as_deref()), (Some("openai"), Some("o200k_base")));
        assert_eq!((model.reasoning.efforts.len(), model.reasoning.more_efforts), (2, true));
        assert_eq!((model.reasoning.budget, model.reasoning.optional), (Some((Some(1), Some(9))), true));
        let pricing = model.pricing.expect("prices");
        assert_eq!(pricing.standard.tiers.iter().map(|tier| tier.inclusive).collect::<Vec<_>>(), [false, true]);
        assert_eq!(pricing.modes[0].0, Mode::Batch);
        assert_eq!(pricing.hours[0].windows[0].hours, [(Time::midnight(), None)]);
        assert_eq!(pricing.dated[0].until, Some(jiff::civil::date(2026, 1, 1)));
        assert_eq!((pricing.regions[0].0.as_str(), pricing.factors[0].1.as_str()), ("eu", "1.1"));
        assert_eq!(pricing.fees[0].1, Usd::parse("10").expect("dollars"));
        assert!(pricing.source.starts_with("litellm 20"));
    }

    #[test]
    fn what_is_not_understood_is_no_model() {
        let wrong = [
            "new",
            "context=x",
            "can=fly",
            "price=1/2,unit:3",
            "price=x",
            "price=-1/2",
            "turbo=1/2",
            "hours=x=1",
            "dated=1..2=1",
        ];
        for fields in wrong {
            assert_eq!(parse("p", "m", fields, &Table::default()), None, "{fields}");
        }
    }

    proptest! {
        #[test]
        fn no_line_makes_it_panic(fields in "[a-z@=:;,./>0-9 …-]{0,60}") {
            parse("p", "m", &fields, &Table::default());
        }
    }
}
