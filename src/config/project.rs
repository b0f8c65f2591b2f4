//! The project that a command is for: what the user named, or else the root of the git repository it runs in.

use super::paths::expand;
use super::{Environment, variables};

/// The project; `None` outside of any.
pub fn of(given: Option<&str>, environment: &Environment) -> Option<String> {
    match given.or_else(|| environment.get(variables::PROJECT)) {
        Some("") => None,
        Some(name) => Some(named(name, environment)),
        None => repository(environment),
    }
}

/// A project by a name or a folder. What begins like a path is one, and so is a folder that is there.
pub fn named(name: &str, environment: &Environment) -> String {
    let is_path = ["~/", "/", "./", "../"].iter().any(|start| name.starts_with(start)) || name == ".";
    if !is_path && !environment.working_directory.join(name).is_dir() {
        return name.to_owned();
    }
    let path = expand(name, environment);
    let path = path.canonicalize().unwrap_or(path);
    path.to_string_lossy().trim_end_matches('/').to_owned()
}

/// The nearest folder above that holds a repository.
fn repository(environment: &Environment) -> Option<String> {
    let root = environment.working_directory.ancestors().find(|folder| folder.join(".git").exists())?;
    Some(root.to_string_lossy().into_owned())
}
