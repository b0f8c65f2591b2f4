//! `llmx compare`: one prompt, or a file of them, to several models; shows and measures the differences.

pub mod args;
mod ask;
mod contest;
mod embedding;
mod estimate;
mod judging;
mod kept;
mod oracle;
mod outputs;
mod progress;
mod purse;
mod runner;
mod setup;
mod show;
pub mod source;
mod verdict;
mod worded;

use std::cell::{Cell, RefCell};
use std::time::Instant;

use jiff::Timestamp;
use serde_json::json;
use tokio::sync::watch;

pub use args::Args;
use args::ShowArgs;
use ask::Desk;
use embedding::Embedder;
use judging::Bench;
use oracle::Oracle;
use outputs::Told;
use progress::{Lines, Watched, Watcher};
use purse::Purse;
use runner::{Finished, Runner, unkept};
use setup::Setup;
use show::{BESIDE, Show};
use source::Survey;
use verdict::Facts;

use super::alerts::{self, Alert};
use super::report::{error_json, told_as_json};
use super::session::Session;
use super::signal::Interrupt;
use super::{Context, Done};
use crate::compare::export::{self, Format};
use crate::compare::kept::{Comparison, Ended};
use crate::error::{Error, ErrorKind};
use crate::ledger::record::{RunEnd, RunStart};
use crate::ledger::{Held, Ledger};
use crate::money::Usd;

const SCHEMA: &str = export::SCHEMA;

/// What the ledger calls it.
const COMMAND: &str = "compare";

/// Runs the command.
pub fn run(args: &Args, context: &mut Context) -> Done {
    let done = super::block_on(compare(args, context));
    let json = match &args.kept {
        Some(kept) => kept.json(),
        None => args.shown.json,
    };
    if json { told_as_json(done, |error| error_json(SCHEMA, error), &context.ui) } else { done }
}

async fn compare(args: &Args, context: &Context) -> Done {
    if let Some(kept) = &args.kept {
        if let Some(why) = args.beside_kept() {
            return Err(Error::new(
                ErrorKind::Usage,
                format!("`{}` is a command of `llmx compare`: {why}", kept.name()),
            ));
        }
        return kept::run(kept, context);
    }
    let session = Session::open(context).await?;
    let ledger = RefCell::new(session.open_ledger());
    let setup = Setup::of(args, &session, &ledger, context).await?;
    let done = Box::pin(carry_out(setup, context, &session, &ledger)).await;
    session.tidy(&mut ledger.borrow_mut());
    if let Some(warning) = ledger.borrow_mut().take_warning() {
        context.ui.warn(&warning);
    }
    done
}

/// Everything behind the reading of arguments: estimate, run, result.
async fn carry_out(mut setup: Setup, context: &Context, session: &Session, ledger: &RefCell<Ledger>) -> Done {
    let ui = &context.ui;
    let survey = survey(&mut setup, context)?;
    let (stop, stopped) = watch::channel(false);
    let desk = Desk {
        session,
        ledger,
        ui,
        run: setup.comparison.id.clone(),
        next_number: Cell::new(1),
        spender: setup.args.asked.spend.spender(
            COMMAND,
            &setup.comparison.spec.models.join(", "),
            &session.environment,
        ),
        purse: Purse::new(setup.args.asked.max_cost, setup.spent),
        stop: stopped,
        opened: RefCell::default(),
        told: RefCell::default(),
    };
    let spec = &setup.comparison.spec;
    let bench = setup.judge.take().map(|judge| {
        let names = (spec.models.clone(), spec.baseline);
        Bench::new(&desk, judge, setup.judge_mode, setup.rubric.take(), names, spec.seed)
    });
    let cap = setup.args.asked.max_cost;
    if setup.args.asked.dry_run || cap.is_some() || bench.is_some() {
        let answered = |row: usize| setup.answered(row, ledger);
        let all =
            estimate::estimate(&setup.source, &setup.contenders, spec.repeats, bench.as_ref(), &answered, ledger)?;
        if setup.args.asked.dry_run {
            estimate::show(&all, setup.args.shown.json, ui)?;
            return estimate::check(&all, setup.spent, cap);
        }
        estimate::tell(&all, ui);
        estimate::check(&all, setup.spent, cap)?;
    }
    let embedder = setup.embed.take().map(|target| Embedder::new(&desk, target, spec.baseline));
    let oracle = Oracle::new(bench.as_ref(), &setup.directory, &session.environment);
    let store = setup.store(session)?;
    let _held = hold(&setup, &store)?;
    begin(&setup, &store, ledger, &desk)?;
    let lines = setup.args.shown.jsonl.then(|| lines(&setup.comparison));
    let watcher = Watcher::new(ui, watched(&setup, &survey), lines);
    if setup.args.shown.jsonl {
        ui.out_clean(&format!("{}\n", json!({
            "kind": "start", "schema": "llmx.compare.events/1", "run_id": setup.comparison.id, "models": spec.models,
        })))?;
    }
    let runner = Runner {
        desk: &desk,
        store: &store,
        spec,
        contenders: &setup.contenders,
        oracle: &oracle,
        bench: bench.as_ref(),
        embedder: embedder.as_ref(),
        jobs: setup.args.rows.jobs.map(usize::from),
        is_alone: setup.source.is_alone(),
        goes_on: setup.goes_on,
        retry_failed: setup.args.rows.retry_failed,
        rows: survey.rows,
    };
    let mut interrupt = Interrupt::install()?;
    let begun = Instant::now();
    let finished = Box::pin(runner.run(&setup.source, &watcher, &mut interrupt, &stop)).await;
    ui.end_progress();
    let finished = finished?;
    let wall = begun.elapsed() + setup.comparison.ended.as_ref().map(|ended| ended.wall).unwrap_or_default();
    let end = End { finished, wall, survey, signal: interrupt.exit_code() };
    let done = conclude(&setup, &end, &store, &desk, context);
    finish(&setup, &done, &desk);
    let opened = desk.opened.take();
    let alerts: Vec<Alert> = opened.iter().filter_map(Alert::of_breaker).collect();
    alerts::call_hooks(&alerts, session, ui).await;
    done
}

