//! What a run is expected to cost, before anything is sent.

use std::cell::RefCell;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;

use super::contest::Contender;
use super::judging::Bench;
use super::source::Source;
use crate::compare::judge::Mode;
use crate::error::{Error, ErrorKind};
use crate::ledger::Ledger;
use crate::money::Usd;
use crate::ui::Ui;
use crate::ui::table::Table;

/// What one model is expected to read, write and cost.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Expected {
    /// The model.
    pub name: String,
    /// How many requests it gets.
    pub requests: u64,
    /// Tokens of all its prompts.
    pub tokens_in: u64,
    /// Tokens of all its answers.
    pub tokens_out: f64,
    /// The cost; `None` when a price is unknown.
    pub cost: Option<Usd>,
    /// The cost when answers are as long as they may be.
    pub at_most: Option<Usd>,
    /// Why it cannot be asked, where it cannot.
    pub left_out: Option<String>,
}

/// What each model is expected to cost, and the judge.
pub fn estimate(
    source: &Source,
    contenders: &[Option<Contender>],
    repeats: u32,
    bench: Option<&Bench<'_>>,
    answered: &dyn Fn(usize) -> Vec<(usize, u32, bool)>,
    ledger: &RefCell<Ledger>,
) -> Result<Vec<Expected>, Error> {
    let now = Timestamp::now();
    let asked: Vec<(usize, &Contender)> =
        contenders.iter().enumerate().filter_map(|(model, contender)| Some((model, contender.as_ref()?))).collect();
    let zero = |name: String| Expected { name, cost: Some(Usd::ZERO), at_most: Some(Usd::ZERO), ..Expected::default() };
    let mut all: Vec<Expected> = asked.iter().map(|(_, contender)| zero(contender.name())).collect();
    let mut judging = bench.map(|bench| zero(format!("{} (judge)", bench.name())));
    let repeats = u64::from(repeats);
    for row in source.rows()?.filter_map(Result::ok) {
        let there = answered(row.asked.index);
        let (mut longest, mut is_asked) = (0.0, false);
        for ((model, contender), expected) in asked.iter().zip(&mut all) {
            let has = there.iter().filter(|(answer, ..)| answer == model).count() as u64;
            let repeats = repeats.saturating_sub(has);
            if repeats == 0 {
                continue;
            }
            is_asked = true;
            let plan = contender.plan(&row.request, ledger, now);
            let Some(first) = plan.candidates.first() else {
                expected.left_out = plan.rejected.first().map(|rejected| rejected.reason.to_string());
                continue;
            };
            let times = |cost: Usd| Usd::from_pico(cost.pico().saturating_mul(i128::from(repeats)));
            expected.requests += repeats;
            expected.tokens_in += first.input.expected.saturating_mul(repeats);
            expected.tokens_out += first.forecast.output_tokens * repeats as f64;
            expected.cost = add(expected.cost, first.forecast.cost.map(times));
            expected.at_most = add(expected.at_most, first.forecast.cost_at_most.map(times));
            longest = f64::max(longest, first.forecast.output_tokens);
        }
        if let (Some(bench), Some(judging), true) = (bench, &mut judging, is_asked) {
            let statements = row.checks.iter().filter(|check| check.asks_judge()).count() as u64;
            let models = contenders.len() as u64;
            let calls = bench.mode().map_or(0, |mode| mode.calls(1, models)) + statements * models;
            let calls = calls.saturating_mul(repeats);
            let texts = if bench.mode() == Some(Mode::SelectBest) { models as f64 } else { 2.0 };
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a size of texts")]
            let bytes = row.asked.prompt.len() + (longest * texts * BYTES_A_TOKEN) as usize;
            let each = bench.price(bytes);
            judging.requests += calls;
            judging.tokens_in += (bytes as u64 / 4).saturating_mul(calls);
            let cost = each.map(|each| Usd::from_pico(each.pico().saturating_mul(i128::from(calls))));
            judging.cost = add(judging.cost, cost);
            judging.at_most = judging.cost;
        }
    }
    all.extend(judging.filter(|judging| judging.requests > 0));
    Ok(all)
}

/// About so many bytes are a token.
const BYTES_A_TOKEN: f64 = 4.0;

fn add(sum: Option<Usd>, cost: Option<Usd>) -> Option<Usd> {
    Some(sum? + cost?)
}

/// Shows it.
pub fn show(all: &[Expected], as_json: bool, ui: &Ui) -> Result<(), Error> {
    if as_json {
        let object = json!({ "schema": "llmx.compare.estimate/1", "models": all });
        return Ok(ui.out_clean(&format!("{object}\n"))?);
    }
    Ok(ui.table(&table(all))?)
}

/// Tells it on stderr.
pub fn tell(all: &[Expected], ui: &Ui) {
    ui.note_table(&table(all));
}

fn table(all: &[Expected]) -> Table {
    let heads = ["model", "requests", "tokens in", "tokens out", "cost", "at most", "note"];
    let mut table = Table::new(heads).right(&[1, 2, 3, 4, 5]);
    for expected in all {
        let money = |cost: Option<Usd>| cost.map_or_else(|| "unknown".to_owned(), |cost| cost.to_string());
        table.row([
            expected.name.clone(),
            expected.requests.to_string(),
            format!("~{}", expected.tokens_in),
            format!("~{:.0}", expected.tokens_out),
            money(expected.cost),
            money(expected.at_most),
            expected.left_out.clone().unwrap_or_default(),
        ]);
    }
    table
}

/// Whether the run may begin under that cap: what is expected must fit beside what was spent before, and must be known.
pub fn check(all: &[Expected], spent: Usd, cap: Option<Usd>) -> Result<(), Error> {
    let Some(cap) = cap else { return Ok(()) };
    if let Some(unknown) = all.iter().find(|expected| expected.cost.is_none()) {
        let message =
            format!("--max-cost cannot be kept: the price of `{}` is unknown; nothing was sent", unknown.name);
        return Err(Error::new(ErrorKind::Budget, message)
            .hint("leave that model out, or give its price under [models] of the configuration"));
    }
    let sum: Usd = all.iter().filter_map(|expected| expected.cost).sum();
    if sum + spent > cap {
        let before = if spent > Usd::ZERO { format!(" beside {spent} that it has cost") } else { String::new() };
        let message = format!("the run is expected to cost {sum}{before}, and --max-cost is {cap}; nothing was sent");
        return Err(
            Error::new(ErrorKind::Budget, message).hint("ask fewer rows with --sample or --limit, or fewer models")
        );
    }
    Ok(())
}
