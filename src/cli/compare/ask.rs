//! One request of a comparison: sent, followed, written down, and made an answer.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::io;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;

use super::contest::Contender;
use super::purse::Purse;
use crate::chat::{ChatRequest, Event, FinishReason, Reply, Usage};
use crate::cli::billing::{self, Cost};
use crate::cli::gate::LedgerGate;
use crate::cli::live::{attempt_end, attempt_start, learn};
use crate::cli::observed::observed;
use crate::cli::report;
use crate::cli::session::Session;
use crate::compare::{Answer, State, Timing};
use crate::cost::spent::Spender;
use crate::exec::pace::Ended;
use crate::exec::step::Step;
use crate::exec::{Attempt, Job, Outcome, Sink, execute};
use crate::failure::{Failure, FailureClass};
use crate::ledger::record::AttemptRole;
use crate::ledger::{Ledger, Opened};
use crate::money::Usd;
use crate::provider::KeyMark;
use crate::route::{self, Candidate, Plan, Rejection};
use crate::ui::Ui;
use crate::wire::quota::Quota;

/// Sends the requests of one comparison.
pub struct Desk<'a> {
    /// Keys, transport and settings.
    pub session: &'a Session,
    /// Where attempts are written down.
    pub ledger: &'a RefCell<Ledger>,
    /// Where things are printed.
    pub ui: &'a Ui,
    /// The comparison's id.
    pub run: String,
    /// The number of its next attempt.
    pub next_number: Cell<u32>,
    /// Who spends.
    pub spender: Spender,
    /// What may be spent.
    pub purse: Purse,
    /// Becomes true when everything is to stop.
    pub stop: watch::Receiver<bool>,
    /// Breakers that were opened.
    pub opened: RefCell<Vec<Opened>>,
    /// Changes of requests that were told.
    pub told: RefCell<BTreeSet<String>>,
}

/// What came of a request.
#[derive(Debug)]
pub struct Said {
    /// What was said, as far as it came.
    pub reply: Reply,
    /// How long the last attempt took; `None` when nothing was sent.
    pub timing: Option<Timing>,
    /// How it ended.
    pub end: SaidEnd,
    /// What all attempts cost; `None` is unknown.
    pub cost: Option<Usd>,
    /// How many there were.
    pub attempts: u32,
    /// What the provider said of its limits.
    pub quotas: Vec<Quota>,
}

/// How a request ended.
#[derive(Debug)]
pub enum SaidEnd {
    /// With an answer.
    Whole,
    /// Without.
    Failed(Box<Failure>),
    /// It could not be sent: the class of failure that comes nearest, and why.
    NotSent(&'static str, String),
    /// What others have spent or reserved meanwhile leaves too little of a budget, which is told.
    OverBudget(String),
    /// It was stopped.
    Stopped,
}

impl Desk<'_> {
    /// Sends one request. What is expected of its cost was reserved before, and is settled here.
    pub async fn send(&self, contender: &Contender, plan: &Plan, request: &ChatRequest, see: &dyn Fn(&Event)) -> Said {
        self.tell_of_changes(plan);
        let reserved = expected(plan);
        let spender = self.spender.clone();
        let budgets = &contender.policy().budgets;
        let gate = LedgerGate { ledger: self.ledger, budgets, spender, total: plan.total.value };
        let job = Job {
            plan,
            targets: contender.targets(),
            request,
            keychain: self.session,
            transport: &self.session.transport,
            judge: None,
            gate: Some(&gate),
        };
        let mut sink =
            Follow { desk: self, job: &job, see, numbers: Vec::new(), cost: Some(Usd::ZERO), quotas: Vec::new() };
        let mut stop = self.stop.clone();
        let stopped = async {
            if stop.wait_for(|stop| *stop).await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        let run = execute(&job, &mut sink, stopped).await;
        let (cost, quotas) = (sink.cost, sink.quotas);
        self.purse.settle(reserved, cost);
        let attempts = u32::try_from(run.attempts.len()).unwrap_or(u32::MAX);
        let Some(last) = run.attempts.into_iter().next_back() else {
            let (class, why) = unsent(plan);
            let refused = run.refused.first().map(|(_, reason)| SaidEnd::OverBudget(reason.to_string()));
            let end = refused.unwrap_or(SaidEnd::NotSent(class, why));
            return Said { reply: Reply::default(), timing: None, end, cost, attempts, quotas };
        };
        let timing = Timing {
            first_token: last.timing.first_text,
            first_piece: last.timing.first_content,
            total: last.timing.total,
        };
        let end = match last.outcome {
            Outcome::Complete => SaidEnd::Whole,
            Outcome::Failed(failure) => SaidEnd::Failed(Box::new(failure)),
            Outcome::Cancelled => SaidEnd::Stopped,
        };
        Said { reply: last.reply, timing: Some(timing), end, cost, attempts, quotas }
    }

    /// That a model is asked something else than the others must be known.
    fn tell_of_changes(&self, plan: &Plan) {
        for candidate in &plan.candidates {
            for change in &candidate.changes {
                let line = format!("{}: {change}", candidate.target);
                if self.told.borrow_mut().insert(line.clone()) {
                    self.ui.note(&line);
                }
            }
        }
    }

    /// The number of the next attempt.
    pub fn number(&self) -> u32 {
        let number = self.next_number.get();
        self.next_number.set(number.saturating_add(1));
        number
    }
}

/// What a plan is expected to cost at most; nothing where that is unknown, which `--max-cost` has ruled out before.
pub fn expected(plan: &Plan) -> Usd {
    plan.candidates.first().and_then(|first| first.forecast.cost_at_most.or(first.forecast.cost)).unwrap_or(Usd::ZERO)
}

/// Why a plan asks nobody, and the name of the class of failure that comes nearest.
fn unsent(plan: &Plan) -> (&'static str, String) {
    let Some(rejected) = plan.rejected.first() else {
        let why = "another process is trying it just now, as it has failed of late";
        return (FailureClass::Overloaded.name(), why.to_owned());
    };
    let class = match rejected.reason {
        Rejection::KeyMissing { .. } => FailureClass::Auth,
        Rejection::WindowTooSmall { .. } => FailureClass::ContextWindow,
        Rejection::Ended { .. } => FailureClass::ModelNotFound,
        _ => FailureClass::InvalidRequest,
    };
    (class.name(), rejected.reason.to_string())
}

impl Said {
    /// The answer that it is, in its place.
    pub fn answer(&self, row: usize, model: usize, repeat: u32) -> Answer {
        Answer {
            row,
            model,
            repeat,
            state: self.state(),
            text: self.text(),
            served: self.reply.model.clone(),
            timing: self.timing,
            tokens: self.reply.usage.as_ref().and_then(Usage::buckets),
            cost: self.cost,
            verdicts: Vec::new(),
        }
    }

