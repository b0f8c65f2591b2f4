//! Whether a second target is asked when the first is late, and when it is.

use std::time::Duration;

use super::experience::CellKey;
use super::{Candidate, Demand, Hedge, HedgeAfter, Hedging, NoHedge, Policy, Set, Snapshot};
use crate::money::Usd;

/// With fewer first tokens of late, it is not known when one is late.
const FEWEST: f64 = 20.0;
/// Nothing is late before this.
const SHORTEST: Duration = Duration::from_millis(200);
/// So much may be spent before the share is looked at: the first hedge would always be above it.
const FREE: Usd = Usd::from_pico(10_000_000_000);

/// Whether and when the second candidate is asked beside the first; `None` when the route does not want it.
pub(super) fn decide(
    candidates: &[Candidate],
    demand: &Demand<'_>,
    policy: &Policy,
    snapshot: &Snapshot,
) -> Option<Set<Hedging>> {
    let Set { value: hedge, origin } = policy.hedge.clone()?;
    let decided = after(hedge, candidates, demand, policy, snapshot);
    let value = decided.map_or_else(|why| Hedging::Not { why }, |(after, extra)| Hedging::After { after, extra });
    Some(Set { value, origin })
}

fn after(
    hedge: Hedge,
    candidates: &[Candidate],
    demand: &Demand<'_>,
    policy: &Policy,
    snapshot: &Snapshot,
) -> Result<(Duration, Usd), NoHedge> {
    let [first, second, ..] = candidates else { return Err(NoHedge::NobodyElse) };
    if !policy.fallback {
        return Err(NoHedge::NobodyElse);
    }
    if !demand.request.tools.is_empty() {
        return Err(NoHedge::Tools);
    }
    let after = match hedge.after {
        HedgeAfter::Time(time) => time,
        HedgeAfter::Quantile(share) => {
            let cell = snapshot.experience.cell(&first.target, CellKey::All).ok_or(NoHedge::TooFewSeen)?;
            cell.quantile(share, FEWEST).ok_or(NoHedge::TooFewSeen)?.max(SHORTEST)
        }
    };
    let extra = second.forecast.cost.ok_or(NoHedge::PriceUnknown)?;
    let spent = snapshot.spent.hedged;
    let allowed = share(snapshot.spent.all, hedge.max_extra_cost).max(FREE);
    if spent + extra > allowed {
        return Err(NoHedge::SpentEnough { extra, spent, allowed });
    }
    Ok((after, extra))
}

/// A share of an amount.
#[expect(clippy::cast_possible_truncation, reason = "a share of an amount is no larger than twice that amount")]
fn share(of: Usd, share: f64) -> Usd {
    Usd::from_pico((of.pico() as f64 * share) as i128)
}
