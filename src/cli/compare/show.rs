//! A comparison on stdout: the answers of one prompt and who agrees with whom, or the figures of a data set with what they prove.

use std::cell::RefCell;

use super::args::ShowArgs;
use super::outputs::Told;
use super::runner::unkept;
use crate::compare::consensus::Consensus;
use crate::compare::facts::Facts;
use crate::compare::kept::{KeptAnswer, Record};
use crate::compare::summary::{ModelSummary, Paired};
use crate::compare::{Answer, State};
use crate::config::Environment;
use crate::error::Error;
use crate::ledger::Ledger;
use crate::money::Usd;
use crate::ui::compare::{Claim, ConsensusView, Layout, ModelView, Outlier, Page, View};
use crate::ui::{Ui, counted};

/// How many lines of proofs are shown.
const TOLD: usize = 80;
/// How the note on money begins that is in no model's figures.
pub const BESIDE: &str = "judging and embedding cost";
/// Below this many columns the rate of passing is shown without its interval.
const NARROW: usize = 90;

/// Draws comparisons.
pub struct Show<'a> {
    ui: &'a Ui,
    page: Page,
    layout: Layout,
    unit: crate::compare::diff::Unit,
}

impl<'a> Show<'a> {
    /// On the terminal as it is, or without one.
    pub fn new(args: &ShowArgs, environment: &Environment, ui: &'a Ui) -> Self {
        let page = Page { is_ascii: args.ascii, ..Page::of_stdout(ui, |name| environment.get(name)) };
        Self { ui, page, layout: args.layout, unit: args.diff.into() }
    }

    /// Shows all that is to be shown.
    pub fn all(&self, told: &Told, store: &RefCell<Ledger>) -> Result<(), Error> {
        let is_alone = told.figures.rows == 1;
        if is_alone || !matches!(self.layout, Layout::Auto | Layout::Table) {
            for record in store.borrow().records(&told.comparison.id) {
                self.record(told, &record.map_err(|error| unkept(&error))?, is_alone)?;
            }
        }
        if !is_alone || told.comparison.spec.repeats > 1 {
            self.figures(told)?;
        }
        self.proofs(told)
    }

    /// The answers to one prompt: of each model its first repeat.
    fn record(&self, told: &Told, record: &Record, is_alone: bool) -> Result<(), Error> {
        let spec = &told.comparison.spec;
        let first: Vec<&KeptAnswer> = record.answers.iter().filter(|kept| kept.answer.repeat == 0).collect();
        let answers: Vec<&Answer> = first.iter().map(|kept| &kept.answer).collect();
        let baseline = answers.iter().copied().find(|answer| answer.model == spec.baseline);
        let at = answers.iter().position(|answer| answer.model == spec.baseline);
        let consensus = Consensus::of(&answers);
        let models = answers.iter().enumerate().map(|(place, answer)| {
            let agreement = consensus.as_ref().and_then(|consensus| consensus.mean(place));
            let likeness = consensus.as_ref().zip(at).and_then(|(consensus, at)| consensus.likeness(place, at));
            let view = model_view(answer, &spec.models, baseline, spec.baseline);
            let cosine = first[place].cosine.filter(|_| answer.model != spec.baseline);
            let note = noted(view.note, cosine.map(|cosine| format!("cosine {cosine:.2}")));
            ModelView { agreement, similarity: likeness, note, ..view }
        });
        let mut models: Vec<ModelView> = models.collect();
        // A run that was stopped must not look as if fewer models had been asked.
        let silent = (0..spec.models.len()).filter(|model| answers.iter().all(|answer| answer.model != *model));
        models.extend(silent.filter(|_| is_alone).map(|model| ModelView {
            name: name(&spec.models, model).to_owned(),
            is_baseline: model == spec.baseline,
            failure: Some("no answer: the run was stopped".to_owned()),
            ..ModelView::default()
        }));
        let costs: Option<Usd> = answers.iter().map(|answer| answer.cost).sum();
        let view = View {
            models,
            unit: self.unit,
            wall: told.comparison.ended.as_ref().map(|ended| ended.wall).filter(|_| is_alone),
            cost: costs.map(|cost| cost.to_string()),
        };
        if !is_alone {
            self.ui.out_clean(&format!("\n## {}\n", record.row.id))?;
        }
        let drawn = view.answers(self.layout, &self.page);
        self.ui.out(&drawn)?;
        if is_alone && spec.repeats == 1 {
            let gap = if drawn.is_empty() { "" } else { "\n" };
            self.ui.out(&format!("{gap}{}", view.summary(&self.page)))?;
        }
        if let Some(consensus) = consensus.filter(|consensus| consensus.compared.len() > 2 && is_alone) {
            let drawn = consensus_view(&consensus, &answers, &spec.models).drawn(&self.page);
            self.ui.out(&format!("\n{drawn}"))?;
        }
        if is_alone {
            self.checks(&answers, &spec.models)?;
        }
        Ok(())
    }

