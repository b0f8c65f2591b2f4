//! A run as it happens: what is shown of it, and what it leaves in the ledger.

use std::borrow::Cow;
use std::cell::RefCell;
use std::io;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::asking::Asking;
use super::billing::{self, Cost};
use super::draft::Draft;
use super::observed::observed;
use super::report::{self, RunCost};
use crate::chat::{ChatRequest, Event, Usage};
use crate::exec::step::Step;
use crate::exec::{Attempt, Outcome, Sink};
use crate::failure::{Failure, FailureClass};
use crate::ledger::record::{self, Asked, AttemptEnd, AttemptOutcome, AttemptRole, AttemptStart, RunStart};
use crate::ledger::{Ledger, Opened};
use crate::money::Usd;
use crate::provider::{KeyMark, KeyState, Target, TargetId};
use crate::route::adapt::{Edit, Lesson};
use crate::route::{self, Candidate, Plan, Rejection};
use crate::ui::Ui;
use crate::ui::answer::Answer;

/// How an answer reaches the reader.
pub enum Delivery<'a> {
    /// Held until it is whole: pipes, `--json`, `--no-stream`.
    Held(Answer<'a>),
    /// As it comes: terminals, `--stream`.
    Streamed(Answer<'a>),
    /// Events as JSON lines.
    Lines,
}

/// Sees a run, shows it and writes it down.
pub struct Live<'a> {
    /// How the answer is shown.
    pub delivery: Delivery<'a>,
    /// Where things are printed.
    pub ui: &'a Ui,
    /// Where things are written down.
    pub ledger: &'a RefCell<Ledger>,
    /// The run's id.
    pub run: String,
    /// The plan that is walked.
    pub plan: &'a Plan,
    /// The plan's targets.
    pub targets: &'a [Target],
    /// What is asked.
    pub request: &'a ChatRequest,
    /// Whether partial answers are kept.
    pub keep_text: bool,
    /// What each attempt cost, in order.
    pub costs: Vec<Cost>,
    /// Content of the running attempt has been shown.
    pub shown: bool,
    /// Text that came and is printed at the next flush: one write for each network chunk, not for each token.
    pub pending: String,
    /// Targets whose changes have been told.
    pub told: Vec<TargetId>,
    /// Attempts that have started and not ended: a second one is a hedge.
    pub running: usize,
    /// Breakers that this run has opened.
    pub opened: Vec<Opened>,
    /// What is to be said when the answer has ended: in the middle of it, it would tear the text apart.
    pub later: Vec<String>,
    /// What is kept of it as it comes, where that is wanted.
    pub(super) draft: Option<Draft>,
}

impl<'a> Live<'a> {
    /// Sees a run of which nothing has happened yet.
    pub(super) fn new(delivery: Delivery<'a>, asking: &Asking<'a>, start: &RunStart) -> Self {
        Self {
            delivery,
            ui: asking.ui,
            ledger: asking.ledger,
            run: start.id.clone(),
            plan: asking.plan,
            targets: asking.targets,
            request: asking.request,
            keep_text: start.keep_text,
            costs: Vec::new(),
            shown: false,
            pending: String::new(),
            told: Vec::new(),
            running: 0,
            opened: Vec::new(),
            later: Vec::new(),
            draft: asking.drafts.then(|| Draft::without(asking.session.keys_at_hand().to_vec())),
        }
    }

    /// What all attempts cost together.
    pub fn run_cost(&self) -> RunCost {
        let mut sum = RunCost::default();
        self.costs.iter().for_each(|cost| sum.add(cost));
        sum
    }

    /// The first line of `--jsonl`.
    pub fn began(&self, id: &str, route: &str) -> io::Result<()> {
        match self.delivery {
            Delivery::Lines => {
                self.line(&json!({ "type": "start", "schema": "llmx.complete.events/1", "id": id, "route": route }))
            }
            Delivery::Held(_) | Delivery::Streamed(_) => Ok(()),
        }
    }

    /// Ends the view of an answer that will not be whole. Held text stays unsaid.
    pub fn stop(&mut self) {
        match &mut self.delivery {
            Delivery::Held(answer) | Delivery::Streamed(answer) => answer.interrupted(),
            Delivery::Lines => {}
        }
        self.tell_later();
    }

    /// Says what had to wait for the end of the answer.
    pub fn tell_later(&mut self) {
        self.later.drain(..).for_each(|line| self.ui.note(&line));
    }

    fn line(&self, value: &Value) -> io::Result<()> {
        self.ui.out_clean(&format!("{value}\n"))
    }

    /// Says once what is changed for a target. That an answer comes whole matters only to who watches it come.
    fn tell_of_changes(&mut self, candidate: &Candidate) {
        if self.told.contains(&candidate.target) {
            return;
        }
        self.told.push(candidate.target.clone());
        let watched = matches!(self.delivery, Delivery::Streamed(_) | Delivery::Lines);
        for change in candidate.changes.iter().filter(|change| watched || change.edit != Edit::Unstreamed) {
            self.ui.note(&format!("{}: {change}", candidate.target));
        }
    }

