//! `--probe`: one tiny request to each model, alone, written down as what it is.

use std::cell::RefCell;
use std::io;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::watch;
use uuid::Uuid;

use super::Args;
use super::gather::Chosen;
use std::collections::BTreeMap;

use crate::chat::{ChatRequest, Event, Message, Options, Role};
use crate::cli::alerts::{self, Alert};
use crate::cli::billing::{self, Cost};
use crate::cli::gate::LedgerGate;
use crate::cli::live::attempt_end;
use crate::cli::observed::observed;
use crate::cli::session::{Occasion, Session};
use crate::cli::signal::Interrupt;
use crate::cli::{Context, Done};
use crate::config::resolve::nothing_usable;
use crate::cost::spent::Spender;
use crate::error::{Error, ErrorKind};
use crate::exec::step::Step;
use crate::exec::{Attempt, Job, Outcome, Sink, execute};
use crate::failure::Failure;
use crate::ledger::record::{Asked, AttemptRole, AttemptStart, RunEnd, RunStart};
use crate::ledger::{Ledger, Opened};
use crate::provider::{KeyMark, Target, TargetId};
use crate::route::breaker::State;
use crate::route::{self, Asker, Candidate, Demand, Origin, Plan, Policy, Rejection, Set};
use crate::ui::counted;

/// What is asked.
const PROMPT: &str = "Reply with OK.";
/// The longest answer of a model that answers at once.
const SHORT: u64 = 16;
/// That of one that may think first: its thinking counts, and an answer that it leaves no room for looks like a failure.
const WITH_THINKING: u64 = 1024;
/// Requests at once.
const AT_ONCE: usize = 16;

/// What a probe has shown.
pub struct Probed {
    /// Of whom.
    pub target: TargetId,
    /// What.
    pub found: Found,
    /// What it cost; `None` when nothing was sent.
    pub cost: Option<Cost>,
}

/// How a probe ended.
pub enum Found {
    /// With an answer.
    Answered {
        /// The time to the first content.
        first: Option<Duration>,
        /// The time to the end.
        total: Duration,
    },
    /// With a failure.
    Failed(Box<Failure>),
    /// It was stopped.
    Stopped,
    /// It was not sent, because the target cannot be asked.
    NotSent(Box<Rejection>),
    /// It was not sent, because another process is trying the target just now.
    Busy,
}

/// Probes all models that were chosen.
pub async fn all(
    args: &Args,
    chosen: &Chosen,
    context: &Context,
    session: &Session,
    ledger: &RefCell<Ledger>,
) -> Result<Vec<Probed>, Error> {
    if chosen.targets.is_empty() {
        return Err(nothing_usable().into());
    }
    if session.simulated() {
        context.ui.note("simulated: no provider is asked, no money is spent");
    }
    let mut interrupt = Interrupt::install()?;
    let (stop, stopped) = watch::channel(false);
    context.ui.wait_for(&format!("probing {}", counted(chosen.targets.len(), "model")));
    let mut work = Box::pin(async {
        let mut results = Vec::new();
        for some in chosen.targets.chunks(AT_ONCE) {
            let probes = some.iter().map(|id| Box::pin(probe(id, args.timeout, session, ledger, stopped.clone())));
            results.extend(alerts::join(probes.collect()).await);
        }
        results
    });
    let results = tokio::select! {
        results = work.as_mut() => Some(results),
        () = interrupt.wait() => None,
    };
    let Some(results) = results else {
        // Each is told, so that it is written down with what is known of it.
        stop.send_replace(true);
        work.await;
        context.ui.stop_waiting();
        return Err(Error::interrupted(interrupt.exit_code()));
    };
    context.ui.stop_waiting();
    let alerts: Vec<Alert> =
        results.iter().flat_map(|(_, opened)| opened.iter().filter_map(Alert::of_breaker)).collect();
    alerts::call_hooks(&alerts, session, &context.ui).await;
    Ok(results.into_iter().map(|(probed, _)| probed).collect())
}

