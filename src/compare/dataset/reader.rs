//! Rows out of a file, one at a time, with what is wrong told where it stands.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::io::BufRead;

use super::columns::{self, COLUMNS};
use super::json::{self, Cell, Columns};
use super::lines::{Fault, Lines};
use super::records::Records;
use super::{Fingerprint, Format, Options, Problem, Row, RowError, yaml};

/// How many names that nothing uses are remembered.
const UNKNOWN: usize = 100;

/// Reads a data set. A malformed row is an error, and the other rows go on; what concerns the file as a whole, such as a
/// column that no row uses, comes at its end. So read a file to its end before any of it is sent.
///
/// Memory does not grow with the file, but for about 50 bytes a row that has an id; YAML is read as a whole, up to 64 MiB.
pub struct Reader<'a, R> {
    source: Source<R>,
    options: &'a Options,
    count: usize,
    /// The line of each id.
    ids: HashMap<Fingerprint, u64>,
    names: Names,
    /// What is told at the end; `None` before it.
    last: Option<VecDeque<RowError>>,
}

enum Source<R> {
    Text(Lines<R>),
    Json(Lines<R>),
    Csv(Box<Records<R>>),
    Yaml(std::vec::IntoIter<yaml::Item>),
}

/// Which names are used, and which are not.
#[derive(Default)]
struct Names {
    used: BTreeSet<String>,
    /// Columns that nothing has used so far, and where each was seen first.
    unknown: BTreeMap<String, u64>,
    /// Whether a row was sound: only then an unused name is one.
    sound: bool,
}

impl<'a, R: BufRead> Reader<'a, R> {
    /// A reader of a file in this format.
    pub fn new(format: Format, mut input: R, options: &'a Options) -> Self {
        let longest = options.longest_row;
        let source = match format {
            Format::Text => Source::Text(Lines::new(input, longest)),
            Format::JsonLines => Source::Json(Lines::new(input, longest)),
            Format::Csv => Source::Csv(Box::new(Records::new(input, longest))),
            Format::Yaml => Source::Yaml(yaml::rows(&mut input, longest).into_iter()),
        };
        let templates = options.prompt.iter().chain(&options.system).flat_map(|template| template.variables());
        let checks = options.checks.iter().flat_map(|check| check.variables());
        let names = Names { used: templates.chain(checks).map(str::to_owned).collect(), ..Names::default() };
        Self { source, options, count: 0, ids: HashMap::new(), names, last: None }
    }

    fn row(&mut self, line: u64, cells: Columns) -> Result<Row, RowError> {
        let index = self.count - 1;
        let wrong = |column, problem| RowError { index: Some(index), line: Some(line), column, problem };
        let mut row = columns::row(index, line, cells).map_err(|(column, problem)| wrong(column, problem))?;
        self.names.see(&row);
        if row.id.is_empty() {
            row.id = self.count.to_string();
        }
        // Rows of text have their numbers, which cannot meet.
        if !matches!(self.source, Source::Text(_)) {
            let first = *self.ids.entry(Fingerprint::of([row.id.as_str()])).or_insert(line);
            if first != line {
                return Err(wrong(Some("id".to_owned()), Problem::DuplicateId(row.id, first)));
            }
        }
        for (name, value) in &self.options.variables {
            row.variables.entry(name.clone()).or_insert_with(|| value.clone());
        }
        row.fill(self.options).map_err(|problem| {
            let column = matches!(problem, Problem::Check(_) | Problem::Command(_)).then(|| "expect".to_owned());
            wrong(column, problem)
        })?;
        self.names.sound = true;
        Ok(row)
    }

    fn fault(&mut self, fault: Fault) -> RowError {
        if fault.last {
            self.last = Some(VecDeque::new());
        }
        let index = (!fault.last).then(|| self.count - 1);
        RowError { index, line: Some(fault.line), column: fault.column, problem: fault.problem }
    }

    /// What is told when all was read.
    fn end(&self) -> VecDeque<RowError> {
        let about = |line, problem| RowError { index: None, line, column: None, problem };
        if self.count == 0 {
            return [about(None, Problem::Empty)].into();
        }
        if !self.names.sound {
            return VecDeque::new();
        }
        let known: Vec<String> =
            COLUMNS.iter().map(|name| (*name).to_owned()).chain(self.names.used.iter().cloned()).collect();
        let unknown = self
            .names
            .unknown
            .iter()
            .map(|(name, line)| about(Some(*line), Problem::UnknownColumn(name.clone(), known.clone())));
        let unused =
            self.options.variables.keys().filter(|name| !self.names.used.contains(*name)).map(|name| {
                about(None, Problem::UnusedVariable(name.clone(), self.names.used.iter().cloned().collect()))
            });
        unknown.chain(unused).collect()
    }
}

impl<R: BufRead> Iterator for Reader<'_, R> {
    type Item = Result<Row, RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(last) = &mut self.last {
            return last.pop_front().map(Err);
        }
        let Some(item) = self.source.next() else {
            let mut last = self.end();
            let first = last.pop_front();
            self.last = Some(last);
            return first.map(Err);
        };
        self.count += 1;
        Some(match item {
            Ok((line, cells)) => self.row(line, cells),
            Err(fault) => Err(self.fault(fault)),
        })
    }
}

impl<R: BufRead> Source<R> {
    fn next(&mut self) -> Option<Result<(u64, Columns), Fault>> {
        let object = |item: Result<(u64, String), Fault>| {
            let (line, text) = item?;
            json::row(&text).map(|cells| (line, cells)).map_err(|problem| Fault::new(line, problem))
        };
        match self {
            Self::Text(lines) => {
                Some(lines.next()?.map(|(line, text)| (line, vec![("prompt".to_owned(), Cell::Text(text))])))
            }
            Self::Json(lines) => lines.next().map(object),
            Self::Csv(records) => records.next(),
            Self::Yaml(rows) => rows.next().map(object),
        }
    }
}

impl Names {
    /// Notes what a row uses, and what it has.
    fn see(&mut self, row: &Row) {
        for name in row.names() {
            self.unknown.remove(&name);
            self.used.insert(name);
        }
        for name in row.variables.keys() {
            let note = name.starts_with('_') && !name.starts_with("__");
            if !note && !self.used.contains(name) && self.unknown.len() < UNKNOWN {
                self.unknown.entry(name.clone()).or_insert(row.line);
            }
        }
    }
}
