use std::sync::Arc;

use super::*;
use crate::error::ErrorKind;

/// Bytes written, shared with the one who looks at them.
#[derive(Clone, Debug, Default)]
pub(super) struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Buffer {
    pub(super) fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("not poisoned").clone()).expect("UTF-8")
    }
}

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("not poisoned").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A stream nobody reads.
struct Closed;

impl Write for Closed {
    fn write(&mut self, _bytes: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(super) fn environment<'env>(pairs: &'env [(&str, &'env str)]) -> impl Fn(&str) -> Option<&'env str> {
    |name| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
}

fn captured(talk: Talk, color: ColorChoice) -> (Ui, Buffer, Buffer) {
    let (out, err) = (Buffer::default(), Buffer::default());
    let ui = Ui::new(talk, color, environment(&[])).with_streams(out.clone(), err.clone());
    (ui, out, err)
}

#[test]
fn talk_is_as_loud_as_asked_for() {
    for (talk, expected) in [
        (Talk::Quiet, "error: e\n"),
        (Talk::Normal, "n\nwarning: w\nerror: e\n"),
        (Talk::Verbose, "n\nd\nwarning: w\nerror: e\n"),
    ] {
        let (ui, out, err) = captured(talk, ColorChoice::Never);
        ui.note("n");
        ui.detail("d");
        ui.warn("w");
        ui.error(&Error::new(ErrorKind::Other, "e"));
        ui.error(&Error::new(ErrorKind::Other, "told").already_told());
        assert_eq!((err.text().as_str(), out.text().as_str()), (expected, ""));
    }
}

#[test]
fn provider_words_on_stderr_are_harmless_and_only_the_prefix_is_coloured() {
    let (ui, _, err) = captured(Talk::Normal, ColorChoice::Always);
    ui.error(&Error::new(ErrorKind::Provider, "\x1b]0;evil\x07 \u{9b}2J").hint("a\rb"));
    ui.warn("\x1b[31m");
    assert_eq!(err.text(), "\x1b[1;31merror:\x1b[0m ^[]0;evil^G ^[[2J\n  hint: ab\n\x1b[1;33mwarning:\x1b[0m ^[[31m\n");
}

#[test]
fn stdout_errors_are_returned_and_stderr_errors_are_not() {
    let ui = Ui::new(Talk::Normal, ColorChoice::Auto, environment(&[])).with_streams(Closed, Closed);
    ui.note("nobody hears this");
    assert_eq!(ui.out("data").map_err(|error| error.kind()), Err(io::ErrorKind::BrokenPipe));
}

#[test]
fn data_is_sanitised_for_terminals_only() {
    for (is_terminal, expected) in [(true, "^[c"), (false, "\x1bc")] {
        let (mut ui, out, _) = captured(Talk::Normal, ColorChoice::Never);
        ui.stdout_is_terminal = is_terminal;
        ui.out_clean("\x1bc").expect("written");
        assert_eq!(out.text(), expected);
    }
}

#[test]
fn colour_follows_the_flag_then_no_color_then_clicolor_force() {
    for (choice, variables, expected) in [
        (ColorChoice::Always, vec![("NO_COLOR", "1"), ("TERM", "dumb")], true),
        (ColorChoice::Never, vec![("CLICOLOR_FORCE", "1")], false),
        (ColorChoice::Auto, vec![("CLICOLOR_FORCE", "1")], true),
        (ColorChoice::Auto, vec![("CLICOLOR_FORCE", "1"), ("NO_COLOR", "yes")], false),
        (ColorChoice::Auto, vec![("NO_COLOR", "yes")], false),
        (ColorChoice::Auto, vec![("TERM", "dumb")], false),
    ] {
        let ui = Ui::new(Talk::Normal, choice, environment(&variables));
        assert_eq!((ui.color_out, ui.color_err), (expected, expected), "{choice:?} {variables:?}");
    }
}

#[test]
fn off_a_terminal_a_table_is_plain() {
    let (mut ui, out, _) = captured(Talk::Normal, ColorChoice::Never);
    ui.stdout_is_terminal = false;
    let mut table = Table::new(["a", "b"]);
    table.row(["1", "two words"]);
    ui.table(&table).expect("written");
    assert_eq!(out.text(), "a  b\n1  two words\n");
}

#[test]
fn notes_and_sentences_end_their_lines_at_words_on_a_terminal_alone() {
    let text =
        "nine times in ten the cost lies from low to high, as far as tokenizers and lengths of answers are known --by";
    for is_terminal in [true, false] {
        let (mut ui, out, err) = captured(Talk::Normal, ColorChoice::Never);
        (ui.stdout_is_terminal, ui.stderr_is_terminal) = (is_terminal, is_terminal);
        ui.note(text);
        ui.out_words(text).expect("written");
        for said in [out.text(), err.text()] {
            assert_eq!(said.lines().count() > 1, is_terminal, "{said}");
            assert_eq!(said.trim_end().replace('\n', " "), text);
        }
    }
}
