//! Where roles lie: `roles` beside the user's configuration, and `.llmx/roles` of the project. A name that is in both is the
//! user's own: somebody else's text never takes the place of it.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::{Role, is_name};
use crate::config::layer::{Owner, did_you_mean};
use crate::config::paths::expand;
use crate::config::settings::read_file;
use crate::config::suggest::nearest;
use crate::config::{Environment, Paths, Problem, Problems, Unknown};

/// How a role's file ends.
const ENDING: &str = ".md";
/// The folder of llmx in a project.
const PROJECT: &str = ".llmx";
/// So many names are listed to who names a role that is not there.
const LISTED: usize = 8;

/// The folders of roles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folders {
    /// The user's own; `None` without a home directory.
    pub own: Option<PathBuf>,
    /// The project's.
    pub project: PathBuf,
}

/// A role that is there, unread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its file.
    pub path: PathBuf,
    /// Whose it is.
    pub owner: Owner,
}

/// Why a role cannot be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoleError {
    /// There is none.
    Unknown(Unknown),
    /// Its file is wrong.
    Wrong(Problems),
}

impl Folders {
    /// The folders that follow from the surroundings.
    pub fn new(environment: &Environment) -> Self {
        let paths = Paths::new(environment);
        Self {
            own: paths.config.as_deref().and_then(Path::parent).map(|folder| folder.join("roles")),
            project: environment.working_directory.join(PROJECT).join("roles"),
        }
    }

    /// All roles by name.
    pub fn roles(&self) -> BTreeMap<String, Found> {
        let own = self.own.iter().map(|folder| (folder, Owner::User));
        let mut roles = BTreeMap::new();
        for (folder, owner) in [(&self.project, Owner::Project)].into_iter().chain(own) {
            for name in names_in(folder).into_iter().filter(|name| is_name(name)) {
                let path = folder.join(format!("{name}{ENDING}"));
                roles.insert(name, Found { path, owner });
            }
        }
        roles
    }

    /// Files that no name reaches.
    pub fn misnamed(&self) -> Vec<PathBuf> {
        let folders = self.own.iter().chain([&self.project]);
        let misnamed = |folder: &PathBuf| {
            let names = names_in(folder).into_iter().filter(|name| !is_name(name));
            names.map(|name| folder.join(format!("{name}{ENDING}"))).collect::<Vec<_>>()
        };
        folders.flat_map(misnamed).collect()
    }

    /// Where the user's own role of that name is, or would be.
    pub fn own(&self, name: &str) -> Result<Option<PathBuf>, Unknown> {
        check(name)?;
        Ok(self.own.as_ref().map(|folder| folder.join(format!("{name}{ENDING}"))))
    }

    /// The role of that name.
    pub fn place(&self, name: &str) -> Result<Option<Found>, Unknown> {
        let own = self.own(name)?.map(|path| Found { path, owner: Owner::User });
        let project = Found { path: self.project.join(format!("{name}{ENDING}")), owner: Owner::Project };
        Ok(own.into_iter().chain([project]).find(|found| found.path.symlink_metadata().is_ok()))
    }

    /// Whose a file is that is named by its path.
    fn owner(&self, path: &Path) -> Owner {
        let folder = |path: &Path| path.canonicalize().ok();
        let own = self.own.as_deref().and_then(folder);
        let its = path.parent().and_then(folder);
        if own.is_some() && own == its { Owner::User } else { Owner::Project }
    }
}

fn check(name: &str) -> Result<(), Unknown> {
    if is_name(name) {
        return Ok(());
    }
    let hint = "a name is letters, digits, `-`, `_` and `.`; a path has a slash in it or ends with `.md`";
    Err(Unknown::new(format!("`{name}` cannot name a role")).hint(Some(hint.to_owned())))
}

/// The names of all roles, quickly: no file is read.
pub fn names(environment: &Environment) -> Vec<String> {
    Folders::new(environment).roles().into_keys().collect()
}

