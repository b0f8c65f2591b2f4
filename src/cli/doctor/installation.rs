//! What is installed: which llmx a shell finds, and whether completions and manual pages are of this one.

use std::path::PathBuf;

use super::finding::Finding;
use crate::cli::installed;
use crate::config::Environment;
use crate::ui::counted;

const AREA: &str = "installation";

/// Looks for it.
pub fn check(environment: &Environment, findings: &mut Vec<Finding>) {
    let Ok(own) = std::env::current_exe().and_then(|path| path.canonicalize()) else { return };
    let version = env!("CARGO_PKG_VERSION");
    findings.push(match found(environment) {
        Some(first) if first.canonicalize().is_ok_and(|first| first == own) => {
            Finding::ok(AREA, format!("llmx {version} at {}", first.display()))
        }
        Some(first) => {
            let text = format!("this is {}, but `llmx` in a shell is {}", own.display(), first.display());
            Finding::warning(AREA, text).remedy("type -a llmx")
        }
        None => {
            let folder = own.parent().unwrap_or(&own).display();
            let text = format!("llmx {version} at {} is in no directory of PATH", own.display());
            Finding::warning(AREA, text).remedy(format!("export PATH=\"{folder}:$PATH\""))
        }
    });
    let stale = installed::stale(environment).unwrap_or_default();
    if let Some(first) = stale.first() {
        let text = format!(
            "{} of completions and manual pages {} of another version, such as {}",
            counted(stale.len(), "file"),
            if stale.len() == 1 { "is" } else { "are" },
            first.display()
        );
        findings.push(Finding::warning(AREA, text).remedy("llmx init --completions"));
    }
}

/// The `llmx` that a shell would find, which may be a link to a file of another name.
fn found(environment: &Environment) -> Option<PathBuf> {
    let paths = std::env::split_paths(environment.get("PATH")?);
    paths.map(|folder| folder.join("llmx")).find(|path| path.is_file())
}
