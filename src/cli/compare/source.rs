//! Where rows come from: one prompt, a data set that is read as often as it is needed, or past prompts of the ledger. Rows that
//! are wrong are told with file and line, and the others go on.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::args::{AskArgs, RowArgs};
use super::worded;
use crate::chat::{ChatRequest, Message, Role};
use crate::cli::args::PromptArgs;
use crate::cli::prompt::{self, PLACEHOLDER};
use crate::cli::unreadable::unreadable;
use crate::compare::check::{Check, Ready};
use crate::compare::dataset::{Filled, Fingerprint, Format, Options, Problem, Range, Reader, Row, RowError, Sample};
use crate::compare::kept::{AskedRow, KeptAnswer};
use crate::compare::{Answer, State, Timing};
use crate::config::role;
use crate::error::{Error, ErrorKind};
use crate::ledger::PastPrompt;
use crate::money::Usd;
use crate::template::Template;
use crate::ui::Ui;

/// The most that a data set from a pipe may hold, in bytes: it is kept, as it is read twice.
const MOST_FROM_PIPE: u64 = 256 << 20;
/// How many faults of a data set are told one by one.
const TOLD: usize = 20;

/// A row that is ready to be asked.
pub struct Prepared {
    /// What is kept of it.
    pub asked: AskedRow,
    /// What every model is asked.
    pub request: ChatRequest,
    /// The checks of its answers.
    pub checks: Vec<Ready>,
    /// Its past answer, where it is from the ledger.
    pub past: Option<KeptAnswer>,
}

/// Where rows come from.
pub struct Source {
    rows: Rows,
    /// What every request has in common.
    pub base: ChatRequest,
    options: Options,
    chosen: Chosen,
}

enum Rows {
    /// One prompt, as it is.
    Alone { prompt: String, system: Option<String> },
    /// A data set.
    Set(DataSet),
    /// Past prompts.
    Past(Vec<Past>),
}

/// A past prompt with what was answered.
#[derive(Clone, Debug)]
pub struct Past {
    /// The id of its run.
    pub id: String,
    /// The system prompt.
    pub system: Option<String>,
    /// All turns up to the prompt.
    pub messages: Vec<Message>,
    /// What was answered.
    pub answer: KeptAnswer,
}

/// The first of the models is the past one.
impl From<PastPrompt> for Past {
    fn from(past: PastPrompt) -> Self {
        let end = past.attempt.as_ref().and_then(|attempt| attempt.end.as_ref());
        let timing = end.map(|end| Timing {
            first_token: end.first_content_ms.map(Duration::from_millis),
            first_piece: end.first_content_ms.map(Duration::from_millis),
            total: Duration::from_millis(end.total_ms),
        });
        let answer = Answer {
            row: 0,
            model: 0,
            repeat: 0,
            state: if past.finish.as_deref().is_some_and(is_cut) { State::Truncated } else { State::Whole },
            text: past.answer,
            served: Some(past.served_by),
            timing,
            tokens: end.and_then(|end| end.buckets.as_ref()).map(Into::into),
            cost: end.and_then(|end| end.cost_pico).map(|pico| Usd::from_pico(i128::from(pico))),
            verdicts: Vec::new(),
        };
        let answer = KeptAnswer { answer, attempts: 1, cosine: None };
        Self { id: past.run, system: past.system, messages: past.messages, answer }
    }
}

/// Whether a provider's word for the end says that the limit of tokens cut the answer.
fn is_cut(finish: &str) -> bool {
    ["length", "max_tokens", "MAX_TOKENS"].contains(&finish)
}

/// A file of rows.
struct DataSet {
    name: String,
    content: Content,
    format: Format,
    /// The prompt for all rows, before its variables are filled in.
    words: Option<String>,
}

enum Content {
    File(PathBuf),
    Bytes(Arc<[u8]>),
}

/// Which rows of a data set take part.
#[derive(Default)]
struct Chosen {
    range: Option<Range>,
    sample: Option<Sample>,
}

/// What a first look at a source has shown.
#[derive(Debug, Default)]
pub struct Survey {
    /// How many rows take part.
    pub rows: u64,
    /// How many rows are wrong.
    pub wrong: usize,
    /// How many things about the file as a whole are wrong.
    pub faults: usize,
    /// The first of them, with file and line.
    pub told: Vec<String>,
}

