//! The ledger: whether it can be read and written, and is whole.

use std::path::{Path, PathBuf};

use super::finding::Finding;
use crate::cli::session::Session;
use crate::config::layer::shell_word;
use crate::error::ErrorKind;
use crate::ledger::checkup::{Checkup, check_up};

const AREA: &str = "ledger";

/// Looks at it.
pub fn check(session: &Session, findings: &mut Vec<Finding>) {
    let Some(data) = &session.settings.paths.data else {
        let why = session.settings.paths.no_home();
        let text = format!("costs, health and conversations are forgotten: {why}");
        findings.push(Finding::warning(AREA, text).remedy("export LLMX_DATA_DIR=/a/directory"));
        return;
    };
    let folder = if session.simulated() { data.join("simulated") } else { data.clone() };
    let path = folder.join("ledger.db");
    match check_up(&path) {
        Ok(Some(found)) => findings.extend(looked_at(&path, &found)),
        Ok(None) => findings.push(absent(&path)),
        Err(why) => findings.push(unreadable(&path, &why)),
    }
}

fn looked_at(path: &Path, found: &Checkup) -> Vec<Finding> {
    let shown = path.display();
    let word = shell_word(&shown.to_string());
    let trouble = |text: String| Finding::trouble(AREA, ErrorKind::Other, text);
    let mut findings = Vec::new();
    if found.version > found.known {
        let text =
            format!("{shown} was written by a newer llmx (schema {}, this one knows {})", found.version, found.known);
        findings.push(trouble(text).remedy("cargo install llmx   (or update it as you have installed it)"));
    }
    if let Some(damage) = &found.damage {
        let recover = format!("sqlite3 {word} .recover | sqlite3 {word}.saved   (then put the saved one in its place)");
        findings.push(trouble(format!("{shown} is damaged: {damage}")).remedy(recover));
    }
    if let Some(why) = &found.unwritable {
        findings.push(trouble(format!("{shown} cannot be written: {why}")).remedy(format!("ls -ld {word}")));
    }
    if found.is_open {
        let text = format!("others can read {shown}; the next command that writes closes it");
        findings.push(Finding::warning(AREA, text).remedy(format!("chmod 600 {word}")));
    }
    if found.is_remote {
        let text =
            format!("{shown} is on a network file system, where processes that write at once hinder one another");
        findings.push(Finding::warning(AREA, text).remedy("export LLMX_DATA_DIR=/a/local/directory"));
    }
    if let Some(waiting) = &found.waiting {
        let text = format!("rows wait in {} until the ledger can be written", waiting.display());
        findings.push(Finding::warning(AREA, text).remedy("llmx cost"));
    }
    if findings.is_empty() {
        let size = found.bytes as f64 / 1e6;
        findings.push(Finding::ok(AREA, format!("{shown} is whole: schema {}, {size:.1} MB", found.version)));
    }
    findings
}

/// It is made when it is needed, if that can be.
fn absent(path: &Path) -> Finding {
    let mut folder: PathBuf = path.to_owned();
    while !folder.exists() && folder.pop() {}
    let writable = folder.is_dir() && rustix::fs::access(&folder, rustix::fs::Access::WRITE_OK).is_ok();
    if writable {
        return Finding::ok(AREA, format!("{} is made with the first request", path.display()));
    }
    let text = format!("{} cannot be made: {} is not yours to write", path.display(), folder.display());
    let remedy = format!("ls -ld {}", shell_word(&folder.display().to_string()));
    Finding::trouble(AREA, ErrorKind::Other, text).remedy(remedy)
}

fn unreadable(path: &Path, why: &str) -> Finding {
    let word = shell_word(&path.display().to_string());
    let text = format!("{} cannot be read: {why}", path.display());
    Finding::trouble(AREA, ErrorKind::Other, text).remedy(format!("mv {word} {word}.old   (a new one is begun)"))
}
