//! `llmx log continue`: goes on with a conversation, by the same path as `llmx complete -c`.

use crate::cli::{Context, Done, complete};

/// So much of an id tells it from a word of a prompt.
const SHORTEST_ID: usize = 8;

#[derive(Debug, clap::Args)]
#[command(
    override_usage = "llmx log continue [OPTIONS] [ID] [PROMPT]...",
    after_help = "Examples:
  llmx log continue and why is that?
  llmx log continue 0199aaaa 'the same in French' -m groq"
)]
pub struct ContinueArgs {
    #[command(flatten)]
    complete: complete::Args,
}

/// Runs the command.
pub fn run(args: ContinueArgs, context: &mut Context) -> Done {
    let mut complete = args.complete;
    let id = complete.words().first().filter(|word| is_id(word)).cloned();
    if id.is_some() {
        complete.words().remove(0);
    }
    complete.go_on_with(id.unwrap_or_default());
    complete::run(&complete, context)
}

fn is_id(word: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_hexdigit() || byte == b'-';
    word == "last"
        || word.len() >= SHORTEST_ID && word.bytes().all(fits) && word.bytes().any(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_told_from_words() {
        for (word, expected) in [
            ("last", true),
            ("0199aaaa", true),
            ("0199AAAA-1111", true),
            ("0199aaa", false),
            ("facade", false),
            ("why", false),
            ("--------", false),
        ] {
            assert_eq!(is_id(word), expected, "{word}");
        }
    }
}
