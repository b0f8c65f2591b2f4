//! A drill on paper: a table and a verdict for each route, or one JSON object.

use std::collections::HashSet;
use std::io;
use std::time::Duration;

use serde_json::{Value, json};

use super::rehearse::{Played, Text};
use super::verdict::Finding;
use super::{Drilled, is_unready};
use crate::cli::report::{RunCost, run_cost_json};
use crate::failure::FailureClass;
use crate::money::Usd;
use crate::route::Rejected;
use crate::ui::Ui;
use crate::ui::table::Table;

pub const SCHEMA: &str = "llmx.drill/1";

/// What must be known of the figures.
const CLOCK: &str = "simulated: times are a typical pace of each provider, with limits and waits as long as they are set; \
    costs are those of a short answer at the catalogue's prices";

/// Shows the drill to people.
pub fn people(drilled: &[Drilled], ui: &Ui) -> io::Result<()> {
    ui.note(CLOCK);
    for (index, route) in drilled.iter().enumerate() {
        let space = if index == 0 { "" } else { "\n" };
        ui.out_clean(&format!("{space}route {} ({})\n\n", name(route), route.policy.origin))?;
        ui.table(&table(&route.played))?;
        ui.out_clean(&format!("\n{}", verdict(route)))?;
    }
    Ok(())
}

/// Outages that went the same way share a row.
fn table(played: &[Played]) -> Table {
    let mut rows: Vec<(String, Vec<&str>, [String; 5])> = Vec::new();
    for played in played {
        let (hit, fault) = match &played.scene.0 {
            Some((outage, hit)) => (hit.to_string(), outage.name),
            None => ("no outage".to_owned(), ""),
        };
        let cells = cells(played);
        match rows.iter_mut().find(|(whom, _, known)| *whom == hit && *known == cells) {
            Some((_, faults, _)) => faults.push(fault),
            None => rows.push((hit, vec![fault], cells)),
        }
    }
    let every = played.iter().filter_map(|played| Some(played.scene.0.as_ref()?.0.name)).collect::<HashSet<_>>().len();
    let mut table = Table::new(["outage", "answered by", "tries", "first, all", "cost", "note"]).right(&[2, 3, 4]);
    for (hit, faults, cells) in rows {
        let outage = match faults.as_slice() {
            [""] => hit,
            several if several.len() == every && every > 2 => format!("{hit}: any"),
            several => format!("{hit}: {}", several.join(", ")),
        };
        table.row(std::iter::once(outage).chain(cells));
    }
    table
}

fn cells(played: &Played) -> [String; 5] {
    let who = played.end.as_ref().map_or("nobody".to_owned(), ToString::to_string);
    let times = played.times().map(|span| (span.first.unwrap_or(span.ended), span.ended));
    let ended = || played.tried.last().map_or(Duration::ZERO, |tried| tried.span.ended);
    let times = times.map_or_else(|| seconds(ended()), |(first, all)| format!("{}, {}", seconds(first), seconds(all)));
    [who, played.tried.len().to_string(), times, cost(played.cost), note(played)]
}

fn note(played: &Played) -> String {
    let text = match played.text {
        Text::Whole | Text::Nothing => None,
        Text::Twice => Some("its beginning is shown twice".to_owned()),
        Text::Continued => Some("goes on where it broke off".to_owned()),
        Text::Half => Some("half an answer is shown".to_owned()),
    };
    let why = played.end.as_ref().err().map(ToString::to_string);
    why.into_iter().chain(text).collect::<Vec<_>>().join("; ")
}

/// Tenths of a second where they matter.
fn seconds(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    match seconds {
        0.0..9.95 => format!("{seconds:.1}s"),
        9.95..599.5 => format!("{seconds:.0}s"),
        _ => format!("{:.0}m", seconds / 60.0),
    }
}

