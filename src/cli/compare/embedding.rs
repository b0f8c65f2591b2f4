//! Embeddings of answers: how alike they are in meaning, as far as a model of the user's choice can tell.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::Map;

use super::ask::Desk;
use crate::cli::session::Session;
use crate::compare::Answer;
use crate::compare::kept::KeptAnswer;
use crate::error::{Error, ErrorKind};
use crate::exec::embed::embed;
use crate::failure::Failure;
use crate::ledger::record::{AttemptEnd, AttemptOutcome, AttemptRole, AttemptStart, CostSource, Observation};
use crate::money::Usd;
use crate::provider::Target;
use crate::wire::embed::{EmbedRequest, Embeddings, Purpose, of};

/// Embeds the answers of a comparison.
pub struct Embedder<'a> {
    desk: &'a Desk<'a>,
    target: Target,
    baseline: usize,
    /// Why it failed first; it is told once.
    failed: RefCell<Option<String>>,
}

/// The target that a name stands for; an error when its provider has no embeddings.
pub fn target(name: &str, session: &Session) -> Result<Target, Error> {
    let id = session.target_named(name, "--embed")?;
    let policy = session.resolve(name, "--embed")?;
    let target = session.targets(&policy).into_iter().find(|target| target.id == id);
    let target = target.ok_or_else(|| Error::new(ErrorKind::Usage, format!("--embed: `{name}` names no model")))?;
    if of(&target.provider).is_none() {
        let message = format!("--embed: `{}` has no embeddings that llmx knows of", target.provider.name);
        return Err(Error::new(ErrorKind::Usage, message).hint("`llmx models --all` lists models for embeddings"));
    }
    Ok(target)
}

impl<'a> Embedder<'a> {
    /// With that model; the others are held against `baseline`.
    pub fn new(desk: &'a Desk<'a>, target: Target, baseline: usize) -> Self {
        Self { desk, target, baseline, failed: RefCell::new(None) }
    }

    /// Notes the cosine of each answer and the baseline's in the same repeat; gives back the answers that have one now.
    pub async fn hold(&self, answers: &[KeptAnswer]) -> Vec<KeptAnswer> {
        let of_baseline = |repeat: u32| {
            answers.iter().position(|kept| kept.answer.repeat == repeat && kept.answer.model == self.baseline)
        };
        let has_text = |answer: &Answer| answer.is_whole() && !answer.text.trim().is_empty();
        let pairs: Vec<(usize, usize)> = (answers.iter().enumerate())
            .filter(|(_, kept)| has_text(&kept.answer) && kept.cosine.is_none())
            .filter_map(|(place, kept)| Some((place, of_baseline(kept.answer.repeat)?)))
            .filter(|(_, other)| has_text(&answers[*other].answer))
            .collect();
        if pairs.iter().all(|(one, other)| one == other) {
            return Vec::new();
        }
        let mut texts: Vec<usize> = pairs.iter().flat_map(|(one, other)| [*one, *other]).collect();
        texts.sort_unstable();
        texts.dedup();
        let wanted = texts.iter().map(|place| answers[*place].answer.text.clone()).collect();
        let Some(vectors) = self.embed(wanted).await else { return Vec::new() };
        let vector = |place: usize| texts.binary_search(&place).ok().and_then(|at| vectors.get(at));
        let with_cosine = |(one, other): &(usize, usize)| {
            let cosine = cosine(vector(*one)?, vector(*other)?)?;
            Some(KeptAnswer { cosine: Some(cosine), ..answers[*one].clone() })
        };
        pairs.iter().filter_map(with_cosine).collect()
    }