impl Source {
    /// From the arguments. `directory` is where relative paths are from; `kept` is the prompt of a run that goes on.
    pub fn open(
        ask: &AskArgs,
        rows: &RowArgs,
        checks: Vec<Check>,
        allow_commands: bool,
        base: ChatRequest,
        place: &Place<'_>,
        ui: &Ui,
    ) -> Result<Self, Error> {
        let variables = worded::variables(ask, rows, place.role)?;
        let options = Options { checks, variables, commands: allow_commands, ..Options::default() };
        let chosen = Chosen { range: rows.limit, sample: None };
        if let Some(name) = &rows.file {
            let mut set = DataSet::open(name, rows.format, place.directory)?;
            let words = match place.prompt {
                Some(kept) => Some(kept.to_owned()),
                None if ask.words.is_empty() => None,
                None => Some(words_and_stdin(ask, name == PLACEHOLDER)?),
            };
            let prompt = worded::around_rows(words.as_deref().map(Template::parse), place.role);
            set.words = words;
            let system = ask.system.as_deref().map(Template::parse);
            let system = system.or_else(|| place.role.and_then(role::Role::system).cloned());
            return Ok(Self { rows: Rows::Set(set), base, options: Options { prompt, system, ..options }, chosen });
        }
        let fill = |text: &str| {
            Template::parse(text).fill(&options.variables).map_err(|missing| unfilled(&missing.to_string()))
        };
        let by_role = place.role.map(|role| worded::words(role, &options.variables)).transpose()?;
        let system = ask.system.as_deref().map(fill).transpose()?;
        let system = system.or_else(|| by_role.as_ref()?.system.clone());
        let prompt = if let Some(kept) = place.prompt {
            kept.to_owned()
        } else {
            let words = ask.words.iter().map(|word| fill(word)).collect::<Result<Vec<_>, _>>()?;
            prompt::gather(&PromptArgs { words, by_role, ..PromptArgs::default() }, ui)?
        };
        Ok(Self { rows: Rows::Alone { prompt, system }, base, options, chosen })
    }

    /// Past prompts of the ledger.
    pub fn past(past: Vec<Past>, checks: Vec<Check>, base: ChatRequest) -> Self {
        let options = Options { checks, ..Options::default() };
        Self { rows: Rows::Past(past), base, options, chosen: Chosen::default() }
    }

    /// What to call it.
    pub fn title(&self) -> String {
        match &self.rows {
            Rows::Alone { prompt, .. } => first_words(prompt),
            Rows::Set(set) => Path::new(&set.name)
                .file_name()
                .map_or_else(|| set.name.clone(), |name| name.to_string_lossy().into_owned()),
            Rows::Past(past) => format!("{} past prompts", past.len()),
        }
    }

    /// The prompt that cannot be read again: what words, files and stdin made of it; for a data set, the one for all rows.
    pub fn prompt(&self) -> Option<&str> {
        match &self.rows {
            Rows::Alone { prompt, .. } => Some(prompt),
            Rows::Set(set) => set.words.as_deref(),
            Rows::Past(_) => None,
        }
    }

    /// The mark of its first row that is sound.
    pub fn first(&self) -> Result<Option<Fingerprint>, Error> {
        Ok(self.rows()?.flatten().next().map(|row| row.asked.fingerprint))
    }

    /// Whether it is one prompt, whose answers are shown.
    pub fn is_alone(&self) -> bool {
        matches!(self.rows, Rows::Alone { .. })
    }

    /// Reads all of it once, draws the sample, and says what is wrong. Whoever asks before would ask in vain where a column is
    /// misspelled.
    pub fn survey(&mut self, sample: Option<u64>, seed: u64) -> Result<Survey, Error> {
        let mut survey = Survey::default();
        let mut sound = Vec::new();
        let name = self.name();
        for row in self.rows()? {
            match row {
                Ok(row) => {
                    survey.rows += 1;
                    if sample.is_some() {
                        sound.push(row.asked.index);
                    }
                }
                Err(error) => survey.note(&name, &error),
            }
        }
        if let Some(size) = sample {
            let drawn = Sample::draw(sound, usize::try_from(size).unwrap_or(usize::MAX), seed);
            survey.rows = drawn.len() as u64;
            self.chosen.sample = Some(drawn);
        }
        Ok(survey)
    }

    fn name(&self) -> String {
        match &self.rows {
            Rows::Set(set) => set.name.clone(),
            Rows::Alone { .. } | Rows::Past(_) => "the prompt".to_owned(),
        }
    }