/// Reads all rows once and says what is wrong.
fn survey(setup: &mut Setup, context: &Context) -> Result<Survey, Error> {
    let ui = &context.ui;
    let survey = setup.source.survey(setup.args.rows.sample, setup.args.rows.seed)?;
    for line in &survey.told {
        ui.warn(line);
    }
    if survey.untold() > 0 {
        ui.warn(&format!("and {} more", survey.untold()));
    }
    if survey.rows == 0 {
        let message = if survey.wrong + survey.faults > 0 {
            "no row can be asked; nothing was sent"
        } else {
            "there is no row to ask"
        };
        return Err(Error::new(ErrorKind::Usage, message));
    }
    Ok(survey)
}

fn watched(setup: &Setup, survey: &Survey) -> Watched {
    let spec = &setup.comparison.spec;
    let provider = |contender: &Option<contest::Contender>| {
        contender.as_ref().map(|contender| contender.target.provider.clone()).unwrap_or_default()
    };
    Watched {
        names: spec.models.clone(),
        providers: setup.contenders.iter().map(provider).collect(),
        rows: survey.rows,
        repeats: spec.repeats,
        is_alone: setup.source.is_alone(),
        cap: setup.args.asked.max_cost,
        ascii: setup.args.shown.ascii,
    }
}

fn lines(comparison: &Comparison) -> Lines<'_> {
    Box::new(move |row, kept| export::result_line(&comparison.spec, row, kept))
}

/// No two processes ask what is missing of one run: all of it would be paid twice.
fn hold(setup: &Setup, store: &RefCell<Ledger>) -> Result<Option<Held>, Error> {
    if !setup.is_kept {
        return Ok(None);
    }
    match store.borrow().hold_comparison(&setup.comparison.id) {
        Ok(None) => {
            let message = format!("another process is going on with the run `{}` just now", setup.comparison.id);
            Err(Error::new(ErrorKind::Usage, message).hint("wait for its end, or begin a new run"))
        }
        Ok(held) => Ok(held),
        Err(error) => Err(unkept(&error)),
    }
}

/// Writes down that the comparison begins, or goes on.
fn begin(setup: &Setup, store: &RefCell<Ledger>, ledger: &RefCell<Ledger>, desk: &Desk<'_>) -> Done {
    let comparison = &setup.comparison;
    if setup.goes_on {
        let next = ledger.borrow().next_attempt_number(&comparison.id).map_err(|error| unkept(&error))?;
        desk.next_number.set(next);
        return store.borrow_mut().reopen_comparison(&comparison.id).map_err(|error| unkept(&error));
    }
    ledger.borrow_mut().begin(&RunStart {
        id: comparison.id.clone(),
        conversation: comparison.id.clone(),
        started_ms: comparison.created.as_millisecond(),
        command: COMMAND.to_owned(),
        // The title may hold a prompt, which is the store's alone.
        route: comparison.spec.models.join(", "),
        system: None,
        messages: Vec::new(),
        keep_text: false,
        terminal: super::terminal_name(),
        arm: None,
        project: desk.spender.project.clone(),
        tags: desk.spender.tags.clone(),
    });
    store.borrow_mut().begin_comparison(comparison).map_err(|error| unkept(&error))
}

