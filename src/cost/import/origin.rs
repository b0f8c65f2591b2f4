//! Where calls come from: each tool whose logs are read is a row, with how its files begin and where they usually lie.

use std::io::{self, BufRead};
use std::path::{Path, PathBuf};

use super::{Found, claude_code, codex, litellm, llm, usage};
use crate::chat::Usage;

/// So many bytes at the beginning of a file tell whose it is.
pub const HEAD: usize = 1 << 16;

/// A tool whose logs are read.
#[derive(Debug)]
pub struct Origin {
    /// Its name in commands and in the ledger.
    pub name: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// Where its logs usually lie.
    pub places: &'static [Place],
    /// How the names of its files end.
    pub endings: &'static [&'static str],
    /// Whether a file begins like one of its logs.
    pub fits: fn(&str) -> bool,
    /// What reads one.
    pub reader: Reader,
    /// The counts of a usage object that was kept, given the provider.
    pub usage: fn(&serde_json::Value, &str) -> Usage,
    /// Its users may pay by the month, so that what its calls cost by the token is on no bill.
    pub subscribed: bool,
}

/// What reads a log.
#[derive(Clone, Copy, Debug)]
pub enum Reader {
    /// Text, given the file's name without its ending.
    Text(fn(&mut dyn BufRead, &str, &mut Found) -> io::Result<()>),
    /// Rows of a SQLite file.
    Rows {
        /// The tables that may be there.
        tables: &'static [&'static str],
        /// The columns that are read.
        columns: &'static [&'static str],
        /// Reads a row.
        read: fn(&serde_json::Value, u64, &mut Found),
    },
}

/// A directory of a tool, and what in it are logs.
#[derive(Debug)]
pub struct Place {
    /// The environment variable that names the directory, or several with commas.
    pub variable: Option<&'static str>,
    /// The directory where the variable names none, below the home directory; `.config` is where `XDG_CONFIG_HOME` says.
    pub usual: &'static [&'static str],
    /// Files and directories in it.
    pub logs: &'static [&'static str],
}

/// All tools whose logs are read. Several may fit a file; the first does.
pub const ORIGINS: &[Origin] = &[
    Origin {
        name: "claude-code",
        title: "Claude Code",
        places: &[Place {
            variable: Some("CLAUDE_CONFIG_DIR"),
            usual: &[".claude", ".config/claude"],
            logs: &["projects"],
        }],
        endings: &["jsonl"],
        fits: claude_code::fits,
        reader: Reader::Text(claude_code::read),
        usage: |raw, _| usage::anthropic(raw),
        subscribed: true,
    },
    Origin {
        name: "codex",
        title: "Codex",
        places: &[Place { variable: Some("CODEX_HOME"), usual: &[".codex"], logs: &["sessions", "archived_sessions"] }],
        endings: &["jsonl"],
        fits: codex::fits,
        reader: Reader::Text(codex::read),
        usage: |raw, _| usage::openai(raw),
        subscribed: true,
    },
    Origin {
        name: "llm",
        title: "simonw/llm",
        places: &[Place {
            variable: Some("LLM_USER_PATH"),
            usual: &[".config/io.datasette.llm", "Library/Application Support/io.datasette.llm"],
            logs: &["logs.db"],
        }],
        endings: &["db"],
        fits: llm::fits,
        reader: Reader::Rows { tables: llm::TABLES, columns: llm::COLUMNS, read: llm::read },
        usage: llm::usage,
        subscribed: false,
    },
    Origin {
        name: "litellm",
        title: "LiteLLM",
        places: &[],
        endings: &["jsonl", "ndjson", "json", "csv"],
        fits: litellm::fits,
        reader: Reader::Text(litellm::read),
        usage: |raw, _| litellm::usage(raw),
        subscribed: false,
    },
];

/// Whose log a file is that begins so.
pub fn recognise(head: &[u8]) -> Option<&'static Origin> {
    let head = String::from_utf8_lossy(&head[..head.len().min(HEAD)]);
    ORIGINS.iter().find(|origin| (origin.fits)(&head))
}

impl Origin {
    /// The tool of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        ORIGINS.iter().find(|origin| origin.name == name)
    }

    /// Where its logs would lie, whether they are there or not.
    pub fn paths(&self, home: Option<&Path>, variable: &dyn Fn(&str) -> Option<String>) -> Vec<PathBuf> {
        let configuration = variable("XDG_CONFIG_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        let usual = |place: &str| match (place.strip_prefix(".config/"), &configuration) {
            (Some(rest), Some(configuration)) => Some(configuration.join(rest)),
            _ => home.map(|home| home.join(place)),
        };
        let directories = |place: &Place| -> Vec<PathBuf> {
            match place.variable.and_then(variable) {
                Some(named) => named.split(',').map(|path| PathBuf::from(path.trim())).collect(),
                None => place.usual.iter().filter_map(|place| usual(place)).collect(),
            }
        };
        let logs = |place: &Place| -> Vec<PathBuf> {
            let directories = directories(place).into_iter();
            directories.flat_map(|directory| place.logs.iter().map(move |log| directory.join(log))).collect()
        };
        self.places.iter().flat_map(logs).collect()
    }
}