    /// What the checks of one prompt say that did not pass.
    fn checks(&self, answers: &[&Answer], names: &[String]) -> Result<(), Error> {
        let failing = answers.iter().flat_map(|answer| {
            let failing = answer.verdicts.iter().filter(|verdict| !verdict.passed());
            failing.map(|verdict| (name(names, answer.model), verdict))
        });
        let lines: Vec<String> = failing
            .map(|(name, verdict)| {
                let word =
                    if verdict.outcome == crate::compare::check::Outcome::Unknown { "unknown" } else { "failed" };
                let reason = if verdict.reason.is_empty() { String::new() } else { format!(": {}", verdict.reason) };
                format!(" {name}: {} {word}{reason}", verdict.check)
            })
            .collect();
        if lines.is_empty() { Ok(()) } else { self.lines(&lines) }
    }

    /// The table of a data set.
    fn figures(&self, told: &Told) -> Result<(), Error> {
        let figures = &told.figures;
        let spec = &told.comparison.spec;
        let models = figures.summary.models.iter().enumerate();
        let is_narrow = self.page.width.is_some_and(|width| width < NARROW);
        let view = View {
            models: models.map(|(place, model)| summary_view(told, place, model, is_narrow)).collect(),
            unit: self.unit,
            wall: told.comparison.ended.as_ref().map(|ended| ended.wall),
            cost: told.head.totals.cost.map(|cost| cost.to_string()),
        };
        let repeats = if spec.repeats > 1 { format!(" × {} repeats", spec.repeats) } else { String::new() };
        let (prompts, answers) = (counted(figures.rows, "prompt"), counted(figures.answers, "answer"));
        let title = format!("{}: {prompts}{repeats}, {answers}\n", spec.title);
        self.ui.out_clean(&title)?;
        Ok(self.ui.out(&view.summary(&self.page))?)
    }

    /// What is more than chance, what judges say, and what changed.
    fn proofs(&self, told: &Told) -> Result<(), Error> {
        let figures = &told.figures;
        let mut lines: Vec<String> = Vec::new();
        let baseline = figures.summary.models.get(figures.summary.baseline).map_or("", |model| &model.model);
        for model in &figures.summary.models {
            let Some(against) = &model.against else { continue };
            for (what, paired) in [("checks", against.passes), ("scores", against.scores)] {
                if let Some(paired) = paired {
                    lines.push(format!(" {} beside {baseline}, {what}: {}", model.model, proof(&paired)));
                }
            }
            if told.figures.rows > 1 && !against.to_string().is_empty() {
                lines.push(format!(" {} beside {baseline}: {against}", model.model));
            }
        }
        for duels in &figures.duels {
            let names = &told.comparison.spec.models;
            let (first, second) = (name(names, duels.first), name(names, duels.second));
            let all = &duels.duels;
            let flips = all.flip_rate().map(|(rate, _)| format!(", {:.0} % flipped with the order", rate * 100.0));
            let unknown = if all.unknown > 0 { format!(", {} unknown", all.unknown) } else { String::new() };
            lines.push(format!(
                " judge: {first} {} wins, {second} {}, {} ties{}{unknown}; {}",
                all.wins,
                all.losses,
                all.ties,
                flips.unwrap_or_default(),
                duels.significance
            ));
        }
        lines.extend(told.rulings.iter().map(|(ruling, count)| format!(" judge: {ruling} ({count})")));
        if let Some(changes) = &told.changes {
            for (model, change) in &changes.models {
                lines.push(format!(
                    " {model} since then: {} regressed, {} improved of {} prompts; {}",
                    change.regressed.len(),
                    change.improved.len(),
                    change.compared,
                    change.significance
                ));
            }
            lines.extend(changes.notes.iter().map(|note| format!(" {note}")));
        }
        lines.extend(told.head.notes.iter().filter(|note| note.starts_with(BESIDE)).map(|note| format!(" {note}")));
        let more = lines.len().saturating_sub(TOLD);
        lines.truncate(TOLD);
        if more > 0 {
            lines.push(format!(" and {more} more; `-o report.html` has all"));
        }
        if lines.is_empty() { Ok(()) } else { self.lines(&lines) }
    }

