//! What `llmx cost` shows where nobody asks for anything in particular: what was spent of late, when, and on what.

use super::Asked;
use crate::cli::Done;
use crate::cost::range::Range;
use crate::cost::report::{By, Draft, Query, Report, Sort, periods};
use crate::cost::spent::Spending;
use crate::ui::cost as shown;

/// The most models that are shown.
const MOST_MODELS: usize = 8;

const DAY_MS: i64 = 86_400_000;

/// The stretches of time that go on at present.
const PRESENT: [(&str, &str); 3] = [("today", "today"), ("this week", "week"), ("this month", "month")];

/// What a chart of that time is made of, so that it has neither two bars nor two hundred.
pub fn unit(range: Range) -> By {
    match (range.until_ms - range.since_ms) / DAY_MS {
        ..2 => By::Hour,
        2..63 => By::Day,
        63..400 => By::Week,
        _ => By::Month,
    }
}

/// Shows it.
pub fn show(asked: &Asked<'_>) -> Done {
    let (args, query, ui) = (asked.args, &asked.query, &asked.context.ui);
    let present = match (&args.since, &args.until) {
        (None, None) => PRESENT.as_slice(),
        _ => &[],
    };
    let read = |name: &str| Range::read(Some(name), None, asked.now, &query.zone).unwrap_or(query.range);
    let present: Vec<(&'static str, Range)> = present.iter().map(|(said, name)| (*said, read(name))).collect();
    let since_ms = present.iter().map(|(_, range)| range.since_ms).chain([query.range.since_ms]).min();
    let since_ms = since_ms.unwrap_or(query.range.since_ms);
    let spending = asked.spending(Range { since_ms, ..query.range })?;
    let unit = unit(query.range);
    let of = |range, by: &[By]| {
        report(&spending, &Query { range, by: by.to_vec(), sort: Sort::Usual, top: None, ..query.clone() })
    };
    let timeline = of(query.range, std::slice::from_ref(&unit));
    if timeline.total.sums.requests == 0 {
        return asked.nothing();
    }
    let top = Some(args.top.unwrap_or(MOST_MODELS));
    let models = report(&spending, &Query { by: vec![By::Model], top, ..query.clone() });
    let page = asked.page();
    let overview = shown::Overview {
        present: present.into_iter().map(|(said, range)| (said, of(range, &[]).total)).collect(),
        periods: periods(&unit, query.range, &query.zone),
        by: unit,
        timeline: &timeline,
        models: &models,
        has_chart: !args.no_chart,
    };
    ui.out(&format!("{}\n{}\n{}", asked.heading(&page), overview.drawn(&page), shown::remarks(&models, &page)))?;
    ui.note("next: `llmx cost --by day,model`, `llmx cost --since today --by command`, `llmx cost explain last`");
    Ok(())
}

fn report(spending: &Spending, query: &Query) -> Report {
    Draft::new(spending, query).finish()
}