    /// A refusal stands in a place of its own in some formats.
    fn text(&self) -> String {
        if self.reply.text.is_empty() { self.reply.refusal.clone() } else { self.reply.text.clone() }
    }

    fn state(&self) -> State {
        match &self.end {
            SaidEnd::Whole if !self.reply.refusal.is_empty() => State::Refused,
            SaidEnd::Whole => match self.reply.finish.as_ref().map(|finish| finish.reason) {
                Some(FinishReason::Length) => State::Truncated,
                Some(FinishReason::Refusal | FinishReason::ContentFilter) => State::Refused,
                _ => State::Whole,
            },
            SaidEnd::Failed(failure) if failure.class == FailureClass::ContentFilter => State::Refused,
            SaidEnd::Failed(failure) => {
                State::Failed { class: failure.class.name().to_owned(), message: report::failure_words(failure) }
            }
            SaidEnd::OverBudget(why) => State::Failed { class: "budget".to_owned(), message: why.clone() },
            SaidEnd::NotSent(class, why) => State::Failed { class: (*class).to_owned(), message: why.clone() },
            SaidEnd::Stopped => State::Failed { class: "stopped".to_owned(), message: "it was stopped".to_owned() },
        }
    }

    /// What it says of the provider's pace.
    pub fn pace(&self, now: Timestamp) -> Ended {
        match &self.end {
            SaidEnd::Whole => Ended::Good,
            SaidEnd::Failed(failure) if matches!(failure.class, FailureClass::RateLimit | FailureClass::Overloaded) => {
                Ended::Limited(failure.retry_after.and_then(|asked| asked.delay(now)))
            }
            SaidEnd::Failed(_) | SaidEnd::NotSent(..) | SaidEnd::OverBudget(_) | SaidEnd::Stopped => Ended::Otherwise,
        }
    }
}

/// Writes attempts down and passes events on; nothing of the answer is shown.
struct Follow<'a, 'd> {
    desk: &'a Desk<'d>,
    job: &'a Job<'a>,
    see: &'a dyn Fn(&Event),
    /// The numbers of attempts among all of the comparison.
    numbers: Vec<(usize, u32)>,
    cost: Option<Usd>,
    quotas: Vec<Quota>,
}

impl Sink for Follow<'_, '_> {
    fn attempt_started(&mut self, number: usize, candidate: &Candidate, _: Option<&KeyMark>, now: Timestamp) {
        let whole = self.desk.number();
        self.numbers.push((number, whole));
        let request = self.job.request;
        let start = attempt_start(&self.desk.run, whole as usize, candidate, AttemptRole::Main, request, now);
        self.desk.ledger.borrow_mut().attempt_started(&start);
    }

    fn event(&mut self, event: &Event) -> io::Result<()> {
        (self.see)(event);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn attempt_ended(&mut self, attempt: &Attempt, next: &Step) {
        let desk = self.desk;
        let cost = route::find(self.job.targets, &attempt.target)
            .map_or_else(Cost::unknown, |target| billing::of(attempt, target));
        let whole = self.numbers.iter().find(|(number, _)| *number == attempt.number).map(|(_, whole)| *whole);
        let numbered = Attempt { number: whole.map_or(attempt.number, |whole| whole as usize), ..attempt.clone() };
        let end = attempt_end(&desk.run, &numbered, &cost, false);
        let observation = observed(attempt, self.job.plan);
        desk.opened.borrow_mut().extend(desk.ledger.borrow_mut().attempt_ended(&end, &observation));
        learn(attempt, desk.ledger);
        if let Some(line) = report::moving_on(attempt, next, self.job.plan) {
            desk.ui.detail(&line);
        }
        self.cost = self.cost.zip(cost.usd).map(|(sum, cost)| sum + cost);
        self.quotas.clone_from(&attempt.quotas);
    }

    fn has_shown(&self) -> bool {
        false
    }
}

/// How long a request may wait before it is sent again after a rate limit; a provider that asks for more is told of.
pub const LONGEST_RATE_WAIT: Duration = Duration::from_mins(10);
