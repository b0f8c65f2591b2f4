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

/// The lines between the quotes, without the first line end.
fn lines(text: &str) -> String {
    text.trim_start_matches('\n').to_owned()
}

#[test]
fn answers_stand_beside_each_other_where_there_is_room() {
    let expected = lines(
        "
 claude-sonnet-5                  * │ gpt-5.6-luna                       │ mistral-large
 3.10s  1,204 tok  $0.00217         │ 1.21s  $0.00022  sim 0.71          │ failed: 429 after 3 tries
────────────────────────────────────┼────────────────────────────────────┼────────────────────────────────────
 Tea is a drink. It is made of      │ - Tea is a plant.                  │
 leaves that were dried.            │ - 紅茶は発酵した茶です。           │
────────────────────────────────────┴────────────────────────────────────┴────────────────────────────────────
",
    );
    assert_eq!(view().answers(Layout::Auto, &plain(112)), expected);
    let ascii = view().answers(Layout::Auto, &Page { is_ascii: true, ..plain(112) });
    assert!(ascii.replace("紅茶は発酵した茶です。", "").is_ascii(), "{ascii}");
}

#[test]
fn else_they_stand_below_each_other() {
    let expected = lines(
        "
── 1/3 claude-sonnet-5 (baseline) ──────────────────────────
   3.10s  1,204 tok  $0.00217
Tea is a drink. It is made of leaves that were dried.

── 2/3 gpt-5.6-luna ────────────────────────────────────────
   1.21s  1,204 tok  $0.00022  sim 0.71
- Tea is a plant.
- 紅茶は発酵した茶です。

── 3/3 mistral-large ── failed: 429 after 3 tries ──────────
",
    );
    assert_eq!(view().answers(Layout::Auto, &plain(60)), expected);
}

#[test]
fn without_a_terminal_there_is_no_frame_and_no_wrapping() {
    let mut view = view();
    view.models[0].text = "word ".repeat(100) + "\u{1b}[2J";
    let drawn = view.answers(Layout::Columns, &Page { width: None, ..plain(0) });
    let expected = format!(
        "== 1/3 claude-sonnet-5 (baseline): 3.10s, 1,204 tok, $0.00217\n{}^[[2J\n\n\
         == 2/3 gpt-5.6-luna: 1.21s, 1,204 tok, $0.00022, sim 0.71\n- Tea is a plant.\n- 紅茶は発酵した茶です。\n\n\
         == 3/3 mistral-large: failed: 429 after 3 tries\n",
        "word ".repeat(100)
    );
    assert_eq!(drawn, expected);
}

#[test]
fn without_colour_marks_tell_what_changed_and_every_line_closes_its_own() {
    let expected = lines(
        "
── gpt-5.6-luna vs claude-sonnet-5 ─────────────────────────
   +11 -9 words  sim 0.71
{+-+} Tea is a [-drink-]{+plant+}. [-It is made of leaves-]
  [-that were dried.-]
{+- 紅茶は発酵した茶です。+}

── mistral-large ── failed: 429 after 3 tries ──────────────
",
    );
    assert_eq!(view().answers(Layout::Diff, &plain(60)), expected);
}

#[test]
fn with_colour_shape_tells_it_too_and_no_line_leaves_its_colour_on() {
    let view = View {
        models: vec![model("a", 1, "$1", "Tea is a drink."), model("b", 1, "$1", "Tea is a plant.")],
        ..View::default()
    };
    let drawn = |palette| view.answers(Layout::Diff, &Page { palette: Some(palette), ..plain(60) });
    assert!(drawn(Palette::Sixteen).contains("a \u{1b}[9;33mdrink\u{1b}[0m \u{1b}[4;34mplant\u{1b}[0m."));
    assert!(drawn(Palette::Dark).contains("\u{1b}[9;38;5;166mdrink\u{1b}[0m \u{1b}[4;38;5;68mplant\u{1b}[0m"));
    for line in drawn(Palette::Light).lines() {
        assert_eq!(line.matches("\u{1b}[").count(), 2 * line.matches("\u{1b}[0m").count(), "{line:?}");
    }
}

