//! A report's head and rows, out of a comparison and its figures.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::super::State;
use super::super::earlier::Changes;
use super::super::facts::Facts;
use super::super::gate::DISAGREEMENT;
use super::super::kept::{Comparison, KeptAnswer, Record};
use super::super::report::{ModelFigures, Pair, ReportAnswer, ReportHead, ReportRow, Totals};
use super::super::similarity::Profile;
use super::super::statistics::{Side, Significance};
use super::super::summary::{ModelSummary, Paired};
use super::{DuelFigures, Figures};
use crate::money::Usd;

/// The head of a report. `changes` is what changed since an earlier run, where there is one.
pub fn report_head(comparison: &Comparison, figures: &Figures, changes: Option<&Changes>) -> ReportHead {
    let spec = &comparison.spec;
    let agreement = if spec.models.len() > 1 { figures.likeness.matrix.clone() } else { Vec::new() };
    ReportHead {
        title: spec.title.clone(),
        command: command(&spec.arguments),
        created: comparison.created,
        prices: spec.prices.clone(),
        seed: spec.seed.to_string(),
        models: figures.summary.models.iter().enumerate().map(|(at, model)| shown(at, model, figures)).collect(),
        baseline: spec.baseline,
        checks: spec.checks.clone(),
        totals: totals(comparison, figures),
        agreement,
        disagree_below: DISAGREEMENT,
        pairs: pairs(&spec.models, figures),
        notes: notes(comparison, figures, changes),
    }
}

/// One row of a report: its answers, each with its chrF against the baseline's answer in the same repeat, and in which facts
/// they differ from that.
pub fn report_row(comparison: &Comparison, record: &Record, changes: Option<&Changes>) -> ReportRow {
    let (spec, row) = (&comparison.spec, &record.row);
    let baselines = record.texts_of(spec.baseline);
    let profiles: BTreeMap<u32, Profile> =
        baselines.iter().map(|(repeat, text)| (*repeat, Profile::of(text))).collect();
    let answer = |kept: &KeptAnswer| {
        let answer = &kept.answer;
        let compared = answer.is_whole() && answer.model != spec.baseline;
        let profile = profiles.get(&answer.repeat).filter(|_| compared);
        ReportAnswer {
            similarity: profile.map(|profile| Profile::of(&answer.text).chrf(profile)),
            regressed: changes.is_some_and(|changes| changes.has_regressed(answer.model, row.fingerprint)),
            ..ReportAnswer::from(answer)
        }
    };
    ReportRow {
        id: row.id.clone(),
        prompt: row.prompt.clone(),
        system: row.system.clone(),
        variables: row.variables.clone(),
        answers: record.answers.iter().map(answer).collect(),
        differences: differences(&spec.models, spec.baseline, record, &baselines),
        transcripts: record.transcripts.clone(),
    }
}

