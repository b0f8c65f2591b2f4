use std::num::NonZero;
use std::sync::{Arc, Mutex};

use proptest::prelude::*;

use super::*;
use crate::ui::tests::{Buffer, environment};
use crate::ui::{ColorChoice, Talk};

/// What a terminal was made to do beside showing text.
#[derive(Debug, Default)]
struct Watch {
    escapes: Vec<String>,
}

impl vt100::Callbacks for Watch {
    fn set_window_title(&mut self, _: &mut vt100::Screen, title: &[u8]) {
        self.escapes.push(format!("title {}", String::from_utf8_lossy(title)));
    }

    fn set_window_icon_name(&mut self, _: &mut vt100::Screen, name: &[u8]) {
        self.escapes.push(format!("icon {}", String::from_utf8_lossy(name)));
    }

    fn copy_to_clipboard(&mut self, _: &mut vt100::Screen, _: &[u8], data: &[u8]) {
        self.escapes.push(format!("clipboard {}", String::from_utf8_lossy(data)));
    }

    fn audible_bell(&mut self, _: &mut vt100::Screen) {
        self.escapes.push("bell".to_owned());
    }

    fn unhandled_escape(&mut self, _: &mut vt100::Screen, _: Option<u8>, _: Option<u8>, byte: u8) {
        self.escapes.push(format!("escape {byte}"));
    }

    fn unhandled_osc(&mut self, _: &mut vt100::Screen, params: &[&[u8]]) {
        self.escapes.push(format!("osc {params:?}"));
    }

    fn unhandled_control(&mut self, _: &mut vt100::Screen, byte: u8) {
        self.escapes.push(format!("control {byte}"));
    }
}

