//! The catalogue of a command: the stored or the built-in table, with the user's own models and prices over it.

use crate::catalog::Catalog;
use crate::catalog::update::{self, Opened};
use crate::config::layer::schema_words;
use crate::config::{Paths, Problem, Settings, catalogue};
use crate::error::{Error, ErrorKind};
use crate::ui::Ui;

/// The catalogue with the user's own models and prices over it.
pub fn open(settings: &Settings, ui: &Ui) -> Result<Catalog, Error> {
    with_users(stored(&settings.paths, ui), settings)
}

/// A table with the user's own models and prices over it.
pub fn with_users(table: Catalog, settings: &Settings) -> Result<Catalog, Error> {
    let Some(file) = &settings.catalog else { return Ok(table) };
    let path = file.value.display().to_string();
    let cannot = |message: String| Error::new(ErrorKind::Config, format!("{message} (set in {})", file.origin));
    let text = std::fs::read_to_string(&file.value)
        .map_err(|error| cannot(format!("cannot read the catalogue `{path}`: {error}")))?;
    table.with_user_toml(&text).map_err(|error| {
        let (message, help) = schema_words(&error.message);
        let problem = match &error.span {
            Some(span) => Problem::at(&path, &text, span, |_| false, message),
            None => Problem::whole(&path, message),
        };
        let problem = Problem { help, ..problem };
        Error::new(ErrorKind::Config, problem.to_string())
    })
}

/// The same where nobody is told of what is wrong with it: that was done before.
pub fn quietly(settings: &Settings) -> Catalog {
    let stored = || match opened(&settings.paths) {
        Some(Ok(Opened::Catalog(catalog))) => *catalog,
        _ => Catalog::builtin(),
    };
    with_users(stored(), settings).unwrap_or_else(|_| stored())
}

fn opened(paths: &Paths) -> Option<Result<Opened, String>> {
    match catalogue::load(paths) {
        Ok(None) => None,
        Ok(Some(text)) => Some(update::open(text)),
        Err(error) => Some(Err(format!("it cannot be read: {error}"))),
    }
}

/// The table of the last `llmx models update`, where there is one and it holds; else the one that is built in.
pub fn stored(paths: &Paths, ui: &Ui) -> Catalog {
    let Some(opened) = opened(paths) else { return Catalog::builtin() };
    match opened {
        Ok(Opened::Catalog(catalog)) => *catalog,
        Ok(Opened::Outdated) => {
            ui.detail("the catalogue that is built in is newer than the stored one, and is used");
            Catalog::builtin()
        }
        Err(error) => {
            let remedy = "`llmx models update` makes a new one, `llmx models update --reset` removes it";
            ui.warn(&format!("the stored catalogue is not used: {error} ({remedy})"));
            Catalog::builtin()
        }
    }
}
