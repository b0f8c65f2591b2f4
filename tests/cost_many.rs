//! Many processes at once: nothing that they spend is lost.

use std::fs;

use serde_json::{Value, json};

use crate::support::{Answering, Home, Output};

#[test]
fn thirty_two_processes_that_write_at_once_lose_nothing() {
    const ALL: usize = 32;
    let server = Answering::start(|_, _| {
        let choice = json!({"index": 0, "message": {"role": "assistant", "content": "yes"}, "finish_reason": "stop"});
        let usage = json!({"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10});
        (200, json!({"id": "1", "object": "chat.completion", "model": "m", "choices": [choice], "usage": usage}))
    });
    let home = Home::new();
    home.write_config(&format!("catalog = \"models.toml\"\n{}", server.config("p/m")));
    let prices = "[models.\"p/m\"]\nprice = { input = 0.3, output = 1.1 }\n";
    fs::write(home.config_file().with_file_name("models.toml"), prices).expect("the prices");
    let ask = |number: usize| {
        let tag = format!("n={}", number % 4);
        home.llmx().args(["complete", "--no-stream", "--tag", &tag, "hello"]).spawn()
    };
    let running: Vec<_> = (0..ALL).map(ask).collect();
    let outputs: Vec<Output> = running.into_iter().map(|process| process.finish().expect_code(0)).collect();
    for output in outputs {
        assert_eq!(output.stderr, "");
    }
    let shown = home.llmx().args(["cost", "--by", "tag", "--json"]).run().expect_code(0).stdout;
    let report: Value = serde_json::from_str(&shown).expect("JSON");
    assert_eq!(report["total"]["requests"], json!(ALL), "{report}");
    // 7 tokens at 0.3 and 3 at 1.1 dollars per million.
    assert_eq!(report["total"]["cost"], json!("0.0001728"), "{report}");
    assert_eq!(report["rows"].as_array().map(Vec::len), Some(4), "{report}");
}
