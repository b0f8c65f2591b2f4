//! Cases 7, 16 and 18: limits of time, and leaving.

use rustix::process::Signal as Kill;
use serde_json::{Value, json};

use super::{recorded, told, walk, with_catalog};
use crate::support::chain::{PROMPT, config};
use crate::support::odd::odd_first;
use crate::support::parallel::each;
use crate::support::{Home, Llmx, Server};
use llmx::wire::CODECS;

#[test]
fn case_07_the_next_target_starts_when_the_limit_of_the_first_token_passes() {
    for arguments in [&[][..], &["-S"], &["--stream"]] {
        let server = Server::start("odd:slow=8s");
        let limits = "timeout = { first_token = \"500ms\" }";
        let output = odd_first(&server, "openai-chat", limits).args(arguments).run().expect_code(0);
        let requests = server.requests();
        assert_eq!((requests.len(), server.count("odd")), (2, 1), "{}", output.stderr);
        let moved_on = (requests[1].at - requests[0].at).as_millis();
        assert!((400..1500).contains(&moved_on), "{arguments:?}: {moved_on} ms");
    }
}

#[test]
fn case_07_a_silence_longer_than_the_idle_limit_is_told_as_such() {
    let server = Server::start("odd:stall@3");
    let limits = "timeout = { first_token = \"20s\", idle = \"400ms\" }";
    let (code, object) = told(odd_first(&server, "openai-chat", limits));
    assert_eq!((code, walk(&object)), (0, vec!["odd/m timeout_idle".to_owned(), "healthy/m complete".to_owned()]));
}

/// The limit in milliseconds that the plan has for the first token of that model, and where it was set.
fn first_token(model: &str) -> Value {
    let output = Llmx::new().args(["route", "--sim", "--json", "-m", model, "hi"]).run().expect_code(0);
    let object: Value = serde_json::from_str(&output.stdout).expect("JSON");
    object["plan"]["candidates"][0]["limits"]["first_token"].clone()
}

#[test]
fn case_16_without_configuration_there_is_a_limit_and_a_thinking_model_has_a_long_one() {
    assert_eq!(first_token("openai/gpt-4.1-mini"), json!({"value": 30_000, "origin": "built-in"}));
    assert_eq!(first_token("openai/o3"), json!({"value": 300_000, "origin": "built-in"}));
    assert_eq!(first_token("anthropic/claude-opus-4-5"), json!({"value": 300_000, "origin": "built-in"}));
}

/// A configuration of one provider that speaks this format, with a model that thinks.
fn of_format(server: &Server, wire: &'static str, home: &Home) -> String {
    let codec = llmx::wire::codec(wire).expect("a codec");
    let parameters: Vec<String> = codec.parameters().iter().map(|(name, _)| format!("{name} = \"x\"")).collect();
    let line = format!("parameters = {{ {} }}\n", parameters.join(", "));
    let line = if parameters.is_empty() { String::new() } else { line };
    let route = "timeout = { first_token = \"400ms\" }\nretries = 0";
    let toml = config(server, &[("hangs".to_owned(), wire)], route) + &line;
    with_catalog(home, "[models.\"hangs/m\"]\nreasoning = true\n", &toml)
}

#[test]
fn case_16_every_format_keeps_the_limit_that_was_set() {
    let wires: Vec<&'static str> = CODECS.iter().map(|codec| codec.name()).collect();
    assert!(wires.len() >= 11, "{wires:?}");
    each(&wires, |_, wire| {
        for arguments in [&[][..], &["-S"]] {
            let server = Server::start("hangs:hang");
            let home = Home::new();
            home.write_config(&of_format(&server, wire, &home));
            let (code, object) = told(home.llmx().args(["complete", PROMPT]).args(arguments));
            assert_eq!((code, walk(&object)), (7, vec!["hangs/m timeout_first_token".to_owned()]), "{wire}: {object}");
            assert_eq!(server.count("hangs"), 1, "{wire}");
            let took = object["attempts"][0]["timing_ms"]["total"].as_u64().expect("milliseconds");
            assert!((400..5000).contains(&took), "{wire}: {took} ms");
        }
    });
}

#[test]
fn case_18_what_was_cancelled_costs_an_unknown_amount_and_the_provider_is_left() {
    for wire in ["openai-chat", "anthropic", "gemini", "openai-responses", "cohere-v2-chat", "ollama-chat"] {
        let server = Server::start("odd:stall@4");
        let home = Home::new();
        let toml = config(&server, &[("odd".to_owned(), wire)], "");
        home.write_config(&with_catalog(&home, "[models.\"odd/m\"]\nprice = { input = 1, output = 2 }\n", &toml));
        let running = home.llmx().args(["complete", "--stream", PROMPT]).spawn();
        running.wait_stdout(" ");
        running.signal(Kill::INT);
        running.finish().expect_code(130);
        server.wait_disconnect("odd");
        let attempt = &recorded(&home)["attempts"][0];
        assert_eq!((&attempt["outcome"], &attempt["cost"]), (&json!("cancelled"), &Value::Null), "{wire}");
        assert_eq!((&attempt["cost_source"], &attempt["maybe_billed"]), (&json!("unknown"), &json!(true)), "{wire}");
    }
}
