//! The decision as tables: who is asked and why, what is expected of each, who is out, and the limits.

use std::time::Duration;

use jiff::Timestamp;

use crate::cli::Done;
use crate::money::Usd;
use crate::route::breaker::State;
use crate::route::forecast::Span;
use crate::route::{self, Buffer, Candidate, Cap, Hedging, OnCut, OnEmpty, OnFilter, Plan, Set, Shadowing};
use crate::ui::Ui;
use crate::ui::table::Table;

/// Prints the whole decision.
pub fn print(plan: &Plan, at: Timestamp, ui: &Ui) -> Done {
    let strategy = &plan.strategy;
    let by = if strategy.origin == route::Origin::BuiltIn { String::new() } else { format!(" ({})", strategy.origin) };
    ui.out_clean(&format!("route {} ({}), strategy {}{by}\n\n", plan.route, plan.origin, strategy.value.name))?;
    if let Some(trial) = &plan.trial {
        ui.out_clean(&format!("{trial}\n\n"))?;
    }
    match &plan.shadow {
        Some(Shadowing::With { candidate, .. }) => {
            ui.out_clean(&format!("shadow {} is asked beside\n\n", candidate.target))?;
        }
        Some(Shadowing::Not { target, why }) => ui.out_clean(&format!("shadow {target} is not asked: {why}\n\n"))?,
        None => {}
    }
    let mut tables = Vec::new();
    if !plan.candidates.is_empty() {
        tables.extend([candidates(plan, at), forecasts(plan)]);
        tables.extend(Some(changes(plan)).filter(|table| !table.is_empty()));
        tables.push(limits(plan));
    }
    tables.extend(Some(rejected(plan)).filter(|table| !table.is_empty()));
    for (index, table) in tables.iter().enumerate() {
        if index > 0 {
            ui.out("\n")?;
        }
        ui.table(table)?;
    }
    Ok(())
}

/// Who is asked, in order.
fn candidates(plan: &Plan, at: Timestamp) -> Table {
    let mut table = Table::new(["#", "candidate", "score", "breaker", "why"]).whole(&[1]).right(&[2]);
    for (index, candidate) in plan.candidates.iter().enumerate() {
        table.row([
            (index + 1).to_string(),
            candidate.target.to_string(),
            score(candidate, plan),
            breaker(&candidate.breaker, at),
            why(index, candidate, plan),
        ]);
    }
    table
}

/// Where the order is that of the file there is nothing to score.
fn score(candidate: &Candidate, plan: &Plan) -> String {
    if plan.strategy.value.name == "ordered" || candidate.score.terms.is_empty() {
        return "–".to_owned();
    }
    figure(candidate.score.value)
}

/// Four digits that count.
fn figure(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        size if size < 0.0001 => format!("{value:.2e}"),
        size if size < 1.0 => format!("{value:.4}"),
        _ => format!("{value:.2}"),
    }
}

/// Where a breaker stands, with the time until it changes.
pub fn breaker(state: &State, at: Timestamp) -> String {
    match state {
        State::Open { until, .. } => format!("{state}, for {}", until_then(*until, at)),
        State::Probed { until, .. } => format!("{state}, {} at most", until_then(*until, at)),
        State::Closed | State::HalfOpen { .. } => state.to_string(),
    }
}

fn until_then(until: Timestamp, at: Timestamp) -> String {
    let left = Duration::try_from(until.duration_since(at)).unwrap_or_default();
    match left.as_secs() {
        0..120 => format!("{}s", left.as_secs() + 1),
        120..7200 => format!("{}m", left.as_secs() / 60),
        seconds => format!("{}h", seconds / 3600),
    }
}

