//! Which tool call a piece belongs to. Servers omit the index, repeat it, send the id once, always, or as `""`.

use super::chunk::{Custom, Function, Message, ToolCallPiece};
use crate::chat::Event;

/// The calls so far, each with its slot.
#[derive(Default)]
pub(super) struct ToolCalls {
    calls: Vec<Call>,
}

#[derive(Default)]
struct Call {
    index: Option<u64>,
    id: Option<String>,
    name: Option<String>,
    /// What came of the arguments, to tell whether they are whole.
    arguments: String,
    /// Free text that is being wrapped as `{"input": "…"}` and needs its end.
    open_text: bool,
    /// From the legacy `function_call` member.
    legacy: bool,
}

impl ToolCalls {
    /// Whether any tool was called.
    pub(super) fn any(&self) -> bool {
        !self.calls.is_empty()
    }

    /// Reports the calls of a message or of a piece of one.
    pub(super) fn take(&mut self, message: &Message<'_>, events: &mut Vec<Event>) {
        // Two pieces without an index in one list are two calls.
        let mut first = true;
        for piece in message.tool_calls.iter().flatten() {
            let slot = self.slot(piece, first);
            first = false;
            let function = piece.function.as_ref().unwrap_or(&NOTHING);
            match piece.custom.as_ref().filter(|_| function.is_empty()) {
                Some(custom) => self.free_text(slot, piece, custom, events),
                None => self.report(slot, piece.id.filled(), function.name.filled(), &function.arguments.0, events),
            }
        }
        if let Some(function) = &message.function_call {
            self.legacy(function, events);
        }
    }

    /// Ends what is still open.
    pub(super) fn close(&mut self, events: &mut Vec<Event>) {
        for slot in 0..self.calls.len() {
            if std::mem::take(&mut self.calls[slot].open_text) {
                self.report(slot, None, None, "\"}", events);
            }
        }
    }

    fn slot(&mut self, piece: &ToolCallPiece<'_>, first: bool) -> usize {
        let known = match (piece.index.0, piece.id.filled()) {
            (Some(index), _) => self.calls.iter().rposition(|call| call.index == Some(index)),
            (None, Some(id)) => self.calls.iter().rposition(|call| call.id.as_deref() == Some(id)),
            (None, None) => self.calls.len().checked_sub(1).filter(|_| first || name(piece).is_none()),
        };
        if let Some(slot) = known.filter(|slot| self.calls[*slot].continues(piece)) {
            return slot;
        }
        self.calls.push(Call { index: piece.index.0, ..Call::default() });
        self.calls.len() - 1
    }

    fn report(&mut self, slot: usize, id: Option<&str>, name: Option<&str>, arguments: &str, events: &mut Vec<Event>) {
        let call = &mut self.calls[slot];
        call.id = call.id.take().or_else(|| id.map(str::to_owned));
        call.name = call.name.take().or_else(|| name.map(str::to_owned));
        call.arguments.push_str(arguments);
        events.push(Event::ToolCall {
            slot,
            id: id.map(str::to_owned),
            name: name.map(str::to_owned),
            arguments: arguments.to_owned(),
        });
    }

    /// Custom tools take free text; llmx hands it on as the member `input` of a JSON object.
    fn free_text(&mut self, slot: usize, piece: &ToolCallPiece<'_>, custom: &Custom<'_>, events: &mut Vec<Event>) {
        let quoted = serde_json::Value::from(custom.input.filled().unwrap_or_default()).to_string();
        let inner = quoted.get(1..quoted.len() - 1).unwrap_or_default();
        let opening = if self.calls[slot].open_text { "" } else { "{\"input\":\"" };
        self.calls[slot].open_text = true;
        self.report(slot, piece.id.filled(), custom.name.filled(), &format!("{opening}{inner}"), events);
    }

    /// The member that came before `tool_calls`. Snowflake sends it empty beside every answer.
    fn legacy(&mut self, function: &Function<'_>, events: &mut Vec<Event>) {
        if function.is_empty() {
            return;
        }
        let slot = self.calls.iter().position(|call| call.legacy).unwrap_or_else(|| {
            self.calls.push(Call { legacy: true, ..Call::default() });
            self.calls.len() - 1
        });
        self.report(slot, None, function.name.filled(), &function.arguments.0, events);
    }
}

const NOTHING: Function<'static> = Function {
    name: crate::wire::lenient::Text(None),
    arguments: crate::wire::lenient::Arguments(std::borrow::Cow::Borrowed("")),
};

impl Function<'_> {
    fn is_empty(&self) -> bool {
        self.name.filled().is_none() && self.arguments.0.is_empty()
    }
}

fn name<'a>(piece: &'a ToolCallPiece<'_>) -> Option<&'a str> {
    piece.function.as_ref().and_then(|function| function.name.filled())
}

impl Call {
    /// Whether a piece that points at this call belongs to it, or begins another under the same index.
    fn continues(&self, piece: &ToolCallPiece<'_>) -> bool {
        match (self.id.as_deref(), piece.id.filled()) {
            (Some(known), Some(id)) => known == id,
            // Another name, or the same after whole arguments, is a new call; the same beside every piece is not.
            _ => match (self.name.as_deref(), name(piece)) {
                (Some(known), Some(name)) => known == name && !self.is_whole(),
                _ => true,
            },
        }
    }

    fn is_whole(&self) -> bool {
        serde_json::from_str::<serde::de::IgnoredAny>(&self.arguments).is_ok()
    }
}
