//! From arguments, or from a run that is kept, to all that a run needs.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::args::{Args, CheckArgs, JudgeMode};
use super::contest::{self, Contender, PAST};
use super::embedding;
use super::oracle;
use super::outputs;
use super::source::{Past, Place, Source};
use super::worded;
use crate::chat::ChatRequest;
use crate::cli::session::{self, Session};
use crate::cli::{Context, parse_compare, prompt};
use crate::compare::check::{Check, CheckProblem, KINDS};
use crate::compare::earlier::Earlier;
use crate::compare::judge;
use crate::compare::kept::{Comparison, Spec};
use crate::config::layer::{did_you_mean, shell_word};
use crate::config::suggest;
use crate::error::{Error, ErrorKind};
use crate::ledger::{Ledger, PastPrompt};
use crate::money::Usd;
use crate::provider::Target;

/// How far back past prompts are looked for, where nobody says.
const USUAL_PAST: Duration = Duration::from_hours(30 * 24);

/// All that a run needs.
pub struct Setup {
    /// The arguments; those of the first process for a run that goes on.
    pub args: Args,
    /// The comparison as it is kept.
    pub comparison: Comparison,
    /// It was begun before.
    pub goes_on: bool,
    /// What it has cost so far.
    pub spent: Usd,
    /// Who is asked; `None` for past answers.
    pub contenders: Vec<Option<Contender>>,
    /// Where rows come from.
    pub source: Source,
    /// Who judges.
    pub judge: Option<Contender>,
    /// What the judge does beside checks.
    pub judge_mode: Option<judge::Mode>,
    /// What is good.
    pub rubric: Option<String>,
    /// Who embeds.
    pub embed: Option<Target>,
    /// Where relative paths are from.
    pub directory: PathBuf,
    /// Whether prompts and answers are kept.
    pub is_kept: bool,
    /// No provider is asked.
    pub simulated: bool,
    /// The earlier run that it is held against.
    pub earlier: Option<Earlier>,
}

impl Setup {
    /// Reads everything that can be wrong before anything is sent.
    pub async fn of(
        args: &Args,
        session: &Session,
        ledger: &RefCell<Ledger>,
        context: &Context,
    ) -> Result<Self, Error> {
        let plain = parse_compare(&["compare".to_owned()]).map_err(|words| Error::new(ErrorKind::Other, words))?;
        args.check(&plain).map_err(|words| Error::new(ErrorKind::Usage, words))?;
        for name in &args.shown.outputs {
            outputs::check(name)?;
        }
        let resumed = match &args.rows.resume {
            Some(name) => Some(found(name, session, ledger)?),
            None => None,
        };
        let stored = match &resumed {
            Some((comparison, _)) => Some(stored_arguments(comparison, args)?),
            None => None,
        };
        let (args, resumed) = (stored.unwrap_or_else(|| args.clone()), resumed);
        let directory = match &resumed {
            Some((comparison, _)) => PathBuf::from(&comparison.spec.directory),
            None => std::env::current_dir().unwrap_or_default(),
        };
        let role = args.asked.role.role(&context.environment, &context.ui)?;
        let asked = contest::contenders(&args.asked, role.as_ref(), session).await?;
        let mut contenders: Vec<Option<Contender>> = asked.into_iter().map(Some).collect();
        let mut names: Vec<String> = contenders.iter().flatten().map(Contender::name).collect();
        if args.rows.from_log.is_some() {
            contenders.insert(0, None);
            names.insert(0, PAST.to_owned());
        }
        let checks = checks(&args.checks, &directory)?;
        let created = resumed.as_ref().map_or_else(now, |(comparison, _)| comparison.created);
        let kept = resumed.as_ref().and_then(|(comparison, _)| comparison.spec.prompt.as_deref());
        let place = Place { directory: resumed.is_some().then_some(&directory), prompt: kept, role: role.as_ref() };
        let source = source(&args, checks, &place, ledger, created, context)?;
        let judge = args.checks.judge.as_deref().map(|name| contest::judge(name, session)).transpose()?;
        if let Some(judge) = &judge {
            let candidates: Vec<&str> = names.iter().map(String::as_str).collect();
            if let Some(warning) = judge::warning(&judge.name(), &candidates) {
                context.ui.warn(&warning);
            }
        }
        let embed = args.checks.embed.as_deref().map(|name| embedding::target(name, session)).transpose()?;
        let judge_mode = args.checks.judge_mode.map_or(Some(judge::Mode::AgainstBaseline), JudgeMode::mode);
        let rubric = args.checks.rubric.as_deref().map(|text| rubric(text, &directory)).transpose()?;
        let is_kept =
            session.settings.store_prompts.value && !args.asked.no_log && session.settings.paths.data.is_some();
        let spent = resumed.as_ref().map_or(Usd::ZERO, |(_, spent)| *spent);
        let goes_on = resumed.is_some();
        let comparison = match resumed {
            Some((comparison, _)) => same_models(comparison, &names)?,
            None => Comparison {
                id: Uuid::now_v7().to_string(),
                created,
                spec: Spec {
                    title: source.title(),
                    arguments: context.arguments.clone(),
                    directory: directory.to_string_lossy().into_owned(),
                    prompt: source.prompt().map(str::to_owned),
                    baseline: contest::baseline(&args.asked, &names, session)?,
                    models: names,
                    has_past: args.rows.from_log.is_some(),
                    repeats: args.rows.repeat,
                    seed: args.rows.seed,
                    checks: args.checks.expect.clone(),
                    judge: judge.as_ref().map(Contender::name),
                    embed: embed.as_ref().map(|target| target.id.to_string()),
                    prices: session.catalog.as_of().to_owned(),
                },
                ended: None,
            },
        };
        if session.simulated() {
            context.ui.note("simulated: no provider is asked, no money is spent");
        }
        let simulated = session.simulated();
        let earlier = match &args.checks.against {
            Some(name) => Some(outputs::earlier(name, &comparison, source.first()?, ledger)?),
            None => None,
        };
        Ok(Self {
            args,
            comparison,
            goes_on,
            spent,
            contenders,
            source,
            judge,
            judge_mode,
            rubric,
            embed,
            directory,
            is_kept,
            simulated,
            earlier,
        })
    }