fn why(index: usize, candidate: &Candidate, plan: &Plan) -> String {
    let place = match index {
        0 => "serves".to_owned(),
        _ if plan.fallback => format!("fallback {index}"),
        _ => "not tried: falling back is off".to_owned(),
    };
    // Only a tier of several needs its number said.
    let several = plan.candidates.iter().filter(|other| other.tier == candidate.tier).count() > 1;
    let tier = several.then(|| format!("tier {}", candidate.tier + 1));
    let terms = candidate.score.terms.iter().map(|term| format!("{} {}", term.name, figure(term.value)));
    let terms = terms.collect::<Vec<_>>().join(", ");
    let terms = Some(terms).filter(|terms| !terms.is_empty() && several);
    let note = candidate.score.note.as_ref().map(ToString::to_string);
    let probe = matches!(candidate.breaker, State::HalfOpen { .. }).then(|| "a probe: by one process only".to_owned());
    let remarks = candidate.reasons.iter().skip(1).map(ToString::to_string);
    let changed = (!candidate.changes.is_empty()).then(|| "the request is changed".to_owned());
    let said = std::iter::once(place).chain(tier).chain(terms).chain(note).chain(probe).chain(remarks).chain(changed);
    said.collect::<Vec<_>>().join("; ")
}

/// What is expected of each, with the bounds.
fn forecasts(plan: &Plan) -> Table {
    let heads = ["#", "prompt", "window", "answer", "cost", "at most", "first token", "total", "answers", "seen"];
    let mut table = Table::new(heads).whole(&[4, 5]).right(&[1, 2, 3, 4, 5, 6, 7, 8, 9]);
    for (index, candidate) in plan.candidates.iter().enumerate() {
        let money = |usd: Option<Usd>| usd.map_or("unknown".to_owned(), |usd| usd.to_string());
        let forecast = &candidate.forecast;
        table.row([
            (index + 1).to_string(),
            prompt_tokens(candidate.input),
            candidate.window.map_or("unknown".to_owned(), tokens),
            format!("~{:.0}", forecast.output_tokens),
            money(forecast.cost),
            money(forecast.cost_at_most),
            span(forecast.first_token),
            span(forecast.total),
            format!("{:.0} %", forecast.success * 100.0),
            seen(forecast.samples),
        ]);
    }
    table
}

fn span(span: Span) -> String {
    let seconds = |time: Duration| {
        let seconds = time.as_secs_f64();
        if seconds < 10.0 { format!("{seconds:.1}s") } else { format!("{seconds:.0}s") }
    };
    format!("{} ≤{}", seconds(span.expected), seconds(span.upper))
}

/// How many requests a forecast rests on; what is old counts less.
fn seen(samples: f64) -> String {
    if samples < 0.05 { "assumed".to_owned() } else { format!("~{samples:.0}").replace("~0", "<1") }
}

/// An estimate is marked as one; only an exact count is its own lower bound.
fn prompt_tokens(input: route::Tokens) -> String {
    let mark = if input.expected == input.at_least { "" } else { "~" };
    format!("{mark}{}", tokens(input.expected))
}

/// A number of tokens as people say it: `950`, `128k`, `1.05M`.
pub fn tokens(count: u64) -> String {
    let rounded = |unit: f64, digits: usize| {
        let text = format!("{:.digits$}", count as f64 / unit);
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
    };
    match count {
        0..10_000 => count.to_string(),
        10_000..999_500 => format!("{}k", rounded(1e3, 0)),
        _ => format!("{}M", rounded(1e6, 2)),
    }
}

/// What each candidate is asked otherwise than was asked for.
fn changes(plan: &Plan) -> Table {
    let mut table = Table::new(["#", "change of the request", "because"]);
    for (index, candidate) in plan.candidates.iter().enumerate() {
        for change in &candidate.changes {
            table.row([(index + 1).to_string(), change.edit.to_string(), change.because.to_string()]);
        }
    }
    table
}

fn rejected(plan: &Plan) -> Table {
    let mut table = Table::new(["rejected", "tier", "why not"]).whole(&[0]);
    for rejected in &plan.rejected {
        table.row([rejected.target.to_string(), (rejected.tier + 1).to_string(), rejected.reason.to_string()]);
    }
    table
}

