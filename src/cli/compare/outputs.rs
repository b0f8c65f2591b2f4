//! Files and JSON of a comparison, from what is kept of it. Nothing is asked for them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};
use std::path::Path;

use super::runner::unkept;
use crate::cli::output::{How, Output, STDOUT};
use crate::compare::dataset::Fingerprint;
use crate::compare::digest::{Digest, Figures, report_head};
use crate::compare::earlier::{Changes, Earlier};
use crate::compare::export::{self, Format, Report};
use crate::compare::kept::Comparison;
use crate::compare::report::{ReportHead, Transcript};
use crate::error::{Error, ErrorKind};
use crate::ledger::Ledger;
use crate::ui::Ui;

/// A comparison with what it comes to.
pub struct Told {
    /// The comparison.
    pub comparison: Comparison,
    /// What it comes to.
    pub figures: Figures,
    /// What changed since an earlier run.
    pub changes: Option<Changes>,
    /// What reports say of it.
    pub head: ReportHead,
    /// What judges ruled that is no duel of two models, and how often; and why they did not, where they did not.
    pub rulings: BTreeMap<String, usize>,
}

impl Told {
    /// Reads all rows that are kept. `against` is an earlier run.
    pub fn of(comparison: Comparison, against: Option<&Earlier>, store: &RefCell<Ledger>) -> Result<Self, Error> {
        let mut digest = Digest::new(&comparison);
        let mut rulings = BTreeMap::new();
        for record in store.borrow().records(&comparison.id) {
            let record = record.map_err(|error| unkept(&error))?;
            for ruling in record.transcripts.iter().filter_map(ruling) {
                *rulings.entry(ruling).or_insert(0) += 1;
            }
            digest.take(&record);
        }
        let figures = digest.finish();
        let changes = match against.map(|earlier| earlier.changes(&figures.judged)) {
            Some(Ok(changes)) => Some(changes),
            Some(Err(nothing)) => return Err(Error::new(ErrorKind::Usage, format!("--against: {nothing}"))),
            None => None,
        };
        let head = report_head(&comparison, &figures, changes.as_ref());
        Ok(Self { comparison, figures, changes, head, rulings })
    }

    /// Notes how it ends.
    pub fn ends_with(&mut self, exit_code: u8) {
        if let Some(ended) = &mut self.comparison.ended {
            ended.exit_code = exit_code;
        }
    }

    /// Adds what the reader of a report must know.
    pub fn note(&mut self, note: Option<String>) {
        if let Some(ended) = &mut self.comparison.ended {
            ended.notes.extend(note.clone());
        }
        self.head.notes.extend(note);
    }

    /// Writes it in a format.
    pub fn write(&self, format: Format, store: &RefCell<Ledger>, out: &mut impl Write) -> io::Result<()> {
        let report = Report {
            comparison: &self.comparison,
            figures: &self.figures,
            head: &self.head,
            changes: self.changes.as_ref(),
        };
        let store = store.borrow();
        let rows =
            store.records(&self.comparison.id).map(|row| row.map_err(|error| io::Error::other(error.to_string())));
        export::write(format, &report, rows, out)
    }

    /// Writes it to a file; a report that is there is replaced whole or not at all.
    pub fn write_file(&self, name: &str, store: &RefCell<Ledger>, ui: &Ui) -> Result<(), Error> {
        let format = format(name)?;
        let mut output = Output::open(Path::new(name), How { replace: true, private: false })?;
        self.write(format, store, &mut output).map_err(|error| output.cannot(error))?;
        output.finish()?;
        ui.note(&format!("written: {name}"));
        Ok(())
    }
}

/// What a judge ruled, where it is no duel, or why it did not rule. Its words are somebody's text.
fn ruling(transcript: &Transcript) -> Option<String> {
    const LONGEST: usize = 120;
    let is_unknown = transcript.outcome.starts_with("unknown");
    let said = || transcript.sections.iter().rev().map(|section| section.text.as_str()).next().unwrap_or_default();
    match transcript.duel {
        Some(_) if !is_unknown => None,
        _ if is_unknown => {
            Some(format!("{}: {}", transcript.outcome, said().chars().take(LONGEST).collect::<String>()))
        }
        _ => Some(transcript.outcome.clone()),
    }
}