/// A terminal that shows both streams.
fn on_a_terminal(options: AnswerOptions, drive: impl FnOnce(&mut Answer<'_>)) -> String {
    on_a_terminal_with(Talk::Normal, options, drive)
}

fn on_a_terminal_with(talk: Talk, options: AnswerOptions, drive: impl FnOnce(&mut Answer<'_>)) -> String {
    let screen = Buffer::default();
    // A dumb terminal shows no spinner, whose moments no test could foresee.
    let variables = environment(&[("TERM", "dumb")]);
    let mut ui = Ui::new(talk, ColorChoice::Always, variables).with_streams(screen.clone(), screen.clone());
    ui.stdout_is_terminal = true;
    ui.stderr_is_terminal = true;
    drive(&mut Answer::new(&ui, options));
    screen.text()
}

/// The screen after a line of history and these bytes, and what else the bytes did.
fn play(bytes: &str, columns: u16) -> (String, Vec<String>) {
    let size = |cells| NonZero::new(cells).expect("a screen has room");
    let mut parser = vt100::Parser::new_with_callbacks(size(24), size(columns), 1000, Watch::default());
    parser.process(b"$ history\r\n");
    parser.process(bytes.replace('\n', "\r\n").as_bytes());
    (parser.screen().contents(), std::mem::take(&mut parser.callbacks_mut().escapes))
}

const HOSTILE: &str = "before \x1b]52;c;aGk=\x07 clip \x1b]0;title\x07 \x1b]8;;http://evil\x1b\\lie\x1b]8;;\x1b\\ \
\x1bP1$qm\x1b\\ \u{9d}0;c1\u{9c} \u{9b}2J\u{9b}H \x1bc \x1b[2J\x1b[H safe\rEVIL ab\x08\x08xy \x1b[?1049h \u{202e}rtl\u{202c} after";

#[test]
fn the_watch_sees_what_an_unfiltered_stream_would_do() {
    let (screen, escapes) = play("\x1b]52;c;aGk=\x07\x1b]0;title\x07\x1b[2J", 80);
    assert!(!screen.contains("history"));
    assert_eq!(escapes, ["clipboard aGk=", "icon title", "title title"]);
}

#[test]
fn hostile_text_leaves_the_terminal_alone_and_stays_visible() {
    for raw in [false, true] {
        for size in [1, 2, 7, 1000] {
            let characters: Vec<char> = HOSTILE.chars().collect();
            let bytes = on_a_terminal(AnswerOptions { raw, ..AnswerOptions::default() }, |answer| {
                for piece in characters.chunks(size) {
                    let piece: String = piece.iter().collect();
                    answer.text(&piece).expect("written");
                }
                answer.finish().expect("written");
            });
            let (screen, escapes) = play(&bytes, 80);
            assert_eq!(escapes, Vec::<String>::new(), "{bytes:?}");
            let words = screen.split_whitespace().collect::<Vec<_>>().join(" ");
            for visible in
                ["$ history before", "clip", "^[]0;title^G", "lie", "^[c", "safeEVIL", "ab^H^Hxy", "rtl", "after"]
            {
                assert!(words.contains(visible), "{visible} is not in\n{screen}");
            }
        }
    }
}

#[test]
fn hostile_reasoning_and_notices_are_harmless_too() {
    let bytes = on_a_terminal(AnswerOptions::default(), |answer| {
        answer.reasoning("thinking \x1b]0;t").expect("written");
        answer.reasoning("itle\x07").expect("written");
        answer.seam("cut by \x1b]52;c;eA==\x07\nopenai").expect("written");
    });
    assert_eq!(play(&bytes, 80).1, Vec::<String>::new());
}

fn show(text: &str, columns: usize) -> String {
    let mut markdown = Markdown::new(columns, true);
    let bytes = markdown.push(text) + &markdown.finish();
    play(&bytes, u16::try_from(columns).expect("small")).0
}

#[test]
fn paragraphs_wrap_at_words_on_the_screen() {
    let words = "The quick **brown fox** jumps over the `lazy dog` and 漢字も混ぜた長い文章 goes on with [a link](https://example.org).";
    assert_eq!(
        show(words, 40),
        "$ history\nThe quick brown fox jumps over the lazy\ndog and 漢字も混ぜた長い文章 goes on\nwith a link (https://example.org)."
    );
    assert!(show(&"word ".repeat(200), 80).lines().all(|line| line.len() <= 80 && !line.starts_with(' ')));
}

#[test]
fn tables_and_lists_fit_forty_columns() {
    let text = "| model | why it was chosen |\n|---|---|\n| gpt-5.4-mini | it is the cheapest of those that are healthy |\n| 漢字 | ok |\n\n\
                1. a list item that is longer than one line of the screen\n   - nested";
    assert_eq!(
        show(text, 40),
        "$ history
model         why it was chosen
───────────── ──────────────────────
gpt-5.4-mini  it is the cheapest of
              those that are healthy
漢字          ok

1. a list item that is longer than one
   line of the screen
   • nested"
    );
}

#[test]
fn a_seam_ends_what_is_open_and_the_answer_begins_anew() {
    let bytes = on_a_terminal(AnswerOptions::default(), |answer| {
        answer.text("```rust\nlet x = 1;\nlet").expect("written");
        answer.seam("answer cut off by openai; anthropic answers anew").expect("written");
        answer.text("A *whole* answer").expect("written");
        answer.finish().expect("written");
    });
    let (screen, _) = play(&bytes, 60);
    let lines: Vec<&str> = screen.lines().collect();
    assert_eq!(lines[2..4], ["let x = 1;", "let"]);
    assert_eq!(lines[5..], ["", "── answer cut off by openai; anthropic answers anew ──", "", "A whole answer"]);
}

#[test]
fn reasoning_is_dim_and_apart_from_the_answer() {
    let drive = |answer: &mut Answer<'_>| {
        answer.waiting("openai/gpt");
        answer.reasoning("hmm, ").expect("written");
        answer.reasoning("yes").expect("written");
        answer.text("It is.").expect("written");
        answer.reasoning("more").expect("written");
        answer.text("So.").expect("written");
        answer.interrupted();
    };
    let shown = on_a_terminal(AnswerOptions::default(), drive);
    assert_eq!(shown, "\x1b[2mhmm,\x1b[0m\x1b[2m yes\x1b[0m\n\nIt is.\n\n\x1b[2mmore\x1b[0m\n\nSo.\n");
    let hidden = on_a_terminal(AnswerOptions { reasoning: Reasoning::Hidden, ..AnswerOptions::default() }, drive);
    assert_eq!(hidden, "It is.So.\n");
    let full = on_a_terminal(AnswerOptions { reasoning: Reasoning::Full, ..AnswerOptions::default() }, drive);
    assert_eq!(full, "hmm, yes\n\nIt is.\n\nmore\n\nSo.\n");
    let folded = on_a_terminal(AnswerOptions { reasoning: Reasoning::Folded, ..AnswerOptions::default() }, drive);
    assert_eq!(folded, "\x1b[2mthought for 0 s\n\x1b[0m\nIt is.So.\n");
    assert_eq!(on_a_terminal_with(Talk::Quiet, AnswerOptions::default(), drive), "It is.So.\n");
}

#[test]
fn off_a_terminal_the_seam_is_a_warning_on_stderr() {
    let (out, err) = (Buffer::default(), Buffer::default());
    let mut ui = Ui::new(Talk::Normal, ColorChoice::Never, environment(&[])).with_streams(out.clone(), err.clone());
    ui.stdout_is_terminal = false;
    let mut answer = Answer::new(&ui, AnswerOptions::default());
    answer.text("half").expect("written");
    answer.seam("cut off").expect("written");
    answer.finish().expect("written");
    assert_eq!((out.text().as_str(), err.text().as_str()), ("half", "warning: cut off\n"));
}

/// Fails its first write; remembers that it was asked.
struct Full(Arc<Mutex<usize>>);

impl io::Write for Full {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        *self.0.lock().expect("not poisoned") += 1;
        Err(io::ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_disk_is_told_to_the_caller() {
    let asked = Arc::default();
    let ui =
        Ui::new(Talk::Quiet, ColorChoice::Never, environment(&[])).with_streams(Full(Arc::clone(&asked)), io::sink());
    let result = Answer::new(&ui, AnswerOptions { raw: true, ..AnswerOptions::default() }).text("x");
    assert_eq!(result.map_err(|error| error.kind()), Err(io::ErrorKind::StorageFull));
    assert_eq!(*asked.lock().expect("not poisoned"), 1);
}

proptest! {
    #[test]
    fn off_a_terminal_every_byte_passes(pieces in prop::collection::vec(any::<String>(), 0..8)) {
        let out = Buffer::default();
        let mut ui = Ui::new(Talk::Normal, ColorChoice::Never, environment(&[])).with_streams(out.clone(), io::sink());
        ui.stdout_is_terminal = false;
        let mut answer = Answer::new(&ui, AnswerOptions::default());
        for piece in &pieces {
            answer.text(piece).expect("written");
        }
        answer.finish().expect("written");
        prop_assert_eq!(out.text(), pieces.concat());
    }

    #[test]
    fn no_text_makes_a_terminal_do_anything(text in "[\\PC\x1b\u{9b}\u{9d}\r\x08\n\\];c0-9A-Z*`\\[]{0,80}", raw: bool) {
        let bytes = on_a_terminal(AnswerOptions { raw, ..AnswerOptions::default() }, |answer| {
            answer.text(&text).expect("written");
            answer.finish().expect("written");
        });
        prop_assert_eq!(play(&bytes, 80).1, Vec::<String>::new());
    }
}
