//! Which files are read: those that were named, those below directories that were named, or those in the usual places.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::config::Environment;
use crate::cost::import::{HEAD, ORIGINS, Origin, recognise};

/// What there is to read.
#[derive(Default)]
pub struct Search {
    /// Files by tool, in the order of the tools; each in the order in which its names say they were begun.
    pub found: Vec<(&'static Origin, Vec<PathBuf>)>,
    /// Where was looked.
    pub looked: Vec<PathBuf>,
    /// Files below directories that were named, and are of no known tool.
    pub strange: Vec<PathBuf>,
    /// What was named and cannot be read, and why.
    pub problems: Vec<(PathBuf, String)>,
}

/// Looks for the logs of a tool, or of all, in the paths that were named, or in the usual places.
pub fn search(origin: Option<&'static Origin>, paths: &[PathBuf], environment: &Environment) -> Search {
    let mut search = Search::default();
    if paths.is_empty() {
        for origin in ORIGINS.iter().filter(|known| origin.is_none_or(|origin| origin.name == known.name)) {
            search.usual(origin, environment);
        }
    }
    for path in paths {
        search.named(origin, path);
    }
    for (_, files) in &mut search.found {
        // What was begun first is read first, wherever it lies: a session comes before those that were forked from it.
        files.sort_by(|one, other| one.file_name().cmp(&other.file_name()).then_with(|| one.cmp(other)));
        files.dedup();
    }
    search
}

impl Search {
    fn usual(&mut self, origin: &'static Origin, environment: &Environment) {
        let home = environment.get("HOME").or_else(|| environment.get("USERPROFILE")).map(PathBuf::from);
        for place in origin.paths(home.as_deref(), &|name| environment.get(name).map(str::to_owned)) {
            match fs::metadata(&place) {
                Ok(found) if found.is_dir() => {
                    let files = self.below(&place, origin.endings);
                    self.add(origin, files);
                }
                Ok(_) => self.add(origin, vec![place.clone()]),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => self.problems.push((place.clone(), error.to_string())),
            }
            self.looked.push(place);
        }
    }

    fn named(&mut self, origin: Option<&'static Origin>, path: &Path) {
        match fs::metadata(path) {
            Err(error) => self.problems.push((path.to_owned(), error.to_string())),
            Ok(found) if found.is_dir() => {
                let endings = origin.map_or_else(
                    || ORIGINS.iter().flat_map(|origin| origin.endings).copied().collect(),
                    |origin| origin.endings.to_vec(),
                );
                for file in self.below(path, &endings) {
                    self.file(origin, &file, true);
                }
            }
            Ok(found) if found.is_file() => self.file(origin, path, false),
            Ok(_) => self.problems.push((path.to_owned(), "it is neither a file nor a directory".to_owned())),
        }
    }

    fn file(&mut self, origin: Option<&'static Origin>, path: &Path, is_below: bool) {
        let begins = match head(path) {
            Ok(begins) => begins,
            Err(error) => return self.problems.push((path.to_owned(), error.to_string())),
        };
        match origin.or_else(|| recognise(&begins)) {
            Some(origin) => self.add(origin, vec![path.to_owned()]),
            None if is_below => self.strange.push(path.to_owned()),
            None if begins.is_empty() => self.problems.push((path.to_owned(), "it is empty".to_owned())),
            None => {
                let titles = ORIGINS.iter().map(|origin| origin.title).collect::<Vec<_>>().join(", ");
                self.problems.push((path.to_owned(), format!("it is not recognised as a log of {titles}")));
            }
        }
    }

    fn add(&mut self, origin: &'static Origin, files: Vec<PathBuf>) {
        match self.found.iter_mut().find(|(known, _)| known.name == origin.name) {
            _ if files.is_empty() => {}
            Some((_, known)) => known.extend(files),
            None => self.found.push((origin, files)),
        }
    }

    /// The files below a directory whose names end so. Links to directories are not followed: they may lead in a circle.
    fn below(&mut self, directory: &Path, endings: &[&str]) -> Vec<PathBuf> {
        let (mut found, mut directories) = (Vec::new(), vec![directory.to_owned()]);
        while let Some(directory) = directories.pop() {
            let entries = match fs::read_dir(&directory) {
                Ok(entries) => entries,
                Err(error) => {
                    self.problems.push((directory, error.to_string()));
                    continue;
                }
            };
            for entry in entries.flatten() {
                let (path, kind) = (entry.path(), entry.file_type());
                let ends = path.extension().and_then(|ending| ending.to_str()).is_some_and(|it| endings.contains(&it));
                if kind.is_ok_and(|kind| kind.is_dir()) {
                    directories.push(path);
                } else if ends && path.is_file() {
                    found.push(path);
                }
            }
        }
        found
    }
}

fn head(path: &Path) -> io::Result<Vec<u8>> {
    let mut begins = Vec::new();
    File::open(path)?.take(HEAD as u64).read_to_end(&mut begins)?;
    Ok(begins)
}
