//! Completions and manual pages where a user's shell and `man` look for them: what should be there, and what is stale.

use std::io;
use std::path::{Path, PathBuf};

use super::pages;
use super::shell::Shell;
use crate::config::Environment;
use crate::config::paths::home;

/// A file to be, or as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Where.
    pub path: PathBuf,
    /// What.
    pub text: String,
}

/// The shells that have a usual directory of users.
const SHELLS: [Shell; 3] = [Shell::Bash, Shell::Zsh, Shell::Fish];

/// The shell of the user; `None` for one without completions.
pub fn shell(environment: &Environment) -> Option<Shell> {
    let program = Path::new(environment.get("SHELL")?).file_name()?.to_str()?;
    SHELLS.into_iter().find(|shell| shell.name() == program)
}

/// The completions of a shell; `None` without a home directory.
pub fn completions(shell: Shell, environment: &Environment) -> Option<Piece> {
    let data = || base("XDG_DATA_HOME", ".local/share", environment);
    let path = match shell {
        Shell::Bash => data()?.join("bash-completion/completions/llmx"),
        Shell::Zsh => data()?.join("zsh/site-functions/_llmx"),
        Shell::Fish => base("XDG_CONFIG_HOME", ".config", environment)?.join("fish/completions/llmx.fish"),
    };
    Some(Piece { path, text: shell.completions().to_owned() })
}

/// What is left to the user, once the completions are at `path`.
pub fn next_step(shell: Shell, path: &Path) -> Option<String> {
    let folder = path.parent().unwrap_or(path).display();
    match shell {
        Shell::Zsh => Some(format!("put `fpath=({folder} $fpath)` into ~/.zshrc, before `compinit`")),
        Shell::Bash => Some("completions need the package bash-completion, and a new shell".to_owned()),
        Shell::Fish => None,
    }
}

/// The manual pages; none without a home directory.
pub fn manual_pages(environment: &Environment) -> io::Result<Vec<Piece>> {
    let Some(folder) = base("XDG_DATA_HOME", ".local/share", environment) else { return Ok(Vec::new()) };
    let piece = |(name, text): (String, String)| {
        let section = name.rsplit('.').next().unwrap_or_default();
        Piece { path: folder.join(format!("man/man{section}")).join(&name), text }
    };
    Ok(pages::pages()?.into_iter().map(piece).collect())
}

/// Files that were installed by another version; those that are not there are none.
pub fn stale(environment: &Environment) -> io::Result<Vec<PathBuf>> {
    let completions = SHELLS.into_iter().filter_map(|shell| completions(shell, environment));
    let all = completions.chain(manual_pages(environment)?);
    let differs = |piece: &Piece| std::fs::read_to_string(&piece.path).is_ok_and(|text| text != piece.text);
    Ok(all.filter(differs).map(|piece| piece.path).collect())
}

/// A base directory of the user.
fn base(variable: &str, usual: &str, environment: &Environment) -> Option<PathBuf> {
    let said = environment.get(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    said.or_else(|| Some(home(environment)?.join(usual)))
}
