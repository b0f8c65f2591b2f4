//! What llmx takes from its process: variables, directories. Read once at the edge and passed in, so that tests need
//! no process of their own.

use std::collections::HashMap;
use std::path::PathBuf;

/// The process's surroundings.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// Environment variables whose values are Unicode.
    pub variables: HashMap<String, String>,
    /// The working directory, where a project's `.llmx.toml` may lie.
    pub working_directory: PathBuf,
}

impl Environment {
    /// Reads the process.
    pub fn from_process() -> Self {
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Self { variables, working_directory: std::env::current_dir().unwrap_or_default() }
    }

    /// A variable that is set and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}
