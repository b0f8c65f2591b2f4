//! `llmx init` in homes where several tools have keys for the same address.

use crate::init::{files, init, put, settings, text};
use crate::support::loopback::{Answer, Loopback};
use crate::support::{Home, Server};

/// A gateway at one address: a key for OpenAI's format, and two for Anthropic's.
fn gateway() -> Loopback {
    let list = "{\"data\":[{\"id\":\"m\"}]}".to_owned();
    Loopback::start(move |call| match (call.header("authorization"), call.header("x-api-key")) {
        (Some("Bearer key-CANARY-a" | "Bearer key-CANARY-c"), None) | (None, Some("key-CANARY-b")) => {
            Answer::Whole(200, list.clone())
        }
        _ => Answer::Whole(401, "{\"error\":{\"message\":\"no\"}}".to_owned()),
    })
}

#[test]
fn keys_and_formats_of_one_address_become_providers_of_their_own() {
    let (home, gateway) = (Home::new(), gateway());
    let address = format!("{}/v1", gateway.url());
    let host = gateway.host().replace(['.', ':'], "-");
    let aichat = format!(
        "model: claude:claude-haiku-5-5\nclients:\n- {{type: openai, api_key: key-CANARY-a, api_base: '{address}'}}\n\
         - {{type: claude, api_key: key-CANARY-b, api_base: '{address}'}}\n"
    );
    put(&home, "config/aichat/config.yaml", &aichat);
    put(&home, "config/io.datasette.llm/keys.json", "{\"c\": \"key-CANARY-c\", \"d\": \"key-CANARY-d\"}");
    let model = |id: &str| format!("- {{model_id: {id}, model_name: m, api_base: '{address}', api_key_name: {id}}}\n");
    let bare = format!("- {{model_id: e, model_name: m, api_base: '{address}'}}\n");
    put(&home, "config/io.datasette.llm/extra-openai-models.yaml", &(model("c") + &model("d") + &bare));
    let run = home.llmx().args(["init", "--yes"]).run().expect_code(0);
    let told = &run.stderr;
    assert!(told.contains(&format!("comes first: {host}-claude/claude-haiku-5-5 (")), "{told}");
    // What was chosen and does not work is named, and so is what goes with it.
    assert!(told.contains(&format!("{host}-d is not taken over: its key does not work")), "{told}");
    assert!(told.contains(&format!("{host}-e is not taken over: it wants a key")), "{told}");
    assert!(told.contains(&format!("{host}-d is not there, so these names are left out: d\n")), "{told}");
    assert!(!told.contains("CANARY"), "{told}");
    let written = settings(&home).join("\n");
    let claude = format!(
        "[providers.{host}-claude]\nauth = {{ header = \"x-api-key\" }}\nbase_url = \"{address}\"\nwire = \"anthropic\"\n\
         api_key = {{ file = \"keys/{host}-claude\" }}"
    );
    for lines in [&claude, &format!("[providers.{host}-openai]\n"), &format!("c = \"{host}-c/m\"")] {
        assert!(written.contains(lines), "{lines}\n\n{written}");
    }
    assert_eq!(files(&home.path("config/llmx/keys")), ["c", "claude", "openai"].map(|name| format!("{host}-{name}")));
    assert_eq!(text(&home.path(&format!("config/llmx/keys/{host}-claude"))), "key-CANARY-b\n");
    // What is there already is not offered again, and what it is called follows it.
    let again = home.llmx().args(["init", "--yes"]).run().expect_code(0);
    assert!(!again.stderr.contains(&format!("{host}-openai-")), "{}", again.stderr);
    assert_eq!(settings(&home).join("\n"), written);
}

#[test]
fn a_further_key_of_a_built_in_provider_speaks_as_that_one_does() {
    let home = Home::new();
    put(&home, "config/aichat/config.yaml", "clients:\n- {type: openai, api_key: sk-CANARY-1}\n");
    put(&home, "config/io.datasette.llm/keys.json", "{\"openai\": \"sk-CANARY-2\"}");
    let run = home.llmx().args(["init", "--yes", "--sim"]).run().expect_code(0);
    for line in [
        "[providers.openai]\napi_key = { file = \"keys/openai\" }",
        "[providers.openai-llm]\nbase_url = \"https://api.openai.com/v1\"\n",
        "\nquirks = { max_tokens_field = \"max_completion_tokens\", responses = true }\ncatalog = \"openai\"\n",
        "api_key = { file = \"keys/openai-llm\" }",
    ] {
        assert!(run.stdout.contains(line), "{line}\n{}", run.stdout);
    }
}

#[test]
fn one_name_for_two_models_is_told() {
    let (home, server) = (Home::new(), Server::start(""));
    put(&home, "config/mods/mods.yml", "apis:\n  groq:\n    api-key: k\n    models:\n      big: {aliases: [b, c]}\n");
    put(&home, "config/io.datasette.llm/aliases.json", "{\"b\": \"groq/small\", \"c\": \"groq/big\"}");
    put(&home, "config/io.datasette.llm/keys.json", "{}");
    let output = init(&home, &server).args(["init", "--yes"]).run().expect_code(0);
    assert_eq!(output.stderr.matches("two tools mean different models").count(), 1, "{}", output.stderr);
    assert!(output.stderr.contains("The name b is taken over once"), "{}", output.stderr);
    assert!(settings(&home).join("\n").contains("b = \"groq/small\""), "{:?}", settings(&home));
}
