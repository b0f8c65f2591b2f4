//! One rehearsal: a fleet with a fault, the real decision, the real executor, and a reader at a terminal who sees text come.

use std::collections::HashMap;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Semaphore;
use tokio::task::{LocalSet, spawn_local};

use super::SEED;
use super::clock::{self, Lapse, Span};
use super::outage::{Hit, Outage};
use crate::catalog::Catalog;
use crate::chat::{ChatRequest, Event};
use crate::cli::billing;
use crate::cli::report::RunCost;
use crate::cli::session::fleet;
use crate::config::{Environment, Settings};
use crate::error::{Error, ErrorKind};
use crate::exec::step::{GiveUp, Step};
use crate::exec::transport::Transport;
use crate::exec::{Attempt, End, Job, KeyResult, Keychain, Run, Sink, execute};
use crate::failure::FailureClass;
use crate::provider::{Auth, KeyMark, Target, TargetId};
use crate::route::{self, Candidate, Demand, OnCut, Plan, Policy, Rejected, Snapshot, decide};
use crate::secret::Secret;
use crate::sim::fault::FaultRule;
use crate::sim::{Faults, Options};

/// Rehearsals at once: each has a fleet with two ports of its own.
const AT_ONCE: usize = 12;

/// What all rehearsals have in common.
pub struct Stage {
    /// The user's settings, in which the providers are the real ones.
    pub settings: Settings,
    /// Models and prices.
    pub catalog: Catalog,
    /// The process's surroundings.
    pub environment: Environment,
    /// Where requests go.
    pub transport: Transport,
    /// What is asked.
    pub request: ChatRequest,
}

impl Stage {
    /// The targets of a policy, at the providers of these settings.
    pub fn targets(&self, policy: &Policy, settings: &Settings) -> Vec<Target> {
        settings.targets(policy, &self.environment, &|provider, id| self.catalog.find(provider, id))
    }
}

