//! The terminal: what it can show.

use super::finding::Finding;
use crate::cli::Context;
use crate::config::Environment;

const AREA: &str = "terminal";

/// Says what answers will look like.
pub fn check(context: &Context, findings: &mut Vec<Finding>) {
    let (ui, environment) = (&context.ui, &context.environment);
    if !ui.stdout_is_terminal && !ui.stderr_is_terminal {
        findings.push(Finding::ok(AREA, "there is none: answers are plain text"));
        return;
    }
    let term = environment.get("TERM");
    let colour = match (ui.color_err || ui.color_out, environment.get("NO_COLOR"), term) {
        (true, ..) => "with colour",
        (false, Some(_), _) => "without colour (NO_COLOR)",
        (false, None, _) => "without colour",
    };
    let name = term.unwrap_or("no name (TERM is not set)");
    findings.push(Finding::ok(AREA, format!("{name}, {} columns, {colour}", ui.width())));
    findings.extend(letters(environment));
}

/// Whether it is told to show letters beyond English.
fn letters(environment: &Environment) -> Option<Finding> {
    let named = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| Some((*name, environment.get(name)?)));
    let is_utf8 = |locale: &str| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    };
    let text = match named {
        Some((_, locale)) if is_utf8(locale) => return None,
        Some((name, locale)) => format!("{name} is {locale}, which has no UTF-8: letters and lines may come out wrong"),
        None => "no locale is set: letters and lines may come out wrong".to_owned(),
    };
    Some(Finding::warning(AREA, text).remedy("export LC_ALL=C.UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_locale_that_is_set_counts() {
        for (variables, is_well) in [
            (&[("LANG", "en_US.UTF-8")][..], true),
            (&[("LANG", "C.utf8")], true),
            (&[("LANG", "en_US.UTF-8"), ("LC_ALL", "C")], false),
            (&[("LANG", "C"), ("LC_CTYPE", "de_DE.UTF-8")], true),
            (&[], false),
        ] {
            let variables = variables.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
            let environment = Environment { variables, working_directory: "/".into() };
            assert_eq!(letters(&environment).is_none(), is_well, "{environment:?}");
        }
    }
}
