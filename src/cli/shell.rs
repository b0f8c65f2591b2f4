//! What the user's shell and `man` should know of llmx: completions and manual pages, and where they go in a home directory.

use std::io;
use std::path::{Path, PathBuf};

use clap::CommandFactory;
use clap_complete::{Generator, Shell as Generated};

use super::{Cli, pages};
use crate::config::Environment;
use crate::config::paths::home;

/// A shell that llmx has completions for, and a usual directory of users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shell(Generated);

/// Those shells, by the names of their programs.
const SHELLS: &[(&str, Shell)] =
    &[("bash", Shell(Generated::Bash)), ("zsh", Shell(Generated::Zsh)), ("fish", Shell(Generated::Fish))];

/// A file to be, or as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Where.
    pub path: PathBuf,
    /// What.
    pub text: String,
}

impl Shell {
    /// The shell of the user; `None` for one without completions.
    pub fn of(environment: &Environment) -> Option<Self> {
        let program = Path::new(environment.get("SHELL")?).file_name()?.to_str()?;
        SHELLS.iter().find(|(name, _)| *name == program).map(|(_, shell)| *shell)
    }

    /// Its name.
    pub fn name(self) -> String {
        self.0.to_string()
    }

    /// The completions; `None` without a home directory.
    pub fn completions(self, environment: &Environment) -> Option<Piece> {
        let folder = match self.0 {
            Generated::Fish => base("XDG_CONFIG_HOME", ".config", environment)?.join("fish/completions"),
            Generated::Zsh => base("XDG_DATA_HOME", ".local/share", environment)?.join("zsh/site-functions"),
            _ => base("XDG_DATA_HOME", ".local/share", environment)?.join("bash-completion/completions"),
        };
        let name = if self.0 == Generated::Bash { "llmx".to_owned() } else { self.0.file_name("llmx") };
        let mut text = Vec::new();
        clap_complete::generate(self.0, &mut Cli::command(), "llmx", &mut text);
        Some(Piece { path: folder.join(name), text: String::from_utf8_lossy(&text).into_owned() })
    }

    /// What is left to the user, once the completions are at `path`.
    pub fn next_step(self, path: &Path) -> Option<String> {
        let folder = path.parent().unwrap_or(path).display();
        match self.0 {
            Generated::Zsh => Some(format!("put `fpath=({folder} $fpath)` into ~/.zshrc, before `compinit`")),
            Generated::Bash => Some("completions need the package bash-completion, and a new shell".to_owned()),
            _ => None,
        }
    }
}

/// The manual pages; none without a home directory.
pub fn manual_pages(environment: &Environment) -> io::Result<Vec<Piece>> {
    let Some(folder) = base("XDG_DATA_HOME", ".local/share", environment) else { return Ok(Vec::new()) };
    let folder = folder.join("man/man1");
    Ok(pages::pages()?.into_iter().map(|(name, text)| Piece { path: folder.join(name), text }).collect())
}

/// Files that were installed by another version; those that are not there are none.
pub fn stale(environment: &Environment) -> io::Result<Vec<PathBuf>> {
    let completions = SHELLS.iter().filter_map(|(_, shell)| shell.completions(environment));
    let all = completions.chain(manual_pages(environment)?);
    let differs = |piece: &Piece| std::fs::read_to_string(&piece.path).is_ok_and(|text| text != piece.text);
    Ok(all.filter(differs).map(|piece| piece.path).collect())
}

/// A base directory of the user.
fn base(variable: &str, usual: &str, environment: &Environment) -> Option<PathBuf> {
    let said = environment.get(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    said.or_else(|| Some(home(environment)?.join(usual)))
}