    /// Lines of words, wrapped to the width of a terminal.
    fn lines(&self, lines: &[String]) -> Result<(), Error> {
        self.ui.out("\n")?;
        for line in lines {
            self.ui.out(&crate::ui::compare::sentence(line, &self.page))?;
        }
        Ok(())
    }
}

/// The test of two models in words.
fn proof(paired: &Paired) -> String {
    let difference = paired.difference.as_ref().map(|estimate| {
        format!(
            ", {:+.1} points [{:+.1}, {:+.1}]",
            estimate.value * 100.0,
            estimate.interval.lower * 100.0,
            estimate.interval.upper * 100.0
        )
    });
    let Paired { wins, losses, ties, significance, .. } = paired;
    format!("{wins} better, {losses} worse, {ties} alike{}; {significance}", difference.unwrap_or_default())
}

fn name(names: &[String], model: usize) -> &str {
    names.get(model).map_or("?", String::as_str)
}

/// A note with one more remark.
fn noted(note: String, more: Option<String>) -> String {
    match more {
        Some(more) if note.is_empty() => more,
        Some(more) => format!("{note}, {more}"),
        None => note,
    }
}

/// One answer as it is shown.
fn model_view(answer: &Answer, names: &[String], baseline: Option<&Answer>, at: usize) -> ModelView {
    let is_baseline = answer.model == at;
    let other = baseline.filter(|_| !is_baseline).filter(|baseline| baseline.is_whole() && answer.is_whole());
    let cheaper = baseline.filter(|_| !is_baseline).and_then(|baseline| {
        let (own, others) = (answer.cost?.pico(), baseline.cost?.pico());
        (own > 0 && others > 0).then(|| others as f64 / own as f64)
    });
    let passed = answer.verdicts.iter().filter(|verdict| verdict.passed()).count();
    let tokens = answer.tokens;
    ModelView {
        name: name(names, answer.model).to_owned(),
        is_baseline,
        first_token: answer.timing.and_then(|timing| timing.first_token),
        total: answer.timing.map(|timing| timing.total),
        spread: None,
        tokens_per_second: answer.tokens_per_second(),
        tokens_in: tokens.map(|tokens| tokens.input_total()),
        tokens_out: tokens.map(|tokens| tokens.output_total()),
        thinking: tokens.map(|tokens| tokens.reasoning).filter(|count| *count > 0),
        cost: answer.cost.map(|cost| cost.to_string()),
        cheaper,
        similarity: None,
        agreement: None,
        pass: (!answer.verdicts.is_empty()).then(|| format!("{passed}/{}", answer.verdicts.len())),
        facts: other.map(|other| Facts::of(&other.text).differences(&Facts::of(&answer.text)).to_string()),
        note: match answer.state {
            State::Truncated => "cut by the limit of tokens".to_owned(),
            State::Refused => "refused".to_owned(),
            State::Whole | State::Failed { .. } => String::new(),
        },
        failure: match &answer.state {
            State::Failed { message, .. } => Some(message.clone()),
            _ => None,
        },
        text: answer.text.clone(),
    }
}

