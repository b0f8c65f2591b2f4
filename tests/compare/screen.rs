//! What a terminal shows.

use crate::support::answering::{Answering, says};
use crate::support::{Llmx, Terminal};

fn simulated() -> Llmx {
    Llmx::new().args(["compare", "--sim", "-m", "openai,anthropic,gemini", "Why is the sky blue?"])
}

#[test]
fn wide_terminals_get_columns_and_narrow_ones_a_stack_and_no_line_is_too_long() {
    for (columns, wide) in [(120, true), (80, false), (40, false)] {
        let terminal = Terminal::start(simulated(), 60, columns);
        terminal.wait_text("kept:");
        let screen = terminal.screen();
        assert_eq!(screen.contains('│'), wide, "{columns}: {screen}");
        assert!(screen.contains("COST"), "{screen}");
        assert_eq!(terminal.finish().0, 0);
    }
}

#[test]
fn progress_is_gone_when_the_answers_are_there() {
    let terminal = Terminal::start(simulated(), 60, 100);
    terminal.wait_text("kept:");
    let screen = terminal.screen();
    assert!(!screen.contains("waiting") && !screen.contains("tok/s\n"), "{screen}");
}

#[test]
fn ascii_and_no_color_are_kept_to() {
    let plain = simulated().args(["--ascii"]).env("NO_COLOR", "1");
    let terminal = Terminal::start(plain, 60, 120);
    terminal.wait_text("kept:");
    let (_, raw) = terminal.finish();
    let text = String::from_utf8_lossy(&raw);
    assert!(!text.contains('│') && !text.contains('─') && text.contains('|'), "{text}");
    assert!(!text.contains("\u{1b}[3") && !text.contains("\u{1b}[1m"), "{text}");
}

#[test]
fn what_a_model_says_cannot_drive_the_terminal() {
    let hostile = Answering::start(|_, _| says("\u{1b}]0;owned\u{7}\u{1b}[2J\u{202e}hidden"));
    let llmx = Llmx::new().config(&hostile.config("bad/m")).args(["compare", "-m", "bad/m", "Hi"]);
    let terminal = Terminal::start(llmx, 40, 80);
    terminal.wait_text("kept:");
    let (_, raw) = terminal.finish();
    let text = String::from_utf8_lossy(&raw);
    assert!(!text.contains("\u{1b}]0;") && !text.contains("\u{1b}[2J") && !text.contains('\u{202e}'), "{text:?}");
}

#[test]
fn a_data_set_shows_a_bar_for_each_model_and_one_for_all() {
    let text = (0..40).map(|number| format!("Question {number}")).collect::<Vec<_>>().join("\n");
    let llmx = Llmx::new().args(["compare", "--sim", "-m", "openai,gemini", "-f", "p.txt"]);
    std::fs::write(llmx.home().path("work/p.txt"), text).expect("a file");
    let terminal = Terminal::start(llmx, 30, 100);
    terminal.wait("a bar", |screen| {
        let screen = screen.contents();
        screen.contains("total") && screen.contains("/80") && screen.contains("in flight")
    });
    terminal.wait_text("kept:");
    assert!(terminal.screen().contains("40 prompts, 80 answers"), "{}", terminal.screen());
}
