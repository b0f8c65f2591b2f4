//! Hooks: what the user wants to be told of is told after the answer, and a hook that fails or hangs is named and delays nothing.

use std::fs;

use serde_json::Value;

use crate::support::{Home, Output, Server};

const CHAIN: [(&str, &str); 2] = [("first/a", "openai-chat"), ("second/b", "openai-chat")];

/// A run before a provider that is down, with these hooks.
fn run(hooks: &str) -> Output {
    let server = Server::start("first:503");
    let home = Home::new();
    home.write_config(&format!("{}\n[hooks]\n{hooks}\n", server.config(&CHAIN)));
    home.llmx().args(["complete", "hello"]).run().expect_code(0)
}

#[test]
fn an_opened_breaker_is_told_to_a_command_as_json_and_in_words() {
    let told =
        run(r#"breaker_open = { cmd = ["sh", "-c", "cat > event.json; echo \"$LLMX_EVENT $LLMX_MESSAGE\" > words"] }"#);
    let event: Value =
        serde_json::from_str(&fs::read_to_string(told.home.path("work/event.json")).expect("an event")).expect("JSON");
    assert_eq!((&event["schema"], &event["event"]), (&"llmx.event/1".into(), &"breaker_open".into()));
    assert_eq!((&event["detail"]["subject"], &event["detail"]["class"]), (&"first/a".into(), &"overloaded".into()));
    let words = fs::read_to_string(told.home.path("work/words")).expect("words");
    assert!(words.starts_with("breaker_open breaker open: first/a after overloaded"), "{words}");
    assert!(!told.stdout.is_empty());
}

#[test]
fn a_simulation_calls_no_hook_and_says_so_when_asked() {
    let home = Home::new();
    home.write_config(
        "[routes.r]\ntiers = [\"openai\", \"groq\"]\n[hooks]\nbreaker_open = { cmd = [\"sh\", \"-c\", \"echo x >> told\"] }\n",
    );
    let run = home.llmx().args(["complete", "--sim=openai:503", "-v", "-m", "r", "hello"]).run().expect_code(0);
    assert!(!home.path("work/told").exists());
    let words = "hook `breaker_open` (";
    let line = run.stderr.lines().find(|line| line.contains(words));
    assert!(line.is_some_and(|line| line.contains("is not called: all of this is simulated")), "{}", run.stderr);
}

#[test]
fn what_stays_open_is_told_once() {
    let server = Server::start("first:503");
    let home = Home::new();
    home.write_config(&format!(
        "{}\n[hooks]\nbreaker_open = {{ cmd = [\"sh\", \"-c\", \"echo x >> told\"] }}\n",
        server.config(&CHAIN)
    ));
    for _ in 0..3 {
        home.llmx().args(["complete", "hello"]).run().expect_code(0);
    }
    assert_eq!(fs::read_to_string(home.path("work/told")).expect("told"), "x\n");
}

#[test]
fn a_hook_that_fails_or_is_not_there_is_named_with_its_place_and_the_answer_stands() {
    for (hook, words) in [
        ("no-such-program-at-all", "command `no-such-program-at-all`: cannot start it"),
        ("sh -c 'echo broken >&2; exit 3'", "command `sh`: it ended with exit code 3 and said: broken"),
    ] {
        let told = run(&format!("breaker_open = {{ cmd = \"{hook}\" }}"));
        assert!(told.stderr.contains(words), "{}", told.stderr);
        assert!(told.stderr.contains("hook `breaker_open`") && told.stderr.contains("config.toml:"), "{}", told.stderr);
        assert!(!told.stdout.is_empty());
    }
}

#[test]
fn a_hook_that_hangs_delays_no_answer_and_is_ended() {
    let server = Server::start("first:503");
    let home = Home::new();
    let hooks = "[hooks]\nbreaker_open = { cmd = \"sh -c 'echo $$ > pid; exec sleep 600'\" }\ntimeout = \"1s\"\n";
    home.write_config(&format!("{}\n{hooks}", server.config(&CHAIN)));
    let running = home.llmx().args(["complete", "hello"]).spawn();
    // The answer is out while the hook still hangs: only after it the run can be seen to end.
    running.wait_stdout("\n");
    let told = running.finish().expect_code(0);
    assert!(told.stderr.contains("it took longer than 1s and was ended"), "{}", told.stderr);
    let pid = fs::read_to_string(home.path("work/pid")).expect("the hook ran");
    let alive = std::path::Path::new(&format!("/proc/{}/cmdline", pid.trim())).exists();
    assert!(!alive, "the hook was ended");
}

#[test]
fn a_spent_quota_has_a_hook_of_its_own() {
    let server = Server::start("first:quota");
    let home = Home::new();
    let hooks = "[hooks]\nquota_exhausted = { cmd = [\"sh\", \"-c\", \"cat > quota\"] }\nbreaker_open = { cmd = [\"sh\", \"-c\", \"cat > breaker\"] }\n";
    home.write_config(&format!("{}\n{hooks}", server.config(&CHAIN)));
    home.llmx().args(["complete", "hello"]).run().expect_code(0);
    assert!(home.path("work/quota").exists() && !home.path("work/breaker").exists());
}

#[test]
fn no_hook_sees_a_key() {
    let server = Server::start("first:503");
    let home = Home::new();
    let hooks = "[hooks]\nbreaker_open = { cmd = [\"sh\", \"-c\", \"env > env; cat >> env\"] }\n";
    home.write_config(&format!("{}\n{hooks}", server.config(&CHAIN)));
    home.llmx().env("OPENAI_API_KEY", "sk-very-secret").args(["complete", "hello"]).run().expect_code(0);
    let seen = fs::read_to_string(home.path("work/env")).expect("the environment");
    assert!(seen.contains("LLMX_EVENT") && !seen.contains("sk-very-secret"), "{seen}");
}
