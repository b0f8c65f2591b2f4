//! Past requests decided anew: what another policy would have done with what the ledger remembers, and the back-test after
//! which `predictive` is switched on.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use crate::cli::Done;
use crate::cli::session::{Session, predictive_state};
use crate::error::{Error, ErrorKind};
use crate::ledger::Ledger;
use crate::route::Policy;
use crate::route::replay::{Backtest, Report, backtest, replay};
use crate::ui::Ui;
use crate::ui::table::Table;

pub const SCHEMA: &str = "llmx.route.replay/1";

/// Chance has no part in what is told of the same past.
const SEED: u64 = 7;

/// Which requests are decided anew, and how it is told.
pub struct Order<'a> {
    /// Those of this route; `None` for all.
    pub of: Option<&'a str>,
    /// How far back.
    pub since: Duration,
    /// The policy that decides.
    pub policy: &'a Policy,
    /// Print one JSON object.
    pub json: bool,
}

/// Decides past requests anew and prints what would have been different.
pub fn print(order: &Order<'_>, session: &Session, ui: &Ui) -> Done {
    let mut ledger = session.look_at_ledger();
    let now = Timestamp::now();
    let since_ms = now.as_millisecond().saturating_sub(i64::try_from(order.since.as_millis()).unwrap_or(i64::MAX));
    let past = ledger.past(order.of, since_ms)?;
    if past.is_empty() {
        let whose = order.of.map_or(String::new(), |route| format!(" of route `{route}`"));
        let message = format!("no requests{whose} in that time to decide anew");
        return Err(
            Error::new(ErrorKind::Usage, message).hint("`llmx log` lists what there is; `--since` goes further back")
        );
    }
    let policy = order.policy;
    let targets = session.targets(policy);
    if policy.strategy.value.name == "predictive" {
        let test = backtest(&past, &targets, policy, SEED);
        let switched = switch(&test, policy, &mut ledger);
        return told_backtest(&test, switched, order, ui);
    }
    told(&replay(&past, &targets, policy, SEED), order, ui)
}

fn told(report: &Report, order: &Order<'_>, ui: &Ui) -> Done {
    let Policy { route, strategy, .. } = order.policy;
    if order.json {
        let object = json!({ "schema": SCHEMA, "route": route, "strategy": strategy.value, "report": report });
        return Ok(ui.out_clean(&format!("{object}\n"))?);
    }
    ui.out_clean(&format!("as route {route} with the strategy {}:\n{report}\n\n", strategy.value.name))?;
    Ok(ui.table(&shifts(report))?)
}

fn told_backtest(test: &Backtest, switched: bool, order: &Order<'_>, ui: &Ui) -> Done {
    let route = &order.policy.route;
    if order.json {
        let object =
            json!({ "schema": SCHEMA, "route": route, "strategy": "predictive", "backtest": test, "on": switched });
        return Ok(ui.out_clean(&format!("{object}\n"))?);
    }
    ui.out_clean(&format!("back-test of predictive for route {route}:\n{test}\n\n"))?;
    ui.table(&shifts(&test.report))?;
    let told = if switched {
        format!("\npredictive is on for route {route}\n")
    } else {
        format!("\npredictive stays off for route {route}, which is balanced meanwhile\n")
    };
    Ok(ui.out_clean(&told)?)
}

/// Keeps whether the past supports it.
fn switch(test: &Backtest, policy: &Policy, ledger: &mut Ledger) -> bool {
    let on = test.verdict.supports();
    let kept = ledger.change_state(&predictive_state(&policy.route), |_| on.then(|| Timestamp::now().to_string()));
    on && kept.is_ok()
}

fn shifts(report: &Report) -> Table {
    let mut table = Table::new(["asked first", "then", "anew"]).whole(&[0]).right(&[1, 2]);
    for shift in &report.targets {
        table.row([shift.target.to_string(), shift.before.to_string(), shift.after.to_string()]);
    }
    table
}
