//! What is pasted is one piece of text, whatever is in it. A long one stands in the line as a name, so that the line stays
//! short enough to be edited; it is put in its place when the line is done. Ctrl-C, which a paste may hold, is told apart here.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustyline::{
    CharSearch, Cmd, ConditionalEventHandler, EditMode, Event, EventContext, KeyCode, KeyEvent, Modifiers, Movement,
    RepeatCount,
};

/// A paste of more lines or bytes than this gets a name.
const MOST_LINES: usize = 8;
const MOST_BYTES: usize = 2000;

/// Stands once in a name, at its beginning.
const NAME_BEGINS: char = '[';
/// Stands once in it, at its end.
const NAME_ENDS: char = ']';

/// All that was pasted.
#[derive(Clone, Debug, Default)]
pub(super) struct Pastes(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// What has come of a paste that goes on.
    open: Option<String>,
    /// Names with the texts that they stand for.
    named: Vec<(String, String)>,
    /// Ctrl-C ended the line, in which nothing or something stood.
    interrupted: Option<Interrupted>,
}

/// A line that Ctrl-C ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Interrupted {
    /// Nothing stood in it.
    pub was_empty: bool,
}

impl Pastes {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether Ctrl-C ended the line that was read last.
    pub(super) fn interrupted(&self) -> Option<Interrupted> {
        self.state().interrupted.take()
    }

    /// What stands in the line for a pasted text.
    pub(super) fn shown(&self, text: String) -> String {
        let lines = text.lines().count();
        if lines <= MOST_LINES && text.len() <= MOST_BYTES {
            return text;
        }
        let mut state = self.state();
        let size = if lines > 1 { format!("{lines} lines") } else { format!("{} characters", text.chars().count()) };
        let name = format!("{NAME_BEGINS}paste {}: {size}{NAME_ENDS}", state.named.len() + 1);
        state.named.push((name.clone(), text));
        name
    }

    /// The line with all texts in their places, and whether there were any.
    pub(super) fn whole(&self, line: &str) -> (String, bool) {
        let state = self.state();
        let mut whole = line.to_owned();
        for (name, text) in &state.named {
            whole = whole.replacen(name, text, 1);
        }
        let is_changed = whole != line;
        (whole, is_changed)
    }
}

/// Gathers a paste key by key. It hears every key; those outside of a paste mean what they always mean.
impl ConditionalEventHandler for Pastes {
    fn handle(&self, event: &Event, _: RepeatCount, _: bool, context: &EventContext<'_>) -> Option<Cmd> {
        let KeyEvent(code, modifiers) = *event.get(0)?;
        if code == KeyCode::BracketedPasteStart {
            self.state().open = Some(String::new());
            return Some(Cmd::Noop);
        }
        let mut state = self.state();
        if state.open.is_none() && (code, modifiers) == (KeyCode::Char('C'), Modifiers::CTRL) {
            state.interrupted = Some(Interrupted { was_empty: context.line().is_empty() });
            // The editor's own way loses what was typed behind it in the same moment.
            return Some(Cmd::AcceptLine);
        }
        if state.open.is_none() {
            let place = state.place(context.line(), context.pos())?;
            return whole_name(place, Change::of(code, modifiers, context.mode())?);
        }
        let open = state.open.as_mut()?;
        match (code, modifiers) {
            (KeyCode::BracketedPasteEnd, _) => {
                let text = state.open.take().unwrap_or_default();
                drop(state);
                return Some(Cmd::Insert(1, self.shown(text.replace("\r\n", "\n").replace('\r', "\n"))));
            }
            (KeyCode::Char('J'), Modifiers::CTRL) => open.push('\n'),
            (KeyCode::Enter, _) => open.push('\r'),
            (KeyCode::Tab, _) | (KeyCode::Char('I'), Modifiers::CTRL) => open.push('\t'),
            (KeyCode::Char(character), Modifiers::NONE | Modifiers::SHIFT) => open.push(character),
            // Controls in a paste are nobody's keys.
            _ => {}
        }
        Some(Cmd::Noop)
    }
}

/// Where the cursor is, seen from the name of a paste.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Before,
    Inside,
    Behind,
}

impl State {
    fn place(&self, line: &str, cursor: usize) -> Option<Place> {
        self.named.iter().find_map(|(name, _)| {
            let start = line.find(name.as_str())?;
            match cursor.checked_sub(start)? {
                0 => Some(Place::Before),
                inside if inside < name.len() => Some(Place::Inside),
                inside if inside == name.len() => Some(Place::Behind),
                _ => None,
            }
        })
    }
}

/// What a key does to the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    TakesBefore,
    TakesBehind,
    PutsIn,
}

impl Change {
    /// A letter is a command to vi, more often than not one that changes nothing.
    fn of(code: KeyCode, modifiers: Modifiers, mode: EditMode) -> Option<Self> {
        match (code, modifiers) {
            (KeyCode::Backspace, _) | (KeyCode::Char('H' | 'W'), Modifiers::CTRL) => Some(Self::TakesBefore),
            (KeyCode::Delete, _) | (KeyCode::Char('D'), Modifiers::CTRL) => Some(Self::TakesBehind),
            (KeyCode::Char('d' | 'D'), Modifiers::ALT) => Some(Self::TakesBehind),
            (KeyCode::Char(_), Modifiers::NONE | Modifiers::SHIFT) if mode == EditMode::Emacs => Some(Self::PutsIn),
            _ => None,
        }
    }
}

/// A part of a name stands for nothing: it is taken away whole, and nothing gets into it.
fn whole_name(place: Place, change: Change) -> Option<Cmd> {
    let search = match (place, change) {
        (Place::Behind, Change::TakesBefore) => CharSearch::Backward(NAME_BEGINS),
        (Place::Before, Change::TakesBehind) => CharSearch::Forward(NAME_ENDS),
        (Place::Inside, _) => return Some(Cmd::Noop),
        _ => return None,
    };
    Some(Cmd::Kill(Movement::ViCharSearch(1, search)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_paste_has_a_name_in_the_line_and_is_whole_when_it_is_done() {
        let pastes = Pastes::default();
        assert_eq!(pastes.shown("two\nlines".to_owned()), "two\nlines");
        let long = "line\n".repeat(200);
        let name = pastes.shown(long.clone());
        assert_eq!(name, "[paste 1: 200 lines]");
        assert_eq!(pastes.shown("x".repeat(5000)), "[paste 2: 5000 characters]");
        assert_eq!(pastes.whole(&format!("what is {name}?")), (format!("what is {long}?"), true));
        assert_eq!(pastes.whole("[paste 9: 3 lines]"), ("[paste 9: 3 lines]".to_owned(), false));
    }
}