    async fn embed(&self, texts: Vec<String>) -> Option<Vec<Vec<f32>>> {
        if !self.desk.purse.reserve(Usd::ZERO) {
            return None;
        }
        let number = self.desk.number();
        self.begin(number);
        let (started, begun) = (Timestamp::now(), Instant::now());
        let request = EmbedRequest { texts, dimensions: None, purpose: Some(Purpose::Similarity), extra: Map::new() };
        let done = match self.desk.session.key_of(&self.target.provider).await {
            Ok(key) => embed(&self.desk.session.transport, &self.target, key.as_ref(), &request).await,
            Err(failure) => Err(failure),
        };
        let cost = done.as_ref().ok().and_then(|done| self.cost(done, started));
        self.end(number, &done, cost, begun.elapsed());
        self.desk.purse.settle(Usd::ZERO, cost);
        match done {
            Ok(embeddings) => Some(embeddings.vectors),
            Err(failure) => {
                let words = crate::cli::report::failure_words(&failure);
                if self.failed.borrow_mut().replace(words.clone()).is_none() {
                    self.desk
                        .ui
                        .warn(&format!("--embed: {}: {words}; answers are compared without it", self.target.id));
                }
                None
            }
        }
    }

    fn cost(&self, done: &Embeddings, at: Timestamp) -> Option<Usd> {
        let usage = crate::chat::Usage { output: Some(0), ..done.usage.clone() };
        usage.cost.or_else(|| {
            let model = self.target.model.as_deref()?;
            model.bill(&usage.buckets()?, crate::catalog::Mode::Standard, at).total
        })
    }

    fn begin(&self, number: u32) {
        self.desk.ledger.borrow_mut().attempt_started(&AttemptStart {
            run: self.desk.run.clone(),
            number,
            started_ms: Timestamp::now().as_millisecond(),
            provider: self.target.id.provider.clone(),
            model: self.target.id.model.clone(),
            role: AttemptRole::Main,
            asked: None,
        });
    }

    /// Nothing is observed of its health: what is true of embeddings need not be true of answers.
    fn end(&self, number: u32, done: &Result<Embeddings, Failure>, cost: Option<Usd>, took: Duration) {
        let failure = done.as_ref().err();
        let usage = done.as_ref().ok().map(|done| &done.usage);
        let end = AttemptEnd {
            run: self.desk.run.clone(),
            number,
            outcome: if failure.is_some() { AttemptOutcome::Failed } else { AttemptOutcome::Complete },
            served_model: done.as_ref().ok().and_then(|done| done.model.clone()),
            request_id: failure.and_then(|failure| failure.request_id.clone()),
            first_content_ms: None,
            total_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            usage_raw: usage.filter(|usage| !usage.raw.is_null()).map(|usage| usage.raw.to_string()),
            buckets: None,
            price: None,
            cost_pico: cost.map(Usd::pico).and_then(|pico| i64::try_from(pico).ok()),
            saved_pico: None,
            cost_source: if cost.is_some() { CostSource::Computed } else { CostSource::Unknown },
            class: failure.map(|failure| failure.class.name().to_owned()),
            failure: failure.and_then(|failure| serde_json::to_string(failure).ok()),
            partial_text: String::new(),
        };
        self.desk.ledger.borrow_mut().attempt_ended(&end, &Observation::default());
    }
}

/// The cosine of the angle between two vectors; `None` where one has no direction.
fn cosine(one: &[f32], other: &[f32]) -> Option<f64> {
    let product = |left: &[f32], right: &[f32]| -> f64 {
        left.iter().zip(right).map(|(left, right)| f64::from(*left) * f64::from(*right)).sum()
    };
    let lengths = (product(one, one) * product(other, other)).sqrt();
    (one.len() == other.len() && lengths > 0.0).then(|| (product(one, other) / lengths).clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cosine_tells_the_angle_alone() {
        assert_eq!(cosine(&[1.0, 0.0], &[5.0, 0.0]), Some(1.0));
        assert_eq!(cosine(&[1.0, 0.0], &[0.0, 2.0]), Some(0.0));
        assert_eq!(cosine(&[1.0, 0.0], &[-1.0, 0.0]), Some(-1.0));
        assert_eq!(cosine(&[0.0, 0.0], &[1.0, 0.0]), None);
        assert_eq!(cosine(&[1.0], &[1.0, 0.0]), None);
    }
}
