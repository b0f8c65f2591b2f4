use std::collections::HashMap;

use proptest::prelude::*;
use unicode_width::UnicodeWidthStr;

use super::*;

const fn plain(width: usize) -> Page {
    Page { width: Some(width), palette: None, is_ascii: false }
}

fn model(name: &str, milliseconds: u64, cost: &str, text: &str) -> ModelView {
    ModelView {
        name: name.to_owned(),
        first_token: Some(Duration::from_millis(milliseconds / 4)),
        total: Some(Duration::from_millis(milliseconds)),
        tokens_per_second: Some(82.4),
        tokens_in: Some(64),
        tokens_out: Some(1204),
        thinking: Some(96),
        cost: Some(cost.to_owned()),
        similarity: Some(0.71),
        agreement: Some(0.64),
        text: text.to_owned(),
        ..ModelView::default()
    }
}

fn view() -> View {
    let luna = model("gpt-5.6-luna", 1210, "$0.00022", "- Tea is a plant.\n- 紅茶は発酵した茶です。");
    let failed = ModelView {
        name: "mistral-large".to_owned(),
        failure: Some("429 after 3 tries".to_owned()),
        ..ModelView::default()
    };
    View {
        models: vec![
            model("claude-sonnet-5", 3100, "$0.00217", "Tea is a drink. It is made of leaves that were dried."),
            ModelView { cheaper: Some(9.96), note: "price of July".to_owned(), ..luna },
            failed,
        ],
        wall: Some(Duration::from_millis(3110)),
        cost: Some("$0.00239".to_owned()),
        ..View::default()
    }
}


#[test]
fn snap() {
    let c = consensus(&["claude-sonnet-5", "gpt-5.6-luna", "gemini-3.7-flash"]);
    for (name, text) in [
        ("columns", view().answers(Layout::Auto, &plain(112))),
        ("stack", view().answers(Layout::Auto, &plain(60))),
        ("off", view().answers(Layout::Columns, &Page { width: None, ..plain(0) })),
        ("diff", view().answers(Layout::Diff, &plain(60))),
        ("table", view().summary(&plain(100))),
        ("table", view().summary(&plain(60))),
        ("table", view().summary(&plain(40))),
        ("consensus", c.drawn(&plain(80))),
        ("consensus", c.drawn(&plain(40))),
    ] {
        eprintln!("{name}\n{text}");
    }
}

fn consensus(names: &[&str]) -> ConsensusView {
    ConsensusView {
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        matrix: vec![vec![1.0, 0.71, 0.12], vec![0.71, 1.0, f64::NAN], vec![0.12, f64::NAN, 1.0]],
        agreement: Some(0.41),
        outlier: Some(Outlier { model: 2, reason: "refusal".to_owned(), agreement_without: Some(0.71) }),
        claims: vec![
            Claim {
                head: "NUMBERS".to_owned(),
                groups: vec![("\"1985\"".to_owned(), vec![0, 1]), ("\"1987\"".to_owned(), vec![2])],
            },
            Claim { head: "JSON".to_owned(), groups: vec![("valid 3/3".to_owned(), vec![])] },
            Claim { head: "DATES".to_owned(), groups: vec![] },
        ],
    }
}