    /// The rows that take part, and what is wrong with others.
    pub fn rows(&self) -> Result<Box<dyn Iterator<Item = Result<Prepared, RowError>> + '_>, Error> {
        Ok(match &self.rows {
            Rows::Alone { prompt, system } => Box::new(std::iter::once(self.alone(prompt, system.clone()))),
            Rows::Past(past) => Box::new(past.iter().enumerate().map(|(index, past)| self.of_past(index, past))),
            Rows::Set(set) => {
                let rows = Reader::new(set.format, set.read()?, &self.options);
                Box::new(rows.filter_map(|row| self.prepare(row).transpose()))
            }
        })
    }

    fn alone(&self, prompt: &str, system: Option<String>) -> Result<Prepared, RowError> {
        let checks = self.checks(&self.options.variables)?;
        let filled = Filled { prompt: prompt.to_owned(), system, reference: None, checks };
        let row = Row { id: "1".to_owned(), variables: self.options.variables.clone(), ..Row::default() };
        Ok(self.prepared(row, filled))
    }

    fn of_past(&self, index: usize, past: &Past) -> Result<Prepared, RowError> {
        let checks = self.checks(&BTreeMap::new())?;
        let prompt = past.messages.last().map(Message::joined_text).unwrap_or_default();
        let reference = Some(past.answer.answer.text.clone());
        let filled = Filled { prompt, system: past.system.clone(), reference, checks };
        let row = Row { index, id: past.id.clone(), ..Row::default() };
        let mut prepared = self.prepared(row, filled);
        prepared.request.messages.clone_from(&past.messages);
        let answer = Answer { row: index, ..past.answer.answer.clone() };
        prepared.past = Some(KeptAnswer { answer, ..past.answer.clone() });
        Ok(prepared)
    }

    fn checks(&self, values: &BTreeMap<String, String>) -> Result<Vec<Ready>, RowError> {
        let checks = self.options.checks.iter().map(|check| check.ready(values)).collect::<Result<_, _>>();
        checks.map_err(|error| RowError { index: None, line: None, column: None, problem: Problem::Check(error) })
    }

    /// A row of a data set, when it takes part.
    fn prepare(&self, row: Result<Row, RowError>) -> Result<Option<Prepared>, RowError> {
        let row = match row {
            // What concerns the whole file is always told.
            Err(error) if error.index.is_none_or(|index| self.takes(index)) => return Err(error),
            Err(_) => return Ok(None),
            Ok(row) if !self.takes(row.index) => return Ok(None),
            Ok(row) => row,
        };
        match row.fill(&self.options) {
            Ok(filled) => Ok(Some(self.prepared(row, filled))),
            Err(problem) => Err(RowError {
                index: Some(row.index),
                line: Some(row.line).filter(|line| *line > 0),
                column: None,
                problem,
            }),
        }
    }

    fn takes(&self, index: usize) -> bool {
        let Chosen { range, sample } = &self.chosen;
        range.as_ref().is_none_or(|range| range.contains(index))
            && sample.as_ref().is_none_or(|sample| sample.contains(index))
    }

    fn prepared(&self, row: Row, filled: Filled) -> Prepared {
        let fingerprint = filled.fingerprint();
        let Filled { prompt, system, reference, checks } = filled;
        let request = ChatRequest {
            system: system.clone(),
            messages: vec![Message::text(Role::User, prompt.clone())],
            ..self.base.clone()
        };
        let variables = row.variables.into_iter().collect();
        let asked = AskedRow {
            index: row.index,
            id: row.id,
            prompt,
            system,
            variables,
            reference,
            cluster: row.cluster,
            fingerprint,
        };
        Prepared { asked, request, checks, past: None }
    }
}

impl Survey {
    fn note(&mut self, name: &str, error: &RowError) {
        match error.index {
            Some(_) => self.wrong += 1,
            None => self.faults += 1,
        }
        if self.told.len() < TOLD {
            self.told.push(format!("{name}: {error}"));
        }
    }

    /// How many faults there are besides those that are told.
    pub fn untold(&self) -> usize {
        self.wrong + self.faults - self.told.len()
    }

