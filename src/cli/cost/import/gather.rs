//! The calls of one tool out of its files, each once and with its price.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use super::price::priced;
use crate::catalog::Catalog;
use crate::cost::import::{Found, Origin, Passed, Reader, Why, is_more};
use crate::ledger::{ImportedCall, foreign};

/// So much of a file is read at once.
const BUFFER: usize = 1 << 18;

/// What was found in the files of one tool.
pub struct Gathered {
    /// The tool.
    pub origin: &'static Origin,
    /// How many files were read.
    pub files: usize,
    /// The calls, in the order in which they were found.
    pub calls: Vec<ImportedCall>,
    /// What was passed over, and where first.
    pub passed: BTreeMap<Why, (Passed, PathBuf)>,
    /// Files that could not be read to their end, and why.
    pub problems: Vec<(PathBuf, String)>,
}

/// Reads the files of a tool.
pub fn of(origin: &'static Origin, files: &[PathBuf], catalog: &Catalog) -> Gathered {
    let mut gathered =
        Gathered { origin, files: files.len(), calls: Vec::new(), passed: BTreeMap::new(), problems: Vec::new() };
    let (mut found, mut places) = (Found::default(), HashMap::new());
    for path in files {
        if let Err(problem) = read(origin, path, &mut found) {
            gathered.problems.push((path.clone(), problem));
        }
        for call in found.take_calls() {
            gathered.add(priced(call, origin, catalog), &mut places);
        }
        for (why, passed) in found.take_passed() {
            let (all, _) = gathered.passed.entry(why).or_insert((Passed { count: 0, ..passed }, path.clone()));
            all.count += passed.count;
        }
    }
    gathered
}

fn read(origin: &Origin, path: &Path, found: &mut Found) -> Result<(), String> {
    match origin.reader {
        Reader::Text(read) => {
            let file = File::open(path).map_err(|error| error.to_string())?;
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            read(&mut BufReader::with_capacity(BUFFER, file), &name, found).map_err(|error| error.to_string())
        }
        Reader::Rows { tables, columns, read } => {
            let mut number = 0;
            let mut each = |row: &serde_json::Value| {
                number += 1;
                read(row, number, found);
            };
            foreign::each_row(path, tables, columns, &mut each).map_err(|error| {
                match std::error::Error::source(&error) {
                    Some(source) => format!("{error}: {source}"),
                    None => error.to_string(),
                }
            })
        }
    }
}

impl Gathered {
    /// Adds a call. One that another file has too is the one that tells more.
    fn add(&mut self, call: ImportedCall, places: &mut HashMap<String, usize>) {
        match places.get(&call.id) {
            None => {
                places.insert(call.id.clone(), self.calls.len());
                self.calls.push(call);
            }
            Some(place) if is_more(&call.sums, &self.calls[*place].sums) => self.calls[*place] = call,
            Some(_) => {}
        }
    }

    /// How many calls have an unknown cost, by provider and model.
    pub fn unpriced(&self) -> BTreeMap<(&str, &str), u64> {
        let mut models = BTreeMap::new();
        for call in self.calls.iter().filter(|call| call.sums.unknown > 0) {
            *models.entry((call.spender.provider.as_str(), call.spender.model.as_str())).or_default() += 1;
        }
        models
    }
}