async fn probe(
    id: &TargetId,
    timeout: Duration,
    session: &Session,
    ledger: &RefCell<Ledger>,
    mut stopped: watch::Receiver<bool>,
) -> (Probed, Vec<Opened>) {
    let policy = policy(id, timeout);
    let targets = session.targets(&policy);
    let request = request(targets.first());
    let (at, asker) = (Timestamp::now(), Asker::default());
    let mut plan = Occasion { targets: &targets, policy: &policy, ledger: &ledger.borrow(), at, asker, exact: false }
        .plan(&Demand::of(&request, false));
    let not_sent = |found| (Probed { target: id.clone(), found, cost: None }, Vec::new());
    let Some(candidate) = plan.candidates.first_mut() else {
        let reason = plan.rejected.pop().map(|rejected| rejected.reason);
        return not_sent(reason.map_or(Found::Busy, |reason| Found::NotSent(Box::new(reason))));
    };
    if matches!(candidate.breaker, State::Probed { .. }) {
        return not_sent(Found::Busy);
    }
    let spender = Spender { route: plan.route.clone(), command: "health".to_owned(), ..Spender::default() };
    let gate = LedgerGate { ledger, budgets: &policy.budgets, spender, total: plan.total.value };
    let job = Job {
        plan: &plan,
        targets: &targets,
        request: &request,
        keychain: session,
        transport: &session.transport,
        judge: None,
        gate: Some(&gate),
    };
    let mut sink = Quiet { run: Uuid::now_v7().to_string(), job: &job, ledger, cost: None, opened: Vec::new() };
    sink.begin();
    let cancelled = async {
        if stopped.wait_for(|stopped| *stopped).await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    let run = execute(&job, &mut sink, cancelled).await;
    let found = run.attempts.last().map_or(Found::Busy, found);
    sink.end(&found, id);
    (Probed { target: id.clone(), found, cost: sink.cost }, sink.opened)
}

/// The target alone, once.
fn policy(id: &TargetId, timeout: Duration) -> Policy {
    let origin = Origin::Argument("--probe".to_owned());
    let limit = || Some(Set { value: timeout, origin: Origin::Argument("--timeout".to_owned()) });
    let mut policy = Policy::of(id.to_string(), origin.clone(), vec![vec![id.clone()]]);
    policy.fallback = false;
    policy.retries = Set { value: 0, origin };
    policy.limits.first_token = limit();
    policy.limits.total = limit();
    policy
}

fn request(target: Option<&Target>) -> ChatRequest {
    let model = target.and_then(|target| target.model.as_deref());
    let answers_at_once = model.is_some_and(|model| model.abilities.reasoning != Some(true));
    let most = if answers_at_once { SHORT } else { WITH_THINKING };
    ChatRequest {
        messages: vec![Message::text(Role::User, PROMPT)],
        options: Options { max_tokens: Some(most), ..Options::default() },
        stream: true,
        ..ChatRequest::default()
    }
}

fn found(attempt: &Attempt) -> Found {
    match &attempt.outcome {
        Outcome::Complete => Found::Answered { first: attempt.timing.first_content, total: attempt.timing.total },
        Outcome::Failed(failure) => Found::Failed(Box::new(failure.clone())),
        Outcome::Cancelled => Found::Stopped,
    }
}

/// Shows nothing of the answer, and writes the attempt down.
struct Quiet<'a> {
    run: String,
    job: &'a Job<'a>,
    ledger: &'a RefCell<Ledger>,
    cost: Option<Cost>,
    opened: Vec<Opened>,
}

