//! Lines as they come: from a pipe, or from a terminal that edits them itself.

use std::io::{self, BufRead, IsTerminal};
use std::sync::mpsc::Receiver;

use tokio::sync::mpsc::UnboundedSender;

use super::{Line, Request};
use crate::ui::sanitize::clean;

/// No line is longer than this, in bytes: a stream without line ends must not fill the memory.
const LONGEST: u64 = 16 << 20;

/// Reads lines as long as they are asked for.
pub(super) fn serve(asked: &Receiver<Request>, say: &UnboundedSender<Line>) {
    super::serve(asked, say, |request| match request {
        Request::Line { begun, .. } => Some(read(&begun)),
        Request::Keep(_) => None,
    });
}

fn read(begun: &str) -> Line {
    let mut bytes = Vec::new();
    match io::Read::take(io::stdin().lock(), LONGEST).read_until(b'\n', &mut bytes) {
        Ok(0) => Line::Ended,
        Ok(_) => match str::from_utf8(&bytes) {
            Ok(text) => {
                let text = text.trim_end_matches(['\n', '\r']);
                // Keys that a terminal without an editor takes for characters.
                let text = if io::stdin().is_terminal() { clean(text) } else { text.to_owned() };
                Line::Said(format!("{begun}{text}"))
            }
            Err(_) => Line::Failed(io::Error::new(io::ErrorKind::InvalidData, "it is no UTF-8 text")),
        },
        Err(error) => Line::Failed(error),
    }
}
