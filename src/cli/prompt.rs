//! From words, files and stdin to one prompt. [`compose`] is pure; [`read_stdin`] is the part that waits.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};

use super::args::PromptArgs;
use super::unreadable::unreadable;
use crate::error::{Error, ErrorKind};
use crate::ui::Ui;

/// The most bytes taken from stdin or a file.
const INPUT_CAP: u64 = 16 * 1024 * 1024;
/// How long a prompt waits for a stdin that may never send anything (a pipe that a parent process left open).
const GRACE: Duration = Duration::from_secs(1);
/// The word that says where stdin goes.
pub const PLACEHOLDER: &str = "-";

/// What stdin had to say.
#[derive(Debug, PartialEq, Eq)]
pub enum Stdin {
    /// Text.
    Text(String),
    /// It was at its end, or a terminal that was not asked.
    Nothing,
    /// It is open and sent nothing within the grace period.
    Silent,
}

/// Stdin can be read once.
pub fn check_stdin(args: &PromptArgs) -> Result<(), Error> {
    if named(&args.words) + named(&args.files) + named(&args.attachments) > 1 {
        return Err(Error::new(ErrorKind::Usage, "stdin can stand in one place only: `-` was given more than once"));
    }
    Ok(())
}

fn named(list: &[String]) -> usize {
    list.iter().filter(|word| *word == PLACEHOLDER).count()
}

/// The whole prompt: words, files and stdin, as the role words it. Beside attachments it may be empty.
pub fn gather(args: &PromptArgs, ui: &Ui) -> Result<String, Error> {
    let files: Vec<String> = args.files.iter().map(|path| read_file(path)).collect::<Result<_, _>>()?;
    let attached = !args.attachments.is_empty();
    let role = args.by_role.clone().unwrap_or_default();
    let alone = args.words.is_empty() && args.files.is_empty() && !attached && role.input.is_none();
    if alone && io::stdin().is_terminal() {
        let error = Error::new(ErrorKind::Usage, "there is no prompt");
        return Err(error.hint("say it in words, such as \"Why is the sky blue?\", or pipe text in"));
    }
    let stdin = match named(&args.files) + named(&args.attachments) {
        0 => read_stdin(alone || named(&args.words) > 0)?,
        _ => Stdin::Nothing,
    };
    let text = match &stdin {
        Stdin::Text(text) => Some(text.as_str()),
        Stdin::Nothing => None,
        Stdin::Silent => {
            ui.note("stdin is open and sent nothing within a second: going on without it (`-` among the words waits for it)");
            None
        }
    };
    let prompt = compose(&args.words, &files, text);
    let prompt = Some(prompt).filter(|prompt| !prompt.is_empty()).or(role.input.clone());
    if prompt.is_none() && !attached {
        return Err(Error::new(ErrorKind::Usage, "the prompt is empty; nothing was sent").hint(
            "write what you want to know, as in `llmx complete \"Why is the sky blue?\"`, name a file with `-f`, or pipe text in",
        ));
    }
    Ok(role.prompt(&prompt.unwrap_or_default()))
}

/// Joins the instruction, the files and stdin, each its own block with an empty line between.
///
/// Words are joined by spaces; a `-` among them says where stdin goes, otherwise it comes last.
pub fn compose(words: &[String], files: &[String], stdin: Option<&str>) -> String {
    let place = words.iter().position(|word| word == PLACEHOLDER);
    let (before, after) = place.map_or((words, [].as_slice()), |at| (&words[..at], &words[at + 1..]));
    let (before, after) = (before.join(" "), after.join(" "));
    let mut blocks: Vec<&str> = vec![&before];
    if place.is_some() {
        blocks.extend(stdin);
        blocks.push(&after);
        blocks.extend(files.iter().map(String::as_str));
    } else {
        blocks.extend(files.iter().map(String::as_str));
        blocks.extend(stdin);
    }
    // Only line ends go: leading blanks belong to diffs and code.
    let blocks = blocks.iter().map(|block| block.trim_end_matches(['\n', '\r']));
    blocks.filter(|block| !block.trim().is_empty()).collect::<Vec<_>>().join("\n\n")
}