/// Limits that all candidates share are one row; others are a row for each.
fn limits(plan: &Plan) -> Table {
    let mut table = Table::new(["limit", "value", "set by", "for"]).whole(&[0, 1]);
    let mut row = |name: &str, value: String, origin: &route::Origin, whom: &str| {
        table.row([name.to_owned(), value, origin.to_string(), whom.to_owned()]);
    };
    let seconds = |set: &Set<std::time::Duration>| format!("{}s", set.value.as_secs_f64());
    let mut of_attempts: Vec<(&str, Set<std::time::Duration>, Vec<usize>)> = Vec::new();
    for (index, candidate) in plan.candidates.iter().enumerate() {
        let limits = &candidate.limits;
        let named = [
            ("connect", Some(&limits.connect)),
            ("first token", Some(&limits.first_token)),
            ("idle", Some(&limits.idle)),
            ("attempt", limits.attempt.as_ref()),
        ];
        for (name, set) in named.into_iter().filter_map(|(name, set)| Some((name, set?))) {
            match of_attempts.iter_mut().find(|(known, value, _)| *known == name && value == set) {
                Some((_, _, whom)) => whom.push(index + 1),
                None => of_attempts.push((name, set.clone(), vec![index + 1])),
            }
        }
    }
    of_attempts.sort_by_key(|(name, _, _)| {
        ["connect", "first token", "idle", "attempt"].iter().position(|known| known == name)
    });
    for (name, set, whom) in &of_attempts {
        let all = whom.len() == plan.candidates.len();
        let some = whom.iter().map(|number| format!("#{number}")).collect::<Vec<_>>().join(" ");
        row(name, seconds(set), &set.origin, if all { "each attempt" } else { &some });
    }
    row("total", seconds(&plan.total), &plan.total.origin, "the request");
    row("retries", plan.retries.value.to_string(), &plan.retries.origin, "each target");
    plan.caps.iter().for_each(|cap| of_cap(cap, &mut row));
    rules(plan, &mut row);
    table
}

/// A hard limit of the user's.
fn of_cap(cap: &Cap, row: &mut impl FnMut(&str, String, &route::Origin, &str)) {
    match cap {
        Cap::Cost(set) => row("max cost", set.value.to_string(), &set.origin, "the request, as it is expected"),
        Cap::Require(set) => row("require", set.value.join(", "), &set.origin, "tags of each target"),
        Cap::Forbid(set) => row("forbid", set.value.join(", "), &set.origin, "tags of each target"),
        Cap::Budget { set, spent } => {
            row("budget", set.value.to_string(), &set.origin, &format!("{spent} spent or under way"));
        }
    }
}

/// What is done when something goes wrong; what is as usual is not told, but for text that breaks off.
fn rules(plan: &Plan, row: &mut impl FnMut(&str, String, &route::Origin, &str)) {
    let on_cut = match plan.on_cut.value {
        OnCut::Fail => "fail",
        OnCut::Restart => "restart",
        OnCut::Continue => "continue",
        OnCut::Buffer => "buffer",
    };
    row("on cut", on_cut.to_owned(), &plan.on_cut.origin, "text already shown");
    if let Some(buffer) = &plan.buffer {
        let held = match buffer.value {
            Buffer::Time(time) => format!("{}s", time.as_secs_f64()),
            Buffer::Tokens(count) => format!("{count} tokens"),
        };
        row("buffer", held, &buffer.origin, "held before it is shown");
    }
    let on_empty = match plan.on_empty.value {
        OnEmpty::Next => None,
        OnEmpty::Fail => Some("fail"),
        OnEmpty::Accept => Some("accept"),
    };
    if let Some(on_empty) = on_empty {
        row("on empty", on_empty.to_owned(), &plan.on_empty.origin, "an answer without anything");
    }
    if plan.on_filter.value == OnFilter::Next {
        row("on filter", "next".to_owned(), &plan.on_filter.origin, "an answer that is withheld");
    }
    let Some(Set { value: hedge, origin }) = &plan.hedge else { return };
    match hedge {
        Hedging::After { after, extra } => {
            let value = format!("{}s", after.as_secs_f64());
            row("hedge", value, origin, &format!("#2 as well, if nothing came by then; costs up to {extra}"));
        }
        Hedging::Not { why } => row("hedge", "no".to_owned(), origin, &why.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_said_as_people_say_them() {
        let said = [0, 950, 9_999, 10_000, 131_072, 999_499, 999_500, 1_000_000, 1_048_576, 10_000_000].map(tokens);
        assert_eq!(said, ["0", "950", "9999", "10k", "131k", "999k", "1M", "1M", "1.05M", "10M"]);
    }
}
