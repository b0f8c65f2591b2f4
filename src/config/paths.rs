//! Where files lie: the user's configuration, the project's, and the data directory.

use std::path::{Path, PathBuf};

use super::problem::sanitised;
use super::{Environment, variables};

/// The places of this user and this working directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paths {
    /// The user's `config.toml`, whether it exists or not; `None` without a home directory.
    pub config: Option<PathBuf>,
    /// The configuration's path was chosen by `LLMX_CONFIG`, so it should exist.
    pub config_chosen: bool,
    /// The project's `.llmx.toml`, whether it exists or not.
    pub project: PathBuf,
    /// The data directory; `None` without a home directory.
    pub data: Option<PathBuf>,
    /// There is no home directory, and why, in words; `None` when there is one.
    pub no_home: Option<String>,
}

impl Paths {
    /// The places that follow from the environment. `XDG_CONFIG_HOME` and `XDG_DATA_HOME` count on every system when they
    /// are absolute, as their specification demands.
    pub fn new(environment: &Environment) -> Self {
        let home = home(environment);
        let chosen = environment.get(variables::CONFIG).map(|path| expand(path, environment));
        let data = environment.get(variables::DATA_DIR).map(|path| expand(path, environment));
        let under = |variable, usual: fn(&Path) -> PathBuf| {
            let xdg = environment.get(variable).map(PathBuf::from).filter(|path| path.is_absolute());
            xdg.map(|path| path.join("llmx")).or_else(|| home.as_deref().map(usual))
        };
        Self {
            config_chosen: chosen.is_some(),
            config: chosen.or_else(|| under("XDG_CONFIG_HOME", usual_config).map(|path| path.join("config.toml"))),
            project: environment.working_directory.join(".llmx.toml"),
            data: data.or_else(|| under("XDG_DATA_HOME", usual_data)),
            no_home: home.is_none().then(|| no_home(environment)),
        }
    }

    /// There is no home directory, and why, in words.
    pub fn no_home(&self) -> &str {
        self.no_home.as_deref().unwrap_or("there is no home directory")
    }
}

/// The variables that name the home directory, the one that counts first.
const HOME: [&str; 2] = ["HOME", "USERPROFILE"];

/// The home directory, when there is one.
pub fn home(environment: &Environment) -> Option<PathBuf> {
    let home = PathBuf::from(HOME.iter().find_map(|name| environment.get(name))?);
    (home.is_absolute() && home.is_dir()).then_some(home)
}

fn no_home(environment: &Environment) -> String {
    let said = HOME.iter().find_map(|name| Some((name, environment.get(name)?)));
    let why = match said {
        None => "HOME is not set".to_owned(),
        Some((name, path)) if !Path::new(path).is_absolute() => {
            format!("{name} is `{}`, which is not an absolute path", sanitised(path))
        }
        Some((name, path)) => format!("{name} is `{}`, which is no directory", sanitised(path)),
    };
    format!("there is no home directory: {why}")
}

/// Replaces a leading `~/` by the home directory; a relative path is taken from the working directory.
pub fn expand(path: &str, environment: &Environment) -> PathBuf {
    match path.strip_prefix("~/").zip(home(environment)) {
        Some((rest, home)) => home.join(rest),
        None => environment.working_directory.join(path),
    }
}

/// A path that stands in the user's configuration: a relative one is taken from that file's directory.
pub fn expand_configured(path: &str, environment: &Environment) -> PathBuf {
    let config = Paths::new(environment).config;
    match config.as_deref().and_then(Path::parent) {
        Some(folder) if !path.starts_with("~/") => folder.join(path),
        _ => expand(path, environment),
    }
}

/// On macOS and Windows the system's own place; there `directories` asks the process, not the given environment.
#[cfg(any(target_os = "macos", windows))]
fn system() -> Option<directories::ProjectDirs> {
    directories::ProjectDirs::from("", "", "llmx")
}

#[cfg(any(target_os = "macos", windows))]
fn usual_config(home: &Path) -> PathBuf {
    system().map_or_else(|| home.join(".config/llmx"), |system| system.config_dir().to_owned())
}

#[cfg(any(target_os = "macos", windows))]
fn usual_data(home: &Path) -> PathBuf {
    system().map_or_else(|| home.join(".local/share/llmx"), |system| system.data_dir().to_owned())
}

#[cfg(not(any(target_os = "macos", windows)))]
fn usual_config(home: &Path) -> PathBuf {
    home.join(".config/llmx")
}

#[cfg(not(any(target_os = "macos", windows)))]
fn usual_data(home: &Path) -> PathBuf {
    home.join(".local/share/llmx")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(home: &Path, variables: &[(&str, &str)]) -> Paths {
        let mut all = vec![("HOME", home.to_str().expect("Unicode"))];
        all.extend_from_slice(variables);
        let variables = all.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
        Paths::new(&Environment { variables, working_directory: "/project".into() })
    }

    #[test]
    fn variables_move_the_files() {
        let home = tempfile::tempdir().expect("a directory");
        let given = paths(home.path(), &[("XDG_CONFIG_HOME", "/x"), ("XDG_DATA_HOME", "/y")]);
        assert_eq!(given.config, Some("/x/llmx/config.toml".into()));
        assert_eq!(given.data, Some("/y/llmx".into()));
        assert_eq!(given.project, PathBuf::from("/project/.llmx.toml"));
        let given =
            paths(home.path(), &[("XDG_CONFIG_HOME", "/x"), ("LLMX_CONFIG", "c.toml"), ("LLMX_DATA_DIR", "~/d")]);
        assert_eq!((given.config, given.config_chosen), (Some("/project/c.toml".into()), true));
        assert_eq!(given.data, Some(home.path().join("d")));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_relative_xdg_directory_is_ignored() {
        let home = tempfile::tempdir().expect("a directory");
        let given = paths(home.path(), &[("XDG_CONFIG_HOME", "x")]);
        assert_eq!(given.config, Some(home.path().join(".config/llmx/config.toml")));
        assert_eq!(given.data, Some(home.path().join(".local/share/llmx")));
    }

    #[test]
    fn without_a_home_directory_there_are_no_paths() {
        for (home, why) in [
            ("", "HOME is not set"),
            ("/dev/null", "HOME is `/dev/null`, which is no directory"),
            ("/nonexistent/home", "HOME is `/nonexistent/home`, which is no directory"),
            ("relative", "HOME is `relative`, which is not an absolute path"),
        ] {
            let given = paths(Path::new(home), &[]);
            assert_eq!((&given.config, &given.data), (&None, &None), "{home}");
            assert_eq!(given.no_home(), format!("there is no home directory: {why}"));
        }
        assert_eq!(paths(Path::new("/"), &[]).no_home, None);
    }
}
