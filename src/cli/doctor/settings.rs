//! The configuration: all that is wrong in it, where it is, and who may read it. What holds of it is used for the rest.

use std::path::Path;

use super::finding::Finding;
use crate::catalog::Catalog;
use crate::cli::config::warning::{Wants, Warning, warnings};
use crate::cli::{Context, catalogue};
use crate::config::layer::shell_word;
use crate::config::problem::{Problem, sanitised};
use crate::config::settings::open_to_others;
use crate::config::{Paths, Settings};
use crate::error::ErrorKind;
use crate::route::Origin;
use crate::ui::counted;

const AREA: &str = "config";
const EDIT: &str = "llmx config edit";

/// The settings as far as they hold.
pub struct Read {
    /// What holds.
    pub settings: Settings,
    /// The catalogue.
    pub catalog: Catalog,
    /// Nothing is wrong with the files, so nothing of them is left out.
    pub is_whole: bool,
}

/// Reads the settings, and says what is wrong with them.
pub fn check(context: &Context, findings: &mut Vec<Finding>) -> Read {
    let (settings, problems) = Settings::load_what_holds(&context.environment);
    findings.extend(problems.iter().map(told));
    let table = catalogue::stored(&settings.paths, &context.ui);
    let catalog = catalogue::with_users(table, &settings).unwrap_or_else(|error| {
        findings.push(Finding::trouble(AREA, ErrorKind::Config, first_line(&error.message)).remedy(EDIT));
        Catalog::builtin()
    });
    let is_whole = problems.is_empty();
    if is_whole {
        findings.extend(files(&settings.paths, &settings));
        findings.extend(names(&settings, &catalog, context));
    } else {
        let text = "the models that it names cannot be looked at while it is broken";
        findings.push(Finding::skipped(AREA, text));
    }
    Read { settings, catalog, is_whole }
}

/// A problem in one line, with what to type.
fn told(problem: &Problem) -> Finding {
    let place = problem.place.as_ref().map_or(String::new(), |place| format!(":{}:{}", place.line, place.column));
    let help = problem.help.as_deref().map(sanitised).unwrap_or_default();
    let command = help.strip_prefix("run `").and_then(|rest| rest.strip_suffix('`'));
    let words = if help.is_empty() || command.is_some() { String::new() } else { format!("; {help}") };
    let text = format!("{}{place}: {}{words}", problem.path, sanitised(&problem.message));
    Finding::trouble(AREA, ErrorKind::Config, text).remedy(command.unwrap_or(EDIT))
}

/// Which files there are.
fn files(paths: &Paths, settings: &Settings) -> Vec<Finding> {
    let Some(path) = &paths.config else {
        let text = format!("no configuration is read and nothing is kept: {}", paths.no_home());
        return vec![Finding::warning(AREA, text).remedy("export HOME=/home/you   (or LLMX_CONFIG and LLMX_DATA_DIR)")];
    };
    let mut findings = vec![if path.exists() {
        let own = settings.origins.keys().filter(|key| key.starts_with("providers.") && key.matches('.').count() == 1);
        let providers = counted(own.count(), "provider");
        let (routes, aliases) = (counted(settings.routes.len(), "route"), counted(settings.aliases.len(), "alias"));
        Finding::ok(AREA, format!("{} is sound: {providers}, {routes}, {aliases}", path.display()))
    } else {
        Finding::ok(AREA, format!("{} is not there; what is built in and in the environment counts", path.display()))
            .remedy("llmx init")
    }];
    findings.extend(open(path));
    if paths.project.is_file() {
        findings.push(Finding::ok(AREA, format!("{} lies over it", paths.project.display())));
    }
    findings
}

/// A file that holds a key and others can read is a problem already; without one it is a matter of taste.
fn open(path: &Path) -> Option<Finding> {
    path.metadata().ok().filter(open_to_others)?;
    let text = format!("others can read {}; it must be closed before a key goes into it", path.display());
    Some(Finding::ok(AREA, text).remedy(format!("chmod 600 {}", shell_word(&path.display().to_string()))))
}

/// What is no error but will not work as hoped.
fn names(settings: &Settings, catalog: &Catalog, context: &Context) -> Vec<Finding> {
    let lookup = |provider: &str, id: &str| catalog.find(provider, id);
    let suggest = |provider: &str, id: &str| catalog.suggest(provider, id);
    match warnings(settings, &context.environment, &lookup, &suggest) {
        Ok(warnings) => {
            let mut is_explained = false;
            let told = |warning: Warning| {
                let edit = edit(&warning.origins, settings);
                let remedy = match &warning.wants {
                    Wants::Key => "llmx init".to_owned(),
                    Wants::Model(_) if is_explained => format!("{edit}, or an entry for it as above"),
                    Wants::Model(model) => {
                        is_explained = true;
                        format!("{edit}\n{}", own_entry(model, settings))
                    }
                    Wants::Change => edit,
                };
                Finding::warning(AREA, sanitised(&warning.to_string())).remedy(remedy)
            };
            warnings.into_iter().map(told).collect()
        }
        Err(unknown) => {
            let hint = unknown.hints.first().map_or(String::new(), |hint| format!("; {}", sanitised(hint)));
            vec![
                Finding::trouble(AREA, ErrorKind::Config, format!("{}{hint}", sanitised(&unknown.message)))
                    .remedy(EDIT),
            ]
        }
    }
}

/// How a model is described that the catalogue does not know.
fn own_entry(model: &str, settings: &Settings) -> String {
    const FILE: &str = "models.toml";
    let beside = |config: &Path| config.with_file_name(FILE);
    let new = || settings.paths.config.as_deref().map_or_else(|| FILE.into(), beside);
    let (path, last) = match &settings.catalog {
        Some(file) => (file.value.clone(), String::new()),
        None => (new(), format!("\nand then: llmx config set catalog {FILE}")),
    };
    let key = toml::Value::from(model);
    format!(
        "or, if the name is right, write its window in tokens and its prices in USD per million tokens into {}:\n\
         [models.{key}]\ncontext = 128_000\nprice = {{ input = 0.2, output = 1.2 }}{last}",
        path.display()
    )
}

/// How what stands there is changed.
fn edit(origins: &[Origin], settings: &Settings) -> String {
    let own = settings.paths.config.as_ref().map(|path| path.display().to_string());
    match origins.first() {
        Some(Origin::File { path, line }) if own.as_ref() == Some(path) => format!("{EDIT}   (line {line})"),
        Some(Origin::File { path, line }) => format!("$EDITOR {}   (line {line})", shell_word(path)),
        Some(Origin::Env(name)) => format!("unset {name}"),
        _ => EDIT.to_owned(),
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}
