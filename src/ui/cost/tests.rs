use unicode_width::UnicodeWidthStr;

use super::*;
use crate::cost::report::Row;
use crate::cost::spent::Sums;
use crate::money::Usd;
use crate::ui::compare::Palette;

fn page(width: usize) -> Page {
    Page { width: Some(width), palette: None, is_ascii: false }
}

const PIPE: Page = Page { width: None, palette: None, is_ascii: false };

fn figures(dollars: &str, unknown: u64) -> Figures {
    let cost = Usd::parse(dollars).expect("dollars");
    let sums = Sums { requests: 1_234, failures: 2, unknown, input: 45_678, output: 910, cost, ..Sums::default() };
    sums.into()
}

fn report(rows: &[(Key, &str, u64)]) -> Report {
    let rows: Vec<Row> = rows
        .iter()
        .map(|(key, dollars, unknown)| Row { keys: vec![key.clone()], figures: figures(dollars, *unknown) })
        .collect();
    let mut total = Sums::default();
    for row in &rows {
        total += row.figures.sums;
    }
    Report { rows, total: total.into(), ..Report::default() }
}

fn name(name: &str) -> Key {
    Key::Name(name.to_owned())
}

fn day(day: &str) -> Key {
    Key::Time { since_ms: 0, name: day.to_owned() }
}

fn models() -> Report {
    let long = name("groq/llama-4-maverick-17b-128e-instruct");
    report(&[
        (name("anthropic/claude"), "1.5", 0),
        (long, "0.5", 0),
        (name("local/qwen"), "0", 7),
        (name("a/free"), "0", 0),
    ])
}

#[test]
fn columns_go_from_the_right_on_and_names_and_costs_stay() {
    let heads = |width| table(&models(), &[By::Model], true, &page(width)).lines().next().map(str::to_owned);
    let expected = "model                                         cost   share  requests  failed  no price      in";
    assert_eq!(heads(100).as_deref(), Some(expected));
    assert_eq!(heads(70).as_deref(), Some(expected.split("  failed").next().expect("a part")));
    for width in [1, 20, 40, 60, 100, 200] {
        let drawn = table(&models(), &[By::Model], true, &page(width));
        assert!(width < 24 || drawn.lines().all(|line| line.width() <= width), "{width}\n{drawn}");
        for kept in ["model", "cost", "$1.50", "$0.5000", "unknown", "$0.00", "$2.00 + ?"] {
            assert!(drawn.contains(kept), "{width}: {kept}\n{drawn}");
        }
        let letters: String = drawn.lines().filter_map(|line| line.split_whitespace().next()).collect();
        assert!(width < 40 || letters.contains("groq/llama-4-maverick-17b-128e-instruct"), "{width}\n{drawn}");
    }
}

#[test]
fn off_a_terminal_nothing_is_left_out_and_nothing_is_drawn() {
    let drawn = table(&models(), &[By::Model], true, &PIPE);
    assert_eq!(
        drawn,
        "model                                         cost   share  requests  failed  no price      in    out\n\
         anthropic/claude                             $1.50   75.0%     1,234       2             45.7k    910\n\
         groq/llama-4-maverick-17b-128e-instruct    $0.5000   25.0%     1,234       2             45.7k    910\n\
         local/qwen                                 unknown             1,234       2         7   45.7k    910\n\
         a/free                                       $0.00    0.0%     1,234       2             45.7k    910\n\
         total                                    $2.00 + ?  100.0%     4,936       8         7  182.7k  3,640\n"
    );
}

#[test]
fn days_have_bars_on_a_terminal() {
    let report = report(&[(day("2026-11-01"), "2", 0), (day("2026-11-02"), "1", 0), (day("2026-11-03"), "0", 0)]);
    let drawn = table(&report, &[By::Day], true, &page(40));
    let expected = "\
day          cost   share\n\
──────────  ─────  ──────  ─────────────\n\
2026-11-01  $2.00   66.7%  █████████████\n\
2026-11-02  $1.00   33.3%  ██████▌\n\
2026-11-03  $0.00    0.0%\n\
total       $3.00  100.0%\n";
    assert_eq!(drawn, expected);
    let ascii = table(&report, &[By::Day], true, &Page { is_ascii: true, ..page(40) });
    assert!(ascii.contains("2026-11-01  $2.00   66.7%  #############\n") && ascii.is_ascii(), "{ascii}");
    for none in [table(&report, &[By::Day], false, &page(40)), table(&report, &[By::Day], true, &PIPE)] {
        assert!(!none.contains('█'), "{none}");
    }
    let narrow = table(&report, &[By::Day], true, &page(20));
    assert!(narrow.contains("2026-11-01  $2.00\n"), "{narrow}");
}