#[test]
fn the_palette_is_read_from_the_environment() {
    let palette = |variables: &[(&str, &'static str)]| {
        let variables: HashMap<&str, &'static str> = variables.iter().copied().collect();
        Palette::detect(|name| variables.get(name).copied())
    };
    assert_eq!(palette(&[("TERM", "xterm")]), Palette::Sixteen);
    assert_eq!(palette(&[("TERM", "xterm-256color")]), Palette::Dark);
    assert_eq!(palette(&[("COLORTERM", "truecolor"), ("COLORFGBG", "0;15")]), Palette::Light);
}

#[test]
fn the_table_has_all_columns_where_there_is_room() {
    let expected = lines(
        "
 MODEL            FIRST  TOTAL  TOK/S  IN    OUT  (THINK)      COST  AGREE  NOTE
*claude-sonnet-5  0.78s  3.10s     82  64  1,204     (96)  $0.00217   0.64
 gpt-5.6-luna     0.30s  1.21s     82  64  1,204     (96)  $0.00022   0.64  price of July
 mistral-large        -      -      -   -      -        -         -      -  429 after 3 tries
 gpt-5.6-luna: 10.0x cheaper, 2.6x faster than the baseline · total $0.00239 · 3.11s · 1 of 3 failed
",
    );
    assert_eq!(view().summary(&plain(100)), expected);
}

#[test]
fn a_narrow_table_keeps_model_total_and_cost_and_every_note() {
    let expected = lines(
        "
 MODEL            TOTAL      COST  AGREE
*claude-sonnet-5  3.10s  $0.00217   0.64
 gpt-5.6-luna     1.21s  $0.00022   0.64
   price of July
 mistral-large        -         -      -
   429 after 3 tries
 gpt-5.6-luna: 10.0x cheaper, 2.6x
 faster than the baseline
 total $0.00239 · 3.11s · 1 of 3 failed
",
    );
    assert_eq!(view().summary(&plain(40)), expected);
}

#[test]
fn repeats_show_how_far_they_stray_and_slower_is_said_as_slower() {
    let mut view = view();
    view.models[1].spread = Some(Duration::from_millis(120));
    view.models[1].total = Some(Duration::from_millis(6200));
    let drawn = view.summary(&plain(120));
    assert!(drawn.contains("  6.20s±0.12s  "), "{drawn}");
    assert!(drawn.contains("gpt-5.6-luna: 10.0x cheaper, 2.0x slower than the baseline"), "{drawn}");
    assert!(view.summary(&Page { is_ascii: true, ..plain(120) }).is_ascii());
}

#[test]
fn nothing_to_show_shows_nothing() {
    let none = View::default();
    assert_eq!(none.answers(Layout::Auto, &plain(80)) + &none.summary(&plain(80)), "");
    assert_eq!(ConsensusView::default().drawn(&plain(80)), "");
    assert!(progress_lines(&[], &plain(80)).is_empty());
    let alone = View { models: vec![model("a", 1, "$1", "Tea.")], ..View::default() };
    assert!(alone.answers(Layout::Auto, &plain(300)).starts_with("── 1/1 a ── 0.00s"));
    assert!(!alone.summary(&plain(80)).contains("baseline"));
}

#[test]
fn the_one_that_stands_apart_is_marked_in_the_matrix() {
    let names = ["claude-sonnet-5", "gpt-5.6-luna", "gemini-3.7-flash"];
    let expected = lines(
        "
 AGREEMENT 0.41, without c 0.71
                       a    b    c   mean
 a claude-sonnet-5     -  .71  .12    .41
 b gpt-5.6-luna      .71    -    -    .71
 c gemini-3.7-flash  .12    -    -    .12  ← outlier (refusal)
 NUMBERS  \"1985\": a b | \"1987\": c
 JSON     valid 3/3
",
    );
    assert_eq!(consensus(&names).drawn(&plain(80)), expected);
    let narrow = consensus(&names).drawn(&plain(40));
    assert!(narrow.contains("\n c gemini-3.7-flash\n      a    b    c   mean\n a    -  .71  .12    .41\n"), "{narrow}");
    assert!(narrow.contains("\n c  .12    -    -    .12\n     ← outlier (refusal)\n"), "{narrow}");
}

#[test]
fn many_models_on_a_narrow_screen_are_a_list() {
    let count = 32;
    let names: Vec<String> = (0..count).map(|at| format!("provider/model-{at}")).collect();
    let row = |one: usize| (0..count).map(|other| if one + other == 31 { 0.1 } else { 0.5 }).collect();
    let view = ConsensusView { names, matrix: (0..count).map(row).collect(), ..ConsensusView::default() };
    let drawn = view.drawn(&plain(40));
    assert!(drawn.starts_with("  a provider/model-0\n    mean .49  nearest ae .50  farthest af .10\n"), "{drawn}");
    assert!(drawn.contains(" ab provider/model-27\n"), "{drawn}");
}

#[test]
fn progress_is_a_line_each() {
    let one = |name: &str, progress| ProgressView { name: name.to_owned(), progress };
    let done =
        Progress::Done { total: Duration::from_millis(1210), tokens: Some(171), cost: Some("$0.00022".to_owned()) };
    let models = [
        one("claude-sonnet-5", Progress::Waiting),
        one("gemini", Progress::FirstToken(Duration::from_millis(310))),
        one("mistral", Progress::Streaming(157.2)),
        one("gpt-5.6-luna", done),
        one("llama", Progress::Failed("no connection\nat all, for a reason that is told at length".to_owned())),
    ];
    assert_eq!(
        progress_lines(&models, &Page { is_ascii: true, ..plain(60) }),
        [
            " . claude-sonnet-5  waiting",
            " > gemini           first token at 0.31s",
            " > mistral          157 tok/s",
            " + gpt-5.6-luna     1.21s  $0.00022  171 tok",
            " x llama            failed: no connection at all, for a rea~",
        ]
    );
    assert_eq!(done_line(3, 40, &models[3]).as_deref(), Some("done 3/40 gpt-5.6-luna 1.21s $0.00022"));
    assert_eq!(done_line(3, 40, &models[0]), None);
}

#[test]
fn bars_give_way_to_what_is_said_beside_them() {
    let bar = Bar {
        name: "openai/gpt-5.6-luna".to_owned(),
        done: 14,
        of: 20,
        tokens_per_second: Some(157.0),
        cost: Some("$0.0031".to_owned()),
        note: "2 in flight".to_owned(),
    };
    let overall = Overall {
        done: 14,
        of: 20,
        failed: 1,
        cost: Some("$0.0031".to_owned()),
        cap: Some("$0.50".to_owned()),
        remaining: Some(Duration::from_secs(41)),
    };
    let drawn = |width| bar_lines(std::slice::from_ref(&bar), &overall, &plain(width));
    assert_eq!(
        drawn(80),
        [
            " openai/gpt-5.6-luna  █████████░░░░  14/20  157 tok/s  $0.0031  2 in flight",
            " total                █████████░░░░  14/20  1 failed  $0.0031 of $0.50  41s left",
        ]
    );
    assert_eq!(drawn(40), [" …ai/gpt-5.6-luna  █████░░░  14/20", " total             █████░░░  14/20"]);
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

/// A line without its colours.
fn bare(line: &str) -> String {
    let mut parts = line.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('m').expect("an escape sequence of llmx").1)
}

/// How often each character stands in a text, blanks aside.
fn letters(text: &str) -> HashMap<char, usize> {
    let mut counts = HashMap::new();
    for letter in text.chars().filter(|letter| !letter.is_whitespace()) {
        *counts.entry(letter).or_insert(0) += 1;
    }
    counts
}

fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => any::<char>().prop_map(String::from),
        6 => prop::sample::select(vec![
            "word ", "another", " ", "\n", "\n\n", "\t", "- item ", "12. ", "漢字", "。", "👩\u{200d}💻", "🇩🇪", "e\u{301}", "ﷺ", "لا",
            "क्षि", "ᄀᄀᄀ", "\u{1b}[31m", "\r", "https://example.com/a-b/c", "one-two", "\u{200b}", "\u{ad}", "☺\u{fe0f}",
        ])
        .prop_map(str::to_owned),
        1 => ("[a-z漢/-]{1,2}", 1usize..80).prop_map(|(text, times)| text.repeat(times)),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn any_model() -> impl Strategy<Value = ModelView> {
    let maybe_text = || prop::option::weighted(0.3, text());
    (text(), text(), maybe_text(), maybe_text(), text()).prop_map(|(name, text, failure, pass, note)| ModelView {
        pass,
        note,
        failure,
        ..model(&name, 1210, "$0.00022", &text)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn no_line_is_wider_than_the_page_and_no_letter_is_lost(
        models in prop::collection::vec(any_model(), 1..5),
        width in 40usize..=300,
        colored in any::<bool>(),
        is_ascii in any::<bool>(),
    ) {
        let page = Page { width: Some(width), palette: colored.then_some(Palette::Dark), is_ascii };
        let view = View { models, ..View::default() };
        let progress: Vec<_> = view.models.iter().map(|model| ProgressView {
            name: model.name.clone(),
            progress: Progress::Failed(model.note.clone()),
        }).collect();
        let names: Vec<String> = view.models.iter().map(|model| model.name.clone()).collect();
        let matrix = vec![vec![0.5; names.len()]; names.len()];
        let claims = vec![Claim { head: names[0].chars().take(8).collect(), groups: vec![(names[0].clone(), vec![0])] }];
        let outlier = Some(Outlier { model: 0, reason: names[0].clone(), agreement_without: None });
        let consensus = ConsensusView { names, matrix, claims, outlier, agreement: Some(0.5) };
        let answers = [Layout::Auto, Layout::Columns, Layout::Stack, Layout::Diff].map(|layout| view.answers(layout, &page));
        let rest = [view.summary(&page), consensus.drawn(&page), progress_lines(&progress, &page).join("\n")];
        for drawn in answers.iter().chain(&rest) {
            for line in drawn.lines().map(bare) {
                prop_assert!(line.width() <= width, "{width}: {line:?}");
                prop_assert!(text::width(&line) <= width, "{width}: {line:?}");
            }
        }
        for drawn in &answers {
            let shown = letters(&bare(drawn));
            for model in &view.models {
                let lost = letters(&crate::ui::sanitize::clean(&model.text))
                    .into_iter()
                    .find(|(letter, count)| shown.get(letter).copied().unwrap_or(0) < *count);
                prop_assert_eq!(lost, None, "{}", drawn);
            }
        }
    }
}
