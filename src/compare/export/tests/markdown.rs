//! Nothing that a model says becomes Markdown.

use proptest::prelude::*;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag};

use super::super::super::fixtures::{comparison, record, whole};
use super::super::Format;
use super::super::markdown::PROMPTS;
use super::{of, two_rows};

/// The headings of a page as a reader sees them, and all code blocks. No HTML, no link and no image is among it.
fn seen(page: &str) -> (usize, Vec<String>) {
    let (mut headings, mut blocks, mut inside) = (0, Vec::new(), false);
    for event in Parser::new_ext(page, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Heading { .. }) => headings += 1,
            Event::Start(Tag::CodeBlock(kind)) => {
                assert!(matches!(kind, CodeBlockKind::Fenced(_)), "{page}");
                blocks.push(String::new());
                inside = true;
            }
            Event::End(pulldown_cmark::TagEnd::CodeBlock) => inside = false,
            Event::Text(text) if inside => blocks.last_mut().unwrap().push_str(&text),
            Event::Html(html) | Event::InlineHtml(html) => panic!("{html}\n{page}"),
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => panic!("{dest_url}\n{page}"),
            _ => {}
        }
    }
    (headings, blocks)
}

#[test]
fn the_summary_and_the_prompts_are_there() {
    let page = of(Format::Markdown, &comparison(&["a/one", "b/two"]), &two_rows());
    assert!(page.contains("| `a/one` (baseline) | 1 of 1 | 0.09 s | 0.35 s | – | – | – | $0.1002 |"), "{page}");
    assert!(page.contains("| 1 of 2 (`1 rate_limit`) |"), "{page}");
    assert!(page.contains("Total: $0.1002 and 1 answer of unknown cost, 3.11 s."), "{page}");
    assert!(page.contains("- **failed** `contains:Paris`: `it is not there`"), "{page}");
    let (headings, blocks) = seen(&page);
    assert_eq!(headings, 1 + 2 + 4);
    assert_eq!(blocks[1..], ["capital of France?\n", "Paris\n", "Lyon, \"=1+1\"\nor so\n", "=SUM(A1)\n", "=2+5\n"]);
}

#[test]
fn an_answer_cannot_end_its_fence() {
    let hostile = "a\n```\n# heading\n<script>alert(1)</script>\n````text\r```\rb";
    let page = of(Format::Markdown, &comparison(&["a/one"]), &[record(0, "p", vec![whole(0, hostile)])]);
    let (headings, blocks) = seen(&page);
    assert_eq!(headings, 3);
    assert_eq!(blocks[2], format!("{}\n", hostile.replace('\r', "\n")));
}

#[test]
fn a_name_cannot_end_its_code_span() {
    let mut row = record(0, "p", Vec::new());
    row.row.id = "a` <b>bold</b> ``[link](x)`` @everyone\n# heading".to_owned();
    let page = of(Format::Markdown, &comparison(&["m` <i>x</i> `"]), &[row]);
    assert_eq!(seen(&page).0, 2);
    assert!(page.contains("## ``` a` <b>bold</b> ``[link](x)`` @everyone # heading ```"), "{page}");
}

#[test]
fn only_the_first_prompts_are_shown_and_no_more_are_read() {
    let rows: Vec<_> = (0..PROMPTS + 7).map(|index| record(index, "p", Vec::new())).collect();
    let page = of(Format::Markdown, &comparison(&["a/one"]), &rows);
    assert_eq!(seen(&page).0, 1 + PROMPTS);
    assert!(page.contains("7 more prompts are in the other formats"));
}

#[test]
fn a_long_answer_is_cut_and_says_so() {
    let page = of(Format::Markdown, &comparison(&["a/one"]), &[record(0, "p", vec![whole(0, &"x".repeat(1 << 20))])]);
    assert!(page.len() < 40_000 && page.contains("(1028576 more bytes are left out)"));
}

proptest! {
    #[test]
    fn no_text_leaves_its_place(records in super::round_trip::records()) {
        let comparison = comparison(&["a/one", "b|two\\", "c/`three`"]);
        let page = of(Format::Markdown, &comparison, &records);
        let (headings, blocks) = seen(&page);
        let answers = || records.iter().flat_map(|record| &record.answers);
        prop_assert_eq!(headings, 1 + records.len() + answers().count());
        let systems = records.iter().filter(|record| record.row.system.is_some()).count();
        let texts = answers().filter(|kept| !kept.answer.text.is_empty()).count();
        prop_assert_eq!(blocks.len(), 1 + records.len() + systems + texts);
        prop_assert!(!page.contains(|next: char| next.is_control() && next != '\n' && next != '\t'));
        let cells = page.lines().filter(|line| line.starts_with("| ")).map(|line| line.matches('|').count());
        prop_assert!(cells.take(4).all(|bars| bars == 11), "{}", page);
    }
}
