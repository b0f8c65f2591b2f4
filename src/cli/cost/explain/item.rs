//! One priced call: as a JSON object, and as a table for people.

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::catalog::{Bill, Line, Mode, Model, PriceRecord, Terms, Unit};
use crate::chat::{Buckets, Usage};
use crate::cli::Done;
use crate::cli::billing::{self, Cost, Served};
use crate::cli::cost::SCHEMA;
use crate::ledger::record::CostSource;
use crate::money::{Rate, Usd};
use crate::ui::Ui;
use crate::ui::table::Table;

/// A call and what it cost.
#[derive(Debug)]
pub(super) struct Item {
    /// `provider/id`.
    pub model: String,
    /// When the request was made.
    pub at: Timestamp,
    /// The way of processing in its own word, where llmx has none for it.
    pub mode: String,
    /// The counts; `None` when none were reported.
    pub buckets: Option<Buckets>,
    /// What it cost.
    pub cost: Cost,
}

impl Item {
    /// The call that those counts are of.
    pub(super) fn of_counts(model: &str, counts: &Usage, served: &Served<'_>, mut cost: Cost) -> Self {
        let buckets = counts.billed_buckets();
        let mode = billing::mode(counts, served);
        let told = counts.service_tier.clone().unwrap_or_default();
        // Where no price is known, the lines say what was counted all the same.
        let unpriced = || {
            let terms = Terms { mode: Mode::Standard, at: served.at, region: None };
            buckets.map(|buckets| Model::default().bill_on(&buckets, &terms))
        };
        cost.bill = cost.bill.take().or_else(unpriced);
        let mode = mode.map_or(told, |mode| mode.name().to_owned());
        Self { model: model.to_owned(), at: served.at, mode, buckets, cost }
    }

    fn lines(&self) -> &[Line] {
        self.cost.bill.as_ref().map_or(&[], |bill| &bill.lines)
    }

    fn record(&self) -> Option<&PriceRecord> {
        self.cost.bill.as_ref()?.record.as_ref()
    }

    fn total(&self) -> Option<Usd> {
        self.cost.bill.as_ref()?.total
    }

    /// The call as JSON with its schema.
    pub(super) fn object(&self) -> Value {
        let mut object = json!({ "schema": SCHEMA });
        if let (Value::Object(object), Value::Object(members)) = (&mut object, self.members()) {
            object.extend(members);
        }
        object
    }

    /// The call as members of an object. `total` is by the catalogue's prices, `usd` is what counts.
    pub(super) fn members(&self) -> Value {
        json!({
            "model": self.model,
            "at": self.at,
            "mode": self.mode,
            "usage": self.buckets,
            "lines": self.lines(),
            "total": self.total(),
            "usd": self.cost.usd,
            "source": self.cost.source,
            "reported": self.cost.reported,
            "difference": self.cost.difference,
            "saved": self.cost.bill.as_ref().and_then(|bill| bill.saved),
            "inconsistent": self.cost.inconsistent,
            "record": self.record(),
        })
    }

    /// The call for people: its lines, what they sum up to, and where the prices come from.
    pub(super) fn print(&self, ui: &Ui) -> Done {
        let moment = self.at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M UTC");
        ui.out_words(&format!("{}, {}, {moment}\n\n", self.model, self.mode))?;
        if !self.lines().is_empty() {
            ui.table(&self.table())?;
        }
        ui.out_words(&self.words())?;
        Ok(())
    }

    fn table(&self) -> Table {
        let mut table = Table::new(["unit", "count", "rate", "cost"]).right(&[1, 2, 3]);
        for line in self.lines() {
            table.row([line.unit.to_string(), grouped(line.count), rate(line), dollars(line.cost)]);
        }
        let total = if self.lines().len() > 1 { Some(self.total()) } else { None };
        if let Some(total) = total {
            table.row(["total".to_owned(), String::new(), String::new(), dollars(total)]);
        }
        table
    }

    /// What stands below the table.
    fn words(&self) -> String {
        let mut text = String::new();
        let mut say = |name: &str, words: &str| writeln!(text, "{name:<9} {words}").ok();
        if self.buckets.is_none() && self.cost.source != CostSource::NotBilled {
            say("tokens", "unknown: prompt or answer were not counted");
        }
        let source = match self.cost.source {
            CostSource::Computed => "by the prices below",
            CostSource::Provider => "as the provider says",
            CostSource::NotBilled => "the request was not billed",
            CostSource::Unknown => "a count or a price is not known",
        };
        say("cost", &format!("{} ({source})", dollars(self.cost.usd)));
        if let (Some(difference), Some(total)) = (self.cost.difference, self.total()) {
            let sign = if difference < Usd::ZERO { "" } else { "+" };
            say(
                "differs",
                &format!("the prices below make it {} ({sign}{})", dollars(Some(total)), difference.to_decimal()),
            );
        }
        if self.cost.inconsistent {
            say("counts", "the reported counts contradict each other; what did not fit was cut off");
        }
        if let Some(saved) = self.cost.bill.as_ref().and_then(|bill| bill.saved).filter(|saved| *saved != Usd::ZERO) {
            say("caching", &format!("saved {}", dollars(Some(saved))));
        }
        match self.record() {
            Some(record) => say("price", &of_record(record)),
            None if self.cost.bill.is_some() => {
                say("price", "none is known for this model, way of processing and time")
            }
            None => None,
        };
        text
    }
}

/// What a record is, in words.
fn of_record(record: &PriceRecord) -> String {
    let PriceRecord { model, mode, tier, period, region, factor, source, .. } = record;
    let tier = tier.map(|above| format!("prompts above {} tokens", grouped(above)));
    let region = region.as_ref().map(|region| format!("region {region}"));
    let factor = factor.as_ref().map(|factor| format!("times {factor}"));
    let parts = [Some(mode.name().to_owned()), tier, period.clone(), region, factor].into_iter().flatten();
    format!("{model}, {} ({source})", parts.collect::<Vec<_>>().join(", "))
}

/// The price of one, per million tokens or per thousand of anything else.
fn rate(line: &Line) -> String {
    let Some(rate) = line.rate else { return "unknown".to_owned() };
    if Unit::named(&line.unit).is_some() {
        return format!("${} / 1M", rate.per_million());
    }
    let thousand = Rate::from_pico(rate.pico()) * 1000;
    format!("${} / 1k", thousand.to_decimal())
}

/// The exact amount.
pub(super) fn dollars(amount: Option<Usd>) -> String {
    match amount {
        Some(amount) if amount < Usd::ZERO => format!("-${}", (Usd::ZERO - amount).to_decimal()),
        Some(amount) => format!("${}", amount.to_decimal()),
        None => "unknown".to_owned(),
    }
}

/// `1234567` as `1,234,567`.
fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The same sum, whoever made the bill.
pub(super) fn cost_of(bill: Option<Bill>, usd: Option<Usd>, source: CostSource, inconsistent: bool) -> Cost {
    let reported = usd.filter(|_| source == CostSource::Provider);
    let total = bill.as_ref().and_then(|bill| bill.total);
    let difference = reported.zip(total).and_then(|(reported, total)| billing::difference(reported, total));
    Cost { usd, source, reported, difference, inconsistent, bill }
}