/// The figures of one model over a data set.
fn summary_view(told: &Told, place: usize, model: &ModelSummary, is_narrow: bool) -> ModelView {
    let figures = &told.figures;
    let head = told.head.models.get(place);
    let seconds = |spread: &Option<crate::compare::statistics::Spread>| {
        spread.as_ref().map(|spread| std::time::Duration::from_secs_f64(spread.median.max(0.0)))
    };
    let counts = &model.counts;
    let told_counts = [(counts.failed, "failed"), (counts.truncated, "cut"), (counts.refused, "refused")];
    let mut notes: Vec<String> =
        told_counts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    if let Some(flaky) = model.flakiness.as_ref().filter(|flaky| flaky.flaky > 0.0) {
        notes.push(format!("{:.0} % of prompts flaky", flaky.flaky * 100.0));
    }
    notes.extend(head.map(|head| head.note.clone()).filter(|note| !note.is_empty()));
    let cosine = figures.cosines.get(place).copied().flatten().filter(|_| place != figures.summary.baseline);
    notes.extend(cosine.map(|cosine| format!("cosine {:.2}", cosine.mean)));
    let spread = model.total_seconds.as_ref().map(|spread| std::time::Duration::from_secs_f64(spread.mad.max(0.0)));
    ModelView {
        name: model.model.clone(),
        is_baseline: place == figures.summary.baseline,
        first_token: seconds(&model.first_token_seconds),
        total: seconds(&model.total_seconds),
        spread,
        tokens_per_second: model.tokens_per_second.as_ref().map(|spread| spread.median),
        tokens_in: Some(model.tokens.input),
        tokens_out: Some(model.tokens.output),
        thinking: Some(model.tokens.reasoning).filter(|count| *count > 0),
        cost: head.and_then(|head| head.cost).map(|cost| cost.to_string()),
        cheaper: model
            .against
            .as_ref()
            .and_then(|against| against.cost_ratio)
            .filter(|ratio| *ratio > 0.0)
            .map(|ratio| 1.0 / ratio),
        similarity: figures.likeness.of(place, figures.summary.baseline),
        agreement: figures.likeness.mean(place),
        pass: model.passes.as_ref().map(|rate| {
            if is_narrow {
                return format!("{:.0} %", rate.rate * 100.0);
            }
            format!(
                "{:.0} % [{:.0}-{:.0}]",
                rate.rate * 100.0,
                rate.interval.lower * 100.0,
                rate.interval.upper * 100.0
            )
        }),
        facts: None,
        note: notes.join(", "),
        failure: None,
        text: String::new(),
    }
}

/// Who agrees with whom; places are those of the answers.
fn consensus_view(consensus: &Consensus, answers: &[&Answer], names: &[String]) -> ConsensusView {
    let count = answers.len();
    let matrix = (0..count)
        .map(|one| (0..count).map(|other| consensus.likeness(one, other).unwrap_or(f64::NAN)).collect())
        .collect();
    let claims = &consensus.claims;
    let numbers = claims.numbers.iter().map(|number| {
        let unit = number.unit.as_ref().map(|unit| format!(" {unit}")).unwrap_or_default();
        (format!("{}{unit}", number.value), number.said_by.clone())
    });
    let stances = [("yes", &claims.yes), ("no", &claims.no), ("neither", &claims.neither)];
    let says_anything = !claims.yes.is_empty() || !claims.no.is_empty();
    let json = [("valid", &claims.json_valid), ("invalid", &claims.json_invalid), ("same keys", &claims.same_keys)];
    let has_json = !claims.json_valid.is_empty() || !claims.json_invalid.is_empty();
    let ends = [("refused", &claims.refused), ("cut", &claims.truncated)];
    let groups = |list: &[(&str, &Vec<usize>)], wanted: bool| -> Vec<(String, Vec<usize>)> {
        let filled = list.iter().filter(|(_, places)| wanted && !places.is_empty());
        filled.map(|(word, places)| ((*word).to_owned(), (*places).clone())).collect()
    };
    let all = [
        ("NUMBERS", numbers.collect()),
        ("YES/NO", groups(&stances, says_anything)),
        ("JSON", groups(&json, has_json)),
        ("ENDS", groups(&ends, true)),
    ];
    ConsensusView {
        names: answers.iter().map(|answer| name(names, answer.model).to_owned()).collect(),
        matrix,
        agreement: Some(consensus.agreement),
        outlier: consensus.outlier.as_ref().map(|outlier| Outlier {
            model: outlier.answer,
            reason: outlier.reason.to_string(),
            agreement_without: Some(outlier.agreement_without),
        }),
        claims: all
            .into_iter()
            .filter(|(_, groups): &(_, Vec<_>)| !groups.is_empty())
            .map(|(head, groups)| Claim { head: head.to_owned(), groups })
            .collect(),
    }
}