    /// What is to be said of it at the end; `None` when all is right.
    pub fn complaint(&self) -> Option<String> {
        let count = |count: usize, one: &str, many: &str| match count {
            0 => None,
            1 => Some(format!("1 {one}")),
            count => Some(format!("{count} {many}")),
        };
        let rows = count(self.wrong, "row is wrong and took no part", "rows are wrong and took no part");
        let faults = count(self.faults, "thing is wrong with the data set", "things are wrong with the data set");
        let words: Vec<String> = [rows, faults].into_iter().flatten().collect();
        let first = self.told.first().map(|told| format!(" ({told})")).unwrap_or_default();
        (!words.is_empty()).then(|| format!("{}{first}", words.join(", ")))
    }
}

impl DataSet {
    fn open(name: &str, format: Option<Format>, directory: Option<&Path>) -> Result<Self, Error> {
        let told = format.or_else(|| Format::of_file(name));
        let Some(format) = told else {
            let message = format!("`{name}`: its name does not tell what kind of data set it is");
            return Err(Error::new(ErrorKind::Usage, message).hint("say it with --format txt, jsonl, csv or yaml"));
        };
        if name == PLACEHOLDER {
            let bytes = whole(io::stdin().lock(), "stdin")?;
            return Ok(Self { name: "stdin".to_owned(), content: Content::Bytes(bytes.into()), format, words: None });
        }
        let path = directory.map_or_else(|| PathBuf::from(name), |directory| directory.join(name));
        // A pipe can be read once, and a data set is read twice.
        if std::fs::metadata(&path).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
            let cannot = |error| unreadable(format!("`{name}`"), &path, error);
            let bytes = whole(File::open(&path).map_err(cannot)?, name)?;
            return Ok(Self { name: name.to_owned(), content: Content::Bytes(bytes.into()), format, words: None });
        }
        let set = Self { name: name.to_owned(), content: Content::File(path), format, words: None };
        set.read().map(drop)?;
        Ok(set)
    }

    fn read(&self) -> Result<Box<dyn BufRead>, Error> {
        match &self.content {
            Content::Bytes(bytes) => Ok(Box::new(BufReader::new(Cursor::new(Arc::clone(bytes))))),
            Content::File(path) => {
                let cannot = |error| unreadable(format!("`{}`", self.name), path, error);
                let file = File::open(path).map_err(cannot)?;
                if file.metadata().map_err(cannot)?.is_dir() {
                    return Err(Error::new(ErrorKind::Usage, format!("`{}` is a directory, not a file", self.name)));
                }
                Ok(Box::new(BufReader::new(file)))
            }
        }
    }
}

/// All of what can be read once.
fn whole(input: impl Read, name: &str) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let read = input.take(MOST_FROM_PIPE + 1).read_to_end(&mut bytes);
    read.map_err(|error| Error::new(ErrorKind::Other, format!("cannot read `{name}`")).caused_by(error))?;
    if bytes.len() as u64 > MOST_FROM_PIPE {
        let message = format!("`{name}` holds more than {} MiB", MOST_FROM_PIPE >> 20);
        return Err(Error::new(ErrorKind::Usage, message).hint("write it to a file and name that with -f"));
    }
    Ok(bytes)
}

/// Where a run stands, and what of it cannot be read again or is read elsewhere.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place<'a> {
    /// Where relative paths are from, when that is not where the process is.
    pub directory: Option<&'a Path>,
    /// The prompt of a run that goes on.
    pub prompt: Option<&'a str>,
    /// By which role to ask.
    pub role: Option<&'a role::Role>,
}

/// The prompt around all rows. Stdin goes where a `-` says, unless it is the data set.
fn words_and_stdin(ask: &AskArgs, stdin_is_taken: bool) -> Result<String, Error> {
    if !ask.words.iter().any(|word| word == PLACEHOLDER) {
        return Ok(ask.words.join(" "));
    }
    if stdin_is_taken {
        return Err(Error::new(ErrorKind::Usage, "stdin can stand in one place only: `-` was given more than once"));
    }
    match prompt::read_stdin(true)? {
        prompt::Stdin::Text(text) => Ok(prompt::compose(&ask.words, &[], Some(&text))),
        prompt::Stdin::Nothing | prompt::Stdin::Silent => Ok(prompt::compose(&ask.words, &[], None)),
    }
}

fn unfilled(missing: &str) -> Error {
    Error::new(ErrorKind::Usage, format!("the prompt: {missing}; nothing was sent"))
        .hint("give it with --var NAME=VALUE")
}

/// The beginning of a prompt, in one line.
fn first_words(prompt: &str) -> String {
    const LONGEST: usize = 60;
    let line = prompt.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
