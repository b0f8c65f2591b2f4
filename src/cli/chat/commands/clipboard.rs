//! The clipboard: a program of the desktop where there is one, else the terminal is asked (OSC 52).

use std::io::Write;
use std::process::{Command, Stdio};

use crate::cli::chat::command::wrong;
use crate::cli::chat::talk::Talk;
use crate::config::keys::without_keys;
use crate::error::Error;

/// Programs that take the clipboard's text on stdin, with the variable without which they cannot work.
const PROGRAMS: &[(&str, &str, &[&str])] = &[
    ("WAYLAND_DISPLAY", "wl-copy", &[]),
    ("DISPLAY", "xclip", &["-selection", "clipboard"]),
    ("DISPLAY", "xsel", &["--clipboard", "--input"]),
];
/// It needs no variable, and is where the others are not.
const MACOS: (&str, &[&str]) = ("pbcopy", &[]);
/// Over such a line the desktop of this machine is not the user's.
const REMOTE: &str = "SSH_CONNECTION";

/// Puts a text there; returns by what.
pub fn copy(text: &str, talk: &Talk<'_>) -> Result<&'static str, Error> {
    let environment = &talk.session.environment;
    if environment.get(REMOTE).is_none() {
        let usable = PROGRAMS.iter().filter(|(variable, ..)| environment.get(variable).is_some());
        let programs = usable.map(|(_, program, arguments)| (*program, *arguments)).chain([MACOS]);
        for (program, arguments) in programs {
            let mut command = Command::new(program);
            command.args(arguments).env_clear().envs(without_keys(environment, None));
            if give(command, text) {
                return Ok(program);
            }
        }
    }
    if talk.ui().set_clipboard(text)? {
        return Ok("by the terminal, if it allows that");
    }
    Err(wrong("there is no clipboard here").hint("/save FILE writes the answer to a file"))
}

/// Whether the program was there and took the text.
fn give(mut command: Command, text: &str) -> bool {
    let spawned = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let Ok(mut child) = spawned else { return false };
    let written = child.stdin.take().is_some_and(|mut stdin| stdin.write_all(text.as_bytes()).is_ok());
    written && child.wait().is_ok_and(|status| status.success())
}