impl Quiet<'_> {
    fn plan(&self) -> &Plan {
        self.job.plan
    }

    fn begin(&self) {
        self.ledger.borrow_mut().begin(&RunStart {
            id: self.run.clone(),
            conversation: self.run.clone(),
            started_ms: Timestamp::now().as_millisecond(),
            command: "health".to_owned(),
            route: self.plan().route.clone(),
            system: None,
            messages: Vec::new(),
            keep_text: false,
            terminal: None,
            arm: None,
            project: None,
            tags: BTreeMap::new(),
        });
    }

    fn end(&self, found: &Found, target: &TargetId) {
        let served = matches!(found, Found::Answered { .. });
        self.ledger.borrow_mut().end(&RunEnd {
            id: self.run.clone(),
            ended_ms: Timestamp::now().as_millisecond(),
            exit_code: found.exit_code(),
            answer: String::new(),
            reasoning: String::new(),
            served_by: served.then(|| target.to_string()),
            finish: None,
        });
    }
}

impl Sink for Quiet<'_> {
    fn attempt_started(&mut self, number: usize, candidate: &Candidate, _: Option<&KeyMark>, now: Timestamp) {
        self.ledger.borrow_mut().attempt_started(&AttemptStart {
            run: self.run.clone(),
            number: u32::try_from(number).unwrap_or(u32::MAX),
            started_ms: now.as_millisecond(),
            provider: candidate.target.provider.clone(),
            model: candidate.target.model.clone(),
            role: AttemptRole::Probe,
            asked: Some(Asked { stream: true, tools: false, prompt_tokens: candidate.input.expected }),
        });
    }

    fn event(&mut self, _: &Event) -> io::Result<()> {
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn attempt_ended(&mut self, attempt: &Attempt, _: &Step) {
        let target = route::find(self.job.targets, &attempt.target);
        let cost = target.map_or_else(Cost::unknown, |target| billing::of(attempt, target));
        let end = attempt_end(&self.run, attempt, &cost, false);
        let observation = observed(attempt, self.plan());
        self.opened.extend(self.ledger.borrow_mut().attempt_ended(&end, &observation));
        self.cost = Some(cost);
    }

    fn has_shown(&self) -> bool {
        false
    }
}

impl Found {
    /// The exit code that it stands for.
    fn exit_code(&self) -> u8 {
        match self {
            Self::Failed(failure) => failure.class.rule().exit_code,
            Self::Stopped => ErrorKind::Interrupted.exit_code(),
            Self::Answered { .. } | Self::NotSent(_) | Self::Busy => 0,
        }
    }
}

impl Probed {
    /// For `--json`.
    pub fn json(&self) -> Value {
        let ms = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let mut object = match &self.found {
            Found::Answered { first, total } => {
                json!({ "result": "answered", "first_token_ms": first.map(ms), "total_ms": ms(*total) })
            }
            Found::Failed(failure) => json!({ "result": "failed", "error": failure }),
            Found::Stopped => json!({ "result": "stopped" }),
            Found::NotSent(reason) => json!({ "result": "not_sent", "reason": reason }),
            Found::Busy => json!({ "result": "left_to_another_process" }),
        };
        object["cost"] = json!(self.cost.as_ref().and_then(|cost| cost.usd));
        object
    }
}

/// The end of the command: the failure to see to first gives the exit code.
pub fn verdict(probed: &[Probed]) -> Done {
    let failures = probed.iter().filter_map(|probed| match &probed.found {
        Found::Failed(failure) => Some((&probed.target, failure)),
        _ => None,
    });
    let failures: Vec<_> = failures.collect();
    let sent = probed.iter().any(|probed| matches!(probed.found, Found::Answered { .. } | Found::Failed(_)));
    if let Some((_, worst)) = failures.iter().min_by_key(|(_, failure)| failure.class.rule().actionable) {
        let names: Vec<String> = failures.iter().map(|(target, _)| format!("`{target}`")).collect();
        let message = format!("{} of {} probes failed: {}", names.len(), probed.len(), names.join(", "));
        return Err(Error::new(ErrorKind::from_exit_code(worst.class.rule().exit_code), message));
    }
    let no_key = |probed: &Probed| matches!(&probed.found, Found::NotSent(reason) if matches!(**reason, Rejection::KeyMissing { .. }));
    if !sent && probed.iter().any(no_key) {
        return Err(Error::new(ErrorKind::Auth, "nothing could be probed: no key was found for any of these models"));
    }
    Ok(())
}
