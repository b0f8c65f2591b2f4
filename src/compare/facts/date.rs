//! Dates in a text.

use std::sync::LazyLock;

use jiff::civil::Date;
use regex::{Captures, Regex};

use super::{Fact, blank, quoted, word_before};

/// The names of the months, January first, by language: English, German, French, Spanish, Italian, Portuguese, Dutch, Russian.
/// As they are written: a `may` in lower case is no month in English.
const MONTHS: [&str; 12] = [
    "January|Jan|Januar|Jänner|janvier|enero|gennaio|janeiro|januari|января|январь",
    "February|Feb|Februar|février|febrero|febbraio|fevereiro|februari|февраля|февраль",
    "March|Mar|März|mars|marzo|março|maart|марта|март",
    "April|Apr|avril|abril|aprile|april|апреля|апрель",
    "May|Mai|mai|mayo|maggio|maio|mei|мая|май",
    "June|Jun|Juni|juin|junio|giugno|junho|juni|июня|июнь",
    "July|Jul|Juli|juillet|julio|luglio|julho|juli|июля|июль",
    "August|Aug|août|agosto|augustus|августа|август",
    "September|Sept|Sep|septembre|septiembre|settembre|setembro|september|сентября|сентябрь",
    "October|Oct|Oktober|octobre|octubre|ottobre|outubro|oktober|октября|октябрь",
    "November|Nov|novembre|noviembre|novembro|november|ноября|ноябрь",
    "December|Dec|Dezember|décembre|diciembre|dicembre|dezembro|december|декабря|декабрь",
];

/// The ways to write a date, the most telling first. Groups: year `y`, month as a number `m` or by name `n`, day `d`; `a` and `b` where it
/// is open which of them is the day; the time `t`.
static FORMS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let name = format!("(?P<n>{})", MONTHS.join("|"));
    let day = r"(?P<d>[0-9]{1,2})(?:st|nd|rd|th|er|º|ª|\.)?";
    let year = "(?P<y>[0-9]{4})";
    let time = r"(?:[T ](?P<t>[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?))?";
    let forms = [
        format!(r"(?-u:\b){year}[-/](?P<m>[0-9]{{1,2}})[-/](?P<d>[0-9]{{1,2}}){time}(?-u:\b)"),
        format!(r"(?-u:\b){year} ?[年년] ?(?P<m>[0-9]{{1,2}}) ?[月월](?: ?(?P<d>[0-9]{{1,2}}) ?[日일])?"),
        format!(r"(?-u:\b){day}\s+(?:of\s+|de\s+)?{name}(?:\.?,?\s+(?:de\s+|del\s+)?{year}\b|\b)"),
        format!(r"\b{name}\.?\s+(?:the\s+)?{day}(?:,?\s+{year}\b|\b)"),
        format!(r"\b{name}\.?,?\s+(?:de\s+|of\s+)?{year}\b"),
        format!(r"(?-u:\b)(?P<a>[0-9]{{1,2}})/(?P<b>[0-9]{{1,2}})/{year}(?-u:\b)"),
        format!(r"(?-u:\b)(?P<d>[0-9]{{1,2}})\.\s?(?P<m>[0-9]{{1,2}})\.\s?{year}(?-u:\b)"),
    ];
    forms.iter().filter_map(|form| Regex::new(form).ok()).collect()
});

/// The dates of a text in their order, which are taken out of it. What is no day of the calendar is no date.
pub fn take(text: &mut String) -> Vec<Fact> {
    let mut facts = Vec::new();
    for form in FORMS.iter() {
        let mut ranges = Vec::new();
        for captures in form.captures_iter(text) {
            let Some((value, found)) = value(&captures).zip(captures.get(0)) else { continue };
            if goes_on(text, found.end()) {
                continue;
            }
            let before = word_before(text, found.start());
            facts.push((found.start(), Fact { value, unit: None, text: quoted(found.as_str()), before }));
            ranges.push(found.range());
        }
        blank(text, &ranges);
    }
    facts.sort_by_key(|(place, _)| *place);
    facts.into_iter().map(|(_, fact)| fact).collect()
}

/// Whether more digits follow after a point: that is a version or an address.
fn goes_on(text: &str, end: usize) -> bool {
    text[end..].strip_prefix('.').is_some_and(|rest| rest.starts_with(|char: char| char.is_ascii_digit()))
}

fn value(captures: &Captures<'_>) -> Option<String> {
    let number = |name: &str| captures.name(name).and_then(|found| found.as_str().parse::<i16>().ok());
    let part = |name: &str| number(name).and_then(|number| i8::try_from(number).ok());
    let year = number("y");
    if let (Some(first), Some(second), Some(year)) = (part("a"), part("b"), year) {
        return match (Date::new(year, second, first), Date::new(year, first, second)) {
            // Either may be the day, and the text does not tell.
            (Ok(one), Ok(other)) if one != other => Some(format!("{first:02}/{second:02}/{year:04}")),
            (one, other) => one.or(other).ok().map(|date| date.to_string()),
        };
    }
    let month = part("m").or_else(|| captures.name("n").and_then(|name| month(name.as_str())));
    let (month, day) = (month?, part("d"));
    // The 29th of February is a day of some year.
    let date = Date::new(year.unwrap_or(2000), month, day.unwrap_or(1)).ok()?;
    let time = captures.name("t").map(|time| format!("T{}", time.as_str())).unwrap_or_default();
    Some(match (year, day) {
        (Some(_), Some(_)) => format!("{date}{time}"),
        (Some(year), None) => format!("{year:04}-{month:02}"),
        (None, _) => format!("--{month:02}-{:02}", date.day()),
    })
}

fn month(name: &str) -> Option<i8> {
    let place = MONTHS.iter().position(|names| names.split('|').any(|other| other == name))?;
    i8::try_from(place + 1).ok()
}
