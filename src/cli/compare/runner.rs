//! The run itself: rows are opened one after the other, every model is asked about each, answers are checked and kept as they
//! come, and no provider gets more at once than it bears.
//!
//! Of the rows only a window is open, so a data set of any length needs the same memory.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::pin::Pin;
use std::rc::Rc;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use jiff::Timestamp;
use tokio::sync::watch;
use tokio::time::sleep;

use super::ask::{Desk, LONGEST_RATE_WAIT, Said, SaidEnd, expected};
use super::contest::Contender;
use super::embedding::Embedder;
use super::judging::Bench;
use super::oracle::Oracle;
use super::progress::Watcher;
use super::source::{Prepared, Source};
use crate::cli::signal::Interrupt;
use crate::compare::kept::{KeptAnswer, Record, Spec};
use crate::compare::{Answer, State};
use crate::error::{Error, ErrorKind};
use crate::exec::pace::{Ended, Pace, Start};
use crate::ledger::Ledger;
use crate::money::Usd;
use crate::route::{Plan, Rejection, chance};

/// How many rows are open at once: a fast provider is at most so far ahead of a slow one.
const WINDOW: usize = 128;
/// How many requests a provider gets at once at most, where nobody says.
const MOST_AT_ONCE: usize = 16;
/// How long what runs may take to come to its end after Ctrl-C.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often a request is sent anew after a rate limit, beside the executor's own tries.
const MOST_RATE_LIMITS: u32 = 5;

/// All that a run needs.
pub struct Runner<'a> {
    /// Who sends.
    pub desk: &'a Desk<'a>,
    /// Where answers are kept.
    pub store: &'a RefCell<Ledger>,
    /// What was asked for.
    pub spec: &'a Spec,
    /// Who is asked: a contender for each model of the run, `None` for past answers.
    pub contenders: &'a [Option<Contender>],
    /// Who answers the questions of checks.
    pub oracle: &'a Oracle<'a>,
    /// Who judges, if anybody does.
    pub bench: Option<&'a Bench<'a>>,
    /// Who embeds, if anybody does.
    pub embedder: Option<&'a Embedder<'a>>,
    /// How many requests a provider may get at once.
    pub jobs: Option<usize>,
    /// All models are asked at once.
    pub is_alone: bool,
    /// The run was begun before: what is kept is not asked again.
    pub goes_on: bool,
    /// What failed before is asked again.
    pub retry_failed: bool,
    /// How many rows there must be.
    pub rows: u64,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Finished {
    /// It was interrupted.
    pub interrupted: bool,
    /// A cap on money stopped it: which.
    pub capped: Option<&'static str>,
    /// So many rows were there when the data set was looked through, and not any more.
    pub vanished: u64,
}

/// A row that is being asked.
struct OpenRow {
    prepared: Prepared,
    /// Answers that are still to come.
    missing: RefCell<usize>,
    answers: RefCell<Vec<KeptAnswer>>,
}

/// One request that is to be sent.
struct Task {
    row: Rc<OpenRow>,
    model: usize,
    repeat: u32,
    rate_limits: u32,
    attempts: u32,
    cost: Option<Usd>,
}

/// The requests to one provider.
struct Lane {
    pace: Pace,
    queue: VecDeque<Task>,
}

/// Something that has come to an end.
enum Happened {
    Answered(Box<(Task, Said, Answer)>),
    Settled(Result<(), Error>),
}

type Work<'a> = FuturesUnordered<Pin<Box<dyn Future<Output = Happened> + 'a>>>;

/// The state of a run.
struct Progress<'a> {
    lanes: BTreeMap<String, Lane>,
    work: Work<'a>,
    open: usize,
    finished: Finished,
    /// Nothing new starts.
    stopping: bool,
}