/// What is rehearsed: an outage and whom it hits, or none.
#[derive(Clone, Debug)]
pub struct Scene(pub Option<(&'static Outage, Hit)>);

impl Scene {
    /// All is well.
    pub fn healthy() -> Self {
        Self(None)
    }

    /// That outage at those providers.
    pub fn of(outage: &'static Outage, hit: Hit) -> Self {
        Self(Some((outage, hit)))
    }

    fn faults(&self) -> Faults {
        let Some((outage, hit)) = &self.0 else { return Faults::default() };
        let rule =
            |provider: &String| FaultRule { target: provider.clone(), fault: outage.fault, percent: None, times: None };
        Faults { rules: hit.providers.iter().map(rule).collect() }
    }
}

/// How a rehearsal went.
pub struct Played {
    /// What was rehearsed.
    pub scene: Scene,
    /// The targets that the plan would try, in order.
    pub planned: Vec<TargetId>,
    /// Who was left out of it, and why.
    pub rejected: Vec<Rejected>,
    /// What was tried.
    pub tried: Vec<Tried>,
    /// `Ok` with who answered, or why nobody did.
    pub end: Result<TargetId, GiveUp>,
    /// What all of it cost.
    pub cost: RunCost,
    /// What a reader at a terminal saw.
    pub text: Text,
}

/// One attempt.
pub struct Tried {
    /// Who was asked.
    pub target: TargetId,
    /// How it failed, if it did.
    pub class: Option<FailureClass>,
    /// It was stopped because another one, asked at the same time, was first.
    pub lost: bool,
    /// When, since the run began.
    pub span: Span,
}

/// What a reader at a terminal saw of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text {
    /// All of it, once.
    Whole,
    /// Its beginning, and then all of it anew.
    Twice,
    /// Its beginning, and then the rest from another target.
    Continued,
    /// Its beginning only.
    Half,
    /// None of it.
    Nothing,
}

impl Played {
    /// The times to the first token and to the end of the answer that counted, or `None` when there was none.
    pub fn times(&self) -> Option<Span> {
        self.end.as_ref().ok()?;
        self.tried.iter().find(|tried| tried.class.is_none() && !tried.lost).map(|tried| tried.span)
    }
}

/// Rehearses all scenes, several at once, and returns them in their order.
pub async fn all(stage: &Rc<Stage>, policy: Policy, scenes: Vec<Scene>) -> Result<Vec<Played>, Error> {
    let (policy, gate) = (Rc::new(policy), Rc::new(Semaphore::new(AT_ONCE)));
    let play_all = async {
        let tasks = scenes.into_iter().map(|scene| {
            let (stage, policy, gate) = (Rc::clone(stage), Rc::clone(&policy), Rc::clone(&gate));
            spawn_local(async move {
                let _turn = gate.acquire().await;
                play(&stage, &policy, scene).await
            })
        });
        let tasks: Vec<_> = tasks.collect();
        let mut played = Vec::new();
        for task in tasks {
            played.push(task.await.map_err(|error| Error::new(ErrorKind::Other, error.to_string()))??);
        }
        Ok(played)
    };
    LocalSet::new().run_until(play_all).await
}

async fn play(stage: &Stage, policy: &Policy, scene: Scene) -> Result<Played, Error> {
    let mut settings = stage.settings.clone();
    let options = Options { instant: true, seed: SEED, ..Options::default() };
    let _fleet = fleet::start(&scene.faults(), options, &mut settings).await?;
    let targets = stage.targets(policy, &settings);
    let snapshot = Snapshot::blank(Timestamp::now(), SEED);
    let plan = decide(&Demand::of(&stage.request, false), &targets, policy, &snapshot);
    let (lapse, hastened) = match &scene.0 {
        Some((outage, hit)) => {
            let lapse = Lapse::of(&plan, hit, outage.silence);
            (lapse, lapse.hasten(&plan, hit))
        }
        None => (Lapse::NONE, plan.clone()),
    };
    let job = Job {
        plan: &hastened,
        targets: &targets,
        request: &stage.request,
        keychain: &MadeUp,
        transport: &stage.transport,
        judge: None,
        gate: None,
    };
    let mut reader = Reader::default();
    let run = execute(&job, &mut reader, std::future::pending()).await;
    Ok(told(scene, &plan, &targets, &run, &reader, lapse))
}

fn told(scene: Scene, plan: &Plan, targets: &[Target], run: &Run, reader: &Reader, lapse: Lapse) -> Played {
    let mut attempts: Vec<&Attempt> = run.attempts.iter().collect();
    attempts.sort_by_key(|attempt| attempt.number);
    let spans = clock::spans(&attempts, &reader.waits, plan, lapse);
    let mut cost = RunCost::default();
    for attempt in &attempts {
        let target = route::find(targets, &attempt.target);
        cost.add(&target.map_or_else(billing::Cost::unknown, |target| billing::of(attempt, target)));
    }
    let tried = attempts.iter().zip(spans).map(|(attempt, span)| Tried {
        target: attempt.target.clone(),
        class: clock::class(attempt),
        lost: attempt.lost,
        span,
    });
    let end = match &run.end {
        End::Served => run.attempts.last().map(|attempt| attempt.target.clone()).ok_or(GiveUp::NoCandidates),
        End::GaveUp(why) => Err(*why),
        // The reader never goes away.
        End::Output(_) => Err(GiveUp::Cancelled),
    };
    let planned = plan.candidates.iter().map(|candidate| candidate.target.clone()).collect();
    let text = text(&end, plan.on_cut.value, reader);
    let rejected = plan.rejected.clone();
    Played { scene, planned, rejected, tried: tried.collect(), end, cost, text }
}

fn text(end: &Result<TargetId, GiveUp>, on_cut: OnCut, reader: &Reader) -> Text {
    match end {
        Ok(_) if !reader.broken => Text::Whole,
        Ok(_) if on_cut == OnCut::Continue && !reader.anew => Text::Continued,
        Ok(_) => Text::Twice,
        Err(_) if reader.broken || reader.shown => Text::Half,
        Err(_) => Text::Nothing,
    }
}

/// Keys for a fleet that only looks whether there is one.
struct MadeUp;

impl Keychain for MadeUp {
    fn key<'a>(&'a self, target: &'a Target, _: Option<&'a KeyMark>) -> Pin<Box<dyn Future<Output = KeyResult> + 'a>> {
        let needed = target.provider.auth != Auth::None;
        Box::pin(std::future::ready(Ok(needed.then(|| Secret::new("simulated-key")))))
    }
}

/// Somebody who watches at a terminal, where text is shown as it comes.
#[derive(Default)]
struct Reader {
    /// Text of the running attempt has been shown.
    shown: bool,
    /// Text of an earlier one has been shown.
    broken: bool,
    /// An answer that was to go on with it began anew.
    anew: bool,
    /// How long is waited after an attempt before the next one, by its number.
    waits: HashMap<usize, Duration>,
}

impl Sink for Reader {
    fn attempt_started(&mut self, _: usize, _: &Candidate, _: Option<&KeyMark>, _: Timestamp) {
        self.broken |= self.shown;
        self.shown = false;
    }

    fn event(&mut self, event: &Event) -> io::Result<()> {
        self.shown |= matches!(event, Event::Text(text) if !text.is_empty());
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn attempt_ended(&mut self, attempt: &Attempt, next: &Step) {
        if let Step::Try { after, .. } = next {
            self.waits.insert(attempt.number, *after);
        }
    }

    fn has_shown(&self) -> bool {
        self.shown
    }

    fn begins_anew(&mut self) -> io::Result<()> {
        self.anew = true;
        Ok(())
    }
}
