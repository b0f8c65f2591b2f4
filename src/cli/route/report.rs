//! How the trials of a route go: its canary, its split and its shadow, with statistics that say what may be said.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::cli::Done;
use crate::cli::session::Session;
use crate::cli::trials;
use crate::error::{Error, ErrorKind};
use crate::ledger::{Ledger, Shadowed};
use crate::route::rollout::canary::{Status, advance};
use crate::route::rollout::report::{Figure, Figures};
use crate::route::rollout::{Arm, CanaryPlan, CanaryState, Report};
use crate::route::{Asker, Policy};
use crate::ui::Ui;
use crate::ui::table::Table;

pub const SCHEMA: &str = "llmx.route.report/1";

/// Prints the report of a route's trials over the time since then.
pub fn print(policy: &Policy, since: Duration, as_json: bool, session: &Session, ui: &Ui) -> Done {
    let mut ledger = session.look_at_ledger();
    let now = Timestamp::now();
    let since_ms = now.as_millisecond().saturating_sub(i64::try_from(since.as_millis()).unwrap_or(i64::MAX));
    let parts = Parts::read(policy, since_ms, now, &ledger)?;
    if let Some(warning) = ledger.take_warning() {
        ui.warn(&warning);
    }
    if parts.is_empty() {
        let message = format!("route `{}` tries nothing out", policy.route);
        let hint = "give it a `canary`, a `split` or a `shadow`; `llmx help config` and the README show how";
        return Err(Error::new(ErrorKind::Usage, message).hint(hint));
    }
    if as_json { Ok(ui.out_clean(&format!("{}\n", parts.json(&policy.route)))?) } else { parts.show(policy, ui) }
}

/// What there is to report.
struct Parts {
    canary: Option<(CanaryPlan, CanaryState, String)>,
    split: Option<(String, Report)>,
    shadow: Option<(String, Shadowed, Report)>,
}

impl Parts {
    fn read(policy: &Policy, since_ms: i64, now: Timestamp, ledger: &Ledger) -> Result<Self, Error> {
        let canary = policy.canary.as_ref().map(|set| {
            let kept = trials::known(policy, Asker::default(), ledger).canary;
            let state = CanaryState::resume(&set.value, kept, now);
            let verdict = advance(&set.value, state.clone(), now).1.to_string();
            (set.value.clone(), state, verdict)
        });
        let split = match &policy.split {
            None => None,
            Some(set) => {
                let seen = ledger.arms(&policy.route, &set.value.name, since_ms)?;
                let arm = |name: String| {
                    let known = seen.iter().find(|(known, _)| *known == name).map(|(_, arm)| *arm);
                    (name, known.unwrap_or_default())
                };
                let arms: Vec<(String, Arm)> =
                    set.value.arms.iter().map(|(target, _)| arm(target.to_string())).collect();
                Some((set.value.name.clone(), Report::of(&arms)))
            }
        };
        let shadow = match &policy.shadow {
            None => None,
            Some(set) => {
                let seen = ledger.shadows(&policy.route, since_ms)?;
                let name = set.value.target.to_string();
                let report = Report::of(&[("served".to_owned(), seen.served), (name.clone(), seen.shadow)]);
                Some((name, seen, report))
            }
        };
        Ok(Self { canary, split, shadow })
    }

    fn is_empty(&self) -> bool {
        self.canary.is_none() && self.split.is_none() && self.shadow.is_none()
    }

    fn json(&self, route: &str) -> Value {
        let canary = self.canary.as_ref().map(|(plan, state, verdict)| {
            let report = canary_report(plan, state);
            json!({ "target": plan.target, "state": state, "share": state.share(plan), "verdict": verdict, "report": report })
        });
        let split = self.split.as_ref().map(|(name, report)| json!({ "name": name, "report": report }));
        let shadow = self.shadow.as_ref().map(|(target, seen, report)| {
            json!({ "target": target, "stopped": seen.stopped, "tokens": { "served": seen.tokens.0, "shadow": seen.tokens.1 }, "report": report })
        });
        json!({ "schema": SCHEMA, "route": route, "canary": canary, "split": split, "shadow": shadow })
    }

    fn show(&self, policy: &Policy, ui: &Ui) -> Done {
        ui.out_clean(&format!("route {} ({})\n", policy.route, policy.origin))?;
        if let Some((plan, state, verdict)) = &self.canary {
            let stage = format!("stage {} of {}", state.stage + 1, plan.share.len());
            let stage = if state.status == Status::Running { stage } else { "no longer tried".to_owned() };
            let share = state.share(plan) * 100.0;
            ui.out_clean(&format!("\ncanary {}: {stage}, {share:.0} % of requests; {verdict}\n\n", plan.target))?;
            figures(&canary_report(plan, state), ui)?;
        }
        if let Some((name, report)) = &self.split {
            ui.out_clean(&format!("\nexperiment {name}\n\n"))?;
            figures(report, ui)?;
        }
        if let Some((target, seen, report)) = &self.shadow {
            let (served, shadow) = seen.tokens;
            let length = if served > 0 {
                format!("; its answers have {:.0} % of the tokens", 100.0 * shadow as f64 / served as f64)
            } else {
                String::new()
            };
            let stopped =
                if seen.stopped > 0 { format!("; {} were stopped as too late", seen.stopped) } else { String::new() };
            ui.out_clean(&format!("\nshadow {target}{length}{stopped}\n\n"))?;
            figures(report, ui)?;
        }
        Ok(())
    }
}

fn canary_report(plan: &CanaryPlan, state: &CanaryState) -> Report {
    Report::of(&[("baseline".to_owned(), state.baseline), (plan.target.to_string(), state.canary)])
}

/// The figures of each arm, then what may be said of them.
fn figures(report: &Report, ui: &Ui) -> Done {
    let heads = ["arm", "requests", "failed", "first token", "total", "cost"];
    let mut table = Table::new(heads).whole(&[0]).right(&[1, 2, 3, 4, 5]);
    for arm in &report.arms {
        let Figures { name, requests, failure_rate, first_token, total, cost, .. } = arm;
        table.row([
            name.clone(),
            requests.to_string(),
            told(failure_rate.as_ref(), |rate| format!("{:.1} %", rate * 100.0)),
            told(first_token.as_ref(), |seconds| format!("{seconds:.2}s")),
            told(total.as_ref(), |seconds| format!("{seconds:.2}s")),
            told(cost.as_ref(), |dollars| format!("${dollars:.5}")),
        ]);
    }
    ui.table(&table)?;
    if !report.comparisons.is_empty() {
        ui.out("\n")?;
    }
    for comparison in &report.comparisons {
        ui.out_clean(&format!("{comparison}\n"))?;
    }
    Ok(())
}

/// A figure with its interval.
fn told(figure: Option<&Figure>, word: impl Fn(f64) -> String) -> String {
    match figure {
        None => "–".to_owned(),
        Some(Figure { value, interval: None }) => word(*value),
        Some(Figure { value, interval: Some(interval) }) => {
            format!("{} ({}–{})", word(*value), word(interval.lower), word(interval.upper))
        }
    }
}
