//! What users of other routers complained of, each complaint a test with its number in the name. Those that another file
//! tests in full have their number there.

mod classes;
mod fallback;
mod limits;
mod money;
mod parameters;
mod parsing;
mod waits;

use std::sync::Arc;

use serde_json::Value;

use crate::support::{Answering, Home, Llmx};

/// The exit code and the object of a run with `--json`.
fn told(run: Llmx) -> (i32, Value) {
    let output = run.arg("--json").run();
    let object = serde_json::from_str(&output.stdout);
    (output.code, object.unwrap_or_else(|error| panic!("{error}: {}{}", output.stdout, output.stderr)))
}

/// Every attempt in order, as `target outcome` or `target class`.
fn walk(object: &Value) -> Vec<String> {
    let attempts = object["attempts"].as_array().expect("attempts");
    let word = |attempt: &Value| {
        let class = attempt["error"]["class"].as_str().or_else(|| attempt["outcome"].as_str());
        format!("{} {}", attempt["target"].as_str().unwrap_or("none"), class.unwrap_or("none"))
    };
    attempts.iter().map(word).collect()
}

/// The last run as the ledger has it.
fn recorded(home: &Arc<Home>) -> Value {
    let shown = home.llmx().args(["log", "show", "--json"]).run().expect_code(0);
    let object: Value = serde_json::from_str(&shown.stdout).expect("JSON");
    object["run"].clone()
}

/// A configuration with a catalogue of these entries.
fn with_catalog(home: &Home, models: &str, toml: &str) -> String {
    let catalog = home.path("models.toml");
    std::fs::write(&catalog, models).expect("a catalogue");
    format!("catalog = \"{}\"\n{toml}", catalog.display())
}

/// A route `chain` over `corp/m1`, `corp/m2`, … of that server, each tried once.
fn corp(server: &Answering, count: usize) -> String {
    let tiers: Vec<String> = (1..=count).map(|number| format!("\"corp/m{number}\"")).collect();
    let route = format!("[routes.chain]\ntiers = [{}]\nretries = 0\n", tiers.join(", "));
    server.config("corp/m").replace("default = \"corp/m\"", "default = \"chain\"") + &route
}