/// How the run ended.
struct End {
    finished: Finished,
    wall: std::time::Duration,
    survey: Survey,
    signal: u8,
}

/// Shows the result, writes the files, and judges the whole.
fn conclude(setup: &Setup, end: &End, store: &RefCell<Ledger>, desk: &Desk<'_>, context: &Context) -> Done {
    let ui = &context.ui;
    let mut comparison = setup.comparison.clone();
    let notes = notes(setup, end);
    comparison.ended = Some(Ended { wall: end.wall, exit_code: 0, notes });
    let told = Told::of(comparison.clone(), setup.earlier.as_ref(), store);
    // What cannot be held against the earlier run is shown all the same.
    let (mut told, unfound) = match told {
        Ok(told) => (told, None),
        Err(error) => (Told::of(comparison, None, store)?, Some(error)),
    };
    let beside = beside(&told, desk);
    told.note(beside);
    let facts = Facts {
        figures: &told.figures,
        changes: told.changes.as_ref(),
        finished: end.finished,
        survey: &end.survey,
        resume: setup.resume_line(),
        signal: end.signal,
    };
    let gates = verdict::rule(&setup.args.gates, &facts);
    let done = match unfound {
        Some(error) if !end.finished.interrupted => Err(error),
        _ => verdict::done(gates.as_ref(), &facts),
    };
    told.ends_with(done.as_ref().err().map_or(0, Error::exit_code));
    // Whoever reads no more, or has no room for a file, must not leave a run that never ends.
    let presented = present(&told, &setup.args.shown, store, true, context);
    verdict::tell(gates.as_ref(), ui);
    let ended = told.comparison.ended.clone().unwrap_or_default();
    store.borrow_mut().end_comparison(&told.comparison.id, &ended).map_err(|error| unkept(&error))?;
    presented?;
    if setup.is_kept && !end.finished.interrupted {
        ui.note(&format!("kept: see it again with `{}`", setup.show_line()));
    }
    if setup.args.shown.json || setup.args.shown.jsonl {
        return done.map_err(|error| Error { told_as_json: true, ..error });
    }
    done
}

/// What judges and embeddings have cost: it is in no model's figures.
fn beside(told: &Told, desk: &Desk<'_>) -> Option<String> {
    let all = desk.ledger.borrow().spent_on(&desk.run).ok()?;
    let asked = told.figures.summary.models.iter().skip(usize::from(told.comparison.spec.has_past));
    let answers: Usd = asked.map(|model| model.cost.known).sum();
    let rest = Usd::from_pico(all.known.pico().saturating_sub(answers.pico()));
    (rest > Usd::ZERO).then(|| format!("{BESIDE} {rest} besides"))
}

/// What reports must say besides.
fn notes(setup: &Setup, end: &End) -> Vec<String> {
    let mut notes = Vec::new();
    if setup.simulated {
        notes.push("simulated: no provider was asked, no money was spent".to_owned());
    }
    notes.extend(end.survey.told.iter().cloned());
    if end.survey.untold() > 0 {
        notes.push(format!("{} more rows were wrong", end.survey.untold()));
    }
    if end.finished.interrupted {
        notes.push("the run was interrupted: answers are missing".to_owned());
    }
    if end.finished.vanished > 0 {
        notes.push(format!(
            "the data set changed while it was read: {} of its rows were not asked",
            end.finished.vanished
        ));
    }
    if let Some(cap) = end.finished.capped {
        notes.push(format!("{cap} stopped the run: answers are missing"));
    }
    notes
}

/// Stdout and files.
fn present(told: &Told, shown: &ShowArgs, store: &RefCell<Ledger>, is_live: bool, context: &Context) -> Done {
    let ui = &context.ui;
    if shown.json {
        outputs::print(told, Format::Json, store, ui)?;
    } else if shown.jsonl && !is_live {
        outputs::print(told, Format::JsonLines, store, ui)?;
    } else if shown.jsonl {
        ui.out_clean(&format!(
            "{}\n",
            json!({ "kind": "end", "summary": told.figures.summary, "totals": told.head.totals })
        ))?;
    } else {
        Show::new(shown, &context.environment, ui).all(told, store)?;
    }
    for name in &shown.outputs {
        told.write_file(name, store, ui)?;
    }
    Ok(())
}

fn finish(setup: &Setup, done: &Done, desk: &Desk<'_>) {
    desk.ledger.borrow_mut().end(&RunEnd {
        id: setup.comparison.id.clone(),
        ended_ms: Timestamp::now().as_millisecond(),
        exit_code: done.as_ref().err().map_or(0, Error::exit_code),
        answer: String::new(),
        reasoning: String::new(),
        served_by: None,
        finish: None,
    });
}