#[test]
fn colour_is_only_where_it_is_wanted_and_names_bring_none() {
    let report = report(&[(name("team=\x1b[31mred\nblue"), "2", 1)]);
    for page in [page(60), PIPE] {
        let drawn = table(&report, &[By::Tags], true, &page);
        assert!(!drawn.contains('\x1b') && drawn.contains("team=^[[31mred blue"), "{drawn:?}");
    }
    let coloured = Page { palette: Some(Palette::Sixteen), ..page(60) };
    assert!(table(&report, &[By::Tags], true, &coloured).starts_with("\x1b[1mtag"));
    let unknown = Report { unknown_models: vec!["a/\x07b".to_owned()], ..report };
    assert!(remarks(&unknown, &coloured).contains("a/^Gb"));
}

#[test]
fn who_has_no_name_is_a_row() {
    for (by, expected) in [(By::Tags, "(untagged)"), (By::Project, "(no project)"), (By::Route, "(no route)")] {
        let drawn = table(&report(&[(Key::None, "1", 0)]), &[by], true, &PIPE);
        assert_eq!(drawn.lines().nth(1).and_then(|line| line.split("  ").next()), Some(expected));
    }
}

#[test]
fn what_is_not_in_the_sums_is_said_first() {
    let said = |sums: Sums, models: &[&str]| {
        let unknown_models = models.iter().map(|name| (*name).to_owned()).collect();
        remarks(&Report { total: sums.into(), unknown_models, ..Report::default() }, &PIPE)
    };
    let usd = |text| Usd::parse(text).expect("dollars");
    assert_eq!(said(Sums::default(), &[]), "");
    assert_eq!(
        said(Sums { failures: 2, uncounted: 2, ..Sums::default() }, &[]),
        "2 requests failed and cost nothing\n"
    );
    let sums =
        Sums { unknown: 3, failures: 1, uncounted: 2, failed_cost: usd("0.02"), saved: usd("1.5"), ..Sums::default() };
    assert_eq!(
        said(sums, &["a/b", "c/d"]),
        "3 requests of unknown price are not in these sums: a/b, c/d\n\
         1 request failed and cost $0.0200\n\
         caches saved $1.50\n\
         2 requests of unknown length are not in the counts of tokens\n"
    );
    let sums = Sums { unknown: 1, failures: 1_000, saved: usd("-0.5"), ..Sums::default() };
    assert_eq!(
        said(sums, &["1", "2", "3", "4", "5", "6", "7"]),
        "1 request of unknown price is not in these sums: 1, 2, 3, 4, 5, and 2 more\n\
         1,000 requests failed and cost nothing that is known\n\
         writing to caches cost $0.5000 more than reading from them saved\n"
    );
}

#[test]
fn an_overview_begins_with_the_first_day_on_which_something_was_spent() {
    let timeline = report(&[(day("2026-11-02"), "2", 0), (day("2026-11-04"), "1", 0)]);
    let periods = ["2026-11-01", "2026-11-02", "2026-11-03", "2026-11-04", "2026-11-05"].map(day).to_vec();
    let models = models();
    let overview = Overview {
        present: vec![("today", figures("0", 0)), ("this week", figures("3", 0))],
        by: By::Day,
        periods,
        timeline: &timeline,
        models: &models,
        has_chart: true,
    };
    let drawn = overview.drawn(&page(60));
    assert!(!drawn.contains("2026-11-01") && drawn.contains("2026-11-03  $0.00"), "{drawn}");
    let place = |text| drawn.find(text).unwrap_or_else(|| panic!("{text}\n{drawn}"));
    assert!(place("this week") < place("2026-11-02") && place("2026-11-05") < place("anthropic/claude"));
    assert!(drawn.lines().all(|line| line.width() <= 60), "{drawn}");
}

#[test]
fn ten_thousand_rows_are_laid_out_at_once() {
    let keys: Vec<Key> = (0..10_000).map(|row| name(&format!("model-{row}"))).collect();
    let rows: Vec<(Key, &str, u64)> = keys.into_iter().map(|key| (key, "1.5", 0)).collect();
    let report = report(&rows);
    for page in [page(100), PIPE] {
        let begun = std::time::Instant::now();
        assert!(table(&report, &[By::Model], true, &page).lines().count() > 10_000);
        // Measuring a column for each row of it takes minutes.
        assert!(begun.elapsed() < std::time::Duration::from_secs(10), "{:?}", begun.elapsed());
    }
}
