//! Another table of prices than the one in use: a file of the forms that `llmx models update` takes, or the built-in one.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::catalog::Catalog;
use crate::catalog::update::{LONGEST, Origin, catalogue_of};
use crate::cli::Context;
use crate::config::paths::expand;
use crate::error::{Error, ErrorKind};

/// The name of the table that llmx brings along.
pub(super) const BUILT_IN: &str = "built-in";

/// The catalogue of a file, or the built-in one; `argument` is where it was named.
pub(super) fn open(from: &str, argument: &str, context: &Context) -> Result<Catalog, Error> {
    if [BUILT_IN, "builtin"].contains(&from) {
        return Ok(Catalog::builtin());
    }
    let wrong = |message: String| Error::new(ErrorKind::Usage, format!("{argument}: {message}"));
    let forms = format!(
        "name `{BUILT_IN}`, or a file such as `llmx models update` takes: llmx's own form, litellm's or models.dev's"
    );
    let mut text = String::new();
    let path = expand(from, &context.environment);
    let read = File::open(&path).and_then(|file| file.take(LONGEST as u64 + 1).read_to_string(&mut text));
    read.map_err(|error| wrong(format!("cannot read `{from}`")).caused_by(error).hint(forms.clone()))?;
    let name = Path::new(from).file_name().map_or_else(|| from.to_owned(), |name| name.to_string_lossy().into_owned());
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date().to_string();
    let origin = Origin { name: &name, today: &today };
    catalogue_of(&text, &origin).map_err(|refused| wrong(format!("`{from}`: {refused}")).hint(forms))
}
