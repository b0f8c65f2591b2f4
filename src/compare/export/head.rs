//! What the JSON formats tell before the rows: the run, its figures, and its tests.

use jiff::Timestamp;
use serde::Serialize;

use super::super::digest::{Cosine, Likeness};
use super::super::judge::Duels;
use super::super::kept::{Ended, Spec};
use super::super::statistics::Significance;
use super::super::summary::{ModelSummary, Paired, Regressions};
use super::Report;
use crate::money::Usd;

/// The name and version of the form. Readers take what they know and leave the rest.
pub const SCHEMA: &str = "llmx.compare/1";

/// The head.
#[derive(Serialize)]
pub(super) struct Head<'a> {
    schema: &'static str,
    run_id: &'a str,
    created: Timestamp,
    title: &'a str,
    command: &'a str,
    models: &'a [String],
    /// The name of the baseline, and its place among the models.
    baseline: &'a str,
    baseline_index: usize,
    has_past: bool,
    repeats: u32,
    /// A text, as a script reads no integer above 2⁵³.
    seed: String,
    checks: &'a [String],
    judge: Option<&'a str>,
    embed: Option<&'a str>,
    price_db: PriceTable<'a>,
    /// The exit code; `None` when the run has not ended.
    exit_code: Option<u8>,
    rows: usize,
    answers: usize,
    totals: Totals,
    summary: Vec<Model<'a>>,
    /// The mean likeness of every two models.
    agreement: &'a [Vec<Option<f64>>],
    agreement_is_estimate: bool,
    pairs: Vec<Pair<'a>>,
    regressions: Vec<Changed<'a>>,
    notes: &'a [String],
}

#[derive(Serialize)]
struct PriceTable<'a> {
    version: &'a str,
}

#[derive(Serialize)]
struct Totals {
    /// As far as it is known.
    usd: Option<Usd>,
    unknown_cost_rows: u64,
    wall_ms: Option<f64>,
}

#[derive(Serialize)]
struct Model<'a> {
    #[serde(flatten)]
    summary: &'a ModelSummary,
    /// The mean likeness to the other models.
    agreement: Option<f64>,
    sim_to_baseline: Option<f64>,
    embed_to_baseline: Option<Cosine>,
}

/// A test of two models.
#[derive(Serialize)]
struct Pair<'a> {
    a: &'a str,
    b: &'a str,
    a_index: usize,
    b_index: usize,
    measure: &'static str,
    test: &'static str,
    n: u64,
    wins: u64,
    losses: u64,
    ties: u64,
    p: f64,
    p_holm: Option<f64>,
    /// The mean difference, and where it lies with a confidence of 95 %.
    delta: Option<f64>,
    ci95: Option<[f64; 2]>,
    /// How often a judge contradicted itself, and how often it did not rule.
    judge_flips: Option<u64>,
    judge_unknown: Option<u64>,
    significance: Significance,
}

#[derive(Serialize)]
struct Changed<'a> {
    model: &'a str,
    #[serde(flatten)]
    changes: &'a Regressions,
}

impl<'a> Head<'a> {
    pub(super) fn of(report: &Report<'a>) -> Self {
        let Report { comparison, figures, head, changes } = *report;
        let spec: &Spec = &comparison.spec;
        let changes = changes.iter().flat_map(|changes| &changes.models);
        Self {
            schema: SCHEMA,
            run_id: &comparison.id,
            created: comparison.created,
            title: &head.title,
            command: &head.command,
            models: &spec.models,
            baseline: spec.models.get(spec.baseline).map_or("", String::as_str),
            baseline_index: spec.baseline,
            has_past: spec.has_past,
            repeats: spec.repeats,
            seed: spec.seed.to_string(),
            checks: &spec.checks,
            judge: spec.judge.as_deref(),
            embed: spec.embed.as_deref(),
            price_db: PriceTable { version: &head.prices },
            exit_code: comparison.ended.as_ref().map(|ended: &Ended| ended.exit_code),
            rows: figures.rows,
            answers: figures.answers,
            totals: Totals {
                usd: head.totals.cost,
                unknown_cost_rows: head.totals.cost_unknown,
                wall_ms: head.totals.wall_ms,
            },
            summary: figures.summary.models.iter().enumerate().map(|(at, model)| report.summary(at, model)).collect(),
            agreement: &figures.likeness.matrix,
            agreement_is_estimate: figures.likeness.approximate,
            pairs: report.pairs(),
            regressions: changes.map(|(model, changes)| Changed { model, changes }).collect(),
            notes: &head.notes,
        }
    }
}

impl<'a> Report<'a> {
    fn summary(&self, at: usize, summary: &'a ModelSummary) -> Model<'a> {
        let (figures, baseline) = (self.figures, self.comparison.spec.baseline);
        let likeness: &Likeness = &figures.likeness;
        Model {
            summary,
            agreement: likeness.mean(at),
            sim_to_baseline: likeness.of(at, baseline).filter(|_| at != baseline),
            embed_to_baseline: figures.cosines.get(at).copied().flatten(),
        }
    }

    fn pairs(&self) -> Vec<Pair<'a>> {
        let models = &self.comparison.spec.models;
        let name = |model: usize| models.get(model).map_or("", String::as_str);
        let baseline = self.figures.summary.baseline;
        let mut pairs = Vec::new();
        for (at, against) in self.figures.summary.models.iter().map(|model| model.against).enumerate() {
            let tests =
                against.map(|against| [("passes", "mcnemar", against.passes), ("scores", "wilcoxon", against.scores)]);
            for (measure, test, paired) in tests.into_iter().flatten() {
                let names = (name(at), name(baseline));
                pairs.extend(paired.map(|paired| Pair::of(names, (at, baseline), measure, test, &paired)));
            }
        }
        let duels = self.figures.duels.iter().map(|figures| {
            let Duels { wins, losses, ties, flips, unknown } = figures.duels;
            Pair {
                a: name(figures.first),
                b: name(figures.second),
                a_index: figures.first,
                b_index: figures.second,
                measure: "judge",
                test: "mcnemar",
                n: wins + losses + ties,
                wins,
                losses,
                ties,
                p: figures.p,
                p_holm: figures.adjusted,
                delta: None,
                ci95: None,
                judge_flips: Some(flips),
                judge_unknown: Some(unknown),
                significance: figures.significance,
            }
        });
        pairs.into_iter().chain(duels).collect()
    }
}

impl<'a> Pair<'a> {
    fn of(
        (a, b): (&'a str, &'a str),
        (a_index, b_index): (usize, usize),
        measure: &'static str,
        test: &'static str,
        paired: &Paired,
    ) -> Self {
        Self {
            a,
            b,
            a_index,
            b_index,
            measure,
            test,
            n: (paired.wins + paired.losses + paired.ties) as u64,
            wins: paired.wins as u64,
            losses: paired.losses as u64,
            ties: paired.ties as u64,
            p: paired.p,
            p_holm: paired.adjusted,
            delta: paired.difference.map(|difference| difference.value),
            ci95: paired.difference.map(|difference| [difference.interval.lower, difference.interval.upper]),
            judge_flips: None,
            judge_unknown: None,
            significance: paired.significance,
        }
    }
}