/// Whether a role is named by a path.
pub fn is_path(name: &str) -> bool {
    name.contains(['/', std::path::MAIN_SEPARATOR]) || name.ends_with(ENDING)
}

/// Finds a role by its name or its path, unread.
pub fn locate(name: &str, environment: &Environment) -> Result<Found, Unknown> {
    let folders = Folders::new(environment);
    if is_path(name) {
        let path = expand(name, environment);
        let owner = folders.owner(&path);
        return match path.metadata() {
            Ok(_) => Ok(Found { path, owner }),
            Err(error) => Err(Unknown::new(format!("there is no role `{name}`: {error}"))),
        };
    }
    folders.place(name)?.ok_or_else(|| missing(name, &folders))
}

/// Reads a role by its name or its path.
pub fn open(name: &str, environment: &Environment) -> Result<Role, RoleError> {
    let found = locate(name, environment)?;
    read(&found, environment)
}

/// Reads a role.
pub fn read(found: &Found, environment: &Environment) -> Result<Role, RoleError> {
    let (role, problems) = read_what_holds(found, environment)?;
    if problems.is_empty() { Ok(role) } else { Err(Problems(problems).into()) }
}

/// Reads what of a role holds, and tells what is wrong with the rest. Of a file that cannot be read nothing does.
pub fn read_what_holds(found: &Found, environment: &Environment) -> Result<(Role, Vec<Problem>), RoleError> {
    let path = &found.path;
    let wrong = |message: &str| Problem::whole(&path.display().to_string(), message);
    let is_projects = path.starts_with(environment.working_directory.join(PROJECT));
    if is_projects && leads_out(path, &environment.working_directory) {
        return Err(wrong("it leads to a file outside of the project's `.llmx`").into());
    }
    let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let source = read_file(path, found.owner, false)?.ok_or_else(|| wrong("there is no such file"))?;
    Ok(Role::parse_what_holds(&name, source))
}

/// Whether a project's role is a file of elsewhere: a link could make any file of the user's a prompt.
fn leads_out(path: &Path, project: &Path) -> bool {
    match (path.canonicalize(), project.canonicalize()) {
        (Ok(path), Ok(project)) => !path.starts_with(project.join(PROJECT)),
        _ => false,
    }
}

/// What could be a role of a folder, by the names of its files.
fn names_in(folder: &Path) -> Vec<String> {
    // A folder that is not there holds none; one that cannot be read is told when one of its roles is named.
    let Ok(entries) = folder.read_dir() else { return Vec::new() };
    let name = |entry: io::Result<std::fs::DirEntry>| {
        let file = entry.ok()?.file_name().into_string().ok()?;
        file.strip_suffix(ENDING).map(str::to_owned)
    };
    entries.filter_map(name).collect()
}

fn missing(name: &str, folders: &Folders) -> Unknown {
    let known: Vec<String> = folders.roles().into_keys().collect();
    let list = || {
        let more = if known.len() > LISTED { ", …" } else { "" };
        let names: Vec<String> = known.iter().take(LISTED).map(|name| format!("`{name}`")).collect();
        format!("there are: {}{more}", names.join(", "))
    };
    let error = Unknown::new(format!("there is no role `{name}`"));
    let error = match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => error.hint(Some(did_you_mean(near))),
        None => error.hint((!known.is_empty()).then(list)),
    };
    error.hint(Some(format!("`llmx role new {name}` begins one")))
}

impl From<Unknown> for RoleError {
    fn from(unknown: Unknown) -> Self {
        Self::Unknown(unknown)
    }
}

impl From<Problems> for RoleError {
    fn from(problems: Problems) -> Self {
        Self::Wrong(problems)
    }
}

impl From<Problem> for RoleError {
    fn from(problem: Problem) -> Self {
        Self::Wrong(Problems(vec![problem]))
    }
}

impl fmt::Display for RoleError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(unknown) => unknown.fmt(formatter),
            Self::Wrong(problems) => problems.fmt(formatter),
        }
    }
}

impl std::error::Error for RoleError {}
