//! What a call of another tool cost, by the catalogue's price of its time.

use crate::catalog::{Bill, Catalog};
use crate::chat::Buckets;
use crate::cli::billing::{self, Served};
use crate::cost::import::{Call, Origin};
use crate::cost::spent::{Spender, Sums};
use crate::ledger::ImportedCall;
use crate::money::Usd;

/// The call with its price, as the ledger keeps it.
pub fn priced(call: Call, origin: &Origin, catalog: &Catalog) -> ImportedCall {
    let buckets = call.usage.billed_buckets();
    let bill = bill(&call, catalog);
    let (cost, source) = cost(&call, bill.as_ref());
    ImportedCall {
        sums: sums(&call, buckets.as_ref(), cost, bill.as_ref()),
        id: call.id,
        started_ms: call.at.as_millisecond(),
        total_ms: call.duration.map(|took| u64::try_from(took.as_millis()).unwrap_or(u64::MAX)),
        conversation: call.conversation,
        source,
        usage_raw: call.usage.raw.to_string(),
        spender: Spender {
            provider: call.provider,
            model: call.model,
            command: origin.name.to_owned(),
            role: "main".to_owned(),
            project: call.project,
            tags: call.tags,
            imported: true,
            ..Spender::default()
        },
    }
}

fn bill(call: &Call, catalog: &Catalog) -> Option<Bill> {
    let served = Served { at: call.at, mode: None, region: None };
    billing::of_usage(&call.usage, catalog.find(&call.provider, &call.model).as_ref(), &served).bill
}

/// The price where there is one; else what the tool has worked out.
fn cost(call: &Call, bill: Option<&Bill>) -> (Option<Usd>, &'static str) {
    match (bill.and_then(|bill| bill.total), call.claimed) {
        _ if call.rejected => (Some(Usd::ZERO), "not_billed"),
        (Some(computed), _) => (Some(computed), "computed"),
        (None, Some(claimed)) => (Some(claimed), "claimed"),
        (None, None) => (None, "unknown"),
    }
}

fn sums(call: &Call, buckets: Option<&Buckets>, cost: Option<Usd>, bill: Option<&Bill>) -> Sums {
    let counted = buckets.copied().unwrap_or_default();
    let known = cost.unwrap_or_default();
    Sums {
        requests: 1,
        failures: u64::from(call.failed),
        unknown: u64::from(cost.is_none()),
        uncounted: u64::from(buckets.is_none()),
        input: counted.input_total(),
        cache_read: counted.cache_read_total(),
        cache_write: counted.cache_write_total(),
        output: counted.output_total(),
        reasoning: counted.reasoning,
        cost: known,
        failed_cost: if call.failed { known } else { Usd::ZERO },
        saved: bill.and_then(|bill| bill.saved).unwrap_or_default(),
    }
}
