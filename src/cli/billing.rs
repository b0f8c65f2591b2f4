//! What an attempt cost, from what the provider reported and what the catalogue knows.

use jiff::Timestamp;
use serde::Serialize;

use crate::catalog::{Bill, Kind, Mode, Model, Terms};
use crate::chat::Usage;
use crate::exec::{Attempt, Outcome};
use crate::ledger::record::CostSource;
use crate::money::Usd;
use crate::provider::Target;

/// The cost of one attempt.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cost {
    /// Dollars; `None` is unknown.
    pub usd: Option<Usd>,
    /// Where the figure comes from.
    pub source: CostSource,
    /// What the provider says it cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reported: Option<Usd>,
    /// What the provider says less what the catalogue's prices make it, where they are more than 1 % apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<Usd>,
    /// The token counts contradicted each other and were clamped.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub inconsistent: bool,
    /// The bill by the catalogue's prices, also where the provider's own figure counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bill: Option<Bill>,
}

/// What an attempt cost. The provider's own figure wins; a price or a count that is unknown makes the cost unknown.
pub fn of(attempt: &Attempt, target: &Target) -> Cost {
    match &attempt.reply.usage {
        // What was counted before an answer broke off is a lower bound, not what it cost.
        Some(usage) if broke_off(attempt) && usage.cost.is_none() => Cost::unknown(),
        Some(usage) => {
            let served = Served { at: attempt.started, mode: None, region: target.provider.place() };
            of_usage(usage, target.model.as_deref(), &served)
        }
        None => Cost {
            usd: unbilled(attempt).then_some(Usd::ZERO),
            source: source_without_usage(attempt),
            ..Cost::unknown()
        },
    }
}

fn broke_off(attempt: &Attempt) -> bool {
    attempt.outcome != Outcome::Complete && attempt.reply.finish.is_none()
}

/// How a call was served, as far as its token counts do not tell.
#[derive(Clone, Copy, Debug)]
pub struct Served<'a> {
    /// When the request was made.
    pub at: Timestamp,
    /// The way of processing; `None` is what the counts tell, else the standard one.
    pub mode: Option<Mode>,
    /// Where it was processed, unless the counts tell.
    pub region: Option<&'a str>,
}

/// The counts, with no answer where there is none to count: embeddings have only a prompt.
pub fn counted(usage: Usage, model: &Model) -> Usage {
    let output = usage.output.or_else(|| (model.kind == Kind::Embedding).then_some(0));
    Usage { output, ..usage }
}

/// What the counts of a call cost. `model` is the catalogue's; without one, only what the provider says is known.
pub fn of_usage(usage: &Usage, model: Option<&Model>, served: &Served<'_>) -> Cost {
    let buckets = usage.billed_buckets();
    let bill = buckets.zip(model).zip(mode(usage, served)).map(|((buckets, model), mode)| {
        model.bill_on(&buckets, &Terms { mode, at: served.at, region: region(usage, served) })
    });
    let computed = bill.as_ref().and_then(|bill| bill.total);
    let (usd, source) = match (usage.cost, computed) {
        (Some(reported), _) => (Some(reported), CostSource::Provider),
        (None, Some(computed)) => (Some(computed), CostSource::Computed),
        (None, None) => (None, CostSource::Unknown),
    };
    Cost {
        usd,
        source,
        reported: usage.cost,
        difference: usage.cost.zip(computed).and_then(|(reported, computed)| difference(reported, computed)),
        inconsistent: buckets.is_some_and(|buckets| buckets.inconsistent),
        bill,
    }
}

/// The way of processing. A tier that llmx does not know has a price that it does not know: `None`.
pub fn mode(usage: &Usage, served: &Served<'_>) -> Option<Mode> {
    served.mode.or_else(|| usage.service_tier.as_deref().map_or(Some(Mode::Standard), Mode::named))
}

/// Where it was processed: what the response says, if it says a place, else what is known of the address.
pub fn region<'a>(usage: &'a Usage, served: &Served<'a>) -> Option<&'a str> {
    let told = usage.region.as_deref().filter(|region| !matches!(*region, "" | "not_available"));
    told.or(served.region)
}

/// How far a provider's figure is from the computed one, when that is more than 1 % of it.
pub fn difference(reported: Usd, computed: Usd) -> Option<Usd> {
    let difference = reported - computed;
    (difference.pico().saturating_abs().saturating_mul(100) > computed.pico().saturating_abs()).then_some(difference)
}

/// Whether the provider surely billed nothing: it rejected the request, or never got it.
fn unbilled(attempt: &Attempt) -> bool {
    matches!(&attempt.outcome, Outcome::Failed(failure) if !failure.maybe_billed)
}

fn source_without_usage(attempt: &Attempt) -> CostSource {
    if unbilled(attempt) { CostSource::NotBilled } else { CostSource::Unknown }
}

impl Cost {
    /// What a cache has saved, in pico-dollars; `None` when that is not known.
    pub fn saved_pico(&self) -> Option<i64> {
        i64::try_from(self.bill.as_ref()?.saved?.pico()).ok()
    }

    /// Nothing is known of it.
    pub fn unknown() -> Self {
        Self {
            usd: None,
            source: CostSource::Unknown,
            reported: None,
            difference: None,
            inconsistent: false,
            bill: None,
        }
    }
}

#[cfg(test)]
mod tests;
