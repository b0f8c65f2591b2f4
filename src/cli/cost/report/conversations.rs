//! The report by conversation: those that were gone on with. What was asked once stands in the row beside them.

use super::{Asked, Order};
use crate::cost::report::{By, Figures, Filter, Key, Other, Query, Report, Row};
use crate::cost::spent::Sums;
use crate::error::{Error, ErrorKind};

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
    let total = Query { by: Vec::new(), top: None, ..query.clone() };
    let all = asked.draft(&total)?.finish();
    let top = query.top.unwrap_or(USUAL);
    let found = asked.ledger.conversations_spent(range.milliseconds(), top)?;
    let rows = found.into_iter().map(|of| Row {
        keys: vec![Key::Conversation { id: of.id, title: of.prompt, last_ms: of.last_ms }],
        figures: Figures::from(of.sums),
    });
    let rows: Vec<Row> = rows.collect();
    let mut rest = all.total.sums;
    for row in &rows {
        rest -= row.figures.sums;
    }
    let other = (rest != Sums::default()).then(|| Other { rows: None, figures: rest.into() });
    Ok(Report { rows, other, ..all })
}
