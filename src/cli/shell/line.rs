//! From a model's answer to one command line that a person can look at before it is run.

use crate::cli::extract;
use crate::cli::report::shortened;
use crate::error::{Error, ErrorKind};
use crate::ui::sanitize::clean_line;

/// Longer commands are nothing that somebody looks through, in characters.
const LONGEST: usize = 2000;
/// What joins a line to the next.
const JOINTS: [&str; 4] = ["&&", "||", "|", "\\"];

/// The one command line of an answer: without fences, comments and a prompt sign, without a character that could do harm, with the
/// lines joined that belong together.
pub fn of(answer: &str) -> Result<String, Error> {
    let block = extract::first_block(answer);
    let text = block.as_deref().unwrap_or(answer);
    let lines = text.lines().map(plain);
    let mut lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut command = lines.next().ok_or_else(|| no_command("it is empty", answer))?;
    for line in lines {
        let joint = JOINTS.iter().find(|joint| command.ends_with(*joint));
        if joint.is_none() && !JOINTS[..3].iter().any(|joint| line.starts_with(joint)) {
            return Err(no_command("it has several lines", answer));
        }
        command.truncate(command.strip_suffix('\\').unwrap_or(&command).trim_end().len());
        command = format!("{command} {line}");
    }
    let command = inline(&command).to_owned();
    match command.chars().count() {
        0 => Err(no_command("it is empty", answer)),
        1..=LONGEST => Ok(command),
        _ => Err(no_command("it is too long", answer)),
    }
}

/// A line without what is invisible or could drive a terminal.
fn plain(line: &str) -> String {
    let visible: String = line.chars().filter(|each| *each == '\t' || !each.is_control()).collect();
    clean_line(&visible).trim().to_owned()
}

/// A command without the prompt sign or the backticks around it.
fn inline(command: &str) -> &str {
    let bare = command.strip_prefix('`').and_then(|rest| rest.strip_suffix('`')).filter(|bare| !bare.contains('`'));
    let bare = bare.unwrap_or(command).trim();
    bare.strip_prefix("$ ").unwrap_or(bare).trim()
}

fn no_command(why: &str, answer: &str) -> Error {
    let told = shortened(answer);
    let colon = if told.is_empty() { "" } else { ": " };
    Error::new(ErrorKind::Incomplete, format!("the answer is no command line, {why}{colon}{told}"))
        .hint("say in other words what you want done, or ask with `llmx complete`")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_answer_becomes_one_command_line() {
        for (answer, expected) in [
            ("ls -l", "ls -l"),
            ("  ls -l \n\n", "ls -l"),
            ("```sh\nls -l\n```", "ls -l"),
            ("Here you are:\n\n```bash\n# lists\n$ ls -l\n```\nIt lists.", "ls -l"),
            ("`ls -l`", "ls -l"),
            ("echo `date` and `id`", "echo `date` and `id`"),
            ("tar czf a.tgz \\\n  --exclude .git \\\n  .", "tar czf a.tgz --exclude .git ."),
            ("du -a |\n sort -n\n | head", "du -a | sort -n | head"),
            ("cd src &&\nls", "cd src && ls"),
            ("echo\t'a b'", "echo 'a b'"),
            ("ls \u{1b}[2J\u{7}-l\u{202e}\r", "ls [2J-l"),
        ] {
            assert_eq!(of(answer).expect(answer), expected);
        }
    }

    #[test]
    fn what_is_no_single_line_is_told_and_not_put_there() {
        for (answer, why) in [
            ("", "it is empty"),
            ("```\n```", "it is empty"),
            ("# only a comment", "it is empty"),
            ("``", "it is empty"),
            ("one\ntwo", "it has several lines"),
            ("cat <<END\ntext\nEND", "it has several lines"),
        ] {
            let error = of(answer).expect_err(answer);
            assert!(error.message.contains(why) && error.exit_code() == 9, "{}", error.message);
        }
        assert!(of(&"x".repeat(3000)).expect_err("too long").message.contains("it is too long"));
    }

    proptest! {
        #[test]
        fn no_answer_gives_a_line_feed_or_a_control_character(answer in any::<String>()) {
            if let Ok(line) = of(&answer) {
                prop_assert!(!line.is_empty() && !line.contains(char::is_control), "{line:?}");
            }
        }
    }
}
