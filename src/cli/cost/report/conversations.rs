//! The report by conversation: those that were gone on with. What was asked once stands in the row beside them.

use super::{Asked, Order};
use crate::cost::report::{By, Draft, Figures, Filter, Key, Other, Query, Report, Row};
use crate::cost::spent::Sums;
use crate::error::{Error, ErrorKind};
use crate::money::Usd;

/// How many are shown where nobody says another number.
const USUAL: usize = 20;

/// The dearest conversations, and all that was spent beside them as one row.
pub fn report(asked: &Asked<'_>) -> Result<Report, Error> {
    let (query, range) = (&asked.query, asked.query.range);
    let is_plain = query.by == [By::Conversation] && query.filter == Filter::default();
    if !is_plain || asked.args.sort.is_some_and(|order| order != Order::Cost) {
        let error =
            Error::new(ErrorKind::Usage, "`--by conversation` stands alone, the dearest first, without filters");
        return Err(error.hint("`llmx cost --by conversation --since 7d --top 10`"));
    }
    let spending = asked.spending(range)?;
    let total = Query { by: Vec::new(), top: None, ..query.clone() };
    let mut draft = Draft::new(&spending, &total);
    asked.ledger.requests(range.milliseconds(), &mut |request| draft.sample(&request))?;
    let all = draft.finish();
    let top = query.top.unwrap_or(USUAL);
    let found = asked.ledger.conversations_spent(range.milliseconds(), top)?;
    let rows = found.into_iter().map(|of| Row {
        keys: vec![Key::Conversation { id: of.id, title: of.prompt, last_ms: of.last_ms }],
        figures: Figures::from(of.sums),
    });
    let rows: Vec<Row> = rows.collect();
    let rest = rest(all.total.sums, rows.iter().map(|row| row.figures.sums));
    let other = (rest != Sums::default()).then(|| Other { rows: None, figures: rest.into() });
    Ok(Report { rows, other, ..all })
}

/// What is left of sums without these.
fn rest(all: Sums, parts: impl Iterator<Item = Sums>) -> Sums {
    parts.fold(all, |all, part| {
        let usd = |all: Usd, part: Usd| Usd::from_pico(all.pico().saturating_sub(part.pico()));
        Sums {
            requests: all.requests.saturating_sub(part.requests),
            failures: all.failures.saturating_sub(part.failures),
            unknown: all.unknown.saturating_sub(part.unknown),
            uncounted: all.uncounted.saturating_sub(part.uncounted),
            input: all.input.saturating_sub(part.input),
            cache_read: all.cache_read.saturating_sub(part.cache_read),
            cache_write: all.cache_write.saturating_sub(part.cache_write),
            output: all.output.saturating_sub(part.output),
            reasoning: all.reasoning.saturating_sub(part.reasoning),
            cost: usd(all.cost, part.cost),
            failed_cost: usd(all.failed_cost, part.failed_cost),
            saved: usd(all.saved, part.saved),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_and_the_parts_are_all() {
        let sums = |requests, pico, saved| Sums {
            requests,
            output: requests * 3,
            cost: Usd::from_pico(pico),
            saved: Usd::from_pico(saved),
            ..Sums::default()
        };
        let parts = [sums(2, 30, -5), sums(3, 20, 7)];
        let rest = rest(sums(10, 100, 1), parts.into_iter());
        assert_eq!(rest, sums(5, 50, -1));
    }
}