impl<'a> Runner<'a> {
    /// Asks everybody about every row that `source` gives.
    pub async fn run(
        &'a self,
        source: &'a Source,
        watcher: &'a Watcher<'a>,
        interrupt: &mut Interrupt,
        stop: &watch::Sender<bool>,
    ) -> Result<Finished, Error> {
        let mut rows = source.rows()?.filter_map(Result::ok);
        let mut state = Progress {
            lanes: BTreeMap::new(),
            work: FuturesUnordered::new(),
            open: 0,
            finished: Finished::default(),
            stopping: false,
        };
        let mut signal = Box::pin(interrupt.wait());
        let mut patience = None;
        let mut opened = 0;
        loop {
            while !state.stopping && state.open < WINDOW {
                let Some(row) = rows.next() else { break };
                opened += 1;
                self.open(row, &mut state, watcher)?;
            }
            let wake = self.start_all(&mut state, watcher);
            if state.work.is_empty() && wake.is_none() {
                break;
            }
            watcher.draw(|provider| state.lanes.get(provider).map_or(0, |lane| lane.pace.running()));
            let tick = watcher.tick();
            tokio::select! {
                Some(happened) = state.work.next() => self.happened(happened, &mut state, watcher)?,
                () = signal.as_mut(), if !state.finished.interrupted => {
                    state.finished.interrupted = true;
                    state.stop();
                    stop.send_replace(true);
                    patience = Some(Box::pin(sleep(PATIENCE)));
                }
                // Requests end at once and are written down; programs and embeddings are left.
                () = async { if let Some(patience) = &mut patience { patience.await } }, if state.finished.interrupted => break,
                () = wait_until(wake), if wake.is_some() => {}
                () = sleep(tick.unwrap_or_default()), if tick.is_some() => {}
            }
        }
        if !state.stopping {
            state.finished.vanished = self.rows.saturating_sub(opened);
        }
        Ok(state.finished)
    }

    /// Opens a row: what of it is kept already is not asked again.
    fn open(&'a self, prepared: Prepared, state: &mut Progress<'a>, watcher: &Watcher<'_>) -> Result<(), Error> {
        let index = prepared.asked.index;
        let kept = if self.goes_on { self.kept(&prepared)? } else { None };
        let is_new = kept.is_none();
        let (mut answers, has_rulings) =
            kept.map_or_else(Default::default, |record| (record.answers, !record.transcripts.is_empty()));
        if self.retry_failed {
            answers.retain(|kept| !matches!(kept.answer.state, State::Failed { .. }));
        }
        if is_new {
            self.store.borrow_mut().comparison_row(&self.desk.run, &prepared.asked).map_err(|error| unkept(&error))?;
            if let Some(past) = &prepared.past {
                self.keep(past)?;
                answers.push(past.clone());
            }
        }
        let has = |model: usize, repeat: u32| {
            answers.iter().any(|kept| kept.answer.model == model && kept.answer.repeat == repeat)
        };
        let mut missing = Vec::new();
        for repeat in 0..self.spec.repeats {
            let order = chance::shuffled(self.contenders.len(), self.seed_of(index, repeat));
            missing.extend(order.into_iter().filter(|model| !has(*model, repeat)).map(|model| (model, repeat)));
        }
        missing.retain(|(model, _)| self.contenders[*model].is_some());
        watcher.opened(&answers);
        let count = missing.len();
        let row = Rc::new(OpenRow { prepared, missing: RefCell::new(count), answers: RefCell::new(answers) });
        if count == 0 {
            if self.wants_settling(&row, has_rulings) {
                state.open += 1;
                state.work.push(Box::pin(self.settle(row)));
            }
            return Ok(());
        }
        state.open += 1;
        for (model, repeat) in missing {
            let task = Task { row: Rc::clone(&row), model, repeat, rate_limits: 0, attempts: 0, cost: Some(Usd::ZERO) };
            self.lane(model, state).queue.push_back(task);
        }
        Ok(())
    }

    /// What is kept of a row; an error when another question was asked there.
    fn kept(&self, prepared: &Prepared) -> Result<Option<Record>, Error> {
        let index = prepared.asked.index;
        let kept = self.store.borrow().record(&self.desk.run, index).map_err(|error| unkept(&error))?;
        if let Some(record) = &kept
            && record.row.fingerprint != prepared.asked.fingerprint
        {
            let message =
                format!("row `{}` is not what it was when this run began: the data set has changed", record.row.id);
            return Err(Error::new(ErrorKind::Usage, message).hint("begin a new run, or put the old rows back"));
        }
        Ok(kept)
    }