/// Finds out before anything is asked that a file can be written.
pub fn check(name: &str) -> Result<(), Error> {
    if name == STDOUT {
        return Err(Error::new(ErrorKind::Usage, "-o - is stdout, where the result is shown already")
            .hint("say --json or --jsonl for another form of it; `llmx compare export -o -` writes JSON"));
    }
    format(name)?;
    let folder = Path::new(name).parent().filter(|folder| !folder.as_os_str().is_empty());
    if folder.is_some_and(|folder| !folder.is_dir()) {
        return Err(Error::new(
            ErrorKind::Usage,
            format!("-o: the folder of `{name}` does not exist; nothing was sent"),
        ));
    }
    Ok(())
}

/// The format that a file's name tells.
pub fn format(name: &str) -> Result<Format, Error> {
    Format::of_file(name).map_err(|unknown| Error::new(ErrorKind::Usage, format!("-o: {unknown}")))
}

/// The earlier run that `--against` names: a file, or a run of the ledger. `last` is the newest that is not `present` and has a
/// prompt in common; `first` is the mark of the first prompt.
pub fn earlier(
    name: &str,
    present: &Comparison,
    first: Option<Fingerprint>,
    store: &RefCell<Ledger>,
) -> Result<Earlier, Error> {
    if Path::new(name).is_file() {
        return from_file(name);
    }
    if name == "last" {
        return latest(present, first, store);
    }
    let found = find(name, store)?;
    if found.id == present.id {
        return Err(Error::new(ErrorKind::Usage, format!("--against: `{name}` is this run itself")));
    }
    of_run(&found, store)
}

fn of_run(run: &Comparison, store: &RefCell<Ledger>) -> Result<Earlier, Error> {
    let mut earlier = Earlier::default();
    for record in store.borrow().records(&run.id) {
        earlier.take(&run.spec.models, &record.map_err(|error| unkept(&error))?);
    }
    Ok(earlier)
}

/// How many runs are looked through for `last`.
const LOOKED_THROUGH: usize = 50;
/// And how many rows of each.
const LOOKED_INTO: usize = 1000;

fn latest(present: &Comparison, mine: Option<Fingerprint>, store: &RefCell<Ledger>) -> Result<Earlier, Error> {
    let all = store.borrow().comparisons(LOOKED_THROUGH).map_err(|error| unkept(&error))?;
    for summary in all.iter().filter(|summary| summary.comparison.id != present.id) {
        let run = &summary.comparison;
        let has_mine =
            store.borrow().records(&run.id).take(LOOKED_INTO).flatten().any(|row| Some(row.row.fingerprint) == mine);
        if has_mine {
            return of_run(run, store);
        }
    }
    let error = Error::new(ErrorKind::Usage, "--against last: there is no earlier comparison of these prompts");
    Err(error.hint("`llmx compare list` shows what there is"))
}

fn from_file(name: &str) -> Result<Earlier, Error> {
    let wrong = |words: String| Error::new(ErrorKind::Usage, format!("--against: `{name}`: {words}"));
    let format = Format::of_file(name).map_err(|unknown| wrong(unknown.to_string()))?;
    let file = File::open(name).map_err(|error| wrong(error.to_string()))?;
    let mut earlier = Earlier::default();
    export::read(format, BufReader::new(file), |models, record| earlier.take(models, record))
        .map_err(|error| wrong(error.to_string()))?;
    Ok(earlier)
}

/// A run by its id, the beginning of it, or `last`.
pub fn find(name: &str, store: &RefCell<Ledger>) -> Result<Comparison, Error> {
    let wrong = |words: String| Error::new(ErrorKind::Usage, words).hint("`llmx compare list` shows what there is");
    let found = store.borrow().find_comparison(name).map_err(|error| wrong(error.to_string()))?;
    found.ok_or_else(|| match name {
        "last" => wrong("there is no comparison yet".to_owned()),
        name => wrong(format!("no comparison `{name}`")),
    })
}

/// Writes it to stdout.
pub fn print(told: &Told, format: Format, store: &RefCell<Ledger>, ui: &Ui) -> Result<(), Error> {
    let mut out = BufWriter::new(Stdout(ui));
    told.write(format, store, &mut out)?;
    Ok(out.flush()?)
}

/// Stdout through the one that prints.
struct Stdout<'a>(&'a Ui);

impl Write for Stdout<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A piece may end inside of a character: what is left of it comes with the next.
        let whole = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) if error.valid_up_to() > 0 => {
                std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default()
            }
            Err(_) => return Err(io::Error::new(io::ErrorKind::InvalidData, "text that is no UTF-8")),
        };
        self.0.out_clean(whole)?;
        Ok(whole.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
