//! Comparisons for tests.

use std::time::Duration;

use super::check::{Outcome, Verdict};
use super::dataset::Fingerprint;
use super::digest::{Digest, Figures};
use super::kept::{AskedRow, Comparison, Ended, KeptAnswer, Record, Spec};
use super::{Answer, State, Timing};
use crate::money::Usd;

/// A comparison of these models, the first of which is the baseline.
pub fn comparison(models: &[&str]) -> Comparison {
    Comparison {
        id: "01997a30-0000-7000-8000-000000000000".to_owned(),
        created: "2026-11-22T16:00:00Z".parse().unwrap(),
        spec: Spec {
            title: "capitals".to_owned(),
            arguments: vec!["compare".to_owned(), "-m".to_owned(), models.join(","), "it's here".to_owned()],
            models: models.iter().map(|model| (*model).to_owned()).collect(),
            repeats: 1,
            seed: u64::MAX,
            prices: "2026-11-20".to_owned(),
            ..Spec::default()
        },
        ended: Some(Ended {
            wall: Duration::from_millis(3110),
            exit_code: 0,
            notes: vec!["one row left out".to_owned()],
        }),
    }
}

/// A row that asks this, with its answers.
pub fn record(index: usize, prompt: &str, answers: Vec<KeptAnswer>) -> Record {
    let place = |mut kept: KeptAnswer| {
        kept.answer.row = index;
        kept
    };
    Record {
        row: AskedRow {
            index,
            id: format!("p{}", index + 1),
            prompt: prompt.to_owned(),
            system: None,
            variables: vec![("city".to_owned(), "Paris".to_owned())],
            reference: None,
            cluster: None,
            fingerprint: Fingerprint::of([prompt]),
        },
        answers: answers.into_iter().map(place).collect(),
        transcripts: Vec::new(),
    }
}

/// A whole answer, asked once, of unknown cost and time.
pub fn whole(model: usize, text: &str) -> KeptAnswer {
    KeptAnswer {
        answer: Answer {
            row: 0,
            model,
            repeat: 0,
            state: State::Whole,
            text: text.to_owned(),
            served: None,
            timing: None,
            tokens: None,
            cost: None,
            verdicts: Vec::new(),
        },
        attempts: 1,
        cosine: None,
    }
}

/// A request that failed.
pub fn failed(model: usize) -> KeptAnswer {
    let mut kept = whole(model, "");
    kept.answer.state = State::Failed { class: "rate_limit".to_owned(), message: "429 <slow down>".to_owned() };
    kept
}

impl KeptAnswer {
    /// With a check that came out so.
    #[must_use]
    pub fn checked(mut self, check: &str, outcome: Outcome) -> Self {
        let reason = if outcome == Outcome::Passed { "" } else { "it is not there" };
        self.answer.verdicts.push(Verdict { check: check.to_owned(), outcome, reason: reason.to_owned(), score: None });
        self
    }

    /// In this repeat.
    #[must_use]
    pub fn repeated(mut self, repeat: u32) -> Self {
        self.answer.repeat = repeat;
        self
    }

    /// After so many milliseconds, at this price.
    #[must_use]
    pub fn told(mut self, milliseconds: u64, usd: &str) -> Self {
        let time = Duration::from_millis(milliseconds);
        self.answer.timing = Some(Timing { first_token: Some(time / 4), first_piece: Some(time / 5), total: time });
        self.answer.cost = Usd::parse(usd);
        self
    }
}

/// What these rows come to.
pub fn figures(comparison: &Comparison, records: &[Record]) -> Figures {
    let mut digest = Digest::new(comparison);
    for record in records {
        digest.take(record);
    }
    digest.finish()
}
