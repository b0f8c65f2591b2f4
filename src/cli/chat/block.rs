//! What a line means: a question, a block between `\"\"\"`, or a command.

/// Begins and ends a block of several lines.
const FENCE: &str = "\"\"\"";

/// What was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Typed<'a> {
    /// Nothing.
    Nothing,
    /// A question.
    Words(String),
    /// A command, without its slash, and its arguments.
    Command(&'a str, &'a str),
}

/// Whether a block was begun that has not ended.
pub(super) fn is_open(text: &str) -> bool {
    text.trim_start().strip_prefix(FENCE).is_some_and(|rest| !rest.trim_end().ends_with(FENCE))
}

/// Tells commands from questions. A question that begins with a slash is written with two; one of several lines is no command,
/// nor is what looks like a path.
pub(super) fn read(text: &str) -> Typed<'_> {
    let trimmed = text.trim();
    if let Some(block) = trimmed.strip_prefix(FENCE) {
        let block = block.strip_suffix(FENCE).unwrap_or(block).trim_matches('\n');
        return if block.trim().is_empty() { Typed::Nothing } else { Typed::Words(block.to_owned()) };
    }
    if trimmed.is_empty() {
        return Typed::Nothing;
    }
    match trimmed.strip_prefix('/') {
        Some(rest) if rest.starts_with('/') => Typed::Words(rest.to_owned()),
        Some(rest) => {
            let (name, arguments) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
            if name.contains('/') { Typed::Words(trimmed.to_owned()) } else { Typed::Command(name, arguments.trim()) }
        }
        None => Typed::Words(text.trim_end().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_told_from_questions() {
        let words = |text: &str| Typed::Words(text.to_owned());
        for (text, expected) in [
            ("", Typed::Nothing),
            ("  \n", Typed::Nothing),
            ("hello there ", words("hello there")),
            ("/model openai/gpt", Typed::Command("model", "openai/gpt")),
            ("/help", Typed::Command("help", "")),
            ("  /set  temperature 1 ", Typed::Command("set", "temperature 1")),
            ("//help is a command", words("/help is a command")),
            ("/etc/passwd holds what?", words("/etc/passwd holds what?")),
            ("\"\"\"\nfn main() {}\n\"\"\"", words("fn main() {}")),
            ("\"\"\"/help\"\"\"", words("/help")),
            ("\"\"\"\"\"\"", Typed::Nothing),
        ] {
            assert_eq!(read(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_block_is_open_until_it_is_closed() {
        assert!(is_open("\"\"\"") && is_open("\"\"\"a\nb"));
        assert!(!is_open("\"\"\"a\nb\n\"\"\"") && !is_open("say \"\"\"") && !is_open(""));
    }
}