/// One line for each model and each way in which it differs; repeats that differ alike are one line. What only differs in
/// words, or says more, is no difference.
fn differences(models: &[String], baseline: usize, record: &Record, baselines: &BTreeMap<u32, &str>) -> Vec<String> {
    let facts: BTreeMap<u32, Facts> = baselines.iter().map(|(repeat, text)| (*repeat, Facts::of(text))).collect();
    let mut lines: Vec<String> = Vec::new();
    lines.extend(ends(models, record));
    for answer in record.answers.iter().map(|kept| &kept.answer).filter(|answer| answer.model != baseline) {
        let (Some(name), Some(facts)) = (models.get(answer.model), facts.get(&answer.repeat)) else { continue };
        if !answer.is_whole() || baselines.get(&answer.repeat) == Some(&answer.text.as_str()) {
            continue;
        }
        let found = facts.differences(&Facts::of(&answer.text));
        let tells =
            found.contradict() || found.refused.is_some() || found.only_json.is_some() || !found.json.is_empty();
        let line = format!("{name}: {found}");
        if tells && !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

/// Who ended how, where not all ended alike: an answer that was cut must not be taken for a short one.
fn ends(models: &[String], record: &Record) -> Option<String> {
    let words = |state: &State| match state {
        State::Whole => Some("whole"),
        State::Truncated => Some("cut by the limit of tokens"),
        State::Refused => Some("refused"),
        State::Failed { .. } => None,
    };
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for answer in record.answers.iter().map(|kept| &kept.answer) {
        if let (Some(word), Some(name)) = (words(&answer.state), models.get(answer.model)) {
            let names = groups.entry(word).or_default();
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
    }
    let told = || groups.iter().map(|(word, names)| format!("{word}: {}", names.join(", "))).collect::<Vec<_>>();
    (groups.len() > 1).then(|| format!("not all ended alike; {}", told().join("; ")))
}

fn shown(at: usize, model: &ModelSummary, figures: &Figures) -> ModelFigures {
    let milliseconds = |seconds: f64| seconds * 1e3;
    let counted = model.counts.answered() > model.tokens.unknown;
    ModelFigures {
        name: model.model.clone(),
        whole: model.counts.whole as u64,
        truncated: model.counts.truncated as u64,
        refused: model.counts.refused as u64,
        failed: model.counts.failed as u64,
        passed: model.passes.map_or(0, |passes| passes.passed),
        checked: model.passes.map_or(0, |passes| passes.answers),
        interval: model.passes.map(|passes| (passes.interval.lower, passes.interval.upper)),
        agreement: figures.likeness.mean(at),
        first_ms: model.first_token_seconds.map(|times| milliseconds(times.median)),
        total_ms: model.total_seconds.map(|times| milliseconds(times.median)),
        deviation_ms: model.total_seconds.map(|times| milliseconds(times.mad)),
        tokens_per_second: model.tokens_per_second.map(|speeds| speeds.median),
        input: counted.then_some(model.tokens.input),
        output: counted.then_some(model.tokens.output),
        reasoning: counted.then_some(model.tokens.reasoning),
        cost: cost(model),
        note: model.errors.iter().map(|(class, count)| format!("{count} {class}")).collect::<Vec<_>>().join(", "),
    }
}

/// What all answers of a model cost; `None` when that of any is unknown, or none was asked for.
pub fn cost(model: &ModelSummary) -> Option<Usd> {
    (model.cost.unknown == 0 && model.counts.all() > 0).then_some(model.cost.known)
}

fn totals(comparison: &Comparison, figures: &Figures) -> Totals {
    let models = &figures.summary.models;
    let unknown: usize = models.iter().map(|model| model.cost.unknown).sum();
    let known: Usd = models.iter().map(|model| model.cost.known).sum();
    Totals {
        // Nothing known is no sum of 0.
        cost: (unknown == 0 || known != Usd::ZERO).then_some(known),
        cost_unknown: unknown as u64,
        wall_ms: comparison.ended.as_ref().map(|ended| ended.wall.as_secs_f64() * 1e3),
    }
}

fn pairs(models: &[String], figures: &Figures) -> Vec<Pair> {
    let baseline = figures.summary.baseline;
    let beside = |first: usize, measure: &str, test: &str, paired: Option<Paired>| {
        let paired = paired?;
        let mut result = format!("{} better, {} worse, {} alike", paired.wins, paired.losses, paired.ties);
        if let Some(difference) = paired.difference {
            let (value, interval) = (difference.value, difference.interval);
            let _ = write!(result, "; {value:+.3} ({:+.3} to {:+.3})", interval.lower, interval.upper);
        }
        let verdict = verdict(models, first, baseline, paired.significance);
        let test = probability(test, paired.p, paired.adjusted);
        let told = is_told(paired.significance);
        Some(Pair { first, second: baseline, measure: measure.to_owned(), result, test, verdict, told })
    };
    let against = figures.summary.models.iter().enumerate().filter_map(|(at, model)| Some((at, model.against?)));
    let tests = against.flat_map(|(at, against)| {
        [
            beside(at, "checks passed", "McNemar", against.passes),
            beside(at, "scores of checks", "Wilcoxon", against.scores),
        ]
    });
    tests.flatten().chain(figures.duels.iter().map(|duels| judged(models, duels))).collect()
}

fn judged(models: &[String], figures: &DuelFigures) -> Pair {
    let DuelFigures { first, second, duels, p, adjusted, significance } = *figures;
    let mut result = format!("{} won, {} lost, {} tied", duels.wins, duels.losses, duels.ties);
    if let Some((rate, _)) = duels.flip_rate().filter(|_| duels.flips > 0) {
        let _ = write!(result, "; the verdict flipped with the order in {:.0} %", rate * 100.0);
    }
    if duels.unknown > 0 {
        let _ = write!(result, "; {} without a verdict", duels.unknown);
    }
    Pair {
        first,
        second,
        measure: "preferred by the judge".to_owned(),
        result,
        test: probability("McNemar", p, adjusted),
        verdict: verdict(models, first, second, significance),
        told: is_told(significance),
    }
}

fn probability(test: &str, p: f64, adjusted: Option<f64>) -> String {
    match adjusted {
        Some(adjusted) if (adjusted - p).abs() > 5e-4 => format!("{test}, p = {p:.3}, of all models {adjusted:.3}"),
        _ => format!("{test}, p = {p:.3}"),
    }
}

fn verdict(models: &[String], first: usize, second: usize, significance: Significance) -> String {
    let name = |model: usize| models.get(model).map_or("?", String::as_str);
    match significance {
        Significance::Different { better: Side::Candidate, .. } => {
            format!("{} is better than {}", name(first), name(second))
        }
        Significance::Different { better: Side::Baseline, .. } => {
            format!("{} is worse than {}", name(first), name(second))
        }
        Significance::NoDifference { .. } => "no difference to be told from chance".to_owned(),
        few @ Significance::TooFew { .. } => few.to_string(),
    }
}

const fn is_told(significance: Significance) -> bool {
    matches!(significance, Significance::Different { .. })
}

fn notes(comparison: &Comparison, figures: &Figures, changes: Option<&Changes>) -> Vec<String> {
    let mut notes = Vec::new();
    match &comparison.ended {
        Some(ended) => notes.extend(ended.notes.iter().cloned()),
        None => notes.push("the run has not ended: rows may be missing".to_owned()),
    }
    if figures.likeness.approximate {
        notes.push("answers are long: how alike they are is an estimate, to about 0.02".to_owned());
    }
    for (model, changed) in changes.iter().flat_map(|changes| &changes.models) {
        let (worse, better, of) = (changed.regressed.len(), changed.improved.len(), changed.compared);
        notes.push(format!("{model}, since the earlier run: {worse} worse and {better} better of {of} prompts"));
    }
    notes.extend(changes.iter().flat_map(|changes| &changes.notes).map(ToString::to_string));
    notes
}

/// The command line, ready to paste into a shell.
fn command(arguments: &[String]) -> String {
    let quoted = arguments.iter().map(|argument| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=,@%+".contains(&byte);
        if !argument.is_empty() && argument.bytes().all(plain) {
            argument.clone()
        } else {
            format!("'{}'", argument.replace('\'', r"'\''"))
        }
    });
    ["llmx".to_owned()].into_iter().chain(quoted).collect::<Vec<_>>().join(" ")
}