    /// Whether a row whose answers are all there still has to be judged or embedded.
    fn wants_settling(&self, row: &OpenRow, has_rulings: bool) -> bool {
        let answers = row.answers.borrow();
        let judged = self.bench.is_none_or(|bench| !bench.compares()) || has_rulings;
        let embedded = self.embedder.is_none() || answers.iter().any(|kept| kept.cosine.is_some());
        !(judged && embedded)
    }

    fn seed_of(&self, index: usize, repeat: u32) -> u64 {
        chance::number(self.spec.seed, (index as u64).wrapping_mul(0x1_0000).wrapping_add(u64::from(repeat)))
    }

    fn lane<'s>(&self, model: usize, state: &'s mut Progress<'a>) -> &'s mut Lane {
        let provider = self.contenders[model].as_ref().map(|contender| contender.target.provider.clone());
        let most = self.jobs.unwrap_or(if self.is_alone { usize::from(u16::MAX) } else { MOST_AT_ONCE });
        let new = || Lane { pace: Pace::new(most, self.is_alone), queue: VecDeque::new() };
        state.lanes.entry(provider.unwrap_or_default()).or_insert_with(new)
    }

    /// Starts all that may start now; says when the next one may, where that is a matter of time.
    fn start_all(&'a self, state: &mut Progress<'a>, watcher: &'a Watcher<'a>) -> Option<Timestamp> {
        let mut wake: Option<Timestamp> = None;
        let (mut refused, mut started) = (None, Vec::new());
        for lane in state.lanes.values_mut() {
            while let Some(task) = lane.queue.front() {
                match lane.pace.may_start(Timestamp::now()) {
                    Start::At(moment) => {
                        wake = Some(wake.map_or(moment, |wake| wake.min(moment)));
                        break;
                    }
                    Start::WhenOneEnds => break,
                    Start::Now => {}
                }
                let Some(contender) = &self.contenders[task.model] else { break };
                let plan = contender.plan(&task.row.prepared.request, self.desk.ledger, Timestamp::now());
                let is_spent = plan.rejected.iter().any(|out| matches!(out.reason, Rejection::BudgetSpent { .. }));
                if is_spent || !self.desk.purse.reserve(expected(&plan)) {
                    refused = Some(if is_spent { "a budget" } else { "--max-cost" });
                    break;
                }
                lane.pace.started();
                if let Some(task) = lane.queue.pop_front() {
                    started.push((task, contender, plan));
                }
            }
        }
        for (task, contender, plan) in started {
            state.work.push(Box::pin(self.ask(task, contender, plan, watcher)));
        }
        // What runs may turn out cheaper than was reserved; when nothing runs, it is final.
        if refused.is_some() && state.work.is_empty() {
            state.finished.capped = refused;
            state.stop();
            return None;
        }
        wake
    }

    async fn ask(&'a self, task: Task, contender: &'a Contender, plan: Plan, watcher: &'a Watcher<'a>) -> Happened {
        let begun = Instant::now();
        watcher.asked(task.model);
        let prepared = &task.row.prepared;
        let see = |event: &_| watcher.event(task.model, event, begun.elapsed());
        let said = self.desk.send(contender, &plan, &prepared.request, &see).await;
        let mut answer = said.answer(prepared.asked.index, task.model, task.repeat);
        if !matches!(said.end, SaidEnd::Stopped | SaidEnd::OverBudget(_)) {
            let reference = prepared.asked.reference.as_deref();
            let verdicts = self.oracle.verdicts(&prepared.checks, &answer, &prepared.asked.prompt, reference);
            answer.verdicts = verdicts.await;
        }
        Happened::Answered(Box::new((task, said, answer)))
    }

    fn happened(&'a self, happened: Happened, state: &mut Progress<'a>, watcher: &Watcher<'_>) -> Result<(), Error> {
        match happened {
            Happened::Settled(done) => {
                state.open -= 1;
                done
            }
            Happened::Answered(answered) => {
                let (task, said, answer) = *answered;
                self.answered(task, &said, answer, state, watcher)
            }
        }
    }