    fn write_down(&mut self, attempt: &Attempt, cost: &Cost) {
        let end = attempt_end(&self.run, attempt, cost, self.keep_text);
        let observation = observed(attempt, self.plan);
        self.opened.extend(self.ledger.borrow_mut().attempt_ended(&end, &observation));
    }
}

impl Sink for Live<'_> {
    fn passed_over(&mut self, candidate: &Candidate) {
        let target = &candidate.target;
        self.ui
            .detail(&format!("{target} is passed over: it failed of late, and another process is trying it just now"));
        if matches!(self.delivery, Delivery::Lines) {
            self.line(&json!({ "type": "passed_over", "target": target })).ok();
        }
    }

    fn refused(&mut self, candidate: &Candidate, reason: &Rejection) {
        let target = &candidate.target;
        self.ui.note(&format!("{target} is left out: {reason}"));
        if matches!(self.delivery, Delivery::Lines) {
            self.line(&json!({ "type": "refused", "target": target, "reason": reason })).ok();
        }
    }

    fn attempt_started(&mut self, number: usize, candidate: &Candidate, key: Option<&KeyMark>, now: Timestamp) {
        self.shown = false;
        let role = if self.running > 0 { AttemptRole::Hedge } else { AttemptRole::Main };
        let start = attempt_start(&self.run, number, candidate, role, self.request, now);
        self.ledger.borrow_mut().attempt_started(&start);
        self.running += 1;
        self.ui.detail(&asking(number, candidate, key, self.targets));
        self.tell_of_changes(candidate);
        match &mut self.delivery {
            Delivery::Held(answer) | Delivery::Streamed(answer) => answer.waiting(&candidate.target.to_string()),
            Delivery::Lines => {
                let value = json!({ "type": "attempt", "number": number, "target": candidate.target });
                // A reader that went away is found at the next event.
                self.line(&value).ok();
            }
        }
    }

    fn event(&mut self, event: &Event) -> io::Result<()> {
        match &mut self.delivery {
            Delivery::Held(answer) => {
                if let Event::Reasoning(piece) = event {
                    return answer.reasoning(piece);
                }
                Ok(())
            }
            Delivery::Streamed(answer) => match event {
                Event::Text(piece) => {
                    self.shown |= !piece.is_empty();
                    self.pending.push_str(piece);
                    Ok(())
                }
                Event::Reasoning(piece) => answer.reasoning(piece),
                _ => Ok(()),
            },
            Delivery::Lines => match event_json(event) {
                Some(value) => {
                    self.shown |= event.is_content();
                    self.line(&value)
                }
                None => Ok(()),
            },
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        let piece = std::mem::take(&mut self.pending);
        if piece.is_empty() {
            return Ok(());
        }
        // What can be seen is kept.
        self.draft(&piece);
        match &mut self.delivery {
            Delivery::Streamed(answer) => answer.text(&piece),
            Delivery::Held(_) | Delivery::Lines => Ok(()),
        }
    }

    fn attempt_ended(&mut self, attempt: &Attempt, next: &Step) {
        self.running = self.running.saturating_sub(1);
        let cost = route::find(self.targets, &attempt.target)
            .map_or_else(Cost::unknown, |target| billing::of(attempt, target));
        self.write_down(attempt, &cost);
        learn(attempt, self.ledger);
        let line = report::moving_on(attempt, next, self.plan);
        if line.is_some() && self.shown && !attempt.goes_on {
            self.begin_draft_anew();
        }
        match &mut self.delivery {
            Delivery::Held(answer) | Delivery::Streamed(answer) => match line {
                Some(line) if attempt.goes_on => self.later.push(line),
                // A reader that went away is found at the next piece of text.
                Some(line) if self.shown => answer.seam(&line).unwrap_or_default(),
                Some(line) => {
                    // Thinking may have left its line open.
                    answer.interrupted();
                    self.ui.note(&line);
                }
                None => {}
            },
            Delivery::Lines => {
                let mut value = report::attempt_json(attempt, &cost);
                value["type"] = json!("attempt_end");
                value["next"] = match next {
                    Step::Try { candidate, .. } => json!(self.plan.candidates[*candidate].target),
                    Step::Done | Step::GiveUp(_) => Value::Null,
                };
                self.line(&value).ok();
            }
        }
        self.costs.push(cost);
    }

    fn has_shown(&self) -> bool {
        self.shown
    }

    fn can_restart(&self) -> bool {
        match self.delivery {
            Delivery::Held(_) | Delivery::Lines => true,
            Delivery::Streamed(_) => self.ui.stdout_is_terminal,
        }
    }

    fn begins_anew(&mut self) -> io::Result<()> {
        self.begin_draft_anew();
        match &mut self.delivery {
            Delivery::Held(_) => Ok(()),
            Delivery::Streamed(answer) => answer.seam("the model began anew instead of going on"),
            Delivery::Lines => self.line(&json!({ "type": "anew" })),
        }
    }
}

