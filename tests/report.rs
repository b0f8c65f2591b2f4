//! The HTML report in a real browser, from disk, without a network.

#[path = "report/sample.rs"]
mod sample;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use llmx::compare::report::{ReportHead, ReportRow, html};
use serde_json::json;

use super::support::browser::{Page, browse};

/// How many rows the report of most tests has.
const ROWS: usize = 300;

/// What the page says of itself once it has nothing left to do.
const READY: &str = "document.querySelector('main').getAttribute('aria-busy') === 'false'";

/// A report on disk, for as long as the test runs.
struct Report {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

fn report(head: &ReportHead, rows: impl Iterator<Item = std::io::Result<ReportRow>>) -> Report {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("report.html");
    let mut file = BufWriter::new(File::create(&path).expect("a file"));
    html(head, rows, &mut file).expect("the report is written");
    file.flush().expect("all of it");
    Report { _folder: folder, path }
}

/// The usual report, opened and drawn.
async fn opened(page: &Page, count: usize) -> Report {
    let report = report(&sample::head(3), sample::rows(count, 3));
    page.open(&report.path).await;
    page.until(READY).await;
    report
}

/// That the page asked for nothing but itself, and that the browser had nothing to say of it.
async fn kept_quiet(page: &Page, report: &Report) {
    assert_eq!(page.complaints().await, [""; 0]);
    assert_eq!(page.requests().await, [format!("file://{}", report.path.display())]);
}

#[test]
fn the_browser_tells_of_requests_and_errors() {
    browse(|page| async move {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("page.html");
        std::fs::write(&path, "<img src=http://evil.example/x.png><script>console.error('oh'); throw 1</script>")
            .expect("a page");
        page.open(&path).await;
        assert!(page.complaints().await.len() >= 2);
        assert!(page.requests().await.contains(&"http://evil.example/x.png".to_owned()));
    });
}

#[test]
fn the_report_opens_without_an_error_and_without_a_request() {
    browse(|page| async move {
        let report = opened(&page, ROWS).await;
        assert_eq!(page.value("document.querySelectorAll('#summary tbody tr').length").await, 3);
        assert_eq!(page.value("document.querySelectorAll('#scatter-plot .dot').length").await, 3);
        assert_eq!(page.value("document.querySelectorAll('#spread-plot .box').length").await, 3);
        assert_eq!(page.value("document.querySelectorAll('#heat-table .heat').length").await, 6);
        assert_eq!(page.value("document.querySelectorAll('#pairs tr').length").await, 2);
        assert_eq!(page.value("document.getElementById('count').textContent").await, ROWS.to_string());
        assert_eq!(page.value("document.getElementById('command').textContent").await, sample::head(3).command);
        kept_quiet(&page, &report).await;
    });
}

#[test]
fn a_click_or_a_key_sorts_the_models() {
    browse(|page| async move {
        let _report = opened(&page, 20).await;
        let order = "[...document.querySelectorAll('#summary tbody tr')].map((line) => Number(line.dataset.model))";
        let stated = "document.getElementById('sort-total').parentNode.getAttribute('aria-sort')";
        assert_eq!(page.value(order).await, json!([0, 1, 2]));
        assert_eq!(page.value(stated).await, "none");
        page.click("#sort-total").await;
        assert_eq!(page.value(order).await, json!([1, 2, 0]));
        assert_eq!(page.value(stated).await, "ascending");
        page.keys("#sort-total", "\u{e007}").await;
        assert_eq!(page.value(order).await, json!([0, 2, 1]));
        assert_eq!(page.value(stated).await, "descending");
        page.click("#sort-passed").await;
        assert_eq!(page.value(order).await, json!([0, 1, 2]), "the highest rate comes first");
        assert_eq!(page.value(stated).await, "none");
    });
}

/// How many rows of the sample hold for `which`.
fn count(which: impl Fn(&ReportRow) -> bool) -> String {
    sample::rows(ROWS, 3).filter(|row| which(row.as_ref().expect("a row"))).count().to_string()
}

#[test]
fn every_filter_shows_its_rows_alone() {
    browse(|page| async move {
        let report = opened(&page, ROWS).await;
        let shown = "document.getElementById('count').textContent.split(' ')[0]";
        let regressed = count(|row| row.answers.iter().any(|answer| answer.regressed));
        let failed = count(|row| {
            let fine = |verdict: &llmx::compare::check::Verdict| verdict.passed();
            row.answers
                .iter()
                .any(|answer| answer.state != llmx::compare::State::Whole || !answer.verdicts.iter().all(fine))
        });
        for (button, expected) in [("#only-regressed", regressed), ("#only-failed", failed)] {
            page.click(button).await;
            assert_eq!(page.value(shown).await, expected, "{button}");
            let number = format!("document.querySelector('{button} b').textContent");
            assert_eq!(page.value(&number).await, expected, "{button} tells how many");
            page.click(button).await;
            assert_eq!(page.value(shown).await, ROWS.to_string());
        }
        // With no limit of likeness, only facts and checks can disagree; with the highest, words do too.
        page.click("#only-disagree").await;
        page.set("#threshold", "0").await;
        let few = page.value(&format!("Number({shown})")).await.as_u64().expect("a count");
        page.set("#threshold", "1").await;
        let many = page.value(&format!("Number({shown})")).await.as_u64().expect("a count");
        assert!(0 < few && few < many && many > ROWS as u64 * 9 / 10, "{few} and {many}");
        page.click("#only-disagree").await;
        page.keys("#search", "TOMATO").await;
        page.until(READY).await;
        assert_eq!(page.value(shown).await, count(|row| row.prompt.contains("tomato")));
        page.keys("#search", "no such words").await;
        page.until(READY).await;
        page.click("#clear").await;
        assert_eq!(page.value(shown).await, ROWS.to_string());
        kept_quiet(&page, &report).await;
    });
}

#[test]
fn the_view_turns_into_a_word_diff_and_back() {
    browse(|page| async move {
        let report = opened(&page, 20).await;
        let marks = "document.querySelectorAll('#list ins').length + document.querySelectorAll('#list del').length";
        assert_eq!(page.value(marks).await, 0);
        page.click("#view-diff").await;
        assert_eq!(page.value("document.getElementById('view-diff').getAttribute('aria-pressed')").await, "true");
        let said = "[...document.querySelectorAll('[data-row=\"5\"] [data-model=\"1\"] .said > *')].map((part) => \
            `${part.tagName} ${part.textContent}`)";
        let expected = json!([
            "SPAN Das Paket ",
            "DEL kommt",
            "INS wird",
            "SPAN  am Donnerstag ",
            "DEL an, wenn",
            "INS ankommen, falls",
            "SPAN  die Brücke ",
            "DEL offen",
            "INS geöffnet",
            "SPAN  ist."
        ]);
        page.run("document.getElementById('list').scrollIntoView()").await;
        page.run("scrollBy(0, 900)").await;
        page.until("document.querySelector('[data-row=\"5\"]')").await;
        assert_eq!(page.value(said).await, expected);
        page.click("#view-columns").await;
        assert_eq!(page.value(marks).await, 0);
        kept_quiet(&page, &report).await;
    });
}

#[test]
fn another_baseline_changes_likeness_ratios_and_the_diff() {
    browse(|page| async move {
        let report = opened(&page, ROWS).await;
        let cell = |model: usize, column: usize| {
            format!("document.querySelector('#summary [data-model=\"{model}\"] > :nth-child({column})').textContent")
        };
        assert_eq!(page.value(&cell(0, 3)).await, "–", "the baseline is not held against itself");
        assert_eq!(page.value(&cell(1, 6)).await, "1.21 s ± 145 ms2.6× faster");
        let before = page.value(&cell(2, 3)).await;
        page.set("#baseline", "1").await;
        page.until(READY).await;
        assert_eq!(page.value(&cell(1, 3)).await, "–");
        assert_eq!(page.value(&cell(0, 6)).await, "3.12 s ± 374 ms2.6× slower");
        let after = page.value(&cell(2, 3)).await;
        assert_ne!(before, after);
        assert!(
            after
                .as_str()
                .and_then(|number| number.parse::<f64>().ok())
                .is_some_and(|number| number > 0.0 && number < 1.0)
        );
        page.click("#view-diff").await;
        let marked =
            |model: usize| format!("document.querySelectorAll('[data-row=\"0\"] [data-model=\"{model}\"] ins').length");
        assert_eq!(page.value(&marked(1)).await, 0);
        assert_ne!(page.value(&marked(0)).await, 0);
        kept_quiet(&page, &report).await;
    });
}

#[test]
fn likeness_is_the_chrf_of_sacrebleu() {
    browse(|page| async move {
        let _report = opened(&page, 6).await;
        // From sacrebleu 2.6.0, `CHRF().sentence_score(answer, [baseline])` of the six questions; the fifth answer failed.
        let expected = json!(["0.56", "0.66", "0.30", "0.32", null, "0.58"]);
        let figure = "document.querySelector(`[data-row=\"${at}\"] [data-model=\"1\"] \
            .figures`)?.textContent.split('like ')[1] ?? null";
        page.size(1280, 6_000).await;
        page.until("document.querySelector('[data-row=\"5\"]')").await;
        assert_eq!(page.value(&format!("[0, 1, 2, 3, 4, 5].map((at) => {figure})")).await, expected);
    });
}

#[test]
fn the_page_fits_a_telephone_and_takes_the_keyboard() {
    browse(|page| async move {
        page.size(360, 740).await;
        let report = opened(&page, 20).await;
        assert_eq!(page.value("document.documentElement.scrollWidth <= 360").await, true);
        let focused = "document.activeElement.dataset.row ?? null";
        for (key, row) in [("j", "0"), ("j", "1"), ("j", "2"), ("k", "1")] {
            page.press(key).await;
            assert_eq!(page.value(focused).await, row, "{key}");
        }
        page.press("/").await;
        assert_eq!(page.value("document.activeElement.id").await, "search");
        kept_quiet(&page, &report).await;
    });
}

#[test]
fn the_colours_follow_the_system_until_the_button_says_otherwise() {
    browse(|page| async move {
        let _report = opened(&page, 20).await;
        let paper = "getComputedStyle(document.body).backgroundColor";
        let system = |to: &str| json!({"features": [{"name": "prefers-color-scheme", "value": to}]});
        page.command("Emulation.setEmulatedMedia", system("light")).await;
        let light = page.value(paper).await;
        page.command("Emulation.setEmulatedMedia", system("dark")).await;
        let dark = page.value(paper).await;
        assert_ne!(light, dark);
        page.click("#theme").await;
        assert_eq!(page.value(paper).await, light);
        page.click("#theme").await;
        assert_eq!(page.value(paper).await, dark);
        page.click("#theme").await;
        assert_eq!(page.value(paper).await, dark, "the system has the word again");
    });
}

#[test]
fn paper_gets_the_rows_and_the_screen_its_window_back() {
    browse(|page| async move {
        let report = opened(&page, 1_000).await;
        let cards = "document.querySelectorAll('.card').length";
        page.run("dispatchEvent(new Event('beforeprint'))").await;
        assert_eq!(page.value(cards).await, 300);
        assert_eq!(
            page.value("document.getElementById('cut').textContent").await,
            "The first 300 of 1,000 prompts are printed."
        );
        page.run("dispatchEvent(new Event('afterprint'))").await;
        assert!(page.value(cards).await.as_u64().expect("a count") < 30);
        assert_eq!(page.value("document.getElementById('cut').hidden").await, true);
        kept_quiet(&page, &report).await;
    });
}

#[test]
fn hostile_answers_stay_text() {
    browse(|page| async move {
        let mut head = sample::head(3);
        head.title = sample::HOSTILE[1].to_owned();
        head.models[0].name = format!("{}{}", sample::HOSTILE[4], sample::HOSTILE[2]);
        head.notes = sample::HOSTILE.map(str::to_owned).to_vec();
        head.command = sample::HOSTILE[0].to_owned();
        let hostile = sample::rows(40, 3).enumerate().map(|(at, row)| {
            let mut row = row?;
            let text = sample::HOSTILE[at % sample::HOSTILE.len()];
            (row.id, row.prompt) = (text.to_owned(), text.to_owned());
            row.differences = vec![text.to_owned()];
            row.answers.iter_mut().for_each(|answer| answer.text = text.to_owned());
            Ok(row)
        });
        let report = report(&head, hostile);
        page.open(&report.path).await;
        page.until(READY).await;
        for view in ["#view-diff", "#view-columns"] {
            page.click(view).await;
            assert_eq!(page.value("window.hit ?? null").await, json!(null));
            let made = "document.querySelectorAll('main script, main style, img, iframe, base, a:not(.skip), \
                [onerror], [onload], [srcdoc]').length";
            assert_eq!(page.value(made).await, 0);
        }
        let said =
            |row: usize| format!("document.querySelector('[data-row=\"{row}\"] [data-model=\"1\"] .said').textContent");
        assert_eq!(page.value(&said(0)).await, sample::HOSTILE[0]);
        assert_eq!(page.value(&said(1)).await, sample::HOSTILE[1]);
        page.run("document.querySelector('[data-row=\"1\"]').scrollIntoView()").await;
        page.until("document.querySelector('[data-row=\"4\"]')").await;
        let shown = page.value(&said(4)).await;
        assert_eq!(
            shown,
            "the invoice is U+202Efdp.exeU+202C, with ␛[31mred␛[0m, a null ␀ and a zU+200Bero width space"
        );
        kept_quiet(&page, &report).await;
    });
}

#[test]
fn a_megabyte_on_one_line_is_text_too() {
    browse(|page| async move {
        let long = sample::rows(3, 3).map(|row| {
            let mut row = row?;
            row.answers[0].text = "word ".repeat(200_000);
            row.answers[1].text = "w\u{202e}".repeat(250_000);
            row.answers[2].text = "x".repeat(1_000_000);
            Ok(row)
        });
        let report = report(&sample::head(3), long);
        page.open(&report.path).await;
        page.until(READY).await;
        page.click("#view-diff").await;
        page.click("[data-row=\"0\"] .open").await;
        assert!(page.value("document.querySelectorAll('*').length").await.as_u64().expect("a count") < 4_000);
        page.click("#view-columns").await;
        page.click("[data-row=\"0\"] [data-model=\"2\"] .said button").await;
        assert_eq!(
            page.value("document.querySelector('[data-row=\"0\"] [data-model=\"2\"] .said').textContent.length").await,
            1_000_000
        );
        kept_quiet(&page, &report).await;
    });
}

#[test]
fn ten_thousand_rows_keep_the_page_small_while_it_scrolls() {
    browse(|page| async move {
        let report = opened(&page, 10_000).await;
        let drawn = page.eventually(SCROLL).await;
        let most = drawn["most"].as_u64().expect("a count");
        assert!(most < 3_000, "{most} elements at once");
        assert!(drawn["seen"].as_u64().expect("a count") > 150, "the rows went by: {drawn}");
        assert_eq!(drawn["bare"], 0, "no frame was without a row: {drawn}");
        #[expect(clippy::print_stderr, reason = "a figure for a person; machines differ too much to assert it")]
        {
            eprintln!("scrolling 10,000 rows: {drawn}");
        }
        page.run("scrollTo(0, document.documentElement.scrollHeight)").await;
        page.until("document.querySelector('[data-row=\"9999\"]')").await;
        kept_quiet(&page, &report).await;
    });
}

/// Scrolls for 300 frames, sixteen windows a second where a second has sixty frames, and measures them.
const SCROLL: &str = "
    const frames = [], seen = new Set();
    let most = 0, bare = 0, last = performance.now();
    document.getElementById('list').scrollIntoView({ behavior: 'instant' });
    const look = (now) => {
        frames.push(now - last);
        last = now;
        const cards = [...document.querySelectorAll('.card')];
        cards.forEach((card) => seen.add(card.dataset.row));
        most = Math.max(most, document.querySelectorAll('*').length);
        const middle = innerHeight / 2;
        const boxes = cards.map((card) => card.getBoundingClientRect());
        if (!boxes.some((box) => box.top < middle + 20 && box.bottom > middle - 20)) bare += 1;
        if (frames.length < 300) {
            scrollBy({ top: 240, behavior: 'instant' });
            requestAnimationFrame(look);
        } else {
            const sorted = frames.slice(1).sort((a, b) => a - b);
            const at = (share) => Math.round(sorted[Math.floor(share * (sorted.length - 1))] * 10) / 10;
            done({ median_ms: at(0.5), p95_ms: at(0.95), worst_ms: at(1), most, bare, seen: seen.size });
        }
    };
    requestAnimationFrame(look);";
