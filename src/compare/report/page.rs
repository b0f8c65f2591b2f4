//! The pieces of the page: its head with the policy, the blocks of data, and the script at its foot.

use std::io::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};
use serde::Serialize;
use serde_json::ser::Formatter;

/// How the page looks.
const STYLE: &str = include_str!("page/report.css");

/// What stands in the page before there is any data.
const BODY: &str = include_str!("page/body.html");

/// What the page does: one function, so that the files see each other and nothing else does.
const SCRIPT: &str = concat!(
    "'use strict';\n(() => {\n",
    include_str!("page/text.js"),
    include_str!("page/likeness.js"),
    include_str!("page/diff.js"),
    include_str!("page/state.js"),
    include_str!("page/summary.js"),
    include_str!("page/chart.js"),
    include_str!("page/plots.js"),
    include_str!("page/card.js"),
    include_str!("page/list.js"),
    include_str!("page/controls.js"),
    include_str!("page/start.js"),
    "})();\n"
);

/// Writes everything up to the first block of data. The policy stands before all that it rules.
pub fn begin(title: &str, out: &mut impl Write) -> io::Result<()> {
    let policy = format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'; \
         require-trusted-types-for 'script'; trusted-types 'none'",
        hash(STYLE),
        hash(SCRIPT)
    );
    write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>{}</title>\n<style>{STYLE}</style>\n</head>\n{BODY}",
        escaped(title)
    )
}

/// Opens a block of data; one value a line follows.
pub fn data(id: &str, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "<script type=\"application/json\" id=\"{id}\">")
}

/// Closes a block of data.
pub fn end_of_data(out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "</script>")
}

/// Writes what follows the data.
pub fn end(out: &mut impl Write) -> io::Result<()> {
    write!(out, "<script>{SCRIPT}</script>\n</body>\n</html>\n")
}

/// Writes a value as one line in which no text can end the block that it stands in.
pub fn json(value: &impl Serialize, out: &mut impl Write) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(&mut *out, InScript);
    value.serialize(&mut serializer)?;
    out.write_all(b"\n")
}

/// A source of the policy: the one text that may run.
fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(digest(&SHA256, text.as_bytes())))
}

/// A text for the inside of an element.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// JSON for the inside of a `<script>`: it may hold neither a tag nor a comment, nor what an old script takes for a line's end.
struct InScript;

impl Formatter for InScript {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(['<', '>', '&', '\u{2028}', '\u{2029}']) {
            let (before, after) = rest.split_at(at);
            let mut characters = after.chars();
            let code = characters.next().map_or(0, u32::from);
            write!(writer, "{before}\\u{code:04x}")?;
            rest = characters.as_str();
        }
        writer.write_all(rest.as_bytes())
    }
}
