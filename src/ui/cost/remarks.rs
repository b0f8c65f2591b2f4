//! What is said above and below the tables.

use super::figures::money;
use crate::cost::report::Report;
use crate::ui::compare::Page;
use crate::ui::compare::page::Ink;
use crate::ui::compare::text;
use crate::ui::counted;
use crate::ui::sanitize::clean_line;

/// The most models that are named.
const MOST_NAMES: usize = 5;

/// What the tables are about, in as many lines as it takes; each ended.
pub fn heading(words: &[String], page: &Page) -> String {
    let words: Vec<String> = words.iter().map(|word| clean_line(word)).collect();
    ended(&text::flow(&words, page.dot(), Ink::Frame, page.columns(), page))
}

/// What must be known beside the figures, each line ended: first of all what is not in them.
pub fn remarks(report: &Report, page: &Page) -> String {
    let sums = &report.total.sums;
    let said = |ink, words: Option<String>| words.map(|words| ended(&text::wrap(&words, ink, page.columns(), page)));
    let failures = (sums.failures > 0).then(|| match sums.failed_cost.pico() {
        0 if sums.unknown == 0 => format!("{} failed and cost nothing", requests(sums.failures)),
        0 => format!("{} failed and cost nothing that is known", requests(sums.failures)),
        _ => format!("{} failed and cost {}", requests(sums.failures), money(sums.failed_cost)),
    });
    let saved = sums.saved.pico();
    let caches = (saved != 0).then(|| match saved {
        1.. => format!("caches saved {}", money(sums.saved)),
        _ => format!(
            "writing to caches cost {} more than reading from them saved",
            money(sums.saved).trim_start_matches('-')
        ),
    });
    // What was rejected has no tokens that could be missed.
    let uncounted = (sums.uncounted > sums.failures).then(|| {
        let are = if sums.uncounted == 1 { "is" } else { "are" };
        format!("{} of unknown length {are} not in the counts of tokens", requests(sums.uncounted))
    });
    [
        said(Ink::Warning, unknown(report)),
        said(Ink::Plain, failures),
        said(Ink::Plain, caches),
        said(Ink::Frame, uncounted),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What is not in the sums because its price is unknown.
fn unknown(report: &Report) -> Option<String> {
    let number = report.total.sums.unknown;
    let are = if number == 1 { "is" } else { "are" };
    let (first, rest) = report.unknown_models.split_at(report.unknown_models.len().min(MOST_NAMES));
    let more = (!rest.is_empty()).then(|| format!("and {} more", rest.len()));
    let names: Vec<String> = first.iter().map(|name| clean_line(name)).chain(more).collect();
    let names = if names.is_empty() { String::new() } else { format!(": {}", names.join(", ")) };
    (number > 0).then(|| format!("{} of unknown price {are} not in these sums{names}", requests(number)))
}

fn requests(number: u64) -> String {
    counted(number, "request")
}

fn ended(lines: &[text::Line]) -> String {
    lines.iter().flat_map(|line| [line.text.trim_end_matches(' '), "\n"]).collect()
}