/// Reads stdin by the rules that cannot hang.
///
/// With `required`, its end is waited for, also on a terminal. Otherwise a terminal is not read at all, and a pipe that sends
/// nothing within a second is left alone; once something came, its end is waited for.
pub fn read_stdin(required: bool) -> Result<Stdin, Error> {
    let stdin = io::stdin();
    if !required {
        if stdin.is_terminal() {
            return Ok(Stdin::Nothing);
        }
        if !is_ready(&stdin)? {
            return Ok(Stdin::Silent);
        }
    }
    let text = read_text(stdin.lock(), "stdin")?;
    Ok(if text.is_empty() { Stdin::Nothing } else { Stdin::Text(text) })
}

/// Reads a text file; `-` is stdin.
pub fn read_file(path: &str) -> Result<String, Error> {
    if path == PLACEHOLDER {
        return read_text(io::stdin().lock(), "stdin");
    }
    let cannot = |error: io::Error| unreadable(format!("`{path}`"), path, error);
    let file = File::open(path).map_err(cannot)?;
    if file.metadata().map_err(cannot)?.is_dir() {
        return Err(Error::new(ErrorKind::Usage, format!("`{path}` is a directory, not a file")));
    }
    read_text(file, path)
}

fn is_ready(stdin: &io::Stdin) -> Result<bool, Error> {
    let mut fds = [PollFd::new(stdin, PollFlags::IN)];
    let grace = rustix::event::Timespec::try_from(GRACE).ok();
    let ready = poll(&mut fds, grace.as_ref())
        .map_err(|error| Error::new(ErrorKind::Other, "cannot wait for stdin").caused_by(io::Error::from(error)))?;
    Ok(ready > 0)
}

fn read_text(source: impl Read, name: &str) -> Result<String, Error> {
    let mut bytes = Vec::new();
    source
        .take(INPUT_CAP + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Error::new(ErrorKind::Other, format!("cannot read `{name}`")).caused_by(error))?;
    if bytes.len() as u64 > INPUT_CAP {
        let message = format!("`{name}` is larger than {} MiB; nothing was sent", INPUT_CAP >> 20);
        return Err(Error::new(ErrorKind::Usage, message).hint("cut it down first, for example with `head -c`"));
    }
    text(bytes).map_err(|offset| {
        let message = format!("`{name}` is not text: byte {offset} is not valid UTF-8; nothing was sent");
        Error::new(ErrorKind::Usage, message).hint("convert it to UTF-8 text first, for example with `iconv`")
    })
}

/// The bytes as text, or the offset of the first byte that is none. NUL marks a binary file as surely as bad UTF-8.
fn text(bytes: Vec<u8>) -> Result<String, usize> {
    if let Some(offset) = bytes.iter().position(|byte| *byte == 0) {
        return Err(offset);
    }
    String::from_utf8(bytes).map_err(|error| error.utf8_error().valid_up_to())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn composed(words: &[&str], files: &[&str], stdin: Option<&str>) -> String {
        let owned = |list: &[&str]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
        compose(&owned(words), &owned(files), stdin)
    }

    #[test]
    fn words_files_and_stdin_become_blocks() {
        assert_eq!(composed(&["write", "a", "haiku"], &[], None), "write a haiku");
        assert_eq!(composed(&["explain"], &[], Some("  indented\n")), "explain\n\n  indented");
        assert_eq!(composed(&["explain"], &["one\n", "two"], Some("three")), "explain\n\none\n\ntwo\n\nthree");
        assert_eq!(composed(&[], &[], Some("alone\n\n")), "alone");
        assert_eq!(composed(&["explain"], &[""], Some(" \n")), "explain");
    }

    #[test]
    fn a_dash_says_where_stdin_goes() {
        assert_eq!(
            composed(&["given", "-", "answer", "briefly"], &[], Some("data")),
            "given\n\ndata\n\nanswer briefly"
        );
        assert_eq!(composed(&["-"], &[], Some("data")), "data");
    }

    #[test]
    fn what_is_not_text_is_named_by_its_offset() {
        assert_eq!(text(b"ab\xffcd".to_vec()), Err(2));
        assert_eq!(text(b"ab\0cd".to_vec()), Err(2));
        assert_eq!(text("h\u{e9}".as_bytes().to_vec()), Ok("h\u{e9}".to_owned()));
    }

    #[test]
    fn what_is_too_large_is_refused() {
        let error = read_text(io::repeat(b'y'), "stdin").expect_err("refused");
        assert!(error.message.contains("larger than 16 MiB"), "{}", error.message);
    }
}
