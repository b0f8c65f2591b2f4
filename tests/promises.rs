//! The promises that cross rooms: money is exact or unknown, nothing secret is printed, nothing ends in silence.

use serde_json::Value;

use crate::support::{Home, Llmx, Server};

fn json(output: &str) -> Value {
    serde_json::from_str(output).expect("JSON")
}

#[test]
fn case_50_a_cut_attempt_costs_an_unknown_amount_whatever_was_counted_before() {
    for (provider, model) in
        [("anthropic", "claude-haiku-4-5"), ("gemini", "gemini-2.5-flash"), ("openai", "gpt-4.1-mini")]
    {
        let run = Llmx::new().args(["complete", "--json", "-m", &format!("{provider}/{model}"), "--fallback", "groq"]);
        let output = run.args([&format!("--sim={provider}:cut@6"), "hello"]).run().expect_code(0);
        let object = json(&output.stdout);
        let cut = &object["attempts"][0]["cost"];
        assert_eq!((&cut["usd"], &cut["source"]), (&Value::Null, &"unknown".into()), "{provider}");
        assert_eq!((&object["cost"]["usd"], &object["cost"]["unknown_attempts"]), (&Value::Null, &1.into()));
        assert!(object["cost"]["known_usd"].is_string());
    }
}

#[test]
fn a_header_of_the_configuration_is_as_secret_as_a_key() {
    let server = Server::start("");
    let config = server.config(&[("openai/gpt-4.1-mini", "openai-chat")]);
    let config =
        config.replace("[providers.openai]\n", "[providers.openai]\nheaders = { x-token = \"canary-token\" }\n");
    let home = Home::new();
    home.write_config(&config);
    let shown = home.llmx().args(["complete", "--dry-run", "hello"]).run().expect_code(0).stdout;
    assert!(shown.contains("x-token: (redacted)") && !shown.contains("canary"), "{shown}");
    home.llmx().args(["complete", "hello"]).run().expect_code(0);
    let sent = &server.requests()[0].headers;
    assert!(sent.iter().any(|(name, value)| name == "x-token" && value == "canary-token"), "{sent:?}");
}

#[test]
fn verbose_says_more_and_quiet_says_nothing() {
    let stderr = |flag: &str| Llmx::new().args(["complete", "--sim", flag, "hello"]).run().expect_code(0).stderr;
    assert!(stderr("-v").contains("attempt 1: openai/"), "{}", stderr("-v"));
    assert_eq!(stderr("-q"), "");
}

#[test]
fn limits_of_time_that_make_no_sense_are_refused() {
    for limit in ["4e15h", "0s", "-1s", "5", "1e999s"] {
        let output = Llmx::new().args(["complete", "--sim", &format!("--timeout={limit}"), "hello"]).run();
        assert_eq!((output.code, output.stdout.as_str()), (2, ""), "{limit}: {}", output.stderr);
    }
}

#[test]
fn options_of_every_command_may_stand_anywhere() {
    let home = Home::new();
    home.llmx().args(["complete", "--sim", "hello"]).run().expect_code(0);
    for arguments in [["--sim", "log", "show"], ["log", "--sim", "show"], ["log", "show", "--sim"]] {
        let shown = home.llmx().args(arguments).run().expect_code(0).stdout;
        assert!(shown.contains("\nanswer:\n"), "{arguments:?}: {shown}");
    }
}

#[test]
fn a_conversation_without_its_text_is_not_continued_in_silence() {
    let home = Home::new();
    home.llmx().args(["complete", "--sim", "--no-log", "hello"]).run().expect_code(0);
    let list = json(&home.llmx().args(["log", "--sim", "--json"]).run().expect_code(0).stdout);
    let id = list["runs"][0]["id"].as_str().expect("an id").to_owned();
    let output = home.llmx().args(["complete", "--sim", &format!("-c={id}"), "and now?"]).run().expect_code(2);
    assert!(output.stderr.contains("has nothing to continue"), "{}", output.stderr);
}

#[test]
fn a_target_named_twice_is_left_out_once() {
    let output = Llmx::new().args(["complete", "-m", "openai", "--fallback", "openai", "hello"]).run().expect_code(4);
    assert_eq!(output.stderr.matches("OPENAI_API_KEY").count(), 1, "{}", output.stderr);
}

#[test]
fn a_model_that_only_wants_tools_run_is_no_silent_success() {
    let call = r#"{"choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}"#;
    let reply = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{call}",
        call.len()
    );
    let script = llmx::sim::Script::default().read_request().send(reply);
    let scripts = vec![("openai".to_owned(), script)];
    let server = Server::with("", llmx::sim::Options { scripts, ..llmx::sim::Options::default() });
    let home = Home::new();
    home.write_config(&server.config(&[("openai/gpt-4.1-mini", "openai-chat")]));
    let plain = home.llmx().args(["complete", "hello"]).run().expect_code(9);
    assert!(plain.stdout.is_empty() && plain.stderr.contains("wants tools run"), "{}", plain.stderr);
    let object = json(&home.llmx().args(["complete", "--json", "hello"]).run().expect_code(0).stdout);
    assert_eq!(object["tool_calls"][0]["name"], "f");
}

#[test]
fn a_rehearsal_of_a_provider_that_does_not_exist_is_refused() {
    for faults in ["opeani:500", "x:500,openai:500", "openai/m:500,opeani/m:429"] {
        let output = Llmx::new().args(["complete", &format!("--sim={faults}"), "hello"]).run().expect_code(2);
        assert!(output.stderr.contains("unknown provider"), "{faults}: {}", output.stderr);
    }
    let output = Llmx::new().args(["complete", "--sim=opeani:500", "hello"]).run();
    assert!(output.stderr.contains("did you mean `openai`?"), "{}", output.stderr);
}

#[test]
fn the_model_that_is_priced_cannot_be_swapped_behind_the_plan() {
    let output = Llmx::new().args(["complete", "--sim", "-o", "model=other", "hello"]).run().expect_code(2);
    assert!(output.stderr.contains("name the model with -m"), "{}", output.stderr);
}

#[test]
fn a_wrong_default_is_told_with_its_place() {
    let home = Home::new();
    home.write_config("default = \"nosuch\"\n");
    let output = home.llmx().args(["complete", "hello"]).run().expect_code(3);
    assert!(output.stderr.contains("config.toml:1): unknown model, route or alias `nosuch`"), "{}", output.stderr);
}

#[test]
fn a_header_that_holds_a_key_is_refused_in_a_file_that_others_can_read() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    let run = |header: &str| {
        home.write_config(&format!(
            "[providers.corp]\nbase_url = \"http://127.0.0.1:9\"\nheaders = {{ {header} = \"canary\" }}\n"
        ));
        std::fs::set_permissions(home.config_file(), std::fs::Permissions::from_mode(0o644)).expect("its mode");
        home.llmx().args(["config", "check"]).run()
    };
    let refused = run("authorization").expect_code(3);
    assert!(refused.stderr.contains("chmod 600") && !refused.stderr.contains("canary"), "{}", refused.stderr);
    run("x-title").expect_code(0);
}

#[test]
fn a_password_in_an_address_is_not_shown_by_the_error_about_it() {
    let home = Home::new();
    for address in ["http://user:canary@127.0.0.1:9/v1", "http://127.0.0.1:9/v1?token=canary"] {
        home.write_config(&format!("[providers.corp]\nbase_url = \"{address}\"\n"));
        let told = home.llmx().args(["config", "check"]).run().expect_code(3).stderr;
        assert!(told.contains("config.toml:2:") && !told.contains("canary"), "{told}");
    }
}
