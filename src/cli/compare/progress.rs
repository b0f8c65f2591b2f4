//! What is seen of a run while it goes on: lines that are drawn over again on a terminal, a plain line for each answer elsewhere,
//! and the lines of `--jsonl`.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use crate::chat::Event;
use crate::compare::kept::{AskedRow, KeptAnswer};
use crate::compare::{Answer, State};
use crate::error::Error;
use crate::money::Usd;
use crate::ui::Ui;
use crate::ui::compare::{Bar, Overall, Page, Progress, ProgressView, bar_lines, done_line, progress_lines};

/// The time between two pictures.
const TICK: Duration = Duration::from_millis(100);

/// Watches a run.
pub struct Watcher<'a> {
    ui: &'a Ui,
    names: Vec<String>,
    providers: Vec<String>,
    /// Answers that are wanted in all.
    of: u64,
    of_each: Vec<u64>,
    is_alone: bool,
    cap: Option<Usd>,
    ascii: bool,
    begun: Instant,
    drawn: Cell<Option<Instant>>,
    models: RefCell<Vec<Seen>>,
    resumed: Cell<u64>,
    /// Prints a line for each answer.
    lines: Option<Lines<'a>>,
}

/// Writes the line of an answer.
pub type Lines<'a> = Box<dyn Fn(&AskedRow, &KeptAnswer) -> String + 'a>;

/// What was seen of one model.
#[derive(Clone, Debug, Default)]
struct Seen {
    done: u64,
    failed: u64,
    limited: u64,
    cost: Option<Usd>,
    /// Tokens of answers and the time in which they flowed.
    tokens: f64,
    flowed: Duration,
    progress: Progress,
    pieces: u64,
    first: Option<Duration>,
}

/// What is to be watched.
pub struct Watched {
    /// The models in their order.
    pub names: Vec<String>,
    /// The provider of each; empty for one that is not asked.
    pub providers: Vec<String>,
    /// How many rows there are, and how often each model answers each.
    pub rows: u64,
    /// See [`Watched::rows`].
    pub repeats: u32,
    /// It is one prompt.
    pub is_alone: bool,
    /// The most that may be spent.
    pub cap: Option<Usd>,
    /// Draw with ASCII.
    pub ascii: bool,
}

impl<'a> Watcher<'a> {
    /// Begins to watch.
    pub fn new(ui: &'a Ui, watched: Watched, lines: Option<Lines<'a>>) -> Self {
        let Watched { names, providers, rows, repeats, is_alone, cap, ascii } = watched;
        let asked = |provider: &String| if provider.is_empty() { 1 } else { u64::from(repeats) };
        let of_each: Vec<u64> = providers.iter().map(|provider| rows.saturating_mul(asked(provider))).collect();
        let models = vec![Seen { cost: Some(Usd::ZERO), ..Seen::default() }; names.len()];
        Self {
            ui,
            names,
            providers,
            of: of_each.iter().sum(),
            of_each,
            is_alone: is_alone && repeats == 1,
            cap,
            ascii,
            begun: Instant::now(),
            drawn: Cell::new(None),
            models: RefCell::new(models),
            resumed: Cell::new(0),
            lines,
        }
    }

    /// A row is opened of which these answers are there already.
    pub fn opened(&self, answers: &[KeptAnswer]) {
        for kept in answers {
            self.count(&kept.answer);
        }
        self.resumed.set(self.resumed.get() + answers.len() as u64);
    }

    /// A model is asked.
    pub fn asked(&self, model: usize) {
        let mut models = self.models.borrow_mut();
        let seen = &mut models[model];
        (seen.progress, seen.pieces, seen.first) = (Progress::Waiting, 0, None);
    }

    /// Something came of an answer, so long after it was asked for.
    pub fn event(&self, model: usize, event: &Event, after: Duration) {
        let Event::Text(piece) = event else { return };
        if piece.is_empty() || !self.is_alone {
            return;
        }
        let mut models = self.models.borrow_mut();
        let seen = &mut models[model];
        seen.pieces += 1;
        let Some(first) = seen.first else {
            seen.first = Some(after);
            seen.progress = Progress::FirstToken(after);
            return;
        };
        // A piece is about a token.
        let flowed = after.saturating_sub(first).as_secs_f64();
        if flowed > 0.2 {
            seen.progress = Progress::Streaming(seen.pieces as f64 / flowed);
        }
    }

    /// A provider asked to be left alone for a while.
    pub fn limited(&self, model: usize) {
        self.models.borrow_mut()[model].limited += 1;
    }