    /// Where answers are kept: a connection of its own, as reports read while attempts are written; in memory where nothing is
    /// to be kept.
    pub fn store(&self, session: &Session) -> Result<RefCell<Ledger>, Error> {
        if !self.is_kept {
            let store = Ledger::in_memory().map_err(|error| super::unkept(&error))?;
            return Ok(RefCell::new(store));
        }
        Ok(RefCell::new(session::open_ledger(&session.settings.paths, session.simulated())))
    }

    /// Which answers of a row are there and stay: model and repeat, and whether it failed.
    pub fn answered(&self, row: usize, ledger: &RefCell<Ledger>) -> Vec<(usize, u32, bool)> {
        if !self.goes_on {
            return Vec::new();
        }
        let mut answered = ledger.borrow().answered(&self.comparison.id, row).unwrap_or_default();
        answered.retain(|(.., failed)| !(*failed && self.args.rows.retry_failed));
        answered
    }

    /// The command that shows it again.
    pub fn show_line(&self) -> String {
        format!("{} compare show {}", self.program(), self.comparison.id)
    }

    /// The command that goes on with it.
    pub fn resume_line(&self) -> String {
        format!("{} compare --resume={}", self.program(), self.comparison.id)
    }

    /// What was simulated is kept apart, so it is found under `--sim` alone.
    fn program(&self) -> String {
        let sim = self.comparison.spec.arguments.iter().find(|word| word.starts_with("--sim"));
        let sim = sim.map_or("--sim", String::as_str);
        if self.simulated { format!("llmx {}", shell_word(sim)) } else { "llmx".to_owned() }
    }
}

/// The moment, to the millisecond, as it is kept.
fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}

/// The run that is to go on, and what it cost so far.
fn found(name: &str, session: &Session, ledger: &RefCell<Ledger>) -> Result<(Comparison, Usd), Error> {
    let comparison = outputs::find(name, ledger).map_err(|error| {
        if session.simulated() { error } else { error.hint("a run under --sim goes on under --sim") }
    })?;
    let spent = ledger.borrow().spent_on(&comparison.id).map_err(|error| super::unkept(&error))?;
    Ok((comparison, spent.known))
}

/// The arguments of the first process; how the result is shown, and what may be spent, can be said anew.
fn stored_arguments(comparison: &Comparison, now: &Args) -> Result<Args, Error> {
    let mut stored = parse_compare(&comparison.spec.arguments).map_err(|words| {
        Error::new(ErrorKind::Usage, format!("the arguments of `{}` cannot be read any more: {words}", comparison.id))
    })?;
    if now.shown.is_given() {
        stored.shown = now.shown.clone();
    }
    if now.gates.is_given() {
        stored.gates = now.gates.clone();
    }
    stored.asked.max_cost = now.asked.max_cost.or(stored.asked.max_cost);
    stored.asked.timeout = now.asked.timeout.or(stored.asked.timeout);
    stored.asked.dry_run = now.asked.dry_run;
    stored.rows.jobs = now.rows.jobs.or(stored.rows.jobs);
    stored.rows.retry_failed = now.rows.retry_failed;
    stored.checks.against = now.checks.against.clone().or(stored.checks.against);
    Ok(stored)
}

