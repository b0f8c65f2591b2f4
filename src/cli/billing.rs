//! What an attempt cost, from what the provider reported and what the catalogue knows.

use jiff::Timestamp;
use serde::Serialize;

use crate::catalog::{Bill, Mode};
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
    /// The bill by the catalogue's prices, also where the provider's own figure counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bill: Option<Bill>,
}

/// What an attempt cost. The provider's own figure wins; a price or a count that is unknown makes the cost unknown.
pub fn of(attempt: &Attempt, target: &Target) -> Cost {
    match &attempt.reply.usage {
        // What was counted before an answer broke off is a lower bound, not what it cost.
        Some(usage) if broke_off(attempt) && usage.cost.is_none() => Cost::unknown(),
        Some(usage) => of_usage(usage, target, attempt.started),
        None => Cost { usd: unbilled(attempt).then_some(Usd::ZERO), source: source_without_usage(attempt), bill: None },
    }
}

fn broke_off(attempt: &Attempt) -> bool {
    attempt.outcome != Outcome::Complete && attempt.reply.finish.is_none()
}

fn of_usage(usage: &Usage, target: &Target, at: Timestamp) -> Cost {
    // A tier that llmx does not know has a price that it does not know.
    let mode = usage.service_tier.as_deref().map_or(Some(Mode::Standard), Mode::named);
    let bill = usage.billed_buckets().zip(target.model.as_deref()).zip(mode);
    let bill = bill.map(|((buckets, model), mode)| model.bill(&buckets, mode, at));
    let computed = bill.as_ref().and_then(|bill| bill.total);
    let (usd, source) = match (usage.cost, computed) {
        (Some(reported), _) => (Some(reported), CostSource::Provider),
        (None, Some(computed)) => (Some(computed), CostSource::Computed),
        (None, None) => (None, CostSource::Unknown),
    };
    Cost { usd, source, bill }
}

/// Whether the provider surely billed nothing: it rejected the request, or never got it.
fn unbilled(attempt: &Attempt) -> bool {
    matches!(&attempt.outcome, Outcome::Failed(failure) if !failure.maybe_billed)
}

fn source_without_usage(attempt: &Attempt) -> CostSource {
    if unbilled(attempt) { CostSource::NotBilled } else { CostSource::Unknown }
}

impl Cost {
    /// Nothing is known of it.
    pub fn unknown() -> Self {
        Self { usd: None, source: CostSource::Unknown, bill: None }
    }
}