    /// An answer is there and kept.
    pub fn answered(&self, row: &AskedRow, kept: &KeptAnswer) -> Result<(), Error> {
        self.count(&kept.answer);
        if let Some(line) = &self.lines {
            self.ui.out_clean(&format!("{}\n", line(row, kept)))?;
        } else if !self.ui.can_show_progress() {
            let name = self.names[kept.answer.model].clone();
            let view = ProgressView { name, progress: self.models.borrow()[kept.answer.model].progress.clone() };
            let done = self.models.borrow().iter().map(|seen| seen.done).sum();
            if let Some(line) = done_line(done, self.of, &view) {
                self.ui.note(&line);
            }
        }
        Ok(())
    }

    fn count(&self, answer: &Answer) {
        let mut models = self.models.borrow_mut();
        let seen = &mut models[answer.model];
        seen.done += 1;
        seen.cost = seen.cost.zip(answer.cost).map(|(sum, cost)| sum + cost);
        if let (Some(rate), Some(tokens)) = (answer.tokens_per_second(), answer.tokens) {
            seen.tokens += tokens.output_total() as f64;
            seen.flowed += Duration::from_secs_f64(tokens.output_total() as f64 / rate);
        }
        seen.progress = match &answer.state {
            State::Failed { message, .. } => {
                seen.failed += 1;
                Progress::Failed(message.clone())
            }
            _ => Progress::Done {
                total: answer.timing.map(|timing| timing.total).unwrap_or_default(),
                tokens: answer.tokens.map(|tokens| tokens.output_total()),
                cost: answer.cost.map(|cost| cost.to_string()),
            },
        };
    }

    /// How long until the next picture; `None` where nobody watches.
    pub fn tick(&self) -> Option<Duration> {
        self.ui.can_show_progress().then_some(TICK)
    }

    /// Draws how far it is, unless that was done just now. `running` says how many requests a provider has at the moment.
    pub fn draw(&self, running: impl Fn(&str) -> usize) {
        let fresh = self.drawn.get().is_some_and(|drawn| drawn.elapsed() < TICK);
        if !self.ui.can_show_progress() || fresh {
            return;
        }
        self.drawn.set(Some(Instant::now()));
        let page = Page { width: Some(self.ui.width()), palette: None, is_ascii: self.ascii };
        let lines = if self.is_alone { self.alone(&page) } else { self.bars(&page, running) };
        self.ui.show_progress(&lines);
    }

    fn alone(&self, page: &Page) -> Vec<String> {
        let models = self.models.borrow();
        let views: Vec<ProgressView> = (self.names.iter().zip(&*models))
            .map(|(name, seen)| ProgressView { name: name.clone(), progress: seen.progress.clone() })
            .collect();
        progress_lines(&views, page)
    }

    fn bars(&self, page: &Page, running: impl Fn(&str) -> usize) -> Vec<String> {
        let models = self.models.borrow();
        let bar = |place: usize, seen: &Seen| {
            let in_flight = running(&self.providers[place]);
            let flight = (in_flight > 0).then(|| format!("{in_flight} in flight"));
            let failed = (seen.failed > 0).then(|| format!("{} failed", seen.failed));
            let limited = (seen.limited > 0).then(|| format!("{}x rate limited", seen.limited));
            Bar {
                name: self.names[place].clone(),
                done: seen.done,
                of: self.of_each[place],
                tokens_per_second: (!seen.flowed.is_zero()).then(|| seen.tokens / seen.flowed.as_secs_f64()),
                cost: seen.cost.map(|cost| cost.to_string()),
                note: [flight, failed, limited].into_iter().flatten().collect::<Vec<_>>().join(", "),
            }
        };
        let bars: Vec<Bar> = models.iter().enumerate().map(|(place, seen)| bar(place, seen)).collect();
        let done: u64 = models.iter().map(|seen| seen.done).sum();
        let cost = models.iter().map(|seen| seen.cost).sum::<Option<Usd>>();
        let overall = Overall {
            done,
            of: self.of,
            failed: models.iter().map(|seen| seen.failed).sum(),
            cost: cost.map(|cost| cost.to_string()),
            cap: self.cap.map(|cost| cost.to_string()),
            remaining: self.remaining(done),
        };
        bar_lines(&bars, &overall, page)
    }

    /// How long the rest takes if it goes on as it did.
    fn remaining(&self, done: u64) -> Option<Duration> {
        let now = done.checked_sub(self.resumed.get()).filter(|now| *now >= 5)?;
        let left = self.of.saturating_sub(done);
        Some(self.begun.elapsed().mul_f64(left as f64 / now as f64))
    }
}