/// A run goes on with the models that it began with: answers count them by their place.
fn same_models(comparison: Comparison, names: &[String]) -> Result<Comparison, Error> {
    if comparison.spec.models == names {
        return Ok(comparison);
    }
    let (then, now) = (comparison.spec.models.join(", "), names.join(", "));
    let error = Error::new(ErrorKind::Usage, "the models of this run are not what they were when it began");
    Err(error.hint(format!("then: {then}; by the present configuration: {now}")))
}

/// The checks of all rows. What cannot be read is told before anything is sent.
fn checks(args: &CheckArgs, directory: &Path) -> Result<Vec<Check>, Error> {
    let wrong = |words: String| Error::new(ErrorKind::Usage, format!("--expect: {words}; nothing was sent"));
    let read = |text: &String| {
        Check::parse(text).map_err(|error| {
            let known = KINDS.iter().map(|kind| kind.name);
            let nearest = match &error.problem {
                CheckProblem::Unknown(name) => suggest::nearest(name, known).map(did_you_mean),
                _ => None,
            };
            let hint = nearest.unwrap_or_else(|| "`llmx help compare` lists the checks".to_owned());
            wrong(error.to_string()).hint(hint)
        })
    };
    let checks: Result<Vec<Check>, Error> = args.expect.iter().map(read).collect();
    let checks = checks?;
    for (check, text) in checks.iter().zip(&args.expect) {
        match (check.kind().name, text.split_once(':')) {
            ("judge", _) if args.judge.is_none() => {
                return Err(wrong(format!("`{text}` asks a judge, and there is none")).hint("name one with --judge"));
            }
            ("json-schema", Some((_, file))) if check.variables().is_empty() => {
                oracle::schema(&directory.join(file.trim())).map_err(wrong)?;
            }
            ("command", Some((_, program))) => oracle::readable(program.trim()).map_err(wrong)?,
            _ => {}
        }
    }
    Ok(checks)
}

fn source(
    args: &Args,
    checks: Vec<Check>,
    place: &Place<'_>,
    ledger: &RefCell<Ledger>,
    created: Timestamp,
    context: &Context,
) -> Result<Source, Error> {
    let base = worded::base(&args.sampling, place.role)?;
    if let Some(count) = args.rows.from_log {
        let since = args.rows.since.unwrap_or(USUAL_PAST);
        let since = SignedDuration::try_from(since).unwrap_or(SignedDuration::MAX);
        let since = created.checked_sub(since).unwrap_or(Timestamp::MIN);
        let past = past(count, since, created, ledger)?;
        return Ok(Source::past(past, checks, ChatRequest { system: None, ..base }));
    }
    if place.directory.is_some()
        && args.rows.file.as_deref() == Some(prompt::PLACEHOLDER)
        && std::io::IsTerminal::is_terminal(&std::io::stdin())
    {
        let error = Error::new(ErrorKind::Usage, "the data set of this run came from stdin");
        return Err(error.hint("give it again on stdin"));
    }
    Source::open(&args.asked, &args.rows, checks, args.checks.allow_commands, base, place, &context.ui)
}

/// Past prompts of the user, the oldest first, from before the run began.
fn past(count: u64, since: Timestamp, before: Timestamp, ledger: &RefCell<Ledger>) -> Result<Vec<Past>, Error> {
    let wanted = usize::try_from(count).unwrap_or(usize::MAX);
    let ledger = ledger.borrow();
    let mut past: Vec<Past> = Vec::new();
    for found in ledger.past_prompts(since.as_millisecond(), usize::MAX) {
        let found = found.map_err(|error| super::unkept(&error))?;
        if started(&found).is_none_or(|started| started < before) && past.len() < wanted {
            past.push(Past::from(found));
        }
        if past.len() == wanted {
            break;
        }
    }
    past.reverse();
    if past.is_empty() {
        let error = Error::new(ErrorKind::Usage, "--from-log: no past prompt with its answer is kept in that time");
        return Err(error.hint(
            "ask further back with --since; prompts are kept unless --no-log or `store_prompts = false` says otherwise",
        ));
    }
    Ok(past)
}

/// When a past request was made; its id tells.
fn started(past: &PastPrompt) -> Option<Timestamp> {
    let stamp = Uuid::parse_str(&past.run).ok()?.get_timestamp()?;
    let (seconds, nanoseconds) = stamp.to_unix();
    Timestamp::new(i64::try_from(seconds).ok()?, i32::try_from(nanoseconds).ok()?).ok()
}

fn rubric(text: &str, directory: &Path) -> Result<String, Error> {
    match text.strip_prefix('@') {
        Some(file) => prompt::read_file(&directory.join(file).to_string_lossy()),
        None => Ok(text.to_owned()),
    }
}