    fn answered(
        &'a self,
        mut task: Task,
        said: &Said,
        answer: Answer,
        state: &mut Progress<'a>,
        watcher: &Watcher<'_>,
    ) -> Result<(), Error> {
        let now = Timestamp::now();
        let pace = said.pace(now);
        let stopping = state.stopping;
        let lane = self.lane(task.model, state);
        lane.pace.ended(pace, &said.quotas, now);
        task.attempts = task.attempts.saturating_add(said.attempts);
        task.cost = task.cost.zip(said.cost).map(|(sum, cost)| sum + cost);
        if matches!(said.end, SaidEnd::Stopped) {
            return Ok(());
        }
        // What others of this run spend meanwhile may leave enough; when nobody is under way any more, it is final.
        if matches!(said.end, SaidEnd::OverBudget(_)) {
            lane.queue.push_front(task);
            self.contenders.iter().flatten().for_each(Contender::look_again);
            return Ok(());
        }
        if self.is_worth_another_try(&task, pace) && !stopping {
            task.rate_limits += 1;
            watcher.limited(task.model);
            lane.queue.push_front(task);
            return Ok(());
        }
        let answer = Answer { cost: task.cost, ..answer };
        let kept = KeptAnswer { answer, attempts: task.attempts, cosine: None };
        self.keep(&kept)?;
        watcher.answered(&task.row.prepared.asked, &kept)?;
        task.row.answers.borrow_mut().push(kept);
        let mut missing = task.row.missing.borrow_mut();
        *missing -= 1;
        if *missing == 0 {
            drop(missing);
            if self.wants_settling(&task.row, false) && !stopping {
                state.work.push(Box::pin(self.settle(task.row)));
            } else {
                state.open -= 1;
            }
        }
        Ok(())
    }

    /// A data set waits for a provider that has too much to do; for one prompt somebody is waiting.
    fn is_worth_another_try(&self, task: &Task, pace: Ended) -> bool {
        let bearable = |wait: Option<Duration>| wait.is_none_or(|wait| wait <= LONGEST_RATE_WAIT);
        !self.is_alone && task.rate_limits < MOST_RATE_LIMITS && matches!(pace, Ended::Limited(wait) if bearable(wait))
    }

    fn keep(&self, kept: &KeptAnswer) -> Result<(), Error> {
        let kept = self.store.borrow_mut().comparison_answer(&self.desk.run, kept);
        kept.map_err(|error| unkept(&error))
    }

    /// A row whose answers are all there is embedded and judged.
    async fn settle(&'a self, row: Rc<OpenRow>) -> Happened {
        let mut answers = row.answers.borrow().clone();
        answers.sort_by_key(|kept| (kept.answer.model, kept.answer.repeat));
        if let Some(embedder) = self.embedder {
            for kept in embedder.hold(&answers).await {
                if let Err(error) = self.keep(&kept) {
                    return Happened::Settled(Err(error));
                }
            }
        }
        if let Some(bench) = self.bench.filter(|bench| bench.compares()) {
            let asked = &row.prepared.asked;
            let transcripts = bench.compare(&asked.prompt, &answers).await;
            if !*self.desk.stop.borrow() {
                let kept = self.store.borrow_mut().comparison_transcripts(&self.desk.run, asked.index, &transcripts);
                if let Err(error) = kept {
                    return Happened::Settled(Err(unkept(&error)));
                }
            }
        }
        Happened::Settled(Ok(()))
    }
}

impl Progress<'_> {
    /// Nothing new is begun; what runs comes to its end.
    fn stop(&mut self) {
        self.stopping = true;
        self.lanes.values_mut().for_each(|lane| lane.queue.clear());
    }
}

/// A result that cannot be kept would be asked, and paid, again: the run stops.
pub fn unkept(error: &impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Other, format!("the comparison cannot be kept: {error}"))
        .hint("what was kept so far is safe; `--no-log` runs without keeping anything")
}

async fn wait_until(moment: Option<Timestamp>) {
    if let Some(moment) = moment {
        sleep(Duration::try_from(moment.duration_since(Timestamp::now())).unwrap_or_default()).await;
    }
}
