//! What was found, in its area, and which of it decides how the command ends.

use serde_json::{Value, json};

use crate::error::{Error, ErrorKind};
use crate::ui::checklist::{Mark, Point};

/// The areas, in the order in which they are shown.
pub const AREAS: &[&str] =
    &["config", "keys", "endpoints", "proxy", "certificates", "clock", "terminal", "ledger", "installation"];

/// The kinds of trouble, the gravest first.
const GRAVITY: &[ErrorKind] = &[ErrorKind::Config, ErrorKind::Auth, ErrorKind::Provider, ErrorKind::Other];

/// One thing that was looked at.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What it is about, one of [`AREAS`].
    pub area: &'static str,
    /// Which kind of trouble it is, when it is one.
    pub kind: ErrorKind,
    /// How it is, and what to do.
    pub point: Point,
}

impl Finding {
    /// All is well.
    pub fn ok(area: &'static str, text: impl Into<String>) -> Self {
        Self { area, kind: ErrorKind::Other, point: Point::new(Mark::Ok, text) }
    }

    /// It could be better.
    pub fn warning(area: &'static str, text: impl Into<String>) -> Self {
        Self { area, kind: ErrorKind::Other, point: Point::new(Mark::Warning, text) }
    }

    /// It does not work.
    pub fn trouble(area: &'static str, kind: ErrorKind, text: impl Into<String>) -> Self {
        Self { area, kind, point: Point::new(Mark::Trouble, text) }
    }

    /// It cannot be looked at, and why.
    pub fn skipped(area: &'static str, text: impl Into<String>) -> Self {
        Self { area, kind: ErrorKind::Other, point: Point::new(Mark::Skipped, text) }
    }

    /// Adds what to do.
    #[must_use]
    pub fn remedy(self, remedy: impl Into<String>) -> Self {
        Self { point: self.point.remedy(remedy), ..self }
    }

    /// For `--json`.
    pub fn json(&self) -> Value {
        let Point { mark, text, remedy } = &self.point;
        json!({ "area": self.area, "state": mark.word(), "message": text, "remedy": remedy })
    }
}

/// The error of the gravest trouble; `None` when there is none.
pub fn gravest(findings: &[Finding]) -> Option<Error> {
    let troubles: Vec<&Finding> = findings.iter().filter(|found| found.point.mark == Mark::Trouble).collect();
    let place = |kind: ErrorKind| GRAVITY.iter().position(|known| *known == kind).unwrap_or(GRAVITY.len());
    let gravest = troubles.iter().min_by_key(|found| place(found.kind))?;
    let count = if troubles.len() == 1 { "1 thing is".to_owned() } else { format!("{} things are", troubles.len()) };
    Some(Error::new(gravest.kind, format!("{count} in trouble")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gravest_trouble_decides_and_warnings_never_do() {
        let of = |kind| Finding::trouble("keys", kind, "x");
        let code = |findings: &[Finding]| gravest(findings).map_or(0, |error| error.exit_code());
        assert_eq!(code(&[Finding::ok("clock", "x"), Finding::warning("keys", "x")]), 0);
        assert_eq!(code(&[of(ErrorKind::Other)]), 1);
        assert_eq!(code(&[of(ErrorKind::Other), of(ErrorKind::Provider)]), 6);
        assert_eq!(code(&[of(ErrorKind::Provider), of(ErrorKind::Auth)]), 4);
        assert_eq!(code(&[of(ErrorKind::Auth), of(ErrorKind::Config)]), 3);
    }
}
