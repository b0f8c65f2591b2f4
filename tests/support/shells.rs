//! Interactive shells that know our scripts: bash, zsh and fish, each where it is installed.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use super::{Home, Llmx, Terminal};

/// What a shell writes when it waits for a line.
const PROMPT: &str = "ready>";

/// The shells there are scripts for.
pub const SHELLS: [&str; 3] = ["bash", "zsh", "fish"];

/// Whether a program is installed. Where nothing may be skipped, a missing one is a failure.
pub fn is_installed(name: &str) -> bool {
    let found = Command::new(name).arg("--version").output();
    if let Err(error) = &found {
        assert!(std::env::var_os("LLMX_TEST_NO_SKIP").is_none(), "`{name}` is not to be had: {error}");
        #[expect(clippy::print_stderr, reason = "a check that is skipped must say so")]
        {
            eprintln!("skipped: `{name}` is not to be had: {error}");
        }
    }
    found.is_ok()
}

/// `PATH` with the binary in front.
pub fn path() -> String {
    let binary = Path::new(env!("CARGO_BIN_EXE_llmx")).parent().expect("a directory").display();
    format!("{binary}:{}", std::env::var("PATH").unwrap_or_default())
}

/// The shell in a terminal of 30 rows and 100 columns, with what `setup` says done, at its prompt.
pub fn start(shell: &str, home: &Arc<Home>, setup: &str) -> Terminal {
    let rc = home.path("home").join(if shell == "zsh" { ".zshrc" } else { "rc" });
    let text = match shell {
        "bash" => format!("PS1='{PROMPT} '\n{setup}\n"),
        "zsh" => format!("PS1='{PROMPT} '\nbindkey -e\nautoload -U compinit; compinit -D -u\n{setup}\n"),
        // What it guesses behind the line is not on the line.
        _ => format!(
            "function fish_prompt; echo -n '{PROMPT} '; end\nfunction fish_greeting; end\n\
             set -g fish_autosuggestion_enabled 0\n{setup}\n"
        ),
    };
    fs::write(&rc, text).expect("a file of settings");
    let run = home.llmx().other_program(shell).env("PATH", path()).env("LC_ALL", "C.UTF-8").env("SHELL", shell);
    let rc = rc.to_str().expect("UTF-8");
    let terminal = Terminal::start(with_settings(shell, run, rc), 30, 100);
    terminal.wait_text(PROMPT);
    terminal
}

fn with_settings(shell: &str, run: Llmx, rc: &str) -> Llmx {
    match shell {
        "bash" => run.args(["--noprofile", "--rcfile", rc, "-i"]),
        "zsh" => run.args(["--no-globalrcs", "-i"]),
        _ => run.args(["--init-command", &format!("source {rc}"), "--interactive"]),
    }
}

/// What stands on the line, behind the last prompt.
pub fn line(screen: &vt100::Screen) -> String {
    let text = screen.contents();
    text.rsplit_once(PROMPT).map_or_else(String::new, |(_, line)| line.trim().to_owned())
}

/// Waits until the line behind the prompt is as `is_right` says.
#[track_caller]
pub fn wait_line(terminal: &Terminal, what: &str, is_right: impl Fn(&str) -> bool) {
    terminal.wait(what, |screen| is_right(&line(screen)));
}