/// What `--verbose` says of an attempt that starts.
fn asking(number: usize, candidate: &Candidate, key: Option<&KeyMark>, targets: &[Target]) -> String {
    let found = match route::find(targets, &candidate.target).map(|target| &target.key) {
        Some(KeyState::Present(place)) => Some(place),
        _ => None,
    };
    let place = key.map(|key| &key.place).or(found);
    let key = place.map_or_else(|| "no key".to_owned(), |place| format!("key from {place}"));
    let limits = &candidate.limits;
    let seconds = |limit: &route::Set<std::time::Duration>| limit.value.as_secs_f64();
    let (first_token, idle) = (seconds(&limits.first_token), seconds(&limits.idle));
    let target = &candidate.target;
    format!("attempt {number}: {target}, {key}, first token within {first_token}s, silence up to {idle}s")
}

/// One event for `--jsonl`; what says nothing new has none.
fn event_json(event: &Event) -> Option<Value> {
    Some(match event {
        Event::Text(text) => json!({ "type": "text", "text": text }),
        Event::Reasoning(text) => json!({ "type": "reasoning", "text": text }),
        Event::Refusal(text) => json!({ "type": "refusal", "text": text }),
        Event::ToolCall { slot, id, name, arguments } => {
            json!({ "type": "tool_call", "slot": slot, "id": id, "name": name, "arguments": arguments })
        }
        Event::Citation(citation) => json!({ "type": "citation", "citation": citation }),
        Event::Logprobs(logprobs) => json!({ "type": "logprobs", "logprobs": logprobs }),
        Event::Started { .. } | Event::Usage(_) | Event::Finished(_) => return None,
    })
}

/// What is wrong with an answer may quote it, so it is kept where the answer is.
fn kept(failure: &Failure, keep_text: bool) -> Cow<'_, Failure> {
    match failure.class {
        FailureClass::SchemaMismatch if !keep_text => Cow::Owned(Failure { message: None, ..failure.clone() }),
        _ => Cow::Borrowed(failure),
    }
}

/// Remembers the repairs after which a request was taken.
pub(super) fn learn(attempt: &Attempt, ledger: &RefCell<Ledger>) {
    let taken = match &attempt.outcome {
        Outcome::Complete => true,
        Outcome::Failed(failure) => failure.class == FailureClass::SchemaMismatch,
        Outcome::Cancelled => false,
    };
    let day = crate::ledger::day(attempt.started);
    for change in attempt.changes.iter().filter(|_| taken) {
        if let Some(lesson) = Lesson::of(&attempt.target, change, &day) {
            ledger.borrow_mut().learn(&record::Lesson::of(lesson, attempt.started));
        }
    }
}

/// The ledger's row for an attempt that starts.
pub(super) fn attempt_start(
    run: &str,
    number: usize,
    candidate: &Candidate,
    role: AttemptRole,
    request: &ChatRequest,
    now: Timestamp,
) -> AttemptStart {
    AttemptStart {
        run: run.to_owned(),
        number: u32::try_from(number).unwrap_or(u32::MAX),
        started_ms: now.as_millisecond(),
        provider: candidate.target.provider.clone(),
        model: candidate.target.model.clone(),
        role,
        asked: Some(Asked {
            stream: request.stream,
            tools: !request.tools.is_empty(),
            prompt_tokens: candidate.input.expected,
        }),
    }
}

/// The ledger's row for an attempt that ended.
pub(super) fn attempt_end(run: &str, attempt: &Attempt, cost: &Cost, keep_text: bool) -> AttemptEnd {
    let (outcome, failure) = match &attempt.outcome {
        Outcome::Complete => (AttemptOutcome::Complete, None),
        Outcome::Failed(failure) => (AttemptOutcome::Failed, Some(failure)),
        Outcome::Cancelled => (AttemptOutcome::Cancelled, None),
    };
    let ms = |duration: std::time::Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let usage = attempt.reply.usage.as_ref();
    let partial = keep_text && outcome != AttemptOutcome::Complete;
    AttemptEnd {
        run: run.to_owned(),
        number: u32::try_from(attempt.number).unwrap_or(u32::MAX),
        outcome,
        served_model: attempt.reply.model.clone(),
        request_id: attempt.request_id.clone(),
        first_content_ms: attempt.timing.first_content.map(ms),
        total_ms: ms(attempt.timing.total),
        usage_raw: usage.filter(|usage| !usage.raw.is_null()).map(|usage| usage.raw.to_string()),
        buckets: usage.and_then(Usage::buckets).map(Into::into),
        price: cost.bill.as_ref().and_then(|bill| serde_json::to_string(bill).ok()),
        cost_pico: cost.usd.map(Usd::pico).and_then(|pico| i64::try_from(pico).ok()),
        cost_source: cost.source,
        saved_pico: cost.saved_pico(),
        class: failure.map(|failure| failure.class.name().to_owned()),
        failure: failure.and_then(|failure| serde_json::to_string(&kept(failure, keep_text)).ok()),
        partial_text: if partial { attempt.reply.text.clone() } else { String::new() },
    }
}