/// An unknown part is never passed over.
fn cost(cost: RunCost) -> String {
    match cost.unknown {
        0 => cost.known.to_string(),
        _ if cost.known == Usd::ZERO => "unknown".to_owned(),
        _ => format!("{} + unknown", cost.known),
    }
}

/// The route, with whom it tries out.
fn name(route: &Drilled) -> String {
    let trial = route.trial.as_ref().map(|trial| format!(" with its {} {}", trial.what, trial.target));
    format!("{}{}", route.policy.route, trial.unwrap_or_default())
}

fn verdict(route: &Drilled) -> String {
    let name = name(route);
    let head = match route.verdict.dead {
        Some(why) => format!("{name}: nobody answers, even without an outage: {why}"),
        None if route.verdict.survives() => format!("{name}: survives every single outage"),
        None => format!("{name}: would not survive"),
    };
    let findings = route.verdict.findings.iter().map(|finding| format!("  {finding}"));
    let what = if route.verdict.dead.is_some() { "out" } else { "no fallback" };
    let out = |rejected: &Rejected| format!("  {} is {what}: {}", rejected.target, rejected.reason);
    let lines = std::iter::once(head).chain(findings).chain(route.rejected.iter().map(out));
    lines.map(|line| line + "\n").collect()
}

/// The drill as one JSON object.
pub fn json(drilled: &[Drilled]) -> Value {
    let survives = drilled.iter().all(|route| route.verdict.survives());
    let routes: Vec<Value> = drilled.iter().map(route_json).collect();
    json!({ "schema": SCHEMA, "simulated": true, "survives": survives, "routes": routes })
}

fn route_json(route: &Drilled) -> Value {
    let planned = route.played.first().map(|played| &played.planned);
    let out = |rejected: &Rejected| json!({ "target": rejected.target, "needs_setting_up": is_unready(rejected), "reason": rejected.reason });
    let finding = |finding: &Finding| {
        json!({
            "providers": finding.hit.providers,
            "shared": finding.hit.shared,
            "faults": finding.faults,
            "targets": finding.targets.0,
            "of": finding.targets.1,
            "single_point_of_failure": finding.is_all(),
            "why": finding.why,
        })
    };
    json!({
        "route": route.policy.route,
        "origin": route.policy.origin,
        "trial": route.trial.as_ref().map(|trial| json!({ "trial": trial.what, "target": trial.target })),
        "survives": route.verdict.survives(),
        "targets": planned,
        "left_out": route.rejected.iter().map(out).collect::<Vec<_>>(),
        "findings": route.verdict.findings.iter().map(finding).collect::<Vec<_>>(),
        "scenarios": route.played.iter().map(played_json).collect::<Vec<_>>(),
    })
}

fn played_json(played: &Played) -> Value {
    let ms = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let outage = played
        .scene
        .0
        .as_ref()
        .map(|(outage, hit)| json!({ "fault": outage.name, "providers": hit.providers, "shared": hit.shared }));
    let times = played.times();
    let attempts: Vec<Value> = played
        .tried
        .iter()
        .map(|tried| {
            json!({
                "target": tried.target,
                "class": tried.class.map(FailureClass::name),
                "lost": tried.lost,
                "began_ms": ms(tried.span.began),
                "first_token_ms": tried.span.first.map(ms),
                "ended_ms": ms(tried.span.ended),
            })
        })
        .collect();
    json!({
        "outage": outage,
        "answered_by": played.end.as_ref().ok(),
        "gave_up": played.end.as_ref().err(),
        "first_token_ms": times.and_then(|span| span.first).map(ms),
        "total_ms": ms(played.tried.last().map_or(Duration::ZERO, |tried| tried.span.ended)),
        "cost": run_cost_json(played.cost),
        "terminal": match played.text {
            Text::Whole => "whole",
            Text::Twice => "beginning_twice",
            Text::Continued => "continued",
            Text::Half => "half",
            Text::Nothing => "nothing",
        },
        "attempts": attempts,
    })
}
