//! How the command ends: gates, checks, failures and rows that were wrong, each with its exit code.

use super::args::GateArgs;
use super::runner::Finished;
use super::source::Survey;
use crate::cli::Done;
use crate::compare::digest::Figures;
use crate::compare::earlier::Changes;
use crate::compare::gate::{Decision, Evidence, Gates, Ruling};
use crate::error::{Error, ErrorKind};
use crate::failure::FailureClass;
use crate::ui::{Ui, counted};

/// All that the end depends on.
pub struct Facts<'a> {
    /// What the run came to.
    pub figures: &'a Figures,
    /// What changed since the earlier run, where there is one.
    pub changes: Option<&'a Changes>,
    /// How the run ended.
    pub finished: Finished,
    /// What was wrong with the data set.
    pub survey: &'a Survey,
    /// The line that goes on with it.
    pub resume: String,
    /// The exit code of a signal that came.
    pub signal: u8,
}

impl From<&GateArgs> for Gates {
    fn from(args: &GateArgs) -> Self {
        Self { under: args.fail_under, regression: args.fail_on_regression, disagreement: args.fail_on_disagreement }
    }
}

/// What the gates say; `None` without gates.
pub fn rule(gates: &GateArgs, facts: &Facts<'_>) -> Option<Ruling> {
    let regressions = facts.changes.map_or(&[][..], |changes| &changes.models);
    let evidence = Evidence { summary: &facts.figures.summary, regressions, agreements: &facts.figures.to_baseline };
    Gates::from(gates).decide(&evidence)
}

/// Tells it on stderr.
pub fn tell(ruling: Option<&Ruling>, ui: &Ui) {
    for finding in ruling.into_iter().flat_map(|ruling| &ruling.findings) {
        match finding.decision {
            Decision::Passed => ui.note(&finding.to_string()),
            Decision::Undecided | Decision::Failed => ui.warn(&finding.to_string()),
        }
    }
}

/// The end. What stopped the run comes first, then gates and checks, then failures, then rows that were wrong.
pub fn done(gates: Option<&Ruling>, facts: &Facts<'_>) -> Done {
    let Facts { figures, finished, .. } = facts;
    if finished.interrupted {
        let mut error = Error::interrupted(facts.signal).hint(format!("go on with `{}`", facts.resume));
        error.silent = false;
        return Err(error);
    }
    if let Some(cap) = finished.capped {
        let error = Error::new(ErrorKind::Budget, format!("{cap} stopped the run: what comes next could go beyond it"));
        return Err(error.hint(format!("what was answered is kept; go on, with a higher cap, by `{}`", facts.resume)));
    }
    if finished.vanished > 0 {
        let message =
            format!("the data set changed while it was read: {} of its rows were not asked", finished.vanished);
        return Err(Error::new(ErrorKind::Usage, message));
    }
    if let Some(ruling) = gates {
        gate(ruling)?;
    } else {
        checks(figures)?;
    }
    failures(figures)?;
    match facts.survey.complaint() {
        Some(complaint) => Err(Error::new(ErrorKind::Usage, complaint)),
        None => Ok(()),
    }
}

fn gate(ruling: &Ruling) -> Done {
    let told = |decision: Decision| {
        let found: Vec<String> =
            ruling.findings.iter().filter(|finding| finding.decision == decision).map(ToString::to_string).collect();
        found.join("; ")
    };
    match ruling.decision {
        Decision::Passed => Ok(()),
        Decision::Undecided => {
            Err(Error::new(ErrorKind::Check, format!("a gate had nothing to judge: {}", told(Decision::Undecided))))
        }
        Decision::Failed => Err(Error::new(ErrorKind::Check, format!("a gate failed: {}", told(Decision::Failed)))),
    }
}

/// Without gates every check must pass. One that could not be told is no pass.
fn checks(figures: &Figures) -> Done {
    let failing: Vec<String> = (figures.summary.models.iter())
        .filter_map(|model| Some((model, model.passes.as_ref()?)))
        .filter(|(_, rate)| rate.passed < rate.answers)
        .map(|(model, rate)| format!("{} {} of {}", model.model, rate.answers - rate.passed, rate.answers))
        .collect();
    if failing.is_empty() {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Check, format!("answers did not pass their checks: {}", failing.join(", "))))
}

/// The failure to see to first gives the exit code.
fn failures(figures: &Figures) -> Done {
    let classes = figures.summary.models.iter().flat_map(|model| &model.errors);
    let known = classes.filter_map(|(class, count)| Some((FailureClass::named(class)?, *count)));
    let failed: usize = figures.summary.models.iter().map(|model| model.counts.failed).sum();
    if failed == 0 {
        return Ok(());
    }
    let worst = known.map(|(class, _)| class).min_by_key(|class| class.rule().actionable);
    let kind = worst.map_or(ErrorKind::Provider, |class| ErrorKind::from_exit_code(class.rule().exit_code));
    let names: Vec<String> = (figures.summary.models.iter())
        .filter(|model| model.counts.failed > 0)
        .map(|model| format!("{} {}", model.model, model.counts.failed))
        .collect();
    let error =
        Error::new(kind, format!("{failed} of {} failed: {}", counted(figures.answers, "answer"), names.join(", ")));
    Err(if kind == ErrorKind::Auth { error.hint("`llmx help keys` tells where keys may be") } else { error })
}
